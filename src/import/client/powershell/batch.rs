//! Batch files that call PowerShell: the script in their command lines, as PowerShell gets it.
//!
//! Two readers come before it: the command interpreter (`^`, `%NAME%`, `%%`; within double quotes `^` is itself), and the splitting of a
//! command line into arguments (`\"` and `""` within quotes are a quote, other quotes are dropped; Microsoft, "Parsing C command-line arguments").

use super::Places;
use crate::source::Span;

/// Stands for what a variable of the batch file holds.
pub const VARIABLE: char = '\u{f8fe}';

/// A script out of a batch file.
pub struct Extract {
    /// The script.
    pub text: String,
    /// Where its parts stand.
    pub places: Places,
}

/// Whether a text is a batch file that calls PowerShell.
pub fn is_batch(text: &str) -> bool {
    // A script may be wrapped in a batch file, which is a comment to it.
    if text.trim_start_matches('\u{feff}').starts_with("<#") {
        return false;
    }
    let mut batch = false;
    for line in text.lines() {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '@']).to_ascii_lowercase();
        let words = ["echo off", "rem ", "setlocal", "::", "goto "];
        batch |= words.iter().any(|w| line.starts_with(w));
        if calls(&line).is_some() {
            return true;
        }
        // A cmdlet that stands by itself is in a script.
        if line.starts_with("add-vpnconnection") || line.starts_with('$') || line.starts_with("param") {
            return false;
        }
    }
    batch
}

/// Where the arguments begin, when a line calls PowerShell.
fn calls(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let start = lower.trim_start_matches([' ', '\t', '@']);
    if start.starts_with("rem ") || start.starts_with("::") || start.starts_with('#') || !lower.contains("vpnconnection") {
        return None;
    }
    let mut from = 0;
    // A folder's name is no call: `System32\WindowsPowerShell\v1.0\powershell.exe` has two before it is one.
    for _ in 0..8 {
        let found = ["powershell", "pwsh"].iter().filter_map(|name| Some((from + lower[from..].find(name)?, name)));
        let (at, name) = found.min()?;
        from = at + name.len();
        let end = from + if lower[from..].starts_with(".exe") { 4 } else { 0 };
        if lower[end..].trim_start_matches('"').starts_with([' ', '\t']) {
            return lower[end..].contains("vpnconnection").then_some(end);
        }
    }
    None
}

/// The scripts in a batch file, one after the other, and what is hidden beside them.
pub fn extract(text: &str, base: u32, secrets: &mut Vec<Span>) -> Extract {
    let mut out = Extract { text: String::new(), places: Places::pieces(base, base + text.len() as u32) };
    let mut at = 0;
    while at < text.len() {
        let start = at;
        // Lines that a caret joins.
        loop {
            let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
            let line = text[at..end].trim_end_matches(['\r', '\n']);
            at = end;
            if !line.ends_with('^') || at >= text.len() {
                break;
            }
        }
        let line = text[start..at].trim_end_matches(['\r', '\n']);
        match calls(line) {
            Some(from) => {
                let mut end = argument(line, from, base + start as u32, &mut out);
                // Nobody writes more calls into one line.
                for _ in 0..32 {
                    let Some(next) = calls(&line[end..]) else { break };
                    end = argument(line, end + next, base + start as u32, &mut out);
                }
            }
            // `set KEY=…`, `rem …`: nobody knows what stands there.
            None if !line.trim().is_empty() => {
                let set = line.trim_start().get(..4).is_some_and(|w| w.eq_ignore_ascii_case("set ") || w.eq_ignore_ascii_case("rem "));
                if set || line.trim_start().starts_with("::") {
                    secrets.push(Span::new(base + start as u32, base + (start + line.len()) as u32));
                }
            }
            None => {}
        }
    }
    out
}

