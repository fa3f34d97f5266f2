//! Routing tables, firewalls and names of hosts, in look-alikes of what the programs print.

use super::*;
use crate::model::{ResourceName, Service as Offered};

const BASE: u32 = 700;

/// Routes as `destination gateway`, then cards as `ip via gateway`.
fn table(text: &str) -> Vec<String> {
    let (table, notes) = routes::read(text, BASE);
    assert!(notes.problems.is_empty(), "{:?}", notes.problems);
    let end = BASE + text.len() as u32;
    let routes = table.routes.iter().map(|r| {
        assert!(r.span.start >= BASE && r.span.end <= end);
        let gateway = match &r.value.gateway {
            Field::Known(ip) => {
                assert_eq!(&text[(ip.span.start - BASE) as usize..(ip.span.end - BASE) as usize].replace('"', ""), &ip.value.to_string());
                ip.value.to_string()
            }
            Field::Opaque(o) if o.reason.contains("to a link") => "link".to_owned(),
            Field::Opaque(o) => o.reason.to_string(),
            Field::Absent => "-".to_owned(),
        };
        format!("{} {gateway}", r.value.destination.value().unwrap())
    });
    let cards = table.interfaces.iter().map(|i| {
        let via = i.value.gateway.value().map_or("-".to_owned(), ToString::to_string);
        format!("{} via {via}", i.value.ip.value().unwrap())
    });
    routes.chain(cards).chain(table.doubt.map(|(_, why)| why.to_owned())).collect()
}

const WINDOWS: &str = "Interface List\r\n 12...00 15 5d 01 02 03 ......Hyper-V\r\n\r\nIPv4 Route Table\r\nActive Routes:\r\nNetwork Destination        Netmask          Gateway       Interface  Metric\r\n          0.0.0.0          0.0.0.0      203.0.113.1     203.0.113.20     25\r\n          0.0.0.0          0.0.0.0     192.168.10.1     192.168.10.3    281\r\n        127.0.0.0        255.0.0.0         On-link         127.0.0.1    331\r\n     192.168.10.0    255.255.255.0         On-link      192.168.10.3    281\r\nPersistent Routes:\r\n          0.0.0.0          0.0.0.0     192.168.10.1  Default \r\n\r\nIPv6 Route Table\r\n If Metric Network Destination      Gateway\r\n  1    331 ::1/128                  On-link\r\n";
const IP: &str = "default via 192.168.10.1 dev eth0 proto dhcp src 192.168.10.3 metric 100 \ndefault via 203.0.113.1 dev eth1 proto dhcp metric 200\n10.0.0.0/8 via 192.168.10.254 dev eth0\nblackhole 10.9.0.0/16\n192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.3 metric 100 \n192.168.99.0/24 dev wg0 dead\nlocal 192.168.10.3 dev eth0 table local\n";
const MACOS: &str = "Routing tables\n\nInternet:\nDestination        Gateway            Flags               Netif Expire\ndefault            192.168.10.1       UGScg                 en0       \ndefault            203.0.113.1        UGScIg                en1       \n127                127.0.0.1          UCS                   lo0       \n10.8/16            192.168.10.254     UGSc                  en0       \n192.168.10         link#6             UCS                   en0      !\n192.168.10.1       0:11:22:33:44:55   UHLWIir               en0   1193\n\nInternet6:\nDestination                             Gateway                                 Flags               Netif Expire\ndefault                                 fe80::%utun0                            UGcIg               utun0       \n";
const LINUX: &str = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n0.0.0.0         192.168.10.1    0.0.0.0         UG        0 0          0 eth0\n192.168.10.0    0.0.0.0         255.255.255.0   U         0 0          0 eth0\n10.9.0.0        -               255.255.0.0     !         0 -          0 -\n";
const ROUTE_N: &str = "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n0.0.0.0         192.168.10.1    0.0.0.0         UG    100    0        0 eth0\n0.0.0.0         203.0.113.1     0.0.0.0         UG    50     0        0 eth1\n";
const IP_JSON: &str = "[{\"dst\":\"default\",\"gateway\":\"192.168.10.1\",\"dev\":\"eth0\",\"protocol\":\"dhcp\",\"prefsrc\":\"192.168.10.3\",\"metric\":100,\"flags\":[]},{\"dst\":\"192.168.10.0/24\",\"dev\":\"eth0\",\"prefsrc\":\"192.168.10.3\",\"flags\":[]},{\"type\":\"blackhole\",\"dst\":\"10.9.0.0/16\",\"flags\":[]}]";
const NET_ROUTE: &str = "[{\"ifIndex\":5,\"DestinationPrefix\":\"0.0.0.0/0\",\"NextHop\":\"203.0.113.1\",\"RouteMetric\":0,\"InterfaceMetric\":25,\"InterfaceAlias\":\"WAN\"},{\"ifIndex\":6,\"DestinationPrefix\":\"0.0.0.0/0\",\"NextHop\":\"192.168.10.1\",\"RouteMetric\":256,\"InterfaceMetric\":25},{\"ifIndex\":6,\"DestinationPrefix\":\"192.168.10.0/24\",\"NextHop\":\"0.0.0.0\",\"RouteMetric\":256,\"InterfaceMetric\":25},{\"DestinationPrefix\":\"::/0\",\"NextHop\":\"fe80::1\"}]";
const TABLES: [&str; 7] = [WINDOWS, IP, MACOS, LINUX, ROUTE_N, IP_JSON, NET_ROUTE];

