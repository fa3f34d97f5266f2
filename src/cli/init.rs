//! `vpnlint init`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Init;
use super::{Failure, Io};
use crate::exit::Exit;
use crate::init::{draft, survey, usual_target};
use crate::source::{real_path, visible};

/// Runs the command: writes a site file, and never over one that is there.
pub fn run(args: &Init, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let here = std::path::absolute(".").map_err(|e| Failure::Unreadable(format!("the current folder cannot be read ({})", e.kind())))?;
    let from: Vec<PathBuf> = if args.from.is_empty() { vec![here.clone()] } else { args.from.clone() };
    let from: Vec<PathBuf> = from.iter().map(|p| real_path(&std::path::absolute(p).unwrap_or_else(|_| p.clone()))).collect();
    if let Some(missing) = from.iter().position(|p| !crate::source::exists(p)) {
        let shown = args.from.get(missing).unwrap_or(&from[missing]).to_string_lossy();
        return Err(Failure::Unreadable(format!("{}: there is no such file", visible(&shown))));
    }
    let to_stdout = args.output.as_deref() == Some(Path::new("-"));
    let target = args
        .output
        .clone()
        .filter(|_| !to_stdout)
        .map_or_else(|| usual_target(&from, &here), |path| real_path(&std::path::absolute(&path).unwrap_or(path)));
    let shown = args.output.clone().filter(|_| !to_stdout).unwrap_or_else(|| target.strip_prefix(&here).unwrap_or(&target).to_owned());
    let shown = visible(&shown.to_string_lossy()).into_owned();
    if !to_stdout && crate::source::exists(&target) {
        return Err(Failure::Usage(format!(
            "{shown} is there already, and stays as it is; `--output` names another file, `--output -` shows the text"
        )));
    }
    let mut all = from.clone();
    all.push(target.parent().map_or_else(|| here.clone(), Path::to_owned));
    let root = Arc::new(super::check::root(args.root.as_deref(), &all, &here)?);
    if !target.starts_with(root.path()) {
        return Err(Failure::Usage(format!("{shown} would be outside the root, {}", visible(&root.path().to_string_lossy()))));
    }
    let found = survey(&root, &from);
    let draft = draft(&root, &target, &found, args.network.as_deref()).map_err(Failure::Usage)?;
    if to_stdout {
        io.out.write_all(draft.text.as_bytes())?;
        io.out.flush()?;
    } else {
        let written =
            std::fs::OpenOptions::new().write(true).create_new(true).open(&target).and_then(|mut f| f.write_all(draft.text.as_bytes()));
        written.map_err(|e| Failure::Usage(format!("{shown} cannot be written: {}", e.kind())))?;
        writeln!(io.err, "{shown} is written; fill in its comments, then run `vpnlint check {shown}`")?;
    }
    for remark in &draft.remarks {
        writeln!(io.err, "{remark}")?;
    }
    Ok(Exit::Clean)
}
