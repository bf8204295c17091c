//! A profile for one variant: instrument, train, merge, check. Fails closed: what is stale, empty or
//! unreadable is an error, never a slow binary.
//!
//! A profile belongs to one variant. Another LTO, number of codegen units, way to panic, target, feature
//! or allocator renames symbols, and functions would silently lose their profile.

use crate::elf;
use crate::error::{Doing, Result, failed};
use crate::files::{self, write_whole};
use crate::hash;
use crate::process::variable;
use crate::subject::Subject;
use crate::training::{Pupil, Training};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What rustc is told to instrument a binary.
pub const INSTRUMENT: &str = "-Cprofile-generate";

/// Of the functions of the optimised build that can be told, at most this share may be without a profile.
const MOST_UNMATCHED: f64 = 0.5;

/// Where profiles are made and kept.
#[derive(Clone, Copy, Debug)]
pub struct Profiles<'a> {
    /// The llvm-profdata that merges.
    pub profdata: &'a Path,
    /// Where they are kept.
    pub folder: &'a Path,
}

/// A checked profile.
#[derive(Debug)]
pub struct Profile {
    /// What rustc is told to use it.
    pub flags: Vec<String>,
    /// The command that merged it.
    pub command: Vec<String>,
    /// The functions that it knows.
    pub functions: BTreeSet<String>,
    /// Where it is kept.
    pub folder: PathBuf,
}

