//! `vpnlint check`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::args::{Check, Color, FailOn};
use super::{Failure, Io};
use crate::check::{self, Options, Outcome, Target};
use crate::exit::Exit;
use crate::model::Day;
use crate::policy::Policy;
use crate::report::{Format, Report, ReportFinding, Scrubber, Style};
use crate::rules::{Level, Out, Verdicts};
use crate::source::{ProblemKind, Root, Session, is_folder, read_stdin};

/// Runs the command.
pub fn run(args: &Check, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let outputs = outputs(&args.format)?;
    let as_of = match &args.as_of {
        Some(text) => Day::parse(text)
            .filter(|_| text.len() == 10)
            .ok_or_else(|| Failure::Usage("--as-of wants a day of the calendar such as 2027-03-31".to_owned()))?,
        None => today(),
    };
    let here = std::path::absolute(".").map_err(|e| Failure::Unreadable(format!("the current folder cannot be read ({})", e.kind())))?;
    let paths: Vec<PathBuf> = if args.paths.is_empty() { vec![here.clone()] } else { args.paths.clone() };
    let root = root(args.root.as_deref(), &paths, &here)?;
    let targets = targets(&paths, args, &root, &here)?;
    let mut policy = match read_policy(&root)? {
        Ok(policy) => policy,
        Err(report) => {
            let style = style(args, io);
            Format::Text.write(&report, Style { quiet: true, ..style }, io.err)?;
            return Ok(Exit::Usage);
        }
    };
    policy.choose(&args.select, &args.ignore).map_err(Failure::Usage)?;
    for rule in args.require_decided.iter().filter(|r| *r != "*") {
        if crate::rules::find(rule).is_none() {
            return Err(Failure::Usage(format!("no rule is called `{}`", crate::source::clip(&crate::source::visible(rule), 60))));
        }
    }
    let digests = outputs.iter().any(|(format, _)| *format == Format::Json);
    let options = Options { root: Arc::new(root), policy, coverage: args.coverage, digests, as_of, environment: None };
    let outcome = on_threads(args.jobs, || check::run(&targets, &options))?;
    let exit = exit(args, &outcome);
    for (format, file) in outputs {
        let written = match file {
            None => format.write(&outcome.report, style(args, io), io.out).and_then(|()| io.out.flush()),
            Some(path) => {
                let mut text = Vec::new();
                let style = Style { color: false, width: 100, quiet: args.quiet, verbose: args.verbose };
                format.write(&outcome.report, style, &mut text).and_then(|()| write_file(&path, &text))
            }
        };
        written.map_err(|e| Failure::Io(e, exit))?;
    }
    Ok(exit)
}

#[expect(clippy::disallowed_methods, reason = "the user named the file to write")]
fn write_file(path: &Path, text: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, text)
}

/// The formats asked for, each with the file it goes to; at most one goes to standard output.
fn outputs(words: &[String]) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    let mut out = Vec::new();
    for word in words {
        let (name, file) = word.split_once('=').map_or((word.as_str(), None), |(n, f)| (n, Some(PathBuf::from(f))));
        let Some((_, format)) = Format::ALL.iter().find(|(n, _)| *n == name) else {
            let names: Vec<_> = Format::ALL.iter().map(|(n, _)| *n).collect();
            return Err(Failure::Usage(format!(
                "--format: `{}` is no format; there are {}",
                crate::source::clip(&crate::source::visible(name), 40),
                names.join(", ")
            )));
        };
        if file.as_ref().is_some_and(|f| f.as_os_str().is_empty()) {
            return Err(Failure::Usage("--format: a file's name is missing after `=`".to_owned()));
        }
        out.push((*format, file));
    }
    if out.iter().filter(|(_, f)| f.is_none()).count() > 1 {
        return Err(Failure::Usage(
            "--format: only one format can go to standard output; give the others a file, as in json=report.json".to_owned(),
        ));
    }
    if out.is_empty() {
        out.push((Format::Text, None));
    }
    Ok(out)
}

fn today() -> Day {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Day::since_epoch(i64::try_from(seconds / 86_400).unwrap_or_default())
}

/// The root: what was given, else found from the folder that holds all paths.
pub(super) fn root(given: Option<&Path>, paths: &[PathBuf], here: &Path) -> Result<Root, Failure> {
    let failed = |path: &Path, why: crate::source::ReadError| {
        Failure::Unreadable(format!("{}: {why}", crate::source::visible(&path.to_string_lossy())))
    };
    if let Some(given) = given {
        return Root::new(given).map_err(|why| failed(given, why));
    }
    let folder = |path: &PathBuf| {
        let real = real_name(&std::path::absolute(path).unwrap_or_else(|_| path.clone()));
        if is_folder(&real) { real } else { real.parent().map_or_else(|| here.to_owned(), Path::to_owned) }
    };
    let common =
        |a: PathBuf, b: PathBuf| a.components().zip(b.components()).take_while(|(x, y)| x == y).map(|(x, _)| x).collect::<PathBuf>();
    let all = paths.iter().filter(|p| p.as_os_str() != "-").map(folder);
    let start = all.reduce(common).unwrap_or_else(|| here.to_owned());
    Root::discover(&start, &start).map_err(|why| failed(&start, why))
}

