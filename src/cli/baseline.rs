//! `vpnlint baseline`.

use std::path::{Path, PathBuf};

use super::args::Baseline as Args;
use super::{Failure, Io};
use crate::check;
use crate::exit::Exit;
use crate::policy::baseline::{Baseline, FILE};

/// Runs the command: records today's findings, or prunes what is known.
pub fn run(args: &Args, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let as_of = super::check::today();
    let Some((targets, mut options)) = super::check::prepare(&args.paths, None, args.root.as_deref(), &args.policy, &[], &[], as_of, io)?
    else {
        return Ok(Exit::Usage);
    };
    options.logical = true;
    let stated = super::check::stated_baseline(&options);
    let to_stdout = args.output.as_deref() == Some(Path::new("-"));
    let file: PathBuf = args.output.clone().filter(|_| !to_stdout).or(stated).unwrap_or_else(|| options.root.path().join(FILE));
    let before = match super::check::read_baseline(&file) {
        Ok(before) => Some(before),
        Err(_) if !crate::source::exists(&file) => None,
        Err(why) => return Err(Failure::Usage(why)),
    };
    if args.prune && before.is_none() {
        return Err(Failure::Usage("--prune: there is no baseline yet".to_owned()));
    }
    let outcome = check::run(&targets, &options);
    let run = outcome.run(&options, &targets);
    let now = Baseline::record(&outcome.report.findings, before.as_ref(), args.pin, args.prune, &run);
    for (path, reason) in &outcome.report.unreadable {
        writeln!(io.err, "not read: {path}: {reason}")?;
    }
    if to_stdout {
        io.out.write_all(now.text().as_bytes())?;
    } else {
        super::check::write_file(&file, now.text().as_bytes()).map_err(|why| super::check::not_written(&file, &why))?;
        let was = before.map_or(0, |b| b.len());
        writeln!(io.err, "{}: {} known findings (before: {was})", crate::source::visible(&options.root.relative(&file)), now.len())?;
    }
    Ok(if outcome.report.unreadable.is_empty() { Exit::Clean } else { Exit::Unreadable })
}
