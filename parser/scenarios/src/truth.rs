//! Reads the facts that a generator wrote beside its log.

use harness::subject::{Corpus, Error};
use serde_json::Value;
use std::fs::File;

/// The truth of a corpus; `None` for a user's own file, of which a plain reader tells it.
pub(crate) fn of(corpus: &Corpus) -> Result<Option<Value>, Error> {
    let Some(path) = &corpus.truth else { return Ok(None) };
    let file = File::open(path).map_err(|e| format!("opening {}: {e}", path.display()))?;
    let truth = serde_json::from_reader(std::io::BufReader::new(file))
        .map_err(|e| format!("reading the truth {}: {e}", path.display()))?;
    Ok(Some(truth))
}

/// A number that the truth must have.
pub(crate) fn number(truth: &Value, key: &str) -> Result<u64, Error> {
    truth[key].as_u64().ok_or_else(|| format!("the truth has no number {key:?}").into())
}

/// The entries of an object that the truth must have, sorted by their keys.
pub(crate) fn entries<'v>(truth: &'v Value, key: &str) -> Result<Vec<(&'v str, &'v Value)>, Error> {
    let object = truth[key].as_object().ok_or_else(|| format!("the truth has no object {key:?}"))?;
    let mut entries: Vec<_> = object.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    Ok(entries)
}
