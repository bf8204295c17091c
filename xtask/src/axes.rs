//! The axes that a variant is described by, and what follows from them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One build of the subject, as a point on every axis.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Axes {
    /// The C library that it is built against.
    pub target: Target,
    /// Who hands out memory in the final binary.
    pub allocator: Allocator,
    /// rustc's optimisation level.
    pub opt_level: OptLevel,
    /// Link-time optimisation.
    pub lto: Lto,
    /// Codegen units; cargo's default for release is 16.
    pub codegen_units: u32,
    /// What a panic does.
    pub panic: Panic,
    /// `baseline`, `native`, or a name that `rustc --print target-cpus` knows.
    pub target_cpu: String,
    /// Is it optimised by a profile of its own?
    pub pgo: bool,
    /// Is it laid out anew by BOLT, after all else?
    pub bolt: bool,
    /// What PGO and BOLT are trained on.
    pub training: TrainedOn,
    /// More flags for rustc.
    pub flags: Vec<String>,
    /// Environment that the measured process gets, such as `MALLOC_ARENA_MAX`.
    pub env: BTreeMap<String, String>,
}

impl Default for Axes {
    fn default() -> Self {
        Self {
            target: Target::default(),
            allocator: Allocator::default(),
            opt_level: OptLevel::default(),
            lto: Lto::default(),
            codegen_units: 16,
            panic: Panic::default(),
            target_cpu: BASELINE.to_owned(),
            pgo: false,
            bolt: false,
            training: TrainedOn::default(),
            flags: Vec::new(),
            env: BTreeMap::new(),
        }
    }
}

/// The target CPU that rustc takes when it is told nothing.
pub const BASELINE: &str = "baseline";

/// Makes an enum of words with their names in one place.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// The word used in bench.toml, flags and reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

words! {
    /// The C library of a build, on the host's processor.
    Target {
        /// glibc.
        #[default]
        Gnu = "gnu",
        /// musl, linked statically.
        Musl = "musl",
    }
}

words! {
    /// Who hands out memory in the final binary.
    Allocator {
        /// The C library's.
        #[default]
        System = "system",
        /// mimalloc.
        Mimalloc = "mimalloc",
        /// jemalloc.
        Jemalloc = "jemalloc",
        /// snmalloc.
        Snmalloc = "snmalloc",
    }
}

words! {
    /// rustc's optimisation level.
    OptLevel {
        /// None.
        Zero = "0",
        /// Some.
        One = "1",
        /// Much.
        Two = "2",
        /// All: cargo's default for release.
        #[default]
        Three = "3",
        /// For size.
        Size = "s",
        /// For size, loops not vectorised.
        Least = "z",
    }
}

words! {
    /// Link-time optimisation.
    Lto {
        /// None at all.
        Off = "off",
        /// Within each crate only: cargo's default for release.
        #[default]
        ThinLocal = "thin-local",
        /// Across crates, by summaries.
        Thin = "thin",
        /// Across crates, as one.
        Fat = "fat",
    }
}

words! {
    /// What a panic does.
    Panic {
        /// Unwinds the stack.
        #[default]
        Unwind = "unwind",
        /// Ends the process.
        Abort = "abort",
    }
}

words! {
    /// What PGO and BOLT are trained on.
    TrainedOn {
        /// Corpora of another seed than those that are measured.
        #[default]
        Apart = "apart",
        /// The very corpora that are measured: only to show what that would claim. No verdict names such a variant.
        Measured = "measured",
    }
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Gnu, Self::Musl];

    /// The triple on a host of this triple: only the C library changes.
    pub fn triple(self, host: &str) -> String {
        let architecture = host.split('-').next().unwrap_or(host);
        match self {
            Self::Gnu => host.to_owned(),
            Self::Musl => format!("{architecture}-unknown-linux-musl"),
        }
    }
}

impl Allocator {
    /// The Cargo feature that chooses it; none for the system's.
    pub fn feature(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }
}

/// rustc's flags that an axis stands for, and the axis.
const FLAGS_OF_AXES: [(&str, &str); 8] = [
    ("target-cpu", "target-cpu"),
    ("lto", "lto"),
    ("opt-level", "opt-level"),
    ("codegen-units", "codegen-units"),
    ("panic", "panic"),
    ("profile-use", "pgo"),
    ("profile-generate", "pgo"),
    ("target", "target"),
];

impl Axes {
    /// The settings of a cargo profile that inherits from release.
    pub fn profile(&self) -> Vec<String> {
        let opt_level = match self.opt_level {
            OptLevel::Size | OptLevel::Least => format!("{:?}", self.opt_level.name()),
            _ => self.opt_level.name().to_owned(),
        };
        let lto = match self.lto {
            Lto::ThinLocal => "false".to_owned(),
            _ => format!("{:?}", self.lto.name()),
        };
        vec![
            format!("opt-level={opt_level}"),
            format!("lto={lto}"),
            format!("codegen-units={}", self.codegen_units),
            format!("panic={:?}", self.panic.name()),
            "debug=false".to_owned(),
            // BOLT moves functions by the relocations that stripping would take.
            if self.bolt { "strip=\"none\"" } else { "strip=\"debuginfo\"" }.to_owned(),
        ]
    }

