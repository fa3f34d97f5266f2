//! Text that a container writes otherwise (entities, CDATA, escapes), decoded, with the way back to the bytes of the user's own file.

use zeroize::Zeroizing;

use crate::source::Span;

/// A run of decoded text.
#[derive(Clone, Copy)]
struct Piece {
    /// Where it begins in the decoded text.
    at: u32,
    /// What it stands for.
    raw: Span,
    /// Byte for byte the same as there; else the whole run stands for the whole place.
    same: bool,
    /// Where the run is written, byte for byte, when a name stands for it at `raw`.
    source: Option<u32>,
}

/// From places in a decoded text to places of the text that it was decoded from.
pub struct Offsets<'p> {
    pieces: Vec<Piece>,
    /// The text around is decoded itself.
    outer: Option<&'p Offsets<'p>>,
}

impl<'p> Offsets<'p> {
    /// A text that stands in the file as it is, from `base` on.
    pub fn shift(base: u32, len: usize) -> Self {
        let raw = Span::new(base, base + len as u32);
        Self { pieces: vec![Piece { at: 0, raw, same: true, source: None }], outer: None }
    }

    /// A text of which every part stands for the same place.
    pub fn whole(raw: Span) -> Self {
        Self { pieces: vec![Piece { at: 0, raw, same: false, source: None }], outer: None }
    }

    /// Places of the file itself: nothing is decoded.
    pub fn none() -> Self {
        Self { pieces: Vec::new(), outer: None }
    }

    /// These offsets lead into a text that `outer` leads out of.
    #[must_use]
    pub const fn within(mut self, outer: &'p Offsets<'p>) -> Self {
        self.outer = Some(outer);
        self
    }

    /// The place in the file.
    pub fn span(&self, span: Span) -> Span {
        if let Some(raw) = self.in_source(span) {
            return self.outer.map_or(raw, |outer| outer.span(raw));
        }
        let start = self.edge(span.start, false);
        let end = if span.is_empty() { start } else { self.edge(span.end, true) };
        let raw = Span::new(start, end.max(start));
        self.outer.map_or(raw, |outer| outer.span(raw))
    }

    /// The piece that holds the byte at (or, for an end, before) an offset.
    fn piece(&self, offset: u32, end: bool) -> Option<&Piece> {
        let byte = if end { offset.saturating_sub(1) } else { offset };
        let n = self.pieces.partition_point(|p| p.at <= byte);
        self.pieces.get(n.saturating_sub(1))
    }

    fn edge(&self, offset: u32, end: bool) -> u32 {
        match self.piece(offset, end) {
            None => offset,
            Some(p) if p.same => (p.raw.start + offset.saturating_sub(p.at)).min(p.raw.end),
            Some(p) if end => p.raw.end,
            Some(p) => p.raw.start,
        }
    }

    /// The place of a part of one run that is written elsewhere.
    fn in_source(&self, span: Span) -> Option<Span> {
        let piece = self.piece(span.start, false)?;
        let source = piece.source?;
        let whole = !span.is_empty() && self.piece(span.end, true)?.at == piece.at;
        whole.then(|| Span::new(source + (span.start - piece.at), source + (span.end - piece.at)))
    }
}

/// A decoded text in the making; wiped when dropped, for it may hold keys.
#[derive(Default)]
pub struct Decoded {
    /// The text.
    pub text: Zeroizing<String>,
    pieces: Vec<Piece>,
}

impl Decoded {
    /// Adds text that stands at `at` as it is.
    pub fn push(&mut self, text: &str, at: u32) {
        self.add(text, Span::new(at, at + text.len() as u32), true, None);
    }

    /// Adds text that is written otherwise at `raw`.
    pub fn push_for(&mut self, text: &str, raw: Span) {
        self.add(text, raw, false, None);
    }

    /// Adds text for which a name stands at `raw`, and which is written at `source`.
    pub fn push_named(&mut self, text: &str, raw: Span, source: u32) {
        self.add(text, raw, false, Some(source));
    }

    fn add(&mut self, text: &str, raw: Span, same: bool, source: Option<u32>) {
        if !text.is_empty() {
            self.pieces.push(Piece { at: self.text.len() as u32, raw, same, source });
            self.text.push_str(text);
        }
    }

    /// The way back.
    pub fn offsets(&self) -> Offsets<'static> {
        Offsets { pieces: self.pieces.clone(), outer: None }
    }
}

/// The text of an XML element: entities and CDATA decoded, comments left out. `at` is the place of the first byte.
pub fn xml_text(raw: &str, at: u32) -> Decoded {
    let mut out = Decoded::default();
    let mut from = 0;
    while let Some(next) = raw[from..].find(['&', '<']).map(|n| from + n) {
        out.push(&raw[from..next], at + from as u32);
        let rest = &raw[next..];
        from = if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let len = data.find("]]>").unwrap_or(data.len());
            out.push(&data[..len], at + (next + 9) as u32);
            (next + 9 + len + 3).min(raw.len())
        } else if rest.starts_with("<!--") {
            rest.find("-->").map_or(raw.len(), |n| next + n + 3)
        } else if rest.starts_with('<') {
            rest.find('>').map_or(raw.len(), |n| next + n + 1)
        } else {
            let end = rest.bytes().take(12).position(|b| b == b';').map(|n| next + n + 1);
            match end.and_then(|end| Some((end, entity(&raw[next + 1..end - 1])?))) {
                Some((end, c)) => {
                    out.push_for(c.encode_utf8(&mut [0; 4]), Span::new(at + next as u32, at + end as u32));
                    end
                }
                None => {
                    out.push("&", at + next as u32);
                    next + 1
                }
            }
        };
    }
    out.push(&raw[from..], at + from as u32);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// A JSON string between its quotes. `at` is the place of the first byte after the quote.
