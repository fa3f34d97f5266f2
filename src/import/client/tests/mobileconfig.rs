use super::*;

fn read(text: &str) -> Read<'_> {
    read_as(Format::Mobileconfig, text)
}

/// A profile with one L2TP payload that holds `inner`.
fn l2tp(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string>\
         <key>PayloadContent</key><array>\n<dict><key>PayloadType</key><string>com.apple.vpn.managed</string>\
         <key>VPNType</key><string>L2TP</string>\n{inner}\n</dict></array></dict></plist>"
    )
}

fn dict(key: &str, inner: &str) -> String {
    format!("<key>{key}</key><dict>{inner}</dict>")
}

const WHOLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadType</key>
			<string>com.apple.wifi.managed</string>
			<key>Password</key>
			<string>CANARY-wifi-5</string>
		</dict>
		<dict>
			<key>PayloadType</key>
			<string>com.apple.vpn.managed</string>
			<key>UserDefinedName</key>
			<string>Büro &amp; Lager</string>
			<key>VPNType</key>
			<string>L2TP</string>
			<!-- formerly CANARY-in-a-comment -->
			<key>PPP</key>
			<dict>
				<key>AuthName</key>
				<string>ann@example.com</string>
				<key>AuthPassword</key>
				<string>CANARY-password-1</string>
				<key>CommRemoteAddress</key>
				<string>vpn.example.com</string>
			</dict>
			<key>IPSec</key>
			<dict>
				<key>AuthenticationMethod</key>
				<string>SharedSecret</string>
				<key>LocalIdentifier</key>
				<string>sales</string>
				<key>SharedSecret</key>
				<data>
				Q0FOQVJZLTc=
				</data>
			</dict>
			<key>IPv4</key>
			<dict>
				<key>OverridePrimary</key>
				<integer>0</integer>
			</dict>
			<key>DNS</key>
			<dict>
				<key>ServerAddresses</key>
				<array><string>192.168.10.2</string><string>2001:db8::2</string></array>
				<key>SearchDomains</key>
				<array><string>corp.example.com</string></array>
			</dict>
		</dict>
	</array>
</dict>
</plist>
"#;

#[test]
fn a_whole_profile_is_read_with_its_places() {
    let read = read(WHOLE);
    let client = read.client();
    assert_eq!(read.problems(), Vec::<String>::new());
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Büro & Lager", "Büro &amp; Lager"));
    assert_eq!(client.format, Some("mobileconfig"));
    assert_eq!(read.at(client.profile.unwrap()), "<dict>");
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ L2TP");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.user), "\"ann@example.com\" @ ann@example.com");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ SharedSecret");
    assert_eq!(read.shown(&client.aggressive_mode), "true @ sales");
    assert_eq!(read.shown(&client.split_tunnel), "true @ 0");
    assert_eq!(read.list(&client.routes), "");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
    assert!(read.key_is("CANARY-7"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "Q0FOQVJZLTc=");
    assert!(client.os.is_absent() && client.authentication.is_absent() && client.ike.is_absent());
}

#[test]
fn however_it_is_cut_no_key_is_left_uncovered() {
    cut_everywhere(Format::Mobileconfig, WHOLE, &["CANARY-wifi-5", "CANARY-in-a-comment", "CANARY-password-1", "Q0FOQVJZLTc="]);
    cut_everywhere(Format::Mobileconfig, "\n<plist><dict><key>SharedSecret</key><string>CANARY-9</string></dict></plist>", &["CANARY-9"]);
    // A tag that is not closed takes the key into the markup.
    let text = WHOLE.replace("<data>", "<data");
    cut_everywhere(Format::Mobileconfig, &text, &["Q0FOQVJZLTc="]);
}

