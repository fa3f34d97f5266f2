//! Translations and interfaces of an ASA.

use super::*;

/// Parts of a running configuration; what is empty is left out.
#[derive(Clone, Copy, Default)]
pub(super) struct Config<'t> {
    /// Below the outer interface, in place of its static address.
    pub(super) wan: &'t str,
    /// Objects with their rules, as the device prints them: definitions first.
    pub(super) objects: &'t str,
    /// Lists and where they are bound; empty: everything is let in.
    pub(super) lists: &'t str,
    pub(super) more: &'t str,
}

/// The rules that forward both ports to the MX.
pub(super) const BOTH: &str = "object network MX-IKE\n host 192.168.1.4\nobject network MX-NATT\n host 192.168.1.4\n!\n\
    object network MX-IKE\n nat (inside,outside) static interface service udp isakmp isakmp\nobject network MX-NATT\n nat (inside,outside) static interface service udp 4500 4500\n";
const OPEN: &str = "access-list OUTSIDE extended permit ip any any\naccess-group OUTSIDE in interface outside\n";

impl Config<'_> {
    pub(super) fn text(self) -> String {
        let wan = if self.wan.is_empty() { " ip address 203.0.113.10 255.255.255.248\n" } else { self.wan };
        let route = if self.wan.contains("setroute") { "" } else { "route outside 0.0.0.0 0.0.0.0 203.0.113.9 1\n" };
        let lists = if self.lists.is_empty() { OPEN } else { self.lists };
        format!(
            ": Saved\n\n: \n: Serial Number: 0\n:\nASA Version 9.16(4) \n!\nhostname edge\nnames\n!\ninterface GigabitEthernet0/0\n nameif outside\n security-level 0\n{wan}!\n\
             interface GigabitEthernet0/1\n nameif inside\n security-level 100\n ip address 192.168.1.1 255.255.255.0\n!\ninterface Management0/0\n management-only\n \
             shutdown\n no nameif\n no security-level\n no ip address\n!\nftp mode passive\n{}{lists}{}{route}timeout xlate 3:00:00\n\
             Cryptochecksum:0123456789abcdef\n: end\n",
            self.objects, self.more
        )
    }

    pub(super) fn device(self) -> Device {
        let text = self.text();
        let (device, remarks, _) = asa::read(&text, 0);
        assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{:?}", told(&text, &remarks, RemarkKind::Unknown));
        device
    }

    pub(super) fn ike(self) -> String {
        verdict(&self.device(), Service::IKE)
    }
}

/// An object with an address and a rule.
fn object(name: &str, is: &str, rule: &str) -> String {
    format!("object network {name}\n {is}\n!\nobject network {name}\n nat {rule}\n")
}

