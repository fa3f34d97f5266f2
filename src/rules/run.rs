//! Runs the rules over a site, and over all sites; a rule that panics is named, and the rest goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Across, Context, Out, RULES, Rule, Verdicts};
use crate::policy::Policy;

/// A rule that panicked: a bug of ours.
pub struct RulePanic {
    /// Which.
    pub rule: &'static Rule,
}

/// Every verdict on one site. `policy` says at which level a rule runs; off leaves it out, unless it sets another level for some findings.
pub fn one_site(cx: &Context<'_>, policy: &Policy, keep_rows: bool) -> (Verdicts, Vec<RulePanic>) {
    let off = cx.client_vpn().is_some_and(|c| c.value.enabled.value() == Some(&false));
    run(|rule| !off || rule.even_when_off, policy, keep_rows, |rule, out| (rule.check)(cx, out))
}

/// Every verdict that needs more than one site.
pub fn across_sites(cx: &Across<'_>, policy: &Policy, keep_rows: bool) -> (Verdicts, Vec<RulePanic>) {
    run(
        |rule| rule.across.is_some(),
        policy,
        keep_rows,
        |rule, out| {
            if let Some(across) = rule.across {
                across(cx, out);
            }
        },
    )
}

fn run(
    chosen: impl Fn(&Rule) -> bool,
    policy: &Policy,
    keep_rows: bool,
    check: impl Fn(&'static Rule, &mut Out<'_>),
) -> (Verdicts, Vec<RulePanic>) {
    let (mut verdicts, mut panics) = (Verdicts::default(), Vec::new());
    for (rule, settings) in RULES.iter().copied().zip(policy.settings()) {
        if !chosen(rule) || !policy.runs(rule, settings) {
            continue;
        }
        let before = verdicts.findings.len();
        let outcome =
            catch_unwind(AssertUnwindSafe(|| check(rule, &mut Out { rule, verdicts: &mut verdicts, keep_rows, settings, site: None })));
        if outcome.is_err() {
            // Half of an answer may be wrong.
            verdicts.findings.truncate(before);
            panics.push(RulePanic { rule });
        }
    }
    (verdicts, panics)
}