    /// The flags for rustc that are no profile's, PGO's and BOLT's apart.
    pub fn rustc_flags(&self) -> Vec<String> {
        let cpu = (self.target_cpu != BASELINE).then(|| format!("-Ctarget-cpu={}", self.target_cpu));
        cpu.into_iter().chain(self.flags.iter().cloned()).collect()
    }

    /// Every axis and its value, for reports.
    pub fn facts(&self) -> BTreeMap<String, String> {
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let env: Vec<String> = self.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        BTreeMap::from(
            [
                ("target", self.target.to_string()),
                ("allocator", self.allocator.to_string()),
                ("opt-level", self.opt_level.to_string()),
                ("lto", self.lto.to_string()),
                ("codegen-units", self.codegen_units.to_string()),
                ("panic", self.panic.to_string()),
                ("target-cpu", self.target_cpu.clone()),
                ("pgo", yes(self.pgo)),
                ("bolt", yes(self.bolt)),
                ("training", self.training.to_string()),
                ("flags", self.flags.join(" ")),
                ("env", env.join(" ")),
            ]
            .map(|(axis, value)| (axis.to_owned(), value)),
        )
    }

    /// In words: what differs from cargo's release profile.
    pub fn about(&self) -> String {
        let mut words = Vec::new();
        match self.lto {
            Lto::ThinLocal => {}
            Lto::Off => words.push("no LTO".to_owned()),
            Lto::Thin => words.push("thin LTO".to_owned()),
            Lto::Fat => words.push("fat LTO".to_owned()),
        }
        match self.codegen_units {
            16 => {}
            1 => words.push("one codegen unit".to_owned()),
            n => words.push(format!("{n} codegen units")),
        }
        if self.opt_level != OptLevel::Three {
            words.push(format!("opt-level {}", self.opt_level));
        }
        if self.panic == Panic::Abort {
            words.push("panic aborts".to_owned());
        }
        if self.target_cpu != BASELINE {
            words.push(format!("for the CPU {}", self.target_cpu));
        }
        if self.target == Target::Musl {
            words.push("static musl".to_owned());
        }
        if self.allocator != Allocator::System {
            words.push(self.allocator.to_string());
        }
        if self.pgo {
            words.push("PGO".to_owned());
        }
        if self.bolt {
            words.push("BOLT".to_owned());
        }
        if self.trains() {
            words.push(match self.training {
                TrainedOn::Apart => "trained on another seed".to_owned(),
                TrainedOn::Measured => "trained on the very data that is measured".to_owned(),
            });
        }
        words.extend(self.flags.iter().cloned());
        words.extend(self.env.iter().map(|(name, value)| format!("{name}={value}")));
        if words.is_empty() { "cargo's release profile".to_owned() } else { words.join(", ") }
    }

    /// A name made of what differs from cargo's release profile: `musl-fat-mimalloc+pgo`.
    pub fn short_name(&self) -> String {
        let start = Self::default();
        let mut words = Vec::new();
        if self.target != start.target {
            words.push(self.target.to_string());
        }
        if self.lto != start.lto {
            words.push(self.lto.to_string());
        }
        if self.codegen_units != start.codegen_units {
            words.push(format!("cu{}", self.codegen_units));
        }
        if self.opt_level != start.opt_level {
            words.push(format!("o{}", self.opt_level));
        }
        if self.panic != start.panic {
            words.push(self.panic.to_string());
        }
        if self.target_cpu != start.target_cpu {
            words.push(self.target_cpu.clone());
        }
        if self.allocator != start.allocator {
            words.push(self.allocator.to_string());
        }
        if (&self.flags, &self.env) != (&start.flags, &start.env) {
            let parts = self.flags.iter().chain(self.env.iter().flat_map(|(name, value)| [name, value]));
            words.push(format!("x{}", &crate::hash::of_parts(parts.map(String::as_str))[..6]));
        }
        if words.is_empty() {
            words.push("release".to_owned());
        }
        let pgo = if self.pgo { "+pgo" } else { "" };
        let bolt = if self.bolt { "+bolt" } else { "" };
        let training = if self.training == TrainedOn::Measured { "+leak" } else { "" };
        words.join("-") + pgo + bolt + training
    }

    /// Is it trained on something?
    pub fn trains(&self) -> bool {
        self.pgo || self.bolt
    }

