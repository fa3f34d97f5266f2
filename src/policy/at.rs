//! The policy file of a root, and the report of what is wrong with it.

use std::sync::Arc;

use super::Policy;
use crate::model::Site;
use crate::report::{Report, ReportFinding, Scrubber};
use crate::rules::{Context, Out, Verdicts};
use crate::source::{Problem, ProblemKind, ReadError, Root, Session, SourceMap};

/// Why a root has no policy to go by.
pub enum PolicyFault {
    /// `vpnlint.toml` is there, and cannot be read.
    Unreadable(ReadError),
    /// It says what no policy says: a finding for each fault.
    Faulty(Box<Report>),
}

impl Policy {
    /// The policy that counts below `root`: its `vpnlint.toml`, or the rules' own levels where it has none.
    pub fn at(root: &Root) -> Result<Self, PolicyFault> {
        let mut session = Session::new(Arc::new(root.clone()));
        let opened = match session.open_site(&root.path().join("vpnlint.toml")) {
            Ok(opened) => opened,
            Err(ReadError::Missing) => return Ok(Self::default()),
            Err(why) => return Err(PolicyFault::Unreadable(why)),
        };
        let (policy, problems) = Self::read(&mut session, opened.id);
        if problems.is_empty() { Ok(policy) } else { Err(PolicyFault::Faulty(Box::new(report(&problems, &session.map)))) }
    }
}

fn report(problems: &[Problem], map: &SourceMap) -> Report {
    let site = Site { name: "policy".to_owned(), ..Site::default() };
    let cx = Context::new(&site, problems, "");
    let mut verdicts = Verdicts::default();
    for (id, kind) in
        [("syntax-error", ProblemKind::Syntax), ("unknown-key", ProblemKind::UnknownKey), ("invalid-value", ProblemKind::InvalidValue)]
    {
        if let Some(rule) = crate::rules::find(id) {
            cx.report_problems(&mut Out { rule, verdicts: &mut verdicts, keep_rows: false }, kind);
        }
    }
    let scrubber = Scrubber::new(std::iter::empty());
    let findings = verdicts.findings.iter().map(|f| ReportFinding::resolve(f, &site, map, &|_| map, &scrubber)).collect();
    let mut report = Report { findings, ..Report::default() };
    report.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    report
}
