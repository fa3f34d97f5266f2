//! Mistakes seen in real files (the project's list, with its numbers), as these two systems would write them, each with its corrected twin.

use super::*;
use crate::rules::upstream_lines::Named;

/// The filter rules for ports to the MX.
fn open(ports: &[&str]) -> String {
    let one = |port: &&str| {
        rule(&format!("<protocol>udp</protocol><destination><address>192.168.1.4</address><port>{port}</port></destination>"))
    };
    ports.iter().map(one).collect()
}

fn forwards(ports: &[&str]) -> String {
    let one = |port: &&str| {
        rdr(&format!("<destination><network>wanip</network><port>{port}</port></destination><local-port>{port}</local-port>"))
    };
    ports.iter().map(one).collect()
}

#[test]
fn mistakes_are_found_and_their_twins_are_not() {
    let good = (forwards(&["500", "4500"]), open(&["500", "4500"]));
    let tcp = |text: &str| text.replace("<protocol>udp", "<protocol>tcp");
    let from = |text: &str, source: &str| text.replace("<source><any/></source>", source);
    let peers = "<source><address>198.51.100.1</address></source>";
    for (mistake, nat, filter, wanted_ike, wanted_natt) in [
        ("twin", good.0.clone(), good.1.clone(), "passes", "passes"),
        ("1: to another host", good.0.replace("1.4<", "1.9<"), good.1.clone(), "goes to 192.168.1.9", "goes to 192.168.1.9"),
        (
            "4: 4500 as TCP",
            forwards(&["500"]) + &tcp(&forwards(&["4500"])),
            good.1.clone(),
            "passes",
            "wrong protocol in forward tcp any -> 203.0.113.10:4500 to 192.168.1.4",
        ),
        ("5: 4500 missing", forwards(&["500"]), open(&["500"]), "passes", "no forward"),
        ("6: only 4500", forwards(&["4500"]), open(&["4500"]), "no forward", "passes"),
        ("7: only 1701", forwards(&["1701"]), open(&["1701"]), "no forward", "no forward"),
        (
            "11: opens the device itself",
            String::new(),
            good.1.replace("<address>192.168.1.4</address>", "<network>wanip</network>"),
            "opens itself by permit udp any -> 203.0.113.10:500",
            "opens itself by permit udp any -> 203.0.113.10:4500",
        ),
        (
            "12: for a group of peers",
            good.0.clone(),
            from(&good.1, peers),
            "restricted by permit udp 198.51.100.1 -> 192.168.1.4:500",
            "restricted by permit udp 198.51.100.1 -> 192.168.1.4:4500",
        ),
        (
            "14: source port too",
            good.0.clone(),
            from(&good.1, "<source><any/><port>500</port></source>"),
            "restricted by permit udp any:500 -> 192.168.1.4:500",
            "restricted by permit udp any:500 -> 192.168.1.4:4500",
        ),
        // 15 is the default of pfSense: static port for ISAKMP. 18, TCP too, is no fault of reachability.
        ("18: TCP and UDP", good.0.replace(">udp<", ">tcp/udp<"), good.1.replace(">udp<", ">tcp/udp<"), "passes", "passes"),
        ("filter rules without forwards", String::new(), good.1.clone(), "no forward", "no forward"),
    ] {
        for flavour in [Pfsense, Opnsense] {
            let config = Config { nat: &nat, filter: &filter, ..Config::default() };
            assert_eq!((&*ike(flavour, config), &*natt(flavour, config)), (wanted_ike, wanted_natt), "{mistake}");
        }
    }
}

#[test]
fn esp_as_a_port_and_l2tp_are_named() {
    let named = |nat: &str| {
        let edge = device(Pfsense, Config { nat, ..Config::default() });
        let named = Named::by(&edge);
        (named.ipsec, named.esp.len(), named.l2tp.len())
    };
    // 2: ports 50 and 51 by TCP and UDP; 7: 1701.
    assert_eq!(named(&forwards(&["500", "4500", "50", "51", "1701"])), (true, 2, 1));
    assert_eq!(named(&forwards(&["500", "4500"])), (true, 0, 0));
    // 3: the port of a protocol without ports is left out by the device, too.
    let esp =
        forwards(&["500", "4500"]) + &rdr("<protocol>esp</protocol><destination><network>wanip</network><port>50</port></destination>");
    assert_eq!(named(&esp), (true, 0, 0));
}

#[test]
fn dangling_names_are_told() {
    // 10: a name that the file does not define.
    for (nat, filter, wanted) in [
        (rdr("<target>to-fw4</target>"), String::new(), 1),
        (rdr(""), rule("<protocol>udp</protocol><destination><address>To-internal</address></destination>"), 1),
        (rdr(""), rule("<protocol>udp</protocol><destination><any/><port>ipsec_ports</port></destination>"), 1),
        (rdr(""), PASS.to_owned(), 0),
    ] {
        let text = Config { nat: &nat, filter: &filter, ..Config::default() }.text(Pfsense);
        let remarks = read(Pfsense, &text, 0).1;
        assert_eq!(remarks.iter().filter(|r| r.kind == RemarkKind::Dangling).count(), wanted, "{remarks:?}");
    }
}
