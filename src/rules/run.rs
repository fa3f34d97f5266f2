//! Runs the rules over a site, and over all sites; a rule that panics is named, and the rest goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Across, Context, Out, RULES, Rule, Verdicts};
use crate::policy::Policy;

/// A rule that panicked: a bug of ours.
pub struct RulePanic {
    /// Which.
    pub rule: &'static Rule,
}

/// A set of rules, kept for every site of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSet(u128);

/// A rule past the last bit would silently be in no set: widen `RuleSet` then.
const _: () = assert!(RULES.len() <= 128, "`RuleSet` has too few bits");

impl RuleSet {
    /// Of some rules.
    pub fn of(rules: &[&'static Rule]) -> Self {
        rules.iter().filter_map(|rule| Self::bit(rule)).fold(Self::default(), |set, bit| Self(set.0 | bit))
    }

    /// Whether `rule` is in it.
    pub fn holds(self, rule: &Rule) -> bool {
        Self::bit(rule).is_some_and(|bit| self.0 & bit != 0)
    }

    fn bit(rule: &Rule) -> Option<u128> {
        RULES.iter().position(|r| r.id == rule.id).and_then(|n| 1_u128.checked_shl(n as u32))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_fits_into_a_set() {
        for rule in RULES {
            let set = RuleSet::of(&[rule]);
            assert!(RULES.iter().all(|r| set.holds(r) == (r.id == rule.id)), "{}", rule.id);
        }
    }
}
