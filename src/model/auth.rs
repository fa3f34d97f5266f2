//! Keys and where they came from.

use crate::secret::Secret;

/// A key or password as the system that holds it would use it.
#[derive(Clone)]
pub struct Key {
    /// The key, after what the format does to it (base64, quoting, entities).
    pub secret: Secret,
    /// How it came here.
    pub origin: KeyOrigin,
}

/// How a key came into the model; decides about clear text and about what its format can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// It stands in a site file, or in a device's configuration.
    Configuration,
    /// It stands in an exported client profile, or in a RADIUS server's file, whose format needs it; the format's id.
    Profile(&'static str),
    /// It comes from the environment or from a file of its own.
    Elsewhere,
}
