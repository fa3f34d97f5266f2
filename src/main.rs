//! The binary: standard streams, the terminal, and the exit code. Everything else is in the library.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use vpnlint::cli::{self, Io};

fn main() -> ExitCode {
    // The default message could show content; a panic inside a rule or reader is reported by the run itself.
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| {
        let terminal = io::stdout().is_terminal();
        let mut out = BufWriter::new(io::stdout().lock());
        let mut err = io::stderr().lock();
        let width = width(terminal);
        let set = |name| environment(name).is_some_and(|v| !v.is_empty() && v != "0");
        let mut io = Io {
            out: &mut out,
            err: &mut err,
            terminal,
            width,
            no_color: environment("NO_COLOR").is_some_and(|v| !v.is_empty()),
            step_summary: environment("GITHUB_STEP_SUMMARY").filter(|p| !p.is_empty()).map(Into::into),
            force_color: set("CLICOLOR_FORCE"),
        };
        let exit = cli::run(std::env::args_os().collect(), &mut io);
        let _ = out.flush();
        exit
    });
    let exit = outcome.unwrap_or_else(|_| {
        let _ = writeln!(
            io::stderr(),
            "error: vpnlint has a bug and stopped; please report the command and the version (no content of your files is needed)"
        );
        vpnlint::exit::Exit::Bug
    });
    ExitCode::from(exit.code())
}

#[expect(clippy::disallowed_methods, reason = "the terminal's settings")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Columns of the terminal; 100 where there is none.
fn width(terminal: bool) -> usize {
    let stated = environment("COLUMNS").and_then(|c| c.parse().ok());
    if terminal { stated.or_else(|| Some(usize::from(terminal_width()?))).unwrap_or(100) } else { 100 }
}

fn terminal_width() -> Option<u16> {
    terminal_size::terminal_size().map(|(w, _)| w.0)
}
