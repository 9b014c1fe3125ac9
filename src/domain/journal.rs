//! What catseye remembers of its publishes: facts and digests, no issue text, no secrets (design section 5).
//!
//! One JSON object a line; the last key of each line is a checksum over the rest, so that a torn line is known as such.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::endpoint::SNAPSHOTS_PATH;
use super::publish::Outcome;
use super::scrub::scrub;

/// Longest line, its break included.
pub const MAX_LINE: usize = 64 << 10;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// Written before the connection is opened.
    Attempt(AttemptRecord),
    /// Written when the outcome is known.
    Result(ResultRecord),
}

/// What is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// Names the attempt: letters, digits and `-`, at most 64.
    pub id: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// The endpoint's URL.
    pub endpoint: String,
    /// `Idempotency-Key`: itself only the digest of workspace, route, counts and cursor.
    pub idempotency_key: String,
    /// Bytes of the body.
    pub body_bytes: u64,
    /// BLAKE3 of the body, in hex.
    pub body_blake3: String,
    /// `external_resource_type`.
    pub resource_type: Option<String>,
    /// `external_resource_id`.
    pub resource_id: Option<String>,
    /// The binding's provider.
    pub provider: String,
    /// The binding's workspace.
    pub workspace: String,
    /// Issues in the body.
    pub issues: u64,
    /// Mappings in the body.
    pub mappings: u64,
    /// The project's root folder.
    pub project_root: String,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// The attempt.
    pub id: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The answer's status, when there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub elapsed_ms: u64,
    /// Bytes of the body that left.
    pub bytes_sent: u64,
    /// One line on it; cut where the line of the journal would grow too long.
    pub note: Option<String>,
}

/// An attempt and its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was about to be sent.
    pub record: AttemptRecord,
    /// What became of it; `None` when catseye ended before it knew.
    pub result: Option<ResultRecord>,
}

impl Attempt {
    /// What became of it; an attempt without result is unknown.
    pub fn outcome(&self) -> Outcome {
        self.result
            .as_ref()
            .map_or(Outcome::Unknown, |result| result.outcome)
    }
}

/// Which binding an attempt published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BindingIdentity<'a> {
    /// The project's root folder.
    pub project_root: &'a str,
    /// The binding's provider.
    pub provider: &'a str,
    /// The binding's workspace.
    pub workspace: &'a str,
}

impl AttemptRecord {
    /// The binding that it published.
    pub fn binding(&self) -> BindingIdentity<'_> {
        BindingIdentity {
            project_root: &self.project_root,
            provider: &self.provider,
            workspace: &self.workspace,
        }
    }

    /// Whether the id is fit to name a file.
    pub fn has_valid_id(&self) -> bool {
        (1..=64).contains(&self.id.len())
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }

    /// The server URL that it was sent to.
    pub fn server_url(&self) -> &str {
        let url = self.endpoint.as_str();
        url.strip_suffix(SNAPSHOTS_PATH).unwrap_or(url)
    }

    /// Place, key and bytes: what makes two attempts the same request.
    fn content(&self) -> (&str, &str, &str) {
        (&self.endpoint, &self.idempotency_key, &self.body_blake3)
    }
}

/// The last delivered attempt of a binding. `attempts` are oldest first here and below.
pub fn last_delivered<'a>(attempts: &'a [Attempt], binding: BindingIdentity<'_>) -> Option<&'a Attempt> {
    attempts
        .iter()
        .rev()
        .find(|attempt| attempt.outcome() == Outcome::Delivered && attempt.record.binding() == binding)
}

/// The last attempt that carried the same key to the same endpoint with another body, and that the server may have
/// (reference B3).
pub fn key_reuse<'a>(
    attempts: &'a [Attempt],
    endpoint: &str,
    idempotency_key: &str,
    body_blake3: &str,
) -> Option<&'a Attempt> {
    attempts.iter().rev().find(|attempt| {
        attempt.record.endpoint == endpoint
            && attempt.record.idempotency_key == idempotency_key
            && attempt.record.body_blake3 != body_blake3
            && attempt.outcome() != Outcome::NotSent
    })
}

