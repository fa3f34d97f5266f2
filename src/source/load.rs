//! Opening files: inside the root, of a sane size, decoded to UTF-8.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

/// Largest site file, profile or export, in bytes.
pub const MAX_FILE: u64 = 16 << 20;
/// Largest dump of the Dashboard, in bytes.
pub const MAX_DUMP: u64 = 256 << 20;
/// Largest file that holds nothing but a secret, in bytes.
pub const MAX_SECRET: u64 = 4096;

/// Why a file could not be read. The texts name no content.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The path is absolute.
    #[error("an absolute path is refused: it must be relative to the file that names it")]
    Absolute,
    /// The path, or a symbolic link on it, leads out of the root.
    #[error("it is outside the root")]
    Outside,
    /// It is a folder where a file is wanted.
    #[error("it is a folder")]
    Folder,
    /// It is a device, a pipe or a socket.
    #[error("it is not a regular file")]
    Special,
    /// It is larger than the limit.
    #[error("it is larger than {0} MB")]
    TooLarge(u64),
    /// A pattern fits no file.
    #[error("no file fits the pattern")]
    NoMatch,
    /// The pattern itself is not valid.
    #[error("the pattern is not valid")]
    BadPattern,
    /// The operating system refused.
    #[error("it cannot be read ({0})")]
    Io(std::io::ErrorKind),
}

impl From<std::io::Error> for ReadError {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::Missing,
            kind => Self::Io(kind),
        }
    }
}

/// The folder that nothing is read outside of.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
}

/// Text that was decoded from a file.
pub struct Decoded {
    /// UTF-8, without a byte order mark.
    pub text: String,
    /// Byte offset (in `text`) of the first byte that did not decode; it and its like stand as U+FFFD.
    pub undecodable: Option<usize>,
    /// The file looks binary: it holds NUL bytes and is no UTF-16.
    pub binary: bool,
    /// Byte offset (in `text`) of the first character beyond ASCII of a text that was read as Windows-1252.
    pub ansi: Option<usize>,
}

#[expect(clippy::disallowed_methods, reason = "this module is the door")]
impl Root {
    /// `path` as a root. It must exist.
    pub fn new(path: &Path) -> Result<Self, ReadError> {
        Ok(Self { path: fs::canonicalize(path)? })
    }

    /// The root for `start` (a file or folder): the nearest ancestor with `.git`, else the outermost with `vpnlint.toml`, else `given`.
    pub fn discover(start: &Path, given: &Path) -> Result<Self, ReadError> {
        let start = fs::canonicalize(start)?;
        let folder = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
        if let Some(git) = folder.ancestors().find(|a| a.join(".git").exists()) {
            return Self::new(git);
        }
        match folder.ancestors().filter(|a| a.join("vpnlint.toml").is_file()).last() {
            Some(outermost) => Self::new(outermost),
            None => Self::new(given),
        }
    }

    /// The root's real path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where `path` really is, if that is inside the root.
    pub fn confine(&self, path: &Path) -> Result<PathBuf, ReadError> {
        // First by the letters, so that an answer about a file outside never depends on whether it exists.
        if !lexical(path).starts_with(&self.path) {
            return Err(ReadError::Outside);
        }
        let real = fs::canonicalize(path)?;
        if real.starts_with(&self.path) { Ok(real) } else { Err(ReadError::Outside) }
    }

    /// `path` relative to the root, with `/`.
    pub fn relative(&self, path: &Path) -> String {
        let shown = path.strip_prefix(&self.path).unwrap_or(path);
        let parts: Vec<_> = shown.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// `path` relative to the root as the system has it, for comparisons; names need not be text.
    pub fn inside(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.path).unwrap_or(path).to_owned()
    }

    /// The files that `spec`, written in a file of `folder`, names: a path, a folder, or a pattern with `*`, `?` and `**`. Sorted.
    pub fn expand(&self, folder: &Path, spec: &str) -> Result<Vec<PathBuf>, ReadError> {
        let relative = Path::new(spec);
        if relative.is_absolute() || spec.starts_with('\\') || spec.as_bytes().get(1) == Some(&b':') {
            return Err(ReadError::Absolute);
        }
        if spec.contains(['*', '?', '[']) {
            return self.glob(folder, spec);
        }
        let path = self.confine(&folder.join(relative))?;
        Ok(vec![path])
    }

