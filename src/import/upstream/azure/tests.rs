#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "a test reads files of its own and says what it leaves out")]

use std::net::Ipv4Addr;

use super::*;
use crate::import::upstream::trial::{answers, verdict_at};
use crate::net::{Path, Service};

/// A rule with other parts.
fn rule(name: &str, parts: &str) -> String {
    let mut all = vec![format!("\"name\": \"{name}\"")];
    for (key, usual) in [
        ("access", "\"Allow\""),
        ("direction", "\"Inbound\""),
        ("priority", "100"),
        ("protocol", "\"Udp\""),
        ("sourceAddressPrefix", "\"*\""),
        ("sourcePortRange", "\"*\""),
        ("destinationAddressPrefix", "\"*\""),
        ("destinationPortRange", "\"500\""),
    ] {
        if !parts.contains(&format!("\"{key}\"")) {
            all.push(format!("\"{key}\": {usual}"));
        }
    }
    if !parts.is_empty() {
        all.push(parts.to_owned());
    }
    format!("{{{}}}", all.join(", "))
}

fn group(rules: &[String]) -> String {
    format!("{{\"name\": \"vmx\", \"securityRules\": [{}]}}", rules.join(","))
}

fn device(text: &str) -> Device {
    let (device, remarks, _) = read(text, 0);
    assert!(remarks.is_empty(), "{remarks:?}");
    device
}

/// The vMX has a private address; the internet knows a public one.
fn told(device: &Device, service: Service) -> String {
    verdict_at(device, Ipv4Addr::new(10, 0, 0, 5), Some(Ipv4Addr::new(203, 0, 113, 10)), service)
}

fn ike(rules: &[String]) -> String {
    told(&device(&group(rules)), Service::IKE)
}

#[test]
fn rules_are_read_with_all_their_parts() {
    const END: &str = "dropped by end of the list: deny";
    const TAG: &str = "undecided: which addresses the service tag stands for is not in the file";
    for (parts, wanted) in [
        ("", "passes"),
        ("\"protocol\": \"*\"", "passes"),
        ("\"protocol\": \"UDP\"", "passes"),
        ("\"protocol\": \"Tcp\"", "wrong protocol in permit tcp any -> any:500"),
        ("\"protocol\": \"Esp\"", END),
        ("\"access\": \"Deny\"", "dropped by deny udp any -> any:500"),
        ("\"direction\": \"Outbound\"", END),
        ("\"destinationPortRange\": \"4500\"", END),
        ("\"destinationPortRange\": \"*\"", "passes"),
        ("\"destinationPortRange\": \"500-4500\"", "passes"),
        ("\"destinationPortRange\": \"\", \"destinationPortRanges\": [\"4500\", \"500\"]", "passes"),
        ("\"destinationPortRanges\": [\"1701\"]", "passes"),
        ("\"sourcePortRange\": \"500\"", "restricted by permit udp any:500 -> any:500"),
        ("\"sourceAddressPrefix\": \"Internet\"", "passes"),
        ("\"sourceAddressPrefix\": \"VirtualNetwork\"", END),
        ("\"sourceAddressPrefix\": \"AzureLoadBalancer\"", END),
        ("\"sourceAddressPrefix\": \"AzureCloud.WestEurope\"", TAG),
        ("\"sourceAddressPrefix\": \"198.51.100.0/24\"", "restricted by permit udp 198.51.100.0/24 -> any:500"),
        ("\"sourceAddressPrefix\": \"\", \"sourceAddressPrefixes\": [\"0.0.0.0/1\", \"128.0.0.0/1\"]", "passes"),
        ("\"sourceAddressPrefix\": \"2001:db8::/32\"", END),
        ("\"sourceAddressPrefix\": \"[parameters('from')]\"", "undecided: an expression of the template is not evaluated"),
        ("\"protocol\": \"[parameters('p')]\"", "undecided: an expression of the template is not evaluated"),
        ("\"destinationPortRange\": \"[variables('port')]\"", "undecided: an expression of the template is not evaluated"),
        ("\"sourceAddressPrefix\": \"\", \"sourceApplicationSecurityGroups\": [{\"id\": \"x\"}]", END),
        (
            "\"destinationAddressPrefix\": \"\", \"destinationApplicationSecurityGroups\": [{\"id\": \"x\"}]",
            "undecided: whether the vMX is in the application security group is not in the file",
        ),
        // The group sees the private address.
        ("\"destinationAddressPrefix\": \"10.0.0.5\"", "passes"),
        ("\"destinationAddressPrefix\": \"10.0.0.0/24\"", "passes"),
        ("\"destinationAddressPrefix\": \"10.0.0.9\"", END),
        ("\"destinationAddressPrefix\": \"203.0.113.10\"", END),
        ("\"destinationAddressPrefix\": \"VirtualNetwork\"", "passes"),
        ("\"priority\": \"[parameters('n')]\"", "undecided: the priority of the rule is not known"),
        ("\"access\": \"Maybe\"", "undecided: the access of the rule is not known"),
    ] {
        let rules = [rule("ike", parts)];
        assert_eq!(ike(&rules), wanted, "{parts}");
    }
}

#[test]
fn lower_numbers_come_first_wherever_they_stand() {
    let deny = |priority: u32| {
        rule("deny", &format!("\"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\", \"priority\": {priority}"))
    };
    assert_eq!(ike(&[deny(4096), rule("ike", "")]), "passes");
    assert_eq!(ike(&[rule("ike", "\"priority\": 300"), deny(200)]), "dropped by deny any any -> any, hides permit udp any -> any:500");
    assert_eq!(ike(&[]), "dropped by end of the list: deny");
}

