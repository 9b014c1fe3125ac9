//! `catseye report`: one text for a bug report, made from the picture that `check` prints, with every text from outside
//! left out (design promise 5). What may stand in it is decided in `redact` alone, which counts what it leaves out.

mod files;
mod redact;
mod rows;

use std::fmt::Display;
use std::path::Path;

use super::evaluation::{Evaluation, PlanHead, TraceStep};
use super::finding::{Bases, Evidence, Place};
use super::inputs::{
    Inputs, NEWER_HOME_VARIABLE, PROJECT_VARIABLE, SERVER_VARIABLE, SYNC_VARIABLE, TOKEN_VARIABLE,
};
use super::mask::Masker;
use super::safe::Safe;
use super::secret::without_user_info;
use redact::Redactor;

/// What a report tells besides inputs and evaluation.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// When it is made, RFC 3339 in UTC.
    pub time: String,
    /// Versions and the machine, as name and text; none of it text of the project.
    pub machine: Vec<(&'static str, String)>,
    /// The environment variables that count, and how each is: `set`, `empty`, `not set`.
    pub variables: Vec<(&'static str, &'static str)>,
    /// How the binding's store is laid out; why not, where that cannot be told.
    pub store: Option<Result<StoreShape, String>>,
}

/// How a store is laid out: nothing of its rows.
#[derive(Clone, Debug, Default)]
pub struct StoreShape {
    /// Facts of SQLite, as name and number or a word of SQLite's.
    pub facts: Vec<(&'static str, String)>,
    /// The tracker's tables with the columns that each has.
    pub tables: Vec<(&'static str, Vec<String>)>,
    /// How many other tables, indexes, views and triggers there are.
    pub others: u64,
    /// BLAKE3 of the statements that made the tracker's tables, blanks folded.
    pub schema_digest: String,
}

/// Makes the text.
pub fn report(
    inputs: &Inputs,
    evaluation: &Evaluation,
    facts: &Facts,
    masker: Masker,
    with_names: bool,
) -> String {
    let mut report = Report {
        inputs,
        evaluation,
        text: String::new(),
        redactor: Redactor::new(masker),
    };
    report.line("# catseye report");
    report.line(format_args!("made {}", facts.time));
    report.section("Versions and machine");
    for (name, text) in &facts.machine {
        report.item(format_args!("{name}: {text}"));
    }
    report.section("Environment variables (names alone)");
    for (name, state) in &facts.variables {
        report.item(format_args!("{name}: {state}"));
    }
    report.verdict();
    if with_names {
        report.names();
    }
    report.findings();
    report.trace();
    report.files();
    report.stores(facts.store.as_ref());
    report.rows();
    report.journal();
    report.end(with_names);
    report.text
}

/// A report in the making.
struct Report<'a> {
    inputs: &'a Inputs,
    evaluation: &'a Evaluation,
    text: String,
    redactor: Redactor,
}

impl Report<'_> {
    fn line(&mut self, text: impl Display) {
        // Nothing in it needs this; it is the same net as at every other exit.
        self.text.push_str(Safe::line(&text.to_string()).as_str());
        self.text.push('\n');
    }

    fn item(&mut self, text: impl Display) {
        self.line(format_args!("- {text}"));
    }

    fn section(&mut self, title: &str) {
        self.text.push('\n');
        self.line(format_args!("## {title}"));
    }

    fn verdict(&mut self) {
        self.section("Verdict");
        let evaluation = self.evaluation;
        self.item(format_args!("verdict: {}", evaluation.verdict.name()));
        if let Some(newer) = &evaluation.newer {
            let keys: Vec<&str> = newer.proofs.iter().map(|proof| proof.key).collect();
            self.item(format_args!(
                "bound by spec-kitty {} or newer: {}; egress {}",
                newer.since(),
                keys.join(", "),
                newer.consent.egress
            ));
        }
        match &evaluation.plan {
            Some(plan) => self.plan(plan),
            None => self.item("no request can be built"),
        }
    }

    fn plan(&mut self, plan: &PlanHead) {
        match &plan.endpoint {
            Some(endpoint) => {
                let scheme = if endpoint.tls { "https" } else { "http" };
                let host = self.redactor.value(&endpoint.host);
                let target = self.redactor.value(&endpoint.target);
                self.item(format_args!(
                    "endpoint: {scheme}, host {host}, port {}, target {target}",
                    endpoint.port
                ));
            }
            None => self.item("endpoint: none"),
        }
        let proxy = if plan.proxy.is_some() {
            "by a proxy"
        } else {
            "direct"
        };
        self.item(format_args!("connection: {proxy}"));
        self.item(format_args!(
            "token from: {}",
            self.evaluation.credentials.token_source.name()
        ));
        if let Some(body) = plan.body {
            let digest = self.redactor.digest(&body.blake3);
            self.item(format_args!("body: {} bytes, digest {digest}", body.bytes));
        }
        if let Some(key) = &plan.idempotency_key {
            let digest = self.redactor.digest(key.as_bytes());
            self.item(format_args!("idempotency key: digest {digest}"));
        }
    }

