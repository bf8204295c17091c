//! A profile for one variant: instrument, train, merge, check. Fails closed: what is stale, empty or
//! unreadable is an error, never a slow binary.

use crate::building::{Target, Workshop};
use crate::config;
use crate::corpora::Corpus;
use crate::error::{Doing, Result, failed};
use crate::hash;
use crate::plan::Build;
use crate::process::{Conditions, variable};
use crate::subject::{Subject, Task};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Each scenario is trained on this many bytes, to whole passes: equal work, whatever its corpus.
const TRAINING_BYTES: u64 = 32 << 20;

/// What a profile is trained with.
#[derive(Debug)]
pub struct Training<'a> {
    /// The subject's packages and binaries.
    pub subject: &'a config::Subject,
    /// Corpora of the training seed, by name.
    pub corpora: &'a [Corpus],
    /// The llvm-profdata that merges.
    pub profdata: &'a Path,
    /// Where profiles are kept.
    pub folder: PathBuf,
    /// A training run is stopped after this.
    pub limit: Duration,
}

/// A checked profile.
#[derive(Debug)]
pub struct Profile {
    /// What rustc is told to use it.
    pub flags: Vec<String>,
    /// Every command that made it.
    pub commands: Vec<Vec<String>>,
}

impl Training<'_> {
    /// The profile of `build`: made, or taken from the cache when the instrumented binaries and the
    /// training data are the same as then.
    pub fn profile(&self, workshop: &Workshop<'_>, build: &Build) -> Result<Profile> {
        let instrumented = Build { name: format!("{}-instrumented", build.name), ..build.clone() };
        let flags = ["-Cprofile-generate".to_owned()];
        let measured = Target { package: &self.subject.package, binary: &self.subject.binary };
        let binary = workshop.build(&instrumented, measured, crate::building::SUBJECT, &flags)?;
        let command = match &self.subject.command {
            Some(config::Command { package, binary }) => Some(workshop.build(
                &instrumented,
                Target { package, binary },
                crate::building::COMMAND,
                &flags,
            )?),
            None => None,
        };
        let mut parts = vec![binary.facts.sha256.as_str()];
        parts.extend(command.iter().map(|command| command.facts.sha256.as_str()));
        parts.extend(self.corpora.iter().map(|corpus| corpus.sha256.as_str()));
        let bytes = TRAINING_BYTES.to_string();
        parts.push(&bytes);
        let kept = self.folder.join(&hash::of_parts(parts)[..16]);
        let mut commands = vec![binary.command.clone()];
        commands.extend(command.iter().map(|command| command.command.clone()));
        let subject = Subject { binary: binary.path, command: command.map(|command| command.path) };
        let profile = kept.join("merged.profdata");
        if !profile.is_file() {
            let partial = kept.with_extension(format!("partial-{}", std::process::id()));
            let made = self.make(&subject, &partial, &mut commands);
            if made.is_err() {
                let _ = fs::remove_dir_all(&partial);
            }
            made?;
            fs::rename(&partial, &kept).doing(|| format!("keeping the profile in {}", kept.display()))?;
        }
        let digest = hash::of_file(&profile)?;
        // cargo does not look into the profile: another content must be another path.
        let named = kept.join(format!("{}.profdata", &digest[..16]));
        if !named.is_file() {
            fs::copy(&profile, &named).doing(|| format!("copying to {}", named.display()))?;
        }
        let flags = vec![
            format!("-Cprofile-use={}", named.display()),
            "-Cllvm-args=-pgo-warn-missing-function".to_owned(),
        ];
        Ok(Profile { flags, commands })
    }

    fn make(&self, subject: &Subject, folder: &Path, commands: &mut Vec<Vec<String>>) -> Result<()> {
        fs::create_dir_all(folder).doing(|| format!("making the folder {}", folder.display()))?;
        let raw = folder.join("%m_%p.profraw");
        let conditions = Conditions {
            environment: vec![variable("LLVM_PROFILE_FILE", &raw)],
            limit: self.limit,
            ..Conditions::default()
        };
        for scenario in subject.describe(&conditions)?.scenarios {
            let Some(corpus) = self.corpora.iter().find(|corpus| corpus.name == scenario.corpus) else {
                continue;
            };
            let task = Task { scenario: &scenario.name, corpus: &corpus.path };
            let pass = corpus.bytes.max(1) * scenario.queries.max(1);
            subject.train(task, TRAINING_BYTES.div_ceil(pass), &conditions)?;
        }
        self.merge(folder, commands)
    }

    fn merge(&self, folder: &Path, commands: &mut Vec<Vec<String>>) -> Result<()> {
        let raw = raw_profiles(folder)?;
        if raw.is_empty() {
            return failed("the training wrote no profile: was the binary built with -Cprofile-generate?");
        }
        let merged = folder.join("merged.profdata");
        let mut arguments = vec!["merge".to_owned(), "--failure-mode=any".to_owned(), "-o".to_owned()];
        arguments.push(merged.display().to_string());
        arguments.extend(raw.iter().map(|path| path.display().to_string()));
        let doing = || format!("merging {} raw profiles by {}", raw.len(), self.profdata.display());
        let output = Command::new(self.profdata).args(&arguments).output().doing(doing)?;
        let complaints = String::from_utf8_lossy(&output.stderr);
        // llvm-profdata only warns of a profile that it can't use.
        if !output.status.success() || !complaints.trim().is_empty() {
            return failed(format!("{}: it ended with {}: {}", doing(), output.status, complaints.trim()));
        }
        for path in raw {
            let _ = fs::remove_file(path);
        }
        commands.push(std::iter::once(self.profdata.display().to_string()).chain(arguments).collect());
        Ok(())
    }
}

fn raw_profiles(folder: &Path) -> Result<Vec<PathBuf>> {
    let doing = || format!("reading {}", folder.display());
    let mut raw = Vec::new();
    for entry in fs::read_dir(folder).doing(doing)? {
        let path = entry.doing(doing)?.path();
        if path.extension().is_some_and(|extension| extension == "profraw") {
            raw.push(path);
        }
    }
    raw.sort();
    Ok(raw)
}

/// The environment of a build, without the hash in the profile's path, for the manifest.
pub fn recorded(environment: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    environment.iter().map(|(name, value)| (name.clone(), value.replace('\u{1f}', " "))).collect()
}