#[test]
fn rules_of_objects_are_followed() {
    // ASA "CLI Configuration Guide", "Network Object NAT".
    let dhcp = " ip address dhcp setroute\n";
    let one = |rule: &str| object("MX", "host 192.168.1.4", rule);
    for (wan, objects, ike, nat_t) in [
        ("", String::new(), "no forward", "no forward"),
        ("", BOTH.to_owned(), "passes", "passes"),
        (dhcp, BOTH.to_owned(), "passes", "passes"),
        ("", one("(inside,outside) static interface"), "passes", "passes"),
        ("", one("(inside,outside) static 203.0.113.10"), "passes", "passes"),
        ("", one("(any,outside) static 203.0.113.10 no-proxy-arp route-lookup dns"), "passes", "passes"),
        ("", one("(inside,any) static 203.0.113.10"), "passes", "passes"),
        ("", one("(inside,outside) static 203.0.113.11"), "no forward", "no forward"),
        ("", one("(inside,dmz) static 203.0.113.10"), "no forward", "no forward"),
        ("", one("(inside,outside) static 203.0.113.10 service udp 500 500"), "passes", "no forward"),
        ("", one("(inside,outside) static 203.0.113.10 service udp 501 500"), "port 501", "no forward"),
        (
            "",
            one("(inside,outside) static interface service tcp 4500 4500"),
            "no forward",
            "wrong protocol in forward tcp any -> 203.0.113.10:4500 to 192.168.1.4",
        ),
        (
            "",
            object("OTHER", "host 192.168.1.9", "(inside,outside) static interface service udp 500 500"),
            "goes to 192.168.1.9",
            "no forward",
        ),
        ("", object("LAN", "subnet 192.168.1.0 255.255.255.0", "(inside,outside) dynamic interface"), "no forward", "no forward"),
        ("", "object network PUBLIC\n host 203.0.113.10\n".to_owned() + &one("(inside,outside) static PUBLIC"), "passes", "passes"),
        (
            "",
            object("LAN", "subnet 192.168.1.0 255.255.255.248", "(inside,outside) static PUBLICS")
                + "object network PUBLICS\n subnet 203.0.113.8 255.255.255.248\n",
            "goes to 192.168.1.2",
            "goes to 192.168.1.2",
        ),
        (
            "",
            object("LAN", "subnet 192.168.1.0 255.255.255.248", "(inside,outside) static 203.0.113.8"),
            "goes to 192.168.1.2",
            "goes to 192.168.1.2",
        ),
        ("", one("(inside,outside) static NOBODY"), "undecided: the object is not in the file", "undecided: the object is not in the file"),
        // An object with fewer addresses comes first, whatever its name (section 2 of "NAT Rule Order").
        (
            "",
            object("A", "range 192.168.1.8 192.168.1.9", "(inside,outside) static 203.0.113.10")
                + &object("Z", "host 192.168.1.4", "(inside,outside) static 203.0.113.10"),
            "passes",
            "passes",
        ),
        // Of two hosts, the lower address.
        (
            "",
            object("A", "host 192.168.1.9", "(inside,outside) static 203.0.113.10")
                + &object("Z", "host 192.168.1.4", "(inside,outside) static 203.0.113.10"),
            "passes",
            "passes",
        ),
        ("", one("(inside,outside) static 203.0.113.10") + "no object network MX\n", "no forward", "no forward"),
        (
            "",
            one("(inside,outside) static 203.0.113.10") + "object network MX\n no nat (inside,outside) static 203.0.113.10\n",
            "no forward",
            "no forward",
        ),
    ] {
        let config = Config { wan, objects: &objects, ..Config::default() };
        let text = config.text();
        let device = asa::read(&text, 0).0;
        assert_eq!((&*verdict(&device, Service::IKE), &*verdict(&device, Service::NAT_T)), (ike, nat_t), "{objects}");
    }
}

