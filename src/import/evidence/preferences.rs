//! Group Policy Preferences that tell of a machine: `Registry.xml` (values) and `Services.xml` (start types). [MS-GPPREF]: actions C, R, U (the default) and D; an item or
//! a collection that is `disabled` does nothing; `Filters` aim it at some machines. A DWORD is written as eight hexadecimal digits, as real files have it.
//!
//! An item sets one value: of what it does not name it says nothing. Of several the last counts, for they are applied in order.

use super::{Data, Evidence, IKEEXT, Key, Name, Notes};
use crate::source::{Problem, ProblemKind, Span, Spanned};
use crate::tree::xml::{Element, document};

/// The roots of the two files.
const ROOTS: [&str; 2] = ["RegistrySettings", "NTServices"];

/// Whether the name of a text's root element is one of these files'.
pub fn is_root(name: &str) -> bool {
    ROOTS.contains(&name)
}

/// Reads a file.
pub fn read(text: &str, base: u32) -> (Evidence, Notes) {
    let (mut evidence, mut notes) = (Evidence::default(), Notes::default());
    let (root, errors) = document(text, base);
    let broken = !errors.is_empty();
    for error in &errors {
        let problem = Problem::new(ProblemKind::Syntax, error.span, error.message.clone(), "here");
        notes.problems.push(problem.help("correct the XML, or export the policy again"));
    }
    // Passwords stand in attributes and in comments; of a broken text nobody can say where.
    let mut reader = Reader { text, base, evidence: &mut evidence, shown: Vec::new(), broken };
    if let Some(root) = root.filter(|r| is_root(&r.name)) {
        reader.element(&root, None);
    }
    let shown = if broken { Vec::new() } else { reader.shown };
    hide_all_but(text, base, shown, &mut notes.secrets);
    (evidence, notes)
}

/// Attributes that hold no secret, whatever the item is about.
const HARMLESS: [&str; 11] =
    ["clsid", "image", "changed", "uid", "disabled", "removePolicy", "userContext", "bypassErrors", "displayDecimal", "default", "action"];

/// Why it is not known whether an item counts on a machine.
type Unsure = Option<&'static str>;

const TARGETED: &str = "the preference is aimed at some machines by item-level targeting, which is not read";
const BROKEN: &str = "the file of preferences is broken";

struct Reader<'r> {
    text: &'r str,
    base: u32,
    evidence: &'r mut Evidence,
    /// Places that hold no secret.
    shown: Vec<Span>,
    broken: bool,
}

