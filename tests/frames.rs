//! Frames of the inspector, made by the built binary and held by snapshots: each section, the plan, the outcome, help.
// The snapshots have paths as they are written there.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::process::Command;

/// A frame with what changes from run to run replaced by text of the same width.
fn frame(scene: &str, size: &str, keys: &str) -> String {
    // Always as long as the path that is replaced by it.
    let temp = tempfile::Builder::new()
        .prefix("f")
        .rand_bytes(6)
        .tempdir_in("/tmp")
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
        .args(["frame", "--scene", scene, "--size", size, "--keys", keys])
        .env_clear()
        .env("TMPDIR", temp.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    settle(&String::from_utf8(output.stdout).unwrap())
}

/// Ports, random names and durations as stand-ins.
fn settle(frame: &str) -> String {
    let mut settled = stand_in(frame, "127.0.0.1:", 5, |c| c.is_ascii_digit(), "PORT5");
    settled = stand_in(
        &settled,
        "catseye-scene-",
        6,
        |c| c.is_ascii_alphanumeric(),
        "RANDOM",
    );
    settled = stand_in(&settled, "/tmp/f", 6, |c| c.is_ascii_alphanumeric(), "RANDOM");
    let lines = settled.lines().map(|line| {
        if line.contains("║time ") {
            "║time         (varies)"
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Replaces what varies behind a text, also where a line cut it short.
fn stand_in(text: &str, before: &str, length: usize, is_part: fn(char) -> bool, instead: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let varying = part.chars().take(length).take_while(|c| is_part(*c)).count();
        out += before;
        out += &instead[..varying];
        out += &part[varying..];
    }
    out
}

#[test]
fn sections_of_a_project_that_is_healthy_null_or_broken() {
    for (name, scene) in [
        ("healthy", "healthy-jira"),
        ("null", "login-wiped"),
        ("broken", "newer-project"),
    ] {
        for size in ["120x36", "80x24"] {
            for section in 1..=7 {
                let name = format!("{name}-{section}-{size}");
                insta::assert_snapshot!(name, frame(scene, size, &section.to_string()));
            }
        }
    }
}

#[test]
fn null_routes_with_their_cause() {
    for size in ["120x36", "80x24"] {
        for scene in [
            "spelling",
            "login-wiped",
            "key-missing",
            "unsupported-provider",
            "store-moved",
            "newer-project",
            "healthy-linear",
        ] {
            insta::assert_snapshot!(format!("{scene}-{size}"), frame(scene, size, ""));
        }
    }
}

/// The rows that are odd in `spelling` show once the spelling is mended.
#[test]
fn values_that_change_and_text_that_hides() {
    let scene = catseye::scene::Scene::enter("spelling").unwrap();
    let config = scene.sandbox.project().join(".kittify/config.yaml");
    let mended = std::fs::read_to_string(&config).unwrap().replace("Jira", "jira");
    std::fs::write(&config, mended).unwrap();
    let (project, home) = (scene.sandbox.project(), scene.sandbox.home());
    let folders = [
        "--project",
        project.to_str().unwrap(),
        "--home",
        home.to_str().unwrap(),
    ];
    for (name, keys) in [
        ("odd-findings", ""),
        ("odd-coerced", "2j<enter>"),
        ("odd-hostile", "2G<enter>"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_catseye"))
            .args(["frame", "--size", "120x36", "--keys", keys])
            .args(folders)
            .env_clear()
            .env("HOME", home.parent().unwrap())
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
            .env("SAAS_API_URL", "https://h.example")
            .env("SAAS_AUTH_TOKEN", "t")
            .output()
            .unwrap();
        insta::assert_snapshot!(name, settle(&String::from_utf8(output.stdout).unwrap()));
    }
}

#[test]
fn plan_consent_and_outcome() {
    for (name, scene, keys) in [
        ("plan", "healthy-jira", "p"),
        ("plan-consent", "spelling", "pa"),
        ("outcome", "healthy-jira", "pP"),
        ("refused-without-consent", "spelling", "pP"),
        ("help", "spelling", "?"),
        ("copy-menu", "healthy-jira", "2y"),
        ("search", "healthy-jira", "2/refund<enter>"),
        ("issue-detail", "healthy-jira", "2jjj<enter>"),
        ("payload-unfolded", "healthy-jira", "5jjjjjjjjl"),
        ("events", "healthy-jira", "E"),
        ("diff-before-any-publish", "healthy-jira", "d"),
        ("to-origin", "healthy-jira", "5jjjt"),
        ("to-fed", "healthy-jira", "6jjT"),
        ("issue-to-payload", "healthy-jira", "2jjT"),
        ("value", "healthy-jira", "5:issues[3].title<enter>b"),
        ("levels", "healthy-jira", "5L"),
        ("null-plan", "login-wiped", "p"),
        ("no-plan", "newer-project", "p"),
    ] {
        for size in ["120x36", "80x24"] {
            insta::assert_snapshot!(format!("{name}-{size}"), frame(scene, size, keys));
        }
    }
}

/// `T` on each line of a source tells what that line feeds, and `t` comes back to the line.
#[test]
fn each_line_of_a_source_tells_what_it_feeds() {
    for (keys, told) in [
        ("6j<enter>T", "project.uuid feeds project_uuid"),
        (
            "6j<enter>jjT",
            "tracker.provider feeds provider, external_resource_type,",
        ),
        (
            "6j<enter>jjjjjkkkT",
            "tracker.provider feeds provider, external_resource_type,",
        ),
        (
            "6j<enter>GT",
            "tracker.doctrine.field_owners.status feeds doctrine_field_owners.status,",
        ),
        ("6jj<enter>jjjjT", "feeds no field of the payload"),
        (
            "6jj<enter>GT",
            "tracker.providers.jira.project_key feeds external_resource_type,",
        ),
        (
            "6jjj<enter>T",
            "store feeds issues, mappings, checkpoint, checkpoint.cursor,",
        ),
        ("6G<enter>jT", "$SAAS_API_URL feeds endpoint"),
        ("6G<enter>jjT", "$SAAS_AUTH_TOKEN feeds authorization"),
        ("5jtT", "tracker.workspace feeds workspace, scope"),
    ] {
        let frame = frame("healthy-jira", "120x36", keys);
        assert!(frame.contains(told), "{keys}: {told}\n{frame}");
    }
}

#[test]
fn filters_orders_and_places_to_go_to() {
    for size in ["120x36", "80x24"] {
        for (name, keys) in [
            ("palette", "2:"),
            ("palette-fuzzy", "2:cpk"),
            ("palette-row", "2:9"),
            ("palette-wrong", "2:101%<enter>"),
            ("row", "2:9<enter>"),
            ("filter-typed", "2f"),
            ("filter-wrong", "2fstatus:open"),
            ("filter", "2fstatus:done<enter>"),
            ("filter-nothing", "2fnowhere<enter>"),
            ("filter-mappings", "3fwp:3<enter>"),
            ("sort-menu", "2sjs"),
            ("sort", "2sjs<enter>"),
            ("payload-path", "5:issues[3].title<enter>"),
            ("payload-byte", "5:@2000<enter>"),
        ] {
            insta::assert_snapshot!(format!("{name}-{size}"), frame("healthy-jira", size, keys));
        }
    }
}

#[test]
fn what_if_beside_what_is_real() {
    for size in ["120x36", "80x24"] {
        for (name, keys) in [
            ("what-if", "w"),
            ("what-if-resolved", "w<enter><c-u>jira<enter>"),
            ("what-if-unset", "w<enter><c-u>jira<enter>Gkkx"),
            ("what-if-refused", "wG<enter>project_key<enter>"),
        ] {
            insta::assert_snapshot!(format!("{name}-{size}"), frame("spelling", size, keys));
        }
    }
    let typing = frame("spelling", "80x24", "wG<enter>api_token=hunter2");
    assert!(typing.contains("credentials.api_token=•••••••") && !typing.contains("hunter2"));
    for keys in ["w<enter><c-u>jira<enter>pP", "w<enter><c-u>jira<enter>P"] {
        let frame = frame("spelling", "100x30", keys);
        assert!(
            frame.contains("WHAT-IF") && frame.contains("cannot be published"),
            "{frame}"
        );
    }
}

#[test]
fn a_terminal_that_is_too_small_is_told_so() {
    assert!(frame("spelling", "39x9", "").contains("too small"));
    assert_eq!(frame("spelling", "0x0", ""), "");
}

#[test]
fn only_the_capital_p_on_an_accepted_plan_sends() {
    assert!(frame("healthy-jira", "100x30", "pP").contains("DELIVERED"));
    for keys in ["P", "p<enter>", "p<space>", "pp", "py", "p<esc>P"] {
        assert!(
            !frame("healthy-jira", "100x30", keys).contains("DELIVERED"),
            "{keys}"
        );
    }
    assert!(!frame("spelling", "100x30", "pP").contains("DELIVERED"));
    assert!(!frame("spelling", "100x30", "paP").contains("DELIVERED"));
    assert!(frame("spelling", "100x30", "pajaP").contains("DELIVERED"));
}

/// Whoever opens a scene on a small screen sees what to do without a key.
#[test]
fn the_fix_of_each_scene_is_on_the_first_screen() {
    for scene in [
        "spelling",
        "login-wiped",
        "key-missing",
        "store-moved",
        "newer-project",
        "unsupported-provider",
    ] {
        let frame = frame(scene, "80x24", "");
        assert!(frame.contains("fix 1  "), "{scene}: {frame}");
    }
}
