//! Stacks cut to the work, and the allocator's own frames folded into one.

use super::names::{self, ALLOCATOR, UNROOTED};
use crate::judge::wire::profile::{Frame, Profile, Stack};
use std::collections::{BTreeMap, HashMap};

/// What a measured binary calls in its sampled loop (`subject::profile`): below it lies the work.
const MEASURED_PART: &str = "harness::subject::profile::measured_part";
/// What the harness calls there itself.
const LOOP: &str = "harness::subject::clock::Cell>::repeat";
/// What every thread of Rust's std runs below.
const THREAD: &str = "std::sys::backtrace::__rust_begin_short_backtrace";
const OLDER_THREAD: &str = "std::sys_common::backtrace::__rust_begin_short_backtrace";

/// Raw stacks made ready to be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cut {
    /// Places.
    pub frames: Vec<Frame>,
    /// Stacks of the measured part, each once.
    pub stacks: Vec<Stack>,
    /// Samples that are not of the measured part.
    pub left_out: u64,
    /// Samples in `stacks` whose callers are not known.
    pub unrooted: u64,
}

/// A stack as a sampler met it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raw {
    /// Its frames, the outermost first.
    pub frames: Vec<Frame>,
    /// Samples.
    pub samples: u64,
    /// Is it of a process that the work started? All that such a process does is work.
    pub is_child: bool,
}

/// Cuts raw stacks to the measured part, and gives their functions names that are alike in every build. A stack of the main
/// thread that does not pass through the measured part is left out. One of another thread begins at what the thread runs; one
/// whose outermost frames are missing is kept under a frame that says so.
pub fn measured(raw: impl IntoIterator<Item = Raw>) -> Cut {
    let mut cut = Cut::default();
    let mut gathered = Gathered::default();
    for Raw { frames, samples, is_child } in raw {
        let named = |f: Frame| Frame { function: names::function(&f.function), ..f };
        let mut stack: Vec<Frame> = frames.into_iter().map(named).collect();
        let after = |mark: &str| stack.iter().rposition(|f| f.function.contains(mark)).map(|at| at + 1);
        let is_main = || stack.iter().any(|f| f.function.contains("lang_start") || f.function == "_start");
        let of_thread = after(THREAD).or_else(|| after(OLDER_THREAD));
        let from = if let Some(from) = after(MEASURED_PART) {
            after(LOOP).filter(|&at| at > from).unwrap_or(from)
        } else if is_child && is_main() {
            of_thread.unwrap_or(0)
        } else if is_main() {
            stack.len()
        } else if let Some(from) = of_thread {
            from
        } else {
            cut.unrooted += samples;
            stack.insert(0, Frame { function: UNROOTED.to_owned(), ..Frame::default() });
            0
        };
        if from == stack.len() {
            cut.left_out += samples;
        } else {
            gathered.add(stack.split_off(from), samples);
        }
    }
    (cut.frames, cut.stacks) = gathered.finish();
    cut
}

/// The profile with each way into the allocator, and all below it, as one frame, and lines left out: what pictures and tables
/// are made of. It has all samples: most stacks come once, and without those every share would be of the others alone.
#[must_use]
pub fn folded(profile: &Profile) -> Profile {
    let mut gathered = Gathered::default();
    for stack in &profile.stacks {
        let mut frames: Vec<Frame> = Vec::new();
        for frame in profile.frames_of(stack) {
            let is_allocator = names::is_allocator(&frame.function);
            let function = if is_allocator { ALLOCATOR.to_owned() } else { frame.function.clone() };
            frames.push(Frame { function, ..Frame::default() });
            if is_allocator {
                break;
            }
        }
        gathered.add(frames, stack.samples);
    }
    let (frames, stacks) = gathered.finish();
    Profile { frames, stacks, ..profile.clone() }
}

/// Stacks being gathered, each frame and each stack once.
#[derive(Default)]
struct Gathered {
    places: HashMap<Frame, u32>,
    frames: Vec<Frame>,
    stacks: BTreeMap<Vec<u32>, u64>,
}

impl Gathered {
    fn add(&mut self, stack: Vec<Frame>, samples: u64) {
        let mut places = Vec::with_capacity(stack.len());
        for frame in stack {
            let next = self.frames.len() as u32;
            places.push(*self.places.entry(frame).or_insert_with_key(|frame| {
                self.frames.push(frame.clone());
                next
            }));
        }
        *self.stacks.entry(places).or_default() += samples;
    }

