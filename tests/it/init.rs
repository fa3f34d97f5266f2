//! `vpnlint init`: what it writes is accepted by `check`, holds no key, and overwrites nothing.

use std::path::Path;

use crate::support::{Site, check_folder, folders, vpnlint};

/// Rules that say something of the site file itself.
const OWN: &[&str] = &["import-failed", "unknown-key", "invalid-value", "syntax-error", "dangling-reference", "cross-source-drift"];

fn init(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = vpnlint(folder, &[&["init", "--root", "."], arguments].concat());
    let (out, err) = (String::from_utf8(output.stdout).expect("UTF-8"), String::from_utf8(output.stderr).expect("UTF-8"));
    assert!(!out.contains("CANARY") && !err.contains("CANARY"), "{out}{err}");
    (output.status.code(), out, err)
}

fn written(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("site.toml")).expect("a site file");
    assert!(!text.contains("CANARY"), "{text}");
    text
}

/// Findings about the site file as `init` wrote it.
fn faults(folder: &Path) -> Vec<String> {
    let report = check_folder(folder).report;
    assert!(report.bugs.is_empty() && report.unreadable.is_empty());
    report
        .findings
        .iter()
        .filter(|f| OWN.contains(&f.rule.id) && f.places.iter().any(|p| &*p.path == "site.toml"))
        .map(|f| f.message.clone())
        .collect()
}

/// A copy of a folder without its site files.
fn copy(from: &Path) -> Site {
    let site = Site::new::<&str>(&[]);
    let mut left = vec![from.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(from).expect("below").to_str().expect("text").to_owned();
            if path.is_dir() {
                left.push(path);
            } else if !name.ends_with("site.toml") && !name.ends_with("site.yaml") {
                site.write(&name, &std::fs::read(&path).expect("a file"));
            }
        }
    }
    site
}

