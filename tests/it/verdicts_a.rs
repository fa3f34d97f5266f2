//! Verdicts of the families `psk` and `server` that no page can show: what holds, what is undecided and for want of which input, and what stays silent.

use vpnlint::report::Report;

use crate::support::{Site, found};

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", format!("version = 1\n{text}"))]).check().report
}

/// `holds SUBJECT` or `undecided SUBJECT: REASON` of a rule, in order.
fn rows(text: &str, rule: &str) -> Vec<String> {
    let rows = report(text).coverage.expect("coverage").into_iter().filter(|r| r.rule.id == rule);
    rows.map(|r| match r.undecided {
        None => format!("holds {}", r.subject.kind),
        Some(why) => format!("undecided {}: {why}", r.subject.kind),
    })
    .collect()
}

/// The one row of a rule.
fn row(text: &str, rule: &str) -> String {
    let rows = rows(text, rule);
    assert_eq!(rows.len(), 1, "{rule}: {rows:?}");
    rows.into_iter().next().unwrap()
}

fn findings(text: &str) -> Vec<String> {
    found(&report(text)).into_iter().map(|f| f.split(' ').next().unwrap_or_default().to_owned()).collect()
}

const PSK: &str = "{ env = \"VPNLINT_EXAMPLE_PSK\" }";
const UNSET: &str = "{ env = \"VPNLINT_EXAMPLE_UNSET\" }";

fn vpn(key: &str) -> String {
    format!("[client_vpn]\nshared_secret = {key}\n")
}

fn client(rest: &str) -> String {
    format!("[[clients]]\nname = \"a\"\n{rest}\n")
}

#[test]
fn a_key_that_is_not_set_leaves_every_rule_about_it_undecided() {
    for rule in ["psk-missing", "psk-special-edge", "psk-weak", "psk-not-portable", "secret-in-clear-text"] {
        assert_eq!(row(&vpn(UNSET), rule), "undecided client_vpn: the environment variable `VPNLINT_EXAMPLE_UNSET` is not set", "{rule}");
    }
}

#[test]
fn a_good_key_holds_for_every_rule_about_it() {
    for rule in ["psk-missing", "psk-special-edge", "psk-weak", "psk-not-portable", "secret-in-clear-text"] {
        assert_eq!(row(&vpn(PSK), rule), "holds client_vpn", "{rule}");
    }
    assert!(rows(&vpn(PSK), "psk-reused").is_empty(), "nothing to compare with");
}

#[test]
fn no_shared_secret_is_undecided_not_missing() {
    assert_eq!(row("[client_vpn]\nenabled = true\n", "psk-missing"), "undecided client_vpn: the site file states no `shared_secret`");
    assert!(findings("[client_vpn]\nenabled = true\n").is_empty());
}

#[test]
fn an_empty_key_is_one_fault() {
    let text = format!("{}{}", vpn("\"\""), client("pre_shared_key = \"\""));
    assert_eq!(findings(&text), ["psk-missing", "psk-missing"]);
}

#[test]
fn a_key_that_stands_in_many_places_is_weak_once() {
    let weak = "{ env = \"VPNLINT_EXAMPLE_SHORT\" }";
    let text = format!("{}{}{}", vpn(weak), client(&format!("pre_shared_key = {weak}")), client(&format!("pre_shared_key = {weak}")));
    let report = report(&text);
    assert_eq!(found(&report), ["psk-weak site.toml:3"]);
    assert_eq!(report.findings[0].places.len(), 3);
}

#[test]
fn a_certificate_profile_needs_no_key() {
    let text = format!("{}{}", vpn(PSK), client("ipsec_authentication = \"certificate\""));
    assert_eq!(row(&text, "psk-missing"), "holds client_vpn");
    assert!(rows(&text, "psk-mismatch").is_empty());
}

#[test]
fn reuse_with_an_unknown_radius_secret_is_undecided() {
    let text = format!("{}radius_servers = [{{ host = \"10.0.0.1\", secret = {UNSET} }}]\n", vpn(PSK));
    assert!(row(&text, "psk-reused").starts_with("undecided client_vpn: the environment variable"));
}

#[test]
fn clear_text_is_told_even_when_client_vpn_is_off() {
    assert_eq!(findings("[client_vpn]\nenabled = false\nshared_secret = \"CANARY-of-this.page-9only!\"\n"), ["secret-in-clear-text"]);
}

#[test]
fn the_near_miss_names_the_side_and_not_the_key() {
    let text = format!("{}{}", vpn(PSK), client("pre_shared_key = { env = \"VPNLINT_EXAMPLE_BLANK\" }"));
    let report = report(&text);
    let mismatch = report.findings.iter().find(|f| f.rule.id == "psk-mismatch").unwrap();
    assert!(mismatch.help.starts_with("they differ only in white space at the end of one of them (the client's); "), "{}", mismatch.help);
}

const WAN: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\n";
const INSIDE: &str = "[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\n";
const WAN2: &str = "[[mx.uplinks]]\ninterface = \"wan2\"\nip = \"198.51.100.10\"\n";

#[test]
fn an_address_is_foreign_only_when_the_public_side_is_known() {
    let text = |wan: &str| format!("{wan}{}", client("server = \"198.51.100.9\""));
    assert_eq!(row(&text(INSIDE), "server-not-this-mx"), "undecided client: the primary uplink's `public_ip` is not stated");
    assert_eq!(findings(&text(WAN)), ["server-not-this-mx"]);
    assert_eq!(row(&text(""), "server-not-this-mx"), "undecided client: the site file has no `[mx]`");
}

