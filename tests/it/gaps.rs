//! What could not be read leaves its own part of the site undecided, and the rest decided.

use std::collections::BTreeSet;

use crate::support::Site;

const MX: &str = r#"
[mx]
uplinks = [{ interface = "wan1", ip = "192.168.10.2", public_ip = "203.0.113.10" }]
site_to_site_vpn = { mode = "none", subnets = [] }
vlans = [{ vlan_id = 10, name = "office", subnet = "10.20.10.0/24" }]
firewall = { l3_firewall_rules = [], port_forwarding_rules = [] }
"#;
const CLIENT_VPN: &str = r#"
[client_vpn]
subnet = "10.99.0.0/24"
shared_secret = { env = "VPNLINT_EXAMPLE_PSK" }
dns_nameservers = ["10.20.10.5"]
"#;
const UPSTREAM: &str = r#"
[[upstream]]
name = "edge"
wan_ip = "203.0.113.10"
lan_subnets = ["192.168.10.0/24"]
forwards = [{ protocol = "udp", port = "500,4500", to = "192.168.10.2" }]
"#;
const CLIENTS: &str = r#"
[[clients]]
name = "laptops"
server = "203.0.113.10"
pre_shared_key = { env = "VPNLINT_EXAMPLE_PSK" }
dns_suffix = "corp.example.com"

[[clients]]
name = "phones"
server = "203.0.113.10"
pre_shared_key = { env = "VPNLINT_EXAMPLE_PSK" }
dns_suffix = "corp.example.com"
"#;
const RESOURCES: &str = r#"
[[resources]]
name = "files"
ip = "10.20.10.20"
services = ["smb"]
allow_from = ["10.99.0.0/24"]
"#;

/// The whole site, with one of its texts replaced.
fn site(old: &str, new: &str) -> String {
    let whole = format!("version = 1\nsite = {{ name = \"hq\" }}\n{MX}{CLIENT_VPN}{UPSTREAM}{CLIENTS}{RESOURCES}");
    assert!(old.is_empty() || whole.matches(old).count() == 1, "{old}");
    whole.replacen(old, new, 1)
}

/// `rule kind name` of everything that is undecided, or that is not.
fn rows(text: &str, undecided: bool) -> BTreeSet<String> {
    let report = Site::new(&[("site.toml", text)]).check().report;
    let about_files = ["syntax-error", "invalid-value", "import-failed", "unknown-key"];
    let violated =
        report.findings.iter().filter(|f| !about_files.contains(&f.rule.id)).map(|f| (f.rule.id, f.subject.kind, f.subject.name.clone()));
    let violated: Vec<_> = violated.filter(|_| !undecided).collect();
    let rows = report.coverage.expect("coverage").into_iter().filter(|r| r.undecided.is_some() == undecided);
    rows.map(|r| (r.rule.id, r.subject.kind, r.subject.name))
        .chain(violated)
        .map(|(rule, kind, name)| format!("{rule} {kind} {name}"))
        .collect()
}

/// What a fault leaves undecided that is decided without it; everything else must stay as it is.
fn lost(old: &str, new: &str) -> Vec<String> {
    let (before, after) = (rows(&site("", ""), false), site(old, new));
    let (undecided, decided) = (rows(&after, true), rows(&after, false));
    let silent: Vec<_> = before.difference(&decided).filter(|row| !undecided.contains(*row)).collect();
    // What looks for lines of a device has nothing to look at without them.
    let lines = |row: &String| row.starts_with("acl-not-applied") || row.starts_with("esp-as-port");
    assert!(silent.iter().all(|row| lines(row)), "neither decided nor undecided: {silent:?}");
    before.intersection(&undecided).cloned().collect()
}

/// Verdicts that rest on what is forwarded and permitted on the way to the MX.
const WAY: &[&str] = &[
    "upstream-blocks-ike upstream edge",
    "upstream-blocks-nat-t upstream edge",
    "upstream-blocks-reply upstream edge",
    "upstream-forward-elsewhere upstream edge",
    "upstream-forward-missing upstream edge",
    "upstream-forward-translates-port upstream edge",
    "upstream-forward-wrong-protocol upstream edge",
    "upstream-opens-itself upstream edge",
    "upstream-rule-shadowed upstream edge",
    "upstream-source-restricted upstream edge",
];

fn sorted(lists: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<String> = lists.concat().into_iter().map(str::to_owned).collect();
    all.sort();
    all
}

