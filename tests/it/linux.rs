//! Linux clients whose profile is made of several files, or stands in a script.

use crate::support::{Site, found, render, vpnlint};
use vpnlint::report::Format;

const MX: &str = "version = 1\n[mx]\nfirmware = \"18.211\"\ndynamic_dns = { enabled = true, hostname = \"vpn.example.com\" }\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
const CONF: &str = "conn office\n  keyexchange=ikev1\n  type=transport\n  authby=secret\n  left=%defaultroute\n  right=vpn.example.com\n  rightprotoport=17/1701\n";
const SECRETS: &str = "%any vpn.example.com : PSK \"CANARY-correct-Horse.7battery\"\n";
const LAC: &str = "[lac office]\nlns = vpn.example.com\npppoptfile = /etc/ppp/options.office\n";
const OPTIONS: &str = "noauth\nrefuse-eap\ndefaultroute\nname ann@example.com\npassword CANARY-password-1\n";

fn site(import: &str, files: &[(&str, &str)]) -> Site {
    let text = format!("{MX}[[clients]]\nname = \"linux\"\nimport = {import}\n");
    Site::new(&[&[("site.toml", text.as_str())], files].concat())
}

fn rules(site: &Site) -> Vec<String> {
    let report = site.check().report;
    // SARIF carries the rules' pages, whose examples have such keys.
    for (_, format) in Format::ALL.iter().filter(|(_, f)| *f != Format::Sarif) {
        assert!(!render(&report, *format).contains("CANARY"));
    }
    found(&report)
}

#[test]
fn four_files_of_a_folder_are_one_client() {
    let files = [("l/ipsec.conf", CONF), ("l/ipsec.secrets", SECRETS), ("l/options.office", OPTIONS), ("l/xl2tpd.conf", LAC)];
    assert_eq!(rules(&site("\"l/*\"", &files)), ["secret-in-clear-text l/ipsec.secrets:1"]);
    let faults = [
        ("l/ipsec.conf", CONF),
        ("l/ipsec.secrets", ": PSK 0sQ0FOQVJZLWNvcnJlY3QtSG9yc2UuN2JhdHRlcnkK\n"),
        ("l/options.office", "refuse-pap\nrequire-mppe-128\n"),
        ("l/xl2tpd.conf", &LAC.replace("vpn.example.com", "old.example.com")),
    ];
    let site = site("\"l/*\"", &faults);
    let found = rules(&site);
    for expected in [
        "psk-mismatch l/ipsec.secrets:1",
        "pap-refused l/options.office:1",
        "ppp-encryption-required l/options.office:2",
        "cross-source-drift l/ipsec.conf:6",
    ] {
        assert!(found.iter().any(|f| f == expected), "{expected}: {found:?}");
    }
    let help = site.check().report.findings.iter().find(|f| f.rule.id == "psk-mismatch").map(|f| f.help.clone()).unwrap_or_default();
    assert!(help.contains("line break") || help.contains("newline"), "{help}");
}

#[test]
fn a_key_alone_completes_the_table() {
    let text = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_OTHER\" }\n[[clients]]\nname = \"linux\"\nserver = \"vpn.example.com\"\nimport = \"ipsec.secrets\"\n";
    let site = Site::new(&[("site.toml", text), ("ipsec.secrets", SECRETS)]);
    assert!(rules(&site).contains(&"psk-mismatch ipsec.secrets:1".to_owned()));
}

