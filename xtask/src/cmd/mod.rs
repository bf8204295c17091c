//! The commands, a file each.

pub mod bench;
pub mod build;
pub mod calibrate;
pub mod chart;
pub mod clean;
pub mod compare;
pub mod doctor;
pub mod export;
pub mod gallery;
pub mod gate;
pub mod list;
pub mod plan;
pub mod profile;
pub mod repeat;
pub mod report;
pub mod resume;
pub mod setup;
pub mod ship;
pub mod splice;
pub mod test;

use crate::cache::Cache;
use crate::config::{self, Config, Preset};
use crate::corpora::Corpus;
use crate::error::{Error, Result};
use crate::hash;
use crate::training::Training;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `bench.toml`, its folder, and the folders that belong to it.
#[derive(Debug)]
pub struct Project {
    /// The folder of `bench.toml`.
    pub root: PathBuf,
    /// What it says.
    pub config: Config,
}

/// The checkout that this program was built from, with its scripts: the project that is measured may be another.
pub fn checkout() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

impl Project {
    /// Finds and reads it.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let path = path.map_or_else(config::find, |path| Ok(path.to_owned()))?;
        let config = Config::read(&path)?;
        let absolute =
            std::path::absolute(&path).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?;
        let root = absolute.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        Ok(Self { root, config })
    }

    /// What PGO and BOLT are trained by here, on these corpora.
    pub fn training<'a>(&'a self, corpora: &'a [Corpus], preset: &Preset) -> Training<'a> {
        let commands = &self.config.training.commands;
        Training { corpora, commands, folder: &self.root, limit: Duration::from_secs(preset.time_limit * 10) }
    }

    /// Runs, a folder each, and the lock.
    pub fn runs(&self) -> PathBuf {
        self.root.join("target/bench")
    }

    /// cargo's target folder for variants.
    pub fn variants(&self) -> PathBuf {
        self.root.join("target/variants")
    }

    /// Standard libraries that were built here.
    pub fn sysroots(&self) -> PathBuf {
        self.root.join("target/sysroots")
    }

    /// What was built, by the key of what went into it.
    pub fn cache(&self) -> Cache {
        Cache::new(self.variants().join("cache"), self.binaries())
    }

    /// Binaries by their hash.
    pub fn binaries(&self) -> PathBuf {
        self.root.join("target/variants/store")
    }

    /// Work trees of revisions. They lie outside the project: cargo would read the configuration of every folder above
    /// them, and the one here is that of another revision.
    pub fn trees(&self) -> PathBuf {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
        match cache.filter(|cache| cache.is_absolute()) {
            Some(cache) => {
                let name = hash::of_parts([self.root.to_string_lossy().as_ref()]);
                cache.join("assay").join(&name[..12])
            }
            None => self.root.join("target/gate"),
        }
    }

    /// Generated corpora.
    pub fn corpora(&self) -> PathBuf {
        self.root.join("target/corpora")
    }
}