#[test]
fn a_vlan_that_is_not_valid_leaves_keys_and_names_alone() {
    let inside: &[&str] = &[
        "dns-server-unreachable client_vpn hq",
        "home-lan-overlap site hq",
        "l3-blocks-resource resource files",
        "mx-forwards-ike mx hq",
        "resource-not-routed resource files",
        "subnet-overlap client_vpn hq",
    ];
    assert_eq!(lost("\"10.20.10.0/24\"", "\"10.20.10.0/33\""), sorted(&[inside, WAY]));
    let import = site("[mx]", "[mx]\nimport = \"gone.json\"");
    assert!(rows(&import, true).contains("mx-forwards-ike mx hq") && rows(&import, false).contains("psk-mismatch client phones"));
}

#[test]
fn a_client_vpn_setting_that_is_not_valid_leaves_the_way_to_the_mx_alone() {
    let about = [
        "client-vpn-disabled client_vpn hq",
        "dns-server-unreachable client_vpn hq",
        "home-lan-overlap site hq",
        "l3-blocks-resource resource files",
        "pool-exhausted client_vpn hq",
        "subnet-overlap client_vpn hq",
    ];
    assert_eq!(lost("dns_nameservers", "wins_servers = [\"x\"]\ndns_nameservers"), about);
}

#[test]
fn a_failed_upstream_export_leaves_the_networks_of_the_mx_alone() {
    let forwards = "forwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.10.2\" }]";
    let besides: &[&str] = &["l2tp-port-exposed upstream edge", "subnet-overlap client_vpn hq"];
    assert_eq!(lost(forwards, "import = \"gone.rules\""), sorted(&[besides, WAY]));
    // The device behind it is judged by its own lines where these suffice.
    let two = site(UPSTREAM, &format!("{UPSTREAM}\n[[upstream]]\nname = \"inner\"\nimport = \"gone.rules\"\n"));
    assert!(rows(&two, false).contains("esp-as-port upstream edge") && rows(&two, true).contains("upstream-blocks-ike upstream edge"));
}

#[test]
fn an_unreadable_profile_leaves_other_profiles_and_the_way_alone() {
    let all_clients: &[&str] = &["home-lan-overlap site hq", "pool-exhausted client_vpn hq", "short-name resource files"];
    let all_clients = sorted(&[all_clients, &["server-address-ipv6 client phones"]]);
    let all_clients: Vec<&str> = all_clients.iter().map(String::as_str).collect();
    let unread = sorted(&[&all_clients, &["ipsec-not-psk client phones"]]);
    assert_eq!(lost("name = \"phones\"", "name = \"phones\"\nimport = \"gone.mobileconfig\""), unread);
    assert_eq!(lost("name = \"phones\"", "name = \"phones\"\ndns_nameservers = [\"x\"]"), all_clients);
}

#[test]
fn a_resource_that_is_not_valid_leaves_clients_and_the_way_alone() {
    assert_eq!(
        lost("services = [\"smb\"]", "services = [\"smb\", \"x y\"]"),
        ["home-lan-overlap site hq", "l3-blocks-resource resource files"]
    );
    // It says nothing of another resource either.
    let two = site(RESOURCES, &format!("{RESOURCES}\n[[resources]]\nname = \"print\"\nip = \"10.20.10.21\"\nservices = [\"x y\"]\n"));
    assert!(
        rows(&two, false).contains("l3-blocks-resource resource files") && rows(&two, true).contains("l3-blocks-resource resource print")
    );
}

#[test]
fn a_syntax_error_is_a_gap_of_the_whole() {
    let rest: &[&str] = &[
        "acl-not-applied upstream edge",
        "client-vpn-disabled client_vpn hq",
        "dns-server-unreachable client_vpn hq",
        "esp-as-port upstream edge",
        "home-lan-overlap site hq",
        "l2tp-port-exposed upstream edge",
        "l3-blocks-resource resource files",
        "mx-forwards-ike mx hq",
        "pool-exhausted client_vpn hq",
        "server-address-ipv6 client laptops",
        "server-address-ipv6 client phones",
        "short-name resource files",
        "subnet-overlap client_vpn hq",
    ];
    assert_eq!(lost("allow_from", "os = =\nallow_from"), sorted(&[rest, WAY]));
}