/// The site files that the paths name, each once, in the order of their paths.
fn targets(paths: &[PathBuf], args: &Check, root: &Root, here: &Path) -> Result<Vec<Target>, Failure> {
    let mut files = Vec::new();
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            if !texts.is_empty() {
                return Err(Failure::Usage("`-` can be given once".to_owned()));
            }
            let bytes = read_stdin().map_err(|why| Failure::Unreadable(format!("standard input: {why}")))?;
            let name = args.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("site.toml"));
            let full = if name.is_absolute() { name } else { here.join(name) };
            texts.push(Target::text(real_name(&full), bytes));
        } else if is_folder(path) {
            // What is found below a real folder without following links is real, too.
            let folder = root.confine(&std::path::absolute(path).unwrap_or_else(|_| path.clone()));
            files.extend(folder.into_iter().flat_map(|folder| check::discover(&folder)));
        } else {
            // A path that leads nowhere is said in the report, beside what could be checked.
            let full = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            files.push(real_name(&full));
        }
    }
    files.sort_unstable();
    files.dedup();
    if files.is_empty() && texts.is_empty() {
        let shown: Vec<_> = paths.iter().map(|p| crate::source::visible(&p.to_string_lossy()).into_owned()).collect();
        let mut message = format!("no site file below {}: looked for site.toml, site.yaml, site.json and *.site.toml, …", shown.join(", "));
        message.push_str("; see `vpnlint schema site` and the README for how to write one");
        return Err(Failure::Unreadable(message));
    }
    Ok(files.into_iter().map(Target::File).chain(texts).collect())
}

/// The path with its folder's symbolic links resolved, so that a file is one file however it was named.
fn real_name(path: &Path) -> PathBuf {
    crate::source::real_path(path)
}

/// The policy at the root, or the report of what is wrong with it.
fn read_policy(root: &Root) -> Result<Result<Policy, Report>, Failure> {
    let path = root.path().join("vpnlint.toml");
    let mut session = Session::new(Arc::new(root.clone()));
    let opened = match session.open_site(&path) {
        Ok(opened) => opened,
        Err(crate::source::ReadError::Missing) => return Ok(Ok(Policy::default())),
        Err(why) => return Err(Failure::Usage(format!("vpnlint.toml: {why}"))),
    };
    let (policy, problems) = Policy::read(&mut session, opened.id);
    if problems.is_empty() {
        return Ok(Ok(policy));
    }
    let site = crate::model::Site { name: "policy".to_owned(), ..crate::model::Site::default() };
    let cx = crate::rules::Context::new(&site, &problems, "");
    let mut verdicts = Verdicts::default();
    for (id, kind) in
        [("syntax-error", ProblemKind::Syntax), ("unknown-key", ProblemKind::UnknownKey), ("invalid-value", ProblemKind::InvalidValue)]
    {
        if let Some(rule) = crate::rules::find(id) {
            cx.report_problems(&mut Out { rule, verdicts: &mut verdicts, keep_rows: false }, kind);
        }
    }
    let scrubber = Scrubber::new(std::iter::empty());
    let findings = verdicts.findings.iter().map(|f| ReportFinding::resolve(f, &site, &session.map, &|_| &session.map, &scrubber)).collect();
    let mut report = Report { findings, ..Report::default() };
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(Err(report))
}

fn style(args: &Check, io: &Io<'_>) -> Style {
    let color = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !io.no_color && (io.terminal || io.force_color),
    };
    Style { color, width: io.width.clamp(40, 140), quiet: args.quiet, verbose: args.verbose }
}

fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    match jobs {
        Some(0) => Err(Failure::Usage("--jobs wants a number from 1".to_owned())),
        Some(n) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n.min(256)).build();
            Ok(pool.map_err(|_| Failure::Usage("--jobs: the threads could not be started".to_owned()))?.install(work))
        }
        None => Ok(work()),
    }
}

fn exit(args: &Check, outcome: &Outcome) -> Exit {
    let report = &outcome.report;
    let lowest = match args.fail_on {
        FailOn::Error => Level::Error,
        FailOn::Warning => Level::Warning,
        FailOn::Advice => Level::Advice,
    };
    let mut all = Vec::new();
    if !report.bugs.is_empty() {
        all.push(Exit::Bug);
    }
    if !report.unreadable.is_empty() {
        all.push(Exit::Unreadable);
    }
    if !args.exit_zero && report.findings.iter().any(|f| f.level >= lowest) {
        all.push(Exit::Findings);
    }
    let wanted = |id: &str| args.require_decided.iter().any(|r| r == "*" || r == id);
    if outcome.nothing_checked || outcome.undecided_rules.iter().any(|r| wanted(r.id)) {
        all.push(Exit::Undecided);
    }
    Exit::gravest(all)
}

/// The policy that counts for a folder; a faulty one is an error of the command.
pub fn policy_at(root: Option<&Path>) -> Result<Policy, Failure> {
    let here = std::path::absolute(".").map_err(|e| Failure::Unreadable(format!("the current folder cannot be read ({})", e.kind())))?;
    let root = self::root(root, std::slice::from_ref(&here), &here)?;
    read_policy(&root)?.map_err(|_| Failure::Usage("vpnlint.toml is not valid; `vpnlint check` shows where".to_owned()))
}
