//! Which words of a configuration may be shown: those that this reader knows, and names and addresses behind them. Keys, passwords, communities and
//! free text stand elsewhere, or behind other words.

/// Whether the last word of a statement's beginning may be shown; the words in front of it are.
pub(super) fn shows(path: &[&str]) -> bool {
    let Some((word, front)) = path.split_last() else { return false };
    let Some((previous, _)) = front.split_last() else { return is_section(word) };
    let read = match front[0] {
        "firewall" | "interfaces" | "nat" | "port-forward" | "zone-policy" => true,
        "service" => front.get(1).unwrap_or(word) == &"nat",
        "vpn" => matches!(*front.get(1).unwrap_or(word), "ipsec" | "l2tp"),
        "protocols" => front.get(1).unwrap_or(word) == &"static",
        "policy" => front.get(1).unwrap_or(word) == &"route",
        "system" => matches!(*front.get(1).unwrap_or(word), "gateway-address" | "conntrack"),
        _ => false,
    };
    // The name of a set may be any word, and so may a key: what is no name has to be a word of the language.
    read && (names_something(previous, front) || is_known(word) && !is_free(previous))
}

/// Sections of both systems.
pub(super) fn is_section(word: &str) -> bool {
    matches!(
        word,
        "cluster"
            | "container"
            | "content-inspection"
            | "custom-attribute"
            | "firewall"
            | "high-availability"
            | "interfaces"
            | "load-balance"
            | "load-balancing"
            | "nat"
            | "nat64"
            | "nat66"
            | "netns"
            | "pki"
            | "policy"
            | "port-forward"
            | "protocols"
            | "qos"
            | "qos-policy"
            | "service"
            | "system"
            | "traffic-control"
            | "traffic-policy"
            | "vpn"
            | "vpp"
            | "vrf"
            | "webproxy"
            | "zone-policy"
    )
}

/// Words whose value is text or a secret, whatever it is.
fn is_free(word: &str) -> bool {
    matches!(word, "description" | "prefix" | "url" | "password" | "username" | "pre-shared-secret" | "key" | "secret")
}

/// Words that a name, a number or an address stands behind.
fn names_something(word: &str, front: &[&str]) -> bool {
    let kind = front.len() == 2 && front[0] == "interfaces";
    kind || matches!(
        word,
        "address"
            | "address-group"
            | "bonding"
            | "default-jump-target"
            | "dhcp-interface"
            | "domain-group"
            | "from"
            | "gateway-address"
            | "group"
            | "inbound-interface"
            | "include"
            | "interface"
            | "interface-group"
            | "interface-name"
            | "jump-target"
            | "lan-interface"
            | "local-address"
            | "mac-group"
            | "modify"
            | "name"
            | "network"
            | "network-group"
            | "next-hop"
            | "original-port"
            | "outbound-interface"
            | "outside-address"
            | "peer"
            | "port"
            | "port-group"
            | "pppoe"
            | "protocol"
            | "route"
            | "rule"
            | "source-interface"
            | "vif"
            | "vif-c"
            | "vif-s"
            | "wan-interface"
            | "zone"
    )
}

/// Words of the statements that are read.
fn is_known(word: &str) -> bool {
    names_something(word, &[]) || is_match(word) || is_other(word)
}

/// Words of rules.
fn is_match(word: &str) -> bool {
    matches!(
        word,
        "accept"
            | "action"
            | "all"
            | "auto-firewall"
            | "connection-status"
            | "continue"
            | "day"
            | "default-action"
            | "default-log"
            | "destination"
            | "disable"
            | "drop"
            | "enable"
            | "enable-default-log"
            | "established"
            | "exclude"
            | "filter"
            | "forward"
            | "forward-to"
            | "fragment"
            | "hairpin-nat"
            | "inside-address"
            | "invalid"
            | "ipsec"
            | "jump"
            | "limit"
            | "log"
            | "masquerade"
            | "match-frag"
            | "match-ipsec"
            | "match-ipsec-in"
            | "match-non-frag"
            | "match-none"
            | "match-none-in"
            | "new"
            | "packet-type"
            | "raw"
            | "recent"
            | "redirect"
            | "reject"
            | "related"
            | "return"
            | "source"
            | "state"
            | "state-policy"
            | "tcp_udp"
            | "time"
            | "translation"
            | "type"
    )
}

/// Words around rules.
fn is_other(word: &str) -> bool {
    matches!(
        word,
        "any"
            | "bridge"
            | "conntrack"
            | "dhcp"
            | "dummy"
            | "ethernet"
            | "firewall"
            | "global-options"
            | "ignore"
            | "in"
            | "input"
            | "intra-zone-filtering"
            | "ipsec-interfaces"
            | "ipv4"
            | "ipv6"
            | "ipv6-name"
            | "l2tp"
            | "local"
            | "local-zone"
            | "loopback"
            | "member"
            | "nat"
            | "openvpn"
            | "out"
            | "output"
            | "prerouting"
            | "remote-access"
            | "site-to-site"
            | "static"
            | "switch"
            | "tunnel"
            | "vti"
            | "wireguard"
            | "wireless"
    )
}