#[test]
fn a_fault_by_absence_waits_for_the_part_that_it_rests_on() {
    let elsewhere = |gap: &str| {
        let text = site("name = \"laptops\"\nserver = \"203.0.113.10\"", "name = \"laptops\"\nserver = \"198.51.100.9\"");
        let text = text.replacen(gap, &format!("{gap}\nimport = \"gone.conf\""), 1);
        (rows(&text, true).contains("server-not-this-mx client laptops"), rows(&text, false).contains("server-not-this-mx client laptops"))
    };
    for gap in ["[mx]", "[[upstream]]", "name = \"laptops\""] {
        assert_eq!(elsewhere(gap), (true, false), "{gap}");
    }
    for gap in ["name = \"phones\"", "[[resources]]"] {
        assert_eq!(elsewhere(gap), (false, true), "{gap}");
    }
}

#[test]
fn a_table_that_is_missing_from_a_list_weakens_what_rests_on_all_of_them() {
    let yaml = |clients: &str| {
        let text = format!("version: 1\nsite: {{ name: hq }}\nclient_vpn: {{ subnet: 10.99.0.0/24 }}\nclients: {clients}\n");
        Site::new(&[("site.yaml", text)]).check().report.coverage.expect("coverage")
    };
    let why = |clients: &str, rule: &str| yaml(clients).into_iter().find(|r| r.rule.id == rule).and_then(|r| r.undecided);
    assert_eq!(why("[{ name: a }]", "pool-exhausted"), None);
    assert_eq!(why("[{ name: a }, 3]", "pool-exhausted").as_deref(), Some("a value of the site file is not valid"));
    assert_eq!(why("[{ name: a }, !vault x]", "home-lan-overlap").as_deref(), Some("a value of the site file is not valid"));
    assert!(why("!vault x", "home-lan-overlap").is_some());
    assert_eq!(why("[{ name: a, server: 10.1.2.3 }, 3]", "server-address-not-public"), None);
}

#[test]
fn what_is_missing_from_a_table_of_several_profiles_may_belong_to_any_of_them() {
    let profile = |name: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\n<key>PayloadContent</key><array><dict>\n<key>PayloadType</key><string>com.apple.vpn.managed</string>\n<key>VPNType</key><string>L2TP</string>\n<key>UserDefinedName</key><string>{name}</string>\n<key>PPP</key><dict><key>CommRemoteAddress</key><string>198.51.100.9</string></dict>\n</dict></array></dict></plist>\n"
        )
    };
    let decided = |imports: &str| {
        let clients = format!("[[clients]]\nimport = {imports}\n[[clients]]\nname = \"other\"\nserver = \"198.51.100.9\"\n");
        let text = format!("version = 1\n{MX}{CLIENT_VPN}{UPSTREAM}{clients}");
        let site = Site::new(&[("site.toml", text), ("a.mobileconfig", profile("a")), ("b.mobileconfig", profile("b"))]);
        let found = site.check().report.findings;
        let found = found.into_iter().filter(|f| f.rule.id == "server-not-this-mx").map(|f| f.subject.name);
        found.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(decided("[\"a.mobileconfig\", \"b.mobileconfig\"]"), ["a", "b", "other"]);
    assert_eq!(decided("[\"a.mobileconfig\", \"b.mobileconfig\", \"gone.mobileconfig\"]"), ["other"]);
}

/// A table is one device: of two exports that do not belong together the second is refused, and nothing is proved from the first alone.
#[test]
fn two_exports_in_one_upstream_table_are_told() {
    let rules = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp -m multiport --dports 500,4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n\
                 *filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n";
    let site = |imports: &str| {
        format!(
            "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.4\"\npublic_ip = \"203.0.113.10\"\n[[upstream]]\nname = \"edge\"\nimport = [{imports}]\n"
        )
    };
    let report = |imports: &str| {
        let files = [("site.toml", site(imports)), ("a.rules", rules.to_owned()), ("b.rules", rules.replace("DNAT", "ACCEPT --not"))];
        Site::new(&files).check().report
    };
    let proved = |report: &vpnlint::report::Report| {
        report.coverage.iter().flatten().any(|row| row.rule.id == "upstream-forward-missing" && row.undecided.is_none())
    };
    let one = report("\"a.rules\"");
    assert!(proved(&one));
    let two = report("\"a.rules\", \"b.rules\"");
    let failed: Vec<_> = two.findings.iter().filter(|f| f.rule.id == "import-failed").map(|f| f.message.as_str()).collect();
    assert_eq!(failed, ["the import was not read: b.rules is an export of its own, and each `[[upstream]]` table is one device"]);
    assert!(!proved(&two));
}