#[test]
fn rules_that_name_both_ends_are_followed() {
    // ASA "CLI Configuration Guide", "Twice NAT".
    const NAMES: &str = "object network MX\n host 192.168.1.4\nobject network OTHER\n host 192.168.1.9\nobject network PUBLIC\n host 203.0.113.10\n\
        object network LAN\n subnet 192.168.1.0 255.255.255.0\nobject network PEER\n subnet 198.51.100.0 255.255.255.0\n\
        object service IKE-IN\n service udp destination eq isakmp\nobject service IKE-OUT\n service udp source eq isakmp\nobject service MOVED\n service udp source eq 501\n";
    const LAST: &str =
        "undecided: an earlier translation takes the answers, and the device drops flows whose two ways match different rules";
    for (rules, ike, nat_t) in [
        ("nat (inside,outside) source static MX PUBLIC\n", "passes", "passes"),
        ("nat (inside,outside) source static MX interface\n", "passes", "passes"),
        ("nat (inside,outside) source static MX interface service IKE-OUT IKE-OUT\n", "passes", "no forward"),
        ("nat (inside,outside) source static MX interface service MOVED IKE-OUT\n", "port 501", "no forward"),
        ("nat (inside,outside) source static OTHER PUBLIC\n", "goes to 192.168.1.9", "goes to 192.168.1.9"),
        ("nat (inside,outside) source static MX PUBLIC inactive\n", "no forward", "no forward"),
        ("nat (inside,outside) source static MX PUBLIC unidirectional\n", "no forward", "no forward"),
        ("nat (inside,outside) source dynamic MX PUBLIC\n", "no forward", "no forward"),
        ("nat (inside,outside) source static MX PUBLIC description for clients\n", "passes", "passes"),
        // Written from outside.
        ("nat (outside,inside) source static any any destination static PUBLIC MX\n", "passes", "passes"),
        ("nat (outside,inside) source static any any destination static interface MX service IKE-IN IKE-IN\n", "passes", "no forward"),
        (
            "nat (outside,inside) source dynamic any interface destination static interface MX service IKE-IN IKE-IN\n",
            "passes",
            "no forward",
        ),
        ("nat (outside,inside) source static any any destination static interface MX unidirectional\n", "passes", "passes"),
        (
            "nat (outside,inside) source static PEER PEER destination static PUBLIC MX\n",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
        ),
        (
            "nat (inside,outside) source static MX PUBLIC destination static PEER PEER\n",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
            "restricted by forward any 198.51.100.0/24 -> 203.0.113.10 to 192.168.1.4",
        ),
        // The first rule that takes the packet counts; `after-auto` ones come last, and a number is a place.
        ("nat (inside,outside) source static MX PUBLIC\nnat (inside,outside) source static OTHER PUBLIC\n", "passes", "passes"),
        ("nat (inside,outside) after-auto source static OTHER PUBLIC\nnat (inside,outside) source static MX PUBLIC\n", "passes", "passes"),
        ("nat (inside,outside) source static OTHER PUBLIC\nnat (inside,outside) 1 source static MX PUBLIC\n", "passes", "passes"),
        (
            "nat (inside,outside) source static OTHER PUBLIC\nno nat (inside,outside) source static OTHER PUBLIC\nnat (inside,outside) source static MX PUBLIC\n",
            "passes",
            "passes",
        ),
        // Translation of what the inside begins, in front of all others, takes the answers (message 305013).
        ("nat (inside,outside) source dynamic any interface\nnat (inside,outside) source static MX PUBLIC\n", LAST, LAST),
        ("nat (inside,outside) source dynamic LAN interface\nnat (inside,outside) source static MX PUBLIC\n", LAST, LAST),
        ("nat (inside,outside) source static MX PUBLIC\nnat (inside,outside) source dynamic any interface\n", "passes", "passes"),
        (
            "nat (inside,outside) source static MX PUBLIC\nnat (inside,outside) after-auto source dynamic any interface\n",
            "passes",
            "passes",
        ),
        ("nat (inside,outside) source dynamic any interface\n", "no forward", "no forward"),
        // Exempt from translation towards a peer.
        (
            "nat (inside,outside) source static LAN LAN destination static PEER PEER no-proxy-arp route-lookup\nnat (inside,outside) source static MX PUBLIC\n",
            "passes",
            "passes",
        ),
        (
            "nat (inside,outside) source static MX PUBLIC service IKE-OUT NOTHING\n",
            "undecided: the service is not in the file",
            "undecided: the service is not in the file",
        ),
    ] {
        let objects = [NAMES, rules].concat();
        let text = Config { objects: &objects, ..Config::default() }.text();
        let (device, remarks, _) = asa::read(&text, 0);
        assert_eq!(told(&text, &remarks, RemarkKind::Unknown), Vec::<&str>::new(), "{rules}");
        assert_eq!((&*verdict(&device, Service::IKE), &*verdict(&device, Service::NAT_T)), (ike, nat_t), "{rules}");
    }
}

#[test]
fn the_usual_translation_of_the_inside_leaves_rules_of_objects_alone() {
    let lan = object("LAN", "subnet 192.168.1.0 255.255.255.0", "(inside,outside) dynamic interface");
    assert_eq!(Config { objects: &[BOTH, &lan].concat(), ..Config::default() }.ike(), "passes");
    // In section 1 it comes before them.
    let early = [BOTH, "nat (inside,outside) source dynamic any interface\n"].concat();
    assert!(Config { objects: &early, ..Config::default() }.ike().starts_with("undecided: an earlier translation"));
    let late = early.replace("source dynamic", "after-auto source dynamic");
    assert_eq!(Config { objects: &late, ..Config::default() }.ike(), "passes");
}

#[test]
fn a_routed_mx_needs_no_rule_and_must_not_be_translated() {
    let public = std::net::Ipv4Addr::new(198, 51, 100, 130);
    let more = "interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 198.51.100.129 255.255.255.128\n";
    let of = |objects: &str| {
        let device = Device { exported: true, ..Config { objects, more, ..Config::default() }.device() };
        crate::import::upstream::trial::verdict_at(&device, public, None, Service::IKE)
    };
    assert_eq!(of(""), "passes");
    let why = "undecided: the answers of this address are translated, and the device drops flows whose two ways match different rules";
    assert_eq!(of("nat (any,outside) after-auto source dynamic any interface\n"), why);
    let identity = "object network MX\n host 198.51.100.130\nnat (dmz,outside) source static MX MX\nnat (any,outside) after-auto source dynamic any interface\n";
    assert_eq!(of(identity), "passes");
    assert_eq!(of(&object("LAN", "subnet 192.168.1.0 255.255.255.0", "(inside,outside) dynamic interface")), "passes");
}

