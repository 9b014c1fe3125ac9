//! What `catseye config` prints: the settings as they are by default, each with what it does.

use super::keymap::{BINDINGS, Binding, name};

const HEAD: &str = "\
# catseye's settings: $XDG_CONFIG_HOME/catseye/config.yaml, or any file by --config FILE.
# This is how everything is set by default. What is wrong here is told with its line, and the default holds.

# default, dark, light or mono. All use the terminal's own 16 colours; NO_COLOR makes each of them mono.
theme: default

# Glyphs and borders in ASCII, as with --ascii.
ascii: false

# Keep the bytes of unknown attempts and of the last delivered publish, for sending again and for `catseye diff`.
keep_snapshots: true

# Other keys for an action: one, or a list of which the first is shown in the footer. They are written as vim writes
# them: j P <enter> <esc> <tab> <c-d> <lt> <space>. Exactly one key sends. `catseye keys` prints what is in force.
keys:
";

/// The settings as they are by default; loading them changes nothing, nor does taking the marks off the keys.
pub fn default_text() -> String {
    let mut text = HEAD.to_owned();
    for row in BINDINGS {
        text += &format!("#  {}: [{}]  # {}\n", name(row.action), keys(row), row.help);
    }
    text
}

fn keys(row: &Binding) -> String {
    let quoted = row.keys.iter().map(|key| format!("'{}'", key.written()));
    quoted.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_action_with_its_keys() {
        let text = default_text();
        for row in BINDINGS {
            assert!(text.contains(&format!("#  {}: ['", name(row.action))));
        }
        assert!(text.contains("#  send: ['P']  #") && text.contains("'<c-d>'"));
    }
}
