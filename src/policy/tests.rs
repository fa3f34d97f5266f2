use super::*;

#[test]
fn patterns_fit_whole_ids() {
    for (pattern, text, want) in [
        ("psk-*", "psk-weak", true),
        ("psk-*", "a-psk-weak", false),
        ("*", "psk-weak", true),
        ("*-mismatch", "psk-mismatch", true),
        ("psk-wea?", "psk-weak", true),
        ("psk-weak", "psk-weaker", false),
        ("", "psk-weak", false),
        ("*a*a*", "aa", true),
    ] {
        assert_eq!(fits(pattern, text), want, "{pattern} {text}");
    }
}

fn pack(name: &str) -> Policy {
    let root = Arc::new(crate::source::Root::new(std::path::Path::new(".")).expect("a root"));
    let policies = Policies::of_pack(&root, Pack::find(name).expect("a pack"));
    assert!(policies.problems.is_empty(), "{name}: {:?}", policies.problems.iter().map(|p| &p.message).collect::<Vec<_>>());
    policies.everywhere().clone()
}

#[test]
fn recommended_sets_nothing() {
    let pack = pack("recommended");
    assert!(RULES.iter().all(|r| pack.of(r).level.is_none() && pack.of(r).values.is_empty()));
}

#[test]
fn strict_makes_errors_of_warnings_about_a_stage_and_warnings_of_advice() {
    let pack = pack("strict");
    for rule in RULES {
        let want = match (rule.id, rule.level, rule.stage) {
            ("weak-crypto-default" | "crypto-override", ..) => Level::Advice,
            (_, Level::Warning, Some(_)) => Level::Error,
            (_, Level::Advice, _) => Level::Warning,
            (_, level, _) => level,
        };
        assert_eq!(pack.level(rule), want, "{}", rule.id);
        for param in rule.params {
            if let Param::Grade(grade) = param {
                let got = pack.of(rule).grade(grade).unwrap_or(grade.default);
                assert!(got != Level::Advice, "{}: {} is still advice", rule.id, grade.name);
            }
        }
    }
    let upstream = RULES.iter().filter(|r| r.id.starts_with("upstream-"));
    assert!(upstream.clone().count() > 10 && upstream.into_iter().all(|r| pack.require_decided.iter().any(|p| p.value.means(r))));
}

#[test]
fn pci_wants_strong_crypto_long_keys_and_no_clear_text() {
    let pack = pack("pci");
    let rule = |id| crate::rules::find(id).expect("a rule");
    for id in ["weak-crypto-default", "psk-weak", "secret-in-clear-text"] {
        assert_eq!(pack.level(rule(id)), Level::Error, "{id}");
    }
    let stated =
        |id, name: &str| rule(id).params.iter().find(|p| p.name() == name).and_then(|p| pack.of(rule(id)).value(*p)).map(|v| v.value);
    assert_eq!(stated("psk-weak", "min_length"), Some(Value::Count(20)));
    assert_eq!(stated("secret-in-clear-text", "profile"), Some(Value::Level(Level::Error)));
}

#[test]
fn migration_leaves_errors_alone_and_switches_the_rest_off() {
    let pack = pack("migration");
    for rule in RULES {
        let want = if rule.level == Level::Error { Level::Error } else { Level::Off };
        assert_eq!(pack.level(rule), want, "{}", rule.id);
    }
}