#[test]
fn a_host_behind_another_interface_leaves_its_rule_in_doubt() {
    let more = "interface GigabitEthernet0/2\n nameif dmz\n security-level 50\n ip address 10.9.9.1 255.255.255.0\n";
    let objects = object("MX", "host 192.168.1.4", "(dmz,outside) static interface");
    let answer = Config { objects: &objects, more, ..Config::default() }.ike();
    assert_eq!(answer, "undecided: the host stands behind another interface than the translation names");
}

#[test]
fn the_way_to_the_internet_is_told() {
    let wan = |config: Config<'_>| {
        let device = config.device();
        (device.wan_interface.value().map(ToString::to_string), device.wan_ip.value().map(ToString::to_string))
    };
    let outside = Some("outside".to_owned());
    assert_eq!(wan(Config::default()), (outside.clone(), Some("203.0.113.10".to_owned())));
    assert_eq!(wan(Config { wan: " ip address dhcp setroute\n", ..Config::default() }), (outside.clone(), None));
    assert_eq!(wan(Config { wan: " ip address pppoe setroute\n", ..Config::default() }), (outside.clone(), None));
    let second = "interface GigabitEthernet0/3\n nameif backup\n security-level 0\n ip address 203.0.113.33 255.255.255.248\n";
    assert_eq!(wan(Config { more: second, ..Config::default() }).0, outside);
    let both = [second, "route backup 0 0 203.0.113.34 254\n"].concat();
    assert_eq!(wan(Config { more: &both, ..Config::default() }), (None, None));
    // Without a default route, the interface that is trusted least.
    let text = Config::default().text().replace("route outside", "no route outside");
    assert_eq!(asa::read(&text, 0).0.wan_interface.value().map(ToString::to_string), outside);
}

#[test]
fn versions_before_8_3_are_not_followed() {
    let old = "undecided: translation and lists of versions before 8.3 are not followed";
    let text =
        Config { more: "static (inside,outside) udp interface 500 192.168.1.4 500 netmask 255.255.255.255\n", ..Config::default() }.text();
    assert_eq!(verdict(&asa::read(&text, 0).0, Service::IKE), old);
    let text = Config { more: "nat (inside) 1 0.0.0.0 0.0.0.0\nglobal (outside) 1 interface\n", ..Config::default() }.text();
    assert_eq!(verdict(&asa::read(&text, 0).0, Service::IKE), old);
    let text = Config { objects: BOTH, ..Config::default() }.text().replace("9.16(4)", "8.2(5)");
    assert_eq!(verdict(&asa::read(&text, 0).0, Service::IKE), old);
    let text = Config { objects: BOTH, ..Config::default() }.text().replace("9.16(4)", "8.4(7)");
    assert_eq!(verdict(&asa::read(&text, 0).0, Service::IKE), "passes");
}

#[test]
fn ipsec_of_the_device_itself_is_found() {
    let ends = |config: Config<'_>| -> Vec<String> {
        let told = |end: &upstream::EndPoint| end.address.value().map_or("the WAN".into(), ToString::to_string);
        config.device().terminates.items().iter().map(told).collect()
    };
    assert!(ends(Config::default()).is_empty());
    // A map on an interface without IKE listens to nobody.
    assert!(
        ends(Config { more: "crypto map M interface outside\ncrypto ikev1 policy 10\n authentication pre-share\n", ..Config::default() })
            .is_empty()
    );
    for enable in [
        "crypto ikev1 enable outside",
        "crypto ikev2 enable outside client-services port 443",
        "crypto isakmp enable outside",
        "isakmp enable outside",
    ] {
        let more = [enable, "\n"].concat();
        assert_eq!(ends(Config { more: &more, ..Config::default() }), ["203.0.113.10"], "{enable}");
        assert_eq!(ends(Config { more: &more, wan: " ip address dhcp setroute\n", ..Config::default() }), ["the WAN"]);
    }
    assert_eq!(ends(Config { more: "crypto ikev1 enable inside\n", ..Config::default() }), ["192.168.1.1"]);
    assert!(ends(Config { more: "crypto ikev1 enable outside\nno crypto ikev1 enable outside\n", ..Config::default() }).is_empty());
}
