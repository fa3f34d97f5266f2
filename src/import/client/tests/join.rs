use super::*;
use crate::model::{Host, Key, KeyOrigin, Os};

fn at(n: u32) -> Span {
    Span::new(n, n + 1)
}

fn host(name: &str, n: u32) -> Field<Host> {
    Field::known_at(Host::Name(name.to_owned()), at(n))
}

fn key(text: &str, n: u32) -> Field<Key> {
    Field::known_at(Key { secret: Secret::new(text), origin: KeyOrigin::Elsewhere }, at(n))
}

fn joined(inline: &Client, theirs: Client) -> (Client, Vec<Problem>) {
    let mut problems = Vec::new();
    let client = join(inline, Profile { client: theirs }, Spanned::new("laptops".to_owned(), at(9)), &mut problems);
    (client, problems)
}

#[test]
fn the_table_completes_the_profile() {
    let inline = Client { os: Field::known_at(Os::MacOs, at(1)), ..Client::default() };
    let theirs = Client { server: host("vpn.example.com", 50), format: Some("mobileconfig"), profile: Some(at(40)), ..Client::default() };
    let (client, problems) = joined(&inline, theirs);
    assert_eq!(client.os.value(), Some(&Os::MacOs));
    assert_eq!(client.server.span(), Some(at(50)));
    assert_eq!((client.format, client.profile, client.name.span), (Some("mobileconfig"), Some(at(40)), at(9)));
    assert!(problems.is_empty());
}

#[test]
fn that_strongswan_adds_proposals_is_no_difference() {
    let list = |text: &str, n: u32| Client { ike: facts::open_proposals(text, Span::new(n, n + text.len() as u32)), ..Client::default() };
    let table = |text: &str| Client { ike: facts::proposals(text, at(1)), ..Client::default() };
    let (client, problems) = joined(&table("aes128-sha1-modp2048"), list("aes128-sha1-modp2048", 60));
    assert!(problems.is_empty());
    assert_eq!(client.ike.items().len(), 1);
    assert_eq!(joined(&table("aes128-sha1-modp2048"), list("aes256-sha1-modp2048", 60)).1.len(), 1);
}

#[test]
fn what_differs_is_drift_and_the_tables_word_counts() {
    let inline = Client { server: host("a.example", 1), pre_shared_key: key("CANARY-1", 2), ..Client::default() };
    let theirs = Client { server: host("b.example", 51), pre_shared_key: key("CANARY-2", 52), ..Client::default() };
    let (client, problems) = joined(&inline, theirs);
    assert_eq!((client.server.span(), client.pre_shared_key.span()), (Some(at(1)), Some(at(2))));
    let seen: Vec<_> = problems.iter().map(|p| (p.kind, p.span, p.related[0].0, p.message.as_str())).collect();
    assert_eq!(
        seen,
        [
            (ProblemKind::Drift, at(1), at(51), "`server` of client `laptops` is not what its profile says"),
            (ProblemKind::Drift, at(2), at(52), "`pre_shared_key` of client `laptops` is not what its profile says"),
        ]
    );
    assert!(!format!("{problems:?}").contains("CANARY"));
}

#[test]
fn what_is_alike_is_no_drift() {
    let list = |items: &[&str], n| Field::known_at(items.iter().map(|i| Spanned::new(i.parse().unwrap(), at(n))).collect(), at(n));
    let inline = Client {
        server: host("VPN.example.com", 1),
        pre_shared_key: key("CANARY", 2),
        dns_nameservers: list(&["10.0.0.1", "10.0.0.2"], 3),
        ..Client::default()
    };
    let theirs = Client {
        server: host("vpn.example.com", 51),
        pre_shared_key: key("CANARY", 52),
        dns_nameservers: list(&["10.0.0.2", "10.0.0.1"], 53),
        ..Client::default()
    };
    assert!(joined(&inline, theirs).1.is_empty());
}

#[test]
fn an_inline_value_that_is_not_known_counts_too() {
    let inline =
        Client { pre_shared_key: Field::opaque_at(at(1), "the environment variable `VPNLINT_PSK` is not set"), ..Client::default() };
    let (client, problems) = joined(&inline, Client { pre_shared_key: key("CANARY", 50), ..Client::default() });
    assert!(client.pre_shared_key.opaque().is_some());
    // Whether they agree is not known either.
    assert_eq!(problems.iter().map(|p| p.kind).collect::<Vec<_>>(), [ProblemKind::DriftUnknown]);
}

#[test]
fn a_profile_that_was_not_read_leaves_what_the_table_says() {
    let mut client = Client { server: host("vpn.example.com", 1), ..Client::default() };
    nothing_known(&mut client, at(7));
    assert!(client.server.known().is_some());
    assert!(client.pre_shared_key.opaque().is_some() && client.routes.opaque().is_some() && client.authentication.opaque().is_some());
    assert!(client.os.is_absent() && client.device_count.is_absent());
}
