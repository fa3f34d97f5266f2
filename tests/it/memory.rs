//! What a run keeps of the sites that it has checked.

use std::sync::Arc;

use vpnlint::check::{self, Options, Target};
use vpnlint::model::Day;
use vpnlint::policy::Policies;
use vpnlint::source::Root;

use crate::support::Site;

/// A site without a fault.
fn clean(root: &Root, n: usize) -> Target {
    let subnet = format!("10.{}.{}.0/24", 100 + n / 250, n % 250);
    let text = format!("version = 1\n[site]\nname = \"site-{n}\"\n[client_vpn]\nsubnet = \"{subnet}\"\n# nothing else is said\n");
    Target::text(root.path().join(format!("site-{n}/site.toml")), text.into_bytes())
}

#[test]
fn no_text_of_a_clean_site_outlives_its_check() {
    let folder = Site::new::<&str>(&[]);
    let root = Arc::new(Root::new(folder.path()).unwrap());
    let options = Options { digests: true, ..Options::new(root.clone(), Policies::default(), Day::since_epoch(20_780)) };
    let targets: Vec<_> = (0..600).map(|n| clean(&root, n)).collect();
    let before = Arc::strong_count(&root);
    let outcome = check::run(&targets, &options);
    // A site's texts live in its session, and every session holds the root.
    assert_eq!(Arc::strong_count(&root), before);
    let report = outcome.report;
    assert_eq!((report.summary.sites, report.inputs.len(), report.findings.len()), (600, 600, 0));
}
