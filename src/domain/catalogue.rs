//! The table of findings: one row per name with severity, title and what `catseye explain` tells
//! (design section 4; the causes are paragraphs of the reference).

use super::finding::Severity;
use Severity::{Blocker, Consent, Note, NullRoute, SendBlocker, Warning};

/// What `explain` tells about a finding.
pub struct Entry {
    /// Which finding.
    pub name: FindingName,
    /// Its stable name.
    pub text: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means and how it comes about.
    pub meaning: &'static str,
    /// How to mend it and keep it from coming back.
    pub remedy: &'static str,
}

/// The row of a finding.
pub fn entry(name: FindingName) -> &'static Entry {
    &CATALOGUE[name as usize]
}

/// Finds a finding by its stable name.
pub fn by_text(text: &str) -> Option<FindingName> {
    CATALOGUE
        .iter()
        .find(|entry| entry.text == text)
        .map(|entry| entry.name)
}

impl FindingName {
    /// Its severity.
    pub fn severity(self) -> Severity {
        entry(self).severity
    }

    /// Its stable name, as in JSON and `--allow`.
    pub fn as_str(self) -> &'static str {
        entry(self).text
    }
}

macro_rules! catalogue {
    ($($variant:ident $text:literal $severity:ident $title:literal $meaning:literal $remedy:literal)*) => {
        /// The stable names of findings.
        #[expect(clippy::doc_markdown, reason = "titles are text for people")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingName {
            $(#[doc = $title] $variant,)*
        }

        /// All findings, in the order of the enum.
        pub const CATALOGUE: &[Entry] = &[
            $(Entry {
                name: FindingName::$variant,
                text: $text,
                severity: $severity,
                title: $title,
                meaning: $meaning,
                remedy: $remedy,
            },)*
        ];
    };
}

