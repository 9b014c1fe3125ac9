//! Flags and environment variables, read once at start.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::domain::inputs::{
    Environment, Given, GivenBy, NEWER_HOME_VARIABLE, PROJECT_VARIABLE, SERVER_VARIABLE, SYNC_VARIABLE,
    TOKEN_VARIABLE,
};
use crate::domain::proxy::ProxyEnvironment;
use crate::domain::secret::Secret;
use crate::platform::{NO_HOME, config_folder, state_folder, user_home};

/// What the command line overrides.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--project`.
    pub project: Option<PathBuf>,
    /// `--home`.
    pub home: Option<PathBuf>,
    /// `--server-url`.
    pub server_url: Option<String>,
    /// `--auth-token`.
    pub auth_token: Option<Secret>,
}

/// Where this process stands: everything outside the files that decides what is read.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The current directory.
    pub cwd: PathBuf,
    /// `--project`: the search starts there and ignores [`PROJECT_VARIABLE`].
    pub project: Option<PathBuf>,
    /// [`PROJECT_VARIABLE`].
    pub specify_repo_root: Option<OsString>,
    /// The folder with `credentials` and `trackers/`.
    pub home: PathBuf,
    /// The user's home folder.
    pub user_home: PathBuf,
    /// Why Python finds no home folder: `$HOME` begins with `~` (reference A14), or Windows tells none.
    pub no_home: Option<&'static str>,
    /// `$XDG_STATE_HOME/catseye`, on Windows `%LOCALAPPDATA%\catseye`: journal and snapshots.
    pub state: PathBuf,
    /// What decides about the request.
    pub environment: Environment,
}

impl Surroundings {
    /// Reads the process's environment.
    pub fn read(overrides: Overrides) -> std::io::Result<Self> {
        let cwd = std::env::current_dir()?;
        let user_home = user_home();
        let tilde = overrides.home.is_none() && user_home.as_os_str().as_encoded_bytes().starts_with(b"~");
        let user_home = absolute(&cwd, user_home);
        let session_folder = Some(user_home.join(".spec-kitty/auth")).filter(|folder| folder.is_dir());
        let home = overrides.home.unwrap_or_else(|| user_home.join(".spec-kitty"));
        let state = state_folder(&user_home);
        Ok(Self {
            project: overrides.project.map(|project| absolute(&cwd, project)),
            specify_repo_root: std::env::var_os(PROJECT_VARIABLE),
            home: absolute(&cwd, home),
            state: state.join("catseye"),
            environment: Environment {
                saas_sync_flag: text_variable(SYNC_VARIABLE),
                server_url: given(overrides.server_url, "--server-url", SERVER_VARIABLE, |text| text),
                auth_token: given(overrides.auth_token, "--auth-token", TOKEN_VARIABLE, Secret::new),
                proxies: proxies(),
                home: Some(user_home.clone()),
                in_scene: false,
                spec_kitty_home: text_variable(NEWER_HOME_VARIABLE).filter(|home| !home.is_empty()),
                session_folder,
            },
            no_home: tilde.then_some(NO_HOME),
            user_home,
            cwd,
        })
    }
}

/// Where catseye's own settings are when no flag names a file: `$XDG_CONFIG_HOME/catseye/config.yaml`, on Windows below
/// `%APPDATA%`.
pub fn settings_path() -> PathBuf {
    config_folder().join("catseye").join("config.yaml")
}

fn absolute(cwd: &Path, path: PathBuf) -> PathBuf {
    if path.is_absolute() { path } else { cwd.join(path) }
}

/// A variable as text; bytes that are not UTF-8 become U+FFFD, which no rule accepts.
fn text_variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The flag's value, else the variable's when it is not empty (click takes an empty variable for none).
fn given<T>(
    flag: Option<T>,
    flag_name: &'static str,
    variable: &'static str,
    make: impl FnOnce(String) -> T,
) -> Option<Given<T>> {
    if let Some(value) = flag {
        return Some(Given {
            value,
            by: GivenBy::Flag(flag_name),
        });
    }
    let value = text_variable(variable).filter(|value| !value.is_empty())?;
    Some(Given {
        value: make(value),
        by: GivenBy::Variable(variable),
    })
}

fn proxies() -> ProxyEnvironment {
    let variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    ProxyEnvironment::from_variables(
        variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}
