//! Messages in base64: between `-----BEGIN PKCS7-----` and its end (RFC 7468), as an S/MIME part (RFC 8551), or bare.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// How far the head of an S/MIME part is looked at.
const HEAD: usize = 4096;

/// The bytes of a message that stands in base64; `None` for everything else.
pub(super) fn remove(bytes: &[u8]) -> Option<Vec<u8>> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace())?;
    let body = &bytes[start..];
    let inner = if let Some(rest) = body.strip_prefix(b"-----BEGIN ") {
        let line = rest.iter().position(|b| *b == b'\n')?;
        let label = rest[..line].trim_ascii_end().strip_suffix(b"-----")?;
        let text = &rest[line..];
        let end = text.windows(9).position(|w| w == b"-----END ").unwrap_or(text.len());
        matches!(label, b"PKCS7" | b"CMS" | b"PKCS #7 SIGNED DATA").then_some(&text[..end])?
    } else if let Some(part) = mime(body) {
        part
    } else {
        // A SEQUENCE of any length that matters begins so.
        body.starts_with(b"MI").then_some(body)?
    };
    let packed: Vec<u8> = inner.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let inner = BASE64.decode(packed).ok()?;
    // Bare base64 of something else is none of ours.
    super::cms::is_message(&inner).then_some(inner)
}

/// Whether bytes are a mail in which the content stands in the clear, and its signature in a part behind it.
pub(super) fn is_clear_signed(bytes: &[u8]) -> bool {
    head(bytes).is_some_and(|(head, _)| says(&head, b"content-type:") && says(&head, b"multipart/signed"))
}

/// What follows the head of an S/MIME part with a message in it.
fn mime(body: &[u8]) -> Option<&[u8]> {
    let (head, rest) = head(body)?;
    (says(&head, b"content-type:") && says(&head, b"pkcs7-mime") && says(&head, b"base64")).then_some(rest)
}

fn says(head: &[u8], word: &[u8]) -> bool {
    head.windows(word.len()).any(|w| w == word)
}

/// The head of a mail in lower case, and what follows it.
fn head(body: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let head = &body[..body.len().min(HEAD)];
    let name = head.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    if name == 0 || head.get(name) != Some(&b':') {
        return None;
    }
    let blank = head.windows(2).position(|w| w == b"\n\n").map(|n| n + 2);
    let blank = blank.into_iter().chain(head.windows(4).position(|w| w == b"\r\n\r\n").map(|n| n + 4)).min()?;
    Some((head[..blank].to_ascii_lowercase(), &body[blank..]))
}
