//! Verdicts of the second half of the upstream family where an example page cannot tell: undecided, with what is missing, and proved.

use crate::support::Site;

const UPLINK: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\n";
const PUBLIC: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";

/// One line for each verdict of `rule`: `holds`, `undecided: …` or `violated: …`.
fn verdicts(rule: &str, site: &str, export: &str) -> Vec<String> {
    let text = format!("version = 1\n{site}");
    let mut files = vec![("site.toml", text.as_str())];
    if !export.is_empty() {
        files.push(("edge.rules", export));
    }
    let report = Site::new(&files).check().report;
    let rows = report.coverage.iter().flatten().filter(|row| row.rule.id == rule);
    let rows = rows.map(|row| row.undecided.as_ref().map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}")));
    let found = report.findings.iter().filter(|f| f.rule.id == rule);
    rows.chain(found.map(|f| format!("violated: {} {}", f.level, f.message))).collect()
}

/// The only verdict; panics when there are several, or none.
fn verdict(rule: &str, site: &str, export: &str) -> String {
    let mut all = verdicts(rule, site, export);
    assert_eq!(all.len(), 1, "{rule}: {all:?}");
    all.remove(0)
}

fn undecided(rule: &str, site: &str, export: &str, names: &str) {
    let told = verdict(rule, site, export);
    assert!(told.starts_with("undecided: ") && told.contains(names), "{rule}: `{told}` does not name `{names}`");
}

fn not_applicable(rule: &str, site: &str, export: &str) {
    assert_eq!(verdicts(rule, site, export), Vec::<String>::new(), "{rule}");
}

fn by_hand(rest: &str) -> String {
    format!("{UPLINK}[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.9\"\n{rest}")
}

fn imported() -> String {
    by_hand("import = \"edge.rules\"\nwan_interface = \"eth0\"\n")
}

#[test]
fn l2tp_behind_an_ipsec_policy_is_no_exposure() {
    let export = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -m udp --dport 1701 -m policy --dir in --pol ipsec -j ACCEPT\nCOMMIT\n";
    assert_eq!(verdict("l2tp-port-exposed", &imported(), export), "holds");
    let plain = export.replace("--pol ipsec", "--pol none");
    assert!(verdict("l2tp-port-exposed", &imported(), &plain).starts_with("violated"));
    undecided("l2tp-port-exposed", &imported(), &export.replace("--dir in", "--dir out"), "IPsec policy");
}

#[test]
fn l2tp_that_an_earlier_line_takes_holds() {
    let rules = r#"rules = [
        { action = "deny", protocol = "udp", destination_port = "1701" },
        { action = "permit", protocol = "udp", destination_port = "500,1701,4500" },
    ]
    "#;
    let site = format!("{PUBLIC}[[upstream]]\nname = \"edge\"\n{rules}");
    assert_eq!(verdict("l2tp-port-exposed", &site, ""), "holds");
}

#[test]
fn l2tp_in_a_list_that_only_established_packets_meet_holds() {
    let export = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp --dport 1701 -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n";
    assert_eq!(verdict("l2tp-port-exposed", &imported(), export), "holds");
}

#[test]
fn l2tp_in_a_list_that_nothing_calls_holds() {
    let export = "*filter\n:INPUT DROP [0:0]\n:old - [0:0]\n-A old -p udp --dport 1701 -j ACCEPT\nCOMMIT\n";
    assert_eq!(verdict("l2tp-port-exposed", &imported(), export), "holds");
}

#[test]
fn unknown_ports_leave_l2tp_undecided() {
    let export = "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp -m udp --dport our-tunnel -j ACCEPT\nCOMMIT\n";
    undecided("l2tp-port-exposed", &imported(), export, "port's name");
}

#[test]
fn a_device_that_says_nothing_leaves_l2tp_undecided() {
    undecided("l2tp-port-exposed", &by_hand(""), "", "`forwards`, `rules` or an `import`");
}

#[test]
fn a_broken_site_file_lets_nothing_hold_by_absence() {
    let site =
        by_hand("forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.2\" }]\nterminates_ike = false\nbroken = [\n");
    for rule in ["l2tp-port-exposed", "esp-as-port", "upstream-blocks-reply"] {
        let told = verdicts(rule, &site, "");
        assert!(!told.is_empty() && told.iter().all(|v| v.starts_with("undecided: ")), "{rule}: {told:?}");
    }
}

#[test]
fn answers_pass_a_hand_written_device_and_are_not_asked_for_without_one() {
    let site = by_hand("forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.2\" }]\n");
    assert_eq!(verdict("upstream-blocks-reply", &site, ""), "holds");
    undecided("upstream-blocks-reply", UPLINK, "", "no `[[upstream]]` device");
    not_applicable("upstream-blocks-reply", PUBLIC, "");
}

