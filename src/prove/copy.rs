//! A private copy of what publish reads: config.yaml, the credentials, the store.

use std::io;

use crate::domain::inputs::{FileInput, FileState, Inputs};
use crate::scene::Sandbox;
use crate::sources::store;

/// Copies; what is missing stays missing.
pub(super) fn copy(inputs: &Inputs) -> io::Result<Sandbox> {
    let sandbox = Sandbox::new("catseye-prove-")?;
    if let Some(config) = inputs.config.as_ref().filter(|file| is_there(file)) {
        sandbox.write_config(config.text.bytes())?;
    }
    if is_there(&inputs.credentials) {
        sandbox.write_credentials(inputs.credentials.text.bytes())?;
    }
    if let Some(store) = &inputs.store {
        let name = store.path.file_name().unwrap_or_default();
        let target = sandbox.home().join("trackers").join(name);
        store::copy_to(&store.path, &target).map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(sandbox)
}

fn is_there(file: &FileInput) -> bool {
    !matches!(file.state, FileState::Missing | FileState::Unreadable(_))
}
