//! JSON lines into a table.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

use super::error::{DatabaseError, Why};
use super::{plain_name, quoted};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::format::{Format, Formats};
use crate::json::{Fields, Raw, decoded};
use crate::read::Reader;

/// The most columns of a table that is made: what `SQLite` allows.
pub const MOST_COLUMNS: usize = 2000;

/// What was loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Rows in the table.
    pub rows: u64,
    /// Columns that it has.
    pub columns: usize,
    /// Lines that are no JSON object.
    pub bad: u64,
    /// Lines that were left out, since with their keys the table would have more than [`MOST_COLUMNS`].
    pub too_wide: u64,
}

/// Writes a new database of one table.
pub struct Loader {
    connection: Connection,
    path: PathBuf,
    table: String,
    columns: Columns,
    loaded: Loaded,
    /// Rows without any key that came before there was a column.
    blank: u64,
}

impl Loader {
    /// Makes the database, which must not be there. It can be read once [`Loader::finish`] has returned; if it is
    /// dropped before, what is at `path` is of no use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn new(path: &Path, table: &str) -> Result<Self, DatabaseError> {
        let failed = |why| DatabaseError::new(path, "making it", why);
        if table.is_empty() || table.to_ascii_lowercase().starts_with("sqlite_") || table.contains('\0') {
            let why = format!("no table can be called `{}`; choose another name", table.escape_default());
            return Err(failed(Why::File(io::Error::new(io::ErrorKind::InvalidInput, why))));
        }
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(|e| failed(Why::File(e)))?;
        let opened = Connection::open(plain_name(path)).and_then(|connection| {
            // A crash leaves a file that was not named yet: nothing needs to be rolled back. The version, of what is
            // written here, makes it a database even if no table follows.
            connection.execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1024;
                 BEGIN; PRAGMA user_version = 1",
            )?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| failed(Why::of(error)))?;
        let (table, columns) = (table.to_owned(), Columns::default());
        Ok(Self { connection, path: path.to_owned(), table, columns, loaded: Loaded::default(), blank: 0 })
    }

    /// Adds the rows of one input.
    ///
    /// # Errors
    /// What the source gives, or a [`crate::Refusal`], after all lines before it; or a [`DatabaseError`].
    pub fn read(&mut self, source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let Self { connection, path, table, columns, loaded, blank } = self;
        let mut reader = Reader::new(&[], Limits::default()).reading(Formats::One(Format::Json));
        let mut insert: Option<Statement<'_>> = None;
        let mut broken = None;
        // Whole lines are read into the room of the ones before.
        let mut room: Vec<Raw<'static>> = Vec::new();
        let read = reader.read(source, on_bad, |record| {
            let mut row = emptied(std::mem::take(&mut room));
            if !columns.place(record.bytes(), &mut row) {
                loaded.too_wide += 1;
            } else if row.is_empty() {
                *blank += 1;
            } else {
                let blank_rows = std::mem::take(blank);
                let added = widen(connection, table, columns, &mut insert).and_then(|()| {
                    let nulls = vec![NULL; row.len()];
                    (0..blank_rows).try_for_each(|_| add(connection, table, &mut insert, &nulls))?;
                    add(connection, table, &mut insert, &row)
                });
                loaded.rows += blank_rows + 1;
                broken = added.err();
            }
            room = emptied(row);
            if broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        loaded.bad += reader.totals().bad;
        loaded.columns = columns.names.len();
        if let Some(error) = broken {
            return Err(DatabaseError::new(path, &format!("writing table {table}"), Why::of(error)).into());
        }
        read
    }

    /// Ends the database; what it holds. Without any key there is no table, as `SQLite` has none without columns.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub fn finish(self) -> Result<Loaded, DatabaseError> {
        let ended = self.connection.execute_batch("COMMIT");
        let closed = ended.and_then(|()| self.connection.close().map_err(|(_, error)| error));
        closed.map_err(|error| DatabaseError::new(&self.path, "ending it", Why::of(error)))?;
        Ok(self.loaded)
    }
}

/// An empty vector in the room of another, whatever that borrowed from.
fn emptied<'b>(mut cells: Vec<Raw<'_>>) -> Vec<Raw<'b>> {
    cells.clear();
    // The standard library makes this of the same allocation.
    cells.into_iter().map(|_| NULL).collect()
}

/// The columns that were met, and the keys that mean them.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    /// How many of them the table has.
    made: usize,
    /// By the key as it stands between its quotes, so that no escape is decoded twice.
    places: HashMap<Vec<u8>, usize, RandomState>,
    /// The names in lower case, as `SQLite` compares them.
    taken: HashSet<String, RandomState>,
    /// The keys of the last line, in their order: the next line mostly has the same.
    order: Vec<(Vec<u8>, usize)>,
}

