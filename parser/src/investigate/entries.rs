//! Entries as they are shown: as JSON, as lines, or shortened.

use std::io::{self, Write};

use super::json::Json;
use super::lines::Lines;
use super::search::Near;
use crate::field::Field;
use crate::index::{Column, Ids, Index, Moments, Names, Rereader, Shown};

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
        let mut object: Vec<(_, Json)> = Vec::with_capacity(COLUMNS.len() + 6);
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
    write_each(index, entries, detail, out, |_, _| Ok(()))
}

/// Writes matches and what is near them as lines, as by [`write_entries`], with `--` where entries are left out.
///
/// # Errors
/// What the files, a saved index or `out` give.
pub fn write_near(index: &Index, near: &[Near], detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let entries: Vec<u32> = near.iter().map(|near| near.entry).collect();
    write_each(index, &entries, detail, out, |at, lines| {
        if near.get(at).is_some_and(|near| near.gap) {
            lines.text("--");
            lines.end()?;
        }
        Ok(())
    })
}

/// Writes entries, `before` each what belongs there.
fn write_each(
    index: &Index,
    entries: &[u32],
    detail: Detail,
    out: &mut dyn Write,
    mut before: impl FnMut(usize, &mut Lines<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut shorts = if detail == Detail::Compact { Some(Shorts::new(index)?) } else { None };
    Lines::to(out, |lines| {
        let mut at = 0;
        index.show(entries, |shown| {
            before(at, lines)?;
            at += 1;
            if let Some(shorts) = &mut shorts {
                return shorts.write(&shown, lines);
            }
            lines.bytes(shown.bytes);
            lines.end()
        })
    })
}

/// Writes entries in short.
pub(super) struct Shorts<'i> {
    moments: &'i Moments,
    columns: [(&'i Ids, &'i Names); 3],
    rereader: Rereader,
}

impl<'i> Shorts<'i> {
    pub(super) fn new(index: &'i Index) -> io::Result<Self> {
        let of = |column| Ok::<_, io::Error>((index.ids(column)?, index.names(column)?));
        Ok(Self {
            moments: index.moments()?,
            columns: [of(Column::Level)?, of(Column::Service)?, of(Column::Thread)?],
            rereader: Rereader::new(&[Field::Message]),
        })
    }

    /// Writes an entry and ends its line.
    pub(super) fn write(&mut self, shown: &Shown<'_>, lines: &mut Lines<'_>) -> io::Result<()> {
        match self.moments.time(shown.entry) {
            Some(time) => lines.time(time),
            None => lines.text("-"),
        }
        for (at, (ids, names)) in self.columns.iter().enumerate() {
            let id = ids.get(shown.entry);
            let name = if id == 0 { b"-" } else { names.get(id) };
            lines.text(" ");
            lines.printable(name);
            // Levels stand below each other.
            if at == 0 {
                lines.repeated(b" ", LEVEL.saturating_sub(name.len()));
            }
        }
        lines.text(" ");
        let message = self.rereader.read(shown.bytes, |fields, record| {
            let message = fields.text(record, Field::Message)?;
            lines.shortened(&message, SHORT);
            Some(())
        });
        if message.flatten().is_none() {
            lines.shortened(shown.bytes, SHORT);
        }
        lines.end()
    }
}

/// The width of a level.
const LEVEL: usize = 5;

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
