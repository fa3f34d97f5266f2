//! `vpnlint schema`.

use super::args::Schema;
use super::{Failure, Io};
use crate::exit::Exit;

/// Runs the command.
pub fn run(args: &Schema, io: &mut Io<'_>) -> Result<Exit, Failure> {
    let schema = match args.which.as_str() {
        "policy" => crate::policy::json_schema(),
        _ => crate::import::site_file::json_schema(),
    };
    serde_json::to_writer_pretty(&mut *io.out, &schema).map_err(|e| Failure::Io(e.into(), Exit::Clean))?;
    writeln!(io.out)?;
    Ok(Exit::Clean)
}
