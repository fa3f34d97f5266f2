//! Lists that people export as tables: users of client VPN, and programs that are installed on a machine.

mod csv;
pub mod software;
pub mod users;

use crate::source::Spanned;
use csv::Table;

/// The letters and digits of a column's heading, in lower case.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Table {
    /// The first column whose heading is one of these.
    fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.head.iter().position(|cell| fold(&cell.value) == *name))
    }
}

/// A cell of a row, unless it is empty.
fn cell(row: &[Spanned<String>], column: Option<usize>) -> Option<&Spanned<String>> {
    row.get(column?).filter(|cell| !cell.value.trim().is_empty())
}

#[cfg(test)]
mod tests;
