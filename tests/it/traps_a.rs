//! What looks like a fault and is none, and what cannot be told, in the families `psk`, `server`, `names`, `access` and `files`: values at the edges, empty lists
//! against absent ones, and declarations that contradict each other.

use vpnlint::report::Report;
use vpnlint::rules::Stage;

use crate::support::{Site, found};

fn toml(text: &str) -> Report {
    Site::new(&[("site.toml", format!("version = 1\n{text}"))]).check().report
}

fn yaml(text: &str) -> Report {
    Site::new(&[("site.yaml", format!("version: 1\n{text}"))]).check().report
}

/// `fires`, `holds` or the reason of "undecided", once for each verdict of a rule.
fn verdicts(report: &Report, rule: &str) -> Vec<String> {
    let fires = report.findings.iter().filter(|f| f.rule.id == rule).map(|_| "fires".to_owned());
    let rows = report.coverage.iter().flatten().filter(|r| r.rule.id == rule);
    fires.chain(rows.map(|r| r.undecided.clone().unwrap_or_else(|| "holds".to_owned()))).collect()
}

/// The one verdict of a rule; `nothing` when it does not apply.
fn verdict(report: &Report, rule: &str) -> String {
    let mut all = verdicts(report, rule);
    assert!(all.len() < 2, "{rule}: {all:?}");
    all.pop().unwrap_or_else(|| "nothing".to_owned())
}

const WAN1: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";
const WAN2: &str = "[[mx.uplinks]]\ninterface = \"wan2\"\nip = \"198.51.100.10\"\n";
const DDNS: &str = "[mx.dynamic_dns]\nenabled = true\nhostname = \"osaka-abcdefgh.dynamic-m.com\"\n";
const VLAN: &str = "[mx]\nvlans = [{ vlan_id = 10, name = \"Data\", subnet = \"192.168.10.0/24\" }]\n";
const POOL: &str = "[client_vpn]\nsubnet = \"192.168.100.0/24\"\n";

fn client(server: &str) -> String {
    format!("[[clients]]\nname = \"a\"\nserver = \"{server}\"\n")
}

fn key_file(key: &str) -> String {
    format!(
        "[connection]\nid=a\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\n\n[vpn-secrets]\nipsec-psk={key}\n"
    )
}

fn with_key_file(vpn: &str, key: &str) -> Report {
    let site = format!("version = 1\n{vpn}\n[[clients]]\nname = \"a\"\nimport = \"a.nmconnection\"\n");
    Site::new(&[("site.toml", site), ("a.nmconnection", key_file(key))]).check().report
}

#[test]
fn another_key_is_not_taken_for_one_that_the_format_changed() {
    let vpn = "[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_INSIDE\" }";
    let other = with_key_file(vpn, "kestrel.CANARY7Wv-2Lr8tZ;9");
    assert_eq!(verdict(&other, "psk-mismatch"), "fires");
    assert_eq!(verdicts(&other, "psk-not-portable"), ["holds", "holds"]);
    let changed = with_key_file(vpn, "CANARY;Horse$7'x\"bat\\tery&9q");
    assert_eq!(verdicts(&changed, "psk-not-portable"), ["fires", "holds"]);
}

#[test]
fn a_profile_that_needs_no_key_wants_none_of_the_mx_either() {
    let report = toml("[client_vpn]\n[[clients]]\nname = \"a\"\nipsec_authentication = \"certificate\"\n");
    assert_eq!(verdict(&report, "psk-mismatch"), "nothing");
}

#[test]
fn an_unknown_switch_does_not_hide_a_key_that_is_there() {
    let report = yaml("client_vpn:\n  enabled: !env ON\n  shared_secret: { env: VPNLINT_EXAMPLE_PSK }\n");
    assert_eq!(verdict(&report, "psk-missing"), "holds");
}

