//! The users of Meraki authentication (`networks/{networkId}/merakiAuthUsers`).

use super::object::{Obj, place, rows, wrong};
use crate::model::{Day, Field, List, User};
use crate::tree::decode::Cx;
use crate::tree::{Kind, Node};

/// The users of one body.
pub fn read(node: &Node<'_>, cx: &mut Cx<'_>) -> List<User> {
    rows(node, "a list of users", cx, |o, cx| Some(user(o, cx)))
}

fn user(o: Obj<'_, '_>, cx: &mut Cx<'_>) -> User {
    let mut user = User { email: o.text("email", cx), ..User::default() };
    let Some(list) = o.get("authorizations") else {
        user.authorized = o.flag("isAuthorized|authorized", cx);
        return user;
    };
    let Some(items) = list.items() else {
        user.authorized = wrong(list, "a list of authorizations", cx);
        return user;
    };
    let here = place(list);
    let zone = |i: &&Node<'_>| {
        i.entries().and_then(|e| Obj(e).peek("authorizedZone")).is_some_and(|z| z.trim().eq_ignore_ascii_case("client vpn"))
    };
    let vpn_account = o.peek("accountType").is_some_and(|t| t.trim().eq_ignore_ascii_case("client vpn"));
    let zoned: Vec<&Node<'_>> = items.iter().filter(zone).collect();
    // An account of another type may have an authorization for client VPN, if its zone says so.
    let counted = if zoned.is_empty() && vpn_account { items.iter().collect() } else { zoned };
    if items.is_empty() {
        user.authorized = Field::known_at(false, here);
    } else if counted.is_empty() {
        user.authorized = Field::opaque_at(here, "the account is of another type, and its authorizations do not name client VPN");
    } else {
        user.authorized = Field::known_at(true, here);
        user.expires_at = latest(&counted);
    }
    user
}

/// The last day of the longest authorization; absent when one has no end.
fn latest(authorizations: &[&Node<'_>]) -> Field<Day> {
    let mut last = Field::Absent;
    for entries in authorizations.iter().filter_map(|a| a.entries()) {
        let Some(node) = Obj(entries).get("expiresAt") else { return Field::Absent };
        let text = match &node.kind {
            Kind::Str(s) | Kind::Date(s) => s.trim(),
            _ => "",
        };
        if text.is_empty() || text.eq_ignore_ascii_case("never") {
            return Field::Absent;
        }
        let Some(day) = Day::parse(text) else {
            return Field::opaque_at(place(node), "the day on which an authorization ends is not understood");
        };
        if last.value().is_none_or(|l| *l < day) {
            last = Field::known_at(day, place(node));
        }
    }
    last
}
