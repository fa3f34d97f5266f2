//! Whole files: what breaks off, what is hidden, what ends IPsec, parts and virtual domains.

use super::*;

/// Every kind of secret in every kind of table.
const SECRETS: &str = r#"#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0:vdom=0:user=CANARY-admin
config system global
    set hostname "edge"
end
config system admin
    edit "CANARY-user"
        set password ENC SH2CANARYhash
        set ssh-public-key1 "ssh-rsa CANARY"
    next
end
config system interface
    edit "wan1"
        set ip 203.0.113.10 255.255.255.248
        set username "CANARY-pppoe"
        set password ENC CANARY
        set description "CANARY pin 1234"
        config secondaryip
            edit 1
                set ip 203.0.113.11 255.255.255.248
            next
        end
    next
end
config vpn certificate local
    edit "x"
        set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----
CANARYkey
config firewall policy
set srcaddr CANARY
-----END ENCRYPTED PRIVATE KEY-----"
        set certificate "-----BEGIN CERTIFICATE-----
CANARYcert
-----END CERTIFICATE-----"
    next
end
config vpn ipsec phase1-interface
    edit "tunnel"
        set interface "wan1"
        set psksecret ENC CANARYpsk
        set authpasswd ENC CANARY
        set comments "CANARY"
    next
end
config user local
    edit "a"
        set passwd ENC CANARY
    next
end
config user radius
    edit "r"
        set secret ENC CANARY
    next
end
config system snmp community
    edit 1
        set name "CANARY"
    next
end
config wireless-controller vap
    edit "w"
        set passphrase ENC CANARY
    next
end
config firewall vip
    edit "MX"
        set comment "CANARY"
        set extip 203.0.113.10
        set mappedip "192.168.1.4"
        set ssl-certificate "CANARY"
    next
end
config firewall policy
    edit 1
        set name "to the MX"
        set comments "call CANARY
CANARY"
        set srcintf "wan1"
        set dstintf "internal"
        set action accept
        set srcaddr "all"
        set dstaddr "MX"
        set schedule "always"
        set service "IKE"
        set auth-cert "CANARY"
    next
end
config router bgp
    config neighbor
        edit "192.0.2.1"
            set password ENC CANARY
        next
    end
end
"#;

fn seen(text: &str, secrets: &[Span]) -> String {
    let mut shown: Vec<u8> = text.bytes().collect();
    for span in secrets {
        shown[span.start as usize..span.end as usize].fill(b'*');
    }
    String::from_utf8(shown).unwrap()
}

#[test]
fn no_secret_is_shown_of_a_whole_file_or_a_part() {
    // What begins in the middle of a key is no configuration, unless the key has the form of one.
    let tails = SECRETS.replace("config firewall policy\nset srcaddr CANARY\n", "");
    for end in 0..=tails.len() {
        for text in [&SECRETS[..end], &tails[end..]] {
            let (_, remarks, secrets) = read(text, 0);
            let shown = seen(text, &secrets);
            assert!(!shown.contains("CANARY"), "{shown}");
            assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
        }
    }
    let (_, remarks, secrets) = read(SECRETS, 0);
    assert!(remarks.iter().all(|r| r.kind == RemarkKind::Dangling), "{remarks:?}");
    let shown = seen(SECRETS, &secrets);
    for word in
        ["config firewall policy", "set extip 203.0.113.10", "set dstaddr \"MX\"", "set ip 203.0.113.10 255.255.255.248", "edit \"tunnel\""]
    {
        assert!(shown.contains(word), "{word}");
    }
}

#[test]
fn file_that_breaks_off_anywhere_proves_nothing_wrong() {
    let deny = policy(1, "set action deny;set dstaddr \"all\"");
    let text = Config { policies: &(deny + &policy(2, "") + &out(3)), ..Config::default() }.text();
    let policies = text.find("config router").unwrap();
    for end in 0..text.len() {
        let (device, remarks, _) = read(&text[..end], 0);
        let answer = verdict(&device, Service::IKE);
        // Behind the policies nothing stands that could change the verdict.
        let decided = end >= policies && !remarks.iter().any(|r| r.kind == RemarkKind::Syntax);
        let wanted = if decided || end == policies - 1 { "dropped by deny" } else { "undecided" };
        assert!(answer.starts_with(wanted), "{answer}: {}", &text[..end]);
    }
}

