//! The `newer` part of `check --json`: what a spec-kitty newer than 3.0.0 left in config.yaml.

use serde::Serialize;

use super::check_json::owners;
use crate::domain::generation::{NewerFacts, OwnershipBlock};

/// The object; `null` for a project of 2.1.0-3.0.0.
#[derive(Serialize)]
pub struct Newer<'a> {
    since: &'static str,
    keys: Vec<&'static str>,
    binding_ref: Option<&'a str>,
    project_slug: Option<&'a str>,
    display_label: Option<&'a str>,
    provider_context: Option<&'a str>,
    consent: Consent,
    ownership: Vec<Block<'a>>,
    versions: Vec<Version<'a>>,
}

#[derive(Serialize)]
struct Consent {
    egress: &'static str,
    sync_disabled: bool,
    rule: &'static str,
}

#[derive(Serialize)]
struct Block<'a> {
    key: &'static str,
    mode: Option<&'a str>,
    field_owners: serde_json::Map<String, serde_json::Value>,
    read_by: &'static str,
}

#[derive(Serialize)]
struct Version<'a> {
    versions: &'static str,
    reads: &'static str,
    answer: &'a str,
}

impl<'a> Newer<'a> {
    /// The object for these facts.
    pub fn new(facts: &'a NewerFacts) -> Self {
        let block = |block: &'a OwnershipBlock| Block {
            key: block.key,
            mode: block.mode.as_deref(),
            field_owners: owners(&block.field_owners),
            read_by: block.read_by,
        };
        let versions = facts.versions.iter().map(|version| Version {
            versions: version.versions,
            reads: version.reads,
            answer: &version.answer,
        });
        Self {
            since: facts.since(),
            keys: facts.proofs.iter().map(|proof| proof.key).collect(),
            binding_ref: facts.binding_ref.as_deref(),
            project_slug: facts.project_slug.as_deref(),
            display_label: facts.display_label.as_deref(),
            provider_context: facts.provider_context.as_deref(),
            consent: Consent {
                egress: facts.consent.egress,
                sync_disabled: facts.consent.sync_disabled,
                rule: facts.consent.rule,
            },
            ownership: facts.ownership.iter().map(block).collect(),
            versions: versions.collect(),
        }
    }
}
