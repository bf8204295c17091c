//! Results made up for tests, the same at every call.

use harness::judge::label::{Label, MIN_BLOCKS, Q};
use harness::judge::wire::Schema;
use harness::judge::wire::results::{
    Beside, BinaryFacts, Cell, Comparison, Figures, HeapFacts, InstructionFacts, InstrumentCost, InvalidCell,
    LatencyFacts, LatencyFigures, MemoryFacts, Metric, MetricFacts, Provenance, Results, SCHEMA,
    ScenarioFacts, Skip, Summary, VERSION, VariantFacts,
};
use harness::judge::wire::sample::{Histogram, Instrument, Pages};
use std::collections::BTreeMap;

pub(crate) const KIB: u64 = 1024;
pub(crate) const MIB: u64 = 1024 * KIB;

/// A plain generator of noise: splitmix64.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    /// Evenly spread over 0..1.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About 1, spread by about `spread`.
    pub(crate) fn around_one(&mut self, spread: f64) -> f64 {
        let sum: f64 = (0..6).map(|_| self.next()).sum();
        1.0 + (sum - 3.0) * spread
    }
}

pub(crate) fn empty(reference: &str) -> Results {
    Results {
        schema: Schema::new(SCHEMA, VERSION),
        provenance: Provenance {
            run: "2026-11-20-quick-3".to_owned(),
            began: "2026-11-20T21:14:07Z".to_owned(),
            command: ["cargo", "xtask", "bench", "--preset", "quick", "--name", "quick 3"]
                .map(str::to_owned)
                .to_vec(),
            preset: "quick".to_owned(),
            revision: Some("1f19475".to_owned()),
            dirty: true,
            compiler: "rustc 1.95.0 (59807616e 2026-04-14), LLVM 22.1.2".to_owned(),
            machine: [
                "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
                "2 CPUs",
                "7.8 GiB of memory",
                "Linux 6.18.0",
                "virtual machine (KVM)",
            ]
            .map(str::to_owned)
            .to_vec(),
            conditions: [("caches", "L1d 32 KiB, L2 1 MiB"), ("clock source", "tsc")]
                .map(|(word, fact)| (word.to_owned(), fact.to_owned()))
                .into(),
            seed: 20_261_120,
            blocks: BTreeMap::from([("clock".to_owned(), 12), ("rss".to_owned(), 8), ("heap".to_owned(), 2)]),
            calibration: None,
            cold: false,
            planned_by: Some("12 blocks of the preset".to_owned()),
            tools: [("std of x86_64-unknown-linux-gnu", "rustup"), ("C library", "glibc 2.36")]
                .map(|(what, tool)| (what.to_owned(), tool.to_owned()))
                .into(),
        },
        reference: reference.to_owned(),
        control: "control".to_owned(),
        metrics: Metric::ALL
            .into_iter()
            .map(|metric| MetricFacts {
                metric,
                margin: margin(metric),
                margin_absolute: if metric.unit() == "ns" { 0.0 } else { 65_536.0 },
                family: 40,
            })
            .collect(),
        variants: Vec::new(),
        scenarios: Vec::new(),
        cells: Vec::new(),
        comparisons: Vec::new(),
        controls: Vec::new(),
        heap: Vec::new(),
        memory: Vec::new(),
        latency: Vec::new(),
        criterion: Vec::new(),
        profiles: harness::judge::wire::profile::Profiles::default(),
        beside: Vec::new(),
        instructions: vec![InstructionFacts {
            scenario: "count/fast/small".to_owned(),
            variant: "release".to_owned(),
            instructions: 2_247_288.0,
            spread: 0.0,
            visits: 2,
        }],
        costs: vec![
            InstrumentCost {
                instrument: Instrument::Clock,
                visits: 480,
                total_ns: 61_000_000_000,
                visit_ns: 127_000_000.0,
                reading_ns: Some(1_400.0),
                times_rss: None,
            },
            InstrumentCost {
                instrument: Instrument::Heap,
                visits: 8,
                total_ns: 2_000_000_000,
                visit_ns: 250_000_000.0,
                reading_ns: None,
                times_rss: Some(3.2),
            },
        ],
        invalid: Vec::new(),
        skipped: Vec::new(),
        warnings: Vec::new(),
    }
}

