//! catseye's own settings. What cannot be taken is told with its line and left as it is by default: the inspector
//! always starts.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::files;
use super::yaml;
use crate::domain::node::Node;
use crate::domain::position::SourceText;
use crate::domain::settings::{KeySetting, Settings, ThemeName, Trouble};

/// Most bytes of the file.
const MAX_BYTES: u64 = 256 << 10;

/// Reads the file; `None` when there is none.
pub fn read(path: &Path) -> Option<Settings> {
    match files::read(path, MAX_BYTES).content() {
        Ok(file) => file.map(|file| parse(file.bytes)),
        Err(reason) => {
            let mut settings = Settings::default();
            let text = format!("{reason}; the default settings hold");
            settings.troubles.push(Trouble { line: None, text });
            Some(settings)
        }
    }
}

/// Reads the file's bytes.
pub fn parse(bytes: Vec<u8>) -> Settings {
    let mut settings = Settings::default();
    let value = match serde_yaml::from_slice::<Value>(&bytes) {
        Ok(value) => value,
        Err(error) => {
            settings.troubles.push(Trouble {
                line: error.location().map(|place| place.line()),
                text: format!("this is no YAML: {error}; the default settings hold"),
            });
            return settings;
        }
    };
    let lines = Lines {
        node: yaml::parse(&bytes).ok(),
        text: SourceText::new(bytes),
    };
    match value {
        Value::Null => {}
        Value::Mapping(entries) => {
            for (name, value) in &entries {
                take(&mut settings, &lines, &text(name).unwrap_or_default(), value);
            }
        }
        _ => settings.troubles.push(Trouble {
            line: Some(1),
            text: "settings are written as `name: value`; the default settings hold".to_owned(),
        }),
    }
    settings
}

fn take(settings: &mut Settings, lines: &Lines, name: &str, value: &Value) {
    let line = lines.of(&[name]);
    let taken = match name {
        "theme" => theme(value).map(|theme| settings.theme = theme),
        "ascii" => flag(name, value).map(|ascii| settings.ascii = ascii),
        "keep_snapshots" => flag(name, value).map(|keep| settings.keep_snapshots = keep),
        "keys" => match value {
            Value::Null => Ok(()),
            Value::Mapping(entries) => {
                keys(settings, lines, entries);
                Ok(())
            }
            _ => Err("keys is written as `action: KEY` or `action: [KEY, KEY]`".to_owned()),
        },
        _ => Err(format!(
            "there is no setting `{name}`; there are theme, ascii, keep_snapshots and keys"
        )),
    };
    if let Err(text) = taken {
        settings.troubles.push(Trouble { line, text });
    }
}

fn theme(value: &Value) -> Result<ThemeName, String> {
    let wanted = text(value).unwrap_or_default();
    let named = ThemeName::ALL.into_iter().find(|theme| theme.name() == wanted);
    named.ok_or_else(|| format!("there is no theme `{wanted}`; there are default, dark, light and mono"))
}

fn flag(name: &str, value: &Value) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| format!("{name} is true or false; the default holds"))
}

fn keys(settings: &mut Settings, lines: &Lines, entries: &Mapping) {
    for (name, value) in entries {
        let action = text(name).unwrap_or_default();
        let line = lines.of(&["keys", &action]);
        let keys: Option<Vec<String>> = match value {
            Value::Sequence(items) => items.iter().map(text).collect(),
            one => text(one).map(|key| vec![key]),
        };
        match keys {
            Some(keys) => settings.keys.push(KeySetting { action, keys, line }),
            None => settings.troubles.push(Trouble {
                line,
                text: format!("{action}: a key is written as text, in quotes where YAML reads it otherwise"),
            }),
        }
    }
}

/// Text, also when YAML reads a number: `show-route: 1`.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Where the keys of the file stand: `serde_yaml` does not tell.
struct Lines {
    node: Option<Node>,
    text: SourceText,
}

impl Lines {
    fn of(&self, path: &[&str]) -> Option<usize> {
        let (last, parents) = path.split_last()?;
        let mut node = self.node.as_ref()?;
        for parent in parents {
            node = &node.get(parent)?.value;
        }
        Some(self.text.start_of(node.get(last)?.key.span).line)
    }
}