#[test]
fn default_rules_let_everything_out() {
    let leaves = |rules: &[String]| {
        let device = device(&group(rules));
        Path::new(vec![&device], vec![Ipv4Addr::new(10, 0, 0, 5)], None).leaves(Service::HTTPS, &Addrs::public()).passes()
    };
    assert!(leaves(&[]));
    assert!(!leaves(&[rule(
        "out",
        "\"direction\": \"Outbound\", \"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\""
    )]));
    assert!(leaves(&[rule(
        "out",
        "\"direction\": \"Outbound\", \"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\", \"destinationAddressPrefix\": \"VirtualNetwork\""
    )]));
    assert_eq!(answers(&device(&group(&[rule("ike", "")])), Service::IKE), "passes");
    // Where they are listed, they are what the listing says.
    let text = "{\"securityRules\": [], \"defaultSecurityRules\": [".to_owned()
        + &rule("DenyAllInBound", "\"access\": \"Deny\", \"protocol\": \"*\", \"destinationPortRange\": \"*\", \"priority\": 65500")
        + "]}";
    assert_eq!(told(&device(&text), Service::IKE), "dropped by deny any any -> any");
}

#[test]
fn every_form_is_read_alike() {
    let inner = |rule: &str| {
        let (name, rest) = rule[1..rule.len() - 1].split_once(", ").unwrap();
        format!("{{{name}, \"properties\": {{{rest}}}}}")
    };
    let ike = rule("ike", "");
    let resource = |rules: &str| {
        format!(
            "{{\"type\": \"Microsoft.Network/networkSecurityGroups\", \"name\": \"[parameters('n')]\", \"properties\": {{\"securityRules\": [{rules}]}}}}"
        )
    };
    let child = format!("{{\"type\": \"Microsoft.Network/networkSecurityGroups/securityRules\", {}", &inner(&ike)[1..]);
    let pascal = ike
        .replace("\"name\"", "\"Name\"")
        .replace("\"access\"", "\"Access\"")
        .replace("\"direction\"", "\"Direction\"")
        .replace("\"priority\"", "\"Priority\"")
        .replace("\"protocol\"", "\"Protocol\"")
        .replace("\"destinationPortRange\": \"500\"", "\"DestinationPortRange\": [\"500\"]")
        .replace("\"sourcePortRange\"", "\"SourcePortRange\"")
        .replace("AddressPrefix\": \"*\"", "AddressPrefix\": [\"*\"]");
    for text in [
        group(std::slice::from_ref(&ike)),
        format!("[{ike}]"),
        format!("[{}]", inner(&ike)),
        format!("[{}]", group(std::slice::from_ref(&ike))),
        resource(&inner(&ike)),
        format!("{{\"$schema\": \"x\", \"parameters\": {{}}, \"resources\": [{}]}}", resource(&inner(&ike))),
        format!("{{\"resources\": [{}, {child}]}}", resource("")),
        format!("{{\"resources\": [ // comment\n {}]}}", resource(&inner(&ike))),
        format!("{{\"Name\": \"n\", \"SecurityRules\": [{pascal}]}}"),
    ] {
        assert!(is_azure(&text), "{text}");
        assert_eq!(told(&device(&text), Service::IKE), "passes", "{text}");
        assert_eq!(told(&device(&text), Service::NAT_T), "dropped by end of the list: deny", "{text}");
    }
    let two = format!("[{}, {}]", group(std::slice::from_ref(&ike)), group(&[]));
    assert!(told(&device(&two), Service::IKE).starts_with("undecided: the file holds several security groups"));
}

#[test]
fn file_that_breaks_off_proves_nothing_and_shows_nothing() {
    let text = format!(
        "{{\"tags\": {{\"CANARY\": \"CANARY\"}}, \"id\": \"CANARY\", \"parameters\": {{\"adminPassword\": {{\"value\": \"CANARY\"}}}}, {}",
        &group(&[rule("ike", "\"description\": \"CANARY\"")])[1..]
    );
    for end in 0..text.len() {
        let (device, _, secrets) = read(&text[..end], 0);
        assert!(told(&device, Service::IKE).starts_with("undecided"), "{}", &text[..end]);
        let mut shown = text.as_bytes()[..end].to_vec();
        for span in &secrets {
            shown[span.start as usize..span.end as usize].fill(b'*');
        }
        assert!(!String::from_utf8(shown).unwrap().contains("CANARY"), "{}", &text[..end]);
    }
    assert_eq!(told(&device(&text), Service::IKE), "passes");
    for junk in
        ["", "{", "[]", "null", "{\"securityRules\": 3}", "{\"securityRules\": [1, null, {}]}", "[{\"access\": 1, \"direction\": 2}]"]
    {
        assert!(!told(&read(junk, 3).0, Service::IKE).is_empty(), "{junk}");
    }
}

#[test]
fn many_rules_are_read() {
    let many: Vec<String> = (0..10_000)
        .map(|n| rule("x", &format!("\"priority\": {}, \"access\": \"Deny\", \"destinationPortRange\": \"1000\"", 100 + n)))
        .collect();
    assert_eq!(ike(&[many.join(","), rule("ike", "\"priority\": 20000")]), "passes");
}

#[test]
fn real_rules_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/upstream/cloud/azure-nsg-500-4500.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: no corpus");
        return;
    };
    assert!(is_azure(&text));
    let device = device(&text);
    assert_eq!(
        [Service::IKE, Service::NAT_T, Service::ESP].map(|s| told(&device, s)),
        ["passes", "passes", "dropped by end of the list: deny"]
    );
}
