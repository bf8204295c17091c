//! `bench.toml`: the subject, its corpora, the variants, the presets and the margins, as written.

use crate::axes::{Axes, Target};
use crate::error::{Error, Result};
use harness::MOST_ARRIVALS;
use harness::judge::wire::gate::ExactMetric;
use harness::judge::wire::results::Metric;
use indexmap::IndexMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// What is measured.
    pub subject: Subject,
    /// Inputs and how to make them.
    #[serde(default, rename = "corpus")]
    pub corpora: Vec<Corpus>,
    /// What PGO and BOLT are trained by, in place of the subject's own training run.
    #[serde(default)]
    pub training: Training,
    /// Builds of the subject, by their short names. What a variant does not say is as in cargo's
    /// release profile.
    #[serde(rename = "variant")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Axes>"))]
    pub variants: IndexMap<String, Axes>,
    /// What one word asks for.
    #[serde(rename = "preset")]
    pub presets: BTreeMap<String, Preset>,
    /// Points that a cross product leaves out.
    #[serde(default, rename = "exclude")]
    pub exclusions: Vec<Exclusion>,
    /// Smallest change worth telling, per metric.
    pub margins: Margins,
    /// When other work on the machine counts as a disturbance.
    #[serde(default)]
    pub disturbed: Disturbed,
    /// How much worse a change may be.
    #[serde(default)]
    pub gate: Gate,
}

/// The packages and binaries that are built under every variant.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Subject {
    /// Package of the measured binary.
    pub package: String,
    /// Its name. It speaks the visit protocol.
    pub binary: String,
    /// The feature that makes dhat its allocator, for the heap build.
    pub heap_feature: Option<String>,
    /// The feature that puts a sampler inside, for `cargo xtask profile`.
    pub profile_feature: Option<String>,
    /// What ships: timed whole in the scenarios that say so.
    pub command: Option<Command>,
}

/// The subject's own command.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// Its package.
    pub package: String,
    /// Its binary.
    pub binary: String,
}

/// An input and the command that makes it.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    /// Seed of what profiles are trained on: another one. Where there is none, nothing is trained on this corpus, and
    /// what runs on it alone is optimised by what the others have in common with it.
    pub training_seed: Option<u64>,
    /// Records where a preset does not say how many: of a corpus that is there for its size.
    pub records: Option<u64>,
}

impl Corpus {
    /// Its seeds, in words.
    pub fn seeds(&self) -> String {
        let trained = self
            .training_seed
            .map_or_else(|| "nothing is trained on it".to_owned(), |seed| format!("trained on seed {seed}"));
        format!("seed {}, {trained}", self.seed)
    }
}

/// What PGO and BOLT are trained by.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Training {
    /// Commands that are run one after the other, each a program and its arguments. `{subject}` stands for the measured
    /// binary, `{command}` for the subject's command, `{corpus:NAME}` for a training corpus. They run in the folder of
    /// `bench.toml`, and a file that a word names, as a script, decides with its content whether a profile is kept.
    /// Without any, the subject trains itself: fixed passes of every scenario.
    pub commands: Vec<Vec<String>>,
}

/// What one word asks for.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Preset {
    /// Names or globs of variants; the first is the reference.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub variants: Vec<Spanned<String>>,
    /// Besides, every combination of these values of axes, less the exclusions; an axis that is not
    /// named stays as the reference has it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, Vec<serde_json::Value>>>"))]
    pub cross: IndexMap<String, Vec<toml::Value>>,
    /// Names or globs of scenarios.
    pub scenarios: Vec<String>,
    /// Features of the measured binary that its scenarios want; the subject's command is built without them.
    #[serde(default)]
    pub features: Vec<String>,
    /// Records of each corpus that does not say itself how many it has.
    pub records: BTreeMap<String, u64>,
    /// Blocks of the clock in each scenario.
    pub clock_blocks: u32,
    /// Blocks of latency in each scenario whose records arrive at a pace; 0: it is not read.
    #[serde(default)]
    pub latency_blocks: u32,
    /// Arrivals in one visit of latency; 0: it is not read.
    #[serde(default)]
    pub arrivals: u64,
    /// Blocks of rss in each scenario.
    pub rss_blocks: u32,
    /// Visits of the heap build in each scenario; two or more show whether it is exact. 0: it is not read, and nothing is built for it.
    pub heap_visits: u32,
    /// Are instructions counted too, on small corpora? It is for near twins and slow, so it is not done unless asked for.
    #[serde(default)]
    pub count: bool,
    /// Timed batches in one visit of the clock, at most 64.
    pub batches: u32,
    /// What a batch is calibrated to, in milliseconds.
    pub batch_ms: u32,
    /// A visit is stopped after this many seconds.
    pub time_limit: u64,
    /// A visit is stopped when it and all that it started hold more MiB of anonymous memory than this; half of the
    /// machine's memory where it is not set.
    pub memory_limit: Option<u64>,
}

