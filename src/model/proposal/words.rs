//! The words of proposals: strongSwan's notation, and what libreswan, NetworkManager and Windows write for the same things.
//!
//! Sources: strongSwan's documentation of IKEv1 and ESP cipher suites; libreswan, `ipsec.conf(5)`; Microsoft, `Set-VpnConnectionIPsecConfiguration` and
//! the Graph type `cryptographySuite`; DH groups as IANA numbers them (RFC 2409, RFC 3526, RFC 5903, RFC 5114, RFC 6954, RFC 8031).

/// A cipher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// DES.
    Des,
    /// Triple DES.
    TripleDes,
    /// AES-CBC; without a length strongSwan means 128 bits, and libreswan several.
    Aes(Option<u16>),
    /// Any other, by its word.
    Other(Box<str>),
}

/// A hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-2 of this many bits.
    Sha2(u16),
    /// Any other, by its word.
    Other(Box<str>),
}

/// A Diffie-Hellman group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// By IANA's number.
    Number(u8),
    /// No exchange of its own: PFS off.
    None,
    /// That of phase 1, whichever it is (Windows' `PFSMM`).
    MainMode,
}

/// What a word of a proposal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A cipher.
    Encryption(Encryption),
    /// A hash.
    Integrity(Integrity),
    /// A group.
    Group(Group),
    /// Something that IKEv1 does not negotiate by itself: a pseudo-random function, extended sequence numbers.
    Nothing,
}

/// The meaning of a word, in any case, with or without `_`.
pub fn read(word: &str) -> Option<Word> {
    let word: String = word.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    if matches!(&*word, "esn" | "noesn") {
        return Some(Word::Nothing);
    }
    if let Some(function) = word.strip_prefix("prf") {
        return integrity(function).map(|_| Word::Nothing);
    }
    // Hashes first: `aesxcbc` is none of the AES ciphers.
    integrity(&word).map(Word::Integrity).or_else(|| encryption(&word).map(Word::Encryption)).or_else(|| group(&word).map(Word::Group))
}

fn integrity(word: &str) -> Option<Integrity> {
    let word = word.strip_prefix("hmac").unwrap_or(word);
    Some(match word {
        "md5" | "md596" | "md5128" => Integrity::Md5,
        "sha" | "sha1" | "sha196" | "sha1160" => Integrity::Sha1,
        "sha2" | "sha256" | "sha2256" | "sha256128" | "sha2256128" => Integrity::Sha2(256),
        "sha384" | "sha2384" | "sha384192" => Integrity::Sha2(384),
        "sha512" | "sha2512" | "sha512256" => Integrity::Sha2(512),
        "sha25696" | "aesxcbc" | "aescmac" | "aes128gmac" | "aes192gmac" | "aes256gmac" => Integrity::Other(word.into()),
        _ => return None,
    })
}

fn encryption(word: &str) -> Option<Encryption> {
    let word = word.replacen("cbc", "", 1);
    Some(match &*word {
        "des" => Encryption::Des,
        "3des" | "des3" | "tripledes" => Encryption::TripleDes,
        "aes" => Encryption::Aes(None),
        "aes128" => Encryption::Aes(Some(128)),
        "aes192" => Encryption::Aes(Some(192)),
        "aes256" => Encryption::Aes(Some(256)),
        "null" => Encryption::Other("null".into()),
        _ => Encryption::Other(other(&word)?),
    })
}

/// Ciphers that no MX is known to take for client VPN: one spelling each where there are several.
fn other(word: &str) -> Option<Box<str>> {
    let lengths = ["128", "192", "256"];
    for bits in lengths {
        let same = [
            format!("gcmaes{bits}"),
            format!("aes{bits}gcm"),
            format!("aes{bits}gcm16"),
            format!("aes{bits}gcm128"),
            format!("aesgcm16{bits}"),
        ];
        if same.iter().any(|s| s == word) {
            return Some(format!("aes{bits}gcm").into());
        }
    }
    let digits = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit());
    let aes = word.strip_prefix("aes").map(|rest| lengths.iter().find_map(|bits| rest.strip_prefix(bits)).unwrap_or(rest));
    let mode = aes.and_then(|rest| ["gcm", "ccm", "ctr"].iter().find_map(|m| rest.strip_prefix(m)));
    let family = ["camellia", "blowfish", "cast", "serpent", "twofish"].iter().find_map(|f| word.strip_prefix(f));
    let family = family.map(|rest| rest.trim_start_matches("ctr").trim_start_matches("ccm"));
    (mode.or(family).is_some_and(digits) || word == "chacha20poly1305").then(|| word.into())
}

