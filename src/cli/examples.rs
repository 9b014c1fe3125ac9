//! The examples of `--help` and of the man page. `tests/cli/help.rs` runs each of them.

/// Makes the text of a command's examples out of commands and what they do.
macro_rules! examples {
    ($($(#[doc = $doc:literal])+ $name:ident: $($command:literal $does:literal)+;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = concat!("Examples:", $("\n  ", $command, "\n      ", $does),+);)+
    };
}

examples! {
    /// Of `demo`.
    DEMO:
        "catseye demo" "the scene spelling: Jira and jira"
        "catseye demo --scene login-wiped" "a login took the credentials away";
    /// Of `check`.
    CHECK:
        "catseye check" "verdict, findings, and the next step as the last line"
        "catseye check --strict --scene healthy-jira" "for scripts: 0 when nothing at all stands against sending"
        "catseye check --json | jq -r .verdict" "one word for a script"
        "catseye check --scene spelling --set binding.provider=jira" "what the edit would give, before it is made";
    /// Of `why`.
    WHY:
        "catseye why external_resource_id" "file, line and rule behind the id"
        "catseye why --scene healthy-jira 'issues[0].status'" "the same for a value of a row";
    /// Of `explain`.
    EXPLAIN:
        "catseye explain" "all findings"
        "catseye explain provider-spelling-mismatch" "one, with how to mend and prevent it";
    /// Of `payload`.
    PAYLOAD:
        "catseye payload | wc -c" "how large the body is"
        "catseye payload --pretty | less" "to read it"
        "catseye payload | jq '.issues | length'" "to ask it something";
    /// Of `issues`.
    ISSUES:
        "catseye issues" "a line each, with what spec-kitty changes silently"
        "catseye issues --json | jq -c 'select(.coerced != [])'" "only those that it changes";
    /// Of `mappings`.
    MAPPINGS:
        "catseye mappings" "work packages and their issues"
        "catseye mappings --json | jq -r 'select(.issue == null) | .wp_id'" "those without an issue";
    /// Of `publish`.
    PUBLISH:
        "catseye publish --yes --scene healthy-jira" "to a receiver on loopback"
        "catseye publish --yes --allow store-missing,null-route" "accepts what is known to be so";
    /// Of `curl`.
    CURL:
        "catseye curl" "to read and change before it runs";
    /// Of `diff`.
    DIFF:
        "catseye diff" "fields and rows"
        "catseye diff --json | jq -r 'select(.kind == \"row\") | .name'" "the rows alone";
    /// Of `journal`.
    JOURNAL:
        "catseye journal" "every attempt with its outcome"
        "catseye journal --json | jq -r 'select(.outcome == \"unknown\") | .id'" "what publish --resend takes";
    /// Of `prove`.
    PROVE:
        "catseye prove" "with the spec-kitty on PATH"
        "catseye prove --python ~/venv/bin/python --scene healthy-jira" "with another one, on a scene";
    /// Of `report`.
    REPORT:
        "catseye report" "a new file, whose name is printed"
        "catseye report --output - | less" "to read it first";
    /// Of `frame`.
    FRAME:
        "catseye frame --scene spelling" "the first screen"
        "catseye frame --scene healthy-jira --size 100x30 --keys '5 l j'" "the payload, a fold open";
    /// Of `keys`.
    KEYS:
        "catseye keys" "the table that the inspector dispatches by";
    /// Of `config`.
    CONFIG:
        "catseye config > config.yaml" "to be put into ~/.config/catseye"
        "catseye config | grep -A3 theme" "the themes";
    /// Of `paths`.
    PATHS:
        "catseye paths" "every file and store with what it holds";
    /// Of `completions`.
    COMPLETIONS:
        "catseye completions bash > catseye.bash" "to be sourced by ~/.bashrc"
        "catseye completions zsh > _catseye" "to be put into a folder of $fpath"
        "catseye completions fish > catseye.fish" "to be put into ~/.config/fish/completions";
    /// Of `man`.
    MAN:
        "catseye man > catseye.1" "to be put into a folder man1 of $MANPATH";
}
