//! How the inspector looks and which keys it listens to: flags and settings, made once at start.

use super::keymap::Keymap;
use super::theme::Theme;

/// Theme and keys.
#[derive(Debug)]
pub struct Look {
    /// The styles.
    pub theme: Theme,
    /// The keys.
    pub keys: Keymap,
    /// What of the settings could not be taken, a line each; told on the first screen.
    pub troubles: Vec<String>,
}

impl Look {
    /// The default keys and this theme.
    pub fn new(theme: Theme) -> Self {
        Self {
            theme,
            keys: Keymap::default(),
            troubles: Vec::new(),
        }
    }
}
