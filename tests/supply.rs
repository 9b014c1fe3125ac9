//! What goes along with a release: third-party notices, and the packaged files.
// Elsewhere cargo lists paths in another spelling.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeSet;
use std::process::Command;

type Crates = BTreeSet<(String, String)>;

fn cargo(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(words)
        .args(["--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Names and versions of a table of the notices.
fn table(notices: &str, title: &str) -> Crates {
    let section = notices.split(&format!("## {title}\n")).nth(1).unwrap();
    let rows = section.lines().skip(3).map_while(|line| line.strip_prefix("| "));
    let row = |row: &str| {
        let mut cells = row.split(" | ").map(str::to_owned);
        let (name, version, licence) = (cells.next(), cells.next(), cells.next());
        assert!(licence.is_some_and(|licence| licence.len() > 4), "{row}");
        (name.unwrap(), version.unwrap())
    };
    rows.map(row).collect()
}

/// Everything in the lock file but catseye itself.
fn locked() -> Crates {
    let lock = file("Cargo.lock");
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim_matches(['=', ' ', '"']).to_owned())
    };
    let crates = lock.split("[[package]]").skip(1).map(|package| {
        (
            value(package, "name = ").unwrap(),
            value(package, "version = ").unwrap(),
        )
    });
    crates.filter(|(name, _)| name != "catseye").collect()
}

#[test]
fn the_notices_name_every_crate_of_the_lock_file() {
    let notices = file("assets/THIRD-PARTY.md");
    let linked = table(&notices, "In the binary");
    let others = table(&notices, "For building, testing and other systems alone");
    assert!(linked.is_disjoint(&others));
    let all: Crates = linked.union(&others).cloned().collect();
    assert_eq!(
        all,
        locked(),
        "make it anew: python3 assets/notices.py > assets/THIRD-PARTY.md"
    );
}

/// On the system at hand: the others' crates need not lie on this machine.
#[test]
fn the_notices_have_the_licence_of_whatever_is_linked() {
    let notices = file("assets/THIRD-PARTY.md");
    let linked = table(&notices, "In the binary");
    let tree = cargo(&["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let texts = notices.split("## Licence texts").nth(1).unwrap();
    let headings: String = texts
        .lines()
        .filter(|line| line.starts_with("### ") || line.starts_with("Without a text"))
        .collect::<Vec<_>>()
        .join(", ");
    let named: BTreeSet<&str> = headings
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_end_matches('.'))
        .collect();
    let mut seen = 0;
    for line in tree
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("catseye "))
    {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        let version = version.trim_start_matches('v');
        assert!(linked.contains(&(name.to_owned(), version.to_owned())), "{line}");
        assert!(named.contains(name), "no licence text of {name}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

/// A package holds what is needed to build and use it, and everything that its documents lead to.
#[test]
fn a_package_holds_what_belongs_and_nothing_else() {
    let listed = cargo(&["package", "--list", "--allow-dirty"]);
    let files: BTreeSet<&str> = listed.lines().collect();
    let own = [
        "Cargo.toml",
        "Cargo.toml.orig",
        "Cargo.lock",
        ".cargo_vcs_info.json",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
    ];
    for name in &files {
        let belongs = own.contains(name) || ["src/", "assets/"].iter().any(|folder| name.starts_with(folder));
        assert!(belongs, "{name} is in the package");
    }
    for scene in catseye::scene::names() {
        for name in ["scene.yaml", "config.yaml", "credentials"] {
            assert!(
                files.contains(format!("assets/scenes/{scene}/{name}").as_str()),
                "{scene}"
            );
        }
    }
    for name in [
        "assets/THIRD-PARTY.md",
        "assets/schema/check.schema.json",
        "assets/examples/pre-push",
    ] {
        assert!(files.contains(name), "{name}");
    }
}
