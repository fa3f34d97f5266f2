//! The site's outermost address is inside a carrier's NAT.

use crate::model::is_cgnat;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "wan-behind-cgnat",
    level: Level::Error,
    stage: Some(Stage::ReachIke),
    docs: include_str!("wan_behind_cgnat.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mx = cx.site.mx.value();
    let unknown = cx.site.mx.opaque().or_else(|| mx.and_then(|mx| mx.primary_uplink.opaque().or(mx.uplinks.opaque())));
    if let Some(o) = unknown {
        out.undecided(Subject::Mx, o.reason.to_string());
        return;
    }
    let (address, whose, missing) = if let Some(device) = cx.site.outermost_device() {
        if let Some(o) = device.uplink.opaque() {
            out.undecided(Subject::Mx, o.reason.to_string());
            return;
        }
        let whose = format!("upstream device `{}`", device.name.value);
        let missing = format!("the upstream device `{}` states no `wan_ip`", device.name.value);
        (device.wan_address(), whose, missing)
    } else if let Some(uplink) = mx.and_then(Mx::primary_uplink) {
        (uplink.value.ip.clone(), "the MX".to_owned(), "the primary uplink states no `ip`".to_owned())
    } else {
        if mx.is_some_and(|mx| !mx.uplinks.is_absent()) {
            out.undecided(Subject::Mx, "the primary uplink is not among `mx.uplinks`");
        }
        return;
    };
    match address {
        Field::Known(ip) if is_cgnat(ip.value) => {
            let finding = out.finding(format!("{whose} is behind a carrier's NAT")).label(ip.span, "in 100.64.0.0/10");
            let help = "ask the provider for a public address, or for a forward of UDP 500 and 4500: nothing comes in through a carrier's NAT by itself; Security & SD-WAN > Monitor > Appliance status > Uplink shows the address";
            out.violated(Subject::Mx, finding.help(help));
        }
        Field::Known(_) => out.holds(Subject::Mx),
        Field::Opaque(o) => out.undecided(Subject::Mx, o.reason.to_string()),
        Field::Absent => out.undecided(Subject::Mx, missing),
    }
}
