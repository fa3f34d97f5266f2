use super::*;
use crate::import::upstream::read;
use crate::import::upstream::trial::verdict;
use crate::net::Service;

const IOS: &str = "version 16.9\nhostname a\ninterface Gi0/0\n ip address 203.0.113.10 255.255.255.248\n ip nat outside\ninterface Gi0/1\n ip address 192.168.1.1 255.255.255.0\n ip nat inside\n\
    ip nat inside source static udp 192.168.1.4 500 203.0.113.10 500 extendable\nend\n";
const NAT: &str = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i eth0 -p udp -m multiport --dports 500,4500 -j DNAT --to-destination 192.168.1.4\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n";

#[test]
fn two_devices_in_one_text_prove_nothing_and_one_does() {
    for (format, text) in [(Format::CiscoIos, IOS), (Format::IptablesSave, NAT)] {
        let (one, notes) = read(format, text, 0).unwrap();
        assert_eq!((verdict(&one, Service::IKE).as_str(), notes.problems.len()), ("passes", 0), "{format:?}");
        let twice = text.repeat(2);
        let (two, notes) = read(format, &twice, 0).unwrap();
        assert!(verdict(&two, Service::IKE).starts_with("undecided: "), "{}", verdict(&two, Service::IKE));
        assert_eq!(notes.problems.len(), 1);
        assert!(notes.problems[0].span.start as usize >= text.len());
    }
}

#[test]
fn each_format_has_a_head_that_stands_once() {
    for (format, head) in [
        (Format::CiscoAsa, ": Saved\nASA Version 9.16(4)\nhostname a\n"),
        (Format::Fortios, "#config-version=FGT60F-7.4.4-FW-build2662-240514:opmode=0\nconfig system global\nend\n"),
        (Format::Routeros, "# 2026-11-02 10:00:00 by RouterOS 7.15\n/ip address\n"),
        (Format::Junos, "set version 21.4R3\nset groups node0 system host-name a\nset groups node1 system host-name b\n"),
        (
            Format::Junos,
            "version 21.4R3;\ngroups {\n    node0 {\n        system {\n            host-name a;\n        }\n    }\n    node1 {\n        system {\n            host-name b;\n        }\n    }\n}\n",
        ),
        (Format::Vyos, "set system host-name a\n"),
        (Format::Edgeos, "system {\n    host-name a\n}\n"),
        (Format::Openwrt, "config defaults\n\toption input ACCEPT\n"),
    ] {
        assert_eq!(second(format, head, 0), None, "{head}");
        assert!(second(format, &head.repeat(2), 0).is_some_and(|span| span.start as usize >= head.len()), "{head}");
    }
}
