//! A proof, some twenty times cheaper than zxcvbn, that zxcvbn would call a key strong.
//!
//! zxcvbn 3.1 cuts the key into `l` matches and takes the cheapest way: `l! · Π guesses + 10⁴⁽ˡ⁻¹⁾`; a score of 3 begins at
//! 10⁸ + 5. Three matches are beyond that by the second term alone. So a weak key is one match, or two whose guesses
//! multiply to less than 5·10⁷; and every cut in two is tried here with a lower bound for each half, whatever the pattern:
//! brute force, a word (the best rank that any word of that length and kind of characters has in zxcvbn's lists, times its
//! own formula for upper case, unless three characters of it stand side by side in no word), a keyboard walk, a sequence, a
//! repetition, a date.

mod keyboard;
mod trigrams;

/// Guesses from which one match has score 3.
const STRONG_WHOLE: u64 = 100_000_005;
/// Product of the guesses from which two matches have score 3: `2 · product + 10⁴ ≥ 10⁸ + 5`.
const STRONG_PAIR: u64 = 50_000_000;
/// zxcvbn's least guesses for a match that is part of the key.
const MIN_PART: u64 = 50;
/// The same for a single character.
const MIN_CHAR: u64 = 10;
/// A date: at least twenty years of 365 days.
const MIN_DATE: u64 = 7_300;
/// The rank of what no list holds.
const NO_WORD: u64 = u64::MAX;

/// Best ranks by length in the word lists of zxcvbn 3.1; 0: no word has this length.
type Ranks = [u32; 24];
const LETTERS: Ranks = [0, 2, 2, 1, 1, 1, 3, 2, 2, 5, 22, 11, 290, 132, 677, 777, 1997, 6691, 4064, 8214, 16609, 14711, 14055, 24862];
/// Letters only, and four letters in a row are not of `aeiouy`.
const CONSONANTS: Ranks = [0, 0, 0, 0, 587, 21, 31, 39, 199, 177, 626, 893, 394, 1102, 3023, 5657, 11205, 12766, 0, 0, 0, 0, 0, 24862];
const DIGITS: Ranks = [0, 0, 0, 0, 7, 6, 1, 9, 3, 5, 24, 1011, 2975, 27396, 15599, 27717, 27381, 15404, 6236, 25194, 11321, 0, 0, 0];
const LETTERS_AND_DIGITS: Ranks =
    [0, 0, 0, 0, 794, 428, 13, 144, 28, 189, 96, 545, 850, 2278, 6753, 1516, 2174, 0, 14974, 0, 19528, 0, 0, 0];
/// At least one mark, most often an apostrophe.
const WITH_MARKS: Ranks =
    [0, 0, 0, 10, 21, 14, 29, 90, 162, 360, 5862, 1459, 681, 10636, 16102, 10990, 7641, 9925, 14680, 19773, 24279, 0, 0, 0];
/// A mark that is no apostrophe, and no digit.
const OTHER_MARKS: Ranks =
    [0, 0, 0, 326, 249, 3219, 2267, 4844, 7031, 11568, 10788, 1459, 22793, 18642, 16102, 22489, 7641, 9925, 20254, 19773, 24279, 0, 0, 0];
const MARKS_AND_DIGITS: Ranks = [0, 0, 0, 0, 0, 27377, 10180, 1500, 4795, 2248, 8094, 0, 20822, 0, 0, 10990, 0, 21323, 0, 0, 0, 0, 0, 0];
/// The longest word with two kinds of marks that are not "leet" spelling.
const TWO_MARKS: usize = 7;

/// Whether zxcvbn's score is 3 or 4 for certain. `false` says nothing.
pub(super) fn surely_strong(key: &[u8]) -> bool {
    let n = key.len();
    if n < 10 || !key.iter().all(|b| (b' '..=b'~').contains(b)) {
        return false;
    }
    least_pattern(key) >= STRONG_WHOLE
        && (1..n).all(|at| {
            let (head, tail) = key.split_at(at);
            least_part(head).saturating_mul(least_part(tail)) >= STRONG_PAIR
        })
}

