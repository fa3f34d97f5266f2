//! Keys that stand where a device does not look: the profile then has no shared secret, or no server.

use super::{Dict, Written};
use crate::model::{Remark, RemarkKind, TunnelType};
use crate::source::{Problem, ProblemKind};
use crate::tree::{Entry, Kind};

/// Where a server is seen to stand, outside of `PPP`.
const SERVERS: [&[&str]; 6] = [
    &["CommRemoteAddress"],
    &["RemoteAddress"],
    &["ServerAddress"],
    &["L2TP", "CommRemoteAddress"],
    &["L2TP", "RemoteAddress"],
    &["IPSec", "RemoteAddress"],
];

impl Dict<'_, '_, '_> {
    /// Says what of an L2TP payload's server, user and secret stands where the device does not look, and nowhere else.
    pub(super) fn misplaced(&mut self, kind: Option<TunnelType>) {
        if kind != Some(TunnelType::L2tp) || self.kind != Written::Payload {
            return;
        }
        self.misplaced_secret();
        if self.entry(&["PPP", "CommRemoteAddress"]).is_none()
            && let Some(entry) = SERVERS.iter().find_map(|path| self.entry(path))
        {
            let what = "names its server under a key that L2TP does not read";
            let help = "an L2TP payload has its server as `CommRemoteAddress` in the dictionary `PPP`";
            self.remarks.push(Remark::new(RemarkKind::Refused, entry.key_span, what, "not read here", help));
        }
        if self.entry(&["PPP", "AuthName"]).is_none()
            && let Some(entry) = self.entry(&["AuthName"])
        {
            let message = "`AuthName` stands where the device does not look for it";
            let problem = Problem::new(ProblemKind::UnknownKey, entry.key_span, message, "not read here");
            self.problems.push(problem.help("an L2TP payload has it as `AuthName` in the dictionary `PPP`"));
        }
    }

    fn misplaced_secret(&mut self) {
        let by_certificate = self.entry(&["IPSec", "AuthenticationMethod"]).is_some_and(|e| e.value.text() != Some("SharedSecret"));
        if by_certificate || self.entry(&["IPSec", "SharedSecret"]).is_some() {
            return;
        }
        let entries = self.node.entries().unwrap_or_default();
        let inner = entries.iter().flat_map(|e| e.value.entries().unwrap_or_default());
        for entry in entries.iter().chain(inner).filter(|e| is_secret(e)) {
            let what = "holds its shared secret under a key that L2TP does not read";
            let help = "move it to the dictionary `IPSec`, as `SharedSecret`; until then the device has no key, and asks its user for one";
            self.remarks.push(Remark::new(RemarkKind::SecretMisplaced, entry.key_span, what, "not read here", help));
        }
    }
}

/// Whether an entry is a shared secret under any name that is seen for one.
fn is_secret(entry: &Entry<'_>) -> bool {
    let filled = matches!(&entry.value.kind, Kind::Str(text) | Kind::Data(text) if !text.trim().is_empty());
    let name = entry.key.to_ascii_lowercase().replace(['-', '_', ' '], "");
    filled && matches!(&*name, "sharedsecret" | "presharedkey" | "psk" | "l2tppsk" | "ipsecsharedsecret")
}
