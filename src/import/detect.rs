//! Which format a file is in, told from its content.

use super::client::{onc, profilexml};
use super::upstream::cisco;

/// Formats that are read as imports. Ids are those of the site file's `format` key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apple configuration profile, and what macOS itself keeps or exports as property lists.
    Mobileconfig,
    /// NetworkManager key file.
    NetworkManager,
    /// ChromeOS network configuration.
    Onc,
    /// Windows VPNv2 `ProfileXML`, in any container.
    ProfileXml,
    /// PowerShell scripts, batch files that call it, and connections as objects.
    PowerShell,
    /// `ipsec.conf`, `ipsec.secrets`, `xl2tpd.conf` and pppd options.
    Ipsec,
    /// strongSwan's `swanctl.conf`.
    Swanctl,
    /// Windows phone book.
    Rasphone,
    /// Registry export of Windows, or text that sets or lists its values.
    Reg,
    /// `iptables-save`.
    IptablesSave,
    /// pfSense's `config.xml`.
    Pfsense,
    /// OPNsense's `config.xml`.
    Opnsense,
    /// OpenWrt's `/etc/config/firewall`.
    Openwrt,
    /// MikroTik RouterOS: `/export`, or a script.
    Routeros,
    /// `nft list ruleset`, and files for `nft -f`.
    Nftables,
    /// `nft -j list ruleset`.
    NftablesJson,
    /// Answers of a UniFi controller's API.
    Unifi,
    /// Juniper SRX: Junos in braces or as commands.
    Junos,
    /// VyOS: commands or `config.boot`.
    Vyos,
    /// EdgeOS, which is like VyOS.
    Edgeos,
    /// Cisco IOS or IOS-XE, as `show running-config` prints it.
    CiscoIos,
    /// Cisco ASA, as `show running-config` prints it.
    CiscoAsa,
    /// A FortiGate's configuration, or a part of it.
    Fortios,
    /// Amazon's security groups and network ACLs.
    Aws,
    /// Azure's network security groups.
    Azure,
    /// A GET body of the Dashboard API v1.
    MerakiApi,
    /// Network as Code in YAML.
    NacYaml,
    /// `terraform show -json` of a state or a plan, and a state file itself.
    TerraformJson,
    /// A snapshot of `meraki2tf`.
    Meraki2tf,
    /// The export of Meraki's `migrate_devices` script.
    MigrateDevices,
    /// The Dashboard's own settings page, with its object `wdc`.
    DashboardWdc,
    /// FreeRADIUS' `clients.conf` and `listen` sections.
    Freeradius,
    /// An export of Windows' Network Policy Server.
    Nps,
    /// Certificates in PEM; those in DER are written anew as PEM.
    Pem,
    /// A host's routing table, as text or JSON.
    RouteTable,
    /// Rules of Windows' firewall, as `netsh` prints them.
    NetshFirewall,
    /// The same as objects in JSON.
    NetFirewallRule,
    /// Users of client VPN as a table.
    AuthUsers,
    /// Installed programs.
    Software,
    /// A DNS zone.
    DnsZone,
    /// A hosts file.
    Hosts,
}

