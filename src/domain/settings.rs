//! catseye's own settings: `config.yaml`, as far as it could be taken.

/// Which colours the inspector draws with. All are of the terminal's own 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// Colours that are readable on dark and light backgrounds.
    #[default]
    Default,
    /// Bright colours for a dark background.
    Dark,
    /// Dark colours for a light background.
    Light,
    /// Bold, dim and reversed alone.
    Mono,
}

impl ThemeName {
    /// All themes.
    pub const ALL: [Self; 4] = [Self::Default, Self::Dark, Self::Light, Self::Mono];

    /// Its name in `config.yaml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }
}

/// Other keys for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySetting {
    /// The action's name as it is written.
    pub action: String,
    /// The keys as they are written.
    pub keys: Vec<String>,
    /// The line of the file, from 1, when that is known.
    pub line: Option<usize>,
}

/// Something in the file that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The line of the file, from 1, when that is known.
    pub line: Option<usize>,
    /// What is wrong and what holds instead.
    pub text: String,
}

impl Trouble {
    /// With the file's name before it: `config.yaml:3: ...`.
    pub fn told(&self, file: &str) -> String {
        match self.line {
            Some(line) => format!("{file}:{line}: {}", self.text),
            None => format!("{file}: {}", self.text),
        }
    }
}

/// The settings; what the file does not say is as it always was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `theme`.
    pub theme: ThemeName,
    /// `ascii`.
    pub ascii: bool,
    /// `keep_snapshots`.
    pub keep_snapshots: bool,
    /// `keys`.
    pub keys: Vec<KeySetting>,
    /// What was not taken.
    pub troubles: Vec<Trouble>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeName::Default,
            ascii: false,
            keep_snapshots: true,
            keys: Vec::new(),
            troubles: Vec::new(),
        }
    }
}
