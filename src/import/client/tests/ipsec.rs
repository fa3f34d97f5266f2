//! The four files of `ipsec`.

use super::*;
use crate::import::client::complete::Match;
use crate::import::detect::detect;
use crate::model::KeyOrigin;

fn read(text: &str) -> Read<'_> {
    assert_eq!(detect("file", text), Some(Format::Ipsec), "{text}");
    read_as(Format::Ipsec, text)
}

impl Read<'_> {
    fn addition(&self) -> &Completion {
        assert_eq!((self.profiles.len(), self.notes.completions.len()), (0, 1));
        &self.notes.completions[0]
    }

    fn added_key_is(&self, text: &str) -> bool {
        self.addition().client.pre_shared_key.value().is_some_and(|k| k.secret.same_as(&Secret::new(text)))
    }
}

const CONF: &str = "\
# formerly secret=CANARY-old
version 2

config setup
    charondebug=\"ike 2\"

conn %default
    keyexchange=ikev1
    authby=secret

conn common
    type=transport
    leftprotoport=17/1701

conn office
    also=common # the rest
    left = %defaultroute
    right = vpn.example.com
    rightprotoport=17/1701
    ike=3des-sha1;modp1024, aes128-sha1-modp2048!
    phase2alg=aes128-sha1
    auto=add

conn site-to-site
    right=203.0.113.9
    leftsubnet=10.0.0.0/8

conn server
    also=common
    left=203.0.113.1
    right=%any
    rightprotoport=17/%any
";

#[test]
fn the_connections_for_1701_are_profiles() {
    let read = read(CONF);
    let client = read.client();
    assert_eq!(read.problems(), Vec::<String>::new());
    assert_eq!((client.name.value.as_str(), client.format), ("office", Some("ipsec")));
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ 17/1701");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ secret");
    assert_eq!(read.list(&client.ike), "\"3des-sha1-modp1024\" @ 3des-sha1;modp1024; \"aes128-sha1-modp2048\" @ aes128-sha1-modp2048!; ");
    assert_eq!(read.list(&client.esp), "\"aes128-sha1\" @ aes128-sha1; ");
    assert_eq!(read.shown(&client.aggressive_mode), "false @ office");
    assert!(client.authentication.is_absent() && client.pre_shared_key.is_absent());
    cut_everywhere(Format::Ipsec, CONF, &["CANARY-old"]);
}

fn conn(lines: &str) -> String {
    format!("conn a\n  right=vpn.example.com\n  rightprotoport=17/1701\n  {}\n", lines.replace('\n', "\n  "))
}

#[test]
fn tunnels_and_authentications_are_told_apart() {
    for (lines, tunnel, authentication) in [
        ("type=transport\nauthby=secret", "L2tp @ 17/1701", "PreSharedKey @ secret"),
        ("type=transport\nkeyexchange=ikev2\nauthby=psk", "Ikev2 @ ikev2", "PreSharedKey @ psk"),
        ("type=transport\nikev2=insist\nauthby=rsasig", "Ikev2 @ insist", "Certificate @ rsasig"),
        ("type=transport\nikev2=no", "L2tp @ 17/1701", "Certificate @ a"),
        ("type=transport\nleftauth=psk\nrightauth=psk", "L2tp @ 17/1701", "PreSharedKey @ psk"),
        ("type=tunnel", "? `type` is not `transport`, and L2TP needs transport mode @ tunnel", "Certificate @ a"),
        ("authby=secret", "? the connection states no `type = transport`, and L2TP needs transport mode @ a", "PreSharedKey @ secret"),
        (
            "also=elsewhere",
            "? `also` names a connection that is not in the file @ elsewhere",
            "? `also` names a connection that is not in the file @ elsewhere",
        ),
        (
            "also=a\ntype=transport\nauthby=xauthpsk",
            "L2tp @ 17/1701",
            "? the connection's authentication is neither a pre-shared key nor a public key alone @ xauthpsk",
        ),
    ] {
        let text = conn(lines);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().tunnel_type), tunnel, "{lines}");
        assert_eq!(read.shown(&read.client().ipsec_authentication), authentication, "{lines}");
    }
    let text = conn("aggressive=yes\naggrmode=no");
    assert_eq!(read(&text).client().aggressive_mode.value(), Some(&true));
}

#[test]
fn what_the_file_includes_is_named() {
    let text = format!("include /etc/ipsec.d/*.conf\n{}", conn("type=transport"));
    let read = read(&text);
    assert_eq!(
        read.notes.includes.iter().map(|i| (i.value.as_str(), read.at(i.span))).collect::<Vec<_>>(),
        [("/etc/ipsec.d/*.conf", "/etc/ipsec.d/*.conf")]
    );
}