/// The attempts whose fate is open, newest first: unknown, and not since delivered with the same key and bytes.
pub fn unresolved(attempts: &[Attempt]) -> impl Iterator<Item = &Attempt> {
    let mut delivered = HashSet::new();
    attempts
        .iter()
        .rev()
        .filter(move |attempt| match attempt.outcome() {
            Outcome::Delivered => {
                delivered.insert(attempt.record.content());
                false
            }
            Outcome::Unknown => !delivered.contains(&attempt.record.content()),
            Outcome::Refused | Outcome::NotSent => false,
        })
}

/// The attempts whose body is worth keeping, newest first: the unresolved ones and the last delivered of each binding.
pub fn worth_keeping(attempts: &[Attempt]) -> impl Iterator<Item = &Attempt> {
    let open: HashSet<&str> = unresolved(attempts)
        .map(|attempt| attempt.record.id.as_str())
        .collect();
    let mut bindings = HashSet::new();
    attempts.iter().rev().filter(move |attempt| {
        let record = &attempt.record;
        let last = attempt.outcome() == Outcome::Delivered && bindings.insert(record.binding());
        last || open.contains(record.id.as_str())
    })
}

/// Why an event cannot be a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal's line would be {bytes} bytes long, more than {MAX_LINE}")]
pub struct LineTooLong {
    /// How long.
    pub bytes: usize,
}

/// The line of an event, its break included. A result's note is cut to fit.
pub fn encode(event: &Event) -> Result<String, LineTooLong> {
    let line = checked_line(event);
    let excess = line.len().saturating_sub(MAX_LINE);
    match event {
        _ if excess == 0 => Ok(line),
        Event::Result(ResultRecord { note: Some(note), .. }) => {
            // A character takes six bytes at most: what is cut here is never too much.
            let kept = note.chars().count().saturating_sub(excess.div_ceil(6));
            let mut shorter = event.clone();
            if let Event::Result(result) = &mut shorter {
                result.note = (kept > 0).then(|| note.chars().take(kept).collect());
            }
            encode(&shorter)
        }
        _ => Err(LineTooLong { bytes: line.len() }),
    }
}

/// The event of a line, or `None` when the line is torn or changed.
pub fn decode(line: &[u8]) -> Option<Event> {
    let line = std::str::from_utf8(line).ok()?;
    let (body, tail) = line.split_at_checked(line.len().checked_sub(CHECK_KEY.len() + 10)?)?;
    let sum = tail.strip_prefix(CHECK_KEY)?.strip_suffix("\"}")?;
    (sum == checksum(body)).then_some(())?;
    serde_json::from_str(line).ok()
}

const CHECK_KEY: &str = ",\"check\":\"";

fn checked_line(event: &Event) -> String {
    // These records hold only text and numbers: serde_json cannot fail on them.
    let json = serde_json::to_string(event).unwrap_or_default();
    let mut line = scrub(&json).into_owned();
    line.pop();
    let sum = checksum(&line);
    line.push_str(CHECK_KEY);
    line.push_str(&sum);
    line.push_str("\"}\n");
    line
}

