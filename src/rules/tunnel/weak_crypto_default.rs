//! The MX still offers only 3DES in phase 1.

use crate::model::proposal::{Encryption, Phase};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "weak-crypto-default",
    level: Level::Off,
    stage: Some(Stage::IkeProposal),
    docs: include_str!("weak_crypto_default.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(vpn) = cx.section(out, Subject::ClientVpn) else { return };
    let accepted = match vpn.value.accepts(Phase::One, cx.site.tables()) {
        Ok(accepted) => accepted,
        Err(why) => {
            out.undecided(Subject::ClientVpn, why);
            return;
        }
    };
    let weak = |cipher: &Encryption| matches!(cipher, Encryption::Des | Encryption::TripleDes);
    if accepted.takes().iter().any(|p| p.unknown.is_none() && !p.encryption.is_empty() && !p.encryption.iter().all(weak)) {
        out.holds(Subject::ClientVpn);
        return;
    }
    if let Some(word) = accepted.takes().iter().find_map(|p| p.unknown) {
        out.undecided(Subject::ClientVpn, format!("the word `{word}` of `client_vpn.crypto` is not known"));
        return;
    }
    if accepted.takes().iter().any(|p| p.encryption.is_empty()) {
        out.undecided(Subject::ClientVpn, "a phase 1 proposal of `client_vpn.crypto` names no cipher");
        return;
    }
    let finding = out.finding("the MX offers nothing better than 3DES in phase 1");
    let help = "ask Meraki Support for AES128 and DH group 14 once every client takes them, and state it as `client_vpn.crypto = \"pci\"`";
    match vpn.value.crypto.span() {
        Some(span) => out.violated(Subject::ClientVpn, finding.label(span, "3DES alone").help(help)),
        None => cx.absent(out, Subject::ClientVpn, finding.label(vpn.span, "3DES alone by Dashboard default").help(help)),
    }
}
