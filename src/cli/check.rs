//! `vpnlint check`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::args::{Check, Color, FailOn};
use super::{Failure, Io};
use crate::check::{self, Options, Outcome, Target};
use crate::exit::Exit;
use crate::model::Day;
use crate::policy::baseline::Baseline;
use crate::policy::{Policies, Settings};
use crate::report::{Format, Report, ReportFinding, Scrubber, Style};
use crate::rules::{Level, Out, Verdicts};
use crate::source::{ProblemKind, Root, is_folder, read_stdin};

/// Runs the command.
pub fn run(args: &Check, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let as_of = day(args.as_of.as_deref())?;
    let prepared =
        prepare(&args.paths, args.stdin_filename.as_deref(), args.root.as_deref(), &args.policy, &args.select, &args.ignore, as_of, io)?;
    let Some((targets, mut options)) = prepared else { return Ok(Exit::Usage) };
    for rule in args.require_decided.iter().filter(|r| *r != "*") {
        if crate::rules::find(rule).is_none() {
            return Err(Failure::Usage(format!("no rule is called `{}`", crate::source::clip(&crate::source::visible(rule), 60))));
        }
    }
    let outputs = match (args.format.as_slice(), options.policies.check_defaults().find_map(|(d, _)| d.format.value())) {
        ([], Some(stated)) => outputs(&stated.iter().map(|f| f.value.0.clone()).collect::<Vec<_>>())?,
        (given, _) => outputs(given)?,
    };
    options.show_coverage =
        args.coverage || options.policies.check_defaults().find_map(|(d, _)| d.coverage.value().copied()).unwrap_or_default();
    options.coverage = options.show_coverage || outputs.iter().any(|(format, _)| format.wants_coverage());
    options.show_waived = args.show_waived;
    options.digests = outputs.iter().any(|(format, _)| *format == Format::Json);
    if let Some(file) = args.baseline.clone().or_else(|| stated_baseline(&options)) {
        options.baseline = Some(read_baseline(&file).map_err(Failure::Usage)?);
        options.logical = true;
    }
    let outcome = on_threads(args.jobs, || check::run(&targets, &options))?;
    let exit = exit(args, &outcome, &options.policies);
    write_all(args, &outcome.report, &outputs, exit, io)?;
    Ok(exit)
}

/// Writes every report, whatever becomes of another; the first failure is the answer.
fn write_all(args: &Check, report: &Report, outputs: &[(Format, Option<PathBuf>)], exit: Exit, io: &mut Io<'_>) -> Result<(), Failure> {
    let mut written = Ok(());
    if let (Some(summary), true) = (io.step_summary.clone(), outputs.iter().any(|(format, _)| *format == Format::GitHub)) {
        let mut text = Vec::new();
        let done = Format::Markdown.write(report, style(args, io), &mut text).and_then(|()| append_file(&summary, &text));
        written = written.and(done.map_err(|why| not_written(&summary, &why)));
    }
    for (format, file) in outputs {
        let done = match file {
            None => format.write(report, style(args, io), io.out).and_then(|()| io.out.flush()).map_err(|e| Failure::Io(e, exit)),
            Some(path) => {
                let mut text = Vec::new();
                let style = Style { color: false, width: 100, quiet: args.quiet, verbose: args.verbose };
                format.write(report, style, &mut text).and_then(|()| write_file(path, &text)).map_err(|why| not_written(path, &why))
            }
        };
        written = written.and(done);
    }
    written
}

/// A file that the user named could not be written.
pub(super) fn not_written(path: &Path, why: &std::io::Error) -> Failure {
    Failure::Usage(format!("{} cannot be written: {}", crate::source::visible(&path.to_string_lossy()), why.kind()))
}

/// The targets and options of a run over `paths`; none when a policy has faults, which are written to standard error.
#[expect(clippy::too_many_arguments, reason = "what the commands that check sites have in common")]
pub(super) fn prepare(
    paths: &[PathBuf],
    stdin_filename: Option<&Path>,
    root: Option<&Path>,
    named: &[String],
    select: &[String],
    ignore: &[String],
    as_of: Day,
    io: &mut Io<'_>,
) -> Result<Option<(Vec<Target>, Options)>, Failure> {
    let here = here()?;
    let paths: Vec<PathBuf> = if paths.is_empty() { vec![here.clone()] } else { paths.to_vec() };
    let root = Arc::new(self::root(root, &paths, &here)?);
    let targets = targets(&paths, stdin_filename, &root, &here)?;
    let whole =
        paths.iter().filter(|p| is_folder(p)).map(|p| root.inside(&real_name(&std::path::absolute(p).unwrap_or_else(|_| p.clone()))));
    let whole = whole.collect();
    let sites: Vec<&Path> = targets.iter().map(Target::path).collect();
    let policies = Policies::load(&root, named, select, ignore, &sites).map_err(Failure::Usage)?;
    if !policies.problems.is_empty() {
        show_faults(&policies, io)?;
        return Ok(None);
    }
    Ok(Some((targets, Options { whole, ..Options::new(root, policies, as_of) })))
}

/// The baseline that the policy names.
pub(super) fn stated_baseline(options: &Options) -> Option<PathBuf> {
    let named =
        options.policies.check_defaults().find_map(|(d, folder)| Some(options.root.path().join(folder).join(d.baseline.value()?)))?;
    // A policy leads nowhere outside the root; a file that is not there yet is told by its name.
    Some(options.root.confine(&named).unwrap_or_else(|_| options.root.path().join(named.file_name().unwrap_or_default())))
}

