//! Verdicts on routes, shared addresses and the client's machine that no page can show: what holds, what is undecided and for want of which input, and what stays silent.

use vpnlint::report::Report;

use crate::support::{Site, found};

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", format!("version = 1\n{text}"))]).check().report
}

/// `holds NAME` or `undecided NAME: REASON` of a rule, in order.
fn rows(text: &str, rule: &str) -> Vec<String> {
    let rows = report(text).coverage.expect("coverage").into_iter().filter(|r| r.rule.id == rule);
    rows.map(|r| match r.undecided {
        None => format!("holds {}", r.subject.kind),
        Some(why) => format!("undecided {}: {why}", r.subject.kind),
    })
    .collect()
}

fn findings(text: &str) -> Vec<String> {
    found(&report(text)).into_iter().map(|f| f.split(' ').next().unwrap_or_default().to_owned()).collect()
}

/// The message of the one finding.
fn message(text: &str) -> String {
    let report = report(text);
    assert_eq!(report.findings.len(), 1, "{:?}", found(&report));
    report.findings[0].message.clone()
}

const VLAN: &str = "[mx]\nvlans = [{ vlan_id = 10, name = \"Data\", subnet = \"192.168.10.0/24\", appliance_ip = \"192.168.10.1\" }, \
                    { vlan_id = 20, name = \"Lab\", subnet = \"192.168.20.0/24\", appliance_ip = \"192.168.20.1\" }]\n";
const POOL: &str = "[client_vpn]\nsubnet = \"192.168.100.0/24\"\n";

fn resource(ip: &str, rest: &str) -> String {
    format!("[[resources]]\nname = \"{ip}\"\n{rest}\n")
}

fn client(name: &str, rest: &str) -> String {
    format!("[[clients]]\nname = \"{name}\"\n{rest}\n")
}

// ── resource-not-routed ──

#[test]
fn a_resource_is_lost_only_among_networks_that_are_all_known() {
    let text = format!("{VLAN}{}", resource("192.168.30.3", ""));
    assert_eq!(findings(&text), ["resource-not-routed"]);
    let broken = text.replace("192.168.20.0/24", "192.168.20.0/99");
    assert_eq!(rows(&broken, "resource-not-routed").len(), 1);
    assert!(rows(&broken, "resource-not-routed")[0].starts_with("undecided resource: "), "{:?}", rows(&broken, "resource-not-routed"));
    assert!(rows(&resource("192.168.30.3", ""), "resource-not-routed").is_empty(), "no [mx], nothing to compare with");
}

#[test]
fn the_client_vpn_subnet_is_a_network_of_the_mx() {
    let text = format!("{VLAN}{POOL}{}", resource("192.168.100.7", ""));
    assert_eq!(rows(&text, "resource-not-routed"), ["holds resource"]);
}

#[test]
fn a_public_resource_is_no_lost_resource() {
    for networks in ["", "[[mx.third_party_vpn_peers]]\nname = \"proxy\"\nprivate_subnets = [\"0.0.0.0/0\"]\n"] {
        let text = format!("{VLAN}{networks}{POOL}{}", resource("198.51.100.20", ""));
        assert!(rows(&text, "resource-not-routed").is_empty());
        assert!(rows(&text, "client-subnet-not-in-vpn").is_empty());
        assert!(findings(&text).is_empty());
    }
}

// ── client-subnet-not-in-vpn ──

const REMOTE: &str = "[mx.site_to_site_vpn]\nmode = \"spoke\"\nremote_subnets = [{ site = \"tokyo\", subnet = \"10.50.0.0/16\" }]\n";

#[test]
fn whether_a_switch_of_the_vpn_is_known_decides() {
    let text = |subnets: &str| format!("{VLAN}{REMOTE}subnets = {subnets}\n{POOL}{}", resource("10.50.0.3", ""));
    let rule = "client-subnet-not-in-vpn";
    assert_eq!(findings(&text("[]")), [rule]);
    assert_eq!(rows(&text("[{ local_subnet = \"192.168.100.0/24\" }]"), rule), ["holds resource"]);
    assert_eq!(
        rows(&text("[{ local_subnet = \"192.168.100.0/24\", use_vpn = \"perhaps\" }]"), rule),
        ["undecided resource: the value is not valid"]
    );
    assert_eq!(rows(&text("[{ local_subnet = \"192.168.100.0/99\" }]"), rule), ["undecided resource: the value is not valid"]);
}

