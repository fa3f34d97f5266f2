//! Readers of what tells about a client's machine: registry exports (`.reg`), text that sets or lists values and services, and Group Policy Preferences.
//!
//! A reader notes which keys a file holds and which values stand there; what that means for the machine is decided here, for the key that counts depends on the version of Windows
//! (KB 885407 and KB 926179: `Services\IPSec` on XP, `Services\PolicyAgent` since Vista).

pub mod preferences;
mod reg;
mod text;

use super::Notes;
use super::detect::Format;
use crate::model::{Client, Field, Registry, RegistryValue};
use crate::source::{Problem, ProblemKind, Span, Spanned};

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    /// The path beneath `Services` of a control set, in lower case; of another key the whole path.
    under: String,
    /// Whether that is in `CurrentControlSet`.
    current: bool,
    /// The path as written.
    shown: String,
}

impl Key {
    /// A path as exports and scripts write it: `HKEY_LOCAL_MACHINE\…`, `HKLM\…`, `HKLM:\…`, `Registry::HKLM\…`.
    fn parse(path: &str) -> Self {
        let lower = path.trim().trim_end_matches('\\').to_ascii_lowercase().replace('/', "\\");
        let rest = lower.rsplit("::").next().unwrap_or(&lower);
        let mut parts = rest.split('\\').filter(|p| !p.is_empty()).peekable();
        let hive = parts.next().unwrap_or_default();
        let local = match hive.split_once(':') {
            // `HKLM:SYSTEM\…` is `HKLM:\SYSTEM\…`.
            Some((drive, first)) => drive == "hklm" && (first == "system" || first.is_empty() && parts.next_if_eq(&"system").is_some()),
            None => matches!(hive, "hklm" | "hkey_local_machine") && parts.next_if_eq(&"system").is_some(),
        };
        let set = parts.next().unwrap_or_default();
        let numbered = set.strip_prefix("controlset").is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()));
        let services = local && (set == "currentcontrolset" || numbered) && parts.next() == Some("services");
        let under = if services { parts.collect::<Vec<_>>().join("\\") } else { rest.to_owned() };
        Self { under, current: services && !numbered, shown: path.trim().to_owned() }
    }
}

/// The values that are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    NatT,
    ProhibitIpsec,
    WeakCrypto,
    Start,
}

impl Name {
    const ALL: [Self; 4] = [Self::NatT, Self::ProhibitIpsec, Self::WeakCrypto, Self::Start];

    const fn word(self) -> &'static str {
        match self {
            Self::NatT => "AssumeUDPEncapsulationContextOnSendRule",
            Self::ProhibitIpsec => "ProhibitIpSec",
            Self::WeakCrypto => "AllowL2TPWeakCrypto",
            Self::Start => "Start",
        }
    }

    /// The value of this name. Every service has a `Start`.
    fn of(word: &str, key: &Key) -> Option<Self> {
        let name = Self::ALL.into_iter().find(|n| n.word().eq_ignore_ascii_case(word))?;
        (name != Self::Start || key.under == IKEEXT).then_some(name)
    }

    /// The key that Windows reads it from, beneath `Services`.
    const fn key(self, xp: bool) -> &'static str {
        match self {
            Self::NatT if xp => "IPSec",
            Self::NatT => "PolicyAgent",
            Self::ProhibitIpsec | Self::WeakCrypto => r"RasMan\Parameters",
            Self::Start => "IKEEXT",
        }
    }
}

const IKEEXT: &str = "ikeext";
const IPSEC: &str = "ipsec";

/// What is stated of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Data {
    Dword(u32),
    /// A type that is no DWORD.
    Other(&'static str),
    /// It is deleted.
    Deleted,
    /// It is there, and this is why it cannot be told.
    Unclear(&'static str),
}

/// What a file states.
#[derive(Debug, Default)]
pub struct Evidence {
    /// Keys whose every value is listed, with the place of their head.
    keys: Vec<(Key, Span)>,
    /// Keys of which the file states only values that are looked for: it may be one that sets them, and no export.
    partial: Vec<(Key, Span)>,
    /// It is a registry policy file, whose folder says whose registry it is about.
    policy: bool,
    /// Values.
    values: Vec<(Name, Key, Spanned<Data>)>,
    /// Installed programs, when it lists them.
    software: Option<Vec<Spanned<String>>>,
}

impl Evidence {
    fn push(&mut self, word: &str, key: &Key, data: Data, span: Span) {
        if let Some(name) = Name::of(word, key) {
            self.values.push((name, key.clone(), Spanned::new(data, span)));
        }
    }

    /// Settles whose registry a policy is about: `Machine\registry.pol` or `User\registry.pol` ([MS-GPREG] 2.2.1).
    pub fn belongs(&mut self, path: &str) {
        if !std::mem::take(&mut self.policy) {
            return;
        }
        let folder = path.rsplit(['/', '\\']).nth(1).unwrap_or_default().to_ascii_lowercase();
        match &*folder {
            "machine" => {}
            "user" => self.values.clear(),
            _ => {
                let why = "the policy lies in no folder `Machine` or `User`, which says whose registry it is about";
                self.values.iter_mut().for_each(|(_, _, data)| data.value = Data::Unclear(why));
            }
        }
    }

    /// Whether nothing that counts is in it.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.values.is_empty() && self.software.is_none()
    }
}

