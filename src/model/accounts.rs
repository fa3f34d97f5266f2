//! Who a user is: how names are written, who is authorised, and how many devices share one account.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Client, ClientVpn, Day, Field, Host, User, UsernameFormat};
use crate::source::{Span, Spanned};

/// Sessions of one user at a time: what the Dashboard allows without Support's help (the article's "maximum sessions per user").
pub const MAX_SESSIONS: u32 = 5;

/// Whether a user name is an e-mail address with a domain of two labels or more.
pub fn is_email(name: &str) -> bool {
    let Some((local, domain)) = name.split_once('@') else { return false };
    let odd = |c: char| c.is_whitespace() || c.is_control() || "\\\"(),:;<>[]@".contains(c);
    !local.is_empty()
        && !local.contains(odd)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && domain.contains('.')
        && !domain.ends_with('.')
        && matches!(Host::parse(domain), Some(Host::Name(_)))
}

/// Whether a user name is written `DOMAIN\user`.
pub fn is_down_level(name: &str) -> bool {
    name.split_once('\\').is_some_and(|(domain, user)| !domain.trim().is_empty() && !user.trim().is_empty() && !user.contains('\\'))
}

/// Whether a user name is written `user@domain`.
pub fn is_upn(name: &str) -> bool {
    name.rsplit_once('@').is_some_and(|(user, domain)| !user.trim().is_empty() && !domain.trim().is_empty())
}

impl UsernameFormat {
    /// Whether a name is written like this.
    pub fn fits(self, name: &str) -> bool {
        match self {
            Self::Email | Self::Upn => is_upn(name) && !is_down_level(name),
            Self::DownLevel => is_down_level(name),
            Self::Any => true,
        }
    }

    /// The form, for messages.
    pub const fn form(self) -> &'static str {
        match self {
            Self::Email | Self::Upn => "user@domain",
            Self::DownLevel => r"DOMAIN\user",
            Self::Any => "any form",
        }
    }
}

/// Names are compared without regard to case.
fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The users of Meraki authentication by name.
pub struct Accounts<'a> {
    by_name: HashMap<String, Vec<&'a User>>,
    /// Why a user may be among them all the same.
    pub unnamed: Option<&'a str>,
}

/// Whether a listed user may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission<'a> {
    /// Authorised.
    Yes,
    /// Not authorised; the place that says so.
    No(Span),
    /// The authorisation has ended; its last day.
    Ended(&'a Spanned<Day>),
    /// Not to be decided, for want of this.
    Unknown(Cow<'a, str>),
}

impl<'a> Accounts<'a> {
    /// Of a list of users.
    pub fn of(users: &'a [Spanned<User>]) -> Self {
        let mut accounts = Self { by_name: HashMap::new(), unnamed: None };
        for user in users {
            match &user.value.email {
                Field::Known(email) => accounts.by_name.entry(key(&email.value)).or_default().push(&user.value),
                Field::Opaque(o) => accounts.unnamed = accounts.unnamed.or(Some(&o.reason)),
                Field::Absent => accounts.unnamed = accounts.unnamed.or(Some("a user of `client_vpn.users` states no `email`")),
            }
        }
        accounts
    }

    /// The entries of a user; more than one where the list names the user again.
    pub fn entries(&self, name: &str) -> &[&'a User] {
        self.by_name.get(&key(name)).map_or(&[], Vec::as_slice)
    }
}

impl User {
    /// Whether the user may connect on a day, `YYYY-MM-DD`. On the last day of the authorisation: yes.
    pub fn admission(&self, as_of: &str) -> Admission<'_> {
        if let Some(last) = self.expires_at.known().filter(|last| last.value.is_before(as_of)) {
            return Admission::Ended(last);
        }
        match (&self.authorized, &self.expires_at) {
            (Field::Known(yes), _) if !yes.value => Admission::No(yes.span),
            (Field::Opaque(o), _) | (_, Field::Opaque(o)) => Admission::Unknown((&*o.reason).into()),
            (Field::Absent, _) => Admission::Unknown("the user's entry states no `authorized`".into()),
            (Field::Known(_), _) => Admission::Yes,
        }
    }
}

