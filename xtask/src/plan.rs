//! What is to be built, as data, before anything is built.

use crate::axes::{self, Axes, Target, TrainedOn};
use crate::config::{self, Config, Preset};
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
    /// Where it stands on every axis.
    pub axes: Axes,
    /// The same for reports.
    pub facts: BTreeMap<String, String>,
    /// The cargo profile.
    pub profile: Profile,
    /// Features of each final binary.
    pub features: Vec<String>,
    /// Features of the measured binary alone, which scenarios of the preset want.
    pub wanted: Vec<String>,
    /// Is the subject's command built too?
    pub with_command: bool,
}

/// A cargo profile, given on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name: the folder under the target's.
    pub name: String,
    /// Its settings, as `key=value`.
    pub settings: Vec<String>,
}

impl Profile {
    /// Profiles of the same settings share a name, so cargo shares what it can.
    fn of(settings: Vec<String>) -> Self {
        let digest = crate::hash::of_parts(settings.iter().map(String::as_str));
        Self { name: format!("assay-{}", &digest[..8]), settings }
    }

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
    /// The heap builds, where the subject has one and the heap is read: one per target, the reference's first.
    pub heaps: Vec<Build>,
    /// What was asked for and can't be built here.
    pub skipped: Vec<Skip>,
}

impl Plan {
    /// Everything that is built.
    pub fn builds(&self) -> impl Iterator<Item = &Build> {
        self.variants.iter().chain(&self.heaps)
    }
}

/// What is asked for: variants with their points, the first the reference, and what the exclusions of
/// a cross product left out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Names and points.
    pub variants: Vec<(String, Axes)>,
    /// Points left out, by exclusion.
    pub left_out: Vec<Skip>,
    /// Features of the measured binary that the preset's scenarios want.
    pub features: Vec<String>,
    /// Is the heap read, so that it takes a build of its own?
    pub heap: bool,
}

/// The variants that a preset, or `asked` instead, is about.
pub fn choose(config: &Config, preset: &Preset, asked: &[String]) -> Result<Chosen> {
    let mut left_out = Vec::new();
    let variants = chosen(config, preset, asked, &mut left_out)?;
    Ok(Chosen { variants, left_out, features: preset.features.clone(), heap: preset.heap_visits > 0 })
}

fn chosen(
    config: &Config,
    preset: &Preset,
    asked: &[String],
    left_out: &mut Vec<Skip>,
) -> Result<Vec<(String, Axes)>> {
    let (terms, names): (Vec<&String>, Vec<&String>) = asked.iter().partition(|word| axes::is_term(word));
    let mut chosen: Vec<(String, Axes)> = Vec::new();
    if names.is_empty() && terms.is_empty() {
        for pattern in &preset.variants {
            take(config, pattern.get_ref(), &mut chosen)?;
        }
        *left_out = cross(config, preset, &mut chosen)?;
        return Ok(chosen);
    }
    for name in names {
        take(config, name, &mut chosen)?;
    }
    if !terms.is_empty() {
        // Terms choose among the names given, or among all but those that nobody can ship; the preset's reference stays
        // the reference.
        if chosen.is_empty() {
            let all = config.variants.iter().map(|(name, axes)| (name.clone(), axes.clone()));
            let on_training = terms.iter().any(|term| term.starts_with("training="));
            chosen = all.filter(|(_, axes)| on_training || axes.training == TrainedOn::Apart).collect();
        }
        for term in &terms {
            Axes::default().lies_on(term).map_err(Error::Usage)?;
        }
        chosen.retain(|(_, axes)| terms.iter().all(|term| axes.lies_on(term) == Ok(true)));
        if chosen.is_empty() {
            let terms: Vec<&str> = terms.iter().map(|term| term.as_str()).collect();
            return Err(Error::Usage(format!("no variant lies on all of {}", terms.join(", "))));
        }
        let mut with_reference = Vec::new();
        if let Some(reference) = preset.variants.first() {
            take(config, reference.get_ref(), &mut with_reference)?;
            with_reference.truncate(1);
        }
        with_reference.extend(
            chosen
                .into_iter()
                .filter(|(name, _)| Some(name) != preset.variants.first().map(toml::Spanned::get_ref)),
        );
        chosen = with_reference;
    }
    Ok(chosen)
}

