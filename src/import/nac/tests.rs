#![expect(clippy::disallowed_methods, reason = "tests write the files that they read")]

mod bounds;
mod merging;

use std::sync::Arc;

use super::*;
use crate::import::meraki;
use crate::model::mx::{L7Value, UplinkMode, VpnMode};
use crate::model::{Field, Mx};
use crate::source::{Root, Spanned};

struct Read {
    mx: Mx,
    ledger: Ledger,
    session: Session,
    _folder: tempfile::TempDir,
}

/// Reads the folder `data/` as a site file's `[mx] import` would.
fn read(files: &[(&str, &str)], network: Option<&str>) -> Read {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().copied().chain([("../site.toml", "data/ network")]) {
        let path = folder.path().join("data").join(name);
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let root = Root::new(folder.path()).unwrap();
    let site = root.path().join("site.toml");
    let mut session = Session::new(Arc::new(root));
    let id = session.open_site(&site).unwrap().id;
    let mut ledger = Ledger::default();
    let network = network.map(|n| Spanned::new(n.to_owned(), Span::new(6, 13)));
    let import = [Spanned::new("data".to_owned(), Span::new(0, 5))];
    let imported = meraki::load(&mut session, id, &import, network.as_ref(), None, &mut ledger);
    let mut problems = Vec::new();
    let mut mx = Mx::default();
    meraki::join(&mut mx, imported.mx, &mut problems);
    assert!(ledger.panics.is_empty(), "{:?}", ledger.panics);
    ledger.problems.extend(problems);
    Read { mx, ledger, session, _folder: folder }
}

impl Read {
    fn clean(self) -> Self {
        assert_eq!(self.ledger.problems, []);
        assert!(self.ledger.gaps.is_empty(), "{:?}", self.ledger.gaps);
        self
    }

    /// What stands at a field's place, and in which file.
    fn at<T>(&self, field: &Field<T>) -> (String, String) {
        let span = field.span().unwrap();
        (self.session.map.text(span).to_owned(), self.session.map.file_at(span).path.clone())
    }

    fn failures(&self) -> Vec<&str> {
        self.ledger.problems.iter().map(|p| p.message.trim_start_matches("the import was not read: ")).collect()
    }
}

fn v<T: Clone>(field: &Field<T>) -> T {
    field.value().unwrap().clone()
}

/// A network of one organisation.
fn lab(networks: &str) -> String {
    let indented: String = networks.lines().map(|l| format!("            {l}\n")).collect();
    format!("meraki:\n  domains:\n    - name: EMEA\n      organizations:\n        - name: Lab\n          networks:\n{indented}")
}

const BRANCH: &str = "- name: Osaka
  templates: [branch]
  variables:
    octet: 9
    data_subnet: 10.9.10.0/24
    spare_ip: \"192.168.1.3\"
    peer_words: CANARY-wifi.word
  appliance:
    warm_spare:
      enabled: true
      spare_device: mx-b
      uplink_mode: virtual
      virtual_ip1: 192.168.1.4
    vlans:
      - vlan_id: 10
        group_policy_name: Servers
  group_policies:
    - name: Servers
      firewall_and_traffic_shaping:
        settings: custom
        l3_firewall_rules:
          - policy: deny
            protocol: tcp
            destination_port: 445
            destination_cidr: Any
  devices:
    - name: mx-a
      serial: Q2AA-AAAA-AAA1
      model: MX85
      appliance:
        uplinks_settings:
          wan1:
            svis:
              ipv4:
                assignment_mode: static
                address: 192.168.1.2/24
                gateway: 192.168.1.1
                nameservers: [8.8.8.8]
    - name: mx-b
      model: MX85
      management_interface:
        wan1:
          using_static_ip: true
          static_ip: ${spare_ip}
          static_subnet_mask: 255.255.255.0
    - name: switch
      model: MS120-8
      management_interface:
        wan1:
          using_static_ip: true
          static_ip: 10.9.10.5
- name: Kobe
  product_types: [switch]
";

const TEMPLATES: &str = "meraki:
  templates:
    networks:
      - name: branch
        type: model
        configuration:
          appliance:
            settings:
              deployment_mode: routed
            vlans:
              - vlan_id: 10
                name: Data
                subnet: ${data_subnet}
                appliance_ip: 10.${octet}.10.1
              - vlan_id: 20
                name: Voice
                subnet: \"10.${octet}.20.0/24\"
                appliance_ip: ${voice_ip}
              - vlan_id: 30
                subnet: ${cidrsubnet(x, 8, 1)}
            static_routes:
              - name: Warehouse
                subnet: 10.20.0.0/16
                gateway_ip: !env GATEWAY
            vpn_site_to_site_vpn:
              mode: spoke
              hubs:
                - hub_network_name: Tokyo
              subnets:
                - local_subnet: ${data_subnet}
            firewall:
              l3_firewall_rules:
                rules:
                  - policy: deny
                    protocol: udp
                    source_port: Any
                    source_cidr: Any
                    destination_port: 1433
                    destination_cidr: 10.0.0.0/8
              l7_firewall_rules:
                - policy: deny
                  type: applicationCategory
                  value: meraki:layer7/category/3
                - type: port
                  value: '445'
                - type: blockedCountries
                  value_countries: [US]
              port_forwarding_rules:
                - name: web
                  lan_ip: 10.9.10.9
                  protocol: udp
                  public_port: 500
                  local_port: 500
          wireless:
            ssids:
              - name: corp
                psk: ${peer_words}
";

const DEFAULTS: &str = "defaults:
  meraki:
    domains:
      organizations:
        networks:
          appliance:
            settings:
              dynamic_dns:
                enabled: true
            single_lan:
              subnet: 10.0.0.0/8
            vpn_site_to_site_vpn:
              subnets:
                use_vpn: true
            firewall:
              l7_firewall_rules:
                policy: deny
";

const ORGANIZATION: &str = "meraki:
  domains:
    - name: EMEA
      organizations:
        - name: Lab
          appliance:
            third_party_vpn_peers:
              - name: supplier
                public_ip: 198.51.100.7
                private_subnets: [172.20.0.0/16]
                secret: CANARY-peer.key
                network_tags: [all]
            vpn_firewall_rules:
              rules:
                - policy: deny
                  protocol: tcp
                  destination_port: 445
          snmp:
            v3_auth_pass: CANARY-snmp.key
            v3_priv_pass: !vault |
              $ANSIBLE_VAULT;1.1;AES256
              CANARY3364663736
";

fn whole() -> Read {
    let branch = lab(BRANCH);
    let files = [
        ("01_org.nac.yaml", ORGANIZATION),
        ("02_branch.nac.yaml", &branch),
        ("03_templates.nac.yaml", TEMPLATES),
        ("defaults.yaml", DEFAULTS),
    ];
    read(&files, Some("osaka"))
}

#[test]
fn files_are_told_by_their_keys() {
    for (text, nac) in [
        ("meraki:\n", true),
        ("---\n# lab\n\nmeraki: {domains: []}\n", true),
        ("  meraki:\n    domains:\n  defaults:\n", true),
        ("sdwan:\n  a: 1\n\"meraki\":\n", true),
        ("defaults:\n  apic:\n    x: 1\n  meraki:\n", true),
        ("site:\n  meraki:\n", false),
        ("defaults:\n  apic:\nother:\n  meraki:\n", false),
        ("version: 1\nmx:\n  import: data/\n", false),
        ("- meraki\n", false),
        ("meraki: include('meraki')\n---\nmeraki:\n  domains: list()\n", false),
        ("", false),
    ] {
        assert_eq!(is_nac(text), nac, "{text}");
    }
}

#[test]
fn a_network_is_merged_filled_and_completed() {
    let r = whole().clean();
    let mx = &r.mx;
    assert_eq!(v(&mx.model), "MX85");
    assert!(v(&mx.dynamic_dns.known().unwrap().value.enabled), "from the defaults");
    assert!(mx.single_lan.is_absent(), "defaults make no part");
    let vlans = mx.vlans.items();
    assert_eq!(vlans.len(), 3);
    let (data, voice, odd) = (&vlans[0].value, &vlans[1].value, &vlans[2].value);
    assert_eq!(
        (v(&data.name), v(&data.subnet).to_string(), v(&data.appliance_ip).to_string()),
        ("Data".into(), "10.9.10.0/24".into(), "10.9.10.1".into())
    );
    assert_eq!(v(&data.group_policy), "Servers");
    assert_eq!(r.at(&data.subnet), ("10.9.10.0/24".to_owned(), "data/02_branch.nac.yaml".to_owned()), "where the value stands");
    assert_eq!(r.at(&data.appliance_ip), ("10.${octet}.10.1".to_owned(), "data/03_templates.nac.yaml".to_owned()));
    assert_eq!(v(&voice.subnet).to_string(), "10.9.20.0/24");
    assert_eq!(&*voice.appliance_ip.opaque().unwrap().reason, "the variable `voice_ip` of a template is not given");
    assert_eq!(&*odd.subnet.opaque().unwrap().reason, "the template's expression is not evaluated");
    let route = &mx.static_routes.items()[0].value;
    assert_eq!(&*route.gateway_ip.opaque().unwrap().reason, "`!env` is not resolved");
    let vpn = &mx.site_to_site_vpn.known().unwrap().value;
    assert_eq!(v(&vpn.mode), VpnMode::Spoke);
    assert!(v(&vpn.subnets.items()[0].value.use_vpn), "items are completed by defaults");
    let firewall = &mx.firewall.known().unwrap().value;
    assert_eq!(firewall.l3_firewall_rules.items().len(), 1);
    let l7: Vec<_> = firewall.l7_firewall_rules.items().iter().map(|r| &r.value).collect();
    assert!(matches!(l7[0].value.value(), Some(L7Value::Named { id: Some(_), name: None })));
    assert!(matches!(l7[1].value.value(), Some(L7Value::Text(port)) if port == "445"));
    assert!(l7[1].policy.known().is_some() && l7[2].countries.items().len() == 1);
    assert_eq!(v(&firewall.port_forwarding_rules.items()[0].value.public_port).to_string(), "500");
    assert_eq!(firewall.vpn_firewall_rules.items().len(), 1);
    assert_eq!(mx.third_party_vpn_peers.items().len(), 1);
    assert_eq!(mx.group_policies.items().len(), 1);
}

#[test]
fn the_spare_is_told_by_its_name() {
    let r = whole().clean();
    let uplink = &r.mx.uplinks.items()[0].value;
    assert_eq!(r.mx.uplinks.items().len(), 1);
    assert_eq!(
        (v(&uplink.interface), v(&uplink.ip).to_string(), v(&uplink.subnet).to_string()),
        ("wan1".into(), "192.168.1.2".into(), "192.168.1.0/24".into())
    );
    let pair = &r.mx.warm_spare.known().unwrap().value;
    assert_eq!((v(&pair.uplink_mode), v(&pair.virtual_ip1).to_string()), (UplinkMode::Virtual, "192.168.1.4".into()));
    let spare = &pair.spare_uplinks.items()[0].value;
    assert_eq!(r.at(&spare.ip), ("${spare_ip}".to_owned(), "data/02_branch.nac.yaml".to_owned()));
    assert!(spare.ip.opaque().is_some(), "variables fill templates, not the network's own text");
    let without = lab(&BRANCH.replace("      spare_device: mx-b\n", ""));
    let r = read(&[("a.nac.yaml", &without)], Some("Lab/Osaka"));
    assert_eq!(&*r.mx.uplinks.opaque().unwrap().reason, "which of several appliances is the primary is not said");
}

#[test]
fn no_secret_is_shown() {
    let r = whole();
    for file in r.session.map.files() {
        let raw = file.raw();
        for (at, _) in raw.match_indices("CANARY") {
            assert!(file.masked().hides(at..at + 6), "{}: {}", file.path, &raw[at..raw.len().min(at + 20)]);
        }
    }
}

#[test]
fn the_network_is_chosen_by_name_serial_or_because_it_is_alone() {
    let two = lab(
        "- name: Osaka\n  appliance:\n    settings:\n      deployment_mode: routed\n- name: Kobe\n  appliance:\n    settings:\n      deployment_mode: passthrough\n  devices:\n    - serial: Q2BB-BBBB-BBB1\n",
    );
    let several = read(&[("a.yaml", &two)], None);
    assert_eq!(several.failures(), ["its Network as Code holds several networks"]);
    assert!(several.ledger.problems[0].help.as_ref().unwrap().ends_with("there are `Osaka` and `Kobe`"));
    assert!(!several.ledger.gaps.is_empty());
    for (wanted, mode) in
        [("kobe", "passthrough"), ("Lab/Kobe", "passthrough"), ("EMEA/Lab/Osaka", "routed"), ("Q2BB-BBBB-BBB1", "passthrough")]
    {
        let r = read(&[("a.yaml", &two)], Some(wanted)).clean();
        assert_eq!(v(&r.mx.deployment_mode).word(), mode, "{wanted}");
    }
    assert_eq!(read(&[("a.yaml", &two)], Some("Nara")).failures(), ["its Network as Code holds no network of this name or serial"]);
    let twice = two.replace("Kobe", "Osaka");
    assert_eq!(read(&[("a.yaml", &twice)], Some("Osaka")).failures(), ["its Network as Code holds several networks"]);
    let one = lab("- name: Osaka\n  appliance:\n    settings:\n      deployment_mode: routed\n- name: Kobe\n  switch: {}\n");
    assert!(read(&[("a.yaml", &one)], None).clean().mx.deployment_mode.known().is_some());
    assert_eq!(read(&[("a.yaml", DEFAULTS)], None).failures(), ["its Network as Code holds no network"]);
}

#[test]
fn what_a_template_may_say_is_a_gap() {
    let missing = lab("- name: Osaka\n  templates: [nowhere]\n  appliance:\n    settings: {deployment_mode: routed}\n");
    let r = read(&[("a.yaml", &missing)], None);
    assert_eq!(r.ledger.gaps[0].reason, "a template of this name is in no import");
    let file = format!("{missing}  templates:\n    networks:\n      - name: nowhere\n        type: file\n        file: t.tftpl\n");
    assert_eq!(read(&[("a.yaml", &file)], None).ledger.gaps[0].reason, "a template that is a file of its own is not read");
}

#[test]
fn other_yaml_of_the_folder_is_passed_over_and_broken_files_are_not() {
    let one = lab("- name: Osaka\n  appliance:\n    vlans:\n      - vlan_id: 10\n        subnet: 10.9.10.0/33\n");
    let r = read(&[("a.yaml", &one), ("compose.yaml", "services: [\n"), ("renovate.json", "{}")], None);
    assert_eq!(r.ledger.problems.len(), 1);
    assert_eq!(r.ledger.problems[0].message, "this is not an IPv4 subnet");
    assert_eq!(r.ledger.gaps[0].reason, "part of data/a.yaml could not be read");
    let r = read(&[("a.yaml", &one), ("b.yaml", "meraki:\n  domains: [\n")], None);
    assert!(r.ledger.problems.iter().any(|p| p.kind == ProblemKind::Syntax));
}

#[test]
fn an_export_of_the_api_and_the_code_are_compared() {
    let code = lab("- name: Osaka\n  appliance:\n    vlans:\n      - vlan_id: 10\n        name: Data\n        subnet: 10.9.10.0/24\n");
    let vlans = |subnet: &str| {
        format!("[{{\"id\": 10, \"networkId\": \"N_1\", \"name\": \"Data\", \"subnet\": \"{subnet}\", \"applianceIp\": \"10.9.10.1\"}}]")
    };
    let networks = "[{\"id\": \"N_1\", \"organizationId\": \"1\", \"name\": \"Osaka\", \"productTypes\": [\"appliance\"]}]";
    let same = read(&[("a.yaml", &code), ("vlans.json", &vlans("10.9.10.0/24")), ("networks.json", networks)], Some("Osaka")).clean();
    assert!(same.mx.vlans.items()[0].value.appliance_ip.known().is_some());
    let other = read(&[("a.yaml", &code), ("vlans.json", &vlans("10.9.11.0/24")), ("networks.json", networks)], Some("N_1"));
    assert_eq!(other.failures(), ["two imports disagree about the subnet of VLAN `Data`"]);
}
