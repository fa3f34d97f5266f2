use super::*;

const XML: &str = "<?xml version=\"1.0\"?>\n<plist><dict><key>a</key><string>CANARY</string></dict></plist>\n";

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len() as u32;
    [vec![tag, 0x84], length.to_be_bytes().to_vec(), content].concat()
}

/// With an end mark in place of a length.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    [vec![tag, 0x80], parts.concat(), vec![0, 0]].concat()
}

fn kind(last: u8) -> Vec<u8> {
    [&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7][..], &[last]].concat()
}

/// A signed message around an element that holds the content.
fn signed(wrap: fn(u8, &[&[u8]]) -> Vec<u8>, content: &[u8]) -> Vec<u8> {
    let algorithms = wrap(0x31, &[&wrap(0x30, &[&[6, 1, 42], &[5, 0]])]);
    let inner = wrap(0x30, &[&kind(1), content]);
    let data = wrap(0x30, &[&[2, 1, 1], &algorithms, &inner, &wrap(0x31, &[])]);
    wrap(0x30, &[&kind(2), &wrap(0xA0, &[&data])])
}

fn in_octets(text: &[u8]) -> Vec<u8> {
    der(0xA0, &[&der(4, &[text])])
}

fn what(bytes: Vec<u8>) -> (String, Option<&'static str>, bool, Option<&'static str>) {
    let unpacked = unpack(bytes);
    let text = String::from_utf8(unpacked.bytes).unwrap();
    let container = unpacked.container;
    (text, container.map(|c| c.word), container.is_some_and(|c| c.rendered), unpacked.sealed.map(|s| s.what))
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine as _;
    let text = ::base64::engine::general_purpose::STANDARD.encode(bytes);
    text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_content_of_a_signed_message_comes_out_whole() {
    let whole = in_octets(XML.as_bytes());
    let (left, right) = XML.split_at(20);
    let chunks = ber(0xA0, &[&ber(0x24, &[&der(4, &[left.as_bytes()]), &ber(0x24, &[&der(4, &[right.as_bytes()])])])]);
    let twice = in_octets(&signed(der, &whole));
    for (name, message) in [
        ("der", signed(der, &whole)),
        ("ber", signed(ber, &whole)),
        ("in chunks", signed(ber, &chunks)),
        ("chunks in der", signed(der, &der(0xA0, &[&der(0x24, &[&der(4, &[left.as_bytes()]), &der(4, &[right.as_bytes()])])]))),
        ("twice", signed(der, &twice)),
        ("bytes behind it", [signed(der, &whole), vec![0; 7]].concat()),
        ("plain data", der(0x30, &[&kind(1), &whole])),
    ] {
        assert_eq!(what(message), (XML.to_owned(), Some("signed"), false, None), "{name}");
    }
}

#[test]
fn messages_in_base64_are_unwrapped() {
    let text = base64(&signed(der, &in_octets(XML.as_bytes())));
    for armoured in [
        format!("-----BEGIN PKCS7-----\n{text}\n-----END PKCS7-----\n"),
        format!("\u{feff}\n-----BEGIN CMS-----\r\n{}\r\n-----END CMS-----", text.replace('\n', "\r\n")),
        format!(
            "MIME-Version: 1.0\nContent-Type: application/x-pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n{text}\n"
        ),
        text.clone(),
    ] {
        assert_eq!(what(armoured.clone().into_bytes()), (XML.to_owned(), Some("signed"), true, None), "{armoured}");
    }
    for other in
        ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "MIIBCgKC", "Content-Type: text/plain\n\nhello", "0.0.0.0/0", ""]
    {
        assert_eq!(what(other.into()), (other.to_owned(), None, false, None));
    }
}