fn margin(metric: Metric) -> f64 {
    match metric {
        Metric::Time => 0.01,
        Metric::Latency => 0.05,
        Metric::Rss | Metric::Anon => 0.02,
    }
}

pub(crate) fn variant(name: &str, about: &str, kib: u64, build_seconds: f64) -> VariantFacts {
    let lto = if name.contains("fat") { "fat" } else { "off" };
    let target = if name.starts_with("musl") { "musl" } else { "gnu" };
    VariantFacts {
        name: name.to_owned(),
        about: about.to_owned(),
        axes: BTreeMap::from(
            [("lto", lto), ("target", target)].map(|(axis, value)| (axis.to_owned(), value.to_owned())),
        ),
        binary: BinaryFacts {
            sha256: "ab".repeat(32),
            bytes: kib * KIB,
            build_seconds,
            ..BinaryFacts::default()
        },
        command: Some(BinaryFacts {
            sha256: "cd".repeat(32),
            bytes: kib * KIB * 9 / 10,
            build_seconds,
            ..BinaryFacts::default()
        }),
        identical_to: None,
    }
}

pub(crate) fn scenario(name: &str, bytes: u64, records: u64) -> ScenarioFacts {
    ScenarioFacts {
        name: name.to_owned(),
        version: 1,
        about: format!("Runs {name} from start to end."),
        corpus: "cdn".to_owned(),
        corpus_sha256: "ef".repeat(32),
        bytes,
        records,
        whole_command: name.starts_with("command/"),
        iterations: 4,
    }
}

/// Figures of samples as the harness makes them.
pub(crate) fn summary(samples: &[f64]) -> Summary {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| {
        let place = q * (sorted.len() - 1) as f64;
        let (i, part) = (place as usize, place.fract());
        let next = sorted[(i + 1).min(sorted.len() - 1)];
        if part == 0.0 { sorted[i] } else { sorted[i] * (1.0 - part) + next * part }
    };
    let n = sorted.len();
    let mean = sorted.iter().map(|v| v / n as f64).sum::<f64>();
    let squares = sorted.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
    Summary {
        n,
        min: sorted[0],
        max: sorted[n - 1],
        median: quantile(0.5),
        mean,
        p95: quantile(0.95),
        p99: quantile(0.99),
        sd,
        cv: if mean == 0.0 { 0.0 } else { sd / mean },
    }
}

pub(crate) fn cell(scenario: &ScenarioFacts, variant: &str, metric: Metric, samples: Vec<f64>) -> Cell {
    let summary = summary(&samples);
    let per_second = |amount: u64| amount as f64 / (summary.median / 1e9);
    let time = metric == Metric::Time;
    Cell {
        scenario: scenario.name.clone(),
        variant: variant.to_owned(),
        metric,
        blocks: (0..samples.len() as u32).collect(),
        cpu_ns: time.then_some(summary.median * 0.98),
        bytes_per_second: time.then(|| per_second(scenario.bytes)),
        records_per_second: time.then(|| per_second(scenario.records)),
        summary,
        samples,
    }
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}

