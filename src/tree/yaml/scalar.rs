//! What a YAML scalar means: the core schema of YAML 1.2 (section 10.3.2), tags and placeholders.

use std::borrow::Cow;

use granit_parser::Tag;

use crate::tree::Kind;

/// Why a plain scalar with a `${…}` is not known.
pub const PLACEHOLDER: &str = "the placeholder `${…}` is not filled in";

/// A scalar without quotes and without a tag.
pub(super) fn plain(text: Cow<'_, str>) -> Kind<'_> {
    if text.find("${").is_some_and(|n| text[n..].contains('}')) {
        return Kind::Opaque(PLACEHOLDER.into());
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        other => number(other).unwrap_or(Kind::Str(text)),
    }
}

/// A scalar with a tag: the core schema's are applied, others are for a tool that we are not.
pub(super) fn tagged<'a>(tag: &Tag, text: Cow<'a, str>) -> Kind<'a> {
    if let Some(reason) = unresolved(tag) {
        return Kind::Opaque(reason);
    }
    match (tag.core_suffix(), plain(text.clone())) {
        (Some("int"), kind @ Kind::Int(_)) | (Some("bool"), kind @ Kind::Bool(_)) | (Some("float"), kind @ Kind::Float(_)) => kind,
        (Some("null"), Kind::Null) => Kind::Null,
        (Some("float"), Kind::Int(i)) => float(&i.to_string()),
        (Some("str") | None, _) => Kind::Str(text),
        _ => Kind::Opaque("the value does not fit its tag".into()),
    }
}

/// Why a node with this tag is not read.
pub(super) fn unresolved(tag: &Tag) -> Option<Box<str>> {
    const CORE: &[&str] = &["str", "int", "float", "bool", "null", "seq", "map"];
    let original = tag.original();
    if original == "!" || tag.core_suffix().is_some_and(|s| CORE.contains(&s)) {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "!-_./:".contains(c);
    let name = original.len() <= 40 && original.chars().all(plain);
    let name = if name { &*original } else { "!…" };
    Some(format!("`{name}` is not resolved").into())
}

fn number(text: &str) -> Option<Kind<'static>> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    match digits {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => {
            return Some(Kind::Float(f64::NEG_INFINITY));
        }
        ".inf" | ".Inf" | ".INF" => return Some(Kind::Float(f64::INFINITY)),
        _ => {}
    }
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Kind::Float(f64::NAN)),
        _ => {}
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            return all.then(|| i64::from_str_radix(digits, radix).map_or_else(|_| Kind::Str(Cow::Owned(text.to_owned())), Kind::Int));
        }
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().map_or_else(|_| float(text), Kind::Int));
    }
    let shape = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b)) && digits.bytes().any(|b| b.is_ascii_digit());
    shape.then(|| text.parse().ok().map(Kind::Float)).flatten()
}

fn float(text: &str) -> Kind<'static> {
    Kind::Float(text.parse().unwrap_or(f64::NAN))
}
