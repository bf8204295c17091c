//! Profiles in the forms that others open, and as pictures, tables and words.

use crate::fixture;
use harness::judge::wire::Schema;
use harness::judge::wire::profile::{
    Frame, HeapStory, Memory, Origin, Profile, Profiles, RssStory, Sampler, Series, Site, Stack,
};
use harness::judge::wire::results::Skip;
use harness::judge::wire::sample::{Heap, Pages, Rss};
use reports::charts::{Style, Theme, heap_over_time, rss_over_time};
use reports::{html, profiles, summary};
use std::collections::BTreeMap;

/// Markup, a semicolon and an escape in names: they are data.
const NASTY: &str = "<b>run</b>::<[u8; 4]>\u{1b}";

fn origin() -> Origin {
    Origin { run: "r1".to_owned(), began: "2026-01-01T00:00:00Z".to_owned(), ..Origin::default() }
}

fn profile(variant: &str, deep: u64) -> Profile {
    let frame = |function: &str, line| Frame {
        function: function.to_owned(),
        file: "src/a.rs".to_owned(),
        line,
        inlined: line == 9,
    };
    Profile {
        schema: Schema::new("assay.profile", 1),
        origin: origin(),
        scenario: "suite/<i>one</i>".to_owned(),
        variant: variant.to_owned(),
        sampler: Sampler::Pprof,
        asked_hz: 997,
        elapsed_ns: 4_000_000_000,
        cpu_ns: 4_000_000_000,
        iterations: 100,
        left_out: 10,
        unrooted: 0,
        frames: vec![frame(NASTY, 3), frame("deep", 9), frame("malloc", 0), frame("_int_malloc", 0)],
        stacks: vec![
            Stack { frames: vec![0], samples: 500 },
            Stack { frames: vec![0, 1], samples: deep },
            Stack { frames: vec![0, 2, 3], samples: 90 },
        ],
    }
}

fn memory() -> Memory {
    let pages = |anon| Pages { anon, file: 4096, shmem: 0 };
    Memory {
        schema: Schema::new("assay.memory", 1),
        origin: origin(),
        scenario: "suite/two".to_owned(),
        variant: "heap".to_owned(),
        heap: Some(HeapStory {
            reading: Heap {
                total_bytes: 3000,
                total_blocks: 3,
                peak_bytes: 2000,
                peak_blocks: 2,
                end_bytes: 1000,
                end_blocks: 1,
            },
            sites: vec![Site {
                frame: Frame { function: NASTY.to_owned(), ..Frame::default() },
                total_bytes: 3000,
                total_blocks: 3,
                peak_bytes: 2000,
                end_bytes: 1000,
                own_bytes: 3000,
            }],
            sites_in_all: 1,
            series: Series { began_ns: 0, ended_ns: 9, points: vec![(1, 1000, 1000), (2, 3000, 2000)] },
        }),
        rss: Some(RssStory {
            reading: Rss { before: pages(8192), after: pages(16384), peak: 24576, peak_was_reset: true },
            series: Series {
                began_ns: 50,
                ended_ns: 90,
                points: vec![(10, 90_000, 4096), (60, 8192, 4096), (80, 16384, 4096)],
            },
        }),
    }
}

fn all() -> Profiles {
    Profiles {
        reference: "release".to_owned(),
        cpu: vec![profile("release", 200), profile("other", 10)],
        memory: vec![memory()],
        absent: vec![Skip {
            what: "perf".to_owned(),
            reason: "no <perf>".to_owned(),
            remedy: Some("get it".to_owned()),
        }],
        ..Profiles::default()
    }
}

#[test]
fn folded_stacks_keep_their_frames_apart() {
    let text = profiles::folded(&profile("release", 200));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().any(|line| line.ends_with(";deep 200")), "{text}");
    assert!(lines.iter().all(|line| !line.contains("; 4") && !line.contains('\u{1b}')), "{text}");
}

/// The fields of a protocol buffer's message: numbers and what has a length.
fn fields(mut bytes: &[u8]) -> BTreeMap<u64, Vec<(u64, &[u8])>> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&first, rest) = bytes.split_first().expect("a byte");
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first < 0x80 {
                break;
            }
        }
        value
    }
    let mut fields: BTreeMap<u64, Vec<(u64, &[u8])>> = BTreeMap::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let number = varint(&mut bytes);
        let inner = match key & 7 {
            0 => &[],
            2 => {
                let (inner, rest) = bytes.split_at(number as usize);
                bytes = rest;
                inner
            }
            other => panic!("wire type {other}"),
        };
        fields.entry(key >> 3).or_default().push((number, inner));
    }
    fields
}