    /// What about this point makes no sense; `None` where it does.
    pub fn contradiction(&self) -> Option<String> {
        if self.training == TrainedOn::Measured && !self.trains() {
            return Some(
                "training is set, and neither pgo nor bolt is: there is nothing to train".to_owned(),
            );
        }
        if self.codegen_units == 0 {
            return Some("codegen-units is 0: it is at least 1".to_owned());
        }
        self.flags.iter().find_map(|flag| {
            let bare = flag
                .trim_start_matches('-')
                .trim_start_matches('C')
                .trim_start()
                .trim_start_matches("codegen ");
            let name = bare.split('=').next().unwrap_or(bare);
            let (_, axis) = FLAGS_OF_AXES.iter().find(|(of_axis, _)| *of_axis == name)?;
            Some(format!("the flag {flag:?} is the axis {axis}: set that instead"))
        })
    }

    /// Why no machine can build this, where that is so.
    pub fn impossible(&self) -> Option<&'static str> {
        match self {
            Self { target: Target::Musl, bolt: true, .. } => Some(
                "BOLT's instrumented run writes no profile from a static musl binary: BOLT is for gnu only",
            ),
            Self { target: Target::Musl, allocator: Allocator::Snmalloc, .. } => {
                Some("snmalloc is C++, and there is no C++ compiler for musl here")
            }
            _ => None,
        }
    }

    /// Does this point lie on the term `axis=value`, or `pgo`, `no-pgo`, `bolt`, `no-bolt`?
    ///
    /// # Errors
    /// No such axis: the error names those there are.
    pub fn lies_on(&self, term: &str) -> Result<bool, String> {
        match term {
            "pgo" => return Ok(self.pgo),
            "no-pgo" => return Ok(!self.pgo),
            "bolt" => return Ok(self.bolt),
            "no-bolt" => return Ok(!self.bolt),
            _ => {}
        }
        let facts = self.facts();
        let (axis, value) = term.split_once('=').unwrap_or((term, ""));
        let known = facts.get(axis).ok_or_else(|| {
            let axes: Vec<&str> = facts.keys().map(String::as_str).collect();
            format!("there is no axis {axis:?}; there are: {}", axes.join(", "))
        })?;
        Ok(known == value)
    }
}

/// Is this a term of an axis rather than a name?
pub fn is_term(text: &str) -> bool {
    text.contains('=') || ["pgo", "no-pgo", "bolt", "no-bolt"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(toml: &str) -> Axes {
        toml::from_str(toml).expect("axes")
    }

    #[test]
    fn nothing_said_is_cargos_release() {
        assert_eq!(axes(""), Axes::default());
        assert_eq!(Axes::default().about(), "cargo's release profile");
        let profile = Axes::default().profile().join(" ");
        assert!(profile.starts_with("opt-level=3 lto=false codegen-units=16 panic=\"unwind\""), "{profile}");
    }

    #[test]
    fn a_point_tells_what_it_is() {
        let point = axes(
            "target = 'musl'\nlto = 'fat'\ncodegen-units = 1\nallocator = 'mimalloc'\npgo = true\nopt-level = 's'",
        );
        assert_eq!(
            point.about(),
            "fat LTO, one codegen unit, opt-level s, static musl, mimalloc, PGO, trained on another seed"
        );
        assert_eq!(point.profile()[0], "opt-level=\"s\"");
        assert_eq!(point.target.triple("x86_64-unknown-linux-gnu"), "x86_64-unknown-linux-musl");
        assert_eq!(point.lies_on("allocator=mimalloc"), Ok(true));
        assert_eq!(point.lies_on("pgo"), Ok(true));
        assert_eq!(point.lies_on("no-bolt"), Ok(true));
        assert_eq!(point.lies_on("lto=thin"), Ok(false));
        assert!(point.lies_on("colour=red").is_err_and(|why| why.contains("allocator, bolt")));
    }

    #[test]
    fn what_makes_no_sense_or_can_not_be_is_told() {
        let twice = axes("flags = ['-Ctarget-cpu=native']").contradiction().expect("an axis");
        assert!(twice.contains("target-cpu"), "{twice}");
        assert!(axes("flags = ['-C', 'opt-level=1']").contradiction().is_some());
        assert!(axes("codegen-units = 0").contradiction().is_some());
        assert!(axes("training = 'measured'").contradiction().is_some_and(|why| why.contains("neither pgo")));
        assert_eq!(axes("training = 'measured'\npgo = true").contradiction(), None);
        assert_eq!(axes("flags = ['-Cforce-frame-pointers=yes']").contradiction(), None);
        assert!(axes("target = 'musl'\nbolt = true").impossible().is_some());
        assert!(axes("target = 'musl'\nallocator = 'snmalloc'").impossible().is_some());
        assert!(axes("bolt = true\npgo = true").impossible().is_none());
    }
}
