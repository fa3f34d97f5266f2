//! Revisions of a git repository, laid out as plain files in a temporary folder.
//!
//! `git` is asked for names and for the bytes of objects alone, so that neither the user's index nor the working tree is touched, and nothing that a
//! repository brings along runs: no hook, no filter, no attribute, no pager, no transport. What a filter would have made of a file (LFS) is not there.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use thiserror::Error;

use super::{MAX_DUMP, clip, visible};

/// Most files of a revision.
const MAX_FILES: usize = 1_000_000;
/// Most bytes of a revision.
const MAX_BYTES: u64 = 4 << 30;

/// Why a revision could not be read. The texts name no content.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no such program.
    #[error("git is not installed, or not on the PATH; without it, compare two folders or files")]
    NoGit,
    /// The folder belongs to no repository; git's own words.
    #[error("the current folder is in no git repository that can be read ({0})")]
    NoRepository(String),
    /// No commit or tree has this name.
    #[error("there is no such revision in the repository of the current folder")]
    NoRevision,
    /// A range, where one revision is wanted.
    #[error("a range is not one revision: give both ends, as in `vpnlint diff A B --rev`")]
    Range,
    /// The revision holds no such path.
    #[error("the revision holds no such file or folder")]
    NoPath,
    /// The path leads out of the repository.
    #[error("the path leads out of the repository")]
    Outside,
    /// There is nothing to compare with.
    #[error("the repository has no working tree: name the revision to compare with")]
    Bare,
    /// A path that no sound tree holds.
    #[error("the revision holds a path that cannot be laid out: {0}")]
    BadPath(String),
    /// More than anyone keeps.
    #[error("the revision is larger than a million files or 4 GB")]
    TooLarge,
    /// An object is not there, as in a partial clone.
    #[error("an object of the revision is not in the repository (a partial clone?)")]
    Incomplete,
    /// Git ended early.
    #[error("git failed ({0})")]
    Failed(String),
    /// The operating system refused.
    #[error("the temporary copy of the revision cannot be written ({0})")]
    Io(io::ErrorKind),
}

impl From<io::Error> for GitError {
    fn from(e: io::Error) -> Self {
        Self::Io(e.kind())
    }
}

/// A repository.
pub struct Repository {
    here: PathBuf,
    /// Its working tree; none when it is bare.
    top: Option<PathBuf>,
    /// From the top to the folder that it was found from.
    prefix: PathBuf,
    name: OsString,
}

/// A revision's files, gone when dropped.
pub struct Snapshot {
    /// Where they are; its name is the working tree's, for a site may be named after it.
    pub folder: PathBuf,
    _kept: TempDir,
}

impl Repository {
    /// The repository of a folder.
    pub fn of(here: &Path) -> Result<Self, GitError> {
        let git_dir = ask(here, &["rev-parse".as_ref(), "--absolute-git-dir".as_ref()]).map_err(|e| match e {
            GitError::Failed(words) => GitError::NoRepository(words),
            other => other,
        })?;
        let top = ask(here, &["rev-parse".as_ref(), "--show-toplevel".as_ref()]).ok().filter(|t| !t.is_empty()).map(PathBuf::from);
        let prefix = ask(here, &["rev-parse".as_ref(), "--show-prefix".as_ref()]).map(PathBuf::from).unwrap_or_default();
        let named = top.as_deref().unwrap_or(Path::new(&git_dir));
        let name = if top.is_some() { named.file_name() } else { named.file_stem() };
        Ok(Self { here: here.to_owned(), name: name.unwrap_or(OsStr::new("repository")).to_owned(), prefix, top })
    }

    /// The working tree.
    pub fn working_tree(&self) -> Result<&Path, GitError> {
        self.top.as_deref().ok_or(GitError::Bare)
    }

