//! The folder `profiles/` of a run.
//!
//! `profiles.json` holds all of them as pages want them; each cell has its raw files beside it.

use crate::error::{Doing, Result};
use crate::files::write_whole;
use harness::judge::profile::stacks;
use harness::judge::wire::Schema;
use harness::judge::wire::profile::{Memory, Profile, Profiles, SCHEMA, VERSION};
use reports::charts::{Style, heap_over_time, rss_over_time};
use reports::profiles::{self, difference_stem, pairs, stem};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// Where it lies in a run's folder.
const FOLDER: &str = "profiles";
const INDEX: &str = "profiles.json";

/// The folder, being filled.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

/// What is kept of a run; nothing where nothing was profiled.
pub fn kept(run: &Path) -> Result<Profiles> {
    let path = run.join(FOLDER).join(INDEX);
    let doing = || format!("reading {}", path.display());
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Profiles::default()),
        error => error.doing(doing)?,
    };
    let value: serde_json::Value = serde_json::from_slice(&text).doing(doing)?;
    let schema: Schema = serde_json::from_value(value["schema"].clone()).doing(doing)?;
    schema.check(SCHEMA, VERSION).doing(doing)?;
    serde_json::from_value(value).doing(doing)
}

impl Files {
    /// Makes the folder in that of a run.
    pub fn of(run: &Path) -> Result<Self> {
        let folder = run.join(FOLDER);
        fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
        Ok(Self { folder })
    }

    /// The file of a cell with this ending.
    pub fn path(&self, scenario: &str, variant: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", stem(scenario, variant)))
    }

    /// Keeps a profile of CPU time in every form; gives it as a page wants it.
    pub fn keep_cpu(&self, profile: &Profile) -> Result<Profile> {
        let path = |ending: &str| self.path(&profile.scenario, &profile.variant, ending);
        write(&path("cpu.json"), &json(profile)?)?;
        write(&path("pb"), &profiles::pprof(profile))?;
        write(&path("folded"), profiles::folded(profile).as_bytes())?;
        write(&path("speedscope.json"), profiles::speedscope(profile).as_bytes())?;
        let drawing = || format!("the flame graph of {} under {}", profile.scenario, profile.variant);
        write(&path("svg"), profiles::flame(profile).doing(drawing)?.as_bytes())?;
        Ok(stacks::folded(profile))
    }

    /// Keeps the story of a cell's memory.
    pub fn keep_memory(&self, memory: &Memory) -> Result<()> {
        write(&self.path(&memory.scenario, &memory.variant, "memory.json"), &json(memory)?)?;
        self.draw_memory(memory)
    }

    fn draw_memory(&self, memory: &Memory) -> Result<()> {
        let path = |ending: &str| self.path(&memory.scenario, &memory.variant, ending);
        // Work that was over before anything could be looked at has no picture; its figures stand all the same.
        let charts = [
            ("heap.svg", memory.heap.as_ref().map(|_| heap_over_time(memory, &Style::default()))),
            ("rss.svg", memory.rss.as_ref().map(|_| rss_over_time(memory, &Style::default()))),
        ];
        for (ending, chart) in charts {
            if let Some(Ok(chart)) = chart {
                write(&path(ending), chart.svg.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Keeps what is newer with what was there, the pictures of differences, the page and the Markdown of all.
    pub fn conclude(&self, run: &str, newer: Profiles) -> Result<Profiles> {
        let mut all = self.kept()?;
        all.renew(newer);
        self.show(run, &all)?;
        write(&self.folder.join(INDEX), &json(&all)?)?;
        Ok(all)
    }

    /// Makes again what is made of all that is kept: pictures of memory and of differences, the page and the Markdown.
    pub fn make_again(&self, run: &str) -> Result<()> {
        let all = self.kept()?;
        all.memory.iter().try_for_each(|memory| self.draw_memory(memory))?;
        self.show(run, &all)
    }

    fn kept(&self) -> Result<Profiles> {
        self.folder.parent().map_or_else(|| Ok(Profiles::default()), kept)
    }

    fn show(&self, run: &str, all: &Profiles) -> Result<()> {
        for (before, after) in pairs(all) {
            let path = self.folder.join(format!("{}.svg", difference_stem(&before.variant, after)));
            let drawing = || format!("drawing {}", path.display());
            write(&path, profiles::flame_difference(before, after).doing(drawing)?.as_bytes())?;
        }
        write(&self.folder.join("profiles.md"), profiles::markdown(all).as_bytes())?;
        write(&self.page(), reports::html::profiles::page(all, run).as_bytes())
    }

    /// The page.
    pub fn page(&self) -> PathBuf {
        self.folder.join("index.html")
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value).doing(|| "writing JSON".to_owned())?;
    text.push(b'\n');
    Ok(text)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, bytes).doing(|| format!("writing {}", path.display()))
}
