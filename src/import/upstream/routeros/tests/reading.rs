//! How texts are read: forms of commands, what breaks off, what is hidden, real files.

use super::*;

/// A text in which every secret of a router stands, and one rule.
const SECRETS: &str = "# 2026-11-02 10:00:00 by RouterOS 7.16
# serial number = CANARY-serial
/interface bridge
add name=bridge comment=CANARY-comment
/interface pppoe-client
add add-default-route=yes disabled=no interface=ether1 name=dsl password=CANARY-pppoe user=CANARY-user
/interface wireless security-profiles
set [ find default=yes ] supplicant-identity=MikroTik wpa2-pre-shared-key=\"CANARY wpa \\\"x\"
/interface wireguard
add listen-port=13231 name=wg private-key=\"CANARY-wireguard=\"
/ip ipsec peer
add address=198.51.100.1/32 name=branch secret=CANARY-v6
/interface l2tp-server server
set enabled=yes ipsec-secret=CANARY\\
    -l2tp use-ipsec=yes
/ip address
add address=192.168.1.1/24 comment=CANARY-address interface=bridge
/ip firewall filter
add action=accept chain=forward comment=office odd=CANARY-odd content=CANARY-content
/ip ipsec identity
add peer=branch secret=\"CANARY-identity\"
/ppp secret
add name=CANARY-name password=CANARY-ppp
/radius
add address=192.168.1.9 secret=CANARY-radius service=ppp
/snmp community
add name=CANARY-community
/system script
add name=a source=\"/ip ipsec identity\\r\\\n    \\nset 0 secret=CANARY-script\\r\"
/tool e-mail
set password=CANARY-mail
/user
add name=x group=full password=CANARY-user-password
";

