//! Which words of a configuration may be shown: those that this reader knows, names and addresses behind them, and numbers. Keys, passwords,
//! communities and free text stand elsewhere, or behind other words.

/// Whether the last word of a statement's beginning may be shown; the words in front of it are.
pub(super) fn shows(path: &[&str]) -> bool {
    let Some((word, front)) = path.split_last() else { return false };
    let Some((previous, _)) = front.split_last() else { return is_section(word) };
    let second = front.get(1).unwrap_or(word);
    let read = match front[0] {
        "applications" | "firewall" | "interfaces" | "routing-instances" => true,
        "security" => matches!(*second, "address-book" | "forwarding-options" | "ike" | "nat" | "policies" | "zones"),
        "policy-options" => *second == "prefix-list",
        "routing-options" => *second == "static",
        "apply-groups" | "groups" => front.len() == 1,
        _ => false,
    };
    read && *previous != "description" && (names_something(previous) || is_known(word) || is_number(word))
}

/// Addresses, prefixes, ports.
fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/' | b'-'))
}

/// Sections of the top.
pub(super) fn is_section(word: &str) -> bool {
    matches!(
        word,
        "access"
            | "access-profile"
            | "applications"
            | "apply-groups"
            | "chassis"
            | "class-of-service"
            | "event-options"
            | "firewall"
            | "forwarding-options"
            | "groups"
            | "interfaces"
            | "policy-options"
            | "protocols"
            | "routing-instances"
            | "routing-options"
            | "security"
            | "services"
            | "snmp"
            | "system"
            | "version"
            | "vlans"
            | "accounting-options"
            | "apply-macro"
            | "dynamic-profiles"
            | "ethernet-switching-options"
            | "fabric"
            | "logical-systems"
            | "multi-chassis"
            | "poe"
            | "smtp"
            | "switch-options"
            | "tenants"
            | "virtual-chassis"
            | "wlan"
    )
}

/// Words that a name stands behind.
fn names_something(word: &str) -> bool {
    matches!(
        word,
        "address"
            | "address-book"
            | "address-set"
            | "application"
            | "application-set"
            | "destination-address"
            | "destination-address-name"
            | "destination-port"
            | "destination-prefix-list"
            | "dns-name"
            | "external-interface"
            | "filter"
            | "from-zone"
            | "gateway"
            | "input"
            | "input-list"
            | "interface"
            | "interfaces"
            | "next-hop"
            | "output"
            | "output-list"
            | "policy"
            | "pool"
            | "port"
            | "prefix-list"
            | "prefix-name"
            | "protocol"
            | "routing-instance"
            | "routing-instances"
            | "rule"
            | "rule-set"
            | "scheduler-name"
            | "security-zone"
            | "source-address"
            | "source-address-name"
            | "source-port"
            | "source-prefix-list"
            | "system-services"
            | "term"
            | "to-zone"
            | "unit"
            | "zone"
    )
}

/// Words of the statements that are read.
fn is_known(word: &str) -> bool {
    names_something(word) || is_match(word) || is_frame(word)
}

fn is_match(word: &str) -> bool {
    matches!(
        word,
        "accept"
            | "any"
            | "any-ipv4"
            | "count"
            | "deny"
            | "destination-address-excluded"
            | "destination-nat"
            | "discard"
            | "except"
            | "from"
            | "log"
            | "mapped-port"
            | "match"
            | "next"
            | "off"
            | "permit"
            | "prefix"
            | "range-address"
            | "reject"
            | "session-close"
            | "session-init"
            | "source-address-excluded"
            | "static-nat"
            | "tcp"
            | "then"
            | "to"
            | "udp"
    )
}

fn is_frame(word: &str) -> bool {
    matches!(
        word,
        "all"
            | "any-service"
            | "attach"
            | "default-policy"
            | "deny-all"
            | "destination"
            | "dhcp"
            | "dhcp-client"
            | "family"
            | "global"
            | "host-inbound-traffic"
            | "ike"
            | "inet"
            | "instance-type"
            | "local-address"
            | "nat"
            | "permit-all"
            | "policies"
            | "route"
            | "source"
            | "static"
            | "virtual-router"
            | "zones"
    )
}