/// The first 8 hex digits of the line's BLAKE3, up to the checksum itself.
fn checksum(body: &str) -> String {
    blake3::hash(body.as_bytes()).to_hex()[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(id: &str, key: &str, digest: &str, outcome: Option<Outcome>) -> Attempt {
        let id = id.to_owned();
        let result = outcome.map(|outcome| ResultRecord {
            id: id.clone(),
            outcome,
            status: None,
            elapsed_ms: 1,
            bytes_sent: 2,
            note: None,
        });
        let record = AttemptRecord {
            id,
            time: "2026-01-02T03:04:05Z".to_owned(),
            endpoint: "https://h.example/x".to_owned(),
            idempotency_key: key.to_owned(),
            body_bytes: 2,
            body_blake3: digest.to_owned(),
            resource_type: Some("jira_project".to_owned()),
            resource_id: Some("ACME".to_owned()),
            provider: "jira".to_owned(),
            workspace: "acme.example".to_owned(),
            issues: 1,
            mappings: 0,
            project_root: "/p".to_owned(),
        };
        Attempt { record, result }
    }

    #[test]
    fn a_line_says_what_it_is_and_whether_it_is_whole() {
        let record = attempt("a-1", "k", "d", None).record;
        let line = encode(&Event::Attempt(record.clone())).unwrap();
        assert!(line.starts_with("{\"event\":\"attempt\",\"id\":\"a-1\","));
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
        let whole = line.trim_end_matches('\n').as_bytes();
        assert_eq!(decode(whole), Some(Event::Attempt(record)));
        for at in 0..whole.len() {
            assert_eq!(decode(&whole[..at]), None, "cut at {at}");
            let mut changed = whole.to_vec();
            changed[at] ^= 1;
            assert_eq!(decode(&changed), None, "changed at {at}");
        }
    }

    #[test]
    fn a_note_is_cut_and_an_attempt_is_refused_when_too_long() {
        let mut long = attempt("a", "k", "d", Some(Outcome::Refused));
        let result = long.result.as_mut().unwrap();
        result.note = Some("\u{1}é".repeat(MAX_LINE));
        let line = encode(&Event::Result(result.clone())).unwrap();
        assert!((MAX_LINE - 8..=MAX_LINE).contains(&line.len()));
        long.record.workspace = "w".repeat(MAX_LINE);
        assert!(encode(&Event::Attempt(long.record)).is_err());
    }

    #[test]
    fn finds_the_last_delivered_of_a_binding() {
        let attempts = [
            attempt("a", "k", "1", Some(Outcome::Delivered)),
            attempt("b", "k", "2", Some(Outcome::Delivered)),
            attempt("c", "k", "3", Some(Outcome::Refused)),
        ];
        let binding = attempts[0].record.binding();
        assert_eq!(last_delivered(&attempts, binding).unwrap().record.id, "b");
        let other = BindingIdentity {
            workspace: "other",
            ..binding
        };
        assert_eq!(last_delivered(&attempts, other), None);
    }

    #[test]
    fn warns_of_a_key_that_the_server_may_know_with_another_body() {
        let attempts = [
            attempt("a", "k", "1", Some(Outcome::Delivered)),
            attempt("b", "k", "2", Some(Outcome::NotSent)),
            attempt("c", "other", "3", Some(Outcome::Delivered)),
        ];
        let reuse = |endpoint, key, digest| {
            key_reuse(&attempts, endpoint, key, digest).map(|attempt| attempt.record.id.as_str())
        };
        assert_eq!(reuse("https://h.example/x", "k", "9"), Some("a"));
        assert_eq!(reuse("https://h.example/x", "k", "1"), None);
        assert_eq!(reuse("https://elsewhere.example/x", "k", "9"), None);
        assert_eq!(reuse("https://h.example/x", "new", "9"), None);
    }

    #[test]
    fn keeps_what_is_open_and_what_was_delivered_last() {
        let attempts = [
            attempt("a", "k", "1", None),
            attempt("b", "k", "2", Some(Outcome::Unknown)),
            attempt("c", "k", "3", Some(Outcome::Delivered)),
            attempt("d", "k", "1", Some(Outcome::Delivered)),
            attempt("e", "k", "5", Some(Outcome::Refused)),
        ];
        let id = |attempt: &Attempt| attempt.record.id.clone();
        assert_eq!(unresolved(&attempts).map(id).collect::<Vec<_>>(), ["b"]);
        assert_eq!(worth_keeping(&attempts).map(id).collect::<Vec<_>>(), ["d", "b"]);
    }
}
