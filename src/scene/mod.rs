//! Scenes: bundled projects to look at, each in a private temporary copy with a home, a store and a receiver of its
//! own on loopback. Nothing of the user's is read, nothing leaves the machine, and the end deletes it all.

mod receiver;
mod sandbox;
mod store;

use std::io;
use std::sync::Arc;

use serde::Deserialize;

use crate::domain::inputs::{Environment, Given, GivenBy, SERVER_VARIABLE, TOKEN_VARIABLE};
use crate::domain::secret::Secret;
use crate::sources::environment::Surroundings;

pub use receiver::{Received, Receiver};
pub use sandbox::Sandbox;

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
    bundle!("spelling"),
    bundle!("login-wiped"),
    bundle!("key-missing"),
    bundle!("unsupported-provider"),
    bundle!("store-moved"),
    bundle!("newer-project"),
    bundle!("healthy-jira"),
    bundle!("healthy-linear"),
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
    /// What to press once it is mended, where it can be.
    pub mended: Option<String>,
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
    /// Its project and home.
    pub sandbox: Sandbox,
    /// Where it publishes to.
    pub receiver: Arc<Receiver>,
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
        let sandbox = Sandbox::new("catseye-scene-")?;
        sandbox.write_config(bundle.config.as_bytes())?;
        sandbox.write_credentials(bundle.credentials.as_bytes())?;
        let trackers = sandbox.home().join("trackers");
        store::make(&trackers, &description.pulled_as, description.odd_rows)?;
        Ok(Self {
            name: bundle.name,
            description,
            sandbox,
            receiver: Arc::new(Receiver::start()?),
        })
    }

    /// Which scene this is, from 1, and how many there are.
    pub fn number(&self) -> (usize, usize) {
        let before = names().take_while(|name| *name != self.name).count();
        (before + 1, BUNDLES.len())
    }

    /// The name of the scene that comes behind this one; the first one behind the last.
    pub fn next_name(&self) -> &'static str {
        let behind = names().skip_while(|name| *name != self.name).nth(1);
        behind.or_else(|| names().next()).unwrap_or(self.name)
    }

    /// The scene in place of the user's project, home, server and environment.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            cwd: self.sandbox.project(),
            project: None,
            specify_repo_root: None,
            home: self.sandbox.home(),
            user_home: self.sandbox.user_home(),
            no_home: None,
            state: self.sandbox.folder().join("state/catseye"),
            environment: Environment {
                saas_sync_flag: Some("1".to_owned()),
                server_url: Some(Given {
                    value: self.receiver.url(),
                    by: GivenBy::Variable(SERVER_VARIABLE),
                }),
                auth_token: Some(Given {
                    value: Secret::new("demo-saas-token-0123456789".to_owned()),
                    by: GivenBy::Variable(TOKEN_VARIABLE),
                }),
                home: Some(self.sandbox.user_home()),
                in_scene: true,
                ..Environment::default()
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