#[test]
fn every_half_of_a_file_is_read_without_a_panic() {
    let text = Config { more: SECRETS, ..Config::default() }.text();
    for end in (0..text.len()).step_by(7) {
        let (device, ..) = read(&text[end..], 7);
        assert!(!verdict(&device, Service::IKE).is_empty());
    }
    for junk in [
        "\"",
        "config",
        "edit",
        "config a\nedit \"\nset",
        "end\nend",
        "next",
        "set a b",
        "\\",
        "config \"a\\",
        "é # \u{feff}\"",
        "#config-version=--..-",
    ] {
        let (device, ..) = read(junk, 3);
        assert!(verdict(&device, Service::IKE).starts_with("undecided"), "{junk}");
    }
    let (device, ..) = read(&"config a\n".repeat(50_000), 0);
    assert!(verdict(&device, Service::IKE).starts_with("undecided"));
}

/// The verdict for UDP 500 where the site file knows the public address.
fn aimed(device: &Device) -> String {
    let (mx, public) = (std::net::Ipv4Addr::new(192, 168, 1, 4), std::net::Ipv4Addr::new(203, 0, 113, 10));
    crate::import::upstream::trial::verdict_at(device, mx, Some(public), Service::IKE)
}

#[test]
fn parts_of_a_configuration_prove_only_what_they_hold() {
    let vips = format!("config firewall vip\n{VIPS}end\n");
    let list = |policies: &str| format!("config firewall policy\n{policies}end\n");
    let told = |text: &str| {
        let (device, remarks, _) = read(text, 0);
        assert!(remarks.is_empty(), "{remarks:?}");
        aimed(&device)
    };
    assert_eq!(told(&vips), "undecided: the policies are not in the file");
    assert_eq!(told(&(vips.clone() + &list(&policy(1, "")))), "passes");
    // Policies without virtual IPs: these may stand elsewhere.
    let unknown = "undecided: nothing says what the device forwards (`forwards`, or its export)";
    assert_eq!(told(&list(&policy(1, "set dstaddr \"all\""))), unknown);
    // No policy names them: central NAT, or a fault.
    assert_eq!(told(&(vips.clone() + &list(&policy(1, "set dstaddr \"all\"")))), "undecided: whether central NAT is on is not in the file");
    assert_eq!(
        told(&(vips.clone() + &list(&policy(1, "set dstaddr \"all\"")) + "config system settings\nset central-nat enable\nend\n")),
        "passes"
    );
    assert_eq!(told("config system interface\nedit \"wan1\"\nset mode dhcp\nnext\nend\n"), unknown);
    let (device, ..) = read(&(vips + &list(&policy(1, ""))), 0);
    assert!(device.terminates.is_absent() && device.input.is_absent());
}

#[test]
fn pasted_terminal_sessions_are_read() {
    let text = format!(
        "FGT # show firewall vip\nconfig firewall vip\n{VIPS}end\n\nFGT # show firewall policy\nconfig firewall policy\r\n{}--More-- \r         \rend\n\nFGT # \n",
        policy(1, "set comments \"he said \\\"no\\\"\"").replace("set schedule", "--More-- \u{8}\u{8}\u{8}set schedule")
    );
    assert!(is_fortios(&text));
    let (device, remarks, _) = read(&text, 0);
    assert!(remarks.is_empty(), "{remarks:?}");
    assert_eq!(aimed(&device), "passes");
    for command in ["show firewall policy 1", "show full-configuration firewall policy 1", "show firewall policy | grep -f MX"] {
        let one = text.replace("show firewall policy", command);
        assert!(aimed(&read(&one, 0).0).starts_with("undecided: only some entries"), "{command}");
    }
    let typed = format!(
        "FGT # config firewall vip\n{}FGT (vip) # end\nFGT # config firewall policy\n{}FGT (policy) # end\n",
        VIPS.lines().fold(String::new(), |all, line| all + "FGT (vip) # " + line + "\n"),
        policy(1, "").lines().fold(String::new(), |all, line| all + "FGT (policy) # " + line + "\n")
    );
    assert_eq!(aimed(&read(&typed, 0).0), "passes");
}

