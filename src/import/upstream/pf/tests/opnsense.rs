//! What only OPNsense has. Source: `source/manual/firewall.rst` of opnsense/docs@010627c, "Processing order"; `Firewall/Filter.xml`,
//! `Firewall/DNat.xml` and `FieldTypes/FilterRuleField.php` of opnsense/core.

use super::*;

/// A rule of the second store with other parts.
fn new_rule(parts: &str) -> String {
    let with =
        |name: &str, usual: &str| if parts.contains(&format!("<{name}>")) { String::new() } else { format!("<{name}>{usual}</{name}>") };
    let mut text = String::from("<rule uuid=\"5b1\">");
    for (name, usual) in [
        ("enabled", "1"),
        ("action", "pass"),
        ("quick", "1"),
        ("interface", "wan"),
        ("interfacenot", "0"),
        ("direction", "in"),
        ("ipprotocol", "inet"),
        ("protocol", "UDP"),
        ("source_net", "any"),
        ("source_not", "0"),
        ("destination_net", "any"),
        ("destination_not", "0"),
        ("destination_port", ""),
        ("log", "0"),
        ("sequence", "100"),
        ("categories", "5b2"),
    ] {
        text += &with(name, usual);
    }
    text + parts + "</rule>"
}

fn store(rules: &str) -> String {
    format!("<OPNsense><Firewall><Filter><rules>{rules}</rules></Filter></Firewall></OPNsense>")
}

fn with(rules: &str, legacy: &str) -> String {
    ike(Opnsense, Config { nat: &rdr(""), filter: legacy, more: &store(rules), ..Config::default() })
}

#[test]
fn rules_of_the_second_store_decide() {
    for (parts, wanted) in [
        ("", "passes"),
        ("<enabled>0</enabled>", "dropped by end of the list: deny"),
        ("<action>block</action>", "dropped by deny udp any -> any"),
        ("<action>reject</action>", "dropped by deny udp any -> any"),
        ("<interface>lan</interface>", "dropped by end of the list: deny"),
        ("<interface>lan,wan</interface>", "passes"),
        ("<interface>lan</interface><interfacenot>1</interfacenot>", "passes"),
        ("<interface></interface>", "passes"),
        ("<protocol>any</protocol>", "passes"),
        ("<protocol>TCP/UDP</protocol>", "passes"),
        ("<protocol>TCP</protocol><destination_port>500</destination_port>", "wrong protocol in permit tcp any -> any:500"),
        ("<destination_net>192.168.1.4</destination_net><destination_port>isakmp</destination_port>", "passes"),
        ("<destination_net>10.0.0.0/8,192.168.1.0/24</destination_net>", "passes"),
        ("<destination_net>192.168.1.4</destination_net><destination_not>1</destination_not>", "dropped by end of the list: deny"),
        ("<destination_net>wanip</destination_net>", "dropped by end of the list: deny"),
        ("<source_net>198.51.100.0/24</source_net>", "restricted by permit udp 198.51.100.0/24 -> any"),
        ("<destination_port>500-4500</destination_port>", "passes"),
        ("<ipprotocol>inet6</ipprotocol>", "dropped by end of the list: deny"),
        ("<ipprotocol>inet46</ipprotocol>", "passes"),
        ("<action>match</action><quick>0</quick>", "dropped by end of the list: deny"),
        ("<sched>hours</sched>", "undecided: the rule depends on the time of day"),
        ("<destination_net>geo</destination_net>", "undecided: the alias is not in the file"),
    ] {
        assert_eq!(with(&new_rule(parts), ""), wanted, "{parts}");
    }
}

