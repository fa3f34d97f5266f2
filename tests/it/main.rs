//! Integration tests: one binary.

mod pages;
mod verdicts_up2;
