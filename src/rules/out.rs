//! Where rules write their verdicts.

use std::borrow::Cow;

use super::{Count, Grade, Level, Rule, Stage};
use crate::model::Part;
use crate::net::{Packet, Witness};
use crate::policy::Settings;
use crate::source::Span;

/// What a verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The site as a whole.
    Site,
    /// The MX.
    Mx,
    /// Client VPN on the MX.
    ClientVpn,
    /// `site.clients[n]`.
    Client(usize),
    /// `site.upstream[n]`.
    Upstream(usize),
    /// `site.resources[n]`.
    Resource(usize),
    /// A file, by its number in the source map.
    File(usize),
}

impl Subject {
    /// The word for its kind in reports.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Mx => "mx",
            Self::ClientVpn => "client_vpn",
            Self::Client(_) => "client",
            Self::Upstream(_) => "upstream",
            Self::Resource(_) => "resource",
            Self::File(_) => "file",
        }
    }

    /// The part of the input that describes it.
    pub const fn part(self) -> Part {
        match self {
            Self::Site | Self::File(_) => Part::Whole,
            Self::Mx => Part::Mx,
            Self::ClientVpn => Part::ClientVpn,
            Self::Client(n) => Part::Client(n),
            Self::Upstream(n) => Part::Upstream(n),
            Self::Resource(n) => Part::Resource(n),
        }
    }

    /// The parts of the input whose gaps leave a conclusion about it undecided, where a rule does not name them: rather too many than too few.
    pub fn rests_on(self) -> Vec<Part> {
        match self {
            Self::Site | Self::File(_) => vec![Part::Whole],
            Self::Mx => vec![Part::Mx, Part::ClientVpn, Part::Upstreams, Part::Info],
            Self::ClientVpn => vec![Part::ClientVpn, Part::Mx, Part::Clients, Part::Resources, Part::Info],
            // Whatever a client may meet; a rule that compares clients with each other says so.
            Self::Client(n) => vec![Part::Client(n), Part::ClientVpn, Part::Mx, Part::Upstreams, Part::Resources, Part::Info],
            Self::Upstream(_) => vec![Part::Upstreams, Part::Mx],
            Self::Resource(n) => vec![Part::Resource(n), Part::ClientVpn, Part::Mx, Part::Clients, Part::Info],
        }
    }
}

/// A place that takes part in a finding.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is at this place, in at most six words.
    pub text: Cow<'static, str>,
    /// Which site's map the span is in, when it is another than the finding's own.
    pub site: Option<usize>,
}

/// A concrete packet and the lines it met.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What became of it: `dropped`, `elsewhere`, …
    pub verdict: &'static str,
    /// The packet.
    pub packet: Packet,
    /// The lines, in order.
    pub steps: Vec<ProofStep>,
}

/// A line that a packet met.
#[derive(Clone, Debug)]
pub struct ProofStep {
    /// The line.
    pub span: Span,
    /// What it did.
    pub action: &'static str,
    /// The line in neutral words.
    pub text: String,
}

impl Proof {
    /// A proof from the walk of a packet.
    pub fn of(verdict: &'static str, witness: &Witness<'_>) -> Self {
        let step = |s: &crate::net::Step<'_>| {
            let action = match s.by {
                crate::net::By::Line(line) => line.action.word(),
                crate::net::By::End(end) if end.permits => "permit",
                crate::net::By::End(_) => "deny",
            };
            ProofStep { span: s.by.span(), action, text: s.by.to_string() }
        };
        Self { verdict, packet: witness.packet, steps: witness.steps.iter().map(step).collect() }
    }
}

/// One violation. The first label is the primary one.
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level here.
    pub level: Level,
    /// The policy states just this level; one that it states for the rule as a whole does not replace it.
    pub level_stated: bool,
    /// What it is about.
    pub subject: Subject,
    /// The first stage that it breaks.
    pub stage: Option<Stage>,
    /// One line, lower case, no full stop.
    pub message: String,
    /// Every place that takes part.
    pub labels: Vec<Label>,
    /// What to do next.
    pub help: String,
    /// Proof for a firewall verdict.
    pub proof: Option<Proof>,
}

impl Finding {
    /// Whether it is about a file rather than about the network.
    pub const fn is_about_file(&self) -> bool {
        matches!(self.subject, Subject::File(_))
    }

    /// The same at another level than the rule's own.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The same at another stage than the rule's own.
    #[must_use]
    pub const fn stage(mut self, stage: Stage) -> Self {
        self.stage = Some(stage);
        self
    }

    /// The same with a label.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push(Label { span, text: text.into(), site: None });
        self
    }

    /// The same with a label where there is a place.
    #[must_use]
    pub fn label_at(self, span: Option<Span>, text: impl Into<Cow<'static, str>>) -> Self {
        match span {
            Some(span) => self.label(span, text),
            None => self,
        }
    }

    /// The same with a label in another site's files.
    #[must_use]
    pub fn label_in(mut self, site: usize, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push(Label { span, text: text.into(), site: Some(site) });
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same with a proof.
    #[must_use]
    pub fn proof(mut self, proof: Option<Proof>) -> Self {
        self.proof = proof;
        self
    }
}

