use super::super::offsets::Offsets;
use super::super::profilexml::{self, Embedding};
use super::*;
use crate::model::{IpsecAuthentication, RemarkKind, TunnelType};

fn read(text: &str) -> Read<'_> {
    read_as(Format::ProfileXml, text)
}

/// A profile whose `NativeProfile` goes on with `native`, and the profile with `rest`.
fn profile(native: &str, rest: &str) -> String {
    format!(
        "<VPNProfile>\n<NativeProfile>\n<Servers>vpn.example.com</Servers>\n<NativeProtocolType>L2tp</NativeProtocolType>\n{native}\n</NativeProfile>\n{rest}\n</VPNProfile>\n"
    )
}

const WHOLE: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>
<!-- formerly CANARY-old -->
<VPNProfile>
  <ProfileName>Office</ProfileName>
  <RememberCredentials>true</RememberCredentials>
  <DnsSuffix>corp.example.com, example.net</DnsSuffix>
  <NativeProfile>
    <Servers> vpn.example.com;Office </Servers>
    <NativeProtocolType>l2tp</NativeProtocolType>
    <L2tpPsk>CANARY &amp; 7</L2tpPsk>
    <RoutingPolicyType>SplitTunnel</RoutingPolicyType>
    <Authentication><UserMethod>MSChapv2</UserMethod></Authentication>
    <CryptographySuite>
      <AuthenticationTransformConstants>SHA196</AuthenticationTransformConstants>
      <CipherTransformConstants>AES128</CipherTransformConstants>
      <EncryptionMethod>AES256</EncryptionMethod>
      <IntegrityCheckMethod>SHA256</IntegrityCheckMethod>
      <DHGroup>Group14</DHGroup>
      <PfsGroup>None</PfsGroup>
    </CryptographySuite>
  </NativeProfile>
  <Route><Address>192.168.10.0</Address><PrefixSize>24</PrefixSize></Route>
  <Route><Address>10.9.0.0</Address><PrefixSize>16</PrefixSize><ExclusionRoute>true</ExclusionRoute></Route>
  <Route><Address>2001:db8::</Address><PrefixSize>32</PrefixSize></Route>
  <DomainNameInformation><DomainName>.corp.example.com</DomainName><DnsServers>192.168.10.2, 192.168.10.3</DnsServers></DomainNameInformation>
  <DomainNameInformation><DomainName>.open.example.com</DomainName></DomainNameInformation>
</VPNProfile>
";

const SYNCML: &str = "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody><Atomic><CmdID>1</CmdID>
<Add><CmdID>2</CmdID><Item>
<Target><LocURI>./User/Vendor/MSFT/VPNv2/Head%20Office/ProfileXML</LocURI></Target>
<Meta><Format xmlns=\"syncml:metinf\">chr</Format></Meta>
<Data>&lt;VPNProfile&gt;
  &lt;NativeProfile&gt;
    &lt;Servers&gt;vpn.example.com&lt;/Servers&gt;
    &lt;NativeProtocolType&gt;L2TP&lt;/NativeProtocolType&gt;
    &lt;L2tpPsk&gt;CANARY&amp;lt;9&lt;/L2tpPsk&gt;
    &lt;RoutingPolicyType&gt;ForceTunnel&lt;/RoutingPolicyType&gt;
  &lt;/NativeProfile&gt;
&lt;/VPNProfile&gt;</Data>
</Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/WiFi/Profile/x/WlanXml</LocURI></Target><Data>CANARY-wifi</Data></Item></Add>
</Atomic></SyncBody></SyncML>
";

const NODES: &str = "<SyncBody><Atomic>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/NativeProfile/Servers</LocURI></Target><Data>vpn.example.com</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/NativeProfile/NativeProtocolType</LocURI></Target><Data>L2tp</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/NativeProfile/L2tpPsk</LocURI></Target><Data>CANARY-node</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/RouteList/0/Address</LocURI></Target><Data>10.1.0.0</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/RouteList/0/PrefixSize</LocURI></Target><Data>16</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/RouteList/1/Address</LocURI></Target><Data>10.2.0.0</Data></Item></Add>
<Add><Item><Target><LocURI>./Vendor/MSFT/VPNv2/Office/RouteList/1/PrefixSize</LocURI></Target><Data>16</Data></Item></Add>
</Atomic></SyncBody>
";