/// Appends the script of one call; where the call ends.
fn argument(line: &str, from: usize, base: u32, out: &mut Extract) -> usize {
    let bytes = line.as_bytes();
    let mut at = from;
    let mut quoted = line[..from].bytes().filter(|b| *b == b'"').count() % 2 == 1 && !line[from..].starts_with('"');
    if line[from..].starts_with('"') {
        at += 1;
        quoted = false;
    }
    let begin = out.text.len();
    let push = |out: &mut Extract, c: char, at: usize| {
        out.places.piece(out.text.len(), base + at as u32);
        out.text.push(c);
    };
    while let Some(c) = line[at..].chars().next() {
        let next = bytes.get(at + 1).copied();
        match c {
            '\\' if next == Some(b'"') => {
                push(out, '"', at);
                at += 2;
                continue;
            }
            '"' if quoted && next == Some(b'"') => {
                push(out, '"', at);
                at += 2;
                continue;
            }
            '"' => quoted = !quoted,
            '^' if !quoted => {
                at += 1;
                if let Some(escaped) = line[at..].chars().next().filter(|c| !matches!(c, '\r' | '\n')) {
                    push(out, escaped, at);
                    at += escaped.len_utf8();
                } else {
                    at += line[at..].len() - line[at..].trim_start_matches(['\r', '\n']).len();
                }
                continue;
            }
            '%' if next == Some(b'%') => {
                push(out, '%', at);
                at += 2;
                continue;
            }
            '%' => {
                let name = line[at + 1..]
                    .bytes()
                    .take(64)
                    .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b':' | b'*'))
                    .count();
                if bytes.get(at + 1 + name) == Some(&b'%') && name > 0 {
                    push(out, VARIABLE, at);
                    at += name + 2;
                    continue;
                }
                if next.is_some_and(|b| b.is_ascii_digit() || b == b'*' || b == b'~') {
                    // An argument of the batch file.
                    push(out, VARIABLE, at);
                    at += 2;
                    continue;
                }
                out.places.drop_at(out.text.len());
            }
            '&' | '|' | '>' | '<' if !quoted => {
                // The command interpreter's own: the rest is another command.
                break;
            }
            c => push(out, c, at),
        }
        at += c.len_utf8();
    }
    strip_switches(&mut out.text, begin);
    out.text.push('\n');
    at
}

/// Blanks the switches of `powershell` before the script, so that places stay.
fn strip_switches(text: &mut String, begin: usize) {
    let script = &text[begin..];
    let lower = script.to_ascii_lowercase();
    let Some(cmdlet) = lower.find("vpnconnection") else { return };
    let command = [" -command ", " -c ", " /command ", " /c "].iter().filter_map(|s| Some(lower[..cmdlet].find(s)? + s.len())).min();
    let end = command.unwrap_or_else(|| {
        // `powershell -nop Add-VpnConnection …`
        let mut end = 0;
        let mut words = script.split_inclusive(char::is_whitespace);
        while let Some(word) = words.next() {
            let bare = word.trim().to_ascii_lowercase();
            let takes = ["-executionpolicy", "-ex", "-ep", "-exec", "-windowstyle", "-w", "-version"].contains(&&*bare);
            if !(bare.is_empty() || bare.starts_with('-')) {
                break;
            }
            end += word.len();
            if takes && let Some(value) = words.next() {
                end += value.len();
            }
        }
        end
    });
    // `-Command "& { … }"` runs the block where it stands.
    let head = script[end..].len() - script[end..].trim_start().len();
    let block = script[end + head..].strip_prefix('&').map(str::trim_start).filter(|b| b.starts_with('{') && b.trim_end().ends_with('}'));
    let (open, close) = match block {
        Some(block) => {
            let open = script.len() - block.len();
            (open + 1, Some(script.trim_end().len() - 1))
        }
        None => (end, None),
    };
    let mut kept = String::with_capacity(script.len());
    for (n, c) in script.char_indices() {
        let blank = n < open || close == Some(n);
        // As many bytes as before: places count them.
        kept.extend(std::iter::repeat_n(if blank { ' ' } else { c }, if blank { c.len_utf8() } else { 1 }));
    }
    text.truncate(begin);
    text.push_str(&kept);
}
