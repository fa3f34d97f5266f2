//! `vpnlint diff`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Diff as Args;
use super::check::{day, here, in_color, lowest, on_threads, outputs_of, root, show_faults, write_file};
use super::{Failure, Io};
use crate::check::{self, Options, Outcome, Target};
use crate::diff::{Difference, Side};
use crate::exit::Exit;
use crate::policy::Policies;
use crate::report::Style;
use crate::report::diff::Format;
use crate::source::git::{self, GitError, Repository, Snapshot};
use crate::source::{Root, exists, is_folder, real_path, visible};

/// What one argument names, ready to be checked.
struct Named {
    root: Arc<Root>,
    /// The folder that was named, or the folder of the file; relative to the root.
    base: PathBuf,
    files: Vec<PathBuf>,
    shown: String,
    /// What was laid out stays as long as this.
    _snapshot: Option<Snapshot>,
}

/// What one argument means.
enum Meaning {
    Path(PathBuf),
    Revision(OsString, PathBuf),
}

/// Runs the command.
pub fn run(args: &Args, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let as_of = day(args.as_of.as_deref())?;
    let outputs = outputs_of(Format::ALL, Format::Text, &args.format)?;
    let here = here()?;
    let (old, new) = sides(args, &here)?;
    if old.files.is_empty() && new.files.is_empty() {
        return Err(Failure::Unreadable(format!("no site file in {} or in {}", old.shown, new.shown)));
    }
    let Some((old_options, new_options)) = options(args, &old, &new, &as_of, io)? else { return Ok(Exit::Usage) };
    let lowest = lowest(args.fail_on, &new_options.policies);
    let runs =
        on_threads(args.jobs, || [(&old, &old_options), (&new, &new_options)].map(|(side, options)| check::run(&side.targets(), options)))?;
    let [was, is] = runs;
    let nothing_checked = is.nothing_checked;
    let (was, is) = (old.finished(was), new.finished(is));
    let difference = Difference::between(&was, &is);
    let mut ends = Vec::new();
    if !was.report.bugs.is_empty() || !is.report.bugs.is_empty() {
        ends.push(Exit::Bug);
    }
    if !is.report.unreadable.is_empty() {
        ends.push(Exit::Unreadable);
    }
    if !args.exit_zero && difference.worst().is_some_and(|level| level >= lowest) {
        ends.push(Exit::Findings);
    }
    if nothing_checked {
        ends.push(Exit::Undecided);
    }
    let exit = Exit::gravest(ends);
    for (format, file) in outputs {
        let written = match file {
            None => {
                let style = Style { color: in_color(args.color, io), width: io.width.clamp(40, 140), quiet: false, verbose: false };
                format.write(&difference, style, io.out).and_then(|()| io.out.flush())
            }
            Some(path) => {
                let mut text = Vec::new();
                let style = Style { color: false, width: 100, quiet: false, verbose: false };
                format.write(&difference, style, &mut text).and_then(|()| write_file(&path, &text))
            }
        };
        written.map_err(|e| Failure::Io(e, exit))?;
    }
    Ok(exit)
}

/// Both runs' options. The new side's policy counts for both, so that a change of levels is no difference; none when it has faults, which are shown.
fn options(
    args: &Args,
    old: &Named,
    new: &Named,
    as_of: &crate::model::Day,
    io: &mut Io<'_>,
) -> Result<Option<(Options, Options)>, Failure> {
    // Where the old side's sites would lie in the new one: the folders' policies count for them.
    let moved = |file: &PathBuf| match (&old.files[..], &new.files[..]) {
        ([_], [only]) => only.clone(),
        _ => {
            let rest = file.strip_prefix(old.root.path()).unwrap_or(file);
            new.root.path().join(rest.strip_prefix(&old.base).map_or_else(|_| rest.to_owned(), |rest| new.base.join(rest)))
        }
    };
    let load = |files: &[PathBuf]| {
        let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
        Policies::load(&new.root, &args.policy, &args.select, &args.ignore, &files).map_err(Failure::Usage)
    };
    let (of_old, of_new) = (load(&old.files.iter().map(moved).collect::<Vec<_>>())?, load(&new.files)?);
    for policies in [&of_new, &of_old] {
        if !policies.problems.is_empty() {
            show_faults(policies, io)?;
            return Ok(None);
        }
    }
    let of = |side: &Named, policies| Options {
        coverage: true,
        logical: true,
        whole: vec![side.base.clone()],
        ..Options::new(side.root.clone(), policies, as_of.clone())
    };
    Ok(Some((of(old, of_old), of(new, of_new))))
}

