//! A client's system has no L2TP/IPsec.

use crate::model::L2tpClient;
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "os-without-l2tp",
    level: Level::Error,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("os_without_l2tp.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    for (subject, client) in cx.clients() {
        match client.l2tp_client(cx.site.tables()) {
            L2tpClient::Yes => out.holds(subject),
            L2tpClient::Unknown(why) => out.undecided(subject, why),
            L2tpClient::No(first) => {
                let os = client.os.value().map_or("", |os| os.word());
                let finding = out.finding(format!("the system of client `{}` has no L2TP/IPsec", client.name.value));
                let finding = finding.label_at(client.os_version.span(), format!("{os} {first} or later"));
                let help = "use AnyConnect on the MX (Security & SD-WAN > Configure > Client VPN > AnyConnect Settings), or an app that speaks L2TP/IPsec by itself";
                out.violated(subject, finding.label_at(client.os.span(), "no L2TP since that version").help(help));
            }
        }
    }
}
