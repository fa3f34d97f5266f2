use super::*;
use crate::model::RemarkKind;

fn read(text: &str) -> Read<'_> {
    read_as(Format::PowerShell, text)
}

/// A connection with these parameters beside its name and server.
fn add(rest: &str) -> String {
    format!("Add-VpnConnection -Name Office -ServerAddress vpn.example.com {rest}")
}

/// `kind: what`, one a remark.
fn remarks(read: &Read<'_>) -> Vec<String> {
    read.profiles.iter().flat_map(|p| &p.client.remarks).map(|r| format!("{:?} {}: {}", r.kind, read.at(r.span), r.what)).collect()
}

const SCRIPT: &str = r#"# formerly CANARY-in-a-comment
<# and
CANARY-in-a-block #>
param([string]$Unused = 'CANARY-default')
$Server = 'vpn.example.com'   # the MX
$Psk = 'CANARY-old'
$Psk = "CANARY-`$7"
$settings = @{
    Name = 'Büro Ost'
    TunnelType = 'L2tp'
    AuthenticationMethod = @('Pap', 'MSChapv2')
    SplitTunneling = $true
}
if (-not (Get-VpnConnection -Name 'Büro Ost' -ErrorAction SilentlyContinue)) {
    Add-VpnConnection @settings -ServerAddress $Server -L2tpPsk $Psk –Force | Out-Null
}
else
{
    Set-VpnConnection -Name 'Büro Ost' -SplitTunneling:$true
}
Add-VpnConnectionRoute -ConnectionName 'Büro Ost' -DestinationPrefix 10.0.0.0/16
Add-VpnConnectionRoute 'Büro Ost' '192.168.10.7'
Add-VpnConnectionRoute 'Büro Ost' 2001:db8::/32
Set-VpnConnectionIPsecConfiguration -ConnectionName 'Büro Ost' `
    -AuthenticationTransformConstants SHA196 -CipherTransformConstants AES128 -EncryptionMethod DES3 `
    -IntegrityCheckMethod SHA1 -PfsGroup None -DHGroup Group2 -Force
Set-VpnConnectionTriggerDnsConfiguration 'Büro Ost' corp.example.com 192.168.10.2,192.168.10.3 -DnsSuffixSearchList corp.example.com
cmdkey /add:x '/pass:CANARY-elsewhere'
Add-VpnConnection -Name Old -ServerAddress old.example.com -L2tpPs2 CANARY-bare -Tunnel Pptp
"#;

