//! `cargo xtask gallery`: a run made fit for a repository, with the documents that show it.
//!
//! What is published has the shape of a run's folder, so every command that reads a run reads it: with its manifest and its
//! samples (packed), from which results, page and charts can be made again by anyone, and by later builds.

use super::{Project, bench, report, splice};
use crate::cli;
use crate::error::{Doing, Result, failed};
use crate::files::{self, write_whole};
use crate::profiling::Files;
use crate::run_folder::{PACKED_SAMPLES, RunFolder, SAMPLES};
use crate::stored_results;
use flate2::{Compression, GzBuilder};
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::profile::Profile;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Where runs are published below the project, unless another folder is named.
const FOLDER: &str = "reports/gallery";
/// Where a run is put to be compared with what is published, below the project.
const CHECKED: &str = "target/gallery-check";
/// Stale files that are named; the rest is counted.
const LISTED: usize = 8;
/// The document that shows them besides, where it has a block for it.
const DOCUMENT: &str = "README.md";
/// What a block begins with.
const BLOCK: &str = "<!-- assay ";
/// A repository should not carry more than this for pictures, in bytes.
const HEAVY: u64 = 5_000_000;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Gallery) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let runs = project.runs();
    let folder = match &flags.run {
        Some(run) => RunFolder::open(&runs, run)?,
        None => RunFolder::open(&runs, &measured(config, flags)?)?,
    };
    let out = flags.out.clone().unwrap_or_else(|| project.root.join(FOLDER));
    let place = out.join(plain_name(&folder.manifest()?.preset));
    let shown = shown(&project.root, &place);
    let document = project.root.join(DOCUMENT);
    let has_blocks =
        fs::read_to_string(&document).is_ok_and(|text| text.lines().any(|line| line.starts_with(BLOCK)));
    if flags.check {
        check(&project.root, &folder, &place, shown)?;
        return if has_blocks { splice::run(&runs, "", &document, true) } else { Ok(ExitCode::SUCCESS) };
    }
    let published = publish(&project.root, &folder, &place, shown)?;
    if has_blocks {
        splice::run(&runs, "", &document, false)?;
    }
    let (files, bytes) = weight(published.path())?;
    let heavy = if bytes > HEAVY { ", which is much for a repository" } else { "" };
    report::print(&format!(
        "{}: {files} files, {:.1} MB{heavy}; `cargo xtask gallery --run {}` makes them again\n",
        shown.display(),
        bytes as f64 / 1e6,
        shown.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Measures the preset, and gives the run's name.
fn measured(config: Option<&Path>, flags: &cli::Gallery) -> Result<String> {
    let name = flags
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-gallery", jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S")));
    let wanted = cli::Bench {
        preset: flags.preset.clone(),
        blocks: Some(flags.blocks),
        toolchain: flags.toolchain.clone(),
        name: Some(name.clone()),
        seed: 1,
        ..cli::Bench::default()
    };
    if bench::run(config, &wanted)? == ExitCode::SUCCESS {
        return Ok(name);
    }
    failed(format!(
        "the run {name} is not whole, as it says above, and was not published; \
         `cargo xtask gallery --run {name}` publishes it all the same, with what is wrong"
    ))
}

/// Fails where what lies at `place` is not what publishing the run at `from` would put there.
fn check(root: &Path, from: &RunFolder, place: &Path, shown: &Path) -> Result<()> {
    let made = root.join(CHECKED);
    let clear = || match fs::remove_dir_all(&made) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    let clear = || clear().doing(|| format!("removing {}", made.display()));
    clear()?;
    publish(root, from, &made, shown)?;
    let stale = different(&made, place)?;
    clear()?;
    if stale.is_empty() {
        return report::print(&format!("{}: all of it is as its run says\n", shown.display()));
    }
    let names: Vec<String> =
        stale.iter().take(LISTED).map(|file| shown.join(file).display().to_string()).collect();
    let more = stale.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    failed(format!(
        "stale: {}{more}; `cargo xtask gallery --run {}` makes them anew",
        names.join(", "),
        shown.display()
    ))
}

