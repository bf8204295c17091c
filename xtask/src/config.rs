//! `bench.toml`: the subject, its corpora, the variants, the presets and the margins, as written.

use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What is measured.
    pub subject: Subject,
    /// Inputs and how to make them.
    #[serde(default, rename = "corpus")]
    pub corpora: Vec<Corpus>,
    /// Builds of the subject.
    #[serde(rename = "variant")]
    pub variants: Vec<Variant>,
    /// What one word asks for.
    pub presets: BTreeMap<String, Preset>,
    /// Smallest change worth telling, per metric.
    pub margins: Margins,
}

/// The packages and binaries that are built under every variant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Subject {
    /// Package of the measured binary.
    pub package: String,
    /// Its name. It speaks the visit protocol.
    pub binary: String,
    /// The feature that makes dhat its allocator, for the heap build.
    pub heap_feature: Option<String>,
    /// What ships: timed whole in the scenarios that say so.
    pub command: Option<Command>,
}

/// The subject's own command.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// Its package.
    pub package: String,
    /// Its binary.
    pub binary: String,
}

/// An input and the command that makes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Corpus {
    /// The name by which scenarios ask for it.
    pub name: String,
    /// The command. `{seed}`, `{records}`, `{out}` and `{truth}` stand for what it is to make.
    pub command: Vec<String>,
    /// Files and folders that decide what it makes: when one changes, the corpus is made again.
    #[serde(default)]
    pub sources: Vec<PathBuf>,
    /// Seed of what is measured on.
    pub seed: u64,
    /// Seed of what profiles are trained on: another one.
    pub training_seed: u64,
}

/// A build of the subject, by its axes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Variant {
    /// Short name.
    pub name: String,
    /// `off`, `thin-local`, `thin` or `fat`; cargo's own default for release (`thin-local`) when absent.
    #[serde(default)]
    pub lto: Lto,
    /// Codegen units; cargo's default for release (16) when absent.
    #[serde(default = "default_codegen_units")]
    pub codegen_units: u32,
    /// The allocator of the final binary.
    #[serde(default)]
    pub allocator: Allocator,
    /// Is it optimised by a profile of its own?
    #[serde(default)]
    pub pgo: bool,
}

fn default_codegen_units() -> u32 {
    16
}

/// Link-time optimisation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lto {
    /// None at all.
    Off,
    /// Within each crate only.
    #[default]
    ThinLocal,
    /// Across crates, by summaries.
    Thin,
    /// Across crates, as one.
    Fat,
}

impl Lto {
    /// The word used in bench.toml and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::ThinLocal => "thin-local",
            Self::Thin => "thin",
            Self::Fat => "fat",
        }
    }

    /// As cargo writes it in a profile.
    pub fn cargo_value(self) -> &'static str {
        match self {
            Self::Off => "\"off\"",
            Self::ThinLocal => "false",
            Self::Thin => "\"thin\"",
            Self::Fat => "\"fat\"",
        }
    }
}

/// Who hands out memory in the final binary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allocator {
    /// The C library's.
    #[default]
    System,
    /// mimalloc.
    Mimalloc,
    /// jemalloc.
    Jemalloc,
}

impl Allocator {
    /// The word used in bench.toml and in reports, and the name of the subject's Cargo feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Mimalloc => "mimalloc",
            Self::Jemalloc => "jemalloc",
        }
    }

    /// The Cargo feature that chooses it; none for the system's.
    pub fn feature(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }
}

/// What one word asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Preset {
    /// Names of variants; the first is the reference.
    pub variants: Vec<String>,
    /// Names or globs of scenarios.
    pub scenarios: Vec<String>,
    /// Records of each corpus.
    pub records: BTreeMap<String, u64>,
    /// Blocks of the clock in each scenario.
    pub clock_blocks: u32,
    /// Blocks of rss in each scenario.
    pub rss_blocks: u32,
    /// Visits of the heap build in each scenario; two or more show whether it is exact.
    pub heap_visits: u32,
    /// Timed batches in one visit of the clock, at most 64.
    pub batches: u32,
    /// What a batch is calibrated to, in milliseconds.
    pub batch_ms: u32,
    /// A visit is stopped after this many seconds.
    pub time_limit: u64,
}

/// Smallest change worth telling, per metric, as fractions, with an absolute one for memory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Margins {
    /// Of elapsed time: 0.01 is 1 %.
    pub time: f64,
    /// Of resident memory.
    pub memory: f64,
    /// Of resident memory, in bytes: the larger of the two applies.
    pub memory_bytes: u64,
}

