//! The client VPN subnet is written with host bits.

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "subnet-host-bits",
    level: Level::Warning,
    stage: Some(Stage::Address),
    docs: include_str!("subnet_host_bits.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(pool) = cx.pool(out, Subject::ClientVpn) else { return };
    if pool.value.addr() == pool.value.network() {
        out.holds(Subject::ClientVpn);
        return;
    }
    let net = pool.value.trunc();
    let finding = out.finding(format!("the client VPN subnet {} has host bits set: the network is {net}", pool.value));
    let help = format!("write {net} here, and compare with Security & SD-WAN > Configure > Client VPN > Subnet");
    out.violated(Subject::ClientVpn, finding.label(pool.span, "an address, not a network").help(help));
}