/// Whether a text is an export of the registry, or holds what tells about its values or services. Scripts that make VPN connections are another format.
pub fn is_evidence(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if reg::is_export(text) {
        return true;
    }
    let head = &text[..(0..=text.len().min(1 << 16)).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0)];
    !head.to_ascii_lowercase().contains("vpnconnection") && (text::is_listing(head) || !text::read(head, 0).is_empty())
}

/// Reads a file. `None`: the format tells nothing of a machine. Scripts that make VPN connections may also set values.
pub fn read(format: Format, text: &str, base: u32) -> Option<(Evidence, Notes)> {
    match format.id() {
        "reg" if crate::import::detect::root(text).is_some_and(preferences::is_root) => Some(preferences::read(text, base)),
        "reg" if reg::is_export(text.trim_start_matches('\u{feff}').trim_start()) => Some(reg::read(text, base)),
        "software-list" => {
            let (programs, notes) = super::lists::software::read(text, base);
            Some((Evidence { software: Some(programs), ..Evidence::default() }, notes))
        }
        "reg" | "powershell" => Some((text::read(text, base), Notes::default())),
        _ => None,
    }
}

/// Whether a machine is older than Vista; `None`: not stated.
fn is_xp(client: &Client) -> Option<bool> {
    let version = client.os_version.value()?.to_ascii_lowercase();
    Some(["xp", "2000", "2003"].iter().any(|old| version.contains(old)) || version.trim().starts_with("5."))
}

/// What the exports of one client say, file by file.
#[derive(Default)]
pub struct Machine {
    files: Vec<(Evidence, String, Option<Span>)>,
    unread: Option<(Span, String)>,
}

impl Machine {
    /// Whether no file was named.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unread.is_none()
    }

    /// Adds what a file says; `first` is the place of its first line, when it was named to tell of the machine. A script that makes a connection was not.
    pub fn add(&mut self, mut evidence: Evidence, path: &str, first: Option<Span>) {
        evidence.belongs(path);
        if first.is_none() && evidence.is_empty() {
            return;
        }
        // A list of programs says nothing of the registry, nor by what it lacks.
        let first = first.filter(|_| evidence.software.is_none());
        self.files.push((evidence, crate::source::clip(&crate::source::visible(path), 80).into_owned(), first));
    }

    /// Notes that an export was named and not read.
    pub fn unread(&mut self, place: Span, path: &str) {
        let path = crate::source::clip(&crate::source::visible(path), 80).into_owned();
        self.unread.get_or_insert((place, path));
    }

    /// Writes into the client what the files say; where its table says otherwise, the table's word counts and the drift is noted.
    pub fn complete(&self, client: &mut Client, name: &str, problems: &mut Vec<Problem>) {
        if self.is_empty() {
            return;
        }
        self.complete_software(client);
        let xp = is_xp(client);
        let found = Name::ALL.map(|name| self.value(name, xp));
        let registry = &mut client.registry;
        let fields = [
            (&mut registry.nat_t_rule, "nat_t_rule"),
            (&mut registry.prohibit_ipsec, "prohibit_ipsec"),
            (&mut registry.weak_crypto, "weak_crypto"),
            (&mut registry.ikeext_start, "ikeext_start"),
        ];
        for ((inline, key), found) in fields.into_iter().zip(found) {
            match (&*inline, &found) {
                (Field::Absent, _) => *inline = found,
                (Field::Known(ours), Field::Known(theirs)) if ours.value.effective() != theirs.value.effective() => {
                    let name = crate::source::clip(name, 80);
                    let message = format!("`{key}` of client `{name}` is not what its export says");
                    let problem = Problem::new(ProblemKind::Drift, ours.span, message, "the table's word counts");
                    let help = format!(
                        "correct the side that is wrong, or leave `{key}` out of the client's `evidence`; until then the table counts"
                    );
                    problems.push(problem.related(theirs.span, "the export differs").help(help));
                }
                _ => {}
            }
        }
    }

    /// Adds the programs of all lists; the table's own come first.
    fn complete_software(&self, client: &mut Client) {
        let listed: Vec<_> = self.files.iter().filter_map(|(evidence, ..)| evidence.software.as_ref()).collect();
        let Some(first) = listed.iter().find_map(|list| Some(list.first()?.span)) else { return };
        let all = listed.into_iter().flatten().cloned();
        match &mut client.software {
            Field::Known(own) => own.value.extend(all),
            Field::Absent => client.software = Field::known_at(all.collect(), first),
            Field::Opaque(_) => {}
        }
    }

    /// What all files say of a value: several exports are of several machines, and the worst counts.
    fn value(&self, name: Name, xp: Option<bool>) -> Field<RegistryValue> {
        let fault = |v: &RegistryValue| match name {
            Name::NatT => v.effective() != 2,
            Name::ProhibitIpsec | Name::WeakCrypto => v.effective() != 0,
            Name::Start => v.effective() == 4,
        };
        let mut stated: Vec<_> = self.files.iter().map(|(evidence, ..)| evidence.value(name, xp)).filter(|f| !f.is_absent()).collect();
        let worst = stated.iter().position(|f| f.value().is_some_and(fault)).or_else(|| stated.iter().position(|f| f.opaque().is_some()));
        if let Some(worst) = worst {
            return stated.swap_remove(worst);
        }
        if let Some((place, path)) = &self.unread {
            return Field::opaque_at(*place, format!("the export `{path}` was not read"));
        }
        if let Some(first) = stated.into_iter().next() {
            return first;
        }
        let named = self.files.iter().find_map(|(_, path, first)| Some((path, (*first)?)));
        named.map_or(Field::Absent, |(path, first)| {
            let key = name.key(xp == Some(true));
            Field::opaque_at(first, format!(r"`{path}` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\{key}"))
        })
    }
}