#[test]
fn servers_that_are_not_in_use_do_not_count() {
    let vpn = "dns_nameservers = [\"10.50.0.2\"]\nactive_directory_servers = [{ host = \"10.50.0.21\" }]\n";
    let text = |mode: &str| format!("{VLAN}{REMOTE}subnets = []\n{POOL}{vpn}{mode}\n");
    let rule = "client-subnet-not-in-vpn";
    assert!(!findings(&text("dns_mode = \"google_dns\"\nauth_type = \"meraki\"")).contains(&rule.to_owned()));
    let found = |mode: &str| report(&text(mode)).findings.into_iter().filter(|f| f.rule.id == rule).map(|f| f.message).collect::<Vec<_>>();
    let at = "is at site `tokyo`, and the client VPN subnet takes no part in the site-to-site VPN";
    assert_eq!(
        found("dns_mode = \"google_dns\"\nauth_type = \"active_directory\""),
        [format!("the Active Directory server 10.50.0.21 {at}")]
    );
    assert_eq!(found("dns_mode = \"custom\"\nauth_type = \"radius\""), [format!("the resolver 10.50.0.2 {at}")]);
}

#[test]
fn a_profiles_own_resolver_at_another_site_counts_for_that_client() {
    let text = format!("{VLAN}{REMOTE}subnets = []\n{POOL}{}", client("a", "dns_nameservers = [\"10.50.0.2\"]"));
    let report = report(&text);
    let finding = report.findings.iter().find(|f| f.rule.id == "client-subnet-not-in-vpn").expect("a finding");
    assert_eq!(finding.subject.kind, "client");
}

// ── split-tunnel-misses-resource ──

fn split(routes: &str, os: &str) -> String {
    client("a", &format!("split_tunnel = true\n{routes}\n{os}"))
}

#[test]
fn a_missed_resource_outweighs_a_doubtful_one() {
    let resources = format!("{}{}{}", resource("192.168.10.3", ""), resource("192.168.100.9", ""), resource("192.168.20.3", ""));
    let text = format!("{VLAN}{POOL}{}{resources}", split("routes = []", ""));
    assert_eq!(message(&text), "the split tunnel of client `a` has no route to `192.168.10.3` and 1 more");
}

#[test]
fn a_class_is_wider_or_narrower_than_the_subnet() {
    let text = |vlan: &str, pool: &str, ip: &str| {
        let mx = format!("[mx]\nvlans = [{{ vlan_id = 1, subnet = \"{vlan}\" }}]\n[client_vpn]\nsubnet = \"{pool}\"\n");
        format!("{mx}{}{}", split("routes = []", "os = \"windows\""), resource(ip, ""))
    };
    let half = text("192.168.100.128/25", "192.168.100.0/25", "192.168.100.200");
    assert_eq!(
        rows(&half, "split-tunnel-misses-resource"),
        ["undecided client: whether the client makes a class-based route to 192.168.100.200 is not stated in its `routes`"]
    );
    // Each address of a wide subnet makes a /24 of its own.
    assert_eq!(findings(&text("192.168.208.0/20", "192.168.224.0/20", "192.168.223.3")), ["split-tunnel-misses-resource"]);
}

#[test]
fn without_the_client_vpn_subnet_no_class_is_known() {
    let text = format!("{VLAN}{}{}", split("routes = []", ""), resource("192.168.10.3", ""));
    let rule = "split-tunnel-misses-resource";
    assert_eq!(rows(&text, rule), ["undecided client: the client VPN subnet, whose class may make a route, is not known"]);
    let covered = format!("{VLAN}{}{}", split("routes = [\"192.168.10.3/32\"]", ""), resource("192.168.10.3", ""));
    assert_eq!(rows(&covered, rule), ["holds client"]);
}

#[test]
fn a_profile_that_does_not_say_split_is_not_checked() {
    let text = format!("{VLAN}{POOL}{}{}", client("a", "routes = []"), resource("192.168.10.3", ""));
    assert!(rows(&text, "split-tunnel-misses-resource").is_empty() && findings(&text).is_empty());
}