#[test]
fn statements_about_one_entry_add_up() {
    let vips = VIPS.to_owned() + "edit \"MX-500\"\nset mappedip \"192.168.1.9\"\nnext\n";
    assert_eq!(Config { vips: &vips, ..Config::default() }.ike(), "goes to 192.168.1.9");
    let policies = policy(1, "set dstaddr \"MX-4500\";append dstaddr \"MX-500\"");
    assert_eq!(Config { policies: &policies, ..Config::default() }.ike(), "passes");
    let policies = policy(1, "set dstaddr \"MX-500\" \"MX-4500\";unselect dstaddr \"MX-500\"");
    assert_eq!(Config { policies: &policies, ..Config::default() }.ike(), "dropped by end of the list: deny");
    let policies = policy(1, "") + "move 1 after 2\n" + &policy(2, "set action deny");
    assert_eq!(
        Config { policies: &policies, ..Config::default() }.ike(),
        "undecided: the file moves, renames or deletes entries, which is not followed"
    );
}

#[test]
fn virtual_domains_are_kept_apart() {
    let inner = |policies: &str| format!("config firewall vip\n{VIPS}end\nconfig firewall policy\n{policies}end\n");
    let text = |root: &str, other: &str| {
        format!(
            "{NEW}\n\nconfig vdom\nedit root\nnext\nedit inner\nnext\nend\n\nconfig global\nconfig system interface\nedit \"wan1\"\nset vdom \"inner\"\n\
             set ip 203.0.113.10 255.255.255.248\nset role wan\nnext\nedit \"mgmt\"\nset vdom \"root\"\nset mode dhcp\nnext\n\
             edit \"internal\"\nset vdom \"inner\"\nset ip 192.168.1.1 255.255.255.0\nnext\nend\nend\n\n\
             config vdom\nedit root\n{root}end\n\nconfig vdom\nedit inner\n{other}end\n"
        )
    };
    let told = |text: &str| {
        let (device, remarks, _) = read(text, 0);
        assert!(remarks.is_empty(), "{remarks:?}");
        (verdict(&device, Service::IKE), device.wan_interface.value().map(ToString::to_string))
    };
    let one = text("config firewall policy\nend\n", &inner(&policy(1, "")));
    assert_eq!(told(&one), ("passes".into(), Some("wan1".into())));
    let two = text(&inner(&policy(1, "")), &inner(&policy(1, "")));
    assert_eq!(told(&two).0, "undecided: the file has several virtual domains with policies");
}

#[test]
fn interfaces_tell_the_wan_where_only_one_can_be_it() {
    let wan = |more: &str| {
        let device = read(&Config { more, ..Config::default() }.text(), 0).0;
        (device.wan_interface.value().map(ToString::to_string), device.wan_ip.value().map(ToString::to_string))
    };
    let (one, ip) = (Some("wan1".to_owned()), Some("203.0.113.10".to_owned()));
    assert_eq!(wan(""), (one.clone(), ip.clone()));
    let second = "config system interface\nedit \"wan2\"\nset mode dhcp\nset role wan\nnext\nend\n";
    assert_eq!(wan(second), (None, None));
    assert_eq!(wan(&second.replace("set role wan", "set role dmz")), (one.clone(), ip.clone()));
    assert_eq!(wan(&second.replace("set role wan", "set status down")), (one.clone(), ip));
    let dynamic = "config system interface\nedit \"wan1\"\nset mode pppoe\nnext\nend\n";
    assert_eq!(wan(dynamic), (one, None));
    // The virtual IP of an address that is not in the file.
    let vips = VIPS.replace("203.0.113.10", "0.0.0.0");
    assert_eq!(Config { more: dynamic, vips: &vips, ..Config::default() }.ike(), "passes");
}