#[test]
fn every_site_whose_key_is_not_known_is_counted() {
    let site = |rest: &str| format!("version = 1\n[client_vpn]\n{rest}");
    let undecided = |a: &str, b: &str| {
        let report = Site::new(&[("a/site.toml", site(a)), ("b/site.toml", site(b))]).check().report;
        let listed = report.coverage.iter().flatten().filter(|r| r.undecided.is_some() && r.rule.id != "psk-reused").count();
        report.summary.undecided - listed
    };
    let psk = "shared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
    assert_eq!(undecided("enabled = true\n", "enabled = true\n"), 2);
    assert_eq!(undecided(psk, "enabled = true\n"), 2);
    assert_eq!(undecided(psk, "enabled = false\n"), 0);
}

#[test]
fn the_default_uplink_is_not_assumed_where_only_the_other_is_described() {
    let site = |mx: &str| toml(&format!("{mx}{WAN2}{}", client("198.51.100.10")));
    let unknown = "the site file states no `mx.primary_uplink`, and `mx.uplinks` does not describe wan1";
    assert_eq!(verdict(&site(""), "server-not-this-mx"), unknown);
    assert_eq!(verdict(&site("[mx]\nprimary_uplink = \"wan1\"\n"), "server-on-secondary-uplink"), "fires");
    assert_eq!(verdict(&site("[mx]\nprimary_uplink = \"wan2\"\n"), "server-not-this-mx"), "holds");
}

#[test]
fn the_dashboards_default_proves_nothing_where_something_could_not_be_read() {
    let site = |mx: &str| toml(&format!("[mx]\n{mx}\n{WAN1}{WAN2}{}", client("198.51.100.10")));
    assert_eq!(verdict(&site(""), "server-on-secondary-uplink"), "fires");
    assert_eq!(verdict(&site("firmware = \"none\""), "server-on-secondary-uplink"), "a value of the site file is not valid");
    assert_eq!(verdict(&site("firmware = \"none\"\nprimary_uplink = \"wan1\""), "server-on-secondary-uplink"), "fires");
}

#[test]
fn ports_are_known_however_they_are_spelt() {
    let site = |primary: &str, second: &str| {
        let wan2 = WAN2.replace("wan2", second);
        toml(&format!("[mx]\nprimary_uplink = \"{primary}\"\n{WAN1}{wan2}{}", client("198.51.100.10")))
    };
    for (primary, second) in [("WAN 1", "wan2"), ("internet1", "Internet 2"), ("wan-1", "WAN2"), ("wan1", "cellular")] {
        assert_eq!(found(&site(primary, second)), ["server-on-secondary-uplink site.toml:12"], "{primary} {second}");
    }
    assert_eq!(verdict(&site("WAN 2", "internet2"), "server-not-this-mx"), "holds");
    let wrong = site("wan9", "wan2");
    assert_eq!(found(&wrong), ["invalid-value site.toml:3"]);
    assert_eq!(verdict(&wrong, "server-not-this-mx"), "the name of an uplink is not valid");
}

#[test]
fn a_name_of_one_port_is_not_secondary_while_the_primary_is_unknown() {
    let names = "mx:\n  primary_uplink: !env PRIMARY\n  dynamic_dns: { enabled: true, hostname: osaka-abcdefgh.dynamic-m.com }\n";
    let report = yaml(&format!("{names}clients:\n  - name: a\n    server: osaka-abcdefgh-2.dynamic-m.com\n"));
    assert_eq!(verdict(&report, "server-on-secondary-uplink"), "`!env` is not resolved");
    assert!(report.findings.is_empty());
}

#[test]
fn a_hostname_is_foreign_only_beside_the_mxs_own() {
    let site = |server: &str| {
        let dns = "[mx.dynamic_dns]\nenabled = true\nwan2_hostname = \"osaka-abcdefgh-2.dynamic-m.com\"\n";
        verdict(&toml(&format!("{dns}{}", client(server))), "server-not-this-mx")
    };
    assert_eq!(site("OSAKA-abcdefgh.dynamic-m.com."), "holds");
    assert_eq!(site("kyoto-abcdefgh.dynamic-m.com"), "`mx.dynamic_dns` states no `hostname`");
}

