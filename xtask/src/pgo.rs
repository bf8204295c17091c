//! A profile for one variant: instrument, train, merge, check. Fails closed: what is stale, empty or
//! unreadable is an error, never a slow binary.
//!
//! A profile belongs to one variant. Another LTO, number of codegen units, way to panic, target, feature
//! or allocator renames symbols, and functions would silently lose their profile.

use crate::error::{Doing, Result, failed};
use crate::files::{self, write_whole};
use crate::hash;
use crate::process::variable;
use crate::subject::Subject;
use crate::training::{Pupil, Training};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What rustc is told to instrument a binary.
pub const INSTRUMENT: &str = "-Cprofile-generate";

/// Of the functions of the optimised build, at most this share may be without a profile.
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
    /// How many functions it knows.
    pub functions: u64,
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
        let training_key = training.key();
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

    /// How many functions a merged profile knows; none is an error.
    fn functions(&self, merged: &Path) -> Result<u64> {
        let doing =
            || format!("looking into the profile {} by {}", merged.display(), self.profdata.display());
        let output = Command::new(self.profdata).arg("show").arg(merged).output().doing(doing)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let total =
            text.lines().find_map(|line| line.strip_prefix("Total functions:")?.trim().parse::<u64>().ok());
        match total {
            Some(functions) if functions > 0 && output.status.success() => Ok(functions),
            Some(_) => failed(format!("{}: it is empty; remove its folder and train again", doing())),
            None => failed(format!(
                "{}: it can't be read ({}); remove its folder and train again",
                doing(),
                String::from_utf8_lossy(&output.stderr).trim()
            )),
        }
    }
}

/// Checks what rustc said while it built with a profile.
///
/// # Errors
/// Too many functions without a profile: it is stale, or of another variant.
pub fn check_use(log: &Path, profile: &Profile) -> Result<()> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let unmatched = text.matches("no profile data available for function").count()
        + text.matches("function control flow change detected").count();
    let share = unmatched as f64 / (unmatched as f64 + profile.functions as f64);
    if share > MOST_UNMATCHED {
        return failed(format!(
            "{unmatched} functions are without a profile, and the profile knows {}: it is stale or of another \
             variant (what rustc said is in {})",
            profile.functions,
            log.display()
        ));
    }
    Ok(())
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

    #[test]
    fn a_profile_that_fits_few_functions_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let profile = Profile { flags: Vec::new(), command: Vec::new(), functions: 10 };
        fs::write(&log, "warning: no profile data available for function a\n".repeat(3)).expect("written");
        assert!(check_use(&log, &profile).is_ok());
        fs::write(&log, "warning: no profile data available for function a\n".repeat(30)).expect("written");
        let why = check_use(&log, &profile).expect_err("stale").to_string();
        assert!(why.contains("30 functions") && why.contains("stale"), "{why}");
    }

    #[test]
    fn no_profile_and_a_broken_one_are_errors() {
        let folder = tempfile::tempdir().expect("a folder");
        let profiles = Profiles { profdata: Path::new("llvm-profdata"), folder: folder.path() };
        let merged = folder.path().join("merged.profdata");
        fs::write(&merged, "junk").expect("written");
        assert!(profiles.functions(&merged).is_err(), "whether the tool is there or not");
        let silent = Subject { binary: PathBuf::from("/bin/sh"), command: None };
        let training = Training { corpora: &[], commands: &[], limit: std::time::Duration::from_secs(20) };
        assert!(profiles.profile(&silent, &["x"], &training).is_err());
        let left: Vec<_> = fs::read_dir(folder.path()).expect("read").flatten().collect();
        assert_eq!(left.len(), 1, "nothing half-made is left: {left:?}");
    }
}
