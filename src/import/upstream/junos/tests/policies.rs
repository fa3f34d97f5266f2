//! Policies. Sources: Juniper, "Security Policies", "Global Security Policies", "Predefined Policy Applications", "Address Books".

use super::*;

#[test]
fn policies_see_the_translated_address() {
    for (parts, wanted) in [
        ("then permit", "passes"),
        ("then deny", "dropped by deny any any -> any"),
        ("then reject", "dropped by deny any any -> any"),
        ("match application junos-ike; then permit", "passes"),
        ("match application junos-ike-nat; then permit", "dropped by end of the list: deny"),
        ("match application [ junos-ike junos-ike-nat ]; then permit", "passes"),
        ("match application junos-https; then permit", "dropped by end of the list: deny"),
        ("match application junos-sip; then permit", "undecided: what the predefined application takes is not known"),
        ("match application GONE; then permit", "undecided: the application is not in the file"),
        ("match destination-address MX; then permit", "passes"),
        ("match destination-address WAN; then permit", "dropped by end of the list: deny"),
        ("match destination-address SET; then permit", "passes"),
        ("match destination-address LOOP; then permit", "undecided: the address sets hold each other"),
        ("match destination-address HALF; then permit", "undecided: a member of the address set is not in the file"),
        ("match destination-address NAME; then permit", "undecided: what a name stands for is not in the file"),
        ("match destination-address MASK; then permit", "undecided: masks of addresses are not followed"),
        ("match destination-address RANGE; then permit", "passes"),
        ("match destination-address GONE; then permit", "undecided: the address is not in the file"),
        ("match destination-address MX; match destination-address-excluded; then permit", "dropped by end of the list: deny"),
        ("match source-address HALVES; then permit", "restricted by permit any 128.0.0.0/1 -> any"),
        ("match source-address any-ipv6; then permit", "dropped by end of the list: deny"),
        ("match source-identity any; then permit", "passes"),
        ("match source-identity boss; then permit", "undecided: the policy depends on who the user is"),
        ("match dynamic-application any; then permit", "passes"),
        ("match dynamic-application junos:SKYPE; then permit", "undecided: the policy looks at what is inside the packet"),
        ("scheduler-name night; then permit", "undecided: the policy depends on the time of day"),
        ("then permit tunnel ipsec-vpn V", "undecided: the policy sends its packets into a tunnel"),
        ("then permit application-services idp", "passes"),
        ("then permit; then log session-init", "passes"),
        ("then log session-init", "undecided: the policy states no action"),
    ] {
        let book = "set security zones security-zone trust address-book address MX 192.168.1.4/32\nset security address-book global address WAN 203.0.113.10/32\nset security address-book global address-set SET address-set INNER\n\
            set security address-book global address-set INNER address MX\nset security address-book global address-set LOOP address-set LOOP\nset security address-book global address-set HALF address GONE\n\
            set security address-book global address NAME dns-name mx.example.com\nset security address-book global address MASK wildcard-address 192.168.0.4/255.255.0.255\n\
            set security address-book global address RANGE range-address 192.168.1.2 to 192.168.1.9\nset security address-book global address HALVES 128.0.0.0/1\nset security address-book global address MX 192.168.7.7/32\n";
        assert_eq!(ike(&config(NAT, &policy("P", parts), book)), wanted, "{parts}");
    }
}

#[test]
fn order_global_policies_and_the_default() {
    let (permit, deny) = (policy("P", "match application junos-ike; then permit"), policy("D", "then deny"));
    assert_eq!(ike(&config(NAT, &format!("{permit}{deny}"), "")), "passes");
    assert_eq!(ike(&config(NAT, &format!("{deny}{permit}"), "")), "dropped by deny any any -> any, hides permit udp any -> any:500");
    assert_eq!(ike(&config(NAT, &format!("{deny}{permit}insert {IN} P before policy D\n"), "")), "passes");
    assert_eq!(ike(&config(NAT, &format!("{deny}{permit}deactivate {IN} D\n"), "")), "passes");
    let global = |zones: &str| {
        set(
            "security policies global policy G",
            &format!("match source-address any; match destination-address any; match application any;{zones}then permit"),
        )
    };
    assert_eq!(ike(&config(NAT, &global(""), "")), "passes");
    assert_eq!(ike(&config(NAT, &global("match from-zone untrust; match to-zone trust;"), "")), "passes");
    assert_eq!(ike(&config(NAT, &global("match from-zone trust;"), "")), "dropped by end of the list: deny");
    assert_eq!(ike(&config(NAT, &format!("{deny}{}", global("")), "")), "dropped by deny any any -> any");
    assert_eq!(ike(&config(NAT, "", "")), "dropped by end of the list: deny");
    assert_eq!(ike(&config(NAT, "set security policies default-policy permit-all\n", "")), "passes");
    assert_eq!(ike(&config(NAT, "set security policies default-policy deny-all\n", "")), "dropped by default: deny");
    let half = set(&format!("{IN} P"), "match application any; then permit");
    assert_eq!(ike(&config(NAT, &half, "")), "undecided: the policy does not say all that it is about");
}

