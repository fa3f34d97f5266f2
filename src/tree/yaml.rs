//! YAML 1.2 (core schema), built from a parser's events. Only this module and its children know which parser.
//!
//! The first document is read. After a syntax error nothing more is read: what came before it is kept, and
//! what it touched is opaque.

pub use self::scalar::PLACEHOLDER;

mod builder;
mod messages;
mod scalar;

use granit_parser::{Event, Parser};

use self::builder::{Builder, Map, Open};

use super::{MAX_NODES, Parsed, TOO_MANY, tidy};

/// Reads a document; `base` is the place of its first byte.
///
/// Unknown tags (`!env`, `!vault`) and plain scalars with a `${…}` are `Kind::Opaque`.
pub fn parse(text: &str, base: u32) -> Parsed<'_> {
    let options = granit_parser::options! { emit_comments: false };
    let mut builder = Builder::new(text, base);
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, place) = match next {
            Ok(next) => next,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                builder.abandon(at, messages::describe(error.kind()));
                break;
            }
        };
        let start = place.start.byte_offset().unwrap_or(0);
        let range = (start, place.end.byte_offset().unwrap_or(start));
        let tag_at = place.tag_start().and_then(|m| m.byte_offset());
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents == 2 {
                    builder.error(range, "only the first document is read");
                    break;
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                builder.scalar(value, style, anchor, tag.as_deref(), range, tag_at);
            }
            Event::Alias(anchor) => builder.alias(anchor, range),
            Event::SequenceStart(style, anchor, tag) => {
                let items = Open::Seq(Vec::new());
                builder.open(items, style, anchor, tag.as_deref(), range, tag_at);
            }
            Event::MappingStart(style, anchor, tag) => {
                let entries = Open::Map(Map::default());
                builder.open(entries, style, anchor, tag.as_deref(), range, tag_at);
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(range.1),
            _ => {}
        }
        if builder.nodes > MAX_NODES {
            builder.abandon(range.0, TOO_MANY);
            break;
        }
    }
    let errors = tidy(text, base, builder.errors);
    let root = builder.root;
    Parsed { root, errors }
}

#[cfg(test)]
mod tests;
