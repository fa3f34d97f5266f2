use super::*;
use crate::model::RemarkKind;

fn read(text: &str) -> Read<'_> {
    read_as(Format::Onc, text)
}

/// A bare configuration whose `IPsec` goes on with `ipsec`, and the configuration with `rest`.
fn bare(ipsec: &str, rest: &str) -> String {
    format!(
        "{{ \"GUID\": \"g\", \"Name\": \"Office\", \"Type\": \"VPN\", \"VPN\": {{ \"Type\": \"L2TP-IPsec\", \"Host\": \"vpn.example.com\",\n\"IPsec\": {{ \"AuthenticationType\": \"PSK\", {ipsec} }}, }},\n{rest} }}\n"
    )
}

const WHOLE: &str = r#"// exported, key was CANARY-old
{
  "Type": "UnencryptedConfiguration",
  "NetworkConfigurations": [
    { "GUID": "{1}", "Name": "wifi", "Type": "WiFi", "WiFi": { "Passphrase": "CANARY-wifi" } },
    {
      "GUID": "{2}",
      "Name": "Office",
      "Type": "VPN",
      "NameServersConfigType": "Static",
      "StaticIPConfig": { "NameServers": [ "192.168.10.2", "2001:db8::1", "192.168.10.3" ] },
      "VPN": {
        "AutoConnect": false,
        "Host": "vpn.example.com", /* CANARY-block */
        "Type": "L2TP-IPsec",
        "IPsec": { "AuthenticationType": "PSK", "IKEVersion": 1, "PSK": "CANARY\"7", "Recommended": [ "PSK" ], },
        "L2TP": { "Username": "ann@example.com", "Password": "CANARY-password", "SaveCredentials": true, },
      },
    },
  ],
}
"#;

#[test]
fn a_whole_configuration_is_read_with_its_places() {
    let read = read(WHOLE);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Office", "Office"));
    assert_eq!((client.format, read.at(client.profile.unwrap())), (Some("onc"), "\"VPN\""));
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ L2TP-IPsec");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ \"PSK\"");
    assert_eq!(read.shown(&client.user), "\"ann@example.com\" @ ann@example.com");
    assert_eq!(read.shown(&client.aggressive_mode), "false @ L2TP-IPsec");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; 192.168.10.3 @ 192.168.10.3; ");
    assert!(read.key_is("CANARY\"7"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), r#"CANARY\"7"#);
    assert!(client.authentication.is_absent() && client.split_tunnel.is_absent() && client.routes.is_absent());
    assert!(client.remarks.is_empty() && read.notes.problems.is_empty());
    for secret in ["CANARY-old", "CANARY-wifi", "CANARY-block", "CANARY\\\"7", "CANARY-password"] {
        assert!(read.hides(WHOLE.find(secret).unwrap()), "{secret}");
    }
}

#[test]
fn keys_may_be_saved_elsewhere() {
    for (ipsec, why) in [
        ("\"IKEVersion\": 1", "-"),
        ("\"PSK\": \"\"", "the profile's `PSK` is empty: the device has a key of its own, which is not known"),
        ("\"PSK\": \"${LOGIN_ID}\"", "ChromeOS fills the profile's key in"),
        ("\"PSK\": \"{{ psk }}\"", "the profile is a template: its key is not filled in"),
        ("\"PSK\": 7", "the profile's `PSK` is not text"),
        ("\"PSK\": \"CANARY\"", "known"),
    ] {
        assert_eq!(read(&bare(ipsec, "")).no_key(), why, "{ipsec}");
    }
}

#[test]
fn what_chromeos_refuses_is_remarked() {
    for (ipsec, kind, place) in [
        ("\"IKEVersion\": 2", RemarkKind::Refused, "2"),
        ("\"IKEVersion\": \"1\"", RemarkKind::Refused, "\"1\""),
        ("\"XAUTH\": { \"Username\": \"ann\" }", RemarkKind::Refused, "\"XAUTH\""),
        ("\"psk\": \"CANARY\"", RemarkKind::SecretMisplaced, "\"psk\""),
    ] {
        let text = bare(ipsec, "");
        let read = read(&text);
        let [remark] = &read.client().remarks[..] else { panic!("{ipsec}") };
        assert_eq!((remark.kind, read.at(remark.span)), (kind, place));
        assert!(remark.label.split_whitespace().count() <= 6);
    }
    assert!(read(&bare("\"IKEVersion\": 1, \"PSK\": \"CANARY\"", "")).client().remarks.is_empty());
    let text = bare("", "").replace("L2TP-IPsec", "l2tp-ipsec");
    let lower = read(&text);
    assert_eq!(lower.client().remarks[0].kind, RemarkKind::Refused);
    assert!(lower.client().tunnel_type.opaque().is_some());
}

