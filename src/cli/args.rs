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
    /// Say what a change does: clients whose outcome changes, and new, fixed and unchanged findings
    Diff(Diff),
    /// Show a rule's page, or what a symptom means and which rules explain it
    Explain(Explain),
    /// List the rules with their levels and stages
    Rules(Rules),
    /// Record today's findings, so that only new ones fail; or prune what is recorded
    Baseline(Baseline),
    /// Show packs, the policies that count, and where each level comes from
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the JSON Schema of the site file or of policies
    Schema(Schema),
    /// Write a first site file from the exports, profiles and Network as Code that are there
    Init(Init),
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
    /// Output format: text, concise, json, sarif, github, gitlab, junit, checkstyle, rdjson or markdown, with `=FILE` to write it to a file; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<String>,
    /// Check only these rules (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these rules out (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// A pack, or a policy file, on top of the vpnlint.toml files; repeatable, later ones win
    #[arg(long, value_name = "NAME-or-FILE")]
    pub policy: Vec<String>,
    /// Lowest level that makes the exit code 1 [default: error]
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// List what was proved, what is undecided, and for want of what
    #[arg(long)]
    pub coverage: bool,
    /// Known findings that do not fail, as `vpnlint baseline` writes them
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Show waived findings among the others
    #[arg(long)]
    pub show_waived: bool,
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

/// Arguments of `diff`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  vpnlint diff main                        revision main against the working tree
  vpnlint diff main HEAD --rev             two revisions of the repository of the current folder
  vpnlint diff main:sites/osaka HEAD:sites/osaka
  vpnlint diff before/ after/              two folders
  vpnlint diff old.site.toml new.site.toml two files

What exists is taken for a path, all else for a revision. NEW's policy (vpnlint.toml, --policy) counts for both sides, so that a change of levels is no difference. A revision is laid out in a temporary folder, as git stores it: no hook or filter (LFS) runs, and the index and the working tree stay as they are.

Exit codes: 0 nothing new at the chosen level, 1 new findings, 2 usage or policy error, 3 OLD, NEW or a site file of NEW could not be read, 4 nothing was checked, 70 a bug of vpnlint")]
pub struct Diff {
    /// What was: a folder, a site file, or a git revision as in `main`, `HEAD~3`, `main:sites/osaka`
    pub old: PathBuf,
    /// What shall be: likewise [default: the working tree, and OLD is a revision]
    pub new: Option<PathBuf>,
    /// Take OLD and NEW for git revisions, although there are files or folders of these names
    #[arg(long)]
    pub rev: bool,
    /// Output format: text, markdown or json, with `=FILE` to write it to a file; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub format: Vec<String>,
    /// Check only these rules (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these rules out (ids or patterns, separated by commas; repeatable)
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// A pack, or a policy file, on top of NEW's vpnlint.toml files; repeatable, later ones win
    #[arg(long, value_name = "NAME-or-FILE")]
    pub policy: Vec<String>,
    /// Lowest level of a new finding that makes the exit code 1 [default: error]
    #[arg(long, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,
    /// The day of the check, for expiry dates, as YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Threads [default: one for each processor]
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// End with 0 in spite of new findings
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
    #[arg(default_value = "site", value_parser = ["site", "policy"])]
    pub which: String,
}

/// Arguments of `inspect`.
#[derive(Args)]
pub struct Inspect {
    /// Files to look at; a folder is taken for an import of the MX: exports of the Dashboard's API, or Network as Code
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The network to show of an import that holds many: its name, id or serial
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Take the files for this format
    #[arg(long, value_name = "ID")]
    pub format_id: Option<String>,
    /// Read nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// Arguments of `init`.
#[derive(Args)]
pub struct Init {
    /// Files and folders to look through [default: the current folder]
    pub from: Vec<PathBuf>,
    /// File to write, which must not be there; `-` for standard output [default: site.toml in the folder that is looked through, or in the current one]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The network that the site is about, of those that the files hold [default: the one that the folder is named after, else the first]
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Name nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// The commands about policies.
#[derive(Subcommand)]
pub enum PolicyCommand {
    /// List the packs, and the policies that count in the current folder
    List(PolicyList),
    /// Show every rule's level and parameters, and the line that each comes from
    Show(PolicyShow),
}

/// Arguments of `policy list`.
#[derive(Args)]
pub struct PolicyList {
    /// Read nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// Arguments of `policy show`.
#[derive(Args)]
pub struct PolicyShow {
    /// A site file or folder for which it counts, or the name of a pack [default: the current folder]
    pub path: Option<PathBuf>,
    /// A pack, or a policy file, on top; repeatable
    #[arg(long, value_name = "NAME-or-FILE")]
    pub policy: Vec<String>,
    /// `text` or `json`
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    pub format: String,
    /// Read nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// Arguments of `baseline`.
#[derive(Args)]
pub struct Baseline {
    /// Site files or folders [default: the current folder]
    pub paths: Vec<PathBuf>,
    /// File to write; `-` for standard output [default: the policy's, else vpnlint-baseline.json at the root]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Take out what matches no finding any more, and record nothing new
    #[arg(long)]
    pub prune: bool,
    /// Record what both sides are today: an entry, or a waiver with that `pin`, lapses when one changes
    #[arg(long)]
    pub pin: bool,
    /// A pack, or a policy file, on top of the vpnlint.toml files; repeatable
    #[arg(long, value_name = "NAME-or-FILE")]
    pub policy: Vec<String>,
    /// Read nothing outside this folder
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}
