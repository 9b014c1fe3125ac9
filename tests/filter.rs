//! The filter language: what it matches, what it says of wrong filters, and that no text makes it panic.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use catseye::domain::filter::{Filter, FilterError, Subject};
use catseye::domain::issue::{Issue, Reference};
use catseye::domain::window::{IssueFacts, IssueRow, RowKey, RowTrouble};
use proptest::prelude::*;

fn row() -> IssueRow {
    IssueRow {
        rowid: 1,
        key: RowKey::Integer(1),
        identity: "jira:w:10001".to_owned(),
        published: Ok(IssueFacts {
            issue: Issue {
                reference: Reference {
                    id: "10001".to_owned(),
                    key: Some("ACME-22".to_owned()),
                    workspace: "https://acme.test".to_owned(),
                    ..Reference::default()
                },
                title: "Refund path ignores \"locale\" in Straße".to_owned(),
                body: Some("see a/b".to_owned()),
                status: "todo",
                issue_type: "subtask",
                priority: Some(2),
                assignees: vec!["dana".to_owned(), "Lee Wu".to_owned()],
                labels: Vec::new(),
                updated_at: Some("2026-03-10T12:00:00+00:00".to_owned()),
                ..Issue::default()
            },
            ..IssueFacts::default()
        }),
        wp_ids: vec!["WP02".to_owned(), "WP07".to_owned()],
    }
}

fn matches(text: &str) -> bool {
    let filter = Filter::parse(text, Subject::Issues).unwrap();
    filter.is_none_or(|filter| filter.matches(&row()))
}

#[test]
fn terms_match_what_they_say() {
    for text in [
        "",
        "  ",
        "refund",
        "REFUND acme-22",
        "10001",
        "\"refund path\"",
        "~rfdpth",
        "straße",
        "/^refund/",
        "/acme-\\d+$/",
        "status:todo",
        "STATUS:Todo",
        "type:subtask",
        "priority:2",
        "priority:>1",
        "priority:<=2",
        "assignee:dana",
        "assignee:\"lee wu\"",
        "assignee:/^lee/",
        "label:null",
        "url:null",
        "wp:07",
        "wp:=WP02",
        "key:22",
        "key:=acme-22",
        "title:~rpl",
        "body:a/b",
        "body:/a\\/b/",
        "updated:>2026-03",
        "updated:2026-03",
        "!done",
        "!status:done",
        "!label:x",
        "title:\"\\\"locale\\\"\"",
        "workspace:acme !key:null",
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        "payout",
        "refund payout",
        "!refund",
        "type:task",
        "status:done",
        "assignee:dan",
        "label:x",
        "key:=ACME-2",
        "key:null",
        "priority:null",
        "priority:>2",
        "/^path/",
        "~pathref",
        "wp:WP03",
        "updated:<2026",
        "id:jira",
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn a_row_that_cannot_be_published_is_found_by_its_identity() {
    let bad = IssueRow {
        published: Err(RowTrouble {
            json_path: String::new(),
            reason: String::new(),
        }),
        ..row()
    };
    let matches = |text| {
        Filter::parse(text, Subject::Issues)
            .unwrap()
            .unwrap()
            .matches(&bad)
    };
    assert!(matches("jira") && matches("\"w:10001\"") && matches("title:null"));
    assert!(!matches("refund") && !matches("status:todo"));
}

#[test]
fn wrong_filters_explain_themselves() {
    let error = |text| Filter::parse(text, Subject::Issues).unwrap_err().to_string();
    for (text, says) in [
        ("staus:todo", "no field staus; there are key id title status"),
        (
            "status:open",
            "status is never open; it is one of todo in_progress",
        ),
        ("priority:high", "priority is never high"),
        ("system:jira", "no field system"),
        ("!", "nothing behind !"),
        ("key:", "nothing behind key:"),
        ("key:=", "nothing behind ="),
        ("\"open", "a \" is not closed"),
        ("/open", "is not closed by /"),
        ("/(/", "/(/: unclosed group"),
        ("title:/[/", "/[/: unclosed character class"),
    ] {
        assert!(error(text).contains(says), "{text}: {}", error(text));
    }
    let huge = "/(a{1000}){1000}/";
    assert!(matches!(
        Filter::parse(huge, Subject::Issues),
        Err(FilterError::Expression { .. })
    ));
    assert!(Filter::parse("system:jira wp:1", Subject::Mappings).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_filter_or_an_error_that_says_something(text in ".{0,40}") {
        match Filter::parse(&text, Subject::Issues) {
            Ok(Some(filter)) => { filter.matches(&row()); prop_assert_eq!(filter.text(), text.trim()); }
            Ok(None) => prop_assert!(text.trim().is_empty()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn odd_signs_in_any_order_never_panic(text in r#"[ !~:/="<>\\a-z支0-9(\[]{0,24}"#) {
        if let Ok(Some(filter)) = Filter::parse(&text, Subject::Issues) {
            filter.matches(&row());
        }
    }

    #[test]
    fn a_quoted_text_is_found_where_it_stands(title in ".{1,30}", from in 0_usize..30, length in 1_usize..10) {
        let part: String = title.chars().skip(from % title.chars().count()).take(length).collect();
        let quoted = format!("\"{}\"", part.replace('"', "\\\""));
        let mut issue = row();
        if let Ok(facts) = &mut issue.published {
            facts.issue.title = title;
        }
        // A backslash before the closing quote would escape it, and there is no other escape.
        prop_assume!(!part.contains('\\'));
        let filter = Filter::parse(&format!("title:{quoted}"), Subject::Issues).unwrap().unwrap();
        prop_assert!(filter.matches(&issue));
        let not = Filter::parse(&format!("!title:{quoted}"), Subject::Issues).unwrap().unwrap();
        prop_assert!(!not.matches(&issue));
    }

    #[test]
    fn terms_are_joined_by_and(first in "[a-z]{1,4}", second in "[a-z]{1,4}") {
        let both = format!("{first} {second}");
        prop_assert_eq!(matches(&both), matches(&first) && matches(&second));
        prop_assert_eq!(matches(&format!("!{first}")), !matches(&first));
    }
}
