//! BOLT: lays a finished binary out anew, by a profile of its own instrumented run. It needs neither
//! perf nor a processor that records branches. (Panchenko et al., CGO 2019.)

use crate::building::{Built, Recipe, Workshop};
use crate::error::{Doing, Error, Result, failed};
use crate::files;
use crate::hash;
use crate::subject::Subject;
use crate::training::{Pupil, Training};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What the linker is told so that BOLT can move functions.
pub const KEEP_RELOCATIONS: &str = "-Clink-arg=-Wl,--emit-relocs";

/// How the binary is laid out. Without `-no-huge-pages` the file is padded to 2 MB pages.
pub const LAYOUT: [&str; 8] = [
    "-reorder-blocks=ext-tsp",
    "-reorder-functions=cdsort",
    "-split-functions",
    "-split-all-cold",
    "-split-eh",
    "-icf=all",
    "-use-gnu-stack",
    "-no-huge-pages",
];

/// For a build with line tables: a profiler would name the wrong lines otherwise.
const MOVE_LINES: &str = "-update-debug-sections";

/// Of the profiled functions, at most this share may not fit the binary.
const MOST_STALE: f64 = 0.2;

/// BOLT's tools, and where profiles are made.
#[derive(Clone, Copy, Debug)]
pub struct Bolt<'a> {
    /// llvm-bolt.
    pub tool: &'a Path,
    /// merge-fdata.
    pub merge: &'a Path,
    /// Where profiles are made.
    pub folder: &'a Path,
    /// Where the result is kept.
    pub workshop: &'a Workshop<'a>,
    /// The variant that it is for.
    pub variant: &'a str,
    /// The roles under which the store keeps the result.
    pub roles: (&'a str, &'a str),
    /// Has it lines and symbols, for a profiler, that are to follow the code?
    pub has_lines: bool,
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
    /// same.
    pub fn lay_out(&self, linked: Linked, training: &Training<'_>) -> Result<Linked> {
        let (workshop, roles) = (self.workshop, self.roles);
        let mut parts = vec!["bolt 2".to_owned(), LAYOUT.join(" "), self.version()?];
        parts.extend(self.has_lines.then(|| MOVE_LINES.to_owned()));
        parts.extend(training.key()?);
        let hashes = [Some(&linked.subject), linked.command.as_ref()];
        parts.extend(hashes.into_iter().flatten().map(|built| built.facts.sha256.clone()));
        let key = hash::of_parts(parts.iter().map(String::as_str));
        let kept = |role: &str| {
            let key = format!("{key}-{role}");
            workshop.cache.get(&key, role).map(|facts| (workshop.place(&facts.sha256, role), facts))
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
        let made = self.make(&linked, training, &folder, &key);
        let _ = fs::remove_dir_all(&folder);
        made
    }

    fn make(&self, linked: &Linked, training: &Training<'_>, folder: &Path, key: &str) -> Result<Linked> {
        let (workshop, roles) = (self.workshop, self.roles);
        let start = Instant::now();
        let subject = self.instrument(&linked.subject.path, folder, roles.0)?;
        let command = match &linked.command {
            Some(built) => Some(self.instrument(&built.path, folder, roles.1)?),
            None => None,
        };
        let pupil = |subject| Pupil { subject, environment: Vec::new() };
        // What was not instrumented writes no profile when it is asked.
        let plain = Subject {
            binary: linked.subject.path.clone(),
            command: linked.command.as_ref().map(|built| built.path.clone()),
        };
        training.run(&pupil(Subject { binary: subject, command }), &pupil(plain))?;
        let shared = start.elapsed().as_secs_f64();
        let finish = |built: &Built, role: &str| -> Result<Built> {
            let start = Instant::now();
            let out = self.optimise(&built.path, folder, role)?;
            // The time of the whole way: linking, the training, and the new layout.
            let seconds = built.facts.build_seconds + shared + start.elapsed().as_secs_f64();
            let (path, facts) = workshop.keep(&out, role, seconds)?;
            workshop.cache.put(&format!("{key}-{role}"), self.variant, role, &facts)?;
            let recipe = Recipe { command: self.layout_command(role), ..built.recipe.clone() };
            Ok(Built { path, facts, recipe })
        };
        let subject = finish(&linked.subject, roles.0)?;
        let command = match &linked.command {
            Some(built) => Some(finish(built, roles.1)?),
            None => None,
        };
        Ok(Linked { subject, command })
    }

    /// BOLT writes its command line into the binary, so it runs on fixed names in the folder of the
    /// profile: the same input gives the same output wherever it is made. Where the instrumented run
    /// writes is fixed when it is instrumented.
    fn instrument(&self, binary: &Path, folder: &Path, role: &str) -> Result<PathBuf> {
        let linked = folder.join(format!("{role}-linked"));
        fs::copy(binary, &linked).doing(|| format!("copying {}", binary.display()))?;
        let profiles = folder.join(format!("{role}.fdata"));
        let arguments = [
            format!("{role}-linked"),
            "-instrument".to_owned(),
            "--instrumentation-file-append-pid".to_owned(),
            format!("--instrumentation-file={}", profiles.display()),
            "-o".to_owned(),
            format!("{role}-instrumented"),
        ];
        run(self.tool, &arguments, folder, &format!("{role}-instrument"))?;
        Ok(folder.join(format!("{role}-instrumented")))
    }

    fn optimise(&self, binary: &Path, folder: &Path, role: &str) -> Result<PathBuf> {
        let prefix = format!("{role}.fdata.");
        let mut profiles = Vec::new();
        for path in files::within(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&prefix) {
                profiles.push(name);
            }
        }
        if profiles.is_empty() {
            return failed(format!(
                "the training of the instrumented {} wrote no profile for BOLT",
                binary.display()
            ));
        }
        let merged = folder.join(format!("{role}.merged"));
        let mut arguments = vec!["-o".to_owned(), format!("{role}.merged")];
        arguments.extend(profiles);
        run(self.merge, &arguments, folder, &format!("{role}-merge"))?;
        if fs::metadata(&merged).map_or(0, |facts| facts.len()) == 0 {
            return failed(format!("the profile of {} for BOLT is empty", binary.display()));
        }
        let command = self.layout_command(role);
        let said = run(self.tool, &command[1..], folder, &format!("{role}-layout"))?;
        check(&said).map_err(|why| Error::Failed(format!("laying out {}: {why}", binary.display())))?;
        Ok(folder.join(format!("{role}-laid-out")))
    }

    fn layout_command(&self, role: &str) -> Vec<String> {
        let mut command = vec![self.tool.display().to_string(), format!("{role}-linked"), "-o".to_owned()];
        command.extend([format!("{role}-laid-out"), format!("-data={role}.merged")]);
        command.extend(LAYOUT.map(String::from));
        command.extend(self.has_lines.then(|| MOVE_LINES.to_owned()));
        command
    }

    fn version(&self) -> Result<String> {
        let doing = || format!("asking {} for its version", self.tool.display());
        let output = Command::new(self.tool).arg("--version").output().doing(doing)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Runs a tool in `folder`; gives what it said.
fn run(program: &Path, arguments: &[String], folder: &Path, step: &str) -> Result<String> {
    let doing = || format!("running `{} {}`", program.display(), arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .doing(doing)?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    fs::write(folder.join(format!("{step}.log")), &said).doing(|| format!("keeping what {step} said"))?;
    if output.status.success() {
        return Ok(said);
    }
    let errors: Vec<&str> = said.lines().filter(|line| line.to_lowercase().contains("error")).collect();
    failed(format!("{}: it ended with {}: {}", doing(), output.status, errors.join("; ")))
}

/// Reads what llvm-bolt said of the profile: it ends well with one that is of another binary.
fn check(said: &str) -> std::result::Result<(), String> {
    let profiled = said
        .lines()
        .find(|line| line.contains("have non-empty execution profile"))
        .and_then(|line| line.split_whitespace().find_map(|word| word.parse::<u64>().ok()));
    match profiled {
        None => return Err("llvm-bolt does not say how many functions have a profile".to_owned()),
        Some(0) => return Err("no function of it has a profile".to_owned()),
        Some(_) => {}
    }
    let stale = said.lines().find(|line| line.contains("functions have invalid")).map(|line| {
        let percent = line.split('(').nth(1).and_then(|rest| rest.split('%').next()?.parse::<f64>().ok());
        percent.unwrap_or(100.0) / 100.0
    });
    match stale {
        Some(share) if share > MOST_STALE => Err(format!(
            "{:.0} % of the profiled functions do not fit the binary: the profile is stale",
            share * 100.0
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_profile_that_does_not_fit_is_an_error_though_bolt_ends_well() {
        let good =
            "BOLT-INFO: 122 out of 934 functions in the binary (13.1%) have non-empty execution profile\n";
        assert_eq!(check(good), Ok(()));
        let few = "BOLT-WARNING: 2 (1.6% of all profiled) functions have invalid (possibly stale) profile\n";
        assert_eq!(check(&format!("{good}{few}")), Ok(()));
        let many =
            "BOLT-WARNING: 59 (60.2% of all profiled) functions have invalid (possibly stale) profile\n";
        assert!(check(&format!("{good}{many}")).is_err_and(|why| why.contains("60 %")));
        let none =
            "BOLT-INFO: 0 out of 934 functions in the binary (0.0%) have non-empty execution profile\n";
        assert!(check(none).is_err_and(|why| why.contains("no function")));
        assert!(check("").is_err());
    }
}
