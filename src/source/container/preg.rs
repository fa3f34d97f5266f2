//! Registry policy files (`registry.pol`, [MS-GPREG] 2.2.1) as text that reads like a registry export: `PReg`, a version, and `[key;value;type;size;data]` in UTF-16.
//!
//! Numbers alone are written out; of other data only the type, for nothing asks for them and passwords stand there.

use std::fmt::Write as _;

use super::Sealed;

/// How such a file begins: its signature and version 1.
pub(super) const MAGIC: &[u8] = b"PReg\x01\0\0\0";

/// The first line of the text.
pub const HEAD: &str = "Registry policy file 1";

const DAMAGED: Sealed = Sealed {
    what: "a registry policy file that is damaged or cut short",
    help: "fetch the file again; `LGPO.exe /parse /m registry.pol` on Windows says whether it is whole",
};

/// The policy as text.
pub(super) fn render(bytes: &[u8]) -> Result<String, Sealed> {
    let mut reader = Reader { rest: bytes.get(MAGIC.len()..).ok_or(DAMAGED)? };
    let mut out = format!("{HEAD}\n");
    let mut open: Option<String> = None;
    while !reader.rest.is_empty() {
        let (key, name, line) = reader.record().ok_or(DAMAGED)?;
        if open.as_ref() != Some(&key) {
            let _ = writeln!(out, "\n[{key}]");
            open = Some(key);
        }
        let _ = writeln!(out, "\"{name}\"={line}");
    }
    Ok(out)
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// Key, value and data of the next instruction.
    fn record(&mut self) -> Option<(String, String, String)> {
        self.mark('[')?;
        let key = self.text()?;
        self.mark(';')?;
        let name = self.text()?;
        self.mark(';')?;
        let kind = self.number()?;
        self.mark(';')?;
        let size = self.number()?;
        self.mark(';')?;
        let data = self.take(usize::try_from(size).ok()?)?;
        self.mark(']')?;
        let line = match (kind, <[u8; 4]>::try_from(data)) {
            (4, Ok(number)) => format!("dword:{:08x}", u32::from_le_bytes(number)),
            _ => format!("hex({kind:x}):"),
        };
        Some((key, name, line))
    }

    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn unit(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn mark(&mut self, mark: char) -> Option<()> {
        (u32::from(self.unit()?) == u32::from(mark)).then_some(())
    }

    /// Text up to its NUL. What would break the line, or end the name in it, is replaced.
    fn text(&mut self) -> Option<String> {
        let mut units = Vec::new();
        loop {
            match self.unit()? {
                0 => break,
                unit => units.push(unit),
            }
        }
        let plain = |c: char| {
            if c.is_control() || matches!(c, '"' | '[' | ']' | '\u{2028}' | '\u{2029}') { char::REPLACEMENT_CHARACTER } else { c }
        };
        Some(char::decode_utf16(units).map(|c| plain(c.unwrap_or(char::REPLACEMENT_CHARACTER))).collect())
    }
}
