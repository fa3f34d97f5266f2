//! The client VPN subnet is not a private one.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "subnet-not-private",
    level: Level::Warning,
    stage: Some(Stage::Route),
    docs: include_str!("subnet_not_private.md"),
    check,
    ..Rule::USUAL
};

/// RFC 1918.
const PRIVATE: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
];

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(pool) = cx.pool(out, Subject::ClientVpn) else { return };
    if PRIVATE.iter().any(|net| net.contains(&pool.value)) {
        out.holds(Subject::ClientVpn);
        return;
    }
    let finding = out.finding(format!("the client VPN subnet {} is not within the private ranges of RFC 1918", pool.value.trunc()));
    let help = "choose a subnet within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 under Security & SD-WAN > Configure > Client VPN";
    out.violated(Subject::ClientVpn, finding.label(pool.span, "not a private subnet").help(help));
}
