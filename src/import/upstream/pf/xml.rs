//! Small questions to the elements of a `config.xml`.

use crate::source::{Span, Spanned};
use crate::tree::xml::Element;

/// Sections of the two systems and of packages that are known to be of no interest, and those that are read.
pub(super) const SECTIONS: &[&str] = &[
    "aliases",
    "appearance",
    "bridges",
    "ca",
    "captiveportal",
    "cert",
    "cron",
    "crl",
    "ddnsupdate",
    "dhcp6relay",
    "dhcpd",
    "dhcpdv6",
    "dhcrelay",
    "dhcrelay6",
    "diag",
    "dnsmasq",
    "dnshaper",
    "dnsupdates",
    "dyndnses",
    "ezshaper",
    "filter",
    "gateways",
    "gifs",
    "gres",
    "hasync",
    "igmpproxy",
    "ifgroups",
    "installedpackages",
    "interfaces",
    "ipsec",
    "kea",
    "l2tp",
    "laggs",
    "lastchange",
    "ldapserver",
    "load_balancer",
    "menu",
    "nat",
    "notifications",
    "ntpd",
    "OPNsense",
    "openvpn",
    "ovpnserver",
    "package",
    "pppoe",
    "pppoes",
    "ppps",
    "pptpd",
    "proxyarp",
    "qinqs",
    "radvd",
    "revision",
    "rrd",
    "schedules",
    "servicestatusfilter",
    "shaper",
    "snmpd",
    "ssh",
    "sshdata",
    "staticroutes",
    "sysctl",
    "syslog",
    "system",
    "theme",
    "trigger_initial_wizard",
    "unbound",
    "vlans",
    "virtualip",
    "version",
    "widgets",
    "wireless",
    "wireguard",
    "wizardtemp",
    "wol",
    "wpa",
    "created",
    "updated",
    "switches",
    "tinc",
    "upnpd",
    "vips",
    "voucher",
    "hostapd",
    "dhcpbackend",
    "dns_resolver",
    "ipv6nat",
    "mss",
    "ovpn",
];

impl Element<'_> {
    /// The start tag's name, as the place for a word about the element as a whole.
    pub(super) fn head(&self) -> Span {
        let end = (self.span.start + 1 + self.name.len() as u32).min(self.span.end);
        Span::new(self.span.start.min(end), end)
    }
}

/// The place of a rule: its description, by which its owner knows it, else its start tag. A rule as a whole has too many lines for a label.
pub(super) fn place(rule: &Element<'_>) -> Span {
    let told = ["descr", "description"].into_iter().filter_map(|name| rule.child(name));
    let short = |e: &&Element<'_>| {
        let text = e.text.value.trim();
        !text.is_empty() && text.len() <= 100 && !e.text.value.contains('\n')
    };
    told.into_iter().find(short).map_or_else(|| rule.head(), |e| e.span)
}

/// The first element at the end of a path of names.
pub(super) fn at<'e>(root: &'e Element<'e>, path: &[&str]) -> Option<&'e Element<'e>> {
    path.iter().try_fold(root, |element, name| element.child(name))
}

/// Every element at the end of a path of names, whichever of several it leads through.
pub(super) fn all<'e>(root: &'e Element<'e>, path: &[&str]) -> Vec<&'e Element<'e>> {
    path.iter().fold(vec![root], |found, name| {
        found.into_iter().flat_map(|element| element.children.iter().filter(|child| child.name == *name)).collect()
    })
}

/// The text of a child, if it is there and not empty, without the white space around it.
pub(super) fn text<'e>(element: &'e Element<'_>, name: &str) -> Option<Spanned<&'e str>> {
    let child = element.child(name)?;
    let whole: &str = &child.text.value;
    let trimmed = whole.trim();
    (!trimmed.is_empty()).then_some(Spanned::new(trimmed, child.span))
}

/// The words of a list: the two systems part them with commas, white space or line ends.
pub(super) fn words(list: Spanned<&str>) -> impl Iterator<Item = Spanned<&str>> {
    let words = list.value.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    words.map(move |word| Spanned::new(word, list.span))
}
