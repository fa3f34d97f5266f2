//! A pre-shared key holds what its profile's format, or the Dashboard's field, cannot carry as it is.

use crate::model::{Key, KeyOrigin};
use crate::rules::prelude::*;
use crate::secret::{Carrier, Unportable};

/// See the page.
pub static RULE: Rule = Rule { id: "psk-not-portable", level: Level::Warning, docs: include_str!("psk_not_portable.md"), check, ..Rule::USUAL };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mx = cx.client_vpn().map(|c| &c.value.shared_secret);
    let known = mx.and_then(|f| f.known()).filter(|k| !k.value.secret.is_empty());
    if let Some(Field::Opaque(o)) = mx {
        out.undecided(Subject::ClientVpn, o.reason.to_string());
    }
    if let Some(key) = known {
        match key.value.secret.unportable(Carrier::DASHBOARD) {
            Some(why) => {
                let help = format!("{}; choose another key on Security & SD-WAN > Configure > Client VPN", why.describe());
                let finding = out.finding("the MX's pre-shared key does not travel unchanged").label(key.span, label(why));
                out.violated(Subject::ClientVpn, finding.help(help));
            }
            None => out.holds(Subject::ClientVpn),
        }
    }
    for (subject, client) in cx.clients() {
        let Field::Known(key) = &client.pre_shared_key else { continue };
        if key.value.secret.is_empty() {
            continue;
        }
        if known.is_some_and(|mx| mx.value.secret.same_as(&key.value.secret)) {
            out.holds(subject); // it arrived unchanged
            continue;
        }
        // What the format changed can be told from the key that was meant; without that one, only from the key itself.
        let meant = known.unwrap_or(key);
        let carriers = carriers(&key.value, client).into_iter().filter(|_| known.is_some()).chain(known.is_none().then_some(Carrier::DASHBOARD));
        let Some(why) = carriers.into_iter().find_map(|c| meant.value.secret.unportable(c)).filter(|w| known.is_none() || *w != Unportable::NonAscii)
        else {
            if known.is_some() {
                out.holds(subject);
            } else {
                out.undecided(subject, "the site file states no `shared_secret` that could be compared");
            }
            continue;
        };
        let name = &client.name.value;
        let finding = match known {
            Some(mx) => {
                let finding = out.finding(format!("the format of client `{name}`'s profile changes the MX's key"));
                finding.label(key.span, "changed by this format").label(mx.span, label(why))
            }
            None => out.finding(format!("the pre-shared key of client `{name}` does not travel unchanged")).label(key.span, label(why)),
        };
        out.violated(subject, finding.help(format!("{}; write the key as the format wants it, or choose a plainer one", why.describe())));
    }
}

/// How a profile's file carries its key; nothing for a key that stands in the site file.
fn carriers(key: &Key, client: &Client) -> Vec<Carrier> {
    let format = match key.origin {
        KeyOrigin::Profile(format) => Some(format),
        KeyOrigin::Configuration => client.format.filter(|f| matches!(*f, "powershell" | "ipsec" | "swanctl")),
        KeyOrigin::Elsewhere => None,
    };
    match format {
        Some("mobileconfig") => vec![Carrier::Mobileconfig],
        Some("networkmanager") => vec![Carrier::KeyFile],
        // Which quotes the script uses is not kept; what neither carries, or what double quotes expand, is told.
        Some("powershell") => vec![Carrier::PowerShellDouble, Carrier::PowerShellSingle],
        Some("ipsec" | "swanctl") => vec![Carrier::IpsecSecrets],
        Some("profilexml") => vec![Carrier::ProfileXml],
        Some("onc") => vec![Carrier::Onc],
        Some("rasphone") => vec![Carrier::Pbk],
        _ => Vec::new(),
    }
}

const fn label(why: Unportable) -> &'static str {
    match why {
        Unportable::NonAscii => "characters outside ASCII",
        Unportable::TooLong => "too long for the Dashboard's field",
        Unportable::ControlCharacter => "a line break or control character",
        Unportable::EncodedPrefix => "a prefix that means base64",
        Unportable::Backslash => "a backslash",
        Unportable::LeadingBlank => "a blank in front",
        Unportable::Expanded => "characters that PowerShell expands",
        Unportable::Quote => "a quote",
        Unportable::Markup => "markup characters",
    }
}