#[test]
fn keys_are_decoded_as_the_device_does() {
    let with = |secret: &str| l2tp(&dict("IPSec", &format!("<key>SharedSecret</key>{secret}")));
    for (secret, text) in [
        ("<data>\n\t\tQ0FO\n\t\tQVJZ\n\t</data>", "CANARY"),
        // As `base64 <<<` makes it: the line break is part of the key.
        ("<data>Q0FOQVJZCg==</data>", "CANARY\n"),
        ("<string>CAN&amp;ARY </string>", "CAN&ARY "),
        ("<string>Q0FOQVJZ</string>", "Q0FOQVJZ"),
        ("<data/>", ""),
        ("<data></data>", ""),
        ("<string/>", ""),
    ] {
        let text_of_file = with(secret);
        let read = read(&text_of_file);
        assert!(read.key_is(text), "{secret}");
        assert_eq!(read.client().pre_shared_key.value().unwrap().origin, crate::model::KeyOrigin::Profile("mobileconfig"));
        assert_eq!(read.client().ipsec_authentication.value(), Some(&crate::model::IpsecAuthentication::PreSharedKey));
        assert_eq!(read.problems(), Vec::<String>::new());
    }
    for (secret, why) in [
        ("<data>{{ psk }}</data>", "the profile is a template: its key is not filled in"),
        ("<data>__PSK__</data>", "the profile is a template: its key is not filled in"),
        ("<string>%PSK%</string>", "the profile is a template: its key is not filled in"),
        ("<data>CANARY-not-base64!</data>", "the key is not valid base64"),
        ("<integer>12345678</integer>", "the profile's key is neither data nor text"),
    ] {
        assert_eq!(read(&with(secret)).no_key(), why, "{secret}");
    }
    assert_eq!(read(&l2tp("")).no_key(), "-");
}

#[test]
fn near_misses_survive_the_reading() {
    let text = l2tp(&dict("IPSec", "<key>SharedSecret</key><data>Q0FOQVJZCg==</data>"));
    let read = read(&text);
    let key = &read.client().pre_shared_key.value().unwrap().secret;
    assert!(key.near_miss(&Secret::new("CANARY")).is_some());
}

#[test]
fn servers_that_are_no_host_are_opaque() {
    let text = l2tp(&dict("PPP", "<key>CommRemoteAddress</key><string>https://vpn.example.com</string>"));
    let read = read(&text);
    assert_eq!(read.shown(&read.client().server), "? the server is written as a URL @ https://vpn.example.com");
}

#[test]
fn each_kind_of_tunnel_has_its_own_dictionaries() {
    for (kind, inner, seen) in [
        (
            "IPSec",
            dict("IPSec", "<key>RemoteAddress</key><string>a.example</string><key>XAuthName</key><string>ann</string>"),
            "CiscoIpsec",
        ),
        ("IKEv2", dict("IKEv2", "<key>RemoteAddress</key><string>a.example</string><key>AuthName</key><string>ann</string>"), "Ikev2"),
        ("PPTP", dict("PPP", "<key>CommRemoteAddress</key><string>a.example</string><key>AuthName</key><string>ann</string>"), "Pptp"),
    ] {
        let text = l2tp(&inner).replace("<string>L2TP<", &format!("<string>{kind}<"));
        let read = read(&text);
        assert_eq!(read.shown(&read.client().tunnel_type), format!("{seen} @ {kind}"));
        assert_eq!(read.shown(&read.client().server), "Name(\"a.example\") @ a.example");
        assert_eq!(read.shown(&read.client().user), "\"ann\" @ ann");
    }
    let text = l2tp("").replace("<string>L2TP<", "<string>VPN<");
    assert!(read(&text).client().tunnel_type.opaque().is_some());
}

#[test]
fn all_traffic_is_said_in_many_ways() {
    for (inner, seen) in [
        (dict("IPv4", "<key>OverridePrimary</key><integer>1</integer>"), "false @ 1"),
        (dict("IPv4", "<key>OverridePrimary</key><real>0</real>"), "true @ 0"),
        ("<key>OverridePrimary</key><true/>".to_owned(), "false @ <true/>"),
        (dict("IPv4", "<key>OverridePrimary</key><string>yes</string>"), "? the profile's `OverridePrimary` is neither 0 nor 1 @ yes"),
        (String::new(), "-"),
    ] {
        let text = l2tp(&inner);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().split_tunnel), seen);
    }
    let text = l2tp(&format!("<key>OverridePrimary</key><false/>{}", dict("IPv4", "<key>OverridePrimary</key><integer>1</integer>")));
    let read = read(&text);
    assert_eq!(read.shown(&read.client().split_tunnel), "false @ 1");
    assert_eq!(read.problems(), ["<false/>: `OverridePrimary` is said twice, and not alike; the one in `IPv4` counts"]);
}

