//! Every real client file at hand, against what a reader of the file finds in it: the expectations were written by hand from the files themselves, not from what the program said.
//! The files are no part of the repository; where they are not, the test says so and is skipped.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::vpnlint;

/// For each file what it says, one line a profile: `fact=value`, `?` where it is there and cannot be known, nothing where it is absent. Facts of a machine are a line of their own.
/// `default` among proposals are those that strongSwan adds where no `!` ends the list.
const FILES: &[(&str, &[&str])] = &[
    (
        "ipsec-xl2tpd/ipsec.conf",
        &["name=L2TP-PSK server=? tunnel_type=l2tp ipsec_authentication=psk ike=3des-sha1-modp1024 aggressive_mode=false"],
    ),
    ("ipsec-xl2tpd/ipsec.secrets", &["name=ipsec.secrets pre_shared_key=set"]),
    ("ipsec-xl2tpd/xl2tpd.conf", &["name=myVPN server=?"]),
    (
        "ipsec-xl2tpd/options.l2tpd.client",
        &["name=pppd authentication=pap,chap,mschap,mschapv2 require_mppe=false user=myuser@myhost.com split_tunnel=false"],
    ),
    ("ipsec-xl2tpd/libreswan-north/north.xl2tpd.conf", &["name=server server=192.1.2.23"]),
    (
        "ipsec-xl2tpd/libreswan-north/north.ppp-options.xl2tpd",
        &["name=pppd authentication=pap,chap,mschap,mschapv2,eap require_mppe=false split_tunnel=false"],
    ),
    (
        "mobileconfig/apple_doc_example.mobileconfig",
        &[
            "name=VPN Server server=vpn.example.com tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set user=username split_tunnel=true routes= aggressive_mode=false remarks=profile-secret-double-encoded",
        ],
    ),
    ("mobileconfig/bakkerblanc_VPN_2019.mobileconfig", &[BABL]),
    ("mobileconfig/derived_binary.mobileconfig", &[BABL]),
    ("mobileconfig/derived_signed_ber_stream.mobileconfig", &[BABL]),
    ("mobileconfig/derived_signed_der.mobileconfig", &[BABL]),
    (
        "mobileconfig/merlink_preferences_plist_snippet.xml",
        &["name=$VpnName server=? tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=? user=? aggressive_mode=false"],
    ),
    (
        "mobileconfig/richweiwei_ipsec_contrast.mobileconfig",
        &[
            "name=USVPN server=203.0.113.133 tunnel_type=cisco_ipsec ipsec_authentication=psk pre_shared_key=set user=vpnuser split_tunnel=false remarks=profile-secret-type",
        ],
    ),
    (
        "mobileconfig/ydethe_ikev2_contrast.mobileconfig",
        &["name=Maison server=vpn.johncloud.fr tunnel_type=ikev2 ipsec_authentication=certificate user=ydethe"],
    ),
    (
        "networkmanager/good_twin_psk.nmconnection",
        &[
            "name=example-home server=vpn.example.org tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set authentication=pap,chap,mschap,mschapv2,eap require_mppe=false user=Server1 aggressive_mode=false",
        ],
    ),
    (
        "networkmanager/mws_aes_pap_refused.nmconnection",
        &[
            "name=MWS L2TP server=vpn.example.com tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set authentication=mschapv2 require_mppe=true ike=aes256-sha1-modp4096,default esp=aes256-sha1,default aggressive_mode=false",
        ],
    ),
    (
        "networkmanager/trailing_newline_psk.nmconnection",
        &[
            "name=serverius server=vpn.example.org tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set authentication=mschapv2,eap require_mppe=true user=Server1 aggressive_mode=false",
        ],
    ),
    (
        "networkmanager/vpncasa_unknown_key.nmconnection",
        &[
            "name=VPN CASA server=vpn.example.net tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set authentication=mschapv2 require_mppe=false user=hermess87 ike=aes128-sha1-modp1024,3des-sha1-modp1024,default esp=aes128-sha1,3des-sha1,default aggressive_mode=false remarks=profile-value-refused",
        ],
    ),
    (
        "onc/chromium_l2tpipsec_clientcert_with_cert_pems.onc",
        &[
            "name=MyL2TPVPN server=some.host.org tunnel_type=l2tp ipsec_authentication=certificate user=some username aggressive_mode=false remarks=profile-value-refused",
        ],
    ),
    (
        "onc/chromium_policy_vpn_ipsec.onc",
        &[
            "name=my vpn server=vpn.my.domain.com tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set user=my_username aggressive_mode=false",
        ],
    ),
    (
        "onc/chromium_translation_of_shill_l2tpipsec.onc",
        &[
            "name=MyL2TPVPN server=some.host.org tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set user=some username aggressive_mode=true remarks=profile-value-refused",
        ],
    ),
    // `宽带连接` beside it is PPPoE.
    ("pbk/6tu_rasphone_utf8.pbk", &["name=pub.6tu.me server=pub.6tu.me tunnel_type=ikev2 authentication=eap split_tunnel=false routes="]),
    (
        "pbk/githlp69_ikev2.pbk",
        &["name=BestBuy server=newyorkcity.hideservers.net tunnel_type=ikev2 authentication=eap split_tunnel=false routes="],
    ),
    (
        "pbk/irspeedy_l2tp_plain_psk.pbk",
        &[
            "name=L2TP server=? tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set authentication=mschapv2 split_tunnel=false routes=",
        ],
    ),
    (
        "pbk/lenoba_rasphone.pbk",
        &[
            "name=vpn.e-zj.si server=vpn.e-zj.si tunnel_type=ikev2 authentication=machine_certificate split_tunnel=true routes= dns_suffix=energetika-si.solworld.com",
            "name=marbo.pin.si server=marbo.pin.si tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=? authentication=chap,mschapv2 split_tunnel=true routes=",
            "name=vpn.kurej.si server=vpn.kurej.si tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=? authentication=mschapv2 split_tunnel=true routes=",
            "name=vpn.kurej.si-GW server=vpn.kurej.si tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=? authentication=mschapv2 split_tunnel=false routes=",
            "name=vpn.pin.si server=vpn.pin.si tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=? authentication=mschapv2 split_tunnel=true routes= dns_suffix=flis.local",
            "name=jezero.pin.si server=jezero.pin.si tunnel_type=pptp authentication=mschapv2 split_tunnel=true routes=",
        ],
    ),
    (
        "pbk/snwaters_aovpn.pbk",
        &[
            "name=Turner AlwaysOn VPN server=aovpn.turner-industries.com tunnel_type=automatic ipsec_authentication=? pre_shared_key=? authentication=eap split_tunnel=true routes= \
           dns_suffix=turner-industries.com dns_nameservers=10.1.0.21,10.1.0.22,10.4.0.21,10.4.0.22,10.2.0.65,10.2.0.66,10.1.0.21,10.1.0.22,10.4.0.21,10.4.0.22,10.2.0.65,10.2.0.66",
        ],
    ),
    (
        "profilexml/ms_native_profile_example.xml",
        &[
            "name=profile 1 server=203.0.113.2 tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set split_tunnel=true routes=10.0.200.0/24 dns_suffix=example.net",
        ],
    ),
    ("windows-reg/Kerleyt00_VPN-NAT.reg", &["nat_t_rule=2 prohibit_ipsec=? weak_crypto=? ikeext_start=?"]),
    ("windows-reg/kb_fix809.reg", &["nat_t_rule=? prohibit_ipsec=0 weak_crypto=? ikeext_start=?"]),
];

