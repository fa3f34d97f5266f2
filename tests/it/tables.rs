//! `[data]` in a policy: each table changes what a rule finds when it is extended and when it is replaced.

use crate::support::{Site, vpnlint};

/// Ids of what is found at one site under a policy.
fn found(site: &str, policy: &str) -> Vec<String> {
    let folder = Site::new(&[("site.toml", site), ("vpnlint.toml", policy)]);
    let output = vpnlint(folder.path(), &["check", "--root", ".", "--format", "concise", "--quiet"]);
    assert!(output.status.code() != Some(2), "{policy}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|l| Some(l.split_once('[')?.1.split_once(']')?.0.to_owned())).collect()
}

fn faults(files: &[(&str, &[u8])]) -> String {
    let folder = Site::new(files);
    folder.write("site.toml", b"version = 1\n");
    let output = vpnlint(folder.path(), &["check", "--root", "."]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn data(table: &str, does: &str, lines: &str) -> String {
    format!("[data.{table}]\n{does} = [{lines}]\n")
}

/// Of a table: a site where nothing is wrong until the policy adds `line`, one where the shipped table finds a fault, and the rule.
struct Case {
    table: &'static str,
    line: &'static str,
    fine: String,
    faulty: String,
    rule: &'static str,
}

fn cases() -> Vec<Case> {
    let client = |more: &str| format!("version = 1\n[[clients]]\nname = \"a\"\n{more}\n");
    let layer7 = |name: &str| {
        format!(
            "version = 1\n[mx.firewall]\nl7_firewall_rules = [{{ policy = \"deny\", type = \"application\", value = {{ id = \"x\", name = \"{name}\" }} }}]\n[client_vpn]\nsubnet = \"192.168.100.0/24\"\n[[resources]]\nname = \"10.64.10.3\"\nservices = [\"smb\"]\n"
        )
    };
    let resolver = |ip: &str| {
        format!(
            "version = 1\n[client_vpn]\nsubnet = \"10.99.7.0/24\"\ndns_mode = \"custom\"\ndns_nameservers = [\"{ip}\"]\n[[clients]]\nname = \"a\"\n[[resources]]\nname = \"files.corp.example.com\"\nip = \"10.64.10.3\"\n"
        )
    };
    let subnet = |net: &str| format!("version = 1\n[client_vpn]\nsubnet = \"{net}\"\n[[clients]]\nname = \"a\"\n");
    let ike = |ike: &str| format!("version = 1\n[client_vpn]\nsubnet = \"10.99.7.0/24\"\n[[clients]]\nname = \"a\"\nike = [\"{ike}\"]\n");
    let port = |service: &str| {
        format!(
            "version = 1\n[mx.firewall]\nl7_firewall_rules = [{{ policy = \"deny\", type = \"port\", value = \"548\" }}]\n[client_vpn]\nsubnet = \"192.168.100.0/24\"\n[[resources]]\nname = \"10.64.10.3\"\nservices = [\"{service}\"]\n"
        )
    };
    let key = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n".to_owned();
    vec![
        // The shipped table has no line that is long enough to be weak for that alone: see `common_keys_may_be_replaced`.
        Case { table: "common-keys", line: "CANARY-correct-Horse.7battery", fine: key, faulty: String::new(), rule: "psk-weak" },
        Case {
            table: "conflicting-software",
            line: "conflicts Acme Optimizer",
            fine: client("software = [\"Acme Optimizer 7\"]"),
            faulty: client("software = [\"SmartByte\"]"),
            rule: "conflicting-software",
        },
        Case {
            table: "home-lans",
            line: "10.99.0.0/16",
            fine: subnet("10.99.7.0/24"),
            faulty: subnet("192.168.1.0/24"),
            rule: "home-lan-overlap",
        },
        Case {
            table: "l7-file-sharing",
            line: "application Acme Drive",
            fine: layer7("Acme Drive"),
            faulty: layer7("SMB"),
            rule: "l7-blocks-file-sharing",
        },
        Case {
            table: "os-without-l2tp",
            line: "chromeos 130",
            fine: client("os = \"chromeos\"\nos_version = \"131\""),
            faulty: client("os = \"android\"\nos_version = \"14\""),
            rule: "os-without-l2tp",
        },
        Case {
            table: "public-resolvers",
            line: "10.9.8.7  the provider's",
            fine: resolver("10.9.8.7"),
            faulty: String::new(),
            rule: "internal-name-public-dns",
        },
        Case {
            table: "mx-proposals",
            line: "default ike aes256-sha256-modp2048",
            fine: String::new(),
            faulty: ike("aes256-sha256-modp2048"),
            rule: "ike-proposal-mismatch",
        },
        Case { table: "services", line: "filer tcp/548", fine: String::new(), faulty: port("afp"), rule: "l7-blocks-file-sharing" },
    ]
}

#[test]
fn every_table_says_where_its_facts_come_from() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/data");
    for file in std::fs::read_dir(folder).expect("tables").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a table");
        let told = text.lines().take_while(|line| line.starts_with('#')).any(|line| line.contains("Source:") || line.contains("Sources:"));
        assert!(told, "{}", file.path().display());
    }
}

#[test]
fn a_line_that_is_added_changes_what_is_found() {
    for case in cases().iter().filter(|c| !c.fine.is_empty()) {
        let rule = case.rule.to_owned();
        assert!(!found(&case.fine, "").contains(&rule), "{}: without a policy", case.table);
        assert!(found(&case.fine, &data(case.table, "extend", &format!("\"{}\"", case.line))).contains(&rule), "{}: extended", case.table);
        assert!(found(&case.fine, &data(case.table, "replace", &format!("\"{}\"", case.line))).contains(&rule), "{}: replaced", case.table);
    }
}

#[test]
fn a_table_that_is_replaced_forgets_what_was_shipped() {
    for case in cases().iter().filter(|c| !c.faulty.is_empty() && !matches!(c.table, "mx-proposals" | "services")) {
        let rule = case.rule.to_owned();
        assert!(found(&case.faulty, "").contains(&rule), "{}: without a policy", case.table);
        assert!(
            found(&case.faulty, &data(case.table, "extend", &format!("\"{}\"", case.line))).contains(&rule),
            "{}: extended",
            case.table
        );
        assert!(
            !found(&case.faulty, &data(case.table, "replace", &format!("\"{}\"", case.line))).contains(&rule),
            "{}: replaced",
            case.table
        );
    }
}

#[test]
fn proposals_and_services_may_be_changed() {
    let case = |table: &str| cases().into_iter().find(|c| c.table == table).expect("a case");
    let proposals = case("mx-proposals");
    assert!(found(&proposals.faulty, "").contains(&proposals.rule.to_owned()));
    assert!(
        !found(&proposals.faulty, &data("mx-proposals", "extend", &format!("\"{}\"", proposals.line))).contains(&proposals.rule.to_owned())
    );
    let whole = r#""default ike aes128-sha1-modp1024", "default esp aes128-sha1", "pci ike aes128-sha1-modp2048", "pci esp aes128-sha1""#;
    let pinned = proposals.faulty.replace("aes256-sha256-modp2048", "3des-sha1-modp1024");
    assert!(!found(&pinned, "").contains(&proposals.rule.to_owned()));
    assert!(found(&pinned, &data("mx-proposals", "replace", whole)).contains(&proposals.rule.to_owned()));
    // The default that `crypto-override` compares with is the table's, too.
    let stated = "version = 1\n[client_vpn]\ncrypto = { ike = [\"aes256-sha256-modp2048\"], esp = [\"aes256-sha256\"] }\n[[clients]]\nname = \"a\"\nformat = \"x\"\n";
    let overridden = |policy: &str| found(stated, &format!("[rules]\ncrypto-override = \"advice\"\n{policy}"));
    assert_eq!(overridden(""), overridden(&data("mx-proposals", "replace", whole)));

    let services = case("services");
    let own = services.faulty.replace("afp", "filer");
    assert!(found(&services.faulty, "").contains(&services.rule.to_owned()));
    assert!(found(&own, "").contains(&"invalid-value".to_owned()));
    assert_eq!(found(&own, &data("services", "extend", "\"filer tcp/548\"")), ["l7-blocks-file-sharing"]);
    assert!(found(&services.faulty, &data("services", "replace", "\"filer tcp/548\"")).contains(&"invalid-value".to_owned()));
}

#[test]
fn common_keys_may_be_replaced() {
    // Weak for its place in the table alone: with a policy that lets short keys pass, and no other word.
    let site = "version = 1\n[client_vpn]\nshared_secret = { env = \"VPNLINT_EXAMPLE_PSK\" }\n";
    let policy = "[data.common-keys]\nextend = [\"CANARY-correct-Horse.7battery\"]\n";
    let folder =
        Site::new(&[("a/site.toml", site), ("vpnlint.toml", policy), ("a/vpnlint.toml", "[data.common-keys]\nreplace = [\"another\"]\n")]);
    let run = || vpnlint(folder.path(), &["check", "--root", ".", "--format", "concise", "--select", "psk-weak"]);
    assert!(!String::from_utf8_lossy(&run().stdout).contains("psk-weak"));
    folder.write("a/vpnlint.toml", b"[data.common-keys]\nextend = [\"another\"]\n");
    let output = String::from_utf8_lossy(&run().stdout).into_owned();
    assert!(output.contains("psk-weak"), "{output}");
}

#[test]
fn common_keys_and_public_resolvers_forget_what_was_shipped() {
    let label = |policy: &str| {
        let site = "version = 1\n[client_vpn]\nshared_secret = \"merakivpn\"\n";
        let folder = Site::new(&[("site.toml", site), ("vpnlint.toml", &format!("[rules]\npsk-weak = {{ min_length = 4 }}\n{policy}"))]);
        let output = vpnlint(folder.path(), &["check", "--root", ".", "--format", "json", "--select", "psk-weak"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["findings"][0]["labels"][0]["text"].as_str().map(str::to_owned)
    };
    assert_eq!(label("").as_deref(), Some("a common or left-over value"));
    assert_eq!(label("[data.common-keys]\nextend = [\"another\"]\n").as_deref(), Some("a common or left-over value"));
    assert_ne!(label("[data.common-keys]\nreplace = [\"another\"]\n").as_deref(), Some("a common or left-over value"));

    let uplink = "version = 1\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"203.0.113.10\"\ndns_nameservers = [\"8.8.8.8\"]\n";
    let rule = "mx-dns-not-public".to_owned();
    assert!(!found(uplink, &data("public-resolvers", "extend", "\"9.9.9.9\"")).contains(&rule));
    assert!(found(uplink, &data("public-resolvers", "replace", "\"9.9.9.9\"")).contains(&rule));
}

#[test]
fn lines_may_stand_in_a_file_of_the_root() {
    let site = cases().into_iter().find(|c| c.table == "public-resolvers").expect("a case").fine;
    let folder = Site::new(&[
        ("site.toml", site.as_str()),
        ("policies/org.toml", "[data.public-resolvers]\nextend = { file = \"../tables/resolvers.txt\" }\n"),
        ("vpnlint.toml", "extends = \"policies/org.toml\"\n"),
        ("tables/resolvers.txt", "# ours\n\n10.9.8.7  the provider's\n"),
    ]);
    let output = vpnlint(folder.path(), &["check", "--root", ".", "--format", "concise"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("[internal-name-public-dns]"));
    let shown = vpnlint(folder.path(), &["policy", "show", "--root", "."]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.lines().any(|l| l.contains("public-resolvers") && l.ends_with("extended by 1 line policies/org.toml:2")), "{shown}");
    let json = vpnlint(folder.path(), &["policy", "show", "--root", ".", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(
        json["data"][0],
        serde_json::json!({ "table": "public-resolvers", "replaces": false, "lines": 1, "origin": "policies/org.toml:2" })
    );
    assert_eq!(json["rules"].as_array().map(Vec::len), Some(vpnlint::rules::RULES.len()));
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_its_place() {
    let policy = |text: &str| faults(&[("vpnlint.toml", text.as_bytes())]);
    let shown = policy("[data.public-resolvers]\nextend = [\"9.9.9.9\", \"dns.example\"]\n");
    assert!(shown.contains("invalid-value") && shown.contains("vpnlint.toml:2:22") && shown.contains("an IPv4 address"), "{shown}");
    assert!(policy("[data.public-resolver]\nextend = []\n").contains("did you mean `public-resolvers`?"));
    assert!(policy("[data.secret-words]\nextend = [\"kennwort\"]\n").contains("is not a key of [data]"));
    assert!(policy("[data.home-lans]\nadd = [\"10.0.0.0/24\"]\n").contains("`add` is not a key of table `home-lans`"));
    assert!(policy("[data.home-lans]\nextend = \"10.0.0.0/24\"\n").contains("expected a list"));
    assert!(policy("[data]\nhome-lans = [\"10.0.0.0/24\"]\n").contains("expected a table with `extend` or `replace`"));
    assert!(policy("data = 7\n").contains("expected a table"));
    assert!(policy("[data.services]\nextend = [7, \"x\"]\n").contains("expected text"));
    assert!(policy("[data.mx-proposals]\nreplace = [\"default ike aes256-sha1\"]\n").contains("now lacks a line `default esp`"));
    let file = "[data.home-lans]\nextend = { file = \"lans.txt\" }\n";
    assert!(policy(file).contains("the table was not read: there is no such file"));
    assert!(policy("[data.home-lans]\nextend = { file = \"../lans.txt\" }\n").contains("outside"));
    assert!(policy("[data.home-lans]\nextend = { path = \"lans.txt\" }\n").contains("`path` is not a key"));
    let secret = faults(&[("vpnlint.toml", file.as_bytes()), ("lans.txt", b"10.0.0.0/24\nCANARY-not.a-line7\n")]);
    assert!(secret.contains("line 2 of lans.txt is no line of `home-lans`") && !secret.contains("CANARY"), "{secret}");
    assert!(faults(&[("vpnlint.toml", file.as_bytes()), ("lans.txt", b"10.0.0.0/24\n\xff\n")]).contains("lans.txt is not UTF-8"));
}

#[test]
fn the_schema_of_policies_knows_every_table() {
    let schema = vpnlint::policy::json_schema();
    let tables = &schema["$defs"]["PolicyDecl"]["properties"]["data"]["properties"];
    let names: Vec<_> = tables.as_object().expect("tables").keys().map(String::as_str).collect();
    let mut covered: Vec<_> = cases().iter().map(|c| c.table).collect();
    covered.sort_unstable();
    assert_eq!(names, covered);
    for name in names {
        assert!(tables[name]["properties"]["extend"].is_object() && tables[name]["properties"]["replace"].is_object(), "{name}");
    }
}
