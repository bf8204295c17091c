//! A scenario: what is measured, on what, and the answer it must give.

use super::clock::{Cell, Prepared};
use super::command::Command;
use crate::answer::Answer;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{Read, Take};
use std::path::{Path, PathBuf};

/// Anything that can go wrong in a scenario. A scenario that fails makes its cell invalid.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Returned (as an [`Error`]) by an expectation when the scenario can't work on this corpus: it is
/// then left out, with this reason, and that is no failure.
#[derive(Debug)]
pub struct Unsuited(pub String);

impl fmt::Display for Unsuited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsuited {}

/// The files that a scenario works on.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The input.
    pub path: PathBuf,
    /// Facts about it that its generator computed while it wrote; `None` for a user's own file.
    pub truth: Option<PathBuf>,
    /// How many bytes of the input are read; `None` for all. A calibration slows a scenario down by letting it read on in
    /// the same file: [`Corpus::open`] keeps to it. A scenario that reads past it is not slowed down, and a calibration by
    /// it says nothing.
    pub bytes: Option<u64>,
}

impl Corpus {
    /// Opens the input, to be read as far as it is wanted.
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn open(&self) -> Result<Take<File>, Error> {
        let file = File::open(&self.path).map_err(|e| format!("opening {}: {e}", self.path.display()))?;
        Ok(file.take(self.bytes.unwrap_or(u64::MAX)))
    }

    /// The input, as far as it is wanted.
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let read = self.open()?.read_to_end(&mut bytes);
        read.map_err(|e| format!("reading {}: {e}", self.path.display()))?;
        Ok(bytes)
    }

    /// The size of what is read, in bytes.
    ///
    /// # Errors
    /// What the system says, with the path.
    pub fn size(&self) -> Result<u64, Error> {
        let facts = std::fs::metadata(&self.path);
        let length = facts.map_err(|e| format!("reading {}: {e}", self.path.display()))?.len();
        Ok(length.min(self.bytes.unwrap_or(u64::MAX)))
    }
}

/// What a scenario must give on a corpus, known from its truth or from a plain reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Bytes that one iteration reads.
    pub bytes: u64,
    /// Records that one iteration reads.
    pub records: u64,
    /// The right answer to each query. Iteration i asks query i modulo their number, so that
    /// nothing is won by keeping a result.
    pub answers: Vec<Answer>,
}

/// The measured part of a scenario, set up and ready.
pub trait Work {
    /// What one iteration produces. It is dropped inside the measured part: freeing is work too.
    type Output;

    /// One iteration.
    ///
    /// # Errors
    /// Whatever keeps it from giving an answer; the cell is then invalid.
    fn run(&mut self, query: usize) -> Result<Self::Output, Error>;

    /// The digest of every value in `output`. Never measured.
    fn answer(&self, output: &Self::Output) -> Answer;
}

type Expecting = Box<dyn Fn(&Corpus) -> Result<Expectation, Error>>;
type Preparing = Box<dyn Fn(&Corpus, Option<&Path>) -> Result<Box<dyn Cell>, Error>>;

/// One thing that is measured, declared once for every instrument.
pub struct Scenario {
    /// `suite/name` or `suite/name/scale`.
    pub name: &'static str,
    /// Name of the corpus that it wants.
    pub corpus: &'static str,
    /// What runs, in a sentence.
    pub about: &'static str,
    /// Counts up when it measures something else than before.
    pub version: u32,
    /// How many queries it has.
    pub queries: usize,
    whole_command: bool,
    all_cpus: bool,
    arrivals_per_second: u64,
    beside: Vec<&'static str>,
    expecting: Option<Expecting>,
    preparing: Option<Preparing>,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("name", &self.name)
            .field("corpus", &self.corpus)
            .finish_non_exhaustive()
    }
}

impl Scenario {
    /// A scenario at version 1, with one query and nothing to run yet.
    pub fn new(name: &'static str, corpus: &'static str, about: &'static str) -> Self {
        let (version, queries) = (1, 1);
        Self {
            name,
            corpus,
            about,
            version,
            queries,
            whole_command: false,
            all_cpus: false,
            arrivals_per_second: 0,
            beside: Vec::new(),
            expecting: None,
            preparing: None,
        }
    }