/// Lower bound of the guesses for one match that covers all of `part` and not all of the key.
fn least_part(part: &[u8]) -> u64 {
    if part.len() == 1 {
        return MIN_CHAR;
    }
    let brute_force = 10u64.saturating_pow(part.len() as u32);
    least_pattern(part).max(MIN_PART).min(brute_force)
}

/// Lower bound of the guesses for one match other than brute force that covers all of `part`.
fn least_pattern(part: &[u8]) -> u64 {
    if is_sequence(part) || is_repetition(part) || keyboard::is_walk(part) {
        return 1;
    }
    let word = match least_rank(part) {
        rank if rank == NO_WORD || !trigrams::may_be_word(part) => NO_WORD,
        rank => rank.saturating_mul(upper_case_variations(part)),
    };
    if part.len() == 4 && part.iter().all(u8::is_ascii_digit) {
        1
    } else if (4..=10).contains(&part.len())
        && part.iter().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'/' | b'\\' | b'_' | b'.' | b'-'))
    {
        word.min(MIN_DATE)
    } else {
        word
    }
}

/// Lower bound of a word's rank times zxcvbn's factor for "leet" spelling, which at least doubles for each kind of
/// replaced character.
fn least_rank(part: &[u8]) -> u64 {
    let rank = |ranks: &Ranks| match ranks.get(part.len()) {
        None | Some(0) => NO_WORD,
        Some(&r) => u64::from(r),
    };
    let (mut letters, mut digits, mut leet, mut marks) = (0u128, 0u128, 0u128, 0u128);
    let (mut consonants, mut longest) = (0, 0);
    for &b in part {
        let set = match b {
            b'a'..=b'z' | b'A'..=b'Z' => &mut letters,
            b'0'..=b'9' => &mut digits,
            b'@' | b'(' | b'{' | b'[' | b'<' | b'!' | b'|' | b'$' | b'+' | b'%' => &mut leet,
            _ => &mut marks,
        };
        *set |= 1 << b;
        let may_be_a_vowel =
            matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'0' | b'1' | b'3' | b'4' | b'@' | b'!' | b'|');
        consonants = if may_be_a_vowel { 0 } else { consonants + 1 };
        longest = longest.max(consonants);
    }
    let doubled = |ranks: &Ranks, kinds: u32| rank(ranks).saturating_mul(1 << kinds.min(40));
    let kinds = digits.count_ones();
    let all_leet = doubled(if longest >= 4 { &CONSONANTS } else { &LETTERS }, kinds + leet.count_ones());
    if marks.count_ones() >= 2 && part.len() > TWO_MARKS {
        NO_WORD
    } else if marks & !(1 << b'\'') != 0 {
        let spelt = doubled(&OTHER_MARKS, kinds);
        if digits == 0 { spelt } else { spelt.min(rank(&MARKS_AND_DIGITS)) }
    } else if marks != 0 {
        rank(&WITH_MARKS)
    } else if leet != 0 {
        rank(&WITH_MARKS).min(doubled(&LETTERS_AND_DIGITS, 1)).min(all_leet)
    } else if digits != 0 && letters != 0 {
        rank(&LETTERS_AND_DIGITS).min(all_leet)
    } else if digits != 0 {
        rank(&DIGITS).min(doubled(&LETTERS_AND_DIGITS, 1)).min(all_leet)
    } else {
        all_leet
    }
}

/// zxcvbn's own factor for upper case; 0 for upper-case letters with digits and no lower case, as there.
fn upper_case_variations(part: &[u8]) -> u64 {
    let upper = part.iter().filter(|b| b.is_ascii_uppercase()).count() as u64;
    let lower = part.iter().filter(|b| b.is_ascii_lowercase()).count() as u64;
    let at_an_edge = [part.first(), part.last()].into_iter().flatten().any(u8::is_ascii_uppercase);
    if upper == 0 {
        return 1;
    }
    if (upper == 1 && at_an_edge) || upper == part.len() as u64 {
        return 2;
    }
    let mut choices = 1;
    (1..=upper.min(lower))
        .map(|i| {
            choices = choices * (upper + lower + 1 - i) / i;
            choices
        })
        .sum()
}

