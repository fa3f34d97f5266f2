//! Verdicts of the family `tunnel` that no page can show: what holds, what is undecided and for want of which input, and what stays silent.

use vpnlint::report::Report;
use vpnlint::rules::{Level, Stage};

use crate::support::{Site, found};

fn report(text: &str) -> Report {
    Site::new(&[("site.toml", format!("version = 1\n{text}"))]).check().report
}

/// `holds` or `undecided: REASON` of a rule, in order.
fn rows_of(report: Report, rule: &str) -> Vec<String> {
    let rows = report.coverage.expect("coverage").into_iter().filter(|r| r.rule.id == rule);
    rows.map(|r| r.undecided.map_or_else(|| "holds".to_owned(), |why| format!("undecided: {why}"))).collect()
}

/// The verdict of a rule on a site with one client: `violated`, `holds`, `undecided: REASON`, or `-`.
fn verdict(text: &str, rule: &str) -> String {
    let report = report(text);
    let violated = report.findings.iter().any(|f| f.rule.id == rule);
    let rows = rows_of(report, rule);
    assert!(rows.len() + usize::from(violated) <= 1, "{rule}: {rows:?}");
    match rows.into_iter().next() {
        Some(row) => row,
        None if violated => "violated".to_owned(),
        None => "-".to_owned(),
    }
}

fn client(rest: &str) -> String {
    format!("[[clients]]\nname = \"a\"\n{rest}\n")
}

fn pinned(crypto: &str, rest: &str) -> String {
    format!("[client_vpn]\n{crypto}\n{}", client(rest))
}

/// The one finding of a rule: message, labels, help.
fn finding(text: &str, rule: &str) -> (String, Vec<String>, String, Option<Stage>) {
    let report = report(text);
    let mut all = report.findings.into_iter().filter(|f| f.rule.id == rule);
    let f = all.next().unwrap_or_else(|| panic!("{rule} does not fire"));
    assert!(all.next().is_none(), "{rule} fires twice");
    let labels = f.places.iter().map(|p| format!("{}: {}", p.line, p.text)).collect();
    (f.message.clone(), labels, f.help.clone(), f.stage)
}

const MISMATCH: &str = "ike-proposal-mismatch";

#[test]
fn proposals_meet_the_setting_of_the_mx() {
    for (crypto, rest, want) in [
        ("crypto = \"default\"", "ike = [\"3des-sha1-modp1024\"]", "holds"),
        ("crypto = \"default\"", "ike = [\"aes256-sha256-modp4096\", \"3des-sha1-modp1024\"]", "holds"),
        ("crypto = \"default\"", "ike = [\"aes256-sha256-modp4096,3DES-SHA1;MODP1024!\"]", "holds"),
        ("crypto = \"default\"", "ike = [\"3des-md5-modp1024\"]", "violated"),
        ("crypto = \"default\"", "ike = [\"des-sha1-modp1024\"]", "violated"),
        ("crypto = \"default\"", "ike = [\"3des-sha1-modp768\"]", "violated"),
        ("crypto = \"default\"", "ike = [\"aes256\"]", "violated"),
        ("crypto = \"default\"", "esp = [\"3des-sha1\"]", "holds"),
        ("crypto = \"default\"", "esp = [\"aes128-sha256\"]", "violated"),
        ("crypto = \"default\"", "esp = [\"AES128-SHA196-None\"]", "holds"),
        ("crypto = \"default\"", "esp = [\"GCMAES128\"]", "violated"),
        ("crypto = \"pci\"", "ike = [\"aes128-sha1-modp2048\"]", "holds"),
        ("crypto = \"pci\"", "ike = [\"aes128-sha1-modp1024\"]", "violated"),
        ("crypto = \"pci\"", "ike = [\"aes-sha1-modp2048\"]", "holds"),
        ("crypto = \"pci\"", "esp = [\"3des-sha1\"]", "violated"),
        ("crypto = { ike = [\"aes256-sha256-modp2048\"], esp = [\"aes256-sha256\"] }", "ike = [\"AES256-SHA256-Group14\"]", "holds"),
        ("crypto = { ike = [\"aes256-sha256-ecp384\"], esp = [\"aes256-sha256\"] }", "ike = [\"3des-sha1-modp1024\"]", "violated"),
        ("", "ike = [\"3des-sha1-modp1024\"]\nesp = [\"aes128-sha1\"]", "holds"),
    ] {
        assert_eq!(verdict(&pinned(crypto, rest), MISMATCH), want, "{crypto} {rest}");
    }
}

