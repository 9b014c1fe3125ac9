//! One publish: the attempt written down and synced, the one POST, its result written down (design section 5).
//! Inspector and command both send through here.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::journal::{Journal, JournalError};
use super::wire::{self, Watch};
use crate::domain::endpoint::Endpoint;
use crate::domain::journal::{AttemptRecord, ResultRecord};
use crate::domain::mask::BULLETS;
use crate::domain::proxy::Proxy;
use crate::domain::publish::{Answer, Report};
use crate::domain::scrub::without_secrets;
use crate::domain::secret::Secret;

/// A frozen request, ready to go.
pub struct Shipment<'a> {
    /// What is written down before connecting.
    pub record: AttemptRecord,
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// The token.
    pub bearer: Option<&'a Secret>,
    /// The proxy.
    pub proxy: Option<&'a Proxy>,
    /// How long each step may take without progress.
    pub timeout: Duration,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The attempt could not be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The body could not be read.
    #[error("reading the body that was built: {0}")]
    Body(#[from] io::Error),
}

/// What came of a publish.
pub struct Published {
    /// The attempt's id in the journal.
    pub attempt: String,
    /// What the wire says.
    pub report: Report,
    /// Why the result could not be written down, if so. The attempt then shows as unknown.
    pub journal_error: Option<JournalError>,
}

/// Writes the attempt down, sends it once, writes the result down. `body` is opened twice: for the kept copy and for
/// the wire.
pub fn publish<R: Read>(
    shipment: Shipment<'_>,
    body: impl Fn() -> io::Result<R>,
    journal: &Journal,
    watch: &Arc<Watch>,
) -> Result<Published, NotSent> {
    let mut bytes = body()?;
    let pending = journal.begin(&shipment.record, body()?)?;
    let mut report = wire::send(
        wire::Request {
            endpoint: shipment.endpoint,
            idempotency_key: &shipment.record.idempotency_key,
            bearer: shipment.bearer,
            body: &mut bytes,
            body_bytes: shipment.record.body_bytes,
            timeout: shipment.timeout,
            proxy: shipment.proxy,
        },
        watch,
    );
    if let Some(answer) = &mut report.answer {
        hide_secrets(answer, shipment.bearer);
    }
    let result = ResultRecord {
        id: shipment.record.id.clone(),
        outcome: report.outcome,
        status: report.answer.as_ref().map(|answer| answer.status),
        elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        bytes_sent: report.bytes_sent,
        note: report.failure.as_ref().map(|failure| failure.message.clone()),
    };
    let journal_error = pending.complete(&result).err();
    Ok(Published {
        attempt: shipment.record.id,
        report,
        journal_error,
    })
}

/// Takes secrets that the server repeats out of its answer, before anybody shows it; the token however short it is.
fn hide_secrets(answer: &mut Answer, bearer: Option<&Secret>) {
    let token = bearer.map(Secret::expose).filter(|token| !token.is_empty());
    let hide = |text: &str| {
        let clean = without_secrets(text);
        match token {
            Some(token) if clean.contains(token) => Some(clean.replace(token, BULLETS)),
            _ => Some(clean.into_owned()),
        }
        .filter(|clean| clean != text)
    };
    if let Some(clean) = hide(&String::from_utf8_lossy(&answer.body)) {
        answer.body = clean.into_bytes();
    }
    for (name, value) in &mut answer.headers {
        for text in [name, value] {
            if let Some(clean) = hide(text) {
                *text = clean;
            }
        }
    }
}

/// A new attempt's id and time: `20261122T234018-1f0c9a`, RFC 3339 in UTC.
pub fn new_attempt() -> (String, String) {
    let now = Timestamp::now();
    let mut random = [0; 3];
    // Without randomness the time alone tells attempts apart.
    let _ = getrandom::fill(&mut random);
    let [a, b, c] = random;
    let id = format!("{}-{a:02x}{b:02x}{c:02x}", now.strftime("%Y%m%dT%H%M%S"));
    (id, now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
