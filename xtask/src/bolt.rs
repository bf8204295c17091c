//! BOLT: lays a finished binary out anew, by a profile of its own instrumented run. It needs neither
//! perf nor a processor that records branches. (Panchenko et al., CGO 2019.)

use crate::building::{Built, Recipe, Workshop};
use crate::error::{Doing, Result, failed};
use crate::hash;
use crate::subject::Subject;
use crate::training::Training;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What the linker is told so that BOLT can move functions.
pub const KEEP_RELOCATIONS: &str = "-Clink-arg=-Wl,--emit-relocs";

/// How the binary is laid out.
pub const LAYOUT: [&str; 6] = [
    "-reorder-blocks=ext-tsp",
    "-reorder-functions=cdsort",
    "-split-functions",
    "-split-all-cold",
    "-split-eh",
    "-icf=1",
];

/// BOLT's tools, and where profiles are made.
#[derive(Clone, Copy, Debug)]
pub struct Bolt<'a> {
    /// llvm-bolt.
    pub tool: &'a Path,
    /// merge-fdata.
    pub merge: &'a Path,
    /// Where profiles are made.
    pub folder: &'a Path,
}

/// The linked binaries of a variant before BOLT.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The measured binary.
    pub subject: Built,
    /// The subject's command.
    pub command: Option<Built>,
}

impl Bolt<'_> {
    /// Lays the binaries of a variant out anew: made, or kept from when they and the training were the
    /// same. The roles are those under which the store keeps the result.
    pub fn lay_out(
        &self,
        workshop: &Workshop<'_>,
        linked: Linked,
        roles: (&str, &str),
        training: &Training<'_>,
    ) -> Result<Linked> {
        let mut parts = vec!["bolt 1".to_owned(), LAYOUT.join(" "), self.version()?];
        parts.extend(training.key());
        let hashes = [Some(&linked.subject), linked.command.as_ref()];
        parts.extend(hashes.into_iter().flatten().map(|built| built.facts.sha256.clone()));
        let key = hash::of_parts(parts.iter().map(String::as_str));
        let kept = |role: &str| {
            let key = format!("{key}-{role}");
            workshop.cached(&key, role).map(|facts| (workshop.place(&facts.sha256, role), facts))
        };
        let both = (kept(roles.0), linked.command.as_ref().map(|_| kept(roles.1)));
        if let (Some((path, facts)), None | Some(Some(_))) = &both {
            let command = match (&linked.command, both.1.clone().flatten()) {
                (Some(built), Some((path, facts))) => {
                    Some(Built { path, facts, recipe: built.recipe.clone() })
                }
                _ => None,
            };
            let subject = Built { path: path.clone(), facts: facts.clone(), recipe: linked.subject.recipe };
            return Ok(Linked { subject, command });
        }
        let folder = self.folder.join(format!("{}.partial-{}", &key[..16], std::process::id()));
        fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
        let made = self.make(workshop, &linked, roles, training, &folder, &key);
        let _ = fs::remove_dir_all(&folder);
        made
    }

    fn make(
        &self,
        workshop: &Workshop<'_>,
        linked: &Linked,
        roles: (&str, &str),
        training: &Training<'_>,
        folder: &Path,
        key: &str,
    ) -> Result<Linked> {
        let start = Instant::now();
        let subject = self.instrument(&linked.subject.path, folder, roles.0)?;
        let command = match &linked.command {
            Some(built) => Some(self.instrument(&built.path, folder, roles.1)?),
            None => None,
        };
        training.run(&Subject { binary: subject, command }, Vec::new())?;
        let shared = start.elapsed().as_secs_f64();
        let finish = |built: &Built, role: &str| -> Result<Built> {
            let start = Instant::now();
            let out = self.optimise(&built.path, folder, role)?;
            // The time of the whole way: linking, the training, and the new layout.
            let seconds = built.facts.build_seconds + shared + start.elapsed().as_secs_f64();
            let (path, facts) = workshop.keep(&out, role, seconds)?;
            workshop.remember(&format!("{key}-{role}"), &facts)?;
            let recipe = Recipe {
                command: self.layout_command(&built.path, Path::new("profile.fdata"), Path::new("out")),
                ..built.recipe.clone()
            };
            Ok(Built { path, facts, recipe })
        };
        let subject = finish(&linked.subject, roles.0)?;
        let command = match &linked.command {
            Some(built) => Some(finish(built, roles.1)?),
            None => None,
        };
        Ok(Linked { subject, command })
    }

    fn instrument(&self, binary: &Path, folder: &Path, role: &str) -> Result<PathBuf> {
        let out = folder.join(format!("{role}-instrumented"));
        let profiles = folder.join(format!("{role}.fdata"));
        let arguments = [
            binary.display().to_string(),
            "-instrument".to_owned(),
            "--instrumentation-file-append-pid".to_owned(),
            format!("--instrumentation-file={}", profiles.display()),
            "-o".to_owned(),
            out.display().to_string(),
        ];
        Self::run(self.tool, &arguments, folder, &format!("{role}-instrument"))?;
        Ok(out)
    }

    fn optimise(&self, binary: &Path, folder: &Path, role: &str) -> Result<PathBuf> {
        let prefix = format!("{role}.fdata.");
        let doing = || format!("reading {}", folder.display());
        let mut profiles = Vec::new();
        for entry in fs::read_dir(folder).doing(doing)? {
            let path = entry.doing(doing)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&prefix) {
                profiles.push(path);
            }
        }
        profiles.sort();
        if profiles.is_empty() {
            return failed(format!(
                "the training of the instrumented {} wrote no profile for BOLT",
                binary.display()
            ));
        }
        let merged = folder.join(format!("{role}.merged"));
        let mut arguments = vec!["-o".to_owned(), merged.display().to_string()];
        arguments.extend(profiles.iter().map(|path| path.display().to_string()));
        Self::run(self.merge, &arguments, folder, &format!("{role}-merge"))?;
        if fs::metadata(&merged).map_or(0, |facts| facts.len()) == 0 {
            return failed(format!("the profile of {} for BOLT is empty", binary.display()));
        }
        let out = folder.join(format!("{role}-laid-out"));
        let command = self.layout_command(binary, &merged, &out);
        Self::run(self.tool, &command[1..], folder, &format!("{role}-layout"))?;
        Ok(out)
    }

    fn layout_command(&self, binary: &Path, profile: &Path, out: &Path) -> Vec<String> {
        let mut command = vec![self.tool.display().to_string(), binary.display().to_string()];
        command.extend(["-o".to_owned(), out.display().to_string(), format!("-data={}", profile.display())]);
        command.extend(LAYOUT.map(String::from));
        command
    }

    fn version(&self) -> Result<String> {
        let doing = || format!("asking {} for its version", self.tool.display());
        let output = Command::new(self.tool).arg("--version").output().doing(doing)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn run(program: &Path, arguments: &[String], folder: &Path, step: &str) -> Result<()> {
        let log = folder.join(format!("{step}.log"));
        let doing = || format!("running `{} {}`", program.display(), arguments.join(" "));
        let file = fs::File::create(&log).doing(|| format!("writing {}", log.display()))?;
        let status = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .status()
            .doing(doing)?;
        if status.success() {
            return Ok(());
        }
        let text = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> =
            text.lines().filter(|line| line.contains("ERROR") || line.contains("error")).collect();
        failed(format!("{}: it ended with {status}: {}", doing(), lines.join("; ")))
    }
}
