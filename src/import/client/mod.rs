//! Readers of client profiles: one format a module, and what a site file's table adds to a profile.

pub mod complete;
pub mod facts;
mod ipsec;
mod json_secrets;
mod mobileconfig;
mod networkmanager;
mod offsets;
pub mod onc;
mod powershell;
pub mod profilexml;
pub mod rasphone;
mod swanctl;

pub use complete::{Completed, Completion, Pool};
pub use facts::names_secret;

use super::Notes;
use super::detect::Format;
use crate::model::proposal::DAEMON_DEFAULT;
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
        Format::Onc => Some(onc::read(text, base)),
        Format::ProfileXml => Some(profilexml::read(text, base)),
        Format::PowerShell => Some(powershell::read(text, base)),
        Format::Ipsec => Some(ipsec::read(text, base)),
        Format::Swanctl => Some(swanctl::read(text, base)),
        Format::Rasphone => Some(rasphone::read(text, base)),
        _ => None,
    }
}

/// Whether a text is a script or a list of connections of Windows' PowerShell.
pub fn is_powershell(text: &str) -> bool {
    powershell::detect(text)
}

/// Formats of Linux clients that are told by their words, scripts that hold a connection included.
pub fn detect_linux(text: &str) -> Option<Format> {
    if swanctl::is_one(text) {
        return Some(Format::Swanctl);
    }
    if networkmanager::is_within(text) {
        return Some(Format::NetworkManager);
    }
    ipsec::is_one(text).then_some(Format::Ipsec)
}

/// Takes back what a profile of an included file states by leaving it out: the file that includes it may say otherwise.
pub fn included(client: &mut Client) {
    let head = client.profile;
    let left_out = |span: Option<Span>| span.is_some() && span == head;
    if left_out(client.ipsec_authentication.span()) {
        client.ipsec_authentication = Field::Absent;
    }
    if left_out(client.aggressive_mode.span()) {
        client.aggressive_mode = Field::Absent;
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

/// One client from what the table says and what the profile says; where both speak and differ, the table's word counts and the drift is noted.
pub fn join(inline: &Client, profile: Profile, name: Spanned<String>, problems: &mut Vec<Problem>) -> Client {
    Join { client: name.value.clone(), between: Between::TableAndProfile, problems: Some(problems) }.both(inline, profile.client, name)
}

impl Join<'_> {
    /// What both say; where they differ, the first counts.
    fn both(mut self, inline: &Client, theirs: Client, name: Spanned<String>) -> Client {
        let join = &mut self;
        Client {
            format: inline.format.or(theirs.format),
            profile: inline.profile.or(theirs.profile),
            os: join.field("os", &inline.os, theirs.os, PartialEq::eq),
            os_version: join.field("os_version", &inline.os_version, theirs.os_version, PartialEq::eq),
            user: join.field("user", &inline.user, theirs.user, PartialEq::eq),
            device_count: join.field("device_count", &inline.device_count, theirs.device_count, PartialEq::eq),
            lan_subnet: join.field("lan_subnet", &inline.lan_subnet, theirs.lan_subnet, PartialEq::eq),
            public_ip: join.field("public_ip", &inline.public_ip, theirs.public_ip, PartialEq::eq),
            ipv6_only: join.field("ipv6_only", &inline.ipv6_only, theirs.ipv6_only, PartialEq::eq),
            software: join.list("software", &inline.software, theirs.software),
            // Exports of the machine were joined to the table: see `evidence::Machine::complete`.
            registry: inline.registry.clone(),
            server: join.field("server", &inline.server, theirs.server, Host::same_as),
            tunnel_type: join.field("tunnel_type", &inline.tunnel_type, theirs.tunnel_type, PartialEq::eq),
            pre_shared_key: join.field("pre_shared_key", &inline.pre_shared_key, theirs.pre_shared_key, |a, b| a.secret.same_as(&b.secret)),
            ipsec_authentication: join.field(
                "ipsec_authentication",
                &inline.ipsec_authentication,
                theirs.ipsec_authentication,
                PartialEq::eq,
            ),
            aggressive_mode: join.field("aggressive_mode", &inline.aggressive_mode, theirs.aggressive_mode, PartialEq::eq),
            authentication: join.protocols(&inline.authentication, theirs.authentication),
            require_mppe: join.field("require_mppe", &inline.require_mppe, theirs.require_mppe, PartialEq::eq),
            split_tunnel: join.field("split_tunnel", &inline.split_tunnel, theirs.split_tunnel, PartialEq::eq),
            routes: join.list("routes", &inline.routes, theirs.routes),
            dns_suffix: join.field("dns_suffix", &inline.dns_suffix, theirs.dns_suffix, |a, b| a.eq_ignore_ascii_case(b)),
            dns_nameservers: join.list("dns_nameservers", &inline.dns_nameservers, theirs.dns_nameservers),
            ike: join.proposals("ike", &inline.ike, theirs.ike),
            esp: join.proposals("esp", &inline.esp, theirs.esp),
            remarks: inline.remarks.iter().cloned().chain(theirs.remarks).collect(),
            name,
        }
    }
}

struct Join<'a> {
    client: String,
    between: Between,
    /// `None`: what differs is meant to.
    problems: Option<&'a mut Vec<Problem>>,
}

