//! Forwards. Sources: Juniper, "Destination NAT", "Static NAT", "Understanding Destination NAT Rules".

use super::*;

fn open(nat: &str) -> String {
    config(nat, &policy("all", "then permit"), "")
}

fn rule(parts: &str) -> String {
    let base = "set security nat destination pool MX address 192.168.1.4/32\nset security nat destination rule-set IN from zone untrust\n";
    open(&format!("{base}{}", set("security nat destination rule-set IN rule R", &format!("{parts}; then destination-nat pool MX"))))
}

#[test]
fn rules_are_about_what_they_say() {
    let to = "match destination-address 203.0.113.10/32";
    for (parts, wanted) in [
        ("", "passes"),
        ("match destination-port 500", "passes"),
        ("match destination-port 400 to 600", "passes"),
        ("match destination-port 500; match destination-port 4500; match protocol udp", "passes"),
        ("match destination-port 4500", "no forward"),
        ("match destination-port 500; match protocol tcp", "wrong protocol in forward tcp any -> 203.0.113.10:500 to 192.168.1.4"),
        ("match application junos-ike", "passes"),
        ("match application junos-ike-nat", "no forward"),
        ("match source-address 128.0.0.0/1", "restricted by forward any 128.0.0.0/1 -> 203.0.113.10 to 192.168.1.4"),
        ("match source-port 500", "restricted by forward any any:500 -> 203.0.113.10 to 192.168.1.4"),
        ("match moon full", "undecided"),
    ] {
        let text = rule(&format!("{to};{parts}")).replace("rule R \n", "rule R\n");
        let told = verdict(&read(&text, 0).0, Service::IKE);
        assert!(told == wanted || wanted == "undecided" && told.starts_with("undecided"), "{parts}: {told}");
    }
    assert_eq!(ike(&rule("match destination-address 203.0.113.11/32")), "no forward");
    assert_eq!(ike(&rule("match destination-address 203.0.113.8/29")), "passes");
    assert_eq!(ike(&rule("match destination-port 500")), "undecided: the rule states no destination");
    assert_eq!(ike(&rule("match destination-address-name GONE")), "undecided: the address is not in the file");
    let named = rule("match destination-address-name WAN");
    assert_eq!(
        ike(&named.replace(
            "set security zones security-zone untrust",
            "set security address-book global address WAN 203.0.113.10/32\nset security zones security-zone untrust"
        )),
        "passes"
    );
}

#[test]
fn pools_say_where_to() {
    for (pool, wanted) in [
        ("address 192.168.1.4/32", "passes"),
        ("address 192.168.1.4", "passes"),
        ("address 192.168.1.4/32; address port 500", "passes"),
        ("address 192.168.1.4/32 port 501", "port 501"),
        ("address 192.168.1.4/32; address port 501", "port 501"),
        ("address 192.168.1.9/32", "goes to 192.168.1.9"),
        ("address 192.168.1.4/32 to 192.168.1.9/32", "undecided: the forward goes to one of several hosts"),
        ("address 192.168.1.5 to 192.168.1.9", "goes to itself or several"),
        ("description none", "undecided: the pool states no address"),
    ] {
        let nat =
            NAT.replace("set security nat destination pool MX address 192.168.1.4/32\n", &set("security nat destination pool MX", pool));
        assert_eq!(ike(&open(&nat)), wanted, "{pool}");
    }
    assert_eq!(ike(&open(&NAT.replace("destination-nat pool MX", "destination-nat off"))), "no forward");
    assert_eq!(ike(&open(&NAT.replace("destination-nat pool MX", "destination-nat pool GONE"))), "undecided: the pool is not in the file");
}

#[test]
fn nearer_rule_sets_and_static_rules_come_first() {
    let other = |from: &str| {
        format!(
            "set security nat destination pool O address 192.168.1.9/32\nset security nat destination rule-set A from {from}\nset security nat destination rule-set A rule R match destination-address 203.0.113.10/32\nset security nat destination rule-set A rule R then destination-nat pool O\n"
        )
    };
    assert_eq!(ike(&open(&format!("{NAT}{}", other("interface ge-0/0/0.0")))), "goes to 192.168.1.9");
    assert_eq!(ike(&open(&format!("{}{NAT}", other("routing-instance default")))), "passes");
    assert_eq!(ike(&open(&format!("{NAT}{}", other("zone trust")))), "passes");
    let fixed = |then: &str| {
        format!(
            "set security nat static rule-set S from zone untrust\nset security nat static rule-set S rule R match destination-address 203.0.113.10/32\nset security nat static rule-set S rule R then static-nat {then}\n"
        )
    };
    assert_eq!(ike(&open(&format!("{}{}", other("interface ge-0/0/0.0"), fixed("prefix 192.168.1.4/32")))), "passes");
    assert_eq!(ike(&open(&fixed("prefix 192.168.1.4/32 mapped-port 501"))), "port 501");
    assert_eq!(ike(&open(&fixed("prefix 192.168.1.4/32 mapped-port 400 to 600"))), "passes");
    let net = fixed("prefix 192.168.1.0/29").replace("203.0.113.10/32", "203.0.113.8/29");
    assert_eq!(ike(&open(&net)), "goes to 192.168.1.2");
    assert_eq!(ike(&open(&fixed("prefix 192.168.1.0/24"))), "undecided: the two networks differ in size");
}

#[test]
fn what_is_switched_off_does_nothing() {
    for off in ["rule-set IN rule IKE", "rule-set IN"] {
        assert_eq!(ike(&open(&format!("{NAT}deactivate security nat destination {off}\n"))), "no forward");
    }
    assert_eq!(ike(&open(&format!("{NAT}deactivate security nat\nactivate security nat\n"))), "passes");
    assert_eq!(
        ike(&open(&format!("{NAT}delete security nat destination rule-set IN rule IKE match destination-port 500\n"))),
        "no forward"
    );
}
