//! Inputs that several rules want: each is handed over, or "undecided" is written with what is missing.

use ipnet::Ipv4Net;

use super::{Context, Out, Subject};
use crate::model::{Client, ClientVpn, Field, Host, Part, RemarkKind, ServerIs};
use crate::source::Spanned;

impl<'a> Context<'a> {
    /// The client VPN section; nothing is written when the site has none.
    pub fn section(&self, out: &mut Out<'_>, subject: Subject) -> Option<&'a Spanned<ClientVpn>> {
        match &self.site.client_vpn {
            Field::Known(vpn) => return Some(vpn),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent => {}
        }
        None
    }

    /// The client VPN subnet; nothing is written when the site has no client VPN section.
    pub fn pool(&self, out: &mut Out<'_>, subject: Subject) -> Option<&'a Spanned<Ipv4Net>> {
        match &self.section(out, subject)?.value.subnet {
            Field::Known(pool) => return Some(pool),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent => out.undecided(subject, "the site file states no `client_vpn.subnet`"),
        }
        None
    }

    /// A client's server and what it is to the MX.
    pub fn server(&self, out: &mut Out<'_>, subject: Subject, client: &'a Client) -> Option<(&'a Spanned<Host>, ServerIs)> {
        match &client.server {
            Field::Known(server) => return self.site.server_of(client).map(|is| (server, is)),
            Field::Opaque(o) => out.undecided(subject, o.reason.to_string()),
            Field::Absent => out.undecided(subject, "the client states no `server`"),
        }
        None
    }

    /// One finding for each remark of a kind about a client's profile. A client whose profile was read, with nothing of the kind, holds.
    pub fn report_remarks(&self, out: &mut Out<'_>, kind: RemarkKind) {
        for (subject, client) in self.clients() {
            let mut remarks = client.remarks.iter().filter(|r| r.kind == kind).peekable();
            if remarks.peek().is_none() && client.format.is_some() {
                self.holds_in(out, &[subject.part()], subject);
            }
            for remark in remarks {
                let finding = out.finding(format!("the profile of client `{}` {}", client.name.value, remark.what));
                out.violated(subject, finding.label(remark.span, remark.label).help(remark.help.clone()));
            }
        }
    }

    /// Proved, unless part of the input is broken: for proofs by what is not there.
    pub fn holds_whole(&self, out: &mut Out<'_>, subject: Subject) {
        self.holds_in(out, &subject.rests_on(), subject);
    }

    /// The same for a proof that rests on these parts of the input alone.
    pub fn holds_in(&self, out: &mut Out<'_>, parts: &[Part], subject: Subject) {
        match self.site.gap(parts) {
            Some(gap) => out.undecided(subject, gap.reason.clone()),
            None => out.holds(subject),
        }
    }
}
