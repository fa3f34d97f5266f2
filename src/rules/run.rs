//! Runs the rules over a site, and over all sites; a rule that panics is named, and the rest goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Across, Context, Level, Out, RULES, Rule, Verdicts};

/// A rule that panicked: a bug of ours.
pub struct RulePanic {
    /// Which.
    pub rule: &'static Rule,
}

/// Every verdict on one site. `active` says at which level a rule runs; [`Level::Off`] leaves it out.
pub fn one_site(cx: &Context<'_>, active: &dyn Fn(&Rule) -> Level, keep_rows: bool) -> (Verdicts, Vec<RulePanic>) {
    let off = cx.client_vpn().is_some_and(|c| c.value.enabled.value() == Some(&false));
    let chosen = RULES.iter().filter(|r| !off || r.even_when_off);
    run(chosen.copied(), active, keep_rows, |rule, out| (rule.check)(cx, out))
}

/// Every verdict that needs more than one site.
pub fn across_sites(cx: &Across<'_>, active: &dyn Fn(&Rule) -> Level, keep_rows: bool) -> (Verdicts, Vec<RulePanic>) {
    let chosen = RULES.iter().copied().filter(|r| r.across.is_some());
    run(chosen, active, keep_rows, |rule, out| {
        if let Some(across) = rule.across {
            across(cx, out);
        }
    })
}

fn run(
    rules: impl Iterator<Item = &'static Rule>,
    active: &dyn Fn(&Rule) -> Level,
    keep_rows: bool,
    check: impl Fn(&'static Rule, &mut Out<'_>),
) -> (Verdicts, Vec<RulePanic>) {
    let (mut verdicts, mut panics) = (Verdicts::default(), Vec::new());
    for rule in rules.filter(|r| active(r) != Level::Off) {
        let before = verdicts.findings.len();
        let outcome = catch_unwind(AssertUnwindSafe(|| check(rule, &mut Out { rule, verdicts: &mut verdicts, keep_rows, site: None })));
        if outcome.is_err() {
            // Half of an answer may be wrong.
            verdicts.findings.truncate(before);
            panics.push(RulePanic { rule });
        }
    }
    (verdicts, panics)
}