#[test]
fn keys_are_read_as_the_daemon_does() {
    let any = || Match::Every;
    let of = |host: &str| Match::Servers(vec![Host::parse(host).unwrap()]);
    for (entry, key, whose) in [
        (": PSK \"CAN ARY#;'\"", "CAN ARY#;'", any()),
        (":\tpsk 'CANARY'", "CANARY", any()),
        (": PSK 0sQ0FOQVJZ", "CANARY", any()),
        (": PSK 0x43414e415259", "CANARY", any()),
        (": PSK \"0sQ0FOQVJZ\"", "0sQ0FOQVJZ", any()),
        (": PSK CANARY # old", "CANARY", any()),
        (": PSK \"\"", "", any()),
        ("%any 0.0.0.0 : PSK \"CANARY\"", "CANARY", any()),
        ("%any 203.0.113.10 : PSK \"CANARY\"", "CANARY", of("203.0.113.10")),
        ("@vpn.example.com : PSK\n  \"CANARY\"", "CANARY", of("vpn.example.com")),
    ] {
        let read = read(entry);
        assert!(read.added_key_is(key), "{entry}");
        assert_eq!(read.addition().of, whose, "{entry}");
        assert_eq!(read.addition().client.pre_shared_key.value().unwrap().origin, KeyOrigin::Configuration);
        let last = entry.rfind(|c: char| c.is_ascii_alphanumeric()).unwrap();
        assert!(key.is_empty() || read.hides(last), "{entry}");
    }
    for (entry, why) in [
        (": PSK 0s!!", "the key is not valid base64"),
        (": PSK 0x4", "the key is not valid hexadecimal"),
        (": PSK 0sgICAgA==", "the key's bytes are no text"),
        (": PSK \"CANARY", "the key's quotes do not end"),
        (": PSK \"{{ psk }}\"", "the profile is a template: its key is not filled in"),
    ] {
        assert_eq!(read(entry).addition().client.pre_shared_key.opaque().map(|o| &*o.reason), Some(why), "{entry}");
    }
}

#[test]
fn however_secrets_are_cut_none_is_left_uncovered() {
    let text = "# CANARY-0\ninclude /etc/ipsec.d/*.secrets\n: PSK \"CANARY 1\"\nann : XAUTH \"CANARY-2\"\n10.0.0.1 vpn.example.com : PSK\n   0xCANARY3\n: RSA key.pem 'CANARY-4'\n";
    cut_everywhere(Format::Ipsec, ": PSK \"\"\n# CANARY\n", &["CANARY"]);
    cut_everywhere(Format::Ipsec, text, &["CANARY-0", "CANARY 1", "CANARY-2", "0xCANARY3", "CANARY-4"]);
}

#[test]
fn a_caller_names_its_server_and_its_options() {
    let text = "[global]\n; secret CANARY\nport = 1701\n[lac default]\nrefuse pap = yes\n[lac office]\nlns = vpn.example.com:1701 ; CANARY\npppoptfile = /etc/ppp/options.office\nname = ann\n[lns default]\nip range = 10.0.0.1-10.0.0.9\n";
    let read = read(text);
    let addition = read.addition();
    assert_eq!(addition.of, Match::Servers(vec![Host::Name("vpn.example.com".into())]));
    assert_eq!(addition.passes_to.as_deref(), Some("/etc/ppp/options.office"));
    assert_eq!(read.shown(&addition.client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&addition.client.user), "\"ann\" @ ann");
    assert_eq!(addition.client.authentication.items().len(), 4);
    cut_everywhere(Format::Ipsec, text, &["CANARY"]);
}

#[test]
fn options_of_pppd_say_what_it_refuses() {
    let text = "ipcp-accept-local\nrefuse-eap require-mppe-128\n# CANARY-old\nrefuse-pap\nrequire-mschap-v2\nnoauth defaultroute usepeerdns mtu 1280\nname \"ann@example.com\"\npassword CANARY\\ 1\n";
    let read = read(text);
    let client = &read.addition().client;
    assert_eq!(
        client.authentication.items().iter().map(|i| i.value).collect::<Vec<_>>(),
        [Authentication::Chap, Authentication::MsChap, Authentication::MsChapV2]
    );
    assert_eq!(client.authentication.span().map(|s| read.at(s)), Some("refuse-pap"));
    assert_eq!(read.shown(&client.require_mppe), "true @ require-mppe-128");
    assert_eq!(read.shown(&client.split_tunnel), "false @ defaultroute");
    assert_eq!(client.user.value().map(String::as_str), Some("ann@example.com"));
    cut_everywhere(Format::Ipsec, text, &["CANARY-old", "CANARY\\ 1"]);
}

#[test]
fn options_in_another_file_leave_pap_open() {
    for (options, reason) in [("noauth\nfile more\n", true), ("noauth\nrefuse-pap\ncall office\n", false)] {
        let read = read(options);
        assert_eq!(read.addition().client.authentication.opaque().is_some(), reason, "{options}");
        assert_eq!(read.notes.includes.len(), 1);
    }
}

#[test]
fn files_of_other_kinds_are_not_taken() {
    for text in [
        "name: x\npassword: y\n",
        "debug\nnonsense here\nand there\n",
        "[global]\nport=1\n",
        "user ann\ngroup b\ndaemon off;\nworker 1;\n",
        "hostname fw\nname 10.0.0.1 a\nname 10.0.0.2 b\ndomain c\n",
    ] {
        assert_eq!(detect("file", text), None, "{text}");
    }
}
