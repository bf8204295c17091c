//! The `report/` folder of a run.

use crate::charts::{Charts, Style};
use crate::{html, summary};
use harness::judge::wire::results::Results;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes `report/index.html`, `report/summary.md` and `report/*.svg` into the run folder `dir`, and gives their paths.
///
/// Each file is written beside its place and then renamed, so that a reader never sees half of one. Charts of an earlier
/// report that this one does not have are left where they are.
///
/// # Errors
/// The folder can't be made or a file can't be written; the error names it.
pub fn write(results: &Results, dir: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = dir.join("report");
    fs::create_dir_all(&folder).map_err(|error| said(&error, "make the folder", &folder))?;
    let charts = Charts::of(results, &Style::default());
    let mut files = vec![
        (folder.join("index.html"), html::page_with(results, &charts)),
        (folder.join("summary.md"), summary::markdown(results)),
    ];
    files.extend(charts.iter().map(|chart| (folder.join(format!("{}.svg", chart.stem)), chart.svg.clone())));
    files.into_iter().map(|(path, text)| put(&path, &text).map(|()| path)).collect()
}

/// Writes a file as a whole or not at all.
pub(crate) fn put(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = fs::File::create(&part)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        // What is left of it is of no use; that it can't be removed either adds nothing.
        let _ = fs::remove_file(&part);
        said(&error, "write the report's file", path)
    })
}

pub(crate) fn said(error: &io::Error, what: &str, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} {}: {error}", path.display()))
}
