use std::net::Ipv4Addr;
use std::path::Path as FilePath;

use RemarkKind::{Dangling, Syntax, Unknown};

use super::*;
use crate::net::{Addrs, Service};
use crate::net::{Fate, Fault, Path, Verdict};

const GOOD: &str = "\
# look-alike of a saved rule set
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i eth0 -p udp -m udp -m multiport --dports 500,4500 -m comment --comment \"client VPN -j DROP\" -j DNAT --to-destination 192.168.1.4
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [3:180]
:OUTPUT ACCEPT [0:0]
:vpn - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i eth0 -j vpn
-A FORWARD -i eth1 -o eth0 -j ACCEPT
[5:600] -A vpn -d 192.168.1.4/32 -p udp -m udp --dport 500 -j ACCEPT
[5:600] -A vpn -d 192.168.1.4/32 -p udp -m udp --dport 4500 -j ACCEPT
-A vpn -j RETURN
COMMIT
";

fn mx() -> Vec<Ipv4Addr> {
    vec![Ipv4Addr::new(192, 168, 1, 4)]
}

fn text_at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn filter(rules: &str) -> String {
    format!(
        "*nat\n-A PREROUTING -i eth0 -p udp --dport 500:4500 -j DNAT --to 192.168.1.4\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n{rules}\nCOMMIT\n"
    )
}

fn ike(text: &str) -> String {
    let (device, problems) = read(text, 0);
    assert!(problems.is_empty(), "{problems:?}");
    let answer = Path::new(vec![&device], mx(), None).arrives(Service::IKE);
    match &answer.verdict {
        Verdict::Passes => "passes".into(),
        Verdict::Restricted(r, _) => format!("restricted by {}", r.line.map_or("?", |l| text_at(text, l.span))),
        Verdict::Fails(Fault::Dropped { by, .. }, _) => format!("dropped by {}", text_at(text, by.span())),
        Verdict::Fails(fault, _) => format!("{fault:?}"),
        Verdict::Undecided(doubt) => doubt.reason.to_string(),
    }
}

#[test]
fn whole_rule_set_lets_both_ports_and_their_answers_pass() {
    let (device, problems) = read(GOOD, 0);
    assert_eq!(problems, []);
    let path = Path::new(vec![&device], mx(), None);
    for service in [Service::IKE, Service::NAT_T] {
        assert!(path.arrives(service).passes(), "{:?}", path.arrives(service));
        assert!(path.answers(service).passes(), "{:?}", path.answers(service));
    }
    assert!(path.leaves(Service::HTTPS, &Addrs::public()).passes());
    assert!(matches!(path.arrives(Service::L2TP).fault(), Some(Fault::NoForward { .. })));
}

#[test]
fn spans_slice_to_their_words() {
    let shifted = read(GOOD, 1000).0;
    let (line, _) = shifted.forwards().next().unwrap();
    let slice = |span: Span| text_at(GOOD, Span::new(span.start - 1000, span.end - 1000));
    assert!(slice(line.span).starts_with("-A PREROUTING") && slice(line.span).ends_with("192.168.1.4"));
    assert_eq!(slice(line.matches.destination_ports.span().unwrap()), "--dports 500,4500");
    assert_eq!(slice(line.matches.in_interface.span().unwrap()), "-i eth0");
}

#[test]
fn drop_in_mangle_or_raw_is_not_overlooked() {
    let mangle = filter("-A FORWARD -j ACCEPT")
        .replace("*nat", "*mangle\n:PREROUTING DROP [0:0]\n-A PREROUTING -s 10.0.4.0/24 -j ACCEPT\nCOMMIT\n*nat");
    assert_eq!(ike(&mangle), "dropped by :PREROUTING DROP [0:0]");
    let raw = filter("-A FORWARD -j ACCEPT").replace("*nat", "*raw\n-A PREROUTING -p udp --dport 500 -j DROP\nCOMMIT\n*nat");
    assert_eq!(ike(&raw), "dropped by -A PREROUTING -p udp --dport 500 -j DROP");
}

#[test]
fn policy_lines_inside_tables_are_read() {
    assert_eq!(ike(&filter("-P FORWARD ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -j ACCEPT\n-P FORWARD DROP")), "passes");
    assert_eq!(ike(&filter("-P FORWARD DROP")), "dropped by -P FORWARD DROP");
}

