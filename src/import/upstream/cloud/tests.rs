use super::*;
use crate::tree;

#[test]
fn only_the_given_keys_and_their_values_are_shown() {
    let text = "{\n \"Protocol\": \"17\", \"Tag\": {\"CANARY\": \"CANARY\"},\n \"Ports\": [500, 4500], \"Other\": [1, \"CANARY\"] CANARY \"Ports\": {\"x\": 2}\n}";
    for end in 0..=text.len() {
        let mut shown = text.as_bytes()[..end].to_vec();
        for span in hidden(&text[..end], 0, &["Protocol", "Ports"]) {
            shown[span.start as usize..span.end as usize].fill(b'*');
        }
        let shown = String::from_utf8(shown).unwrap();
        assert!(!shown.contains("CANARY"), "{shown}");
        if end == text.len() {
            assert!(shown.contains("\"Protocol\": \"17\"") && shown.contains("\"Ports\": [500, 4500]"), "{shown}");
        }
    }
}

#[test]
fn nodes_are_found_outermost_first_and_not_too_deep() {
    let parsed = tree::json::parse(r#"{"a": [{"k": 1, "b": {"k": 2}}, {"c": {"k": 3}}]}"#, 0, true);
    let mut found = Vec::new();
    find(parsed.root.as_ref().unwrap(), &|node| value(node, "K").is_some(), &mut found);
    let numbers: Vec<_> = found.iter().map(|node| value(node, "k").and_then(number)).collect();
    assert_eq!(numbers, [Some(1), Some(3)]);
}
