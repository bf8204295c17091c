//! Corpora as files: written beside their places under other names, and put there when all of them are whole.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::pending::{Pending, Place};
use crate::{Manner, Outputs, Spec, Trouble, Truth, generate_to};

/// Where the files of a corpus are to be.
///
/// Each is written beside its place under another name and gets its own when all are whole. A place that is no regular file
/// (a device, a named pipe) is written straight into.
#[derive(Clone, Copy, Default, Debug)]
pub struct Places<'a> {
    /// The log's; `None` for a stream.
    pub log: Option<&'a Path>,
    /// The truth's, as one object.
    pub truth: Option<&'a Path>,
    /// That of the lines about each record: see [`generate_to`].
    pub truth_lines: Option<&'a Path>,
    /// That of the lines about spans.
    pub truth_spans: Option<&'a Path>,
    /// That of the lines about damaged records.
    pub damage_lines: Option<&'a Path>,
    /// Whether files that are there already may be replaced.
    pub force: bool,
}

/// Writes a corpus to the file `out`, and its truth to `truth` where that is given, in this thread.
///
/// # Errors
///
/// [`Trouble::Exists`] for a file that is there, unless `force` is set; [`Trouble::SamePath`]; and whatever making, writing
/// or renaming gives. What was written so far is removed.
pub fn write_files(spec: &Spec, out: &Path, truth: Option<&Path>, force: bool) -> Result<Truth, Trouble> {
    let places = Places { log: Some(out), truth, force, ..Places::default() };
    let mut watch = |_| ControlFlow::Continue(());
    let manner = Manner { threads: 1, encoder: None, rate: None, watch: &mut watch };
    let (whole, truth) = Unnamed::write(spec, places, &mut io::sink(), manner)?;
    Unnamed::keep(vec![whole])?;
    Ok(truth)
}

/// A corpus that is written whole, and whose files are not under their names yet. Dropped, they are removed.
pub struct Unnamed {
    /// The truth and the lines.
    facts: Vec<Pending>,
    log: Option<Pending>,
}

impl Unnamed {
    /// Writes a corpus to its places; the log to `stream` where it has none. Its truth takes memory as long as it is held,
    /// and is in its own file by then.
    ///
    /// # Errors
    ///
    /// As [`write_files`], and [`Trouble::Stream`] for those of `stream`.
    pub fn write(
        spec: &Spec,
        places: Places<'_>,
        stream: &mut (dyn Write + Send),
        manner: Manner<'_>,
    ) -> Result<(Self, Truth), Trouble> {
        let [mut log, mut truth, mut truth_lines, mut truth_spans, mut damage_lines] = create(places)?;
        let computed = {
            let mut truth_lines = truth_lines.as_mut().map(BufWriter::new);
            let mut truth_spans = truth_spans.as_mut().map(BufWriter::new);
            let mut damage_lines = damage_lines.as_mut().map(BufWriter::new);
            let outputs = Outputs {
                log: match &mut log {
                    Some(file) => file,
                    None => stream,
                },
                truth_lines: truth_lines.as_mut().map(|out| out as &mut (dyn Write + Send)),
                truth_spans: truth_spans.as_mut().map(|out| out as &mut (dyn Write + Send)),
                damage_lines: damage_lines.as_mut().map(|out| out as &mut (dyn Write + Send)),
            };
            let computed = generate_to(spec, outputs, manner);
            // After an error, what is left in the buffers is not to be tried again.
            for lines in [truth_lines, truth_spans, damage_lines].into_iter().flatten() {
                let _ = lines.into_parts();
            }
            computed
        };
        let computed = computed.map_err(|source| {
            let files = [&log, &truth_lines, &truth_spans, &damage_lines];
            let failed = files.into_iter().flatten().find(|file| file.has_failed());
            match failed {
                Some(file) => file.trouble("write", source),
                // No write ends so: it is the watch that stopped the making.
                None if source.kind() == io::ErrorKind::Interrupted => Trouble::Interrupted,
                None => Trouble::Stream(source),
            }
        })?;
        if let Some(truth) = &mut truth {
            truth.write_truth(&computed)?;
        }
        let mut facts: Vec<Pending> =
            [truth, truth_lines, truth_spans, damage_lines].into_iter().flatten().collect();
        facts.iter_mut().chain(&mut log).for_each(Pending::close);
        Ok((Self { facts, log }, computed))
    }

    /// Puts the files of all these corpora under their names: facts first, so that a log is never there without them.
    ///
    /// # Errors
    ///
    /// Those of renaming, and [`Trouble::Exists`] where somebody made a file meanwhile. What was renamed is removed again.
    pub fn keep(all: Vec<Self>) -> Result<(), Trouble> {
        let (mut facts, mut logs) = (Vec::new(), Vec::new());
        for one in all {
            facts.extend(one.facts);
            logs.extend(one.log);
        }
        let mut renamed: Vec<PathBuf> = Vec::new();
        for file in facts.into_iter().chain(logs) {
            match file.keep() {
                Ok(place) => renamed.extend(place),
                Err(trouble) => {
                    for place in renamed {
                        let _ = fs::remove_file(place);
                    }
                    return Err(trouble);
                }
            }
        }
        Ok(())
    }
}

/// Makes the files for log, truth, lines about records, spans and damage, as far as they are asked for.
fn create(places: Places<'_>) -> Result<[Option<Pending>; 5], Trouble> {
    let Places { log, truth, truth_lines, truth_spans, damage_lines, force } = places;
    let mut found: Vec<Option<Place>> = Vec::new();
    for path in [log, truth, truth_lines, truth_spans, damage_lines] {
        let place = path.map(|path| Place::find(path, force)).transpose()?;
        if let Some(place) = &place
            && found.iter().flatten().any(|other| other.path == place.path)
        {
            return Err(Trouble::SamePath(place.path.clone()));
        }
        found.push(place);
    }
    let mut made = [const { None }; 5];
    for (made, place) in made.iter_mut().zip(found) {
        *made = place.map(|place| Pending::create(place, force)).transpose()?;
    }
    Ok(made)
}
