//! Services: `config firewall service custom` and `group`, and those that every FortiGate has from the factory.

use std::rc::Rc;

use super::names::{DEPTH, Names};
use super::tree::{Block, Word};
use crate::net::{Ports, Protocol, Protocols};

/// Packets of some protocols, to some ports, from some ports.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) protocols: Protocols,
    pub(super) ports: Ports,
    pub(super) sources: Ports,
}

/// What a service stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    pub(super) items: Vec<Item>,
    /// Why it may stand for more.
    pub(super) opaque: Option<&'static str>,
    /// A name that the file does not define.
    pub(super) missing: bool,
}

impl Item {
    fn ported(protocol: Protocol, ports: Ports) -> Self {
        Self { protocols: Protocols::of(&[protocol]), ports, sources: Ports::any() }
    }

    fn plain(protocols: Protocols) -> Self {
        Self { protocols, ports: Ports::any(), sources: Ports::any() }
    }
}

impl Service {
    fn of(items: Vec<Item>) -> Self {
        Self { items, ..Self::default() }
    }

    fn unknown(why: &'static str) -> Self {
        Self { opaque: Some(why), ..Self::default() }
    }

    /// Adds what another stands for; items that differ in their ports alone become one.
    fn absorb(&mut self, other: &Self) {
        self.opaque = self.opaque.or(other.opaque);
        for item in &other.items {
            match self.items.iter_mut().find(|known| known.protocols == item.protocols && known.sources == item.sources) {
                Some(known) => known.ports = known.ports.union(&item.ports),
                None => self.items.push(item.clone()),
            }
        }
    }

    /// Items with the same ports become one about all their protocols.
    pub(super) fn joined(&self) -> Vec<Item> {
        let mut joined: Vec<Item> = Vec::new();
        for item in &self.items {
            match joined.iter_mut().find(|known| known.ports == item.ports && known.sources == item.sources) {
                Some(known) => known.protocols = known.protocols.union(&item.protocols),
                None => joined.push(item.clone()),
            }
        }
        joined
    }

    /// Everything that it does not stand for; none: not to be known.
    pub(super) fn complement(&self) -> Option<Vec<Item>> {
        if self.opaque.is_some() || self.items.iter().any(|item| !item.sources.is_any()) {
            return None;
        }
        let taken = |protocol: Protocol| {
            let items = self.items.iter().filter(|item| item.protocols.contains(protocol));
            items.fold(Ports::none(), |all, item| all.union(&item.ports))
        };
        let ported = [Protocol::Tcp, Protocol::Udp];
        let mut rest: Vec<Item> = ported.iter().map(|protocol| Item::ported(*protocol, taken(*protocol).complement())).collect();
        rest.retain(|item| !item.ports.is_empty());
        let plain = self.items.iter().fold(Protocols::of(&ported), |all, item| all.union(&item.protocols));
        rest.push(Item::plain(plain.complement()));
        Some(rest)
    }
}