catalogue! {
    ProjectNotFound "project-not-found" Blocker
        "no spec-kitty project here"
        "spec-kitty walks up from the current directory until a folder holds .kittify/, and follows a git worktree \
         to its main repository. None was found, so there is no binding to read."
        "Change into the project, pass --project DIR, or run `spec-kitty init` where the project should be."
    ConfigMissing "config-missing" Blocker
        "the project has no config.yaml"
        "The tracker binding lives in .kittify/config.yaml. Without the file spec-kitty says \
         \"Tracker is not configured\"."
        "Bind the project: `spec-kitty tracker bind --provider ... --workspace ...` writes the file."
    ConfigUnreadable "config-unreadable" Blocker
        "config.yaml cannot be read"
        "The file exists, but opening or decoding it failed: a folder in its place, missing permission, or bytes \
         that are not UTF-8."
        "Restore the file from version control or give yourself permission to read it."
    ConfigInvalid "config-invalid" Blocker
        "spec-kitty cannot read config.yaml"
        "spec-kitty refuses the whole file for one mistake anywhere in it: a tab, a duplicate key, a bad date, a \
         second document, or a comment in one of the few places that its reader fails on."
        "Mend the place that is shown; an editor's YAML mode marks most of them."
    TrackerSectionMissing "tracker-section-missing" Blocker
        "config.yaml has no tracker section"
        "The binding is the mapping under the key `tracker`. It is absent, empty, or not a mapping, so spec-kitty \
         says \"Tracker is not configured\"."
        "Run `spec-kitty tracker bind`, or write the section by hand."
    ProviderMissing "provider-missing" Blocker
        "the binding has no provider"
        "tracker.provider must be text. spec-kitty drops a value of another YAML type (true, 12, a date, anything \
         tagged) and blank text, and then says \"Tracker is not configured\"."
        "Write the provider as text, in quotes if it looks like a number, boolean or date."
    WorkspaceMissing "workspace-missing" Blocker
        "the binding has no workspace"
        "tracker.workspace must be text. spec-kitty drops a value of another YAML type (12345 is a number, true a \
         boolean) and blank text, and then says \"Tracker is not configured\"."
        "Write the workspace as text, in quotes if it looks like a number, boolean or date."
    CredentialsUnreadable "credentials-unreadable" Blocker
        "the credentials file cannot be read"
        "The file exists, but opening or decoding it failed. spec-kitty would stop with \"Failed to load \
         credentials\"."
        "Give yourself permission to read it, or put back a regular file of UTF-8 text."
    CredentialsInvalid "credentials-invalid" Blocker
        "the credentials file is not valid TOML"
        "One mistake anywhere stops spec-kitty. Its own writer causes some: a value with backslash-x is saved \
         unescaped and breaks the whole file (reference D7)."
        "Mend the line that is shown: double the backslash, close the quote, or bind again."
    StoreUnreadable "store-unreadable" Blocker
        "the store cannot be read"
        "The SQLite file for this scope exists, but cannot be opened or read as it is: permission, a folder in its \
         place, a writer that died in the middle, or a write-ahead log that only a writer may recover."
        "Let your user read it, move away what is no file, or run any spec-kitty tracker command to let it recover the \
         file; then reload."
    StoreInvalid "store-invalid" Blocker
        "the store is not a tracker database"
        "The file is not SQLite, is damaged, or its tables lack the columns that spec-kitty reads."
        "Move the file away; `spec-kitty tracker sync pull` makes a new one."
    IssueRowInvalid "issue-row-invalid" Blocker
        "stored issues that spec-kitty cannot publish"
        "One bad row aborts the whole publish, and spec-kitty does not say which. All of them are listed here with \
         the reason that Python gives."
        "Pull the issues again, or delete the rows from the store and pull."
    PayloadNotEncodable "payload-not-encodable" Blocker
        "a value cannot be encoded as UTF-8"
        "A lone surrogate (written \\ud800 in YAML or JSON) can be read, but not sent: Python raises \
         UnicodeEncodeError."
        "Replace the escape by the character itself; in YAML write \\U0001F600 and not two \\uXXXX."
    SpoolUnwritable "spool-unwritable" Blocker
        "there is no room for the body"
        "A body over 8 MiB is kept in a file without a name until all rows are proven and it is sent or printed. That \
         file could not be written, so there is no whole body to show."
        "Free space in the folder that is named, or set TMPDIR (on Windows TMP) to one with room."
    SaasSyncFlagOff "saas-sync-flag-off" SendBlocker
        "syncing with the server is switched off"
        "With the flag off spec-kitty has no `tracker` command at all (\"No such command 'tracker'\"). It counts \
         as on for 1, true, yes and on."
        "export SPEC_KITTY_ENABLE_SAAS_SYNC=1 in the shell that publishes."
    ServerUrlMissing "server-url-missing" SendBlocker
        "no server URL"
        "Publish goes to --server-url or $SAAS_API_URL and nowhere else; config.toml is not read for it."
        "Pass --server-url URL or export SAAS_API_URL."
    ServerUrlInvalid "server-url-invalid" SendBlocker
        "the server URL cannot be used"
        "The path is appended to the URL as text. A query or fragment swallows it, user:password@ replaces the \
         bearer token, and another scheme than http or https fails."
        "Give scheme, host and optional path alone: https://host/base."
    ProxyUnusable "proxy-unusable" SendBlocker
        "the proxy of the environment cannot be used"
        "A proxy variable names a scheme other than http or https, or is not a URL; or NO_PROXY has an entry that httpx \
         cannot read, such as an IPv6 address in brackets. spec-kitty fails on it before it sends anything, wherever it \
         would go. SOCKS proxies work there; catseye does not speak SOCKS."
        "Unset the variable, or name an http or https proxy. In NO_PROXY write IPv6 addresses without brackets."
    TokenNotEncodable "token-not-encodable" SendBlocker
        "the token cannot be sent in a header"
        "The token goes into the Authorization header unchanged. A line break, a trailing space or a non-ASCII \
         character makes the request fail; a CI secret that ends in a newline is the usual case."
        "Set the token again without the stray character: printf instead of echo, or trim the secret."
    EgressRefused "egress-refused" SendBlocker
        "this project refuses to send tracker data"
        "spec-kitty 3.2.6 and newer honour tracker.egress and sync.enabled. This project says no, and catseye \
         keeps to it although 3.0.0 would send."
        "Ask the project's owner; the setting is in .kittify/config.yaml."
    StoreBusy "store-busy" SendBlocker
        "the store kept changing while it was read"
        "A snapshot must be one state of the store. Three passes in a row saw it change."
        "Wait for the pull or push that is running, then try again."
    JournalUnwritable "journal-unwritable" SendBlocker
        "the publish journal cannot be written"
        "Each attempt is on disk before the connection is opened. Without that record an unknown outcome could \
         not be told apart later, so nothing is sent."
        "Free space, or give yourself permission on the state folder that `catseye paths` names."
    ProviderNotRoutable "provider-not-routable" NullRoute
        "this provider has no routing"
        "Only jira and linear are in RESOURCE_ROUTING_MAP. Every other provider publishes null for both routing \
         fields; that is how spec-kitty is made."
        "Nothing to mend. Accept the null route if the server expects it."
    ProviderUnknown "provider-unknown" NullRoute
        "spec-kitty does not know this provider"
        "`tracker bind` saves any provider name, and publish sends it as it is. RESOURCE_ROUTING_MAP knows jira \
         and linear by exactly these names."
        "Bind with the provider's own name, and look at it with catseye afterwards: `tracker bind` checks nothing."
    CredentialsFileMissing "credentials-file-missing" NullRoute
        "there is no credentials file"
        "`spec-kitty auth logout`, a refused token refresh or a blocked account switch deletes the whole file, \
         the tracker's part with it (reference A7). Or HOME points elsewhere than when the project was bound."
        "Bind again with every credential. A logout always takes them along: publish before it."
    CredentialsEmpty "credentials-empty" NullRoute
        "the credentials file is empty"
        "Nothing but blanks or comments is in the file. spec-kitty's writer empties the file before it locks it, \
         so one read in the middle of a save sees this too (reference A10, A13)."
        "Reload once; if it stays, bind again with every credential."
    CredentialsOverwrittenByLogin "credentials-overwritten-by-login" NullRoute
        "a login or token refresh removed the tracker credentials"
        "`spec-kitty auth login` and each silent token refresh save only [tokens], [user] and [server] and drop \
         the rest of the file (reference A5, A6). With SaaS sync on, tracker credentials live about 15 minutes."
        "Bind again with every credential, then publish before the next token refresh."
    CredentialsTableMissing "credentials-table-missing" NullRoute
        "the credentials file has no tracker.providers table"
        "The route is looked up in [tracker.providers.<provider>]. Another shape, such as [[arrays]], \
         [providers.jira] or [tracker.jira], reads as empty without an error (reference A12)."
        "Give the table its full name, or bind again with every credential: `tracker bind` writes it in this shape."
    ProviderCredentialsMissing "provider-credentials-missing" NullRoute
        "no credentials for this provider"
        "The table [tracker.providers.<provider>] is not there. `tracker unbind` in any project of this machine \
         removes it for all of them (reference A8)."
        "Bind again with every credential. Unbind only when no other project of this machine needs the provider."
    ProviderSpellingMismatch "provider-spelling-mismatch" NullRoute
        "config and credentials spell the provider differently"
        "spec-kitty lower-cases the provider for the routing map, but looks the credentials up by the name as it \
         is written (reference A3, A4). `tracker bind` writes lower case, so one of the two was edited by hand."
        "Write the provider in config.yaml exactly like the credentials table. Where `tracker bind` writes both, they agree."
    RoutingKeyMissing "routing-key-missing" NullRoute
        "the credentials lack the routing key"
        "jira routes by project_key and linear by team_id, spelled exactly so. `tracker bind` replaces the whole \
         table, so binding again with only a new token drops the key (reference A2, A17)."
        "Add the key, or bind again with every credential. To change a token, give all of them each time, or edit the file."
    RoutingKeyBlank "routing-key-blank" NullRoute
        "the routing key is blank"
        "The value is empty or only blanks, which counts as missing."
        "Write the project key or team id between the quotes."
    ProviderTokenAsBearer "provider-token-as-bearer" Consent
        "the provider's own token would go to the server"
        "With no --auth-token and no SAAS_AUTH_TOKEN spec-kitty sends the provider table's access_token or token \
         as bearer. For github and gitlab that is your personal access token (reference D1)."
        "Pass the server's own token with --auth-token - or SAAS_AUTH_TOKEN."
    InsecureTransport "insecure-transport" Consent
        "the token would travel unencrypted"
        "The server URL is http and not this machine, or an http request goes through a proxy on another host: \
         everyone on the way can read the token and the issues (reference D3)."
        "Use https."
    IdempotencyKeyReused "idempotency-key-reused" Consent
        "same idempotency key as an earlier publish, other content"
        "The key is made from the route, the numbers of issues and mappings and the cursor, never from the \
         content. A server that honours the key may drop this snapshot as a duplicate (reference B3)."
        "Pull first if that moves the cursor; else know that the server may keep the earlier snapshot."
    StoreMissing "store-missing" Consent
        "there is no store for this scope: an empty snapshot would go out"
        "spec-kitty would create an empty database and publish zero issues. A server may read that as \
         \"all issues gone\" (reference B4)."
        "Run `spec-kitty tracker sync pull` first."
    StoreElsewhere "store-elsewhere" Consent
        "the issues live in another store"
        "The store's name is a hash of provider, workspace, server, user and team. One of these changed, so an \
         empty file is in use while the issues lie in another one (reference B4, B5)."
        "Put the changed value back as it was, or pull into the new store. Bind with the same server and user to the letter."
    RoutingIdDisagreesWithIssues "routing-id-disagrees-with-issues" Consent
        "no stored issue belongs to the project that the route names"
        "Credentials are kept per provider for the whole machine: binding another project replaces project_key \
         for this one, and its issues would be filed under the other key (reference B1, B2)."
        "Bind this project again with its own project_key. Where projects share a provider, bind before each publish."
    BoundByNewerSpecKitty "bound-by-newer-spec-kitty" Consent
        "this project was bound by spec-kitty 3.0.1 or newer"
        "Its routing lives on the server, and its own CLI refuses snapshot publish. What is shown is what \
         2.1.0-3.0.0 would send; those also erase the newer keys when they bind."
        "Use `spec-kitty tracker sync push` of the newer CLI, or accept that this is the old way."
    InternalError "internal-error" Consent
        "a part of catseye broke"
        "One step failed in a way that it should not. The other parts are shown; do not trust the picture to be \
         complete."
        "Please report it with the text that is shown."
    RoutingKeyNotText "routing-key-not-text" Warning
        "the routing key is not text"
        "The value in the credentials is a number, boolean, list, table or date. spec-kitty publishes what Python's \
         str() makes of it: true becomes \"True\", 1e3 becomes \"1000.0\", an empty list \"[]\" (reference B7)."
        "Write the value in quotes, as the tracker spells it."
    RoutingKeyTrimmed "routing-key-trimmed" Warning
        "the routing key has blanks around it"
        "spec-kitty strips the value for the route, but the connector uses it as it is written when it pulls, so the \
         two may speak of different projects."
        "Take the blanks out of the credentials."
    RoutingKeyUnusual "routing-key-unusual" Warning
        "the routing key does not look like one"
        "Jira project keys are upper-case letters, digits and underscores; Linear team ids are UUIDs. Pulling also \
         works with a lower-case key, a numeric id or a project's name, but the route sends exactly what is written \
         (reference B8, B9)."
        "Write the key as the tracker shows it, without invisible characters."
    WorkspaceHostMismatch "workspace-host-mismatch" Warning
        "workspace and base_url name different hosts"
        "The workspace is part of the routing key that the server resolves, but it is free text: nothing compares it \
         with the site that the issues are pulled from (reference B10)."
        "Bind with the host of base_url as workspace, or correct base_url."
    StoreEmpty "store-empty" Warning
        "the store holds no issues"
        "An empty snapshot goes out, with a route. With spec-kitty-tracker 0.3.0 and older every pull from Jira Cloud \
         ends with HTTP 410, since Atlassian removed the endpoint, so \"0 issues\" is common (reference 0.4). A server \
         may read an empty snapshot as \"all issues gone\"."
        "Pull first: `spec-kitty tracker sync pull`; for Jira Cloud with spec-kitty-tracker 0.4.3 or newer."
    IssuesOtherWorkspace "issues-other-workspace" Warning
        "issues name another workspace"
        "Each issue carries the workspace that its connector wrote: base_url for jira, owner/repo for github, the \
         project id for gitlab, organization/project for azure_devops, the binding's workspace for linear, beads and \
         fp. Some stored issues carry neither that nor the binding's workspace (reference B11)."
        "Pull again with today's credentials; a store keeps what earlier bindings pulled."
    IssuesOfAnotherProject "issues-of-another-project" Warning
        "some issues belong to another project"
        "The store is shared by all bindings of one site, user and team, whatever their project, and a pull never \
         removes rows: issues of other projects go out under this route (reference B2, B12)."
        "Move the store away and pull again, or publish knowing that they go along."
    CheckpointMissing "checkpoint-missing" Warning
        "issues without a checkpoint"
        "The store holds issues, but no checkpoint for this binding, so cursor and updated_since go out as null: the \
         server cannot tell how fresh the snapshot is."
        "Pull once more: it writes the checkpoint."
    CheckpointUnderOtherKey "checkpoint-under-other-key" Warning
        "the checkpoint was written under another key"
        "`sync pull` writes the checkpoint under the provider as it is spelled in config.yaml, publish looks for the \
         lower-case name, and the workspace counts by its case: Jira:acme, jira:acme and jira:ACME are three keys of \
         one store (reference B6, 26)."
        "Spell provider and workspace as the checkpoint does, or pull again."
    MappingForeignSystem "mapping-foreign-system" Warning
        "mappings of another system go along"
        "Publish sends every mapping of the store, whatever its system; after a corrected spelling the old rows stay \
         (reference B13)."
        "Delete the rows that are not of this provider from the store."
    MappingUnmatched "mapping-unmatched" Warning
        "mappings that match no issue"
        "A mapping names its issue by id, key or URL. None of the snapshot's issues has one of these: a typo in \
         `map add --external-id`, or the issue has not been pulled (reference B11)."
        "Map the work package again with the issue's id or key, or pull the issue."
    ValueCoerced "value-coerced" Warning
        "values change on their way out"
        "spec-kitty replaces what it does not know without a word: any status but todo, in_progress, in_review, \
         blocked, done and canceled becomes todo, an unknown type task, an odd priority null, a missing title \
         \"Untitled\" (reference 33-35)."
        "Correct the values in the tracker or its connector and pull again."
    CredentialsPermissions "credentials-permissions" Warning
        "other users can read the credentials"
        "spec-kitty makes the file readable for its owner only when it saves it; a file made by hand keeps what the \
         umask gave it (reference D6)."
        "chmod 600 the file."
    DoctrineModeUnknown "doctrine-mode-unknown" Warning
        "the doctrine mode is not one that spec-kitty knows"
        "Publish sends any text. The engine knows external_authoritative, spec_kitty_authoritative and \
         split_ownership, and takes everything else for split with shared fields, \"split\" too (reference B15)."
        "Write one of the three."
    TokenMissing "token-missing" Warning
        "no token goes along"
        "Without --auth-token, SAAS_AUTH_TOKEN and a token in the provider's credentials the request has no \
         Authorization header. The session of `auth login` is never used (reference D2): expect a 401, which \
         spec-kitty reports as complete."
        "Give the server's token with SAAS_AUTH_TOKEN or --auth-token -."
    ProjectIdentityMissing "project-identity-missing" Warning
        "the project has no uuid or slug"
        "The server resolves a project before anything else; project_uuid or project_slug goes out as null \
         (reference B16)."
        "Add `project:` with `uuid:` and `slug:` to config.yaml; `spec-kitty init` writes them."
    HomeIsProject "home-is-project" Warning
        "the home folder was taken for the project"
        "spec-kitty keeps its global files in ~/.kittify, so every folder below home without a project of its own \
         counts as inside that one. `bind` there would write ~/.kittify/config.yaml (reference C6)."
        "Change into the project, or run `spec-kitty init` where it should be."
    WorktreeConfigIgnored "worktree-config-ignored" Warning
        "the worktree's own config.yaml is not read"
        "In a git worktree the main repository's .kittify is used. A relative gitdir is resolved against the current \
         directory, so the answer can differ between the worktree's root and its folders (reference C2, C3)."
        "Make the change in the config.yaml that is read, or run from where the other one is read."
    HiddenCharacters "hidden-characters" Warning
        "text with characters that cannot be seen"
        "Zero-width and bidirectional characters, tags and controls are published as they are; two texts that look \
         alike may differ, and one may read backwards."
        "Look at the escaped text, and take the characters out where they were put in."
    LeftoverSecrets "leftover-secrets" Warning
        "provider secrets that nothing uses are left in plain text"
        "Since 3.0.1 spec-kitty reads the tables of beads and fp alone in the credentials file, and removes none of the \
         others (reference D6)."
        "Delete the tables once no project here is published with 2.1.0-3.0.0, and revoke the tokens."
    NothingChanged "nothing-changed" Note
        "nothing changed since the last delivered publish"
        "The body is byte for byte the one that the server accepted last."
        "Nothing to do."
    IssueUnmapped "issue-unmapped" Note
        "issues without a work package"
        "No mapping names these issues. They are published all the same."
        "Map them with `spec-kitty tracker map add` if they belong to a work package."
    SpecKittyHomeSet "spec-kitty-home-set" Note
        "SPEC_KITTY_HOME is set, and 2.1.0-3.0.0 ignore it for this"
        "Credentials and stores are read from ~/.spec-kitty up to 3.2.2; from 3.2.3 on from SPEC_KITTY_HOME, so the \
         versions see different files (reference A14, 2.2)."
        "Nothing to mend; `catseye --home DIR` looks at another home."
    SessionTokenUnused "session-token-unused" Note
        "the login's session token is not used"
        "[tokens] of `auth login` is in the credentials file, but publish never sends it (reference D2)."
        "Give a token with SAAS_AUTH_TOKEN if the server wants one."
    ProxyInUse "proxy-in-use" Note
        "the request goes through a proxy"
        "A proxy variable of the environment applies to this server. catseye goes direct to loopback addresses; \
         spec-kitty goes through the proxy there too, unless NO_PROXY names them (reference D5)."
        "Unset the variable, or name the host in NO_PROXY, to go direct."
    ServerHostNew "server-host-new" Note
        "first publish of this binding to this server"
        "The journal holds a delivered publish of this binding, to another server."
        "Compare the host with the one that you mean."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_at_the_place_of_their_name_and_names_are_unique() {
        for (index, row) in CATALOGUE.iter().enumerate() {
            assert_eq!(row.name as usize, index, "{}", row.text);
            assert_eq!(by_text(row.text), Some(row.name));
        }
    }
}
