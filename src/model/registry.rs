//! What the registry of a Windows machine says about its VPN.

use super::{Client, Field};

/// A value of the registry, as Windows sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryValue {
    /// A DWORD under the key that Windows reads. Of what a site file states, 0 may also mean that there is none.
    Dword(u32),
    /// The key is there, and the value is not.
    Missing,
    /// A value of this type, which Windows does not take for a DWORD.
    OtherType(&'static str),
    /// A value under this key alone, which Windows does not read.
    WrongKey(Box<str>),
}

impl RegistryValue {
    /// The number that counts: 0 where Windows finds none.
    pub const fn effective(&self) -> u32 {
        match self {
            Self::Dword(number) => *number,
            _ => 0,
        }
    }
}

/// What the registry of a machine says, or what else tells it, such as `sc qc`.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// `AssumeUDPEncapsulationContextOnSendRule`.
    pub nat_t_rule: Field<RegistryValue>,
    /// `ProhibitIpSec`.
    pub prohibit_ipsec: Field<RegistryValue>,
    /// `AllowL2TPWeakCrypto`.
    pub weak_crypto: Field<RegistryValue>,
    /// Start type of the IKEEXT service (4: disabled).
    pub ikeext_start: Field<RegistryValue>,
}

impl Registry {
    /// Whether nothing is said.
    pub const fn is_absent(&self) -> bool {
        self.nat_t_rule.is_absent() && self.prohibit_ipsec.is_absent() && self.weak_crypto.is_absent() && self.ikeext_start.is_absent()
    }
}

/// Formats that Windows alone reads.
const WINDOWS: [&str; 3] = ["rasphone", "powershell", "profilexml"];

impl Client {
    /// Whether its profile is of a format that Windows alone reads, or facts of a registry are stated.
    pub fn is_windows_like(&self) -> bool {
        !self.registry.is_absent() || self.format.is_some_and(|f| WINDOWS.contains(&f))
    }
}
