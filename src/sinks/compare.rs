//! The plan's body beside the last delivered one of its binding, when that is kept.

use std::io::{self, Read};

use super::journal::Journal;
use crate::domain::changes::Changes;
use crate::domain::comparison::{BodyComparison, Comparison};
use crate::domain::journal::{Attempt, BindingIdentity, last_delivered};
use crate::domain::plan::Plan;

/// The largest body that is compared field by field when somebody asks for it.
pub const MAX_BODY: u64 = 64 << 20;

/// Compares, field by field up to so many bytes; `None` when nothing was delivered for this binding yet.
pub fn compare(
    journal: &Journal,
    attempts: &[Attempt],
    plan: &Plan,
    body: impl Read,
    most: u64,
) -> io::Result<Option<Comparison>> {
    let binding = BindingIdentity {
        project_root: &plan.project_root,
        provider: &plan.provider,
        workspace: &plan.workspace,
    };
    let Some(last) = last_delivered(attempts, binding) else {
        return Ok(None);
    };
    let record = &last.record;
    let told = |body| Some(Comparison::by_digest(record, plan, body));
    if record.body_blake3 == plan.body.blake3_hex() {
        return Ok(told(BodyComparison::Same));
    }
    let unknown = |why: &str| told(BodyComparison::Unknown(why.to_owned()));
    if record.body_bytes.max(plan.body.bytes) > most {
        return Ok(unknown("it is too large to be compared field by field"));
    }
    let Some(file) = journal.snapshot(&record.id) else {
        return Ok(unknown("its bytes are not kept, so it cannot be told from what"));
    };
    let (mut old, mut new) = (Vec::new(), Vec::new());
    file.take(most).read_to_end(&mut old)?;
    body.take(most).read_to_end(&mut new)?;
    Ok(match Changes::between(&old, &new) {
        Ok(changes) => told(BodyComparison::Changed(changes)),
        Err(error) => unknown(&error.to_string()),
    })
}