/// A comparison much as the harness makes it, in a scenario whose control moved by `moved` (a logarithm). The correction
/// over the family is made up: q is twice p.
pub(crate) fn compare(of: &Cell, reference: &Cell, margin: f64, moved: f64) -> Comparison {
    let mut logs: Vec<f64> = of.samples.iter().zip(&reference.samples).map(|(a, b)| (a / b).ln()).collect();
    logs.sort_by(f64::total_cmp);
    let n = logs.len();
    let tail = |k: usize| (0..=k).map(|i| choose(n, i)).sum::<f64>() / 2f64.powi(n as i32);
    let cut = (0..n / 2).take_while(|k| tail(*k) <= 0.025).last().map_or(0, |k| k + 1);
    let (low, high) = (logs[cut], logs[n - 1 - cut]);
    let below = logs.iter().filter(|log| **log < 0.0).count();
    let p = (2.0 * tail(below.min(n - below))).min(1.0);
    let ln_ratio = summary(&logs).median;
    let wins = of.samples.iter().flat_map(|a| reference.samples.iter().map(move |b| (a, b)));
    let (more, less) = wins.fold((0, 0), |(m, l), (a, b)| (m + usize::from(a > b), l + usize::from(a < b)));
    let pairs = (of.samples.len() * reference.samples.len()) as f64;
    let cliffs_delta = (more as f64 - less as f64) / pairs;
    let (better, worse) = if ln_ratio < 0.0 { (of, reference) } else { (reference, of) };
    let q = (2.0 * p).min(1.0);
    let floor = margin.max(moved.abs().exp_m1());
    let (inside, past_floor) = (margin.ln_1p(), ln_ratio.abs() > floor.ln_1p());
    let label = match (q <= Q && past_floor, better.summary.p95 < worse.summary.median) {
        _ if n < MIN_BLOCKS => Label::Unstable,
        (true, _) if cliffs_delta.abs() >= 1.0 => Label::Definitive,
        (true, true) => Label::High,
        (true, false) => Label::Moderate,
        (false, _) if low > -inside && high < inside => Label::NoChange,
        (false, _) => Label::Inconclusive,
    };
    let reason = (label == Label::Unstable).then(|| format!("{n} good blocks, and {MIN_BLOCKS} are needed"));
    Comparison {
        scenario: of.scenario.clone(),
        metric: of.metric,
        variant: of.variant.clone(),
        label,
        reason,
        figures: Some(Figures {
            blocks: n,
            ratio: ln_ratio.exp(),
            low: low.exp(),
            high: high.exp(),
            coverage: 1.0 - 2.0 * if cut > 0 { tail(cut - 1) } else { 0.0 },
            p,
            q,
            u: pairs / 2.0 * (1.0 + cliffs_delta),
            cliffs_delta,
            floor,
            margin,
            blocks_to_settle: (label == Label::Inconclusive).then_some(28),
        }),
    }
}

/// Adds a scenario with the samples of each variant (the reference first) and of the control, in one metric.
pub(crate) fn add_metric(
    results: &mut Results,
    scenario: &ScenarioFacts,
    metric: Metric,
    samples: Vec<(String, Vec<f64>)>,
) {
    let margin = margin(metric);
    let cells: Vec<Cell> =
        samples.into_iter().map(|(name, samples)| cell(scenario, &name, metric, samples)).collect();
    let find = |name: &str| cells.iter().find(|c| c.variant == name);
    let reference = find(&results.reference).expect("the reference has samples");
    let control = find("control").map(|control| compare(control, reference, margin, 0.0));
    let moved = control.as_ref().and_then(|c| c.figures.as_ref()).map_or(0.0, |f| f.ratio.ln());
    for cell in cells.iter().filter(|c| c.variant != "control" && c.variant != results.reference) {
        results.comparisons.push(compare(cell, reference, margin, moved));
    }
    results.controls.extend(control);
    results.cells.extend(cells);
}

/// Adds what memory tells of a cell.
pub(crate) fn add_memory(
    results: &mut Results,
    scenario: &str,
    variant: &str,
    peak: u64,
    anon: u64,
    file: u64,
) {
    let before = Pages { anon: 300 * KIB, file: 2 * MIB, shmem: 0 };
    results.memory.push(MemoryFacts {
        scenario: scenario.to_owned(),
        variant: variant.to_owned(),
        before,
        after: Pages { anon: before.anon + anon, file: before.file + file, shmem: 0 },
        growth: anon + file,
        growth_anon: anon,
        unexplained: Some(anon.cast_signed() - peak.cast_signed()),
    });
}

