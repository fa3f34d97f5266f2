//! The command line: arguments, and one file per command. It decides exit codes; only `main` prints and exits.

mod args;
mod baseline;
mod check;
mod diff;
mod explain;
mod init;
mod inspect;
mod policy;
mod rules;
mod schema;

use std::io::{self, Write};

use clap::Parser;

pub use args::{Cli, Command};

use crate::exit::Exit;

/// Where a command writes, and what it knows of the terminal.
pub struct Io<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// The file that `GITHUB_STEP_SUMMARY` names.
    pub step_summary: Option<std::path::PathBuf>,
    /// `CLICOLOR_FORCE` is set.
    pub force_color: bool,
}

/// Parses the arguments and runs the command.
pub fn run(arguments: Vec<std::ffi::OsString>, io: &mut Io<'_>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            // A reader that went away is no fault of ours.
            let _ = if error.use_stderr() { io.err.write_all(text.as_bytes()) } else { io.out.write_all(text.as_bytes()) };
            return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
        }
    };
    let result = match &cli.command {
        Command::Check(args) => check::run(args, io),
        Command::Diff(args) => diff::run(args, io),
        Command::Explain(args) => explain::run(args, io),
        Command::Rules(args) => rules::run(args, io),
        Command::Baseline(args) => baseline::run(args, io),
        Command::Policy(command) => policy::run(command, io),
        Command::Schema(args) => schema::run(args, io),
        Command::Inspect(args) => inspect::run(args, io),
        Command::Init(args) => init::run(args, io),
    };
    match result {
        Ok(exit) => exit,
        Err(Failure::Usage(message)) => {
            let _ = writeln!(io.err, "error: {message}");
            Exit::Usage
        }
        Err(Failure::Unreadable(message)) => {
            let _ = writeln!(io.err, "error: {message}");
            Exit::Unreadable
        }
        // The reader of a pipe has seen enough; the exit code is that of an orderly end.
        Err(Failure::Io(error, exit)) if error.kind() == io::ErrorKind::BrokenPipe => exit,
        Err(Failure::Io(error, _)) => {
            let _ = writeln!(io.err, "error: the output cannot be written: {}", error.kind());
            Exit::Usage
        }
    }
}

/// Why a command stopped.
pub enum Failure {
    /// A wrong option or policy.
    Usage(String),
    /// An input cannot be read.
    Unreadable(String),
    /// Output cannot be written; with the exit code that the run would have had.
    Io(io::Error, Exit),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error, Exit::Clean)
    }
}
