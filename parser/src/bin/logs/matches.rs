//! How matches are printed.

use std::collections::VecDeque;
use std::io::{self, Stdout, Write};

use parser::{Clock, Column, Columns, Field, Record, Time, Times, write_json_string};

/// What is printed of a record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    /// The file's name before it.
    pub(crate) names: bool,
    /// The line's number before it.
    pub(crate) numbers: bool,
    /// A JSON object of one shape for all formats, instead of the record as it stands.
    pub(crate) json: bool,
    /// So many records before and after it.
    pub(crate) before: usize,
    pub(crate) after: usize,
}

impl Style {
    /// Whether records beside a match are printed.
    pub(crate) fn has_context(self) -> bool {
        self.before > 0 || self.after > 0
    }
}

/// Prints matches, and records beside them.
pub(crate) struct Matches {
    style: Style,
    /// Whether a record that begins with a brace is a JSON object.
    has_objects: bool,
    out: io::BufWriter<Stdout>,
    /// The columns of the common fields, for JSON.
    fields: Vec<Column>,
    times: Times,
    /// Records that are printed if a match comes soon.
    held: VecDeque<Held>,
    /// How many records are still to be printed after the last match.
    owed: usize,
    /// Whether records were left out since the last one that was printed.
    gap: bool,
    printed: bool,
}

struct Held {
    line: u64,
    bytes: Vec<u8>,
}

impl Matches {
    pub(crate) fn new(style: Style, has_objects: bool, columns: &mut Columns, times: Times) -> Self {
        let fields =
            if style.json { Field::ALL.map(|field| columns.field(field)).into() } else { Vec::new() };
        Self {
            style,
            has_objects,
            out: io::BufWriter::with_capacity(64 << 10, io::stdout()),
            fields,
            times,
            held: VecDeque::new(),
            owed: 0,
            gap: false,
            printed: false,
        }
    }

    /// Begins with another file: nothing of the one before is beside its records.
    pub(crate) fn begin(&mut self) {
        self.held.clear();
        self.owed = 0;
        self.gap = true;
    }

    /// Prints a match as it stands.
    pub(crate) fn plain(&mut self, file: &str, line: u64, bytes: &[u8]) -> io::Result<()> {
        self.print(file, line, ':', bytes)
    }

    /// Prints a match that was read.
    pub(crate) fn record(&mut self, file: &str, record: &Record<'_>) -> io::Result<()> {
        if self.style.json { self.json(file, record) } else { self.plain(file, record.line, record.bytes()) }
    }

    /// Takes a record of which the next may be a match, or the one before may have been.
    pub(crate) fn beside(&mut self, file: &str, record: &Record<'_>, is_match: bool) -> io::Result<()> {
        let Style { before, after, .. } = self.style;
        if is_match {
            if std::mem::take(&mut self.gap) && self.printed {
                writeln!(self.out, "--")?;
            }
            for Held { line, bytes } in std::mem::take(&mut self.held) {
                self.print(file, line, '-', &bytes)?;
            }
            self.owed = after;
            return self.print(file, record.line, ':', record.bytes());
        }
        if self.owed > 0 {
            self.owed -= 1;
            return self.print(file, record.line, '-', record.bytes());
        }
        self.held.push_back(Held { line: record.line, bytes: record.bytes().to_vec() });
        if self.held.len() > before {
            self.held.pop_front();
            self.gap = true;
        }
        Ok(())
    }

    /// Whether all that is beside the last match was printed.
    pub(crate) fn owes_nothing(&self) -> bool {
        self.owed == 0
    }

    fn print(&mut self, file: &str, line: u64, mark: char, bytes: &[u8]) -> io::Result<()> {
        self.printed = true;
        if self.style.names {
            write!(self.out, "{file}{mark}")?;
        }
        if self.style.numbers {
            write!(self.out, "{line}{mark}")?;
        }
        self.out.write_all(bytes)?;
        self.out.write_all(b"\n")
    }

    /// `{"file":"a.log","line":3,"offset":80,"time":"...","level":"error",...,"record":...}`: the common fields that the
    /// record has, and the record: the object that it is, or the text.
    fn json(&mut self, file: &str, record: &Record<'_>) -> io::Result<()> {
        let out = &mut self.out;
        out.write_all(b"{\"file\":")?;
        write_json_string(out, file)?;
        write!(out, ",\"line\":{},\"offset\":{}", record.line, record.offset)?;
        for column in &self.fields {
            let Some(text) = column.text(record) else { continue };
            let time = match column.field() {
                Some(Field::Time) => column.time(record, &mut self.times),
                _ => None,
            };
            write!(out, ",\"{}\":", column.name())?;
            match (time, column.level(record)) {
                (Some(time), _) => write_time(out, time)?,
                (_, Some(level)) if column.field() == Some(Field::Level) => write!(out, "\"{level}\"")?,
                _ => write_json_string(out, &String::from_utf8_lossy(&text))?,
            }
        }
        out.write_all(b",\"record\":")?;
        let bytes = record.bytes().trim_ascii();
        // With colours in it it would be none.
        if self.has_objects && bytes.starts_with(b"{") && !bytes.contains(&0x1b) {
            out.write_all(bytes)?;
        } else {
            // A carriage return before the line feed belongs to the line's end.
            let text = record.bytes().strip_suffix(b"\r").unwrap_or(record.bytes());
            write_json_string(out, &String::from_utf8_lossy(text))?;
        }
        out.write_all(b"}\n")
    }

    /// Reads times of the next file by its clock.
    pub(crate) fn set_clock(&mut self, clock: Clock) {
        self.times = Times::new(clock);
    }

    /// Prints a line of its own.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn write_time(out: &mut impl Write, time: Time) -> io::Result<()> {
    write!(out, "\"{time}\"")
}
