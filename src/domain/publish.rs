//! What became of one publish: the four outcomes, the server's answer and where it broke (reference 49-51).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is known about the server's side after one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A complete 2xx came back, whatever its body.
    Delivered,
    /// Any other complete answer came back; a redirect is one, it is not followed.
    Refused,
    /// No byte of the body left this machine.
    NotSent,
    /// Bytes of the body left and no complete response head came back, or a 2xx whose announced body broke off.
    Unknown,
}

impl Outcome {
    /// Judges an attempt by its facts alone.
    pub fn of(body_bytes_sent: u64, answer: Option<&Answer>) -> Self {
        match answer {
            Some(answer) if !answer.is_success() => Self::Refused,
            Some(answer) if answer.broke_off => Self::Unknown,
            Some(_) => Self::Delivered,
            None if body_bytes_sent == 0 => Self::NotSent,
            None => Self::Unknown,
        }
    }

    /// Its name in JSON, journal and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }
}

/// The steps of an attempt, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Making the request, before anything leaves.
    Prepare,
    /// Looking up the host's addresses.
    Lookup,
    /// Opening the connection.
    Connect,
    /// TLS handshake, proxy tunnel and request head.
    Handshake,
    /// Sending the body.
    SendBody,
    /// Waiting for the response head.
    AwaitAnswer,
    /// Reading the response body.
    ReadAnswer,
}

impl Phase {
    /// What is being done, for a status line.
    pub fn doing(self) -> &'static str {
        match self {
            Self::Prepare => "preparing the request",
            Self::Lookup => "looking up the host",
            Self::Connect => "connecting",
            Self::Handshake => "opening the exchange",
            Self::SendBody => "sending",
            Self::AwaitAnswer => "awaiting the answer",
            Self::ReadAnswer => "reading the answer",
        }
    }
}

/// The server's answer. Everything in it but the status is text from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The registered phrase of the status code; empty when it has none.
    pub reason: &'static str,
    /// Headers in the order they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The first bytes of the body, at most [`Answer::MAX_BODY`].
    pub body: Vec<u8>,
    /// Whether the body goes on behind [`Answer::body`].
    pub truncated: bool,
    /// Whether the announced body ended too early.
    pub broke_off: bool,
    /// What is to be said about the body: "2xx but answer unreadable: broke off after 10 of 99 bytes".
    pub body_note: Option<String>,
}

impl Answer {
    /// How much of a response body is kept.
    pub const MAX_BODY: usize = 1 << 20;

    /// Whether the status is 2xx: httpx's `is_success`, spec-kitty's `ok`.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value; repeated ones joined with ", " as httpx does.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether spec-kitty would read the body as JSON: the content type holds `application/json`, spelt exactly so
    /// (reference 49).
    pub fn declares_json(&self) -> bool {
        self.header("content-type")
            .is_some_and(|value| value.contains("application/json"))
    }

    /// What to do about an answer that is not a success.
    pub fn advice(&self) -> Option<String> {
        let advice = match self.status {
            200..=299 => return None,
            300..=399 => return Some(self.redirect_advice()),
            401 | 403 => "the server does not accept the token: check which one is sent",
            404 => "there is no such address on the server: check the server URL",
            409 => {
                "the server has this key in progress or in conflict: wait, then look there before sending again"
            }
            413 => "the body is too large for the server",
            422 => "the server rejects the content, or knows the key with another body: read its answer",
            429 | 503 => return Some(self.wait_advice()),
            500.. => "the server failed and may have kept the snapshot: look there before sending again",
            _ => "read the server's answer, mend what it names, then publish again",
        };
        Some(advice.to_owned())
    }

    fn redirect_advice(&self) -> String {
        match self.header("location").as_deref().map(location_origin) {
            Some(Some(origin)) => {
                format!("redirected to {origin}, not followed: set the server URL to where it should go")
            }
            Some(None) => {
                "redirected on the same server, not followed: correct the path of the server URL".to_owned()
            }
            None => "a redirect without a Location, not followed: check the server URL".to_owned(),
        }
    }

    fn wait_advice(&self) -> String {
        match self.header("retry-after") {
            Some(when) => format!("the server asks to wait (Retry-After: {when}), then publish again"),
            None => "the server is busy: publish again later".to_owned(),
        }
    }
}

/// `scheme://host:port` of an absolute `Location` without user info, or `None` when it stays on the same server.
fn location_origin(location: &str) -> Option<String> {
    let (scheme, rest) = match location.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphanumeric()) => (Some(scheme), rest),
        _ => (None, location.strip_prefix("//")?),
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Some(scheme.map_or_else(|| format!("//{host}"), |scheme| format!("{scheme}://{host}")))
}

/// Where and why an attempt broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step that failed.
    pub phase: Phase,
    /// What happened, in words.
    pub message: String,
    /// What to do next.
    pub next: &'static str,
}

/// The report on one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What became of it.
    pub outcome: Outcome,
    /// The answer, when a complete response head came back.
    pub answer: Option<Answer>,
    /// What broke, when no complete answer came back.
    pub failure: Option<Failure>,
    /// Bytes of the body that were handed to the operating system.
    pub bytes_sent: u64,
    /// Bytes of the whole body.
    pub body_bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Time until the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// The proxy it went through, as `http://host:port`.
    pub proxy: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Answer {
            status,
            reason: "",
            headers: headers.iter().map(own).collect(),
            body: Vec::new(),
            truncated: false,
            broke_off: false,
            body_note: None,
        }
    }

    #[test]
    fn judges_by_bytes_sent_and_answer() {
        let broken = |status| Answer {
            broke_off: true,
            ..answer(status, &[])
        };
        assert_eq!(Outcome::of(9, Some(&answer(204, &[]))), Outcome::Delivered);
        assert_eq!(Outcome::of(0, Some(&answer(200, &[]))), Outcome::Delivered);
        assert_eq!(Outcome::of(9, Some(&broken(200))), Outcome::Unknown);
        assert_eq!(Outcome::of(9, Some(&broken(500))), Outcome::Refused);
        assert_eq!(Outcome::of(9, Some(&answer(302, &[]))), Outcome::Refused);
        assert_eq!(Outcome::of(1, None), Outcome::Unknown);
        assert_eq!(Outcome::of(0, None), Outcome::NotSent);
    }

    #[test]
    fn reads_json_by_the_letter_of_the_content_type() {
        let declares = |value| answer(200, &[("content-type", value)]).declares_json();
        assert!(declares("text/plain; x=application/json"));
        assert!(declares("application/json-seq"));
        assert!(!declares("Application/JSON"));
        assert!(!declares("application/problem+json"));
        let twice = [
            ("content-type", "text/plain"),
            ("content-type", "application/json"),
        ];
        assert!(answer(200, &twice).declares_json());
        assert_eq!(
            answer(200, &twice).header("Content-Type").as_deref(),
            Some("text/plain, application/json")
        );
    }

    #[test]
    fn names_where_a_redirect_leads_but_no_user_info() {
        let advice = |location| answer(301, &[("location", location)]).advice().unwrap();
        assert!(advice("https://u:p@other.example:8/x").contains("to https://other.example:8,"));
        assert!(advice("//other.example/x").contains("to //other.example,"));
        assert!(advice("/login?next=http://x").contains("same server"));
        assert!(answer(307, &[]).advice().unwrap().contains("without a Location"));
    }
}
