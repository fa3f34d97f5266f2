//! More devices share one user than the MX lets in at a time.

use crate::model::accounts::{Account, accounts, devices};
use crate::model::{AuthType, User};
use crate::rules::prelude::*;
use crate::rules::several::Several;

/// See the page.
pub static RULE: Rule = Rule {
    id: "sessions-per-user",
    level: Level::Warning,
    stage: Some(Stage::PppAuth),
    docs: include_str!("sessions_per_user.md"),
    check,
    ..Rule::USUAL
};

fn check(cx: &Context<'_>, out: &mut Out<'_>) {
    let Some(section) = cx.section(out, Subject::ClientVpn) else { return };
    let (vpn, clients) = (&section.value, &cx.site.clients[..]);
    // The Dashboard's users are not asked where a server checks users.
    let elsewhere = matches!(vpn.auth_type.value(), Some(AuthType::Radius | AuthType::ActiveDirectory));
    let users = if elsewhere { &[][..] } else { vpn.users.items() };
    let all = accounts(users, clients);
    let mut verdict = Several::of(Subject::ClientVpn);
    let hidden = clients.iter().find_map(|c| c.user.opaque()).or_else(|| vpn.users.opaque().filter(|_| !elsewhere));
    let mut counts = users.iter().map(|u| &u.value.device_count).chain(clients.iter().map(|c| &c.device_count));
    let named = !all.is_empty() || hidden.is_some();
    if let Some(o) = hidden.or_else(|| counts.find_map(Field::opaque)).filter(|_| named) {
        verdict.undecided(o.reason.to_string());
    }
    let (limit, written) = match vpn.session_limit(section.span) {
        Ok(limit) => limit,
        Err(why) => {
            if named {
                out.undecided(Subject::ClientVpn, why.to_owned());
            }
            return;
        }
    };
    for account in all.iter().filter(|a| !a.is_barred()) {
        let wanted = account.devices();
        if wanted <= u64::from(limit.value) {
            verdict.holds();
            continue;
        }
        let whose = if account.name.is_empty() { "one user".to_owned() } else { format!("the user `{}`", account.name) };
        let default = if written { "" } else { " (Dashboard default)" };
        let message = format!("{wanted} devices share {whose}, who may have {} sessions at a time{default}", limit.value);
        let finding = labels(account, out.finding(message));
        let label =
            if written { format!("{} sessions a user", limit.value) } else { format!("Dashboard default: {} sessions", limit.value) };
        let help = "give people accounts of their own, or ask Meraki Support for more sessions and write `max_sessions_per_user`";
        verdict.violated(out, finding.label(limit.span, label).help(help));
    }
    verdict.finish(cx, out);
}

/// The profiles with the most devices, then the user's own entry.
fn labels(account: &Account<'_>, mut finding: Finding) -> Finding {
    let mut profiles = account.profiles.clone();
    profiles.sort_by_key(|c| std::cmp::Reverse(devices(&c.device_count)));
    for client in profiles.into_iter().take(4) {
        let span = client.user.span().unwrap_or(client.name.span);
        let many = devices(&client.device_count);
        finding = finding.label(span, if many == 1 { "this user, one device".to_owned() } else { format!("this user, {many} devices") });
    }
    let entry = account.entries.iter().max_by_key(|u| devices(&u.device_count));
    let place = |user: &User| user.device_count.span().or(user.email.span());
    finding.label_at(entry.and_then(|u| place(u)), "the user's entry")
}
