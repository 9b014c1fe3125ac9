//! Two requests side by side: the same, or the first thing that differs and where in the payload.

use std::fmt;

use super::secret::Secret;

/// A request as far as it counts.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Method and target.
    pub request_line: String,
    /// Every `Content-Type`.
    pub content_type: Vec<String>,
    /// Every `Idempotency-Key`.
    pub idempotency_key: Vec<String>,
    /// Every `Authorization`.
    pub authorization: Vec<Secret>,
    /// The body.
    pub body: &'a [u8],
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The request line or a header, as told for both; a token is never told.
    Head {
        /// What.
        what: &'static str,
        /// How spec-kitty sends it.
        theirs: String,
        /// How catseye sends it.
        ours: String,
    },
    /// The body.
    Body {
        /// The first byte that differs.
        offset: usize,
        /// Where in the payload that is, as `issues[3].status`.
        path: String,
        /// What spec-kitty has there.
        theirs: String,
        /// What catseye has there.
        ours: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head { what, theirs, ours } => {
                write!(f, "{what}: spec-kitty sends {theirs}, catseye {ours}")
            }
            Self::Body {
                offset,
                path,
                theirs,
                ours,
            } => write!(
                f,
                "body: byte {offset}, at {path}: spec-kitty sends {theirs}, catseye {ours}"
            ),
        }
    }
}

/// Bytes shown around the first one that differs.
const SHOWN: usize = 40;

/// What differs, the head before the body; nothing when both are the same request.
pub fn compare(theirs: &Message<'_>, ours: &Message<'_>) -> Vec<Difference> {
    let joined = |values: &[String]| match values {
        [] => "none".to_owned(),
        values => values.join(", "),
    };
    let mut differences = Vec::new();
    let mut head = |what, theirs: String, ours: String| {
        if theirs != ours {
            differences.push(Difference::Head { what, theirs, ours });
        }
    };
    head(
        "request line",
        theirs.request_line.clone(),
        ours.request_line.clone(),
    );
    head(
        "Content-Type",
        joined(&theirs.content_type),
        joined(&ours.content_type),
    );
    head(
        "Idempotency-Key",
        joined(&theirs.idempotency_key),
        joined(&ours.idempotency_key),
    );
    if theirs.authorization != ours.authorization {
        let told = |values: &[Secret]| match values {
            [] => "none".to_owned(),
            _ => "another token".to_owned(),
        };
        let (theirs, ours) = (told(&theirs.authorization), told(&ours.authorization));
        differences.push(Difference::Head {
            what: "Authorization",
            theirs,
            ours,
        });
    }
    differences.extend(body_difference(theirs.body, ours.body));
    differences
}

fn body_difference(theirs: &[u8], ours: &[u8]) -> Option<Difference> {
    let same = theirs.iter().zip(ours).take_while(|(a, b)| a == b).count();
    if same == theirs.len() && same == ours.len() {
        return None;
    }
    let shown = |body: &[u8]| {
        let from = same.saturating_sub(SHOWN / 2);
        let until = (same + SHOWN / 2).min(body.len());
        match body.get(from..until) {
            Some(bytes) if same < body.len() => format!("…{}…", String::from_utf8_lossy(bytes)),
            _ => "the end".to_owned(),
        }
    };
    Some(Difference::Body {
        offset: same,
        path: json_path(&theirs[..same]),
        theirs: shown(theirs),
        ours: shown(ours),
    })
}

/// The path of the place behind a prefix of compact JSON: `issues[3].status`; the root is `the payload`.
fn json_path(prefix: &[u8]) -> String {
    let mut path = Path::default();
    let mut bytes = prefix.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => path.text(&mut bytes),
            b'{' => path.open.push(Container::Object(String::new())),
            b'[' => path.open.push(Container::List(0)),
            b'}' | b']' => {
                path.open.pop();
            }
            b':' => path.value(),
            b',' => path.next(),
            _ => {}
        }
    }
    path.shown()
}

#[derive(Default)]
struct Path {
    open: Vec<Container>,
    /// The text that ended last: a key, when a colon follows.
    last_text: String,
}

enum Container {
    Object(String),
    List(usize),
}

impl Path {
    fn text(&mut self, bytes: &mut impl Iterator<Item = u8>) {
        let mut text = Vec::new();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => break,
                b'\\' => text.extend(bytes.next()),
                byte => text.push(byte),
            }
        }
        self.last_text = String::from_utf8_lossy(&text).into_owned();
    }

    fn value(&mut self) {
        if let Some(Container::Object(key)) = self.open.last_mut() {
            *key = std::mem::take(&mut self.last_text);
        }
    }

    fn next(&mut self) {
        match self.open.last_mut() {
            Some(Container::List(index)) => *index += 1,
            Some(Container::Object(key)) => key.clear(),
            None => {}
        }
    }

    fn shown(&self) -> String {
        let mut shown = String::new();
        for container in &self.open {
            match container {
                Container::List(index) => shown += &format!("[{index}]"),
                Container::Object(key) if key.is_empty() => {}
                Container::Object(key) if shown.is_empty() => shown.push_str(key),
                Container::Object(key) => shown += &format!(".{key}"),
            }
        }
        if shown.is_empty() {
            "the payload".to_owned()
        } else {
            shown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message<'_> {
        Message {
            request_line: "POST /x".into(),
            content_type: vec!["application/json".into()],
            idempotency_key: vec!["k".into()],
            authorization: vec![Secret::new("t".into())],
            body: body.as_bytes(),
        }
    }

    #[test]
    fn points_at_the_first_difference() {
        let theirs = r#"{"provider":"jira","issues":[{"ref":{"id":"1"},"labels":["a","b,[{"]},{"status":"todo"}],"mappings":[]}"#;
        for (old, new, path) in [
            ("jira", "jirb", "provider"),
            (r#""1""#, r#""2""#, "issues[0].ref.id"),
            (r#""b,[{""#, r#""b,[""#, "issues[0].labels[1]"),
            ("todo", "done", "issues[1].status"),
            (r#""mappings":[]"#, r#""mappings":[{}]"#, "mappings[0]"),
        ] {
            let ours = theirs.replace(old, new);
            let differences = compare(&message(theirs), &message(&ours));
            let [Difference::Body { path: found, .. }] = differences.as_slice() else {
                panic!("{differences:?}");
            };
            assert_eq!(found, path);
        }
        assert_eq!(compare(&message(theirs), &message(theirs)), []);
    }

    #[test]
    fn never_tells_a_token() {
        let mut other = message("{}");
        other.authorization = vec![Secret::new("hunter2".into())];
        let told = format!("{:?}", compare(&message("{}"), &other));
        assert!(
            told.contains("Authorization") && !told.contains("hunter2"),
            "{told}"
        );
    }
}
