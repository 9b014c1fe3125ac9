//! Projects of a spec-kitty newer than 3.0.0: what proves it, what they are bound to, who may send, who reads which
//! block, and what each version answers to `tracker sync publish` (reference 2.2-2.4; the messages were seen by running
//! 3.0.1 and 3.2.7).

use std::borrow::Cow;

use super::binding::{Binding, Required};
use super::node::{Node, Span};

/// What a newer spec-kitty left in config.yaml.
#[derive(Clone, Debug, PartialEq)]
pub struct NewerFacts {
    /// The keys that prove it, in the order of the table.
    pub proofs: Vec<Proof>,
    /// `tracker.binding_ref`, as text.
    pub binding_ref: Option<String>,
    /// `tracker.project_slug`, as text.
    pub project_slug: Option<String>,
    /// `tracker.display_label`, as text.
    pub display_label: Option<String>,
    /// `tracker.provider_context`, as Python prints it.
    pub provider_context: Option<String>,
    /// Whether tracker data may leave, by the rule that decided.
    pub consent: Consent,
    /// The blocks that say who owns which field.
    pub ownership: Vec<OwnershipBlock>,
    /// What each range of versions does with `tracker sync publish`.
    pub versions: Vec<VersionAnswer>,
}

/// A key that only some versions write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The key inside `tracker`.
    pub key: &'static str,
    /// The first version that writes it.
    pub since: &'static str,
    /// Where the key stands in config.yaml.
    pub span: Span,
}

/// The state of consent to send tracker data (reference 2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// `absent`, `permitted`, `refused` or `fault`.
    pub egress: &'static str,
    /// `sync.enabled` is false.
    pub sync_disabled: bool,
    /// The rule that decides, in words.
    pub rule: &'static str,
}

/// `doctrine` or `ownership`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipBlock {
    /// Its key.
    pub key: &'static str,
    /// Its mode, as text; `None` for the default.
    pub mode: Option<String>,
    /// Field and owner.
    pub field_owners: Vec<(String, String)>,
    /// Which versions read it.
    pub read_by: &'static str,
}

/// What versions do with `tracker sync publish` here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionAnswer {
    /// The range of versions.
    pub versions: &'static str,
    /// What they read for the binding.
    pub reads: &'static str,
    /// What they print, or that they send.
    pub answer: Cow<'static, str>,
}

/// The keys with the first version that writes them (reference 2.2).
const SINCE: [(&str, &str); 6] = [
    ("binding_ref", "3.1.0"),
    ("project_slug", "3.0.1"),
    ("display_label", "3.1.0"),
    ("provider_context", "3.1.0"),
    ("ownership", "3.2.6"),
    ("egress", "3.2.6"),
];

const NOT_CONFIGURED: &str = "Tracker is not configured. Run 'spec-kitty tracker bind' first.";
const SAAS_REFUSES: &str = "Snapshot publish is not supported for SaaS-backed providers. Use `spec-kitty tracker sync \
     push` to push changes through the SaaS control plane.";
const LOCAL_REFUSES: &str = "Snapshot publish is not supported for local providers (beads/fp). Use 'spec-kitty tracker \
     sync push' instead.";
const LOCAL_BREAKS: &str = "AttributeError: 'LocalTrackerService' object has no attribute 'sync_publish'";
const NOT_BOUND: &str = "No tracker bound. Run `spec-kitty tracker bind` first.";
const AZURE_GONE: &str = "Provider 'azure_devops' is no longer supported. See the Spec Kitty documentation for supported providers.";
const CONSENT_FIRST: &str =
    "Refusing to send tracker data to Spec Kitty SaaS: ... (without consent to hosted sync); with it:";
const CONSENT_REFUSED: &str =
    "Refusing to send tracker data to Spec Kitty SaaS: Channel 2 refused: tracker.egress ...";

/// The facts, when a newer spec-kitty wrote this file.
pub fn newer_facts(root: &Node, binding: &Binding) -> Option<NewerFacts> {
    let keys = &binding.newer.keys;
    if keys.is_empty() {
        return None;
    }
    let tracker = &root.get("tracker")?.value;
    let text = |key: &str| {
        let entry = tracker.get(key).filter(|entry| !entry.value.is_null())?;
        Some(entry.value.str().to_display())
    };
    let consent = consent(binding);
    let proof = |(key, span): &(&'static str, Span)| Proof {
        key,
        since: SINCE
            .iter()
            .find(|(known, _)| known == key)
            .map_or("3.0.1", |(_, since)| since),
        span: *span,
    };
    Some(NewerFacts {
        proofs: keys.iter().map(proof).collect(),
        binding_ref: text("binding_ref"),
        project_slug: text("project_slug"),
        display_label: text("display_label"),
        provider_context: text("provider_context"),
        ownership: ownership(tracker),
        versions: versions(binding, &consent),
        consent,
    })
}

