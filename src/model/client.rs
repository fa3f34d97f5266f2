//! A client: one profile, and the machine or machines that use it.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::{Field, Host, Key, List, Registry, Remark};
use crate::source::{Span, Spanned};

/// One client VPN profile with its surroundings.
#[derive(Default)]
pub struct Client {
    /// The profile's name; its place is where a label about the client as a whole stands.
    pub name: Spanned<String>,
    /// Format id of the profile's file; `None` when it stands in the site file alone.
    pub format: Option<&'static str>,
    /// Where the profile starts in its own file.
    pub profile: Option<Span>,
    /// Operating system.
    pub os: Field<Os>,
    /// Its version.
    pub os_version: Field<String>,
    /// User name.
    pub user: Field<String>,
    /// Machines with this profile; absent: one.
    pub device_count: Field<u32>,
    /// The network that the client usually sits in.
    pub lan_subnet: Field<Ipv4Net>,
    /// Its address as the internet sees it.
    pub public_ip: Field<Ipv4Addr>,
    /// It has no IPv4 address of its own (NAT64).
    pub ipv6_only: Field<bool>,
    /// Installed programs.
    pub software: List<String>,
    /// What its registry says.
    pub registry: Registry,
    /// Name or address of the server.
    pub server: Field<Host>,
    /// Kind of tunnel.
    pub tunnel_type: Field<TunnelType>,
    /// The pre-shared key; known and empty: written empty where the format would carry it.
    pub pre_shared_key: Field<Key>,
    /// How IPsec authenticates.
    pub ipsec_authentication: Field<IpsecAuthentication>,
    /// A group or local identifier, or aggressive mode itself.
    pub aggressive_mode: Field<bool>,
    /// PPP authentication protocols that the profile allows; absent where the format cannot say.
    pub authentication: List<Authentication>,
    /// A pppd or NetworkManager profile that demands MPPE.
    pub require_mppe: Field<bool>,
    /// Only stated routes enter the tunnel.
    pub split_tunnel: Field<bool>,
    /// Those routes.
    pub routes: List<Ipv4Net>,
    /// DNS suffix of the connection.
    pub dns_suffix: Field<String>,
    /// The profile's own resolvers.
    pub dns_nameservers: List<Ipv4Addr>,
    /// Phase 1 proposals that it pins.
    pub ike: List<String>,
    /// Phase 2 proposals that it pins.
    pub esp: List<String>,
    /// What the client would refuse in the profile or take otherwise than it was meant.
    pub remarks: Vec<Remark>,
}

impl Client {
    /// Whether it runs Windows: where `os` says nothing, facts of a registry and formats of Windows alone say so.
    pub fn is_windows(&self) -> bool {
        self.os.value().map_or_else(|| self.is_windows_like(), |os| *os == Os::Windows)
    }

    /// Whether the tunnel may be L2TP over IPsec, as far as the profile says.
    pub fn may_use_l2tp(&self) -> bool {
        self.tunnel_type.value().is_none_or(|t| matches!(t, TunnelType::L2tp | TunnelType::Automatic))
    }

    /// Whether the profile pins proposals of its own; an empty list pins none. `None`: not known.
    pub fn pins_proposals(&self) -> Option<bool> {
        let lists = [&self.ike, &self.esp];
        if lists.iter().any(|list| !list.items().is_empty()) {
            return Some(true);
        }
        lists.iter().all(|list| list.opaque().is_none()).then_some(false)
    }

    /// Whether the profile may authenticate by a pre-shared key, as far as it says.
    pub fn may_use_psk(&self) -> bool {
        self.may_use_l2tp() && self.ipsec_authentication.value().is_none_or(|a| *a == IpsecAuthentication::PreSharedKey)
    }
}

/// Operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
    /// iOS and iPadOS.
    Ios,
    /// Linux.
    Linux,
    /// Android.
    Android,
    /// ChromeOS.
    ChromeOs,
}

/// Kinds of tunnels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunnelType {
    /// L2TP over IPsec: what the MX speaks.
    L2tp,
    /// L2TP without IPsec.
    BareL2tp,
    /// IKEv2.
    Ikev2,
    /// PPTP.
    Pptp,
    /// SSTP.
    Sstp,
    /// Cisco IPsec (XAuth).
    CiscoIpsec,
    /// The client tries several.
    Automatic,
}

/// How IPsec authenticates the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpsecAuthentication {
    /// Pre-shared key.
    PreSharedKey,
    /// Certificate.
    Certificate,
    /// Kerberos.
    Kerberos,
    /// Hybrid.
    Hybrid,
}

/// PPP authentication protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// PAP: what the MX wants, inside IPsec.
    Pap,
    /// CHAP.
    Chap,
    /// MS-CHAP, first version.
    MsChap,
    /// MS-CHAPv2.
    MsChapV2,
    /// EAP.
    Eap,
    /// A machine's certificate.
    MachineCertificate,
}
