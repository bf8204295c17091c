//! Tables of `SQLite` as JSON lines, and JSON lines as tables.
//!
//! # Rows as lines
//!
//! A row is one JSON object with a key for each column, in the order of the columns; rows come in the order in which
//! the table keeps them (of their rowid, mostly that of insertion). All are of one moment: what others write meanwhile
//! is not seen.
//!
//! | in the table | in the line |
//! |---|---|
//! | NULL | `null` |
//! | INTEGER | a number with all its digits |
//! | REAL | the shortest number that means the same; an infinite one is `9e999`, as in `SQLite`'s own JSON |
//! | TEXT that is one JSON array or object | that value, on one line; unless [`Selection::text_as_is`] |
//! | other TEXT | a string; what is not UTF-8 in it becomes U+FFFD, which [`JsonLines::repaired`] counts |
//! | BLOB | a string, in base64 (RFC 4648, with padding) |
//!
//! # Lines as rows
//!
//! A line is a row, a top-level key a column, made when a line first has it; of rows without the key it is NULL, as of
//! `null`.
//!
//! | in the line | in the table |
//! |---|---|
//! | a number without point and exponent, of 64 bits | INTEGER |
//! | such a number with more digits | TEXT, so that none is lost |
//! | another number | REAL, the nearest |
//! | `true`, `false` | INTEGER 1 and 0, as `SQLite` has it |
//! | a string | TEXT, its escapes decoded |
//! | an array or an object | TEXT, as it stands |
//!
//! Names of columns are compared by `SQLite` without regard to case: a key that differs from another in nothing else
//! has a column with `_` after its name. A NUL in a key becomes U+FFFD. A line with keys beyond [`MOST_COLUMNS`] is
//! bad, and is reported.
//!
//! # Memory and cost
//!
//! Both ways hold a buffer of lines, a row, and `SQLite`'s cache of at most 1 MiB, whatever the size of the table.
//! Linear.

mod error;
mod json;
mod load;
mod rows;
mod trusted;

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use error::{DatabaseError, Why};
pub use load::{Loaded, Loader, MOST_COLUMNS};
pub use rows::JsonLines;

/// What a database begins with.
pub const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// How long another program may keep the database from being read.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a file is a database, by its first bytes. What cannot be read is none.
pub fn is_database(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    // A pipe must not lose its first bytes, and a FIFO not be waited for.
    path.is_file()
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && start == *MAGIC)
}

/// Which part of a database is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The table or view; without it, the only table that there is.
    pub table: Option<String>,
    /// Columns in the order in which they become keys, each with its key; without any, all columns under their own
    /// names.
    pub columns: Vec<(String, String)>,
    /// Whether text that is JSON stays a string.
    pub text_as_is: bool,
    /// Whether a NULL is left out, instead of being `null`.
    pub without_nulls: bool,
}

/// A database that is open for reading.
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens a database. It is only read; one that keeps a write-ahead log is joined with that.
    ///
    /// # Errors
    /// [`DatabaseError`]: there is none, it is not to be read, it is locked, it is damaged at its start.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let failed = |why| DatabaseError::new(path, "opening it", why);
        let mut start = [0; MAGIC.len()];
        let mut file = File::open(path).map_err(|error| failed(Why::File(error)))?;
        file.read_exact(&mut start).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => failed(Why::NotADatabase),
            _ => failed(Why::File(error)),
        })?;
        if start != *MAGIC {
            return Err(failed(Why::NotADatabase));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(plain_name(path), flags).and_then(|connection| {
            connection.busy_timeout(PATIENCE)?;
            trusted::restrict(&connection)?;
            // Whether it is locked or damaged shows when it is first read.
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| failed(Why::of(error)))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The tables and views, in the order in which they were made.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn tables(&self) -> Result<Vec<String>, DatabaseError> {
        let list = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' \
                    ESCAPE '\\' ORDER BY rowid";
        let tables = self.connection.prepare(list).and_then(|mut statement| {
            let names = statement.query_map([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))?;
            names.map(|name| Ok(String::from_utf8_lossy(&name?).into_owned())).collect()
        });
        tables.map_err(|error| self.failed("listing its tables", error))
    }

    /// The table that a selection means.
    ///
    /// # Errors
    /// [`DatabaseError`]: there is none of that name, none at all, or there are several to choose from.
    pub fn table(&self, selection: &Selection) -> Result<String, DatabaseError> {
        let mut tables = self.tables()?;
        let failed = |why| Err(DatabaseError::new(&self.path, "choosing a table", why));
        match &selection.table {
            Some(wanted) => match tables.iter().find(|name| name.eq_ignore_ascii_case(wanted)) {
                Some(name) => Ok(name.clone()),
                None => failed(Why::NoSuchTable(wanted.clone(), tables)),
            },
            None if tables.len() == 1 => Ok(tables.remove(0)),
            None => failed(Why::WhichTable(tables)),
        }
    }

    /// The names of the columns of a table.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn columns(&self, table: &str) -> Result<Vec<String>, DatabaseError> {
        let select = format!("SELECT * FROM {} LIMIT 0", quoted(table));
        let statement = self.connection.prepare(&select);
        let columns = statement.map(|statement| statement.column_names().map(str::to_owned).collect());
        columns.map_err(|error| self.failed(&format!("reading the columns of table {table}"), error))
    }

    /// Columns with their keys, as a selection has them; all must be there.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn selected(&self, selection: &Selection) -> Result<Vec<(String, String)>, DatabaseError> {
        let table = self.table(selection)?;
        let columns = self.columns(&table)?;
        if selection.columns.is_empty() {
            return Ok(columns.into_iter().map(|name| (name.clone(), name)).collect());
        }
        for (wanted, _) in &selection.columns {
            if !columns.iter().any(|name| name.eq_ignore_ascii_case(wanted)) {
                let why = Why::NoSuchColumn { table, wanted: wanted.clone(), columns };
                return Err(DatabaseError::new(&self.path, "choosing columns", why));
            }
        }
        Ok(selection.columns.clone())
    }

    /// Gives the rows of a selection, as JSON lines that can be read, to `read`; what that returns.
    ///
    /// # Errors
    /// [`DatabaseError`], before the first row. Later ones come from the lines themselves, inside an
    /// [`std::io::Error`].
    pub fn with_lines<T>(
        &self,
        selection: &Selection,
        read: impl FnOnce(&mut JsonLines<'_>) -> T,
    ) -> Result<T, DatabaseError> {
        let table = self.table(selection)?;
        let columns = self.selected(selection)?;
        let doing = format!("reading table {table}");
        let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
        let select = format!("SELECT {} FROM {}", names.join(", "), quoted(&table));
        let mut statement = self.connection.prepare(&select).map_err(|error| self.failed(&doing, error))?;
        let rows = statement.query([]).map_err(|error| self.failed(&doing, error))?;
        let keys = columns.iter().map(|(_, key)| key.as_str());
        Ok(read(&mut JsonLines::new(rows, keys, selection, &self.path, doing.clone())))
    }

    fn failed(&self, doing: &str, error: rusqlite::Error) -> DatabaseError {
        DatabaseError::new(&self.path, doing, Why::of(error))
    }
}

/// A name in SQL, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A path that `SQLite` takes for nothing but a path: not for a URI, nor for a database in memory.
fn plain_name(path: &Path) -> OsString {
    if path.is_absolute() { path.into() } else { Path::new(".").join(path).into() }
}