/// The files that lie in one of two folders alone, or differ, by their paths within them.
fn different(one: &Path, other: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut all = BTreeSet::new();
    for folder in [one, other] {
        let below = if folder.is_dir() { all_below(folder)? } else { Vec::new() };
        all.extend(below.iter().filter_map(|file| Some(file.strip_prefix(folder).ok()?.to_owned())));
    }
    all.retain(|file| match (fs::read(one.join(file)), fs::read(other.join(file))) {
        (Ok(one), Ok(other)) => one != other,
        _ => true,
    });
    Ok(all)
}

/// Puts the run at `from` at `into`, with the page that shows it as lying at `shown`. What is there of an earlier one is
/// replaced.
fn publish(root: &Path, from: &RunFolder, into: &Path, shown: &Path) -> Result<RunFolder> {
    let manifest = from.manifest()?;
    let in_place = matches!((from.path().canonicalize(), into.canonicalize()), (Ok(a), Ok(b)) if a == b);
    fs::create_dir_all(into).doing(|| format!("making the folder {}", into.display()))?;
    let report = into.join("report");
    if report.exists() {
        fs::remove_dir_all(&report).doing(|| format!("removing {}", report.display()))?;
    }
    if !in_place {
        let places = Places::of(root, &manifest);
        copy_manifest(from, into, &places)?;
        pack_samples(from, into, &places)?;
        copy_profiles(from, into, &places)?;
    }
    if into.join("profiles").is_dir() {
        Files::of(into)?.make_again(&manifest.run)?;
    }
    let (out, path) = (into.parent().unwrap_or(into), into.to_string_lossy());
    let published = RunFolder::open(out, &path)?;
    report::make_again(&published)?;
    let results = stored_results::read(out, &path)?;
    let page = into.join(DOCUMENT);
    let text = reports::gallery::markdown(&results, &shown.display().to_string());
    write_whole(&page, text.as_bytes()).doing(|| format!("writing {}", page.display()))?;
    Ok(published)
}

/// Folders of the machine that measured, which are nobody's business: the project's is `.`, the home is `~`, and crates lie in
/// cargo's registry whichever it is.
struct Places(Vec<(String, &'static str)>);

/// Where cargo keeps sources of crates, in a folder for each registry.
const REGISTRY: &str = "/.cargo/registry/src/";

impl Places {
    fn of(root: &Path, manifest: &Manifest) -> Self {
        // A run may have been measured where the project lay then.
        let then = manifest.corpora.iter().find_map(|corpus| {
            let file = corpus.file.to_str()?;
            Some(file.split_once("/target/corpora/")?.0.to_owned())
        });
        let roots = [then, root.to_str().map(str::to_owned)].into_iter().flatten();
        let folder = |variable, name| std::env::var(variable).ok().map(|place| (place, name));
        let homes = [folder("CARGO_HOME", "~/.cargo"), folder("HOME", "~")];
        let all = roots.map(|place| (place, ".")).chain(homes.into_iter().flatten());
        Self(all.filter(|(place, _)| place.starts_with('/') && place.len() > 1).collect())
    }

    fn hidden(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, (place, name)| {
            text.replace(&format!("{place}/"), &format!("{name}/"))
                .replace(&format!("\"{place}\""), &format!("\"{name}\""))
        });
        let mut parts = text.split(REGISTRY);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + REGISTRY + within_registry(part))
    }
}

