//! Values quoted for a POSIX shell.

use std::path::Path;

use super::safe::is_shown_as_it_is;

/// Quotes a value so that a shell passes it on unchanged. Plain words stay as they are; what could not be shown as it
/// is gets written as octal digits, which `printf` turns back.
pub fn quote(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_./:@=+-,%".contains(&b);
    // The shell would take line breaks off the end.
    if !is_shown_as_it_is(value) && !value.ends_with('\n') {
        return format!("\"$(printf '{}')\"", octal(value));
    }
    if !value.is_empty() && value.bytes().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// A path, quoted.
pub fn quote_path(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

/// The format that makes `printf` print a text.
fn octal(text: &str) -> String {
    let mut format = String::new();
    for c in text.chars() {
        match c {
            // It would be taken for an option.
            '-' if format.is_empty() => format += "\\055",
            '%' => format += "%%",
            '\\' => format += "\\\\",
            ' '..='~' if !matches!(c, '\'' | '"') => format.push(c),
            _ => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    format += &format!("\\{byte:03o}");
                }
            }
        }
    }
    format
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
        assert_eq!(quote("it's $HOME `x`"), "'it'\\''s $HOME `x`'");
        assert_eq!(
            quote("it's 5 %\n\u{202e}\\"),
            r#""$(printf 'it\047s 5 %%\012\342\200\256\\')""#
        );
        assert_eq!(quote("-n\tx"), r#""$(printf '\055n\011x')""#);
        assert_eq!(quote(""), "''");
        assert_eq!(option("--workspace", "-x y"), "'--workspace=-x y'");
        assert_eq!(
            option_from_variable("--credential", "api_token", "JIRA_API_TOKEN"),
            r#"--credential api_token="$JIRA_API_TOKEN""#
        );
    }
}