#[test]
fn what_cannot_be_taken_out_is_named() {
    let whole = signed(der, &in_octets(XML.as_bytes()));
    for (message, why) in [
        (der(0x30, &[&kind(3), &der(0xA0, &[])]), "an encrypted message, which cannot be read without its private key"),
        (signed(der, &in_octets(&der(0x30, &[&kind(3)]))), "an encrypted message, which cannot be read without its private key"),
        (signed(der, &[]), "a signature without the profile that it signs"),
        (signed(ber, &[]), "a signature without the profile that it signs"),
        (der(0x30, &[&kind(5)]), "a message of a kind that is not read"),
        (whole[..60].to_vec(), "a signed message that is damaged or cut short"),
        (signed(der, &der(0xA0, &[&der(0x30, &[])])), "a signed message that is damaged or cut short"),
        (
            format!("MIME-Version: 1.0\nContent-Type: multipart/signed; boundary=\"x\"\n\n--x\n{XML}").into_bytes(),
            "a mail with the profile in one part and its signature in another, which no device reads",
        ),
        ((0..9).fold(whole.clone(), |inner, _| signed(der, &in_octets(&inner))), TOO_DEEP.what),
        // Chunks within chunks without end.
        (signed(ber, &ber(0xA0, &[&[0x24, 0x80].repeat(5000)])), "a signed message that is damaged or cut short"),
        (signed(ber, &[0xA0, 0x80, 0x24, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), "a signed message that is damaged or cut short"),
    ] {
        let (text, _, _, sealed) = what(message);
        assert_eq!((text.as_str(), sealed), ("", Some(why)));
    }
}

#[test]
fn a_message_that_is_cut_anywhere_shows_nothing_of_its_content() {
    for message in [signed(der, &in_octets(XML.as_bytes())), signed(ber, &in_octets(XML.as_bytes()))] {
        let end = message.windows(9).position(|w| w == b"</plist>\n").unwrap() + 9;
        for cut in 0..end {
            let unpacked = unpack(message[..cut].to_vec());
            assert!(!unpacked.bytes.windows(6).any(|w| w == b"CANARY"), "{cut}");
        }
    }
}

/// A property list of the given objects; the first is its root.
fn bplist(objects: &[&[u8]]) -> Vec<u8> {
    let mut out = b"bplist00".to_vec();
    let mut table = Vec::new();
    for object in objects {
        table.extend((out.len() as u16).to_be_bytes());
        out.extend(*object);
    }
    let at = out.len() as u64;
    out.extend(table);
    out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for number in [objects.len() as u64, 0, at] {
        out.extend(number.to_be_bytes());
    }
    out
}

#[test]
fn a_binary_property_list_is_written_as_xml() {
    let list = bplist(&[
        &[0xD2, 1, 2, 3, 4],
        b"\x54a<&>",
        b"\x61\x30\x42",
        &[0xA9, 5, 6, 7, 8, 9, 10, 11, 12, 13],
        &[0x10, 200],
        &[0x13, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
        &[0x22, 0x3F, 0xC0, 0, 0],
        &[0x08],
        &[0x09],
        b"\x46CANARY",
        b"\x53a\r\n",
        &[0x33, 0x41, 0xC8, 0x1D, 0x2D, 0x00, 0, 0, 0],
        b"\x5F\x10\x02zz",
        &[0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
    ]);
    let (text, word, rendered, sealed) = what(list.clone());
    assert_eq!((word, rendered, sealed), (Some("binary"), true, None));
    assert_eq!(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>a&lt;&amp;&gt;</key>\n\t<array>\n\t\t<integer>-2</integer>\n\
         \t\t<real>1.5</real>\n\t\t<false/>\n\t\t<true/>\n\t\t<data>Q0FOQVJZ</data>\n\t\t<string>a&#13;\n</string>\n\
         \t\t<date>2026-08-22T22:28:16Z</date>\n\t\t<string>zz</string>\n\t\t<integer>7</integer>\n\t</array>\n\t<key>\u{3042}</key>\n\
         \t<integer>200</integer>\n</dict>\n</plist>\n"
    );
    assert_eq!(what(signed(der, &in_octets(&list))), (text, Some("signed, binary"), true, None));
    for cut in 8..list.len() {
        let (text, _, _, sealed) = what(list[..cut].to_vec());
        assert!(text.is_empty() && sealed.is_some(), "{cut}");
    }
}

#[test]
fn property_lists_that_would_not_end_or_lie_are_refused() {
    let mut lying = bplist(&[&[0x08]]);
    let at = lying.len() - 24;
    lying[at..at + 8].fill(0xFF);
    for (list, why) in [
        // A list that holds itself, once and twice.
        (bplist(&[&[0xA1, 0]]), bplist::render(&bplist(&[&[0xA1, 0]])).unwrap_err().what),
        (bplist(&[&[0xA2, 0, 0]]), "a binary property list that says too much: it nests too deep, or refers to the same values too often"),
        (lying, "a binary property list that is damaged or cut short"),
        (bplist(&[&[0x4F, 0x13, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]), "a binary property list that is damaged or cut short"),
        (bplist(&[&[0xDF, 0x13, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]]), "a binary property list that is damaged or cut short"),
        (bplist(&[&[0xA1, 9]]), "a binary property list that is damaged or cut short"),
        (bplist(&[&[0xD1, 1, 1], &[0x08]]), "a binary property list that is damaged or cut short"),
        (bplist(&[&[0x61, 0xD8, 0x00]]), "a binary property list that is damaged or cut short"),
        (bplist(&[b"\x51\x01"]), "a binary property list with control characters in its text, which no profile has"),
        (bplist(&[]), "a binary property list that is damaged or cut short"),
    ] {
        assert_eq!(what(list).3, Some(why));
    }
    // Ten lists, each of ten references to the next.
    let lists: Vec<Vec<u8>> = (1..=10).map(|n| [vec![0xAA], vec![n; 10]].concat()).chain([vec![8]]).collect();
    let lists: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
    assert!(what(bplist(&lists)).3.is_some_and(|why| why.contains("too much")));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        n in 0_usize..4,
        changes in proptest::collection::vec((0_usize..400, proptest::num::u8::ANY), 0..8),
        cut in 0_usize..400,
    ) {
        let list = bplist(&[&[0xD1, 1, 2], b"\x51a", &[0xA2, 1, 3], &[0x13, 0, 0, 0, 0, 0, 0, 0, 1], b"\x62\0a\0b"]);
        let content = in_octets(XML.as_bytes());
        let mut file = match n {
            0 => list,
            1 => signed(der, &content),
            2 => signed(ber, &ber(0xA0, &[&ber(0x24, &[&der(4, &[XML.as_bytes()])])])),
            _ => signed(ber, &in_octets(&list)),
        };
        for (at, byte) in changes {
            let at = at % file.len();
            file[at] = byte;
        }
        file.truncate(file.len().saturating_sub(cut % 40));
        let unpacked = unpack(file);
        proptest::prop_assert!(unpacked.sealed.is_none() || unpacked.bytes.is_empty());
    }
}

/// Real files that are no part of the repository; skipped where they are not.
#[test]
#[expect(clippy::disallowed_methods, reason = "files that are no part of the crate")]
fn the_corpus_is_unpacked_to_the_same_profile() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/clients/mobileconfig");
    let Ok(plain) = std::fs::read(folder.join("bakkerblanc_VPN_2019.mobileconfig")) else {
        #[expect(clippy::print_stderr, reason = "says that nothing was tested")]
        {
            eprintln!("skipped: there are no real profiles here");
        }
        return;
    };
    for (name, word) in [("derived_signed_der", "signed"), ("derived_signed_ber_stream", "signed"), ("derived_binary", "binary")] {
        let unpacked = unpack(std::fs::read(folder.join(format!("{name}.mobileconfig"))).unwrap());
        assert_eq!((unpacked.container.map(|c| c.word), unpacked.sealed), (Some(word), None), "{name}");
        assert!(word == "binary" || unpacked.bytes == plain, "{name}");
        let has = |word: &[u8]| unpacked.bytes.windows(word.len()).any(|w| w == word);
        assert!(has(b"<key>CommRemoteAddress</key>") && has(b"<string>remote.bakkerblanc.ch</string>"), "{name}");
    }
}

/// A registry policy file of these records: key, value, type, data.
fn policy(records: &[(&str, &str, u32, &[u8])]) -> Vec<u8> {
    fn put(out: &mut Vec<u8>, text: &str) {
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }
    let mut out = preg::MAGIC.to_vec();
    for (key, name, kind, data) in records {
        put(&mut out, &format!("[{key}\0;{name}\0;"));
        out.extend(kind.to_le_bytes());
        put(&mut out, ";");
        out.extend((data.len() as u32).to_le_bytes());
        put(&mut out, ";");
        out.extend(*data);
        put(&mut out, "]");
    }
    out
}

#[test]
fn a_registry_policy_is_written_out_without_its_texts() {
    let secret: Vec<u8> = "CANARY".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = policy(&[
        (r"SYSTEM\A", "Rule", 4, &[2, 0, 0, 0]),
        (r"SYSTEM\A", "Password", 1, &secret),
        (r"SYSTEM\A", "**del.Old", 1, &[b' ', 0, 0, 0]),
        ("SYSTEM\\B\n[x]", "a\"=1", 4, &[1, 0]),
        ("SYSTEM\\A", "ü", 11, &[]),
    ]);
    let unpacked = unpack(bytes);
    assert_eq!(unpacked.container, Some(Container { word: "binary", rendered: true }));
    assert_eq!(
        String::from_utf8(unpacked.bytes).unwrap(),
        "Registry policy file 1\n\n[SYSTEM\\A]\n\"Rule\"=dword:00000002\n\"Password\"=hex(1):\n\"**del.Old\"=hex(1):\n\n\
         [SYSTEM\\B\u{fffd}\u{fffd}x\u{fffd}]\n\"a\u{fffd}=1\"=hex(4):\n\n[SYSTEM\\A]\n\"ü\"=hex(b):\n"
    );
}

#[test]
fn a_registry_policy_that_is_cut_is_sealed_or_whole_up_to_there() {
    let records: [(&str, &str, u32, &[u8]); 2] = [(r"SYSTEM\A", "Rule", 4, &[2, 0, 0, 0]), (r"SYSTEM\A", "Text", 1, &[b']', 0, b'[', 0])];
    let (whole, first) = (policy(&records), policy(&records[..1]));
    for cut in preg::MAGIC.len()..=whole.len() {
        let read = unpack(whole[..cut].to_vec());
        assert_eq!(read.sealed.is_none(), [preg::MAGIC.len(), first.len(), whole.len()].contains(&cut), "{cut}");
    }
    // A size beyond the file, and another version.
    let mut long = first.clone();
    let at = long.len() - 2 - 4 - 2 - 4;
    long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(unpack(long).sealed.is_some());
    assert!(unpack(b"PReg\x02\0\0\0".to_vec()).container.is_none());
}