/// Reads a baseline; the message of an error names the file.
pub(super) fn read_baseline(path: &Path) -> Result<Baseline, String> {
    let shown = crate::source::visible(&path.to_string_lossy()).into_owned();
    let bytes = crate::source::read_bytes(path, crate::source::MAX_DUMP).map_err(|why| format!("{shown}: {why}"))?;
    Baseline::parse(&shown, &String::from_utf8_lossy(&bytes)).map_err(|why| format!("{shown}: {why}"))
}

#[expect(clippy::disallowed_methods, reason = "the user named the file to write")]
pub(super) fn write_file(path: &Path, text: &[u8]) -> std::io::Result<()> {
    std::fs::write(path, text)
}

/// Adds to the file that the runner names in `GITHUB_STEP_SUMMARY`, which several steps share.
fn append_file(path: &Path, text: &[u8]) -> std::io::Result<()> {
    std::fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(text)
}

/// The formats asked for, each with the file it goes to; at most one goes to standard output.
fn outputs(words: &[String]) -> Result<Vec<(Format, Option<PathBuf>)>, Failure> {
    outputs_of(Format::ALL, Format::Text, words)
}

/// The same of the formats that a command has.
pub(super) fn outputs_of<F: Copy>(all: &[(&str, F)], usual: F, words: &[String]) -> Result<Vec<(F, Option<PathBuf>)>, Failure> {
    let mut out = Vec::new();
    for word in words {
        let (name, file) = word.split_once('=').map_or((word.as_str(), None), |(n, f)| (n, Some(PathBuf::from(f))));
        let Some((_, format)) = all.iter().find(|(n, _)| *n == name) else {
            let names: Vec<_> = all.iter().map(|(n, _)| *n).collect();
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
        out.push((usual, None));
    }
    Ok(out)
}

/// The day of the check: what was given, else today.
pub(super) fn day(given: Option<&str>) -> Result<Day, Failure> {
    let wrong = || Failure::Usage("--as-of wants a day of the calendar such as 2027-03-31".to_owned());
    given.map_or_else(|| Ok(today()), |text| Day::parse(text).filter(|_| text.len() == 10).ok_or_else(wrong))
}

pub(super) fn today() -> Day {
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
fn targets(paths: &[PathBuf], stdin_filename: Option<&Path>, root: &Root, here: &Path) -> Result<Vec<Target>, Failure> {
    let mut files = Vec::new();
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            if !texts.is_empty() {
                return Err(Failure::Usage("`-` can be given once".to_owned()));
            }
            let bytes = read_stdin().map_err(|why| Failure::Unreadable(format!("standard input: {why}")))?;
            let name = stdin_filename.map_or_else(|| PathBuf::from("site.toml"), Path::to_owned);
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

/// Writes what is wrong with the policies to standard error.
pub(super) fn show_faults(policies: &Policies, io: &mut Io<'_>) -> Result<(), Failure> {
    let site = crate::model::Site { name: "policy".to_owned(), ..crate::model::Site::default() };
    let cx = crate::rules::Context::new(&site, &policies.problems, "");
    let mut verdicts = Verdicts::default();
    for (id, kind) in
        [("syntax-error", ProblemKind::Syntax), ("unknown-key", ProblemKind::UnknownKey), ("invalid-value", ProblemKind::InvalidValue)]
    {
        if let Some(rule) = crate::rules::find(id) {
            let settings = Settings::default();
            cx.report_problems(&mut Out { rule, verdicts: &mut verdicts, keep_rows: false, settings: &settings, site: None }, kind);
        }
    }
    let scrubber = Scrubber::new(std::iter::empty());
    let map = &policies.map;
    let findings = verdicts.findings.iter().map(|f| ReportFinding::resolve(f, &site, map, &|_| map, &scrubber)).collect();
    let mut report = Report { findings, ..Report::default() };
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    let color = !io.no_color && io.force_color;
    Format::Text.write(&report, Style { color, width: io.width.clamp(40, 140), quiet: true, verbose: false }, io.err)?;
    Ok(())
}

/// Whether standard output gets colours.
pub(super) const fn in_color(color: Color, io: &Io<'_>) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !io.no_color && (io.terminal || io.force_color),
    }
}

fn style(args: &Check, io: &Io<'_>) -> Style {
    let color = in_color(args.color, io);
    Style { color, width: io.width.clamp(40, 140), quiet: args.quiet, verbose: args.verbose }
}

pub(super) fn on_threads<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    match jobs {
        Some(0) => Err(Failure::Usage("--jobs wants a number from 1".to_owned())),
        Some(n) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n.min(256)).build();
            Ok(pool.map_err(|_| Failure::Usage("--jobs: the threads could not be started".to_owned()))?.install(work))
        }
        None => Ok(work()),
    }
}

/// The lowest level that makes the exit code 1: what was given, else what the policy states.
pub(super) fn lowest(given: Option<FailOn>, policies: &Policies) -> Level {
    let stated = || policies.check_defaults().find_map(|(d, _)| d.fail_on.value().copied());
    match given {
        Some(FailOn::Error) => Level::Error,
        Some(FailOn::Warning) => Level::Warning,
        Some(FailOn::Advice) => Level::Advice,
        None => stated().filter(|l| *l != Level::Off).unwrap_or(Level::Error),
    }
}

fn exit(args: &Check, outcome: &Outcome, policies: &Policies) -> Exit {
    let report = &outcome.report;
    let lowest = lowest(args.fail_on, policies);
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
    if outcome.nothing_checked || outcome.must_be_decided || outcome.undecided_rules.iter().any(|r| wanted(r.id)) {
        all.push(Exit::Undecided);
    }
    Exit::gravest(all)
}

/// The current folder.
pub(super) fn here() -> Result<PathBuf, Failure> {
    std::path::absolute(".").map_err(|e| Failure::Unreadable(format!("the current folder cannot be read ({})", e.kind())))
}
