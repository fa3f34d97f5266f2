//! How files that complete profiles find them.

use super::*;
use crate::import::client::complete::Completed;

/// The profiles of an import of these files, as `name server key user protocols`, and the keys of what differs.
fn together(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let mut pool = Pool::default();
    let mut base = 0;
    for (path, text) in files {
        let format = crate::import::detect::detect(path, text).unwrap_or_else(|| panic!("{path}"));
        let (profiles, mut notes) = read(format, text, base).unwrap();
        base += text.len() as u32 + 1;
        pool.add(path, profiles, std::mem::take(&mut notes.completions));
    }
    let mut problems = Vec::new();
    let clients: Vec<Client> = match pool.complete(&mut problems) {
        Completed::Profiles(profiles) => profiles.into_iter().map(|p| p.client).collect(),
        Completed::Additions(client) => vec![*client],
    };
    let keys = ["CANARY-1", "CANARY-2"];
    let shown = |c: &Client| {
        let key = match &c.pre_shared_key {
            Field::Known(k) => keys.iter().find(|k2| k.value.secret.same_as(&Secret::new(**k2))).copied().unwrap_or("another"),
            Field::Opaque(_) => "?",
            Field::Absent => "-",
        };
        let server = c.server.value().map_or_else(|| "-".to_owned(), ToString::to_string);
        let user = c.user.value().map_or("-", String::as_str);
        let pap = c.authentication.value().map_or("-", |l| if l.iter().any(|p| p.value == Authentication::Pap) { "pap" } else { "no-pap" });
        format!("{} {server} {key} {user} {pap}", c.name.value)
    };
    (clients.iter().map(shown).collect(), problems.into_iter().map(|p| p.message).collect())
}

const CONF: &str = "conn a\n  type=transport\n  authby=secret\n  right=a.example.com\n  rightprotoport=17/1701\n";
const TWO: &str = "conn a\n  type=transport\n  right=a.example.com\n  rightprotoport=17/1701\nconn b\n  type=transport\n  right=b.example.com\n  rightprotoport=17/1701\n";
const LACS: &str =
    "[lac x]\nlns = b.example.com\npppoptfile = /etc/ppp/options.b\n[lac y]\nlns = a.example.com\npppoptfile = /etc/ppp/options.a\n";
const OPTIONS_A: &str = "refuse-pap\nnoauth\nuser ann\n";
const OPTIONS_B: &str = "refuse-eap\nnoauth\nuser bob\n";

#[test]
fn four_files_are_one_profile() {
    let files = [
        ("ipsec.secrets", ": PSK \"CANARY-1\"\n"),
        ("options.a", OPTIONS_A),
        ("ipsec.conf", CONF),
        ("xl2tpd.conf", "[lac x]\nlns = a.example.com\npppoptfile = /etc/ppp/options.a\n"),
    ];
    assert_eq!(together(&files), (vec!["a a.example.com CANARY-1 ann no-pap".to_owned()], Vec::new()));
}

#[test]
fn each_profile_gets_what_is_its_own() {
    let secrets = "%any : PSK \"CANARY-1\"\n%any b.example.com : PSK \"CANARY-2\"\n";
    let files = [
        ("ipsec.conf", TWO),
        ("xl2tpd.conf", LACS),
        ("ppp/options.a", OPTIONS_A),
        ("ppp/options.b", OPTIONS_B),
        ("ipsec.secrets", secrets),
    ];
    let profiles = vec!["a a.example.com CANARY-1 ann no-pap".to_owned(), "b b.example.com CANARY-2 bob pap".to_owned()];
    assert_eq!(together(&files), (profiles, Vec::new()));
}

#[test]
fn what_differs_is_drift() {
    let (profiles, problems) =
        together(&[("c", CONF), ("x", "[lac x]\nlns = z.example.com\n"), ("s", "z.example.com : PSK \"CANARY-1\"\n")]);
    assert_eq!(profiles, ["a a.example.com CANARY-1 - -"]);
    assert_eq!(problems, ["two files of client `a` differ in its `server`"]);
    let (_, problems) = together(&[("c", CONF), ("s", ": PSK \"CANARY-1\"\n"), ("t", ": PSK \"CANARY-2\"\n")]);
    assert_eq!(problems, ["two files of client `a` differ in its `pre_shared_key`"]);
}

#[test]
fn what_is_anothers_is_left_alone() {
    let (profiles, problems) =
        together(&[("c", CONF), ("s", "y.example.com : PSK \"CANARY-1\"\nz.example.com : PSK \"CANARY-2\"\n"), ("x", LACS)]);
    assert_eq!((profiles, problems), (vec!["a a.example.com - - -".to_owned()], Vec::new()));
}

#[test]
fn refusals_of_several_files_add_up() {
    let lac = "[lac x]\nlns = a.example.com\nrefuse pap = yes\npppoptfile = o\n";
    let (profiles, problems) = together(&[("c", CONF), ("x", lac), ("o", OPTIONS_B)]);
    assert_eq!((profiles, problems), (vec!["a a.example.com - bob no-pap".to_owned()], Vec::new()));
}

#[test]
fn without_a_profile_they_say_what_they_say() {
    assert_eq!(together(&[("s", ": PSK \"CANARY-1\"\n"), ("o", OPTIONS_A)]).0, ["ipsec.secrets - CANARY-1 ann no-pap"]);
}
