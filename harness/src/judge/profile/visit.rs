//! What a visit under a profiler printed, read back (`subject::visit` holds the requests).

use crate::judge::protocol;
use crate::judge::wire::profile::{Frame, Series, Stack};
use crate::judge::wire::sample::{Failure, Heap, Rss};
use serde::Deserialize;

/// What a sampled process told of itself. Its stacks begin at the program's start.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// Samples a second of CPU time that were asked for; 0 where it was watched from outside.
    pub frequency: u64,
    /// How long the work was repeated, in nanoseconds.
    pub elapsed_ns: u64,
    /// The CPU time of it.
    pub cpu_ns: u64,
    /// Iterations in that time.
    pub iterations: u64,
    /// Places in the program.
    pub frames: Vec<Frame>,
    /// What was sampled inside the process.
    pub stacks: Vec<Stack>,
}

/// A reading with the answers that it came with.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// The answers to the queries that were asked.
    pub answers: Vec<String>,
    /// The reading.
    pub reading: T,
}

#[derive(Deserialize)]
struct Visit {
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    profile: Option<Repeated>,
    #[serde(default)]
    rss: Option<Rss>,
    #[serde(default)]
    heap: Option<Heap>,
    #[serde(default)]
    series: Option<Series>,
}

fn read<T>(
    stdout: &[u8],
    what: &str,
    take: impl FnOnce(&mut Visit) -> Option<T>,
) -> Result<Answered<T>, Failure> {
    let mut visit: Visit = protocol::read(stdout).map_err(|why| Failure::BadReport { why })?;
    match take(&mut visit) {
        Some(reading) => Ok(Answered { answers: visit.answers, reading }),
        None => Err(Failure::BadReport {
            why: format!("it holds no {what}: the binary is of an earlier build of the harness"),
        }),
    }
}

/// Reads what a visit of `profile` printed.
///
/// # Errors
/// The report can't be read, or is of something else.
pub fn profile(stdout: &[u8]) -> Result<Answered<Repeated>, Failure> {
    read(stdout, "profile", |visit| visit.profile.take())
}

/// Reads what a visit of `rss` with a series printed.
///
/// # Errors
/// The report can't be read, or is of something else.
pub fn rss(stdout: &[u8]) -> Result<Answered<(Rss, Series)>, Failure> {
    read(stdout, "series of resident memory", |visit| visit.rss.take().zip(visit.series.take()))
}

/// Reads what a visit of `heap` with a series printed.
///
/// # Errors
/// The report can't be read, or is of something else.
pub fn heap(stdout: &[u8]) -> Result<Answered<(Heap, Series)>, Failure> {
    read(stdout, "series of the heap", |visit| visit.heap.take().zip(visit.series.take()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_something_else_is_told() {
        let clock = br#"{"protocol":2,"answers":["a"],"clock":{"iterations":1,"batches":[]}}"#;
        assert!(profile(clock).is_err_and(|why| why.to_string().contains("no profile")));
        assert!(
            rss(br#"{"protocol":2,"answers":[]}"#)
                .is_err_and(|why| why.to_string().contains("earlier build"))
        );
        assert!(heap(b"Segmentation fault").is_err_and(|why| why.to_string().contains("Segmentation")));
        let whole = br#"{"protocol":2,"answers":["a"],"profile":{"frequency":9,"elapsed_ns":5,"cpu_ns":4,"iterations":3,
            "frames":[{"function":"f","file":"","line":0,"inlined":false}],"stacks":[{"frames":[0],"samples":2}]}}"#;
        let read = profile(whole).expect("whole");
        assert_eq!((read.answers, read.reading.stacks[0].samples), (vec!["a".to_owned()], 2));
    }
}