/// The variants of these names, in this order: those of `bench.toml`, and those that the preset's cross product makes. The
/// names that are no variant any more come beside them.
pub fn choose_again(config: &Config, preset: &Preset, names: &[String]) -> Result<(Chosen, Vec<String>)> {
    let of_preset = choose(config, preset, &[])?;
    let (mut variants, mut gone) = (Vec::new(), Vec::new());
    for name in names {
        let point = of_preset.variants.iter().find(|(other, _)| other == name).map(|(_, axes)| axes);
        match config.variants.get(name).or(point) {
            Some(axes) => variants.push((name.clone(), axes.clone())),
            None => gone.push(name.clone()),
        }
    }
    Ok((Chosen { variants, left_out: Vec::new(), ..of_preset }, gone))
}

/// Adds the variants whose names match, in the order of the file.
fn take(config: &Config, pattern: &str, chosen: &mut Vec<(String, Axes)>) -> Result<()> {
    let fitting: Vec<_> = config.variants.iter().filter(|(name, _)| glob::matches(pattern, name)).collect();
    if fitting.is_empty() {
        let known: Vec<&str> = config.variants.keys().map(String::as_str).collect();
        let near = config::nearest(pattern, known.iter().copied());
        let near = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
        return Err(Error::Usage(format!(
            "there is no variant {pattern:?}{near}; there are: {}",
            known.join(", ")
        )));
    }
    for (name, axes) in fitting {
        if !chosen.iter().any(|(other, _)| other == name) {
            chosen.push((name.clone(), axes.clone()));
        }
    }
    Ok(())
}

/// Adds the preset's cross product, less the exclusions and the points that are there already; gives
/// what was left out.
fn cross(config: &Config, preset: &Preset, chosen: &mut Vec<(String, Axes)>) -> Result<Vec<Skip>> {
    if preset.cross.is_empty() {
        return Ok(Vec::new());
    }
    let start = chosen.first().map(|(_, axes)| axes.clone()).unwrap_or_default();
    let mut points = vec![toml::Table::try_from(start).map_err(|e| Error::Failed(e.to_string()))?];
    for (axis, values) in &preset.cross {
        let with = |point: &toml::Table, value: &toml::Value| {
            let mut point = point.clone();
            point.insert(axis.clone(), value.clone());
            point
        };
        points = points.iter().flat_map(|point| values.iter().map(move |value| with(point, value))).collect();
    }
    let mut counts = vec![0; config.exclusions.len()];
    for point in points {
        let point: Axes = point.try_into().map_err(|e| Error::Usage(format!("a cross product: {e}")))?;
        let excluded = |exclusion: &config::Exclusion| {
            exclusion.terms.iter().all(|term| point.lies_on(term) == Ok(true))
        };
        if let Some(by) = config.exclusions.iter().position(excluded) {
            counts[by] += 1;
            continue;
        }
        if chosen.iter().any(|(_, other)| *other == point) || point.impossible().is_some() {
            continue;
        }
        let named = config.variants.iter().find(|(_, axes)| **axes == point).map(|(name, _)| name.clone());
        let short = point.short_name();
        // A name of bench.toml is its variant's alone.
        let free = if config.variants.contains_key(&short) { format!("release-{short}") } else { short };
        chosen.push((named.unwrap_or(free), point));
    }
    let counted = config.exclusions.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(counted
        .map(|(exclusion, count)| Skip {
            what: format!("{count} points of the cross product with {}", exclusion.terms.join(", ")),
            reason: exclusion.reason.clone(),
            remedy: None,
        })
        .collect())
}

