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

#[cfg(test)]
mod tests {
    use super::*;

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