#[test]
fn what_a_file_includes_is_read_within_the_root_and_missed_outside() {
    let within = [
        ("l/ipsec.conf", &*format!("include conf.d/*.conf\n{CONF}")),
        ("l/conf.d/a.conf", &CONF.replace("office", "other")),
        ("l/ipsec.secrets", "include more.secrets\n"),
        ("l/more.secrets", SECRETS),
    ];
    let inside = site("[\"l/ipsec.conf\", \"l/ipsec.secrets\"]", &within);
    let output = vpnlint(inside.path(), &["inspect", "--root", ".", "site.toml"]);
    let model: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let clients = model["model"]["clients"].as_array().expect("clients");
    assert_eq!(clients.iter().map(|c| c["name"]["value"].as_str().unwrap()).collect::<Vec<_>>(), ["linux/office", "linux/other"]);
    assert!(clients.iter().all(|c| c["pre_shared_key"]["set"] == serde_json::json!(true)));

    let shared = "conn %default\n  authby=secret\n  aggressive=no\ninclude a.conf\n";
    let child = CONF.replace("  authby=secret\n", "");
    let defaults = site("[\"ipsec.conf\", \"ipsec.secrets\"]", &[("ipsec.conf", shared), ("a.conf", &child), ("ipsec.secrets", SECRETS)]);
    assert_eq!(rules(&defaults), ["secret-in-clear-text ipsec.secrets:1"]);
    let alone = site("\"a.conf\"", &[("a.conf", child.as_str())]);
    assert_eq!(rules(&alone), ["ipsec-not-psk a.conf:1"]);

    let outside = site("\"ipsec.conf\"", &[("ipsec.conf", &format!("include /etc/ipsec.d/*.conf\n{CONF}"))]);
    let report = outside.check().report;
    let reasons = format!("{:?}", render(&report, Format::Json));
    assert!(reasons.contains("`/etc/ipsec.d/*.conf`, which ipsec.conf includes, was not read"), "{reasons}");
}

#[test]
fn a_circle_of_includes_ends() {
    let files = [("ipsec.conf", &*format!("include *.conf\n{CONF}")), ("b.conf", "include ipsec.conf\nconn b\n  right=b.example.com\n")];
    assert!(rules(&site("\"ipsec.conf\"", &files)).is_empty());
}

#[test]
fn swanctl_and_scripts_stand_beside_others() {
    let swanctl = "connections {\n  office {\n    version = 1\n    remote_addrs = vpn.example.com\n    local {\n      auth = psk\n    }\n    children {\n      l2tp {\n        mode = transport\n        remote_ts = dynamic[udp/1701]\n      }\n    }\n  }\n}\nsecrets {\n  ike {\n    secret = CANARY-another.Key-9of-them-all\n  }\n}\n";
    let script = "#!/bin/sh\nnmcli connection add type vpn vpn-type l2tp con-name x -- vpn.data \"gateway=vpn.example.com, ipsec-enabled=yes, refuse-pap=yes\" \\\n  vpn.secrets ipsec-psk=CANARY-correct-Horse.7battery\n";
    let nix = "{\n  environment.etc.\"NetworkManager/system-connections/y\".text = ''\n    [connection]\n    id=nix\n    type=vpn\n    [vpn]\n    service-type=org.freedesktop.NetworkManager.l2tp\n    gateway=vpn.example.com\n    ipsec-enabled=yes\n    ipsec-psk=${psk}\n  '';\n}\n";
    let found = rules(&site("\"p/*\"", &[("p/swanctl.conf", swanctl), ("p/vpn.sh", script), ("p/vpn.nix", nix)]));
    assert_eq!(
        found,
        [
            "psk-mismatch p/swanctl.conf:18",
            "secret-in-clear-text p/swanctl.conf:18",
            "pap-refused p/vpn.sh:2",
            "secret-in-clear-text p/vpn.sh:3"
        ]
    );
}

#[test]
fn a_key_file_in_a_script_changes_a_backslash_too() {
    let script = "cat > /etc/NetworkManager/system-connections/a <<'EOF'\n[connection]\nid=a\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\nipsec-psk=CANARY;Horse$7'x\"bat\\tery&9q\nEOF\n";
    let text = format!("{}[[clients]]\nname = \"linux\"\nimport = \"a.sh\"\n", MX.replace("EXAMPLE_PSK", "EXAMPLE_INSIDE"));
    let found = rules(&Site::new(&[("site.toml", text.as_str()), ("a.sh", script)]));
    assert!(found.contains(&"psk-not-portable a.sh:8".to_owned()), "{found:?}");
}