impl Preset {
    /// How many records of a corpus are measured on. One of the two says so, which is checked when the file is read.
    pub fn records_of(&self, corpus: &Corpus) -> u64 {
        self.records.get(&corpus.name).copied().or(corpus.records).unwrap_or_default()
    }

    /// Is latency read, where records arrive?
    pub fn reads_latency(&self) -> bool {
        self.latency_blocks > 0 && self.arrivals > 0
    }
}

/// Points that a cross product leaves out: those that lie on all of these terms.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exclusion {
    /// Terms such as `target=musl` or `bolt`.
    pub terms: Vec<String>,
    /// Why they are left out.
    pub reason: String,
}

/// Smallest change worth telling, per metric, as fractions, with an absolute one for memory.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Margins {
    /// Of elapsed time: 0.01 is 1 %.
    pub time: f64,
    /// Of the 99th percentile of latencies.
    #[serde(default = "latency_margin")]
    pub latency: f64,
    /// Of resident memory.
    pub memory: f64,
    /// Of resident memory, in bytes: the larger of the two applies.
    pub memory_bytes: u64,
}

/// A tail is noisier than a median.
fn latency_margin() -> f64 {
    0.05
}

/// When a block counts as disturbed, and how many are measured again.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Disturbed {
    /// More than this share of its time was stolen by the hypervisor.
    pub steal: f64,
    /// More than this share of it went to other processes, on the CPUs that the subject could use.
    pub others: f64,
    /// At most this share of a scenario's blocks is measured again.
    pub replacements: f64,
}

impl Default for Disturbed {
    fn default() -> Self {
        Self { steal: 0.02, others: 0.10, replacements: 0.5 }
    }
}

/// How much worse a change may be; see `cargo xtask gate`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Gate {
    /// Of elapsed time, as a fraction: what is not told apart as worse is cleared when its whole interval lies below.
    pub time: f64,
    /// Of resident memory.
    pub memory: f64,
    /// Of instructions, counted exactly.
    pub instructions: f64,
    /// Of the size of what ships, compared exactly.
    pub size: f64,
    /// Blocks of the first round, and of fresh ones for what got worse there.
    pub blocks: u32,
    /// Blocks of the second round, for what stayed open; never fewer than those of the first.
    pub open_blocks: u32,
    /// How often what got worse is confirmed, each time on builds that were linked in another order.
    pub confirmations: u32,
    /// Other limits, for some scenarios and for a while.
    #[serde(rename = "limit")]
    pub limits: Vec<OwnLimit>,
}

/// Another limit, for some scenarios and for a while.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnLimit {
    /// Name or glob of scenarios.
    pub scenarios: String,
    /// The metric: `time`, `rss`, `anon`, `instructions`, `heap`, `allocations` or `size`.
    pub metric: String,
    /// As a fraction.
    pub limit: f64,
    /// The last day on which it counts, as `YYYY-MM-DD`.
    #[serde(deserialize_with = "day")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub until: jiff::civil::Date,
    /// Why.
    pub reason: String,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            time: 0.05,
            memory: 0.05,
            instructions: 0.01,
            size: 0.05,
            blocks: 20,
            open_blocks: 40,
            confirmations: 4,
            limits: Vec::new(),
        }
    }
}