#[test]
fn sequence_quick_and_section_order_the_rules_of_both_stores() {
    let block = |parts: &str| new_rule(&format!("<action>block</action>{parts}"));
    let dropped = "dropped by deny udp any -> any";
    for (rules, legacy, wanted) in [
        // By sequence, not by place.
        (new_rule("<sequence>20</sequence>") + &block("<sequence>10</sequence>"), "", dropped),
        (new_rule("<sequence>10</sequence>") + &block("<sequence>5000</sequence>"), "", "passes"),
        // Without quick the last one counts, behind all that have it.
        (block("<quick>0</quick><sequence>1</sequence>") + &new_rule("<sequence>2</sequence>"), "", "passes"),
        (new_rule("<quick>0</quick><sequence>1</sequence>") + &block("<quick>0</quick><sequence>2</sequence>"), "", dropped),
        // Two interfaces make a floating rule, which comes before those of one.
        (new_rule("<sequence>1</sequence>") + &block("<sequence>900</sequence><interface>wan,lan</interface>"), "", dropped),
        // The second store comes before the first one in each section.
        (block(""), PASS, "dropped by deny udp any -> any, hides permit udp any -> 192.168.1.4:500-4500"),
        (
            new_rule(""),
            "<rule><type>block</type><interface>wan</interface><source><any/></source><destination><any/></destination></rule>",
            "passes",
        ),
    ] {
        assert_eq!(with(&rules, legacy), wanted, "{rules} {legacy}");
    }
}

#[test]
fn forwards_of_the_new_model_pass_register_or_leave_it() {
    let forward = |pass: &str| rdr(&format!("<sequence>1</sequence><disabled>0</disabled><nordr>0</nordr><pass>{pass}</pass>"));
    let float = "<rule><type>block</type><floating>yes</floating><quick>1</quick><interface>wan,lan</interface><source><any/></source><destination><any/></destination></rule>";
    for (pass, filter, wanted) in [
        ("", "", "dropped by end of the list: deny"),
        ("pass", "", "passes"),
        ("1", "", "passes"),
        ("rule", "", "passes"),
        (
            "rule",
            "<rule><type>block</type><interface>wan</interface><source><any/></source><destination><any/></destination></rule>",
            "passes",
        ),
        ("rule", float, "undecided: where the registered rule stands among the others is not in the file"),
    ] {
        assert_eq!(ike(Opnsense, Config { nat: &forward(pass), filter, ..Config::default() }), wanted, "{pass} {filter}");
    }
}

#[test]
fn network_of_a_forward_may_hold_an_address_or_an_alias() {
    let more = "<OPNsense><Firewall><Alias><aliases><alias uuid=\"1\"><enabled>1</enabled><name>public</name><type>host</type><content>203.0.113.10\n203.0.113.11</content></alias>\
        <alias uuid=\"2\"><enabled>0</enabled><name>off</name><type>host</type><content>203.0.113.10</content></alias>\
        <alias uuid=\"3\"><enabled>1</enabled><name>nobody</name><type>geoip</type><content>DE\nFR</content></alias>\
        <alias uuid=\"4\"><enabled>1</enabled><name>most</name><type>network</type><content>0.0.0.0/0\n!203.0.113.10</content></alias></aliases></Alias></Firewall></OPNsense>";
    for (network, wanted) in [
        ("203.0.113.10", "passes"),
        ("public", "passes"),
        ("most", "no forward"),
        ("off", "undecided: the alias is switched off"),
        ("nobody", "undecided: which addresses the country has is not in the file"),
        ("any", "passes"),
        ("wanip", "passes"),
    ] {
        let nat = rdr(&format!("<destination><network>{network}</network><port>500</port></destination>"));
        assert_eq!(ike(Opnsense, Config { nat: &nat, filter: PASS, more, ..Config::default() }), wanted, "{network}");
    }
}

#[test]
fn one_to_one_rules_of_the_new_store() {
    let map = |parts: &str| {
        format!(
            "<OPNsense><Firewall><Filter><onetoone><rule><enabled>1</enabled><sequence>1</sequence><interface>wan</interface><type>binat</type><external>203.0.113.10</external><source_net>192.168.1.4</source_net><destination_net>any</destination_net>{parts}</rule></onetoone></Filter></Firewall></OPNsense>"
        )
    };
    assert_eq!(ike(Opnsense, Config { filter: PASS, more: &map(""), ..Config::default() }), "passes");
    let nat = map("").replace(">binat<", ">nat<");
    assert_eq!(ike(Opnsense, Config { filter: PASS, more: &nat, ..Config::default() }), "undecided: the mapping is not one to one");
}
