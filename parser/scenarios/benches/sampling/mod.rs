//! criterion's hook for profilers: what `--profile-time` calls around each benchmark.

use criterion::Criterion;

/// With the sampler inside, where this was built with one.
#[cfg(feature = "profile")]
pub(crate) fn arranged(criterion: Criterion) -> Criterion {
    criterion.with_profiler(hook::Sampler(None))
}

/// Without a sampler a profiler from outside can watch: that is said, not left to be guessed.
#[cfg(not(feature = "profile"))]
pub(crate) fn arranged(criterion: Criterion) -> Criterion {
    if std::env::args().any(|argument| argument.starts_with("--profile-time")) {
        eprintln!(
            "no sampler is built in: `cargo bench --features profile -- --profile-time 5` samples, and perf can watch \
             this process"
        );
    }
    criterion
}

#[cfg(feature = "profile")]
mod hook {
    use criterion::profiler::Profiler;
    use harness::subject::profile::Folding;
    use std::path::Path;

    /// Samples a second of CPU time; the kernel may give fewer.
    const FREQUENCY: u64 = 997;

    /// pprof, while it runs.
    pub(crate) struct Sampler(pub(crate) Option<Folding>);

    impl Profiler for Sampler {
        fn start_profiling(&mut self, benchmark: &str, _folder: &Path) {
            self.0 = Folding::begin(FREQUENCY).map_err(|e| eprintln!("{benchmark} is not sampled: {e}")).ok();
        }

        fn stop_profiling(&mut self, benchmark: &str, folder: &Path) {
            let Some(running) = self.0.take() else { return };
            let folded = running.end().unwrap_or_else(|e| panic!("{benchmark}: {e}"));
            let samples: u64 =
                folded.lines().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum();
            let mut options = inferno::flamegraph::Options::default();
            options.title = format!("CPU time of {benchmark}");
            options.subtitle = Some(format!("{samples} samples, criterion's own loop included"));
            let mut svg = Vec::new();
            inferno::flamegraph::from_lines(&mut options, folded.lines(), &mut svg)
                .unwrap_or_else(|e| panic!("drawing the flame graph of {benchmark}: {e}"));
            std::fs::create_dir_all(folder).unwrap_or_else(|e| panic!("making {}: {e}", folder.display()));
            for (name, bytes) in [("stacks.folded", folded.as_bytes()), ("flamegraph.svg", svg.as_slice())] {
                let path = folder.join(name);
                std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("writing {}: {e}", path.display()));
                eprintln!("{}", path.display());
            }
        }
    }
}