    /// Sets the version of what it measures.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// Sets the number of queries; iterations take them in turn.
    #[must_use]
    pub fn queries(mut self, queries: usize) -> Self {
        self.queries = queries.max(1);
        self
    }

    /// Says that it works with a thread per CPU: it is then not pinned to one.
    #[must_use]
    pub fn on_all_cpus(mut self) -> Self {
        self.all_cpus = true;
        self
    }

    /// Says that one iteration is the work on one record, and that so many of them arrive each second: the instrument
    /// `latency` then reads how late each is done. Choose a rate that leaves the slowest variant idle most of the time.
    #[must_use]
    pub fn arriving(mut self, rate_per_second: u64) -> Self {
        self.arrivals_per_second = rate_per_second;
        self
    }

    /// Names scenarios that its speed is set beside: the limit of what a machine can do with such input, and rivals at the
    /// same work. Where they were measured in the same run, reports give the ratios.
    #[must_use]
    pub fn beside(mut self, others: &[&'static str]) -> Self {
        self.beside = others.to_vec();
        self
    }

    /// Says where the right answers come from.
    #[must_use]
    pub fn expecting(mut self, expecting: impl Fn(&Corpus) -> Result<Expectation, Error> + 'static) -> Self {
        self.expecting = Some(Box::new(expecting));
        self
    }

    /// Says what to set up before the measured part, and what to run in it.
    #[must_use]
    pub fn working<W: Work + 'static>(
        mut self,
        prepare: impl Fn(&Corpus) -> Result<W, Error> + 'static,
    ) -> Self {
        let queries = self.queries;
        self.preparing =
            Some(Box::new(move |corpus, _| Ok(Box::new(Prepared::new(prepare(corpus)?, queries)))));
        self
    }

    /// Measures the subject's own command whole, from its start to its end, with the arguments
    /// that `arguments` gives for a query; `answer` digests what it writes to standard output.
    #[must_use]
    pub fn commanding(
        mut self,
        arguments: impl Fn(&Corpus, usize) -> Vec<OsString> + Clone + 'static,
        answer: impl Fn(usize, &[u8]) -> Result<Answer, Error> + Clone + 'static,
    ) -> Self {
        let queries = self.queries;
        self.whole_command = true;
        self.preparing = Some(Box::new(move |corpus, program| {
            let program =
                program.ok_or("this scenario runs the subject's command: name it with --command")?;
            let command = Command::new(program, corpus.clone(), arguments.clone(), answer.clone());
            Ok(Box::new(Prepared::new(command, queries)))
        }));
        self
    }

    /// Is the subject's command timed whole?
    pub fn is_whole_command(&self) -> bool {
        self.whole_command
    }

    /// Does it work with a thread per CPU?
    pub fn is_on_all_cpus(&self) -> bool {
        self.all_cpus
    }

    /// How many iterations arrive each second under `latency`; 0 where none does.
    pub fn arrivals_per_second(&self) -> u64 {
        self.arrivals_per_second
    }

    /// The scenarios that its speed is set beside.
    pub fn is_beside(&self) -> &[&'static str] {
        &self.beside
    }

    /// What it must give on `corpus`.
    ///
    /// # Errors
    /// [`Unsuited`] when it can't work on this corpus, or whatever kept the answers from being known.
    pub fn expect(&self, corpus: &Corpus) -> Result<Expectation, Error> {
        let expecting = self.expecting.as_ref().ok_or("the scenario declares no expectation")?;
        expecting(corpus)
    }

    /// Sets it up on `corpus`; `command` is the subject's own command, for scenarios that time it.
    ///
    /// # Errors
    /// Whatever the set-up met.
    pub fn prepare(&self, corpus: &Corpus, command: Option<&Path>) -> Result<Box<dyn Cell>, Error> {
        let preparing = self.preparing.as_ref().ok_or("the scenario declares no work")?;
        preparing(corpus, command)
    }
}