impl Config {
    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::Usage(format!("reading {}: {e}", path.display())))?;
        Self::parse(&text).map_err(|why| Error::Usage(format!("{}: {why}", path.display())))
    }

    /// Reads and checks the text of a file; the error names the line and column.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> std::result::Result<(), String> {
        let mut names: Vec<&str> = self.variants.iter().map(|variant| variant.name.as_str()).collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(format!("two variants are called {twice:?}"));
        }
        for reserved in [CONTROL, HEAP] {
            if names.contains(&reserved) {
                return Err(format!("{reserved:?} is the harness's own name: call the variant otherwise"));
            }
        }
        for (name, preset) in &self.presets {
            if let Some(unknown) = preset.variants.iter().find(|v| !names.contains(&v.as_str())) {
                return Err(format!(
                    "preset {name:?} names the variant {unknown:?}; there are: {}",
                    names.join(", ")
                ));
            }
            if preset.variants.is_empty() {
                return Err(format!("preset {name:?} names no variant; its first is the reference"));
            }
            if let Some(corpus) = self.corpora.iter().find(|c| !preset.records.contains_key(&c.name)) {
                return Err(format!(
                    "preset {name:?} does not say how many records of {:?} it wants",
                    corpus.name
                ));
            }
            if !(1..=64).contains(&preset.batches) || preset.batch_ms == 0 {
                return Err(format!("preset {name:?} wants 1 to 64 batches of at least 1 ms"));
            }
        }
        if let Some(corpus) = self.corpora.iter().find(|c| c.seed == c.training_seed) {
            return Err(format!(
                "corpus {:?} would train on the very data that it measures: give it another training-seed",
                corpus.name
            ));
        }
        Ok(())
    }

    /// The preset called `name`.
    pub fn preset(&self, name: &str) -> Result<&Preset> {
        let known: Vec<&str> = self.presets.keys().map(String::as_str).collect();
        self.presets.get(name).ok_or_else(|| Error::unknown("preset", name, &known))
    }
}

/// Name of the control arm: the reference's binary again.
pub const CONTROL: &str = "control";
/// Name of the heap build.
pub const HEAP: &str = "heap";

/// Finds `bench.toml` in this folder or the nearest one above it.
pub fn find() -> Result<PathBuf> {
    let here =
        std::env::current_dir().map_err(|e| Error::Failed(format!("finding the current folder: {e}")))?;
    let found = here.ancestors().map(|folder| folder.join("bench.toml")).find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::Usage(format!(
            "there is no bench.toml in {} or above it: name one with --config",
            here.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        [subject]
        package = "p"
        binary = "b"
        [[variant]]
        name = "release"
        [presets.quick]
        variants = ["release"]
        scenarios = ["*"]
        records = {}
        clock-blocks = 12
        rss-blocks = 12
        heap-visits = 2
        batches = 5
        batch-ms = 20
        time-limit = 60
        [margins]
        time = 0.01
        memory = 0.02
        memory-bytes = 65536
    "#;

    #[test]
    fn the_least_file_is_enough_and_defaults_are_cargos() {
        let config = Config::parse(LEAST).expect("it is whole");
        assert_eq!(config.variants[0].lto, Lto::ThinLocal);
        assert_eq!(config.variants[0].codegen_units, 16);
        assert_eq!(config.variants[0].allocator.feature(), None);
    }

    #[test]
    fn errors_name_the_place_and_what_there_is() {
        let why = Config::parse(&LEAST.replace("name = \"release\"", "name = \"release\"\nlot = \"fat\""))
            .expect_err("unknown key");
        assert!(why.contains("line 7") && why.contains("lot") && why.contains("lto"), "{why}");
        let why =
            Config::parse(&LEAST.replace("[\"release\"]", "[\"relaese\"]")).expect_err("unknown variant");
        assert!(why.contains("relaese") && why.contains("there are: release"), "{why}");
        let why =
            Config::parse(&LEAST.replace("name = \"release\"", "name = \"control\"")).expect_err("reserved");
        assert!(why.contains("control"), "{why}");
    }

    #[test]
    fn the_projects_own_file_is_right() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench.toml");
        let config = Config::read(&path).expect("bench.toml");
        for name in ["quick", "standard", "full"] {
            assert!(config.preset(name).is_ok(), "{name}");
        }
        let why = config.preset("qiuck").expect_err("unknown").to_string();
        assert!(why.contains("full, quick, standard"), "{why}");
    }
}
