//! Hostile inputs for the rules on upstream devices and addresses: contradictions, values at the edges, and what looks like a fault.

use vpnlint::report::Report;

use crate::support::Site;

const MX: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n";
const PUBLIC: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";
const EDGE: &str = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\n";
const FORWARD: &str = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.4\" }]\n";

fn check(site: &[&str], export: &str) -> Report {
    let text = format!("version = 1\nsite = {{ name = \"site\" }}\n{}", site.concat());
    Site::new(&[("site.toml", text.as_str()), ("edge.rules", export)]).check().report
}

/// `violated`, `holds` or `undecided: …` of `rule`, each with its subject's name; sorted.
fn verdicts(report: &Report, rule: &str) -> Vec<String> {
    let rows = report.coverage.iter().flatten().filter(|row| row.rule.id == rule);
    let word = |why: Option<&str>| why.map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}"));
    let mut all: Vec<String> = rows.map(|row| format!("{} {}", row.subject.name, word(row.undecided.as_deref()))).collect();
    all.extend(report.findings.iter().filter(|f| f.rule.id == rule).map(|f| format!("{} violated", f.subject.name)));
    all.sort();
    all
}

#[track_caller]
fn says(report: &Report, rule: &str, wanted: &[&str]) {
    assert_eq!(verdicts(report, rule), wanted, "{rule}");
}

#[test]
fn a_primary_uplink_with_two_addresses_decides_nothing() {
    let again = MX.replace("192.168.1.4", "192.168.1.5");
    for forward in [FORWARD.to_owned(), FORWARD.replace("192.168.1.4", "192.168.1.5")] {
        let report = check(&[MX, &again, EDGE, &forward], "");
        let why = "edge undecided: `mx.uplinks` describes wan1 twice, with different addresses";
        for rule in ["upstream-blocks-ike", "upstream-forward-missing", "upstream-forward-elsewhere"] {
            says(&report, rule, &[why]);
        }
    }
    // Said twice in the same way, it is no doubt.
    says(&check(&[MX, MX, EDGE, FORWARD], ""), "upstream-forward-elsewhere", &["edge holds"]);
    let pair = "[mx.warm_spare]\nvirtual_ip1 = \"192.168.1.4\"\n";
    says(&check(&[MX, &again, pair, EDGE, FORWARD], ""), "upstream-forward-elsewhere", &["edge holds"]);
}

#[test]
fn a_pair_without_addresses_says_what_it_lacks() {
    let report = check(&[MX, "[mx.warm_spare]\nenabled = true\n", EDGE, FORWARD], "");
    let why = "edge undecided: the site file states no `mx.warm_spare.uplink_mode` and no virtual address";
    says(&report, "upstream-forward-elsewhere", &[why]);
    let report = check(&[MX, "[mx.warm_spare]\nenabled = false\n", EDGE, FORWARD], "");
    says(&report, "upstream-forward-elsewhere", &["edge holds"]);
}

#[test]
fn two_devices_with_one_address_are_a_bridge_or_a_fault() {
    let modem = "[[upstream]]\nname = \"modem\"\nwan_ip = \"203.0.113.10\"\n";
    let handed_on = check(&[MX, modem, "forwards = []\ndefault_action = \"permit\"\n", EDGE, FORWARD], "");
    says(&handed_on, "upstream-forward-missing", &["edge holds", "modem holds"]);
    let forwards = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"10.0.0.2\" }]\n";
    let contradiction = check(&[MX, modem, forwards, EDGE, FORWARD], "");
    says(&contradiction, "upstream-forward-elsewhere", &["edge holds", "modem violated"]);
}