/// A day, as TOML writes it or as a text.
fn day<'de, D: serde::Deserializer<'de>>(from: D) -> std::result::Result<jiff::civil::Date, D::Error> {
    let text = match toml::Value::deserialize(from)? {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    text.parse()
        .map_err(|why| serde::de::Error::custom(format!("{text} is no day such as 2027-01-31: {why}")))
}

/// Name of the control arm: the reference's binary again.
pub const CONTROL: &str = "control";
/// Name of the heap build of the host's own target; those of others have it with the target's name behind.
const HEAP: &str = "heap";

/// Name of a target's heap build.
pub fn heap_name(target: Target) -> String {
    if target == Target::default() { HEAP.to_owned() } else { format!("{HEAP}-{target}") }
}

/// Is this the name of a heap build?
pub fn is_heap(name: &str) -> bool {
    Target::ALL.iter().any(|&target| heap_name(target) == name)
}

impl Config {
    /// The variant of exactly this name.
    pub fn variant(&self, name: &str) -> Result<Vec<(String, Axes)>> {
        if let Some(axes) = self.variants.get(name) {
            return Ok(vec![(name.to_owned(), axes.clone())]);
        }
        let known: Vec<&str> = self.variants.keys().map(String::as_str).collect();
        Err(Error::unknown("variant", name, &known))
    }

    /// Reads and checks the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| Error::Usage(format!("reading {}: {e}", path.display())))?;
        Self::parse(&text).map_err(|why| Error::Usage(format!("{}: {why}", path.display())))
    }

    /// Reads and checks the text of a file; the error names the line and column.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|e| with_nearest_key(e.to_string().trim_end()))?;
        config.check(text)?;
        Ok(config)
    }

    fn check(&self, text: &str) -> std::result::Result<(), String> {
        let names: Vec<&str> = self.variants.keys().map(String::as_str).collect();
        for (name, axes) in &self.variants {
            if name == CONTROL || is_heap(name) {
                return Err(format!("{name:?} is the harness's own name: call the variant otherwise"));
            }
            if name.contains(['/', '\\', ',', '=']) || name.is_empty() || crate::axes::is_term(name) {
                return Err(format!(
                    "a variant can't be called {name:?}: the name is used for files, in lists, and beside terms of axes"
                ));
            }
            if let Some(why) = axes.contradiction() {
                return Err(format!("variant {name:?}: {why}"));
            }
        }
        for (name, preset) in &self.presets {
            let unknown =
                preset.variants.iter().find(|v| !names.iter().any(|n| crate::glob::matches(v.get_ref(), n)));
            if let Some(unknown) = unknown {
                let near = nearest(unknown.get_ref(), names.iter().copied());
                let near = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
                return Err(format!(
                    "{}: preset {name:?} names the variant {:?}{near}; there are: {}",
                    place(text, unknown.span().start),
                    unknown.get_ref(),
                    names.join(", ")
                ));
            }
            if preset.variants.is_empty() {
                return Err(format!("preset {name:?} names no variant; its first is the reference"));
            }
            let unsaid = |c: &&Corpus| c.records.is_none() && !preset.records.contains_key(&c.name);
            if let Some(corpus) = self.corpora.iter().find(unsaid) {
                return Err(format!(
                    "preset {name:?} does not say how many records of {:?} it wants",
                    corpus.name
                ));
            }
            if preset.arrivals > MOST_ARRIVALS {
                return Err(format!("preset {name:?} wants more than {MOST_ARRIVALS} arrivals in a visit"));
            }
            if !(1..=64).contains(&preset.batches) || preset.batch_ms == 0 {
                return Err(format!("preset {name:?} wants 1 to 64 batches of at least 1 ms"));
            }
        }
        let Disturbed { steal, others, replacements } = self.disturbed;
        if !(steal >= 0.0 && others >= 0.0 && (0.0..=1.0).contains(&replacements)) {
            return Err("[disturbed] holds shares: 0 or more, and replacements at most 1".to_owned());
        }
        let exact = ExactMetric::ALL.iter().map(|metric| metric.name());
        // The gate does not judge latency.
        let judged = Metric::ALL.iter().filter(|metric| **metric != Metric::Latency);
        let metrics: Vec<&str> = judged.map(|metric| metric.name()).chain(exact).collect();
        if let Some(own) = self.gate.limits.iter().find(|own| !metrics.contains(&own.metric.as_str())) {
            let near = nearest(&own.metric, metrics.iter().copied());
            let near = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
            return Err(format!(
                "a limit of the gate names the metric {:?}{near}; there are: {}",
                own.metric,
                metrics.join(", ")
            ));
        }
        let Gate { time, memory, instructions, size, blocks, open_blocks, limits, .. } = &self.gate;
        let own = limits.iter().map(|own| own.limit);
        let mut fractions = [*time, *memory, *instructions, *size].into_iter().chain(own);
        if !fractions.all(|limit| limit.is_finite() && limit >= 0.0) {
            return Err("a limit of the gate is a fraction that is not negative: 0.05 is 5 %".to_owned());
        }
        if let Some(own) = limits.iter().find(|own| own.reason.trim().is_empty()) {
            return Err(format!("the gate's limit of {} of {} has no reason", own.metric, own.scenarios));
        }
        let least = harness::judge::label::MIN_BLOCKS as u32;
        if *blocks < least || *open_blocks < least {
            return Err(format!("the gate wants {least} blocks or more: fewer can't be judged"));
        }
        self.check_training()?;
        for term in self.exclusions.iter().flat_map(|exclusion| &exclusion.terms) {
            Axes::default().lies_on(term).map_err(|why| format!("an exclusion: {why}"))?;
        }
        if let Some(corpus) = self.corpora.iter().find(|c| c.training_seed == Some(c.seed)) {
            return Err(format!(
                "corpus {:?} would train on the very data that it measures: give it another training-seed",
                corpus.name
            ));
        }
        Ok(())
    }

    fn check_training(&self) -> std::result::Result<(), String> {
        let corpora: Vec<&str> = self.corpora.iter().map(|corpus| corpus.name.as_str()).collect();
        for command in &self.training.commands {
            if command.is_empty() {
                return Err("a training command is empty: it is a program and its arguments".to_owned());
            }
            for word in command {
                if word.contains("{command}") && self.subject.command.is_none() {
                    return Err(
                        "a training command names {command}, and there is no [subject.command]".to_owned()
                    );
                }
                let named = word.split("{corpus:").skip(1).filter_map(|rest| rest.split('}').next());
                if let Some(unknown) = named.into_iter().find(|name| !corpora.contains(name)) {
                    return Err(format!(
                        "a training command names the corpus {unknown:?}; there are: {}",
                        corpora.join(", ")
                    ));
                }
            }
        }
        Ok(())
    }

    /// The preset called `name`.
    pub fn preset(&self, name: &str) -> Result<&Preset> {
        let known: Vec<&str> = self.presets.keys().map(String::as_str).collect();
        self.presets.get(name).ok_or_else(|| Error::unknown("preset", name, &known))
    }
}