#[test]
fn of_a_repeated_key_the_last_counts() {
    let text = l2tp(
        &(dict("PPP", "<key>CommRemoteAddress</key><string>old.example</string>")
            + &dict("PPP", "<key>CommRemoteAddress</key><string>new.example</string>")),
    );
    let read = read(&text);
    assert_eq!(read.shown(&read.client().server), "Name(\"new.example\") @ new.example");
    assert_eq!(read.problems(), ["PPP: `PPP` stands in this dictionary more than once, and the last one counts"]);
    assert_eq!(read.at(read.notes.problems[0].related[0].0), "PPP");
    assert!(read.notes.problems[0].related[0].0 < read.notes.problems[0].span);
}

#[test]
fn eap_alone_is_a_statement_about_authentication() {
    let text = l2tp(&dict("PPP", "<key>AuthProtocol</key><array><string>EAP</string></array>"));
    let read = read(&text);
    assert_eq!(read.list(&read.client().authentication), "Eap @ EAP; ");
    assert!(
        self::read(&l2tp(&dict("IPSec", "<key>AuthenticationMethod</key><string>Certificate</string>")))
            .client()
            .authentication
            .is_absent()
    );
}

#[test]
fn a_key_in_the_wrong_place_is_no_key_and_is_said_and_hidden() {
    let text = l2tp(&dict("L2TP", "<key>SharedSecret</key><string>CANARY-lost</string>"));
    let read = read(&text);
    assert_eq!(read.no_key(), "-");
    assert_eq!(read.remarks(), ["SecretMisplaced @ SharedSecret: not read here"]);
    assert!(read.hides(text.find("CANARY").unwrap()));
}

#[test]
fn what_the_device_misreads_is_remarked() {
    let with = |secret: &str| dict("IPSec", &format!("<key>SharedSecret</key>{secret}"));
    let server = "<key>CommRemoteAddress</key><string>a.example</string>";
    // base64 of base64 of `CANARY-once`, and base64 of eight letters that decode to nothing readable.
    let twice = "<data>UTBGT1FWSlpMVzl1WTJVPQ==</data>";
    for (inner, seen) in [
        (with("<string>CANARY</string>"), "SecretType @ CANARY: text instead of data"),
        (with("<integer>12345678</integer>"), "SecretType @ 12345678: neither data nor text"),
        (with("<data>CANARY-not-base64!</data>"), "SecretType @ CANARY-not-base64!: not base64"),
        (with("<data>Q0FOQVJZLTc</data>"), "SecretType @ Q0FOQVJZLTc: base64 without its padding"),
        (with(twice), "DoubleEncoded @ UTBGT1FWSlpMVzl1WTJVPQ==: encoded twice"),
        // As `base64 | base64` makes it.
        (with("<data>UTBGT1FWSlpMVzl1WTJVPQo=</data>"), "DoubleEncoded @ UTBGT1FWSlpMVzl1WTJVPQo=: encoded twice"),
        (with("<data>Q0FOQVJZYWI=</data>"), ""),
        (with("<string/>"), ""),
        (with("<string>{{ psk }}</string>"), ""),
        (with("<data>__PSK__</data>"), ""),
        ("<key>SharedSecret</key><data>Q0FOQVJZ</data>".to_owned(), "SecretMisplaced @ SharedSecret: not read here"),
        (dict("PPP", "<key>Pre-Shared Key</key><string>CANARY</string>"), "SecretMisplaced @ Pre-Shared Key: not read here"),
        (dict("IPSec", "<key>sharedSecret</key><string>CANARY</string>"), "SecretMisplaced @ sharedSecret: not read here"),
        (with("<data>Q0FOQVJZ</data>") + "<key>SharedSecret</key><data>Q0FOQVJZ</data>", ""),
        (dict("IPSec", "<key>AuthenticationMethod</key><string>Certificate</string>") + "<key>PSK</key><string>CANARY</string>", ""),
        ("<key>RemoteAddress</key><string>a.example</string>".to_owned(), "Refused @ RemoteAddress: not read here"),
        (dict("L2TP", server), "Refused @ CommRemoteAddress: not read here"),
        (dict("L2TP", server) + &dict("PPP", server), ""),
        ("<key>UserDefinedName</key><true/>".to_owned(), "Refused @ UserDefinedName: of another type"),
        (dict("DNS", "<key>ServerAddresses</key><string>192.0.2.1</string>"), "Refused @ ServerAddresses: of another type"),
        ("<key>VPNType</key><string>L2TP/IPSec</string>".to_owned(), "Refused @ L2TP/IPSec: not known"),
    ] {
        let text = l2tp(&inner);
        let read = read(&text);
        assert_eq!(read.remarks().join("; "), seen, "{inner}");
        assert!(read.client().remarks.iter().all(|r| !r.what.contains("CANARY") && r.label.split(' ').count() <= 6));
        assert!(text.find("CANARY").is_none_or(|n| read.hides(n)), "{inner}");
    }
    // The schema of IKEv2 wants text.
    let text = l2tp(&dict("IKEv2", "<key>SharedSecret</key><string>CANARY</string>")).replace("<string>L2TP<", "<string>IKEv2<");
    assert!(read(&text).remarks().is_empty());
}

