//! Copies, by the way that works; large ones go to a file.

use std::io::Read;

use super::{Shared, lock};
use crate::app::effect::CopyContent;
use crate::app::message::Message;
use crate::domain::evaluate::evaluate;
use crate::domain::figures::grouped;
use crate::domain::plan::Plan;
use crate::domain::report::report;
use crate::platform::KEEPS_COPIES;
use crate::sinks::clipboard::{CopyReport, Route};
use crate::sources::machine;
use crate::sources::store::Body;

/// Most bytes that go to a clipboard.
const MAX_CLIPBOARD: u64 = 8 << 20;
/// Most bytes that go to a file from here.
const MAX_FILE: u64 = 256 << 20;

impl Shared {
    pub(super) fn copy(&self, content: &CopyContent, to_file: bool) -> Message {
        match self.try_copy(content, to_file) {
            Ok((report, told)) => Message::Copied {
                result: Ok(told),
                held: report.route == Route::Desktop && !KEEPS_COPIES,
                osc52: report.osc52,
            },
            Err(reason) => Message::Copied {
                result: Err(reason),
                held: false,
                osc52: None,
            },
        }
    }

    /// Has somebody else keep what the clipboard has from us.
    pub(super) fn hand_over(&self) -> Message {
        let (kept, osc52) = lock(&self.clipboard).hand_over();
        Message::HandedOver { kept, osc52 }
    }

    fn try_copy(&self, content: &CopyContent, to_file: bool) -> Result<(CopyReport, String), String> {
        if !self.setup.copies {
            return Err("a frame copies only with --scene".to_owned());
        }
        let (name, text) = match content {
            CopyContent::Text { name, text } => (*name, text.as_str().to_owned()),
            CopyContent::Payload => ("payload", self.payload(to_file)?),
            CopyContent::Curl => ("curl", self.curl()?),
            CopyContent::Report => ("report", self.report()),
        };
        if !to_file {
            fits_clipboard(text.len() as u64)?;
        }
        let mut clipboard = lock(&self.clipboard);
        let copied = if to_file {
            clipboard.copy_to_file(&text)
        } else {
            clipboard.copy(&text)
        };
        let report = copied.map_err(|error| error.to_string())?;
        let told = format!("{name}, {} bytes: {}", grouped(report.bytes as u64), report.note);
        Ok((report, told))
    }

    /// The frozen plan with its body, or a new one of this moment.
    fn plan_and_body(&self, keep_body: bool) -> Result<(Plan, Option<Body>), String> {
        if let Some(frozen) = lock(&self.plan).as_ref() {
            return Ok((frozen.plan.clone(), Some(frozen.body.clone())));
        }
        let loaded = self.audit_silently(keep_body);
        let plan =
            Plan::freeze(&loaded.inputs, &evaluate(&loaded.inputs)).map_err(|error| error.to_string())?;
        Ok((plan, loaded.body))
    }

    fn payload(&self, to_file: bool) -> Result<String, String> {
        let (plan, body) = self.plan_and_body(true)?;
        if !to_file {
            fits_clipboard(plan.body.bytes)?;
        }
        if plan.body.bytes > MAX_FILE {
            return Err(format!(
                "{} bytes are too many: use `catseye payload > FILE`",
                grouped(plan.body.bytes)
            ));
        }
        let mut text = String::new();
        let body = body.ok_or("the body could not be kept")?;
        body.reader()
            .read_to_string(&mut text)
            .map_err(|error| error.to_string())?;
        Ok(text)
    }

    /// The report on a fresh reading of everything.
    fn report(&self) -> String {
        let loaded = self.audit_silently(false);
        let evaluation = evaluate(&loaded.inputs);
        let facts = machine::facts(&evaluation);
        report(
            &loaded.inputs,
            &evaluation,
            &facts,
            self.setup.masker.clone(),
            false,
        )
    }

    fn curl(&self) -> Result<String, String> {
        let (plan, _) = self.plan_and_body(false)?;
        Ok(plan.curl(&self.setup.payload_command))
    }
}

fn fits_clipboard(bytes: u64) -> Result<(), String> {
    if bytes <= MAX_CLIPBOARD {
        return Ok(());
    }
    Err(format!(
        "{} bytes are too many for a clipboard: y > b writes a file",
        grouped(bytes)
    ))
}