const SCRIPT: &str = "<#
 old key: CANARY-block
#>
$ProfileName = 'Head Office'
$Server = \"vpn.example.com\"   # the MX
$Psk = 'CANARY$ecret'
$Suffix = (Get-Content suffix.txt)
$ProfileXML = @\"
<VPNProfile>
  <NativeProfile>
    <Servers>$Server</Servers>
    <NativeProtocolType>L2tp</NativeProtocolType>
    <L2tpPsk>$($Psk)</L2tpPsk>
    <RoutingPolicyType>SplitTunnel</RoutingPolicyType>
  </NativeProfile>
  <DnsSuffix>$Suffix</DnsSuffix>
  <Route><Address>10.0.200.0</Address><PrefixSize>24</PrefixSize></Route>
</VPNProfile>
\"@
# $Psk = CANARY-comment
New-CimInstance -Namespace root\\cimv2\\mdm\\dmmap -ClassName MDM_VPNv2_01 -Property @{ ProfileXML = $ProfileXML }
";

const POLICY: &str = r##"{
  "@odata.type": "#microsoft.graph.windows10VpnConfiguration",
  "displayName": "VPN policy",
  "connectionName": "Office",
  "connectionType": "l2tp",
  "servers": [{ "description": "MX", "address": "vpn.example.com", "isDefaultServer": true }],
  "authenticationMethod": "usernameAndPassword",
  "enableSplitTunneling": true,
  "cryptographySuite": { "encryptionMethod": "aes128", "integrityCheckMethod": "sha1_96", "dhGroup": "group14" },
  "routes": [{ "destinationPrefix": "192.168.10.0", "prefixSize": 24 }],
  "dnsRules": [{ "name": ".corp.example.com", "servers": ["192.168.10.2"] }],
  "dnsSuffixes": ["corp.example.com", "example.net"]
}
"##;

const CUSTOM: &str = r##"{ "value": [{
  "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
  "omaSettings": [
    { "@odata.type": "#microsoft.graph.omaSettingString", "omaUri": "./User/Vendor/MSFT/VPNv2/Head%20Office/ProfileXML",
      "value": "<VPNProfile>\r\n<NativeProfile><Servers>vpn.example.com</Servers><NativeProtocolType>L2tp</NativeProtocolType><L2tpPsk>CANARY\\\"8</L2tpPsk></NativeProfile></VPNProfile>" },
    { "@odata.type": "#microsoft.graph.omaSettingString", "omaUri": "./Vendor/MSFT/Other", "value": "CANARY-other" }
  ]
}] }
"##;

#[test]
fn a_whole_profile_is_read_with_its_places() {
    let read = read(WHOLE);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Office", "Office"));
    assert_eq!((client.format, read.at(client.profile.unwrap())), (Some("profilexml"), "<VPNProfile"));
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ l2tp");
    assert!(read.key_is("CANARY & 7"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "CANARY &amp; 7");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ <L2tpPsk");
    assert_eq!(read.shown(&client.split_tunnel), "true @ SplitTunnel");
    assert_eq!(read.list(&client.authentication), "MsChapV2 @ MSChapv2; ");
    assert_eq!(read.list(&client.ike), "\"AES256-SHA256-Group14\" @ AES256; ");
    assert_eq!(read.list(&client.esp), "\"AES128-SHA196-None\" @ AES128; ");
    assert_eq!(read.list(&client.routes), "192.168.10.0/24 @ 192.168.10.0; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; 192.168.10.3 @ 192.168.10.3; ");
    assert!(client.user.is_absent() && client.remarks.is_empty() && read.notes.problems.is_empty());
    assert!(read.hides(WHOLE.find("CANARY-old").unwrap()));
}

#[test]
fn values_are_told_apart() {
    for (native, rest, shown) in [
        ("<RoutingPolicyType>ForceTunnel</RoutingPolicyType>", "", "false @ ForceTunnel"),
        ("<RoutingPolicyType>splittunnel</RoutingPolicyType>", "", "true @ splittunnel"),
        ("", "", "-"),
        (
            "<RoutingPolicyType>Half</RoutingPolicyType>",
            "",
            "? the profile's `RoutingPolicyType` is neither `SplitTunnel` nor `ForceTunnel` @ Half",
        ),
    ] {
        let text = profile(native, rest);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().split_tunnel), shown);
    }
    for (method, shown) in
        [("EAP", "Eap @ EAP; "), ("MSChapv2", "MsChapV2 @ MSChapv2; "), ("Pap", "? the profile's `UserMethod` is not known @ Pap")]
    {
        let text = profile(&format!("<Authentication><UserMethod>{method}</UserMethod></Authentication>"), "");
        let read = read(&text);
        assert_eq!(read.list(&read.client().authentication), shown);
    }
    for (kind, tunnel) in [("IKEv2", TunnelType::Ikev2), ("AUTOMATIC", TunnelType::Automatic), ("pptp", TunnelType::Pptp)] {
        let text = profile("", "").replace("L2tp", kind);
        assert_eq!(read(&text).client().tunnel_type.value(), Some(&tunnel));
    }
}