#[test]
fn answers_behind_an_unknown_set_are_undecided() {
    let export = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.2\nCOMMIT\n\
                  *filter\n:FORWARD DROP [0:0]\n-A FORWARD -d 192.168.1.2 -p udp -j ACCEPT\n-A FORWARD -m set --match-set ours src -j ACCEPT\nCOMMIT\n";
    undecided("upstream-blocks-reply", &imported(), export, "set are not in the file");
}

#[test]
fn one_line_that_drops_requests_and_answers_is_one_finding_of_another_rule() {
    let export = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.2\nCOMMIT\n\
                  *filter\n:FORWARD DROP [0:0]\nCOMMIT\n";
    not_applicable("upstream-blocks-reply", &imported(), export);
}

#[test]
fn both_ports_behind_one_line_are_one_finding() {
    let export = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp --dport 500:4500 -j DNAT --to-destination 192.168.1.2\nCOMMIT\n\
                  *filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 192.168.1.2 -p udp -m udp --sport 500:4500 -j DROP\nCOMMIT\n";
    assert_eq!(
        verdict("upstream-blocks-reply", &imported(), export),
        "violated: error upstream `edge` drops the MX's answers from UDP 500 and 4500"
    );
}

#[test]
fn esp_needs_the_mx_address_and_the_filter() {
    let site = "[[mx.uplinks]]\ninterface = \"wan1\"\n[[upstream]]\nname = \"edge\"\ndefault_action = \"deny\"\n";
    undecided("upstream-blocks-esp", site, "", "no `ip` for wan1");
    undecided("upstream-blocks-esp", &format!("{PUBLIC}[[upstream]]\nname = \"edge\"\n"), "", "filter permits");
    not_applicable("upstream-blocks-esp", &by_hand("default_action = \"deny\"\n"), "");
    let behind = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\npublic_ip = \"198.51.100.4\"\n";
    not_applicable("upstream-blocks-esp", &format!("{behind}[[upstream]]\nname = \"edge\"\ndefault_action = \"deny\"\n"), "");
}