#[test]
fn negation_both_ways_and_ranges_are_exact() {
    assert_eq!(ike(&filter("-A FORWARD ! -s 10.0.0.0/8 -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -s ! 10.0.0.0/8 -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD ! -p udp -j ACCEPT")), "dropped by :FORWARD DROP [0:0]");
    let range = "-A FORWARD -m iprange --src-range 1.0.0.0-9.255.255.255 -j ACCEPT";
    assert_eq!(ike(&filter(range)), format!("restricted by {range}"));
    assert_eq!(ike(&filter("-A FORWARD -p udp -m multiport ! --dports 1:499,501:65535 -j ACCEPT")), "passes");
}

#[test]
fn source_port_match_restricts() {
    let line = "-A FORWARD -p udp --sport 500 --dport 500 -j ACCEPT";
    assert_eq!(ike(&filter(line)), format!("restricted by {line}"));
}

#[test]
fn unknown_conditions_are_undecided_only_where_they_matter() {
    assert_eq!(ike(&filter("-A FORWARD -m set --match-set vpn src -j ACCEPT")), "the members of the set are not in the file");
    assert_eq!(ike(&filter("-A FORWARD -m set --match-set bad src -j ACCEPT\n-A FORWARD -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -p tcp -m set --match-set bad src -j DROP\n-A FORWARD -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -m conntrack --ctstatus DNAT -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT")), "passes");
}

#[test]
fn interfaces_follow_from_the_forward() {
    assert_eq!(ike(&filter("-A FORWARD -i eth0 -o eth1 -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -i eth+ -j ACCEPT")), "passes");
    assert_eq!(ike(&filter("-A FORWARD -i lo -j ACCEPT\n-A FORWARD ! -i eth0 -j ACCEPT")), "dropped by :FORWARD DROP [0:0]");
    assert_eq!(
        ike(&filter("-A FORWARD -i eth0 -o eth1 -j ACCEPT\n-A FORWARD -o eth2 -j DROP")),
        "which interface the packet uses is not known (`wan_interface`)"
    );
}

#[test]
fn goto_does_not_come_back() {
    let rules = ":a - [0:0]\n-A a -s 10.0.0.0/8 -j DROP\n-A FORWARD -g a\n-A FORWARD -j ACCEPT";
    assert_eq!(ike(&filter(rules)), "dropped by :FORWARD DROP [0:0]");
    assert_eq!(ike(&filter(&rules.replace("-g a", "-j a"))), "passes");
}

