//! The command line: what can be asked for, and how it is said.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::thread;

use generator::{Damage, Encoder, Rate, Shape, Spec, nearest, quantity};
use lexopt::{Arg, Parser, ValueExt};

use crate::encode;
use crate::explain::explain;
use crate::recipe::{Amount, Recipe};
use crate::spec_file;

/// More files than anyone sorts by hand.
const MOST_FILES: u64 = 10_000;

/// Every flag, for the message about an unknown one.
const FLAGS: [&str; 19] = [
    "--seed",
    "--records",
    "--bytes",
    "--from",
    "--set",
    "--damage",
    "--spec",
    "--out",
    "--truth",
    "--truth-lines",
    "--truth-spans",
    "--damage-lines",
    "--split",
    "--rate",
    "--compress",
    "--threads",
    "--force",
    "--help",
    "--version",
];

/// What to do.
pub(crate) enum Command {
    /// Print this.
    Print(String),
    /// Write a corpus.
    Write(Box<Corpus>),
}

/// A corpus and where it goes.
pub(crate) struct Corpus {
    pub(crate) spec: Spec,
    /// The size that it is to have, where that decides the number of records.
    pub(crate) bytes: Option<u64>,
    /// The log's file; `None` is the standard output.
    pub(crate) out: Option<OsString>,
    pub(crate) truth: Option<OsString>,
    pub(crate) truth_lines: Option<OsString>,
    pub(crate) truth_spans: Option<OsString>,
    pub(crate) damage_lines: Option<OsString>,
    pub(crate) force: bool,
    /// How many files the log is cut into, where it is cut.
    pub(crate) split: Option<u64>,
    pub(crate) rate: Option<Rate>,
    /// How the log is compressed, where it is.
    pub(crate) encoder: Option<&'static dyn Encoder>,
    pub(crate) threads: usize,
}

impl Corpus {
    /// Whether anything is written beside the log.
    pub(crate) fn has_facts(&self) -> bool {
        let facts = [&self.truth, &self.truth_lines, &self.truth_spans, &self.damage_lines];
        facts.into_iter().any(Option::is_some)
    }

    /// Whether anything goes elsewhere than to the standard output.
    pub(crate) fn writes_files(&self) -> bool {
        self.out.is_some() || self.has_facts()
    }
}

/// What is wrong with what was asked for.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<lexopt::Error> for Wrong {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// Where the corpus goes, and how: what is no part of a spec.
#[derive(Default)]
struct Flags {
    out: Option<OsString>,
    truth: Option<OsString>,
    truth_lines: Option<OsString>,
    truth_spans: Option<OsString>,
    damage_lines: Option<OsString>,
    force: bool,
    split: Option<u64>,
    rate: Option<Rate>,
    compress: Option<&'static dyn Encoder>,
    threads: Option<usize>,
}

