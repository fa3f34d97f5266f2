//! pfSense and OPNsense in front of an MX: mistakes seen in real files are found by the rules, and their corrected twins are not.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"config.xml\"\n";

fn config(root: &str, nat: &str, filter: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<{root}>\n<interfaces><wan><enable>1</enable><if>em0</if><ipaddr>203.0.113.10</ipaddr><subnet>29</subnet><gateway>GW</gateway></wan>\
         <lan><enable>1</enable><if>em1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan></interfaces>\n<nat>\n{nat}</nat>\n<filter>\n{filter}\
         <rule><type>pass</type><interface>lan</interface><source><network>lan</network></source><destination><any/></destination></rule>\n</filter>\n{more}</{root}>\n"
    )
}

fn forward(protocol: &str, port: &str, to: &str) -> String {
    format!(
        "<rule><interface>wan</interface><protocol>{protocol}</protocol><source><any/></source><destination><network>wanip</network><port>{port}</port></destination>\
         <target>{to}</target><local-port>{port}</local-port></rule>\n"
    )
}

fn pass(source: &str, to: &str, port: &str) -> String {
    format!(
        "<rule><type>pass</type><interface>wan</interface><protocol>udp</protocol><source>{source}</source><destination>{to}<port>{port}</port></destination></rule>\n"
    )
}

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("config.xml", text)]).check().report
}

#[test]
fn mistakes_are_found_in_both_formats_and_their_twins_are_silent() {
    let (any, mx, own) = ("<any/>", "<address>192.168.1.4</address>", "<network>wanip</network>");
    let two = |part: &dyn Fn(&str) -> String| part("500") + &part("4500");
    let nat = two(&|port| forward("udp", port, "192.168.1.4"));
    let filter = two(&|port| pass(any, mx, port));
    let tunnel =
        "<ipsec><enable>1</enable><phase1><interface>wan</interface><pre-shared-key>CANARY-tunnel</pre-shared-key></phase1></ipsec>\n";
    let block = "<rule><type>block</type><interface>wan</interface><protocol>udp</protocol><source><any/></source><destination><any/></destination></rule>\n";
    let floating = block.replace("</type>", "</type><floating>yes</floating><quick>yes</quick><direction>in</direction>");
    for (mistake, nat, filter, more, wanted) in [
        ("twin", nat.clone(), filter.clone(), "", vec![]),
        ("1", two(&|port| forward("udp", port, "192.168.1.9")), filter.clone(), "", vec!["upstream-forward-elsewhere"]),
        ("2", nat.clone() + &forward("tcp/udp", "50", "192.168.1.4"), filter.clone(), "", vec!["esp-as-port"]),
        (
            "4",
            forward("udp", "500", "192.168.1.4") + &forward("tcp", "4500", "192.168.1.4"),
            filter.clone(),
            "",
            vec!["upstream-forward-wrong-protocol"],
        ),
        ("5", forward("udp", "500", "192.168.1.4"), filter.clone(), "", vec!["upstream-forward-missing"]),
        ("6", forward("udp", "4500", "192.168.1.4"), filter.clone(), "", vec!["upstream-forward-missing"]),
        ("7", nat.clone() + &forward("udp", "1701", "192.168.1.4"), filter.clone() + &pass(any, mx, "1701"), "", vec!["l2tp-port-exposed"]),
        ("10", nat.clone(), filter.clone() + &pass(any, "<address>To-FW4</address>", "443"), "", vec!["dangling-reference"]),
        ("11", String::new(), two(&|port| pass(any, own, port)), "", vec!["upstream-forward-missing", "upstream-opens-itself"]),
        ("12", nat.clone(), two(&|port| pass("<address>198.51.100.1</address>", mx, port)), "", vec!["upstream-source-restricted"]),
        ("14", nat.clone(), two(&|port| pass(&format!("<any/><port>{port}</port>"), mx, port)), "", vec!["upstream-source-restricted"]),
        (
            "port",
            forward("udp", "500", "192.168.1.4").replace("<local-port>500", "<local-port>501") + &forward("udp", "4500", "192.168.1.4"),
            filter.clone(),
            "",
            vec!["upstream-forward-translates-port"],
        ),
        ("no pass", nat.clone(), pass(any, mx, "500"), "", vec!["upstream-blocks-nat-t"]),
        (
            "hidden",
            nat.clone(),
            block.to_owned() + &filter,
            "",
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("not hidden", nat.clone(), filter.clone() + block, "", vec![]),
        (
            "floating",
            nat.clone(),
            filter.clone() + &floating,
            "",
            vec!["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"],
        ),
        ("floating without quick", nat.clone(), filter.clone() + &floating.replace("<quick>yes</quick>", ""), "", vec![]),
        ("tunnel", nat.clone(), filter.clone(), tunnel, vec!["upstream-terminates-ike"]),
        ("18: TCP too", nat.replace(">udp<", ">tcp/udp<"), filter.clone(), "", vec![]),
    ] {
        for root in ["pfsense", "opnsense"] {
            let report = report(&config(root, &nat, &filter, more));
            let mut rules = found(&report);
            rules.sort_unstable();
            rules.dedup();
            assert_eq!(rules, wanted, "{mistake} {root}");
        }
    }
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    let nat = forward("udp", "500", "192.168.1.4") + &forward("udp", "4500", "192.168.1.4");
    let filter = pass("<any/>", "<address>192.168.1.4</address>", "500-4500");
    let text = config("pfsense", &nat, &filter, "");
    let whole = report(&text);
    for rule in RULES {
        assert!(holds(&whole).contains(rule), "{rule}");
    }
    for end in (36..text.len() - 2).step_by(37) {
        let report = report(&text[..end]);
        assert_eq!(holds(&report), Vec::<&str>::new(), "{}", &text[..end]);
        assert!(report.findings.iter().any(|f| f.rule.id == "syntax-error"), "{}", &text[..end]);
        assert_eq!(found(&report), Vec::<&str>::new(), "{}", &text[..end]);
    }
}