/// A rule's answer for one subject, where it is not a finding.
pub struct Row {
    /// The rule.
    pub rule: &'static Rule,
    /// Number of the site in the run, where a rule across sites answers.
    pub site: Option<usize>,
    /// What it is about.
    pub subject: Subject,
    /// `None`: holds. Else what is missing.
    pub undecided: Option<Cow<'static, str>>,
}

/// What the rules of one site, or of all sites together, said.
#[derive(Default)]
pub struct Verdicts {
    /// Violations.
    pub findings: Vec<Finding>,
    /// The other answers, when they were asked for.
    pub rows: Vec<Row>,
    /// How many subjects hold.
    pub holds: usize,
    /// How many are undecided.
    pub undecided: usize,
    /// Rules (by index) that left something undecided.
    pub undecided_rules: Vec<&'static Rule>,
    /// Verdicts of rules that are not about the files themselves.
    pub decided_or_not: usize,
}

/// One rule's pen.
pub struct Out<'a> {
    /// The rule that writes.
    pub rule: &'static Rule,
    /// Where it writes to.
    pub verdicts: &'a mut Verdicts,
    /// Whether [`Row`]s are kept.
    pub keep_rows: bool,
    /// What the policy sets of the rule.
    pub settings: &'a Settings,
    /// The site that a rule across sites answers for.
    pub site: Option<usize>,
}

impl Out<'_> {
    /// The pen of a rule across sites, for its answer about one of them.
    pub const fn site(&mut self, index: usize) -> Out<'_> {
        Out { rule: self.rule, verdicts: self.verdicts, keep_rows: self.keep_rows, settings: self.settings, site: Some(index) }
    }

    /// Proved for `subject`.
    pub fn holds(&mut self, subject: Subject) {
        self.verdicts.holds += 1;
        self.verdicts.decided_or_not += 1;
        if self.keep_rows {
            self.verdicts.rows.push(Row { rule: self.rule, site: self.site, subject, undecided: None });
        }
    }

    /// Not to be decided for `subject`, for want of `reason`: a clause such as ``the site file states no `subnet` ``.
    pub fn undecided(&mut self, subject: Subject, reason: impl Into<Cow<'static, str>>) {
        self.verdicts.undecided += 1;
        self.verdicts.decided_or_not += 1;
        if self.verdicts.undecided_rules.last().is_none_or(|r| r.id != self.rule.id) {
            self.verdicts.undecided_rules.push(self.rule);
        }
        if self.keep_rows {
            self.verdicts.rows.push(Row { rule: self.rule, site: self.site, subject, undecided: Some(reason.into()) });
        }
    }

    /// Violated for `subject`. A finding at [`Level::Off`] was not asked for.
    pub fn violated(&mut self, subject: Subject, finding: Finding) {
        if finding.level == Level::Off && finding.level_stated {
            return;
        }
        self.verdicts.decided_or_not += 1;
        self.verdicts.findings.push(Finding { subject, ..finding });
    }

    /// A parameter of the rule: what the policy states, else its default.
    pub fn count(&self, count: &'static Count) -> u32 {
        self.settings.count(count)
    }

    /// `finding` at the level that `grade` has: what the policy states, else its default.
    pub fn graded(&self, finding: Finding, grade: &'static Grade) -> Finding {
        match self.settings.grade(grade) {
            Some(level) => Finding { level, level_stated: true, ..finding },
            None => finding.level(grade.default),
        }
    }

    /// A finding of this rule, still without labels.
    pub fn finding(&self, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.rule,
            level: self.rule.level,
            level_stated: false,
            subject: Subject::Site,
            stage: self.rule.stage,
            message: message.into(),
            labels: Vec::new(),
            help: String::new(),
            proof: None,
        }
    }
}

impl Out<'_> {
    /// Not to be decided for the files of the site, for want of `reason`; it does not count as something that was checked.
    pub fn file_undecided(&mut self, reason: impl Into<Cow<'static, str>>) {
        let before = self.verdicts.decided_or_not;
        self.undecided(Subject::File(0), reason);
        self.verdicts.decided_or_not = before;
    }

    /// A fault of a file: it counts as a finding, but not as something that was checked.
    pub fn file_fault(&mut self, finding: Finding) {
        self.verdicts.findings.push(Finding { subject: Subject::File(0), ..finding });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_rests_on_its_own_part_and_on_what_it_meets() {
        let subjects = [Subject::Site, Subject::Mx, Subject::ClientVpn, Subject::Client(1), Subject::Upstream(1), Subject::Resource(1)];
        for subject in subjects {
            let touched = |part: Part| subject.rests_on().iter().any(|on| part.touches(*on));
            assert!(touched(subject.part()) && touched(Part::Whole), "{subject:?}");
            assert!(touched(Part::Mx), "{subject:?}");
        }
        let touched = |subject: Subject, part: Part| subject.rests_on().iter().any(|on| part.touches(*on));
        assert!(!touched(Subject::Client(1), Part::Client(0)) && !touched(Subject::Resource(1), Part::Resource(0)));
        assert!(!touched(Subject::Upstream(0), Part::Client(0)) && touched(Subject::Upstream(0), Part::Upstream(1)));
        assert!(touched(Subject::ClientVpn, Part::Client(3)) && touched(Subject::Site, Part::Upstream(0)));
    }
}