#[test]
fn redirect_and_port_changes_are_told_apart() {
    let with =
        |target: &str| format!("*nat\n-A PREROUTING -p udp --dport 500 -j {target}\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
    assert!(ike(&with("REDIRECT --to-ports 500")).contains("Elsewhere"));
    assert!(ike(&with("DNAT --to-destination 192.168.1.4:501")).contains("PortTranslated"));
    assert_eq!(ike(&with("DNAT --to-destination 192.168.1.4:500")), "passes");
    assert_eq!(ike(&with("DNAT --to-destination 192.168.1.4:400-600")), "passes");
    assert!(ike(&with("DNAT --to-destination 192.168.1.5-192.168.1.9")).contains("Elsewhere"));
    assert_eq!(ike(&with("DNAT --to-destination 192.168.1.4-192.168.1.9")), "the forward goes to one of several hosts");
    assert_eq!(ike(&with("NETMAP --to 192.168.1.0/24")), "the mapping between networks is not followed");
}

#[test]
fn either_port_and_several_matches_narrow_one_another() {
    assert_eq!(ike(&filter("-A FORWARD -p udp -m multiport --ports 500,53 -j ACCEPT")), "passes");
    let line = "-A FORWARD -p udp -m udp --sport 1024:65535 -m multiport ! --ports 4500 -j ACCEPT";
    assert_eq!(ike(&filter(line)), format!("restricted by {line}"));
    assert_eq!(
        ike(&filter("-A FORWARD -p udp -m udp --dport 400:600 -m multiport --dports 4500 -j ACCEPT")),
        "dropped by :FORWARD DROP [0:0]"
    );
}

// What the kernel did otherwise than the walk said.
#[test]
fn a_forward_to_where_the_packet_goes_anyway_is_no_translation() {
    let own = vec![Ipv4Addr::new(203, 0, 113, 130)];
    let fate = |filter: &str| {
        let text = format!(
            "*nat\n-A PREROUTING -p udp --dport 500 -j DNAT --to-destination :500\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n{filter}\nCOMMIT\n"
        );
        Path::new(vec![&read(&text, 0).0], own.clone(), None).fates(Service::IKE, Ipv4Addr::new(8, 8, 8, 8), 500)
    };
    assert_eq!(fate("-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT"), [Fate::Dropped]);
    assert_eq!(fate("-A FORWARD -m conntrack ! --ctstate DNAT -j ACCEPT"), [Fate::Arrives]);
}

#[test]
fn answers_count_as_translated_with_their_flow() {
    let text = filter("-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT");
    let (mut device, _) = read(&text, 0);
    device.wan_ip = Field::known_at(Ipv4Addr::new(203, 0, 113, 10), Span::default());
    let path = Path::new(vec![&device], mx(), None);
    assert!(path.arrives(Service::IKE).passes() && path.answers(Service::IKE).passes());
    let first = text.replace("--ctstate DNAT", "--ctstate NEW,SNAT");
    let (device, _) = read(&first, 0);
    assert!(!Path::new(vec![&device], mx(), None).answers(Service::IKE).passes());
}

#[test]
fn raw_stands_before_connection_tracking() {
    let raw = |state: &str| {
        filter("-A FORWARD -j ACCEPT").replace("*nat", &format!("*raw\n-A PREROUTING -m conntrack {state} -j DROP\nCOMMIT\n*nat"))
    };
    assert_eq!(ike(&raw("--ctstate NEW")), "passes");
    assert!(ike(&raw("! --ctstate NEW")).starts_with("dropped by -A PREROUTING"));
    assert!(ike(&raw("--ctstate INVALID")).starts_with("dropped by -A PREROUTING"));
}

#[test]
fn local_destinations_are_the_device_s_own() {
    let text = "*nat\n:DOCKER - [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n-A DOCKER -p udp -m udp --dport 500 -j DNAT --to-destination 192.168.1.4:500\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n";
    assert_eq!(ike(text), "the address that packets are sent to is not known (`wan_ip`)");
    let (mut device, _) = read(text, 0);
    device.wan_ip = Field::known_at(Ipv4Addr::new(203, 0, 113, 10), Span::default());
    assert!(Path::new(vec![&device], mx(), None).arrives(Service::IKE).passes());
}

#[test]
fn broken_lines_are_problems_without_the_file_s_words() {
    let (device, problems) = read(
        "*filter\n-A FORWARD -m comment --comment \"s3cret\nword\n-A\n-A FORWARD -j nowhere\n-A FORWARD -p s3cret -j DROP\nCOMMIT\n-A INPUT -j DROP\n",
        0,
    );
    let kinds: Vec<RemarkKind> = problems.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [Syntax, Syntax, Syntax, Dangling, Unknown, Syntax]);
    assert!(problems.iter().all(|p| !p.message.contains("s3cret")));
    assert_eq!(device.lines().count(), 2);
}

#[test]
fn accepts_on_input_open_the_device_itself() {
    let text = "*filter\n-P INPUT DROP\n-P FORWARD DROP\n-A INPUT -i eth0 -p udp --dport 500 -j ACCEPT\nCOMMIT\n";
    let (mut device, _) = read(text, 0);
    device.wan_interface = Field::known_at("eth0".into(), Span::default());
    let answer = Path::new(vec![&device], mx(), None).arrives(Service::IKE);
    assert!(matches!(answer.fault(), Some(Fault::NoForward { opens: Some(_), .. })), "{answer:?}");
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_read_without_syntax_problems() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/iptables");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no corpus");
        return;
    };
    for entry in entries {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let (device, problems) = read(&text, 0);
        assert!(device.lines().count() > 0, "{}", file.display());
        assert!(problems.iter().all(|p| p.kind == Unknown), "{}: {problems:?}", file.display());
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            let answer = Path::new(vec![&device], mx(), None).arrives(service);
            assert!(!answer.passes(), "{}: {answer:?}", file.display());
        }
    }
}

#[test]
fn only_the_table_nat_translates() {
    for target in ["DNAT --to-destination 192.168.1.9", "REDIRECT"] {
        let text = filter(&format!("-A FORWARD -p udp -j {target}\n-A FORWARD -j ACCEPT"));
        let (device, problems) = read(&text, 0);
        assert_eq!(problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [Unknown], "{target}");
        let answer = Path::new(vec![&device], mx(), None).arrives(Service::IKE);
        assert!(
            matches!(&answer.verdict, Verdict::Undecided(doubt) if doubt.reason == "what this target does is not followed"),
            "{answer:?}"
        );
    }
}
