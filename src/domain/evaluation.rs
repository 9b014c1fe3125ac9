//! What one evaluation of the inputs says: the one picture that screen, JSON, plan and journal are made from.

use std::path::PathBuf;

use super::endpoint::Endpoint;
use super::finding::{Finding, Place};
use super::generation::NewerFacts;
use super::inputs::TOKEN_VARIABLE;
use super::provenance::Origin;
use super::scope::Scope;
use super::scope_guess::{Difference, ScopeTexts};
use super::store_listing::{CheckpointRow, StoreListing};

/// Whether a snapshot would be routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Both routing fields are set.
    Routed,
    /// Both routing fields are null.
    NullRoute,
    /// No body can be built.
    #[default]
    Blocked,
}

impl Verdict {
    /// Its name in JSON and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Routed => "routed",
            Self::NullRoute => "null-route",
            Self::Blocked => "blocked",
        }
    }
}

/// The result of [`super::evaluate::evaluate`].
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The verdict.
    pub verdict: Verdict,
    /// The project's root folder.
    pub project_root: Option<PathBuf>,
    /// `project.uuid` of config.yaml as it is published.
    pub project_uuid: Option<String>,
    /// `project.slug` of config.yaml as it is published.
    pub project_slug: Option<String>,
    /// The binding, when config.yaml gives a complete one.
    pub binding: Option<BindingFacts>,
    /// What a newer spec-kitty left in config.yaml; `None` when none did.
    pub newer: Option<NewerFacts>,
    /// Both routing fields; `None` when no route could be derived because an earlier step failed.
    pub routing: Option<Routing>,
    /// What the credentials file gives.
    pub credentials: CredentialFacts,
    /// The store's scope and state.
    pub store: StoreFacts,
    /// All stores of the folder; empty before the rows are checked.
    pub stores: Vec<KnownStore>,
    /// The checkpoint as it is published.
    pub checkpoint: Option<CheckpointFacts>,
    /// The request, when a body can be built. Its body facts are `None` while rows are being checked.
    pub plan: Option<PlanHead>,
    /// Where each field outside of the rows comes from.
    pub origins: Vec<Origin>,
    /// All findings: worst first, each root before what it explains.
    pub findings: Vec<Finding>,
}

impl Evaluation {
    /// The route, when one was derived and is not null.
    pub fn route(&self) -> Option<&Route> {
        self.routing.as_ref()?.route.as_ref()
    }
}

/// The binding as spec-kitty uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindingFacts {
    /// `tracker.provider`, stripped: the name under which credentials are looked up.
    pub provider: String,
    /// The provider as it is published: lower case, aliases of Azure DevOps applied.
    pub normalized_provider: String,
    /// `tracker.workspace`, stripped.
    pub workspace: String,
    /// `tracker.doctrine.mode` or its default.
    pub doctrine_mode: String,
    /// `tracker.doctrine.field_owners`, in order.
    pub doctrine_field_owners: Vec<(String, String)>,
}

/// Both routing fields and the steps that made them.
#[derive(Clone, Debug, PartialEq)]
pub struct Routing {
    /// Type and id, or `None` when both are null: never one without the other.
    pub route: Option<Route>,
    /// The derivation, step by step.
    pub trace: Vec<TraceStep>,
}

/// A resolved route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `external_resource_type`.
    pub resource_type: &'static str,
    /// `external_resource_id`.
    pub resource_id: String,
}

/// One step of the derivation.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceStep {
    /// What is done, in spec-kitty's words: `normalize_provider`, `RESOURCE_ROUTING_MAP[provider]`.
    pub step: &'static str,
    /// What goes in.
    pub input: String,
    /// What comes out; `None` where the derivation ends in null.
    pub output: Option<String>,
    /// Where the input comes from.
    pub source: Option<Place>,
}

/// Where the bearer token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// `--auth-token`.
    Flag,
    /// `$SAAS_AUTH_TOKEN`.
    Variable,
    /// `access_token` of the provider table.
    AccessToken,
    /// `token` of the provider table.
    Token,
    /// No `Authorization` header is sent.
    None,
}

impl TokenSource {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable => TOKEN_VARIABLE,
            Self::AccessToken => "access_token",
            Self::Token => "token",
            Self::None => "none",
        }
    }
}

/// What the credentials file gives, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialFacts {
    /// The file.
    pub path: PathBuf,
    /// The table that is read, as `tracker.providers.jira`; `None` without a provider.
    pub table: Option<String>,
    /// The names of the keys in it, in order.
    pub keys: Vec<String>,
    /// Which token would be sent.
    pub token_source: TokenSource,
}

/// How the store presents itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// Readable, with the tables.
    Ok,
    /// No file.
    Missing,
    /// A database without any of the tables, or a file of zero bytes.
    Empty,
    /// Cannot be opened or read.
    Unreadable,
    /// Not a tracker database.
    Invalid,
    /// Kept changing, or stays locked.
    Busy,
}

impl StoreState {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Unreadable => "unreadable",
            Self::Invalid => "invalid",
            Self::Busy => "busy",
        }
    }
}

/// The store's scope, state and counts.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreFacts {
    /// The file that the scope names; `None` without a binding.
    pub path: Option<PathBuf>,
    /// The scope with its preimage.
    pub scope: Option<Scope>,
    /// Its state; `None` without a scope.
    pub state: Option<StoreState>,
    /// Issues of this provider; `None` while rows are being checked.
    pub issues: Option<u64>,
    /// All mappings; `None` while rows are being checked.
    pub mappings: Option<u64>,
}

/// A store of the folder with what leads to it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownStore {
    /// What it holds.
    pub listing: StoreListing,
    /// Whether this binding uses it.
    pub in_use: bool,
    /// The texts that its name is hashed from, when they could be guessed.
    pub texts: Option<ScopeTexts>,
    /// Which of them are others today; empty when they are unknown, too.
    pub differs: Vec<Difference>,
}

/// The checkpoint as it is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckpointFacts {
    /// Its key in the store: `{normalised provider}:{workspace}` (reference 26).
    pub key: String,
    /// `checkpoint.cursor`.
    pub cursor: Option<String>,
    /// `checkpoint.updated_since`, normalised.
    pub updated_since: Option<String>,
    /// The row as it is stored.
    pub row: Option<CheckpointRow>,
}

/// The request without its body.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanHead {
    /// Where it goes; `None` without a usable server URL.
    pub endpoint: Option<Endpoint>,
    /// SHA-256 of the preimage, in hex; `None` while rows are being checked.
    pub idempotency_key: Option<String>,
    /// What the key is hashed from (reference 43); `None` while rows are being checked.
    pub idempotency_preimage: Option<String>,
    /// The body's length and digest; `None` while rows are being checked.
    pub body: Option<BodyFacts>,
    /// Whether an `Authorization: Bearer` header goes along.
    pub bearer: bool,
    /// The proxy that the request goes through, as `http://host:port`.
    pub proxy: Option<String>,
}

/// Length and digest of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyFacts {
    /// Bytes.
    pub bytes: u64,
    /// BLAKE3.
    pub blake3: [u8; 32],
}

impl BodyFacts {
    /// The digest in lower-case hex.
    pub fn blake3_hex(&self) -> String {
        blake3::Hash::from_bytes(self.blake3).to_hex().to_string()
    }
}