#[test]
fn a_whole_script_is_read_with_its_places() {
    let read = read(SCRIPT);
    assert_eq!(read.profiles.len(), 2);
    assert!(read.notes.problems.is_empty());
    let client = &read.profiles[0].client;
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Büro Ost", "Büro Ost"));
    assert_eq!(client.format, Some("powershell"));
    assert_eq!(read.at(client.profile.unwrap()), "Add-VpnConnection");
    assert_eq!(read.shown(&client.os), "Windows @ Add-VpnConnection");
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ L2tp");
    assert_eq!(read.shown(&client.server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ -L2tpPsk");
    assert!(client.pre_shared_key.value().is_some_and(|k| k.secret.same_as(&Secret::new("CANARY-$7"))));
    assert_eq!(client.pre_shared_key.value().map(|k| k.origin), Some(crate::model::KeyOrigin::Configuration));
    assert_eq!(read.list(&client.authentication), "Pap @ Pap; MsChapV2 @ MSChapv2; ");
    assert_eq!(read.shown(&client.split_tunnel), "true @ $true");
    assert_eq!(read.list(&client.routes), "10.0.0.0/16 @ 10.0.0.0/16; 192.168.10.7/32 @ 192.168.10.7; ");
    assert_eq!(read.list(&client.dns_nameservers), "192.168.10.2 @ 192.168.10.2; 192.168.10.3 @ 192.168.10.3; ");
    assert_eq!(read.shown(&client.dns_suffix), "\"corp.example.com\" @ corp.example.com");
    assert_eq!(read.list(&client.ike), "\"DES3-SHA1-Group2\" @ DES3; ");
    assert_eq!(read.list(&client.esp), "\"AES128-SHA196\" @ AES128; ");
    assert!(client.user.is_absent() && client.require_mppe.is_absent() && client.aggressive_mode.is_absent());
    assert_eq!(read.profiles[1].client.name.value, "Old");
    let what = "Refused -L2tpPs2: gives Add-VpnConnection the parameter `-L2tpPs2`, which the cmdlet does not know: it makes no connection";
    assert_eq!(remarks(&read), [what]);
    // What says something that is no key stays readable.
    assert!(["vpn.example.com", "'Pap'", "Büro Ost'\n    Tunnel"].iter().all(|t| !read.hides(SCRIPT.find(t).unwrap() + 1)));
}

#[test]
fn a_cut_script_does_not_panic_and_hides_every_key() {
    let secrets =
        ["CANARY-in-a-comment", "CANARY-in-a-block", "CANARY-default", "CANARY-old", "CANARY-`$7", "CANARY-elsewhere", "CANARY-bare"];
    cut_everywhere(Format::PowerShell, SCRIPT, &secrets);
    let hostile = "$k = 'CANARY-1' + \"CANARY-2$(Get-X 'CANARY-3')\"\n$t = @{ L2tpPsk = 'CANARY-4'; Name = 'x' }\nAdd-VpnConnection @t -Serv:a -L2tpPsk @'\nCANARY-5\n'@\n";
    cut_everywhere(Format::PowerShell, hostile, &["CANARY-1", "CANARY-2", "CANARY-3", "CANARY-4", "CANARY-5"]);
}

#[test]
fn a_key_is_what_windows_gets() {
    for (written, key) in [
        ("'CANARY-$a`n'", "CANARY-$a`n"),
        ("'CANARY''7'", "CANARY'7"),
        ("\"CANARY\"\"7\"", "CANARY\"7"),
        ("\"CANARY`$7``\"", "CANARY$7`"),
        ("\"CANARY$ 7$\"", "CANARY$ 7$"),
        ("CANARY-7", "CANARY-7"),
        ("@'\nCANARY'7\n'@", "CANARY'7"),
        ("‘CANARY’", "CANARY"),
        ("('CANARY' + '-7')", "CANARY-7"),
        ("\"CANARY-$Known\"", "CANARY-seven"),
        ("$Table.Psk", "CANARY-table"),
        ("$Later.Psk", "CANARY-later"),
        ("7", "7"),
        ("''", ""),
    ] {
        let text = format!(
            "$Known = 'seven'; $Table = @{{ psk = 'CANARY-table' }}; $Later = @{{}}; $Later.Psk = 'CANARY-later'\n{}",
            add(&format!("-L2tpPsk {written}"))
        );
        let read = read(&text);
        assert!(read.key_is(key), "{written}: {}", read.no_key());
        assert!(remarks(&read).is_empty(), "{written}");
    }
}

#[test]
fn quoting_that_changes_a_key_is_remarked() {
    for (written, key) in [
        ("\"CANARY$1def\"", Some("CANARY")),
        ("\"CANARY${x}\"", Some("CANARY")),
        ("\"CANARY`n7\"", Some("CANARY\n7")),
        ("\"CANARY`0\"", Some("CANARY\0")),
        ("\"CANARY`x\"", Some("CANARYx")),
        ("CANARY`x", Some("CANARYx")),
        ("\"CANARY$$\"", None),
        ("\"CANARY$?x\"", None),
    ] {
        let text = add(&format!("-L2tpPsk {written}"));
        let read = read(&text);
        match key {
            Some(key) => assert!(read.key_is(key), "{written}"),
            None => assert!(read.no_key().contains("which is what the shell did last"), "{written}"),
        }
        assert_eq!(read.client().remarks.len(), 1, "{written}");
        assert_eq!(read.client().remarks[0].kind, RemarkKind::QuotingChangesKey, "{written}");
    }
}

#[test]
fn what_is_computed_is_not_known_and_says_why() {
    for (before, written, why) in [
        ("", "(Read-Host 'key')", "is what `Read-Host` returns"),
        ("$k = Read-Host 'key'", "$k", "is what `Read-Host` returns"),
        ("", "$env:PSK", "comes from the environment"),
        ("", "$k", "comes from `$k`, which the script does not set"),
        ("", "$_", "comes from `$_`, which the shell sets"),
        ("", "\"x$(Get-Content k)\"", "is computed when the script runs"),
        ("", "('x' + $env:PSK)", "comes from the environment"),
        ("", "'x'.Trim()", "is computed when the script runs"),
        ("$k = 'CANARY'; if ($a) { $k = 'CANARY-2' }", "$k", "is set in a part of the script that may not run"),
        ("foreach ($k in 'a', 'b') { }", "$k", "is set by a loop"),
        ("param($k = 'CANARY')", "$k", "is a parameter, which whoever runs the script gives"),
        ("$k = 'CANARY'; $k += 'x'", "$k", "is computed when the script runs"),
        (". ./config.ps1", "\"CANARY$k\"", "comes from `$k`, which the script does not set"),
        ("$t = @{}; $t.Add('Psk', 'CANARY')", "$t.Psk", "is computed when the script runs"),
        ("[securestring]$k = 'CANARY'", "$k", "is computed when the script runs"),
        ("$k, $l = 'CANARY', 'x'", "$k", "is computed when the script runs"),
        ("$t = Import-PowerShellDataFile x", "$t.Psk", "is what `Import-PowerShellDataFile` returns"),
    ] {
        let text = format!("{before}\n{}", add(&format!("-L2tpPsk {written}")));
        let read = read(&text);
        assert_eq!(read.no_key(), format!("the script's `-L2tpPsk` {why}"), "{text}");
    }
    let text = format!("$p = Get-Settings\n{}", add("@p -TunnelType L2tp"));
    let read = read(&text);
    assert_eq!(read.no_key(), "the script's `-L2tpPsk` is not known: `@p` is what `Get-Settings` returns");
    assert_eq!(read.shown(&read.client().tunnel_type), "L2tp @ L2tp");
}

#[test]
fn what_is_not_given_is_what_windows_takes() {
    let text = add("");
    let read = read(&text);
    let client = read.client();
    assert_eq!(read.shown(&client.tunnel_type), "Automatic @ Add-VpnConnection");
    assert_eq!(read.list(&client.authentication), "MsChapV2 @ Add-VpnConnection; ");
    assert_eq!(read.shown(&client.ipsec_authentication), "Certificate @ Add-VpnConnection");
    assert_eq!(read.shown(&client.split_tunnel), "false @ Add-VpnConnection");
    assert!(client.pre_shared_key.is_absent() && client.routes.is_absent() && client.ike.is_absent());
}

#[test]
fn a_command_that_changes_a_connection_says_only_what_it_gives() {
    let text = "Set-VpnConnection -Name Office -SplitTunneling $true -AuthenticationMethod Pap\nAdd-VpnConnectionRoute Office 10.0.0.0/8";
    let read = read(text);
    let client = read.client();
    assert_eq!(read.list(&client.authentication), "Pap @ Pap; ");
    assert!(client.tunnel_type.is_absent() && client.pre_shared_key.is_absent() && client.ipsec_authentication.is_absent());
    assert_eq!(read.list(&client.routes), "? the script adds routes to a connection that was there before @ Set-VpnConnection");
}

#[test]
fn later_commands_count_where_they_surely_run() {
    for (after, split) in [
        ("Set-VpnConnection Office -SplitTunneling $true", "true @ $true"),
        ("Set-VpnConnection -ConnectionName OFFICE -Split:$true", "true @ $true"),
        ("Get-VpnConnection -Name Office | Set-VpnConnection -SplitTunneling $true", "true @ $true"),
        ("Set-VpnConnection -Name Other -SplitTunneling $true", "false @ Add-VpnConnection"),
        (
            "if ($a) { Set-VpnConnection Office -SplitTunneling $true }",
            "? the script's `-SplitTunneling` is set in a part of the script that may not run @ -SplitTunneling",
        ),
    ] {
        let text = format!("{}\n{after}", add(""));
        let read = read(&text);
        assert_eq!(read.shown(&read.profiles[0].client.split_tunnel), split, "{after}");
    }
    // Within one block, one follows the other.
    let text = format!("try {{ {}; Set-VpnConnection Office -SplitTunneling $true }} catch {{ }}", add(""));
    let read = read(&text);
    assert_eq!(read.shown(&read.client().split_tunnel), "true @ $true");
}

#[test]
fn names_that_are_not_known_still_hold_together() {
    let text = "foreach ($n in $all) {\n Add-VpnConnection -Name $n -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk 'CANARY'\n Set-VpnConnection -Name $n -SplitTunneling $true\n Add-VpnConnectionRoute $n 10.0.0.0/8\n}";
    let read = read(text);
    assert_eq!(read.client().name.value, "VPN");
    assert_eq!(read.shown(&read.client().split_tunnel), "true @ $true");
    assert_eq!(read.list(&read.client().routes), "10.0.0.0/8 @ 10.0.0.0/8; ");
    let text = format!("{}\nforeach ($r in $nets) {{ Add-VpnConnectionRoute Office $r }}", add("-SplitTunneling"));
    let read = read_as(Format::PowerShell, &text);
    assert!(read.list(&read.client().routes).starts_with("? one of the profile's routes is added by a part"));
}

#[test]
fn functions_see_what_the_script_sets_once() {
    let text = "function New-Vpn($Name) { Add-VpnConnection -Name $Name -ServerAddress $Server -L2tpPsk $Psk -TunnelType L2tp }\n$Server = 'vpn.example.com'\n$Psk = 'CANARY-1'\n$Psk = 'CANARY-2'\nNew-Vpn Office";
    let read = read(text);
    assert_eq!(read.shown(&read.client().server), "Name(\"vpn.example.com\") @ vpn.example.com");
    assert_eq!(read.no_key(), "the script's `-L2tpPsk` is set more than once in the script");
}

#[test]
fn what_the_cmdlets_refuse_is_remarked() {
    for (rest, place) in [
        ("-Tunneltyp L2tp", None),
        ("-Server x", Some("-Server")),
        ("-TunnelType L2TP/IPsec", Some("L2TP/IPsec")),
        ("-AuthenticationMethod Pap,MsChap", Some("MsChap")),
        ("-SplitTunneling $true", Some("$true")),
        ("-L2tpPsk -Force", Some("-L2tpPsk")),
        ("-Frobnicate", Some("-Frobnicate")),
        ("-AuthenticationMethod Pap -AuthenticationMethod Chap", Some("-AuthenticationMethod")),
        ("-EA Stop -WarningAction SilentlyContinue -Verbose", None),
        ("L2tp Optional Pap", None),
    ] {
        let text = add(rest);
        let read = read(&text);
        let found = read.client().remarks.iter().find(|r| r.kind == RemarkKind::Refused).map(|r| read.at(r.span));
        assert_eq!(found, place, "{rest}");
    }
    let text = add("L2tp Optional Pap");
    let read = read(&text);
    assert_eq!(
        (read.shown(&read.client().tunnel_type), read.list(&read.client().authentication)),
        ("L2tp @ L2tp".into(), "Pap @ Pap; ".into())
    );
}

const BATCH: &str = "@echo off\r\nrem CANARY-remark\r\nSET PSK=CANARY-set\r\npowershell.exe -NoProfile -ExecutionPolicy Bypass -Command \"Add-VpnConnection -Name 'Shop ^1' -ServerAddress vpn.example.com -TunnelType L2tp -L2tpPsk 'CANARY%%9' -AuthenticationMethod Pap -Force\"\r\npowershell -c \"& {Add-VpnConnection -Name \\\"Two words\\\" -ServerAddress %HOST% -L2tpPsk '%PSK%'}\"\r\npowershell Set-VpnConnection -Name 'Two words' ^\r\n  -SplitTunneling $true\r\n";

#[test]
fn a_batch_file_is_read_as_powershell_gets_it() {
    let read = read(BATCH);
    let [first, second] = &read.profiles[..] else { panic!("{} profiles", read.profiles.len()) };
    assert_eq!((first.client.name.value.as_str(), read.at(first.client.name.span)), ("Shop ^1", "Shop ^1"));
    assert!(first.client.pre_shared_key.value().is_some_and(|k| k.secret.same_as(&Secret::new("CANARY%9"))));
    assert_eq!(read.at(first.client.pre_shared_key.span().unwrap()), "CANARY%%9");
    assert_eq!(read.list(&first.client.authentication), "Pap @ Pap; ");
    assert_eq!(second.client.name.value, "Two words");
    assert_eq!(
        second.client.server.opaque().map(|o| &*o.reason),
        Some("the script's `-ServerAddress` comes from a variable of the batch file")
    );
    assert_eq!(
        second.client.pre_shared_key.opaque().map(|o| &*o.reason),
        Some("the script's `-L2tpPsk` comes from a variable of the batch file")
    );
    assert_eq!(read.shown(&second.client.split_tunnel), "true @ $true");
    assert!(remarks(&read).is_empty());
    cut_everywhere(Format::PowerShell, BATCH, &["CANARY-remark", "CANARY-set", "CANARY%%9"]);
}

#[test]
fn commands_that_one_line_of_a_batch_file_joins_are_all_read() {
    let text = format!("@echo off\npowershell {} && ^\npowershell Set-VpnConnection Office -L2tpPsk %KEY% -Force:$true\n", add("-Force"));
    let read = read(&text);
    assert_eq!(read.no_key(), "the script's `-L2tpPsk` comes from a variable of the batch file");
    let text = format!("<# :\nsetlocal\npowershell -c x\n#>\n{}", add("-L2tpPsk 'CANARY'"));
    assert!(read_as(Format::PowerShell, &text).key_is("CANARY"));
}

#[test]
fn a_single_percent_sign_in_a_batch_file_is_lost() {
    let text = format!("@echo off\npowershell -Command \"{}\"", add("-L2tpPsk 'CANARY%-7'"));
    let read = read(&text);
    assert!(read.key_is("CANARY-7"));
    assert_eq!(read.client().remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [RemarkKind::QuotingChangesKey]);
}

const OBJECTS: &str = r#"[{"Name":"Office","ServerAddress":"vpn.example.com","TunnelType":"L2tp","AuthenticationMethod":["Pap"],"SplitTunneling":true,
"L2tpIPsecAuth":"Psk","DnsSuffix":"corp.example.com","Routes":[{"DestinationPrefix":"10.0.0.0/8","X":"CANARY-x"}],"EapConfigXmlStream":"CANARY-eap"},
{"Name":"Old","ServerAddress":"203.0.113.7","TunnelType":4,"AuthenticationMethod":{"value":["MsChapv2"],"Count":1},"SplitTunneling":false,"Routes":null}]"#;

