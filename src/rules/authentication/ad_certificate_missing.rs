//! A domain controller has no certificate that the MX accepts.

use crate::model::{ActiveDirectoryServer, CertificateFault};
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "ad-certificate-missing",
    level: Level::Error,
    stage: Some(Stage::PppAuth),
    docs: include_str!("ad_certificate_missing.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let mut verdict = Several::of(Subject::ClientVpn);
    for entry in cx.domain_controllers(out) {
        let called = entry.value.called();
        let Some(certificate) = verdict.known(&entry.value.certificate, || format!("{called} states no `certificate`")) else { continue };
        let faults = certificate.value.faults(cx.as_of);
        for fault in &faults {
            let finding = finding(out, entry, fault);
            verdict.violated(out, finding);
        }
        match certificate.value.unknown() {
            _ if !faults.is_empty() => {}
            Some(Ok(key)) => verdict.undecided(format!("the certificate of {called} states no `{key}`")),
            Some(Err(why)) => verdict.undecided(why.to_owned()),
            None => verdict.holds(),
        }
    }
    verdict.finish(cx, out);
}

fn finding(out: &Out<'_>, entry: &Spanned<ActiveDirectoryServer>, fault: &CertificateFault<'_>) -> Finding {
    let called = entry.value.called();
    let (message, label) = match fault {
        CertificateFault::None(_) => (format!("{called} has no certificate for TLS"), "no certificate".to_owned()),
        CertificateFault::Expired(day) => (format!("the certificate of {called} has expired"), format!("expired after {}", day.value)),
        CertificateFault::NotYet(day) => (format!("the certificate of {called} is not valid yet"), format!("valid from {}", day.value)),
        CertificateFault::NotForServers(_) => {
            (format!("the certificate of {called} is not made for servers"), "not for server authentication".to_owned())
        }
    };
    let finding = out.finding(message).label(entry.value.host.span().unwrap_or(entry.span), "checks users over TLS");
    let help = "install a certificate for server authentication that is valid today on the domain controller, and restart its directory service: the MX asks it over TLS";
    finding.label(fault.span(), label).help(help)
}