/// Plans the builds of the chosen variants with this toolchain.
pub fn plan(config: &Config, chosen: Chosen, toolchain: &Toolchain) -> Result<Plan> {
    let mut skipped = chosen.left_out;
    let mut variants = Vec::new();
    // The first is what all others are held against.
    let reference = chosen.variants.iter().position(|(_, axes)| toolchain.why_not(axes).is_none());
    let instead = reference.filter(|at| *at > 0).map(|at| chosen.variants[at].0.clone());
    for (at, (name, axes)) in chosen.variants.into_iter().enumerate() {
        match toolchain.why_not(&axes) {
            Some(missing) => skipped.push(Skip {
                what: format!("variant {name}"),
                reason: match &instead {
                    Some(next) if at == 0 => {
                        format!("{}; all others are compared with {next} in its place", missing.reason)
                    }
                    _ => missing.reason,
                },
                remedy: missing.remedy,
            }),
            None => variants.push(Build {
                wanted: chosen.features.clone(),
                ..build_of(&name, &axes, config.subject.command.is_some())
            }),
        }
    }
    if variants.is_empty() {
        let why = |skip: &Skip| {
            let remedy = skip.remedy.as_ref().map(|remedy| format!(" (to mend it: {remedy})"));
            format!("{}: {}{}", skip.what, skip.reason, remedy.unwrap_or_default())
        };
        let why: Vec<String> = skipped.iter().map(why).collect();
        return Err(Error::Usage(format!("no variant is left to build. {}", why.join("; "))));
    }
    let mut targets: Vec<Target> = Vec::new();
    for build in &variants {
        if !targets.contains(&build.axes.target) {
            targets.push(build.axes.target);
        }
    }
    let feature = config.subject.heap_feature.as_deref().filter(|_| chosen.heap);
    let heap = |feature, target| Build { wanted: chosen.features.clone(), ..heap_build(feature, target) };
    let heaps = feature.map(|feature| targets.into_iter().map(|target| heap(feature, target)).collect());
    Ok(Plan { variants, heaps: heaps.unwrap_or_default(), skipped })
}

/// The build of a variant, with or without the subject's command.
pub fn build_of(name: &str, axes: &Axes, with_command: bool) -> Build {
    Build {
        name: name.to_owned(),
        about: axes.about(),
        facts: axes.facts(),
        profile: Profile::of(axes.profile()),
        features: axes.allocator.feature().map(str::to_owned).into_iter().collect(),
        wanted: Vec::new(),
        axes: axes.clone(),
        with_command,
    }
}

/// cargo's release profile with dhat as allocator, and line tables so that dhat can name places.
pub fn heap_build(feature: &str, target: Target) -> Build {
    let axes = Axes { target, ..Axes::default() };
    let mut settings = axes.profile();
    with_symbols(&mut settings);
    let mut facts = axes.facts();
    facts.insert("allocator".to_owned(), "dhat".to_owned());
    Build {
        name: config::heap_name(target),
        about: "cargo's release profile with dhat as allocator".to_owned(),
        facts,
        profile: Profile::of(settings),
        features: vec![feature.to_owned()],
        wanted: Vec::new(),
        axes,
        with_command: false,
    }
}

/// A variant for a profiler: with symbols, line tables and frame pointers. With a feature, that of the sampler inside, the
/// subject's command is not built, which does not have it.
pub fn profile_build(build: &Build, feature: Option<&str>) -> Build {
    let mut settings = build.axes.profile();
    with_symbols(&mut settings);
    let mut axes = build.axes.clone();
    axes.flags.push(FRAME_POINTERS.to_owned());
    let ending = if feature.is_some() { "profile" } else { "symbols" };
    Build {
        name: format!("{}~{ending}", build.name),
        about: format!("{}, with symbols and frame pointers", build.about),
        facts: axes.facts(),
        profile: Profile::of(settings),
        features: build.features.iter().cloned().chain(feature.map(str::to_owned)).collect(),
        wanted: build.wanted.clone(),
        axes,
        with_command: build.with_command && feature.is_none(),
    }
}

