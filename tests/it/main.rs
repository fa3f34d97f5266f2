//! Integration tests: one binary.
#![expect(clippy::disallowed_methods, clippy::print_stderr, reason = "tests make, read and run things of their own")]
#![expect(clippy::format_push_string, clippy::format_collect, clippy::unwrap_used, reason = "texts built for tests")]

mod across;
mod answers;
mod bad_input;
mod cases;
mod cli;
mod containers;
mod corpus_clients;
mod coverage;
mod diff;
mod docs;
mod edges;
mod explain;
mod gaps;
mod init;
mod inspect;
mod linux;
mod memory;
mod meraki;
mod meraki_exports;
mod nac;
mod names;
mod near_misses;
mod outputs;
mod package;
mod pages;
mod policies;
mod policy_input;
mod profiles_xml_onc;
mod support;
mod surroundings;
mod tables;
mod traps_a;
mod traps_b;
mod tripwire;
mod verdicts_a;
mod verdicts_auth;
mod verdicts_routes;
mod verdicts_tunnel;
mod verdicts_up1;
mod verdicts_up2;
mod verdicts_windows;
mod windows_policies;