impl Columns {
    /// Puts the values of a line where their columns are; whether there is room for all.
    fn place<'a>(&mut self, line: &'a [u8], row: &mut Vec<Raw<'a>>) -> bool {
        row.resize(self.names.len(), NULL);
        for (nth, (key, value)) in Fields::of(line).enumerate() {
            let at = match self.order.get(nth) {
                Some((known, at)) if known == key => *at,
                _ => match self.find(key, nth) {
                    Some(at) => at,
                    None => return false,
                },
            };
            if at >= row.len() {
                row.resize(at + 1, NULL);
            }
            row[at] = value;
        }
        true
    }

    /// The column of a key, made if it is new.
    #[cold]
    fn find(&mut self, key: &[u8], nth: usize) -> Option<usize> {
        let at = match self.places.get(key) {
            Some(&at) => at,
            None => self.meet(key)?,
        };
        self.order.truncate(nth);
        if self.order.len() == nth {
            self.order.push((key.to_vec(), at));
        }
        Some(at)
    }

    /// The column of a key that was not met before, if there is room for one.
    fn meet(&mut self, key: &[u8]) -> Option<usize> {
        let name = String::from_utf8_lossy(&decoded(key)).replace('\0', "\u{fffd}");
        let at = match self.names.iter().position(|known| *known == name) {
            Some(at) => at,
            None if self.names.len() == MOST_COLUMNS => return None,
            None => self.add(name),
        };
        // One name may be written with escapes in more ways than are worth remembering.
        if self.places.len() < 4 * MOST_COLUMNS {
            self.places.insert(key.to_vec(), at);
        }
        Some(at)
    }

    fn add(&mut self, mut name: String) -> usize {
        while !self.taken.insert(name.to_ascii_lowercase()) {
            name.push('_');
        }
        self.names.push(name);
        self.names.len() - 1
    }
}

const NULL: Raw<'static> = Raw::Bare(b"null");

/// Gives the table the columns that it lacks.
fn widen(
    connection: &Connection,
    table: &str,
    columns: &mut Columns,
    insert: &mut Option<Statement<'_>>,
) -> rusqlite::Result<()> {
    let table = quoted(table);
    while let Some(name) = columns.names.get(columns.made) {
        let name = quoted(name);
        *insert = None;
        // Without a type, a column keeps what it is given.
        connection.execute_batch(&if columns.made == 0 {
            format!("CREATE TABLE {table} ({name})")
        } else {
            format!("ALTER TABLE {table} ADD COLUMN {name}")
        })?;
        columns.made += 1;
    }
    Ok(())
}

/// Adds a row, which has a value for each column.
fn add<'c>(
    connection: &'c Connection,
    table: &str,
    insert: &mut Option<Statement<'c>>,
    row: &[Raw<'_>],
) -> rusqlite::Result<()> {
    if insert.is_none() {
        let marks = vec!["?"; row.len()].join(",");
        *insert = Some(connection.prepare(&format!("INSERT INTO {} VALUES ({marks})", quoted(table)))?);
    }
    let Some(statement) = insert else { return Ok(()) };
    for (at, value) in row.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, Cell(*value))?;
    }
    statement.raw_execute().map(drop)
}

/// A value as a cell.
struct Cell<'a>(Raw<'a>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Raw::Text(raw) => match decoded(raw) {
                Cow::Borrowed(text) => ToSqlOutput::Borrowed(ValueRef::Text(text)),
                Cow::Owned(text) => String::from_utf8_lossy(&text).into_owned().into(),
            },
            Raw::Container(text) => ToSqlOutput::Borrowed(ValueRef::Text(text)),
            Raw::Bare(b"null") => ToSqlOutput::Borrowed(ValueRef::Null),
            Raw::Bare(b"true") => 1.into(),
            Raw::Bare(b"false") => 0.into(),
            Raw::Bare(number) => number_cell(number),
        })
    }
}

fn number_cell(number: &[u8]) -> ToSqlOutput<'_> {
    let text = str::from_utf8(number).unwrap_or_default();
    if let Ok(integer) = text.parse::<i64>() {
        // There is no minus nought among the integers.
        return if text == "-0" { (-0.0).into() } else { integer.into() };
    }
    match text.parse::<f64>() {
        Ok(real) if text.contains(['.', 'e', 'E']) => real.into(),
        _ => ToSqlOutput::Borrowed(ValueRef::Text(number)),
    }
}
