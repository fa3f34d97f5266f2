//! Integration tests: one binary.

mod bad_input;
mod cases;
mod cli;
mod meraki;
mod pages;
mod support;
mod tripwire;
