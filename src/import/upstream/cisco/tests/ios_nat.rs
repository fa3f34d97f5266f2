//! Translations and interfaces of IOS.

use super::*;

/// Parts of a running configuration; what is empty is left out.
#[derive(Clone, Copy, Default)]
pub(super) struct Config<'t> {
    /// Below the outer interface, in place of its static address.
    pub(super) wan: &'t str,
    /// Below the inner interface, besides its address.
    pub(super) lan: &'t str,
    pub(super) nat: &'t str,
    pub(super) more: &'t str,
}

pub(super) const BOTH: &str = "ip nat inside source static udp 192.168.1.4 500 203.0.113.10 500 extendable\n\
    ip nat inside source static udp 192.168.1.4 4500 203.0.113.10 4500 extendable\n";
const STATIC: &str = " ip address 203.0.113.10 255.255.255.248\n ip nat outside\n";

impl Config<'_> {
    pub(super) fn text(self) -> String {
        let wan = if self.wan.contains("ip address") { self.wan.to_owned() } else { STATIC.to_owned() + self.wan };
        let lan = if self.lan.contains("ip nat") { self.lan.to_owned() } else { " ip nat inside\n".to_owned() + self.lan };
        format!(
            "Building configuration...\n\nCurrent configuration : 2113 bytes\n!\nversion 15.7\nservice timestamps log datetime msec\nhostname edge\n!\n\
             interface GigabitEthernet0/0\n description to the provider\n{wan} duplex auto\n!\ninterface GigabitEthernet0/1\n ip address 192.168.1.1 255.255.255.0\n{lan}!\n\
             {}!\nip route 0.0.0.0 0.0.0.0 203.0.113.9\n!\n{}!\nline vty 0 4\n transport input ssh\n!\nend\n",
            self.nat, self.more
        )
    }

    pub(super) fn device(self) -> Device {
        let text = self.text();
        let (device, remarks, _) = ios::read(&text, 0);
        assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{:?}", told(&text, &remarks, RemarkKind::Unknown));
        device
    }

    pub(super) fn ike(self) -> String {
        verdict(&self.device(), Service::IKE)
    }

    pub(super) fn nat_t(self) -> String {
        verdict(&self.device(), Service::NAT_T)
    }
}

#[test]
fn every_kind_of_static_translation_is_followed() {
    // Cisco, "IP Addressing: NAT Configuration Guide", "Configuring Static NAT"; command `ip nat inside source`.
    let dhcp = " ip address dhcp\n ip nat outside\n";
    for (wan, nat, ike, nat_t) in [
        ("", "", "no forward", "no forward"),
        ("", BOTH, "passes", "passes"),
        ("", "ip nat inside source static udp 192.168.1.4 500 interface GigabitEthernet0/0 500\n", "passes", "no forward"),
        ("", "ip nat inside source static udp 192.168.1.4 500 interface GigabitEthernet 0/0 500\n", "passes", "no forward"),
        ("", "ip nat inside source static udp 192.168.1.4 500 interface gi0/0 500\n", "passes", "no forward"),
        (dhcp, "ip nat inside source static udp 192.168.1.4 500 interface GigabitEthernet0/0 500\n", "passes", "no forward"),
        (dhcp, "ip nat inside source static udp 192.168.1.4 4500 interface GigabitEthernet0/0 4500\n", "no forward", "passes"),
        ("", "ip nat inside source static udp 192.168.1.4 500 interface GigabitEthernet0/1 500\n", "no forward", "no forward"),
        ("", "ip nat inside source static 192.168.1.4 203.0.113.10\n", "passes", "passes"),
        ("", "ip nat inside source static 192.168.1.4 203.0.113.10 extendable no-alias\n", "passes", "passes"),
        ("", "ip nat inside source static 192.168.1.4 203.0.113.11\n", "no forward", "no forward"),
        ("", "ip nat inside source static network 192.168.1.0 203.0.113.0 /24\n", "goes to 192.168.1.10", "goes to 192.168.1.10"),
        ("", "ip nat inside source static network 192.168.1.0 203.0.113.8 255.255.255.248\n", "goes to 192.168.1.2", "goes to 192.168.1.2"),
        ("", "ip nat inside source static udp 192.168.1.9 500 203.0.113.10 500\n", "goes to 192.168.1.9", "no forward"),
        ("", "ip nat inside source static udp 192.168.1.4 501 203.0.113.10 500\n", "port 501", "no forward"),
        (
            "",
            "ip nat inside source static tcp 192.168.1.4 500 203.0.113.10 500\n",
            "wrong protocol in forward tcp any -> 203.0.113.10:500 to 192.168.1.4",
            "no forward",
        ),
        // An entry for a port is found before one for a host, wherever it stands.
        (
            "",
            "ip nat inside source static 192.168.1.9 203.0.113.10 extendable\nip nat inside source static udp 192.168.1.4 500 203.0.113.10 500 extendable\n",
            "passes",
            "goes to 192.168.1.9",
        ),
        (
            "",
            "ip nat inside source list 10 interface GigabitEthernet0/0 overload\naccess-list 10 permit 192.168.1.0 0.0.0.255\n",
            "no forward",
            "no forward",
        ),
        (
            "",
            "ip nat inside source static 192.168.1.4 203.0.113.10 route-map NONAT\n",
            "undecided: the translation depends on a route map",
            "undecided: the translation depends on a route map",
        ),
        (
            "",
            "ip nat inside source static udp 192.168.1.4 500 203.0.113.10 500 vrf GUEST extendable\n",
            "undecided: the translation is for a routing table of its own",
            "no forward",
        ),
        // NVI: `ip nat enable` marks both sides.
        (" ip address 203.0.113.10 255.255.255.248\n ip nat enable\n", &BOTH.replace("inside source", "source"), "passes", "passes"),
        ("", &BOTH.replace("inside source", "source"), "no forward", "no forward"),
        (" ip address 203.0.113.10 255.255.255.248\n", BOTH, "no forward", "no forward"),
        (
            "",
            &(BOTH.to_owned() + "no ip nat inside source static udp 192.168.1.4 4500 203.0.113.10 4500 extendable\n"),
            "passes",
            "no forward",
        ),
    ] {
        let lan = if wan.contains("enable") { " ip nat enable\n" } else { "" };
        let config = Config { wan, lan, nat, ..Config::default() };
        assert_eq!((&*config.ike(), &*config.nat_t()), (ike, nat_t), "{wan}{nat}");
    }
}

