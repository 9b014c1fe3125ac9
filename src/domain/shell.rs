//! Values quoted for a POSIX shell.

/// Quotes a value so that a shell passes it on unchanged. Plain words stay as they are.
pub fn quote(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@=+-,%".contains(&b);
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// An option with its value; a value that starts with a dash is joined so that it is not taken for an option.
pub fn option(name: &str, value: &str) -> String {
    if value.starts_with('-') {
        quote(&format!("{name}={value}"))
    } else {
        format!("{name} {}", quote(value))
    }
}

/// `--name key="$VARIABLE"`: the value comes from the environment of whoever runs the command.
pub fn option_from_variable(name: &str, key: &str, variable: &str) -> String {
    format!("{name} {}\"${variable}\"", quote(&format!("{key}=")))
}

/// What joins commands, each run when the one before went well.
pub const AND: &str = " && ";

/// The commands of a line that [`AND`] joins; one within a quoted value joins nothing.
pub fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut quoted_by) = (0, None);
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (quoted_by, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quoted_by = Some(c),
            (Some(quote), c) if quote == c => quoted_by = None,
            (None, ' ') if at >= begin && line[at..].starts_with(AND) => {
                parts.push(&line[begin..at]);
                begin = at + AND.len();
            }
            _ => {}
        }
    }
    parts.push(&line[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_sees_joins_commands() {
        let value = quote("it's \" && b");
        let line = format!("a {value} && c \"$D\" && e");
        assert_eq!(parts(&line), [&*format!("a {value}"), "c \"$D\"", "e"]);
        assert_eq!(parts("a"), ["a"]);
    }

    #[test]
    fn quotes_what_a_shell_would_touch() {
        assert_eq!(quote("acme.atlassian.net"), "acme.atlassian.net");
        assert_eq!(quote("it's $HOME\n`x`"), "'it'\\''s $HOME\n`x`'");
        assert_eq!(quote(""), "''");
        assert_eq!(option("--workspace", "-x y"), "'--workspace=-x y'");
        assert_eq!(
            option_from_variable("--credential", "api_token", "JIRA_API_TOKEN"),
            r#"--credential api_token="$JIRA_API_TOKEN""#
        );
    }
}