#[test]
fn nothing_is_foreign_by_absence_in_a_broken_file() {
    let text = format!("{WAN}public_ip = \"nonsense\"\n{}", client("server = \"198.51.100.9\""));
    assert!(!findings(&text).contains(&"server-not-this-mx".to_owned()));
    assert!(row(&text, "server-not-this-mx").starts_with("undecided client"));
}

#[test]
fn a_name_among_none_is_undecided() {
    let text = format!("[mx]\nmodel = \"MX85\"\n{}", client("server = \"vpn.example.com\""));
    assert_eq!(row(&text, "server-not-this-mx"), "undecided client: the site file states no hostname, alias or address of the MX");
    let text = format!("{WAN}{}", client("server = \"x-abcdefgh.dynamic-m.com\""));
    assert_eq!(row(&text, "server-not-this-mx"), "undecided client: `mx.dynamic_dns` states no `hostname`");
}

#[test]
fn a_name_that_only_ends_like_dynamic_dns_is_another_name() {
    let text = format!("{WAN}{}", client("server = \"notdynamic-m.com\""));
    let report = report(&text);
    assert_eq!(found(&report).len(), 1);
    assert_eq!(report.findings[0].level, vpnlint::rules::Level::Warning);
}

#[test]
fn the_second_uplinks_name_is_known_from_the_hostname() {
    let dns = "[mx.dynamic_dns]\nenabled = true\nhostname = \"osaka-abcdefgh.dynamic-m.com\"\n";
    let with = |server: &str| findings(&format!("{dns}{}", client(&format!("server = \"{server}\""))));
    assert_eq!(with("osaka-abcdefgh-2.dynamic-m.com"), ["server-on-secondary-uplink"]);
    assert_eq!(with("osaka-abcdefgh-1.dynamic-m.com"), ["server-address-pinned"]);
    assert_eq!(with("osaka-abcdefgh-3.dynamic-m.com"), ["server-not-this-mx"]);
}

const PAIR: &str = "[mx.warm_spare]\nenabled = true\nuplink_mode = \"virtual\"\nvirtual_ip1 = \"192.168.1.4\"\nspare_uplinks = [{ interface = \"wan1\", ip = \"192.168.1.3\" }]\n";
const DNS: &str = "[mx.dynamic_dns]\nenabled = true\nhostname = \"osaka-abcdefgh.dynamic-m.com\"\n";

#[test]
fn a_wrong_address_is_told_once_and_most_exactly() {
    let site = |server: &str, lan: &str| {
        findings(&format!("{INSIDE}public_ip = \"203.0.113.10\"\n{WAN2}{PAIR}{DNS}{}", client(&format!("server = \"{server}\"\n{lan}"))))
    };
    let near = "lan_subnet = \"192.168.1.0/24\"";
    assert_eq!(site("192.168.1.2", near), ["warm-spare-not-vip"]);
    assert_eq!(site("192.168.1.3", near), ["warm-spare-not-vip"]);
    assert_eq!(site("192.168.1.2", ""), ["server-address-not-public"]);
    assert_eq!(site("192.168.1.77", near), ["server-not-this-mx"]);
    assert_eq!(site("198.51.100.10", ""), ["server-on-secondary-uplink"]);
    assert_eq!(site("203.0.113.10", ""), ["server-address-pinned"]);
    assert_eq!(site("203.0.113.99", ""), ["server-not-this-mx"]);
    assert_eq!(site("2001:db8::1", ""), ["server-address-ipv6"]);
    assert!(site("osaka-abcdefgh.dynamic-m.com", "").is_empty());
}

#[test]
fn a_virtual_ip_is_pinned_only_beside_a_second_uplink() {
    let pair = PAIR.replace("192.168.1.", "203.0.113.");
    let one = format!("{WAN}{pair}{DNS}{}", client("server = \"203.0.113.4\""));
    assert!(findings(&one).is_empty());
    let two = format!("{WAN}{WAN2}{pair}{DNS}{}", client("server = \"203.0.113.4\""));
    assert_eq!(findings(&two), ["server-address-pinned"]);
}

#[test]
fn a_pair_of_unknown_mode_is_undecided() {
    let text = format!("{WAN}[mx.warm_spare]\nenabled = true\n{}", client("server = \"203.0.113.10\""));
    for rule in ["warm-spare-not-vip", "warm-spare-without-vip"] {
        assert_eq!(row(&text, rule), "undecided client: `mx.warm_spare` states no `uplink_mode`");
    }
}

#[test]
fn a_vip_without_its_subnet_is_undecided() {
    let text = format!("{INSIDE}{PAIR}");
    assert_eq!(row(&text, "vip-invalid"), "undecided mx: the uplink wan1 states no `subnet`");
    assert_eq!(
        row(&text.replace("[mx.warm_spare]", "subnet = \"192.168.1.0/29\"\ngateway = \"192.168.1.1\"\n[mx.warm_spare]"), "vip-invalid"),
        "holds mx"
    );
}

#[test]
fn a_router_without_an_address_leaves_cgnat_undecided() {
    let text = format!("{INSIDE}[[upstream]]\nname = \"edge\"\n");
    assert_eq!(row(&text, "wan-behind-cgnat"), "undecided mx: the upstream device `edge` states no `wan_ip`");
}

#[test]
fn client_vpn_off_silences_all_but_its_own_rule() {
    let text = format!("{WAN}[client_vpn]\nenabled = false\n{}", client("server = \"198.51.100.9\""));
    assert_eq!(findings(&text), ["client-vpn-disabled"]);
}