/// Whether all entries of a user agree, and on what.
pub fn admission<'a>(entries: &[&'a User], as_of: &str) -> Admission<'a> {
    let mut all = entries.iter().map(|user| user.admission(as_of));
    let Some(first) = all.next() else { return Admission::Unknown("the user is not listed".into()) };
    let kind = |a: &Admission<'_>| match a {
        Admission::Yes => Some(true),
        Admission::No(_) | Admission::Ended(_) => Some(false),
        Admission::Unknown(_) => None,
    };
    for other in all {
        match (kind(&first), kind(&other)) {
            (Some(a), Some(b)) if a != b => {
                return Admission::Unknown("`client_vpn.users` lists the user twice, once authorised and once not".into());
            }
            (_, None) => return other,
            _ => {}
        }
    }
    first
}

/// Machines of a user or a client: who states no number counts one; what is opaque counts nothing here.
pub fn devices(count: &Field<u32>) -> u64 {
    match count {
        Field::Known(n) => u64::from(n.value),
        Field::Absent => 1,
        Field::Opaque(_) => 0,
    }
}

/// One account: where it is listed, and the profiles that name it.
pub struct Account<'a> {
    /// Its name, as first written.
    pub name: &'a str,
    /// Its entries among the users.
    pub entries: Vec<&'a User>,
    /// The clients that name it.
    pub profiles: Vec<&'a Client>,
}

impl Account<'_> {
    /// Its machines: the largest number among its entries, or the sum over the clients when that is larger.
    pub fn devices(&self) -> u64 {
        let listed = self.entries.iter().map(|u| devices(&u.device_count)).max();
        listed.unwrap_or(0).max(self.profiles.iter().map(|c| devices(&c.device_count)).sum())
    }

    /// Whether every entry says that it may not connect.
    pub fn is_barred(&self) -> bool {
        !self.entries.is_empty() && self.entries.iter().all(|u| u.authorized.value() == Some(&false))
    }
}

/// Every account that is listed or that a client names, in the order of the input.
pub fn accounts<'a>(users: &'a [Spanned<User>], clients: &'a [Client]) -> Vec<Account<'a>> {
    let (mut all, mut of_name) = (Vec::<Account<'a>>::new(), HashMap::new());
    let mut at = |all: &mut Vec<Account<'a>>, name: &'a str| {
        *of_name.entry(key(name)).or_insert_with(|| {
            all.push(Account { name, entries: Vec::new(), profiles: Vec::new() });
            all.len() - 1
        })
    };
    for user in users {
        match user.value.email.value() {
            Some(email) => {
                let n = at(&mut all, email);
                all[n].entries.push(&user.value);
            }
            None => all.push(Account { name: "", entries: vec![&user.value], profiles: Vec::new() }),
        }
    }
    for client in clients {
        if let Some(user) = client.user_name() {
            let n = at(&mut all, &user.value);
            all[n].profiles.push(client);
        }
    }
    all
}

impl Client {
    /// The user that the profile states; an empty text states none.
    pub fn user_name(&self) -> Option<&Spanned<String>> {
        self.user.known().filter(|user| !user.value.trim().is_empty())
    }
}

impl ClientVpn {
    /// Sessions that one user may have; `header` is the section's. Whether the number is written, too.
    pub fn session_limit(&self, header: Span) -> Result<(Spanned<u32>, bool), &str> {
        match &self.max_sessions_per_user {
            Field::Known(limit) => Ok((*limit, true)),
            Field::Absent => Ok((Spanned::new(MAX_SESSIONS, header), false)),
            Field::Opaque(o) => Err(&o.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_has_a_name_and_a_domain() {
        for good in ["ann@example.com", "a.b+c@mail.example.co.jp", "Ann@Example.COM", "\u{e9}va@example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "ann",
            "ann@corp",
            r"CORP\ann",
            r"CORP\ann@example.com",
            " ann@example.com",
            "ann@example.com ",
            "ann@@example.com",
            "ann@bob@example.com",
            "@example.com",
            "ann@",
            "ann@192.0.2.1",
            "ann@example.com.",
            "ann.@example.com",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_domain_stands_on_either_side() {
        assert!(UsernameFormat::DownLevel.fits(r"CORP\ann") && UsernameFormat::Upn.fits("ann@corp"));
        for bare in ["ann", r"\ann", r"CORP\", "CORP/ann", "@corp", "ann@", r"A\B\c"] {
            assert!(!UsernameFormat::DownLevel.fits(bare) && !UsernameFormat::Email.fits(bare), "{bare}");
        }
    }
}
