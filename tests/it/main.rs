//! Integration tests: one binary.

mod bad_input;
mod cases;
mod cli;
mod inspect;
mod meraki;
mod pages;
mod support;
mod tripwire;
mod verdicts_a;
mod verdicts_up1;
