//! A profile's tunnel is not L2TP/IPsec.

use crate::model::{L2tpClient, TunnelType};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "wrong-tunnel-type",
    level: Level::Error,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("wrong_tunnel_type.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        let tunnel = match &client.tunnel_type {
            Field::Known(tunnel) => *tunnel,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            Field::Absent => {
                out.undecided(subject, "the client states no `tunnel_type`");
                continue;
            }
        };
        let name = &client.name.value;
        let what = match tunnel.value {
            TunnelType::L2tp => {
                out.holds(subject);
                continue;
            }
            TunnelType::Automatic => {
                let finding = out.finding(format!("client `{name}` lets its system choose the kind of tunnel")).level(Level::Warning);
                let help =
                    "choose L2TP/IPsec with a pre-shared key in the profile: the system may try other tunnels first, or L2TP not at all";
                out.violated(subject, finding.label(tunnel.span, "the system tries several").help(help));
                continue;
            }
            // With a system that has no L2TP, another tunnel is not the fault: os-without-l2tp speaks of it.
            _ if matches!(client.l2tp_client(cx.site.tables()), L2tpClient::No(_)) => continue,
            TunnelType::BareL2tp => "L2TP without IPsec",
            TunnelType::Ikev2 => "IKEv2",
            TunnelType::Pptp => "PPTP",
            TunnelType::Sstp => "SSTP",
            TunnelType::CiscoIpsec => "Cisco IPsec",
        };
        let finding = out.finding(format!("client `{name}` makes a tunnel of another kind than L2TP/IPsec"));
        let help = format!(
            "the MX's client VPN speaks L2TP/IPsec alone: make the profile again with L2TP/IPsec and a pre-shared key instead of {what}"
        );
        out.violated(subject, finding.label(tunnel.span, what).help(help));
    }
}
