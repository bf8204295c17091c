//! Builds a variant: one channel of flags, the artifact taken from cargo's own messages, copied and
//! hashed.

use crate::error::{Doing, Result, failed};
use crate::hash;
use crate::interrupt::Interrupt;
use crate::plan::Build;
use crate::toolchain::Toolchain;
use harness::judge::wire::results::BinaryFacts;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where builds happen and binaries are kept.
#[derive(Clone, Debug)]
pub struct Workshop<'a> {
    /// What compiles.
    pub toolchain: &'a Toolchain,
    /// The folder of `bench.toml`.
    pub root: &'a Path,
    /// cargo's target folder for variants, apart from the user's own.
    pub target: PathBuf,
    /// Binaries by their hash.
    pub store: PathBuf,
    /// Where cargo's output goes.
    pub logs: PathBuf,
    /// Was it asked to stop?
    pub interrupt: &'a Interrupt,
}

/// Which of the subject's binaries is built.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its package.
    pub package: &'a str,
    /// Its name.
    pub binary: &'a str,
}

/// A binary in the store.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub facts: BinaryFacts,
    /// The command that built it.
    pub command: Vec<String>,
    /// What its environment was given.
    pub environment: BTreeMap<String, String>,
}

/// Names under which binaries are kept beside their hash. All are of one length, so that the path of
/// a measured process has the same length for every variant and for the control.
pub const SUBJECT: &str = "subject";
/// The control's copy of the measured binary.
pub const CONTROL_SUBJECT: &str = "control";
/// The subject's command.
pub const COMMAND: &str = "command";
/// The control's copy of it.
pub const CONTROL_COMMAND: &str = "ctrlcmd";

/// Is this one of the variables that would change a build behind the plan's back?
fn changes_builds(name: &str) -> bool {
    const NAMES: [&str; 15] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_TARGET_DIR",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_BOOTSTRAP",
        "CC",
        "CXX",
        "AR",
        "CFLAGS",
        "CXXFLAGS",
        "CPPFLAGS",
        "LDFLAGS",
    ];
    const BEGINNINGS: [&str; 10] = [
        "CARGO_BUILD_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
        "CARGO_UNSTABLE_",
        "CC_",
        "CXX_",
        "AR_",
        "CFLAGS_",
        "CXXFLAGS_",
        "JEMALLOC_",
    ];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// The caller's variables that builds do not get, as `NAME=value`.
pub fn scrubbed() -> Vec<String> {
    let all = std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    let set = all.filter(|(name, _)| changes_builds(name));
    set.map(|(name, value)| format!("{name}={}", value.to_string_lossy())).collect()
}