#[test]
fn pprofs_file_says_what_the_profile_says() {
    let bytes = profiles::pprof(&profile("release", 200));
    let file = fields(&bytes);
    let strings: Vec<&str> = file[&6].iter().map(|(_, s)| std::str::from_utf8(s).expect("text")).collect();
    assert_eq!(strings[0], "");
    let function_names: Vec<&str> =
        file[&5].iter().map(|(_, f)| strings[fields(f)[&2][0].0 as usize]).collect();
    assert_eq!(function_names, [NASTY, "deep", "malloc", "_int_malloc"]);
    assert_eq!(file[&2].len(), 3);
    // Packed: the innermost place first, then the two values.
    let sample = fields(file[&2][1].1);
    assert_eq!(sample[&1][0].1, [2, 1]);
    let period = file[&12][0].0;
    assert_eq!(period, 4_000_000_000 / 800);
    let location = fields(file[&4][1].1);
    let line = fields(location[&4][0].1);
    assert_eq!((line[&1][0].0, line[&2][0].0), (2, 9));
}

#[test]
fn speedscopes_file_adds_up() {
    let value: serde_json::Value =
        serde_json::from_str(&profiles::speedscope(&profile("release", 200))).expect("JSON");
    let sampled = &value["profiles"][0];
    let weights: u64 =
        sampled["weights"].as_array().expect("weights").iter().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(sampled["endValue"].as_u64(), Some(weights));
    assert_eq!(value["shared"]["frames"][1]["line"], 9);
    assert_eq!(sampled["samples"].as_array().map(Vec::len), Some(3));
}

#[test]
fn flame_graphs_fold_the_allocator_and_obey_no_markup() {
    let svg = profiles::flame(&profile("release", 200)).expect("drawn");
    assert!(svg.contains("[allocator]") && !svg.contains("_int_malloc"));
    assert!(!svg.contains("<b>run</b>") && !svg.contains("<i>one</i>"));
    assert!(svg.contains("790 samples") && svg.contains("asked for 997"));
    assert_eq!(svg, profiles::flame(&profile("release", 200)).expect("drawn"), "the same bytes each time");
    let (_, style) = svg.split_once("<style").expect("a style sheet");
    let (style, _) = style.split_once("</style>").expect("its end");
    assert!(style.contains("@media screen and (prefers-color-scheme:dark)"), "{style}");
    assert!(style.contains("font-family:sans-serif"), "a family that every viewer has: {style}");
    // What the sheet turns dark is there under these names.
    for part in ["id=\"background\"", "id=\"title\"", "id=\"subtitle\"", "id=\"details\"", "id=\"frames\""] {
        assert!(svg.contains(part), "{part}");
    }
    let none = Profile { stacks: Vec::new(), ..profile("release", 200) };
    assert!(profiles::flame(&none).is_err_and(|why| why.contains("no samples")));
    assert!(profiles::flame_difference(&none, &profile("other", 1)).is_err());
    assert!(profiles::flame_difference(&profile("release", 200), &none).is_err());
}

