//! The content of a signed message (CMS, RFC 5652; PKCS #7, RFC 2315), in BER with definite or indefinite lengths (ITU-T X.690).
//!
//! Signatures and certificates are passed over. The walk reads every byte at most once and goes no deeper than [`DEPTH`].

use super::Sealed;

/// Elements within elements.
const DEPTH: usize = 32;

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const OCTETS: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const EXPLICIT_0: u8 = 0xA0;

/// 1.2.840.113549.1.7 and 1.2.840.113549.1.9.16.1, where kinds of content are registered.
const PKCS_7: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
const SMIME_CT: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01];

const DAMAGED: Sealed = Sealed {
    what: "a signed message that is damaged or cut short",
    help: "fetch the file again; `openssl cms -verify -noverify -inform DER -in FILE` says whether it is whole",
};
const ENCRYPTED: Sealed = Sealed {
    what: "an encrypted message, which cannot be read without its private key",
    help: "export the profile without encryption, or state the client's facts in the site file",
};
const DETACHED: Sealed = Sealed {
    what: "a signature without the profile that it signs",
    help: "name the profile itself; its signature is not needed. Certificates alone are read as PEM: `openssl pkcs7 -print_certs`",
};
const OTHER: Sealed = Sealed {
    what: "a message of a kind that is not read",
    help: "take the profile out first: `openssl cms -verify -noverify -inform DER -in FILE -out OUT.mobileconfig`",
};

/// What the walk ends on when the bytes break off or make no sense.
struct Broken;

/// Whether bytes begin as a message does.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    Walk::new(bytes).kind().is_some()
}

/// The content of a message; `None` when the bytes are none, an error when there is nothing in it that can be read.
pub(super) fn content(bytes: &[u8]) -> Option<Result<Vec<u8>, Sealed>> {
    let mut walk = Walk::new(bytes);
    let kind = walk.kind()?;
    Some(match kind.strip_prefix(PKCS_7) {
        Some([1]) => walk.data().unwrap_or(Err(DAMAGED)),
        Some([2]) => walk.signed().unwrap_or(Err(DAMAGED)),
        Some([3 | 4 | 6]) => Err(ENCRYPTED),
        _ if kind == [SMIME_CT, &[23]].concat() => Err(ENCRYPTED),
        _ => Err(OTHER),
    })
}

/// The head of an element.
struct Head {
    tag: u8,
    /// End of its content; nothing when an end mark closes it.
    end: Option<usize>,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let byte = *self.bytes.get(self.at).ok_or(Broken)?;
        self.at += 1;
        Ok(byte)
    }

    fn head(&mut self) -> Result<Head, Broken> {
        let tag = self.byte()?;
        if tag & 0x1F == 0x1F {
            while self.byte()? & 0x80 != 0 {}
        }
        let first = self.byte()?;
        let length = match first {
            0x80 if tag & CONSTRUCTED != 0 => return Ok(Head { tag, end: None }),
            0..0x80 => usize::from(first),
            0x81..=0x84 => {
                let mut length = 0_usize;
                for _ in 0..first & 0x7F {
                    length = length << 8 | usize::from(self.byte()?);
                }
                length
            }
            _ => return Err(Broken),
        };
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(Broken)?;
        Ok(Head { tag, end: Some(end) })
    }

    /// The head of an element that must have this tag; its content comes next.
    fn enter(&mut self, tag: u8) -> Result<Head, Broken> {
        self.head().and_then(|head| if head.tag == tag { Ok(head) } else { Err(Broken) })
    }

    fn primitive(&mut self, tag: u8) -> Result<&'a [u8], Broken> {
        let end = self.enter(tag)?.end.ok_or(Broken)?;
        let content = &self.bytes[self.at..end];
        self.at = end;
        Ok(content)
    }

    /// Whether the content that `head` began is over; its end mark is taken.
    fn over(&mut self, head: &Head) -> Result<bool, Broken> {
        match head.end {
            Some(end) if self.at > end => Err(Broken),
            Some(end) => Ok(self.at == end),
            None if self.bytes.get(self.at..self.at + 2).ok_or(Broken)? == [0, 0] => {
                self.at += 2;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Passes an element over.
    fn skip(&mut self, depth: usize) -> Result<(), Broken> {
        let head = self.head()?;
        if let Some(end) = head.end {
            self.at = end;
            return Ok(());
        }
        if depth == 0 {
            return Err(Broken);
        }
        while !self.over(&head)? {
            self.skip(depth - 1)?;
        }
        Ok(())
    }

    /// The kind of content that a message says it has; `None` when it is no message. A broken end does not matter here.
    fn kind(&mut self) -> Option<&'a [u8]> {
        // Not `enter`: of a file that is cut short the length is too large, and it is a message all the same.
        let tail = self.bytes.get(1..).filter(|_| self.bytes[0] == SEQUENCE)?;
        let lengths = match tail.first()? {
            n @ 0x81..=0x84 => usize::from(n & 0x7F),
            0..=0x80 => 0,
            _ => return None,
        };
        self.at = 2 + lengths;
        let kind = self.primitive(OBJECT_ID).ok()?;
        (kind.starts_with(PKCS_7) || kind.starts_with(SMIME_CT)).then_some(kind)
    }

    /// The content of a message that says it is plain data, with the walk behind its kind.
    fn data(&mut self) -> Result<Result<Vec<u8>, Sealed>, Broken> {
        self.enter(EXPLICIT_0)?;
        Ok(Ok(self.octets()?))
    }

    /// The content of a signed message, with the walk behind its kind.
    fn signed(&mut self) -> Result<Result<Vec<u8>, Sealed>, Broken> {
        self.at = 0;
        self.enter(SEQUENCE)?;
        self.skip(0)?;
        self.enter(EXPLICIT_0)?;
        self.enter(SEQUENCE)?;
        self.skip(0)?; // version
        self.skip(DEPTH)?; // digest algorithms
        let inner = self.enter(SEQUENCE)?;
        self.primitive(OBJECT_ID)?;
        if self.over(&inner)? {
            return Ok(Err(DETACHED));
        }
        self.enter(EXPLICIT_0)?;
        Ok(Ok(self.octets()?))
    }

    /// An octet string, in one piece or in many.
    fn octets(&mut self) -> Result<Vec<u8>, Broken> {
        let mut whole = Vec::new();
        self.pieces(&mut whole, DEPTH)?;
        Ok(whole)
    }

    fn pieces(&mut self, whole: &mut Vec<u8>, depth: usize) -> Result<(), Broken> {
        let head = self.head()?;
        match (head.tag, head.end) {
            (OCTETS, Some(end)) => {
                whole.extend_from_slice(&self.bytes[self.at..end]);
                self.at = end;
            }
            (tag, _) if tag == OCTETS | CONSTRUCTED && depth > 0 => {
                while !self.over(&head)? {
                    self.pieces(whole, depth - 1)?;
                }
            }
            _ => return Err(Broken),
        }
        Ok(())
    }
}
