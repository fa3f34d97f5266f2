//! All texts of one site in one byte space, and their positions.
//!
//! Whoever wants text to show gets masked text; raw text is for readers, through [`SourceMap::text`].

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Container, Sealed, Span};

/// Which file of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(super) u32);

impl FileId {
    /// Its number in [`SourceMap::files`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How much of a file may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// A site or policy file: context lines too, with every secret-valued key masked.
    WithContext,
    /// An imported file: labelled lines only, and nothing that follows a secret-like word.
    LabelledLinesOnly,
    /// A file that holds nothing but a secret: nothing.
    Nothing,
}

/// One file of a site.
pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: String,
    /// Where it really is; empty for standard input.
    pub real: PathBuf,
    /// Its format's id, once known.
    pub format: &'static str,
    /// How much may be shown.
    pub showing: Showing,
    /// Its grammar is broken somewhere: what stands on which key's line is then not certain.
    pub broken: bool,
    /// What the text was taken out of, when it is not what the file's bytes say by themselves.
    pub container: Option<Container>,
    /// Why there is no text: what the file holds cannot be taken out.
    pub sealed: Option<Sealed>,
    text: Box<str>,
    base: u32,
    secrets: Vec<Span>,
    masked: OnceLock<super::masked::MaskedFile>,
}

impl SourceFile {
    /// The decoded text, secrets included: for readers only.
    pub fn raw(&self) -> &str {
        &self.text
    }

    /// The path with a word on what the text was taken out of: `sales.mobileconfig (signed)`.
    pub fn titled(&self) -> Cow<'_, str> {
        self.container.map_or(Cow::Borrowed(self.path.as_str()), |c| Cow::Owned(format!("{} ({})", self.path, c.word)))
    }

    /// The first byte's place.
    pub const fn base(&self) -> u32 {
        self.base
    }

    /// The whole file.
    pub fn span(&self) -> Span {
        Span::new(self.base, self.base + self.text.len() as u32)
    }

    /// The first line, without its end.
    pub fn first_line(&self) -> Span {
        let end = self.text.find(['\n', '\r']).unwrap_or(self.text.len());
        Span::new(self.base, self.base + end as u32)
    }

    /// The secrets' places, as offsets in the text.
    pub fn secrets(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.secrets.iter().map(|s| (s.start - self.base) as usize..(s.end - self.base) as usize)
    }

    /// The text as it may be shown.
    pub fn masked(&self) -> &super::masked::MaskedFile {
        self.masked.get_or_init(|| super::masked::MaskedFile::new(self))
    }
}

/// The texts that one site is made of.
#[derive(Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    next: u32,
}

impl SourceMap {
    /// Adds a file; `None` when the byte space is full (4 GiB in one site).
    pub fn add(&mut self, path: String, real: PathBuf, text: String, showing: Showing) -> Option<FileId> {
        let size = u32::try_from(text.len()).ok()?;
        let base = self.next;
        // One byte between files, so that an empty span at a file's end belongs to that file alone.
        self.next = base.checked_add(size)?.checked_add(1)?;
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile {
            path,
            real,
            format: "",
            showing,
            broken: false,
            container: None,
            sealed: None,
            text: text.into(),
            base,
            secrets: Vec::new(),
            masked: OnceLock::new(),
        });
        Some(id)
    }

    /// The file.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The file, to note its format or that it is broken.
    pub fn file_mut(&mut self, id: FileId) -> &mut SourceFile {
        &mut self.files[id.0 as usize]
    }

    /// All files in the order in which they were opened.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file that holds `span`.
    pub fn file_at(&self, span: Span) -> &SourceFile {
        &self.files[self.index_at(span)]
    }

    /// The id of the file that holds `span`.
    pub fn id_at(&self, span: Span) -> FileId {
        FileId(self.index_at(span) as u32)
    }

    fn index_at(&self, span: Span) -> usize {
        self.files.partition_point(|f| f.base <= span.start).saturating_sub(1)
    }

    /// The file that was opened from `real`, if it was.
    pub fn find(&self, real: &Path) -> Option<FileId> {
        self.files.iter().position(|f| f.real == real).map(|n| FileId(n as u32))
    }

    /// The raw text of a place: for readers only.
    pub fn text(&self, span: Span) -> &str {
        let file = self.file_at(span);
        let from = span.start.saturating_sub(file.base) as usize;
        file.text.get(from..(span.end.saturating_sub(file.base) as usize)).unwrap_or_default()
    }

    /// Hides a place from everything that is shown.
    pub fn hide(&mut self, span: Span) {
        let index = self.index_at(span);
        let file = &mut self.files[index];
        file.secrets.push(span);
        file.masked.take();
    }
}
