//! The zone-based firewall of IOS (Cisco document 98628).

use super::ios_nat::{BOTH, Config};
use super::*;

const ZONES: &str = "zone security IN\nzone security OUT\n";
const OUTWARD: &str = "class-map type inspect match-any ALL\n match protocol tcp\n match protocol udp\n!\npolicy-map type inspect OUTWARD\n class type inspect ALL\n  inspect\n \
    class class-default\n  drop\n!\nzone-pair security IN-OUT source IN destination OUT\n service-policy type inspect OUTWARD\n!\n";

fn device(inward: &str) -> Device {
    let more = [ZONES, OUTWARD, inward].concat();
    Config { wan: " zone-member security OUT\n", lan: " zone-member security IN\n", nat: BOTH, more: &more }.device()
}

/// A policy from outside with one class.
fn inward(class: &str, treatment: &str) -> String {
    format!(
        "{class}!\npolicy-map type inspect INWARD\n class type inspect VPN\n  {treatment}\n class class-default\n  drop log\n!\n\
         zone-pair security OUT-IN source OUT destination IN\n service-policy type inspect INWARD\n!\n"
    )
}

#[test]
fn only_what_a_pair_of_zones_lets_through_passes() {
    let list =
        "ip access-list extended TO-MX\n permit udp any host 192.168.1.4 eq isakmp\n permit udp any host 192.168.1.4 eq non500-isakmp\n";
    let by_list = |entries: &str| format!("{entries}!\nclass-map type inspect match-all VPN\n match access-group name TO-MX\n");
    for (case, text, wanted) in [
        ("no pair", String::new(), "dropped by end of the list: deny"),
        ("by list", inward(&by_list(list), "inspect"), "passes"),
        // The policy sees the inner address.
        ("public address", inward(&by_list(&list.replace("192.168.1.4", "203.0.113.10")), "inspect"), "dropped by default: deny"),
        ("dropped", inward(&by_list(list), "drop"), "dropped by deny udp any -> 192.168.1.4:500"),
        ("by protocol", inward("class-map type inspect match-any VPN\n match protocol isakmp\n match protocol ipsec-msft\n", "inspect"), "passes"),
        ("another protocol", inward("class-map type inspect match-any VPN\n match protocol http\n", "inspect"), "dropped by default: deny"),
        ("unknown protocol", inward("class-map type inspect match-any VPN\n match protocol skinny\n", "inspect"), "undecided: which packets the protocol means is not known"),
        (
            "list and protocol",
            inward("ip access-list extended TO-MX\n permit ip any host 192.168.1.4\n!\nclass-map type inspect match-all VPN\n match access-group name TO-MX\n match protocol udp\n", "inspect"),
            "passes",
        ),
        (
            "list and other protocol",
            inward("ip access-list extended TO-MX\n permit ip any host 192.168.1.4\n!\nclass-map type inspect match-all VPN\n match access-group name TO-MX\n match protocol tcp\n", "inspect"),
            "dropped by default: deny",
        ),
        ("denied in the list", inward(&by_list(" ip access-list extended TO-MX\n deny ip any any\n"), "inspect"), "dropped by default: deny"),
        ("nested", inward("class-map type inspect match-any IKE\n match protocol isakmp\n!\nclass-map type inspect match-any VPN\n match class-map IKE\n", "pass"), "passes"),
        ("no such class", inward("", "inspect"), "undecided: the class map is not in the file"),
        (
            "default passes",
            "policy-map type inspect INWARD\n class class-default\n  pass\n!\nzone-pair security OUT-IN source OUT destination IN\n service-policy type inspect INWARD\n".into(),
            "passes",
        ),
        ("no policy", "zone-pair security OUT-IN source OUT destination IN\n!\n".into(), "dropped by end of the list: deny"),
        ("negated", inward("class-map type inspect match-any VPN\n match not protocol tcp\n", "inspect"), "undecided"),
    ] {
        let more = [ZONES, OUTWARD, &text].concat();
        let config = Config { wan: " zone-member security OUT\n", lan: " zone-member security IN\n", nat: BOTH, more: &more };
        let answer = verdict(&ios::read(&config.text(), 0).0, Service::IKE);
        assert!(if wanted == "undecided" { answer.starts_with(wanted) } else { answer == wanted }, "{case}: {answer}");
    }
}

#[test]
fn answers_pass_what_inspected_the_flow() {
    let class = "class-map type inspect match-any VPN\n match protocol isakmp\n match protocol ipsec-msft\n";
    assert_eq!(answers(&device(&inward(class, "inspect")), Service::IKE), "passes");
    // What only passes needs a way back of its own; the pair outwards takes UDP.
    assert_eq!(answers(&device(&inward(class, "pass")), Service::IKE), "passes");
    let back = |text: String| text.replace(" match protocol udp\n", " match protocol icmp\n");
    let more = back([ZONES, OUTWARD, &inward(class, "pass")].concat());
    let config = Config { wan: " zone-member security OUT\n", lan: " zone-member security IN\n", nat: BOTH, more: &more };
    assert_eq!(answers(&config.device(), Service::IKE), "dropped by default: deny");
    let more = back([ZONES, OUTWARD, &inward(class, "inspect")].concat());
    assert_eq!(answers(&Config { more: &more, ..config }.device(), Service::IKE), "passes");
}

#[test]
fn zones_and_interfaces_without_one_do_not_meet() {
    let one = |wan: &str, lan: &str| Config { wan, lan, nat: BOTH, more: ZONES }.ike();
    let (outer, inner) = (" zone-member security OUT\n", " zone-member security IN\n");
    assert_eq!(one("", ""), "passes");
    assert_eq!(one(outer, ""), "dropped by end of the list: deny");
    assert_eq!(one("", inner), "dropped by end of the list: deny");
    assert_eq!(one(outer, " zone-member security OUT\n"), "passes");
    // IOS-XE: what has no zone is in the zone `default`, once that is defined.
    let config = Config { nat: BOTH, more: "zone security default\n", ..Config::default() };
    assert_eq!(config.ike(), "passes");
}

#[test]
fn what_is_for_the_router_itself_has_pairs_of_its_own() {
    let class = "class-map type inspect match-any VPN\n match protocol isakmp\n";
    let pair = inward(class, "pass").replace("destination IN", "destination self");
    let device = device(&pair);
    assert_eq!(verdict(&device, Service::IKE), "dropped by end of the list: deny");
    assert_eq!(device.input.items().len(), 1);
}

#[test]
fn what_the_mx_sends_needs_a_pair_too() {
    let path = |device: &Device| {
        let path = crate::net::Path::new(vec![device], vec![std::net::Ipv4Addr::new(192, 168, 1, 4)], None);
        path.leaves(Service::HTTPS, &crate::net::Addrs::public()).fault().is_some()
    };
    assert!(!path(&device("")));
    let more = [ZONES, &OUTWARD.replace(" match protocol tcp\n", "")].concat();
    let config = Config { wan: " zone-member security OUT\n", lan: " zone-member security IN\n", nat: BOTH, more: &more };
    assert!(path(&config.device()));
}