    fn finish(self) -> (Vec<Frame>, Vec<Stack>) {
        let stacks = self.stacks.into_iter().map(|(frames, samples)| Stack { frames, samples });
        (self.frames, stacks.collect())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::judge::wire::Schema;
    use crate::judge::wire::profile::{Origin, Sampler};

    fn frames(names: &[&str]) -> Vec<Frame> {
        names.iter().map(|&name| Frame { function: name.to_owned(), ..Frame::default() }).collect()
    }

    /// A profile of these stacks, as measured, of one iteration of a millisecond for each sample.
    pub(in crate::judge::profile) fn profile(stacks: &[(&[&str], u64)]) -> Profile {
        let stacks: Vec<(Vec<Frame>, u64)> =
            stacks.iter().map(|(names, samples)| (frames(names), *samples)).collect();
        let mut gathered = Gathered::default();
        let samples: u64 = stacks.iter().map(|(_, samples)| samples).sum();
        for (stack, samples) in stacks {
            gathered.add(stack, samples);
        }
        let (frames, stacks) = gathered.finish();
        Profile {
            schema: Schema::new("assay.profile", 1),
            origin: Origin::default(),
            scenario: "a/b".to_owned(),
            variant: "v".to_owned(),
            sampler: Sampler::Pprof,
            asked_hz: 1000,
            elapsed_ns: samples * 1_000_000,
            cpu_ns: samples * 1_000_000,
            iterations: samples,
            left_out: 0,
            unrooted: 0,
            frames,
            stacks,
        }
    }

    fn told(frames: &[Frame], stacks: &[Stack]) -> Vec<(String, u64)> {
        let name = |place: &u32| frames[*place as usize].function.as_str();
        let line = |s: &Stack| (s.frames.iter().map(name).collect::<Vec<_>>().join(";"), s.samples);
        let mut all: Vec<_> = stacks.iter().map(line).collect();
        all.sort();
        all
    }

    #[test]
    fn stacks_begin_at_the_work_and_what_is_not_work_is_counted() {
        let main = ["_start", "std::rt::lang_start", "scenarios::main", MEASURED_PART];
        let work =
            [&main[..], &["<P as harness::subject::clock::Cell>::repeat", "work::run", "deep"]].concat();
        let other =
            [&main[..], &["<P as harness::subject::clock::Cell>::repeat", "work::run::h0123456789abcdef"]]
                .concat();
        let raw = [
            (frames(&work), 5),
            (frames(&other), 1),
            (frames(&["_start", "std::rt::lang_start", "read_the_file"]), 7),
            (frames(&main), 1),
            (frames(&["clone", THREAD, "work::part"]), 3),
            (frames(&["memcpy"]), 2),
        ];
        let raw = raw.map(|(frames, samples)| Raw { frames, samples, is_child: false });
        let child =
            Raw { frames: frames(&["_start", "main", THREAD, "logs::main"]), samples: 4, is_child: true };
        let cut = measured(raw.into_iter().chain([child]));
        assert_eq!((cut.left_out, cut.unrooted), (8, 2));
        let expected = [
            ("[callers not known];memcpy", 2),
            ("logs::main", 4),
            ("work::part", 3),
            ("work::run", 1),
            ("work::run;deep", 5),
        ];
        assert_eq!(told(&cut.frames, &cut.stacks), expected.map(|(stack, n)| (stack.to_owned(), n)));
    }

    #[test]
    fn the_allocators_insides_are_one_frame() {
        let profile = profile(&[
            (&["run", "alloc::alloc::alloc", "__rust_alloc", "malloc", "_int_malloc"], 4),
            (&["run", "mi_malloc", "mi_page_fresh"], 2),
            (&["run"], 94),
        ]);
        let folded = folded(&profile);
        let expected = [("run".to_owned(), 94), ("run;[allocator]".to_owned(), 6)];
        assert_eq!(told(&folded.frames, &folded.stacks), expected);
    }

    #[test]
    fn a_stack_that_came_once_is_a_sample_like_others() {
        let names: Vec<String> = (0..3000).map(|n| format!("rare_{n}")).collect();
        let rare: Vec<[&str; 2]> = names.iter().map(|name| ["run", name]).collect();
        let stacks: Vec<(&[&str], u64)> = rare.iter().map(|stack| (&stack[..], 1)).collect();
        let folded = folded(&profile(&stacks));
        assert_eq!((folded.samples(), folded.stacks.len()), (3000, 3000));
    }
}
