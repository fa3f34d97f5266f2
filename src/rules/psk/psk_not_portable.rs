//! A pre-shared key holds what its profile's format, or the Dashboard's field, cannot carry as it is.

use crate::model::{Key, KeyOrigin};
use crate::rules::prelude::*;
use crate::secret::{Carrier, Unportable};

/// See the page.
pub static RULE: Rule = Rule {
    id: "psk-not-portable",
    level: Level::Warning,
    docs: include_str!("psk_not_portable.md"),
    params: &[Param::Count(&MAX_LENGTH)],
    check,
    ..Rule::USUAL
};

/// What the Dashboard's field takes.
static MAX_LENGTH: Count =
    Count { name: "max_length", doc: "the longest key that the Dashboard's field takes, in characters", default: 32, range: (1, 256) };

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let dashboard = Carrier::Dashboard { max_length: out.count(&MAX_LENGTH) as usize };
    let mx = cx.client_vpn().map(|c| &c.value.shared_secret);
    let known = mx.and_then(|f| f.known()).filter(|k| !k.value.secret.is_empty());
    match mx {
        Some(Field::Opaque(o)) => out.undecided(Subject::ClientVpn, o.reason.to_string()),
        Some(Field::Absent) => out.undecided(Subject::ClientVpn, crate::rules::context::NO_KEY),
        _ => {}
    }
    if let Some(key) = known {
        match key.value.secret.unportable(dashboard) {
            Some(why) => {
                let help = format!("{}; choose another key on Security & SD-WAN > Configure > Client VPN", why.describe());
                let finding = out.finding("the MX's pre-shared key does not travel unchanged").label(key.span, label(why));
                out.violated(Subject::ClientVpn, finding.help(help));
            }
            None => out.holds(Subject::ClientVpn),
        }
    }
    for (subject, client) in cx.clients() {
        let key = match &client.pre_shared_key {
            Field::Known(key) if !key.value.secret.is_empty() => key,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                continue;
            }
            _ => continue,
        };
        if known.is_some_and(|mx| mx.value.secret.same_as(&key.value.secret)) {
            out.holds(subject); // it arrived unchanged
            continue;
        }
        let (name, carriers) = (&client.name.value, carriers(&key.value, client));
        // What the format changed can be told from the key that was meant; without that one, only from the key itself.
        let found = match known {
            Some(meant) => {
                let why = carriers.iter().find_map(|c| meant.value.secret.unportable(*c)).filter(|w| *w != Unportable::NonAscii);
                why.filter(|_| key.value.secret.may_come_from(&meant.value.secret)).map(|why| {
                    let finding = out.finding(format!("the format of client `{name}`'s profile changes the MX's key"));
                    (why, finding.label(key.span, "changed by this format").label(meant.span, label(why)))
                })
            }
            None => key.value.secret.unportable(dashboard).map(|why| {
                let finding = out.finding(format!("the pre-shared key of client `{name}` does not travel unchanged"));
                (why, finding.label(key.span, label(why)))
            }),
        };
        match found {
            Some((why, finding)) => {
                out.violated(
                    subject,
                    finding.help(format!(
                        "{}; write the key as the format wants it, or choose a plainer one on Security & SD-WAN > Configure > Client VPN",
                        why.describe()
                    )),
                );
            }
            None if known.is_some() || carriers.is_empty() => out.holds(subject),
            None => match mx {
                Some(Field::Opaque(o)) => out.undecided(subject, o.reason.to_string()),
                _ => out.undecided(subject, "the site file states no `shared_secret` that could be compared"),
            },
        }
    }
}

/// How a profile's file carries its key; nothing for a key that stands in the site file.
fn carriers(key: &Key, client: &Client) -> Vec<Carrier> {
    let format = match key.origin {
        KeyOrigin::Profile(format) => Some(format),
        KeyOrigin::Configuration => client.format.filter(|f| matches!(*f, "powershell" | "networkmanager" | "ipsec" | "swanctl")),
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