impl Evidence {
    /// What a file says of a value; absent when it does not hold the key.
    fn value(&self, name: Name, xp: Option<bool>) -> Field<RegistryValue> {
        let right = name.key(xp == Some(true)).to_ascii_lowercase();
        let stated: Vec<_> = self.values.iter().filter(|(n, ..)| *n == name).collect();
        let at_key: Vec<_> = stated.iter().filter(|(_, key, _)| key.under == right).collect();
        let heads: Vec<_> = self.keys.iter().filter(|(key, _)| key.under == right).collect();
        // Of several control sets the current one counts; else all must agree.
        let current = at_key.iter().any(|(_, key, _)| key.current) || heads.iter().any(|(key, _)| key.current);
        let mut found: Option<&Spanned<Data>> = None;
        for (_, _, data) in at_key.iter().filter(|(_, key, _)| key.current == current) {
            if let Some(before) = found.filter(|before| !current && before.value != data.value) {
                return Field::opaque_at(before.span, format!("the control sets of the export differ in `{}`", name.word()));
            }
            found = Some(data);
        }
        if let Some(data) = found {
            return match &data.value {
                Data::Dword(number) => Field::known_at(RegistryValue::Dword(*number), data.span),
                Data::Other(kind) => Field::known_at(RegistryValue::OtherType(kind), data.span),
                Data::Deleted => Field::known_at(RegistryValue::Missing, data.span),
                Data::Unclear(why) => Field::opaque_at(data.span, *why),
            };
        }
        if name == Name::NatT {
            let elsewhere = |ipsec: bool| stated.iter().find(|(_, key, d)| (key.under == IPSEC) == ipsec && d.value != Data::Deleted);
            if let Some((_, _, data)) = elsewhere(true).filter(|_| xp.is_none()) {
                return Field::opaque_at(data.span, r"Windows XP alone reads `Services\IPSec`, and the client states no `os_version`");
            }
            if let Some((_, key, data)) = elsewhere(true).or_else(|| elsewhere(false)) {
                return Field::known_at(RegistryValue::WrongKey(key.shown.as_str().into()), data.span);
            }
        }
        match heads.iter().find(|(key, _)| key.current == current) {
            Some((_, head)) if name == Name::Start => Field::opaque_at(*head, "the export of the service IKEEXT states no `Start`"),
            Some((_, head)) => Field::known_at(RegistryValue::Missing, *head),
            None => match self.partial.iter().find(|(key, _)| key.under == right) {
                Some((_, head)) => {
                    let word = name.word();
                    Field::opaque_at(*head, format!("the file states some values of the key alone, and not `{word}`"))
                }
                None => Field::Absent,
            },
        }
    }

    /// What one file says of the machine, whatever its version.
    pub fn registry(self, path: &str, first: Span) -> Registry {
        let mut machine = Machine::default();
        machine.add(self, path, Some(first));
        let [nat_t_rule, prohibit_ipsec, weak_crypto, ikeext_start] = Name::ALL.map(|name| machine.value(name, None));
        Registry { nat_t_rule, prohibit_ipsec, weak_crypto, ikeext_start }
    }
}

#[cfg(test)]
mod tests;
