//! Integration tests: one binary.
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::print_stdout, reason = "tests make, read and run things of their own")]
#![allow(clippy::format_push_string, clippy::format_collect, clippy::unwrap_used, reason = "texts built for tests")]

mod bad_input;
mod cases;
mod cli;
mod diff;
mod inspect;
mod meraki;
mod pages;
mod policies;
mod support;
mod tripwire;
mod verdicts_a;
mod verdicts_tunnel;
mod verdicts_up1;
mod verdicts_up2;
