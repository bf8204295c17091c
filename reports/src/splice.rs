//! Tables, words and charts of runs between markers in a document, so that they can be kept true.
//!
//! A marker is a line of its own, outside of fenced code; what stands up to the end marker is replaced:
//!
//! ```text
//! <!-- assay time run=target/bench/gallery scenarios=count/* variants=release,lto-fat -->
//! <!-- /assay -->
//! ```
//!
//! The first word says what: `verdict`, `variants`, `rivals`, `time`, `memory`, `latency`, `text` (the table of the terminal),
//! `source` (run, revision, machine), `fill` (a table of the writer's own between the markers, with a column `scenario`, in
//! which the columns `time`, `records a second`, `memory`, `memory a record`, `p99` and `beside` are filled in, the last of
//! them for the scenario in the column `other`, if there is one), or `chart`,
//! with `name` (the stem of its file in the report) and `file` (where to write it, seen from the document). `run` says of
//! which run; `scenarios` and `variants` are patterns, a comma between them; `topics` are those paragraphs of the verdict that
//! are wanted, such as `Speed,Memory`.

mod fill;

use crate::charts::{Charts, Style};
use crate::escape::{self, markdown_code};
use crate::provenance;
use crate::row::{control_line, extent};
use crate::sheet;
use crate::summary::table;
use crate::verdict::verdict_of;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use std::fmt;
use std::fmt::Write as _;

const BEGIN: &str = "<!-- assay ";
const END: &str = "<!-- /assay -->";
/// Columns of the terminal's table: what a page on the web shows of code without scrolling.
const WIDTH: usize = 108;
const KINDS: &str = "verdict, variants, rivals, time, memory, latency, text, source, fill, chart";

/// A document with its blocks made anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spliced {
    /// The document.
    pub text: String,
    /// Lines, from 1, of the markers whose blocks are other than before.
    pub changed: Vec<usize>,
    /// Charts to be written: the marker's line, the file as the marker names it, and its content.
    pub charts: Vec<(usize, String, String)>,
}

/// Why a document can't be spliced: at which line, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpliceError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub why: String,
}

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for SpliceError {}

/// What a marker asks for.
#[derive(Default)]
struct Wish<'d> {
    what: &'d str,
    run: &'d str,
    scenarios: Vec<&'d str>,
    variants: Vec<&'d str>,
    topics: Vec<&'d str>,
    name: &'d str,
    file: &'d str,
}

/// Makes every block of `document` anew. `load` gives the results of a run as a marker names it (empty where it names none);
/// `matches` says whether a name matches a pattern.
///
/// # Errors
/// A marker without an end or with a wish that can't be met, a run that can't be read, or no marker at all; the error names
/// the line.
pub fn splice(
    document: &str,
    load: &mut dyn FnMut(&str) -> Result<Results, String>,
    matches: fn(&str, &str) -> bool,
) -> Result<Spliced, SpliceError> {
    let mut spliced =
        Spliced { text: String::with_capacity(document.len()), changed: vec![], charts: vec![] };
    let mut fence: Option<&str> = None;
    let (mut blocks, mut lines) = (0, document.split_inclusive('\n').enumerate());
    while let Some((i, line)) = lines.next() {
        spliced.text.push_str(line);
        let trimmed = line.trim();
        let ticks = ["```", "~~~"].into_iter().find(|ticks| trimmed.starts_with(ticks));
        fence = match (fence, ticks) {
            (None, ticks) => ticks,
            (open, ticks) if open == ticks => None,
            (open, _) => open,
        };
        if fence.is_some() || !trimmed.starts_with(BEGIN) {
            continue;
        }
        let at = |why: String| SpliceError { line: i + 1, why };
        let wish = Wish::of(trimmed).map_err(at)?;
        let mut old = String::new();
        let end = loop {
            match lines.next() {
                Some((_, line)) if line.trim() == END => break line,
                Some((_, line)) => old.push_str(line),
                None => {
                    return Err(at(format!(
                        "the block has no end: put {END:?} on a line of its own below it"
                    )));
                }
            }
        };
        let results = load(wish.run).map_err(at)?;
        let (new, chart) = wish.fulfil(results, &old, matches).map_err(at)?;
        if new.lines().any(|line| line.trim() == END) {
            return Err(at("a name in this run reads like the end of a block".to_owned()));
        }
        if new != old {
            spliced.changed.push(i + 1);
        }
        spliced.text.push_str(&new);
        spliced.text.push_str(end);
        spliced.charts.extend(chart.map(|svg| (i + 1, wish.file.to_owned(), svg)));
        blocks += 1;
    }
    if blocks == 0 {
        let why = format!(
            "there is no marker: put `{BEGIN}verdict run=RUN -->` and `{END}` where the verdict is to stand"
        );
        return Err(SpliceError { line: 1, why });
    }
    Ok(spliced)
}

