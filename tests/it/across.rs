//! Verdicts across sites stand in the coverage beside each site's own, under the site's name.

use vpnlint::report::Format;

use crate::support::{Site, render, vpnlint};

fn member(name: &str, key: &str, pool: &str, vlan: &str) -> String {
    format!(
        r#"version = 1
[site]
name = "{name}"
organization = "Example"
[mx]
vlans = [{{ vlan_id = 10, subnet = "{vlan}" }}]
site_to_site_vpn = {{ mode = "spoke", subnets = [{{ local_subnet = "{vlan}" }}, {{ local_subnet = "{pool}", use_vpn = true }}] }}
[client_vpn]
subnet = "{pool}"
shared_secret = {{ env = "{key}" }}
"#
    )
}

/// `SITE RULE KIND NAME: REASON` of the two rules that compare sites; those within one site have nothing to compare here.
fn rows(sites: &[(&str, String)]) -> Vec<String> {
    let report = Site::new(sites).check().report;
    let rows = report.coverage.expect("coverage").into_iter().filter(|r| r.rule.id == "psk-reused" || r.rule.id == "subnet-overlap");
    let why = |why: Option<String>| why.map_or_else(|| "holds".to_owned(), |why| format!("undecided, {why}"));
    rows.map(|r| format!("{}: {} of {} {}: {}", r.site, r.rule.id, r.subject.kind, r.subject.name, why(r.undecided))).collect()
}

#[test]
fn what_is_compared_across_sites_is_listed_for_each_of_them() {
    let a = ("a/site.toml", member("north", "VPNLINT_EXAMPLE_PSK", "10.99.1.0/24", "10.1.0.0/24"));
    let b = ("b/site.toml", member("south", "VPNLINT_EXAMPLE_OTHER", "10.99.2.0/24", "10.2.0.0/24"));
    let within = |site: &str| format!("{site}: subnet-overlap of client_vpn {site}: holds");
    let keys = |site: &str, verdict: &str| format!("{site}: psk-reused of client_vpn {site}: {verdict}");
    let expected = [keys("north", "holds"), within("north"), within("north"), keys("south", "holds"), within("south"), within("south")];
    assert_eq!(rows(&[a.clone(), b.clone()]), expected);
    // A key that is not set leaves every comparison open.
    let c = ("c/site.toml", member("west", "VPNLINT_EXAMPLE_UNSET", "10.99.3.0/24", "10.3.0.0/24"));
    let told = rows(&[a, b, c]);
    let open = keys("north", "undecided, the key of site `west` is not known");
    assert!(told.contains(&open) && told.contains(&open.replace("north", "south")), "{told:#?}");
    assert!(told.contains(&keys("west", "undecided, the site's own key is not known")), "{told:#?}");
}

#[test]
fn a_site_that_cannot_be_read_shifts_no_names() {
    let good = |name: &str, key: &str, n: u8| member(name, key, &format!("10.99.{n}.0/24"), &format!("10.{n}.0.0/24"));
    let sites = [
        ("a/site.toml", "\u{0}".to_owned()),
        ("b/site.toml", good("north", "VPNLINT_EXAMPLE_PSK", 1)),
        ("c/site.toml", good("south", "VPNLINT_EXAMPLE_OTHER", 2)),
    ];
    let told = rows(&sites);
    assert!(told.contains(&"north: psk-reused of client_vpn north: holds".to_owned()), "{told:#?}");
    assert!(told.contains(&"south: psk-reused of client_vpn south: holds".to_owned()), "{told:#?}");
}

#[test]
fn text_and_json_list_them_and_hide_keys_in_names() {
    let named = "CANARY-correct-Horse.7battery";
    let a = ("a/site.toml", member(named, "VPNLINT_EXAMPLE_PSK", "10.99.1.0/24", "10.1.0.0/24"));
    let b = ("b/site.toml", member("south", "VPNLINT_EXAMPLE_OTHER", "10.99.2.0/24", "10.2.0.0/24"));
    let c = ("c/site.toml", member(named, "VPNLINT_EXAMPLE_UNSET", "10.99.3.0/24", "10.3.0.0/24"));
    let report = Site::new(&[a.clone(), b.clone()]).check().report;
    let text = render(&report, Format::Text);
    let south = text.split("coverage of ").find(|block| block.starts_with("south\n")).expect("the site");
    assert!(south.split_once("holds ").is_some_and(|(_, holds)| holds.contains("psk-reused")), "{text}");
    let json = render(&report, Format::Json);
    assert!(json.contains("\"psk-reused\"") && !json.contains("CANARY") && !text.contains("CANARY"), "{text}{json}");
    // The third site's name is the first one's key: where that site's own verdict quotes it, it is hidden.
    let told = Site::new(&[a, b, c]).check().report.coverage.expect("coverage");
    let of_first =
        told.iter().find(|r| r.rule.id == "psk-reused" && !r.site.contains("south") && r.undecided.is_some()).expect("a verdict");
    assert!(!of_first.undecided.as_deref().is_some_and(|why| why.contains("CANARY")), "{:?}", of_first.undecided);
}

#[test]
fn the_command_lists_them_only_when_asked() {
    let a = ("a/site.toml", member("north", "VPNLINT_EXAMPLE_PSK", "10.99.1.0/24", "10.1.0.0/24"));
    let b = ("b/site.toml", member("south", "VPNLINT_EXAMPLE_OTHER", "10.99.2.0/24", "10.2.0.0/24"));
    let folder = Site::new(&[a, b]);
    let said = |arguments: &[&str]| String::from_utf8_lossy(&vpnlint(folder.path(), arguments).stdout).into_owned();
    assert!(!said(&["check"]).contains("psk-reused"));
    assert!(said(&["check", "--coverage"]).contains("psk-reused"));
}