/// The text with its suggestions taken.
fn uncommented(text: &str) -> String {
    let suggestion = |line: &str| {
        line.starts_with("[[")
            || line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || "_.1".contains(c)))
    };
    text.lines()
        .map(|line| line.strip_prefix("# ").filter(|l| suggestion(l)).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn what_init_writes_of_every_example_is_accepted() {
    for folder in folders("examples") {
        let site = copy(&folder);
        let (code, _, err) = init(site.path(), &[]);
        assert_eq!(code, Some(0), "{}: {err}", folder.display());
        let text = written(site.path());
        assert_eq!(faults(site.path()), Vec::<String>::new(), "{}:\n{text}", folder.display());
        let check = vpnlint(site.path(), &["check", "--root", "."]);
        assert!(matches!(check.status.code(), Some(0 | 1 | 4)), "{}: {:?}\n{text}", folder.display(), check.status);
    }
}

#[test]
fn the_files_of_an_example_are_named_where_they_belong() {
    let site = copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/network-as-code")));
    let (code, out, _) = init(site.path(), &["--network", "kobe", "-o", "-"]);
    assert_eq!(code, Some(0));
    for line in [
        "name = \"kobe\"",
        "organization = \"Example Corp\"   # sites of one organisation are checked against each other",
        "import = \"data/\"",
        "network = \"Kobe\"   # there are also `Nara`: each is a site file of its own",
        "shared_secret = { env = \"VPNLINT_KOBE_PSK\" }   # the key stays out of files: set the variable for `vpnlint check`",
        "import = \"edge/router.rules\"",
        "import = \"clients/sales.mobileconfig\"",
    ] {
        assert!(out.lines().any(|l| l == line), "{line}\n{out}");
    }
    assert!(!site.path().join("site.toml").exists());
    let (code, _, err) = init(site.path(), &["--network", "Osaka"]);
    assert_eq!((code, err.as_str()), (Some(2), "error: --network: the files hold no network of this name; there are `Nara` and `Kobe`\n"));
}

#[test]
fn a_folder_may_be_named_after_its_network() {
    let example = copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/network-as-code")));
    std::fs::create_dir_all(example.path().join("sites/kobe-branch")).expect("a folder");
    let (code, _, err) = init(example.path(), &["data", "edge", "-o", "sites/kobe-branch/site.toml"]);
    assert_eq!(code, Some(0), "{err}");
    let text = std::fs::read_to_string(example.path().join("sites/kobe-branch/site.toml")).expect("a site file");
    assert!(
        text.contains("network = \"Kobe\"")
            && text.contains("import = \"../../data/\"")
            && text.contains("import = \"../../edge/router.rules\""),
        "{text}"
    );
    let report = check_folder(example.path()).report;
    assert!(!report.findings.iter().any(|f| OWN.contains(&f.rule.id)), "{text}");
}

#[test]
fn every_suggestion_is_a_key_that_check_knows() {
    let clean = copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/clean-branch")));
    let empty = Site::new(&[("README.md", "nothing")]);
    for site in [&clean, &empty] {
        let (code, text, _) = init(site.path(), &["-o", "-"]);
        assert_eq!(code, Some(0));
        site.write("site.toml", uncommented(&text).as_bytes());
        let faults: Vec<String> =
            faults(site.path()).into_iter().filter(|m| !m.contains("there is no such file") && !m.contains("disagree")).collect();
        assert_eq!(faults, Vec::<String>::new(), "{}", uncommented(&text));
    }
}

#[test]
fn nothing_is_overwritten() {
    let site = Site::new(&[("site.toml", "version = 1\n"), ("other.toml", "mine")]);
    for arguments in [&[][..], &["."], &["-o", "other.toml"]] {
        let (code, _, err) = init(site.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(err.contains("is there already, and stays as it is"), "{err}");
    }
    assert_eq!(std::fs::read_to_string(site.path().join("site.toml")).expect("a file"), "version = 1\n");
    assert_eq!(std::fs::read_to_string(site.path().join("other.toml")).expect("a file"), "mine");
    assert_eq!(init(site.path(), &["-o", "../site.toml"]).0, Some(2), "outside the root");
    assert_eq!(init(site.path(), &["nowhere"]).0, Some(3));
}

const KEYED: &str = "[connection]\nid=CANARY-shared.Word7\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\nipsec-psk=CANARY-shared.Word7\n";

const ODD: &str =
    "[connection]\nid=odd\ntype=vpn\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\n";

#[test]
fn no_key_gets_into_the_site_file() {
    let code = "meraki:\n  domains:\n    - name: EMEA\n      organizations:\n        - name: CANARY-shared.Word7\n          networks:\n            - name: Kobe\n              appliance: {settings: {deployment_mode: routed}}\n              wireless: {psk: CANARY-wifi.word}\n";
    let site =
        Site::new(&[("data/a.nac.yaml", code), ("clients/CANARY-shared.Word7.nmconnection", KEYED), ("clients/plain.nmconnection", KEYED)]);
    assert_eq!(init(site.path(), &[]).0, Some(0));
    let text = written(site.path());
    assert!(text.contains("import = \"clients/plain.nmconnection\"") && text.contains("# organization"), "{text}");
    assert_eq!(faults(site.path()), Vec::<String>::new());
}

#[test]
fn what_is_not_told_is_left_to_the_reader() {
    let rules = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";
    let network = |name: &str| format!("            - name: {name}\n              product_types: [appliance]\n");
    let code = format!(
        "meraki:\n  domains:\n    - name: E\n      organizations:\n        - name: Lab\n          networks:\n{}{}",
        network("Osaka"),
        network("Kobe")
    );
    let reg = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\PolicyAgent]\r\n\"AssumeUDPEncapsulationContextOnSendRule\"=dword:00000002\r\n";
    let ipsec = "conn office\n  keyexchange=ikev1\n  authby=secret\n  type=transport\n  right=vpn.example.com\n  rightprotoport=17/1701\n";
    let site = Site::new(&[
        ("data/a.nac.yaml", code.as_str()),
        ("edge/osaka/a.rules", rules),
        ("edge/osaka/b.rules", rules),
        ("edge/kobe/c.rules", rules),
        ("linux/ipsec.conf", ipsec),
        ("linux/ipsec.secrets", ": PSK \"CANARY-linux.word\"\n"),
        (
            "windows/add.ps1",
            "Add-VpnConnection -Name office -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk CANARY-windows.word -AuthenticationMethod Pap\n",
        ),
        ("windows/machine.reg", reg),
        ("odd [1]/x.nmconnection", ODD),
        ("package.json", "{\"name\": \"x\"}"),
        ("compose.yaml", "services: {}\n"),
    ]);
    let (code, _, err) = init(site.path(), &["--network", "Osaka"]);
    assert_eq!(code, Some(0), "{err}");
    let text = written(site.path());
    for part in [
        "# Several exports were found: take those in front of this MX, and put them into this order.\n# [[upstream]]\n# name = \"a\"\n# import = \"edge/osaka/a.rules\"\n# [[upstream]]\n",
        "import = [\"linux/ipsec.conf\", \"linux/ipsec.secrets\"]\nos = \"linux\"",
        "import = \"windows/add.ps1\"\nos = \"windows\"\nevidence.import = \"windows/machine.reg\"",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("kobe/c.rules") && !text.contains("package.json") && !text.contains("odd"), "{text}");
    assert!(
        err.contains("edge/kobe/c.rules: left out, for its path bears the name of another network")
            && err.contains("odd [1]/x.nmconnection: left out"),
        "{err}"
    );
    assert_eq!(faults(site.path()), Vec::<String>::new(), "{text}");
}

/// The settings of client VPN are stated once: an export that holds them is believed, key and all.
#[test]
fn settings_that_an_export_holds_are_not_asked_for() {
    let case = copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/meraki-exports"));
    std::fs::remove_file(case.path().join("plan.json")).expect("one of two sources that disagree");
    assert_eq!(init(case.path(), &[]).0, Some(0));
    let text = written(case.path());
    assert!(text.contains("\n# shared_secret = ") && !text.contains("# subnet = "), "{text}");
    assert_eq!(faults(case.path()), Vec::<String>::new(), "{text}");
}