#[test]
fn other_configurations_are_told_apart() {
    let group = bare("\"Group\": \"sales\"", "");
    assert_eq!(read(&group).client().aggressive_mode.value(), Some(&true));
    let cert = bare("\"IKEVersion\": 1", "").replace("\"PSK\"", "\"Cert\"");
    assert_eq!(read(&cert).client().ipsec_authentication.value(), Some(&crate::model::IpsecAuthentication::Certificate));
    let dynamic = bare("", "\"NameServersConfigType\": \"DHCP\", \"StaticIPConfig\": { \"NameServers\": [\"10.0.0.2\"] }");
    assert!(read(&dynamic).client().dns_nameservers.is_absent());
    let user = bare("", "").replace("}, }", "}, \"L2TP\": { \"Username\": \"${LOGIN_ID}\" } }");
    assert_eq!(read(&user).client().user.opaque().map(|o| &*o.reason), Some("the profile is a template: its user is not filled in"));
    let list = format!("[ {}, {} ]", bare("", ""), bare("", ""));
    assert_eq!(read(&list).profiles.len(), 2);
    let ikev2 = bare("\"IKEVersion\": 2", "").replace("L2TP-IPsec", "IPsec");
    assert_eq!(read(&ikev2).client().tunnel_type.value(), Some(&crate::model::TunnelType::Ikev2));
    assert!(read("{ \"Type\": \"WiFi\", \"Name\": \"x\" }").profiles.is_empty());
}

#[test]
fn encrypted_files_are_said_to_be_unreadable() {
    let text = "{ \"Type\": \"EncryptedConfiguration\", \"Cipher\": \"AES256\", \"Ciphertext\": \"Q0FOQVJZ\", \"Salt\": \"eA==\" }";
    let read = read(text);
    assert!(read.profiles.is_empty() && read.notes.gap.is_some());
    assert_eq!(read.problems(), ["\"EncryptedConfiguration\": the configuration is encrypted and cannot be read"]);
}

#[test]
fn dashboards_and_onc_are_told_apart() {
    use crate::import::detect::detect;
    for (text, format) in [
        (WHOLE, Some(Format::Onc)),
        (&bare("", ""), Some(Format::Onc)),
        ("{ \"Type\": \"EncryptedConfiguration\", \"Ciphertext\": \"x\" }", Some(Format::Onc)),
        ("[{ \"id\": \"N_1\", \"organizationId\": \"1\", \"productTypes\": [\"appliance\"], \"name\": \"VPN\" }]", Some(Format::MerakiApi)),
        ("{ \"type\": \"VPN\", \"rules\": [] }", Some(Format::MerakiApi)),
        ("{ \"@odata.type\": \"#microsoft.graph.windows10VpnConfiguration\" }", Some(Format::ProfileXml)),
        ("<SyncML><SyncBody/></SyncML>", Some(Format::ProfileXml)),
        ("<NetworkOptions><VPN/></NetworkOptions>", Some(Format::ProfileXml)),
        ("$x = @'\n<VPNProfile></VPNProfile>\n'@\n", Some(Format::ProfileXml)),
        ("$x = @'\n<VPNProfile></VPNProfile>\n'@\nAdd-VpnConnection -Name x", Some(Format::PowerShell)),
    ] {
        assert_eq!(detect("file", text), format, "{text}");
    }
}

#[test]
fn nothing_leaks_however_it_is_cut() {
    cut_everywhere(Format::Onc, WHOLE, &["CANARY-old", "CANARY-wifi", "CANARY-block", "CANARY\\\"7", "CANARY-password"]);
    let text = bare("\"PSK\": \"CANARY\"", "");
    cut_everywhere(Format::Onc, &text, &["CANARY"]);
    cut_everywhere(Format::Onc, &text.replace('\n', ""), &["CANARY"]);
}
