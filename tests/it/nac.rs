//! Network as Code through a whole run: rules that are violated and that hold, with the places of both sides.

use serde_json::json;

use vpnlint::report::{Report, ReportFinding};

use crate::support::{Site, vpnlint};

const SITE: &str = "version = 1\n[mx]\nimport = [\"data/\"]\nnetwork = \"Kobe\"\n[[mx.uplinks]]\ninterface = \"wan1\"\nip = \"192.168.1.2\"\n[client_vpn]\nsubnet = \"10.9.20.0/24\"\n";
const TEMPLATES: &str = "meraki:
  templates:
    networks:
      - name: branch
        type: model
        configuration:
          appliance:
            vlans:
              - vlan_id: 10
                name: Data
                subnet: ${data_subnet}
            firewall:
              port_forwarding_rules:
                - name: lab
                  protocol: udp
                  uplink: both
                  public_port: ${lab_port}
                  local_port: 500
                  lan_ip: 10.9.10.9
                  allowed_ips: [any]
          wireless:
            ssids:
              - psk: ${guest_word}
";
const BRANCHES: &str = "meraki:
  domains:
    - name: EMEA
      organizations:
        - name: Lab
          networks:
            - name: Kobe
              templates: [branch]
              variables:
                data_subnet: 10.9.10.0/24
                lab_port: 5001
                guest_word: CANARY-guest.word
            - name: Nara
              templates: [branch]
              variables:
                data_subnet: 10.9.20.0/24
                lab_port: 500
                guest_word: CANARY-other.word
";

fn site(site: &str, branches: &str) -> Site {
    Site::new(&[("site.toml", site), ("data/templates.nac.yaml", TEMPLATES), ("data/branches.nac.yaml", branches)])
}

fn check(site: &Site) -> Report {
    let report = site.check().report;
    assert!(report.bugs.is_empty(), "{:?}", report.bugs);
    for finding in &report.findings {
        let shown = format!("{} {} {:?} {:?}", finding.message, finding.help, finding.places, finding.excerpts);
        assert!(!shown.contains("CANARY"), "{shown}");
    }
    report
}

fn ids(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|f| f.rule.id).collect()
}

/// What was not violated of a rule: nothing where it holds, else what is missing.
fn rows<'r>(report: &'r Report, rule: &str) -> Vec<Option<&'r str>> {
    report.coverage.iter().flatten().filter(|c| c.rule.id == rule).map(|c| c.undecided.as_deref()).collect()
}

/// What a label's place shows, and where it is.
fn labelled(finding: &ReportFinding, n: usize) -> (&str, &str) {
    let place = &finding.places[n];
    (&finding.excerpts[place.excerpt].text[place.bytes.clone()], &place.path)
}

#[test]
fn a_good_branch_is_proved_and_a_bad_one_is_found_where_its_values_stand() {
    let good = check(&site(SITE, BRANCHES));
    assert_eq!(ids(&good), Vec::<&str>::new());
    let forwards = rows(&good, "mx-forwards-ike");
    assert_eq!(forwards, [None], "proved");
    let bad = check(&site(&SITE.replace("Kobe", "Nara"), BRANCHES));
    let mut found = ids(&bad);
    found.sort_unstable();
    assert_eq!(found, ["mx-forwards-ike", "subnet-overlap"]);
    let overlap = bad.findings.iter().find(|f| f.rule.id == "subnet-overlap").expect("an overlap");
    let places: Vec<_> = (0..overlap.places.len()).map(|n| labelled(overlap, n)).collect();
    assert!(
        places.contains(&("10.9.20.0/24", "data/branches.nac.yaml")) && places.contains(&("\"10.9.20.0/24\"", "site.toml")),
        "{places:?}"
    );
}

#[test]
fn what_is_not_filled_in_leaves_verdicts_open() {
    let open = BRANCHES.replace("                lab_port: 500\n", "").replace("data_subnet: 10.9.20.0/24", "data_subnet: !env NARA_DATA");
    let report = check(&site(&SITE.replace("Kobe", "Nara"), &open));
    assert_eq!(ids(&report), Vec::<&str>::new());
    let reason = rows(&report, "mx-forwards-ike");
    assert_eq!(reason, [Some("the variable `lab_port` of a template is not given")]);
    let overlap = rows(&report, "subnet-overlap");
    assert!(!overlap.is_empty() && overlap.iter().all(Option::is_some), "{overlap:?}");
}

#[test]
fn the_code_the_api_and_the_site_file_are_compared_pairwise() {
    let inline = format!("{SITE}[[mx.vlans]]\nvlan_id = 10\nsubnet = \"10.9.12.0/24\"\n");
    let report = check(&site(&inline, BRANCHES));
    assert_eq!(ids(&report), ["cross-source-drift"]);
    assert_eq!(report.findings[0].message, "the site file and an import disagree about the subnet of VLAN 10");
    let both = SITE.replace("[\"data/\"]", "[\"data/\", \"meraki/\"]");
    let both = site(&both, BRANCHES);
    both.write("meraki/vlans.json", br#"[{"id": 10, "name": "Data", "subnet": "10.9.11.0/24", "applianceIp": "10.9.11.1"}]"#);
    let report = check(&both);
    assert_eq!(ids(&report), ["cross-source-drift"]);
    assert_eq!(report.findings[0].message, "two imports disagree about the subnet of VLAN `Data`");
}

#[test]
fn a_folder_is_inspected_as_an_import_of_the_mx() {
    let site = site(SITE, BRANCHES);
    let shown = |arguments: &[&str]| {
        let output = vpnlint(site.path(), &[&["inspect", "--root", "."], arguments].concat());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!text.contains("CANARY"), "{text}");
        (output.status.code(), serde_json::from_str::<serde_json::Value>(&text).expect("JSON"))
    };
    let (code, document) = shown(&["data", "--network", "Nara"]);
    let vlan = &document["model"]["mx"]["vlans"]["value"][0];
    assert_eq!((code, &document["format"]), (Some(0), &json!("nac-yaml")));
    assert_eq!(vlan["subnet"], json!({ "value": "10.9.20.0/24", "path": "data/branches.nac.yaml", "line": 16, "column": 30 }));
    let (code, document) = shown(&["data"]);
    assert_eq!(code, Some(3));
    assert!(document["problems"][0]["message"].as_str().is_some_and(|m| m.contains("several networks")), "{document}");
    assert_eq!(shown(&["data/branches.nac.yaml", "--network", "Lab/Kobe"]).0, Some(0));
}
