//! Scenes: bundled projects to look at, each in a private temporary copy with a home, a store and a receiver of its
//! own on loopback. Nothing of the user's is read, nothing leaves the machine, and the end deletes it all.

mod receiver;
mod store;

use std::fs;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::inputs::{Environment, Given, GivenBy};
use crate::domain::proxy::ProxyEnvironment;
use crate::domain::secret::Secret;
use crate::sources::environment::Surroundings;

pub use receiver::{Received, Receiver};

/// A scene's files as they stand in `assets/scenes/`.
struct Bundle {
    name: &'static str,
    scene: &'static str,
    config: &'static str,
    credentials: &'static str,
}

macro_rules! bundle {
    ($name:literal) => {
        Bundle {
            name: $name,
            scene: include_str!(concat!("../../assets/scenes/", $name, "/scene.yaml")),
            config: include_str!(concat!("../../assets/scenes/", $name, "/config.yaml")),
            credentials: include_str!(concat!("../../assets/scenes/", $name, "/credentials")),
        }
    };
}

const BUNDLES: [Bundle; 8] = [
    bundle!("healthy-jira"),
    bundle!("healthy-linear"),
    bundle!("spelling"),
    bundle!("login-wiped"),
    bundle!("key-missing"),
    bundle!("unsupported-provider"),
    bundle!("store-moved"),
    bundle!("newer-project"),
];

/// The names of all scenes.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUNDLES.iter().map(|bundle| bundle.name)
}

/// `scene.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What happened here, in a line.
    pub story: String,
    /// What to press.
    pub press: String,
    /// The inputs of the scope under which the issues were pulled.
    pulled_as: PulledAs,
    /// Whether some rows hold what spec-kitty changes, or what hides.
    #[serde(default)]
    odd_rows: bool,
}

/// What a store is named by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PulledAs {
    provider: String,
    workspace: String,
    #[serde(default)]
    server: String,
    #[serde(default)]
    user: String,
}

/// A scene that was entered.
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// Its story.
    pub description: Description,
    receiver: Arc<Receiver>,
    /// Deleted with everything in it when the scene ends.
    folder: tempfile::TempDir,
}

/// Why a scene could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// No such scene.
    #[error("no scene is called {0:?}; there are {list}", list = names().collect::<Vec<_>>().join(", "))]
    Unknown(String),
    /// Its copy could not be made.
    #[error("making a private copy of the scene: {0}")]
    Copy(#[from] io::Error),
    /// Its store could not be made.
    #[error("making the scene's store: {0}")]
    Store(#[from] rusqlite::Error),
    /// A bundled file cannot be read; a fault of this build.
    #[error("reading the bundled scene: {0}")]
    Bundle(String),
}

impl Scene {
    /// Makes a private copy of a scene and starts its receiver.
    pub fn enter(name: &str) -> Result<Self, SceneError> {
        let bundle = BUNDLES
            .iter()
            .find(|bundle| bundle.name == name)
            .ok_or_else(|| SceneError::Unknown(name.to_owned()))?;
        let description: Description =
            serde_yaml::from_str(bundle.scene).map_err(|error| SceneError::Bundle(error.to_string()))?;
        let folder = tempfile::Builder::new().prefix("catseye-scene-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let scene = Self {
            name: bundle.name,
            description,
            receiver: Arc::new(Receiver::start()?),
            folder,
        };
        fs::create_dir_all(scene.project().join(".kittify"))?;
        fs::create_dir_all(scene.home().join("trackers"))?;
        write(&scene.project().join(".kittify/config.yaml"), bundle.config)?;
        write(&scene.home().join("credentials"), bundle.credentials)?;
        let Description {
            pulled_as, odd_rows, ..
        } = &scene.description;
        store::make(&scene.home().join("trackers"), pulled_as, *odd_rows)?;
        Ok(scene)
    }

    /// The name of the scene that comes behind this one; the first one behind the last.
    pub fn next_name(&self) -> &'static str {
        let behind = names().skip_while(|name| *name != self.name).nth(1);
        behind.or_else(|| names().next()).unwrap_or(self.name)
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The project's root.
    pub fn project(&self) -> PathBuf {
        self.folder().join("project")
    }

    /// The spec-kitty home.
    pub fn home(&self) -> PathBuf {
        self.user_home().join(".spec-kitty")
    }

    fn user_home(&self) -> PathBuf {
        self.folder().join("home")
    }

    /// What was sent to the scene's receiver.
    pub fn receiver(&self) -> &Arc<Receiver> {
        &self.receiver
    }

    /// The scene in place of the user's project, home, server and environment.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            cwd: self.project(),
            project: None,
            specify_repo_root: None,
            home: self.home(),
            user_home: self.user_home(),
            no_home: None,
            state: self.folder().join("state/catseye"),
            environment: Environment {
                saas_sync_flag: Some("1".to_owned()),
                server_url: Some(Given {
                    value: self.receiver.url(),
                    by: GivenBy::Variable("SAAS_API_URL"),
                }),
                auth_token: Some(Given {
                    value: Secret::new("demo-saas-token-0123456789".to_owned()),
                    by: GivenBy::Variable("SAAS_AUTH_TOKEN"),
                }),
                proxies: ProxyEnvironment::default(),
                home: Some(self.user_home()),
                spec_kitty_home: None,
                session_folder: None,
            },
        }
    }

    /// What to say when it ends.
    pub fn farewell(&self) -> String {
        let count = self.receiver.received().len();
        let requests = if count == 1 { "request" } else { "requests" };
        format!("received {count} {requests}; nothing left this machine")
    }
}

/// Writes a file that only its owner may read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}
