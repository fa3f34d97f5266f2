use super::*;

fn one(text: &str) -> Proposal<'_> {
    let all: Vec<_> = Proposal::parse_all(text, Phase::One).collect();
    assert_eq!(all.len(), 1, "{text}");
    all.into_iter().next().unwrap()
}

#[test]
fn one_proposal_has_many_spellings() {
    let same = [
        "3des-sha1-modp1024",
        "3DES-SHA1-MODP1024!",
        "3des-sha1;modp1024",
        "DES3-SHA196-Group2",
        " 3des + hmac_sha1 ; dh2 ",
        "3des-sha1-2",
        "3des-sha-1-group-2",
        "DES3 SHA1 Group 2",
        "3des-sha1-prfsha1-modp1024-noesn",
        "3des_cbc-sha1_96-modp1024 !",
    ];
    for text in same {
        let read = one(text);
        assert_eq!((&*read.encryption, &*read.integrity), (&[Encryption::TripleDes][..], &[Integrity::Sha1][..]), "{text}");
        assert_eq!((&*read.groups, read.unknown), (&[Group::Number(2)][..], None), "{text}");
    }
}

#[test]
fn lists_and_alternatives_are_taken_apart() {
    let texts: Vec<_> = Proposal::parse_all("aes128-sha1-modp2048, 3des-sha1;modp1024!,, ", Phase::One).map(|p| p.text).collect();
    assert_eq!(texts, ["aes128-sha1-modp2048", "3des-sha1;modp1024"]);
    assert_eq!(Proposal::parse_all(" ! ,", Phase::One).count(), 0);
    let many = one("aes128+aes256-sha1-sha256-modp1024+modp2048");
    assert_eq!((many.encryption.len(), many.integrity.len(), many.groups.len()), (2, 2, 2));
}

#[test]
fn a_word_that_is_not_known_makes_the_whole_opaque() {
    for (text, word) in [
        ("3des-blurb-modp1024", "blurb"),
        ("3des-sha1-modp0", "modp0"),
        ("3des-sha1-group0", "group0"),
        ("3des-sha1-0", "0"),
        ("3des-sha1-none", "none"),
        ("3des-sha-2", "sha"),
        ("default", "default"),
    ] {
        assert_eq!(one(text).unknown, Some(word), "{text}");
        assert_eq!(one(text).meets(&one("3des-sha1-modp1024")), Meets::Unsure, "{text}");
    }
}

#[test]
fn without_pfs_is_said_in_phase_2_alone() {
    let esp = |text| Proposal::parse_all(text, Phase::Two).next().unwrap();
    let mx = esp("aes128-sha1-modpnone");
    for (text, meets) in [
        ("aes128-sha1", Meets::Yes),
        ("AES128-SHA196-None", Meets::Yes),
        ("aes128-sha1-modp1024", Meets::No),
        ("AES128-SHA196-PFS2", Meets::No),
        ("AES128-SHA196-PFSMM", Meets::No),
    ] {
        assert_eq!(esp(text).meets(&mx), meets, "{text}");
    }
    assert_eq!(esp("aes128-sha1-pfsmm").meets(&esp("aes128-sha1-modp1024")), Meets::Unsure);
}

#[test]
fn what_is_left_out_matches_and_what_differs_is_named() {
    let mx = one("3des-sha1-modp1024");
    for (text, parts) in [
        ("3des", vec![]),
        ("sha1", vec![]),
        ("aes256-sha1-modp1024", vec![Part::Encryption]),
        ("3des-md5-modp1024", vec![Part::Integrity]),
        ("3des-sha1-ecp384", vec![Part::Group]),
        ("aes256gcm16-prfsha256-modp2048", vec![Part::Encryption, Part::Group]),
    ] {
        let differ: Vec<_> = one(text).compare(&mx).into_iter().filter(|(_, m)| *m == Meets::No).map(|(p, _)| p).collect();
        assert_eq!(differ, parts, "{text}");
    }
}

#[test]
fn aes_without_a_length_contains_128_bits_and_perhaps_more() {
    for (mx, meets) in [("aes128-sha1", Meets::Yes), ("aes256-sha1", Meets::Unsure), ("3des-sha1", Meets::No), ("aes-sha1", Meets::Yes)] {
        assert_eq!(one("aes-sha1").meets(&one(mx)), meets, "{mx}");
    }
}

#[test]
fn other_ciphers_are_told_apart_as_far_as_they_are_known() {
    assert_eq!(one("GCMAES128").meets(&one("aes128gcm16")), Meets::Yes);
    assert_eq!(one("aes128ccm8").meets(&one("aes128ccm64")), Meets::Unsure);
    assert_eq!(one("aes128ccm8").meets(&one("aes128")), Meets::No);
}

#[test]
fn every_line_of_the_table_is_whole() {
    let mut phases = Vec::new();
    for line in crate::model::tables::Tables::shipped().mx_proposals() {
        let phase = if line.key == "esp" { Phase::Two } else { Phase::One };
        assert!(Proposal::parse_all(line.text, phase).all(|p| p.unknown.is_none()), "{}", line.text);
        phases.push((line.setting, line.key));
    }
    for needed in [("default", "ike"), ("default", "esp"), ("pci", "ike"), ("pci", "esp")] {
        assert!(phases.contains(&needed), "{needed:?}");
    }
}
