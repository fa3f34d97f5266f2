//! One site's reading: its texts, the root that they stay in, and the environment that it may ask.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::container::{self, Unpacked};
use super::load::{self, Decoded, MAX_DUMP, MAX_FILE, MAX_SECRET, ReadError, Root};
use crate::model::tables::Tables;

use super::{FileId, Showing, SourceMap};

/// Where `{ env = … }` looks; tests put their own here.
pub type Environment = fn(&str) -> Option<String>;

/// Reads files into a map, never outside the root.
pub struct Session {
    /// The texts read so far.
    pub map: SourceMap,
    root: Arc<Root>,
    environment: Environment,
    tables: Option<Arc<Tables>>,
}

/// A file that was opened, and whether its bytes were text.
pub struct Opened {
    /// The file.
    pub id: FileId,
    /// Place of the first byte that is no UTF-8.
    pub undecodable: Option<super::Span>,
    /// It holds NUL bytes.
    pub binary: bool,
    /// Place of the first character beyond ASCII of a text that was read as Windows-1252.
    pub ansi: Option<super::Span>,
}

impl Session {
    /// A session inside `root`, with the real environment.
    pub fn new(root: Arc<Root>) -> Self {
        Self { map: SourceMap::default(), root, environment: load::environment, tables: None }
    }

    /// The same with another environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The same with the tables of a policy.
    #[must_use]
    pub fn with_tables(mut self, tables: Option<Arc<Tables>>) -> Self {
        self.tables = tables;
        self
    }

    /// Facts about the world, for readers of words.
    pub fn tables(&self) -> &Tables {
        self.tables.as_deref().unwrap_or_else(|| Tables::shipped())
    }

    /// The root.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Opens a site file, anywhere: the command line named it.
    pub fn open_site(&mut self, path: &Path) -> Result<Opened, ReadError> {
        let bytes = load::read_bytes(path, MAX_FILE)?;
        let shown = self.root.relative(path);
        self.add(shown, path.to_owned(), bytes, Showing::WithContext)
    }

    /// Takes a site file's bytes from elsewhere (standard input, an editor) under a name relative to `folder`.
    pub fn add_site(&mut self, path: &Path, bytes: Vec<u8>) -> Result<Opened, ReadError> {
        let shown = self.root.relative(path);
        self.add(shown, path.to_owned(), bytes, Showing::WithContext)
    }

    /// Opens an import that [`Session::expand`] found. A file is read once however often it is named.
    pub fn open_import(&mut self, real: &Path) -> Result<Opened, ReadError> {
        if let Some(id) = self.map.find(real) {
            return Ok(Opened { id, undecodable: None, binary: false, ansi: None });
        }
        let bytes = load::read_bytes(real, MAX_DUMP)?;
        // Only the Dashboard's own dumps, which are JSON, may be larger.
        if bytes.len() as u64 > MAX_FILE && !bytes.iter().find(|b| !b.is_ascii_whitespace()).is_some_and(|b| matches!(b, b'{' | b'[')) {
            return Err(ReadError::TooLarge(MAX_FILE >> 20));
        }
        let shown = self.root.relative(real);
        let Unpacked { bytes, container, sealed } = container::unpack(bytes);
        let opened = self.add(shown, real.to_owned(), bytes, Showing::LabelledLinesOnly)?;
        let file = self.map.file_mut(opened.id);
        (file.container, file.sealed) = (container, sealed);
        Ok(opened)
    }

    /// The text of a file that may be no import, without taking it for one.
    pub fn look(&self, real: &Path) -> Option<String> {
        let decoded = load::decode(load::read_bytes(real, MAX_FILE).ok()?);
        (!decoded.binary).then_some(decoded.text)
    }

    fn add(&mut self, shown: String, real: PathBuf, bytes: Vec<u8>, showing: Showing) -> Result<Opened, ReadError> {
        let Decoded { text, undecodable, binary, ansi } = load::decode(bytes);
        let length = text.len();
        let id = self.map.add(shown, real, text, showing).ok_or(ReadError::TooLarge(4096))?;
        let base = self.map.file(id).base();
        let undecodable = undecodable.map(|n| super::Span::new(base + n as u32, base + (n + 3).min(length) as u32));
        let width = |n: usize| self.map.file(id).raw()[n..].chars().next().map_or(0, char::len_utf8);
        let ansi = ansi.map(|n| super::Span::new(base + n as u32, base + (n + width(n)) as u32));
        Ok(Opened { id, undecodable, binary, ansi })
    }

    /// The files that `spec`, written in the file `from`, names.
    pub fn expand(&self, from: FileId, spec: &str) -> Result<Vec<PathBuf>, ReadError> {
        let folder = self.map.file(from).real.parent().unwrap_or(self.root.path()).to_owned();
        self.root.expand(&folder, spec)
    }

    /// The text of a file that holds nothing but a secret, less one trailing newline.
    pub fn secret_file(&self, from: FileId, spec: &str) -> Result<String, ReadError> {
        let files = self.expand(from, spec)?;
        let decoded = load::decode(load::read_bytes(files.first().ok_or(ReadError::Missing)?, MAX_SECRET)?);
        let mut text = decoded.text;
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Ok(text)
    }

    /// A variable of the environment.
    pub fn environment(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }
}
