#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test reads files of its own and says what it leaves out")]

use std::net::Ipv4Addr;

use super::*;
use crate::import::upstream::trial::{answers, verdict};
use crate::net::{Path, Service};

const ANY: &str = r#""IpRanges": [{"CidrIp": "0.0.0.0/0"}]"#;

fn udp(port: u16, peers: &str) -> String {
    format!(r#"{{"IpProtocol": "udp", "FromPort": {port}, "ToPort": {port}, {peers}}}"#)
}

fn group(name: &str, permissions: &str) -> String {
    format!(
        r#"{{"GroupId": "sg-{name}", "GroupName": "{name}", "VpcId": "vpc-1", "IpPermissions": [{permissions}],
            "IpPermissionsEgress": [{{"IpProtocol": "-1", {ANY}, "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}}]}}"#
    )
}

fn groups(groups: &[String]) -> String {
    format!(r#"{{"SecurityGroups": [{}]}}"#, groups.join(","))
}

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.is_empty(), "{remarks:?}");
    device
}

fn ike(text: &str) -> String {
    verdict(&device(text), Service::IKE)
}

fn leaves(text: &str) -> bool {
    let device = device(text);
    Path::new(vec![&device], vec![Ipv4Addr::new(10, 0, 0, 5)], None).leaves(Service::HTTPS, &Addrs::public()).passes()
}

#[test]
fn permissions_are_read_with_all_their_parts() {
    const END: &str = "dropped by end of the list: deny";
    for (permission, wanted) in [
        (udp(500, ANY), "passes"),
        (format!(r#"{{"IpProtocol": "17", "FromPort": 1, "ToPort": 1000, {ANY}}}"#), "passes"),
        (format!(r#"{{"IpProtocol": "udp", "FromPort": 0, "ToPort": 65535, {ANY}}}"#), "passes"),
        (format!(r#"{{"IpProtocol": "-1", {ANY}}}"#), "passes"),
        (udp(4500, ANY), END),
        (udp(500, ANY).replace("udp", "tcp"), "wrong protocol in permit tcp any -> any:500"),
        // "Security group rules": protocols without ports take all, whatever is written.
        (udp(500, ANY).replace("udp", "50"), END),
        // No range at all: nobody.
        (r#"{"IpProtocol": "udp", "FromPort": 500, "ToPort": 500}"#.into(), END),
        (udp(500, r#""IpRanges": [], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]"#), END),
        (udp(500, r#""IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]"#), "passes"),
        (udp(500, r#""IpRanges": [{"CidrIp": "198.51.100.0/24"}]"#), "restricted by permit udp 198.51.100.0/24 -> any:500"),
        (udp(500, r#""PrefixListIds": [{"PrefixListId": "pl-1"}]"#), "undecided: which networks the prefix list holds is not in the file"),
        // A group stands for the private addresses of its members: nobody of the internet.
        (udp(500, r#""UserIdGroupPairs": [{"GroupId": "sg-9", "UserId": "1"}]"#), END),
        (udp(500, r#""IpRanges": [{"CidrIp": "everywhere"}]"#), "undecided: the network is not valid"),
        (format!(r#"{{"IpProtocol": "udp", {ANY}}}"#), "undecided: the rule names no ports"),
    ] {
        assert_eq!(ike(&groups(&[group("mx", &permission)])), wanted, "{permission}");
        assert_eq!(ike(&format!("[{permission}]")), wanted, "bare: {permission}");
    }
    let (_, remarks, _) = read(&groups(&[group("mx", &udp(500, ANY).replace("udp", "quic"))]), 0);
    assert_eq!(remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [RemarkKind::Unknown]);
}

#[test]
fn groups_add_up_unless_the_listing_holds_strangers() {
    let two = |a: &str, b: &str| groups(&[group(a, &udp(500, ANY)), group(b, &udp(4500, ANY))]);
    assert_eq!(ike(&two("ike", "natt")), "passes");
    assert_eq!(verdict(&device(&two("ike", "natt")), Service::NAT_T), "passes");
    // Every VPC has a group `default`: where it is listed beside others, all are.
    assert_eq!(ike(&two("ike", "default")), "undecided: the file lists several groups, and whether this one is the vMX's is not in it");
    assert!(ike(&two("ike", "natt").replacen("vpc-1", "vpc-2", 1)).starts_with("undecided"));
    assert_eq!(ike(&groups(&[group("default", &udp(500, ANY))])), "passes");
}

#[test]
fn answers_pass_and_egress_decides_what_the_mx_asks() {
    let all = groups(&[group("mx", &udp(500, ANY))]);
    assert_eq!(answers(&device(&all), Service::IKE), "passes");
    assert!(leaves(&all));
    let none = all.replace(
        r#"[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}]"#,
        "[]",
    );
    assert_ne!(all, none);
    assert!(!leaves(&none));
    assert_eq!(answers(&device(&none), Service::IKE), "passes");
    assert!(device(&format!("[{}]", udp(500, ANY))).outbound.is_absent());
}

#[test]
fn rules_one_by_one_are_read_alike() {
    let rule = |egress: bool, rest: &str| format!(r#"{{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": {egress}, {rest}}}"#);
    let ike_rule = r#""IpProtocol": "udp", "FromPort": 500, "ToPort": 500"#;
    let text = |rules: &[String]| format!(r#"{{"SecurityGroupRules": [{}]}}"#, rules.join(","));
    let any = rule(false, &format!(r#"{ike_rule}, "CidrIpv4": "0.0.0.0/0""#));
    assert_eq!(ike(&text(std::slice::from_ref(&any))), "passes");
    assert!(!leaves(&text(std::slice::from_ref(&any))), "no rule outwards");
    assert!(leaves(&text(&[any.clone(), rule(true, r#""IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0""#)])));
    for (peers, wanted) in [
        (r#""CidrIpv6": "::/0""#, "dropped by end of the list: deny"),
        (r#""ReferencedGroupInfo": {"GroupId": "sg-2"}"#, "dropped by end of the list: deny"),
        (r#""PrefixListId": "pl-1""#, "undecided: which networks the prefix list holds is not in the file"),
    ] {
        assert_eq!(ike(&text(&[rule(false, &format!("{ike_rule}, {peers}"))])), wanted);
    }
    assert!(ike(&text(&[any.clone(), any.replace("sg-1", "sg-2")])).starts_with("undecided"));
}

fn entry_of(number: u16, egress: bool, action: &str, rest: &str) -> String {
    format!(r#"{{"RuleNumber": {number}, "Egress": {egress}, "RuleAction": "{action}", {rest}}}"#)
}

const END_IN: &str = r#"{"CidrBlock": "0.0.0.0/0", "Egress": false, "Protocol": "-1", "RuleAction": "deny", "RuleNumber": 32767}"#;
const ALL: &str = r#""Protocol": "-1", "CidrBlock": "0.0.0.0/0""#;
const IKE: &str = r#""Protocol": "17", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 500, "To": 500}"#;

fn acl(entries: &[String]) -> String {
    format!(
        r#"{{"NetworkAcls": [{{"NetworkAclId": "acl-1", "Associations": [{{"SubnetId": "s-1"}}], "Entries": [{END_IN},{}]}}]}}"#,
        entries.join(",")
    )
}

#[test]
fn network_acls_are_asked_by_number_and_for_answers_too() {
    let out = entry_of(100, true, "allow", ALL);
    for (entries, wanted, back) in [
        (vec![entry_of(100, false, "allow", ALL), out.clone()], "passes", "passes"),
        (vec![entry_of(100, false, "allow", IKE), out.clone()], "passes", "passes"),
        (
            vec![entry_of(200, false, "allow", ALL), entry_of(100, false, "deny", IKE), out.clone()],
            "dropped by deny udp any -> any:500",
            "passes",
        ),
        (vec![entry_of(100, false, "allow", ALL), entry_of(200, false, "deny", IKE), out], "passes", "passes"),
        (vec![entry_of(100, false, "allow", ALL)], "passes", "dropped by end of the list: deny"),
        (
            vec![
                entry_of(100, false, "allow", IKE),
                entry_of(100, true, "allow", r#""Protocol": "17", "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 1024, "To": 65535}"#),
            ],
            "passes",
            "restricted by permit udp any -> any:1024-65535",
        ),
        (vec![], "dropped by default: deny", "dropped by end of the list: deny"),
        (
            vec![entry_of(100, false, "allow", r#""Protocol": "-1", "Ipv6CidrBlock": "::/0""#)],
            "dropped by default: deny",
            "dropped by end of the list: deny",
        ),
    ] {
        let device = device(&acl(&entries));
        assert_eq!((verdict(&device, Service::IKE).as_str(), answers(&device, Service::IKE).as_str()), (wanted, back), "{entries:?}");
    }
    let bare = format!("[{END_IN},{}]", entry_of(100, false, "allow", ALL));
    assert_eq!(ike(&bare), "passes");
}

#[test]
fn subnet_has_one_acl() {
    let text = acl(&[entry_of(100, false, "allow", ALL)]);
    let unbound = text.replace(r#"{"SubnetId": "s-1"}"#, "");
    assert_eq!(ike(&unbound), "undecided: the network ACL is bound to no subnet");
    assert!(device(&unbound).chains.iter().all(|chain| !chain.applied));
    let inner = |text: &str| text.strip_prefix("{\"NetworkAcls\": [").unwrap().strip_suffix("]}").unwrap().to_owned();
    let two = format!("{{\"NetworkAcls\": [{},{}]}}", inner(&text), inner(&unbound).replace("allow", "deny"));
    assert_eq!(ike(&two), "passes");
    let both = format!("{{\"NetworkAcls\": [{},{}]}}", inner(&text), inner(&text));
    assert!(ike(&both).starts_with("undecided: the file lists several network ACLs"));
    let mixed = format!("[{text}, {}]", groups(&[group("mx", &udp(500, ANY))]));
    assert!(ike(&mixed).starts_with("undecided: security groups and network ACLs are two filters"));
}

#[test]
fn file_that_breaks_off_proves_nothing_and_shows_nothing() {
    let secret = r#"{"Tags": [{"Key": "CANARY", "Value": "CANARY"}], "Description": "CANARY", "OwnerId": "CANARY", "#;
    let text = groups(&[group("mx", &udp(500, ANY)).replacen('{', secret, 1)]);
    for end in 0..text.len() {
        let (device, remarks, secrets) = read(&text[..end], 0);
        assert!(verdict(&device, Service::IKE).starts_with("undecided"), "{}", &text[..end]);
        assert!(remarks.iter().all(|r| !r.message.contains("CANARY")));
        let mut shown = text.as_bytes()[..end].to_vec();
        for span in &secrets {
            shown[span.start as usize..span.end as usize].fill(b'*');
        }
        assert!(!String::from_utf8(shown).unwrap().contains("CANARY"), "{}", &text[..end]);
    }
    assert_eq!(ike(&text), "passes");
    // More pages follow.
    let page = text.replacen('{', "{\"NextToken\": \"abc\", ", 1);
    let (device, remarks, _) = read(&page, 0);
    assert_eq!(remarks.iter().map(|r| r.kind).collect::<Vec<_>>(), [RemarkKind::Elsewhere]);
    assert_eq!(verdict(&device, Service::IKE), "passes");
    assert!(verdict(&device, Service::NAT_T).starts_with("undecided"));
    assert!(ike(r#"{"SecurityGroups": []}"#).starts_with("undecided"));
}

#[test]
fn many_rules_and_junk_are_read() {
    let many: Vec<String> =
        (0..10_000).map(|n| udp(1000, &format!(r#""IpRanges": [{{"CidrIp": "198.{}.{}.0/24"}}]"#, n / 256, n % 256))).collect();
    let text = groups(&[group("mx", &(many.join(",") + "," + &udp(500, ANY)))]);
    assert_eq!(ike(&text), "passes");
    for junk in [
        "",
        "{",
        "[]",
        "[[[[",
        "{\"IpProtocol\": 7}",
        "[{\"IpPermissions\": 3}]",
        "{\"NetworkAcls\": [{\"Entries\": [1]}]}",
        "\"",
        "null",
        "[{\"RuleAction\": null}]",
    ] {
        assert!(!verdict(&read(junk, 3).0, Service::IKE).is_empty(), "{junk}");
    }
}

#[test]
fn real_rules_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/upstream/cloud/aws-sg-rules-500-4500-50.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: no corpus");
        return;
    };
    assert!(is_aws(&text));
    let device = device(&text);
    let told = [Service::IKE, Service::ESP, Service::NAT_T].map(|service| verdict(&device, service));
    // The last rule names no range: nobody.
    assert_eq!(told, ["passes", "passes", "dropped by end of the list: deny"]);
}