/// Reads the command line, and the spec file that it names.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, Wrong> {
    let (mut recipe, mut file, mut flags) = (Recipe::default(), None, Flags::default());
    let (mut wants_help, mut explains) = (false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => wants_help = true,
            Arg::Long("version") | Arg::Short('V') => {
                let (crate_version, format) = (env!("CARGO_PKG_VERSION"), generator::FORMAT_VERSION);
                return Ok(Command::Print(format!("generate {crate_version} (format {format})\n")));
            }
            Arg::Long("seed") => recipe.seed = Some(number("--seed", &parser.value()?)?),
            Arg::Long("records") => {
                recipe.set_amount(Amount::Records(number("--records", &parser.value()?)?), "--records")?;
            }
            Arg::Long("bytes") => {
                let bytes =
                    read("--bytes", &parser.value()?, quantity::bytes, "a size such as 500MB or 10GiB")?;
                recipe.set_amount(Amount::Bytes(bytes), "--bytes")?;
            }
            Arg::Long("from") => recipe.from = Some(number("--from", &parser.value()?)?),
            Arg::Long("damage") => {
                let damage: Result<Damage, _> = parser.value()?.string()?.parse();
                let damage = damage.map_err(|wrong| Wrong(format!("--damage: {wrong}")))?;
                recipe.damage = Some((damage, "--damage".to_owned()));
            }
            Arg::Long("set") => {
                let given = parser.value()?.string()?;
                let Some((name, value)) = given.split_once('=') else {
                    return Err(Wrong(format!("--set needs NAME=VALUE, not {given:?}")));
                };
                recipe.set_knob(name, value, "--set");
            }
            Arg::Long("spec") => file = Some(parser.value()?),
            Arg::Value(word) if recipe.shape.is_none() && !explains && word == "explain" => explains = true,
            Arg::Value(word) if recipe.shape.is_none() => {
                let shape: Result<Shape, _> = word.string()?.parse();
                recipe.shape = Some(shape.map_err(|unknown| Wrong(unknown.to_string()))?);
            }
            Arg::Value(word) => return Err(Wrong(format!("{} is one word too many", word.display()))),
            Arg::Long(name) => {
                let name = format!("--{name}");
                flags.read(&name, &mut parser)?;
            }
            Arg::Short('o') => flags.read("--out", &mut parser)?,
            Arg::Short(letter) => return Err(unknown(&format!("-{letter}"))),
        }
    }
    if explains && recipe.shape.is_none() {
        let shapes =
            Shape::ALL.map(|shape| format!("  {:8}{}\n", shape.name(), shape.about().title)).concat();
        return Ok(Command::Print(format!("Which shape? generate explain SHAPE explains one of:\n{shapes}")));
    }
    if wants_help || explains {
        return Ok(Command::Print(recipe.shape.map_or_else(help, explain)));
    }
    if let Some(path) = file {
        recipe = recipe.over(spec_file::read(&path)?)?;
    }
    flags.check(&recipe)?;
    let (spec, bytes) = recipe.spec()?;
    flags.check_spans(&spec)?;
    let encoder = flags.encoder();
    let Flags {
        out,
        truth,
        truth_lines,
        truth_spans,
        damage_lines,
        force,
        split,
        rate,
        compress: _,
        threads,
    } = flags;
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZeroUsize::get));
    let corpus = Corpus {
        spec,
        bytes,
        out,
        truth,
        truth_lines,
        truth_spans,
        damage_lines,
        force,
        split,
        rate,
        encoder,
        threads,
    };
    Ok(Command::Write(Box::new(corpus)))
}

