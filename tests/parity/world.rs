//! One recorded world: what is on disk, the environment, the arguments, and what spec-kitty did there.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead};
use std::os::unix::fs::symlink;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use catseye::domain::exchange::Message;
use catseye::domain::secret::Secret;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct World {
    pub name: String,
    /// What is unusual about it.
    pub notes: Vec<String>,
    files: Vec<File>,
    folders: Vec<String>,
    links: BTreeMap<String, String>,
    pub cwd: String,
    pub env: BTreeMap<String, String>,
    pub args: Vec<String>,
    pub expected: Expected,
}

#[derive(Deserialize)]
struct File {
    path: String,
    #[serde(flatten)]
    content: Content,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text {
        text: String,
    },
    /// Zeros but for the runs: an offset and base64 each.
    Binary {
        size: usize,
        runs: Vec<(usize, String)>,
    },
}

/// What spec-kitty did.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    Request(Request),
    Error(Failure),
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// Those that are compared, in lower case, with every value they came with.
    pub headers: BTreeMap<String, Vec<String>>,
    pub body: String,
}

impl Request {
    /// For comparing with what catseye sent.
    pub fn message(&self) -> Message<'_> {
        let values = |name: &str| self.headers.get(name).cloned().unwrap_or_default();
        Message {
            request_line: format!("{} {}", self.method, self.path),
            content_type: values("content-type"),
            idempotency_key: values("idempotency-key"),
            authorization: values("authorization").into_iter().map(Secret::new).collect(),
            body: self.body.as_bytes(),
        }
    }
}

#[derive(Deserialize)]
pub struct Failure {
    pub class: String,
    pub text: String,
}

pub fn read(path: &Path) -> Result<Vec<World>, Box<dyn Error>> {
    let lines = io::BufReader::new(fs::File::open(path)?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

impl World {
    /// Writes the world's files, folders and links below `root`.
    pub fn materialise(&self, root: &Path) -> io::Result<()> {
        for folder in self.folders.iter().map(String::as_str).chain(["home"]) {
            fs::create_dir_all(root.join(folder))?;
        }
        for file in &self.files {
            let path = below(root, &file.path)?;
            let content = file.content.bytes()?;
            if file.path.ends_with("/.git") {
                fs::write(path, filled(&content, root))?;
            } else {
                fs::write(path, content)?;
            }
        }
        for (path, target) in &self.links {
            symlink(target, below(root, path)?)?;
        }
        fs::create_dir_all(root.join(&self.cwd))
    }
}

impl Content {
    fn bytes(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Text { text } => Ok(text.clone().into_bytes()),
            Self::Binary { size, runs } => {
                let mut bytes = vec![0; *size];
                for (offset, run) in runs {
                    let run = STANDARD.decode(run).map_err(io::Error::other)?;
                    let end = offset + run.len();
                    bytes
                        .get_mut(*offset..end)
                        .ok_or_else(|| io::Error::other("a run beyond its file"))?
                        .copy_from_slice(&run);
                }
                Ok(bytes)
            }
        }
    }
}

fn below(root: &Path, path: &str) -> io::Result<std::path::PathBuf> {
    let path = root.join(path);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(path)
}

/// A `.git` file's `{root}` is the world's folder; the rest may be any bytes.
fn filled(content: &[u8], root: &Path) -> Vec<u8> {
    let mark = b"{root}";
    let Some(at) = content.windows(mark.len()).position(|window| window == mark) else {
        return content.to_vec();
    };
    [
        &content[..at],
        root.as_os_str().as_encoded_bytes(),
        &content[at + mark.len()..],
    ]
    .concat()
}
