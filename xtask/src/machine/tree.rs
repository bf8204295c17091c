//! The files by which the kernel tells of a machine: /proc, /sys and /etc below a root folder.

use std::fs;
use std::path::PathBuf;

/// The root folder: `/`, or a made-up one.
#[derive(Clone, Debug)]
pub struct Tree(PathBuf);

impl Tree {
    /// Below this folder.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self(root.into())
    }

    /// The whole text of a file; empty where it can't be read.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_default()
    }

    /// The first line of a file, where there is one.
    pub fn line(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(self.0.join(path)).ok()?;
        text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
    }

    /// The first line of a file, where it is a number.
    pub fn number(&self, path: &str) -> Option<i64> {
        self.line(path)?.parse().ok()
    }

    /// The names in a folder that begin so, in order.
    pub fn names(&self, folder: &str, beginning: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder)).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.starts_with(beginning)).collect();
        names.sort();
        names
    }
}

/// What stands behind `name` and the separator in the first line that begins with it.
pub fn field(text: &str, name: &str, separator: char) -> Option<String> {
    let mut fields = text.lines().filter_map(|line| line.split_once(separator));
    let (_, value) = fields.find(|(key, _)| key.trim() == name)?;
    Some(value.trim().trim_matches('"').to_owned())
}
