//! What is to be built, as data, before anything is built.

use crate::config::{Allocator, Config, HEAP, Lto, Preset, Variant};
use crate::error::{Error, Result};
use crate::glob;
use crate::toolchain::Toolchain;
use harness::judge::wire::results::Skip;
use std::collections::BTreeMap;

/// A build that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The variant's short name.
    pub name: String,
    /// In words.
    pub about: String,
    /// The axes, for reports.
    pub axes: BTreeMap<String, String>,
    /// `cargo --config` lines that make the profile, and its name.
    pub profile: Profile,
    /// Features of the final binary.
    pub features: Vec<String>,
    /// Is it optimised by a profile of its own?
    pub pgo: bool,
    /// Is the subject's command built too?
    pub with_command: bool,
}

/// A cargo profile, given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name: the folder under the target's.
    pub name: String,
    /// Its settings, as `key = value`.
    pub settings: Vec<String>,
}

impl Profile {
    /// As arguments of cargo.
    pub fn arguments(&self) -> Vec<String> {
        let all = std::iter::once("inherits=\"release\"").chain(self.settings.iter().map(String::as_str));
        let configs =
            all.flat_map(|setting| ["--config".to_owned(), format!("profile.{}.{setting}", self.name)]);
        configs.chain(["--profile".to_owned(), self.name.clone()]).collect()
    }
}

/// All builds of a run: those that are compared, the heap build, and what can't be built here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The variants; the first is the reference.
    pub variants: Vec<Build>,
    /// The heap build, where the subject has one.
    pub heap: Option<Build>,
    /// What was asked for and can't be built here.
    pub skipped: Vec<Skip>,
}

/// Plans the builds of `preset`, or of the variants that `asked` names instead.
pub fn plan(config: &Config, preset: &Preset, asked: &[String], toolchain: &Toolchain) -> Result<Plan> {
    let chosen = choose(config, if asked.is_empty() { &preset.variants } else { asked })?;
    let mut skipped = Vec::new();
    let mut variants = Vec::new();
    for variant in chosen {
        match (&toolchain.profdata, variant.pgo) {
            (Err(missing), true) => skipped.push(Skip {
                what: format!("variant {}", variant.name),
                reason: missing.reason.clone(),
                remedy: Some(missing.remedy.clone()),
            }),
            _ => variants.push(build_of(variant, config.subject.command.is_some())),
        }
    }
    if variants.is_empty() {
        let why: Vec<String> = skipped.iter().map(|skip| format!("{}: {}", skip.what, skip.reason)).collect();
        return Err(Error::Usage(format!("no variant is left to build. {}", why.join("; "))));
    }
    let heap = config.subject.heap_feature.as_ref().map(|feature| heap_build(feature));
    Ok(Plan { variants, heap, skipped })
}

/// The variants that names and globs choose, in the order of the request.
fn choose<'c>(config: &'c Config, asked: &[String]) -> Result<Vec<&'c Variant>> {
    let mut chosen: Vec<&Variant> = Vec::new();
    for pattern in asked {
        let fitting: Vec<&Variant> =
            config.variants.iter().filter(|v| glob::matches(pattern, &v.name)).collect();
        if fitting.is_empty() {
            let known: Vec<&str> = config.variants.iter().map(|v| v.name.as_str()).collect();
            return Err(Error::unknown("variant", pattern, &known));
        }
        for variant in fitting {
            if !chosen.iter().any(|other| other.name == variant.name) {
                chosen.push(variant);
            }
        }
    }
    Ok(chosen)
}

/// The build of a variant, with or without the subject's command.
pub fn build_of(variant: &Variant, with_command: bool) -> Build {
    let mut settings = vec![format!("lto={}", variant.lto.cargo_value())];
    settings.push(format!("codegen-units={}", variant.codegen_units));
    let axes = [
        ("lto", variant.lto.name().to_owned()),
        ("codegen-units", variant.codegen_units.to_string()),
        ("allocator", variant.allocator.name().to_owned()),
        ("pgo", if variant.pgo { "yes" } else { "no" }.to_owned()),
    ];
    Build {
        name: variant.name.clone(),
        about: about(variant),
        axes: axes.into_iter().map(|(axis, value)| (axis.to_owned(), value)).collect(),
        profile: Profile { name: profile_name(variant), settings },
        features: variant.allocator.feature().map(str::to_owned).into_iter().collect(),
        pgo: variant.pgo,
        with_command,
    }
}