const FORMATS: &[(Format, &str)] = &[
    (Format::Mobileconfig, "mobileconfig"),
    (Format::NetworkManager, "networkmanager"),
    (Format::Onc, "onc"),
    (Format::ProfileXml, "profilexml"),
    (Format::PowerShell, "powershell"),
    (Format::Ipsec, "ipsec"),
    (Format::Swanctl, "swanctl"),
    (Format::Rasphone, "rasphone"),
    (Format::Reg, "reg"),
    (Format::IptablesSave, "iptables-save"),
    (Format::Pfsense, "pfsense"),
    (Format::Opnsense, "opnsense"),
    (Format::Openwrt, "openwrt"),
    (Format::Routeros, "routeros"),
    (Format::Nftables, "nftables"),
    (Format::NftablesJson, "nftables-json"),
    (Format::Unifi, "unifi"),
    (Format::Junos, "junos"),
    (Format::Vyos, "vyos"),
    (Format::Edgeos, "edgeos"),
    (Format::CiscoIos, "cisco-ios"),
    (Format::CiscoAsa, "cisco-asa"),
    (Format::Fortios, "fortios"),
    (Format::Aws, "aws-security-group"),
    (Format::Azure, "azure-nsg"),
    (Format::MerakiApi, "meraki-api"),
    (Format::NacYaml, "nac-yaml"),
    (Format::TerraformJson, "terraform-json"),
    (Format::Meraki2tf, "meraki2tf"),
    (Format::MigrateDevices, "migrate-devices"),
    (Format::DashboardWdc, "dashboard-wdc"),
    (Format::Freeradius, "freeradius-clients"),
    (Format::Nps, "nps-xml"),
    (Format::Pem, "pem"),
    (Format::Pem, "der"),
    (Format::RouteTable, "route-table"),
    (Format::NetshFirewall, "netsh-firewall"),
    (Format::NetFirewallRule, "netfirewallrule-json"),
    (Format::AuthUsers, "auth-users"),
    (Format::Software, "software-list"),
    (Format::DnsZone, "dns-zone"),
    (Format::Hosts, "hosts"),
];

impl Format {
    /// The format's id.
    pub fn id(self) -> &'static str {
        FORMATS.iter().find(|(f, _)| *f == self).map_or("", |(_, id)| id)
    }

    /// Whether it describes an MX.
    pub const fn is_meraki(self) -> bool {
        matches!(self, Self::MerakiApi | Self::TerraformJson | Self::Meraki2tf | Self::MigrateDevices | Self::DashboardWdc)
    }
}

/// The format with this id.
pub fn by_id(id: &str) -> Option<Format> {
    FORMATS.iter().find(|(_, i)| *i == id).map(|(f, _)| *f)
}

/// Whether files of the format with this id are JSON without comments, whose places are paths of keys.
pub fn is_plain_json(id: &str) -> bool {
    by_id(id).is_some_and(Format::is_meraki)
}

/// All ids.
pub fn ids() -> Vec<&'static str> {
    FORMATS.iter().map(|(_, id)| *id).collect()
}

