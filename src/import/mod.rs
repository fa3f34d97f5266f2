//! One reader per file format: never fails on content, returns what it understood and a list of problems.

pub mod upstream;