/// One profile as XML, binary, and signed in two ways.
const BABL: &str = "name=BABL server=remote.bakkerblanc.ch tunnel_type=l2tp ipsec_authentication=psk pre_shared_key=set user=? split_tunnel=false aggressive_mode=false";

/// Facts in the order of the lines above.
const FACTS: [&str; 17] = [
    "name",
    "server",
    "tunnel_type",
    "ipsec_authentication",
    "pre_shared_key",
    "authentication",
    "require_mppe",
    "user",
    "split_tunnel",
    "routes",
    "dns_suffix",
    "dns_nameservers",
    "ike",
    "esp",
    "aggressive_mode",
    "software",
    "remarks",
];

const MACHINE: [&str; 4] = ["nat_t_rule", "prohibit_ipsec", "weak_crypto", "ikeext_start"];

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A fact as it is shown: `fact=value`; nothing when it is absent.
fn fact(of: &Value, key: &str) -> Option<String> {
    let shown = of.get(key)?;
    let value = match shown {
        Value::Array(remarks) => {
            let rules: BTreeSet<_> = remarks.iter().map(|r| word(&r["rule"])).collect();
            rules.into_iter().collect::<Vec<_>>().join(",")
        }
        _ if shown.get("opaque").is_some() => "?".to_owned(),
        _ if shown.get("set").is_some() => if shown["set"] == true { "set" } else { "empty" }.to_owned(),
        _ => match shown.get("value")? {
            Value::Array(items) => items.iter().map(|i| word(i.get("value").unwrap_or(i))).collect::<Vec<_>>().join(","),
            value => word(value),
        },
    };
    Some(format!("{key}={value}"))
}

fn line(of: &Value, facts: &[&str]) -> String {
    facts.iter().filter_map(|key| fact(of, key)).collect::<Vec<_>>().join(" ")
}

/// All files below a folder, by their paths from it.
fn files(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path: PathBuf = entry.path();
        if path.is_dir() {
            files(root, &path, found);
        } else {
            found.insert(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
        }
    }
}

#[test]
fn every_real_client_file_says_what_a_reader_finds_in_it() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients");
    let mut there = BTreeSet::new();
    files(&corpus, &corpus, &mut there);
    if there.is_empty() {
        eprintln!("skipped: there are no real client files here");
        return;
    }
    let listed: BTreeSet<String> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(listed.len(), FILES.len(), "a file stands twice in the table");
    assert_eq!(there.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "files that the table does not list");
    assert_eq!(listed.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "files of the table that are not there");
    let mut wrong = Vec::new();
    for (path, expected) in FILES {
        let output = vpnlint(&corpus, &["inspect", "--root", ".", path]);
        let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if output.status.code() != Some(0) || !output.stderr.is_empty() {
            wrong.push(format!("{path}: {:?}, {}", output.status.code(), String::from_utf8_lossy(&output.stderr)));
        }
        for problem in shown["problems"].as_array().into_iter().flatten() {
            wrong.push(format!("{path}: {problem}"));
        }
        let model = &shown["model"];
        let seen: Vec<String> = match model.get("registry") {
            Some(registry) => vec![line(registry, &MACHINE)],
            None => model["clients"].as_array().into_iter().flatten().map(|client| line(client, &FACTS)).collect(),
        };
        if seen != *expected {
            wrong.push(format!("{path}:\n  seen     {}\n  expected {}", seen.join("\n           "), expected.join("\n           ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