#[test]
fn own_ipsec_of_a_device_is_known_only_when_stated() {
    not_applicable("upstream-terminates-ike", &by_hand("default_action = \"permit\"\n"), "");
    not_applicable("upstream-terminates-ike", &imported(), "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
    assert_eq!(verdict("upstream-terminates-ike", &by_hand("terminates_ike = false\n"), ""), "holds");
    let export = "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n";
    let told = verdict("upstream-terminates-ike", &format!("{}terminates_ike = true\n", imported()), export);
    assert!(told.starts_with("violated: warning "), "{told}");
    let nowhere = "[[mx.uplinks]]\ninterface = \"wan1\"\n[[upstream]]\nname = \"edge\"\nterminates_ike = true\n";
    undecided("upstream-terminates-ike", nowhere, "", "no `ip` for wan1");
}

#[test]
fn lists_in_use_hold_and_other_devices_are_not_asked() {
    let export = "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p udp --dport 500 -j ACCEPT\nCOMMIT\n";
    assert_eq!(verdict("acl-not-applied", &imported(), export), "holds");
    not_applicable("acl-not-applied", &imported(), "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n");
    not_applicable("dangling-reference", &by_hand("default_action = \"deny\"\n"), "");
    assert_eq!(verdict("dangling-reference", &imported(), export), "holds");
}

#[test]
fn an_import_that_failed_leaves_what_it_would_say_undecided() {
    for rule in ["l2tp-port-exposed", "dangling-reference"] {
        let told = verdict(rule, &by_hand("import = \"missing.rules\"\n"), "");
        assert!(told.starts_with("undecided: "), "{told}");
    }
}

fn egress(rules: &str, more: &str) -> String {
    format!("{UPLINK}{more}[[upstream]]\nname = \"edge\"\nrules = [{rules}]\n")
}

#[test]
fn the_cloud_is_undecided_without_rules_for_the_way_out() {
    let rules = "{ action = \"permit\", destination_port = \"500,4500\" }";
    undecided("upstream-blocks-cloud", &egress(rules, ""), "", "direction = \"out\"");
    undecided("upstream-blocks-cloud", UPLINK, "", "no `[[upstream]]` device");
}

#[test]
fn an_egress_list_of_some_addresses_is_undecided() {
    let rules = "{ action = \"permit\", direction = \"out\", destination = \"198.51.100.0/24\" }";
    undecided("upstream-blocks-cloud", &egress(rules, ""), "", "which ones the MX needs");
}

#[test]
fn a_resolver_on_the_inner_side_is_undecided_and_no_finding() {
    let rules = "{ action = \"permit\", protocol = \"tcp\", direction = \"out\", destination_port = \"443\" },\
                 { action = \"permit\", protocol = \"udp\", direction = \"out\", destination_port = \"7351\" }";
    undecided("upstream-blocks-cloud", &egress(rules, "dns_nameservers = [\"192.168.1.1\"]\n"), "", "resolver");
}

#[test]
fn one_resolver_that_can_be_reached_is_enough() {
    let rules = "{ action = \"permit\", direction = \"out\", destination_port = \"443,7351\" },\
                 { action = \"permit\", direction = \"out\", destination = \"8.8.4.4\", destination_port = \"53\" }";
    assert_eq!(verdict("upstream-blocks-cloud", &egress(rules, "dns_nameservers = [\"8.8.8.8\", \"8.8.4.4\"]\n"), ""), "holds");
}

#[test]
fn only_443_and_dns_cut_users_of_meraki_authentication_off() {
    let level = |rules: &str, auth: &str| {
        let site = format!("[client_vpn]\nauth_type = \"{auth}\"\n{}", egress(rules, ""));
        verdict("upstream-blocks-cloud", &site, "").split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let no = |port: &str| {
        format!(
            "{{ action = \"deny\", direction = \"out\", destination_port = \"{port}\" }}, {{ action = \"permit\", direction = \"out\" }}"
        )
    };
    assert_eq!(level(&no("443"), "meraki"), "error");
    assert_eq!(level(&no("53"), "meraki"), "error");
    assert_eq!(level(&no("7351"), "meraki"), "warning");
    assert_eq!(level(&no("443"), "radius"), "warning");
}

#[test]
fn one_finding_for_each_line_that_keeps_the_mx_from_the_cloud() {
    let rules = "{ action = \"deny\", direction = \"out\", destination_port = \"443\" },\
                 { action = \"deny\", direction = \"out\", destination_port = \"53,7351\" }, { action = \"permit\", direction = \"out\" }";
    assert_eq!(verdicts("upstream-blocks-cloud", &egress(rules, ""), "").len(), 2);
}

#[test]
fn anyconnect_that_does_not_say_whether_it_is_on_is_undecided() {
    let forwards = "[[upstream]]\nname = \"edge\"\nforwards = []\n";
    undecided("upstream-blocks-tls", &format!("{UPLINK}[mx.anyconnect]\nport = 443\n{forwards}"), "", "`enabled`");
    not_applicable("upstream-blocks-tls", &format!("{UPLINK}{forwards}"), "");
    undecided("upstream-blocks-tls", &format!("{UPLINK}[mx.anyconnect]\nenabled = true\n[[upstream]]\nname = \"edge\"\n"), "", "forwards");
    undecided("upstream-blocks-tls", &format!("{UPLINK}[mx.anyconnect]\nenabled = true\n"), "", "no `[[upstream]]` device");
}

fn one_to_one(uplink: &str, rule: &str) -> String {
    format!("{uplink}[mx.firewall]\none_to_one_nat_rules = [{{ {rule} }}]\n")
}

#[test]
fn nat_rules_of_the_mx_need_addresses_and_permissions() {
    let any = "allowed_inbound = [{ protocol = \"any\", destination_ports = [] }]";
    let own = |ip: &str| format!("public_ip = \"{ip}\", {any}");
    let told = verdict("mx-forwards-ike", &one_to_one(PUBLIC, &own("203.0.113.10")), "");
    assert!(told.starts_with("violated: error "), "{told}");
    assert_eq!(verdict("mx-forwards-ike", &one_to_one(PUBLIC, &own("203.0.113.11")), ""), "holds");
    undecided("mx-forwards-ike", &one_to_one("[mx]\nmodel = \"MX85\"\n", &own("203.0.113.11")), "", "`public_ip`");
    undecided("mx-forwards-ike", &one_to_one(PUBLIC, "public_ip = \"203.0.113.10\""), "", "`allowed_inbound`");
    not_applicable("mx-forwards-ike", &format!("{PUBLIC}[mx.firewall]\nl3_firewall_rules = []\n"), "");
    assert_eq!(verdict("mx-forwards-ike", &format!("{PUBLIC}[mx.firewall]\nport_forwarding_rules = []\n"), ""), "holds");
}

#[test]
fn a_forward_on_the_uplink_that_is_bound_counts() {
    let site = |primary: &str, uplink: &str| {
        let head = format!("[mx]\nprimary_uplink = \"{primary}\"\n[[mx.uplinks]]\ninterface = \"{primary}\"\nip = \"203.0.113.10\"\n");
        format!(
            "{head}[mx.firewall]\nport_forwarding_rules = [{{ protocol = \"udp\", uplink = \"{uplink}\", public_port = \"4500\", lan_ip = \"10.0.0.5\" }}]\n"
        )
    };
    for (primary, uplink, violated) in [
        ("wan1", "internet1", true),
        ("wan2", "internet2", true),
        ("wan2", "internet1", false),
        ("wan1", "both", true),
        ("wan1", "wan2", false),
    ] {
        let told = verdict("mx-forwards-ike", &site(primary, uplink), "");
        assert_eq!(told.starts_with("violated"), violated, "{primary} {uplink}: {told}");
    }
}
