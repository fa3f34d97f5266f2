//! Pairs of files whose keys nearly agree, across formats: the help says in what they differ, and the right twin is silent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::Site;

const KEY: &str = "CANARY-kestrel&7batteries";

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn toml(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn mobileconfig(secret: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>\n<key>PayloadType</key><string>com.apple.vpn.managed</string>\n\
         <key>VPNType</key><string>L2TP</string>\n<key>UserDefinedName</key><string>office</string>\n\
         <key>PPP</key><dict><key>CommRemoteAddress</key><string>vpn.example.com</string></dict>\n\
         <key>IPSec</key><dict><key>SharedSecret</key>{secret}</dict>\n</dict></plist>\n"
    )
}

fn data(key: &str) -> String {
    mobileconfig(&format!("<data>{}</data>", base64(key)))
}

fn nmconnection(psk: &str) -> String {
    format!(
        "[connection]\nid=office\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\n\n\
         [vpn-secrets]\nipsec-psk={psk}\n"
    )
}

/// What psk-mismatch says in its help when a client's file meets the MX's key; nothing when the keys agree.
fn told(profile: Option<(&str, &str)>, inline: Option<&str>, mx: &str) -> Option<String> {
    let import = profile.map_or_else(String::new, |(name, _)| format!("import = \"{name}\"\n"));
    let key = inline.map_or_else(String::new, |key| format!("pre_shared_key = {}\n", toml(key)));
    let site = format!("version = 1\n[client_vpn]\nshared_secret = {}\n[[clients]]\nname = \"office\"\n{import}{key}", toml(mx));
    let mut files = vec![("site.toml", site.as_str())];
    files.extend(profile);
    let report = Site::new(&files).check().report;
    let syntax: Vec<_> = report.findings.iter().filter(|f| f.rule.id == "syntax-error").map(|f| &f.message).collect();
    assert!(syntax.is_empty(), "{syntax:?}");
    let mut found = report.findings.iter().filter(|f| f.rule.id == "psk-mismatch");
    let help = found.next().map(|f| f.help.clone());
    assert!(found.next().is_none());
    let known = report.coverage.iter().flatten().any(|row| row.rule.id == "psk-mismatch" && row.undecided.is_none());
    assert!(help.is_some() != known, "either told or proved");
    help.inspect(|help| assert!(!help.contains("CANARY")))
}

#[test]
fn near_misses_are_told_whichever_format_holds_the_key() {
    const LINE_BREAK: &str = "they differ only in a line break at the end of one of them (the client's); ";
    const BASE64: &str = "one of them is the base64 of the other: it was encoded once too often or not decoded (the client's); ";
    const ENTITY: &str = "one of them is the other with XML entities (the client's); ";
    const QUOTES: &str = "one of them keeps the quotes around it (the client's); ";
    let newline = format!("{KEY}\n");
    let quoted = format!("\"{KEY}\"");
    let m = "office.mobileconfig";
    let n = "office.nmconnection";
    for (name, text, help) in [
        (m, data(&newline), LINE_BREAK),
        (n, nmconnection(&format!("0s{}", base64(&newline))), LINE_BREAK),
        (m, data(&base64(KEY)), BASE64),
        (m, mobileconfig(&format!("<string>{}</string>", base64(KEY))), BASE64),
        (n, nmconnection(&base64(KEY)), BASE64),
        (m, mobileconfig(&format!("<string>{}</string>", xml(&xml(KEY)))), ENTITY),
        (m, data(&xml(KEY)), ENTITY),
        (n, nmconnection(&xml(KEY)), ENTITY),
        (m, mobileconfig(&format!("<string>{}</string>", xml(&quoted))), QUOTES),
        (m, data(&quoted), QUOTES),
        (n, nmconnection(&quoted), QUOTES),
        (m, data(&format!("{KEY} ")), "they differ only in white space at the end of one of them (the client's); "),
        (n, nmconnection(&format!("\\s{KEY}")), "they differ only in white space at the beginning of one of them (the client's); "),
        (n, nmconnection(&format!("0S{}", base64(KEY))), ""),
    ] {
        let told = told(Some((name, &text)), None, KEY).expect("a finding");
        assert!(told.starts_with(help), "{name}: {told}\n{text}");
    }
    for (inline, help) in [(&*newline, LINE_BREAK), (&*base64(KEY), BASE64), (&*xml(KEY), ENTITY), (&*quoted, QUOTES)] {
        let told = told(None, Some(inline), KEY).expect("a finding");
        assert!(told.starts_with(help), "{told}");
    }
}

#[test]
fn the_right_twin_is_silent() {
    let newline = format!("{KEY}\n");
    for (name, text, mx) in [
        ("office.mobileconfig", data(KEY), KEY),
        ("office.mobileconfig", mobileconfig(&format!("<string>{}</string>", xml(KEY))), KEY),
        ("office.mobileconfig", mobileconfig(&format!("<data>\n\t{}\n</data>", base64(KEY))), KEY),
        ("office.nmconnection", nmconnection(KEY), KEY),
        ("office.nmconnection", nmconnection(&format!("0s{}", base64(KEY))), KEY),
        // A key on the MX may look like any of them.
        ("office.nmconnection", nmconnection(&format!("0s{}", base64(&newline))), &newline),
        ("office.mobileconfig", data(&base64(KEY)), &base64(KEY)),
        ("office.mobileconfig", data(&xml(KEY)), &xml(KEY)),
    ] {
        assert_eq!(told(Some((name, &text)), None, mx), None, "{text}");
    }
}