/// The format of a text; the path's ending decides only where the content fits several.
pub fn detect(path: &str, text: &str) -> Option<Format> {
    if super::client::is_powershell(text) {
        return Some(Format::PowerShell);
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).take(40);
    if start.starts_with('<') && !start.starts_with("<#") {
        let head = start
            .get(..4096)
            .unwrap_or_else(|| &start[..start.char_indices().map(|(n, _)| n).take_while(|n| *n <= 4096).last().unwrap_or(0)]);
        match root(start) {
            Some("pfsense") => return Some(Format::Pfsense),
            Some("opnsense") => return Some(Format::Opnsense),
            Some(name) if super::evidence::preferences::is_root(name) => return Some(Format::Reg),
            Some("Root") if super::radius::is_nps(start) => return Some(Format::Nps),
            _ => {}
        }
        let is_plist = head.contains("<plist") || head.contains("<!DOCTYPE plist") || head.starts_with("<dict");
        // An excerpt of macOS's network settings has no head of its own.
        if is_plist || head.contains("<dict>") && head.contains("NetworkServices</key>") {
            return Some(Format::Mobileconfig);
        }
        return profilexml::is_profile(start).then_some(Format::ProfileXml);
    }
    if is_routeros(text) {
        return Some(Format::Routeros);
    }
    if super::upstream::fortios::is_fortios(text) {
        return Some(Format::Fortios);
    }
    if start.starts_with(['{', '[', '/']) && onc::is_onc(text) {
        return Some(Format::Onc);
    }
    if start.starts_with(['{', '[']) && profilexml::is_policy(text) {
        return Some(Format::ProfileXml);
    }
    if start.starts_with('{') && start[1..].trim_start().starts_with("\"nftables\"") {
        return Some(Format::NftablesJson);
    }
    if start.starts_with(['{', '[']) && super::upstream::unifi::is_unifi(text) {
        return Some(Format::Unifi);
    }
    if start.starts_with(['{', '[']) && super::upstream::aws::is_aws(text) {
        return Some(Format::Aws);
    }
    if start.starts_with(['{', '[']) && super::upstream::azure::is_azure(text) {
        return Some(Format::Azure);
    }
    if let Some(format) = surroundings(start) {
        return Some(format);
    }
    if start.starts_with(['{', '['])
        && !start.starts_with("[connection]")
        && (path.to_ascii_lowercase().ends_with(".json") || serde_like(start))
    {
        return Some(super::meraki::export_of(text));
    }
    if super::nac::is_nac(text) {
        return Some(Format::NacYaml);
    }
    if lines().next().is_some_and(|l| l.starts_with('*') && l[1..].bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Some(Format::IptablesSave);
    }
    // An entry of a phone book may be called `vpn`.
    if super::client::rasphone::is_phone_book(text) {
        return Some(Format::Rasphone);
    }
    if lines().any(is_nftables) {
        return Some(Format::Nftables);
    }
    if lines().any(is_uci) {
        return Some(Format::Openwrt);
    }
    // Both are told by whole statements; what an ASA alone has comes first.
    if cisco::is_asa(text) {
        return Some(Format::CiscoAsa);
    }
    if cisco::is_ios(text) {
        return Some(Format::CiscoIos);
    }
    if lines().any(|l| matches!(l, "[connection]" | "[vpn]")) {
        return Some(Format::NetworkManager);
    }
    if super::radius::is_freeradius(text) {
        return Some(Format::Freeradius);
    }
    if super::upstream::junos::detect(text) {
        return Some(Format::Junos);
    }
    if let Some(edge) = super::upstream::vyos::detect(text) {
        return Some(if edge { Format::Edgeos } else { Format::Vyos });
    }
    super::client::detect_linux(text)
        .or_else(|| profilexml::holds_profile(text).then_some(Format::ProfileXml))
        .or_else(|| super::evidence::is_evidence(text).then_some(Format::Reg))
        .or_else(|| table(text))
}

/// What tells of a site's surroundings and is known by its first words, or by the keys of its JSON.
fn surroundings(start: &str) -> Option<Format> {
    use super::{host, lists};
    if start.starts_with("-----BEGIN ") {
        return Some(Format::Pem);
    }
    if host::windows::is_listing(start) {
        return Some(Format::NetshFirewall);
    }
    if !start.starts_with(['{', '[']) {
        return None;
    }
    match start {
        _ if host::routes::is_json(start) => Some(Format::RouteTable),
        _ if host::windows::is_json(start) => Some(Format::NetFirewallRule),
        _ if lists::software::is_software(start) => Some(Format::Software),
        _ => None,
    }
}

/// What is known by the shape of its lines alone, and asked last for that.
fn table(text: &str) -> Option<Format> {
    use super::{certificate, host, lists};
    match text {
        _ if certificate::is_pem(text) => Some(Format::Pem),
        _ if host::routes::is_table(text) => Some(Format::RouteTable),
        _ if lists::users::is_users(text) => Some(Format::AuthUsers),
        _ if lists::software::is_software(text) => Some(Format::Software),
        _ if host::names::is_zone(text) => Some(Format::DnsZone),
        _ if host::names::is_hosts(text) => Some(Format::Hosts),
        _ => None,
    }
}

/// The name of an XML text's root element.
pub fn root(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!") => ">",
            _ => break,
        };
        rest = &rest[rest.find(end)? + end.len()..];
    }
    let name = rest.strip_prefix('<')?;
    name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/')).map(|end| &name[..end])
}

