//! What was built, by the key of what went into it, and the binaries by their hash.

use crate::building::place;
use crate::error::{Doing, Result};
use crate::files::write_whole;
use harness::judge::wire::results::BinaryFacts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The cache of builds.
#[derive(Clone, Debug)]
pub struct Cache {
    /// An entry for each key.
    folder: PathBuf,
    /// The binaries.
    store: PathBuf,
}

/// What the cache knows under a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    variant: String,
    role: String,
    facts: BinaryFacts,
}

/// What a variant occupies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupied {
    /// Its binaries, those of its steps among them.
    pub binaries: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Cache {
    /// The cache with entries in `folder` and binaries in `store`.
    pub fn new(folder: PathBuf, store: PathBuf) -> Self {
        Self { folder, store }
    }

    /// What is known under `key`, if the binary is there too.
    pub fn get(&self, key: &str, role: &str) -> Option<BinaryFacts> {
        let entry = read(&self.folder.join(key))?;
        (entry.role == role && self.binary(&entry).is_file()).then_some(entry.facts)
    }

    /// Remembers what was built for `variant` from what `key` stands for.
    pub fn put(&self, key: &str, variant: &str, role: &str, facts: &BinaryFacts) -> Result<()> {
        let doing = || format!("remembering a build in {}", self.folder.display());
        fs::create_dir_all(&self.folder).doing(doing)?;
        let entry = Entry { variant: variant.to_owned(), role: role.to_owned(), facts: facts.clone() };
        write_whole(&self.folder.join(key), &serde_json::to_vec(&entry).doing(doing)?).doing(doing)
    }

    /// How long a build takes here, in seconds: the median over the variants that were built, of each the binary that took
    /// longest, since its binaries are built beside each other. None before the first.
    pub fn usual_seconds(&self) -> Option<f64> {
        let mut longest: BTreeMap<String, f64> = BTreeMap::new();
        for (_, entry) in self.entries() {
            let seconds = longest.entry(entry.variant).or_default();
            *seconds = seconds.max(entry.facts.build_seconds);
        }
        // What cargo found finished took no time.
        let mut taken: Vec<f64> = longest.into_values().filter(|&seconds| seconds > 0.0).collect();
        taken.sort_by(f64::total_cmp);
        taken.get(taken.len() / 2).copied()
    }

    /// What each variant occupies. A binary that two share counts for both.
    pub fn occupied(&self) -> BTreeMap<String, Occupied> {
        let mut all: BTreeMap<String, Occupied> = BTreeMap::new();
        for (_, entry) in self.entries() {
            let of_variant = all.entry(owner(&entry.variant).to_owned()).or_default();
            of_variant.binaries += 1;
            of_variant.bytes += fs::metadata(self.binary(&entry)).map_or(0, |facts| facts.len());
        }
        all
    }

    /// Forgets everything that was built for `variant`, and removes the binaries that no other has.
    pub fn forget(&self, variant: &str) -> Result<usize> {
        let (gone, kept): (Vec<_>, Vec<_>) =
            self.entries().into_iter().partition(|(_, entry)| owner(&entry.variant) == variant);
        let needed: Vec<PathBuf> = kept.iter().map(|(_, entry)| self.binary(entry)).collect();
        for (path, entry) in &gone {
            fs::remove_file(path).doing(|| format!("removing {}", path.display()))?;
            let binary = self.binary(entry);
            if !needed.contains(&binary) {
                let _ = fs::remove_file(binary);
            }
        }
        Ok(gone.len())
    }

    fn binary(&self, entry: &Entry) -> PathBuf {
        place(&self.store, &entry.facts.sha256, &entry.role)
    }

    fn entries(&self) -> Vec<(PathBuf, Entry)> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        files.filter_map(|file| Some((file.path(), read(&file.path())?))).collect()
    }
}

/// An entry that can't be read is none: it is then built again.
fn read(path: &Path) -> Option<Entry> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The variant whose step this is.
fn owner(variant: &str) -> &str {
    variant.strip_suffix(INSTRUMENTED).unwrap_or(variant)
}

/// What the name of an instrumented build ends with.
pub const INSTRUMENTED: &str = "-instrumented";

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(sha256: &str) -> BinaryFacts {
        BinaryFacts { sha256: sha256.to_owned(), bytes: 3, ..BinaryFacts::default() }
    }

    #[test]
    fn what_is_forgotten_is_gone_and_what_others_need_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = folder.path().join("store");
        fs::create_dir(&store).expect("made");
        let cache = Cache::new(folder.path().join("cache"), store.clone());
        for sha256 in ["a".repeat(64), "b".repeat(64)] {
            fs::write(place(&store, &sha256, "subject"), "bin").expect("written");
        }
        let (a, b) = (facts(&"a".repeat(64)), facts(&"b".repeat(64)));
        cache.put("1", "one", "subject", &a).expect("put");
        cache.put("2", "one-instrumented", "subject", &b).expect("put");
        cache.put("3", "two", "subject", &a).expect("put");
        assert_eq!(cache.get("1", "subject"), Some(a.clone()));
        assert_eq!(cache.get("1", "command"), None);
        assert_eq!(cache.occupied()["one"], Occupied { binaries: 2, bytes: 6 });
        assert_eq!(cache.forget("one").expect("forgotten"), 2);
        assert_eq!(cache.get("1", "subject"), None);
        assert_eq!(cache.get("3", "subject"), Some(a), "two has the same binary");
        assert!(!place(&store, &b.sha256, "subject").exists());
    }

    #[test]
    fn builds_are_expected_to_take_what_they_took() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_owned(), folder.path().join("store"));
        assert_eq!(cache.usual_seconds(), None);
        let taken =
            [("a", "subject", 50.0), ("a", "command", 70.0), ("b", "subject", 90.0), ("c", "subject", 10.0)];
        for (key, (variant, role, build_seconds)) in taken.into_iter().enumerate() {
            let facts = BinaryFacts { build_seconds, ..facts("d") };
            cache.put(&key.to_string(), variant, role, &facts).expect("put");
        }
        cache.put("found", "e", "subject", &facts("d")).expect("put");
        assert_eq!(cache.usual_seconds(), Some(70.0));
    }

    #[test]
    fn a_torn_entry_and_a_lost_binary_are_built_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_owned(), folder.path().join("store"));
        fs::write(folder.path().join("1"), "{\"variant\":").expect("written");
        assert_eq!(cache.get("1", "subject"), None);
        cache.put("2", "one", "subject", &facts("c")).expect("put");
        assert_eq!(cache.get("2", "subject"), None, "its binary is not there");
    }
}