    /// `path` of a `REV:path`, from the top: as in git, one that begins with `./` or `../` is relative to the current folder.
    pub fn from_top(&self, path: &Path) -> Result<PathBuf, GitError> {
        let relative = matches!(path.components().next(), Some(Component::CurDir | Component::ParentDir));
        let mut out = if relative { self.prefix.clone() } else { PathBuf::new() };
        for part in path.components() {
            match part {
                Component::Normal(name) => out.push(name),
                Component::CurDir => {}
                Component::ParentDir if out.pop() => {}
                _ => return Err(GitError::Outside),
            }
        }
        Ok(out)
    }

    /// The id of a revision's tree.
    pub fn tree(&self, revision: &OsStr) -> Result<OsString, GitError> {
        let bytes = revision.as_encoded_bytes();
        if bytes.is_empty() || bytes.starts_with(b"-") {
            return Err(GitError::NoRevision);
        }
        let mut wanted = revision.to_owned();
        wanted.push("^{tree}");
        ask(&self.here, &["rev-parse".as_ref(), "--verify".as_ref(), "--quiet".as_ref(), &wanted]).map_err(|e| match e {
            GitError::Failed(_) if bytes.windows(2).any(|w| w == b"..") => GitError::Range,
            GitError::Failed(_) => GitError::NoRevision,
            other => other,
        })
    }

    /// Lays out a tree's files.
    pub fn snapshot(&self, tree: &OsStr) -> Result<Snapshot, GitError> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("vpnlint-");
        #[cfg(unix)]
        builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
        let kept = builder.tempdir()?;
        let folder = super::real_path(kept.path()).join(&self.name);
        fs::create_dir(&folder)?;
        lay_out(&entries(&self.here, tree)?, &mut Objects::open(&self.here)?, &folder)?;
        Ok(Snapshot { folder, _kept: kept })
    }
}

/// The parts of `REV:path`: split at the first colon that stands in no braces. None without one, or with nothing before it.
pub fn split(spec: &OsStr) -> Option<(OsString, PathBuf)> {
    let bytes = spec.as_encoded_bytes();
    let mut depth = 0usize;
    let colon = bytes.iter().position(|b| {
        match b {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *b == b':' && depth == 0
    });
    let at = colon.filter(|at| *at > 0)?;
    Some((os(&bytes[..at])?, PathBuf::from(os(&bytes[at + 1..])?)))
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere not all bytes are a name")]
fn os(bytes: &[u8]) -> Option<OsString> {
    Some(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).to_owned())
}

#[cfg(not(unix))]
fn os(bytes: &[u8]) -> Option<OsString> {
    std::str::from_utf8(bytes).ok().map(Into::into)
}

/// `git` in a folder, with everything switched off that a repository could run or reach.
#[expect(clippy::disallowed_methods, reason = "this module is the door")]
fn git(here: &Path, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(here).args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]).args(arguments);
    command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn started(e: &io::Error) -> GitError {
    if e.kind() == io::ErrorKind::NotFound { GitError::NoGit } else { GitError::Failed(e.kind().to_string()) }
}

/// One answer of git, without the newline at its end.
fn ask(here: &Path, arguments: &[&OsStr]) -> Result<OsString, GitError> {
    let output = git(here, arguments).output().map_err(|e| started(&e))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let first = words.lines().next().unwrap_or("no reason given").trim_start_matches("fatal: ");
        return Err(GitError::Failed(clip(&visible(first), 200).into_owned()));
    }
    let text = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    os(text).ok_or_else(|| GitError::BadPath(visible(&String::from_utf8_lossy(text)).into_owned()))
}

/// What a tree holds at one path.
struct Entry {
    path: PathBuf,
    id: String,
    link: bool,
}

/// A program that ends when nobody reads it any more.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn piped(here: &Path, arguments: &[&OsStr], stdin: Stdio) -> Result<Ended, GitError> {
    git(here, arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map(Ended).map_err(|e| started(&e))
}