#[test]
fn each_device_answers_for_its_own_losses() {
    let outer = "[[upstream]]\nname = \"outer\"\nwan_ip = \"203.0.113.10\"\n\
                 forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"10.0.0.2\" }]\n";
    let half = "rules = [{ action = \"deny\", source = \"0.0.0.0/1\" }, { action = \"permit\" }]\n";
    let inner = "[[upstream]]\nname = \"inner\"\nwan_ip = \"10.0.0.2\"\n";
    let report = check(&[MX, outer, half, inner, FORWARD, "default_action = \"deny\"\n"], "");
    says(&report, "upstream-source-restricted", &["outer violated"]);
    says(&report, "upstream-blocks-ike", &["inner violated"]);
    let report = check(&[MX, outer, inner], "");
    let unknown = "inner undecided: upstream `inner`: nothing says what the device forwards (`forwards`, or its export)";
    says(&report, "upstream-forward-missing", &[unknown, "outer holds"]);
}

#[test]
fn clients_are_followed_to_the_address_that_they_name() {
    let known_by = MX.replace("203.0.113.10", "203.0.113.11");
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\nwan_interface = \"eth0\"\nimport = \"edge.rules\"\n";
    let export = |ip: &str| {
        format!(
            "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d {ip} -p udp -m multiport --dports 500,4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n"
        )
    };
    let client = "[[clients]]\nname = \"laptops\"\nserver = \"203.0.113.10\"\n";
    says(&check(&[&known_by, edge], &export("203.0.113.11")), "upstream-forward-missing", &["edge holds"]);
    says(&check(&[&known_by, edge], &export("203.0.113.10")), "upstream-forward-missing", &["edge violated"]);
    says(&check(&[&known_by, edge, client], &export("203.0.113.10")), "upstream-forward-missing", &["edge holds"]);
    // A WAN address behind a carrier's NAT is where packets arrive, whatever the internet sees.
    let carrier = edge.replace("203.0.113.10", "100.64.7.9");
    says(&check(&[&known_by, &carrier], &export("100.64.7.9")), "upstream-forward-missing", &["edge holds"]);
}

#[test]
fn a_forward_of_the_routers_own_address_does_not_take_what_it_routes() {
    let forwards = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.9\" }]\ndefault_action = \"permit\"\n";
    let edge = |wan: &str| format!("[[upstream]]\nname = \"edge\"\n{wan}");
    says(&check(&[PUBLIC, &edge("wan_ip = \"203.0.113.9\"\n"), forwards], ""), "upstream-forward-elsewhere", &["edge holds"]);
    says(&check(&[PUBLIC, &edge("wan_ip = \"203.0.113.10\"\n"), forwards], ""), "upstream-forward-elsewhere", &["edge violated"]);
    let unsaid = check(&[PUBLIC, &edge(""), forwards], "");
    let why = "edge undecided: upstream `edge`: whether the forward is for the MX's own address is not known (`wan_ip`)";
    says(&unsaid, "upstream-forward-elsewhere", &[why]);
    // An export's line without an address takes whatever comes by.
    let export = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp --dport 500 -j DNAT --to-destination 192.168.1.9\nCOMMIT\n";
    let imported = edge("wan_ip = \"203.0.113.9\"\nimport = \"edge.rules\"\n");
    says(&check(&[PUBLIC, &imported], export), "upstream-forward-elsewhere", &["edge violated"]);
}

#[test]
fn a_public_mx_that_a_device_translates_towards_is_behind_nat() {
    let rules = "rules = [{ action = \"permit\", protocol = \"udp\", destination_port = \"500,4500\" }]\n";
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"198.51.100.1\"\n";
    let forwards = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"203.0.113.10\" }]\n";
    says(&check(&[PUBLIC, edge, forwards, rules], ""), "upstream-blocks-esp", &[]);
    says(&check(&[PUBLIC, edge, rules], ""), "upstream-blocks-esp", &["edge violated"]);
}

#[test]
fn a_public_looking_address_that_the_internet_does_not_see_is_behind_nat() {
    let mx = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\npublic_ip = \"198.51.100.1\"\n";
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"198.51.100.1\"\n";
    says(&check(&[mx, edge, "forwards = []\ndefault_action = \"permit\"\n"], ""), "upstream-forward-missing", &["edge violated"]);
    // A unit of a pair is seen by its own public address, and clients use the virtual one.
    let pair = "[mx.warm_spare]\nvirtual_ip1 = \"203.0.113.12\"\n";
    let unit = mx.replace("198.51.100.1", "203.0.113.10");
    let filter = "rules = [{ action = \"permit\", destination = \"203.0.113.12\" }]\n";
    says(&check(&[&unit, pair, edge, filter], ""), "upstream-forward-missing", &["edge holds"]);
}