/// What is joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    TableAndProfile,
    FilesOfAnImport,
}

impl<'a> Join<'a> {
    /// Two files of an import.
    fn files(client: &str, problems: &'a mut Vec<Problem>) -> Self {
        Self { client: client.to_owned(), between: Between::FilesOfAnImport, problems: Some(problems) }
    }

    /// A first word that counts, and another that fills its gaps.
    fn silent(client: &str) -> Self {
        Self { client: client.to_owned(), between: Between::FilesOfAnImport, problems: None }
    }
}

impl Join<'_> {
    fn field<T: Clone>(&mut self, key: &str, inline: &Field<T>, imported: Field<T>, same: impl Fn(&T, &T) -> bool) -> Field<T> {
        if let (Field::Known(ours), Field::Known(theirs)) = (inline, &imported)
            && !same(&ours.value, &theirs.value)
        {
            self.drift(key, ours.span, theirs.span);
        }
        if let (Field::Known(_), Field::Opaque(o)) | (Field::Opaque(o), Field::Known(_)) = (inline, &imported) {
            let problem = Problem::drift_unknown(o.span, &o.reason);
            self.note(problem);
        }
        // An inline value that is not known (an unset variable) counts too: what it would say is not what the profile says.
        if inline.is_absent() { imported } else { inline.clone() }
    }

    fn list<T: Clone + PartialEq>(&mut self, key: &str, inline: &List<T>, imported: List<T>) -> List<T> {
        self.field(key, inline, imported, |a, b| {
            let within = |a: &[Spanned<T>], b: &[Spanned<T>]| a.iter().all(|x| b.iter().any(|y| x.value == y.value));
            within(a, b) && within(b, a)
        })
    }

    /// Proposals, whose order counts. That a program adds its own is no difference.
    fn proposals(&mut self, key: &str, inline: &List<String>, imported: List<String>) -> List<String> {
        self.field(key, inline, imported, |a, b| {
            let stated =
                |list: &[Spanned<String>]| list.iter().map(|x| x.value.clone()).filter(|x| x != DAEMON_DEFAULT).collect::<Vec<_>>();
            stated(a) == stated(b)
        })
    }

    fn drift(&mut self, key: &str, ours: Span, theirs: Span) {
        let name = crate::source::clip(&self.client, 80).into_owned();
        if self.between == Between::FilesOfAnImport {
            let message = format!("two files of client `{name}` differ in its `{key}`");
            let help = "correct the side that is wrong: the client uses both files, and each for a part of the connection";
            return self
                .note(Problem::new(ProblemKind::Drift, ours, message, "counts here").related(theirs, "the other file differs").help(help));
        }
        let message = format!("`{key}` of client `{name}` is not what its profile says");
        let help = format!(
            "correct the side that is wrong, or leave `{key}` out of the client's table and let the profile speak; until then the table counts"
        );
        self.note(
            Problem::new(ProblemKind::Drift, ours, message, "the table's word counts").related(theirs, "the profile differs").help(help),
        );
    }

    fn note(&mut self, problem: Problem) {
        if let Some(problems) = &mut self.problems {
            problems.push(problem);
        }
    }

    /// PPP protocols. Of several files of an import each can but refuse some: what all of them allow is left.
    fn protocols(&mut self, inline: &List<Authentication>, imported: List<Authentication>) -> List<Authentication> {
        if let (Between::FilesOfAnImport, Field::Known(a), Field::Known(b)) = (self.between, inline, &imported) {
            let both = |x: &&Spanned<Authentication>| b.value.iter().any(|y| y.value == x.value);
            let left: Vec<_> = a.value.iter().filter(both).copied().collect();
            let place = if left.len() < a.value.len() { b.span } else { a.span };
            return Field::known_at(left, place);
        }
        self.list("authentication", inline, imported)
    }
}

/// Every PPP protocol that pppd allows unless it is told to refuse it.
const PPPD_DEFAULTS: [Authentication; 5] =
    [Authentication::Pap, Authentication::Chap, Authentication::MsChap, Authentication::MsChapV2, Authentication::Eap];

#[cfg(test)]
mod tests;