/// The files and symbolic links of a tree.
fn entries(here: &Path, tree: &OsStr) -> Result<Vec<Entry>, GitError> {
    let arguments = ["ls-tree".as_ref(), "-r".as_ref(), "-z".as_ref(), "--full-tree".as_ref(), tree];
    let mut git = piped(here, &arguments, Stdio::null())?;
    let mut out = BufReader::new(git.0.stdout.take().expect("it was asked for"));
    let (mut found, mut record) = (Vec::new(), Vec::new());
    while out.read_until(0, &mut record).map_err(|_| GitError::Incomplete)? > 0 {
        if found.len() == MAX_FILES {
            return Err(GitError::TooLarge);
        }
        let bytes = record.strip_suffix(&[0]).unwrap_or(&record);
        let tab = bytes.iter().position(|b| *b == b'\t').ok_or_else(|| GitError::Failed("ls-tree".to_owned()))?;
        let about = String::from_utf8_lossy(&bytes[..tab]).into_owned();
        let mut about = about.split_whitespace();
        // A commit is a submodule: another repository, of which nothing is here.
        if let (Some(mode), Some("blob"), Some(id)) = (about.next(), about.next(), about.next()) {
            found.push(Entry { path: path(&bytes[tab + 1..])?, id: id.to_owned(), link: mode == "120000" });
        }
        record.clear();
    }
    if git.0.wait().is_ok_and(|status| status.success()) { Ok(found) } else { Err(GitError::Incomplete) }
}

/// A path of a tree. A hostile tree may hold names that a sound one cannot.
fn path(bytes: &[u8]) -> Result<PathBuf, GitError> {
    let bad = || GitError::BadPath(visible(&String::from_utf8_lossy(bytes)).into_owned());
    let mut out = PathBuf::new();
    for name in bytes.split(|b| *b == b'/') {
        let name = os(name).ok_or_else(bad)?;
        let normal = matches!(Path::new(&name).components().collect::<Vec<_>>()[..], [Component::Normal(only)] if only == name);
        if !normal || name.eq_ignore_ascii_case(".git") {
            return Err(bad());
        }
        out.push(name);
    }
    Ok(out)
}

/// `git cat-file --batch`: the bytes of objects, as they are stored.
struct Objects {
    git: Ended,
    out: BufReader<std::process::ChildStdout>,
    read: u64,
}

impl Objects {
    fn open(here: &Path) -> Result<Self, GitError> {
        let mut git = piped(here, &["cat-file".as_ref(), "--batch".as_ref()], Stdio::piped())?;
        let out = BufReader::new(git.0.stdout.take().expect("it was asked for"));
        Ok(Self { git, out, read: 0 })
    }

    /// Copies an object's bytes. Of one that is larger than any input may be, as many as show that it is.
    fn copy(&mut self, id: &str, to: &mut dyn io::Write) -> Result<(), GitError> {
        let ended = |_| GitError::Failed("cat-file".to_owned());
        let ask = self.git.0.stdin.as_mut().expect("it was asked for");
        writeln!(ask, "{id}").and_then(|()| ask.flush()).map_err(ended)?;
        let mut head = String::new();
        self.out.read_line(&mut head).map_err(ended)?;
        let size = head.trim_end().strip_prefix(id).and_then(|h| h.strip_prefix(" blob ")).and_then(|h| h.parse::<u64>().ok());
        let size = size.ok_or(GitError::Incomplete)?;
        self.read += size;
        if self.read > MAX_BYTES {
            return Err(GitError::TooLarge);
        }
        let kept = size.min(MAX_DUMP + 1);
        let copied = io::copy(&mut (&mut self.out).take(kept), to)?;
        let rest = io::copy(&mut (&mut self.out).take(size - kept + 1), &mut io::sink()).map_err(ended)?;
        if copied + rest == size + 1 { Ok(()) } else { Err(GitError::Incomplete) }
    }
}

