//! A certificate in DER (RFC 5280), written anew as PEM (RFC 7468), so that readers know one form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Characters on a line (RFC 7468).
const WIDTH: usize = 64;

/// Whether bytes are a certificate of version 2 or 3: a sequence whose first part is one that begins with `[0] { INTEGER }`, and that ends with the bytes.
pub(super) fn is_certificate(bytes: &[u8]) -> bool {
    let Some((inner, whole)) = sequence(bytes) else { return false };
    whole == bytes.len() && sequence(&bytes[inner..]).is_some_and(|(body, _)| bytes[inner + body..].starts_with(&[0xA0, 0x03, 0x02, 0x01]))
}

/// The same bytes as PEM.
pub(super) fn render(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / WIDTH + 64);
    out.push_str("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, next) = rest.split_at(rest.len().min(WIDTH));
        out.push_str(line);
        out.push('\n');
        rest = next;
    }
    out.push_str("-----END CERTIFICATE-----\n");
    out
}

/// Where the content of a sequence begins and ends.
fn sequence(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = *bytes.get(1).filter(|_| bytes[0] == 0x30)?;
    if first < 0x80 {
        return Some((2, 2 + usize::from(first)));
    }
    let digits = usize::from(first & 0x7F);
    let length = bytes.get(2..2 + digits).filter(|_| (1..=4).contains(&digits))?;
    let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    Some((2 + digits, 2 + digits + length))
}
