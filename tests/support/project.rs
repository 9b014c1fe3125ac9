//! A project with a home and a state folder of its own, and the built binary run in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use catseye::domain::inputs::{Environment, Given, GivenBy};
use catseye::domain::scope::scope;
use catseye::domain::secret::Secret;
use catseye::sources::environment::Surroundings;
use rusqlite::Connection;

/// A binding that is routed with [`CREDENTIALS`].
pub const CONFIG: &str =
    "tracker:\n  provider: jira\n  workspace: acme.example\nproject: {uuid: 550e8400, slug: demo}\n";
pub const CREDENTIALS: &str = "[tracker.providers.jira]\nproject_key = \"ACME\"\n";

pub struct Project {
    pub folder: tempfile::TempDir,
}

impl Project {
    /// With these two files, and a folder for stores.
    pub fn new(config: &str, credentials: &str) -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        project.write("project/.kittify/config.yaml", config);
        project.write("home/.spec-kitty/credentials", credentials);
        fs::create_dir(project.path("home/.spec-kitty/trackers")).unwrap();
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file as spec-kitty leaves the credentials, whatever the umask is.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The store that [`CONFIG`] and [`CREDENTIALS`] lead to.
    pub fn store(&self) -> PathBuf {
        let texts = ["jira", "acme.example", "", "", ""].map(Into::into);
        let [provider, workspace, server, user, team] = &texts;
        let scope = scope(provider, workspace, server, user, team).unwrap();
        self.path(&format!("home/.spec-kitty/trackers/{}.db", scope.name))
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.store()).unwrap()
    }

    /// What a command that is started in here is told.
    pub fn surroundings(&self, server_url: Option<&str>, token: Option<&str>) -> Surroundings {
        Surroundings {
            cwd: self.path("project"),
            project: None,
            specify_repo_root: None,
            home: self.path("home/.spec-kitty"),
            user_home: self.path("home"),
            no_home: None,
            state: self.path("state/catseye"),
            environment: Environment {
                saas_sync_flag: Some("1".to_owned()),
                server_url: server_url.map(|url| Given {
                    value: url.to_owned(),
                    by: GivenBy::Variable("SAAS_API_URL"),
                }),
                auth_token: token.map(|token| Given {
                    value: Secret::new(token.to_owned()),
                    by: GivenBy::Variable("SAAS_AUTH_TOKEN"),
                }),
                home: Some(self.path("home")),
                ..Environment::default()
            },
        }
    }

    /// The built binary, with nothing of the real environment but its PATH.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// A program that runs the built binary, its path and arguments at the end.
    pub fn command_under(&self, program: &[&str], arguments: &[&str]) -> Command {
        let words = [program, &[env!("CARGO_BIN_EXE_catseye")], arguments].concat();
        let mut command = self.program(words[0]);
        command.args(&words[1..]);
        command
    }

    /// Another program, run as [`Self::command`] is.
    pub fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path("project"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("SPEC_KITTY_ENABLE_SAAS_SYNC", "1")
            .stdin(Stdio::null());
        command
    }

    /// Names, inodes, modes, times and bytes below a folder.
    pub fn traces(&self, name: &str) -> Traces {
        let mut traces = Traces::new();
        walk(&self.path(name), &mut traces);
        traces
    }
}

pub type Traces = BTreeMap<PathBuf, (u64, u32, (i64, i64), Vec<u8>)>;

fn walk(path: &Path, traces: &mut Traces) {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return;
    };
    let bytes = if metadata.is_file() {
        fs::read(path).unwrap()
    } else {
        Vec::new()
    };
    let time = (metadata.mtime(), metadata.mtime_nsec());
    traces.insert(path.to_owned(), (metadata.ino(), metadata.mode(), time, bytes));
    for entry in fs::read_dir(path).into_iter().flatten() {
        walk(&entry.unwrap().path(), traces);
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it was killed")
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