#[test]
fn an_address_among_the_aliases_is_declared_too() {
    let site = |server: &str| toml(&format!("[mx]\nhostname_aliases = [\"VPN.example.com.\", \"203.0.113.99\"]\n{WAN1}{}", client(server)));
    assert_eq!(verdict(&site("203.0.113.99"), "server-not-this-mx"), "holds");
    assert_eq!(verdict(&site("vpn.EXAMPLE.com"), "server-not-this-mx"), "holds");
    assert_eq!(verdict(&site("203.0.113.98"), "server-not-this-mx"), "fires");
}

#[test]
fn a_router_that_translates_may_have_the_address_that_nobody_stated() {
    let inside = WAN1.replace("203.0.113.10", "192.168.1.2");
    let router = "[[upstream]]\nname = \"edge\"\nforwards = [{ protocol = \"udp\", port = \"500,4500\", to = \"192.168.1.2\" }]\n";
    let report = toml(&format!("{inside}{router}{}", client("203.0.113.10")));
    assert_eq!(verdict(&report, "server-not-this-mx"), "the upstream device `edge` states no `wan_ip`");
}

#[test]
fn a_warm_spare_without_addresses_is_never_silent() {
    let site = |pair: &str| toml(&format!("{WAN1}[mx.warm_spare]\n{pair}\n{}", client("203.0.113.10")));
    for pair in ["", "enabled = true"] {
        assert_eq!(verdict(&site(pair), "vip-invalid"), "`mx.warm_spare` states neither `uplink_mode` nor a virtual IP");
        assert_eq!(verdict(&site(pair), "warm-spare-not-vip"), "`mx.warm_spare` states no `uplink_mode`");
        assert_eq!(verdict(&site(pair), "warm-spare-without-vip"), "`mx.warm_spare` states no `uplink_mode`");
    }
    let without = site("enabled = true\nuplink_mode = \"virtual\"");
    assert_eq!(verdict(&without, "vip-invalid"), "`mx.warm_spare` states no `virtual_ip1`");
    assert_eq!(verdict(&without, "warm-spare-not-vip"), "fires");
    assert_eq!(verdict(&site("enabled = false\nuplink_mode = \"virtual\""), "vip-invalid"), "nothing");
    assert_eq!(verdict(&site("enabled = false"), "warm-spare-not-vip"), "nothing");
}

#[test]
fn a_virtual_ip_is_right_only_beside_every_other_address() {
    let site = |uplink: &str, spare: &str| {
        let pair = format!("[mx.warm_spare]\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"203.0.113.12\"\n{spare}\n");
        verdict(&toml(&format!("{WAN1}{uplink}\n{pair}")), "vip-invalid")
    };
    let (subnet, gateway) = ("subnet = \"203.0.113.0/24\"", "gateway = \"203.0.113.1\"");
    let spare = "spare_uplinks = [{ interface = \"wan1\", ip = \"203.0.113.11\" }]";
    assert_eq!(site("", spare), "the uplink wan1 states no `subnet`");
    assert_eq!(site(subnet, spare), "the uplink wan1 states no `gateway`");
    assert_eq!(site(&format!("{subnet}\n{gateway}"), ""), "`mx.warm_spare.spare_uplinks` states no `ip` for wan1");
    assert_eq!(site(&format!("{subnet}\n{gateway}"), spare), "holds");
}

#[test]
fn a_failover_between_units_leaves_the_routers_address() {
    let inside = format!("{}public_ip = \"203.0.113.10\"\n", WAN1.replace("203.0.113.10", "192.168.1.2"));
    let pair = "[mx.warm_spare]\nenabled = true\nuplink_mode = \"public\"\n";
    let router = "[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\n";
    let with = toml(&format!("{inside}{pair}{DDNS}{router}{}", client("203.0.113.10")));
    assert_eq!(verdict(&with, "warm-spare-without-vip"), "holds");
    assert_eq!(verdict(&with, "server-address-pinned"), "fires");
    let without = toml(&format!("{inside}{pair}{DDNS}{}", client("203.0.113.10")));
    assert_eq!(found(&without), ["warm-spare-without-vip site.toml:14"]);
}

