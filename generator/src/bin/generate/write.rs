//! Writes what was asked for: one file or several, or the standard output.

use std::ffi::{OsStr, OsString};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use generator::{Manner, Places, Spec, Trouble, Unnamed, Written, records_within};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::arguments::Corpus;
use crate::exit_by;
use crate::progress::Progress;

/// Writes a corpus.
pub(crate) fn write(corpus: &Corpus) -> Result<(), Trouble> {
    let mut spec = corpus.spec.clone();
    if let Some(bytes) = corpus.bytes {
        let records = records_within(&spec, bytes, corpus.threads).map_err(Trouble::Stream)?;
        spec = spec.clone().with_part(spec.from(), records);
    }
    let asked = if corpus.writes_files() { stopped_by_signals() } else { Arc::default() };
    if let Some(out) = corpus.out.as_deref().map(Path::new).filter(|out| is_database(out)) {
        return write_database(&spec, out, corpus, &mut |_| {
            if asked.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
    let mut progress = Progress::begin(spec.records(), corpus.out.is_none());
    let mut whole = Vec::new();
    for part in parts(&spec, corpus.split) {
        let name = |given: &Option<OsString>| given.as_deref().map(|given| part.name(given));
        let names =
            [&corpus.out, &corpus.truth, &corpus.truth_lines, &corpus.truth_spans, &corpus.damage_lines]
                .map(name);
        let [log, truth, truth_lines, truth_spans, damage_lines] =
            names.each_ref().map(|name| name.as_deref().map(Path::new));
        let places = Places { log, truth, truth_lines, truth_spans, damage_lines, force: corpus.force };
        let mut watch = |written| {
            progress.set(written);
            if asked.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let (threads, encoder) = (corpus.threads, corpus.encoder);
        let manner = Manner { threads, encoder, rate: corpus.rate, watch: &mut watch };
        // The truth of each part would stay until the last one is whole, and there may be thousands.
        let (files, _) = Unnamed::write(&part.spec, places, &mut io::stdout(), manner)?;
        whole.push(files);
        progress.next_file();
    }
    Unnamed::keep(whole)
}

/// Whether a name asks for a database of `SQLite`.
pub(crate) fn is_database(out: &Path) -> bool {
    matches!(out.extension().and_then(OsStr::to_str), Some("sqlite" | "db"))
}

#[cfg(feature = "sqlite")]
fn write_database(
    spec: &Spec,
    out: &Path,
    corpus: &Corpus,
    watch: &mut (dyn FnMut(Written) -> ControlFlow<()> + Send),
) -> Result<(), Trouble> {
    generator::write_database(spec, out, corpus.truth.as_deref().map(Path::new), corpus.force, watch)
        .map(drop)
}

#[cfg(not(feature = "sqlite"))]
fn write_database(
    _: &Spec,
    out: &Path,
    _: &Corpus,
    _: &mut (dyn FnMut(Written) -> ControlFlow<()> + Send),
) -> Result<(), Trouble> {
    let what = "this build lacks the feature sqlite: build with --features sqlite, or choose another name";
    let source = io::Error::new(io::ErrorKind::Unsupported, what);
    Err(Trouble::File { doing: "write the database", path: out.to_owned(), source })
}

/// How long the making may take to end by itself once somebody asked it to: it looks after each chunk, but may wait for a
/// reader that does not read.
const GRACE: Duration = Duration::from_secs(1);

/// Becomes true when somebody asks to stop. What does not end by itself then, or is asked a second time, is ended, and what it
/// has begun is removed. Where no file is written, nothing needs to be removed, and signals are to do what they always do.
fn stopped_by_signals() -> Arc<AtomicBool> {
    let asked = Arc::new(AtomicBool::new(false));
    // A signal that cannot be listened to ends the process, and leaves a part file behind.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return asked };
    let (flag, handle) = (Arc::clone(&asked), signals.handle());
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            flag.store(true, Ordering::Relaxed);
            thread::spawn(move || {
                thread::sleep(GRACE);
                handle.close();
            });
            // Ends by the second signal, or when the time has passed.
            signals.forever().next();
            generator::remove_unfinished();
            exit_by(&Trouble::Interrupted);
        }
    });
    asked
}

/// What goes to one file.
struct Part {
    spec: Spec,
    /// Its number, from 1, and how many there are; `None` for the only one.
    number: Option<(u64, u64)>,
}

/// Cuts a spec into parts of as many records each; the first ones have one more where that does not come out even.
fn parts(spec: &Spec, count: Option<u64>) -> impl Iterator<Item = Part> {
    let files = count.unwrap_or(1);
    let (each, more) = (spec.records() / files, spec.records() % files);
    (0..files).map(move |index| {
        let from = spec.from() + index * each + index.min(more);
        let records = each + u64::from(index < more);
        Part { spec: spec.clone().with_part(from, records), number: count.map(|count| (index + 1, count)) }
    })
}

impl Part {
    /// The name of a part's file: of `logs/app.log.gz`, `logs/app-03.log.gz`.
    fn name(&self, given: &OsStr) -> OsString {
        let Some((number, count)) = self.number else { return given.to_owned() };
        let width = count.to_string().len();
        let path = Path::new(given);
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        // A dot that a name begins with begins no ending.
        let dot = name.iter().skip(1).position(|&byte| byte == b'.').map(|at| at + 1);
        let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
        let [stem, ending] = [stem, ending].map(String::from_utf8_lossy);
        path.with_file_name(format!("{stem}-{number:0width$}{ending}")).into_os_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use generator::Shape;

    #[test]
    fn parts_tile_the_corpus_and_are_named_after_it() {
        let spec = Spec::new(Shape::App, 1, 0).with_part(5, 11);
        let parts: Vec<Part> = parts(&spec, Some(4)).collect();
        let ranges: Vec<_> = parts.iter().map(|part| (part.spec.from(), part.spec.records())).collect();
        assert_eq!(ranges, [(5, 3), (8, 3), (11, 3), (14, 2)]);
        let name = |given: &str| parts[2].name(OsStr::new(given)).into_string().unwrap();
        assert_eq!(name("logs.d/app.log.gz"), "logs.d/app-3.log.gz");
        assert_eq!(name("app"), "app-3");
        assert_eq!(name(".app"), ".app-3");
        assert_eq!(Part { spec, number: Some((7, 100)) }.name(OsStr::new("a.b")), "a-007.b");
    }
}
