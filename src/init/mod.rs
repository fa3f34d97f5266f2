//! `vpnlint init`: a first site file from the exports, profiles and code that lie in folders. It names files and asks for nothing; no value of a file goes into it but the names of
//! networks and organisations, and never one that holds a key.

mod plan;
mod render;
mod survey;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::import::site_file;
use crate::report::Scrubber;
use crate::source::{ProblemKind, Root, Session};

pub use survey::{Survey, survey};

/// What was written, and what there is to say of it.
pub struct Draft {
    /// The site file.
    pub text: String,
    /// Remarks for the one who runs it, one line each.
    pub remarks: Vec<String>,
}

/// Drafts the site file `target` (which need not be there) from what was found. `network` chooses among several.
pub fn draft(root: &Arc<Root>, target: &Path, found: &Survey, network: Option<&str>) -> Result<Draft, String> {
    let mut plan = plan::plan(root, target, found, network)?;
    let mut facts = render::Facts::default();
    // What the first draft could not read is left out of the second, which also knows what the files say.
    for _ in 0..2 {
        let text = render::render(&plan, &facts);
        let mut session = Session::new(root.clone());
        let opened = session.add_site(target, text.into_bytes()).map_err(|why| why.to_string())?;
        let loaded = site_file::load(&mut session, &opened, &plan.site);
        let own = session.map.file(opened.id);
        let failed = loaded
            .ledger
            .problems
            .iter()
            .filter(|p| p.kind == ProblemKind::ImportFailed && own.span().start <= p.span.start && p.span.end <= own.span().end);
        for problem in failed {
            let why = problem.message.trim_start_matches("the import was not read: ").to_owned();
            plan.leave_out(session.map.text(problem.span), why);
        }
        let scrubber = Scrubber::new(crate::check::secrets(&loaded.site).into_iter());
        plan.forget(&|text: &str| scrubber.scrub(text) != *text);
        facts = render::Facts::of(&loaded.site);
    }
    Ok(Draft { text: render::render(&plan, &facts), remarks: plan.remarks() })
}

/// Where the site file goes when nothing is said: into the folder that is looked through, if that is one.
pub fn usual_target(from: &[PathBuf], here: &Path) -> PathBuf {
    match from {
        [one] if crate::source::is_folder(one) => one.join("site.toml"),
        _ => here.join("site.toml"),
    }
}
