//! Jobs as a database of `SQLite`: the rows of the shape `jobs`, put into a table as they are made.

use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value};

use crate::pending::{Pending, Place};
use crate::{Manner, Outputs, Shape, Spec, Trouble, Truth, Written, generate_to};

/// The columns as the rows have their keys.
const COLUMNS: [&str; 13] = [
    "id",
    "queue",
    "kind",
    "status",
    "priority",
    "attempts",
    "worker",
    "correlation_id",
    "created_at",
    "started_at",
    "finished_at",
    "error",
    "payload",
];

/// What stands before the payload of a row.
const PAYLOAD: &[u8] = br#","payload":"#;

const SCHEMA: &str = "
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        priority INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        worker TEXT,
        correlation_id TEXT NOT NULL,
        created_at TEXT NOT NULL,
        started_at TEXT,
        finished_at TEXT,
        error TEXT,
        payload TEXT NOT NULL
    );
    CREATE INDEX jobs_by_status ON jobs (status);
    BEGIN;";

/// Writes the jobs that `spec` describes to a database of `SQLite` with a table `jobs`, and their truth to `truth`
/// where that is given. The rows are those of the JSON lines, and so is the truth, its `bytes` included; the bytes of
/// the database are its own affair and may differ between its versions.
///
/// `watch` hears of the rows as that of [`Manner`] does.
///
/// # Errors
///
/// As [`write_files`](crate::write_files); and for another shape than [`Shape::Jobs`], or damage, which no row can
/// have.
pub fn write_database(
    spec: &Spec,
    out: &Path,
    truth: Option<&Path>,
    force: bool,
    watch: &mut (dyn FnMut(Written) -> ControlFlow<()> + Send),
) -> Result<Truth, Trouble> {
    let refused = |what: &str| Err(Trouble::Stream(io::Error::new(io::ErrorKind::InvalidInput, what)));
    if spec.shape() != Shape::Jobs {
        return refused("only the shape jobs can be a database: choose it, or a name that ends otherwise");
    }
    if spec.damage().is_some() {
        return refused("the rows of a database cannot be damaged: leave --damage out, or write JSON lines");
    }
    let place = Place::find(out, force)?;
    let truth = truth.map(|truth| Place::find(truth, force)).transpose()?;
    if truth.as_ref().is_some_and(|truth| truth.path == place.path) {
        return Err(Trouble::SamePath(place.path));
    }
    let file = Pending::create(place, force)?;
    let truth = truth.map(|truth| Pending::create(truth, force)).transpose()?;
    let Some(beside) = file.beside() else {
        return refused("a database needs a regular file, not a device or a pipe");
    };
    let failed = |source| file.trouble("write", source);
    let connection = Connection::open(beside).map_err(io::Error::other).map_err(failed)?;
    connection.execute_batch(SCHEMA).map_err(io::Error::other).map_err(failed)?;
    let mut rows = Rows { connection, begun: Vec::new() };
    let outputs = Outputs { log: &mut rows, truth_lines: None, truth_spans: None, damage_lines: None };
    let manner = Manner { threads: 1, encoder: None, rate: None, watch };
    let computed = generate_to(spec, outputs, manner).map_err(|source| match source.kind() {
        // No insertion ends so: it is the watch that stopped the making.
        io::ErrorKind::Interrupted => Trouble::Interrupted,
        _ => failed(source),
    })?;
    rows.connection.execute_batch("COMMIT").map_err(io::Error::other).map_err(failed)?;
    rows.connection.close().map_err(|(_, error)| io::Error::other(error)).map_err(failed)?;
    let kept = match truth {
        Some(mut truth) => {
            truth.write_truth(&computed)?;
            truth.keep()?
        }
        None => None,
    };
    file.keep().inspect_err(|_| {
        if let Some(truth) = kept {
            let _ = fs::remove_file(truth);
        }
    })?;
    Ok(computed)
}

/// Takes the lines of the rows and puts them into the table.
struct Rows {
    connection: Connection,
    /// The beginning of a line whose end was not written yet.
    begun: Vec<u8>,
}

impl Rows {
    fn insert(&self, line: &[u8]) -> io::Result<()> {
        // The payload stays the text that it is. It comes last, and no string of a row holds these quotes unescaped.
        let at = line.windows(PAYLOAD.len()).position(|window| window == PAYLOAD).unwrap_or(line.len());
        let payload = line.get(at + PAYLOAD.len()..line.len().saturating_sub(1)).unwrap_or_default();
        let mut row: Map<String, Value> = serde_json::from_slice(&[&line[..at], b"}"].concat())?;
        row.insert("payload".to_owned(), String::from_utf8_lossy(payload).into());
        let cells = COLUMNS.map(|column| match row.remove(column) {
            None | Some(Value::Null) => Cell::Null,
            Some(Value::String(text)) => Cell::Text(text),
            Some(Value::Number(number)) if number.is_i64() => {
                Cell::Integer(number.as_i64().unwrap_or_default())
            }
            Some(other) => Cell::Text(other.to_string()),
        });
        let statement = "INSERT INTO jobs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)";
        let mut statement = self.connection.prepare_cached(statement).map_err(io::Error::other)?;
        statement.execute(params_from_iter(cells)).map_err(io::Error::other).map(drop)
    }
}

impl Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut left = bytes;
        while let Some(end) = left.iter().position(|&byte| byte == b'\n') {
            if self.begun.is_empty() {
                self.insert(&left[..end])?;
            } else {
                self.begun.extend_from_slice(&left[..end]);
                let line = std::mem::take(&mut self.begun);
                self.insert(&line)?;
            }
            left = &left[end + 1..];
        }
        self.begun.extend_from_slice(left);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
