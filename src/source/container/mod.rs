//! Files that keep their text in a container: a property list in Apple's binary form, a registry policy of Windows, a certificate in DER, a message with a signature around its content
//! (CMS), and such a message in base64. What stands inside becomes the file's text; signatures are not checked.

mod armour;
mod bplist;
mod certificate;
mod cms;
mod preg;

pub use preg::HEAD as REGISTRY_POLICY;

/// Containers within containers: a binary profile that is signed, twice, in base64, and nothing beyond that.
const LAYERS: usize = 6;

/// What a file's text was taken out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container {
    /// In a word, for people: `binary`, `signed`.
    pub word: &'static str,
    /// The lines of the text are none of the file's own: the text was written anew, or stands in the file in base64.
    pub rendered: bool,
}

/// Why nothing can be read out of a container: what the file is, as it follows "is ", and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Such as `an encrypted message`.
    pub what: &'static str,
    /// What to do next.
    pub help: &'static str,
}

/// A file's bytes without their containers.
pub(super) struct Unpacked {
    /// What is inside; nothing when it is sealed.
    pub bytes: Vec<u8>,
    /// What it was taken out of.
    pub container: Option<Container>,
    /// Why it cannot be taken out.
    pub sealed: Option<Sealed>,
}

const TOO_DEEP: Sealed = Sealed {
    what: "a message within a message, too many times over",
    help: "take the profile out first: `openssl cms -verify -noverify -inform DER -in FILE -out OUT.mobileconfig`",
};

const CLEAR_SIGNED: Sealed = Sealed {
    what: "a mail with the profile in one part and its signature in another, which no device reads",
    help: "save the part that is the profile as a file of its own, and name that",
};

/// Takes a file's content out of its containers; bytes in none come back as they are.
pub(super) fn unpack(mut bytes: Vec<u8>) -> Unpacked {
    let (mut signed, mut armoured) = (false, false);
    let container = |binary: bool, signed: bool, armoured: bool| {
        let word = match (binary, signed) {
            (true, true) => "signed, binary",
            (true, false) => "binary",
            (false, true) => "signed",
            (false, false) => return None,
        };
        Some(Container { word, rendered: binary || armoured })
    };
    for _ in 0..LAYERS {
        if bytes.starts_with(bplist::MAGIC) {
            return match bplist::render(&bytes) {
                Ok(text) => Unpacked { bytes: text.into_bytes(), container: container(true, signed, armoured), sealed: None },
                Err(sealed) => Unpacked { bytes: Vec::new(), container: container(true, signed, armoured), sealed: Some(sealed) },
            };
        }
        if bytes.starts_with(preg::MAGIC) {
            return match preg::render(&bytes) {
                Ok(text) => Unpacked { bytes: text.into_bytes(), container: container(true, signed, armoured), sealed: None },
                Err(sealed) => Unpacked { bytes: Vec::new(), container: container(true, signed, armoured), sealed: Some(sealed) },
            };
        }
        if certificate::is_certificate(&bytes) {
            let bytes = certificate::render(&bytes).into_bytes();
            return Unpacked { bytes, container: container(true, signed, armoured), sealed: None };
        }
        if let Some(inner) = armour::remove(&bytes) {
            (bytes, armoured) = (inner, true);
            continue;
        }
        if armour::is_clear_signed(&bytes) {
            return Unpacked { bytes: Vec::new(), container: container(false, true, true), sealed: Some(CLEAR_SIGNED) };
        }
        match cms::content(&bytes) {
            None => return Unpacked { container: container(false, signed, armoured), bytes, sealed: None },
            Some(Ok(inner)) => (bytes, signed) = (inner, true),
            Some(Err(sealed)) => return Unpacked { bytes: Vec::new(), container: container(false, true, armoured), sealed: Some(sealed) },
        }
    }
    Unpacked { bytes: Vec::new(), container: container(false, true, armoured), sealed: Some(TOO_DEEP) }
}

#[cfg(test)]
mod tests;