/// What OLD and NEW name.
fn sides(args: &Args, here: &Path) -> Result<(Named, Named), Failure> {
    let Some(new) = &args.new else {
        let (revision, path) = git::split(args.old.as_os_str()).unwrap_or_else(|| (args.old.clone().into_os_string(), PathBuf::new()));
        let repository = Repository::of(here).map_err(|why| failed(&args.old, &why))?;
        let old = at_revision(&repository, &args.old, &revision, &path).map_err(|why| match why {
            GitError::NoRevision if exists(&args.old) => Failure::Usage(format!(
                "{}: with OLD alone it is a git revision, and there is none of that name; give NEW too",
                shown(&args.old)
            )),
            why => failed(&args.old, &why),
        })?;
        let inside = || Ok((repository.working_tree()?.to_owned(), repository.from_top(&path)?));
        let (top, path) = inside().map_err(|why| failed(&args.old, &why))?;
        let mut new = at_path(&top.join(&path), here)?;
        new.shown = if path.as_os_str().is_empty() { "working tree".to_owned() } else { format!("working tree, {}", shown(&path)) };
        return Ok((old, new));
    };
    let one = |argument: &PathBuf| match meaning(argument, args.rev) {
        Meaning::Path(path) => at_path(&path, here),
        Meaning::Revision(revision, path) => Repository::of(here)
            .and_then(|repository| at_revision(&repository, argument, &revision, &path))
            .map_err(|why| if args.rev { failed(argument, &why) } else { nowhere(argument, &why) }),
    };
    Ok((one(&args.old)?, one(new)?))
}

/// What is there is a path, unless all are said to be revisions.
fn meaning(argument: &Path, all_revisions: bool) -> Meaning {
    if !all_revisions && exists(argument) {
        return Meaning::Path(argument.to_owned());
    }
    git::split(argument.as_os_str())
        .map_or_else(|| Meaning::Revision(argument.into(), PathBuf::new()), |(rev, path)| Meaning::Revision(rev, path))
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy()).into_owned()
}

fn failed(argument: &Path, why: &GitError) -> Failure {
    Failure::Unreadable(format!("{}: {why}", shown(argument)))
}

fn nowhere(argument: &Path, why: &GitError) -> Failure {
    Failure::Unreadable(format!("{}: there is no such file or folder; and as a revision: {why}", shown(argument)))
}

fn at_path(path: &Path, here: &Path) -> Result<Named, Failure> {
    if !exists(path) {
        return Err(Failure::Unreadable(format!("{}: there is no such file or folder", shown(path))));
    }
    let root = root(None, &[path.to_owned()], here)?;
    let real = real_path(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let kind = if is_folder(&real) { "folder" } else { "file" };
    Ok(named(root, &real, format!("{kind} {}", shown(path)), None))
}

fn at_revision(repository: &Repository, argument: &Path, revision: &OsString, path: &Path) -> Result<Named, GitError> {
    let inside = repository.from_top(path)?;
    let snapshot = repository.snapshot(&repository.tree(revision)?)?;
    let root = Root::new(&snapshot.folder).map_err(|_| GitError::NoPath)?;
    // The link that was named may be one that led out, and was not laid out.
    let real = root.confine(&snapshot.folder.join(&inside)).map_err(|_| GitError::NoPath)?;
    Ok(named(root, &real, format!("revision {}", shown(argument)), Some(snapshot)))
}

fn named(root: Root, real: &Path, shown: String, snapshot: Option<Snapshot>) -> Named {
    let (folder, files) = if is_folder(real) {
        let found: BTreeSet<_> = check::discover(real).into_iter().filter_map(|f| root.confine(&f).ok()).collect();
        (real, found.into_iter().collect())
    } else {
        (real.parent().unwrap_or(real), vec![real.to_owned()])
    };
    let base = folder.strip_prefix(root.path()).map(Path::to_owned).unwrap_or_default();
    Named { root: Arc::new(root), base, files, shown, _snapshot: snapshot }
}

impl Named {
    fn targets(&self) -> Vec<Target> {
        self.files.iter().cloned().map(Target::File).collect()
    }

    /// The run as the comparison wants it.
    fn finished(&self, outcome: Outcome) -> Side {
        let base = visible(&self.root.relative(&self.root.path().join(&self.base))).into_owned();
        Side { shown: self.shown.clone(), base, sites: outcome.rosters, report: outcome.report }
    }
}