#[test]
fn servers_are_a_list_with_friendly_names() {
    for (servers, shown) in [
        ("a.example.com;Main", "Name(\"a.example.com\") @ a.example.com"),
        ("a.example.com;One,A.example.com;Two", "Name(\"a.example.com\") @ a.example.com"),
        (" 203.0.113.2 ", "Ip(203.0.113.2) @ 203.0.113.2"),
        ("a.example.com&#x3b;One", "Name(\"a.example.com\") @ a.example.com&#x3b;One"),
        ("", "-"),
        (
            "a.example.com,b.example.com",
            "? the profile lists several servers, and which one the user chooses is not known @ a.example.com,b.example.com",
        ),
        ("https://a.example.com", "? the server is written as a URL @ https://a.example.com"),
    ] {
        let text = profile("", "").replace("vpn.example.com", servers);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().server), shown, "{servers}");
        let form = read.client().remarks.iter().any(|r| r.kind == RemarkKind::ServerForm);
        assert_eq!(form, servers.contains("://"));
    }
}

#[test]
fn what_windows_refuses_or_does_not_find_is_remarked() {
    for (native, rest, kind, place) in [
        ("<RoutingPolicyType>Half</RoutingPolicyType>", "", RemarkKind::Refused, "Half"),
        ("<l2tppsk>CANARY</l2tppsk>", "", RemarkKind::SecretMisplaced, "<l2tppsk"),
        ("", "<L2tpPsk>CANARY</L2tpPsk>", RemarkKind::SecretMisplaced, "<L2tpPsk"),
    ] {
        let text = profile(native, rest);
        let read = read(&text);
        let [remark] = &read.client().remarks[..] else { panic!("{native}") };
        assert_eq!((remark.kind, read.at(remark.span)), (kind, place));
        assert!(remark.label.split_whitespace().count() <= 6);
    }
    for native in [
        "<L2tpPsk>CANARY</L2tpPsk>",
        "<RoutingPolicyType>ForceTunnel</RoutingPolicyType>",
        "<RoutingPolicyType>{{ x }}</RoutingPolicyType>",
    ] {
        assert!(read(&profile(native, "")).client().remarks.is_empty(), "{native}");
    }
}

#[test]
fn keys_are_what_the_element_says() {
    for (written, key) in [
        ("CANARY", "CANARY"),
        (" CANARY ", " CANARY "),
        ("CAN&#65;RY&lt;&gt;", "CANARY<>"),
        ("<![CDATA[CANARY&amp;1]]>", "CANARY&amp;1"),
        ("", ""),
    ] {
        let text = profile(&format!("<L2tpPsk>{written}</L2tpPsk>"), "");
        let read = read(&text);
        assert!(read.key_is(key), "{written}");
        assert!(written.is_empty() || read.hides(text.find("CAN").unwrap()), "{written}");
    }
    let text = profile("<L2tpPsk>{{ psk }}</L2tpPsk>", "");
    assert_eq!(read(&text).no_key(), "the profile is a template: its key is not filled in");
    let text = profile("<L2tpPsk>CANARY</L2tpPsk><L2tpPsk>CANARY-2</L2tpPsk>", "");
    assert_eq!(read(&text).no_key(), "the pre-shared key is not known: the profile says it twice");
    let text = profile("<L2tpPsk>CANARY&1</L2tpPsk>", "");
    let read = read(&text);
    assert_eq!(read.no_key(), "the pre-shared key is not known: the text is broken here");
    assert!(read.problems()[0].contains("write `&amp;`") && read.hides(text.find("CANARY").unwrap()));
}