#[test]
fn packets_that_are_not_tracked_leave_the_answers_undecided() {
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\nwan_interface = \"eth0\"\nimport = \"edge.rules\"\n";
    let export = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --sport 500 -j CT --notrack\nCOMMIT\n\
                  *nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n\
                  *filter\n:FORWARD DROP [0:0]\n-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A FORWARD -d 192.168.1.4 -j ACCEPT\nCOMMIT\n";
    let said = verdicts(&check(&[MX, edge], export), "upstream-blocks-reply").join("; ");
    assert!(said.contains("connection tracking"), "{said}");
}

#[test]
fn rules_for_what_leaves_say_nothing_of_what_comes_in() {
    let out = "rules = [{ action = \"permit\", direction = \"out\" }]\n";
    let report = check(&[MX, EDGE, FORWARD, out], "");
    let why = "edge undecided: upstream `edge`: nothing says what the device's filter permits (`rules` or `default_action`)";
    says(&report, "upstream-blocks-ike", &[why]);
    says(&report, "upstream-blocks-cloud", &["edge holds"]);
    says(&check(&[MX, EDGE, FORWARD, out, "default_action = \"deny\"\n"], ""), "upstream-blocks-ike", &["edge violated"]);
    says(&check(&[MX, EDGE, FORWARD, out, "default_action = \"permit\"\n"], ""), "upstream-blocks-ike", &["edge holds"]);
}

#[test]
fn tcp_for_another_host_is_not_the_forward_that_was_meant() {
    let forward = |to: &str| format!("forwards = [{{ protocol = \"tcp\", port = \"500,4500\", to = \"{to}\" }}]\n");
    let meant = check(&[MX, EDGE, &forward("192.168.1.4")], "");
    says(&meant, "upstream-forward-wrong-protocol", &["edge violated"]);
    says(&meant, "upstream-forward-missing", &[]);
    let other = check(&[MX, EDGE, &forward("192.168.1.9")], "");
    says(&other, "upstream-forward-wrong-protocol", &[]);
    says(&other, "upstream-forward-missing", &["edge violated"]);
}

#[test]
fn ports_the_wrong_way_round_are_no_ports() {
    let forward = |ports: &str| format!("forwards = [{{ protocol = \"udp\", {ports}, to = \"192.168.1.4\" }}]\n");
    let report = check(&[MX, EDGE, &forward("port = \"4500-500\"")], "");
    assert_eq!(report.findings.iter().map(|f| f.rule.id).collect::<Vec<_>>(), ["invalid-value"]);
    assert!(verdicts(&report, "upstream-forward-missing")[0].starts_with("edge undecided"));
    says(&check(&[MX, EDGE, &forward("port = \"4500,500\"")], ""), "upstream-forward-missing", &["edge holds"]);
    for (ports, said) in [
        ("port = \"500,4500\", to_port = \"1500,4500\"", "edge violated"),
        (
            "port = \"500,4500\", to_port = \"400-5000\"",
            "edge undecided: upstream `edge`: the forward does not say which inner port belongs to which outer one",
        ),
        ("port = \"400-4600\", to_port = \"500-4700\"", "edge violated"),
        ("port = \"400-4600\", to_port = \"400-4600\"", "edge holds"),
        ("to_port = \"500\"", "edge violated"),
    ] {
        says(&check(&[MX, EDGE, &forward(ports)], ""), "upstream-forward-translates-port", &[said]);
    }
    let anyconnect = check(&[MX, "[mx.anyconnect]\nenabled = true\nport = 70000\n", EDGE, FORWARD], "");
    assert!(anyconnect.findings.iter().any(|f| f.rule.id == "invalid-value"));
    says(&anyconnect, "upstream-blocks-tls", &["edge undecided: the value is not valid"]);
}

