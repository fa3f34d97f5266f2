//! `vpnlint explain`: symptoms, messages, stages; and the table of symptoms against the stages and rules that use it.

use std::collections::BTreeSet;

use vpnlint::rules::{Page, RULES, SYMPTOMS, Stage, symptom, symptoms_in};

use crate::support::{Site, vpnlint};

fn explain(what: &str) -> (i32, String, String) {
    let site = Site::new(&[("keep", "")]);
    let output = vpnlint(site.path(), &["explain", what]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn told(text: &str) -> Vec<&'static str> {
    symptoms_in(text).iter().map(|s| s.id).collect()
}

#[test]
fn every_symptom_of_a_stage_or_rule_is_in_the_table_with_that_stage() {
    for stage in Stage::ALL {
        assert!(!stage.symptoms().is_empty(), "{}", stage.word());
        for id in stage.symptoms() {
            let symptom = symptom(id).unwrap_or_else(|| panic!("stage {} uses the unknown symptom {id}", stage.word()));
            assert!(symptom.stages.contains(&stage), "{id} does not name stage {}", stage.word());
        }
    }
    for rule in RULES {
        for id in rule.symptoms {
            assert!(symptom(id).is_some(), "{} uses the unknown symptom {id}", rule.id);
        }
        assert!(rule.symptoms.is_empty() || rule.stages().next().is_some(), "{} has symptoms and no stage", rule.id);
    }
}

#[test]
fn every_symptom_has_what_explain_shows_and_its_phrases_find_it() {
    let mut ids = BTreeSet::new();
    for symptom in SYMPTOMS {
        assert!(ids.insert(symptom.id), "{} twice", symptom.id);
        assert!(symptom.means.len() > 80 && !symptom.no_file.is_empty() && !symptom.source.is_empty(), "{}", symptom.id);
        assert_eq!(told(symptom.id), [symptom.id]);
        for phrase in symptom.phrases {
            assert_eq!(told(phrase), [symptom.id], "{phrase}");
        }
        for other in symptom.see {
            assert!(vpnlint::rules::symptom(other).is_some_and(|o| o.id != symptom.id), "{} sees {other}", symptom.id);
        }
    }
}

#[test]
fn every_symptom_id_and_stage_is_explained() {
    for symptom in SYMPTOMS {
        let (code, shown, _) = explain(symptom.id);
        assert_eq!(code, 0, "{}", symptom.id);
        assert!(shown.starts_with(&format!("# {}: ", symptom.id)), "{shown}");
        for rule in symptom.rules() {
            let line = format!("{:<8} {:<32} ", rule.level, rule.id);
            assert!(shown.contains(&line), "{}: {}", symptom.id, rule.id);
        }
        assert!(shown.contains("## What no file can tell"), "{shown}");
    }
    for stage in Stage::ALL {
        let (code, shown, _) = explain(stage.word());
        assert_eq!(code, 0);
        assert!(stage.symptoms().iter().all(|id| shown.contains(&format!("- {id}: "))), "{shown}");
    }
}

#[test]
fn messages_and_complaints_are_understood() {
    for (said, id) in [
        ("Jul 2 13:53:20 VPN msg: invalid DH group 19.", "invalid-dh-group"),
        ("invalid DH group 20", "invalid-dh-group"),
        ("Jul 2 14:00:40 VPN msg: not matched", "not-matched"),
        ("ISAKMP-SA established 198.51.100.46[4500]-203.0.113.220[4500] spi:b74e92b3b5360c16:ce602504804696a9", "isakmp-sa-established"),
        ("msg: unsupported ID type 5", "unsupported-id-type-5"),
        ("Jun 27 12:24:38 VPN client connected remote_ip: 198.51.100.7, user_id: ann, local_ip: 192.168.100.239", "vpn-client-connected"),
        ("VPN client disconnected remote_ip: 198.51.100.7", "vpn-client-disconnected"),
        (
            "<l2tp-over-ipsec-1|97> deleting IKE_SA l2tp-over-ipsec-1[97] between 203.0.113.1[203.0.113.1]...198.51.100.7[192.168.1.6]",
            "vpn-client-disconnected",
        ),
        (
            "events Site-to-Site VPN: <l2tp-over-ipsec-1|241> IKE_SA l2tp-over-ipsec-1[241] established between a and b",
            "isakmp-sa-established",
        ),
        ("CHILD_SA net-1{272} established with SPIs", "isakmp-sa-established"),
        ("events client_vpn_connect user id 'u' local ip 172.16.0.145 connected from 198.51.100.7", "vpn-client-connected"),
        ("events client_vpn_disconnect user id 'u' local ip 172.16.0.145 connected from 198.51.100.7", "vpn-client-disconnected"),
        ("msg: no configuration found for 198.51.100.7.", "no-configuration-found"),
        ("691", "windows-691"),
        ("error 789", "windows-789"),
        ("Windows error 809", "windows-809"),
        ("The error code returned on failure is 809.", "windows-809"),
        ("both sides repeat the Security Association", "security-association-repeats"),
        ("one side repeats Key Exchange", "key-exchange-repeats"),
        ("phase 2 repeats", "phase-2-repeats"),
        ("no ISAKMP in a capture", "no-isakmp-in-capture"),
        ("nothing in the event log", "no-event-log"),
        ("connected but ping fails", "connected-ping-fails"),
        ("ping works, name fails", "ping-works-name-fails"),
        ("share does not map", "ping-works-share-fails"),
        ("ping works, the share does not map", "ping-works-share-fails"),
        ("authentication succeeds, then the connection fails", "authenticated-then-fails"),
        ("the server name does not resolve", "cannot-resolve-server"),
    ] {
        assert_eq!(told(said), [id], "{said}");
    }
    assert_eq!(
        told("Jul 2 14:00:40 VPN msg: not matched\nJul 2 14:00:40 VPN msg: ISAKMP-SA established 1[4500]-2[4500]"),
        ["not-matched", "isakmp-sa-established"]
    );
    assert_eq!(told("hello world"), [""; 0]);
    assert_eq!(told("10.6.91.0"), [""; 0]);
}

#[test]
fn rules_of_the_articles_causes_stand_under_their_symptoms() {
    let of = |id: &str| symptom(id).expect("a symptom").rules().map(|r| r.id).collect::<Vec<_>>();
    for (id, rule) in [
        ("windows-789", "psk-mismatch"),
        ("windows-789", "upstream-forward-missing"),
        ("windows-809", "upstream-blocks-nat-t"),
        ("windows-809", "server-not-this-mx"),
        ("key-exchange-repeats", "psk-mismatch"),
        ("key-exchange-repeats", "upstream-forward-missing"),
        ("no-isakmp-in-capture", "warm-spare-not-vip"),
        ("security-association-repeats", "upstream-blocks-reply"),
        ("security-association-repeats", "mx-forwards-ike"),
        ("windows-691", "upstream-blocks-cloud"),
        ("authenticated-then-fails", "pool-exhausted"),
        ("connected-ping-fails", "resource-firewall-blocks-vpn"),
        ("ping-works-name-fails", "internal-name-public-dns"),
        ("ping-works-share-fails", "l7-blocks-file-sharing"),
        ("unsupported-id-type-5", "server-address-ipv6"),
    ] {
        assert!(of(id).contains(&rule), "{id}: {rule} is not in {:?}", of(id));
    }
    assert!(!of("windows-691").contains(&"psk-mismatch"));
    assert!(!of("connected-ping-fails").contains(&"l7-blocks-file-sharing"));
}

#[test]
fn findings_state_only_stages_that_their_rule_names() {
    let mut faults = BTreeSet::new();
    for rule in RULES {
        for example in &Page::parse(rule.docs).bad {
            let files: Vec<_> = example.files.iter().map(|(name, text, _)| (*name, *text)).collect();
            for finding in Site::new(&files).check().report.findings {
                let named = finding.stage.is_none_or(|stage| finding.rule.stages().any(|s| s == stage));
                if !named {
                    faults.insert(format!("{}: add {:?} to its `other_stages`", finding.rule.id, finding.stage));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn an_unknown_word_gets_the_nearest_one() {
    for (asked, nearest) in [
        ("psk-mismach", "did you mean `psk-mismatch`?"),
        ("windows-961", "did you mean `windows-691`?"),
        ("not-macthed", "did you mean `not-matched`?"),
        ("reach-nat", "did you mean `reach-natt`?"),
        ("overlap", "did you mean `subnet-overlap`"),
        ("gibberish", "`vpnlint explain symptoms`"),
        ("", "`vpnlint explain symptoms`"),
    ] {
        let (code, shown, errors) = explain(asked);
        assert_eq!((code, shown.as_str()), (2, ""), "{asked}");
        assert!(errors.contains(nearest), "{asked}: {errors}");
    }
    let (code, shown, _) = explain("symptoms");
    assert_eq!(code, 0);
    assert!(SYMPTOMS.iter().all(|s| shown.lines().any(|l| l.starts_with(s.id))), "{shown}");
}

#[test]
fn words_need_no_quotes() {
    let site = Site::new(&[("keep", "")]);
    let output = vpnlint(site.path(), &["explain", "invalid", "DH", "group", "19"]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("# invalid-dh-group: "));
}
