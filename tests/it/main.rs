//! Integration tests: one binary.

mod pages;
