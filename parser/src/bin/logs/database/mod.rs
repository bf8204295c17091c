//! The subcommands on databases of `SQLite`, and what search shares with them. A build without the feature `sqlite` has
//! them too, and they say how to build one with it.

pub(crate) mod from_db;
pub(crate) mod to_db;

#[cfg(feature = "sqlite")]
mod table;
#[cfg(not(feature = "sqlite"))]
#[path = "without.rs"]
mod table;

use lexopt::Parser;

use crate::command::{self, Stop};

pub(crate) use table::{is_database, read_lines};

/// What help says of the flags that choose rows.
pub(crate) const HELP: &str = "      --table NAME           of an SQLite database: read this table or view (default: the only one)
      --columns LIST         of its rows: only these columns, in this order; with NAME=KEY, under another key, as in
                             'created_at=time,status=level,error=message'
";

/// Which part of a database is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub(crate) table: Option<String>,
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) text_as_is: bool,
    pub(crate) without_nulls: bool,
}

impl Choice {
    /// Takes a flag and its value, if it is one of [`HELP`]; whether it was.
    pub(crate) fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Stop> {
        match flag {
            "--table" => self.table = Some(command::text(parser, flag)?),
            "--columns" => {
                let list = command::text(parser, flag)?;
                for item in list.split(',') {
                    let (name, key) = item.split_once('=').unwrap_or((item, item));
                    if name.is_empty() || key.is_empty() {
                        return Err(Stop::Usage(format!(
                            "--columns {list}: a name is missing; it takes NAME or NAME=KEY, with commas between them"
                        )));
                    }
                    self.columns.push((name.to_owned(), key.to_owned()));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether any of it was asked for.
    pub(crate) fn is_made(&self) -> bool {
        self.table.is_some() || !self.columns.is_empty()
    }
}