#[test]
fn tables_of_every_system_are_read() {
    const REFUSED: &str = "a route of the resource refuses what it is about";
    let refused = format!("10.9.0.0/16 {REFUSED}");
    for (text, wanted) in [
        (
            WINDOWS,
            vec![
                "0.0.0.0/0 203.0.113.1",
                "127.0.0.0/8 link",
                "192.168.10.0/24 link",
                "203.0.113.20 via 203.0.113.1",
                "192.168.10.3 via 192.168.10.1",
            ],
        ),
        (
            IP,
            vec!["0.0.0.0/0 192.168.10.1", "10.0.0.0/8 192.168.10.254", &refused, "192.168.10.0/24 link", "192.168.10.3 via 192.168.10.1"],
        ),
        (MACOS, vec!["0.0.0.0/0 192.168.10.1", "127.0.0.0/8 link", "10.8.0.0/16 192.168.10.254", "192.168.10.0/24 link"]),
        (LINUX, vec!["0.0.0.0/0 192.168.10.1", "192.168.10.0/24 link", &refused]),
        (ROUTE_N, vec!["0.0.0.0/0 203.0.113.1"]),
        (IP_JSON, vec!["0.0.0.0/0 192.168.10.1", "192.168.10.0/24 link", &refused, "192.168.10.3 via 192.168.10.1"]),
        (NET_ROUTE, vec!["0.0.0.0/0 203.0.113.1", "192.168.10.0/24 link"]),
        (
            "default\n\tnexthop via 192.168.10.1 dev eth0 weight 1\n\tnexthop via 203.0.113.1 dev eth1 weight 1\n",
            vec!["0.0.0.0/0 a route of the resource has several gateways, which take turns"],
        ),
        ("default via 192.168.10.1 dev eth0 table 100\n", vec![routes_policy()]),
        // German Windows; `Auf Verbindung` is two words.
        (
            "Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik\n     192.168.10.0    255.255.255.0   Auf Verbindung      192.168.10.3    281\n",
            vec!["192.168.10.0/24 link", "192.168.10.3 via -"],
        ),
    ] {
        assert_eq!(table(text), wanted, "{text}");
    }
}

const fn routes_policy() -> &'static str {
    "the host has several routing tables, and which one its answers meet is not known"
}

#[test]
fn formats_are_told_by_their_content() {
    use crate::import::detect::detect;
    for text in TABLES {
        assert_eq!(detect("x.txt", text), Some(Format::RouteTable), "{text}");
    }
    for (text, format) in [
        (SMB, Format::NetshFirewall),
        ("[{\"DisplayName\":\"a\",\"Enabled\":1,\"Direction\":1,\"Action\":2,\"RemoteAddress\":\"Any\"}]", Format::NetFirewallRule),
        ("; corp\n$ORIGIN corp.example.com.\n@ IN SOA a b 1 2 3 4 5\n", Format::DnsZone),
        ("# hosts\n127.0.0.1 localhost\n192.168.10.3 files.corp.example.com files\n", Format::Hosts),
        ("Email,Authorized\nann@example.com,yes\n", Format::AuthUsers),
        ("\"DisplayName\",\"Publisher\"\n\"SmartByte\",\"x\"\n", Format::Software),
        ("client mx {\n ipaddr = 10.0.0.1\n secret = CANARY\n}\n", Format::Freeradius),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Format::Pem),
        ("subject=CN = a\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Format::Pem),
    ] {
        assert_eq!(detect("x.txt", text), Some(format), "{text}");
    }
    for text in ["just words\n", "a,b\n1,2\n", "192.168.10.1\n", "name,version\n"] {
        assert!(!matches!(detect("x.txt", text), Some(Format::RouteTable | Format::Hosts | Format::AuthUsers | Format::DnsZone)), "{text}");
    }
}

