//! The packs that ship with vpnlint: policy files like any other, embedded from `policies/`.

/// A pack.
#[derive(Debug)]
pub struct Pack {
    /// What `extends` and `--policy` call it.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Every pack.
pub static PACKS: &[Pack] = &[
    Pack { name: "recommended", text: include_str!("../../policies/recommended.toml") },
    Pack { name: "strict", text: include_str!("../../policies/strict.toml") },
    Pack { name: "pci", text: include_str!("../../policies/pci.toml") },
    Pack { name: "migration", text: include_str!("../../policies/migration.toml") },
];

impl Pack {
    /// The pack of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PACKS.iter().find(|p| p.name == name)
    }

    /// The first comment of its file: what it is, in a sentence.
    pub fn summary(&self) -> &'static str {
        self.text.lines().find_map(|l| l.strip_prefix("# ")).unwrap_or_default()
    }
}
