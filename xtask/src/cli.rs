//! Every command and flag, declared in one place.

use crate::time_budget::TimeBudget;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use harness::judge::wire::results::Metric;
use reports::charts::Kind;
use reports::export::Format;
use std::path::PathBuf;

/// Which build of this program should I ship, and did this change make it slower or hungrier?
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// The file that describes subject, corpora, variants and presets [default: the nearest
    /// bench.toml in this folder or above it]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the variants, measure them against each other, and say which to ship
    Bench(Bench),
    /// Check two revisions out, build and measure both here, and say whether the change made the program slower or
    /// hungrier
    Gate(Gate),
    /// Compare two variants of a run, two runs, or two revisions
    Compare(Compare),
    /// Find out what the labels are worth on this machine: how often the same is told apart, and which slow-downs are found
    Calibrate(Calibrate),
    /// Say where cells spend their CPU time and what becomes of their memory, in builds and processes of their own
    Profile(Profile),
    /// Measure a run again as its manifest says, tell what differs from then, and show both side by side
    Repeat(Repeat),
    /// Make results.json and the report of a run again from its samples
    Report(Report),
    /// Write the results of a run in a format that other tools read
    Export(Export),
    /// Draw one chart of a run, of a gate's history or of a calibration, as SVG or PNG
    Chart(Chart),
    /// Measure a preset and publish the run: manifest, packed samples, page and charts fit for a repository, and the README's
    /// blocks
    Gallery(Gallery),
    /// Print every variant, its commands, what is there already, what is skipped and why
    Plan(Plan),
    /// Build the subject's shipping command as one variant and hand it over
    Build(Build),
    /// Print what to paste into a project to have a variant
    Ship(Ship),
    /// List each tool as found or missing, what needs it, and the command that mends it
    Doctor,
    /// Bring what variants need: components and targets, or packages and stds built from sources
    Setup(Setup),
    /// List what builds, corpora and runs occupy, and remove it
    Clean(Clean),
    /// List variants, presets, corpora, scenarios and runs
    List,
    /// Check format, lints and tests: what must pass before a change goes in
    Test,
    /// What this program starts beside itself: see [`crate::survivors`]
    #[command(hide = true, name = crate::survivors::COMMAND)]
    EndSurvivors {
        /// The mark of those to end
        mark: String,
    },
}

/// `cargo xtask bench`
#[derive(Args, Debug, Default)]
#[command(after_help = "Exit codes: 0 every planned cell was measured and right, 1 failed, 2 wrong usage.\n\
    ctrl-C leaves a run that --resume takes up; a second ctrl-C stops at once.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Bench {
    /// What to ask for: quick (minutes), standard, full, or another of bench.toml
    #[arg(long, value_name = "NAME", default_value = "quick")]
    pub preset: String,

    /// Variants instead of the preset's, as names, globs or terms of axes such as
    /// 'allocator=mimalloc,pgo'; the first is the reference
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variants: Vec<String>,

    /// The toolchain that builds everything [default: the best for the request; see doctor]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,

    /// First bring what the variants lack, by rustup or by apt
    #[arg(long)]
    pub setup: bool,

    /// Scenarios instead of the preset's, as names or globs such as 'count/*'
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub scenarios: Vec<String>,

    /// Measure on these files instead of generated ones; a plain reader then gives the right answers
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub input: Vec<PathBuf>,

    /// Blocks of the clock in each scenario, instead of the preset's; fewer than 8 can't be judged
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub blocks: Option<u32>,

    /// As many blocks of the clock, from 8 to 60, as fit this time once all is built, such as 90s, 10m or 1h30m
    #[arg(long, value_name = "TIME", conflicts_with = "blocks")]
    pub time_budget: Option<TimeBudget>,

    /// Put the corpus out of the page cache before each visit, and time one iteration without a warm-up; only scenarios
    /// that read their file inside the measured part, and only the clock
    #[arg(long, conflicts_with = "criterion")]
    pub cold: bool,

    /// Seed of the orders of visits
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Name of the run's folder under target/bench [default: the time and the preset]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Besides, let criterion measure each variant, one saved baseline per variant, on the corpora of the run
    #[arg(long, conflicts_with = "input")]
    pub criterion: bool,

    /// Print the plan and do nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Take up an interrupted run, by name or folder; the newest when no name is given
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "", conflicts_with_all =
        ["variants", "scenarios", "input", "blocks", "time_budget", "cold", "name", "dry_run", "preset", "toolchain", "setup", "criterion", "seed"])]
    pub resume: Option<String>,
}