#[test]
fn an_imported_split_tunnel_is_read() {
    let profile = "[connection]\nid=Osaka\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=203.0.113.10\nipsec-enabled=yes\nipsec-psk-flags=1\n\
                   [ipv4]\nmethod=auto\nnever-default=true\nroute1=192.168.20.0/24\n";
    let site = format!("version = 1\n{VLAN}{POOL}[[clients]]\nimport = \"a.nmconnection\"\n{}", resource("192.168.10.3", ""));
    let report = Site::new(&[("site.toml", site.as_str()), ("a.nmconnection", profile)]).check().report;
    let finding = report.findings.iter().find(|f| f.rule.id == "split-tunnel-misses-resource").expect("a finding");
    assert_eq!((finding.places[0].path.as_ref(), finding.places[0].line), ("a.nmconnection", 11));
}

// ── no-return-route ──

fn cards(routes: &str) -> String {
    let interfaces =
        "interfaces = [{ ip = \"192.168.10.3\", gateway = \"192.168.10.1\" }, { ip = \"203.0.113.20\", gateway = \"203.0.113.1\" }]";
    format!("{VLAN}{POOL}{}", resource("192.168.10.3", &format!("{interfaces}\nroutes = [{routes}]")))
}

fn route(destination: &str, gateway: &str) -> String {
    format!("{{ destination = \"{destination}\", gateway = \"{gateway}\" }},")
}

#[test]
fn the_longest_prefix_decides_for_each_part_of_the_subnet() {
    let wan = route("0.0.0.0/0", "203.0.113.1");
    let lan = |net: &str| route(net, "192.168.10.1");
    let rule = "no-return-route";
    assert_eq!(rows(&cards(&format!("{wan}{}", lan("192.168.0.0/16"))), rule), ["holds resource"]);
    assert_eq!(rows(&cards(&lan("0.0.0.0/0")), rule), ["holds resource"]);
    // Another subnet's route does not help, and the wrong way is told for the part that takes it.
    assert_eq!(
        message(&cards(&format!("{wan}{}", lan("192.168.101.0/24")))),
        "`192.168.10.3` sends answers for the client VPN subnet to 203.0.113.1, not to its LAN gateway"
    );
    assert_eq!(
        message(&cards(&format!("{wan}{}", lan("192.168.100.0/25")))),
        "`192.168.10.3` sends answers for part of the client VPN subnet to 203.0.113.1, not to its LAN gateway"
    );
    assert_eq!(message(&cards(&lan("192.168.100.0/25"))), "`192.168.10.3` has no route to part of the client VPN subnet");
    assert_eq!(message(&cards("")), "`192.168.10.3` has no route to the client VPN subnet");
}

#[test]
fn a_route_whose_end_is_not_described_is_undecided() {
    let row = |routes: &str| rows(&cards(routes), "no-return-route").join("; ");
    assert_eq!(row("{ destination = \"0.0.0.0/0\" }"), "undecided resource: a route of the resource states no `gateway`");
    assert_eq!(row("{ gateway = \"192.168.10.1\" }"), "undecided resource: a route of the resource states no `destination`");
    assert_eq!(row(&route("0.0.0.0/0", "192.168.20.1")), "undecided resource: the answers go back to the MX through another of its VLANs");
    let inner = "undecided resource: where the gateway 192.168.20.254 sends packets for the client VPN subnet is not described";
    assert_eq!(row(&route("0.0.0.0/0", "192.168.20.254")), inner, "a router in another network of the MX");
    let private = cards(&route("0.0.0.0/0", "172.31.0.1"));
    assert_eq!(findings(&private), ["no-return-route"]);
    let opaque = private.replace("subnet = \"192.168.20.0/24\"", "name = \"no subnet\"").replace("name = \"Lab\", ", "");
    assert_eq!(rows(&opaque, "no-return-route"), ["undecided resource: a VLAN states no `subnet`"]);
    assert!(row(&format!("{}{{ destination = \"10.0.0.0/99\" }}", route("0.0.0.0/0", "192.168.10.1"))).starts_with("undecided resource: "));
    assert!(row(&format!("{}{{ destination = \"10.0.0.0/99\" }}", route("0.0.0.0/0", "203.0.113.1"))).starts_with("undecided resource: "));
}