#[test]
fn zones_hold_their_interfaces() {
    let zones =
        "config system zone\nedit \"outside\"\nset interface \"wan1\"\nnext\nedit \"inside\"\nset interface \"internal\"\nnext\nend\n";
    let policies = policy(1, "set srcintf \"outside\";set dstintf \"inside\"");
    assert_eq!(Config { more: zones, policies: &policies, ..Config::default() }.ike(), "passes");
    let swapped = policy(1, "set srcintf \"inside\";set dstintf \"outside\"");
    assert_eq!(Config { more: zones, policies: &swapped, ..Config::default() }.ike(), "dropped by end of the list: deny");
    let sdwan = "config system sdwan\nset status enable\nconfig members\nedit 1\nset interface \"wan1\"\nnext\nend\nend\n";
    let policies = policy(1, "set srcintf \"virtual-wan-link\"");
    assert_eq!(Config { more: sdwan, policies: &policies, ..Config::default() }.natt(), "passes");
}

#[test]
fn ipsec_of_the_device_itself_is_found() {
    let ends = |more: &str| match read(&Config { more, ..Config::default() }.text(), 0).0.terminates {
        Field::Known(ends) => {
            ends.value.iter().map(|end| end.address.value().map_or("?".into(), ToString::to_string)).collect::<Vec<String>>()
        }
        _ => vec!["unknown".into()],
    };
    let tunnel = |parts: &str| format!("config vpn ipsec phase1-interface\nedit \"t\"\n{parts}\nnext\nend\n");
    assert_eq!(ends(""), Vec::<String>::new());
    assert_eq!(ends(&tunnel("set interface \"wan1\"")), ["203.0.113.10"]);
    assert_eq!(ends(&tunnel("set interface \"wan1\"\nset local-gw 203.0.113.11")), ["203.0.113.11"]);
    assert_eq!(ends(&tunnel("set interface \"wan7\"")), ["?"]);
}

#[test]
fn names_that_are_not_defined_are_told() {
    let told = |policies: &str, more: &str| {
        let text = Config { policies, more, ..Config::default() }.text();
        let (_, remarks, _) = read(&text, 0);
        remarks.iter().map(|r| text[r.span.start as usize..r.span.end as usize].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&policy(1, "set srcaddr \"gone\""), ""), ["gone"]);
    assert_eq!(told(&policy(1, "set dstaddr \"MX-500\" \"MX\""), ""), ["MX"]);
    assert_eq!(told(&policy(1, "set service \"IKEv1\""), ""), ["IKEv1"]);
    assert_eq!(told(&policy(1, "set srcintf \"wan9\""), ""), ["wan9"]);
    let group = "config firewall addrgrp\nedit \"g\"\nset member \"lost\"\nnext\nend\n";
    assert_eq!(told(&policy(1, ""), group), ["lost"]);
}

#[test]
fn policy_based_mode_is_not_followed() {
    let more = "config system settings\nset ngfw-mode policy-based\nend\n";
    assert!(Config { more, ..Config::default() }.ike().starts_with("undecided: policies of the policy-based mode"));
}

#[test]
fn ten_thousand_policies_and_hostile_groups_are_read_and_decided() {
    let mut policies = String::new();
    for n in 1..=10_000 {
        policies += &policy(n, "set action deny;set srcaddr \"g0\";set service \"HTTPS\"");
    }
    policies += &policy(20_000, "");
    let mut more = String::from("config firewall addrgrp\n");
    for n in 0..30 {
        more +=
            &["edit \"g", &n.to_string(), "\"\nset member", &[" \"g", &(n + 1).to_string(), "\""].concat().repeat(20), "\nnext\n"].concat();
    }
    more += "end\nconfig firewall address\nedit \"g30\"\nset subnet 198.51.100.7 255.255.255.255\nnext\nend\n";
    assert_eq!(Config { policies: &policies, more: &more, ..Config::default() }.ike(), "passes");
    // Every policy names every virtual IP.
    let vips: String =
        (0..3000).map(|n| vip(&format!("v{n}"), &format!("set extip 203.0.113.77;set portforward enable;set extport {}", n + 1))).collect();
    let names: String = (0..3000).map(|n| format!(" \"v{n}\"")).collect();
    let more = format!("config firewall vipgrp\nedit \"all-vips\"\nset member{names}\nnext\nend\n");
    let policies: String = (1..3000).map(|n| policy(n, "set dstaddr \"all-vips\"")).collect();
    let text = Config { vips: &vips, policies: &policies, more: &more, ..Config::default() }.text();
    assert!(!verdict(&read(&text, 0).0, Service::IKE).is_empty());
}
