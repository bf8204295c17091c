//! Toolchain, workshop and built variants: what stands ready before anything is measured.

use crate::axes::Axes;
use crate::bolt::{self, Bolt, Linked};
use crate::building::{self, Built, Recipe, Target, Workshop};
use crate::cache;
use crate::cmd::Project;
use crate::config;
use crate::error::{Doing, Error, Result};
use crate::interrupt::Interrupt;
use crate::pgo::{self, Profiles};
use crate::plan::{self, Build};
use crate::process::Conditions;
use crate::sources::Sources;
use crate::subject::Subject;
use crate::toolchain::{Tool, Toolchain};
use crate::training::Training;
use harness::judge::protocol::Description;
use harness::judge::wire::manifest;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The longest that a binary may take to describe itself.
const DESCRIBING: Duration = Duration::from_secs(20);

/// Roles of binaries that are steps on the way to others.
const INSTRUMENTED: (&str, &str) = ("subject-instrumented", "command-instrumented");
const LINKED: (&str, &str) = ("subject-linked", "command-linked");
const FINAL: (&str, &str) = (building::SUBJECT, building::COMMAND);

/// A project with the toolchain that builds all that is compared.
#[derive(Debug)]
pub struct SetUp<'p> {
    /// The project.
    pub project: &'p Project,
    /// What builds everything.
    pub toolchain: Toolchain,
    /// ctrl-C.
    pub interrupt: Interrupt,
    sources: Sources,
}

/// A variant that was built.
#[derive(Debug)]
pub struct Variant {
    /// Its binaries.
    pub subject: Subject,
    /// As the manifest records it.
    pub record: manifest::Build,
    /// What rustc was told besides the axes: its profile.
    pub flags: Vec<String>,
}

impl<'p> SetUp<'p> {
    /// With this toolchain; listens for ctrl-C and reads the sources.
    pub fn begin(project: &'p Project, toolchain: Toolchain) -> Result<Self> {
        Self::begin_at(project, toolchain, "")
    }

    /// The same of a work tree at `commit`: what lies outside the packages belongs to what their builds are known by.
    pub fn begin_at(project: &'p Project, toolchain: Toolchain, commit: &str) -> Result<Self> {
        let subject = &project.config.subject;
        let packages = std::iter::once(subject.package.as_str());
        let packages: Vec<&str> =
            packages.chain(subject.command.iter().map(|c| c.package.as_str())).collect();
        let sources = Sources::read(&project.root, &toolchain, &packages, commit)?;
        Ok(Self { project, toolchain, interrupt: Interrupt::listen()?, sources })
    }

