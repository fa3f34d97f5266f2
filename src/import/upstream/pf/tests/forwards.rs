//! Port forwards and 1:1 NAT. Source: `src/etc/inc/filter.inc` of pfsense/pfsense@0034bbc, `filter_nat_rules_generate`; pf.conf(5), "Translation".

use super::*;

#[test]
fn forwards_send_packets_where_they_say() {
    for (parts, wanted) in [
        ("", "passes"),
        // Ports: a range moves as a whole, `500:4500` is the same range, an empty inner port keeps it.
        ("<destination><network>wanip</network><port>500:4500</port></destination>", "passes"),
        ("<local-port/>", "passes"),
        ("<local-port>501</local-port>", "port 501"),
        ("<destination><network>wanip</network><port>500</port></destination><local-port>4500</local-port>", "port 4500"),
        ("<destination><network>wanip</network><port>isakmp</port></destination>", "passes"),
        ("<destination><network>wanip</network><port>4500</port></destination>", "no forward"),
        // Protocols.
        ("<protocol>tcp/udp</protocol>", "passes"),
        ("<protocol>any</protocol><destination><network>wanip</network></destination><local-port/>", "passes"),
        ("<protocol>tcp</protocol>", "wrong protocol in forward tcp any -> 203.0.113.10:500-4500 to 192.168.1.4"),
        ("<protocol>esp</protocol>", "no forward"),
        // Destinations.
        ("<destination><any/><port>500</port></destination>", "passes"),
        ("<destination><port>500</port></destination>", "passes"),
        ("<destination><address>203.0.113.10</address><port>500</port></destination>", "passes"),
        ("<destination><address>203.0.113.11</address><port>500</port></destination>", "no forward"),
        ("<destination><network>wanip</network><not/><port>500</port></destination>", "no forward"),
        ("<destination><network>(self)</network><port>500</port></destination>", "passes"),
        ("<destination><network>lanip</network><port>500</port></destination>", "no forward"),
        // Targets.
        ("<target>192.168.1.9</target>", "goes to 192.168.1.9"),
        ("<target>127.0.0.1</target>", "goes to itself or several"),
        ("<target>lanip</target>", "goes to 192.168.1.1"),
        // Switches.
        ("<disabled>1</disabled>", "no forward"),
        ("<nordr>1</nordr>", "no forward"),
        ("<interface>lan</interface>", "no forward"),
        ("<ipprotocol>inet6</ipprotocol>", "no forward"),
        // Sources.
        (
            "<source><address>198.51.100.0/24</address></source>",
            "restricted by forward udp 198.51.100.0/24 -> 203.0.113.10:500-4500 to 192.168.1.4",
        ),
    ] {
        assert_eq!(both(Config { nat: &rdr(parts), filter: PASS, ..Config::default() }), wanted, "{parts}");
    }
}

#[test]
fn zero_switches_a_flag_of_opnsense_off_only() {
    let config = Config { nat: &rdr("<disabled>0</disabled>"), filter: PASS, ..Config::default() };
    assert_eq!(ike(Opnsense, config), "passes");
    assert_eq!(ike(Pfsense, config), "no forward");
}

#[test]
fn first_forward_wins_and_no_rdr_ends_the_search() {
    for (first, wanted) in [
        (rdr("<target>192.168.1.9</target>"), "goes to 192.168.1.9"),
        (rdr("<nordr/>"), "no forward"),
        (rdr("<nordr/><source><address>198.51.100.7</address></source>"), "passes"),
        (rdr("<target>192.168.1.9</target><disabled/>"), "passes"),
    ] {
        let nat = first.clone() + &rdr("");
        assert_eq!(ike(Pfsense, Config { nat: &nat, filter: PASS, ..Config::default() }), wanted, "{first}");
    }
}

#[test]
fn sequence_orders_the_forwards_of_opnsense() {
    let nat = rdr("<sequence>20</sequence><target>192.168.1.9</target>") + &rdr("<sequence>10</sequence>");
    let config = Config { nat: &nat, filter: PASS, ..Config::default() };
    assert_eq!(ike(Opnsense, config), "passes");
    assert_eq!(ike(Pfsense, config), "goes to 192.168.1.9");
}