#[test]
fn an_empty_list_says_none_and_an_absent_one_nothing() {
    says(&check(&[MX, EDGE, "forwards = []\n"], ""), "upstream-forward-missing", &["edge violated"]);
    assert!(verdicts(&check(&[MX, EDGE], ""), "upstream-forward-missing")[0].contains("nothing says what the device forwards"));
    says(&check(&[MX, EDGE, FORWARD, "rules = []\n"], ""), "upstream-blocks-ike", &["edge violated"]);
    says(&check(&[MX, EDGE, FORWARD], ""), "upstream-blocks-ike", &["edge holds"]);
    let pool = "[client_vpn]\nsubnet = \"10.77.0.0/30\"\n";
    says(&check(&[pool], ""), "pool-exhausted", &[]);
    says(&check(&[pool, "users = []\n"], ""), "pool-exhausted", &["site holds"]);
    says(&check(&["[mx]\nvlans = []\n", pool], ""), "subnet-overlap", &["site holds"]);
    assert!(verdicts(&check(&["[mx]\nmodel = \"MX85\"\n", pool], ""), "subnet-overlap")[0].contains("no `vlans` and no `single_lan`"));
    let rules = "[mx.firewall]\nport_forwarding_rules = []\n";
    says(&check(&[MX, rules], ""), "mx-forwards-ike", &["site holds"]);
    says(&check(&[MX, "[mx.firewall]\nl3_firewall_rules = []\n"], ""), "mx-forwards-ike", &[]);
}

#[test]
fn the_smallest_pools_serve_one_device_or_none() {
    let pool = |bits: u8, devices: u32| {
        let users = format!("users = [{{ email = \"ann@example.com\", authorized = true, device_count = {devices} }}]\n");
        verdicts(&check(&[&format!("[client_vpn]\nsubnet = \"10.77.0.0/{bits}\"\n{users}")], ""), "pool-exhausted")
    };
    for (bits, devices, said) in [
        (30, 1, "holds"),
        (30, 2, "violated"),
        (31, 0, "holds"),
        (31, 1, "violated"),
        (32, 0, "holds"),
        (32, 1, "violated"),
        (24, 253, "holds"),
        (24, 254, "violated"),
    ] {
        assert_eq!(pool(bits, devices), [format!("site {said}")], "/{bits} and {devices}");
    }
    let report = check(&["[client_vpn]\nsubnet = \"10.77.0.0/30\"\n[[clients]]\nname = \"a\"\n[[clients]]\nname = \"b\"\n"], "");
    assert_eq!(report.findings[0].message, "the client VPN subnet has 1 address for clients, and 2 devices may want one");
    assert!(report.findings[0].places.iter().any(|place| place.text == "1 device"));
    // One address is a network, too, and lies within what holds it.
    let host = check(&["[mx]\nvlans = [{ vlan_id = 1, subnet = \"10.77.0.0/16\" }]\n[client_vpn]\nsubnet = \"10.77.0.9/32\"\n"], "");
    says(&host, "subnet-overlap", &["site violated"]);
    says(&host, "subnet-host-bits", &["site holds"]);
}

#[test]
fn whether_a_network_is_in_use_must_be_known() {
    let yaml = |enabled: &str| {
        let text = format!(
            "version: 1\nsite: {{ name: site }}\nmx:\n  vlans: [{{ vlan_id: 1, subnet: 10.1.0.0/24 }}]\n  static_routes: [{{ subnet: 10.30.0.0/16, enabled: {enabled} }}]\nclient_vpn:\n  subnet: 10.30.0.0/24\n"
        );
        Site::new(&[("site.yaml", text.as_str())]).check().report
    };
    says(&yaml("true"), "subnet-overlap", &["site violated"]);
    says(&yaml("false"), "subnet-overlap", &["site holds"]);
    let unknown = verdicts(&yaml("!vault route"), "subnet-overlap");
    assert!(unknown.len() == 1 && unknown[0].starts_with("site undecided: "), "{unknown:?}");
}

