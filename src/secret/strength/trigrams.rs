//! Whether a text may be a word of zxcvbn's lists, judged by what stands side by side in them.

use std::sync::LazyLock;

/// Words of fewer characters are not in the table.
const FROM: usize = 8;
/// Kinds of characters that the table tells apart: letters, digits, and all marks as one.
const KINDS: usize = 26 + 10 + 1;

/// For two characters, those that follow them in a word, as bits (`policies/data/word-trigrams.txt`).
static FOLLOWERS: LazyLock<[[u64; KINDS]; KINDS]> = LazyLock::new(|| {
    let mut table = [[0; KINDS]; KINDS];
    let lines = include_str!("../../../policies/data/word-trigrams.txt").lines().filter(|l| !l.starts_with('#'));
    for (pair, followers) in lines.filter_map(|l| l.split_once(' ')) {
        let &[a, b] = pair.as_bytes() else { continue };
        table[kind(a)][kind(b)] = followers.bytes().map(|f| 1 << kind(f)).sum();
    }
    table
});

fn kind(character: u8) -> usize {
    match character {
        b'a'..=b'z' => usize::from(character - b'a'),
        b'A'..=b'Z' => usize::from(character - b'A'),
        b'0'..=b'9' => 26 + usize::from(character - b'0'),
        _ => KINDS - 1,
    }
}

/// The kinds of a character itself and of the letters that zxcvbn takes it for in "leet" spelling.
fn kinds(character: u8) -> u64 {
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
    letters.iter().fold(1 << kind(character), |all, letter| all | 1 << kind(*letter))
}

/// Whether any three of these kinds follow one another in a word.
fn follow(first: u64, second: u64, third: u64) -> bool {
    let bits = |set: u64| {
        let rest = std::iter::successors(Some(set), |s| Some(s & s.wrapping_sub(1)));
        rest.take_while(|s| *s != 0).map(|s| s.trailing_zeros() as usize)
    };
    bits(first).any(|a| bits(second).any(|b| FOLLOWERS[a][b] & third != 0))
}

/// Whether `text` or its reverse may be a word, in any case and with any "leet" spelling. `false` is certain.
pub(super) fn may_be_word(text: &[u8]) -> bool {
    let triples = || text.windows(3).map(|w| (kinds(w[0]), kinds(w[1]), kinds(w[2])));
    text.len() < FROM || triples().all(|(a, b, c)| follow(a, b, c)) || triples().all(|(a, b, c)| follow(c, b, a))
}
