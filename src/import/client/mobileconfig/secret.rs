//! The shared secret of a payload: Apple's schema wants `<data>` for L2TP and Cisco IPsec, and text for IKEv2.

use super::super::facts;
use super::{Dict, FORMAT, Written};
use crate::model::{Field, Key, Remark, RemarkKind, TunnelType};
use crate::source::Span;
use crate::tree::Kind;

/// What the device does not get as it was meant; the whole of a help is one of these.
const WRITE_DATA: &str = "write the key as `<data>`, in base64 once and without a line break at its end: `printf %s \"$KEY\" | base64`";

impl Dict<'_, '_, '_> {
    /// The key, as the device decodes it.
    pub(super) fn key(&mut self, kind: Option<TunnelType>) -> Field<Key> {
        if let Some(reference) = self.out_of_reach() {
            return reference;
        }
        let Some(entry) = Self::ipsec(kind).and_then(|dict| self.entry(&[dict, "SharedSecret"])) else { return Field::Absent };
        let span = entry.value.span;
        match &entry.value.kind {
            Kind::Data(text) => self.data_key(text, trimmed(text, span)),
            Kind::Str(text) => {
                let key = facts::literal_key(text, span, FORMAT);
                let wants_data = self.kind == Written::Payload && kind != Some(TunnelType::Ikev2);
                if let Some(secret) = key.value().map(|k| &k.secret).filter(|s| wants_data && !s.is_empty()) {
                    let help = if secret.looks_base64_encoded() {
                        "make a `<data>` of the `<string>`: its text is base64 already, and as a string it would not be decoded"
                    } else {
                        WRITE_DATA
                    };
                    let what = "holds its shared secret as `<string>`, where Apple's systems want `<data>`";
                    self.remarks.push(Remark::new(RemarkKind::SecretType, span, what, "text instead of data", help));
                }
                key
            }
            Kind::Opaque(why) => Field::opaque_at(span, why.clone()),
            _ => {
                let what = "holds its shared secret as a number or list, where Apple's systems want `<data>`";
                self.remarks.push(Remark::new(RemarkKind::SecretType, span, what, "neither data nor text", WRITE_DATA));
                Field::opaque_at(span, "the profile's key is neither data nor text")
            }
        }
    }

    /// A key that macOS keeps elsewhere, or writes in a form that only macOS knows.
    fn out_of_reach(&self) -> Option<Field<Key>> {
        match self.kind {
            Written::Payload => None,
            Written::Settings => {
                self.entry(&["IPSec", "SharedSecretEncryption"])?;
                let entry = self.entry(&["IPSec", "SharedSecret"])?;
                Some(Field::opaque_at(entry.value.span, "the key is in the Mac's keychain, and the file holds only a reference to it"))
            }
            Written::Export(..) => {
                let entry = self.entry(&["IPSec", "ExportedSharedSecret"])?;
                Some(Field::opaque_at(entry.value.span, "macOS obscured the key in its export in a way that is not documented"))
            }
        }
    }

    fn data_key(&mut self, text: &str, span: Span) -> Field<Key> {
        let mut faults = Vec::new();
        let key = facts::base64_key(text, span, FORMAT, &mut faults);
        if !faults.is_empty() {
            let what = "holds something else than base64 in the `<data>` of its shared secret";
            self.remarks.push(Remark::new(RemarkKind::SecretType, span, what, "not base64", WRITE_DATA));
            return key;
        }
        let Some(secret) = key.value().map(|k| &k.secret) else { return key };
        // Apple's reader takes four characters at a time, and drops what is left (`parseDataTag` in CFPropertyList.c).
        if text.bytes().filter(|b| !b.is_ascii_whitespace()).count() % 4 != 0 {
            let what = "leaves out the padding of its shared secret's base64, and Apple's systems drop the last characters";
            self.remarks.push(Remark::new(RemarkKind::SecretType, span, what, "base64 without its padding", WRITE_DATA));
            return Field::opaque_at(span, "the base64 of the key lacks its padding, without which Apple's systems drop its end");
        }
        if secret.looks_base64_encoded() {
            let what = "holds a shared secret that is base64 again once it is decoded";
            let help = "if the key on the MX is readable text, encode that once: `printf %s \"$KEY\" | base64`";
            self.remarks.push(Remark::new(RemarkKind::DoubleEncoded, span, what, "encoded twice", help));
        }
        key
    }
}

/// The place of a text without the white space around it.
fn trimmed(text: &str, span: Span) -> Span {
    // Only a text without escapes has the bytes that it was written with.
    if text.trim().is_empty() || text.len() as u32 != span.len() {
        return span;
    }
    let start = span.start + (text.len() - text.trim_start().len()) as u32;
    Span::new(start, start + text.trim().len() as u32)
}