const SMB: &str = "\r\nRule Name:                            File and Printer Sharing (SMB-In)\r\n----------------------------------------------------------------------\r\nEnabled:                              Yes\r\nDirection:                            In\r\nProfiles:                             Domain,Private,Public\r\nLocalIP:                              Any\r\nRemoteIP:                             LocalSubnet,192.168.100.0/255.255.255.0\r\nProtocol:                             TCP\r\nLocalPort:                            445\r\nRemotePort:                           Any\r\nProgram:                              System\r\nInterfaceTypes:                       Any\r\nSecurity:                             NotRequired\r\nAction:                               Allow\r\nOk.\r\n";

/// Whom a firewall admits to services.
fn admitted(format: Format, text: &str, services: &[&str]) -> Vec<String> {
    let (firewall, notes) = firewall(format, text, BASE).unwrap();
    assert!(notes.problems.is_empty(), "{:?}", notes.problems);
    let tables = crate::model::tables::Tables::shipped();
    let services = services.iter().map(|s| Spanned::new(Offered::parse(s, tables).unwrap(), Span::default())).collect();
    let resource = Resource {
        name: Spanned::new(ResourceName::default(), Span::default()),
        ip: Field::known_at(Ipv4Addr::new(192, 168, 10, 3), Span::default()),
        services: Field::known_at(services, Span::default()),
        ..Resource::default()
    };
    match allow_from(&firewall, &resource, Span::new(BASE, BASE)) {
        Field::Known(list) => list
            .value
            .iter()
            .map(|e| match &e.value {
                AllowFrom::Addresses(set) if set.is_empty() => "none".to_owned(),
                AllowFrom::Addresses(set) => set.to_string(),
                AllowFrom::LocalSubnet => "LocalSubnet".to_owned(),
                AllowFrom::Perhaps(set, why) => format!("perhaps {set}: {why}"),
            })
            .collect(),
        Field::Opaque(o) => vec![o.reason.to_string()],
        Field::Absent => Vec::new(),
    }
}

fn listing(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let usual = format!(
            "Enabled: Yes\nDirection: In\nProfiles: Domain,Private,Public\nLocalIP: Any\nRemotePort: Any\nProgram: Any\n{}",
            line.replace(", ", "\n")
        );
        text = text + "Rule Name: a\n----\n" + &usual + "\n\n";
    }
    text
}

