//! Counts records by any of their fields.

mod key;
mod tables;

use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::answer::{self, write_json_string};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::expression::{Column, Columns, Expression};
use crate::format::Formats;
use crate::read::{Reader, Totals};
use crate::segments::{self, Reads};
use crate::sketch::STANDARD_ERROR;
use crate::time::{Clock, Times};
use crate::together::{self, Open, Told};
pub use key::{Key, KeyError};
use tables::{Tables, put};

/// What records are counted by.
///
/// ```
/// use parser::{Columns, GroupCounter, Grouping, Limits};
///
/// let mut columns = Columns::new();
/// let by = vec![parser::Key::parse("level", &mut columns)?];
/// let grouping = Grouping { by, distinct: Some(columns.column("user")?), ..Grouping::new(columns) };
/// let mut counter = GroupCounter::new(&grouping, Limits::default());
/// let log = b"{\"level\":\"INFO\",\"user\":1}\n{\"level\":\"info\",\"user\":2}\n{\"level\":\"ERR\"}\n";
/// counter.read(log.as_slice(), &mut |bad| panic!("{bad:?}"))?;
/// let groups = counter.finish().groups;
/// assert_eq!((groups[0].values[0].as_deref(), groups[0].count, groups[0].distinct), (Some("info"), 2, 2));
/// assert_eq!((groups[1].values[0].as_deref(), groups[1].count, groups[1].distinct), (Some("error"), 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Grouping {
    /// What is asked of each record.
    pub columns: Columns,
    /// Records that agree in all of these are counted together; all records, if there are none.
    pub by: Vec<Key>,
    /// Of what the distinct values are counted, too.
    pub distinct: Option<Column>,
    /// Which records are counted; all, if it is not said.
    pub only: Option<Expression>,
    /// Whether distinct values are estimated, in at most 16 KiB for each group, with a relative standard error of
    /// [`crate::STANDARD_ERROR`]; up to 512 are exact all the same.
    pub approximate: bool,
}

impl Grouping {
    /// All records together.
    pub fn new(columns: Columns) -> Self {
        Self { columns, by: Vec::new(), distinct: None, only: None, approximate: false }
    }
}

/// What counting by fields gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// What was seen.
    pub totals: Totals,
    /// Records that were counted.
    pub counted: u64,
    /// The groups, those of most records first; of as many, in the order of their values.
    pub groups: Vec<Group>,
}

/// Records that agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// In what they agree, in the order of [`Grouping::by`]; nothing where they have no value.
    pub values: Vec<Option<String>>,
    /// How many they are.
    pub count: u64,
    /// How many distinct values they have of what is to be distinct.
    pub distinct: u64,
}

/// Counts one input after another by fields.
///
/// It holds a buffer, each group's values once, and each distinct value once, with at most 32 bytes for it in each group.
pub struct GroupCounter<'a> {
    grouping: &'a Grouping,
    reader: Reader,
    times: Times,
    tables: Tables,
    /// The values of a record, to be looked up.
    values: Vec<u8>,
}

impl Groups {
    /// Writes the answer as one line of JSON:
    /// `{"files":[...],"ran_at":"...","by":["level"],"distinct":"user","records":3,"counted":3,"groups":[{"values":{"level":
    /// "info"},"count":2,"distinct":2},...],"left_out":{"groups":0,"count":0}}`. Of a value that is not there it says
    /// `null`; without anything that is to be distinct it says nothing of that. No more than the first `top` groups are
    /// written.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_json(
        &self,
        grouping: &Grouping,
        files: &[String],
        ran_at: &str,
        top: Option<usize>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        answer::write_files(files, out)?;
        out.write_all(b",\"ran_at\":")?;
        write_json_string(out, ran_at)?;
        out.write_all(b",\"by\":[")?;
        let names: Vec<String> = grouping.by.iter().map(Key::name).collect();
        for (nth, name) in names.iter().enumerate() {
            answer::separate(out, nth)?;
            write_json_string(out, name)?;
        }
        out.write_all(b"]")?;
        if let Some(column) = &grouping.distinct {
            out.write_all(b",\"distinct\":")?;
            write_json_string(out, column.name())?;
            if grouping.approximate {
                write!(out, ",\"distinct_standard_error\":{STANDARD_ERROR}")?;
            }
        }
        let (shown, left_out) = self.groups.split_at(top.unwrap_or(usize::MAX).min(self.groups.len()));
        write!(out, ",\"records\":{},\"counted\":{},\"groups\":[", self.totals.records, self.counted)?;
        for (nth, group) in shown.iter().enumerate() {
            answer::separate(out, nth)?;
            out.write_all(b"{\"values\":{")?;
            for (nth, (name, value)) in names.iter().zip(&group.values).enumerate() {
                answer::separate(out, nth)?;
                write_json_string(out, name)?;
                out.write_all(b":")?;
                match value {
                    Some(value) => write_json_string(out, value)?,
                    None => out.write_all(b"null")?,
                }
            }
            write!(out, "}},\"count\":{}", group.count)?;
            if grouping.distinct.is_some() {
                write!(out, ",\"distinct\":{}", group.distinct)?;
            }
            out.write_all(b"}")?;
        }
        let rest: u64 = left_out.iter().map(|group| group.count).sum();
        writeln!(out, "],\"left_out\":{{\"groups\":{},\"count\":{rest}}}}}", left_out.len())
    }
}

