//! Waivers in comments: `# vpnlint: allow[rule, rule] until=2027-01-31 owner=net-ops reason="…"`, on the line that they are about or alone above it.

use std::ops::Range;

use crate::model::Day;
use crate::tree::decode::nearest;

/// A comment that means to be a waiver.
#[derive(Debug, PartialEq, Eq)]
pub struct Comment {
    /// Bytes of the text, from `vpnlint:` to the end of the comment.
    pub bytes: Range<usize>,
    /// The line that it is about, from 1.
    pub line: u32,
    /// What it says, or what is wrong with it.
    pub waiver: Result<Inline, String>,
}

/// What a comment says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inline {
    /// Ids of rules, as written.
    pub rules: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Last day on which it counts.
    pub until: Option<Day>,
}

/// The word that a waiver begins with.
const MARK: &str = "vpnlint:";
/// What begins a comment in one format or another.
const OPENERS: &[&str] = &["#", ";", "!", "//", "<!--", "REM", "rem"];

/// Whether a text may hold a waiver at all: cheap, and asked of every file.
pub fn may_hold(text: &str) -> bool {
    text.contains(MARK)
}

/// The waivers of a text. `trailing`: the format has comments behind values, too.
pub fn comments(text: &str, trailing: bool) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    // Comments that stand alone wait for the line that they are about.
    let mut waiting = 0;
    let mut at = 0;
    for (n, line) in text.split('\n').enumerate() {
        let number = n as u32 + 1;
        let alone = opens_comment(line.trim_start());
        if !alone && !line.trim().is_empty() {
            let waits = found.len() - waiting;
            for comment in &mut found[waits..] {
                comment.line = number;
            }
            waiting = 0;
        }
        if let Some(start) = line.find(MARK).filter(|start| is_comment(line, *start, alone, trailing)) {
            let rest = line[start + MARK.len()..].trim_end();
            let body = rest.strip_suffix("-->").unwrap_or(rest).trim_end();
            if let Some(waiver) = parse(body) {
                let end = start + MARK.len() + body.len();
                found.push(Comment { bytes: at + start..at + end, line: number, waiver });
                waiting += usize::from(alone);
            }
        }
        at += line.len() + 1;
    }
    found
}

fn opens_comment(line: &str) -> bool {
    OPENERS.iter().any(|o| line.strip_prefix(o).is_some_and(|rest| o.chars().all(|c| !c.is_alphabetic()) || rest.starts_with([' ', '\t'])))
}

/// Whether the mark at `start` is the first word of a comment, and not part of a value.
fn is_comment(line: &str, start: usize, alone: bool, trailing: bool) -> bool {
    let before = line[..start].trim_end();
    let Some(opener) = OPENERS.iter().find(|o| before.ends_with(**o)) else { return false };
    let value = before[..before.len() - opener.len()].trim_start();
    if value.is_empty() {
        return true;
    }
    // Behind a value: a comment only where the format has such, and outside quotes.
    let open = |quote: char| value.matches(quote).count() % 2 == 1;
    trailing && !alone && *opener != "!" && !open('"') && !open('\'')
}

/// What stands behind the mark; `None` when it does not mean to be a waiver.
fn parse(body: &str) -> Option<Result<Inline, String>> {
    let body = body.trim_start();
    let word = body.find(|c: char| !c.is_ascii_alphabetic()).map_or(body, |end| &body[..end]);
    let rest = body[word.len()..].trim_start();
    if word != "allow" {
        let meant = rest.starts_with('[') || nearest(word, &["allow"]).is_some();
        return meant.then(|| Err("a waiver begins with `vpnlint: allow[rule]`".to_owned()));
    }
    Some(waiver(rest))
}