#[test]
fn rules_of_windows_are_weighed_profile_by_profile() {
    const UNSURE: &str = "which profile of the resource's firewall is in force is not known, and they differ";
    let smb = |lines: &[&str]| admitted(Format::NetshFirewall, &listing(lines), &["smb"]);
    assert_eq!(
        admitted(Format::NetshFirewall, SMB, &["smb"]),
        ["192.168.100.0-192.168.100.255", "LocalSubnet"]
            .map(|t| t.replace("192.168.100.0-192.168.100.255", &Addrs::parse("192.168.100.0/24").unwrap().to_string()))
    );
    assert_eq!(admitted(Format::NetshFirewall, SMB, &["rdp"]), ["none"]);
    assert_eq!(smb(&["RemoteIP: Any, Protocol: TCP, LocalPort: 445, Action: Allow"]), ["any"]);
    assert_eq!(smb(&["RemoteIP: Any, Protocol: Any, Action: Allow"]), ["any"]);
    assert_eq!(smb(&["RemoteIP: Any, Protocol: UDP, LocalPort: 445, Action: Allow"]), ["none"]);
    assert_eq!(smb(&["RemoteIP: 10.0.0.0/8, Protocol: TCP, LocalPort: 137-139,445, Action: Allow"]), ["10.0.0.0/8"]);
    // A block goes first, wherever it stands.
    assert_eq!(
        smb(&[
            "RemoteIP: Any, Protocol: TCP, LocalPort: 445, Action: Allow",
            "RemoteIP: 0.0.0.0-255.255.255.255, Protocol: TCP, LocalPort: 445, Action: Block"
        ]),
        ["none"]
    );
    // Another program's rule is not about SMB.
    let other =
        listing(&["RemoteIP: Any, Protocol: TCP, LocalPort: Any, Action: Allow"]).replace("Program: Any", r"Program: C:\x\node.exe");
    assert_eq!(admitted(Format::NetshFirewall, &other, &["smb"]), ["none"]);
    assert!(admitted(Format::NetshFirewall, &other, &["tcp/8443"])[1].starts_with("perhaps any: which program"));
    let private = listing(&["RemoteIP: Any, Protocol: TCP, LocalPort: 445, Action: Allow"]).replace("Domain,Private,Public", "Private");
    assert_eq!(admitted(Format::NetshFirewall, &private, &["smb"]), ["none".to_owned(), format!("perhaps any: {UNSURE}")]);
    // A listing that breaks off within a rule may have blocked.
    let cut = listing(&["RemoteIP: Any, Protocol: TCP, LocalPort: 445, Action: Allow", "RemoteIP: Any, Protocol: TCP, LocalPort: 445"]);
    assert!(admitted(Format::NetshFirewall, &cut, &["smb"])[1].starts_with("perhaps any: what a rule"));
    // Every service must be reached.
    assert_eq!(admitted(Format::NetshFirewall, SMB, &["smb", "rdp"]), ["none"]);
    assert_eq!(admitted(Format::NetshFirewall, SMB, &[]), ["the resource states no `services`, which its firewall's rules are about"]);
    let off = "Domain Profile Settings: \n---\nState                                 OFF\nPrivate Profile Settings: \nState                                 OFF\nPublic Profile Settings: \nState                                 OFF\nRule Name: a\n";
    assert_eq!(admitted(Format::NetshFirewall, off, &["smb"]), ["any"]);
}

#[test]
fn rules_as_objects_need_their_filters() {
    let one = |more: &str| format!("[{{\"DisplayName\":\"SMB\",\"Enabled\":1,\"Profile\":0,\"Direction\":1,\"Action\":2{more}}}]");
    let full = one(
        ",\"Protocol\":\"TCP\",\"LocalPort\":[\"445\"],\"RemoteAddress\":[\"LocalSubnet\",\"10.0.0.0/255.0.0.0\"],\"Program\":\"System\"",
    );
    assert_eq!(admitted(Format::NetFirewallRule, &full, &["smb"]), ["10.0.0.0/8", "LocalSubnet"]);
    assert_eq!(
        admitted(Format::NetFirewallRule, &one(""), &["smb"]),
        ["the export of the resource's firewall states neither addresses nor ports"]
    );
    let words =
        full.replace("\"Enabled\":1", "\"Enabled\":{\"value\":1,\"Value\":\"True\"}").replace("\"Action\":2", "\"Action\":\"Block\"");
    assert_eq!(admitted(Format::NetFirewallRule, &words, &["smb"]), ["none"]);
}

