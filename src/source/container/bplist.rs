//! Apple's binary property lists as XML text (format: `CFBinaryPList.c` in Apple's CoreFoundation).
//!
//! Objects refer to one another by number, so a small file can say a large or an endless thing: values, depth and size of the text are limited.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Sealed;

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"bplist0";

/// Values within values; the reader of XML goes a little deeper.
const DEPTH: usize = 60;
/// Values in all, each counted as often as it is referred to.
const VALUES: usize = 500_000;
/// Bytes of text.
const SIZE: usize = 16 << 20;
/// The table of what is where stands before so many bytes at the end.
const TRAILER: usize = 32;

const DAMAGED: Sealed = Sealed {
    what: "a binary property list that is damaged or cut short",
    help: "fetch the file again; `plutil -convert xml1 -o OUT.mobileconfig FILE` on a Mac says whether it is whole",
};
const TOO_LARGE: Sealed = Sealed {
    what: "a binary property list that says too much: it nests too deep, or refers to the same values too often",
    help: "export the profile again",
};
const CONTROL: Sealed =
    Sealed { what: "a binary property list with control characters in its text, which no profile has", help: "export the profile again" };

/// The property list as indented XML, as `plutil -convert xml1` would lay it out.
pub(super) fn render(bytes: &[u8]) -> Result<String, Sealed> {
    let mut list = List::new(bytes).ok_or(DAMAGED)?;
    list.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n");
    let top = list.top;
    list.value(top, 0)?;
    list.out.push_str("</plist>\n");
    Ok(list.out)
}

struct List<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    ref_size: usize,
    count: u64,
    top: u64,
    table: usize,
    values: usize,
    out: String,
}

