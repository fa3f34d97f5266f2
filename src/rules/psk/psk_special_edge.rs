//! A pre-shared key begins or ends with a character other than a letter or digit.

use crate::rules::prelude::*;
use crate::secret::{EdgeClass, Edges};

/// See the page.
pub static RULE: Rule = Rule {
    id: "psk-special-edge",
    level: Level::Warning,
    stage: Some(Stage::IkePsk),
    docs: include_str!("psk_special_edge.md"),
    params: &[Param::Grade(&SPACE)],
    check,
    ..Rule::USUAL
};

/// What no client and no field keeps for sure.
static SPACE: Grade = Grade { name: "space", doc: "level for white space or a control character at an edge", default: Level::Error };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for distinct in cx.distinct_keys(out) {
        let edges = distinct.key.value.secret.edge();
        let (space, what, word) = match edges.worst() {
            EdgeClass::AlphaNumeric => {
                out.holds(distinct.subject);
                continue;
            }
            EdgeClass::Special => (false, "a special character", "special"),
            EdgeClass::WhiteSpace => (true, "white space", "white space"),
            EdgeClass::Control => (true, "a control or invisible character", "invisible"),
        };
        let (verb, place) = ends(edges);
        let message = format!("the pre-shared key of {} {verb} {what}", distinct.owner);
        let mut finding = out.finding(message).label(distinct.key.span, format!("{word} at {place}"));
        if space {
            finding = out.graded(finding, &SPACE);
        }
        for span in distinct.elsewhere {
            finding = finding.label(span, "the same key");
        }
        let help = "choose a key that begins and ends with a letter or digit on Security & SD-WAN > Configure > Client VPN, and give it to every client";
        out.violated(distinct.subject, finding.help(help));
    }
}

/// Where the worst character stands.
fn ends(edges: Edges) -> (&'static str, &'static str) {
    let worst = edges.worst();
    match (edges.first == worst, edges.last == worst) {
        (true, true) => ("begins and ends with", "both edges"),
        (true, false) => ("begins with", "its beginning"),
        _ => ("ends with", "its end"),
    }
}
