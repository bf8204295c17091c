//! Entries as they are shown: as JSON, as lines, or shortened.

use std::io::{self, Write};

use super::json::Json;
use crate::field::Field;
use crate::index::{Column, Index, Rereader};

/// How much of an entry is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Where it stands, all columns, its message and its line.
    Full,
    /// Time, level, who, and the start of the message.
    Compact,
}

/// The longest message that is shown of an entry in short, in characters.
const SHORT: usize = 160;

/// The columns that are shown of an entry, and the keys that they have there.
const COLUMNS: [(Column, &str); 7] = [
    (Column::Level, "level"),
    (Column::Service, "service"),
    (Column::Thread, "thread"),
    (Column::Correlation, "correlation_id"),
    (Column::Trace, "trace_id"),
    (Column::Span, "span_id"),
    (Column::Parent, "parent_span_id"),
];

/// Entries as JSON objects, in the order given. They are read again from their files. A column that an entry lacks is
/// not there; a message that it lacks is not there either.
///
/// # Errors
/// What the files or a saved index give.
pub fn entries_json(index: &Index, entries: &[u32], detail: Detail) -> io::Result<Vec<Json>> {
    let mut rereader = Rereader::new(&[Field::Message]);
    let mut all = Vec::with_capacity(entries.len());
    index.show(entries, |shown| {
        let entry = shown.entry;
        let mut object: Vec<(_, Json)> = Vec::new();
        if detail == Detail::Full {
            if let Some(file) = index.files().get(index.file_of(entry)) {
                object.push(("file".into(), file.path().to_string_lossy().into_owned().into()));
            }
            object.push(("line".into(), index.line(entry)?.into()));
            object.push(("offset".into(), index.places()?.offset(entry).into()));
        }
        object.push(("time".into(), index.time(entry)?.into()));
        for (column, key) in COLUMNS {
            let wanted =
                detail == Detail::Full || matches!(column, Column::Level | Column::Service | Column::Thread);
            if let Some(name) = index.name(column, entry)?.filter(|_| wanted) {
                object.push((key.into(), Json::text(name)));
            }
        }
        if let Some(message) = rereader.text(shown.bytes, Field::Message) {
            let text = String::from_utf8_lossy(&message);
            let shown = if detail == Detail::Full { text.into_owned() } else { short(&text) };
            object.push(("message".into(), shown.into()));
        }
        if detail == Detail::Full {
            object.push(("raw".into(), Json::text(shown.bytes)));
        }
        all.push(Json::Object(object));
        Ok(())
    })?;
    Ok(all)
}

/// Writes entries as lines, each ended by a line feed: in full as they stand in their files, in short as
/// `time level service thread message`, with `-` for what is lacking.
///
/// # Errors
/// What the files, a saved index or `out` give.
pub fn write_entries(index: &Index, entries: &[u32], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    if detail == Detail::Full {
        return index.show(entries, |shown| {
            out.write_all(shown.bytes)?;
            out.write_all(b"\n")
        });
    }
    let mut rereader = Rereader::new(&[Field::Message]);
    index.show(entries, |shown| write_short(index, shown.entry, shown.bytes, &mut rereader, out))
}

/// Writes an entry in short.
pub(super) fn write_short(
    index: &Index,
    entry: u32,
    bytes: &[u8],
    rereader: &mut Rereader,
    out: &mut dyn Write,
) -> io::Result<()> {
    match index.time(entry)? {
        Some(time) => write!(out, "{time}")?,
        None => out.write_all(b"-")?,
    }
    for column in [Column::Level, Column::Service, Column::Thread] {
        let name = index.name(column, entry)?.unwrap_or(b"-");
        let width = if column == Column::Level { 5 } else { 0 };
        write!(out, " {:width$}", printable(&String::from_utf8_lossy(name)))?;
    }
    let message = rereader.text(bytes, Field::Message);
    let message = String::from_utf8_lossy(message.as_deref().unwrap_or(bytes));
    writeln!(out, " {}", printable(&short(&message)))
}

/// A text of at most [`SHORT`] characters, the last an ellipsis if some were left out.
fn short(text: &str) -> String {
    if text.chars().nth(SHORT).is_none() {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}

/// A text on one line, and without what would move a terminal's cursor.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
