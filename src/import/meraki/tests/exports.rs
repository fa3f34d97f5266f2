//! Exports that hold the settings of client VPN.

use super::*;
use crate::model::{AuthType, DnsMode};
use crate::secret::Secret;

/// Shape: `meraki/automation-scripts`, `migrate_devices.py`, `exportDevices`.
pub const MIGRATE: &str = r#"[
    {
        "name": "Kobe",
        "id": "N_1",
        "orgId": "77",
        "devices": [
            {
                "serial": "Q2AA-AAAA-AAA1",
                "model": "MX85",
                "name": "kobe-mx",
                "notes": "CANARY-in-a-note",
                "managementInterface": {"ddnsHostnames": {"activeDdnsHostname": "kobe-abcdefgh.dynamic-m.com"},
                    "wan1": {"wanEnabled": "enabled", "usingStaticIp": true, "staticIp": "203.0.113.10", "staticSubnetMask": "255.255.255.0"}},
                "appliancePorts": [{"number": 3, "enabled": true, "type": "trunk"}],
                "applianceSsids": [{"number": 1, "name": "office", "psk": "CANARY-of-the-ssid", "radiusServers": [{"secret": "CANARY-ssid-radius"}]}],
                "vpnClientAnyconnect": {"enabled": true, "subnet": "10.9.201.0/24", "sslPort": 8443, "radiusServers": [{"host": "10.9.10.9", "secret": "CANARY-anyconnect"}]},
                "vpnClientIpsec": {"hostname": "kobe-abcdefgh.dynamic-m.com", "enabled": true, "sharedSecret": "CANARY-ipsec.Key-1", "ipv4": {"subnet": "10.9.200.0/24"}},
                "vpnSiteToSite": {"mode": "spoke", "hubs": [{"hubId": "N_2"}], "subnets": [{"localSubnet": "10.9.10.0/24", "useVpn": true}]}
            },
            {"serial": "Q2AA-AAAA-AAA9", "model": "MS120-8", "switchPorts": [{"portId": "1", "name": "up"}]}
        ]
    },
    {
        "name": "Nara",
        "id": "N_2",
        "orgId": "77",
        "devices": [{"serial": "Q2BB-BBBB-BBB1", "model": "MX67", "vpnClientIpsec": {"enabled": false, "sharedSecret": "CANARY-nara", "ipv4": {"subnet": "10.8.200.0/24"}}}]
    }
]"#;

/// Names: `pocc/merlink`, `client_vpn.py`.
pub const WDC: &str = r#"{"nodes": {"psk": "CANARY-elsewhere"}, "wdc": {"client_vpn_enabled": true, "client_vpn_secret": "CANARY-wdc.Key-1",
    "client_vpn_subnet": "10.9.200.0/24", "client_vpn_auth_type": "radius", "client_vpn_dns_mode": "custom", "client_vpn_dns": "10.9.10.2\n10.9.10.3",
    "client_vpn_wins_enabled": false, "client_vpn_wins_servers": "10.9.10.2", "client_vpn_radius_servers": [{"host": "10.9.10.20", "port": "1812", "secret": "CANARY-radius"}],
    "client_vpn_active_directory_servers": [], "client_vpn_pcc_auth_tags": null, "client_vpn_site_to_site_mode": "none"}}"#;

fn vpn(read: &Read) -> &ClientVpn {
    &read.client_vpn.known().expect("client VPN").value
}

fn shows_no_canary(read: &Read) {
    for file in read.session.map.files() {
        let shown = file.masked().text().to_owned();
        // A note is free text that no key tells apart; it is never shown, for only labelled lines are.
        assert!(!shown.replace("CANARY-in-a-note", "").contains("CANARY"), "{shown}");
    }
    let said = format!("{:?}", read.ledger.problems);
    assert!(!said.contains("CANARY"), "{said}");
}

#[test]
fn the_migration_script_s_export_holds_client_vpn() {
    let r = read(&[("devices_2026-11-01_10.00.00.json", MIGRATE)], "devices_2026-11-01_10.00.00.json", Some("Kobe"));
    assert_eq!(r.ledger.problems, []);
    let vpn = vpn(&r);
    assert!(v(&vpn.enabled));
    assert_eq!(v(&vpn.subnet).to_string(), "10.9.200.0/24");
    assert_eq!(r.session.map.text(vpn.subnet.span().unwrap()), "\"10.9.200.0/24\"");
    assert!(vpn.shared_secret.known().unwrap().value.secret.same_as(&Secret::new("CANARY-ipsec.Key-1")));
    assert_eq!(v(&r.mx.model), "MX85");
    let anyconnect = &r.mx.anyconnect.known().unwrap().value;
    assert_eq!((v(&anyconnect.port), v(&anyconnect.subnet).to_string()), (8443, "10.9.201.0/24".to_owned()));
    assert_eq!(v(&r.mx.dynamic_dns.known().unwrap().value.hostname), "kobe-abcdefgh.dynamic-m.com");
    assert_eq!(v(&r.mx.uplinks.items()[0].value.ip).to_string(), "203.0.113.10");
    assert_eq!(r.mx.site_to_site_vpn.known().unwrap().value.subnets.items().len(), 1);
    shows_no_canary(&r);
    let other = read(&[("d.json", MIGRATE)], "d.json", Some("Q2BB-BBBB-BBB1"));
    assert!(!v(&self::vpn(&other).enabled));
    assert_eq!(v(&other.mx.model), "MX67");
    let neither = read(&[("d.json", MIGRATE)], "d.json", None);
    assert_eq!(kinds(&neither.ledger), [ProblemKind::ImportFailed]);
    assert!(neither.client_vpn.is_absent());
}

