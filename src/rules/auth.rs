//! What rules about authentication start from: who checks users, which servers count, which user a client states.

use super::{Context, Out, Subject};
use crate::model::{ActiveDirectoryServer, AuthType, Client, Field, List, RadiusServer, User};
use crate::source::Spanned;

/// What is missing where the site file does not list the users.
const NO_USERS: &str = "the site file states no `client_vpn.users`";
/// What is missing where the site file does not say who checks users.
const NO_AUTH_TYPE: &str = "the site file states no `auth_type`";

impl<'a> Context<'a> {
    /// The user of a client, and who checks it, when that is one of `wanted`; else nothing is written. What is missing makes "undecided".
    pub fn user_under(
        &self,
        out: &mut Out<'_>,
        subject: Subject,
        client: &'a Client,
        wanted: &[AuthType],
    ) -> Option<(&'a Spanned<String>, &'a Spanned<AuthType>)> {
        let vpn = &self.section(out, subject)?.value;
        let auth = match &vpn.auth_type {
            Field::Known(auth) if wanted.contains(&auth.value) => auth,
            Field::Known(_) => return None,
            _ if client.user.is_absent() => return None,
            Field::Opaque(o) => {
                out.undecided(subject, o.reason.to_string());
                return None;
            }
            Field::Absent => {
                out.undecided(subject, NO_AUTH_TYPE);
                return None;
            }
        };
        match (client.user_name(), client.user.opaque()) {
            (Some(user), _) => return Some((user, auth)),
            (None, Some(o)) => out.undecided(subject, o.reason.to_string()),
            (None, None) => out.undecided(subject, "the client states no `user`"),
        }
        None
    }

    /// The users of client VPN; when nobody states them, the subject is undecided.
    pub fn listed_users(&self, out: &mut Out<'_>, subject: Subject) -> Option<&'a Spanned<Vec<Spanned<User>>>> {
        let listed = &self.site.client_vpn.value()?.users;
        if listed.known().is_none() {
            out.undecided(subject, listed.opaque().map_or(NO_USERS, |o| &*o.reason).to_owned());
        }
        listed.known()
    }

    /// The RADIUS servers, when they check users.
    pub fn radius_servers(&self, out: &mut Out<'_>) -> &'a [Spanned<RadiusServer>] {
        let list = self.site.client_vpn.value().map(|vpn| &vpn.radius_servers);
        self.servers(out, list, AuthType::Radius, "the site file states no `radius_servers`")
    }

    /// The domain controllers, when they check users.
    pub fn domain_controllers(&self, out: &mut Out<'_>) -> &'a [Spanned<ActiveDirectoryServer>] {
        let list = self.site.client_vpn.value().map(|vpn| &vpn.active_directory_servers);
        self.servers(out, list, AuthType::ActiveDirectory, "the site file states no `active_directory_servers`")
    }

    fn servers<T>(&self, out: &mut Out<'_>, list: Option<&'a List<T>>, wanted: AuthType, missing: &'static str) -> &'a [Spanned<T>] {
        const SUBJECT: Subject = Subject::ClientVpn;
        let (Some(section), Some(list)) = (self.section(out, SUBJECT), list) else { return &[] };
        let listed = list.opaque().is_some() || !list.items().is_empty();
        match (&section.value.auth_type, list) {
            (Field::Known(auth), _) if auth.value != wanted => {}
            (Field::Known(_), Field::Known(servers)) => return &servers.value,
            (Field::Known(_), Field::Absent) => out.undecided(SUBJECT, missing),
            (Field::Known(_), Field::Opaque(o)) => out.undecided(SUBJECT, o.reason.to_string()),
            (Field::Opaque(o), _) if listed => out.undecided(SUBJECT, o.reason.to_string()),
            (Field::Absent, _) if listed => out.undecided(SUBJECT, NO_AUTH_TYPE),
            _ => {}
        }
        &[]
    }
}
