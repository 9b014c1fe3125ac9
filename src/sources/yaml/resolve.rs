//! Which type a plain scalar without a tag has: ruamel.yaml's implicit resolvers (reference 7, 8).
//!
//! ruamel.yaml tries the types in a fixed order, each only for certain first characters, so `_5` is text although
//! the expression for integers would match it.

/// What the `%YAML` directive selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// `yes` is a boolean, `017` octal, `1:30` ninety.
    V1_1,
    /// The default.
    V1_2,
}

/// The tags that plain text can resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Implicit {
    Bool,
    Float,
    Int,
    Merge,
    Null,
    Timestamp,
    Value,
    Str,
}

/// Resolves plain text.
pub(super) fn resolve(text: &str, version: Version) -> Implicit {
    let numeric = text.starts_with(|c: char| matches!(c, '0'..='9' | '+' | '-'));
    if is_bool(text, version) {
        Implicit::Bool
    } else if (numeric || text.starts_with('.')) && is_float(text, version) {
        Implicit::Float
    } else if numeric && is_int(text, version) {
        Implicit::Int
    } else if text == "<<" {
        Implicit::Merge
    } else if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        Implicit::Null
    } else if is_timestamp(text) {
        Implicit::Timestamp
    } else if text == "=" {
        Implicit::Value
    } else {
        Implicit::Str
    }
}

fn is_bool(text: &str, version: Version) -> bool {
    match text {
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => true,
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off"
        | "Off" | "OFF" => version == Version::V1_1,
        _ => false,
    }
}

fn is_float(text: &str, version: Version) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if let Some(fraction) = unsigned.strip_prefix('.') {
        let signed = unsigned.len() != text.len();
        return is_bare_fraction(fraction) && !(signed && version == Version::V1_1);
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let rest = skip_digits(unsigned);
    match rest.strip_prefix('.') {
        Some(fraction) => is_exponent_or_nothing(skip_digits(fraction)),
        None if rest.starts_with(['e', 'E']) => is_exponent_or_nothing(rest),
        None => {
            let tail = after_sixties(rest);
            version == Version::V1_1
                && tail.len() != rest.len()
                && tail.strip_prefix('.').is_some_and(|t| skip_digits(t).is_empty())
        }
    }
}

/// What follows the point of `.5`: here an exponent must have a sign.
fn is_bare_fraction(fraction: &str) -> bool {
    let rest = skip_digits(fraction);
    rest.len() != fraction.len()
        && (rest.is_empty()
            || rest
                .strip_prefix(['e', 'E'])
                .and_then(|exponent| exponent.strip_prefix(['+', '-']))
                .is_some_and(is_digits))
}

fn is_exponent_or_nothing(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(['e', 'E'])
            .map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
            .is_some_and(is_digits)
}

fn is_int(text: &str, version: Version) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = |prefix: &str, digit: fn(char) -> bool| {
        unsigned
            .strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c == '_' || digit(c)))
    };
    let octal = |c: char| matches!(c, '0'..='7');
    if radix("0b", |c| matches!(c, '0' | '1')) || radix("0x", |c| c.is_ascii_hexdigit()) {
        return true;
    }
    match version {
        Version::V1_2 => radix("0o", octal) || (!unsigned.is_empty() && skip_digits(unsigned).is_empty()),
        Version::V1_1 => {
            let decimal = unsigned.starts_with(|c: char| matches!(c, '1'..='9'));
            let rest = skip_digits(unsigned);
            radix("", octal)
                || (decimal && rest.is_empty())
                || (decimal && !rest.is_empty() && after_sixties(rest).is_empty())
        }
    }
}

/// What remains behind `:59` groups.
fn after_sixties(mut text: &str) -> &str {
    while let Some(group) = text.strip_prefix(':') {
        let bytes = group.as_bytes();
        let length = match (bytes.first(), bytes.get(1)) {
            (Some(b'0'..=b'5'), Some(b'0'..=b'9')) => 2,
            (Some(b'0'..=b'9'), _) => 1,
            _ => break,
        };
        text = &group[length..];
    }
    text
}

/// `dddd-dd-dd`, or a date with a time.
fn is_timestamp(text: &str) -> bool {
    super::timestamp::split(text).is_some_and(|parts| parts.time.is_some() || text.len() == 10)
}

/// Skips digits and underscores.
fn skip_digits(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Implicit {
        resolve(text, Version::V1_2)
    }

    #[test]
    fn follows_the_quirks_of_the_expressions() {
        for text in [
            "1.", "1.e3", "1_0.5", "._5", ".5e+3", "1_e3", "-.INF", ".NaN", "5e03",
        ] {
            assert_eq!(resolved(text), Implicit::Float, "{text}");
        }
        for text in ["+_", "-_1", "0x_1", "0o17", "0123", "1__", "0b1"] {
            assert_eq!(resolved(text), Implicit::Int, "{text}");
        }
        for text in ["2001-12-14", "2001-1-1 1:00:00", "2001-12-14t1:00:00. Z"] {
            assert_eq!(resolved(text), Implicit::Timestamp, "{text}");
        }
        for text in [
            "_5", ".5e3", "0o8", "0xG", "-.nan", "1e_3", "2001-1-1", "12:30:45", "yes", "0.1.2", ".", "+",
        ] {
            assert_eq!(resolved(text), Implicit::Str, "{text}");
        }
        assert_eq!(resolved(""), Implicit::Null);
    }

    #[test]
    fn the_older_version_knows_sixties_and_octals() {
        let resolved = |text| resolve(text, Version::V1_1);
        for text in ["017", "1:30", "-1:30", "1_0:3", "0_7"] {
            assert_eq!(resolved(text), Implicit::Int, "{text}");
        }
        for text in ["1:30.5", ".5"] {
            assert_eq!(resolved(text), Implicit::Float, "{text}");
        }
        for text in ["0o17", "09", "-.5", "1:75", "0:30"] {
            assert_eq!(resolved(text), Implicit::Str, "{text}");
        }
        assert_eq!(resolved("off"), Implicit::Bool);
    }
}
