//! Connections within scripts and configurations.

use super::*;
use crate::import::detect::detect;
use crate::model::KeyOrigin;

fn read(text: &str) -> Read<'_> {
    assert_eq!(detect("file", text), Some(Format::NetworkManager), "{text}");
    read_as(Format::NetworkManager, text)
}

const KEY_FILE: &str = "[connection]\nid=office\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.l2tp\ngateway=vpn.example.com\nipsec-enabled=yes\nrefuse-eap=yes\n\n[vpn-secrets]\nipsec-psk=KEY\n";

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{}{l}\n", " ".repeat(by)) }).collect()
}

fn blocks(key: &str) -> Vec<(&'static str, String)> {
    let file = KEY_FILE.replace("KEY", key);
    vec![
        (
            "nix",
            format!(
                "{{ pkgs, ... }}:\n{{\n  environment.etc.\"NetworkManager/system-connections/a\" = {{\n    text = ''\n{}    '';\n    mode = \"0600\";\n  }};\n}}\n",
                indented(&file, 6)
            ),
        ),
        (
            "terraform",
            format!("resource \"local_file\" \"vpn\" {{\n  content = <<-EOT\n{}  EOT\n  filename = \"a\"\n}}\n", indented(&file, 4)),
        ),
        (
            "ansible",
            format!(
                "- hosts: all\n  tasks:\n    - name: vpn\n      copy:\n        content: |\n{}        dest: /etc/a\n        mode: '0600'\n",
                indented(&file, 10)
            ),
        ),
        ("quoted", format!("#!/bin/sh\nset -e\ncat > /etc/a <<'EOF'\n{file}EOF\nchmod 600 /etc/a\n")),
        ("shell", format!("#!/bin/sh\nx=$((1 << n))\ncat <<EOF >/etc/a\n{file}EOF\nchmod 600 /etc/a\n")),
    ]
}

#[test]
fn a_block_of_another_text_is_a_key_file() {
    for (language, text) in blocks("CANARY-7") {
        let read = read(&text);
        assert_eq!(read.problems(), Vec::<String>::new(), "{language}");
        assert_eq!(read.remarked(), Vec::<String>::new(), "{language}");
        let client = read.client();
        assert_eq!(client.name.value, "office", "{language}");
        assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com", "{language}");
        assert!(read.key_is("CANARY-7"), "{language}");
        assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "CANARY-7");
        assert_eq!(client.pre_shared_key.value().unwrap().origin, KeyOrigin::Configuration);
        cut_everywhere(Format::NetworkManager, &text, &["CANARY-7"]);
    }
}

#[test]
fn what_the_language_fills_in_is_not_known() {
    const TEMPLATE: &str = "the profile is a template: its key is not filled in";
    for (key, filled) in [
        ("${config.sops.psk}", &["nix", "terraform", "ansible", "quoted", "shell"][..]),
        ("CANARY{{ psk }}", &["nix", "terraform", "ansible", "quoted", "shell"]),
        ("CANARY$psk-x", &["shell"]),
        ("CANARY`x`", &["shell"]),
        ("0s$psk", &["shell"]),
        ("CANARY''$x", &["nix", "shell"]),
    ] {
        for (language, text) in blocks(key) {
            let read = read(&text);
            let expected = if filled.contains(&language) { TEMPLATE } else { "known" };
            // Behind `0s` stands no base64 then.
            if key != "0s$psk" || filled.contains(&language) {
                assert_eq!(read.no_key(), expected, "{key} in {language}");
            }
        }
    }
}

#[test]
fn a_statement_of_a_template_leaves_absences_open() {
    let file = KEY_FILE.replace("refuse-eap=yes", "{% if strict %}\nrefuse-pap=yes\n{% endif %}");
    let text = format!("- copy:\n    content: |\n{}", indented(&file, 6));
    let read = read(&text);
    assert_eq!(read.problems(), Vec::<String>::new());
    assert!(read.client().require_mppe.opaque().is_some());
}

const SCRIPT: &str = r#"#!/bin/bash
# nmcli connection add type vpn vpn.secrets "ipsec-psk=CANARY-old"
set -e
nmcli connection add type vpn vpn-type l2tp con-name 'head office' ifname '*' -- \
    vpn.data "gateway = vpn.example.com, ipsec-enabled = yes, \
      ipsec-ike = aes128-sha1-modp2048\,3des-sha1-modp1024, refuse-eap = yes, user=ann@example.com, password-flags=0" \
    vpn.secrets 'ipsec-psk=CAN"ARY\,7' ipv4.never-default yes ipv4.routes "10.0.0.0/8 192.168.1.1 5, 172.16.0.0/12"
nmcli con modify 'head office' +vpn.data refuse-chap=yes ipv4.dns "192.168.10.2 192.168.10.3" ipv4.dns-search corp.example.com
sudo nmcli c m "head office" +vpn.secrets "password=CANARY-password" && nmcli con up 'head office'
"#;

#[test]
fn the_commands_of_a_script_make_a_connection() {
    let read = read(SCRIPT);
    let client = read.client();
    assert_eq!(read.problems(), Vec::<String>::new());
    assert_eq!(read.remarked(), Vec::<String>::new());
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("head office", "'head office'"));
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ l2tp");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.user), "\"ann@example.com\" @ ann@example.com");
    assert!(read.key_is("CAN\"ARY,7"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), r#"CAN"ARY\,7"#);
    assert_eq!(client.pre_shared_key.value().unwrap().origin, KeyOrigin::Configuration);
    assert_eq!(
        client.ike.items().iter().map(|i| i.value.as_str()).collect::<Vec<_>>(),
        ["aes128-sha1-modp2048", "3des-sha1-modp1024", "default"]
    );
    assert_eq!(
        client.authentication.items().iter().map(|i| i.value).collect::<Vec<_>>(),
        [Authentication::Pap, Authentication::MsChap, Authentication::MsChapV2]
    );
    assert_eq!(read.shown(&client.split_tunnel), "true @ yes");
    assert_eq!(read.list(&client.routes), "10.0.0.0/8 @ 10.0.0.0/8; 172.16.0.0/12 @ 172.16.0.0/12; ");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; 192.168.10.3 @ 192.168.10.3; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
}

