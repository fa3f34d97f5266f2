//! `iptables-save` and nftables (text) on a router of its own making.

use vpnlint::report::Report;

use super::{RULES, found, holds};
use crate::support::Site;

const SITE: &str = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = \"rules\"\nwan_ip = \"203.0.113.10\"\nwan_interface = \"eth0\"\nterminates_ike = false\n";

/// One of the two forms: lines that forward, and lines of the filter.
struct Form {
    name: &'static str,
    /// Protocol, ports, host and perhaps a port.
    forward: fn(&str, &str, &str) -> String,
    /// Verdict, protocol, what else must match of the packet's source, destination port.
    filter: fn(&str, &str, &str, &str) -> String,
    /// A port of the device itself that is opened.
    input: fn(&str) -> String,
    /// Sources, source ports.
    from: fn(&str) -> String,
    sport: fn(&str) -> String,
    /// With forwards, filter lines, and lines for the device itself.
    whole: fn(&str, &str, &str) -> String,
    /// A list that nothing asks.
    unused: &'static str,
    /// An answer that no state lets out.
    stateless: (&'static str, &'static str),
    /// Where the text may break off and still tell nothing.
    head: usize,
}

const FORMS: [Form; 2] = [
    Form {
        name: "iptables-save",
        forward: |protocol, ports, to| {
            format!("-A PREROUTING -i eth0 -p {protocol} -m multiport --dports {ports} -j DNAT --to-destination {to}\n")
        },
        filter: |verdict, protocol, source, port| {
            let verdict = if verdict == "accept" { "ACCEPT" } else { "DROP" };
            format!("-A FORWARD -i eth0 -p {protocol}{source} -m multiport --dports {port} -j {verdict}\n")
        },
        input: |port| format!("-A INPUT -p udp -m multiport --dports {port} -j ACCEPT\n"),
        from: |net| format!(" -s {net}"),
        sport: |port| format!(" -m multiport --sports {port}"),
        whole: |nat, filter, input| {
            format!(
                "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n{nat}-A POSTROUTING -o eth0 -j MASQUERADE\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n\
                 -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -i eth1 -j ACCEPT\n{input}{filter}COMMIT\n"
            )
        },
        unused: ":spare - [0:0]\n-A spare -p udp -m multiport --dports 500,4500 -j ACCEPT\n",
        stateless: ("-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -i eth1 -j ACCEPT", "-i eth1 -p tcp -j ACCEPT"),
        head: 60,
    },
    Form {
        name: "nftables",
        forward: |protocol, ports, to| {
            let keyword = if protocol == "any" { "meta l4proto { tcp, udp } th" } else { protocol };
            format!("\t\tiifname \"eth0\" {keyword} dport {{ {ports} }} dnat ip to {to}\n")
        },
        filter: |verdict, protocol, source, port| format!("\t\tiifname \"eth0\"{source} {protocol} dport {{ {port} }} {verdict}\n"),
        input: |port| format!("\t\tudp dport {{ {port} }} accept\n"),
        from: |net| format!(" ip saddr {net}"),
        sport: |port| format!(" udp sport {{ {port} }}"),
        whole: |nat, filter, input| {
            format!(
                "table inet fw {{\n\tchain pre {{\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n{nat}\t}}\n\tchain post {{\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\
                 \t\toifname \"eth0\" masquerade\n\t}}\n\tchain in {{\n\t\ttype filter hook input priority filter; policy drop;\n{input}\t}}\n\tchain fwd {{\n\t\ttype filter hook forward priority filter; policy drop;\n\
                 \t\tct state established,related accept\n\t\tiifname \"eth1\" accept\n{filter}\t}}\n}}\n"
            )
        },
        unused: "\t}\n\tchain spare {\n\t\tudp dport { 500, 4500 } accept\n",
        stateless: ("ct state established,related accept\n\t\tiifname \"eth1\" accept", "iifname \"eth1\" meta l4proto tcp accept"),
        head: 60,
    },
];

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", SITE), ("rules", text)]).check().report
}