impl<'t> Names<'t> {
    /// What the services of a policy stand for together.
    pub(super) fn service_of(&self, words: &[&Word<'t>]) -> Service {
        let mut all = Service::default();
        for word in words {
            let service = self.service(&word.value, 0);
            all.absorb(&service);
            all.missing |= service.missing;
        }
        all
    }

    /// What the name of a service or a group stands for.
    pub(super) fn service(&self, name: &str, depth: usize) -> Rc<Service> {
        if let Some(known) = self.known_services.borrow().get(name) {
            return Rc::clone(known);
        }
        let found = if let Some(block) = self.services.get(name) {
            custom(block)
        } else if let Some(block) = self.service_groups.get(name) {
            if depth > DEPTH {
                return Rc::new(Service::unknown("the service groups name each other"));
            }
            let mut all = Service::default();
            for member in block.words("member") {
                let member = self.service(&member.value, depth + 1);
                if !self.afford(member.items.len() + 1) {
                    all.opaque = Some("the service groups are too large to follow");
                    break;
                }
                all.absorb(&member);
                if member.missing {
                    all.opaque = Some("the service group names a service that is not in the file");
                }
            }
            all
        } else {
            self.factory(name, depth)
        };
        let found = Rc::new(found);
        self.known_services.borrow_mut().insert(name.to_owned(), Rc::clone(&found));
        found
    }

    fn factory(&self, name: &str, depth: usize) -> Service {
        if let Some((_, members)) = GROUPS.iter().find(|(group, _)| *group == name) {
            let mut all = Service::default();
            for member in members.split(' ') {
                all.absorb(&self.service(member, depth + 1));
            }
            return all;
        }
        let Some((_, what)) = FACTORY.iter().find(|(known, _)| *known == name) else {
            return Service { missing: true, ..Service::unknown("the service is not in the file") };
        };
        let mut service = Service::default();
        for part in what.split(' ') {
            let (protocol, ports) = part.split_once('/').unwrap_or((part, ""));
            let protocols = match protocol {
                "any" => Protocols::any(),
                "none" => continue,
                _ => Protocols::of(&[Protocol::parse(protocol).unwrap_or(Protocol::from_number(255))]),
            };
            let ports = Ports::parse(ports).unwrap_or_else(Ports::any);
            service.items.push(Item { protocols, ports, sources: Ports::any() });
        }
        service
    }
}

/// A service of the file.
fn custom(block: &Block<'_>) -> Service {
    let other = ["iprange", "fqdn"].iter().any(|key| block.word(key).is_some_and(|w| !matches!(&*w.value, "" | "0.0.0.0")));
    if other || block.word("app-service-type").is_some_and(|w| w.value != "disable") || block.says("proxy", "enable") {
        return Service::unknown("the service depends on more than protocol and ports");
    }
    match block.word("protocol").map_or("TCP/UDP/SCTP", |w| &*w.value) {
        "IP" => {
            let number = block.word("protocol-number").map_or(Ok(0), |w| w.value.parse::<u8>());
            match number {
                Ok(0) => Service::of(vec![Item::plain(Protocols::any())]),
                Ok(number) => Service::of(vec![Item::plain(Protocols::of(&[Protocol::from_number(number)]))]),
                Err(_) => Service::unknown("the protocol's number is not valid"),
            }
        }
        "ICMP" => Service::of(vec![Item::plain(Protocols::of(&[Protocol::Icmp]))]),
        "ICMP6" => Service::of(vec![Item::plain(Protocols::of(&[Protocol::from_number(58)]))]),
        protocol if protocol.starts_with("TCP/UDP") => {
            let mut service = Service::default();
            for (key, protocol) in
                [("tcp-portrange", Protocol::Tcp), ("udp-portrange", Protocol::Udp), ("sctp-portrange", Protocol::from_number(132))]
            {
                for range in block.words(key) {
                    match portrange(&range.value) {
                        Some((ports, sources)) => {
                            service.absorb(&Service::of(vec![Item { sources, ..Item::ported(protocol, ports) }]));
                        }
                        None => service.opaque = Some("a range of ports is not valid"),
                    }
                }
            }
            service
        }
        _ => Service::unknown("the protocol of the service is not known"),
    }
}

/// `500`, `500-510`, `500:1024-65535`: destination ports, then source ports.
fn portrange(text: &str) -> Option<(Ports, Ports)> {
    let (to, from) = text.split_once(':').map_or((text, None), |(to, from)| (to, Some(from)));
    Some((numbers(to)?, from.map_or_else(|| Some(Ports::any()), numbers)?))
}

/// A port or a range. Port 0 is no port that anybody uses, so that 1-65535 are all.
pub(super) fn numbers(text: &str) -> Option<Ports> {
    let ports = text.bytes().all(|b| b.is_ascii_digit() || b == b'-').then(|| Ports::parse(text)).flatten()?;
    Some(if ports.count() >= 65535 && !ports.complement().meets(&Ports::range(1, u16::MAX)) { Ports::any() } else { ports })
}

/// Groups from the factory.
const GROUPS: &[(&str, &str)] = &[
    ("Email Access", "DNS IMAP IMAPS POP3 POP3S SMTP SMTPS"),
    ("Web Access", "DNS HTTP HTTPS"),
    ("Windows AD", "DCE-RPC DNS KERBEROS LDAP LDAP_UDP SAMBA SMB"),
    ("Exchange Server", "DCE-RPC DNS HTTPS"),
];

/// Services from the factory, as backups of devices without changes write them.
const FACTORY: &[(&str, &str)] = &[
    ("ALL", "any"),
    ("ANY", "any"),
    ("NONE", "none"),
    ("ALL_TCP", "tcp"),
    ("ALL_UDP", "udp"),
    ("ALL_ICMP", "icmp"),
    ("ALL_ICMP6", "58"),
    ("PING", "icmp"),
    ("PING6", "58"),
    ("TIMESTAMP", "icmp"),
    ("INFO_ADDRESS", "icmp"),
    ("INFO_REQUEST", "icmp"),
    ("GRE", "gre"),
    ("AH", "ah"),
    ("ESP", "esp"),
    ("OSPF", "89"),
    ("IKE", "udp/500,4500"),
    ("L2TP", "tcp/1701 udp/1701"),
    ("PPTP", "tcp/1723"),
    ("AFS3", "tcp/7000-7009 udp/7000-7009"),
    ("AOL", "tcp/5190-5194"),
    ("BGP", "tcp/179"),
    ("CVSPSERVER", "tcp/2401 udp/2401"),
    ("DCE-RPC", "tcp/135 udp/135"),
    ("DHCP", "udp/67-68"),
    ("DHCP6", "udp/546,547"),
    ("DNS", "tcp/53 udp/53"),
    ("FINGER", "tcp/79"),
    ("FTP", "tcp/21"),
    ("FTP_GET", "tcp/21"),
    ("FTP_PUT", "tcp/21"),
    ("GOPHER", "tcp/70"),
    ("GTP", "tcp/2123,2152,3386 udp/2123,2152,3386"),
    ("H323", "tcp/1720,1503 udp/1719"),
    ("HTTP", "tcp/80"),
    ("HTTPS", "tcp/443"),
    ("IMAP", "tcp/143"),
    ("IMAPS", "tcp/993"),
    ("IRC", "tcp/6660-6669"),
    ("Internet-Locator-Service", "tcp/389"),
    ("KERBEROS", "tcp/88,464 udp/88,464"),
    ("LDAP", "tcp/389"),
    ("LDAP_UDP", "udp/389"),
    ("MGCP", "udp/2427,2727"),
    ("MMS", "tcp/1755 udp/1024-5000"),
    ("MS-SQL", "tcp/1433,1434"),
    ("MYSQL", "tcp/3306"),
    ("NFS", "tcp/111,2049 udp/111,2049"),
    ("NNTP", "tcp/119"),
    ("NTP", "tcp/123 udp/123"),
    ("NetMeeting", "tcp/1720"),
    ("ONC-RPC", "tcp/111 udp/111"),
    ("PC-Anywhere", "tcp/5631 udp/5632"),
    ("POP3", "tcp/110"),
    ("POP3S", "tcp/995"),
    ("QUAKE", "udp/26000,27000,27910,27960"),
    ("RADIUS", "udp/1812,1813"),
    ("RADIUS-OLD", "udp/1645,1646"),
    ("RAUDIO", "udp/7070"),
    ("RDP", "tcp/3389"),
    ("REXEC", "tcp/512"),
    ("RIP", "udp/520"),
    ("RLOGIN", "tcp/513"),
    ("RSH", "tcp/514"),
    ("RTSP", "tcp/554,7070,8554 udp/554"),
    ("SAMBA", "tcp/139"),
    ("SCCP", "tcp/2000"),
    ("SIP", "tcp/5060 udp/5060"),
    ("SIP-MSNmessenger", "tcp/1863"),
    ("SMB", "tcp/445"),
    ("SMTP", "tcp/25"),
    ("SMTPS", "tcp/465"),
    ("SNMP", "tcp/161-162 udp/161-162"),
    ("SOCKS", "tcp/1080 udp/1080"),
    ("SQUID", "tcp/3128"),
    ("SSH", "tcp/22"),
    ("SYSLOG", "udp/514"),
    ("TALK", "udp/517-518"),
    ("TELNET", "tcp/23"),
    ("TFTP", "udp/69"),
    ("TRACEROUTE", "udp/33434-33535"),
    ("UUCP", "tcp/540"),
    ("VDOLIVE", "tcp/7000-7010"),
    ("VNC", "tcp/5900"),
    ("WAIS", "tcp/210"),
    ("WINFRAME", "tcp/1494,2598"),
    ("WINS", "tcp/1512 udp/1512"),
    ("X-WINDOWS", "tcp/6000-6063"),
];
