//! Databases, read and written.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use parser::database::{self, Database, Loader, Selection};

use super::Choice;
use super::to_db::Target;
use crate::inputs::{self, BadLines, Source};

/// Whether a file is a database, by its first bytes.
pub(crate) fn is_database(name: &OsStr) -> bool {
    database::is_database(Path::new(name))
}

/// Gives the keys of a table and its rows as JSON lines to `read`; how many rows were read. Of text that is not UTF-8
/// it tells on standard error.
pub(crate) fn read_lines(
    name: &OsStr,
    choice: &Choice,
    read: impl FnOnce(&[&str], &mut dyn Read) -> io::Result<()>,
) -> io::Result<u64> {
    let database = Database::open(Path::new(name))?;
    let Choice { table, columns, text_as_is, without_nulls } = choice.clone();
    let selection = Selection { table, columns, text_as_is, without_nulls };
    let columns = database.selected(&selection)?;
    let keys: Vec<&str> = columns.iter().map(|(_, key)| key.as_str()).collect();
    database.with_lines(&selection, |lines| {
        let outcome = read(&keys, lines);
        if lines.repaired() > 0 {
            let (file, count) = (name.display(), lines.repaired());
            eprintln!("logs: {file}: {count} texts are not UTF-8; what is not was read as U+FFFD");
        }
        outcome.map(|()| lines.rows())
    })?
}

/// The tables and views of a database.
pub(super) fn tables(name: &OsStr) -> io::Result<Vec<String>> {
    Ok(Database::open(Path::new(name))?.tables()?)
}

/// A database that is being made, under another name than it will have.
pub(super) struct Tables {
    loader: Loader,
    unfinished: Unfinished,
}

/// A file that is removed unless it was finished.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Tables {
    pub(super) fn make(target: &Target) -> io::Result<Self> {
        if !target.force && fs::symlink_metadata(&target.path).is_ok() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "it is there already; --force replaces it, or choose another name",
            ));
        }
        let mut name = target.path.clone().into_os_string();
        name.push(format!(".{}", std::process::id()));
        let loader = Loader::new(Path::new(&name), &target.table)?;
        Ok(Self { loader, unfinished: Unfinished(name.into()) })
    }

    pub(super) fn add(&mut self, name: &OsString, bad: &mut BadLines) -> io::Result<()> {
        let source: Box<dyn Read> = match inputs::open(name, parser::all_threads())? {
            Source::File(file) => Box::new(file),
            Source::Stream(stream) => stream,
        };
        self.loader.read(source, &mut |line| bad.add(name, line))
    }

    pub(super) fn finish(self, path: &Path) -> io::Result<(u64, String)> {
        let loaded = self.loader.finish()?;
        fs::rename(&self.unfinished.0, path)?;
        let (rows, columns) = (loaded.rows, loaded.columns);
        let told = match (loaded.too_wide, database::MOST_COLUMNS) {
            (0, _) => format!("{rows} rows with {columns} columns"),
            (lines, most) => format!(
                "{rows} rows with {columns} columns; {lines} lines left out, whose keys would have made more \
                 than {most}"
            ),
        };
        Ok((loaded.rows, told))
    }
}
