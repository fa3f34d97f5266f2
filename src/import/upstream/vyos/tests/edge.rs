//! EdgeOS in braces, with `port-forward`. Source of its place: `iptables -S` of real devices, FORWARD and PREROUTING.

use super::*;

pub(super) const BOOT: &str = "\
firewall {
    all-ping enable
    name WAN_IN {
        default-action drop
        description \"WAN to internal\"
        rule 10 {
            action accept
            description \"allow established/related\"
            state {
                established enable
                related enable
            }
        }
        rule 20 {
            action drop
            state {
                invalid enable
            }
        }
    }
    name WAN_LOCAL {
        default-action drop
        rule 10 {
            action accept
            state {
                established enable
                related enable
            }
        }
    }
}
interfaces {
    ethernet eth0 {
        address dhcp
        firewall {
            in {
                name WAN_IN
            }
            local {
                name WAN_LOCAL
            }
        }
    }
    switch switch0 {
        address 192.168.1.1/24
    }
}
port-forward {
    auto-firewall enable
    hairpin-nat enable
    lan-interface switch0
    rule 1 {
        description IKE
        forward-to {
            address 192.168.1.4
            port 500
        }
        original-port 500
        protocol udp
    }
    rule 2 {
        description \"NAT traversal\"
        forward-to {
            address 192.168.1.4
        }
        original-port 4500
        protocol tcp_udp
    }
    wan-interface eth0
}
service {
    gui {
        https-port 443
    }
}
system {
    host-name ubnt
    login {
        user ubnt {
            authentication {
                encrypted-password CANARY-hash
            }
        }
    }
    time-zone UTC
}


/* Warning: Do not remove the following line. */
/* === vyatta-config-version: \"config-management@1:firewall@5:nat@3:ubnt-util@1\" === */
/* Release version: v1.10.11 */
";

#[test]
fn port_forward_opens_the_filter_by_itself() {
    let edge = device(BOOT);
    for service in [Service::IKE, Service::NAT_T] {
        assert_eq!(verdict(&edge, service), "passes");
        assert_eq!(answers(&edge, service), "passes");
    }
    assert_eq!(verdict(&edge, Service::L2TP), "no forward");
    let shut = BOOT.replace("    auto-firewall enable\n", "    auto-firewall disable\n");
    assert_eq!(verdict(&device(&shut), Service::IKE), "dropped by deny any any -> any");
    assert_eq!(verdict(&device(&BOOT.replace("    auto-firewall enable\n", "")), Service::IKE), "dropped by deny any any -> any");
    // Its permits stand in front of all rules.
    let early = BOOT.replace(
        "        rule 20 {\n            action drop\n",
        "        rule 5 {\n            action drop\n            protocol udp\n        }\n        rule 20 {\n            action drop\n",
    );
    assert_eq!(verdict(&device(&early), Service::IKE), "passes");
    let other = BOOT.replace("            port 500\n", "            port 501\n");
    assert_eq!(verdict(&device(&other), Service::IKE), "port 501");
    let host = BOOT.replace("address 192.168.1.4\n", "address 192.168.1.1\n");
    assert_eq!(verdict(&device(&host), Service::IKE), "goes to 192.168.1.1");
    let wan = BOOT.replace("wan-interface eth0", "wan-interface eth5");
    assert!(verdict(&device(&wan), Service::IKE).starts_with("no forward"));
}

#[test]
fn port_forward_is_asked_before_nat_rules() {
    let nat = "service {\n    nat {\n        rule 1 {\n            inbound-interface eth0\n            inside-address {\n                address 192.168.1.9\n            }\n            type destination\n        }\n    }\n";
    let text = BOOT.replace("service {\n", nat);
    assert_eq!(verdict(&device(&text), Service::IKE), "passes");
    assert_eq!(verdict(&device(&text), Service::udp(1812)), "goes to 192.168.1.9");
}

#[test]
fn half_a_rule_is_undecided() {
    for (part, wanted) in [
        ("        protocol udp\n", "undecided: the rule states no protocol"),
        ("        original-port 500\n", "undecided: the rule states no port"),
        ("    wan-interface eth0\n", "undecided: the section names no `wan-interface`"),
    ] {
        assert_eq!(verdict(&device(&BOOT.replace(part, "")), Service::IKE), wanted);
    }
}
