//! `cargo xtask chart`: one chart of a run, of a gate's history or of a calibration, as SVG or PNG.

use super::Project;
use crate::calibration;
use crate::cli;
use crate::error::{Doing, Error, Result, failed};
use crate::glob;
use crate::history::Place;
use crate::revisions::Repository;
use crate::stored_results;
use harness::judge::history::tracks;
use harness::judge::wire::results::{Metric, Results};
use reports::charts::{self, Chart, ChartError, Kind, Source, Style, Theme};
use reports::selection::{Selection, Shown, measured};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// A PNG of no size asked for has so many pixels for one of the SVG: screens and paper are finer than a pixel.
const DENSITY: f64 = 2.0;
/// Letters smaller than this, in pixels, can't be read.
const LEAST_LETTERS: f64 = 7.0;

/// What the file's name asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Svg,
    Png,
}

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Chart) -> Result<ExitCode> {
    let format = format_of(&flags.out)?;
    check(flags)?;
    let theme = match (flags.theme, format) {
        (cli::ChartTheme::Dark, _) => Theme::Dark,
        (cli::ChartTheme::Light, _) | (cli::ChartTheme::Auto, Format::Png) => Theme::Light,
        (cli::ChartTheme::Auto, Format::Svg) => Theme::Auto,
    };
    let style = Style::from(theme).titled(flags.title.clone()).sized(flags.size);
    let charts = match flags.kind.source() {
        Source::Run => of_run(config, flags, &style)?,
        Source::History => of_history(config, flags, &style)?,
        Source::Calibration => of_calibration(config, flags, &style)?,
    };
    for (at, chart) in charts.iter().enumerate() {
        let path = numbered(&flags.out, at + 1);
        put(chart, &path, format, flags.size.is_some())?;
        println!("{}: {}", path.display(), chart.title);
        let letters = chart.smallest_letters();
        if letters < LEAST_LETTERS {
            eprintln!(
                "the smallest letters are {letters:.1} pixels high, which is hard to read: ask for a larger --size, or for fewer \
                 --scenarios and --variants"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn format_of(out: &Path) -> Result<Format> {
    let ending = out.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("png") => Ok(Format::Png),
        _ => Err(Error::Usage(format!("--out {}: the name is to end in .svg or .png", out.display()))),
    }
}

/// Refuses flags that the kind knows nothing to do with.
fn check(flags: &cli::Chart) -> Result<()> {
    let kind = flags.kind;
    let source = kind.source();
    let (of_run, of_history) = (source == Source::Run, source == Source::History);
    let unwanted = [
        ("--run", !flags.run.is_empty() && !of_run),
        ("--scenarios", !flags.scenarios.is_empty() && source == Source::Calibration),
        ("--variants", !flags.variants.is_empty() && !of_run),
        ("--history", flags.history.is_some() && !of_history),
        ("--calibration", flags.calibration.is_some() && source != Source::Calibration),
    ];
    if let Some((flag, _)) = unwanted.iter().find(|(_, given)| *given) {
        return Err(Error::Usage(format!("{flag} says nothing to a chart of the kind {kind}")));
    }
    if let Some(metric) = flags.metric.filter(|metric| !kind.metrics().contains(metric)) {
        let known: Vec<&str> = kind.metrics().iter().map(|metric| metric.name()).collect();
        let known = if known.is_empty() { "no choice of metric".to_owned() } else { known.join(", ") };
        return Err(Error::Usage(format!("--metric {metric}: a chart of the kind {kind} has {known}")));
    }
    Ok(())
}

fn of_run(config: Option<&Path>, flags: &cli::Chart, style: &Style) -> Result<Vec<Chart>> {
    let results = results(config, &flags.run)?;
    let scenarios: Vec<&str> = results.scenarios.iter().map(|one| one.name.as_str()).collect();
    let variants: Vec<&str> = results.variants.iter().map(|one| one.name.as_str()).collect();
    let asked = measured(&results, &resolved("variant", &flags.variants, &variants)?);
    let selection = Selection {
        scenarios: (!flags.scenarios.is_empty())
            .then(|| resolved("scenario", &flags.scenarios, &scenarios))
            .transpose()?,
        variants: (!asked.is_empty()).then(|| asked.clone()),
    };
    // These two say in their titles which variants they are of.
    let named = matches!(flags.kind, Kind::Ladder | Kind::Pairs);
    let said = if named { Selection { variants: None, ..selection.clone() } } else { selection.clone() };
    let style = style.clone().with_aside(said.told(&results));
    let metric = flags.metric.unwrap_or(Metric::Time);
    let shown = Shown { some: &selection.of(&results), whole: &results };
    drawn(flags.kind, charts::draw(flags.kind, shown, metric, &asked, &style))
}

/// The names that the globs stand for, in their order.
fn resolved(kind: &str, globs: &[String], known: &[&str]) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for pattern in globs {
        let found: Vec<&&str> = known.iter().filter(|name| glob::matches(pattern, name)).collect();
        if found.is_empty() {
            return Err(Error::unknown(kind, pattern, known));
        }
        for name in found {
            if !names.iter().any(|taken| taken == name) {
                names.push((*name).to_owned());
            }
        }
    }
    Ok(names)
}

/// The results of a run, or those that a file holds: for a file no project is wanted.
fn results(config: Option<&Path>, run: &str) -> Result<Results> {
    let file = Path::new(run);
    if file.is_file() {
        return stored_results::read_file(file);
    }
    stored_results::read(&Project::open(config)?.runs(), run)
}

fn of_history(config: Option<&Path>, flags: &cli::Chart, style: &Style) -> Result<Vec<Chart>> {
    let Some(given) = &flags.history else {
        return Err(Error::Usage("say where the history is kept: --history DIR or branch:NAME".to_owned()));
    };
    let place = if given.starts_with("branch:") {
        Place::open(Repository::of(&Project::open(config)?.root)?, given)?
    } else if Path::new(given).is_dir() {
        Place::Folder(PathBuf::from(given))
    } else {
        return Err(Error::Usage(format!(
            "--history {given}: there is no such folder; a branch is named as branch:NAME"
        )));
    };
    let Some(all) = tracks(&place.about(), &place.read()?) else {
        return Err(Error::Usage(format!("{} holds no gated commit", place.about())));
    };
    let known: Vec<&str> = all.tracks.iter().filter_map(|track| track.scenario.as_deref()).collect();
    let scenarios = resolved("scenario", &flags.scenarios, &known)?;
    let metric = flags.metric.unwrap_or(Metric::Time);
    drawn(flags.kind, charts::fitted(style, |style| charts::history(&all, metric, &scenarios, style)))
}

fn of_calibration(config: Option<&Path>, flags: &cli::Chart, style: &Style) -> Result<Vec<Chart>> {
    let path = match &flags.calibration {
        Some(path) => path.clone(),
        None => calibration::newest(&Project::open(config)?),
    };
    if !path.is_file() {
        return Err(Error::Usage(format!(
            "there is no calibration {}: `cargo xtask calibrate` makes one",
            path.display()
        )));
    }
    let calibration = calibration::read(&path)?;
    let draw = if flags.kind == Kind::Alike { charts::alike } else { charts::detection };
    drawn(flags.kind, charts::fitted(style, |style| draw(&calibration, style).map(|chart| vec![chart])))
}

/// A chart that can't be given is wrong usage.
fn drawn(kind: Kind, drawn: std::result::Result<Vec<Chart>, ChartError>) -> Result<Vec<Chart>> {
    drawn.map_err(|error| match error {
        ChartError::Nothing(_) => Error::Usage(format!("{kind}: {error}")),
        ChartError::Drawing(_) => Error::Failed(format!("{kind}: {error}")),
    })
}

/// `out`, or with a number before its ending from the second on.
fn numbered(out: &Path, number: usize) -> PathBuf {
    if number == 1 {
        return out.to_owned();
    }
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    let ending = out.extension().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}-{number}.{ending}"))
}

fn put(chart: &Chart, path: &Path, format: Format, sized: bool) -> Result<()> {
    let doing = || format!("writing the chart {}", path.display());
    let bytes = match format {
        Format::Svg => chart.svg.clone().into_bytes(),
        Format::Png => rasterised(&chart.svg, if sized { 1.0 } else { DENSITY })?,
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).doing(doing)?;
    }
    crate::files::write_whole(path, &bytes).doing(doing)
}

/// A chart as PNG, by a program of its own: what it takes to set text takes long to compile, and few ask for it.
fn rasterised(svg: &str, scale: f64) -> Result<Vec<u8>> {
    let root = super::checkout();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = [
        "run",
        "--quiet",
        "--profile",
        "xtask",
        "--package",
        "reports",
        "--features",
        "png",
        "--bin",
        "rasterise",
    ];
    let doing = || format!("running cargo {} (an SVG needs none of this)", arguments.join(" "));
    let built = std::env::current_exe().is_ok_and(|own| own.with_file_name("rasterise").is_file());
    if !built {
        eprintln!("building the renderer of PNG, once: it takes a minute or two");
    }
    let mut child = Command::new(cargo)
        .args(arguments)
        .args(["--", &scale.to_string()])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .doing(doing)?;
    // All of it is read before anything is written, so the two pipes can't wait for each other.
    let written = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(svg.as_bytes()));
    let output = child.wait_with_output().doing(doing)?;
    if !output.status.success() {
        return failed(format!("the renderer of PNG failed ({}); its error stands above", output.status));
    }
    written.doing(doing)?;
    Ok(output.stdout)
}
