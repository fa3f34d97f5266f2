use std::net::Ipv4Addr;

use super::Flavour::{Opnsense, Pfsense};
use super::*;
use crate::import::upstream::trial::verdict;
use crate::net::{Addrs, Path, Service, Verdict};

mod brute;
mod corpus;
mod filter;
mod forwards;
mod mistakes;
mod opnsense;
mod whole;

/// Parts of a configuration; what is empty is left out.
#[derive(Clone, Copy, Default)]
struct Config<'t> {
    wan: &'t str,
    nat: &'t str,
    filter: &'t str,
    more: &'t str,
}

const STATIC: &str = "<ipaddr>203.0.113.10</ipaddr><subnet>29</subnet><gateway>GW</gateway>";
const DYNAMIC: &str = "<ipaddr>dhcp</ipaddr>";
/// A pass for both ports to the MX, as pfSense links it to a forward.
const PASS: &str = "<rule><type>pass</type><interface>wan</interface><ipprotocol>inet</ipprotocol><protocol>udp</protocol>\
    <source><any/></source><destination><address>192.168.1.4</address><port>500-4500</port></destination></rule>";

impl Config<'_> {
    fn text(self, flavour: Flavour) -> String {
        let root = if flavour == Pfsense { "pfsense" } else { "opnsense" };
        let wan = if self.wan.is_empty() { STATIC } else { self.wan };
        format!(
            "<?xml version=\"1.0\"?>\n<{root}><interfaces><wan><enable/><if>em0</if>{wan}</wan><lan><enable/><if>em1</if><ipaddr>192.168.1.1</ipaddr>\
             <subnet>24</subnet></lan></interfaces><nat>{}</nat><filter>{}</filter>{}</{root}>",
            self.nat, self.filter, self.more
        )
    }
}

/// A forward of UDP to the MX with other parts.
fn rdr(parts: &str) -> String {
    let mut text = String::from("<rule>");
    let with = |name: &str, usual: &str| if parts.contains(&format!("<{name}")) { String::new() } else { usual.to_owned() };
    text += &with("interface", "<interface>wan</interface>");
    text += &with("protocol", "<protocol>udp</protocol>");
    text += &with("source", "<source><any/></source>");
    text += &with("destination", "<destination><network>wanip</network><port>500-4500</port></destination>");
    text += &with("target", "<target>192.168.1.4</target>");
    text += &with("local-port", "<local-port>500</local-port>");
    text + parts + "</rule>"
}

/// A filter rule on the WAN with other parts.
fn rule(parts: &str) -> String {
    let mut text = String::from("<rule>");
    let with = |name: &str, usual: &str| if parts.contains(&format!("<{name}")) { String::new() } else { usual.to_owned() };
    text += &with("type", "<type>pass</type>");
    text += &with("interface", "<interface>wan</interface>");
    text += &with("source", "<source><any/></source>");
    text += &with("destination", "<destination><any/></destination>");
    text + parts + "</rule>"
}

fn device(flavour: Flavour, config: Config<'_>) -> Device {
    let (device, remarks, _) = read(flavour, &config.text(flavour), 0);
    assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{remarks:?}");
    device
}

fn mx() -> Vec<Ipv4Addr> {
    vec![Ipv4Addr::new(192, 168, 1, 4)]
}

fn ike(flavour: Flavour, config: Config<'_>) -> String {
    verdict(&device(flavour, config), Service::IKE)
}

fn natt(flavour: Flavour, config: Config<'_>) -> String {
    verdict(&device(flavour, config), Service::NAT_T)
}

/// Both systems agree.
fn both(config: Config<'_>) -> String {
    let (one, other) = (ike(Pfsense, config), ike(Opnsense, config));
    assert_eq!(one, other);
    one
}