#[test]
fn mistakes_are_found_in_both_forms_and_their_twins_are_silent() {
    for form in FORMS {
        let (mx, both) = ("192.168.1.4", "500,4500");
        let nat = (form.forward)("udp", both, mx);
        let pass = (form.filter)("accept", "udp", "", both);
        let blocked = ["upstream-blocks-ike", "upstream-blocks-nat-t", "upstream-rule-shadowed"];
        let whole = |nat: &str, filter: &str| (form.whole)(nat, filter, "");
        for (mistake, text, wanted) in [
            ("twin", whole(&nat, &pass), vec![]),
            ("1", whole(&(form.forward)("udp", both, "192.168.1.9"), &pass), vec!["upstream-forward-elsewhere"]),
            ("2", whole(&(nat.clone() + &(form.forward)("udp", "50,51", mx)), &pass), vec!["esp-as-port"]),
            (
                "4",
                whole(&((form.forward)("udp", "500", mx) + &(form.forward)("tcp", "4500", mx)), &pass),
                vec!["upstream-forward-wrong-protocol"],
            ),
            ("5", whole(&(form.forward)("udp", "500", mx), &pass), vec!["upstream-forward-missing"]),
            ("6", whole(&(form.forward)("udp", "4500", mx), &pass), vec!["upstream-forward-missing"]),
            (
                "7",
                whole(&(form.forward)("udp", "500,1701,4500", mx), &(pass.clone() + &(form.filter)("accept", "udp", "", "1701"))),
                vec!["l2tp-port-exposed"],
            ),
            ("8", whole(&nat, &(pass.clone() + form.unused)), vec!["acl-not-applied"]),
            ("11", (form.whole)("", &pass, &(form.input)(both)), vec!["upstream-forward-missing", "upstream-opens-itself"]),
            ("12", whole(&nat, &(form.filter)("accept", "udp", &(form.from)("198.51.100.0/24"), both)), vec!["upstream-source-restricted"]),
            ("14", whole(&nat, &(form.filter)("accept", "udp", &(form.sport)(both), both)), vec!["upstream-source-restricted"]),
            (
                "port",
                whole(&((form.forward)("udp", "500", "192.168.1.4:501") + &(form.forward)("udp", "4500", mx)), &pass),
                vec!["upstream-forward-translates-port"],
            ),
            ("no pass", whole(&nat, &(form.filter)("accept", "udp", "", "500")), vec!["upstream-blocks-nat-t"]),
            (
                "hidden",
                whole(
                    &nat,
                    &((form.filter)("drop", "udp", "", "1:65535")
                        .replace("1:65535", if form.name == "nftables" { "1-65535" } else { "1:65535" })
                        + &pass),
                ),
                blocked.to_vec(),
            ),
            ("not hidden", whole(&nat, &(pass.clone() + &(form.filter)("drop", "udp", "", both))), vec![]),
            (
                "no answer",
                whole(&nat, &pass).replace(form.stateless.0, form.stateless.1),
                vec!["upstream-blocks-cloud", "upstream-blocks-reply"],
            ),
            (
                "19: masquerade that hides sources",
                whole(&nat, &pass).replace("-o eth0 -j MASQ", "-j MASQ").replace("oifname \"eth0\" masq", "masq"),
                vec![],
            ),
        ] {
            assert_eq!(found(&report(&text)), wanted, "{mistake} {}\n{text}", form.name);
        }
    }
}

/// Mistake 16: translation at the priority of filters is odd, but translates.
#[test]
fn priority_of_a_filter_on_a_chain_that_translates_is_no_fault() {
    let form = &FORMS[1];
    let text = (form.whole)(&(form.forward)("udp", "500, 4500", "192.168.1.4"), &(form.filter)("accept", "udp", "", "500, 4500"), "");
    assert_eq!(found(&report(&text.replace("priority dstnat", "priority filter"))), Vec::<&str>::new());
    // Mistake 15: a source port that changes on the way out concerns what the MX asks for, and no client.
    let snat = text.replace("masquerade", "udp sport 500 snat ip to 203.0.113.10:20000-30000");
    assert_eq!(found(&report(&snat)), Vec::<&str>::new());
}

#[test]
fn rules_about_reachability_hold_for_a_whole_file_and_never_for_a_part() {
    for form in FORMS {
        let text = (form.whole)(&(form.forward)("udp", "500,4500", "192.168.1.4"), &(form.filter)("accept", "udp", "", "500,4500"), "");
        let whole = report(&text);
        for rule in RULES {
            assert!(holds(&whole).contains(rule), "{rule} {}: {:?}", form.name, holds(&whole));
        }
        // What ends IPsec is said by the site file, and a list without use would be seen in what is there.
        let lasting = ["acl-not-applied", "upstream-terminates-ike"];
        for end in (form.head..text.len() - 8).step_by(7).filter(|end| text.is_char_boundary(*end)) {
            let part = report(&text[..end]);
            let wrong: Vec<_> = holds(&part).into_iter().filter(|rule| !lasting.contains(rule)).collect();
            assert_eq!(wrong, Vec::<&str>::new(), "{}:\n{}", form.name, &text[..end]);
            assert_eq!(found(&part), Vec::<&str>::new(), "{}:\n{}", form.name, &text[..end]);
        }
    }
}