    /// Where builds happen.
    pub fn workshop(&self) -> Workshop<'_> {
        let target = self.project.variants();
        Workshop {
            toolchain: &self.toolchain,
            root: &self.project.root,
            sources: &self.sources,
            store: self.project.binaries(),
            cache: self.project.cache(),
            logs: target.join("logs"),
            target,
            interrupt: &self.interrupt,
        }
    }

    /// The binaries that are built under a variant: the measured one, and the subject's command.
    pub fn targets<'b>(&'b self, build: &'b Build) -> (Target<'b>, Option<Target<'b>>) {
        let config::Subject { package, binary, command, .. } = &self.project.config.subject;
        let command = command.as_ref().filter(|_| build.with_command);
        let command =
            command.map(|config::Command { package, binary }| Target { package, binary, features: &[] });
        (Target { package, binary, features: &build.wanted }, command)
    }

    /// Builds both binaries, beside each other, since most of an optimising build runs on one processor. rustc only whispers
    /// about a profile that does not fit; here it is an error.
    fn pair(
        &self,
        build: &Build,
        roles: (&str, &str),
        flags: &[String],
        profile: Option<&pgo::Profile>,
    ) -> Result<Linked> {
        let workshop = self.workshop();
        let (subject, command) = self.targets(build);
        let check =
            |log: &Path, binary: &Path| profile.map_or(Ok(()), |profile| profile.check_use(log, binary));
        let built = &|target, role| workshop.build(build, target, role, flags, &check);
        let (subject, command) = thread::scope(|scope| {
            let beside = command.map(|target| scope.spawn(move || built(target, roles.1)));
            let subject = built(subject, roles.0);
            (subject, beside.map(|beside| beside.join().unwrap_or_else(|panic| resume_unwind(panic))))
        });
        Ok(Linked { subject: subject?, command: command.transpose()? })
    }

    /// Builds a variant by all its steps; PGO and BOLT want a training.
    pub fn build(&self, build: &Build, training: Option<&Training<'_>>) -> Result<Variant> {
        let trained =
            || training.ok_or_else(|| Error::Failed(format!("{} has nothing to be trained on", build.name)));
        let mut recipes: Vec<Recipe> = Vec::new();
        let mut commands = Vec::new();
        let mut flags = Vec::new();
        let mut profile = None;
        if build.axes.pgo {
            let instrumented =
                Build { name: format!("{}{}", build.name, cache::INSTRUMENTED), ..build.clone() };
            let linked = self.pair(&instrumented, INSTRUMENTED, &[pgo::INSTRUMENT.to_owned()], None)?;
            let folder = self.folder("pgo")?;
            let profiles = Profiles { profdata: tool(&self.toolchain.profdata)?, folder: &folder };
            let made = profiles.profile(&linked.as_subject(), &linked.hashes(), trained()?)?;
            recipes.extend(linked.recipes());
            commands.push(made.command.clone());
            flags.extend(made.flags.iter().cloned());
            profile = Some(made);
        }
        let finished = if build.axes.bolt {
            flags.push(bolt::KEEP_RELOCATIONS.to_owned());
            let linked = self.pair(build, LINKED, &flags, profile.as_ref())?;
            recipes.extend(linked.recipes());
            let folder = self.folder("bolt")?;
            let workshop = self.workshop();
            let tools = Bolt {
                tool: tool(&self.toolchain.bolt)?,
                merge: tool(&self.toolchain.merge_fdata)?,
                folder: &folder,
                workshop: &workshop,
                variant: &build.name,
                roles: FINAL,
                has_lines: build.profile.settings.iter().any(|setting| setting == "debug=1"),
            };
            tools.lay_out(linked, trained()?)?
        } else {
            self.pair(build, FINAL, &flags, profile.as_ref())?
        };
        let environment = finished.subject.recipe.environment.clone();
        let all = recipes.into_iter().chain(finished.recipes()).map(|recipe| recipe.command);
        commands.splice(0..0, all);
        let record = manifest::Build {
            variant: build.name.clone(),
            about: build.about.clone(),
            axes: build.facts.clone(),
            commands,
            environment: readable(&environment),
            run_environment: build.axes.env.clone(),
            binary: finished.subject.facts.clone(),
            command: finished.command.as_ref().map(|built| built.facts.clone()),
            identical_to: None,
            twice_every: None,
        };
        Ok(Variant { subject: finished.as_subject(), record, flags })
    }

    fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.project.variants().join(name);
        std::fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
        Ok(folder)
    }

    /// The control: the reference's binaries again, under another path.
    pub fn control(&self, reference: &Variant) -> Result<Subject> {
        let workshop = self.workshop();
        let keep = |path: &Path, role| workshop.keep(path, role, 0.0).map(|(path, _)| path);
        Ok(Subject {
            binary: keep(&reference.subject.binary, building::CONTROL_SUBJECT)?,
            command: match &reference.subject.command {
                Some(command) => Some(keep(command, building::CONTROL_COMMAND)?),
                None => None,
            },
        })
    }

    /// The scenarios of the subject, built as cargo's release profile has it.
    pub fn describe(&self) -> Result<Description> {
        let variant = self.build(&plan::build_of("release", &Axes::default(), false), None)?;
        describe(&variant.subject)
    }
}

impl Linked {
    fn as_subject(&self) -> Subject {
        Subject {
            binary: self.subject.path.clone(),
            command: self.command.as_ref().map(|built| built.path.clone()),
        }
    }

    fn both(&self) -> impl Iterator<Item = &Built> {
        std::iter::once(&self.subject).chain(&self.command)
    }

    fn hashes(&self) -> Vec<&str> {
        self.both().map(|built| built.facts.sha256.as_str()).collect()
    }

    fn recipes(&self) -> Vec<Recipe> {
        self.both().map(|built| built.recipe.clone()).collect()
    }
}

fn tool(tool: &Tool) -> Result<&Path> {
    tool.as_deref().map_err(|missing| Error::Failed(missing.to_string()))
}

/// cargo separates encoded flags by a control character; people read a blank.
fn readable(environment: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    environment.iter().map(|(name, value)| (name.clone(), value.replace('\u{1f}', " "))).collect()
}

/// The scenarios of a built subject.
pub fn describe(subject: &Subject) -> Result<Description> {
    subject.describe(&Conditions { limit: DESCRIBING, ..Conditions::default() })
}
