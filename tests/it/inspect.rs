//! `vpnlint inspect`: what was understood, with places and without secrets.

use serde_json::{Value, json};

use crate::support::{Site, vpnlint};

const PROFILE: &str = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\n<key>PayloadContent</key><array><dict>\n<key>PayloadType</key><string>com.apple.vpn.managed</string>\n<key>VPNType</key><string>L2TP</string>\n<key>UserDefinedName</key><string>office</string>\n<key>PPP</key><dict><key>CommRemoteAddress</key><string>https://vpn.example.com</string></dict>\n<key>IPSec</key><dict><key>SharedSecret</key><string>CANARY-secret-1</string><key>LocalIdentifier</key><string>sales</string></dict>\n</dict></array></dict></plist>\n";

fn inspect(site: &Site, arguments: &[&str]) -> (i32, Vec<Value>, String) {
    let output = vpnlint(site.path(), &[&["inspect", "--root", "."], arguments].concat());
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter().map(|d| d.expect("JSON")).collect();
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("CANARY") && !errors.contains("CANARY"));
    (output.status.code().expect("an exit code"), documents, errors)
}

#[test]
fn a_profile_is_shown_with_places_and_without_its_key() {
    let site = Site::new(&[("office.mobileconfig", PROFILE)]);
    let (code, documents, _) = inspect(&site, &["office.mobileconfig"]);
    assert_eq!(code, 0);
    let client = &documents[0]["model"]["clients"][0];
    assert_eq!((&documents[0]["path"], &documents[0]["format"]), (&json!("office.mobileconfig"), &json!("mobileconfig")));
    assert_eq!(client["name"], json!({ "value": "office", "line": 6, "column": 35 }));
    assert_eq!(client["tunnel_type"], json!({ "value": "l2tp", "line": 5, "column": 27 }));
    assert_eq!(client["server"], json!({ "opaque": "the server is written as a URL", "line": 7, "column": 57 }));
    assert_eq!(client["pre_shared_key"], json!({ "set": true, "line": 8, "column": 54 }));
    assert!(client.get("routes").is_none());
}

#[test]
fn a_column_behind_a_secret_does_not_tell_its_length() {
    let longer = PROFILE.replace("CANARY-secret-1", "CANARY-secret-that-is-much-longer-than-the-other");
    let site = Site::new(&[("a.mobileconfig", PROFILE), ("b.mobileconfig", &longer)]);
    let (_, documents, _) = inspect(&site, &["a.mobileconfig", "b.mobileconfig"]);
    let place = |n: usize| documents[n]["model"]["clients"][0]["aggressive_mode"].clone();
    assert_eq!(place(0)["value"], json!(true));
    assert_eq!(place(0), place(1));
}

#[test]
fn a_site_is_shown_with_what_it_imports() {
    let text = "version = 1\n[mx]\nmodel = \"MX85\"\n[client_vpn]\nshared_secret = \"CANARY-inline-7\"\n[[clients]]\nname = \"laptops\"\nimport = \"office.mobileconfig\"\nserver = \"vpn.example.com\"\n[[resources]]\nname = '\\\\FS'\nservices = [\"smb\"]\n";
    let site = Site::new(&[("site.toml", text), ("office.mobileconfig", PROFILE)]);
    let (code, documents, _) = inspect(&site, &["site.toml"]);
    let model = &documents[0]["model"];
    assert_eq!(code, 0);
    assert_eq!(model["mx"]["model"], json!({ "value": "MX85", "line": 3, "column": 9 }));
    assert_eq!(model["client_vpn"]["shared_secret"], json!({ "set": true, "line": 5, "column": 17 }));
    assert_eq!(model["clients"][0]["server"], json!({ "value": "vpn.example.com", "line": 9, "column": 10 }));
    assert_eq!(model["clients"][0]["tunnel_type"]["path"], json!("office.mobileconfig"));
    assert_eq!(model["resources"][0]["name"]["value"], json!("\\\\FS"));
    assert_eq!(model["resources"][0]["services"]["value"][0]["value"], json!("smb"));
}

#[test]
fn an_export_is_shown_line_by_line() {
    let export = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp --dport 500 -j ACCEPT\nCOMMIT\n";
    let site = Site::new(&[("edge.rules", export)]);
    let (code, documents, _) = inspect(&site, &["edge.rules"]);
    assert_eq!(code, 0);
    let text = documents[0]["model"]["device"]["chains"].to_string();
    assert!(text.contains("permit udp any -> any:500"), "{text}");
}

#[test]
fn a_registry_export_is_shown_as_what_it_says() {
    let text = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent]\r\n\"AssumeUDPEncapsulationContextOnSendRule\"=\"2\"\r\n\
                [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\RasMan\\Parameters]\r\n\"AllowL2TPWeakCrypto\"=dword:00000001\r\n";
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let site = Site::new(&[("a.reg", text.as_bytes()), ("b.reg", &utf16)]);
    let (code, documents, _) = inspect(&site, &["a.reg", "b.reg"]);
    assert_eq!((code, documents[0]["format"].as_str()), (0, Some("reg")));
    let registry = &documents[0]["model"]["registry"];
    assert_eq!(registry["nat_t_rule"], json!({ "value": "REG_SZ", "line": 4, "column": 2 }));
    let part = "the file states some values of the key alone, and not `ProhibitIpSec`";
    assert_eq!(registry["prohibit_ipsec"], json!({ "opaque": part, "line": 5, "column": 1 }));
    assert_eq!(registry["weak_crypto"], json!({ "value": 1, "line": 6, "column": 2 }));
    let why = r"`a.reg` does not hold the key HKLM\SYSTEM\CurrentControlSet\Services\IKEEXT";
    assert_eq!(registry["ikeext_start"], json!({ "opaque": why, "line": 1, "column": 1 }));
    assert_eq!(documents[1]["model"]["registry"]["nat_t_rule"], registry["nat_t_rule"]);
}

