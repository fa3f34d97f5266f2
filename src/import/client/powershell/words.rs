//! The words of Windows for tunnels and logons, and destinations of routes.

use ipnet::Ipv4Net;

use crate::model::{Authentication, IpsecAuthentication, TunnelType};

/// A kind of tunnel.
pub fn tunnel_type(word: &str) -> Option<TunnelType> {
    Some(match &*word.trim().to_ascii_lowercase() {
        "l2tp" => TunnelType::L2tp,
        "pptp" => TunnelType::Pptp,
        "sstp" => TunnelType::Sstp,
        "ikev2" => TunnelType::Ikev2,
        "automatic" => TunnelType::Automatic,
        _ => return None,
    })
}

/// A way to log on.
pub fn authentication(word: &str) -> Option<Authentication> {
    Some(match &*word.trim().to_ascii_lowercase() {
        "pap" => Authentication::Pap,
        "chap" => Authentication::Chap,
        "mschapv2" => Authentication::MsChapV2,
        "eap" => Authentication::Eap,
        "machinecertificate" => Authentication::MachineCertificate,
        _ => return None,
    })
}

/// How IPsec authenticates, in `L2tpIPsecAuth`.
pub fn ipsec_authentication(word: &str) -> Option<IpsecAuthentication> {
    match &*word.trim().to_ascii_lowercase() {
        "psk" => Some(IpsecAuthentication::PreSharedKey),
        "certificate" => Some(IpsecAuthentication::Certificate),
        _ => None,
    }
}

/// A destination: a subnet, or one address.
pub fn ipv4_net(text: &str) -> Option<Ipv4Net> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<std::net::Ipv4Addr>().ok().map(Ipv4Net::from))
}