/// Whether a text is a configuration of RouterOS: its head says so, or a line enters one of the firewall's menus or adds a rule to one.
fn is_routeros(text: &str) -> bool {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let head = |line: &str| line.starts_with('#') && line.contains(" by RouterOS ");
    let menu = |line: &str| {
        let line = line.strip_prefix('[').and_then(|rest| rest.split_once("] > ")).map_or(line, |(_, rest)| rest);
        let bare = line.strip_prefix('/').unwrap_or_default().replace('/', " ");
        ["ip firewall", "ip address", "ip dhcp-client", "ip ipsec", "ip route", "interface list", "interface bridge"]
            .iter()
            .any(|menu| bare.starts_with(menu))
    };
    let rule = |line: &str| line.starts_with("add ") && line.contains("action=") && line.contains("chain=");
    lines().take(10).any(head) || lines().filter(|line| !line.starts_with('#')).take(40).any(|line| menu(line) || rule(line))
}

/// Whether a line begins a section of OpenWrt's firewall, or shows one.
fn is_uci(line: &str) -> bool {
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some("config"), Some(kind)) => {
            matches!(kind.trim_matches(['\'', '"']), "defaults" | "zone" | "forwarding" | "redirect" | "rule" | "interface" | "globals")
        }
        (Some("package"), Some(package)) => package.trim_matches('\'') == "firewall",
        (Some(line), None) => line.starts_with("firewall.") && line.contains('='),
        _ => false,
    }
}

/// Whether a line begins a table of nftables, in a ruleset or as a command.
fn is_nftables(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next();
    let table = if matches!(first, Some("add" | "create" | "flush")) { words.next() } else { first };
    match table {
        Some("table") => matches!(words.next(), Some("ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev")),
        Some("ruleset") => first == Some("flush"),
        Some("rule" | "chain") if first == Some("add") => matches!(words.next(), Some("ip" | "ip6" | "inet")),
        _ => false,
    }
}