#[test]
fn firmware_may_take_more_than_the_default_and_no_more_than_that() {
    let by_firmware = "undecided: it depends on the firmware what the MX takes beside 3des-sha1-modp1024: state `client_vpn.crypto`";
    for (ike, want) in [
        ("aes128-sha1-modp2048", by_firmware),
        ("aes128-sha1-modp1024", by_firmware),
        ("3des-sha1-modp2048", by_firmware),
        ("aes128", by_firmware),
        ("modp2048", by_firmware),
        ("aes128-sha256-modp2048", "violated"),
        ("aes256-sha1-modp2048", "violated"),
        ("aes128-sha1-ecp256", "violated"),
    ] {
        for crypto in ["crypto = \"default\"", "enabled = true"] {
            assert_eq!(verdict(&pinned(crypto, &format!("ike = [\"{ike}\"]")), MISMATCH), want, "{ike}");
        }
    }
}

/// strongSwan adds its own proposals to a list that does not end with `!`; libreswan does not, and has words of its own.
#[test]
fn a_list_of_strongswan_is_not_all_that_it_offers() {
    let why =
        "undecided: strongSwan offers its default proposals too where no `!` ends the list, and which they are depends on its version";
    let of = |name: &str, text: String| {
        let site = "version = 1\n[client_vpn]\nenabled = true\n[[clients]]\nname = \"a\"\nimport = \"FILE\"\n".replace("FILE", name);
        let report = Site::new(&[("site.toml", site), (name, text)]).check().report;
        if found(&report).iter().any(|f| f.starts_with(MISMATCH)) {
            return "violated".to_owned();
        }
        rows_of(report, MISMATCH).join("; ")
    };
    let nm = |ike: &str| {
        of(
            "a.nmconnection",
            format!(
                "[connection]\nid=a\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\nipsec-ike={ike}\n"
            ),
        )
    };
    let conf = |more: &str| {
        of(
            "ipsec.conf",
            format!(
                "conn a\n  type=transport\n  authby=secret\n  rightprotoport=17/1701\n  right=vpn.example.com\n  left=%defaultroute\n{more}"
            ),
        )
    };
    let undecided = |row: &str| row.contains(why);
    assert!(undecided(&nm("aes256-sha256-modp4096")), "{}", nm("aes256-sha256-modp4096"));
    assert_eq!(nm("aes256-sha256-modp4096!"), "violated");
    assert_eq!(nm("aes256-sha256;modp4096"), "violated");
    assert!(nm("3des-sha1-modp1024").ends_with("holds"), "{}", nm("3des-sha1-modp1024"));
    assert!(undecided(&conf("  ike=aes256-sha256-modp4096\n")), "{}", conf("  ike=aes256-sha256-modp4096\n"));
    assert_eq!(conf("  ike=aes256-sha256-modp4096!\n"), "violated");
    assert_eq!(conf("  ike=aes256-sha256-modp4096\n  ikev2=no\n"), "violated");
    assert!(conf("  ike=3des-sha1-modp1024\n").ends_with("holds"));
}

#[test]
fn an_unknown_word_is_named_and_never_guessed() {
    for (crypto, ike, word) in [
        ("crypto = \"default\"", "3des-sha1-modp0", "modp0"),
        ("crypto = \"default\"", "3des-sha1-group0", "group0"),
        ("crypto = \"default\"", "3des-sha1-None", "None"),
        ("crypto = \"default\"", "3des-sha1-dh33", "dh33"),
        ("crypto = \"default\"", "aes256-sha256-modp4096, blurb", "blurb"),
    ] {
        let want = format!("undecided: the word `{word}` of the client's proposals is not known");
        assert_eq!(verdict(&pinned(crypto, &format!("ike = [\"{ike}\"]")), MISMATCH), want, "{ike}");
    }
    let theirs = "crypto = { ike = [\"aes256-blurb-modp2048\"], esp = [\"aes256-sha1\"] }";
    assert_eq!(verdict(&pinned(theirs, "ike = [\"3des\"]"), MISMATCH), "undecided: the word `blurb` of `client_vpn.crypto` is not known");
    // Where another proposal meets, the unknown one does not matter.
    assert_eq!(verdict(&pinned("crypto = \"default\"", "ike = [\"blurb\", \"3des-sha1-modp1024\"]"), MISMATCH), "holds");
}