#[test]
fn the_page_and_the_words_tell_changes_blind_spots_and_gaps() {
    let page = html::profiles::page(&all(), "r1");
    assert!(!page.contains("<b>run</b>") && !page.contains("<i>one</i>") && !page.contains("no <perf>"));
    for words in [
        "Differential flame graph",
        "data:image/svg+xml;base64,",
        "not what C asks for",
        "get it",
        "that peak is not the work",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let text = profiles::markdown(&all());
    assert!(text.contains("from `release` to `other`") && text.contains("| `deep` |"), "{text}");
    assert!(text.contains("no &lt;perf&gt;"));
    let told = profiles::terminal(&all());
    assert!(told.contains("from release to other") && !told.contains('\u{1b}'), "{told}");
    // 200 of 790 samples of a 40 ms iteration, then 10 of 600: far past chance.
    assert!(told.contains("−9.46 ms   25.3 % then   1.7 % * deep"), "{told}");
    // All of the samples are the work's on either side: what it takes more or less is shown, and no share of it is told.
    let mut slower = all();
    let other = slower.cpu.iter_mut().find(|profile| profile.variant == "other").expect("the other");
    other.cpu_ns *= 3;
    let told = profiles::terminal(&slower);
    let whole = told.lines().find(|line| line.contains("100.0 % then 100.0 %")).expect("the whole");
    assert!(whole.trim_start().starts_with('+') && !whole.contains('*'), "{whole}");
    for words in
        ["| −9.46 ms | −9.46 ms | 25.3 % | 1.7 % |", "Past chance is what takes another share of the samples"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn the_summary_of_a_run_has_its_profiles() {
    let mut results = fixture::rich();
    assert!(!summary::markdown(&results).contains("## Profiles"), "nothing was profiled");
    results.profiles = all();
    let text = summary::markdown(&results);
    let part = text.split("\n## ").find(|part| part.starts_with("Profiles")).expect("the section");
    for words in [
        "### ",
        "from `release` to `other`",
        "| `deep` |",
        "The story of memory",
        "#### Heap of",
        "no &lt;perf&gt;",
    ] {
        assert!(part.contains(words), "{words:?} is not in {part}");
    }
    assert!(part.trim_end().ends_with("</details>") && part.matches("<details>").count() == 1, "{part}");
}

/// What is changed of where a profile is from, and what is said of it.
type Other = (fn(&mut Origin), &'static str);

#[test]
fn profiles_of_something_else_than_the_run_are_told() {
    let mut results = fixture::rich();
    let scenario = results.scenarios[0].clone();
    let of_the_run = Origin {
        revision: results.provenance.revision.clone(),
        dirty: results.provenance.dirty,
        compiler: "rustc 1.95.0 (59807616e 2026-04-14)".to_owned(),
        corpus: scenario.corpus,
        corpus_sha256: scenario.corpus_sha256,
        ..origin()
    };
    let others: [Other; 5] = [
        (|_| (), ""),
        (
            |origin| origin.compiler = "rustc 1.96.0 (x)".to_owned(),
            "but built by rustc 1.96.0 (x), not by rustc 1.95.0",
        ),
        (|origin| origin.dirty = false, "but of other sources (1f19475)"),
        (
            |origin| origin.revision = None,
            "but of other sources (no revision known with uncommitted changes)",
        ),
        (|origin| origin.corpus_sha256 = "ab".repeat(32), "but on other corpora of the names cdn"),
    ];
    for (change, told) in others {
        let mut profile = Profile { scenario: scenario.name.clone(), ..profile("release", 10) };
        profile.origin = of_the_run.clone();
        change(&mut profile.origin);
        results.profiles = Profiles { cpu: vec![profile], ..Profiles::default() };
        for text in [summary::markdown(&results), html::page(&results)] {
            assert_eq!(text.contains("their times are not those of the run"), !told.is_empty(), "{told}");
            let plain = text.replace('\\', "").replace("&#40;", "(").replace("&#41;", ")");
            assert!(plain.contains(told), "{told:?} is not in {plain}");
        }
    }
}

#[test]
fn pairs_are_with_the_reference_or_with_the_same_variant_at_another_revision() {
    let named = |all: &Profiles| -> Vec<(String, String)> {
        let pairs = profiles::pairs(all);
        pairs.into_iter().map(|(a, b)| (a.variant.clone(), b.variant.clone())).collect()
    };
    assert_eq!(named(&all()), [("release".to_owned(), "other".to_owned())]);
    let mut revisions = all();
    revisions.cpu.push(profile("release@main", 1));
    let expected = [("release@main", "release"), ("release", "other")];
    assert_eq!(named(&revisions), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn nothing_is_drawn_above_the_high_water_mark_of_what_it_is_of() {
    let mark = |peak: u64, peak_was_reset: bool| {
        let mut memory = memory();
        let rss = memory.rss.as_mut().expect("resident memory");
        (rss.reading.peak, rss.reading.peak_was_reset) = (peak, peak_was_reset);
        let about = rss_over_time(&memory, &Style::from(Theme::Light)).expect("drawn").about;
        let all = Profiles { memory: vec![memory], ..Profiles::default() };
        let text = profiles::markdown(&all) + &profiles::terminal(&all);
        let figure = format!("high-water mark {}", if peak_was_reset { "20.0 KiB" } else { "91.9 KiB" });
        (about, text.matches(&figure).count())
    };
    // Five pages were seen in the measured part, and far more before it.
    let (about, told) = mark(16384, true);
    assert!(about.contains(
        "mark of the measured part: 20.0 KiB. So much was seen; the kernel's own mark says 16.0 KiB"
    ));
    assert_eq!(told, 2, "on the page and in the terminal");
    let (about, told) = mark(20480, true);
    assert!(about.contains("mark of the measured part: 20.0 KiB. What lies before"), "{about}");
    assert_eq!(told, 2);
    let (about, told) = mark(20480, false);
    assert!(about.contains("would not reset it): 91.9 KiB. So much was seen"), "{about}");
    assert_eq!(told, 2);
}

#[test]
fn memory_over_time_is_drawn_or_said_to_be_absent() {
    let memory = memory();
    let rss = rss_over_time(&memory, &Style::from(Theme::Light)).expect("drawn");
    assert!(rss.svg.contains("high-water mark") && rss.about.contains("24.0 KiB"));
    let heap = heap_over_time(&memory, &Style::from(Theme::Dark)).expect("drawn");
    assert!(
        heap.svg.contains("asked for so far") && heap.about.contains("2.00 KiB")
            || heap.about.contains("1.95 KiB")
    );
    let mut unseen = memory.clone();
    unseen.heap = None;
    if let Some(rss) = &mut unseen.rss {
        rss.series.points.clear();
    }
    assert!(
        heap_over_time(&unseen, &Style::from(Theme::Auto))
            .is_err_and(|why| why.to_string().contains("was not read"))
    );
    assert!(
        rss_over_time(&unseen, &Style::from(Theme::Auto))
            .is_err_and(|why| why.to_string().contains("over before"))
    );
}