pub(crate) fn add_heap(results: &mut Results, scenario: &str, peak: u64) {
    results.heap.push(HeapFacts {
        scenario: scenario.to_owned(),
        target: "gnu".to_owned(),
        total_bytes: peak * 3,
        total_blocks: 4711,
        peak_bytes: peak,
        peak_blocks: 1234,
        end_bytes: peak / 2,
        end_blocks: 600,
        runs: 2,
        exact: true,
    });
}

/// Percentiles and maximum, in the order of the reports, and as much of a histogram.
fn latency_figures([p50, p90, p99, p999, max]: [u64; 5]) -> LatencyFigures {
    let counts = [(p50, 500), (p90, 400), (p99, 90), (p999, 9), (max, 1)];
    LatencyFigures {
        p50_ns: p50,
        p90_ns: p90,
        p99_ns: p99,
        p999_ns: p999,
        histogram: Histogram { max_ns: max, counts: counts.to_vec() },
    }
}

/// Adds the latencies of a cell: of the work, and of the idle loop.
pub(crate) fn add_latency(
    results: &mut Results,
    scenario: &str,
    variant: &str,
    busy: f64,
    [work, idle]: [[u64; 5]; 2],
) {
    results.latency.push(LatencyFacts {
        scenario: scenario.to_owned(),
        variant: variant.to_owned(),
        rate: 20_000,
        arrivals: 24_000,
        behind: 31,
        unserved: 0,
        visits: 12,
        achieved: 19_998.5,
        busy,
        overloaded: busy >= 1.0,
        work: latency_figures(work),
        idle: latency_figures(idle),
    });
}

/// Adds latencies of some variants to a scenario: one lower, one whose queue only grows.
fn add_latencies(results: &mut Results, facts: &ScenarioFacts) {
    let mut noise = Noise(41);
    let each: [(&str, f64, f64); 4] = [
        ("release", 1.0, 0.021),
        ("lto-fat", 0.7, 0.016),
        ("lto-fat-jemalloc", 900.0, 1.31),
        ("control", 1.0, 0.021),
    ];
    let mut samples = Vec::new();
    for (variant, factor, busy) in each {
        let work = [940.0, 1_340.0, 3_600.0, 22_450.0, 38_800.0].map(|ns| (ns * factor) as u64);
        add_latency(results, &facts.name, variant, busy, [work, [45, 57, 1_430, 16_750, 62_730]]);
        let p99 = (0..12).map(|_| 3_600.0 * factor * noise.around_one(0.01)).collect();
        samples.push((variant.to_owned(), p99));
    }
    add_metric(results, facts, Metric::Latency, samples);
}

