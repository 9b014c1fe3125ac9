//! What `diff` tells of two bodies, against edits that are known.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeMap;

use catseye::domain::changes::{ChangeKind, Changes};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Issues by id: status and labels.
type Issues = BTreeMap<u8, (String, Vec<String>)>;

fn body(issues: &Issues, cursor: Option<&str>) -> Vec<u8> {
    let issue = |(id, (status, labels)): (&u8, &(String, Vec<String>))| {
        let reference = json!({"system": "jira", "workspace": "w", "id": id.to_string(), "key": format!("A-{id}"), "url": null});
        json!({"ref": reference, "status": status, "labels": labels})
    };
    let issues: Vec<Value> = issues.iter().map(issue).collect();
    let body = json!({
        "provider": "jira", "workspace": "w", "external_resource_type": null, "external_resource_id": null,
        "doctrine_mode": "m", "doctrine_field_owners": {}, "project_uuid": null, "project_slug": null,
        "issues": issues, "mappings": [], "checkpoint": {"cursor": cursor, "updated_since": null},
    });
    serde_json::to_vec(&body).unwrap()
}

fn issues() -> impl Strategy<Value = Issues> {
    let label = prop::collection::vec("[a-c]{0,2}", 0..3);
    prop::collection::btree_map(0_u8..30, ("(todo|done|blocked)", label), 0..20)
}

proptest! {
    #[test]
    fn tells_exactly_what_differs(old in issues(), new in issues(), moved in any::<bool>()) {
        let cursor = moved.then_some("100");
        let changes = Changes::between(&body(&old, None), &body(&new, cursor)).unwrap();
        prop_assert_eq!(changes.head.len(), usize::from(moved));
        let told: BTreeMap<&str, &ChangeKind> =
            changes.issues.iter().map(|row| (row.name.as_str(), &row.kind)).collect();
        prop_assert_eq!(told.len(), changes.issues.len(), "each issue is told once");
        for id in 0_u8..30 {
            let name = format!("A-{id}");
            let kind = told.get(name.as_str());
            match (old.get(&id), new.get(&id)) {
                (None, Some(_)) => prop_assert_eq!(kind, Some(&&ChangeKind::Added)),
                (Some(_), None) => prop_assert_eq!(kind, Some(&&ChangeKind::Removed)),
                (Some(old), Some(new)) if old != new => {
                    let Some(ChangeKind::Changed(fields)) = kind else {
                        return Err(TestCaseError::fail(format!("{name} is not told")));
                    };
                    let count = usize::from(old.0 != new.0) + usize::from(old.1 != new.1);
                    prop_assert_eq!(fields.len(), count);
                }
                _ => prop_assert_eq!(kind, None),
            }
        }
        prop_assert_eq!(changes == Changes::default(), old == new && !moved);
    }
}
