//! `locate_project_root` of spec-kitty 3.0.0 on real repositories and worktrees (reference 1.C, C1-C7).
// Its worlds are laid out with links.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use catseye::sources::project::{Discovery, Finding, Note, locate};
use tempfile::TempDir;

/// A folder to build projects in.
struct Ground {
    _folder: TempDir,
    top: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        Self { _folder: folder, top }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }

    fn dir(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn git(&self, directory: &str, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
            .args(arguments)
            .current_dir(self.path(directory))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
    }

    /// `main`, a repository with one commit, and its worktree `wt`.
    fn repository_with_worktree() -> Self {
        let ground = Self::new();
        ground.dir("main");
        ground.git("main", &["init", "-q"]);
        ground.git("main", &["commit", "-q", "--allow-empty", "-m", "first"]);
        ground.git("main", &["worktree", "add", "-q", "../wt"]);
        ground.dir("wt/sub");
        ground
    }

    /// Makes the worktree's pointer relative, as `worktree.useRelativePaths` does.
    fn point_relatively(&self) {
        fs::write(self.path("wt/.git"), "gitdir: ../main/.git/worktrees/wt\n").unwrap();
    }

    /// A search begun in this directory.
    fn found_from(&self, name: &str) -> Discovery {
        let start = self.path(name);
        locate(&start, None, &start, None)
    }

    fn root_from(&self, name: &str) -> Option<PathBuf> {
        self.found_from(name).root
    }

    fn root_with_variable(&self, value: impl AsRef<OsStr>) -> Option<PathBuf> {
        let start = self.path("here");
        locate(&start, Some(value.as_ref()), &start, None).root
    }
}

fn last(discovery: &Discovery) -> &Finding {
    &discovery.steps.last().unwrap().finding
}

#[test]
fn c1_the_variable_wins_only_when_it_names_a_project() {
    let ground = Ground::new();
    let here = ground.dir("here/.kittify").parent().map(Path::to_owned);
    let other = ground.dir("other/.kittify").parent().map(Path::to_owned);
    ground.dir("bare");
    symlink("other", ground.path("link")).unwrap();
    symlink("loop", ground.path("loop")).unwrap();

    assert_eq!(ground.root_with_variable(ground.path("other")), other);
    assert_eq!(ground.root_with_variable("../other"), other);
    assert_eq!(ground.root_with_variable("../absent/../other"), other);
    assert_eq!(ground.root_with_variable("../link"), other, "links are resolved");
    for ignored in ["", "../bare", "../absent", "~/other", "../other/.kittify"] {
        assert_eq!(ground.root_with_variable(ignored), here, "{ignored:?}");
    }
    assert_eq!(
        ground.root_with_variable("../loop"),
        None,
        "Python raises RuntimeError"
    );
}

#[test]
fn c2_a_worktree_is_read_as_its_main_repository() {
    let ground = Ground::repository_with_worktree();
    ground.dir("main/.kittify");
    ground.dir("wt/.kittify");
    symlink("wt/sub", ground.path("link")).unwrap();

    for start in ["wt", "wt/sub", "link"] {
        let discovery = ground.found_from(start);
        assert_eq!(discovery.root, Some(ground.path("main")), "{start}");
        assert_eq!(
            *last(&discovery),
            Finding::WorktreeOf(ground.path("main")),
            "{start}"
        );
        let ignored = ground.path("wt/.kittify");
        assert_eq!(
            discovery.notes,
            [Note::WorktreeConfigIgnored { ignored }],
            "{start}"
        );
    }
    assert_eq!(ground.found_from("main").notes, []);
}

#[test]
fn c3_a_relative_pointer_is_followed_from_the_working_directory() {
    let ground = Ground::repository_with_worktree();
    ground.dir("main/.kittify");
    ground.dir("wt/.kittify");
    ground.point_relatively();
    let main = Some(ground.path("main"));

    let at_the_top = ground.found_from("wt");
    let below = ground.found_from("wt/sub");
    assert_eq!((&at_the_top.root, &below.root), (&main, &Some(ground.path("wt"))));
    let note = |from_here| Note::RelativeGitdir {
        git_file: ground.path("wt/.git"),
        gitdir: "../main/.git/worktrees/wt".into(),
        from_here,
        from_worktree: main.clone(),
    };
    let ignored = ground.path("wt/.kittify");
    assert_eq!(
        at_the_top.notes,
        [note(main.clone()), Note::WorktreeConfigIgnored { ignored }]
    );
    assert_eq!(below.notes, [note(None)]);

    // Another directory from which the same text happens to lead to a project.
    ground.dir("deep/main/.kittify");
    let cwd = ground.dir("deep/cwd");
    let astray = locate(&ground.path("wt"), None, &cwd, None);
    assert_eq!(astray.root, Some(ground.path("deep/main")));
}