impl<'a> List<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let trailer = bytes.len().checked_sub(TRAILER).filter(|at| *at >= MAGIC.len())?;
        let at = |from: usize, size: usize| number(bytes.get(trailer + from..trailer + from + size)?);
        let (offset_size, ref_size) = (usize::from(bytes[trailer + 6]), usize::from(bytes[trailer + 7]));
        let (count, top) = (at(8, 8)?, at(16, 8)?);
        let table = usize::try_from(at(24, 8)?).ok()?;
        let size = usize::try_from(count).ok()?.checked_mul(offset_size)?;
        let fits = table.checked_add(size).is_some_and(|end| end <= trailer);
        ((1..=8).contains(&offset_size) && (1..=8).contains(&ref_size) && top < count && fits).then(|| Self {
            bytes,
            offset_size,
            ref_size,
            count,
            top,
            table,
            values: 0,
            out: String::new(),
        })
    }

    fn take(&self, from: usize, size: usize) -> Result<&'a [u8], Sealed> {
        let end = from.checked_add(size).filter(|end| *end <= self.table).ok_or(DAMAGED)?;
        Ok(&self.bytes[from..end])
    }

    /// Where object `n` stands.
    fn place(&self, n: u64) -> Result<usize, Sealed> {
        if n >= self.count {
            return Err(DAMAGED);
        }
        let at = self.table + n as usize * self.offset_size;
        let place = number(&self.bytes[at..at + self.offset_size]).and_then(|n| usize::try_from(n).ok());
        place.filter(|at| (8..self.table).contains(at)).ok_or(DAMAGED)
    }

    /// The length that a marker gives, and where the content begins.
    fn length(&self, at: usize, marker: u8) -> Result<(usize, usize), Sealed> {
        if marker & 15 != 15 {
            return Ok((usize::from(marker & 15), at + 1));
        }
        let kind = self.take(at + 1, 1)?[0];
        if kind >> 4 != 1 || kind & 15 > 3 {
            return Err(DAMAGED);
        }
        let size = 1 << (kind & 15);
        let length = number(self.take(at + 2, size)?).and_then(|n| usize::try_from(n).ok()).ok_or(DAMAGED)?;
        Ok((length, at + 2 + size))
    }

    fn refs(&self, from: usize, count: usize) -> Result<impl Iterator<Item = u64> + use<'a>, Sealed> {
        let size = count.checked_mul(self.ref_size).ok_or(DAMAGED)?;
        Ok(self.take(from, size)?.chunks_exact(self.ref_size).filter_map(number))
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n('\t', depth));
    }

    fn line(&mut self, depth: usize, tag: &str, text: impl std::fmt::Display) {
        self.indent(depth);
        writeln!(self.out, "<{tag}>{text}</{tag}>").expect("writing to a String cannot fail");
    }

    fn value(&mut self, n: u64, depth: usize) -> Result<(), Sealed> {
        self.values += 1;
        if depth > DEPTH || self.values > VALUES || self.out.len() > SIZE {
            return Err(TOO_LARGE);
        }
        let at = self.place(n)?;
        let marker = self.bytes[at];
        match marker >> 4 {
            0 if matches!(marker, 8 | 9) => {
                self.indent(depth);
                self.out.push_str(if marker == 9 { "<true/>\n" } else { "<false/>\n" });
            }
            1 => {
                let bytes = self.take(at + 1, 1 << (marker & 15).min(5))?;
                let (high, low) = bytes.split_at(bytes.len().saturating_sub(8));
                let low = number(low).ok_or(DAMAGED)?;
                let number = match (bytes.len(), number(high)) {
                    // Of 16 bytes the higher half is the sign.
                    (16, Some(high)) => i128::from(high.cast_signed()) << 64 | i128::from(low),
                    (8, _) => i128::from(low.cast_signed()),
                    (0..8, _) => i128::from(low),
                    _ => return Err(DAMAGED),
                };
                self.line(depth, "integer", number);
            }
            2 => {
                let bytes = self.take(at + 1, 1 << (marker & 15).min(4))?;
                let real = match (bytes.len(), number(bytes)) {
                    (4, Some(bits)) => f64::from(f32::from_bits(bits as u32)),
                    (8, Some(bits)) => f64::from_bits(bits),
                    _ => return Err(DAMAGED),
                };
                self.line(depth, "real", real);
            }
            3 if marker == 0x33 => {
                let seconds = number(self.take(at + 1, 8)?).map_or(0.0, f64::from_bits);
                let date = date(seconds);
                self.line(depth, "date", date);
            }
            4 => {
                let (length, from) = self.length(at, marker)?;
                let text = STANDARD.encode(self.take(from, length)?);
                self.line(depth, "data", text);
            }
            5 | 6 => {
                let text = self.text(at, marker)?;
                self.line(depth, "string", escaped(&text)?);
            }
            8 => {
                let uid = number(self.take(at + 1, usize::from(marker & 15) + 1)?).ok_or(DAMAGED)?;
                self.line(depth, "integer", uid);
            }
            10..=12 => {
                let (length, from) = self.length(at, marker)?;
                self.open(depth, "array");
                for item in self.refs(from, length)? {
                    self.value(item, depth + 1)?;
                }
                self.close(depth, "array");
            }
            13 => {
                let (length, from) = self.length(at, marker)?;
                let values = length.checked_mul(self.ref_size).and_then(|size| from.checked_add(size)).ok_or(DAMAGED)?;
                self.open(depth, "dict");
                for (key, value) in self.refs(from, length)?.zip(self.refs(values, length)?) {
                    let at = self.place(key)?;
                    let marker = self.bytes[at];
                    if !matches!(marker >> 4, 5 | 6) {
                        return Err(DAMAGED);
                    }
                    let text = self.text(at, marker)?;
                    self.line(depth + 1, "key", escaped(&text)?);
                    self.value(value, depth + 1)?;
                }
                self.close(depth, "dict");
            }
            _ => return Err(DAMAGED),
        }
        Ok(())
    }

    fn open(&mut self, depth: usize, tag: &str) {
        self.indent(depth);
        let _ = writeln!(self.out, "<{tag}>");
    }

    fn close(&mut self, depth: usize, tag: &str) {
        self.indent(depth);
        let _ = writeln!(self.out, "</{tag}>");
    }

    fn text(&self, at: usize, marker: u8) -> Result<String, Sealed> {
        let (length, from) = self.length(at, marker)?;
        if marker >> 4 == 5 {
            let bytes = self.take(from, length)?;
            return std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DAMAGED);
        }
        let bytes = self.take(from, length.checked_mul(2).ok_or(DAMAGED)?)?;
        let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| DAMAGED)
    }
}

/// A number of up to 8 bytes, the highest first.
fn number(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
}

/// Text as it stands between tags. A carriage return is written as a reference, for readers of XML would make a line feed of it.
fn escaped(text: &str) -> Result<String, Sealed> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\0'..' ' | '\u{FFFE}' | '\u{FFFF}' => return Err(CONTROL),
            c => out.push(c),
        }
    }
    Ok(out)
}

/// Seconds since the beginning of 2001 as a date; the days are counted by H. Hinnant's `civil_from_days`.
fn date(seconds: f64) -> String {
    if !seconds.is_finite() || seconds.abs() > 1e11 {
        return "0000-00-00T00:00:00Z".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let seconds = seconds.floor() as i64;
    // 2001-01-01 is day 730 791 counted from 0000-03-01.
    let (days, second) = (seconds.div_euclid(86_400) + 730_791, seconds.rem_euclid(86_400));
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * in_year + 2) / 153;
    let (day, month) = (in_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}