    /// What `--with-names` adds; a password in a URL stays out all the same.
    fn names(&mut self) {
        self.section("Names (asked for by --with-names)");
        let evaluation = self.evaluation;
        let bases = Bases::new(None, &self.inputs.environment);
        let binding = evaluation.binding.as_ref();
        let route = evaluation.route();
        for (name, value) in [
            (
                "project",
                evaluation.project_root.as_ref().map(|root| bases.shorten(root)),
            ),
            ("slug", evaluation.project_slug.clone()),
            ("provider", binding.map(|binding| binding.provider.clone())),
            ("workspace", binding.map(|binding| binding.workspace.clone())),
            ("resource id", route.map(|route| route.resource_id.clone())),
        ] {
            if let Some(value) = value {
                self.item(format_args!("{name}: {}", without_user_info(&value)));
            }
        }
    }

    fn findings(&mut self) {
        self.section("Findings");
        let evaluation = self.evaluation;
        if evaluation.findings.is_empty() {
            self.item("none");
        }
        for finding in &evaluation.findings {
            let root = finding
                .explained_by
                .map(|root| format!(", explained by {}", root.as_str()));
            self.item(format_args!(
                "{} {}: {}; {} times{}",
                finding.severity().name(),
                finding.name.as_str(),
                finding.title(),
                finding.count,
                root.unwrap_or_default()
            ));
            for evidence in &finding.evidence {
                let place = self.place(&evidence.place);
                self.line(format_args!("  - at {place}"));
            }
            for fix in &finding.fixes {
                let how = match (&fix.edit, &fix.command) {
                    (Some(_), _) => "an edit",
                    (None, Some(_)) => "a command",
                    (None, None) => "advice",
                };
                self.line(format_args!("  - fix: {how}"));
            }
            let labels = |evidence: &&Evidence| !evidence.label.is_empty();
            let labels = finding.evidence.iter().filter(labels).count();
            self.redactor
                .omit("texts of findings", 1 + labels + finding.fixes.len());
        }
    }

    fn trace(&mut self) {
        self.section("How the route was derived");
        let Some(routing) = &self.evaluation.routing else {
            return self.item("it was not: an earlier step failed");
        };
        for TraceStep {
            step,
            input,
            output,
            source,
        } in &routing.trace
        {
            let input = self.redactor.value(input);
            let output = match output {
                Some(output) => self.redactor.value(output),
                None => "null".to_owned(),
            };
            let source = match source {
                Some(source) => format!(", from {}", self.place(source)),
                None => String::new(),
            };
            self.item(format_args!("{step}: {input} -> {output}{source}"));
        }
    }

    /// A place by the part that its file plays, not by its path.
    fn place(&mut self, place: &Place) -> String {
        match place {
            Place::File { path, range } => {
                let role = self.role(path);
                match range {
                    Some(range) => format!(
                        "{role}:{}:{} bytes {}-{}",
                        range.line, range.column, range.start, range.end
                    ),
                    None => role,
                }
            }
            Place::Row {
                path,
                table,
                rowid,
                json_path,
            } => {
                let role = self.role(path);
                let at = match json_path.as_str() {
                    "" => String::new(),
                    path => format!(" at {}", self.redactor.json_path(path)),
                };
                format!("{role} {table} row {rowid}{at}")
            }
            Place::Variable(name) => {
                let is_own = VARIABLES.iter().any(|known| known.eq_ignore_ascii_case(name));
                let name = if is_own { name } else { "a variable" };
                format!("${name}")
            }
            Place::Flag(name) => (*name).to_owned(),
        }
    }

    fn role(&mut self, path: &Path) -> String {
        let inputs = self.inputs;
        self.redactor.omit("paths", 1);
        let known = [
            (inputs.config.as_ref().map(|config| &config.path), "config.yaml"),
            (Some(&inputs.credentials.path), "credentials"),
            (self.evaluation.store.path.as_ref(), "the store"),
            (Some(&inputs.journal_path), "the journal"),
        ];
        for (known, role) in known {
            if known.is_some_and(|known| known == path) {
                return role.to_owned();
            }
        }
        let stores = &self.evaluation.stores;
        match stores.iter().position(|known| known.listing.path == path) {
            Some(number) => format!("store {}", number + 1),
            None => "another file or folder".to_owned(),
        }
    }

    /// What is not in the report: said by what kept it out.
    fn end(&mut self, with_names: bool) {
        self.section("What was left out");
        let counts: Vec<_> = self.redactor.left_out().collect();
        for (kind, count) in counts {
            self.item(format_args!("{kind}: {count}"));
        }
        let rows = self.evaluation.store.issues.unwrap_or_default()
            + self.evaluation.store.mappings.unwrap_or_default();
        self.item(format_args!(
            "every text of issues, mappings and checkpoints: {rows} rows were counted, none is quoted"
        ));
        self.item("values of environment variables, host names, user names, the home folder");
        if !with_names {
            self.item("names of project, workspace and resource: --with-names adds them");
        }
        self.text.push('\n');
        self.line("Where a value is told as shape and digest: A, a and # stand for letters and digits, a number behind them \
             for how many. Digests are keyed with a key that is made for one run and kept nowhere: equal texts in \
             this report have equal digests, and nothing can be guessed from one. The digest of the store's schema \
             alone is a plain BLAKE3.");
    }
}

/// The variables that a report names, and says whether they are set.
pub const VARIABLES: [&str; 31] = [
    PROJECT_VARIABLE,
    SYNC_VARIABLE,
    NEWER_HOME_VARIABLE,
    SERVER_VARIABLE,
    TOKEN_VARIABLE,
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
    "EDITOR",
    "VISUAL",
    "NO_COLOR",
    "TERM",
    "COLORTERM",
    "TMUX",
    "STY",
    "SSH_CONNECTION",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "LANG",
    "LC_ALL",
    "CI",
];