#[test]
fn associated_rule_decides_whether_the_filter_is_asked() {
    let linked = rule(
        "<protocol>udp</protocol><associated-rule-id>nat_1.2</associated-rule-id><destination><address>192.168.1.4</address><port>500</port></destination>",
    );
    let old = linked.replace("<type>pass</type>", "");
    let block = rule("<type>block</type>");
    for (id, filter, wanted) in [
        ("", "", "dropped by end of the list: deny"),
        ("pass", "", "passes"),
        ("pass", &*block, "passes"),
        ("nat_1.2", &*linked, "passes"),
        ("nat_1.2", &*old, "passes"),
        ("nat_9.9", "", "dropped by end of the list: deny"),
    ] {
        let nat = rdr(&format!("<associated-rule-id>{id}</associated-rule-id>"));
        let config = Config { nat: &nat, filter, ..Config::default() };
        assert_eq!(both(config), wanted, "{id}");
        assert_eq!(device(Pfsense, config).dangling.len(), 0, "remarks are turned into dangling references outside of the reader");
        let dangling = read(Pfsense, &config.text(Pfsense), 0).1;
        assert_eq!(dangling.len(), usize::from(id == "nat_9.9"), "{dangling:?}");
    }
}

#[test]
fn rdr_pass_skips_the_rules_of_the_wan_but_not_those_for_what_goes_out() {
    let nat = rdr("<associated-rule-id>pass</associated-rule-id>");
    let out = rule("<type>block</type><floating>yes</floating><quick>yes</quick><direction>out</direction><interface>lan</interface>");
    assert_eq!(both(Config { nat: &nat, filter: &out, ..Config::default() }), "dropped by deny any any -> any");
}

#[test]
fn address_that_only_the_provider_knows_is_still_the_device_s_own() {
    let config = Config { wan: DYNAMIC, nat: &rdr(""), filter: PASS, ..Config::default() };
    assert_eq!(both(config), "passes");
    let itself = rule("<protocol>udp</protocol><destination><network>wanip</network><port>500</port></destination>");
    let open = Config { wan: DYNAMIC, filter: &itself, ..Config::default() };
    assert_eq!(both(open), "opens itself by permit udp any -> itself:500");
    // The filter sees the translated address.
    assert_eq!(both(Config { nat: &rdr(""), ..open }), "dropped by end of the list: deny");
    let other = rdr("<destination><address>203.0.113.11</address><port>500</port></destination>");
    assert_eq!(
        both(Config { wan: DYNAMIC, nat: &other, filter: PASS, ..Config::default() }),
        "undecided: the address that packets are sent to is not known (`wan_ip`)"
    );
}

#[test]
fn one_to_one_nat_maps_whole_addresses_behind_the_forwards() {
    let map = |external: &str, inner: &str, parts: &str| {
        format!(
            "<onetoone><external>{external}</external><interface>wan</interface><source><address>{inner}</address></source><destination><any/></destination>{parts}</onetoone>"
        )
    };
    for (nat, wanted) in [
        (map("203.0.113.10", "192.168.1.4", ""), "passes"),
        (map("203.0.113.10", "192.168.1.4", "<disabled/>"), "no forward"),
        (map("203.0.113.10", "192.168.1.9", ""), "goes to 192.168.1.9"),
        (map("203.0.113.11", "192.168.1.4", ""), "no forward"),
        (map("203.0.113.8", "192.168.1.0/29", ""), "goes to 192.168.1.2"),
        (map("203.0.113.10", "192.168.1.9", "") + &rdr(""), "passes"),
        (map("203.0.113.10", "nowhere", ""), "undecided: what the mapping stands for is not in the file"),
    ] {
        assert_eq!(both(Config { nat: &nat, filter: PASS, ..Config::default() }), wanted, "{nat}");
    }
}
