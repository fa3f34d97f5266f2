//! Whether a text may be a word of zxcvbn's lists, judged by what stands side by side in them.

use std::sync::LazyLock;

/// Words of fewer characters are not in the table.
const FROM: usize = 8;
const DIGIT: usize = 26;
const MARK: usize = 27;

/// For two characters, those that follow them in a word, as bits (`policies/data/word-trigrams.txt`).
static FOLLOWERS: LazyLock<[[u32; 28]; 28]> = LazyLock::new(|| {
    let mut table = [[0; 28]; 28];
    let lines = include_str!("../../../policies/data/word-trigrams.txt").lines().filter(|l| !l.starts_with('#'));
    for (pair, followers) in lines.filter_map(|l| l.split_once(' ')) {
        let &[a, b] = pair.as_bytes() else { continue };
        table[class(a)][class(b)] = followers.bytes().map(|f| 1 << class(f)).sum();
    }
    table
});

fn class(character: u8) -> usize {
    match character {
        b'a'..=b'z' => usize::from(character - b'a'),
        b'A'..=b'Z' => usize::from(character - b'A'),
        b'0'..=b'9' => DIGIT,
        _ => MARK,
    }
}

/// The classes of a character itself and of the letters that zxcvbn takes it for in "leet" spelling.
fn classes(character: u8) -> u32 {
    let letters: &[u8] = match character {
        b'4' | b'@' => b"a",
        b'8' => b"b",
        b'(' | b'{' | b'[' | b'<' => b"c",
        b'3' => b"e",
        b'6' | b'9' => b"g",
        b'1' | b'|' => b"il",
        b'!' => b"i",
        b'7' => b"lt",
        b'0' => b"o",
        b'$' | b'5' => b"s",
        b'+' => b"t",
        b'%' => b"x",
        b'2' => b"z",
        _ => b"",
    };
    letters.iter().fold(1 << class(character), |all, letter| all | 1 << class(*letter))
}

/// Whether any three of these classes follow one another in a word.
fn follow(first: u32, second: u32, third: u32) -> bool {
    let bits = |set: u32| (0..28usize).filter(move |n| set >> n & 1 == 1);
    bits(first).any(|a| bits(second).any(|b| FOLLOWERS[a][b] & third != 0))
}

/// Whether `text` or its reverse may be a word, in any case and with any "leet" spelling. `false` is certain.
pub(super) fn may_be_word(text: &[u8]) -> bool {
    let triples = || text.windows(3).map(|w| (classes(w[0]), classes(w[1]), classes(w[2])));
    text.len() < FROM || triples().all(|(a, b, c)| follow(a, b, c)) || triples().all(|(a, b, c)| follow(c, b, a))
}
