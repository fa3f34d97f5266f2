//! What is said of a YAML document's syntax errors, in our own words.

use granit_parser::ErrorKind as E;

use crate::tree::TOO_DEEP;

/// Payloads are left out: they may hold text of the file.
pub(super) fn describe(kind: &E) -> &'static str {
    match kind {
        E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnclosedFlowCollection { .. } => "a `[` or `{` is not closed",
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => "a `]` or `}` closes nothing",
        E::ExpectedFlowMappingSeparator | E::ExpectedFlowSequenceSeparator => "a comma is missing",
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar => "a string is not closed",
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => "text follows the closing quote",
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => "an escape after `\\` is not known",
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation | E::TabAtBlockScalarStart | E::TabInPlainScalar => {
            "a tab stands where YAML wants spaces"
        }
        E::InvalidIndentation
        | E::InvalidBlockScalarIndent
        | E::InvalidQuotedScalarIndent
        | E::InvalidFlowScalarIndent
        | E::ZeroBlockScalarIndent => "the line is not indented like its neighbours",
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry | E::BlockSequenceEntryNotAllowed | E::MappingKeyNotAllowed => {
            "the line fits neither the list nor the table around it"
        }
        E::SimpleKeyExpected | E::InvalidSimpleKey => "a `:` after a key is missing",
        E::MappingValueNotAllowed | E::InvalidColonPlacement => "a `:` stands where no key can be, so perhaps quotes are missing",
        E::UnknownAnchor => "an alias names no anchor above it",
        E::MissingAnchorOrAliasName => "an anchor or alias has no name",
        E::RecursionLimitExceeded => TOO_DEEP,
        E::BomInsideDocument => "a byte order mark stands within the text",
        E::UnexpectedCharacter { .. } => "a value begins with a character that needs quotes",
        E::CommentNotSeparated | E::CommentInterceptedScalar => "a comment stands in a value",
        E::UndeclaredTagHandle | E::InvalidTagTerminator | E::MissingTagUri | E::UnclosedVerbatimTag | E::InvalidTagEscape => {
            "a tag is not valid"
        }
        _ => "this is not valid YAML here",
    }
}