/// Six variants, eight scenarios, twelve blocks: gains, losses, an untold one, a twin, gaps, warnings.
pub(crate) fn rich() -> Results {
    let mut results = empty("release");
    results.variants = vec![
        variant("release", "opt-level 3, no LTO", 1400, 21.4),
        variant("lto-thin", "thin LTO", 1310, 24.9),
        variant("lto-fat", "fat LTO, one codegen unit", 1080, 41.2),
        variant("lto-fat-mimalloc", "fat LTO, one codegen unit, mimalloc", 1210, 48.0),
        variant("lto-fat-jemalloc", "fat LTO, one codegen unit, jemalloc", 1730, 93.5),
        variant("lto-fat+pgo", "fat LTO, one codegen unit, PGO trained on another seed", 1120, 97.1),
    ];
    let scenarios = [
        ("count/cdn", 38.2, 500_000, 92e6, 3200),
        ("count/cdn-plain", 38.2, 500_000, 431e6, 5800),
        ("count/app", 36.0, 140_000, 61e6, 900),
        ("search/level", 36.0, 140_000, 33e6, 410),
        ("search/trace", 36.0, 140_000, 12.4e6, 120),
        ("index/app", 36.0, 140_000, 148e6, 21_400),
        ("investigate/app", 36.0, 140_000, 204e6, 26_800),
        ("command/count", 38.2, 500_000, 97e6, 3300),
    ];
    // Factor of the time per scenario, in the order above.
    let factors: [(&str, [f64; 8]); 6] = [
        ("release", [1.0; 8]),
        ("lto-thin", [0.995, 1.004, 0.998, 1.002, 0.999, 0.997, 1.003, 1.001]),
        ("lto-fat", [0.93, 0.95, 0.94, 0.97, 0.985, 0.92, 0.93, 0.94]),
        ("lto-fat-mimalloc", [0.93, 0.86, 0.95, 0.97, 1.06, 0.83, 0.86, 1.05]),
        ("lto-fat-jemalloc", [0.96, 0.95, 0.96, 0.985, 1.0, 0.90, 0.92, 0.97]),
        ("lto-fat+pgo", [0.82, 0.84, 0.86, 0.90, 0.96, 0.85, 0.87, 0.83]),
    ];
    let mut noise = Noise(7);
    for (i, (name, mib, records, ns, heap_kib)) in scenarios.into_iter().enumerate() {
        let facts = scenario(name, (mib * MIB as f64) as u64, records);
        let blocks: Vec<f64> = (0..12).map(|_| noise.around_one(0.006)).collect();
        let mut times = Vec::new();
        for (name, factors) in factors.iter().chain(&[("control", [1.0; 8])]) {
            let samples =
                blocks.iter().map(|block| ns * factors[i] * block * noise.around_one(0.006)).collect();
            times.push(((*name).to_owned(), samples));
        }
        add_metric(&mut results, &facts, Metric::Time, times);
        let peak = heap_kib * KIB;
        add_heap(&mut results, name, peak);
        let (mut anon, mut rss) = (Vec::new(), Vec::new());
        for (variant, _) in factors.iter().chain(&[("control", [1.0; 8])]) {
            let slack = match *variant {
                "lto-fat-mimalloc" => 4200 * KIB,
                "lto-fat-jemalloc" => 700 * KIB,
                _ => 90 * KIB,
            };
            let grown = peak + slack;
            let file = 2 * MIB + 300 * KIB;
            add_memory(&mut results, name, variant, peak, grown, file);
            let mut spread = |base: u64| -> Vec<f64> {
                (0..8).map(|_| ((base as f64 * noise.around_one(0.001)) / 4096.0).round() * 4096.0).collect()
            };
            anon.push(((*variant).to_owned(), spread(grown)));
            rss.push(((*variant).to_owned(), spread(grown + file)));
        }
        add_metric(&mut results, &facts, Metric::Anon, anon);
        add_metric(&mut results, &facts, Metric::Rss, rss);
        if name == "search/trace" {
            add_latencies(&mut results, &facts);
        }
        results.scenarios.push(facts);
    }
    results.variants.push(VariantFacts {
        identical_to: Some("lto-thin".to_owned()),
        ..variant("lto-thin-cgu1", "thin LTO, one codegen unit", 1310, 25.3)
    });
    results.skipped.push(Skip {
        what: "lto-fat+pgo+bolt".to_owned(),
        reason: "no llvm-bolt of LLVM 22 was found".to_owned(),
        remedy: Some("apt-get install bolt-22".to_owned()),
    });
    results.warnings.push("the CPU's frequency can't be read in this virtual machine: expect drift; nothing can be done from inside".to_owned());
    results.warnings.push("ASLR is on for timing visits, as planned".to_owned());
    let beside = |other: &str, variant: &str, speed: f64| Beside {
        scenario: "count/fast".to_owned(),
        other: other.to_owned(),
        variant: variant.to_owned(),
        rounds: 12,
        speed,
        low: Some(speed * 0.98),
        high: Some(speed * 1.01),
    };
    results.beside = vec![
        beside("limit/cdn", "release", 0.447),
        beside("count/plain", "release", 3.37),
        beside("count/plain", "lto-fat", 3.21),
    ];
    results
}

