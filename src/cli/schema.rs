//! `vpnlint schema`.

use super::args::Schema;
use super::{Failure, Io};
use crate::exit::Exit;

/// Runs the command.
pub fn run(_args: &Schema, io: &mut Io<'_>) -> Result<Exit, Failure> {
    serde_json::to_writer_pretty(&mut *io.out, &crate::import::site_file::json_schema()).map_err(|e| Failure::Io(e.into(), Exit::Clean))?;
    writeln!(io.out)?;
    Ok(Exit::Clean)
}
