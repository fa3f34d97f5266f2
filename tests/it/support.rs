//! What the tests share: sites in folders of their own, the library's run, the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use vpnlint::check::{self, Options, Outcome, Target};
use vpnlint::model::Day;
use vpnlint::policy::Policies;
use vpnlint::report::{Format, Report, Style};
use vpnlint::source::Root;

/// The environment of every example and case.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("VPNLINT_EXAMPLE_PSK", "CANARY-correct-Horse.7battery"),
    ("VPNLINT_EXAMPLE_OTHER", "CANARY-another.Key-9of-them-all"),
    ("VPNLINT_EXAMPLE_RADIUS", "CANARY-radius.Third-4thing"),
    ("VPNLINT_EXAMPLE_BLANK", "CANARY-correct-Horse.7battery "),
    ("VPNLINT_EXAMPLE_SPECIAL", "CANARY-correct-Horse.7batter!"),
    ("VPNLINT_EXAMPLE_INSIDE", "CANARY;Horse$7'x\"bat\\tery&9q"),
    ("VPNLINT_EXAMPLE_LONG", "CANARY-correct-Horse.7battery-and-2staples"),
    ("VPNLINT_EXAMPLE_UMLAUT", "CANARY-Schl\u{fc}ssel.7battery"),
    ("VPNLINT_EXAMPLE_SHORT", "CANARY.7q"),
    ("VPNLINT_EXAMPLE_GUESSABLE", "CANARY1234567890"),
    ("VPNLINT_EXAMPLE_NAME", "CanaryWharfCANARY26"),
    ("VPNLINT_EXAMPLE_EMPTY", ""),
];

pub fn environment(name: &str) -> Option<String> {
    ENVIRONMENT.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
}

/// A folder with files in it, gone when dropped.
pub struct Site(tempfile::TempDir);

impl Site {
    pub fn new<T: AsRef<[u8]>>(files: &[(&str, T)]) -> Self {
        let site = Self(tempfile::tempdir().expect("a temporary folder"));
        for (name, text) in files {
            site.write(name, text.as_ref());
        }
        site
    }

    pub fn write(&self, name: &str, text: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn check(&self) -> Outcome {
        check_folder(self.path())
    }
}

/// Checks every site below a folder, which is the root.
pub fn check_folder(folder: &Path) -> Outcome {
    let root = Root::new(folder).expect("a root");
    let targets = check::discover(root.path()).into_iter().map(Target::File).collect::<Vec<_>>();
    let root = Arc::new(root);
    let sites: Vec<&Path> = targets.iter().map(Target::path).collect();
    let policies = Policies::load(&root, &[], &[], &[], &sites).expect("policies");
    let faults: Vec<_> = policies.problems.iter().map(|p| &p.message).collect();
    assert!(faults.is_empty(), "the policy of {}: {faults:?}", folder.display());
    let options = Options {
        coverage: true,
        show_coverage: true,
        whole: vec![PathBuf::new()],
        digests: true,
        environment: Some(environment),
        ..Options::new(root, policies, Day::parse("2026-11-23").expect("a day"))
    };
    check::run(&targets, &options)
}

/// `rule path:line` of every finding, sorted as reported.
pub fn found(report: &Report) -> Vec<String> {
    report.findings.iter().map(|f| format!("{} {}:{}", f.rule.id, f.places[0].path, f.places[0].line)).collect()
}

/// The report in a format, without colours.
pub fn render(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    let style = Style { color: false, width: 100, quiet: false, verbose: true };
    format.write(report, style, &mut out).expect("writing to memory");
    String::from_utf8(out).expect("UTF-8")
}

/// The real binary, in `folder`, with the examples' environment and nothing else of ours.
pub fn vpnlint(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).stdin(Stdio::null()).output().expect("the binary runs")
}

pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vpnlint"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("COLUMNS")
        .env_remove("GITHUB_STEP_SUMMARY");
    command.envs(ENVIRONMENT.iter().copied());
    command
}

/// Every folder directly below `folder` of the crate.
pub fn folders(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}
