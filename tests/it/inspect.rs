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
