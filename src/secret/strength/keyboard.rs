//! Walks over a keyboard.

/// Whether every character's key touches the next one's.
pub(super) fn is_walk(part: &[u8]) -> bool {
    part.len() >= 3 && part.windows(2).all(|w| are_neighbours(w[0], w[1]))
}

/// The rows of a keyboard, moved so that neighbouring keys are at most one column apart.
const KEYBOARDS: [[&[u8]; 4]; 2] = [
    [b"`1234567890-=", b"\0qwertyuiop[]\\", b"\0asdfghjkl;'", b"\0zxcvbnm,./"],
    [b"`1234567890[]", b"\0',.pyfgcrl/=\\", b"\0aoeuidhtns-", b"\0;qjkxbmwvz"],
];
const KEYPAD: &[u8] = b"0123456789./*-+=";
const SHIFTED: &[u8] = b"~!@#$%^&*()_+{}|:\"<>?";
const UNSHIFTED: &[u8] = b"`1234567890-=[]\\;',./";

/// Column and row of a key.
type Place = Option<(usize, usize)>;

/// Where every ASCII character's key is on each keyboard.
static PLACES: [[Place; 2]; 128] = {
    let mut places = [[None; 2]; 128];
    let mut c = 0;
    while c < places.len() {
        places[c] = [place(&KEYBOARDS[0], c as u8), place(&KEYBOARDS[1], c as u8)];
        c += 1;
    }
    places
};

/// Whether two keys touch on a QWERTY or Dvorak keyboard, or stand on one keypad; a few more pairs than zxcvbn's graphs.
pub(super) fn are_neighbours(a: u8, b: u8) -> bool {
    let touch = |a: Place, b: Place| matches!((a, b), (Some((ax, ay)), Some((bx, by))) if ax.abs_diff(bx) <= 1 && ay.abs_diff(by) <= 1);
    let [a_on, b_on] = [a, b].map(|c| PLACES[usize::from(c & 127)]);
    a_on.into_iter().zip(b_on).any(|(a, b)| touch(a, b)) || (KEYPAD.contains(&a) && KEYPAD.contains(&b))
}

const fn place(rows: &[&[u8]; 4], c: u8) -> Place {
    let key = match position(SHIFTED, c) {
        Some(i) => UNSHIFTED[i],
        None => c.to_ascii_lowercase(),
    };
    let mut y = 0;
    while y < rows.len() {
        if let Some(x) = position(rows[y], key) {
            return Some((x, y));
        }
        y += 1;
    }
    None
}

const fn position(row: &[u8], key: u8) -> Option<usize> {
    let mut x = 0;
    while x < row.len() {
        if row[x] == key {
            return Some(x);
        }
        x += 1;
    }
    None
}