#[test]
fn own_applications_have_terms_and_sets() {
    for (application, wanted) in [
        ("application VPN protocol udp; application VPN destination-port 500", "passes"),
        ("application VPN protocol udp; application VPN destination-port 400-600", "passes"),
        (
            "application VPN protocol udp; application VPN source-port 500; application VPN destination-port 500",
            "restricted by permit udp any:500 -> any:500",
        ),
        ("application VPN protocol tcp; application VPN destination-port 500", "wrong protocol in permit tcp any -> any:500"),
        ("application VPN term A protocol udp destination-port 500; application VPN term B protocol udp destination-port 4500", "passes"),
        ("application VPN term A protocol udp; application VPN term A destination-port 4500", "dropped by end of the list: deny"),
        ("application-set VPN application-set TWO; application-set TWO application junos-ike", "passes"),
        ("application-set VPN application GONE", "undecided: a member of the application set is not in the file"),
        ("application-set VPN application-set VPN", "undecided: the application sets hold each other"),
        ("application VPN protocol moon", "undecided: the protocol of the application is not known"),
        ("application VPN uuid 1", "undecided: the application has a part that is not followed"),
        ("application VPN protocol esp", "dropped by end of the list: deny"),
    ] {
        let text = config(NAT, &policy("P", "match application VPN; then permit"), "") + &set("applications", application);
        assert_eq!(ike(&text), wanted, "{application}");
    }
}

#[test]
fn answers_belong_to_their_flow() {
    let text = config(NAT, &policy("P", "match application junos-ike; then permit"), "").replace(OUT, "");
    let edge = device(&text);
    assert_eq!(answers(&edge, Service::IKE), "passes");
    let mx = vec![std::net::Ipv4Addr::new(192, 168, 1, 4)];
    assert!(!Path::new(vec![&edge], mx.clone(), None).leaves(Service::HTTPS, &Addrs::public()).passes());
    let edge = device(&config(NAT, "", ""));
    assert!(Path::new(vec![&edge], mx, None).leaves(Service::HTTPS, &Addrs::public()).passes());
}

#[test]
fn host_inbound_traffic_opens_the_device_itself() {
    let zone = "set security zones security-zone untrust host-inbound-traffic system-services";
    let interface = "set security zones security-zone untrust interfaces ge-0/0/0.0 host-inbound-traffic system-services";
    let other = "set security zones security-zone trust host-inbound-traffic system-services";
    for (more, wanted) in [
        (String::new(), "no forward"),
        (format!("{zone} ike\n"), "opens itself by permit udp any -> any:500,4500"),
        (format!("{zone} all\n"), "opens itself by permit udp any -> any:500,4500"),
        (format!("{zone} ssh\n"), "no forward"),
        (format!("{zone} all\n{zone} ike except\n"), "no forward"),
        (format!("{other} all\n"), "no forward"),
        // What an interface says replaces what its zone says.
        (format!("{zone} ike\n{interface} ssh\n"), "no forward"),
        (format!("{interface} ike\n"), "opens itself by permit udp any -> any:500,4500"),
    ] {
        assert_eq!(ike(&config("", "", &more)), wanted, "{more}");
    }
    let host = "security policies from-zone untrust to-zone junos-host policy H";
    let deny = set(host, "match source-address any; match destination-address any; match application junos-ike; then deny");
    assert_eq!(ike(&config("", &deny, &format!("{zone} ike\n"))), "no forward");
}