/// Whether it looks like JSON rather than a section of an INI file.
fn serde_like(start: &str) -> bool {
    let second = start[1..].trim_start();
    second.starts_with(['"', '{', '[', ']', '}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_by_their_content() {
        for (text, format) in [
            ("\n<?xml version=\"1.0\"?>\n<plist><dict/></plist>", Some(Format::Mobileconfig)),
            ("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"x\"><plist/>", Some(Format::Mobileconfig)),
            ("<!-- of a Mac -->\n<dict><key>NetworkServices</key><dict/></dict>", Some(Format::Mobileconfig)),
            ("<html><body/></html>", None),
            ("<?xml version=\"1.0\"?>\n<!-- <opnsense> -->\n<pfsense>\n", Some(Format::Pfsense)),
            ("<opnsense version=\"1\">", Some(Format::Opnsense)),
            ("<!-- <pfsense> -->", None),
            ("# by hand\n\n[connection]\nid=a\n", Some(Format::NetworkManager)),
            ("[vpn]\r\ngateway=a\r\n[ip4]\r\n", Some(Format::NetworkManager)),
            ("*nat\n:PREROUTING ACCEPT [0:0]\n", Some(Format::IptablesSave)),
            ("#!/usr/sbin/nft -f\nflush ruleset\ntable inet a {\n}\n", Some(Format::Nftables)),
            ("router # nft list ruleset\ntable ip nat {\n", Some(Format::Nftables)),
            ("{\n \"nftables\": []}", Some(Format::NftablesJson)),
            ("# nov/02/2026 10:00:00 by RouterOS 6.49\n#\n/system identity\nset name=a\n", Some(Format::Routeros)),
            ("[admin@a] > /ip firewall nat export\n", Some(Format::Routeros)),
            ("/ip/firewall/nat/add chain=dstnat action=dst-nat\n", Some(Format::Routeros)),
            ("add rule ip nat a\n", Some(Format::Nftables)),
            ("# edited\nconfig defaults\n\toption input ACCEPT\n", Some(Format::Openwrt)),
            ("{\"data\": [{\"fwd\": \"192.168.1.4\", \"fwd_port\": \"500\"}]}", Some(Format::Unifi)),
            ("firewall.@defaults[0]=defaults\n", Some(Format::Openwrt)),
            ("config setup\n\tuniqueids=no\nconn a\n\tkeyexchange=ikev1\n", Some(Format::Ipsec)),
            ("set firewall name WAN_IN default-action 'drop'\nset nat destination rule 1 protocol 'udp'\n", Some(Format::Vyos)),
            ("set security nat destination pool mx address 192.168.1.4/32\n", Some(Format::Junos)),
            ("firewall {\n    all-ping enable\n}\nport-forward {\n    wan-interface eth0\n}\n", Some(Format::Edgeos)),
            ("#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0\nconfig system global\n", Some(Format::Fortios)),
            ("FGT # show firewall vip\nconfig firewall vip\n    edit \"a\"\n", Some(Format::Fortios)),
            ("    edit \"IKE\"\n        set udp-portrange 500 4500\n    next\n", Some(Format::Fortios)),
            ("config system\n\toption hostname 'a'\nconfig redirect\n", Some(Format::Openwrt)),
            ("{\"SecurityGroups\": [{\"IpPermissions\": []}]}", Some(Format::Aws)),
            ("[{\"IpProtocol\": \"udp\"}]", Some(Format::Aws)),
            ("{\"NetworkAcls\": []}", Some(Format::Aws)),
            ("{\"properties\": {\"securityRules\": []}}", Some(Format::Azure)),
            ("[{\"access\": \"Allow\", \"destinationPortRange\": \"500\"}]", Some(Format::Azure)),
            ("[interface]\nname=a\n", None),
            ("[vpn]\r\nEncoding=1\r\nPBVersion=8\r\nType=2\r\n", Some(Format::Rasphone)),
            ("\u{feff}[a]\nMEDIA=rastapi\nDEVICE=vpn\n", Some(Format::Rasphone)),
            ("Windows Registry Editor Version 5.00\r\n\r\n", Some(Format::Reg)),
            ("regedit4\n", Some(Format::Reg)),
            ("<?xml version=\"1.0\"?>\r\n<RegistrySettings clsid=\"x\">", Some(Format::Reg)),
            ("<NTServices>", Some(Format::Reg)),
            ("Building configuration...\n\nCurrent configuration : 1204 bytes\n!\nversion 15.7\n", Some(Format::CiscoIos)),
            ("edge(config)#ip access-list extended OUTSIDE\n", Some(Format::CiscoIos)),
            ("interface Vlan1\n ip address dhcp\n ip nat outside\n", Some(Format::CiscoIos)),
            (": Saved\n:\nASA Version 9.16(4)\n", Some(Format::CiscoAsa)),
            (
                "access-list out extended permit udp any host 192.168.1.4 eq isakmp\naccess-group out in interface outside\n",
                Some(Format::CiscoAsa),
            ),
            ("object network MX\n host 192.168.1.4\n", Some(Format::CiscoAsa)),
            ("interfaces {\n ethernet eth0 {\n address dhcp\n }\n}\n", Some(Format::Vyos)),
            ("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent\n    Start    REG_DWORD    0x2\n", Some(Format::Reg)),
            (
                "@echo off\nreg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent /v AssumeUDPEncapsulationContextOnSendRule /d 1\n",
                Some(Format::Reg),
            ),
            (
                "Add-VpnConnection -Name a\nSet-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent X 1\n",
                Some(Format::PowerShell),
            ),
            ("---\n# of the lab\nmeraki:\n  domains: []\n", Some(Format::NacYaml)),
            ("defaults:\n  meraki:\n    domains:\n", Some(Format::NacYaml)),
            ("  apic:\n  \"meraki\" :\n", Some(Format::NacYaml)),
            ("site:\n  meraki:\n", None),
            ("", None),
        ] {
            assert_eq!(detect("file", text), format, "{text}");
        }
    }
}
