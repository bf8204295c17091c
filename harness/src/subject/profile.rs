//! The instrument `profile`: where the work spends its CPU time.
//!
//! The work is repeated for some seconds of CPU time in a build of its own, with symbols, under a sampler. With the feature `pprof` the
//! sampler is the crate of that name: a timer counts the CPU time of all threads (setitimer(2), `ITIMER_PROF`) and interrupts
//! the one that runs; the stack is unwound by framehop, from unwind tables, in the signal's handler. The kernel caps the rate
//! at its own ticks (`CONFIG_HZ`). Without a rate nothing samples, and a profiler from outside (perf) can watch the same loop.
//!
//! A process that the work starts is not sampled: it has a timer of its own.

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use super::usage::Usage;
use crate::answer::Answer;
use std::time::{Duration, Instant};

/// How long a stretch of iterations between two looks at the clock is to take.
const STRETCH: Duration = Duration::from_millis(20);

/// What is sampled. Its name is looked for in stacks: what is above it is the work (`judge::profile`).
#[inline(never)]
fn measured_part(cell: &mut dyn Cell, iterations: u64) -> Result<(), Error> {
    cell.repeat(iterations)?;
    // Keeps the call from being a jump, which would leave no frame.
    std::hint::black_box(());
    Ok(())
}

/// A work that sleeps, or a machine that does other work, is waited for so many times as long as CPU time is asked for.
const PATIENCE: u32 = 8;

/// Repeats the work for `time` of CPU, sampled at `frequency` a second of it; 0 samples nothing.
pub(super) fn read(
    cell: &mut dyn Cell,
    time: Duration,
    frequency: u64,
) -> Result<(Vec<Answer>, Object), Error> {
    let answers: Vec<Answer> =
        (0..cell.queries()).map(|query| cell.once(query, &mut || ())).collect::<Result<_, _>>()?;
    let stretch = super::clock::calibrate(cell, STRETCH)?;
    let sampling = if frequency > 0 { Some(sampler::Sampling::begin(frequency)?) } else { None };
    let (before, start) = (Usage::now(), Instant::now());
    let mut iterations = 0;
    let (elapsed, used) = loop {
        measured_part(cell, stretch)?;
        iterations += stretch;
        let (elapsed, used) = (start.elapsed(), Usage::now().since(before));
        if u128::from(used.cpu_ns) >= time.as_nanos() || elapsed >= time * PATIENCE {
            break (elapsed, used);
        }
    };
    let sampled = sampling.map(sampler::Sampling::end).transpose()?.unwrap_or_default();
    let reading = Object::new()
        .number("frequency", frequency)
        .number("elapsed_ns", elapsed.as_nanos() as u64)
        .number("cpu_ns", used.cpu_ns)
        .number("iterations", iterations)
        .objects("frames", sampled.frames.iter().map(Frame::object))
        .objects("stacks", sampled.stacks.iter().map(Stack::object));
    Ok((answers, reading))
}

/// Stacks that were sampled: each names its frames by their places in `frames`, the outermost first.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    frames: Vec<Frame>,
    stacks: Vec<Stack>,
}

/// A place in the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "pprof"), allow(dead_code, reason = "only a sampler makes one"))]
struct Frame {
    function: String,
    file: String,
    line: u32,
    inlined: bool,
}

impl Frame {
    fn object(&self) -> Object {
        Object::new()
            .text("function", &self.function)
            .text("file", &self.file)
            .number("line", u64::from(self.line))
            .boolean("inlined", self.inlined)
    }
}

/// How often a stack was met.
#[derive(Debug)]
#[cfg_attr(not(feature = "pprof"), allow(dead_code, reason = "only a sampler makes one"))]
struct Stack {
    frames: Vec<u64>,
    samples: u64,
}

impl Stack {
    fn object(&self) -> Object {
        Object::new().numbers("frames", self.frames.iter().copied()).number("samples", self.samples)
    }
}

#[cfg(feature = "pprof")]
pub use sampler::Folding;

#[cfg(not(feature = "pprof"))]
mod sampler {
    use super::{Error, Sampled};

    /// There is no sampler in this build.
    pub(super) enum Sampling {}

    impl Sampling {
        pub(super) fn begin(_frequency: u64) -> Result<Self, Error> {
            Err("this build has no sampler: a profile is taken of a build of its own, with the feature pprof"
                .into())
        }

        pub(super) fn end(self) -> Result<Sampled, Error> {
            match self {}
        }
    }
}