/// Writes the files, then the links, so that no file is ever written through one; then takes away the links that lead out.
fn lay_out(entries: &[Entry], objects: &mut Objects, folder: &Path) -> Result<(), GitError> {
    let folders: BTreeSet<_> = entries.iter().filter_map(|e| e.path.parent()).collect();
    for parent in folders {
        fs::create_dir_all(folder.join(parent))?;
    }
    let twice = |e: io::Error, path: &Path| match e.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput => {
            GitError::BadPath(visible(&path.to_string_lossy()).into_owned())
        }
        kind => GitError::Io(kind),
    };
    for entry in entries.iter().filter(|e| !e.link) {
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).open(folder.join(&entry.path)).map_err(|e| twice(e, &entry.path))?;
        objects.copy(&entry.id, &mut file)?;
    }
    let links: Vec<_> = entries.iter().filter(|e| e.link).collect();
    for entry in &links {
        let mut target = Vec::new();
        objects.copy(&entry.id, &mut target)?;
        link(&target, &folder.join(&entry.path)).map_err(|e| twice(e, &entry.path))?;
    }
    cut_links(links.into_iter().map(|l| folder.join(&l.path)), folder)?;
    Ok(())
}

/// Takes away the links that lead out of `folder`, or nowhere.
fn cut_links(links: impl Iterator<Item = PathBuf>, folder: &Path) -> io::Result<()> {
    for path in links {
        if !path.exists() || !super::real_path(&path).starts_with(folder) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &[u8], at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(target), at)
}

/// As git does where links are not to be had: a file that names the target.
#[cfg(not(unix))]
fn link(target: &[u8], at: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create_new(true).open(at)?.write_all(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_split_at_the_first_colon_outside_of_braces() {
        let parts = |spec: &str| split(OsStr::new(spec)).map(|(r, p)| (r.into_string().unwrap(), p.to_str().unwrap().to_owned()));
        assert_eq!(parts("main:sites/a: b.toml"), Some(("main".to_owned(), "sites/a: b.toml".to_owned())));
        assert_eq!(parts("HEAD@{12:30}:x"), Some(("HEAD@{12:30}".to_owned(), "x".to_owned())));
        assert_eq!(parts("main:"), Some(("main".to_owned(), String::new())));
        assert_eq!(parts("main"), None);
        assert_eq!(parts(":staged"), None);
    }

    #[test]
    fn hostile_paths_of_a_tree_are_refused() {
        for bad in ["", "..", "a/../b", "./a", "/etc/passwd", "a//b", "a/", ".git/config", "a/.GIT/hooks/x", "a/."] {
            assert!(path(bad.as_bytes()).is_err(), "{bad}");
        }
        for good in ["a", "a b/c\n\"d\".toml", "..a", ".github/x", "大阪/site.toml"] {
            assert_eq!(path(good.as_bytes()).expect("a path"), PathBuf::from(good));
        }
    }

    #[test]
    fn a_path_of_a_revision_is_from_the_top_unless_it_begins_with_a_dot() {
        let repository = Repository { here: PathBuf::new(), top: None, prefix: "sites/osaka/".into(), name: "x".into() };
        let from_top = |p: &str| repository.from_top(Path::new(p));
        assert_eq!(from_top("sites/kobe/").expect("inside"), PathBuf::from("sites/kobe"));
        assert_eq!(from_top("./site.toml").expect("inside"), PathBuf::from("sites/osaka/site.toml"));
        assert_eq!(from_top("../kobe").expect("inside"), PathBuf::from("sites/kobe"));
        assert_eq!(from_top("").expect("inside"), PathBuf::new());
        assert!(matches!(from_top("../../../x"), Err(GitError::Outside)));
        assert!(matches!(from_top("/etc"), Err(GitError::Outside)));
    }

    #[test]
    #[cfg(unix)]
    fn links_that_lead_out_are_taken_away_even_in_chains() {
        let kept = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(kept.path()).unwrap().join("top");
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(folder.join("sub/file"), "x").unwrap();
        fs::write(kept.path().join("secret"), "x").unwrap();
        // `e` and `abs` lead out; `e` only by way of `d`, which stays inside.
        let links = [("sub/file", "good"), (".", "d"), ("d/../secret", "e"), ("/etc/passwd", "abs"), ("nowhere", "dangling")];
        for (target, at) in links {
            link(target.as_bytes(), &folder.join(at)).unwrap();
        }
        cut_links(links.iter().map(|(_, at)| folder.join(at)), &folder).unwrap();
        let left = links.map(|(_, at)| fs::symlink_metadata(folder.join(at)).is_ok());
        assert_eq!(left, [true, true, false, false, false]);
    }
}