#[test]
fn routes_that_are_not_understood_are_not_known() {
    let route =
        |address: &str, size: &str, more: &str| format!("<Route><Address>{address}</Address><PrefixSize>{size}</PrefixSize>{more}</Route>");
    for (rest, shown) in [
        (String::new(), ""),
        (route("10.1.2.3", "16", "<ExclusionRoute>false</ExclusionRoute>"), "10.1.0.0/16 @ 10.1.2.3; "),
        (route("10.1.0.0", "33", ""), "? a route of the profile is no network @ 10.1.0.0"),
        (route("x", "16", ""), "? a route of the profile is no network @ x"),
        (
            "<Route><Address>10.1.0.0</Address></Route>".to_owned(),
            "? a route of the profile has no address or prefix length that is known @ <Route",
        ),
        (
            route("10.0.0.0", "8", "") + &route("10.1.0.0", "16", "<ExclusionRoute>true</ExclusionRoute>"),
            "? an exclusion takes part of another route of the profile away @ 10.1.0.0",
        ),
    ] {
        let text = profile("<RoutingPolicyType>SplitTunnel</RoutingPolicyType>", &rest);
        let read = read(&text);
        assert_eq!(read.list(&read.client().routes), shown);
    }
}

#[test]
fn a_rule_for_one_name_is_no_resolver() {
    let rule = |name: &str| {
        format!("<DomainNameInformation><DomainName>{name}</DomainName><DnsServers>10.0.0.2</DnsServers></DomainNameInformation>")
    };
    let text = profile("", &rule("fs.example.com"));
    let one = read(&text);
    let why = "? the profile's DNS servers are for one name alone, for its `DomainName` has no dot in front @ fs.example.com";
    assert_eq!(one.list(&one.client().dns_nameservers), why);
    let text = profile("", &(rule("fs.example.com") + &rule(".")));
    let both = read(&text);
    assert_eq!(both.list(&both.client().dns_nameservers), "10.0.0.2 @ 10.0.0.2; ");
}

#[test]
fn a_machine_certificate_is_told_from_a_key() {
    let method = "<Authentication><MachineMethod>Certificate</MachineMethod></Authentication>";
    assert_eq!(read(&profile(method, "")).client().ipsec_authentication.value(), Some(&IpsecAuthentication::Certificate));
    let both = format!("{method}<L2tpPsk>CANARY</L2tpPsk>");
    assert_eq!(read(&profile(&both, "")).client().ipsec_authentication.value(), Some(&IpsecAuthentication::PreSharedKey));
    assert!(read(&profile("", "")).client().ipsec_authentication.is_absent());
}