#[test]
fn tables_of_iptables_are_asked_on_both_ways() {
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\nwan_interface = \"eth0\"\nimport = \"edge.rules\"\n";
    let export = |line: &str| {
        format!(
            "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n\
             *mangle\n:POSTROUTING ACCEPT [0:0]\n{line}\nCOMMIT\n"
        )
    };
    let inward = check(&[MX, edge], &export("-A POSTROUTING -d 192.168.1.4 -p udp --dport 4500 -j DROP"));
    says(&inward, "upstream-blocks-nat-t", &["edge violated"]);
    says(&inward, "upstream-blocks-reply", &["edge holds"]);
    let outward = check(&[MX, edge], &export("-A POSTROUTING -s 192.168.1.4 -p udp --sport 4500 -j DROP"));
    says(&outward, "upstream-blocks-nat-t", &["edge holds"]);
    says(&outward, "upstream-blocks-reply", &["edge violated"]);
}

#[test]
fn source_ports_of_floods_are_no_restriction_and_the_ports_own_number_is() {
    let deny = |ports: &str| {
        let rules = format!(
            "rules = [{{ action = \"deny\", protocol = \"udp\", source_port = \"{ports}\" }}, {{ action = \"permit\", protocol = \"udp\" }}]\n"
        );
        check(&[MX, EDGE, FORWARD, &rules], "")
    };
    says(&deny("0,19,53,123,389,1900,11211"), "upstream-source-restricted", &["edge holds"]);
    // A client without NAT in front sends from port 500 to port 500.
    let own = deny("500");
    says(&own, "upstream-source-restricted", &["edge violated"]);
    assert_eq!(own.findings[0].level.word(), "error");
    says(&deny("1024-65535"), "upstream-source-restricted", &["edge violated"]);
    let both =
        "rules = [{ action = \"deny\", protocol = \"udp\", source_port = \"53\" }, { action = \"permit\", source = \"0.0.0.0/1\" }]\n";
    let by_address = check(&[MX, EDGE, FORWARD, both], "");
    assert_eq!(by_address.findings.iter().map(|f| f.level.word()).collect::<Vec<_>>(), ["warning"]);
}

#[test]
fn l2tp_is_exposed_only_where_outside_gets_to_it() {
    let edge = "[[upstream]]\nname = \"edge\"\nimport = \"edge.rules\"\n";
    let wan = "wan_interface = \"eth0\"\n";
    let export = |lines: &str| format!("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:vpn - [0:0]\n{lines}\nCOMMIT\n");
    let said = |wan: &str, lines: &str| verdicts(&check(&[edge, wan], &export(lines)), "l2tp-port-exposed").join("; ");
    let call = "-A vpn -p udp --dport 1701 -j ACCEPT\n";
    assert_eq!(said(wan, &format!("{call}-A INPUT -i eth0 -j vpn")), "edge violated");
    assert_eq!(said(wan, &format!("{call}-A INPUT -i eth1 -j vpn")), "edge holds");
    assert_eq!(said(wan, &format!("{call}-A INPUT -p tcp -j vpn")), "edge holds");
    assert_eq!(said(wan, &format!("{call}-A INPUT -s 192.168.0.0/16 -j vpn")), "edge holds");
    assert_eq!(said(wan, &format!("{call}-A INPUT -p udp --dport 1701 -j DROP\n-A INPUT -p udp --dport 1701 -j ACCEPT")), "edge holds");
    assert!(said("", &format!("{call}-A INPUT -i eth1 -j vpn")).contains("`wan_interface`"));
    assert!(said(wan, &format!("{call}-A INPUT -m set --match-set peers src -j vpn")).contains("members of the set"));
}