#[test]
fn a_phone_book_is_shown_entry_by_entry() {
    let entry = |name: &str, kind: u32| {
        format!(
            "[{name}]\r\nType={kind}\r\nVpnStrategy=3\r\nPreSharedKey=CANARY-{name}\r\nMEDIA=rastapi\r\nDEVICE=vpn\r\nPhoneNumber=vpn.example.com\r\n\r\n"
        )
    };
    let site = Site::new(&[("rasphone.pbk", format!("{}{}{}", entry("a", 2), entry("b", 5), entry("c", 2)))]);
    let (code, documents, _) = inspect(&site, &["rasphone.pbk"]);
    let clients = documents[0]["model"]["clients"].as_array().expect("clients");
    assert_eq!((code, documents[0]["format"].as_str(), clients.len()), (0, Some("rasphone"), 2));
    assert_eq!(clients[1]["name"], json!({ "value": "c", "line": 17, "column": 2 }));
    assert_eq!(clients[1]["server"], json!({ "value": "vpn.example.com", "line": 23, "column": 13 }));
    assert_eq!(clients[1]["pre_shared_key"], json!({ "set": true, "line": 20, "column": 14 }));
}

#[test]
fn what_cannot_be_read_is_said_and_ends_with_three() {
    let site = Site::new(&[
        ("notes.txt", "nothing of ours"),
        ("cut.mobileconfig", &PROFILE[..PROFILE.find("-secret").expect("a key")]),
        ("sealed.mobileconfig", "<plist><dict><key>IsEncrypted</key><true/></dict></plist>"),
        ("binary.mobileconfig", "bplist00\0\u{1}"),
        ("ok.mobileconfig", PROFILE),
    ]);
    for (arguments, why) in [
        (&["notes.txt"][..], "no format that is known"),
        (&["nowhere.xml"], "there is no such file"),
        (&["../outside.toml"], "outside the root"),
        (&["binary.mobileconfig"], "a binary property list"),
        (&["notes.txt", "ok.mobileconfig"], "no format that is known"),
    ] {
        let (code, documents, errors) = inspect(&site, arguments);
        assert_eq!(code, 3, "{arguments:?}");
        assert!(errors.contains(why), "{errors}");
        assert_eq!(documents.len(), arguments.len() - 1);
    }
    let (code, documents, _) = inspect(&site, &["sealed.mobileconfig"]);
    assert_eq!((code, &documents[0]["problems"][0]["kind"]), (3, &json!("import-failed")));
    let (_, documents, _) = inspect(&site, &["cut.mobileconfig"]);
    assert_eq!(documents[0]["problems"][0]["kind"], json!("syntax-error"));
    let (code, ..) = inspect(&site, &["--format-id", "klingon", "ok.mobileconfig"]);
    assert_eq!(code, 2);
}

#[test]
fn remarks_of_a_reader_are_listed() {
    let profile = "[connection]\nid=a\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\nipsec-enabled=yes\ngateway=https://vpn.example.com/\n";
    let site = Site::new(&[("a.nmconnection", profile)]);
    let output = vpnlint(site.path(), &["inspect", "a.nmconnection", "--root", "."]);
    let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let remark = &shown["model"]["clients"][0]["remarks"][0];
    assert_eq!((remark["rule"].as_str(), remark["line"].as_u64()), (Some("profile-server-form"), Some(7)), "{shown:#}");
}

#[test]
fn a_script_is_shown_as_its_connections_and_without_its_key() {
    let script = "$Psk = \"CANARY-`$7\"\nAdd-VpnConnection -Name 'Shop' -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk $Psk\n";
    let batch = "@echo off\npowershell -Command \"Add-VpnConnection -Name Shop -ServerAddress %HOST% -L2tpPsk 'CANARY%%7'\"\n";
    let site = Site::new(&[("add.ps1", script), ("add.cmd", batch)]);
    let (code, documents, _) = inspect(&site, &["add.ps1", "add.cmd"]);
    let (client, other) = (&documents[0]["model"]["clients"][0], &documents[1]["model"]["clients"][0]);
    assert_eq!((code, &documents[1]["format"]), (0, &json!("powershell")));
    assert_eq!(client["name"], json!({ "value": "Shop", "line": 2, "column": 26 }));
    assert_eq!(client["pre_shared_key"], json!({ "set": true, "line": 1, "column": 9 }));
    assert_eq!(client["split_tunnel"], json!({ "value": false, "line": 2, "column": 1 }));
    assert_eq!(client["authentication"]["value"][0]["value"], json!("mschapv2"));
    assert_eq!(other["server"]["opaque"], json!("the script's `-ServerAddress` comes from a variable of the batch file"));
    assert_eq!(other["name"], json!({ "value": "Shop", "line": 2, "column": 46 }));
}