#[test]
fn a_resource_behind_another_router_answers_through_that_one() {
    let text = |gateway: &str| {
        let interfaces = "interfaces = [{ ip = \"10.20.0.3\", gateway = \"10.20.0.1\" }, { ip = \"203.0.113.20\" }]";
        let table = format!("{interfaces}\nroutes = [{}]", route("0.0.0.0/0", gateway));
        format!("{VLAN}static_routes = [{{ name = \"Warehouse\", subnet = \"10.20.0.0/16\" }}]\n{POOL}{}", resource("10.20.0.3", &table))
    };
    assert_eq!(rows(&text("10.20.0.1"), "no-return-route"), ["holds resource"]);
    assert_eq!(findings(&text("203.0.113.1")), ["no-return-route"]);
}

#[test]
fn a_table_that_was_not_read_is_undecided() {
    let text = cards("").replace("routes = []", "routes = { import = \"none.txt\" }");
    assert_eq!(rows(&text, "no-return-route"), ["undecided resource: the export of the resource's routes was not read"]);
}

// ── public addresses of clients ──

const WAN: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";

fn at(name: &str, ip: &str) -> String {
    client(name, &format!("public_ip = \"{ip}\""))
}

#[test]
fn every_public_address_of_the_mx_counts() {
    let text = |ip: &str| {
        format!(
            "{WAN}[mx.warm_spare]\nenabled = true\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"203.0.113.4\"\nspare_uplinks = [{{ interface = \"wan1\", ip = \"203.0.113.11\" }}]\n{}",
            at("a", ip)
        )
    };
    for ip in ["203.0.113.10", "203.0.113.4", "203.0.113.11"] {
        assert_eq!(findings(&text(ip)), ["client-behind-same-mx"], "{ip}");
    }
    assert_eq!(rows(&text("203.0.113.12"), "client-behind-same-mx"), ["holds client"]);
}

#[test]
fn an_mx_without_uplinks_leaves_the_clients_place_undecided() {
    let text = |mx: &str| format!("{mx}{}", at("a", "198.51.100.200"));
    let row = |mx: &str| rows(&text(mx), "client-behind-same-mx");
    assert_eq!(row("[mx]\nmodel = \"MX85\"\n"), ["undecided client: the primary uplink is not among `mx.uplinks`"]);
    assert!(row("").is_empty());
    assert_eq!(
        row(&format!("{WAN}[[mx.uplinks]]\ninterface = \"wan2\"\nip = \"192.168.1.2\"\n")),
        ["undecided client: the uplink wan2 states no `public_ip`"]
    );
    let router = "[mx]\nmodel = \"MX85\"\n[[upstream]]\nname = \"edge\"\nwan_ip = \"203.0.113.10\"\n";
    assert_eq!(row(router), ["holds client"]);
}

#[test]
fn a_shared_address_is_told_once_and_gives_way_to_graver_faults() {
    let three = format!("{}{}{}", at("a", "198.51.100.200"), at("b", "198.51.100.200"), at("c", "198.51.100.200"));
    let report = report(&three);
    assert_eq!(found(&report), ["clients-share-address site.toml:7"]);
    assert_eq!(report.findings[0].places.len(), 3);
    let own = format!("{WAN}{}{}", at("a", "203.0.113.10"), at("b", "203.0.113.10"));
    assert_eq!(findings(&own), ["client-behind-same-mx", "client-behind-same-mx"]);
    let peer = "[mx]\nthird_party_vpn_peers = [{ name = \"p\", public_ip = \"198.51.100.77\" }]\n";
    assert_eq!(
        findings(&format!("{peer}{}{}", at("a", "198.51.100.77"), at("b", "198.51.100.77"))),
        ["client-address-is-peer", "client-address-is-peer"]
    );
}

#[test]
fn one_client_alone_shares_with_nobody() {
    assert!(rows(&at("a", "198.51.100.200"), "clients-share-address").is_empty());
    let two = format!("{}{}", at("a", "198.51.100.200"), at("b", "198.51.100.201"));
    assert_eq!(rows(&two, "clients-share-address"), ["holds client", "holds client"]);
}