fn waiver(rest: &str) -> Result<Inline, String> {
    let inner = rest.strip_prefix('[').ok_or("behind `allow` stands the rule in brackets: `allow[psk-weak]`")?;
    let (rules, mut rest) = inner.split_once(']').ok_or("the bracket behind `allow` is not closed")?;
    let mut out = Inline { rules: rules.split(',').map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()).collect(), ..Inline::default() };
    if out.rules.is_empty() {
        return Err("no rule stands between the brackets".to_owned());
    }
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(out);
        }
        let (key, after) = rest.split_once('=').ok_or("behind the brackets stand `reason=\"…\"`, `until=…` and `owner=…`")?;
        let (value, after) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).ok_or("a quote is not closed")?,
            _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        match key.trim() {
            "reason" => out.reason = Some(value.to_owned()),
            "owner" => out.owner = Some(value.to_owned()),
            "until" => out.until = Some(Day::parse(value).ok_or("`until` wants a day such as 2027-03-31")?),
            _ => return Err("a waiver knows `reason`, `until` and `owner`".to_owned()),
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(text: &str) -> Comment {
        let mut found = comments(text, true);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn a_waiver_is_about_its_line_or_the_next_that_says_something() {
        assert_eq!(one("a = 1\nb = 2 # vpnlint: allow[psk-weak] reason=\"x\"\n").line, 2);
        assert_eq!(one("# vpnlint: allow[psk-weak] reason=x\n\n# more\nb = 2\n").line, 4);
        assert_eq!(one("; vpnlint:allow[psk-weak]\npsk=1").line, 2);
        assert_eq!(one("<a>\n<!-- vpnlint: allow[psk-weak] reason='y' -->\n<b/>").line, 3);
        assert_eq!(one("! vpnlint: allow[esp-as-port] reason=z\naccess-list 1").line, 2);
        let two = comments("# vpnlint: allow[psk-weak] reason=x\n# vpnlint: allow[psk-reused] reason=y\nb = 2\nc = 3", true);
        assert_eq!(two.iter().map(|c| c.line).collect::<Vec<_>>(), [3, 3]);
    }

    #[test]
    fn its_parts_are_read() {
        let text = "# vpnlint: allow[psk-weak, psk-reused] until=2027-01-31 owner=net-ops reason=\"printer's firmware\"\nx";
        let want = Inline {
            rules: vec!["psk-weak".to_owned(), "psk-reused".to_owned()],
            reason: Some("printer's firmware".to_owned()),
            owner: Some("net-ops".to_owned()),
            until: Day::parse("2027-01-31"),
        };
        assert_eq!(one(text).waiver, Ok(want));
    }

    #[test]
    fn what_is_written_wrongly_says_so() {
        for text in [
            "# vpnlint: allow psk-weak",
            "# vpnlint: allow[psk-weak",
            "# vpnlint: allow[]",
            "# vpnlint: alow[psk-weak]",
            "# vpnlint: ignore[psk-weak]",
            "# vpnlint: allow[psk-weak] because",
            "# vpnlint: allow[psk-weak] reason=\"open",
            "# vpnlint: allow[psk-weak] until=tomorrow",
            "# vpnlint: allow[psk-weak] color=red",
        ] {
            assert!(one(text).waiver.is_err(), "{text}");
        }
    }

    #[test]
    fn prose_and_values_are_no_waivers() {
        for text in [
            "# vpnlint: see the wiki",
            "a = \"# vpnlint: allow[psk-weak] reason=x\"",
            "see vpnlint: allow[psk-weak]",
            "a = '# vpnlint: allow[x]'",
        ] {
            assert!(comments(text, true).is_empty(), "{text}");
        }
        // A key file has no comments behind values.
        assert!(comments("id=a # vpnlint: allow[psk-weak] reason=x", false).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "(# vpnlint: ?|allow|\\[|\\]|psk-weak|[ =\"'\n#;é]|reason|until){0,40}") {
            for comment in comments(&text, true) {
                prop_assert!(text[comment.bytes.clone()].starts_with(MARK));
                prop_assert!(comment.line as usize <= text.split('\n').count());
            }
        }
    }
}