/// A path in cargo's folder of registries without the registry's own, `host-0123456789abcdef`. In what was published before it
/// is gone already.
fn within_registry(path: &str) -> &str {
    let is_registry = |folder: &str| {
        let hash = folder.rsplit_once('-').map(|(_, hash)| hash);
        hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    path.split_once('/').filter(|(folder, _)| is_registry(folder)).map_or(path, |(_, rest)| rest)
}

fn copy_manifest(from: &RunFolder, into: &Path, places: &Places) -> Result<()> {
    copy_text(&from.path().join("manifest.json"), &into.join("manifest.json"), places)
}

fn copy_text(from: &Path, to: &Path, places: &Places) -> Result<()> {
    let text = fs::read_to_string(from).doing(|| format!("reading {}", from.display()))?;
    write_whole(to, places.hidden(&text).as_bytes()).doing(|| format!("writing {}", to.display()))
}

/// The same samples give the same bytes: the packed file holds no name and no time.
fn pack_samples(from: &RunFolder, into: &Path, places: &Places) -> Result<()> {
    let packed = from.path().join(PACKED_SAMPLES);
    let to = into.join(PACKED_SAMPLES);
    let doing = || format!("writing {}", to.display());
    if packed.is_file() {
        return fs::copy(&packed, &to).map(drop).doing(doing);
    }
    let plain = from.path().join(SAMPLES);
    let text = fs::read_to_string(&plain).doing(|| format!("reading {}", plain.display()))?;
    let mut packing = GzBuilder::new().write(Vec::new(), Compression::best());
    let bytes = packing.write_all(places.hidden(&text).as_bytes()).and_then(|()| packing.finish());
    write_whole(&to, &bytes.doing(doing)?).doing(doing)
}

/// Profiles, where the run has some: all that its page links to. What only repeats them in this project's own form is left.
fn copy_profiles(from: &RunFolder, into: &Path, places: &Places) -> Result<()> {
    let (from, into) = (from.path().join("profiles"), into.join("profiles"));
    if into.exists() {
        fs::remove_dir_all(&into).doing(|| format!("removing {}", into.display()))?;
    }
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(&into).doing(|| format!("making the folder {}", into.display()))?;
    for file in files::within(&from)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let to = into.join(&name);
        if name.ends_with(".cpu.json") || name.ends_with(".memory.json") {
            continue;
        }
        if file.extension().is_some_and(|ending| ending == "pb") {
            let own = file.with_extension("cpu.json");
            // Of a run that was published before only this is left, in which everything is hidden already.
            let from = if own.is_file() { pprof_of(&own, places)? } else { read(&file)? };
            write_whole(&to, &from).doing(|| format!("writing {}", to.display()))?;
        } else {
            copy_text(&file, &to, places)?;
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).doing(|| format!("reading {}", file.display()))
}

/// A profile in pprof's form, which gives each string its length, written anew from this project's own.
fn pprof_of(own: &Path, places: &Places) -> Result<Vec<u8>> {
    let doing = || format!("reading {}", own.display());
    let text = fs::read_to_string(own).doing(doing)?;
    let profile: Profile = serde_json::from_str(&places.hidden(&text)).doing(doing)?;
    Ok(reports::profiles::pprof(&profile))
}

/// How many files lie in a folder and below it, and their bytes.
fn weight(folder: &Path) -> Result<(usize, u64)> {
    let all = all_below(folder)?;
    let size =
        |path: &PathBuf| Ok(fs::metadata(path).doing(|| format!("looking at {}", path.display()))?.len());
    let sizes: Result<Vec<u64>> = all.iter().map(size).collect();
    Ok((all.len(), sizes?.into_iter().sum()))
}

/// The files in a folder and below it.
fn all_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut left) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = left.pop() {
        let (folders, files): (Vec<_>, Vec<_>) =
            files::within(&folder)?.into_iter().partition(|path| path.is_dir());
        left.extend(folders);
        found.extend(files);
    }
    Ok(found)
}

/// A path as a user in the project's folder would type it.
fn shown<'a>(root: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// A preset's name as that of a folder.
fn plain_name(preset: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_+".contains(letter) { letter } else { '-' };
    preset.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_machine_are_hidden() {
        let places = Places(vec![("/data/me/assay".to_owned(), "."), ("/data/me".to_owned(), "~")]);
        let text = "in /data/me/assay/parser/src/read.rs, \"/data/me/assay\" and \
            /data/me/.cargo/registry/src/some.host-0123456789abcdef/memchr-2.8.0/src/lib.rs; /usr/lib/x";
        let hidden =
            "in ./parser/src/read.rs, \".\" and ~/.cargo/registry/src/memchr-2.8.0/src/lib.rs; /usr/lib/x";
        assert_eq!(places.hidden(text), hidden);
        assert_eq!(places.hidden(hidden), hidden, "what was published before is published as it is");
    }
}
