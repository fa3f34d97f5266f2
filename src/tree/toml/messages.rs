//! What is said of a TOML document's syntax errors, in our own words.

use crate::tree::{REPEATED, TOO_DEEP};

pub(super) const UNCLOSED: &str = "a table header is not closed";
pub(super) const UNQUOTED: &str = "a text is not in quotes";
pub(super) const NO_VALUE: &str = "a key has no value";
pub(super) const EXTENDED: &str = "the key already has a value that is not an open table";

/// The library's descriptions are fixed texts without user content, but they are not in our voice.
pub(super) fn describe(message: &str) -> &'static str {
    const TABLE: &[(&str, &str)] = &[
        ("duplicate key", REPEATED),
        ("cannot extend value", EXTENDED),
        ("key with no value", NO_VALUE),
        ("missing value for key", NO_VALUE),
        ("missing value", "a key has no value after `=`"),
        ("extra `=`", "there is one `=` too many"),
        ("string values must be quoted", UNQUOTED),
        ("invalid basic string", "a string is not closed or holds a character that needs an escape"),
        ("invalid literal string", "a string is not closed or holds a control character"),
        ("invalid multi-line", "a multi-line string is not closed or holds a control character"),
        ("missing escaped value", "an escape after `\\` is not known"),
        ("too few unicode", "an escape after `\\` is not complete"),
        ("invalid value", "an escape after `\\` is no character"),
        ("unexpected leading zero", "a number begins with a zero"),
        ("invalid date-time", "a date is not valid"),
        ("invalid datetime", "a date is not valid"),
        ("invalid integer", "a number is not valid"),
        ("invalid hexadecimal", "a number is not valid"),
        ("invalid octal", "a number is not valid"),
        ("invalid binary", "a number is not valid"),
        ("invalid float", "a number is not valid"),
        ("`_` may only", "a number is not valid"),
        ("invalid boolean", "this is neither `true` nor `false`"),
        ("unclosed array table", UNCLOSED),
        ("unclosed table", UNCLOSED),
        ("unclosed array", "a list is not closed"),
        ("unclosed inline table", "an inline table is not closed"),
        ("missing comma", "a comma is missing"),
        ("extra comma", "there is one comma too many"),
        ("unexpected `=` in array", "a list holds a key, so perhaps it is not closed"),
        ("missing key", "a key is missing"),
        ("missing assignment", "a key of an inline table has no value"),
        ("missing array opening", "a `]` closes nothing"),
        ("missing inline table opening", "a `}` closes nothing"),
        ("invalid unquoted key", "a key holds a character that needs quotes"),
        ("unquoted keys cannot be empty", "a key is empty"),
        ("carriage return", "a carriage return stands without a line feed"),
        ("invalid comment", "a comment holds a control character"),
        ("invalid ", "a value is not valid"),
        ("cannot recurse", TOO_DEEP),
        ("recursion limit", TOO_DEEP),
    ];
    let known = TABLE.iter().find(|(start, _)| message.starts_with(start));
    known.map_or("this is not valid TOML here", |&(_, ours)| ours)
}