fn shown(text: &str, secrets: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in secrets {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    for end in (0..=SECRETS.len()).filter(|end| SECRETS.is_char_boundary(*end)) {
        let text = &SECRETS[..end];
        let (_, remarks, secrets) = read(text, 0);
        assert!(!shown(text, &secrets).contains("CANARY"), "{}", shown(text, &secrets));
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
    }
    let whole = shown(SECRETS, &read(SECRETS, 0).2);
    for word in
        ["/ip firewall filter\nadd action=accept chain=forward comment=office", "set enabled=yes", "use-ipsec=yes", "interface=bridge"]
    {
        assert!(whole.contains(word), "{whole}");
    }
    // Marks that do not pair make no secret a value of another word.
    for broken in [
        "/ip firewall filter add chain=forward comment=\"a\n/ppp secret add password=CANARY comment=\"b\"\n",
        "/interface pppoe-client add name=\"x password=\"CANARY\" user=a\n",
        "/interface pppoe-client add name=x; password=CANARY\n",
        "CANARY\n/ip firewall nat CANARY add\n",
        "/ip firewall nat add chain=CANARY=x {CANARY}\n",
    ] {
        let all = shown(broken, &read(broken, 0).2);
        let named = all.contains("chain=CANARY") || all.contains("nat CANARY");
        assert!(named || !all.contains("CANARY"), "{all}");
    }
}

#[test]
fn no_part_of_an_export_proves_anything() {
    let raw = "add action=drop chain=prerouting protocol=udp dst-port=500";
    let text = Config { filter: STOCK, raw, ..Config::default() }.text();
    let end_of_ip = text.find("\n/system").unwrap() + 2;
    for end in 0..text.len() {
        let (device, remarks, _) = read(&text[..end], 0);
        let answer = verdict(&device, Service::IKE);
        if end <= end_of_ip {
            assert!(answer.starts_with("undecided"), "{answer}: {}", &text[..end]);
            assert!(remarks.iter().any(|r| matches!(r.kind, RemarkKind::Syntax | RemarkKind::Elsewhere)), "{}", &text[..end]);
            assert!(device.terminates.known().is_none());
        } else {
            assert!(answer.starts_with("undecided") || answer == "dropped by deny udp any -> any:500", "{answer}: {}", &text[..end]);
        }
    }
    assert_eq!(verdict(&read(&text, 0).0, Service::IKE), "dropped by deny udp any -> any:500");
}

#[test]
fn forms_of_commands() {
    let text = Config { filter: STOCK, ..Config::default() }.text();
    let again = |text: &str| {
        let (device, remarks, _) = read(text, 0);
        assert_eq!(remarks, [], "{text}");
        assert_eq!(verdict(&device, Service::NAT_T), "passes", "{text}");
    };
    again(&text.replace('\n', "\r\n"));
    again(
        &text
            .replace("/ip firewall nat\nadd", "/ip/firewall/nat add")
            .replace("\nadd action=dst-nat", "\n/ip/firewall/nat/add action=dst-nat"),
    );
    again(&text.replace("/ip firewall nat\nadd", "/ip firewall\nnat add").replace("\nadd action=dst-nat", "\nnat add action=dst-nat"));
    again(
        &text.replace("/ip firewall nat\n", "/ip firewall nat {\n").replace("to-addresses=192.168.1.4\n", "to-addresses=192.168.1.4\n}\n"),
    );
    again(&text.replace("protocol=udp", "proto\\\n    col=udp").replace("to-addresses", "to-add\\\r\n        resses"));
    again(&text.replace("in-interface-list=WAN", "in-interface-list=\"WAN\"").replace("chain=dstnat", "chain=\\\n    dstnat"));
    again(&format!("[admin@edge] > /export\n{text}[admin@edge] > "));
    again(&format!(":global x 1\n:put \"a;b\"\n{text}"));
    for broken in [
        text.replace("chain=dstnat", "chain=\"dstnat"),
        text.replace("/ip firewall nat\n", "/ip firewall nat\nwhat is this\n"),
        text.replace("/ip firewall nat\n", ":if (true) do={\n/ip firewall nat\n}\n/ip firewall nat\n"),
        text.replace("/ip firewall nat\n", "/ip firewall nat\nset 0 disabled=yes\n"),
        text.replace("add action=dst-nat", "add place-before=0 action=dst-nat"),
        text.clone() + "/import file=more.rsc\n",
        text.replace("/ip firewall filter\n", "/ip firewall filter\n 0 chain=input action=accept\n"),
    ] {
        let (device, remarks, _) = read(&broken, 0);
        assert!(verdict(&device, Service::IKE).starts_with("undecided"), "{broken}");
        assert!(remarks.iter().any(|r| matches!(r.kind, RemarkKind::Syntax | RemarkKind::Elsewhere)), "{broken}");
    }
}

#[test]
fn junk_is_read() {
    for text in [
        "",
        "/",
        "[",
        "{{{{{{",
        "\\",
        "\\\n",
        "\"",
        "#",
        "[a@b]>",
        "/ip firewall nat add chain=",
        "=",
        "/ip firewall nat\nadd =x chain=a action=jump jump-target=a",
        "é=é \"é",
    ] {
        let _ = read(text, 7);
    }
    let loops = "add action=jump chain=forward jump-target=a\nadd action=jump chain=a jump-target=a";
    assert!(with_filter(loops).starts_with("undecided"));
    let _ = read(&"{".repeat(100_000), 0);
    let _ = read(&"/ip firewall {\n".repeat(10_000), 0);
}

#[test]
fn spans_slice_to_their_words() {
    let text = Config::default().text();
    let (device, _, _) = read(&text, 1000);
    let slice = |span: Span| &text[span.start as usize - 1000..span.end as usize - 1000];
    let (line, to) = device.forwards().next().unwrap();
    assert!(slice(line.span).starts_with("add action=dst-nat") && slice(line.span).ends_with("to-addresses=192.168.1.4"));
    assert_eq!(slice(line.matches.destination_ports.span().unwrap()), "dst-port=500,4500");
    assert!(matches!(&to.to, crate::model::upstream::Target::Host(host) if slice(host.span) == "to-addresses=192.168.1.4"));
}

#[test]
fn chains_that_nothing_calls_are_not_applied() {
    let filter = format!("{STOCK}add action=accept chain=forwrd protocol=udp dst-port=500,4500\n");
    let edge = device(Config { filter: &filter, ..Config::default() });
    let unused: Vec<&str> = edge.chains.iter().filter(|chain| !chain.applied).map(|chain| &*chain.name).collect();
    assert_eq!(unused, ["forwrd"]);
}

#[test]
fn ten_thousand_rules_and_long_lists_are_read_and_decided() {
    let rules = "add action=drop chain=forward protocol=tcp src-address=198.51.100.7 dst-port=1-1000\n".repeat(10_000);
    assert_eq!(with_filter(&rules), "passes");
    let list: String = (0..10_000).map(|n| format!("add address=10.{}.{}.7 list=bad\n", n / 200, n % 200)).collect();
    let rules = "add action=drop chain=forward src-address-list=bad\n".repeat(2_000);
    let answer = ike(Config { lists: &list, filter: &rules, ..Config::default() });
    assert!(answer.starts_with("undecided"), "{answer}");
}

#[test]
fn what_names_itself_many_times_over_costs_nothing() {
    let lists: String = (0..30).map(|n| format!("add include={} name=l{n}\n", vec![format!("l{}", n + 1); 20].join(","))).collect();
    let more = format!("/interface list\n{lists}add name=l30\n");
    let filter = "add action=accept chain=forward in-interface-list=l0\nadd action=drop chain=forward";
    assert!(ike(Config { more: &more, filter, ..Config::default() }).starts_with("undecided"));
    let again = format!("add chain=forward action=drop{}\n", " src-address-list=peers".repeat(5_000));
    assert!(ike_of(&again).starts_with("undecided"));
    let deep = format!("/ip{}\n{}", " a".repeat(20_000), "add a=b\n".repeat(20_000));
    let _ = read(&deep, 0);
    let _ = read(&"/ip firewall nat\nadd chain=a action=jump jump-target=b\nremove [find]\n".repeat(10_000), 0);
}

fn ike_of(filter: &str) -> String {
    let (device, _, _) = read(&Config { filter, ..Config::default() }.text(), 0);
    verdict(&device, Service::IKE)
}

#[test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test that reads files outside of the crate when they are there")]
fn real_files_are_parts_and_decide_nothing() {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/upstream/mikrotik");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no corpus");
        return;
    };
    for entry in entries {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(crate::import::detect::detect("x", &text), Some(crate::import::detect::Format::Routeros), "{}", file.display());
        let (device, remarks, _) = read(&text, 0);
        assert!(remarks.iter().all(|r| r.kind != RemarkKind::Unknown), "{}: {remarks:?}", file.display());
        for service in [Service::IKE, Service::NAT_T, Service::ESP] {
            assert!(verdict(&device, service).starts_with("undecided"), "{}", file.display());
        }
    }
}
