//! Integration tests: one binary.

mod bad_input;
mod cases;
mod cli;
mod pages;
mod verdicts_up1;
mod support;
mod tripwire;