#[test]
fn c4_without_a_project_at_the_main_repository_the_worktree_is_its_own() {
    let ground = Ground::repository_with_worktree();
    ground.dir("wt/.kittify");
    let discovery = ground.found_from("wt/sub");
    assert_eq!(discovery.root, Some(ground.path("wt")));
    let without = Finding::WorktreeWithoutProject(ground.path("main"));
    assert!(discovery.steps.iter().any(|step| step.finding == without));

    for bare in [".bare.git", ".bare"] {
        let ground = Ground::new();
        ground.git(".", &["init", "-q", "--bare", bare]);
        ground.git(bare, &["worktree", "add", "-q", "--orphan", "-b", "b", "../wt"]);
        ground.dir("wt/.kittify");
        assert_eq!(ground.root_from("wt"), Some(ground.path("wt")), "{bare}");
    }

    // A bare repository's worktree does lead to the directory around it when that is a project.
    let ground = Ground::new();
    ground.git(".", &["init", "-q", "--bare", ".bare.git"]);
    ground.git(
        ".bare.git",
        &["worktree", "add", "-q", "--orphan", "-b", "b", "../wt"],
    );
    ground.dir(".kittify");
    ground.dir("wt/.kittify");
    assert_eq!(ground.root_from("wt"), Some(ground.top.clone()));
}

#[test]
fn c5_nested_repositories_belong_to_the_project_around_them() {
    let ground = Ground::new();
    ground.dir("outer/.kittify");
    ground.dir("outer/nested/sub");
    ground.git("outer/nested", &["init", "-q"]);
    assert_eq!(ground.root_from("outer/nested/sub"), Some(ground.path("outer")));

    ground.dir("outer/module");
    fs::write(
        ground.path("outer/module/.git"),
        "gitdir: ../.git/modules/module\n",
    )
    .unwrap();
    let discovery = ground.found_from("outer/module");
    assert_eq!(discovery.root, Some(ground.path("outer")));
    assert_eq!(discovery.steps[0].finding, Finding::NotAWorktree);

    ground.dir("outer/nested/sub/.kittify");
    assert_eq!(
        ground.root_from("outer/nested/sub"),
        Some(ground.path("outer/nested/sub"))
    );
}

#[test]
fn c6_home_qualifies_as_a_project() {
    let ground = Ground::new();
    let home = ground.dir("home");
    ground.dir("home/.kittify");
    let start = ground.dir("home/work/project");
    symlink("home", ground.path("link")).unwrap();
    for name in [home.clone(), ground.path("link")] {
        let discovery = locate(&start, None, &start, Some(&name));
        assert_eq!(discovery.root, Some(home.clone()));
        assert_eq!(discovery.notes, [Note::HomeIsProject]);
    }
    ground.dir("home/work/.kittify");
    assert_eq!(locate(&start, None, &start, Some(&home)).notes, []);
}

#[test]
fn c7_only_a_directory_is_a_marker() {
    let ground = Ground::new();
    ground.dir("p/.kittify");
    ground.dir("p/file");
    fs::write(ground.path("p/file/.kittify"), "").unwrap();
    ground.dir("p/broken");
    symlink("nowhere", ground.path("p/broken/.kittify")).unwrap();
    ground.dir("p/linked");
    symlink("../.kittify", ground.path("p/linked/.kittify")).unwrap();

    for (name, finding) in [
        ("p/file", Finding::MarkerNotADirectory),
        ("p/broken", Finding::MarkerBrokenLink),
    ] {
        let discovery = ground.found_from(name);
        assert_eq!(discovery.root, Some(ground.path("p")), "{name}");
        assert_eq!(discovery.steps[0].finding, finding, "{name}");
    }
    assert_eq!(ground.root_from("p/linked"), Some(ground.path("p/linked")));
}

#[test]
fn a_start_that_is_not_there_has_no_project() {
    let ground = Ground::new();
    ground.dir(".kittify");
    let discovery = ground.found_from("absent");
    assert_eq!(discovery.root, None);
    assert_eq!(*last(&discovery), Finding::Fails(std::io::ErrorKind::NotFound));
}

#[test]
fn git_files_are_read_as_python_reads_text() {
    let ground = Ground::repository_with_worktree();
    ground.dir("main/.kittify");
    let main = ground.path("main");
    let main = main.to_str().unwrap();
    for (content, follows) in [
        (format!("\u{1c} gitdir:{main}/.git/worktrees/wt\r\n\r\n"), true),
        (format!("gitdir: {main}//./.git/worktrees/wt/"), true),
        (format!("gitdir: {main}/x.git/worktrees/../"), true),
        (format!("gitdir: {main}/.git/worktrees/wt/sub"), false),
        (format!("gitdir: {main}/git/worktrees/wt"), false),
        (format!("gitdir: {main}/.git/worktrees/wt\u{0}"), true),
        (format!("gitdir: {main}\u{0}/.git/worktrees/wt"), false),
        (format!("Gitdir: {main}/.git/worktrees/wt"), false),
        (String::new(), false),
    ] {
        fs::write(ground.path("wt/.git"), &content).unwrap();
        let expected = follows.then(|| ground.path("main"));
        assert_eq!(ground.root_from("wt"), expected, "{content:?}");
    }
}
