//! The client VPN subnet has fewer addresses than there are devices.

use ipnet::Ipv4Net;

use crate::model::User;
use crate::model::accounts::{accounts, devices};
use crate::rules::prelude::*;

/// See the page.
pub static RULE: Rule = Rule {
    id: "pool-exhausted",
    level: Level::Warning,
    stage: Some(Stage::Address),
    docs: include_str!("pool_exhausted.md"),
    check,
    ..Rule::USUAL
};

/// Addresses for clients: the subnet's hosts less one for the MX. A /31 or /32 has none.
const fn usable(pool: Ipv4Net) -> u64 {
    (1_u64 << (32 - pool.prefix_len())).saturating_sub(3)
}

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let subject = Subject::ClientVpn;
    let Some(vpn) = cx.site.client_vpn.value() else { return };
    if vpn.users.is_absent() && cx.site.clients.is_empty() {
        return; // nobody is described
    }
    let Some(pool) = cx.pool(out, subject) else { return };
    let users: Vec<&User> = vpn.users.items().iter().map(|u| &u.value).filter(|u| may_connect(u, cx.as_of)).collect();
    let (usable, needed) = (usable(pool.value), needed(vpn.users.items(), &cx.site.clients, cx.as_of));
    if needed > usable {
        let addresses = counted(usable, "address", "addresses");
        let message =
            format!("the client VPN subnet has {addresses} for clients, and {} may want one", counted(needed, "device", "devices"));
        let mut finding = out.finding(message).label(pool.span, format!("{addresses} for clients"));
        finding = match vpn.users.known() {
            Some(users) if !users.value.is_empty() => finding.label(users.span, "users and their devices"),
            _ => finding,
        };
        // The clients with the most devices say it best.
        let mut clients: Vec<_> = cx.site.clients.iter().collect();
        clients.sort_by_key(|c| std::cmp::Reverse(devices(&c.device_count)));
        for client in clients.into_iter().take(3) {
            let own = counted(devices(&client.device_count), "device", "devices");
            finding = finding.label(client.device_count.span().unwrap_or(client.name.span), own);
        }
        let help = "choose a larger subnet under Security & SD-WAN > Configure > Client VPN > Subnet";
        out.violated(subject, finding.help(help));
        return;
    }
    let mut counts = users.iter().map(|u| &u.device_count).chain(cx.site.clients.iter().map(|c| &c.device_count));
    let unsure = || users.iter().find_map(|u| u.authorized.opaque().or_else(|| u.expires_at.opaque()));
    match vpn.users.opaque().or_else(|| counts.find_map(Field::opaque)).or_else(unsure) {
        Some(o) => out.undecided(subject, o.reason.to_string()),
        None => cx.holds_in(out, &[Part::ClientVpn, Part::Clients], subject),
    }
}

fn counted(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// Authorised, as far as is known, and not expired.
fn may_connect(user: &User, as_of: &str) -> bool {
    user.authorized.value() != Some(&false) && !user.expires_at.value().is_some_and(|day| day.is_before(as_of))
}

/// Devices over the users who may connect, or over the clients when these are more: at the least, for what is opaque counts nothing.
fn needed(users: &[Spanned<User>], clients: &[Client], as_of: &str) -> u64 {
    let by_clients: u64 = clients.iter().map(|c| devices(&c.device_count)).sum();
    let surely = |u: &&User| u.authorized.opaque().is_none() && u.expires_at.opaque().is_none() && may_connect(u, as_of);
    let listed = accounts(users, clients).into_iter().filter(|a| a.entries.iter().any(surely));
    listed.map(|a| a.devices()).sum::<u64>().max(by_clients)
}

#[cfg(test)]
mod tests {
    use super::usable;

    #[test]
    fn the_mx_takes_one_host() {
        let all = ["10.0.0.0/24", "10.0.0.0/29", "10.0.0.0/30", "10.0.0.0/31", "10.0.0.0/32", "0.0.0.0/0"];
        assert_eq!(all.map(|n| usable(n.parse().unwrap())), [253, 5, 1, 0, 0, (1 << 32) - 3]);
    }
}