impl<'a> GroupCounter<'a> {
    /// A counter that has counted nothing.
    pub fn new(grouping: &'a Grouping, limits: Limits) -> Self {
        Self {
            grouping,
            reader: Reader::new(&grouping.columns.keys(), limits),
            times: Times::new(Clock::now()),
            tables: Tables::default(),
            values: Vec::new(),
        }
    }

    /// The same, of these formats only.
    #[must_use]
    pub fn reading(mut self, formats: Formats) -> Self {
        self.reader = self.reader.reading(formats);
        self
    }

    /// Reads times that do not say all of themselves by this clock from the next input on, and not by the system's time.
    pub fn set_clock(&mut self, clock: Clock) {
        self.times = Times::new(clock);
    }

    /// What was seen so far.
    pub fn totals(&self) -> Totals {
        self.reader.totals()
    }

    /// Counts one input to its end. Several add up.
    ///
    /// # Errors
    /// What the source gives, all lines before that being counted; or a [`crate::Refusal`].
    pub fn read(&mut self, source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        self.part(source, true, on_bad)
    }

    /// Counts a file from its start to its end, on several threads if it can be read at any place.
    ///
    /// # Errors
    /// As [`crate::Counter::read_file`].
    pub fn read_file(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        segments::read_file(self, file, threads, on_bad, &mut |_| ControlFlow::Continue(()))
    }

    /// Counts several inputs at once, each on one thread, which has tables of its own. What comes of them is told in
    /// their order, until `told` breaks; some more may have been counted then.
    pub fn read_together(&mut self, inputs: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        together::read(self, inputs, threads, open, told, |counter, input, lane| {
            counter.set_clock(input.clock);
            counter.read(input.source, &mut |bad| lane.bad(bad))
        });
    }

    fn part(&mut self, source: impl Read, is_start: bool, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let Self { grouping, reader, times, tables, values } = self;
        reader.read_part(source, is_start, None, on_bad, |record| {
            if grouping.only.as_ref().is_none_or(|only| only.holds(record, times)) {
                values.clear();
                for key in &grouping.by {
                    put(values, key.text(record, times).as_deref());
                }
                let distinct = grouping.distinct.as_ref().and_then(|column| column.text(record));
                tables.add(values, distinct.as_deref(), grouping.approximate);
            }
            ControlFlow::Continue(())
        })
    }

    /// The answer.
    pub fn finish(self) -> Groups {
        let (totals, counted) = (self.reader.totals(), self.tables.counted());
        let mut groups = self.tables.finish(self.grouping.by.len());
        groups.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.values.cmp(&b.values)));
        Groups { totals, counted, groups }
    }
}

impl Reads for GroupCounter<'_> {
    type Out = ();

    fn fork(&self) -> Self {
        Self {
            grouping: self.grouping,
            reader: self.reader.fork(),
            times: self.times.clone(),
            tables: Tables::default(),
            values: Vec::new(),
        }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> ((), io::Result<()>) {
        ((), self.part(source, is_start, on_bad))
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
        self.tables.take_in(other.tables);
    }
}
