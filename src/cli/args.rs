//! Arguments of every command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Cross-checks Meraki MX client VPN settings, the firewall in front, and the clients' profiles.
#[derive(Parser)]
#[command(name = "vpnlint", version, about, max_term_width = 110, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 clean, 1 findings, 2 usage or policy error, 3 an input could not be read, 4 nothing was checked, 70 a bug of vpnlint"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Load sites, cross-check them, and report what contradicts what
    Check(Check),
    /// Show a rule's page, or what a symptom means and which rules explain it
    Explain(Explain),
    /// List the rules with their levels and stages
    Rules(Rules),
    /// Print the JSON Schema of the site file
    Schema(Schema),
    /// Show what was understood of a file, as JSON with positions and without secrets
    Inspect(Inspect),
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Levels that a run can fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Everything.
    Advice,
}

/// Arguments of `check`.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub struct Check {
    /// Site files or folders to search for them; `-` reads one document from standard input [default: the current folder]
    pub paths: Vec<PathBuf>,
    /// Output format, `text`, `concise` or `json`, with `=FILE` to write it to a file; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<String>,
    /// Check only these rules (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these rules out (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Lowest level that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    pub fail_on: FailOn,
    /// List what was proved, what is undecided, and for want of what
    #[arg(long)]
    pub coverage: bool,
    /// Exit with 4 when a rule (or any, without one) stays undecided
    #[arg(long, value_name = "RULE", num_args = 0..=1, require_equals = true, default_missing_value = "*")]
    pub require_decided: Vec<String>,
    /// The day of the check, for expiry dates, as YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Read nothing outside this folder [default: the nearest one with .git, else the outermost with vpnlint.toml]
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Name of the document on standard input
    #[arg(long, value_name = "PATH")]
    pub stdin_filename: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Findings only, no summary
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: the files that were read
    #[arg(long, short)]
    pub verbose: bool,
    /// Threads [default: one for each processor]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// End with 0 in spite of findings
    #[arg(long)]
    pub exit_zero: bool,
}

/// Arguments of `explain`.
#[derive(Args)]
pub struct Explain {
    /// A rule, a symptom (`windows-691`, `789`, "invalid DH group 19", a whole line of the event log), or a stage
    #[arg(value_name = "RULE-or-SYMPTOM", required = true, num_args = 1..)]
    pub what: Vec<String>,
}

/// Arguments of `rules`.
#[derive(Args)]
pub struct Rules {
    /// `text` or `json`
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
    /// Folder whose vpnlint.toml counts [default: the current folder]
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// Arguments of `schema`.
#[derive(Args)]
pub struct Schema {
    /// Which schema
    #[arg(default_value = "site", value_parser = ["site"])]
    pub which: String,
}

/// Arguments of `inspect`.
#[derive(Args)]
pub struct Inspect {
    /// Files to look at
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Take the files for this format
    #[arg(long, value_name = "ID")]
    pub format_id: Option<String>,
    /// Read nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}
