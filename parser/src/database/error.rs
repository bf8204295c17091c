//! Why a database could not be read or written, and what to do.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use rusqlite::ErrorCode;

/// Names that an error lists at most.
const LISTED: usize = 20;

/// A database that could not be read or written: what was being done to it, why it could not be, and what to do. The
/// name of the file is not told, as with an [`io::Error`]. Inside an [`io::Error`], [`DatabaseError::within`] finds it.
#[derive(Debug)]
pub struct DatabaseError {
    path: PathBuf,
    doing: String,
    why: Why,
}

/// What is wrong with it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Why {
    /// The file cannot be opened.
    File(io::Error),
    /// It does not begin as a database.
    NotADatabase,
    /// Another program has it locked.
    Locked,
    /// It has no table, or these.
    WhichTable(Vec<String>),
    /// There is no table of this name; there are these.
    NoSuchTable(String, Vec<String>),
    /// The table has no such column; it has these.
    NoSuchColumn {
        /// The table.
        table: String,
        /// The column that was asked for.
        wanted: String,
        /// Those that it has.
        columns: Vec<String>,
    },
    /// It is cut or damaged: what `SQLite` says.
    Damaged(String),
    /// The write-ahead log beside it cannot be joined with it: what `SQLite` says.
    CannotOpen(String),
    /// Anything else that `SQLite` says.
    Other(rusqlite::Error),
}

impl Why {
    pub(super) fn of(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::NotADatabase) => Self::NotADatabase,
            // The second is of reading behind the end of a file that was cut.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::SystemIoFailure) => Self::Damaged(error.to_string()),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => Self::CannotOpen(error.to_string()),
            _ => Self::Other(error),
        }
    }
}

impl DatabaseError {
    pub(super) fn new(path: &Path, doing: &str, why: Why) -> Self {
        Self { path: path.to_owned(), doing: doing.to_owned(), why }
    }

    /// What is wrong.
    pub fn why(&self) -> &Why {
        &self.why
    }

    /// The error inside another, if that is what it holds.
    pub fn within(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.path.display();
        write!(f, "{}: ", self.doing)?;
        match &self.why {
            Why::File(error) => error.fmt(f),
            Why::NotADatabase => {
                f.write_str("it is no SQLite database: it does not begin with `SQLite format 3`")
            }
            Why::Locked => write!(
                f,
                "another program has it locked; try again when that is done, or read a copy: \
                 sqlite3 {file} \".backup copy.db\""
            ),
            Why::WhichTable(tables) if tables.is_empty() => f.write_str("it has no table"),
            Why::WhichTable(tables) => {
                write!(f, "it has {} tables; choose one by --table: {}", tables.len(), listed(tables))
            }
            Why::NoSuchTable(wanted, tables) if tables.is_empty() => {
                write!(f, "there is no table {wanted}, nor any other")
            }
            Why::NoSuchTable(wanted, tables) => {
                write!(f, "there is no table {wanted}; there are {}", listed(tables))
            }
            Why::NoSuchColumn { table, wanted, columns } => {
                write!(f, "table {table} has no column {wanted}; it has {}", listed(columns))
            }
            Why::Damaged(what) => {
                write!(f, "it is cut or damaged ({what}); `sqlite3 {file} .recover` saves what it can")
            }
            Why::CannotOpen(what) => write!(
                f,
                "{what}; where a write-ahead log lies beside it, its folder must be writable: copy both, or make \
                 a plain file of them: sqlite3 {file} \".backup copy.db\""
            ),
            Why::Other(error) => error.fmt(f),
        }
    }
}

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(LISTED)].join(", ");
    if names.len() > LISTED { format!("{shown} and {} more", names.len() - LISTED) } else { shown }
}

impl error::Error for DatabaseError {}

impl From<DatabaseError> for io::Error {
    fn from(error: DatabaseError) -> Self {
        let kind = match &error.why {
            Why::File(error) => error.kind(),
            Why::Locked => io::ErrorKind::ResourceBusy,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