#[test]
fn a_profile_is_read_through_syncml() {
    let escaped = read(SYNCML);
    let client = escaped.client();
    assert_eq!(client.name.value, "Head Office");
    assert_eq!(escaped.at(client.name.span), "./User/Vendor/MSFT/VPNv2/Head%20Office/ProfileXML");
    assert_eq!(escaped.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(escaped.shown(&client.split_tunnel), "false @ ForceTunnel");
    assert_eq!(escaped.at(client.profile.unwrap()), "&lt;VPNProfile");
    assert!(escaped.key_is("CANARY<9"));
    assert_eq!(escaped.at(client.pre_shared_key.span().unwrap()), "CANARY&amp;lt;9");
    let (start, end) = (SYNCML.find("<Data>&lt;").unwrap() + 6, SYNCML.find("</Data>\n</Item></Add>\n<Add>").unwrap());
    let inner = SYNCML[start..end].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    for data in [format!("<![CDATA[{inner}]]>"), inner.clone()] {
        let text = format!("{}{data}{}", &SYNCML[..start], &SYNCML[end..]);
        let read = read(&text);
        assert_eq!(read.shown(&read.client().server), "Name(\"vpn.example.com\") @ vpn.example.com");
        assert!(read.key_is("CANARY<9"));
        assert_eq!(read.at(read.client().pre_shared_key.span().unwrap()), "CANARY&lt;9");
    }
}

#[test]
fn an_error_inside_data_stands_where_it_is_written() {
    let text = SYNCML.replace("CANARY&amp;lt;9", "CANARY&amp;9");
    let read = read(&text);
    assert_eq!(read.no_key(), "the pre-shared key is not known: the text is broken here");
    let [problem] = &read.notes.problems[..] else { panic!() };
    let at = (problem.span.start - BASE) as usize;
    assert!(text[at..].starts_with("&amp;9") || text[..at].ends_with("CANARY&amp;9"), "{}", &text[at..at + 20]);
}

#[test]
fn single_nodes_make_a_profile() {
    let read = read(NODES);
    let client = read.client();
    assert_eq!(client.name.value, "Office");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.list(&client.routes), "10.1.0.0/16 @ 10.1.0.0; 10.2.0.0/16 @ 10.2.0.0; ");
    assert!(read.key_is("CANARY-node"));
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "CANARY-node");
}

#[test]
fn a_script_is_read_with_what_its_literals_say() {
    let read = read(SCRIPT);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Head Office", "Head Office"));
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert!(client.server.span().unwrap().start < BASE + SCRIPT.find("@\"").unwrap() as u32);
    assert!(read.key_is("CANARY$ecret"));
    assert_eq!(client.pre_shared_key.value().unwrap().origin, crate::model::KeyOrigin::Configuration);
    assert_eq!(read.at(client.pre_shared_key.span().unwrap()), "CANARY$ecret");
    assert_eq!(read.shown(&client.dns_suffix), "? the DNS suffix is not known: the script fills it in when it runs @ $Suffix");
    assert_eq!(read.list(&client.routes), "10.0.200.0/24 @ 10.0.200.0; ");
    for secret in ["CANARY-block", "CANARY$ecret", "CANARY-comment"] {
        assert!(read.hides(SCRIPT.find(secret).unwrap()), "{secret}");
    }
}

#[test]
fn a_value_of_several_parts_stands_where_they_meet() {
    let text = SCRIPT.replace(">$($Psk)<", ">pre-$Psk-CANARY-post<").replace(">$Server<", ">$Server;Office<");
    let read = read(&text);
    assert!(read.key_is("pre-CANARY$ecret-CANARY-post"));
    assert_eq!(read.at(read.client().pre_shared_key.span().unwrap()), "pre-$Psk-CANARY-post");
    assert_eq!(read.shown(&read.client().server), "Name(\"vpn.example.com\") @ $Server;Office");
    cut_everywhere(Format::ProfileXml, &text, &["CANARY$ecret", "CANARY-post"]);
}

#[test]
fn quotes_of_a_script_count() {
    for (open, close, written, key) in [
        ("@'\n", "\n'@", "CANARY$x`y''", Some("CANARY$x`y''")),
        ("'", "'", "CANARY$x''y", Some("CANARY$x'y")),
        ("@\"\n", "\n\"@", "CANARY`$x", Some("CANARY$x")),
        ("\"", "\"", "CANARY\"\"`$", Some("CANARY\"$")),
        ("@\"\n", "\n\"@", "CANARY$", Some("CANARY$")),
        ("@\"\n", "\n\"@", "CANARY$x", None),
        ("@\"\n", "\n\"@", "$(Read-Host 'key')", None),
        ("@\"\n", "\n\"@", "$env:PSK", None),
    ] {
        let text = format!("$ProfileXML = {open}{}{close}\n", profile(&format!("<L2tpPsk>{written}</L2tpPsk>"), "").trim_end());
        let read = read(&text);
        match key {
            Some(key) => assert!(read.key_is(key), "{text}"),
            None => assert_eq!(read.no_key(), "the pre-shared key is not known: the script fills it in when it runs"),
        }
    }
}