#[test]
fn an_unpadded_key_is_not_what_it_seems() {
    let text = l2tp(&dict("IPSec", "<key>SharedSecret</key><data>Q0FOQVJZLTc</data>"));
    assert_eq!(read(&text).no_key(), "the base64 of the key lacks its padding, without which Apple's systems drop its end");
}

const SETTINGS: &str = "<?xml version=\"1.0\"?>\n<!-- CANARY-note -->\n<dict><key>NetworkServices</key><dict>\n\
     <key>0A1B</key><dict><key>Interface</key><dict><key>Type</key><string>Ethernet</string></dict></dict>\n\
     <key>2C3D</key><dict><key>UserDefinedName</key><string>office</string>\n\
     <key>Interface</key><dict><key>Type</key><string>PPP</string><key>SubType</key><string>L2TP</string></dict>\n\
     <key>PPP</key><dict><key>CommRemoteAddress</key><string>vpn.example.com</string><key>AuthName</key><string>ann</string></dict>\n\
     <key>IPSec</key><dict><key>SharedSecret</key><string>CANARY.SS</string>\n\
     <key>SharedSecretEncryption</key><string>Keychain</string></dict>\n\
     <key>IPv4</key><dict><key>OverridePrimary</key><integer>1</integer></dict></dict>\n\
     <key>4E5F</key><dict><key>Interface</key><dict><key>Type</key><string>IPSec</string></dict></dict></dict></dict>";

#[test]
fn macos_keeps_the_key_of_a_service_elsewhere() {
    let read = read(SETTINGS);
    let [l2tp, cisco] = &read.profiles[..] else { panic!("two services") };
    assert_eq!((l2tp.client.name.value.as_str(), read.shown(&l2tp.client.tunnel_type)), ("office", "L2tp @ L2TP".to_owned()));
    assert_eq!(read.shown(&l2tp.client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&l2tp.client.split_tunnel), "false @ 1");
    let key = l2tp.client.pre_shared_key.opaque().unwrap();
    assert_eq!(&*key.reason, "the key is in the Mac's keychain, and the file holds only a reference to it");
    assert_eq!(read.shown(&cisco.client.tunnel_type), "CiscoIpsec @ IPSec");
    assert!(read.notes.problems.is_empty() && l2tp.client.remarks.is_empty());
    assert_eq!(crate::import::detect::detect("preferences.plist", SETTINGS), Some(Format::Mobileconfig));
    cut_everywhere(Format::Mobileconfig, SETTINGS, &["CANARY-note", "CANARY.SS"]);
}

