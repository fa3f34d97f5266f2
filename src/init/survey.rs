//! What lies in folders: each file by what its readers make of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::is_site_file;
use crate::import::detect::{self, Format};
use crate::import::{Ledger, client, evidence, guarded, meraki, upstream};
use crate::source::{Root, Session, is_folder};

/// Files by what they are for, in the order of their paths.
#[derive(Default)]
pub struct Survey {
    /// Network as Code.
    pub code: Vec<PathBuf>,
    /// Exports of the MX in other formats.
    pub mx: Vec<PathBuf>,
    /// Lists of users.
    pub users: Vec<PathBuf>,
    /// Firewalls and routers.
    pub upstream: Vec<PathBuf>,
    /// Profiles, and files that complete profiles.
    pub clients: Vec<(PathBuf, Format)>,
    /// Exports of machines.
    pub evidence: Vec<PathBuf>,
    /// Networks that exports list by name, else by what their paths say.
    pub networks: Vec<String>,
    /// Files that look like an export and cannot be read, and why.
    pub unread: Vec<(PathBuf, String)>,
}

/// Endings of texts that speak about configurations, and are none.
const PROSE: &[&str] = &["md", "markdown", "rst", "adoc", "html", "htm", "py", "rs", "go", "js", "ts", "lock", "log"];

/// Looks through files and folders. Hidden files, and those that `.gitignore` names, are passed over, and so are site files and policies.
pub fn survey(root: &Arc<Root>, from: &[PathBuf]) -> Survey {
    let mut found = Survey::default();
    let mut listed = Vec::new();
    let mut belongs = Vec::new();
    for start in from {
        let mut files: Vec<PathBuf> = if is_folder(start) {
            let walk = ignore::WalkBuilder::new(start).hidden(true).require_git(false).parents(true).max_depth(Some(32)).build();
            walk.flatten().filter(|e| e.file_type().is_some_and(|t| t.is_file())).map(ignore::DirEntry::into_path).collect()
        } else {
            vec![start.clone()]
        };
        files.sort();
        for file in files {
            let ending = file.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
            let name = file.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
            let ours = is_site_file(&file) || matches!(&*name, "vpnlint.toml" | "vpnlint-baseline.json");
            if !ours && !PROSE.contains(&&*ending) {
                look(root, &file, &mut found, &mut listed, &mut belongs);
            }
        }
    }
    found.networks = if listed.is_empty() { belongs } else { listed };
    found.networks.sort();
    found.networks.dedup();
    found
}

fn look(root: &Arc<Root>, path: &Path, found: &mut Survey, listed: &mut Vec<String>, belongs: &mut Vec<String>) {
    let Ok(real) = root.confine(path) else { return };
    let mut session = Session::new(root.clone());
    let Ok(opened) = session.open_import(&real) else { return };
    let file = session.map.file(opened.id);
    if let Some(sealed) = file.sealed {
        found.unread.push((real, format!("it is {}", sealed.what)));
        return;
    }
    let Some(format) = detect::detect(&file.path, file.raw()) else { return };
    let (text, base) = (file.raw(), file.base());
    // A reader that panics says nothing; `check` would name it.
    let mut ledger = Ledger::default();
    let tells = || evidence::read(format, text, base).is_some_and(|(e, _)| !e.is_empty());
    match format {
        Format::NacYaml => found.code.push(real),
        Format::MerakiApi => {
            let held = guarded(format, &mut ledger, || meraki::holds(&file.path, text)).unwrap_or_default();
            listed.extend(held.listed);
            belongs.extend(held.belongs);
            if held.mx {
                found.mx.push(real.clone());
            }
            if held.users {
                found.users.push(real);
            }
        }
        _ => {
            let read = guarded(format, &mut ledger, || {
                let profiles =
                    client::read(format, text, base).map(|(profiles, notes)| !profiles.is_empty() || !notes.completions.is_empty());
                (profiles, profiles != Some(true) && tells(), profiles.is_none() && upstream::read(format, text, base).is_some())
            });
            match read {
                Some((Some(true), ..)) => found.clients.push((real, format)),
                Some((_, true, _)) => found.evidence.push(real),
                Some((_, _, true)) => found.upstream.push(real),
                // A format of neither clients nor firewalls is one of the MX.
                Some((None, ..)) if format != Format::Reg => found.mx.push(real),
                _ => {}
            }
        }
    }
}