impl Profiles<'_> {
    /// The profile of these instrumented binaries: made, or kept from when they and the training were
    /// the same.
    pub fn profile(
        &self,
        instrumented: &Subject,
        hashes: &[&str],
        training: &Training<'_>,
    ) -> Result<Profile> {
        let training_key = training.key()?;
        let parts = ["pgo 1"]
            .into_iter()
            .chain(hashes.iter().copied())
            .chain(training_key.iter().map(String::as_str));
        let kept = self.folder.join(&hash::of_parts(parts)[..16]);
        let merged = kept.join("merged.profdata");
        if !merged.is_file() {
            let partial = kept.with_extension(format!("partial-{}", std::process::id()));
            let made = self.make(instrumented, &partial, training);
            if made.is_err() {
                let _ = fs::remove_dir_all(&partial);
            }
            made?;
            let _ = fs::remove_dir_all(&kept);
            fs::rename(&partial, &kept).doing(|| format!("keeping the profile in {}", kept.display()))?;
        }
        let functions = self.functions(&merged)?;
        let digest = hash::of_file(&merged)?;
        // cargo does not look into the profile: another content must be another path.
        let named = kept.join(format!("{}.profdata", &digest[..16]));
        if hash::of_file(&named).ok().as_ref() != Some(&digest) {
            let doing = || format!("copying the profile to {}", named.display());
            write_whole(&named, &fs::read(&merged).doing(doing)?).doing(doing)?;
        }
        Ok(Profile {
            flags: vec![
                format!("-Cprofile-use={}", named.display()),
                "-Cllvm-args=-pgo-warn-missing-function".to_owned(),
            ],
            command: self.merge_command(&merged, &[kept.join("*.profraw")]),
            functions,
            folder: kept,
        })
    }

    fn make(&self, instrumented: &Subject, folder: &Path, training: &Training<'_>) -> Result<()> {
        fs::create_dir_all(folder).doing(|| format!("making the folder {}", folder.display()))?;
        // %m tells the binaries apart, %p the processes.
        let pupil = |folder: &Path| Pupil {
            subject: instrumented.clone(),
            environment: vec![variable("LLVM_PROFILE_FILE", folder.join("%m_%p.profraw"))],
        };
        let aside = folder.join("asked");
        training.run(&pupil(folder), &pupil(&aside))?;
        let _ = fs::remove_dir_all(&aside);
        let raw = raw_profiles(folder)?;
        if raw.is_empty() {
            return failed(
                "the training wrote no profile: the binary was not instrumented, or could not write",
            );
        }
        let command = self.merge_command(&folder.join("merged.profdata"), &raw);
        let doing = || format!("merging {} raw profiles by {}", raw.len(), self.profdata.display());
        let output = Command::new(self.profdata).args(&command[1..]).output().doing(doing)?;
        let complaints = String::from_utf8_lossy(&output.stderr);
        // llvm-profdata only warns of a profile that it can't use.
        if !output.status.success() || !complaints.trim().is_empty() {
            let version = raw.first().and_then(|path| raw_version(path));
            let version =
                version.map(|version| format!(" (raw profiles of version {version})")).unwrap_or_default();
            return failed(format!(
                "{}{version}: it ended with {}: {}",
                doing(),
                output.status,
                complaints.trim()
            ));
        }
        for path in raw {
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    fn merge_command(&self, merged: &Path, raw: &[PathBuf]) -> Vec<String> {
        let mut command = vec![self.profdata.display().to_string()];
        command.extend(["merge", "--failure-mode=any", "-o"].map(String::from));
        command.push(merged.display().to_string());
        command.extend(raw.iter().map(|path| path.display().to_string()));
        command
    }

    /// The functions that a merged profile knows; none is an error.
    fn functions(&self, merged: &Path) -> Result<BTreeSet<String>> {
        let doing =
            || format!("looking into the profile {} by {}", merged.display(), self.profdata.display());
        let output = Command::new(self.profdata)
            .args(["show", "--all-functions"])
            .arg(merged)
            .output()
            .doing(doing)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let total =
            text.lines().find_map(|line| line.strip_prefix("Total functions:")?.trim().parse::<u64>().ok());
        match total {
            Some(total) if total > 0 && output.status.success() => Ok(shown(&text)),
            Some(_) => failed(format!("{}: it is empty; remove its folder and train again", doing())),
            None => failed(format!(
                "{}: it can't be read ({}); remove its folder and train again",
                doing(),
                String::from_utf8_lossy(&output.stderr).trim()
            )),
        }
    }
}

/// The functions that llvm-profdata shows, a heading each. One that has its name in its file alone stands behind the file's.
fn shown(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let headings = headings.filter(|heading| !heading.starts_with(' '));
    headings.map(|heading| heading.rsplit([';', ':']).next().unwrap_or(heading).to_owned()).collect()
}

impl Profile {
    /// Checks what rustc said while it built `binary` with this profile.
    ///
    /// # Errors
    /// Too many functions without a profile: it is stale, or of another variant.
    pub fn check_use(&self, log: &Path, binary: &Path) -> Result<()> {
        let text = fs::read_to_string(log).unwrap_or_default();
        let without = unmatched(&text);
        if without.is_empty() {
            return Ok(());
        }
        let functions = elf::functions(binary)?;
        // What has a profile is not told. The profile may be of other functions altogether: only those count that the binary
        // has, where it has symbols.
        let known = |name: &&String| functions.is_empty() || functions.contains(*name);
        let with =
            self.functions.iter().filter(|name| known(name) && !without.contains(name.as_str())).count();
        let share = without.len() as f64 / (without.len() + with) as f64;
        if share > MOST_UNMATCHED {
            return failed(format!(
                "{} functions are without a profile, and of the {} that the profile knows it has {with}: the profile is stale or \
                 of another variant; remove {} and train again (what rustc said is in {})",
                without.len(),
                self.functions.len(),
                self.folder.display(),
                log.display()
            ));
        }
        Ok(())
    }
}

/// The functions that rustc says to be without a profile that fits them.
fn unmatched(said: &str) -> BTreeSet<&str> {
    const TOLD: [&str; 2] =
        ["no profile data available for function ", "function control flow change detected (hash mismatch) "];
    said.lines()
        .filter_map(|line| {
            let (_, rest) = TOLD.iter().find_map(|told| line.split_once(told))?;
            rest.split_whitespace().next()
        })
        .collect()
}

fn raw_profiles(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut raw = files::within(folder)?;
    raw.retain(|path| path.extension().is_some_and(|extension| extension == "profraw"));
    Ok(raw)
}

/// The version of a raw profile: the low byte of the little-endian word at offset 8 (LLVM's
/// `InstrProfData.inc`).
fn raw_version(path: &Path) -> Option<u8> {
    fs::read(path).ok()?.get(8).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(functions: BTreeSet<String>) -> Profile {
        Profile { flags: Vec::new(), command: Vec::new(), functions, folder: "/pgo/1".into() }
    }

    fn told(names: &[String]) -> String {
        let line = |name: &String| {
            format!("warning: a-cgu.0: no profile data available for function {name} Hash = 7\n")
        };
        names.iter().map(line).collect()
    }

    /// This very test is the binary.
    #[test]
    fn a_profile_that_fits_few_functions_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let own = std::env::current_exe().expect("a path");
        let functions: Vec<String> = elf::functions(&own).expect("read").into_iter().take(100).collect();
        let check = |profile: &Profile, names: &[String]| {
            // A function of several units is told more than once.
            fs::write(&log, told(names).repeat(2)).expect("written");
            profile.check_use(&log, &own)
        };
        let fits = profile(functions[..60].iter().cloned().collect());
        assert!(check(&fits, &functions[60..]).is_ok(), "40 of 100");
        let few = profile(functions[..40].iter().cloned().collect());
        let why = check(&few, &functions[40..]).expect_err("stale").to_string();
        assert!(why.contains("60 functions are without") && why.contains("/pgo/1 and train again"), "{why}");
        // As many in the profile as are told to have none, and not one of them is the binary's.
        let stale = profile((0..100).map(|n| format!("_ZN5other{n}E")).collect());
        let why = check(&stale, &functions).expect_err("stale").to_string();
        assert!(why.contains("of the 100 that the profile knows it has 0"), "{why}");
        assert!(check(&stale, &functions[..2]).is_err(), "a large profile of others does not hide them");
        // Of the same names and another shape.
        let same = profile(functions.iter().cloned().collect());
        let changed = told(&functions).replace(
            "no profile data available for function",
            "function control flow change detected (hash mismatch)",
        );
        fs::write(&log, changed).expect("written");
        assert!(same.check_use(&log, &own).is_err());
        fs::write(&log, "Finished\n").expect("written");
        assert!(stale.check_use(&log, &own).is_ok(), "rustc tells of every one that has none");
    }

    #[test]
    fn names_are_read_as_llvm_profdata_shows_them() {
        let text = "Counters:\n  a.1-cgu.0;_ZN1a3oneE:\n    Hash: 0x1\n    Counters: 2\n  _ZN1a3twoE:\n    Hash: 0x2\n\
                    Instrumentation level: IR\nTotal functions: 2\n";
        assert_eq!(shown(text), ["_ZN1a3oneE", "_ZN1a3twoE"].map(String::from).into());
    }

    #[test]
    fn no_profile_and_a_broken_one_are_errors() {
        let folder = tempfile::tempdir().expect("a folder");
        let profiles = Profiles { profdata: Path::new("llvm-profdata"), folder: folder.path() };
        let merged = folder.path().join("merged.profdata");
        fs::write(&merged, "junk").expect("written");
        assert!(profiles.functions(&merged).is_err(), "whether the tool is there or not");
        let silent = Subject { binary: PathBuf::from("/bin/sh"), command: None };
        let training = Training {
            corpora: &[],
            commands: &[],
            folder: folder.path(),
            limit: std::time::Duration::from_secs(20),
        };
        assert!(profiles.profile(&silent, &["x"], &training).is_err());
        let left: Vec<_> = fs::read_dir(folder.path()).expect("read").flatten().collect();
        assert_eq!(left.len(), 1, "nothing half-made is left: {left:?}");
    }
}