#[test]
fn a_key_that_powershell_changes_is_remarked() {
    for (before, open, written, place) in [
        ("", "@\"\n", "CANARY$ecret", Some("$ecret")),
        ("", "@\"\n", "CAN`ARY", Some("`A")),
        ("", "@\"\n", "CANARY`$ecret", None),
        ("", "@'\n", "CANARY$ecret", None),
        ("$ecret = Get-Content key.txt\n", "@\"\n", "CANARY$ecret", None),
        ("param($Ecret)\n", "@\"\n", "CANARY$ecret", None),
        ("", "@\"\n", "CANARY$HOME", None),
        ("", "@\"\n", "CANARY$(Get-Key)", None),
    ] {
        let close: String = open.trim_end().chars().rev().collect();
        let text = format!("{before}$ProfileXML = {open}{}\n{close}\n", profile(&format!("<L2tpPsk>{written}</L2tpPsk>"), "").trim_end());
        let read = read(&text);
        let remarks = &read.client().remarks;
        assert_eq!(remarks.first().map(|r| read.at(r.span)), place, "{text}");
        assert!(remarks.iter().all(|r| r.kind == RemarkKind::QuotingChangesKey));
    }
}

#[test]
fn policies_of_intune_are_read() {
    let policy = read(POLICY);
    let client = policy.client();
    assert_eq!((client.name.value.as_str(), policy.at(client.name.span)), ("Office", "Office"));
    assert_eq!(policy.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(policy.shown(&client.tunnel_type), "L2tp @ l2tp");
    assert_eq!(policy.shown(&client.split_tunnel), "true @ true");
    assert_eq!(policy.list(&client.routes), "192.168.10.0/24 @ 192.168.10.0; ");
    assert_eq!(policy.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; ");
    assert_eq!(policy.list(&client.ike), "\"aes128-sha1_96-group14\" @ aes128; ");
    assert!(client.dns_suffix.value().is_some_and(|s| s == "corp.example.com"));
    assert!(client.pre_shared_key.is_absent() && client.authentication.is_absent() && policy.notes.problems.is_empty());
    let eap = POLICY.replace("usernameAndPassword", "customEapXml");
    assert_eq!(read(&eap).list(&read(&eap).client().authentication), "Eap @ customEapXml; ");
    let app = POLICY.replace("\"l2tp\"", "\"ciscoAnyConnect\"");
    assert!(read(&app).client().tunnel_type.opaque().is_some());
}

#[test]
fn custom_settings_of_intune_are_read() {
    let plain = read(CUSTOM);
    let client = plain.client();
    assert_eq!(client.name.value, "Head Office");
    assert_eq!(plain.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert!(plain.key_is("CANARY\\\"8"));
    assert_eq!(plain.at(client.pre_shared_key.span().unwrap()), r#"CANARY\\\"8"#);
    assert!(plain.hides(CUSTOM.find("CANARY-other").unwrap()));
    let xml = profile("<L2tpPsk>CANARY</L2tpPsk>", "");
    let packed = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &xml);
    let text = format!(
        "{{\"@odata.type\": \"#microsoft.graph.windows10CustomConfiguration\", \"omaSettings\": [{{\"@odata.type\": \"#microsoft.graph.omaSettingStringXml\", \"omaUri\": \"./Vendor/MSFT/VPNv2/x/ProfileXML\", \"value\": \"{packed}\"}}]}}"
    );
    let binary = read(&text);
    assert!(binary.key_is("CANARY"));
    assert_eq!(binary.at(binary.client().server.span().unwrap()), format!("\"{packed}\""));
    assert!(binary.hides(text.find(&packed).unwrap()));
    let sealed = text.replace("\"value\"", "\"isEncrypted\": true, \"value\"");
    let sealed = read(&sealed);
    assert!(sealed.profiles.is_empty() && sealed.notes.gap.is_some());
}

#[test]
fn group_policy_preferences_name_a_server() {
    let text = "<?xml version=\"1.0\"?>\n<NetworkOptions clsid=\"{0}\"><VPN clsid=\"{1}\" name=\"Office\"><Properties action=\"C\" user=\"0\" name=\"Office\" ipAddress=\"vpn.example.com\" useDNS=\"1\" cpassword=\"CANARY\"/></VPN><VPN name=\"old\"><Properties action=\"D\" name=\"old\" ipAddress=\"192.0.2.1\"/></VPN></NetworkOptions>\n";
    let read = read(text);
    let client = read.client();
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.at(client.name.span), "Office");
    assert!(client.tunnel_type.is_absent() && client.pre_shared_key.is_absent());
    assert!(read.hides(text.find("CANARY").unwrap()));
}

#[test]
fn a_preference_states_its_strategy_and_may_choose_the_authentication() {
    let of = |attributes: &str| {
        let text = format!(
            "<NetworkOptions clsid=\"{{0}}\"><VPN name=\"a\"><Properties name=\"a\" ipAddress=\"vpn.example.com\" {attributes}/></VPN></NetworkOptions>"
        );
        let read = read(&text);
        (read.shown(&read.client().tunnel_type), read.list(&read.client().authentication))
    };
    for (word, seen) in [
        ("VS_L2tpOnly", "L2tp @ VS_L2tpOnly"),
        ("VS_PptpOnly", "Pptp @ VS_PptpOnly"),
        ("VS_SstpOnly", "Sstp @ VS_SstpOnly"),
        ("VS_IkeV2Only", "Ikev2 @ VS_IkeV2Only"),
        ("VS_L2tpFirst", "Automatic @ VS_L2tpFirst"),
        ("VS_Default", "Automatic @ VS_Default"),
        ("VS_Other", "? the preference's `vpnStrategy` names no kind of tunnel that is known @ VS_Other"),
        ("", "-"),
    ] {
        assert_eq!(of(&format!("vpnStrategy=\"{word}\"")), (seen.to_owned(), "-".to_owned()));
    }
    for key in ["securePassword", "customSettings"] {
        let (_, protocols) = of(&format!("{key}=\"1\""));
        assert!(protocols.starts_with("? the preference chooses the user's authentication"), "{key}");
        assert_eq!(of(&format!("{key}=\"0\"")).1, "-");
    }
}

#[test]
fn another_format_can_hand_a_profile_over() {
    let text = profile("<L2tpPsk>CANARY</L2tpPsk>", "");
    let offsets = Offsets::shift(40, text.len());
    let name = Some(Spanned::new("Office".to_owned(), Span::new(1, 2)));
    let (profiles, notes) = profilexml::read_embedded(&text, &Embedding { offsets: &offsets, name });
    let client = &profiles[0].client;
    assert_eq!((client.name.value.as_str(), client.name.span), ("Office", Span::new(1, 2)));
    let at = 40 + text.find("CANARY").unwrap() as u32;
    assert_eq!(client.pre_shared_key.span(), Some(Span::new(at, at + 6)));
    assert!(notes.secrets.contains(&Span::new(at, at + 6)));
}

#[test]
fn entities_of_its_own_are_not_read() {
    let text = format!("<!DOCTYPE x [<!ENTITY k \"CANARY\">]>\n{}", profile("<L2tpPsk>&k;</L2tpPsk>", ""));
    let read = read(&text);
    assert!(read.profiles.is_empty() && read.hides(text.find("CANARY").unwrap()));
}

#[test]
fn nothing_leaks_however_it_is_cut() {
    cut_everywhere(Format::ProfileXml, WHOLE, &["CANARY-old", "CANARY &amp; 7"]);
    cut_everywhere(Format::ProfileXml, SYNCML, &["CANARY&amp;lt;9", "CANARY-wifi"]);
    cut_everywhere(Format::ProfileXml, NODES, &["CANARY-node"]);
    cut_everywhere(Format::ProfileXml, SCRIPT, &["CANARY-block", "CANARY$ecret", "CANARY-comment"]);
    cut_everywhere(Format::ProfileXml, CUSTOM, &["CANARY\\\\\\\"8", "CANARY-other"]);
    cut_everywhere(Format::ProfileXml, POLICY, &[]);
}