/// `cargo xtask gate`
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 pass, 1 a side does not build, answers wrongly or breaks off, 2 wrong usage, \
    3 a regression, 4 too much stayed open to say."
)]
pub struct Gate {
    /// What the change is compared with: a revision as git names it
    #[arg(long, value_name = "REV")]
    pub base: String,

    /// The change: a revision; what is not committed is not measured
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    pub head: String,

    /// How both are measured
    #[command(flatten)]
    pub sides: Sides,

    /// What the runs' folders begin with [default: the time]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Add this gate to the history kept there (a folder, or branch:NAME) and tell its trends; they decide nothing
    #[arg(long, value_name = "DIR|branch:NAME")]
    pub against_history: Option<String>,
}

/// How two revisions are measured against each other.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// The preset whose scenarios and corpora are measured [default: quick]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,

    /// The variant that both are built as [default: the preset's reference]
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,

    /// Scenarios instead of the preset's, as names or globs
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub scenarios: Vec<String>,

    /// Blocks of the first run [default: those of bench.toml]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(8..=1000))]
    pub blocks: Option<u32>,

    /// The toolchain that builds both [default: the best for the variant]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,

    /// Seed of the orders of visits and of the order of linking [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

impl Sides {
    /// The preset, `quick` where none is named.
    pub fn preset(&self) -> &str {
        self.preset.as_deref().unwrap_or("quick")
    }
}

/// `cargo xtask calibrate`
#[derive(Args, Debug)]
#[command(
    after_help = "Every arm of a trial is the same binary; some do a known share of their work twice. It takes about half an \
    hour, and the machine should have nothing else to do. A calibration that was stopped is taken up by its --name.\n\
    Exit codes: 0 calibrated, 1 failed, 2 wrong usage."
)]
pub struct Calibrate {
    /// The preset whose scenarios, corpora and reference are used
    #[arg(long, value_name = "NAME", default_value = "quick")]
    pub preset: String,

    /// Scenarios instead of the preset's, as names or globs; whole commands are left out
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub scenarios: Vec<String>,

    /// Trials: runs of their own
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub trials: u32,

    /// Blocks of a trial; what fewer would have found is told from its first ones
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(8..=1000))]
    pub blocks: u32,

    /// How many arms of a trial are the reference, unchanged
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub alike: u32,

    /// The toolchain that builds it [default: the best for the reference]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,

    /// Seed of the orders of visits
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Its name, with which its runs' folders begin; one that is there is taken up [default: the time]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// `cargo xtask compare`
#[derive(Args, Debug)]
#[command(
    after_help = "A and B are of one kind, tried in this order: variants of the run, runs, revisions.\n\
    Variants of a run stood in the same blocks and are judged against each other. Of two runs no times are compared, only \
    what is exact (heap, sizes, instructions), and each run's own ratios side by side. Two revisions are built and measured here, as by \
    gate, without its limits.\n\
    Exit codes: 0 compared; 1 failed, or B answers wrongly or breaks off where A was measured; 2 wrong usage; with --demand also \
    3 B is worse somewhere, 4 nothing of time, memory or instructions could be judged: sizes alone are not enough."
)]
pub struct Compare {
    /// What it is compared with: a variant, a run (by name or folder), or a revision
    #[arg(value_name = "A")]
    pub base: String,

    /// What is compared: another of the same kind
    #[arg(value_name = "B")]
    pub other: String,

    /// The run whose variants A and B are, by name or folder [default: the newest]
    #[arg(long, value_name = "RUN", default_value = "", hide_default_value = true)]
    pub run: String,