fn is_sequence(part: &[u8]) -> bool {
    let step = |w: &[u8]| i16::from(w[1]) - i16::from(w[0]);
    part.len() >= 2 && step(&part[..2]).abs() <= 5 && part.windows(2).all(|w| step(w) == step(&part[..2]))
}

fn is_repetition(part: &[u8]) -> bool {
    let n = part.len();
    (1..=n / 2).any(|period| n.is_multiple_of(period) && part[period..] == part[..n - period])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zxcvbn::matching::patterns::MatchPattern;
    use zxcvbn::{Score, zxcvbn};

    use super::*;

    const WORDS: [&str; 60] = [
        "the",
        "mary",
        "smith",
        "123456",
        "password",
        "johnson",
        "elizabeth",
        "christopher",
        "qwertyuiop",
        "1234567890",
        "1qaz2wsx",
        "password1",
        "q1w2e3r4t5",
        "abc123",
        "ncc1701",
        "don't",
        "shouldn't",
        "everything's",
        "international",
        "championship",
        "administration",
        "congratulations",
        "you're",
        "fuck_inside",
        "19th",
        "robert",
        "12345678",
        "123qweasdzxc",
        "letmein",
        "dragon",
        "monkey",
        "michael",
        "jennifer",
        "government",
        "university",
        "basketball",
        "something",
        "everything",
        "williams",
        "rodriguez",
        "summer",
        "winter",
        "welcome",
        "trustno1",
        "zxcvbnm",
        "asdfghjkl",
        "p@ssw0rd",
        "pa$$w0rd",
        "aaaaaaaaaa",
        "11111111",
        "2024",
        "1987",
        "3.4.1991",
        "12/31/1999",
        "abcdefgh",
        "98765432",
        "nemvxyheqdd5oqxyxyzi",
        "state-of-the-art",
        "web.com",
        "i",
    ];
    const KEYS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// A small generator, so that the same keys are tried every time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % sides
        }

        fn pick(&mut self, from: &[u8]) -> u8 {
            from[self.roll(from.len())]
        }

        fn random(&mut self, from: &[u8], len: usize) -> Vec<u8> {
            (0..len).map(|_| self.pick(from)).collect()
        }

        fn bench_key(&mut self) -> Vec<u8> {
            let (letters, alnum) = (&KEYS[..52], &KEYS[..62]);
            [self.random(letters, 1), self.random(alnum, 8), b".".to_vec(), self.random(KEYS, 9), self.random(letters, 1)].concat()
        }

        fn word(&mut self) -> Vec<u8> {
            let mut word = WORDS[self.roll(WORDS.len())].as_bytes().to_vec();
            match self.roll(4) {
                0 => word.reverse(),
                1 => {
                    for b in &mut word {
                        let leet = match *b {
                            b'a' => b"4@".as_slice(),
                            b'e' => b"3",
                            b'i' => b"1!",
                            b'o' => b"0",
                            b's' => b"5$",
                            b't' => b"7+",
                            other => &[other],
                        };
                        *b = self.pick(leet);
                    }
                }
                _ => {}
            }
            match self.roll(4) {
                0 => word[0] = word[0].to_ascii_uppercase(),
                1 => {
                    for b in &mut word {
                        if self.roll(2) == 0 {
                            b.make_ascii_uppercase();
                        }
                    }
                }
                _ => {}
            }
            word
        }

        fn walk(&mut self, len: usize) -> Vec<u8> {
            let all: Vec<u8> = (b'!'..=b'~').collect();
            let mut walk = self.random(&all, 1);
            while walk.len() < len {
                let last = walk[walk.len() - 1];
                let next: Vec<u8> = all.iter().copied().filter(|&k| k != last && keyboard::are_neighbours(last, k)).collect();
                walk.push(self.pick(if next.is_empty() { &all } else { &next }));
            }
            walk
        }

        /// A random key with a word, a walk or a repetition in it.
        fn sprinkled_key(&mut self) -> Vec<u8> {
            let len = 12 + self.roll(16);
            let mut key = self.random(KEYS, len);
            let some = 3 + self.roll(12);
            let part = match self.roll(4) {
                0 => self.walk(some),
                1 => key[..some / 2].repeat(2),
                _ => self.word(),
            };
            let at = self.roll(key.len());
            for (to, from) in key[at..].iter_mut().zip(part) {
                *to = from;
            }
            key
        }

        fn hostile_key(&mut self) -> Vec<u8> {
            let mut key = Vec::new();
            for _ in 0..=self.roll(2) {
                let some = 2 + self.roll(9);
                match self.roll(7) {
                    0..=2 => key.extend(self.word()),
                    3 => key.extend(self.walk(some)),
                    4 => key.extend((0..some as u8).map(|i| b'0' + i)),
                    5 => {
                        let part = self.random(KEYS, some);
                        key.extend(part.repeat(2));
                    }
                    _ => key.extend(self.random(&KEYS[..62], some.min(6))),
                }
            }
            key.truncate(28);
            key
        }
    }

    fn is_strong(key: &[u8]) -> bool {
        zxcvbn(std::str::from_utf8(key).unwrap(), &[]).score() >= Score::Three
    }

    /// How many of `count` keys the proof covers; zxcvbn must agree with every one.
    fn covered(count: usize, mut make: impl FnMut() -> Vec<u8>) -> usize {
        (0..count)
            .filter(|_| {
                let key = make();
                let covered = surely_strong(&key);
                assert!(!covered || is_strong(&key), "{}", String::from_utf8_lossy(&key));
                covered
            })
            .count()
    }

    #[test]
    fn random_keys_are_covered_and_strong() {
        let mut dice = Dice(7);
        assert!(covered(100, || dice.bench_key()) > 95);
        assert!(covered(100, || dice.random(KEYS, 24)) > 95);
        assert!(covered(100, || dice.random(&KEYS[..62], 20)) > 85);
        for len in 10..=28 {
            covered(20, || dice.random(&KEYS[..62], len));
            covered(10, || dice.random(&KEYS[26..62], len));
        }
    }

    #[test]
    fn word_based_keys_are_never_called_strong_against_zxcvbn() {
        let mut dice = Dice(11);
        covered(6_000, || dice.hostile_key());
        covered(150, || dice.sprinkled_key());
    }

    #[test]
    fn what_zxcvbn_takes_for_a_word_may_be_one() {
        let mut dice = Dice(17);
        let mut seen = 0;
        for _ in 0..2_000 {
            let word = dice.word();
            let entropy = zxcvbn(std::str::from_utf8(&word).unwrap(), &[]);
            for found in entropy.sequence().iter().filter(|m| matches!(m.pattern, MatchPattern::Dictionary(_))) {
                assert!(trigrams::may_be_word(found.token.as_bytes()), "{}", found.token);
                seen += usize::from(found.token.len() >= 8);
            }
        }
        assert!(seen > 300, "{seen}");
        assert!(!trigrams::may_be_word(b"q7xKz9vW") && !trigrams::may_be_word(b"brtzkwqx"));
    }

    #[test]
    fn short_or_not_ascii_keys_are_left_to_zxcvbn() {
        for key in ["", "a7Kq2VxW9", "a7Kq2VxW9.mL-pR4sZté"] {
            assert!(!surely_strong(key.as_bytes()));
        }
    }

    #[test]
    fn two_patterns_are_left_to_zxcvbn() {
        for key in ["PasswordChristopher", "qwertyuiop1234567890", "kT9vQ2mXw7kT9vQ2mXw7", "11/11/1991password"] {
            assert!(!surely_strong(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn upper_case_counts_as_in_zxcvbn() {
        let cases = [("word", 1), ("Word", 2), ("worD", 2), ("WORD", 2), ("wOrd", 4), ("WoRD", 4), ("WOrd", 10), ("AB12", 0)];
        for (part, variations) in cases {
            assert_eq!(upper_case_variations(part.as_bytes()), variations, "{part}");
        }
    }

    proptest! {
        /// `PROPTEST_CASES=400000` makes this a long run.
        #[test]
        fn no_key_is_called_strong_against_zxcvbn(seed in any::<u64>()) {
            let mut dice = Dice(seed);
            for key in [dice.hostile_key(), dice.sprinkled_key(), dice.bench_key()] {
                prop_assert!(!surely_strong(&key) || is_strong(&key), "{}", String::from_utf8_lossy(&key));
            }
        }
    }
}
