//! A whole command as the measured part: from its start to its end.

use super::scenario::{Corpus, Error, Work};
use crate::answer::Answer;
use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitStatus, Stdio};

/// Starts the subject's command, reads its output through a pipe, waits for its end.
pub(super) struct Command<A, D> {
    program: PathBuf,
    corpus: Corpus,
    arguments: A,
    digest: D,
}

impl<A, D> Command<A, D> {
    pub(super) fn new(program: &Path, corpus: Corpus, arguments: A, digest: D) -> Self {
        Self { program: program.to_owned(), corpus, arguments, digest }
    }
}

/// What a command gave: the query, and the digest of its output or what was wrong with it.
pub(super) struct Output {
    query: usize,
    stdout: Vec<u8>,
}

#[derive(Debug)]
struct Failed {
    program: PathBuf,
    status: ExitStatus,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the command {} ended with {}", self.program.display(), self.status)
    }
}

impl std::error::Error for Failed {}

impl<A, D> Work for Command<A, D>
where
    A: Fn(&Corpus, usize) -> Vec<OsString>,
    D: Fn(usize, &[u8]) -> Result<Answer, Error>,
{
    type Output = Output;

    fn run(&mut self, query: usize) -> Result<Output, Error> {
        let mut child = Process::new(&self.program)
            .args((self.arguments)(&self.corpus, query))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("starting the command {}: {e}", self.program.display()))?;
        let mut stdout = Vec::new();
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_end(&mut stdout)?;
        }
        let status = child.wait()?;
        if status.success() {
            Ok(Output { query, stdout })
        } else {
            Err(Failed { program: self.program.clone(), status }.into())
        }
    }

    /// An output that can't be read has an answer of its own, which no expectation equals.
    fn answer(&self, output: &Output) -> Answer {
        (self.digest)(output.query, &output.stdout).unwrap_or_else(|e| {
            eprintln!("the output of the command {} can't be read: {e}", self.program.display());
            crate::answer::Digest::new().text("unreadable").bytes(&output.stdout).finish()
        })
    }
}