    /// End with 3 if B is worse in anything: told apart, or of two runs past the margin
    #[arg(long)]
    pub demand: bool,

    /// How two revisions are measured; variants and runs have been measured
    #[command(flatten)]
    pub sides: Sides,
}

/// `cargo xtask profile`
#[derive(Args, Debug)]
#[command(
    after_help = "Nothing of it is timed: builds have symbols, processes are their own. Files go to profiles/ of the run's folder:\n\
    flame graphs, differences, tables, and raw profiles for pprof, speedscope, the Firefox Profiler and dhat's viewer.\n\
    Exit codes: 0 profiled, or skipped with the reason; 1 something failed; 2 wrong usage."
)]
pub struct Profile {
    /// The preset whose variants, scenarios and corpora are taken [default: with --run the run's, else quick]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,

    /// Variants instead of the preset's reference, as names, globs or terms of axes
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variants: Vec<String>,

    /// Scenarios instead of the preset's, as names or globs such as 'count/*'
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub scenarios: Vec<String>,

    /// What the variants are set against: another variant, or a revision [default: the first variant]
    #[arg(long, value_name = "VARIANT|REV")]
    pub against: Option<String>,

    /// Profilers: pprof or perf for CPU time, dhat for the heap, rss for resident memory
    #[arg(
        long,
        value_name = "NAME,...",
        value_delimiter = ',',
        value_enum,
        default_value = "pprof,dhat,rss"
    )]
    pub with: Vec<Profiler>,

    /// Samples a second of CPU time; the kernel may give fewer
    #[arg(long, value_name = "HZ", default_value_t = 997, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub frequency: u64,

    /// How long each cell is sampled, in seconds of its CPU time
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: u64,

    /// Profile on these files instead of generated ones
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub input: Vec<PathBuf>,

    /// The toolchain that builds everything [default: with --run the run's, else the best for the request]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,

    /// Put the profiles into the folder of this run, and on the page of its report
    #[arg(long, value_name = "RUN", conflicts_with = "name")]
    pub run: Option<String>,

    /// Name of a new folder under target/bench [default: the time and `profile`]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// What takes a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profiler {
    /// CPU time, by the crate of that name, inside the process
    Pprof,
    /// CPU time, by perf(1), from outside
    Perf,
    /// The heap, by site and over time
    Dhat,
    /// Resident memory over time
    Rss,
}

/// `cargo xtask repeat`
#[derive(Args, Debug)]
#[command(
    after_help = "Preset, variants, scenarios, blocks, seed, toolchain and input are those of the run; the sources are those \
    that lie here, unless --at-revision is given. Exit codes: 0 every planned cell was measured and right, 1 failed or no \
    repeat (a corpus is another), 2 wrong usage."
)]
pub struct Repeat {
    /// The run, by name or folder
    #[arg(value_name = "RUN")]
    pub run: String,

    /// Name of the new run's folder [default: the time and `repeat`]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Build the revision that was measured then, in a work tree of its own
    #[arg(long)]
    pub at_revision: bool,

    /// Tell what differs and print the plan, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `cargo xtask plan`
#[derive(Args, Debug)]
pub struct Plan {
    /// The preset
    #[arg(long, value_name = "NAME", default_value = "quick")]
    pub preset: String,

    /// Variants instead of the preset's, as names, globs or terms of axes
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variants: Vec<String>,

    /// The toolchain that builds everything [default: the best for the request]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,
}

/// `cargo xtask build`
#[derive(Args, Debug)]
pub struct Build {
    /// The variant, by its name in bench.toml
    #[arg(value_name = "VARIANT")]
    pub variant: String,

    /// The folder that the command is put into
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    /// The preset whose corpora (of the training seed) a profile is trained on
    #[arg(long, value_name = "NAME", default_value = "quick")]
    pub preset: String,