impl Reader<'_> {
    fn element(&mut self, element: &Element<'_>, mut unsure: Unsure) {
        self.tags(element);
        if self.value(element, "disabled").is_some_and(|d| d.value == "1") {
            return;
        }
        if element.child("Filters").is_some_and(|f| !f.children.is_empty()) {
            unsure = Some(TARGETED);
        }
        if self.broken {
            unsure = Some(BROKEN);
        }
        match (&*element.name, element.child("Properties")) {
            ("Registry", Some(properties)) => {
                // What runs as the user may not write there.
                if self.value(element, "userContext").is_some_and(|u| u.value == "1") {
                    unsure = unsure.or(Some("the preference is written with the user's own rights, which may not be enough"));
                }
                self.tags(properties);
                self.registry(element, properties, unsure);
            }
            ("NTService", Some(properties)) => {
                self.tags(properties);
                self.service(properties, unsure);
            }
            (name, _) if is_root(name) || name == "Collection" => element.children.iter().for_each(|child| self.element(child, unsure)),
            _ => {}
        }
    }

    /// The name of an element in its tags, and attributes that are never secret.
    fn tags(&mut self, element: &Element<'_>) {
        let Span { start, end } = element.span;
        let len = element.name.len() as u32;
        self.shown.push(Span::new(start, (start + 1 + len).min(end)));
        if (end - start) > 2 * len + 5 && self.slice(Span::new(end - len - 3, end)) == format!("</{}>", element.name) {
            self.shown.push(Span::new(end - len - 3, end));
        }
        for key in HARMLESS {
            self.value(element, key);
        }
    }

    fn slice(&self, span: Span) -> &str {
        let at = |n: u32| (n.max(self.base) - self.base) as usize;
        self.text.get(at(span.start)..at(span.end)).unwrap_or_default()
    }

    /// An attribute that holds no secret.
    fn value(&mut self, element: &Element<'_>, key: &str) -> Option<Spanned<String>> {
        let (_, value) = element.attributes.iter().find(|(name, _)| name == key)?;
        let lead = key.len() as u32 + 2;
        let named = value.span.start.saturating_sub(lead).max(self.base);
        let start = if self.slice(Span::new(named, value.span.start)).starts_with(key) { named } else { value.span.start };
        self.shown.push(Span::new(start, value.span.end));
        Some(Spanned::new(value.value.trim().to_owned(), value.span))
    }

    fn registry(&mut self, item: &Element<'_>, properties: &Element<'_>, unsure: Unsure) {
        let mut get = |key| self.value(properties, key);
        let (hive, path, name, kind, action) = (get("hive"), get("key"), get("name"), get("type"), get("action"));
        if get("default").is_some_and(|d| d.value == "1") {
            return;
        }
        let (Some(path), name) = (path, name.filter(|n| !n.value.is_empty())) else { return };
        let key = match hive {
            Some(hive) if !hive.value.is_empty() => Key::parse(&format!("{}\\{}", hive.value, path.value)),
            _ => Key::parse(&path.value),
        };
        let action = action.map_or_else(|| "U".to_owned(), |a| a.value.to_ascii_uppercase());
        let Some(name) = name else {
            // The key itself; to make one sets no value.
            if action == "D" && unsure.is_none() {
                super::reg::delete(self.evidence, &key, path.span);
            }
            return;
        };
        if Name::of(&name.value, &key).is_none() {
            return;
        }
        let value = self.value(properties, "value");
        // The item is called like its value; what follows `key=` on a line is masked in every report.
        let called =
            ["name", "status"].map(|key| self.value(item, key)).into_iter().flatten().find(|c| c.value.eq_ignore_ascii_case(&name.value));
        let place = called.map_or_else(|| name.span.to(value.as_ref().map_or(name.span, |v| v.span)), |called| called.span);
        let data = match (unsure, &*action) {
            (Some(why), _) => Data::Unclear(why),
            (None, "D") => Data::Deleted,
            (None, "U" | "R") => data(kind.as_ref().map(|k| &*k.value), value.as_ref().map(|v| &*v.value)),
            (None, "C") => Data::Unclear("the preference makes the value where there is none, and leaves another as it is"),
            _ => Data::Unclear("the preference has an action that is not known"),
        };
        self.evidence.push(&name.value, &key, data, place);
    }

    fn service(&mut self, properties: &Element<'_>, unsure: Unsure) {
        let (service, start) = (self.value(properties, "serviceName"), self.value(properties, "startupType"));
        let (Some(service), Some(start)) = (service, start) else { return };
        if !service.value.eq_ignore_ascii_case(IKEEXT) {
            return;
        }
        let number = match &*start.value.to_ascii_uppercase() {
            "" | "NOCHANGE" => return,
            "BOOT" => Data::Dword(0),
            "SYSTEM" => Data::Dword(1),
            "AUTOMATIC" => Data::Dword(2),
            "MANUAL" => Data::Dword(3),
            "DISABLED" => Data::Dword(4),
            _ => Data::Unclear("the start type of IKEEXT is a word that is not known"),
        };
        let key = Key { under: IKEEXT.to_owned(), current: true, shown: "IKEEXT".to_owned() };
        let data = unsure.map_or(number, Data::Unclear);
        self.evidence.push("Start", &key, data, service.span.to(start.span));
    }
}

fn data(kind: Option<&str>, value: Option<&str>) -> Data {
    const KINDS: [&str; 6] = ["REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_MULTI_SZ", "REG_QWORD", "REG_NONE"];
    const UNCLEAR: Data = Data::Unclear("a value of the preference is not written as Windows writes it");
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("REG_DWORD") => {}
        Some("") | None => return UNCLEAR,
        Some(kind) => return Data::Other(KINDS.into_iter().find(|k| k.eq_ignore_ascii_case(kind)).unwrap_or("another type")),
    }
    // A digit alone is the same in both notations; more than one, but not eight, may be decimal.
    let digits = value.filter(|v| matches!(v.len(), 1 | 8) && v.bytes().all(|b| b.is_ascii_hexdigit()));
    digits.and_then(|v| u32::from_str_radix(v, 16).ok()).map_or(UNCLEAR, Data::Dword)
}

/// Hides what stands between the places that may be shown, line by line.
fn hide_all_but(text: &str, base: u32, mut shown: Vec<Span>, secrets: &mut Vec<Span>) {
    shown.sort_by_key(|s| s.start);
    let mut at = 0;
    for span in shown {
        let (start, end) = ((span.start.max(base) - base) as usize, (span.end.max(base) - base) as usize);
        if start > at {
            hide_lines(text, at..start, base, secrets);
        }
        at = at.max(end);
    }
    hide_lines(text, at..text.len(), base, secrets);
}

fn hide_lines(text: &str, range: std::ops::Range<usize>, base: u32, secrets: &mut Vec<Span>) {
    let mut from = range.start;
    for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
        let (lead, body) = (line.len() - line.trim_start().len(), line.trim());
        if !body.chars().all(|c| matches!(c, '<' | '>' | '/' | '=' | '"' | '\'') || c.is_whitespace()) {
            let start = base + (from + lead) as u32;
            secrets.push(Span::new(start, start + body.len() as u32));
        }
        from += line.len();
    }
}