impl NewerFacts {
    /// The newest version that a key proves: the project was bound by it or a later one.
    pub fn since(&self) -> &'static str {
        let since = self.proofs.iter().map(|proof| proof.since);
        since.max().unwrap_or("3.0.1")
    }

    /// The facts as label and text, one line each, for screen and command line.
    pub fn lines(&self) -> Vec<(String, String)> {
        let proofs: Vec<String> = self
            .proofs
            .iter()
            .map(|proof| format!("{} (since {})", proof.key, proof.since))
            .collect();
        let mut lines = vec![(
            "generation".to_owned(),
            format!("{} or newer: {}", self.since(), proofs.join(", ")),
        )];
        for (name, value) in [
            ("binding_ref", &self.binding_ref),
            ("project_slug", &self.project_slug),
            ("display_label", &self.display_label),
            ("provider_context", &self.provider_context),
        ] {
            lines.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
        }
        lines.push((
            "consent".to_owned(),
            format!("{}: {}", self.consent.egress, self.consent.rule),
        ));
        for block in &self.ownership {
            let owners: Vec<String> = block
                .field_owners
                .iter()
                .map(|(field, owner)| format!("{field}={owner}"))
                .collect();
            let mode = block.mode.as_deref().unwrap_or("(default mode)");
            let owners = if owners.is_empty() {
                "no owners".to_owned()
            } else {
                owners.join(" ")
            };
            let text = format!("{mode}, {owners}; read by {}", block.read_by);
            lines.push((block.key.to_owned(), text));
        }
        for version in &self.versions {
            lines.push((version.versions.to_owned(), format!("reads {}", version.reads)));
            lines.push((String::new(), format!("answers: {}", version.answer)));
        }
        lines
    }
}

/// `refused` and anything but the two words refuse; `permitted` grants nothing for the hosted service by itself.
fn consent(binding: &Binding) -> Consent {
    let newer = &binding.newer;
    let egress = match &newer.egress {
        None => "absent",
        Some((Some(text), _)) if *text == "permitted" => "permitted",
        Some((Some(text), _)) if *text == "refused" => "refused",
        Some(_) => "fault",
    };
    let sync_disabled = newer.sync_disabled.is_some();
    let rule = match egress {
        "refused" => "tracker.egress is 'refused': no version from 3.2.6 on sends",
        "fault" => "tracker.egress is neither 'refused' nor 'permitted', which refuses",
        _ if sync_disabled => "sync.enabled is false: no consent to hosted sync",
        "permitted" => {
            "tracker.egress 'permitted' does not apply to the hosted service; consent to hosted sync decides"
        }
        _ => "no decision in tracker.egress; consent to hosted sync decides, and its absence denies",
    };
    Consent {
        egress,
        sync_disabled,
        rule,
    }
}

fn ownership(tracker: &Node) -> Vec<OwnershipBlock> {
    let has_ownership = tracker
        .get("ownership")
        .is_some_and(|entry| entry.value.entries().is_some());
    let block = |key: &'static str, read_by: &'static str| {
        let block = &tracker.get(key)?.value;
        let owners = block
            .get("field_owners")
            .and_then(|owners| owners.value.entries());
        Some(OwnershipBlock {
            key,
            mode: block
                .get("mode")
                .filter(|mode| !mode.value.is_null())
                .map(|mode| mode.value.str().to_display()),
            field_owners: owners
                .unwrap_or_default()
                .iter()
                .map(|entry| (entry.key.str().to_display(), entry.value.str().to_display()))
                .collect(),
            read_by,
        })
    };
    let doctrine_readers = if has_ownership {
        "2.1.0-3.2.5"
    } else {
        "all versions; from 3.2.6 on with a warning"
    };
    let ownership_readers = if has_ownership {
        "3.2.6 and newer"
    } else {
        "nobody: it is not a mapping"
    };
    [
        block("doctrine", doctrine_readers),
        block("ownership", ownership_readers),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether 3.0.1 and newer still connect to this provider themselves, with its table of the credentials file.
pub fn is_local(provider: &str) -> bool {
    matches!(provider, "beads" | "fp")
}

fn versions(binding: &Binding, consent: &Consent) -> Vec<VersionAnswer> {
    // From 3.0.1 on the provider counts as it is spelled: neither case nor an alias is folded.
    let provider = match &binding.provider {
        Required::Text(text, _) => Some(text.to_display()),
        _ => None,
    };
    let is_local = provider.as_deref().is_some_and(is_local);
    let has_workspace = matches!(binding.workspace, Required::Text(..));
    let refused = matches!(consent.egress, "refused" | "fault");
    let first = if has_workspace && provider.is_some() {
        "sends the snapshot that is shown here"
    } else {
        NOT_CONFIGURED
    };
    let middle: Cow<'static, str> = match provider.as_deref() {
        None => NOT_BOUND.into(),
        Some(_) if is_local => LOCAL_BREAKS.into(),
        Some("jira" | "linear" | "github" | "gitlab") => SAAS_REFUSES.into(),
        Some("azure_devops") => AZURE_GONE.into(),
        Some(other) => format!("Unknown provider: {other}").into(),
    };
    let last: Cow<'static, str> = match () {
        () if is_local => LOCAL_REFUSES.into(),
        () if refused => CONSENT_REFUSED.into(),
        () => format!("{CONSENT_FIRST} {middle}").into(),
    };
    let reads = if is_local {
        "provider and workspace, and the same store"
    } else {
        "provider with project_slug or binding_ref"
    };
    vec![
        VersionAnswer {
            versions: "2.1.0-3.0.0",
            reads: "provider and workspace; ignores the newer keys, and its bind erases them",
            answer: first.into(),
        },
        VersionAnswer {
            versions: "3.0.1-3.2.5",
            reads,
            answer: middle,
        },
        VersionAnswer {
            versions: "3.2.6 and newer",
            reads: if is_local {
                reads
            } else {
                "the same, after consent"
            },
            answer: last,
        },
    ]
}