/// Frame pointers for profilers that walk by them.
const FRAME_POINTERS: &str = "-Cforce-frame-pointers=yes";

/// Line tables, and nothing stripped that would take them away again.
fn with_symbols(settings: &mut Vec<String>) {
    settings.retain(|setting| !setting.starts_with("debug=") && !setting.starts_with("strip="));
    settings.extend(["debug=1".to_owned(), "strip=\"none\"".to_owned()]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::tests::made_up;
    use std::path::Path;

    fn config() -> Config {
        Config::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench.toml")).expect("bench.toml")
    }

    fn planned(preset: &str, asked: &[&str], everything: bool) -> Result<Plan> {
        let config = config();
        let asked: Vec<String> = asked.iter().map(|&word| word.to_owned()).collect();
        let chosen = choose(&config, config.preset(preset)?, &asked)?;
        plan(&config, chosen, &made_up(everything))
    }

    fn names(plan: &Plan) -> Vec<&str> {
        plan.variants.iter().map(|build| build.name.as_str()).collect()
    }

    #[test]
    fn the_quick_preset_plans_its_variants_and_one_heap_build() {
        let plan = planned("quick", &[], true).expect("planned");
        assert_eq!(names(&plan), ["release", "lto-fat", "lto-fat-mimalloc", "lto-fat+pgo"]);
        let [_, fat, mimalloc, _] = plan.variants.as_slice() else { panic!("four") };
        assert_eq!(mimalloc.features, ["mimalloc"]);
        assert_eq!(fat.profile, mimalloc.profile);
        let arguments = fat.profile.arguments().join(" ");
        for setting in ["inherits=\"release\"", "lto=\"fat\"", "codegen-units=1", "debug=false"] {
            assert!(arguments.contains(&format!("--config profile.{}.{setting}", fat.profile.name)));
        }
        let [heap] = plan.heaps.as_slice() else { panic!("one, since there is one target") };
        assert_eq!(heap.features, ["dhat"]);
        assert!(heap.profile.settings.contains(&"debug=1".to_owned()));
        assert!(!heap.profile.settings.iter().any(|setting| setting == "strip=\"debuginfo\""), "lines stay");
        let profiled = profile_build(mimalloc, Some("profile"));
        assert_eq!((profiled.name.as_str(), profiled.with_command), ("lto-fat-mimalloc~profile", false));
        assert_eq!(profiled.features, ["mimalloc", "profile"]);
        assert!(profiled.axes.rustc_flags().contains(&FRAME_POINTERS.to_owned()));
        assert_eq!(profiled.profile.settings.last().map(String::as_str), Some("strip=\"none\""));
        let both = planned("quick", &["release", "musl"], true).expect("planned");
        let names: Vec<&str> = both.heaps.iter().map(|build| build.name.as_str()).collect();
        assert_eq!(names, ["heap", "heap-musl"]);
        let unread = planned("readers", &[], true).expect("planned");
        assert!(unread.heaps.is_empty(), "no visit is made to one");
        assert!(plan.skipped.is_empty());
    }

    #[test]
    fn a_bare_machine_skips_with_the_remedy_what_it_can_not_build() {
        let plan = planned("standard", &[], false).expect("planned");
        assert_eq!(
            names(&plan),
            ["release", "lto-thin", "lto-fat", "lto-fat-native", "lto-fat-mimalloc", "lto-fat-jemalloc"]
        );
        assert_eq!(plan.skipped.len(), 7);
        assert!(plan.skipped.iter().all(|skip| skip.remedy.is_some()), "{:?}", plan.skipped);
        // What others are compared with is told where it can't be what was asked for.
        let other = planned("quick", &["lto-fat+pgo", "release", "lto-fat"], false).expect("planned");
        assert_eq!(names(&other), ["release", "lto-fat"]);
        let why = &other.skipped[0].reason;
        assert!(why.ends_with("; all others are compared with release in its place"), "{why}");
        assert!(plan.skipped.iter().all(|skip| !skip.reason.contains("in its place")), "{:?}", plan.skipped);
        let only = planned("quick", &["lto-fat+pgo"], false).expect_err("nothing left").to_string();
        assert!(only.contains("no llvm-profdata"), "{only}");
        assert_eq!(planned("standard", &[], true).expect("planned").skipped, []);
    }

    #[test]
    fn names_and_globs_choose_in_the_order_asked() {
        let plan = planned("quick", &["lto-fat-*alloc", "release", "lto-thin"], true).expect("planned");
        assert_eq!(
            names(&plan),
            ["lto-fat-mimalloc", "lto-fat-jemalloc", "lto-fat-snmalloc", "release", "lto-thin"]
        );
        let why = planned("quick", &["relese"], true).expect_err("unknown").to_string();
        assert!(why.contains("did you mean \"release\"?") && why.contains("lto-thin"), "{why}");
    }

    #[test]
    fn terms_of_axes_choose_among_all_and_keep_the_reference() {
        assert_eq!(
            names(&planned("quick", &["allocator=mimalloc"], true).expect("planned")),
            ["release", "lto-fat-mimalloc", "musl-mimalloc"]
        );
        assert_eq!(
            names(&planned("quick", &["target=musl", "pgo"], true).expect("planned")),
            ["release", "musl+pgo"]
        );
        assert_eq!(
            names(&planned("quick", &["bolt"], true).expect("planned")),
            ["release", "lto-fat+bolt", "lto-fat+pgo+bolt"]
        );
        assert_eq!(
            names(&planned("quick", &["lto-*", "bolt", "training=measured"], true).expect("planned")),
            ["release", "lto-fat+pgo+bolt+leak"]
        );
        assert!(planned("quick", &["colour=red"], true).is_err_and(|e| e.to_string().contains("no axis")));
        assert!(
            planned("quick", &["pgo", "allocator=jemalloc"], true)
                .is_err_and(|e| e.to_string().contains("no variant"))
        );
    }

    #[test]
    fn names_of_an_earlier_plan_choose_the_same_again_and_what_is_gone_is_told() {
        let config = config();
        let names = ["musl-fat-cu1-jemalloc+pgo", "lto-fat", "lto-medium"].map(String::from);
        let full = config.preset("full").expect("it is there");
        let (chosen, gone) = choose_again(&config, full, &names).expect("chosen");
        let found: Vec<&str> = chosen.variants.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, ["musl-fat-cu1-jemalloc+pgo", "lto-fat"]);
        assert_eq!(gone, ["lto-medium"]);
        let all = planned("full", &[], true).expect("planned");
        let same =
            all.variants.iter().find(|build| build.name == names[0]).expect("it is in the cross product");
        assert_eq!(same.axes, chosen.variants[0].1);
        let quick = config.preset("quick").expect("it is there");
        assert_eq!(
            choose_again(&config, quick, &names).expect("chosen").1,
            [names[0].clone(), names[2].clone()]
        );
    }

    #[test]
    fn the_cross_product_is_taken_less_the_exclusions_and_named() {
        let plan = planned("full", &[], true).expect("planned");
        let mut sorted = names(&plan);
        assert_eq!(sorted[0], "release");
        for expected in ["lto-fat+pgo+bolt", "musl-mimalloc", "thin-jemalloc", "musl-fat-cu1-jemalloc+pgo"] {
            assert!(sorted.contains(&expected), "{expected} is not among {sorted:?}");
        }
        sorted.sort_unstable();
        assert_eq!(sorted.array_windows().find(|[a, b]| a == b), None, "no name twice");
        assert!(plan.variants.iter().all(|build| build.axes.pgo || !build.axes.bolt), "excluded");
        assert!(plan.variants.iter().all(|build| build.axes.impossible().is_none()));
        assert_eq!(plan.skipped.len(), 4, "each exclusion is told: {:?}", plan.skipped);
    }
}
