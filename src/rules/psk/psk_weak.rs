//! A pre-shared key is easy to guess.

use crate::rules::prelude::*;
use crate::secret::Weakness;

/// See the page.
pub static RULE: Rule = Rule {
    id: "psk-weak",
    level: Level::Warning,
    docs: include_str!("psk_weak.md"),
    params: &[Param::Count(&MIN_LENGTH)],
    check,
    ..Rule::USUAL
};

/// The shortest key that passes.
static MIN_LENGTH: Count = Count { name: "min_length", doc: "the shortest key that passes, in characters", default: 12, range: (1, 256) };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let organization = cx.site.info.organization.value().map(String::as_str);
    let names: Vec<&str> = [cx.site.name.as_str()].into_iter().chain(organization).collect();
    let common = cx.site.tables().common_keys();
    let min_length = out.count(&MIN_LENGTH) as usize;
    for distinct in cx.distinct_keys(out) {
        let Some(weakness) = distinct.key.value.secret.weakness(min_length, common, &names) else {
            out.holds(distinct.subject);
            continue;
        };
        let mut finding =
            out.finding(format!("the pre-shared key of {} is weak", distinct.owner)).label(distinct.key.span, label(weakness));
        for span in distinct.elsewhere {
            finding = finding.label(span, "the same key");
        }
        let help = format!(
            "{}; put a long random key on Security & SD-WAN > Configure > Client VPN, and give it to every client",
            weakness.describe()
        );
        out.violated(distinct.subject, finding.help(help));
    }
}

const fn label(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::TooShort => "too short",
        Weakness::CommonValue => "a common or left-over value",
        Weakness::ContainsName => "made of the site's name",
        Weakness::Guessable => "easy to guess",
    }
}