#[test]
fn however_a_script_is_cut_no_key_is_left_uncovered() {
    for script in [SCRIPT.to_owned(), SCRIPT.replace("\\\n", "\\\r\n")] {
        let lines: Vec<_> = script.match_indices('\n').map(|(n, _)| n + 1).collect();
        for cut in (0..=script.len()).filter(|n| script.is_char_boundary(*n)) {
            let read = read_as(Format::NetworkManager, &script[..cut]);
            for secret in [r#"CAN"ARY\,7"#, "CANARY-password"] {
                let at = script.find(secret).unwrap();
                assert!((at..(at + secret.len()).min(cut)).all(|n| read.hides(n)), "{cut}");
            }
        }
        assert!(lines.len() > 5);
    }
}

#[test]
fn scripts_are_survived_without_their_beginnings() {
    let text = SCRIPT.replace("office", "büro").replace("ann@", "änn@");
    for cut in (0..=text.len()).filter(|n| text.is_char_boundary(*n)) {
        let (head, tail) = (read_as(Format::NetworkManager, &text[..cut]), read_as(Format::NetworkManager, &text[cut..]));
        for read in [head, tail] {
            for profile in &read.profiles {
                let places = [profile.client.server.span(), profile.client.user.span(), profile.client.pre_shared_key.span()];
                assert!(places.into_iter().flatten().all(|p| p.start >= BASE && p.end <= BASE + read.text.len() as u32), "{cut}");
            }
        }
    }
}

#[test]
fn words_are_quoted_as_the_shell_has_it() {
    for (word, key) in [
        ("ipsec-psk=CANARY", Some("CANARY")),
        (r"ipsec-psk=CAN\ ARY", Some("CAN ARY")),
        (r"'ipsec-psk=CAN$ARY'", Some("CAN$ARY")),
        (r#""ipsec-psk=CAN\$ARY""#, Some("CAN$ARY")),
        (r#""ipsec-psk=CAN\\\\ARY""#, Some(r"CAN\ARY")),
        ("\"ipsec-psk=CAN\\\nARY\"", Some("CANARY")),
        (r#"ipsec-psk='CAN'"ARY""#, Some("CANARY")),
        (r"ipsec-psk=0sQ0FOQVJZ", Some("CANARY")),
        (r#""ipsec-psk=CAN$ARY""#, None),
        (r#""ipsec-psk=$(pass show "vpn, office")""#, None),
        (r#"ipsec-psk="$PSK""#, None),
        (r"ipsec-psk=`cat psk`", None),
        (r"$'ipsec-psk=CAN\nARY'", None),
    ] {
        let text = format!("nmcli connection add type vpn vpn-type l2tp con-name a vpn.data gateway=vpn.example.com vpn.secrets {word}\n");
        let read = read(&text);
        match key {
            Some(key) => assert!(read.key_is(key), "{word}"),
            None => assert_ne!(read.no_key(), "known", "{word}"),
        }
        assert_eq!(read.client().server.value(), Some(&Host::Name("vpn.example.com".into())), "{word}");
    }
}

#[test]
fn a_comma_in_a_key_breaks_the_list() {
    let text = "nmcli c add type vpn vpn-type l2tp con-name a vpn.data \"gateway=vpn.example.com, ipsec-psk=CAN,ARY\"";
    let read = read(text);
    assert_eq!(
        read.remarked(),
        ["ARY: has a part without `=` in its list of options, as an unescaped comma in a value makes it: nmcli refuses the list"]
    );
    assert!(read.hides(text.find("ARY\"").unwrap()));
}

#[test]
fn a_second_list_replaces_the_first() {
    let script = "nmcli con add type vpn vpn-type l2tp con-name a vpn.data gateway=a.example.com,refuse-pap=yes\nnmcli con mod a vpn.data gateway=b.example.com,refuse-chap=yes\nnmcli con mod a -vpn.data refuse-chap\nnmcli con add type vpn vpn-type l2tp con-name b vpn.data gateway=c.example.com\nnmcli con add type wifi con-name w ssid x wifi-sec.psk CANARY\n";
    let read = read(script);
    let seen: Vec<_> = read
        .profiles
        .iter()
        .map(|p| (p.client.name.value.as_str(), read.shown(&p.client.server), p.client.authentication.items().len()))
        .collect();
    assert_eq!(
        seen,
        [("a", "Name(\"b.example.com\") @ b.example.com".to_owned(), 5), ("b", "Name(\"c.example.com\") @ c.example.com".to_owned(), 5)]
    );
    assert!(read.hides(script.find("CANARY").unwrap()));
}

#[test]
fn other_texts_hold_no_connection() {
    for text in
        ["#!/bin/sh\nnmcli con up office\n", "# nmcli vpn.data\n", "cat <<EOF\n[Unit]\nDescription=x\nEOF\n", "text = ''\n  [vpn]\n'';\n"]
    {
        assert_ne!(detect("file", text).filter(|f| *f != Format::NetworkManager), Some(Format::NetworkManager), "{text}");
        assert!(read_as(Format::NetworkManager, text).profiles.iter().all(|p| p.client.server.is_absent()), "{text}");
    }
}
