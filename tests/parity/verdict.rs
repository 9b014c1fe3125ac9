//! Whether what catseye did is what spec-kitty did.

use catseye::domain::exchange::compare;
use catseye::scene::Received;

use crate::world::Expected;

/// What one run of `catseye publish` showed.
pub struct Answer {
    pub received: Vec<Received>,
    pub code: Option<i32>,
    pub stderr: String,
    /// What it changed under project and home.
    pub changed: Vec<String>,
}

pub enum Verdict {
    Same,
    BothRefuse,
    /// spec-kitty sends, catseye refuses with these findings.
    OverRefused(Vec<&'static str>),
    Wrong(String),
}

/// The findings that forbid a publish whatever is allowed.
const BLOCKERS: [&str; 19] = [
    "project-not-found",
    "config-missing",
    "config-unreadable",
    "config-invalid",
    "tracker-section-missing",
    "provider-missing",
    "workspace-missing",
    "credentials-unreadable",
    "credentials-invalid",
    "store-unreadable",
    "store-invalid",
    "issue-row-invalid",
    "payload-not-encodable",
    "saas-sync-flag-off",
    "server-url-missing",
    "server-url-invalid",
    "token-not-encodable",
    "egress-refused",
    "store-busy",
];
const DELIVERED: i32 = 0;
/// No body can be built; a send blocker stands.
const REFUSED: [i32; 2] = [2, 3];
const NOT_SENT: i32 = 5;

pub fn judge(expected: &Expected, answer: &Answer) -> Verdict {
    let findings: Vec<&str> = BLOCKERS
        .into_iter()
        .filter(|name| words(&answer.stderr).any(|word| word == *name))
        .collect();
    let refused = answer.received.is_empty()
        && answer.code.is_some_and(|code| REFUSED.contains(&code))
        && !findings.is_empty();
    if !answer.changed.is_empty() {
        return Verdict::Wrong(format!("    changed the tree: {:?}", answer.changed));
    }
    match expected {
        Expected::Request(request) => match answer.received.as_slice() {
            [received] if answer.code == Some(DELIVERED) => {
                let differences = compare(&request.message(), &received.message());
                let words: Vec<_> = differences.iter().map(ToString::to_string).collect();
                match words.as_slice() {
                    [] => Verdict::Same,
                    words => Verdict::Wrong(differs("sends", &words.join("; "), answer)),
                }
            }
            [] if refused => Verdict::OverRefused(findings),
            received => Verdict::Wrong(differs("sends", &format!("{received:?}"), answer)),
        },
        Expected::Error(failure) => {
            let not_sent = answer.code == Some(NOT_SENT) && failure.class == "ConnectError";
            if refused || (not_sent && answer.received.is_empty()) {
                Verdict::BothRefuse
            } else {
                Verdict::Wrong(differs(
                    &format!("{}: {}", failure.class, failure.text),
                    &format!("{:?}", answer.received),
                    answer,
                ))
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_lowercase() && c != '-')
}

fn differs(spec_kitty: &str, catseye: &str, answer: &Answer) -> String {
    let stderr = answer.stderr.trim_end().replace('\n', "\n      ");
    format!(
        "    spec-kitty {spec_kitty}\n    catseye    {catseye}\n    exit code  {:?}\n      {stderr}",
        answer.code
    )
}

#[test]
fn forbids_what_the_contract_forbids() {
    use crate::world::Request;

    let request = |body: &str| Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: std::collections::BTreeMap::new(),
        body: body.to_owned(),
    };
    let received = |body: &&str| Received {
        request_line: "POST /".to_owned(),
        idempotency_key: Vec::new(),
        content_type: Vec::new(),
        authorization: Vec::new(),
        body_bytes: body.len() as u64,
        body_blake3: String::new(),
        body: body.as_bytes().to_vec(),
    };
    let answer = |bodies: &[&str], code, stderr: &str| Answer {
        received: bodies.iter().map(received).collect(),
        code: Some(code),
        stderr: stderr.to_owned(),
        changed: Vec::new(),
    };
    let sends = Expected::Request(request("{}"));
    let fails = Expected::Error(crate::world::Failure {
        class: "KeyError".to_owned(),
        text: "'ref'".to_owned(),
    });
    let named = "blocker: issue-row-invalid";
    assert!(matches!(judge(&sends, &answer(&["{}"], 0, "")), Verdict::Same));
    assert!(matches!(
        judge(&fails, &answer(&[], 2, named)),
        Verdict::BothRefuse
    ));
    assert!(matches!(
        judge(&sends, &answer(&[], 2, named)),
        Verdict::OverRefused(_)
    ));
    let touched = Answer {
        changed: vec!["created x-wal".to_owned()],
        ..answer(&["{}"], 0, "")
    };
    for (expected, answer) in [
        (&sends, answer(&["{ }"], 0, "")),
        (&sends, answer(&["{}", "{}"], 0, "")),
        (&sends, answer(&["{}"], 4, "")),
        (&sends, answer(&[], 2, "no reason")),
        (&fails, answer(&["{}"], 0, "")),
        (&fails, answer(&[], 0, named)),
        (&fails, answer(&[], 70, named)),
        (&sends, touched),
    ] {
        assert!(matches!(judge(expected, &answer), Verdict::Wrong(_)));
    }
}