pub fn json_text(raw: &str, at: u32) -> Decoded {
    let mut out = Decoded::default();
    let mut from = 0;
    while let Some(next) = raw[from..].find('\\').map(|n| from + n) {
        out.push(&raw[from..next], at + from as u32);
        let (text, len) = escape(&raw[next..]);
        let mut buffer = [0; 4];
        out.push_for(text.encode_utf8(&mut buffer), Span::new(at + next as u32, at + (next + len) as u32));
        from = next + len;
    }
    out.push(&raw[from..], at + from as u32);
    out
}

/// The character of an escape, and its length.
fn escape(text: &str) -> (char, usize) {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let simple = match text[1..].chars().next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => {
            let Some(high) = unit(text) else { return (char::REPLACEMENT_CHARACTER, 2) };
            if let (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) = (high, text.get(6..).and_then(unit)) {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            return (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6);
        }
        Some(other) => return (other, 1 + other.len_utf8()),
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character of the decoded text with the raw text that it stands for.
    fn shown(decoded: &Decoded, raw: &str, at: u32) -> Vec<(char, String)> {
        let offsets = decoded.offsets();
        let place = |n: usize, c: char| offsets.span(Span::new(n as u32, (n + c.len_utf8()) as u32));
        let raw = |s: Span| raw[(s.start - at) as usize..(s.end - at) as usize].to_owned();
        decoded.text.char_indices().map(|(n, c)| (c, raw(place(n, c)))).collect()
    }

    fn pairs(of: &[(char, &str)]) -> Vec<(char, String)> {
        of.iter().map(|(c, t)| (*c, (*t).to_owned())).collect()
    }

    #[test]
    fn xml_leads_back_to_what_was_written() {
        let raw = "a&lt;&#65;é<![CDATA[&b]]>&#x42;<!-- no -->&q;";
        let decoded = xml_text(raw, 7);
        assert_eq!(decoded.text.as_str(), "a<Aé&bB&q;");
        let places = pairs(&[
            ('a', "a"),
            ('<', "&lt;"),
            ('A', "&#65;"),
            ('é', "é"),
            ('&', "&"),
            ('b', "b"),
            ('B', "&#x42;"),
            ('&', "&"),
            ('q', "q"),
            (';', ";"),
        ]);
        assert_eq!(shown(&decoded, raw, 7), places);
        let whole = decoded.offsets().span(Span::new(1, 7));
        assert_eq!(&raw[(whole.start - 7) as usize..(whole.end - 7) as usize], "&lt;&#65;é<![CDATA[&b");
    }

    #[test]
    fn json_leads_back_to_what_was_written() {
        let raw = r#"a\n\"\u0041\ud83d\ude00\q"#;
        let decoded = json_text(raw, 3);
        assert_eq!(decoded.text.as_str(), "a\n\"A😀q");
        let places = pairs(&[('a', "a"), ('\n', r"\n"), ('"', "\\\""), ('A', r"\u0041"), ('😀', r"\ud83d\ude00"), ('q', r"\q")]);
        assert_eq!(shown(&decoded, raw, 3), places);
    }

    #[test]
    fn broken_writing_is_survived() {
        for raw in ["&", "&amp", "&#xZZ;", "<![CDATA[x", "<!--", "<", "&#1114112;", "&é;"] {
            let decoded = xml_text(raw, 0);
            let _ = decoded.offsets().span(Span::new(0, decoded.text.len() as u32));
        }
        for raw in ["\\", "\\u", "\\u00", "\\ud83d", "\\ud83dx", "\\é"] {
            let decoded = json_text(raw, 0);
            let _ = decoded.offsets().span(Span::new(0, decoded.text.len() as u32));
        }
    }

    #[test]
    fn a_name_leads_to_what_it_stands_for_and_stands_for_itself_among_others() {
        let mut decoded = Decoded::default();
        decoded.push("a", 100);
        decoded.push_named("value", Span::new(101, 103), 7);
        decoded.push("b", 103);
        let offsets = decoded.offsets();
        assert_eq!(offsets.span(Span::new(1, 6)), Span::new(7, 12));
        assert_eq!(offsets.span(Span::new(2, 4)), Span::new(8, 10));
        assert_eq!(offsets.span(Span::new(1, 7)), Span::new(101, 104));
        assert_eq!(offsets.span(Span::new(0, 6)), Span::new(100, 103));
    }

    #[test]
    fn offsets_go_through_two_layers() {
        let outer = xml_text("x&lt;&amp;amp;&gt;", 10);
        assert_eq!(outer.text.as_str(), "x<&amp;>");
        let inner = xml_text(&outer.text[2..7], 2);
        let way = outer.offsets();
        let offsets = inner.offsets().within(&way);
        assert_eq!(offsets.span(Span::new(0, 1)), Span::new(15, 24));
        assert_eq!(Offsets::whole(Span::new(4, 9)).span(Span::new(2, 3)), Span::new(4, 9));
        assert_eq!(Offsets::shift(4, 9).span(Span::new(2, 3)), Span::new(6, 7));
    }
}
