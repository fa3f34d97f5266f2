//! Filters of interfaces. Source: Juniper, "Understanding Stateless Firewall Filter Terms"; the place before NAT: KB16110.

use super::*;

fn with(terms: &str, bound: &str) -> String {
    let filters: String = terms
        .split(';')
        .filter(|term| !term.is_empty())
        .map(|term| format!("set firewall family inet filter F term {}\n", term.trim()))
        .collect();
    config(NAT, &policy("all", "then permit"), &set("interfaces", bound)) + &filters + "set policy-options prefix-list OFFICE 128.0.0.0/1\n"
}

#[test]
fn filters_on_the_way_in_see_the_public_address() {
    let wan = "ge-0/0/0 unit 0 family inet filter input F";
    for (terms, wanted) in [
        ("a then accept", "passes"),
        ("a then discard", "dropped by deny any any -> any"),
        ("a from destination-address 203.0.113.10/32; a then accept", "passes"),
        ("a from destination-address 192.168.1.4/32; a then accept", "dropped by deny any any -> any"),
        ("a from protocol udp; a from destination-port 500; a then accept", "passes"),
        ("a from protocol udp; a from destination-port 500-4500; a then accept", "passes"),
        ("a from protocol-except udp; a then accept", "dropped by deny any any -> any"),
        ("a from destination-port-except 500; a then discard; b then accept", "passes"),
        (
            "a from source-address 0.0.0.0/0; a from source-address 128.0.0.0/1 except; a then accept",
            "restricted by permit any 0.0.0.0/1 -> any",
        ),
        ("a from source-prefix-list OFFICE; a then accept", "restricted by permit any 128.0.0.0/1 -> any"),
        ("a from source-prefix-list GONE; a then accept", "undecided: the prefix list is not in the file"),
        ("a then count x; b then discard", "passes"),
        ("a then count x; a then next term; b then discard", "dropped by deny any any -> any"),
        ("a from icmp-type echo-request; a then accept", "undecided: the term looks at the type of ICMP"),
        ("a from port 500; a then accept", "undecided: the term looks at both ends at once"),
        ("a then routing-instance R", "undecided: where the term sends its packets is not followed"),
    ] {
        assert_eq!(ike(&with(terms, wan)), wanted, "{terms}");
    }
    assert_eq!(ike(&with("", wan).replace("input F", "input GONE")), "undecided: the filter is not in the file");
    assert_eq!(ike(&with("a then discard", "ge-0/0/1 unit 0 family inet filter input F")), "passes");
    assert_eq!(ike(&with("a then discard", "ge-0/0/1 unit 0 family inet filter output F")), "dropped by deny any any -> any");
    assert_eq!(ike(&with("a then discard", "lo0 unit 0 family inet filter input F")), "passes");
    assert_eq!(
        ike(&with("a then accept", "ge-0/0/0 unit 0 family inet filter input-list F")),
        "undecided: lists of filters are not followed"
    );
    let unused = device(&with("a from destination-port 500; a from protocol udp; a then accept", "ge-0/0/0 unit 0 description x"));
    assert_eq!(unused.chains.iter().filter(|chain| !chain.applied).map(|chain| &*chain.name).collect::<Vec<_>>(), ["F"]);
}

#[test]
fn filters_know_no_flows() {
    let state = |terms: &str, bound: &str| answers(&device(&with(terms, bound)), Service::IKE);
    let inner = "ge-0/0/1 unit 0 family inet filter input F";
    assert_eq!(state("a from protocol tcp; a then accept", inner), "dropped by deny any any -> any");
    assert_eq!(state("a from source-address 192.168.1.4/32; a then accept", inner), "passes");
    let outer = "ge-0/0/0 unit 0 family inet filter output F";
    assert_eq!(state("a from source-address 203.0.113.10/32; a then accept", outer), "passes");
    assert_eq!(state("a from source-address 192.168.1.4/32; a then accept", outer), "dropped by deny any any -> any");
}

#[test]
fn filter_matters_where_the_way_is_not_known() {
    let text = with("a then discard", "ge-0/0/0 unit 0 family inet filter input F")
        .replace("set routing-options static route 0.0.0.0/0 next-hop 203.0.113.9", "set routing-options static route 0.0.0.0/0 discard");
    let text = text.replace(
        "set interfaces ge-0/0/0 unit 0 family inet address 203.0.113.10/29",
        "set interfaces ge-0/0/0 unit 0 family inet address 10.9.9.2/30",
    );
    assert_eq!(ike(&text), "undecided: which interface the packet uses is not known (`wan_interface`)");
}