    /// The toolchain that builds it [default: the best for the request]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,
}

/// `cargo xtask ship`
#[derive(Args, Debug)]
pub struct Ship {
    /// The variant, by its name in bench.toml, or a glob
    #[arg(value_name = "VARIANT")]
    pub variant: String,
}

/// `cargo xtask setup`
#[derive(Args, Debug)]
pub struct Setup {
    /// Who brings it
    #[arg(long, value_enum, default_value = "rustup")]
    pub via: Via,

    /// Print the commands and run none
    #[arg(long)]
    pub dry_run: bool,
}

/// Who brings what variants need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Via {
    /// rustup: components and targets
    Rustup,
    /// Debian's packages, and stds built from Debian's library sources
    Apt,
}

/// `cargo xtask clean`
#[derive(Args, Debug)]
pub struct Clean {
    /// What to remove; nothing is removed when nothing is named
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Vec<Leavings>,

    /// Remove what was built for these variants alone
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variants: Vec<String>,
}

/// What runs leave behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Leavings {
    /// Binaries, their cache and profiles
    Builds,
    /// Standard libraries that were built here
    Sysroots,
    /// Generated corpora
    Corpora,
    /// Work trees of the gate's revisions, and what was built of them
    Trees,
    /// Runs: manifests, samples, reports
    Runs,
    /// All of it
    All,
}

/// `cargo xtask report`
#[derive(Args, Debug)]
#[command(
    after_help = "In a document, `<!-- assay WHAT run=RUN -->` and `<!-- /assay -->`, each on a line of its own, \
    mark a block. WHAT is verdict, variants, rivals, time, memory, latency, text, source, chart (with name=STEM \
    file=PATH.svg), or fill (a table of your own with a column scenario, whose columns time, records a second, memory, \
    memory a record, p99 and beside are filled in, the last for the scenario in the column other); time, memory, latency and text take scenarios=PATTERN,... and variants=PATTERN,..., verdict takes \
    topics=Speed,... RUN is a run's \
    name, or a folder or results.json seen from the document.\n\
    Exit codes: 0 done, 1 failed, or with --check something is stale, 2 wrong usage."
)]
pub struct Report {
    /// The run, by name or folder; with --splice, that of markers that name none
    #[arg(value_name = "RUN", required_unless_present = "splice")]
    pub run: Option<String>,

    /// Make the blocks between markers in this document anew, and the charts that they name
    #[arg(long, value_name = "FILE.md")]
    pub splice: Option<PathBuf>,

    /// Write nothing, and fail where the document or a chart is not as it would be
    #[arg(long, requires = "splice")]
    pub check: bool,
}

/// `cargo xtask export`
#[derive(Args, Debug)]
#[command(after_help = "csv          a row per scenario, variant and metric\n\
    jsonl        all that results.json has, a line each, with every sample\n\
    benchstat    Go's benchmark format: `benchstat -col variant FILE`\n\
    bencher      Bencher Metric Format: `bencher run --adapter json --file FILE`\n\
    hyperfine    the JSON of its --export-json, for its scripts: times alone\n\
    openmetrics  gauges: `promtool tsdb create-blocks-from openmetrics FILE DIR`\n\
    What a format can't hold is said on standard error.")]
pub struct Export {
    /// The format
    #[arg(value_name = "FORMAT", value_parser = export_format())]
    pub format: Format,

    /// The run, by name, by folder, or as a results.json [default: the newest]
    #[arg(long, value_name = "RUN", default_value = "", hide_default_value = true)]
    pub run: String,

    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Formats by their names.
fn export_format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(|name| Format::named(&name).ok_or_else(|| format!("there is no format {name:?}")))
}

/// `cargo xtask chart`
#[derive(Args, Debug)]
#[command(
    after_help = "A chart that does not fit into one picture is written as FILE, FILE-2 and so on. Labels are\n\
    those of the whole run, however few variants and scenarios are shown. A PNG has twice the size of\n\
    the SVG unless --size is given; its renderer is built the first time that one is asked for.\n\
    Exit codes: 0 drawn, 1 failed, 2 wrong usage or a chart that the run can't give (it says why)."
)]
pub struct Chart {
    /// What to draw
    #[arg(value_name = "KIND", value_parser = chart_kind())]
    pub kind: Kind,