#[test]
fn a_second_uplink_is_one_that_is_in_use() {
    let pair = "[mx.warm_spare]\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"203.0.113.12\"\n";
    let site = |second: &str, vip: &str| {
        verdict(&toml(&format!("{WAN1}{second}{pair}{vip}\n{DDNS}{}", client("203.0.113.12"))), "server-address-pinned")
    };
    assert_eq!(site("", ""), "holds");
    assert_eq!(site("[[mx.uplinks]]\ninterface = \"wan2\"\nstatus = \"not connected\"\n", ""), "holds");
    assert_eq!(site("", "virtual_ip2 = \"198.51.100.12\""), "fires");
    assert_eq!(site(WAN2, ""), "fires");
}

#[test]
fn a_forward_of_4500_alone_to_the_other_uplink_breaks_the_later_stage() {
    let inside = format!("{}{}", WAN1.replace("203.0.113.10", "192.168.1.2"), WAN2.replace("198.51.100.10", "192.168.1.3"));
    let forward = |port: &str, to: &str| format!("{{ protocol = \"udp\", port = \"{port}\", to = \"192.168.1.{to}\" }}");
    let site =
        |forwards: &str| toml(&format!("{inside}[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\nforwards = [{forwards}]\n"));
    let report = site(&format!("{}, {}", forward("500", "2"), forward("4500", "3")));
    let finding = report.findings.iter().find(|f| f.rule.id == "server-on-secondary-uplink").unwrap();
    assert_eq!(finding.stage, Some(Stage::ReachNatt));
    assert_eq!(verdict(&site(&forward("500,4500", "2")), "server-on-secondary-uplink"), "holds");
}

#[test]
fn a_client_without_a_server_is_undecided_for_every_rule_about_servers() {
    let pair = "[mx.warm_spare]\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"203.0.113.12\"\n";
    let report = toml(&format!("{WAN1}{WAN2}{DDNS}{pair}[[clients]]\nname = \"a\"\n"));
    for rule in [
        "server-not-this-mx",
        "warm-spare-not-vip",
        "server-address-pinned",
        "dynamic-dns-disabled",
        "server-on-secondary-uplink",
        "server-address-not-public",
        "server-address-ipv6",
    ] {
        assert_eq!(verdict(&report, rule), "the client states no `server`", "{rule}");
    }
}

#[test]
fn an_empty_list_says_none_and_an_absent_one_says_nothing() {
    let rule = "wan-behind-cgnat";
    assert_eq!(verdict(&toml("[mx]\nuplinks = []\n"), rule), "the primary uplink is not among `mx.uplinks`");
    assert_eq!(verdict(&toml("[mx]\nmodel = \"MX85\"\n"), rule), "nothing");
    let rule = "resource-firewall-blocks-vpn";
    let resource = "[[resources]]\nname = \"192.168.10.3\"\n";
    assert_eq!(verdict(&toml(&format!("{POOL}{resource}allow_from = []\n")), rule), "fires");
    assert_eq!(verdict(&toml(&format!("{POOL}{resource}")), rule), "nothing");
    let rule = "l7-blocks-file-sharing";
    let resource = format!("{resource}services = [\"smb\"]\n");
    let site = |firewall: &str| verdict(&toml(&format!("{VLAN}[mx.firewall]\n{firewall}\n{POOL}{resource}")), rule);
    assert_eq!(site("l7_firewall_rules = []"), "holds");
    assert_eq!(site("l3_firewall_rules = []"), "the site file states no `mx.firewall.l7_firewall_rules`");
}

#[test]
fn a_carriers_address_needs_no_mx_section() {
    assert_eq!(verdict(&toml("[[upstream]]\nname = \"edge\"\nwan_ip = \"100.127.255.255\"\n"), "wan-behind-cgnat"), "fires");
    assert_eq!(verdict(&toml("[[upstream]]\nname = \"edge\"\nwan_ip = \"100.128.0.0\"\n"), "wan-behind-cgnat"), "holds");
}