#[test]
fn what_stands_in_ipv4_is_published_nowhere() {
    for (inside, known) in [
        (r#"{"subnet": "10.9.200.0/24"}"#, true),
        (r#"{"cidr": "10.9.200.0/24", "dnsMode": "google_dns"}"#, true),
        (r#"{"pool": {"start": "10.9.200.1"}}"#, false),
        ("{}", false),
    ] {
        let text = format!(r#"{{"enabled": true, "sharedSecret": "CANARY-x.Y", "ipv4": {inside}}}"#);
        let r =
            read(&[("networks__N_1__appliance__clientVpn__ipsec.json", &text)], "networks__N_1__appliance__clientVpn__ipsec.json", None);
        assert_eq!(r.ledger.problems, [], "{inside}");
        assert_eq!((vpn(&r).subnet.known().is_some(), vpn(&r).subnet.opaque().is_some()), (known, !known), "{inside}");
        shows_no_canary(&r);
    }
}

#[test]
fn the_dashboard_s_own_settings_are_read() {
    let inner = &WDC[WDC.find("\"wdc\": ").unwrap() + 7..WDC.len() - 1];
    for text in [WDC, inner] {
        let r = read(&[("settings.json", text)], "settings.json", None);
        assert_eq!(r.ledger.problems, [], "{text}");
        let vpn = vpn(&r);
        assert!(vpn.shared_secret.known().unwrap().value.secret.same_as(&Secret::new("CANARY-wdc.Key-1")));
        assert_eq!((v(&vpn.auth_type), v(&vpn.dns_mode)), (AuthType::Radius, DnsMode::Custom));
        assert_eq!(vpn.dns_nameservers.items().len(), 2);
        assert_eq!(vpn.wins_servers.items().len(), 0);
        assert!(vpn.wins_servers.known().is_some(), "switched off is no server");
        let radius = &vpn.radius_servers.items()[0].value;
        assert_eq!(v(&radius.port), 1812);
        assert!(radius.secret.known().unwrap().value.secret.same_as(&Secret::new("CANARY-radius")));
        shows_no_canary(&r);
    }
}

#[test]
fn odd_shapes_of_wdc_are_opaque_or_read() {
    type Check = fn(&ClientVpn) -> bool;
    let cases: &[(&str, Check)] = &[
        (r#""client_vpn_enabled": "1""#, |v| v.enabled.value() == Some(&true)),
        (r#""client_vpn_enabled": 0"#, |v| v.enabled.value() == Some(&false)),
        (r#""client_vpn_enabled": "perhaps""#, |v| v.enabled.opaque().is_some()),
        (r#""client_vpn_subnet": "10.9.200.0/24", "client_vpn_auth_type": "oracle""#, |v| v.auth_type.opaque().is_some()),
        (r#""client_vpn_subnet": "10.9.200.0/24", "client_vpn_dns": ["10.9.10.2"]"#, |v| v.dns_nameservers.items().len() == 1),
        (r#""client_vpn_subnet": "10.9.200.0/24", "client_vpn_dns": "dc1, dc2""#, |v| v.dns_nameservers.opaque().is_some()),
        (r#""client_vpn_subnet": "10.9.200.0/24", "client_vpn_dns": """#, |v| v.dns_nameservers.is_absent()),
        (r#""client_vpn_secret": 12345678"#, |v| v.shared_secret.known().is_some()),
        (r#""client_vpn_subnet": "", "client_vpn_radius_servers": {"0": {"host": "10.9.10.20"}}"#, |v| {
            v.subnet.is_absent() && v.radius_servers.items().len() == 1
        }),
        (r#""client_vpn_subnet": "10.9.200.0/24", "client_vpn_radius_servers": "CANARY 10.1.1.1""#, |v| {
            v.radius_servers.opaque().is_some()
        }),
    ];
    for (text, check) in cases {
        let r = read(&[("w.json", &format!("{{\"wdc\": {{{text}}}}}"))], "w.json", None);
        assert!(check(vpn(&r)), "{text}");
        shows_no_canary(&r);
    }
}

#[test]
fn two_exports_that_differ_are_drift() {
    let r = read(&[("m/devices.json", MIGRATE), ("m/settings.json", WDC)], "m", Some("Kobe"));
    assert_eq!(kinds(&r.ledger), [ProblemKind::Drift]);
    assert_eq!(r.ledger.problems[0].message, "two imports disagree about the shared secret of client VPN");
    assert_eq!(v(&vpn(&r).dns_mode), DnsMode::Custom);
    shows_no_canary(&r);
}

#[test]
fn an_error_of_the_closed_api_is_a_gap_of_client_vpn() {
    let r = read(&[("m/clientVpn/ipsec.json", r#"{"error": "404"}"#), ("m/vlans.json", VLANS)], "m", None);
    assert!(r.client_vpn.is_absent());
    assert_eq!(r.ledger.gaps.iter().map(|g| g.part).collect::<Vec<_>>(), [Part::ClientVpn]);
}

#[test]
fn every_prefix_of_the_exports_is_read() {
    for all in [MIGRATE, WDC] {
        for end in (0..all.len()).step_by(3).filter(|n| all.is_char_boundary(*n)) {
            let r = read(&[("x.json", &all[..end])], "x.json", Some("Kobe"));
            assert!(!format!("{:?}", r.ledger.problems).contains("CANARY"), "{end}");
        }
    }
}
