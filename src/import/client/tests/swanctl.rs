use super::*;
use crate::import::client::complete::Match;
use crate::import::detect::detect;
use crate::model::KeyOrigin;

const WHOLE: &str = r#"# secret = CANARY-old
include conf.d/*.conf
connections {
    office {
        version = 1
        aggressive = no
        remote_addrs = vpn.example.com, 203.0.113.10
        proposals = aes128-sha1-modp2048, 3des-sha1-modp1024
        local { auth = psk }
        remote {
            auth = psk
            id = %any
        }
        children {
            net {
                mode = transport
                local_ts = dynamic[udp/1701]
                remote_ts = dynamic[udp/1701]
                esp_proposals = aes128-sha1
            }
        }
    }
    tunnel { remote_addrs = 203.0.113.9
        children { c { remote_ts = 10.0.0.0/8 } } }
}
secrets
{
    ike-office {
        id = vpn.example.com
        secret = "CAN\"ARY #7"
    }
    eap-ann { secret = CANARY-eap }
}
"#;

fn read(text: &str) -> Read<'_> {
    assert_eq!(detect("file", text), Some(Format::Swanctl), "{text}");
    read_as(Format::Swanctl, text)
}

#[test]
fn a_connection_whose_child_carries_l2tp_is_a_profile() {
    let read = read(WHOLE);
    let client = read.client();
    assert_eq!(read.problems(), Vec::<String>::new());
    assert_eq!((client.name.value.as_str(), client.format), ("office", Some("swanctl")));
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ dynamic[udp/1701]");
    assert_eq!(client.server.value(), Some(&Host::Name("vpn.example.com".into())));
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ psk");
    assert_eq!(read.shown(&client.aggressive_mode), "false @ no");
    assert_eq!(client.ike.items().len(), 2);
    assert_eq!(read.list(&client.esp), "\"aes128-sha1\" @ aes128-sha1; ");
    let [key] = &read.notes.completions[..] else { panic!("one key") };
    assert!(key.client.pre_shared_key.value().unwrap().secret.same_as(&Secret::new("CAN\"ARY #7")));
    assert_eq!(key.client.pre_shared_key.value().unwrap().origin, KeyOrigin::Configuration);
    assert_eq!(key.of, Match::Servers(vec![Host::Name("vpn.example.com".into())]));
    assert_eq!(read.notes.includes[0].value, "conf.d/*.conf");
}

#[test]
fn however_it_is_cut_no_key_is_left_uncovered() {
    let secrets = ["CANARY-old", "CAN\\\"ARY #7", "CANARY-eap"];
    cut_everywhere(Format::Swanctl, WHOLE, &secrets);
    cut_everywhere(Format::Swanctl, &WHOLE.replace('\n', "\r\n"), &secrets);
    cut_everywhere(Format::Swanctl, "}{{ secret CANARY }\n= secret=é\n", &["CANARY"]);
}

#[test]
fn versions_modes_and_rounds_decide() {
    for (from, to, tunnel, authentication) in [
        ("version = 1", "version = 2", "Ikev2 @ 2", "PreSharedKey @ psk"),
        ("version = 1\n", "\n", "Ikev2 @ office", "PreSharedKey @ psk"),
        ("mode = transport", "mode = tunnel", "? `mode` is not `transport`, and L2TP needs transport mode @ tunnel", "PreSharedKey @ psk"),
        ("mode = transport", "", "? the child states no `mode = transport`, and L2TP needs transport mode @ net", "PreSharedKey @ psk"),
        ("local { auth = psk }", "local { auth = pubkey }", "L2tp @ dynamic[udp/1701]", "Certificate @ pubkey"),
        ("local { auth = psk }", "", "L2tp @ dynamic[udp/1701]", "Certificate @ office"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().tunnel_type), tunnel, "{to}");
        assert_eq!(read.shown(&read.client().ipsec_authentication), authentication, "{to}");
    }
}

#[test]
fn keys_come_in_three_forms() {
    for (value, key) in [
        ("CAN ARY", "CAN ARY"),
        ("0sQ0FOQVJZ", "CANARY"),
        ("\"0x43414e415259\"", "CANARY"),
        ("\"CAN\\\\ARY\\n\"", "CAN\\ARY\n"),
        ("\"\"", ""),
    ] {
        let text = format!("secrets {{ ike {{ secret = {value} }} }}");
        let read = read(&text);
        assert!(read.notes.completions[0].client.pre_shared_key.value().unwrap().secret.same_as(&Secret::new(key)), "{value}");
        assert_eq!(read.notes.completions[0].of, Match::Every);
    }
}