/// Variants that differ in flags and features alone share a profile, so cargo shares what it can.
fn profile_name(variant: &Variant) -> String {
    format!("lto-{}-{}", variant.lto.name(), variant.codegen_units)
}

fn about(variant: &Variant) -> String {
    let mut words = match variant.lto {
        Lto::Off => vec!["no LTO".to_owned()],
        Lto::ThinLocal => vec!["cargo's release profile".to_owned()],
        Lto::Thin => vec!["thin LTO".to_owned()],
        Lto::Fat => vec!["fat LTO".to_owned()],
    };
    match variant.codegen_units {
        16 => {}
        1 => words.push("one codegen unit".to_owned()),
        n => words.push(format!("{n} codegen units")),
    }
    if variant.allocator != Allocator::System {
        words.push(variant.allocator.name().to_owned());
    }
    if variant.pgo {
        words.push("PGO trained on another seed".to_owned());
    }
    words.join(", ")
}

/// cargo's release profile with dhat as allocator, and line tables so that dhat can name places.
fn heap_build(feature: &str) -> Build {
    Build {
        name: HEAP.to_owned(),
        about: "cargo's release profile with dhat as allocator".to_owned(),
        axes: BTreeMap::from([("allocator".to_owned(), "dhat".to_owned())]),
        profile: Profile { name: HEAP.to_owned(), settings: vec!["debug=1".to_owned()] },
        features: vec![feature.to_owned()],
        pgo: false,
        with_command: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::Missing;
    use std::path::{Path, PathBuf};

    fn config() -> Config {
        Config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench.toml")).expect("bench.toml")
    }

    fn toolchain(profdata: bool) -> Toolchain {
        let mut toolchain = Toolchain::discover().expect("the one that runs this test");
        let missing = Missing { reason: "looked everywhere".into(), remedy: "install it".into() };
        toolchain.profdata = if profdata { Ok(PathBuf::from("llvm-profdata")) } else { Err(missing) };
        toolchain
    }

    #[test]
    fn the_quick_preset_plans_its_variants_and_one_heap_build() {
        let config = config();
        let plan =
            plan(&config, config.preset("quick").expect("quick"), &[], &toolchain(true)).expect("planned");
        let names: Vec<&str> = plan.variants.iter().map(|build| build.name.as_str()).collect();
        assert_eq!(
            names,
            ["release", "lto-thin", "lto-fat", "lto-fat-mimalloc", "lto-fat-jemalloc", "lto-fat+pgo"]
        );
        assert_eq!(plan.variants[3].features, ["mimalloc"]);
        assert_eq!(plan.variants[2].profile, plan.variants[3].profile);
        let arguments = plan.variants[2].profile.arguments().join(" ");
        assert_eq!(
            arguments,
            "--config profile.lto-fat-1.inherits=\"release\" --config profile.lto-fat-1.lto=\"fat\" \
             --config profile.lto-fat-1.codegen-units=1 --profile lto-fat-1"
        );
        assert_eq!(plan.heap.expect("one").features, ["dhat"]);
        assert!(plan.skipped.is_empty());
    }

    #[test]
    fn pgo_without_its_tool_is_skipped_with_the_remedy() {
        let config = config();
        let preset = config.preset("quick").expect("quick");
        let short = plan(&config, preset, &[], &toolchain(false)).expect("planned");
        assert_eq!(short.variants.len(), 5);
        assert_eq!(short.skipped[0].what, "variant lto-fat+pgo");
        assert_eq!(short.skipped[0].remedy.as_deref(), Some("install it"));
        let only = plan(&config, preset, &["lto-fat+pgo".to_owned()], &toolchain(false));
        assert!(only.expect_err("nothing left").to_string().contains("looked everywhere"));
    }

    #[test]
    fn globs_choose_in_the_order_asked_and_unknown_names_list_what_there_is() {
        let config = config();
        let preset = config.preset("quick").expect("quick");
        let asked = ["lto-fat-*".to_owned(), "release".to_owned(), "lto-*".to_owned()];
        let chosen = plan(&config, preset, &asked, &toolchain(true)).expect("planned").variants;
        let names: Vec<&str> = chosen.iter().map(|build| build.name.as_str()).collect();
        assert_eq!(
            names,
            ["lto-fat-mimalloc", "lto-fat-jemalloc", "release", "lto-thin", "lto-fat", "lto-fat+pgo"]
        );
        let why =
            plan(&config, preset, &["fat".to_owned()], &toolchain(true)).expect_err("unknown").to_string();
        assert!(why.contains("\"fat\"") && why.contains("lto-thin"), "{why}");
    }
}