#[test]
fn a_port_that_is_open_to_some_known_peer_is_not_open_to_all() {
    let edge = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\nwan_interface = \"eth0\"\nimport = \"edge.rules\"\n";
    let said = |line: &str| {
        verdicts(&check(&[MX, edge], &format!("*filter\n:INPUT DROP [0:0]\n{line}\nCOMMIT\n")), "upstream-opens-itself").join("; ")
    };
    assert_eq!(said("-A INPUT -s 198.51.100.9 -p udp -m multiport --dports 500,4500 -j ACCEPT"), "edge holds");
    assert_eq!(said("-A INPUT -p udp -m multiport --dports 500,4500 -j ACCEPT"), "edge violated");
    let set = said("-A INPUT -p udp -m set --match-set peers src -m multiport --dports 500,4500 -j ACCEPT");
    assert!(set.contains("members of the set"), "{set}");
}

#[test]
fn what_an_mx_rule_does_not_say_is_not_guessed() {
    let rule = |text: &str| {
        let site = format!("{PUBLIC}[mx.firewall]\nport_forwarding_rules = [{{ lan_ip = \"10.0.0.5\", {text} }}]\n");
        verdicts(&check(&[&site], ""), "mx-forwards-ike").join("; ")
    };
    assert_eq!(rule("protocol = \"udp\", public_port = \"500\""), "site violated");
    assert_eq!(rule("protocol = \"TCP/UDP\", public_port = \"500\""), "site violated");
    assert!(rule("public_port = \"500\"").contains("`protocol`"));
    assert!(rule("protocol = \"udp\"").contains("`public_port`"));
    assert_eq!(rule("public_port = \"443\""), "site holds");
    let many = format!("{PUBLIC}[mx.firewall]\none_to_many_nat_rules = [{{ public_ip = \"203.0.113.10\" }}]\n");
    assert!(verdicts(&check(&[&many], ""), "mx-forwards-ike").join("; ").contains("`port_rules`"));
}

#[test]
fn a_unit_of_a_pair_asks_the_cloud_from_its_own_address_and_answers_clients_from_the_virtual_one() {
    let pair = "[mx.warm_spare]\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"192.168.1.5\"\n";
    let rules = |source: &str| {
        let rules = format!("rules = [{{ action = \"permit\", direction = \"out\", source = \"{source}\" }}]\n");
        verdicts(&check(&[MX, pair, EDGE, &rules], ""), "upstream-blocks-cloud").join("; ")
    };
    assert_eq!(rules("192.168.1.4"), "edge holds");
    assert_eq!(rules("192.168.1.5"), "edge violated");
    let no_unit = MX.replace("ip = \"192.168.1.4\"\n", "");
    let export = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.5\nCOMMIT\n\
                  *filter\n:FORWARD DROP [0:0]\n-A FORWARD -d 192.168.1.5 -j ACCEPT\n-A FORWARD -s 192.168.1.5 -j ACCEPT\nCOMMIT\n";
    let imported = format!("{EDGE}import = \"edge.rules\"\nwan_interface = \"eth0\"\n");
    let report = check(&[&no_unit, pair, &imported], export);
    says(&report, "upstream-blocks-reply", &["edge holds"]);
    let why = verdicts(&report, "upstream-blocks-cloud").join("; ");
    assert!(why.contains("come from is not known"), "{why}");
}

#[test]
fn the_subnet_of_a_client_vpn_that_is_off_is_in_nobodys_way() {
    let site = |name: &str, net: u8, enabled: bool| {
        format!(
            "version = 1\n[site]\nname = \"{name}\"\norganization = \"example-corp\"\n[mx]\nvlans = [{{ vlan_id = 1, subnet = \"10.{net}.0.0/24\" }}]\n\
             site_to_site_vpn = {{ mode = \"hub\", subnets = [{{ local_subnet = \"10.99.0.0/24\" }}] }}\n\
             [client_vpn]\nenabled = {enabled}\nsubnet = \"10.99.0.0/24\"\n"
        )
    };
    let overlaps = |enabled: bool| {
        let (a, b) = (site("a", 1, true), site("b", 2, enabled));
        let report = Site::new(&[("a/site.toml", a.as_str()), ("b/site.toml", b.as_str())]).check().report;
        report.findings.iter().filter(|f| f.rule.id == "subnet-overlap").count()
    };
    assert_eq!((overlaps(true), overlaps(false)), (1, 0));
}