    fn glob(&self, folder: &Path, spec: &str) -> Result<Vec<PathBuf>, ReadError> {
        let fixed: PathBuf =
            Path::new(spec).components().take_while(|c| !c.as_os_str().to_string_lossy().contains(['*', '?', '['])).collect();
        let start = self.confine(&folder.join(&fixed))?;
        let rest = spec.get(fixed.as_os_str().len()..).unwrap_or_default().trim_start_matches('/');
        let pattern = ignore::overrides::OverrideBuilder::new(&start)
            .add(&format!("/{rest}"))
            .map_err(|_| ReadError::BadPattern)?
            .build()
            .map_err(|_| ReadError::BadPattern)?;
        let mut found = Vec::new();
        for entry in ignore::WalkBuilder::new(&start).standard_filters(false).max_depth(Some(32)).build().flatten() {
            let is_file = entry.path().is_file();
            if is_file
                && pattern.matched(entry.path(), false).is_whitelist()
                && let Ok(real) = self.confine(entry.path())
            {
                found.push(real);
            }
        }
        found.sort();
        found.dedup();
        if found.is_empty() { Err(ReadError::NoMatch) } else { Ok(found) }
    }

    /// Every regular file below `folder`, sorted; symbolic links that leave the root are left out.
    pub fn files_below(&self, folder: &Path) -> Vec<PathBuf> {
        let walk = ignore::WalkBuilder::new(folder).standard_filters(false).hidden(true).max_depth(Some(32)).build();
        let mut found: Vec<_> = walk.flatten().filter(|e| e.path().is_file()).filter_map(|e| self.confine(e.path()).ok()).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// `path` without `.` and `..`, by its letters alone.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// Whether `path` is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is anything at `path`.
pub fn exists(path: &Path) -> bool {
    path.exists()
}

/// The bytes of a regular file of at most `limit` bytes.
#[expect(clippy::disallowed_methods, reason = "this module is the door")]
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(ReadError::Folder);
    }
    if !about.is_file() {
        return Err(ReadError::Special);
    }
    if about.len() > limit {
        return Err(ReadError::TooLarge(limit >> 20));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default() + 1);
    fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit >> 20)) } else { Ok(bytes) }
}

/// Standard input, as a file would be read.
pub fn read_stdin() -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE { Err(ReadError::TooLarge(MAX_FILE >> 20)) } else { Ok(bytes) }
}

/// An environment variable's text, for names that begin with `VPNLINT_` only: a hostile site file must not probe others.
#[expect(clippy::disallowed_methods, reason = "this module is the door")]
pub fn environment(name: &str) -> Option<String> {
    name.starts_with("VPNLINT_").then(|| std::env::var(name).ok()).flatten()
}

/// UTF-8 from UTF-8 or UTF-16 (by byte order mark, or by its look), without the mark.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    let utf16 = |little: bool, bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|p| if little { u16::from_le_bytes([p[0], p[1]]) } else { u16::from_be_bytes([p[0], p[1]]) });
        let (mut text, mut undecodable) = (String::with_capacity(bytes.len()), None);
        for unit in char::decode_utf16(units) {
            if unit.is_err() {
                undecodable.get_or_insert(text.len());
            }
            text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Decoded { text, undecodable, binary: false, ansi: None }
    };
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => return utf16(true, rest),
        [0xFE, 0xFF, rest @ ..] => return utf16(false, rest),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => return utf16(true, &bytes),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => return utf16(false, &bytes),
        _ => {}
    }
    let binary = bytes.contains(&0);
    let bytes = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { bytes[3..].to_vec() } else { bytes };
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, undecodable: None, binary, ansi: None },
        Err(e) if !binary && is_ansi(e.as_bytes()) => {
            let ansi = e.as_bytes().iter().position(|b| !b.is_ascii());
            Decoded { text: e.as_bytes().iter().copied().map(windows_1252).collect(), undecodable: None, binary, ansi }
        }
        Err(e) => {
            let undecodable = Some(e.utf8_error().valid_up_to());
            Decoded { text: String::from_utf8_lossy(e.as_bytes()).into_owned(), undecodable, binary, ansi: None }
        }
    }
}

/// Whether bytes that are no UTF-8 are a phone book of Windows, which scripts rewrite in the system's code page.
fn is_ansi(bytes: &[u8]) -> bool {
    let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|w| w == mark);
    bytes.trim_ascii_start().starts_with(b"[") && (holds(b"\nMEDIA=") || holds(b"\nPBVersion="))
}

/// The character of a byte in Windows-1252, the code page of western Windows (WHATWG Encoding, index-windows-1252).
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

/// `path` with the symbolic links of its folder resolved; the last part stays, whether it exists or not.
#[expect(clippy::disallowed_methods, reason = "this module is the door")]
pub fn real_path(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// The text of bytes that are UTF-8 (or UTF-16 with its mark) throughout.
pub fn decode_text(bytes: Vec<u8>) -> Option<String> {
    let decoded = decode(bytes);
    (decoded.undecodable.is_none() && !decoded.binary).then_some(decoded.text)
}