/// `line 3, column 5` of a byte's place.
fn place(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    format!("line {line}, column {column}")
}

/// The known word that is nearest to a mistyped one, if any is near at all.
pub fn nearest<'w>(given: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let far = |word: &str| strsim::damerau_levenshtein(given, word);
    let best = known.into_iter().min_by_key(|word| far(word))?;
    (far(best) <= 1 + given.chars().count() / 3).then_some(best)
}

/// Adds the nearest of the words that the error says were expected.
fn with_nearest_key(error: &str) -> String {
    // The list stands in backticks: "unknown field `lot`, expected one of `lto`, `pgo`".
    let quoted: Vec<&str> = error.split('`').skip(1).step_by(2).collect();
    let is_unknown = error.contains("unknown field") || error.contains("unknown variant");
    match quoted.split_first() {
        Some((given, known)) if is_unknown => match nearest(given, known.iter().copied()) {
            Some(near) => format!("{error} (did you mean `{near}`?)"),
            None => error.to_owned(),
        },
        _ => error.to_owned(),
    }
}

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
    use crate::axes::Lto;

    const LEAST: &str = r#"
        [subject]
        package = "p"
        binary = "b"
        [variant.release]
        [preset.quick]
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

    fn why(from: &str, to: &str) -> String {
        assert!(LEAST.contains(from), "{from}");
        Config::parse(&LEAST.replace(from, to)).expect_err("it is wrong")
    }

    #[test]
    fn the_least_file_is_enough_and_defaults_are_cargos() {
        let config = Config::parse(LEAST).expect("it is whole");
        assert_eq!(config.variants["release"].lto, Lto::ThinLocal);
        assert_eq!(config.variants["release"].codegen_units, 16);
        assert_eq!(config.variants["release"].allocator.feature(), None);
    }

    #[test]
    fn errors_name_the_place_and_the_nearest_word() {
        let key = why("[variant.release]", "[variant.release]\nlot = \"fat\"");
        assert!(key.contains("line 6, column 1") && key.contains("did you mean `lto`?"), "{key}");
        let value = why("[variant.release]", "[variant.release]\nlto = \"fatt\"");
        assert!(value.contains("line 6, column 7") && value.contains("did you mean `fat`?"), "{value}");
        let variant = why("[\"release\"]", "[\"relaese\"]");
        assert!(
            variant.contains("line 7, column 21") && variant.contains("did you mean \"release\"?"),
            "{variant}"
        );
        let far = why("[\"release\"]", "[\"xyz\"]");
        assert!(far.contains("there are: release") && !far.contains("did you mean"), "{far}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert!(
            why("[variant.release]", "[variant.release]\nflags = ['-Clto=fat']\n").contains("the axis lto")
        );
        assert!(why("[variant.release]", "[variant.control]\n[variant.release]").contains("harness's own"));
        assert!(why("batches = 5", "batches = 65").contains("1 to 64"));
        assert!(why("batches = 5", "batches = 5\narrivals = 2000000").contains("more than 1048576 arrivals"));
        let limit = "[[gate.limit]]\nscenarios = '*'\nmetric = 'latency'\nlimit = 1.0\nuntil = '2030-01-01'\nreason = 'r'\n[margins]";
        assert!(why("[margins]", limit).contains("there are: time, rss, anon, "));
        assert!(
            why("[margins]", "[[exclude]]\nterms = ['colour=red']\nreason = ''\n[margins]")
                .contains("no axis")
        );
        let corpus = "[[corpus]]\nname = 'c'\ncommand = []\nseed = 1\ntraining-seed = 1\n[margins]";
        let both = LEAST.replace("records = {}", "records = { c = 1 }").replace("[margins]", corpus);
        assert!(Config::parse(&both).is_err_and(|why| why.contains("another training-seed")));
        assert!(why("[margins]", "[disturbed]\nreplacements = 2\n[margins]").contains("at most 1"));
        let limit = |words: &str| {
            let limit = "scenarios = '*'\nlimit = 0.1\nuntil = 2026-01-01\nreason = 'it pays'";
            why("[margins]", &format!("[[gate.limit]]\n{limit}\n{words}\n[margins]"))
        };
        let metric = limit("metric = 'alocations'");
        assert!(metric.contains("did you mean \"allocations\"?") && metric.contains("time, rss"), "{metric}");
        assert!(!limit("metric = 'colour'").contains("did you mean"));
        let text = format!(
            "{LEAST}\n[[gate.limit]]\nscenarios = '*'\nmetric = 'size'\nlimit = 0.1\nreason = 'it pays'"
        );
        for until in ["2026-01-31", "'2026-01-31'"] {
            let config = Config::parse(&format!("{text}\nuntil = {until}")).expect("a day");
            assert_eq!(config.gate.limits[0].until, jiff::civil::date(2026, 1, 31));
        }
        let spring = Config::parse(&format!("{text}\nuntil = 'spring'")).expect_err("no day");
        assert!(spring.contains("spring is no day such as 2027-01-31"), "{spring}");
        assert!(why("[margins]", "[gate]\ntime = -0.1\n[margins]").contains("not negative"));
        assert!(why("[margins]", "[gate]\nsize = nan\n[margins]").contains("not negative"));
        assert!(why("[margins]", "[gate]\nopen-blocks = 7\n[margins]").contains("8 blocks or more"));
        let training =
            |words: &str| why("[margins]", &format!("[training]\ncommands = [{words}]\n[margins]"));
        assert!(training("[]").contains("empty"));
        assert!(training("['{command}']").contains("no [subject.command]"));
        assert!(training("['x', '{corpus:web}']").contains("\"web\""));
    }

    #[test]
    fn the_projects_own_file_is_right() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench.toml");
        let config = Config::read(&path).expect("bench.toml");
        for name in ["quick", "standard", "full"] {
            assert!(config.preset(name).is_ok(), "{name}");
        }
        let why = config.preset("qiuck").expect_err("unknown").to_string();
        assert!(why.contains("full, investigate, layouts, quick"), "{why}");
    }

    #[test]
    fn the_schema_in_the_tree_is_true() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Config)).expect("written") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &schema).expect("written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == schema, "xtask/bench.schema.json is not true any more: run with UPDATE_GOLDEN=1");
    }

    #[test]
    fn the_projects_own_file_follows_the_schema() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let schema = std::fs::read(folder.join("bench.schema.json")).expect("the schema");
        let schema = serde_json::from_slice(&schema).expect("JSON");
        let text = std::fs::read_to_string(folder.join("../bench.toml")).expect("bench.toml");
        let value: serde_json::Value = toml::from_str(&text).expect("TOML");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
}
