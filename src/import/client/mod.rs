//! Readers of client profiles: one format a module, and what a site file's table adds to a profile.

mod facts;
mod mobileconfig;
mod networkmanager;

pub use facts::names_secret;

use super::Notes;
use super::detect::Format;
use crate::model::{Authentication, Client, Field, Host, List};
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// A profile that a file holds.
pub struct Profile {
    /// What the profile says. Its name's place is the profile's own name, or its head.
    pub client: Client,
}

/// Reads a profile file. `None`: the format is none of clients. `base` is the place of the text's first byte.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Vec<Profile>, Notes)> {
    match format {
        Format::Mobileconfig => Some(mobileconfig::read(text, base)),
        Format::NetworkManager => Some(networkmanager::read(text, base)),
        _ => None,
    }
}

/// Marks what a profile would say as not known, when its file could not be read.
pub fn nothing_known(client: &mut Client, place: Span) {
    fn unknown<T>(field: &mut Field<T>, place: Span) {
        if field.is_absent() {
            *field = Field::opaque_at(place, "the profile's file was not read");
        }
    }
    unknown(&mut client.user, place);
    unknown(&mut client.server, place);
    unknown(&mut client.tunnel_type, place);
    unknown(&mut client.pre_shared_key, place);
    unknown(&mut client.ipsec_authentication, place);
    unknown(&mut client.aggressive_mode, place);
    unknown(&mut client.authentication, place);
    unknown(&mut client.require_mppe, place);
    unknown(&mut client.split_tunnel, place);
    unknown(&mut client.routes, place);
    unknown(&mut client.dns_suffix, place);
    unknown(&mut client.dns_nameservers, place);
    unknown(&mut client.ike, place);
    unknown(&mut client.esp, place);
}

/// Marks what exports of the machine would say as not known, when they were not read.
pub fn evidence_unread(client: &mut Client, paths: &[Spanned<String>], place: Span) {
    let names: Vec<_> = paths.iter().map(|p| format!("`{}`", crate::source::clip(&p.value, 80))).collect();
    for field in [&mut client.nat_t_rule, &mut client.prohibit_ipsec, &mut client.ikeext_start] {
        if field.is_absent() {
            *field = Field::opaque_at(place, format!("the export {} was not read", names.join(", ")));
        }
    }
}

/// One client from what the table says and what the profile says; where both speak and differ, the table's word counts and the drift is noted.
pub fn join(inline: &Client, profile: Profile, name: Spanned<String>, problems: &mut Vec<Problem>) -> Client {
    let Client { format, profile: head, .. } = profile.client;
    let theirs = profile.client;
    let mut join = Join { client: name.value.clone(), problems };
    Client {
        format,
        profile: head,
        os: join.field("os", &inline.os, theirs.os, PartialEq::eq),
        os_version: join.field("os_version", &inline.os_version, theirs.os_version, PartialEq::eq),
        user: join.field("user", &inline.user, theirs.user, PartialEq::eq),
        device_count: join.field("device_count", &inline.device_count, theirs.device_count, PartialEq::eq),
        lan_subnet: join.field("lan_subnet", &inline.lan_subnet, theirs.lan_subnet, PartialEq::eq),
        public_ip: join.field("public_ip", &inline.public_ip, theirs.public_ip, PartialEq::eq),
        ipv6_only: join.field("ipv6_only", &inline.ipv6_only, theirs.ipv6_only, PartialEq::eq),
        software: join.list("software", &inline.software, theirs.software, false),
        nat_t_rule: join.field("nat_t_rule", &inline.nat_t_rule, theirs.nat_t_rule, PartialEq::eq),
        prohibit_ipsec: join.field("prohibit_ipsec", &inline.prohibit_ipsec, theirs.prohibit_ipsec, PartialEq::eq),
        ikeext_start: join.field("ikeext_start", &inline.ikeext_start, theirs.ikeext_start, PartialEq::eq),
        server: join.field("server", &inline.server, theirs.server, Host::same_as),
        tunnel_type: join.field("tunnel_type", &inline.tunnel_type, theirs.tunnel_type, PartialEq::eq),
        pre_shared_key: join.field("pre_shared_key", &inline.pre_shared_key, theirs.pre_shared_key, |a, b| a.secret.same_as(&b.secret)),
        ipsec_authentication: join.field("ipsec_authentication", &inline.ipsec_authentication, theirs.ipsec_authentication, PartialEq::eq),
        aggressive_mode: join.field("aggressive_mode", &inline.aggressive_mode, theirs.aggressive_mode, PartialEq::eq),
        authentication: join.list("authentication", &inline.authentication, theirs.authentication, false),
        require_mppe: join.field("require_mppe", &inline.require_mppe, theirs.require_mppe, PartialEq::eq),
        split_tunnel: join.field("split_tunnel", &inline.split_tunnel, theirs.split_tunnel, PartialEq::eq),
        routes: join.list("routes", &inline.routes, theirs.routes, false),
        dns_suffix: join.field("dns_suffix", &inline.dns_suffix, theirs.dns_suffix, |a, b| a.eq_ignore_ascii_case(b)),
        dns_nameservers: join.list("dns_nameservers", &inline.dns_nameservers, theirs.dns_nameservers, false),
        ike: join.list("ike", &inline.ike, theirs.ike, true),
        esp: join.list("esp", &inline.esp, theirs.esp, true),
        remarks: theirs.remarks,
        name,
    }
}

struct Join<'a> {
    client: String,
    problems: &'a mut Vec<Problem>,
}

impl Join<'_> {
    fn field<T: Clone>(&mut self, key: &str, inline: &Field<T>, imported: Field<T>, same: impl Fn(&T, &T) -> bool) -> Field<T> {
        if let (Field::Known(ours), Field::Known(theirs)) = (inline, &imported)
            && !same(&ours.value, &theirs.value)
        {
            self.drift(key, ours.span, theirs.span);
        }
        if let (Field::Known(_), Field::Opaque(o)) | (Field::Opaque(o), Field::Known(_)) = (inline, &imported) {
            self.problems.push(Problem::drift_unknown(o.span, &o.reason));
        }
        // An inline value that is not known (an unset variable) counts too: what it would say is not what the profile says.
        if inline.is_absent() { imported } else { inline.clone() }
    }

    fn list<T: Clone + PartialEq>(&mut self, key: &str, inline: &List<T>, imported: List<T>, ordered: bool) -> List<T> {
        self.field(key, inline, imported, |a, b| {
            let within = |a: &[Spanned<T>], b: &[Spanned<T>]| a.iter().all(|x| b.iter().any(|y| x.value == y.value));
            if ordered { a.iter().map(|x| &x.value).eq(b.iter().map(|x| &x.value)) } else { within(a, b) && within(b, a) }
        })
    }

    fn drift(&mut self, key: &str, ours: Span, theirs: Span) {
        let name = crate::source::clip(&self.client, 80).into_owned();
        let message = format!("`{key}` of client `{name}` is not what its profile says");
        let help = format!(
            "correct the side that is wrong, or leave `{key}` out of the client's table and let the profile speak; until then the table counts"
        );
        self.problems.push(
            Problem::new(ProblemKind::Drift, ours, message, "the table's word counts").related(theirs, "the profile differs").help(help),
        );
    }
}

/// Every PPP protocol that pppd allows unless it is told to refuse it.
const PPPD_DEFAULTS: [Authentication; 5] =
    [Authentication::Pap, Authentication::Chap, Authentication::MsChap, Authentication::MsChapV2, Authentication::Eap];

#[cfg(test)]
mod tests;