#[test]
fn nothing_pinned_is_nothing_to_compare() {
    for rest in ["", "ike = []", "esp = []", "ike = []\nesp = []", "ike = [\"\"]", "ike = [\" ! \"]"] {
        assert_eq!(verdict(&pinned("crypto = \"pci\"", rest), MISMATCH), "-", "{rest}");
    }
    assert_eq!(verdict(&client("ike = [\"aes256\"]"), MISMATCH), "-", "no client VPN section");
}

#[test]
fn an_mx_whose_list_is_not_known_is_undecided() {
    for (crypto, why) in [
        ("crypto = { esp = [\"aes128-sha1\"] }", "`client_vpn.crypto` states no `ike`"),
        ("crypto = { ike = [], esp = [\"aes128-sha1\"] }", "`ike` of `client_vpn.crypto` lists no proposal"),
    ] {
        assert_eq!(verdict(&pinned(crypto, "ike = [\"3des-sha1-modp1024\"]"), MISMATCH), format!("undecided: {why}"), "{crypto}");
        assert_eq!(verdict(&pinned(crypto, "esp = [\"aes128-sha1\"]"), MISMATCH), "holds", "{crypto}: phase 2 is stated");
    }
    for crypto in ["crypto = \"strong\"", "crypto = 7"] {
        assert!(verdict(&pinned(crypto, "ike = [\"3des-sha1-modp1024\"]"), MISMATCH).starts_with("undecided: "), "{crypto}");
    }
    let yaml = "version: 1\nclient_vpn:\n  crypto: !env CRYPTO\nclients:\n  - name: a\n    ike: [3des-sha1-modp1024]\n  - name: b\n    ike: !vault x\n";
    let rows = rows_of(Site::new(&[("site.yaml", yaml)]).check().report, MISMATCH);
    assert!(rows.len() == 2 && rows.iter().all(|r| r.starts_with("undecided: ")), "{rows:?}");
}

#[test]
fn a_mismatch_names_the_part_the_place_and_the_stage() {
    let text = pinned("crypto = \"default\"", "ike = [\"aes256-md5-modp4096\", \"aes256-sha1-modp1024\"]");
    let (message, labels, help, stage) = finding(&text, MISMATCH);
    assert_eq!(message, "client `a` and the MX share no phase 1 proposal: encryption differs");
    assert_eq!(labels, ["6: other encryption", "3: the MX takes others"]);
    assert!(help.starts_with("pin `3des-sha1-modp1024` in the profile") && !help.contains("DH group 19"), "{help}");
    assert_eq!(stage, Some(Stage::IkeProposal));

    let text = pinned("enabled = true", "esp = [\"aes256-sha256-modp1024\"]");
    let (message, labels, help, stage) = finding(&text, MISMATCH);
    assert_eq!(message, "client `a` and the MX share no phase 2 proposal: encryption, integrity and PFS group differ");
    assert_eq!(labels, ["6: other encryption, integrity, PFS group", "2: the MX's proposals: Dashboard default"]);
    assert!(help.starts_with("pin `aes128-sha1` or `3des-sha1` without PFS in the profile"), "{help}");
    assert_eq!(stage, Some(Stage::Esp));
}

#[test]
fn groups_19_and_20_are_named_only_where_nothing_follows() {
    let help = |ike: &str| finding(&pinned("crypto = \"default\"", &format!("ike = [{ike}]")), MISMATCH).2;
    assert!(help("\"AES256-SHA1-ECP384\", \"3des-sha1-dh19\"").contains("`invalid DH group 19`"));
    assert!(!help("\"AES256-SHA1-ECP384\", \"aes256-sha256-modp2048\"").contains("invalid DH group"));
    assert_eq!(verdict(&pinned("crypto = \"default\"", "ike = [\"3des-sha1-ecp384\", \"3des-sha1-modp1024\"]"), MISMATCH), "holds");
}

