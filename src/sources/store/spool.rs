//! The bytes of a body, wherever they fit: in memory when few, else in a file that has no name.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;

use tempfile::{SpooledData, SpooledTempFile, spooled_tempfile_in};

use crate::platform::{read_at, spool_folder};

/// A finished body. Clones share the bytes; each reader has a place of its own.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3.
    pub blake3: [u8; 32],
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Memory(Arc<[u8]>),
    File(Arc<File>),
}

impl Body {
    /// Reads the body from its start.
    pub fn reader(&self) -> BodyReader {
        BodyReader {
            body: self.clone(),
            at: 0,
        }
    }

    /// A body that lies in a file, which nobody may change any more.
    pub fn of_file(file: File) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&file)?;
        Ok(Self {
            bytes: hasher.count(),
            blake3: *hasher.finalize().as_bytes(),
            content: Content::File(Arc::new(file)),
        })
    }

    /// Its digest in lower-case hex.
    pub fn digest_hex(&self) -> String {
        blake3::Hash::from_bytes(self.blake3).to_hex().to_string()
    }

    /// Writes the whole body to a file, pipe or terminal; the kernel moves what lies in a file.
    pub fn copy_to(&self, out: &mut File) -> io::Result<()> {
        match &self.content {
            Content::Memory(bytes) => out.write_all(bytes),
            // Readers ask by offset: nobody else minds where the file stands.
            Content::File(file) => {
                let mut file = file.as_ref();
                file.rewind()?;
                io::copy(&mut file, out).map(drop)
            }
        }
    }

    /// Reads some bytes from an offset on; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match &self.content {
            Content::Memory(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[from..]).read(buffer)
            }
            Content::File(file) => read_at(file, buffer, offset),
        }
    }
}

/// Reads a [`Body`] from front to back.
#[derive(Debug)]
pub struct BodyReader {
    body: Body,
    at: u64,
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// Bodies up to this size stay in memory.
const MEMORY_BYTES: usize = 8 << 20;

/// Takes the bytes of a body, counts and hashes them, and keeps them when asked to.
pub(super) struct Spool {
    hasher: blake3::Hasher,
    bytes: u64,
    kept: Option<SpooledTempFile>,
}

impl Spool {
    pub(super) fn new(keep: bool) -> Self {
        Self {
            hasher: blake3::Hasher::new(),
            bytes: 0,
            kept: keep.then(|| spooled_tempfile_in(MEMORY_BYTES, spool_folder())),
        }
    }

    /// How many bytes have been taken.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next bytes; not to be called while the store is locked, for it may wait for a disk.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.kept.as_mut().map_or(Ok(()), |kept| kept.write_all(bytes))
    }

    /// The body's length and digest, and its bytes when they were kept.
    pub(super) fn finish(self) -> (u64, [u8; 32], Option<Body>) {
        let (bytes, blake3) = (self.bytes, *self.hasher.finalize().as_bytes());
        let body = self.kept.map(|kept| {
            let content = match kept.into_inner() {
                SpooledData::InMemory(memory) => Content::Memory(memory.into_inner().into()),
                SpooledData::OnDisk(file) => Content::File(Arc::new(file)),
            };
            Body {
                bytes,
                blake3,
                content,
            }
        });
        (bytes, blake3, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_large_bodies_in_a_nameless_file() {
        for length in [3, MEMORY_BYTES + 5] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let mut spool = Spool::new(true);
            for part in bytes.chunks(700_000) {
                spool.take(part).unwrap();
            }
            let (count, digest, body) = spool.finish();
            let body = body.unwrap();
            assert_eq!(matches!(body.content, Content::File(_)), length > MEMORY_BYTES);
            assert_eq!((count, digest), (length as u64, *blake3::hash(&bytes).as_bytes()));
            let mut read = Vec::new();
            body.reader().read_to_end(&mut read).unwrap();
            assert!(read == bytes);
            let mut copy = tempfile::tempfile().unwrap();
            for _ in 0..2 {
                copy.rewind().unwrap();
                body.copy_to(&mut copy).unwrap();
            }
            copy.rewind().unwrap();
            read.clear();
            copy.read_to_end(&mut read).unwrap();
            assert!(read == bytes);
            let mut tail = [0; 9];
            assert_eq!(body.read_at(&mut tail, length as u64 - 2).unwrap(), 2);
            assert_eq!(body.read_at(&mut tail, length as u64 + 9).unwrap(), 0);
        }
    }

    #[test]
    fn counts_without_keeping() {
        let mut spool = Spool::new(false);
        spool.take(b"abc").unwrap();
        let (bytes, digest, body) = spool.finish();
        assert_eq!((bytes, digest), (3, *blake3::hash(b"abc").as_bytes()));
        assert!(body.is_none());
    }
}
