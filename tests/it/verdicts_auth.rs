//! Verdicts of the family `authentication` that no page can show: absent against empty, last days, contradictions, what broken input leaves open, and secrets.

use vpnlint::report::{Format, Report};
use vpnlint::rules::Level;

use crate::support::{Site, found, render};

const USERS: [&str; 4] = ["username-not-email", "username-without-domain", "user-unknown", "user-not-authorized"];
const SERVERS: [&str; 5] =
    ["radius-secret-mismatch", "radius-client-missing", "radius-port-mismatch", "auth-server-unreachable", "ad-certificate-missing"];

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", format!("version = 1\n{text}"))]).check().report
}

/// `holds`, `violated` or `undecided: REASON` of a rule for each subject, findings first.
fn verdicts_of(report: &Report, rule: &str) -> Vec<String> {
    let violated = report.findings.iter().filter(|f| f.rule.id == rule).map(|_| "violated".to_owned());
    let rows = report.coverage.iter().flatten().filter(|r| r.rule.id == rule);
    violated.chain(rows.map(|r| r.undecided.as_ref().map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}")))).collect()
}

fn verdicts(text: &str, rule: &str) -> Vec<String> {
    verdicts_of(&report(text), rule)
}

/// The one verdict of a rule; `-` when it is not applicable.
fn verdict(text: &str, rule: &str) -> String {
    let all = verdicts(text, rule);
    assert!(all.len() < 2, "{rule}: {all:?}");
    all.into_iter().next().unwrap_or_else(|| "-".to_owned())
}

/// Client VPN with Meraki authentication and one client, `ann@example.com`.
fn meraki(users: &str) -> String {
    format!("[client_vpn]\nauth_type = \"meraki\"\n{users}\n[[clients]]\nname = \"a\"\nuser = \"ann@example.com\"\n")
}

fn listed(entry: &str) -> String {
    meraki(&format!("users = [{{ email = \"ann@example.com\", {entry} }}]"))
}

#[test]
fn an_absent_list_of_users_says_nothing_and_an_empty_one_says_nobody() {
    assert_eq!(verdict(&meraki(""), "user-unknown"), "undecided: the site file states no `client_vpn.users`");
    assert_eq!(verdict(&meraki("users = []"), "user-unknown"), "violated");
    assert_eq!(verdict(&meraki("users = []"), "user-not-authorized"), "-");
}

#[test]
fn a_list_with_an_entry_that_cannot_be_read_lacks_nobody_for_certain() {
    let broken = meraki("users = [{ email = \"bob@example.com\", authorized = true }, 7]");
    assert!(verdict(&broken, "user-unknown").starts_with("undecided: "));
    let unnamed = meraki("users = [{ authorized = true }]");
    assert_eq!(verdict(&unnamed, "user-unknown"), "undecided: a user of `client_vpn.users` states no `email`");
}

#[test]
fn an_authorisation_counts_on_its_last_day() {
    for (last, expected) in
        [("2026-11-22", "violated"), ("2026-11-23", "holds"), ("2026-11-24", "holds"), ("2026-11-23T00:00:00Z", "holds")]
    {
        assert_eq!(verdict(&listed(&format!("authorized = true, expires_at = {last}")), "user-not-authorized"), expected, "{last}");
    }
    // Over is over, whatever else the entry says; a day to come proves nothing by itself.
    assert_eq!(verdict(&listed("expires_at = 2026-11-22"), "user-not-authorized"), "violated");
    assert!(verdict(&listed("expires_at = 2027-11-22"), "user-not-authorized").starts_with("undecided: "));
    assert_eq!(verdict(&listed("authorized = true, expires_at = \"soon\""), "user-not-authorized"), "undecided: the value is not valid");
}

#[test]
fn a_user_who_is_listed_twice_must_be_told_the_same_twice() {
    let twice = |a: &str, b: &str| {
        let entry = |rest: &str| format!("{{ email = \"ann@example.com\", {rest} }}");
        verdict(&meraki(&format!("users = [{}, {}]", entry(a), entry(b))), "user-not-authorized")
    };
    let contradiction = "undecided: `client_vpn.users` lists the user twice, once authorised and once not";
    assert_eq!(twice("authorized = true", "authorized = true"), "holds");
    assert_eq!(twice("authorized = false", "authorized = false"), "violated");
    assert_eq!(twice("authorized = true", "authorized = false"), contradiction);
    assert_eq!(twice("authorized = true", "authorized = true, expires_at = 2026-01-31"), contradiction);
    assert_eq!(twice("authorized = true", "device_count = 2"), "undecided: the user's entry states no `authorized`");
}

#[test]
fn names_compare_without_regard_to_case() {
    let text = meraki("users = [{ email = \"ANN@Example.com\", authorized = true }]");
    assert_eq!((verdict(&text, "user-unknown"), verdict(&text, "user-not-authorized")), ("holds".to_owned(), "holds".to_owned()));
}

#[test]
fn a_name_that_is_no_address_is_one_fault_and_none_when_it_is_listed() {
    let text = meraki("users = []").replace("ann@example.com", "ann");
    assert_eq!(found(&report(&text)), ["username-not-email site.toml:7"]);
    let text = listed("authorized = true").replace("ann@example.com", "ann@corp");
    assert!(USERS.iter().all(|rule| ["holds", "-"].contains(&verdict(&text, rule).as_str())));
}

#[test]
fn who_checks_users_decides_which_rules_apply() {
    let with = |auth: &str| {
        let text = meraki("users = [{ email = \"ann@example.com\", authorized = false }]\nusername_format = \"upn\"");
        let text = text.replace("auth_type = \"meraki\"\n", auth);
        USERS.map(|rule| verdict(&text, rule))
    };
    assert_eq!(with("auth_type = \"meraki\"\n"), ["holds", "-", "holds", "violated"]);
    assert_eq!(with("auth_type = \"systems_manager\"\n"), ["-", "-", "-", "violated"]);
    assert_eq!(with("auth_type = \"radius\"\n"), ["-", "holds", "-", "-"]);
    assert_eq!(with("auth_type = \"active_directory\"\n"), ["-", "holds", "-", "-"]);
    assert_eq!(with(""), ["undecided: the site file states no `auth_type`"; 4]);
    assert_eq!(with("auth_type = \"ldap\"\n"), ["undecided: the value is not valid"; 4]);
}

#[test]
fn a_client_without_a_user_leaves_open_what_applies_for_certain() {
    let text = listed("authorized = true").replace("user = \"ann@example.com\"\n", "");
    assert_eq!(USERS.map(|rule| verdict(&text, rule)).map(|v| v == "undecided: the client states no `user`"), [true, false, true, true]);
    let text = text.replace("auth_type = \"meraki\"\n", "");
    assert_eq!(USERS.map(|rule| verdict(&text, rule)), ["-"; 4]);
    assert_eq!(USERS.map(|rule| verdict("[[clients]]\nname = \"a\"\nuser = \"ann\"\n", rule)), ["-"; 4]);
}

#[test]
fn an_opaque_user_is_undecided() {
    let yaml = "version: 1\nclient_vpn:\n  auth_type: meraki\n  users:\n  - {email: ann@example.com, authorized: true}\nclients:\n- name: a\n  user: !vault x\n";
    let report = Site::new(&[("site.yaml", yaml)]).check().report;
    for rule in ["username-not-email", "user-unknown", "user-not-authorized", "sessions-per-user"] {
        let all = verdicts_of(&report, rule);
        assert!(all.len() == 1 && all[0].starts_with("undecided: "), "{rule}: {all:?}");
    }
}

#[test]
fn an_opaque_section_is_undecided_once_for_each_subject() {
    let yaml = "version: 1\nclient_vpn: !vault x\nclients:\n- name: a\n  user: ann\n";
    let report = Site::new(&[("site.yaml", yaml)]).check().report;
    for rule in USERS.iter().chain(&SERVERS).chain(&["sessions-per-user"]) {
        let all = verdicts_of(&report, rule);
        assert!(all.len() == 1 && all[0].starts_with("undecided: "), "{rule}: {all:?}");
    }
}

const SECRET: &str = "{ env = \"VPNLINT_EXAMPLE_RADIUS\" }";
const OTHER: &str = "{ env = \"VPNLINT_EXAMPLE_OTHER\" }";
const UNSET: &str = "{ env = \"VPNLINT_EXAMPLE_UNSET\" }";

/// An MX with one VLAN and one uplink, and a RADIUS server with these keys beside its host.
fn radius(rest: &str) -> String {
    format!(
        "[mx]\nvlans = [{{ vlan_id = 10, subnet = \"192.168.10.0/24\", appliance_ip = \"192.168.10.1\" }}]\n\
         uplinks = [{{ interface = \"wan1\", ip = \"203.0.113.10\", dns_nameservers = [\"8.8.8.8\"] }}]\n\
         [client_vpn]\nauth_type = \"radius\"\n[[client_vpn.radius_servers]]\nhost = \"192.168.10.20\"\n{rest}\n"
    )
}

#[test]
fn an_absent_list_of_client_entries_says_nothing_and_an_empty_one_says_none() {
    let with = |rest: &str| ["radius-secret-mismatch", "radius-client-missing"].map(|rule| verdict(&radius(rest), rule));
    let unsaid = "undecided: RADIUS server `192.168.10.20` states no `clients`";
    assert_eq!(with(&format!("secret = {SECRET}")), [unsaid, unsaid]);
    assert_eq!(with(&format!("secret = {SECRET}\nclients = []")), ["-", "violated"]);
    let broken = with("clients = [7]");
    assert!(broken[1].starts_with("undecided: "), "{broken:?}");
}

#[test]
fn a_lost_uplink_or_vlan_leaves_a_client_entry_undecided() {
    let entry = "clients = [{ ip = \"10.0.0.0/8\" }]";
    assert_eq!(verdict(&radius(entry), "radius-client-missing"), "violated");
    let missing = |from: &str, to: &str| verdict(&radius(entry).replace(from, to), "radius-client-missing");
    assert_eq!(missing(", ip = \"203.0.113.10\"", ""), "undecided: the uplink wan1 states no `ip`");
    assert_eq!(
        missing("subnet = \"192.168.10.0/24\", appliance_ip = \"192.168.10.1\"", "name = \"Data\""),
        "undecided: VLAN `Data` states no `appliance_ip`"
    );
    assert_eq!(missing("ip = \"203.0.113.10\"", "ip = \"203.0.113.\""), "undecided: the value is not valid");
}

#[test]
fn a_vlan_of_one_address_is_that_address() {
    let vlan = |entry: &str| {
        let text = radius(&format!("clients = [{{ ip = \"{entry}\" }}, {{ ip = \"203.0.113.10\" }}]"));
        verdict(
            &text.replace("subnet = \"192.168.10.0/24\", appliance_ip = \"192.168.10.1\"", "subnet = \"192.168.9.9/32\""),
            "radius-client-missing",
        )
    };
    assert_eq!(vlan("192.168.9.9"), "holds");
    assert_eq!(vlan("192.168.9.0/24"), "holds");
    assert!(vlan("192.168.9.8").starts_with("undecided: the client entries cover some"));
}

#[test]
fn a_secret_that_is_not_known_decides_nothing() {
    let with = |ours: &str, theirs: &str| {
        verdict(&radius(&format!("secret = {ours}\nclients = [{{ ip = \"192.168.10.1\", secret = {theirs} }}]")), "radius-secret-mismatch")
    };
    assert_eq!(with(SECRET, SECRET), "holds");
    assert_eq!(with(SECRET, OTHER), "violated");
    assert!(with(UNSET, OTHER).starts_with("undecided: the environment variable"));
    assert!(with(SECRET, UNSET).starts_with("undecided: the environment variable"));
    let no_entry = format!("secret = {SECRET}\nclients = [{{ ip = \"10.1.1.1\", secret = {OTHER} }}]");
    assert_eq!(verdict(&radius(&no_entry), "radius-secret-mismatch"), "-", "radius-client-missing speaks of it");
}

#[test]
fn one_good_server_does_not_excuse_a_bad_one() {
    let second = format!(
        "[[client_vpn.radius_servers]]\nhost = \"192.168.99.20\"\nport = 1645\nlisten_port = 1812\nsecret = {SECRET}\nclients = [{{ ip = \"0.0.0.0/0\", secret = {OTHER} }}]"
    );
    let text = radius(&format!("listen_port = 1812\nsecret = {SECRET}\nclients = [{{ ip = \"0.0.0.0/0\", secret = {SECRET} }}]\n{second}"));
    let expected = ["violated", "holds", "violated", "violated", "-"];
    assert_eq!(SERVERS.map(|rule| verdict(&text, rule)), expected);
}

#[test]
fn servers_count_only_where_they_check_users() {
    let text = radius(&format!("port = 1\nlisten_port = 2\nsecret = {SECRET}\nclients = []")).replace("192.168.10.20", "10.99.0.1");
    let other = |auth: &str| SERVERS.map(|rule| verdict(&text.replace("auth_type = \"radius\"\n", auth), rule));
    assert_eq!(other("auth_type = \"meraki\"\n"), ["-"; 5]);
    assert_eq!(other(""), ["undecided: the site file states no `auth_type`"; 4].into_iter().chain(["-"]).collect::<Vec<_>>()[..]);
    assert_eq!(
        verdict("[client_vpn]\nauth_type = \"radius\"\n", "radius-port-mismatch"),
        "undecided: the site file states no `radius_servers`"
    );
    assert_eq!(verdict("[client_vpn]\nauth_type = \"radius\"\nradius_servers = []\n", "radius-port-mismatch"), "-");
}

#[test]
fn a_port_of_the_services_file_is_not_known() {
    assert_eq!(
        verdict(&radius("listen_port = 0"), "radius-port-mismatch"),
        "undecided: RADIUS server `192.168.10.20` listens on the port of its services file"
    );
}

#[test]
fn a_default_port_says_that_it_is_the_dashboards() {
    let report = report(&radius("listen_port = 1645"));
    let finding = report.findings.iter().find(|f| f.rule.id == "radius-port-mismatch").unwrap();
    assert!(finding.message.contains("(Dashboard default)"), "{}", finding.message);
    assert_eq!((finding.places[0].line, &*finding.places[0].text), (7, "Dashboard default: port 1812"));
}

#[test]
fn a_file_of_client_entries_that_is_not_read_leaves_every_rule_about_it_open() {
    let site = |rest: &str| format!("version = 1\n{}", radius(rest));
    for import in ["radius/nowhere.conf", "radius/notes.txt"] {
        let text = site(&format!("secret = {SECRET}\nimport = \"{import}\""));
        let report =
            Site::new(&[("site.toml", text.as_str()), ("radius/notes.txt", "the client is mx, and its secret CANARY-9\n")]).check().report;
        for rule in &SERVERS[..3] {
            assert_eq!(verdicts_of(&report, rule), [format!("undecided: `{import}` was not read")], "{rule}");
        }
        assert_eq!(found(&report), ["import-failed site.toml:10"]);
    }
}

#[test]
fn where_a_server_stands_decides_whether_it_is_reached() {
    let at = |host: &str| verdict(&radius("").replace("192.168.10.20", host), "auth-server-unreachable");
    assert_eq!(at("192.168.10.20"), "holds");
    assert_eq!(at("10.0.0.20"), "violated");
    assert_eq!(at("198.51.100.20"), "holds");
    assert_eq!(at("2001:db8::20"), "undecided: the address of RADIUS server `2001:db8::20` is IPv6, and the networks stated are IPv4");
    let front = "[[upstream]]\nname = \"isp\"\nlan_subnets = [\"10.0.0.0/24\"]\n";
    let behind = format!("{}{front}", radius("").replace("192.168.10.20", "10.0.0.20"));
    assert_eq!(
        verdict(&behind, "auth-server-unreachable"),
        "undecided: RADIUS server `10.0.0.20` is in a network of upstream device `isp`, in front of the MX"
    );
    let bridge = radius("").replace("192.168.10.20", "10.0.0.20").replace("[mx]", "[mx]\ndeployment_mode = \"passthrough\"");
    assert!(verdict(&bridge, "auth-server-unreachable").starts_with("undecided: the MX is in passthrough mode"));
    let route = radius("").replace("192.168.10.20", "10.0.0.20").replace("[mx]", "[mx]\nstatic_routes = [{ subnet = \"0.0.0.0/0\" }]");
    assert_eq!(verdict(&route, "auth-server-unreachable"), "holds");
}

fn controller(host: &str, certificate: &str) -> String {
    let servers = format!("active_directory_servers = [{{ host = \"{host}\", certificate = {certificate} }}]");
    radius("").split("[client_vpn]").next().unwrap().to_owned() + &format!("[client_vpn]\nauth_type = \"active_directory\"\n{servers}\n")
}

#[test]
fn a_domain_controller_must_be_inside() {
    let at = |host: &str| verdict(&controller(host, "{}"), "auth-server-unreachable");
    assert_eq!((at("192.168.10.21"), at("198.51.100.21")), ("holds".to_owned(), "violated".to_owned()));
    let wan = controller("203.0.113.11", "{}").replace("ip = \"203.0.113.10\"", "ip = \"203.0.113.10\", subnet = \"203.0.113.0/28\"");
    assert_eq!(verdict(&wan, "auth-server-unreachable"), "violated");
}

#[test]
fn a_certificate_is_proved_by_all_its_facts() {
    let is = |facts: &str| verdict(&controller("192.168.10.21", facts), "ad-certificate-missing");
    let states_no = |key: &str| format!("undecided: the certificate of domain controller `192.168.10.21` states no `{key}`");
    assert_eq!(is("{}"), states_no("not_after"));
    assert_eq!(is("{ not_after = 2026-11-23 }"), states_no("not_before"));
    assert_eq!(is("{ not_after = 2026-11-23, not_before = 2026-11-23 }"), states_no("server_auth"));
    assert_eq!(is("{ not_after = 2026-11-23, not_before = 2026-11-23, server_auth = true }"), "holds");
    assert_eq!(is("{ not_after = 2026-11-22 }"), "violated");
    assert_eq!(is("{ not_before = 2026-11-24 }"), "violated");
    assert_eq!(is("{ installed = false, not_after = 2020-01-01, server_auth = false }"), "violated");
    assert_eq!(
        verdicts(&controller("192.168.10.21", "{ not_after = 2026-11-22, server_auth = false }"), "ad-certificate-missing").len(),
        2
    );
}

fn uplink(rest: &str) -> String {
    format!("[[mx.uplinks]]\ninterface = \"wan1\"\n{rest}\n")
}

#[test]
fn an_uplink_is_down_by_the_words_of_the_api() {
    let status = |word: &str| verdict(&uplink(&format!("status = \"{word}\"")), "mx-uplink-down");
    for word in ["active", "ACTIVE"] {
        assert_eq!(status(word), "holds", "{word}");
    }
    for word in ["ready", "connecting", "not connected", "Not_Connected", "notConnected", "failed"] {
        assert_eq!(status(word), "violated", "{word}");
    }
    assert!(status("").starts_with("undecided: ") && status("inactive").starts_with("undecided: "));
    assert_eq!(verdict(&uplink(""), "mx-uplink-down"), "-");
    let report = report(&uplink("status = \"failed\""));
    let finding = report.findings.iter().find(|f| f.rule.id == "mx-uplink-down").unwrap();
    assert!(finding.message.contains("(Dashboard default)") && finding.level == Level::Warning);
}

#[test]
fn resolvers_of_a_provider_are_told_apart() {
    let asks = |ip: &str| verdict(&uplink(&format!("dns_nameservers = [\"{ip}\"]")), "mx-dns-not-public");
    for ip in ["8.8.4.4", "1.1.1.1", "192.168.1.1", "10.0.0.1", "172.31.0.1"] {
        assert_eq!(asks(ip), "holds", "{ip}");
    }
    for ip in ["8.8.8.9", "203.0.113.53", "100.127.0.1", "172.32.0.1"] {
        assert_eq!(asks(ip), "violated", "{ip}");
    }
    assert_eq!(verdict(&uplink("dns_nameservers = []"), "mx-dns-not-public"), "-");
    let both = format!("{}[[mx.uplinks]]\ninterface = \"wan2\"\ndns_nameservers = [\"8.8.8.8\"]\n", uplink(""));
    assert_eq!(verdict(&both, "mx-dns-not-public"), "undecided: the uplink wan1 states no `dns_nameservers`");
}

/// Clients of one user with these numbers of devices.
fn shared(vpn: &str, devices: &[&str]) -> String {
    let client = |(n, devices): (usize, &&str)| format!("[[clients]]\nname = \"c{n}\"\nuser = \"ann@example.com\"\n{devices}\n");
    format!("[client_vpn]\n{vpn}\n{}", devices.iter().enumerate().map(client).collect::<String>())
}

#[test]
fn sessions_are_counted_in_devices() {
    let is = |vpn: &str, devices: &[&str]| verdict(&shared(vpn, devices), "sessions-per-user");
    assert_eq!(is("", &[""; 5]), "holds");
    assert_eq!(is("", &[""; 6]), "violated");
    assert_eq!(is("", &["device_count = 0"; 6]), "holds");
    assert_eq!(is("", &["device_count = 5", "device_count = 0"]), "holds");
    assert_eq!(is("max_sessions_per_user = 1", &["", ""]), "violated");
    assert_eq!(is("max_sessions_per_user = \"many\"", &[""; 9]), "undecided: the value is not valid");
    assert_eq!(is("", &["device_count = -1"]), "undecided: the value is not valid");
    assert_eq!(is("", &["device_count = -1", "device_count = 6"]), "violated");
    assert_eq!(is("", &[]), "-");
}

#[test]
fn the_larger_of_entry_and_clients_counts_and_a_barred_user_has_none() {
    let with = |entry: &str| shared(&format!("users = [{{ email = \"Ann@example.com\", {entry} }}]"), &["device_count = 2"]);
    assert_eq!(verdict(&with("device_count = 5"), "sessions-per-user"), "holds");
    assert_eq!(verdict(&with("device_count = 6"), "sessions-per-user"), "violated");
    assert_eq!(verdict(&with("device_count = 6, authorized = false"), "sessions-per-user"), "-");
    let text = with("device_count = 6").replace("[client_vpn]", "[client_vpn]\nauth_type = \"radius\"");
    assert_eq!(verdict(&text, "sessions-per-user"), "holds", "the Dashboard's users are not asked");
}

#[test]
fn client_vpn_off_silences_the_family() {
    let text = shared("enabled = false\nauth_type = \"meraki\"\nusers = []", &[""; 6]);
    assert!(report(&text).findings.iter().all(|f| f.rule.id == "client-vpn-disabled"));
    assert_eq!(USERS.map(|rule| verdict(&text, rule)), ["-"; 4]);
}

#[test]
fn a_servers_own_secret_is_shown_nowhere() {
    let key = "CANARY-entry.secret-9";
    let text = radius(&format!(
        "secret = {SECRET}\nlisten_port = 1\nclients = [{{ name = \"{key}\", ip = \"192.168.10.1\", secret = \"{key}\" }}]"
    ));
    let text = text.replace("auth_type", "username_format = \"upn\"\nauth_type");
    let report = report(&format!("{text}[[clients]]\nname = \"{key}\"\nuser = \"ann\"\n"));
    for rule in ["radius-secret-mismatch", "radius-port-mismatch", "secret-in-clear-text", "username-without-domain"] {
        assert!(report.findings.iter().any(|f| f.rule.id == rule), "{rule}: {:?}", found(&report));
    }
    for format in [Format::Text, Format::Concise, Format::Json] {
        let shown = render(&report, format);
        assert!(!shown.contains("CANARY"), "{shown}");
    }
}

#[test]
fn a_key_that_serves_both_sides_of_a_radius_server_is_one_fault() {
    let psk = "{ env = \"VPNLINT_EXAMPLE_PSK\" }";
    let entry = |key: &str| format!("secret = {key}\nclients = [{{ ip = \"0.0.0.0/0\", secret = {psk} }}]");
    let with = |key: &str| radius(&entry(key)).replace("auth_type", &format!("shared_secret = {psk}\nauth_type"));
    let reused = |key: &str| {
        report(&with(key)).findings.into_iter().filter(|f| f.rule.id == "psk-reused").map(|f| f.places.len()).collect::<Vec<_>>()
    };
    assert_eq!(reused(psk), [3]);
    assert_eq!(reused(SECRET), [2]);
}