impl Flags {
    fn read(&mut self, name: &str, parser: &mut Parser) -> Result<(), Wrong> {
        match name {
            "--out" => self.out = Some(parser.value()?).filter(|out| out != "-"),
            "--truth" => self.truth = Some(file(name, parser.value()?)?),
            "--truth-lines" => self.truth_lines = Some(file(name, parser.value()?)?),
            "--truth-spans" => self.truth_spans = Some(file(name, parser.value()?)?),
            "--damage-lines" => self.damage_lines = Some(file(name, parser.value()?)?),
            "--force" => self.force = true,
            "--split" => {
                let count =
                    |text: &str| quantity::count(text).filter(|count| (1..=MOST_FILES).contains(count));
                let what = format!("a number of files from 1 to {MOST_FILES}");
                self.split = Some(read(name, &parser.value()?, count, &what)?);
            }
            "--rate" => {
                let what = "a speed such as 50k/s (records) or 10MiB/s (bytes)";
                self.rate = Some(read(name, &parser.value()?, rate, what)?);
            }
            "--compress" => {
                let what = "gz or zst";
                self.compress = Some(read(name, &parser.value()?, encode::of_ending, what)?);
            }
            "--threads" => {
                let count = |text: &str| quantity::count(text).filter(|count| (1..=1024).contains(count));
                self.threads = Some(read(name, &parser.value()?, count, "a number from 1 to 1024")? as usize);
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// How the log is compressed: as it is asked, or as its name says.
    fn encoder(&self) -> Option<&'static dyn Encoder> {
        self.compress.or_else(|| self.out.as_deref().and_then(encode::of_name))
    }

    /// Lines about spans are asked for only where there are spans.
    fn check_spans(&self, spec: &Spec) -> Result<(), Wrong> {
        if self.truth_spans.is_none() || spec.has_spans() {
            return Ok(());
        }
        let shape = spec.shape();
        let mend = match shape {
            Shape::Flat => "add --set spans=all",
            Shape::Mixed => "give app two of a thousand records or more, as in --set app=350",
            _ => "choose app, flat with --set spans=all, or mixed",
        };
        Err(Wrong(format!(
            "--truth-spans is about spans, and this log of the shape {shape} has none: {mend}, or leave it out"
        )))
    }

    /// What does not go together.
    fn check(&self, recipe: &Recipe) -> Result<(), Wrong> {
        let wrong = |what: &str| Err(Wrong(what.to_owned()));
        if self.split.is_some() && self.out.is_none() {
            return wrong("--split needs --out FILE, which its files are named after");
        }
        if self.rate.is_some() && self.encoder().is_some() {
            return wrong(
                "--rate writes record by record, and a compressed file takes whole blocks: leave one of them out",
            );
        }
        if self.out.as_deref().is_some_and(|out| crate::write::is_database(out.as_ref())) {
            if recipe.shape.is_some_and(|shape| shape != Shape::Jobs) {
                return wrong(
                    "only the shape jobs can be a database: choose it, or a name for --out that ends otherwise",
                );
            }
            let lines = self.truth_lines.is_some() || self.damage_lines.is_some() || recipe.damage.is_some();
            if lines || self.split.is_some() || self.rate.is_some() || self.compress.is_some() {
                return wrong(
                    "a database goes without --split, --rate, --compress, --damage and lines about its records: \
                     leave them out, or choose a name for --out that ends otherwise",
                );
            }
        }
        if self.damage_lines.is_some() && recipe.damage.is_none() {
            return wrong(
                "--damage-lines is about damaged lines, and there are none: add --damage RATE, or leave it out",
            );
        }
        Ok(())
    }
}

fn file(flag: &str, value: OsString) -> Result<OsString, Wrong> {
    if value == "-" {
        return Err(Wrong(format!("{flag} needs a file; the standard output is for the log")));
    }
    Ok(value)
}

fn unknown(flag: &str) -> Wrong {
    let near = nearest(flag, FLAGS).map_or("; the".to_owned(), |near| format!("; did you mean {near}? The"));
    Wrong(format!("there is no flag {flag}{near} flags are: {}", FLAGS.join(", ")))
}

fn number(flag: &str, value: &OsStr) -> Result<u64, Wrong> {
    read(flag, value, quantity::count, "a whole number from 0 to 2^64 - 1")
}

fn read<T>(flag: &str, value: &OsStr, read: impl Fn(&str) -> Option<T>, what: &str) -> Result<T, Wrong> {
    let text = value.to_string_lossy();
    read(&text).ok_or_else(|| Wrong(format!("{flag} needs {what}, not {text:?}")))
}

fn rate(text: &str) -> Option<Rate> {
    let amount = text.strip_suffix("/s").unwrap_or(text).trim_end();
    let rate = if amount.ends_with('B') {
        Rate::Bytes(NonZeroU64::new(quantity::bytes(amount)?)?)
    } else {
        Rate::Records(NonZeroU64::new(quantity::count(amount)?)?)
    };
    Some(rate)
}

fn help() -> String {
    let shapes = Shape::ALL.map(|shape| format!("  {:8}{}\n", shape.name(), shape.about().title)).concat();
    include_str!("help.txt").replace("SHAPES\n", &shapes)
}