    /// The run, by name or folder, or the file of its results [default: the newest run]
    #[arg(long, value_name = "RUN", default_value = "", hide_default_value = true)]
    pub run: String,

    /// Only these scenarios, as names or globs
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub scenarios: Vec<String>,

    /// Only these variants, as names or globs, in this order; the reference stays
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub variants: Vec<String>,

    /// What of them [default: time]
    #[arg(long, value_name = "METRIC", value_parser = metric())]
    pub metric: Option<Metric>,

    /// A title instead of the chart's own
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,

    /// Light, dark, or as the reader's device prefers (in SVG; light in PNG)
    #[arg(long, value_enum, default_value = "auto")]
    pub theme: ChartTheme,

    /// Width and height in pixels, such as 1600x900 [default: as high as it needs, 960 wide]
    #[arg(long, value_name = "WxH", value_parser = chart_size)]
    pub size: Option<(u32, u32)>,

    /// Where a gate's history is kept, for the kind history
    #[arg(long, value_name = "DIR|branch:NAME")]
    pub history: Option<String>,

    /// A calibration's file, for the kinds alike and detection [default: the newest]
    #[arg(long, value_name = "FILE")]
    pub calibration: Option<PathBuf>,

    /// The file to write: .svg or .png
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `cargo xtask gallery`
#[derive(Args, Debug)]
#[command(
    after_help = "It is put below --out, in a folder of the preset's name that every command reads as a run: manifest.json, \
    samples.jsonl.gz, results.json, report/, profiles/ where the run has some, and a README.md that shows the charts. Paths \
    of this machine are left out. Then the blocks between markers in README.md are made anew (see `report --help`).\n\
    A run that was interrupted is taken up by `bench --resume`, then published with --run.\n\
    Exit codes: 0 published, 1 failed, or with --check something is stale, 2 wrong usage."
)]
pub struct Gallery {
    /// Publish this run, by name or folder, and measure nothing; that of the gallery itself is made again from its samples
    #[arg(long, value_name = "RUN", conflicts_with_all = ["preset", "blocks", "toolchain", "name"])]
    pub run: Option<String>,

    /// Publish nothing, and fail where what is published is not as it would be made of that run
    #[arg(long, requires = "run")]
    pub check: bool,

    /// What to measure
    #[arg(long, value_name = "NAME", default_value = "standard")]
    pub preset: String,

    /// Blocks of the clock in each scenario, which are more than the preset's: what is published is to be told apart finely
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(8..=1000))]
    pub blocks: u32,

    /// The toolchain that builds everything [default: the best for the request]
    #[arg(long, value_name = "NAME")]
    pub toolchain: Option<String>,

    /// Name of the run's folder under target/bench [default: the time and `gallery`]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Where runs are published [default: reports/gallery beside bench.toml]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// For whose eyes a chart is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ChartTheme {
    /// Dark on light
    Light,
    /// Light on dark
    Dark,
    /// As the reader's device prefers
    Auto,
}

fn chart_kind() -> impl TypedValueParser<Value = Kind> {
    let values = Kind::ALL.map(|kind| PossibleValue::new(kind.name()).help(kind.about()));
    PossibleValuesParser::new(values).try_map(|word| {
        Kind::ALL.into_iter().find(|kind| kind.name() == word).ok_or_else(|| format!("no kind {word}"))
    })
}

fn metric() -> impl TypedValueParser<Value = Metric> {
    PossibleValuesParser::new(Metric::ALL.map(Metric::name)).try_map(|word| {
        Metric::ALL
            .into_iter()
            .find(|metric| metric.name() == word)
            .ok_or_else(|| format!("no metric {word}"))
    })
}

fn chart_size(word: &str) -> Result<(u32, u32), String> {
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (100..=16_384).contains(side));
    let sides = word.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
    sides.ok_or_else(|| {
        "width and height in pixels are wanted, each from 100 to 16384, such as 1600x900".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_declaration_holds_together() {
        Cli::command().debug_assert();
    }
}