#[test]
fn two_phases_that_fail_are_two_facts() {
    let text = pinned("crypto = \"pci\"", "ike = [\"3des-sha1-modp1024\"]\nesp = [\"3des-sha1\"]");
    assert_eq!(found(&report(&text)), ["ike-proposal-mismatch site.toml:6", "ike-proposal-mismatch site.toml:7"]);
    // One that fails counts beside one that is not known.
    let text = pinned("crypto = \"pci\"", "ike = [\"blurb\"]\nesp = [\"3des-sha1\"]");
    assert_eq!(found(&report(&text)), ["ike-proposal-mismatch site.toml:7"]);
    assert_eq!(
        verdict(&pinned("crypto = \"pci\"", "ike = [\"blurb\"]\nesp = [\"aes128\"]"), MISMATCH),
        "undecided: the word `blurb` of the client's proposals is not known"
    );
}

#[test]
fn another_kind_of_tunnel_is_one_fault() {
    let text = format!(
        "[mx]\nfirmware = \"18.211\"\n[client_vpn]\n{}",
        client(
            "tunnel_type = \"pptp\"\nipsec_authentication = \"certificate\"\naggressive_mode = true\nauthentication = [\"mschapv2\"]\nrequire_mppe = true\nike = [\"aes256\"]"
        )
    );
    assert_eq!(found(&report(&text)), ["wrong-tunnel-type site.toml:7"]);
    let bare = client("tunnel_type = \"l2tp_without_ipsec\"");
    assert_eq!(finding(&bare, "wrong-tunnel-type").1, ["4: L2TP without IPsec"]);
}

#[test]
fn a_tunnel_that_the_system_chooses_is_a_warning_and_is_checked_as_l2tp() {
    let report = report(&client("tunnel_type = \"automatic\"\nauthentication = [\"eap\"]"));
    assert_eq!(found(&report), ["wrong-tunnel-type site.toml:4", "pap-refused site.toml:5"]);
    assert_eq!(report.findings[0].level, Level::Warning);
}

#[test]
fn a_system_without_l2tp_explains_another_tunnel() {
    let text = |version: &str| client(&format!("os = \"android\"\nos_version = \"{version}\"\ntunnel_type = \"ikev2\""));
    assert_eq!(found(&report(&text("12"))), ["os-without-l2tp site.toml:5"]);
    assert_eq!(found(&report(&text("11"))), ["wrong-tunnel-type site.toml:6"]);
    assert_eq!(verdict(&client("os = \"windows\""), "os-without-l2tp"), "holds");
    assert_eq!(verdict(&client("os = \"linux\"\nos_version = \"rolling\""), "os-without-l2tp"), "holds");
    assert_eq!(verdict(&client(""), "os-without-l2tp"), "undecided: the client states no `os`");
}

#[test]
fn aggressive_mode_depends_on_the_firmware_however_it_is_written() {
    for (firmware, want) in [
        ("18.211", "violated"),
        ("MX 18.107.2", "violated"),
        ("MX18.107", "violated"),
        ("MX85 18.211", "violated"),
        ("wired-18-211", "violated"),
        ("wired-15-44-1", "violated"),
        ("15", "violated"),
        ("14.53", "holds"),
        ("MX84 14.53", "holds"),
    ] {
        let text = format!("[mx]\nfirmware = \"{firmware}\"\n{}", client("aggressive_mode = true"));
        assert_eq!(verdict(&text, "aggressive-mode"), want, "{firmware}");
    }
    let no_mx = "undecided: the site file states no `mx.firmware`";
    assert_eq!(verdict(&client("aggressive_mode = true"), "aggressive-mode"), no_mx);
    assert_eq!(verdict(&client("aggressive_mode = false"), "aggressive-mode"), "holds");
    assert_eq!(verdict(&client(""), "aggressive-mode"), "-");
    assert_eq!(verdict(&format!("[mx]\nfirmware = \"14.53\"\n{}", client("")), "aggressive-mode"), "-");
}