#[test]
fn an_exported_connection_hides_its_key() {
    let text = "<plist version=\"1.0\"><dict><key>L2TP</key><dict>\n<key>SystemConfig</key><dict><key>IPv4</key><dict><key>OverridePrimary</key>\
        <integer>1</integer></dict></dict>\n<key>UserConfigs</key><array><dict>\n<key>IPSec</key><dict><key>AuthenticationMethod</key>\
        <string>SharedSecret</string><key>ExportedSharedSecret</key><data>CANARY00</data></dict>\n<key>PPP</key><dict><key>AuthName</key>\
        <string>ann</string><key>CommRemoteAddress</key><string>vpn.example.com</string><key>ExportedPassword</key><data>CANARY11</data>\
        <key>UserDefinedName</key><string>office</string></dict></dict></array></dict></dict></plist>";
    let read = read(text);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.shown(&client.tunnel_type)), ("office", "L2tp @ L2TP".to_owned()));
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.no_key(), "macOS obscured the key in its export in a way that is not documented");
    assert_eq!(read.shown(&client.split_tunnel), "false @ L2TP");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ SharedSecret");
    cut_everywhere(Format::Mobileconfig, text, &["CANARY00", "CANARY11"]);
}

#[test]
fn several_payloads_are_several_profiles_and_others_are_ignored() {
    let one = |name: &str| {
        format!("<dict>\n<key>PayloadType</key><string>com.apple.vpn.managed</string><key>VPNType</key><string>L2TP</string>{name}</dict>")
    };
    let text = format!(
        "<plist><array>{}<dict><key>PayloadType</key><string>com.apple.mail.managed</string></dict>{}</array></plist>",
        one("<key>UserDefinedName</key><string>a</string>"),
        one("")
    );
    let read = read(&text);
    let names: Vec<_> = read.profiles.iter().map(|p| (p.client.name.value.as_str(), read.at(p.client.name.span))).collect();
    assert_eq!(names, [("a", "a"), ("profile 2", "<dict>")]);
}

#[test]
fn encrypted_profiles_are_named_as_such() {
    for (inner, place) in [
        ("<key>IsEncrypted</key><true/>", "IsEncrypted"),
        ("<key>EncryptedPayloadContent</key><data>AAAA</data>", "EncryptedPayloadContent"),
        ("<key>PayloadContent</key><data>AAAA</data>", "PayloadContent"),
    ] {
        let text = format!("<plist><dict><key>PayloadType</key><string>Configuration</string>{inner}</dict></plist>");
        let read = read(&text);
        assert!(read.profiles.is_empty());
        assert_eq!(read.problems(), [format!("{place}: the profile is encrypted and cannot be read")]);
        assert_eq!(read.notes.problems[0].kind, ProblemKind::ImportFailed);
        assert!(read.notes.gap.is_some());
    }
}

#[test]
fn entities_of_its_own_are_refused_and_hidden() {
    let text = "<!DOCTYPE plist [<!ENTITY k \"CANARY\">]><plist><dict><key>SharedSecret</key><string>&k;</string></dict></plist>";
    let read = read(text);
    assert!(read.profiles.is_empty());
    assert_eq!(read.problems(), ["<!ENTITY: the profile defines entities of its own, which are not read"]);
    assert!(read.hides(text.find("CANARY").unwrap()));
}

#[test]
fn what_an_l2tp_payload_leaves_out_is_apples_default() {
    let text = l2tp("");
    let read = read(&text);
    assert_eq!(read.shown(&read.client().ipsec_authentication), "PreSharedKey @ L2TP");
    assert_eq!(read.shown(&read.client().aggressive_mode), "false @ L2TP");
    for (inner, authentication, aggressive) in [
        ("<key>AuthenticationMethod</key><string>Certificate</string>", "Certificate @ Certificate", "false @ L2TP"),
        ("<key>LocalIdentifier</key><string> </string>", "PreSharedKey @ L2TP", "false @  "),
        (
            "<key>AuthenticationMethod</key><true/><key>LocalIdentifier</key><integer>1</integer>",
            "? the profile's `AuthenticationMethod` is not text @ <true/>",
            "? the profile's `LocalIdentifier` is not text @ 1",
        ),
    ] {
        let text = l2tp(&dict("IPSec", inner));
        let read = self::read(&text);
        assert_eq!(read.shown(&read.client().ipsec_authentication), authentication, "{inner}");
        assert_eq!(read.shown(&read.client().aggressive_mode), aggressive, "{inner}");
    }
}