#[cfg(feature = "pprof")]
mod sampler {
    use super::{Error, Frame, Sampled, Stack};
    use pprof::{ProfilerGuard, Symbol};
    use std::collections::{BTreeMap, HashMap};
    use std::fmt::Write as _;

    /// pprof counts two stacks as one whose return addresses lie in the same *functions*, by this symbol, and resolves the
    /// first of them for all: then every sample of a function goes to whatever was inlined at the first. With addresses
    /// taken as they are, each is resolved by itself. It also keeps the handler from libgcc's lock.
    ///
    /// A static libunwind can't be overridden so; [`is_exact`] says that inlined frames are not to be trusted there.
    #[cfg(target_env = "gnu")]
    #[unsafe(no_mangle)]
    #[expect(unsafe_code, reason = "the only way to override a symbol")]
    extern "C" fn _Unwind_FindEnclosingFunction(pc: *mut std::ffi::c_void) -> *mut std::ffi::c_void {
        pc
    }

    /// Is each address resolved by itself, so that inlined frames are right?
    const fn is_exact() -> bool {
        cfg!(target_env = "gnu")
    }

    /// A running sampler.
    pub(super) struct Sampling(ProfilerGuard<'static>);

    impl Sampling {
        pub(super) fn begin(frequency: u64) -> Result<Self, Error> {
            let frequency = i32::try_from(frequency)
                .ok()
                .filter(|frequency| (1..=10_000).contains(frequency))
                .ok_or("--frequency is from 1 to 10000 a second")?;
            let guard = ProfilerGuard::new(frequency).map_err(|e| format!("starting the sampler: {e}"))?;
            Ok(Self(guard))
        }

        pub(super) fn end(self) -> Result<Sampled, Error> {
            let report = self.0.report().build().map_err(|e| format!("reading the samples: {e}"))?;
            let mut frames: Vec<Frame> = Vec::new();
            let mut places: HashMap<Frame, u64> = HashMap::new();
            // In an order that does not depend on the map of the crate.
            let mut stacks: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
            let mut sampled: Vec<_> = report.data.into_iter().collect();
            sampled.sort_by_cached_key(|(key, _)| format!("{key:?}"));
            for (key, count) in sampled {
                let mut stack: Vec<u64> = Vec::new();
                // The innermost comes first, and so it does among the functions that were inlined at one address.
                for resolved in key.frames.iter().rev() {
                    let last = resolved.len().saturating_sub(1);
                    for (place, symbol) in resolved.iter().enumerate().rev() {
                        let inlined = place < last;
                        if inlined && !is_exact() {
                            continue;
                        }
                        let frame = frame(symbol, inlined);
                        let next = frames.len() as u64;
                        let place = *places.entry(frame).or_insert_with_key(|frame| {
                            frames.push(frame.clone());
                            next
                        });
                        stack.push(place);
                    }
                }
                *stacks.entry(stack).or_default() += count.unsigned_abs() as u64;
            }
            let stacks = stacks.into_iter().map(|(frames, samples)| Stack { frames, samples }).collect();
            Ok(Sampled { frames, stacks })
        }
    }

    fn frame(symbol: &Symbol, inlined: bool) -> Frame {
        Frame {
            function: symbol.name(),
            file: symbol.filename.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
            line: symbol.lineno.unwrap_or_default(),
            inlined,
        }
    }

    /// A sampler for other loops than the harness's own, such as criterion's: it gives folded stacks.
    pub struct Folding(Sampling);

    impl Folding {
        /// Begins to sample this process so often a second of CPU time.
        ///
        /// # Errors
        /// The sampler runs already, or the timer can't be set.
        pub fn begin(frequency: u64) -> Result<Self, Error> {
            Ok(Self(Sampling::begin(frequency)?))
        }

        /// Ends it: a line for each stack, its frames from the outermost on with semicolons between, and its samples.
        ///
        /// # Errors
        /// The samples can't be read.
        pub fn end(self) -> Result<String, Error> {
            let Sampled { frames, stacks } = self.0.end()?;
            let mut text = String::new();
            for Stack { frames: places, samples } in stacks {
                let names: Vec<String> =
                    places.iter().map(|&place| frames[place as usize].function.replace(';', ":")).collect();
                // Writing to a String can't fail.
                let _ = writeln!(text, "{} {samples}", names.join(";"));
            }
            Ok(text)
        }
    }

    impl std::fmt::Debug for Folding {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Folding")
        }
    }
}