/// The rich one with a cell that gave a wrong answer.
pub(crate) fn with_wrong_answer() -> Results {
    let mut results = rich();
    let wrong = |scenario: &str, variant: &str| scenario == "count/app" && variant == "lto-fat";
    results.cells.retain(|c| !wrong(&c.scenario, &c.variant));
    results.memory.retain(|m| !wrong(&m.scenario, &m.variant));
    for comparison in results.comparisons.iter_mut().filter(|c| wrong(&c.scenario, &c.variant)) {
        comparison.label = Label::Invalid;
        comparison.reason = Some("its answer differs from the reader's".to_owned());
        comparison.figures = None;
    }
    results.invalid.push(InvalidCell {
        scenario: "count/app".to_owned(),
        variant: "lto-fat".to_owned(),
        instrument: Instrument::Clock,
        everywhere: true,
        reason: "answer 9f3c… to query 0, and the truth is 1b22…".to_owned(),
    });
    results
}

/// Only the reference and its control, one scenario, nothing but time.
pub(crate) fn minimal() -> Results {
    let mut results = empty("release");
    results.variants = vec![variant("release", "opt-level 3, no LTO", 1400, 0.0)];
    let facts = scenario("count/own", 21_337, 100);
    let mut noise = Noise(3);
    let mut samples = || (0..12).map(|_| 81_000.0 * noise.around_one(0.01)).collect::<Vec<_>>();
    let times = vec![("release".to_owned(), samples()), ("control".to_owned(), samples())];
    add_metric(&mut results, &facts, Metric::Time, times);
    results.scenarios.push(facts);
    results
}

/// Two variants that nothing tells apart, in one scenario that is too noisy to say more.
pub(crate) fn untold() -> Results {
    let mut results = empty("release");
    results.variants = vec![variant("release", "", 1400, 20.0), variant("lto-thin", "thin LTO", 1300, 22.0)];
    let facts = scenario("count/own", 21_337, 100);
    let mut noise = Noise(11);
    let mut samples = || (0..12).map(|_| 81_000.0 * noise.around_one(0.05)).collect::<Vec<_>>();
    let names = ["release", "lto-thin", "control"];
    let times = names.map(|name| (name.to_owned(), samples())).to_vec();
    add_metric(&mut results, &facts, Metric::Time, times);
    results.scenarios.push(facts);
    results
}

/// A name with markup of every kind that a report is written in, and what acts on terminals.
pub(crate) const MARKUP: &str = "<script>alert('x')</script>|`*a*_b_&\"\u{1b}[31m\u{202e}\n";
/// Forty characters.
pub(crate) const LONG: &str = "a-variant-name-of-exactly-forty-letters!";