fn group(word: &str) -> Option<Group> {
    let number = match word {
        "none" | "modpnone" | "pfsnone" | "dhnone" | "groupnone" | "nopfs" => return Some(Group::None),
        "pfsmm" => return Some(Group::MainMode),
        "modp768" => 1,
        "modp1024" => 2,
        "modp1536" => 5,
        "modp2048" | "pfs2048" | "group2048" | "dhgroup2048" => 14,
        "modp3072" => 15,
        "modp4096" => 16,
        "modp6144" => 17,
        "modp8192" => 18,
        "ecp256" => 19,
        "ecp384" => 20,
        "ecp521" => 21,
        "modp1024s160" => 22,
        "modp2048s224" => 23,
        "modp2048s256" => 24,
        "ecp192" => 25,
        "ecp224" => 26,
        "ecp224bp" => 27,
        "ecp256bp" => 28,
        "ecp384bp" => 29,
        "ecp512bp" => 30,
        "curve25519" | "x25519" => 31,
        "curve448" | "x448" => 32,
        _ => {
            let digits = ["dhgroup", "group", "dh", "pfs"].iter().find_map(|p| word.strip_prefix(p)).unwrap_or(word);
            let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
            return matches!(number, 1 | 2 | 5 | 14..=32).then_some(Group::Number(number));
        }
    };
    Some(Group::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_writer_has_its_own_words_for_one_thing() {
        for (words, meaning) in [
            ("3des DES3 3DES_CBC tripleDes 3des-cbc", Word::Encryption(Encryption::TripleDes)),
            ("aes128 AES128 aes_cbc128 AES_CBC_128", Word::Encryption(Encryption::Aes(Some(128)))),
            ("GCMAES256 aes256gcm aes256gcm16 AES_GCM_16_256 aes256Gcm", Word::Encryption(Encryption::Other("aes256gcm".into()))),
            ("sha sha1 SHA196 sha1_96 HMAC_SHA1 sha1_160", Word::Integrity(Integrity::Sha1)),
            ("sha256 sha2_256 SHA256128 sha2 sha_256_128 hmac_sha2_256", Word::Integrity(Integrity::Sha2(256))),
            ("md5 MD596", Word::Integrity(Integrity::Md5)),
            ("modp1024 Group2 dh2 DHGroup2 PFS2 2", Word::Group(Group::Number(2))),
            ("modp2048 Group14 dh14 PFS2048 DHGroup2048 14", Word::Group(Group::Number(14))),
            ("ecp256 ECP256 ecp_256 dh19 group19 19", Word::Group(Group::Number(19))),
            ("ecp384 group20", Word::Group(Group::Number(20))),
            ("curve25519 x25519 dh31", Word::Group(Group::Number(31))),
            ("None modpnone PfsNone", Word::Group(Group::None)),
            ("PFSMM", Word::Group(Group::MainMode)),
            ("prfsha1 PRF_HMAC_SHA2_256 noesn prfaesxcbc", Word::Nothing),
        ] {
            for word in words.split(' ').map(|w| w.replace('-', "_")) {
                assert_eq!(read(&word), Some(meaning.clone()), "{word}");
            }
        }
    }

    #[test]
    fn what_is_not_known_is_no_word() {
        for word in [
            "", "0", "dh0", "group0", "modp1", "modp", "group3", "dh33", "aes512", "aes64gcm", "sha3", "prf", "prfblurb", "default", "3de",
            "-1", "+2",
        ] {
            assert_eq!(read(word), None, "{word}");
        }
    }

    #[test]
    fn other_ciphers_are_known_and_are_none_of_the_usual() {
        for word in
            ["chacha20poly1305", "camellia256", "blowfish", "cast128", "aes128ctr", "aes256ccm8", "aes128gcm8", "null", "twofish256"]
        {
            assert!(matches!(read(word), Some(Word::Encryption(Encryption::Other(_)))), "{word}");
        }
        assert!(matches!(read("aesxcbc"), Some(Word::Integrity(Integrity::Other(_)))));
    }
}