#[test]
fn no_resolvers_without_a_mode_is_the_dashboards_default() {
    let site = |vpn: &str| toml(&format!("[client_vpn]\n{vpn}\n[[resources]]\nname = \"files.internal\"\n"));
    let report = site("dns_nameservers = []");
    assert_eq!(verdict(&report, "internal-name-public-dns"), "fires");
    assert!(report.findings[0].message.contains("Dashboard default"), "{}", report.findings[0].message);
    let custom = site("dns_mode = \"custom\"\ndns_nameservers = []");
    assert_eq!(verdict(&custom, "internal-name-public-dns"), "`dns_mode` is custom, and `dns_nameservers` is empty");
}

#[test]
fn one_unknown_resource_does_not_hide_the_others() {
    let vpn = "client_vpn:\n  dns_mode: google_dns\nresources:\n  - name: files.internal\n    public_dns: !env PUBLIC\n";
    assert_eq!(verdict(&yaml(vpn), "internal-name-public-dns"), "`!env` is not resolved");
    let report = yaml(&format!("{vpn}  - name: print.internal\n"));
    assert_eq!(verdict(&report, "internal-name-public-dns"), "fires");
    assert_eq!(report.findings[0].places.len(), 2, "the one that is known");
    let address = "client_vpn:\n  dns_mode: google_dns\nresources:\n  - name: files.example.com\n    ip: !env IP\n";
    assert_eq!(verdict(&yaml(address), "internal-name-public-dns"), "`!env` is not resolved");
}

#[test]
fn one_profile_without_a_suffix_decides_for_netbios() {
    let vpn = "client_vpn:\n  dns_mode: custom\n  dns_nameservers: [192.168.10.2]\n";
    let resource = "resources:\n  - name: '\\\\FILES'\n";
    let clients = |second: &str| format!("clients:\n  - name: a\n    dns_suffix: !env SUFFIX\n{second}");
    assert_eq!(verdict(&yaml(&format!("{vpn}{}{resource}", clients(""))), "netbios-without-wins"), "`!env` is not resolved");
    assert_eq!(verdict(&yaml(&format!("{vpn}{}{resource}", clients("  - name: b\n"))), "netbios-without-wins"), "fires");
}

#[test]
fn a_top_level_is_no_domain_above_the_sites() {
    let site = |suffix: &str| {
        let text = format!("[site]\ninternal_domains = [\"corp.example.com\"]\n[[clients]]\nname = \"a\"\ndns_suffix = \"{suffix}\"\n");
        verdict(&toml(&text), "profile-overrides-dns")
    };
    assert_eq!(site("example.com"), "holds");
    assert_eq!(site("com"), "fires");
    assert_eq!(site("ample.com"), "fires");
}

#[test]
fn a_network_that_is_not_described_may_lie_behind_a_vpn() {
    let rules = "[mx.firewall]\nl3_firewall_rules = [{ policy = \"deny\", protocol = \"any\" }]\n";
    let resource = "[[resources]]\nname = \"10.50.0.3\"\nservices = [\"https\"]\n";
    let site = |mx: &str| verdict(&toml(&format!("{mx}{rules}{POOL}{resource}")), "l3-blocks-resource");
    assert_eq!(site("[mx]\nmodel = \"MX85\"\n"), "the site file states no `vlans` and no `single_lan`");
    assert_eq!(site(&VLAN.replace("192.168.10.0/24", "10.50.0.0/24")), "fires");
    assert_eq!(site(VLAN), "nothing");
}

#[test]
fn rules_pasted_from_the_dashboard_may_name_objects_and_hosts() {
    let site = |destination: &str| {
        let rules = format!(
            "[mx.firewall]\nl3_firewall_rules = [{{ policy = \"deny\", protocol = \"any\", destination_cidr = \"{destination}\" }}]\n"
        );
        toml(&format!("{VLAN}{rules}{POOL}[[resources]]\nname = \"192.168.10.3\"\nservices = [\"smb\"]\n"))
    };
    for (destination, why) in [
        ("OBJ(12)", "a policy object stands for addresses that no import gives"),
        ("10.0.0.0/8,GRP(3)", "a policy object stands for addresses that no import gives"),
        ("VLAN(10).*", "a VLAN is named by number in a rule"),
        ("*.example.com", "a host name stands for addresses that only DNS knows"),
    ] {
        let report = site(destination);
        assert_eq!(verdict(&report, "l3-blocks-resource"), why, "{destination}");
        assert!(report.findings.is_empty(), "{destination}");
    }
    for slip in ["anny", "192.168.10.3x", "192.168.10.300", "192.168.10.3/33", "10.0.0.0/8,"] {
        assert_eq!(found(&site(slip)), ["invalid-value site.toml:5"], "{slip}");
    }
}