#[test]
fn a_list_of_protocols_that_is_empty_allows_none() {
    assert_eq!(verdict(&client("authentication = []"), "pap-refused"), "violated");
    assert_eq!(verdict(&client(""), "pap-refused"), "undecided: the client states no `authentication`");
    assert_eq!(verdict(&client("authentication = [\"machine_certificate\", \"pap\"]"), "pap-refused"), "holds");
}

#[test]
fn a_pre_shared_key_says_how_ipsec_authenticates() {
    let key = "pre_shared_key = { env = \"VPNLINT_EXAMPLE_PSK\" }";
    assert_eq!(verdict(&client(key), "ipsec-not-psk"), "holds");
    assert_eq!(verdict(&client(&format!("{key}\nipsec_authentication = \"certificate\"")), "ipsec-not-psk"), "violated");
    let unset = "undecided: the client states neither `ipsec_authentication` nor a pre-shared key";
    assert_eq!(verdict(&client("pre_shared_key = { env = \"VPNLINT_EXAMPLE_UNSET\" }"), "ipsec-not-psk"), unset);
}

#[test]
fn a_broken_profile_says_nothing_by_what_it_leaves_out() {
    let profile = "[connection]\nid=a\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nnonsense\n";
    let site = Site::new(&[
        ("site.toml", "version = 1\n[mx]\nfirmware = \"18.211\"\n[[clients]]\nname = \"a\"\nimport = \"a.nmconnection\"\n"),
        ("a.nmconnection", profile),
    ]);
    let report = site.check().report;
    assert_eq!(found(&report), ["syntax-error a.nmconnection:6"]);
    let rows = report.coverage.expect("coverage");
    for rule in ["wrong-tunnel-type", "ipsec-not-psk", "aggressive-mode", "pap-refused", "ppp-encryption-required"] {
        let row: Vec<_> = rows.iter().filter(|r| r.rule.id == rule).map(|r| r.undecided.as_deref()).collect();
        assert_eq!(row, [Some("the profile has a syntax error")], "{rule}");
    }
}

#[test]
fn rules_that_are_off_speak_only_where_a_policy_asks() {
    let text = format!("version = 1\n{}", pinned("crypto = \"pci\"", "ike = []"));
    let check = |policy: &str| {
        let site = Site::new(&[("vpnlint.toml", policy), ("site.toml", &text)]);
        let report = site.check().report;
        report.findings.iter().map(|f| format!("{}[{}]", f.level, f.rule.id)).collect::<Vec<_>>()
    };
    assert!(check("").is_empty());
    assert_eq!(check("[rules]\ncrypto-override = \"advice\"\n"), ["advice[crypto-override]"]);
    assert_eq!(check("[rules]\ncrypto-override = \"error\"\nweak-crypto-default = \"error\"\n"), ["error[crypto-override]"]);
}

#[test]
fn an_mx_without_a_word_on_crypto_is_weak_by_default_unless_the_file_is_broken() {
    let check = |site: &str| {
        let site = Site::new(&[("vpnlint.toml", "[rules]\nweak-crypto-default = \"advice\"\n"), ("site.toml", site)]);
        let report = site.check().report;
        let found = report.findings.iter().filter(|f| f.rule.id == "weak-crypto-default").map(|f| f.places[0].text.clone()).collect();
        (rows_of(report, "weak-crypto-default"), found)
    };
    let default: (Vec<String>, Vec<String>) = check("version = 1\n[client_vpn]\nenabled = true\n");
    assert_eq!(default, (vec![], vec!["3DES alone by Dashboard default".to_owned()]));
    let (rows, found) = check("version = 1\n[client_vpn]\nsubnet = \"nonsense\"\n");
    assert!(found.is_empty() && rows.len() == 1 && rows[0].starts_with("undecided: "), "{rows:?} {found:?}");
    for (crypto, row) in [
        ("{ ike = [\"blurb\", \"3des\"] }", "undecided: the word `blurb` of `client_vpn.crypto` is not known"),
        ("{ ike = [\"blurb\", \"aes256-sha1\"] }", "holds"),
        ("{ ike = [\"sha1-modp2048\"] }", "undecided: a phase 1 proposal of `client_vpn.crypto` names no cipher"),
    ] {
        assert_eq!(check(&format!("version = 1\n[client_vpn]\ncrypto = {crypto}\n")).0, [row], "{crypto}");
    }
}