#[test]
fn connections_in_json_are_read() {
    let read = read(OBJECTS);
    let [first, second] = &read.profiles[..] else { panic!("{} profiles", read.profiles.len()) };
    let client = &first.client;
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ \"L2tp\"");
    assert_eq!(read.list(&client.authentication), "Pap @ \"Pap\"; ");
    assert_eq!(read.list(&client.routes), "10.0.0.0/8 @ \"10.0.0.0/8\"; ");
    assert_eq!(read.shown(&client.split_tunnel), "true @ true");
    assert_eq!(read.shown(&client.ipsec_authentication), "PreSharedKey @ \"Psk\"");
    assert_eq!(client.pre_shared_key.opaque().map(|o| &*o.reason), Some("`Get-VpnConnection` never shows the pre-shared key"));
    assert_eq!(read.shown(&second.client.tunnel_type), "? `TunnelType` is written as a number @ 4");
    assert_eq!(read.list(&second.client.authentication), "MsChapV2 @ \"MsChapv2\"; ");
    cut_everywhere(Format::PowerShell, OBJECTS, &["CANARY-x", "CANARY-eap"]);
}

const CLIXML: &str = r#"<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0"><TN RefId="0"><T>Microsoft.Management.Infrastructure.CimInstance#VpnConnection</T></TN>
    <ToString>CANARY-text</ToString>
    <Props>
      <S N="Name">B_x00FC_ro</S><S N="ServerAddress">vpn.example.com</S><S N="TunnelType">L2tp</S>
      <Obj N="AuthenticationMethod" RefId="1"><TN RefId="1"><T>System.String[]</T></TN><LST><S>Pap</S></LST></Obj>
      <B N="SplitTunneling">true</B><S N="L2tpIPsecAuth">Psk</S><Nil N="DnsSuffix" /><S N="EapConfigXmlStream">CANARY-eap</S>
      <Obj N="Routes" RefId="2"><LST><Obj RefId="3"><Props><S N="DestinationPrefix">10.0.0.0/8</S></Props></Obj></LST></Obj>
    </Props>
  </Obj>
