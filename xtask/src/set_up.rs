//! Toolchain, workshop and built variants: what stands ready before anything is measured.

use crate::building::{self, Built, Target, Workshop};
use crate::cmd::Project;
use crate::config;
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::pgo::{self, Training};
use crate::plan::{self, Build};
use crate::process::Conditions;
use crate::subject::Subject;
use crate::toolchain::Toolchain;
use harness::judge::protocol::Description;
use harness::judge::wire::manifest;
use std::time::Duration;

/// The longest that a binary may take to describe itself.
const DESCRIBING: Duration = Duration::from_secs(20);

/// A project with its toolchain.
#[derive(Debug)]
pub struct SetUp<'p> {
    /// The project.
    pub project: &'p Project,
    /// What builds everything.
    pub toolchain: Toolchain,
    /// ctrl-C.
    pub interrupt: Interrupt,
}

/// A variant that was built.
#[derive(Debug)]
pub struct Variant {
    /// Its binaries.
    pub subject: Subject,
    /// As the manifest records it.
    pub record: manifest::Build,
}

impl<'p> SetUp<'p> {
    /// Discovers the toolchain and listens for ctrl-C.
    pub fn begin(project: &'p Project) -> Result<Self> {
        Ok(Self { project, toolchain: Toolchain::discover()?, interrupt: Interrupt::listen()? })
    }

    fn workshop(&self) -> Workshop<'_> {
        let target = self.project.variants();
        Workshop {
            toolchain: &self.toolchain,
            root: &self.project.root,
            store: self.project.binaries(),
            logs: target.join("logs"),
            target,
            interrupt: &self.interrupt,
        }
    }

    /// Builds a variant; one with PGO needs its training.
    pub fn build(&self, build: &Build, training: Option<&Training<'_>>) -> Result<Variant> {
        let workshop = self.workshop();
        let (flags, mut commands) = match training {
            Some(training) if build.pgo => {
                let profile = training.profile(&workshop, build)?;
                (profile.flags, profile.commands)
            }
            _ => (Vec::new(), Vec::new()),
        };
        let config::Subject { package, binary, command, .. } = &self.project.config.subject;
        let measured = workshop.build(build, Target { package, binary }, building::SUBJECT, &flags)?;
        let command = match command {
            Some(config::Command { package, binary }) if build.with_command => {
                Some(workshop.build(build, Target { package, binary }, building::COMMAND, &flags)?)
            }
            _ => None,
        };
        commands.push(measured.command.clone());
        commands.extend(command.iter().map(|built| built.command.clone()));
        let record = manifest::Build {
            variant: build.name.clone(),
            about: build.about.clone(),
            axes: build.axes.clone(),
            commands,
            environment: pgo::recorded(&measured.environment),
            binary: measured.facts.clone(),
            command: command.as_ref().map(|built| built.facts.clone()),
            identical_to: None,
        };
        Ok(Variant {
            subject: Subject { binary: measured.path, command: command.map(|built: Built| built.path) },
            record,
        })
    }

    /// The control: the reference's binaries again, under another path.
    pub fn control(&self, reference: &Variant) -> Result<Subject> {
        let workshop = self.workshop();
        let (binary, _) = workshop.keep(&reference.subject.binary, building::CONTROL_SUBJECT)?;
        let command = match &reference.subject.command {
            Some(command) => Some(workshop.keep(command, building::CONTROL_COMMAND)?.0),
            None => None,
        };
        Ok(Subject { binary, command })
    }

    /// The scenarios of the subject, built as the first variant of `bench.toml`.
    pub fn describe(&self) -> Result<Description> {
        let first = self.project.config.variants.iter().find(|variant| !variant.pgo);
        let Some(first) = first else {
            return crate::error::failed("bench.toml has no variant without PGO to ask");
        };
        let variant = self.build(&plan::build_of(first, false), None)?;
        describe(&variant.subject)
    }
}

/// The scenarios of a built subject.
pub fn describe(subject: &Subject) -> Result<Description> {
    subject.describe(&Conditions { limit: DESCRIBING, ..Conditions::default() })
}