#[test]
fn a_peer_without_an_address_is_undecided_and_no_peers_are_nothing() {
    let row = |peers: &str| rows(&format!("[mx]\nthird_party_vpn_peers = {peers}\n{}", at("a", "198.51.100.77")), "client-address-is-peer");
    assert_eq!(row("[{ name = \"p\" }]"), ["undecided client: the third-party peer `p` states no `public_ip`"]);
    assert!(row("[]").is_empty());
}

// ── the client's machine ──

const NAT: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\npublic_ip = \"203.0.113.10\"\n";

#[test]
fn evidence_that_was_not_read_is_named() {
    let text = format!("{NAT}{}", client("a", "os = \"windows\"\nevidence = { import = \"sales.reg\" }"));
    for rule in ["windows-nat-t-not-enabled", "windows-ipsec-prohibited", "windows-ikeext-disabled"] {
        assert_eq!(rows(&text, rule), ["undecided client: the export `sales.reg` was not read"], "{rule}");
    }
    assert_eq!(findings(&text), ["import-failed"]);
    let inline = text.replace("import", "nat_t_rule = 0, import");
    assert!(findings(&inline).contains(&"windows-nat-t-not-enabled".to_owned()), "what is said inline counts");
}

#[test]
fn a_registry_value_tells_windows() {
    let text =
        |os: &str| format!("{NAT}{}", client("a", &format!("{os}evidence = {{ nat_t_rule = 0, ikeext_start = 4, prohibit_ipsec = 1 }}")));
    let mut all = findings(&text(""));
    all.sort();
    assert_eq!(all, ["windows-ikeext-disabled", "windows-ipsec-prohibited", "windows-nat-t-not-enabled"]);
    assert!(findings(&text("os = \"linux\"\n")).is_empty());
    assert!(!findings(&text("tunnel_type = \"ikev2\"\n")).iter().any(|f| f.starts_with("windows-")));
}

#[test]
fn nat_t_that_is_set_holds_even_where_the_nat_is_unknown() {
    let text = |mx: &str, rule: u32| format!("{mx}{}", client("a", &format!("os = \"windows\"\nevidence = {{ nat_t_rule = {rule} }}")));
    let rule = "windows-nat-t-not-enabled";
    assert_eq!(rows(&text("[mx]\nmodel = \"MX85\"\n", 2), rule), ["holds client"]);
    assert_eq!(rows(&text("[mx]\nmodel = \"MX85\"\n", 0), rule), ["undecided client: the primary uplink is not among `mx.uplinks`"]);
    assert!(rows(&text("", 0), rule).is_empty() && rows(&text(WAN, 0), rule).is_empty());
}

#[test]
fn the_symptom_is_the_rules_own() {
    for (id, symptoms) in [
        ("windows-nat-t-not-enabled", &["windows-809"][..]),
        ("windows-ikeext-disabled", &["windows-789"]),
        ("conflicting-software", &["windows-809", "windows-789"]),
    ] {
        assert_eq!(vpnlint::rules::find(id).expect("a rule").symptoms, symptoms, "{id}");
    }
}

#[test]
fn each_program_is_named_and_an_empty_list_holds() {
    let text = |list: &str| client("a", &format!("software = {list}"));
    assert_eq!(findings(&text("[\"SmartByte\", \"smartbyte drivers\"]")), ["conflicting-software", "conflicting-software"]);
    assert_eq!(rows(&text("[]"), "conflicting-software"), ["holds client"]);
    assert!(rows(&client("a", "os = \"windows\""), "conflicting-software").is_empty());
}

// ── pool-exhausted at the edges ──

#[test]
fn the_smallest_subnets_serve_one_device_or_none() {
    let text = |bits: u8, devices: u32| {
        format!("[client_vpn]\nsubnet = \"192.168.100.0/{bits}\"\n{}", client("a", &format!("device_count = {devices}")))
    };
    assert_eq!(rows(&text(30, 1), "pool-exhausted"), ["holds client_vpn"]);
    for (bits, devices) in [(30, 2), (31, 1), (32, 1)] {
        assert_eq!(findings(&text(bits, devices)), ["pool-exhausted"], "/{bits}");
    }
    assert_eq!(rows(&text(32, 0), "pool-exhausted"), ["holds client_vpn"]);
}
