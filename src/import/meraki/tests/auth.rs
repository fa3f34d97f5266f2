use super::*;

fn user_list(text: &str) -> (List<User>, Ledger) {
    let (mut session, id, _folder) = session(&[("users.json", text)]);
    let mut ledger = Ledger::default();
    let list = users(&mut session, id, &spec("users.json"), Span::new(0, 7), &mut ledger);
    (list, ledger)
}

#[test]
fn users_are_authorized_where_the_account_says_so() {
    let text = r#"[{"id":"a","email":"a@example.com","accountType":"Client VPN","authorizations":[{"authorizedZone":"Kobe","expiresAt":"2027-03-31T00:00:00.09Z"},{"expiresAt":"2027-01-01"}]},
        {"email":"b@example.com","accountType":"Client VPN","authorizations":[{"expiresAt":"Never"}]},
        {"email":"c@example.com","accountType":"Client VPN","authorizations":[]},
        {"email":"d@example.com","accountType":"Guest","authorizations":[{"ssidNumber":0,"authorizedZone":"Store","expiresAt":"2027-03-31"}]},
        {"email":"e@example.com","accountType":"802.1X","authorizations":[{"authorizedZone":"Client VPN","expiresAt":null}]},
        {"email":"f@example.com","accountType":"Client VPN"}]"#;
    let (list, ledger) = user_list(text);
    assert_eq!(ledger.problems, []);
    let of = |n: usize| &list.items()[n].value;
    assert_eq!((v(&of(0).authorized), v(&of(0).expires_at).to_string()), (true, "2027-03-31".to_owned()));
    assert!(v(&of(1).authorized) && of(1).expires_at.is_absent());
    assert!(!v(&of(2).authorized));
    assert!(of(3).authorized.opaque().is_some());
    assert!(v(&of(4).authorized) && of(5).authorized.is_absent());
    for broken in [r#"{"error":"x"}"#, "[{", "7", VLANS] {
        assert!(user_list(broken).0.opaque().is_some(), "{broken}");
    }
}