impl Workshop<'_> {
    /// Builds `target` as `build` says, with `flags` for rustc, and keeps it in the store.
    pub fn build(&self, build: &Build, target: Target<'_>, role: &str, flags: &[String]) -> Result<Built> {
        let mut arguments: Vec<String> =
            ["build", "--package", target.package, "--bin", target.binary].map(String::from).into();
        arguments.extend(["--target".to_owned(), self.toolchain.host.clone()]);
        arguments.push("--message-format=json-render-diagnostics".to_owned());
        arguments.extend(build.profile.arguments());
        if !build.features.is_empty() {
            arguments.extend(["--features".to_owned(), build.features.join(",")]);
        }
        let environment = BTreeMap::from([
            ("CARGO_TARGET_DIR".to_owned(), self.target.display().to_string()),
            ("RUSTC".to_owned(), self.toolchain.rustc.display().to_string()),
            ("CARGO_ENCODED_RUSTFLAGS".to_owned(), flags.join("\u{1f}")),
        ]);
        let log = self.logs.join(format!("{}-{}.log", build.name, target.binary));
        let start = Instant::now();
        let artifact = self.cargo(&arguments, &environment, &log, target)?;
        let seconds = if artifact.fresh { 0.0 } else { start.elapsed().as_secs_f64() };
        let (path, sha256) = self.keep(&artifact.executable, role)?;
        let bytes = fs::metadata(&path).doing(|| format!("reading {}", path.display()))?.len();
        let command = std::iter::once(self.toolchain.cargo.display().to_string()).chain(arguments).collect();
        Ok(Built { facts: BinaryFacts { sha256, bytes, build_seconds: seconds }, path, command, environment })
    }

    fn cargo(
        &self,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
        log: &Path,
        target: Target<'_>,
    ) -> Result<Artifact> {
        fs::create_dir_all(&self.logs).doing(|| format!("making the folder {}", self.logs.display()))?;
        let stderr = File::create(log).doing(|| format!("writing {}", log.display()))?;
        let mut command = Command::new(&self.toolchain.cargo);
        for (name, _) in std::env::vars_os() {
            if changes_builds(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        let output = command
            .args(arguments)
            .envs(environment)
            .current_dir(self.root)
            .stdin(Stdio::null())
            .stderr(stderr)
            .output()
            .doing(|| format!("running `{} {}`", self.toolchain.cargo.display(), arguments.join(" ")))?;
        if self.interrupt.asked() {
            return failed(
                "interrupted while building; nothing half-made is left, and the next run goes on from here",
            );
        }
        if !output.status.success() {
            let text = fs::read_to_string(log).unwrap_or_default();
            let first = text.lines().find(|line| line.starts_with("error")).unwrap_or("cargo said no more");
            return failed(format!(
                "building {} failed: {first} (all of it is in {})",
                target.binary,
                log.display()
            ));
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let artifact = messages.lines().filter_map(|line| Artifact::read(line, target.binary)).next_back();
        artifact.map_or_else(
            || {
                failed(format!(
                    "cargo built no executable {:?} of package {:?}",
                    target.binary, target.package
                ))
            },
            Ok,
        )
    }

    /// Copies a binary into the store under its hash and `role`; gives the place and the hash.
    pub fn keep(&self, binary: &Path, role: &str) -> Result<(PathBuf, String)> {
        let sha256 = hash::of_file(binary)?;
        let kept = self.place(&sha256, role);
        if !kept.is_file() {
            let doing = || format!("copying {} to {}", binary.display(), kept.display());
            fs::create_dir_all(&self.store).doing(doing)?;
            let partial = kept.with_extension(format!("partial-{}", std::process::id()));
            let copied = fs::copy(binary, &partial).and_then(|_| fs::rename(&partial, &kept));
            if copied.is_err() {
                let _ = fs::remove_file(&partial);
            }
            copied.doing(doing)?;
        }
        Ok((kept, sha256))
    }

    /// Where a binary of this hash is kept.
    pub fn place(&self, sha256: &str, role: &str) -> PathBuf {
        place(&self.store, sha256, role)
    }
}

/// Where the store keeps a binary of this hash.
pub fn place(store: &Path, sha256: &str, role: &str) -> PathBuf {
    store.join(format!("{}.{role}", sha256.get(..16).unwrap_or(sha256)))
}

/// The `compiler-artifact` message of an executable.
#[derive(Debug)]
struct Artifact {
    executable: PathBuf,
    fresh: bool,
}

impl Artifact {
    fn read(line: &str, binary: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Message {
            reason: String,
            target: Option<Named>,
            executable: Option<PathBuf>,
            #[serde(default)]
            fresh: bool,
        }
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let message: Message = serde_json::from_str(line).ok()?;
        let is_it = message.reason == "compiler-artifact" && message.target?.name == binary;
        if is_it { Some(Self { executable: message.executable?, fresh: message.fresh }) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_artifact_is_the_executable_of_that_name() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"x","kind":["bin"]},"executable":"/t/x","fresh":true}"#;
        let artifact = Artifact::read(line, "x").expect("it is one");
        assert!(artifact.fresh && artifact.executable == Path::new("/t/x"));
        assert!(Artifact::read(line, "y").is_none());
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"x"},"executable":null,"fresh":true}"#;
        assert!(Artifact::read(library, "x").is_none());
        assert!(Artifact::read("warning: no JSON", "x").is_none());
    }

    #[test]
    fn what_changes_builds_is_scrubbed() {
        for name in [
            "RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CC_x86_64_unknown_linux_musl",
            "CFLAGS",
            "RUSTC_WRAPPER",
        ] {
            assert!(changes_builds(name), "{name}");
        }
        for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            assert!(!changes_builds(name), "{name}");
        }
    }

    #[test]
    fn all_roles_have_names_of_one_length() {
        let names = [SUBJECT, CONTROL_SUBJECT, COMMAND, CONTROL_COMMAND];
        assert!(names.iter().all(|name| name.len() == SUBJECT.len()), "{names:?}");
    }
}
