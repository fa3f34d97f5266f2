//! What the L2TP plugin refuses in its options (`nm-l2tp-service.c`, `validate_one_property`), and comments that it takes for part of a value.

use super::{Pair, facts, unescape};
use crate::import::Notes;
use crate::model::{Remark, RemarkKind};
use crate::tree::decode::nearest;

/// Options of the plugin that are `yes` or `no`.
const SWITCHES: &str = "ephemeral-port refuse-eap refuse-pap refuse-chap refuse-mschap refuse-mschapv2 require-mppe require-mppe-40 require-mppe-128 \
    mppe-stateful nobsdcomp nodeflate no-vj-comp nopcomp noaccomp ipsec-enabled ipsec-forceencaps ipsec-ipcomp ipsec-ikev2 \
    ipsec-pfs";

/// Its other options, older spellings and those that NetworkManager itself reads included.
const OPTIONS: &str = "gateway user domain user-auth-type user-ca user-cert user-key mtu mru mrru lcp-echo-failure lcp-echo-interval unit \
    machine-auth-type machine-ca machine-cert machine-key ipsec-remote-id ipsec-gateway-id ipsec-group-name ipsec-psk ipsec-ike \
    ipsec-esp ipsec-ikelifetime ipsec-salifetime password-flags user-certpass-flags ipsec-psk-flags machine-certpass-flags \
    use-cert cert-ca cert-pub cert-key service-type user-name persistent timeout name";

/// The plugin starts no connection with an option that it does not know, or with a switch that is neither `yes` nor `no`.
pub fn check(pairs: &[Pair<'_>], remarks: &mut Vec<Remark>, notes: &mut Notes) {
    for pair in pairs {
        let vpn = pair.section == "vpn";
        if vpn && words(SWITCHES).chain(words(OPTIONS)).all(|w| w != pair.key.value) {
            if !pair.value.span.is_empty() {
                notes.secrets.push(pair.value.span);
            }
            remarks.push(unknown(pair));
        } else if (vpn || pair.section == "vpn-secrets") && comment(pair) {
            remarks.push(commented(pair));
        } else if vpn && words(SWITCHES).any(|w| w == pair.key.value) && !facts::has_template(pair.value.value) {
            remarks.extend(neither(pair));
        }
    }
}

fn unknown(pair: &Pair<'_>) -> Remark {
    let key = pair.key.value;
    let known: Vec<&str> = words(SWITCHES).chain(words(OPTIONS)).collect();
    let what = format!("holds `{}`, which is no option of the L2TP plugin: it starts no connection", crate::source::clip(key, 60));
    let help = nearest(key, &known).map_or_else(|| "remove the line".to_owned(), |near| format!("did you mean `{near}`?"));
    Remark::new(RemarkKind::Refused, pair.key.span, what, "no option of the plugin", help)
}

fn neither(pair: &Pair<'_>) -> Option<Remark> {
    if matches!(unescape(pair.value.value).as_deref(), Some("yes" | "no")) {
        return None;
    }
    let what = format!("sets `{}` to neither `yes` nor `no`, and the L2TP plugin starts no connection", pair.key.value);
    Some(Remark::new(
        RemarkKind::Refused,
        pair.value.span,
        what,
        "not `yes` or `no`",
        "write yes or no: the L2TP plugin refuses anything else",
    ))
}

/// Whether something behind the value looks like a comment. A key may hold `#`; set off by blanks on both sides it is none.
fn comment(pair: &Pair<'_>) -> bool {
    let secret = pair.section == "vpn-secrets" || facts::names_secret(pair.key.value);
    let blank = |c: Option<char>| c.is_none_or(|c| c == ' ' || c == '\t');
    pair.value.value.char_indices().any(|(at, c)| {
        let (before, after) = (pair.value.value[..at].chars().next_back(), pair.value.value[at + c.len_utf8()..].chars().next());
        let set_off = before.is_some() && blank(before);
        match c {
            '#' => set_off && (!secret || after.is_some() && blank(after)),
            ';' => set_off && !secret,
            _ => false,
        }
    })
}

fn commented(pair: &Pair<'_>) -> Remark {
    let what = format!("has a comment behind its `{}`, which is part of the value", pair.key.value);
    let help = "move the comment to a line of its own that begins with #: key files know no other comments";
    Remark::new(RemarkKind::CommentInValue, pair.value.span, what, "comment is part of it", help)
}

/// The words of a list.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}