/// Fifteen variants and everything that is hard to draw: markup in names, names of forty characters, six orders of
/// magnitude, zeros, huge values, one sample, equal samples, missing cells, empty texts, no memory.
pub(crate) fn hostile() -> Results {
    let mut results = empty(LONG);
    results.provenance = Provenance { run: MARKUP.to_owned(), ..results.provenance };
    results.provenance.machine = vec![MARKUP.to_owned(); 3];
    results.provenance.conditions = BTreeMap::from([(MARKUP.to_owned(), MARKUP.to_owned())]);
    results.provenance.command = vec![MARKUP.to_owned(), String::new()];
    results.provenance.revision = None;
    let mut names = vec![LONG.to_owned(), MARKUP.to_owned(), String::new()];
    names.extend((3..15).map(|i| format!("{i:02}-{}", &LONG[3..])));
    results.variants = names.iter().map(|name| variant(name, MARKUP, 1, f64::NAN)).collect();
    results.variants[4].binary.bytes = u64::MAX;
    results.variants[5].command = None;
    results.variants[6].identical_to = Some(MARKUP.to_owned());

    let mut noise = Noise(5);
    let orders = scenario(MARKUP, 0, 0);
    let times = names.iter().enumerate().filter(|(i, _)| *i != 6 && *i != 9).map(|(i, name)| {
        let base = 10f64.powf(i as f64 / 14.0 * 6.0);
        (name.clone(), (0..12).map(|_| base * noise.around_one(0.02)).collect())
    });
    let times: Vec<(String, Vec<f64>)> = times.collect();
    add_metric(&mut results, &orders, Metric::Time, times);
    results.scenarios.push(orders);

    // Same stem of the file name as the one before it.
    let equal = scenario(&MARKUP.replace('*', "/"), u64::MAX, u64::MAX);
    let times = names.iter().take(4).map(|name| (name.clone(), vec![5.0; 12])).collect();
    add_metric(&mut results, &equal, Metric::Time, times);
    results.scenarios.push(equal);

    let one = scenario("one/sample", 10, 1);
    let times = names.iter().take(3).map(|name| (name.clone(), vec![5.0])).collect();
    add_metric(&mut results, &one, Metric::Time, times);
    results.scenarios.push(one);

    let odd = scenario("odd/values", 10, 1);
    for (name, samples) in
        names.iter().zip([vec![0.0, 0.0], vec![f64::MAX, 1.0], vec![f64::NAN, f64::INFINITY]])
    {
        results.cells.push(cell(&odd, name, Metric::Time, samples));
    }
    for (name, ratio) in names.iter().skip(1).zip([f64::NAN, 0.0, f64::INFINITY, 1e-300]) {
        let figures = Figures {
            blocks: 12,
            ratio,
            low: 0.0,
            high: f64::INFINITY,
            coverage: 0.95,
            p: 0.5,
            q: 0.5,
            u: f64::NAN,
            cliffs_delta: f64::NAN,
            floor: f64::INFINITY,
            margin: 0.01,
            blocks_to_settle: Some(u32::MAX),
        };
        results.comparisons.push(Comparison {
            scenario: odd.name.clone(),
            metric: Metric::Time,
            variant: name.clone(),
            label: Label::Inconclusive,
            reason: Some(MARKUP.to_owned()),
            figures: Some(figures),
        });
    }
    add_latency(&mut results, "odd/values", LONG, f64::NAN, [[0; 5], [0; 5]]);
    add_latency(&mut results, "odd/values", MARKUP, f64::INFINITY, [[u64::MAX; 5], [u64::MAX; 5]]);
    add_heap(&mut results, "odd/values", u64::MAX / 4);
    add_memory(&mut results, "odd/values", LONG, 1, 0, 0);
    add_memory(&mut results, "odd/values", MARKUP, 1 << 40, 1, 1 << 50);
    results.scenarios.push(odd);
    results.scenarios.push(scenario("nothing/at/all", 1, 1));
    results.invalid.push(InvalidCell {
        scenario: MARKUP.to_owned(),
        variant: names[9].clone(),
        instrument: Instrument::Clock,
        everywhere: true,
        reason: MARKUP.to_owned(),
    });
    results.skipped.push(Skip {
        what: MARKUP.to_owned(),
        reason: MARKUP.to_owned(),
        remedy: Some(MARKUP.to_owned()),
    });
    results.warnings.push(MARKUP.to_owned());
    results
}

/// Fifteen variants, sixty scenarios, twenty blocks.
pub(crate) fn large() -> Results {
    let mut results = empty("release");
    results.variants = (0..15)
        .map(|i| {
            variant(
                &if i == 0 { "release".to_owned() } else { format!("variant-{i:02}-of-the-large-run") },
                "",
                1000,
                9.0,
            )
        })
        .collect();
    let mut noise = Noise(23);
    for i in 0..60 {
        let facts = scenario(&format!("suite{}/scenario-{i:02}", i / 10), 10 * MIB, 10_000);
        let mut names: Vec<String> = results.variants.iter().map(|v| v.name.clone()).collect();
        names.push("control".to_owned());
        for metric in [Metric::Time, Metric::Anon] {
            let samples = names
                .iter()
                .map(|name| (name.clone(), (0..20).map(|_| 5e7 * noise.around_one(0.02)).collect()));
            let samples = samples.collect();
            add_metric(&mut results, &facts, metric, samples);
        }
        add_heap(&mut results, &facts.name, 3 * MIB);
        for name in names {
            add_memory(&mut results, &facts.name, &name, 3 * MIB, 4 * MIB, MIB);
        }
        results.scenarios.push(facts);
    }
    results
}