#[test]
fn a_group_policy_of_its_own_rules_that_are_not_written_is_undecided() {
    let policy = "[[mx.group_policies]]\nname = \"Staff\"\nsettings = \"custom\"\n";
    let resource = "[[resources]]\nname = \"192.168.10.3\"\nservices = [\"smb\"]\n";
    let users = toml(&format!("{VLAN}{policy}{POOL}group_policy = \"Staff\"\n{resource}"));
    assert_eq!(verdict(&users, "l3-blocks-resource"), "the group policy states no `l3_firewall_rules`");
    assert_eq!(verdict(&users, "l7-blocks-file-sharing"), "the group policy states no `l7_firewall_rules`");
    let twice = toml(&format!("{VLAN}{policy}{}{POOL}group_policy = \"Staff\"\n{resource}", policy.replace("custom", "ignore")));
    assert_eq!(found(&twice), ["invalid-value site.toml:8"]);
}

#[test]
fn a_layer_7_rule_says_what_it_lacks() {
    let site = |rule: &str, resource: &str| {
        let firewall = format!("[mx.firewall]\nl7_firewall_rules = [{{ policy = \"deny\", {rule} }}]\n");
        verdict(&toml(&format!("{VLAN}{firewall}{POOL}[[resources]]\n{resource}\n")), "l7-blocks-file-sharing")
    };
    let named = "name = \"files.example.com\"\nservices = [\"smb\"]\n";
    assert_eq!(site("value = \"445\"", named), "a layer 7 rule states no `type`");
    assert_eq!(site("type = \"port\"", named), "a layer 7 rule states no `value`");
    assert_eq!(site("type = \"blockedCountries\", value = [\"US\"]", named), "holds");
    assert_eq!(site("type = \"ipRange\", value = \"192.168.10.3:445\"", "name = \"192.168.10.3\""), "the resource states no `services`");
    assert_eq!(site("type = \"ipRange\", value = \"192.168.10.4\"", "name = \"192.168.10.3\""), "holds");
    assert_eq!(site("type = \"host\", value = \"192.168.10.3\"", &format!("{named}ip = \"192.168.10.3\"")), "fires");
    assert_eq!(site("type = \"host\", value = \"ample.com\"", named), "holds");
}

#[test]
fn a_firewall_that_is_not_valid_is_named_by_every_rule_about_it() {
    let report = toml(&format!("{VLAN}firewall = \"none\"\n{POOL}[[resources]]\nname = \"192.168.10.3\"\nservices = [\"smb\"]\n"));
    for rule in ["l3-blocks-resource", "l7-blocks-file-sharing"] {
        assert_eq!(verdict(&report, rule), "the value is not valid", "{rule}");
    }
}

#[test]
fn inputs_of_which_one_is_not_known_are_not_compared() {
    let known = with_key_file("", "CANARY-correct-Horse.7battery");
    assert_eq!(verdict(&known, "cross-source-drift"), "nothing");
    let site =
        "version = 1\n[[clients]]\nname = \"a\"\nimport = \"a.nmconnection\"\npre_shared_key = { env = \"VPNLINT_EXAMPLE_UNSET\" }\n";
    let report = Site::new(&[("site.toml", site.to_owned()), ("a.nmconnection", key_file("CANARY-correct-Horse.7battery"))]).check().report;
    assert_eq!(verdict(&report, "cross-source-drift"), "the environment variable `VPNLINT_EXAMPLE_UNSET` is not set");
}