#[test]
fn esp_has_a_translation_of_its_own() {
    let nat = "ip nat inside source static esp 192.168.1.4 interface GigabitEthernet0/0\n";
    assert_eq!(verdict(&Config { nat, ..Config::default() }.device(), Service::ESP), "passes");
    assert_eq!(Config { nat, ..Config::default() }.ike(), "no forward");
    assert_eq!(verdict(&Config { nat: BOTH, ..Config::default() }.device(), Service::ESP), "no forward");
}

#[test]
fn behind_an_interface_that_is_not_inside_nothing_is_sure() {
    let lan = " no ip nat inside\n";
    let why = "undecided: the interface towards the MX has no `ip nat inside`, so that its answers are not translated";
    assert_eq!(Config { lan, nat: BOTH, ..Config::default() }.ike(), why);
    assert_eq!(Config { lan, ..Config::default() }.ike(), "no forward");
    // Another interface that lacks it is of no concern.
    let more = "interface GigabitEthernet0/2\n ip address 10.9.9.1 255.255.255.0\n";
    assert_eq!(Config { nat: BOTH, more, ..Config::default() }.ike(), "passes");
}

#[test]
fn the_way_to_the_internet_is_told_where_only_one_can_be_it() {
    let wan = |config: Config<'_>| {
        let device = config.device();
        (device.wan_interface.value().map(ToString::to_string), device.wan_ip.value().map(ToString::to_string))
    };
    let one = (Some("GigabitEthernet0/0".to_owned()), Some("203.0.113.10".to_owned()));
    assert_eq!(wan(Config::default()), one);
    assert_eq!(wan(Config { wan: " ip address dhcp\n ip nat outside\n", ..Config::default() }), (one.0.clone(), None));
    // Without translation, the default route tells.
    assert_eq!(wan(Config { wan: " ip address 203.0.113.10 255.255.255.248\n", lan: " no ip nat inside\n", ..Config::default() }), one);
    // Two outside interfaces: the default route again, unless both have one.
    let second = "interface Dialer1\n ip address negotiated\n ip nat outside\n";
    assert_eq!(wan(Config { more: second, ..Config::default() }), one);
    let both = [second, "ip route 0.0.0.0 0.0.0.0 Dialer1 200\n"].concat();
    assert_eq!(wan(Config { more: &both, ..Config::default() }), (None, None));
    let down = both.replace("Dialer1\n ip", "Dialer1\n shutdown\n ip");
    assert_eq!(wan(Config { more: &down, ..Config::default() }), one);
    let other = [second, " vrf forwarding GUEST\n"].concat();
    assert_eq!(wan(Config { more: &other, ..Config::default() }), one);
}

#[test]
fn ipsec_of_the_router_itself_is_found() {
    let ends = |config: Config<'_>| -> Vec<String> {
        let text = config.text();
        let place = |span: Span| text[span.start as usize..span.end as usize].to_owned();
        let told = |end: &upstream::EndPoint| match &end.address {
            Field::Known(ip) => format!("{} at {}", place(end.span), ip.value),
            Field::Absent => format!("{} at the WAN", place(end.span)),
            Field::Opaque(why) => format!("{}: {}", place(end.span), why.reason),
        };
        ios::read(&text, 0).0.terminates.items().iter().map(told).collect()
    };
    assert!(ends(Config::default()).is_empty());
    // Policies and keys alone listen to nobody.
    assert!(ends(Config { more: "crypto isakmp policy 10\n encr aes 256\n", ..Config::default() }).is_empty());
    assert_eq!(ends(Config { wan: " crypto map TO-HQ\n", ..Config::default() }), ["TO-HQ at 203.0.113.10"]);
    let dhcp = " ip address dhcp\n ip nat outside\n crypto map TO-HQ\n";
    assert_eq!(ends(Config { wan: dhcp, ..Config::default() }), ["TO-HQ at the WAN"]);
    let local = "crypto map TO-HQ local-address Loopback0\ninterface Loopback0\n ip address 203.0.113.33 255.255.255.255\n";
    assert_eq!(ends(Config { wan: " crypto map TO-HQ\n", more: local, ..Config::default() }), ["TO-HQ at 203.0.113.33"]);
    let tunnel = "interface Tunnel0\n ip address 10.255.0.2 255.255.255.0\n tunnel source GigabitEthernet0/0\n tunnel protection ipsec profile DMVPN\n";
    assert_eq!(ends(Config { more: tunnel, ..Config::default() }), ["tunnel protection ipsec profile DMVPN at 203.0.113.10"]);
    let address = tunnel.replace("GigabitEthernet0/0", "203.0.113.12");
    assert_eq!(ends(Config { more: &address, ..Config::default() }), ["tunnel protection ipsec profile DMVPN at 203.0.113.12"]);
    let down = tunnel.replace("Tunnel0\n", "Tunnel0\n shutdown\n");
    assert!(ends(Config { more: &down, ..Config::default() }).is_empty());
}
