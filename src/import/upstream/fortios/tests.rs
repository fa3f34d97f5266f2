use super::*;
use crate::import::upstream::trial::verdict;
use crate::net::Service;

mod corpus;
mod filter;
mod forwards;
mod whole;

/// A header of a backup, with a version in which `match-vip` is on unless it is said.
const NEW: &str = "#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0:vdom=0:user=admin";

const VIPS: &str = r#"edit "MX-500"
 set extip 203.0.113.10
 set mappedip "192.168.1.4"
 set extintf "wan1"
 set portforward enable
 set protocol udp
 set extport 500
 set mappedport 500
next
edit "MX-4500"
 set extip 203.0.113.10
 set mappedip "192.168.1.4"
 set extintf "wan1"
 set portforward enable
 set protocol udp
 set extport 4500
 set mappedport 4500
next
"#;

/// Parts of a configuration; what is empty is as a usual site has it.
#[derive(Clone, Copy, Default)]
struct Config<'t> {
    header: &'t str,
    vips: &'t str,
    policies: &'t str,
    /// Other tables, in front of the policies.
    more: &'t str,
}

impl Config<'_> {
    fn text(self) -> String {
        let or = |text: &str, usual: &str| if text.is_empty() { usual.to_owned() } else { text.to_owned() };
        let policies = or(self.policies, &format!("{}{}", policy(1, ""), out(2)));
        format!(
            "{}\nconfig system interface\nedit \"wan1\"\nset vdom \"root\"\nset ip 203.0.113.10 255.255.255.248\nset type physical\nset role wan\nnext\n\
             edit \"internal\"\nset vdom \"root\"\nset ip 192.168.1.1 255.255.255.0\nset type hard-switch\nset role lan\nnext\nend\n{}\
             config firewall vip\n{}end\nconfig firewall policy\n{policies}end\n\
             config router static\nedit 1\nset gateway 203.0.113.9\nset device \"wan1\"\nnext\nend\n",
            or(self.header, NEW),
            self.more,
            or(self.vips, VIPS),
        )
    }

    fn device(self) -> Device {
        let (device, remarks, _) = read(&self.text(), 0);
        assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{remarks:?}");
        device
    }

    fn ike(self) -> String {
        verdict(&self.device(), Service::IKE)
    }

    fn natt(self) -> String {
        verdict(&self.device(), Service::NAT_T)
    }
}

/// A policy from outside to both virtual IPs, with other parts.
fn policy(id: u32, parts: &str) -> String {
    let mut text = format!("edit {id}\n");
    for usual in [
        "set srcintf \"wan1\"",
        "set dstintf \"internal\"",
        "set action accept",
        "set srcaddr \"all\"",
        "set dstaddr \"MX-500\" \"MX-4500\"",
        "set schedule \"always\"",
        "set service \"ALL\"",
    ] {
        let key = usual.split(' ').nth(1).unwrap();
        if !parts.contains(&format!("set {key} ")) {
            text += usual;
            text += "\n";
        }
    }
    for part in parts.split(';').filter(|part| !part.is_empty()) {
        text += part.trim();
        text += "\n";
    }
    text + "next\n"
}

/// A policy for what goes out.
fn out(id: u32) -> String {
    policy(id, "set srcintf \"internal\";set dstintf \"wan1\";set dstaddr \"all\";set nat enable")
}

/// A virtual IP with other parts.
fn vip(name: &str, parts: &str) -> String {
    let mut text = format!("edit \"{name}\"\n");
    for usual in ["set extip 203.0.113.10", "set mappedip \"192.168.1.4\"", "set extintf \"wan1\""] {
        let key = usual.split(' ').nth(1).unwrap();
        if !parts.contains(&format!("set {key} ")) {
            text += usual;
            text += "\n";
        }
    }
    for part in parts.split(';').filter(|part| !part.is_empty()) {
        text += part.trim();
        text += "\n";
    }
    text + "next\n"
}