#[test]
fn a_rule_set_of_linux_is_walked_for_the_host_itself() {
    let set = |lines: &str| {
        admitted(Format::IptablesSave, &format!("*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n{lines}\nCOMMIT\n"), &["ssh"])
    };
    for (lines, wanted) in [
        ("-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "none"),
        ("-A INPUT -p tcp --dport 22 -j ACCEPT", "any"),
        ("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT", "10.0.0.0/8"),
        ("-A INPUT -s 10.1.0.0/16 -j DROP\n-A INPUT -s 10.0.0.0/15 -p tcp -j ACCEPT", "10.0.0.0/16"),
        (
            ":mine - [0:0]\n-A INPUT -j mine\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A mine -s 10.0.0.0/9 -j DROP\n-A mine -j RETURN",
            "10.128.0.0/9",
        ),
        (":mine - [0:0]\n-A INPUT -g mine\n-A INPUT -j ACCEPT\n-A mine -s 10.0.0.0/8 -j ACCEPT", "10.0.0.0/8"),
        ("-A INPUT -d 192.168.10.9/32 -j ACCEPT", "none"),
    ] {
        assert_eq!(set(lines), [wanted], "{lines}");
    }
    let other = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";
    assert_eq!(admitted(Format::IptablesSave, other, &["ssh"]), ["the export of the resource's firewall holds no chain INPUT"]);
    let doubt = set("-A INPUT -p tcp --dport 22 -m set --match-set admins src -j ACCEPT");
    assert!(doubt[0] == "none" && doubt[1].starts_with("perhaps any: "), "{doubt:?}");
}

#[test]
fn internal_names_are_those_with_private_addresses() {
    let names = |format, text: &str| names::read(format, text, BASE).unwrap().0.iter().map(|n| n.value.to_string()).collect::<Vec<_>>();
    for (text, wanted) in [
        (
            "$ORIGIN corp.example.com.\n$TTL 3600\n@ IN SOA ns1 admin (\n 1 2 3\n 4 5 )\n  NS ns1\nns1 A 192.168.10.2\nfiles 300 IN A 192.168.10.3 ; share\n",
            vec!["corp.example.com"],
        ),
        ("$ORIGIN example.com.\n@ IN SOA ns1 admin 1 2 3 4 5\nwww A 203.0.113.5\nfiles A 192.168.10.3\n", vec!["files.example.com"]),
        (
            ";\n;  Database file corp.example.com.dns for corp.example.com zone.\n;\n@ IN SOA dc1. admin. (1 2 3 4 5)\ndc1 A 10.0.0.1\n",
            vec!["corp.example.com"],
        ),
        ("corp.example.com. IN SOA a. b. 1 2 3 4 5\nwww.corp.example.com. A 203.0.113.5\n", vec![]),
    ] {
        assert_eq!(names(Format::DnsZone, text), wanted, "{text}");
    }
    assert_eq!(
        names(Format::Hosts, "127.0.0.1 localhost a.b\n192.168.10.3 files.corp.example.com files # x\n203.0.113.5 www.example.com\n"),
        ["files.corp.example.com"]
    );
    let (_, notes) = names::read(Format::DnsZone, "@ IN SOA a b 1 2 3 4 5\nwww A 10.0.0.1\n", BASE).unwrap();
    assert!(notes.gap.is_some() && notes.problems.len() == 1);
}

#[test]
fn every_prefix_is_read_without_panic_and_in_proportion() {
    let start = std::time::Instant::now();
    let rules = "[{\"DisplayName\":\"ü\",\"Enabled\":1,\"Profile\":0,\"Direction\":1,\"Action\":2,\"Protocol\":\"TCP\",\"LocalPort\":[\"445\"],\"RemoteAddress\":\"Any\"}]";
    let zone = "$ORIGIN a.b.\n@ IN SOA x y (\n1 2\n)\nü A 10.0.0.1\n$INCLUDE x\n";
    for text in TABLES.into_iter().chain([SMB, rules, zone, "10.0.0.1 a.b ü\n"]) {
        for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
            let text = &text[..cut];
            let end = BASE + cut as u32;
            assert!(routes::read(text, BASE).0.routes.iter().all(|r| r.span.end <= end));
            for format in [Format::NetshFirewall, Format::NetFirewallRule, Format::IptablesSave] {
                let _ = firewall(format, text, BASE);
            }
            for format in [Format::DnsZone, Format::Hosts] {
                assert!(names::read(format, text, BASE).unwrap().0.iter().all(|n| n.span.end <= end));
            }
            let _ = (routes::is_table(text), names::is_hosts(text), names::is_zone(text));
        }
    }
    for text in [WINDOWS.repeat(2_000), IP.repeat(5_000), "1.2.3.4 ".repeat(200_000), "a ".repeat(1 << 19)] {
        let _ = (routes::read(&text, 0), names::read(Format::Hosts, &text, 0), names::read(Format::DnsZone, &text, 0));
    }
    let _ = admitted(Format::NetshFirewall, &SMB.repeat(20_000), &["smb", "rdp"]);
    let nested = (0..200).map(|n| format!(":c{n} - [0:0]\n-A c{n} -j c{}\n-A c{n} -j c{}\n", n + 1, n + 1)).collect::<String>();
    let _ = admitted(Format::IptablesSave, &format!("*filter\n:INPUT DROP [0:0]\n-A INPUT -j c0\n{nested}COMMIT\n"), &["ssh"]);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