</Objs>
"#;

#[test]
fn connections_in_clixml_are_read() {
    let read = read(CLIXML);
    let client = read.client();
    assert_eq!((client.name.value.as_str(), read.at(client.name.span)), ("Büro", "B_x00FC_ro"));
    assert_eq!(read.shown(&client.tunnel_type), "L2tp @ L2tp");
    assert_eq!(read.list(&client.authentication), "Pap @ Pap; ");
    assert_eq!(read.shown(&client.split_tunnel), "true @ true");
    assert_eq!(read.list(&client.routes), "10.0.0.0/8 @ 10.0.0.0/8; ");
    assert!(client.dns_suffix.is_absent());
    cut_everywhere(Format::PowerShell, CLIXML, &["CANARY-text", "CANARY-eap"]);
}

#[test]
fn scripts_and_objects_are_told_by_their_content() {
    for text in [SCRIPT, BATCH, OBJECTS, CLIXML, "add—vpnconnection x y"] {
        assert_eq!(crate::import::detect::detect("file", text), Some(Format::PowerShell), "{text}");
    }
    for text in ["Get-VpnConnection", "Remove-VpnConnection -Name x", "{\"Name\":\"x\"}", "<Objs/>"] {
        assert_ne!(crate::import::detect::detect("file", text), Some(Format::PowerShell), "{text}");
    }
}

#[test]
fn values_that_grow_are_given_up() {
    let mut text = "$a = 'xxxxxxxxxxxxxxxx'; $l = 'a', 'b'\n".to_owned();
    for _ in 0..64 {
        text.push_str("$a = \"$a$a\"; $l = @($l, $l)\n");
    }
    text.push_str(&add("-DnsSuffix $a -AuthenticationMethod $l"));
    // As deep as the script is long.
    for _ in 0..20_000 {
        text.push_str("\n$d = @('a', $d); $t = @{ a = $t }");
    }
    let read = read(&text);
    assert!(read.client().dns_suffix.opaque().is_some_and(|o| o.reason.ends_with("is longer than what is read")));
}