impl<'d> Wish<'d> {
    fn of(marker: &'d str) -> Result<Self, String> {
        let inner = marker.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix("-->"));
        let inner = inner.ok_or("a marker is one line that ends in `-->`")?;
        let mut words = inner.split_whitespace();
        let what = words.next().ok_or_else(|| format!("the marker does not say what: one of {KINDS}"))?;
        let mut wish = Self { what, ..Self::default() };
        for word in words {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("{word:?} is to be KEY=VALUE"))?;
            match key {
                "run" => wish.run = value,
                "scenarios" => wish.scenarios = value.split(',').collect(),
                "variants" => wish.variants = value.split(',').collect(),
                "topics" => wish.topics = value.split(',').collect(),
                "name" => wish.name = value,
                "file" => wish.file = value,
                _ => {
                    return Err(format!(
                        "there is no {key:?}; there are: run, scenarios, variants, topics, name, file"
                    ));
                }
            }
        }
        Ok(wish)
    }

    /// The block, made of what stood there, and, for a chart, the picture.
    fn fulfil(
        &self,
        mut results: Results,
        old: &str,
        matches: fn(&str, &str) -> bool,
    ) -> Result<(String, Option<String>), String> {
        let whole = ["verdict", "variants", "rivals", "chart", "source", "fill"].contains(&self.what);
        if whole && !(self.scenarios.is_empty() && self.variants.is_empty()) {
            return Err(format!("{} is of the whole run: leave scenarios and variants out", self.what));
        }
        self.select(&mut results, matches)?;
        let view = View::new(&results);
        let mut out = String::new();
        let absent = || format!("run {:?} has nothing of that: {}", results.provenance.run, self.what);
        match self.what {
            "verdict" => {
                let verdict = verdict_of(&view);
                let paragraphs = verdict.paragraphs();
                if let Some(none) =
                    self.topics.iter().find(|topic| !paragraphs.iter().any(|p| p.topic == **topic))
                {
                    let there: Vec<&str> = paragraphs.iter().map(|paragraph| paragraph.topic).collect();
                    return Err(format!(
                        "the verdict says nothing of {none:?}; it has: {}",
                        there.join(", ")
                    ));
                }
                let wanted = |topic| self.topics.is_empty() || self.topics.contains(&topic);
                for paragraph in paragraphs.into_iter().filter(|paragraph| wanted(paragraph.topic)) {
                    out.push_str(&paragraph.markdown());
                }
            }
            "variants" => table(&mut out, &sheet::overview(&view, &verdict_of(&view))),
            "rivals" => table(&mut out, &sheet::rivals(&verdict_of(&view)).ok_or_else(absent)?),
            "time" => time(&mut out, &view),
            "memory" => table(&mut out, &sheet::memory(&view).ok_or_else(absent)?),
            "latency" => table(&mut out, &sheet::latency(&view).ok_or_else(absent)?),
            "text" => {
                let table = crate::table::terminal(&results, WIDTH, false).replace("```", "'''");
                let _ = write!(out, "```text\n{}\n```\n\n", table.trim_end());
            }
            "source" => {}
            "fill" => out = fill::filled(self, old, &view)?,
            "chart" => return self.chart(&results).map(|(text, svg)| (text, Some(svg))),
            other => return Err(format!("{other:?} is nothing that can be asked for: it is one of {KINDS}")),
        }
        for line in provenance::lines(&results.provenance) {
            let _ = writeln!(out, "{}  ", escape::markdown(&line));
        }
        Ok((out, None))
    }

    fn select(&self, results: &mut Results, matches: fn(&str, &str) -> bool) -> Result<(), String> {
        let known = |names: Vec<&str>| names.join(", ");
        if !self.scenarios.is_empty() {
            let scenarios: Vec<&str> = results.scenarios.iter().map(|s| s.name.as_str()).collect();
            if let Some(none) = self.scenarios.iter().find(|p| !scenarios.iter().any(|name| matches(p, name)))
            {
                return Err(format!("no scenario matches {none:?}; there are: {}", known(scenarios)));
            }
            results.scenarios.retain(|s| self.scenarios.iter().any(|pattern| matches(pattern, &s.name)));
        }
        if !self.variants.is_empty() {
            let variants: Vec<&str> = results.variants.iter().map(|v| v.name.as_str()).collect();
            if let Some(none) = self.variants.iter().find(|p| !variants.iter().any(|name| matches(p, name))) {
                return Err(format!("no variant matches {none:?}; there are: {}", known(variants)));
            }
            // What the others are compared with is always shown.
            let reference = &results.reference;
            let keep = |name: &String| name == reference || self.variants.iter().any(|p| matches(p, name));
            results.variants.retain(|v| keep(&v.name));
        }
        Ok(())
    }

    fn chart(&self, results: &Results) -> Result<(String, String), String> {
        if self.name.is_empty() || self.file.is_empty() {
            return Err("a chart wants name=STEM and file=PATH.svg".to_owned());
        }
        let charts = Charts::of(results, &Style::default());
        let Some(chart) = charts.iter().find(|chart| chart.stem == self.name) else {
            let stems: Vec<&str> = charts.iter().map(|chart| chart.stem.as_str()).collect();
            return Err(format!("this run gives no chart {:?}; it gives: {}", self.name, stems.join(", ")));
        };
        let alt = escape::markdown(&chart.title).replace(']', "\\]");
        Ok((format!("![{alt}]({})\n", self.file), chart.svg.clone()))
    }
}

fn time(out: &mut String, view: &View<'_>) {
    for scenario in view.scenarios() {
        let _ = write!(out, "**{}** {}", markdown_code(&scenario.name), extent(scenario));
        if let Some(control) = control_line(view, &scenario.name, Metric::Time) {
            let _ = write!(out, "; {}", escape::markdown(&control));
        }
        out.push_str("\n\n");
        table(out, &sheet::time(view, std::slice::from_ref(scenario), false));
    }
}
