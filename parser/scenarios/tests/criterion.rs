//! criterion and the harness's clock read one and the same loop.

use criterion::Criterion;
use harness::answer::{Answer, Digest};
use harness::subject::{Cell, Error, Prepared, Work};
use std::cell::RefCell;
use std::time::Duration;

/// Counts its runs.
struct Counting(u64);

impl Work for Counting {
    type Output = u64;

    fn run(&mut self, _query: usize) -> Result<u64, Error> {
        self.0 += 1;
        Ok(self.0)
    }

    fn answer(&self, runs: &u64) -> Answer {
        Digest::new().number(*runs).finish()
    }
}

/// What criterion keeps as its raw data is, batch by batch, what the loop gave: the same iterations
/// and the same nanoseconds.
#[test]
fn criterions_samples_are_the_loops_batches() {
    let folder = tempfile::tempdir().expect("a folder");
    let batches = RefCell::new(Vec::new());
    let mut cell = Prepared::new(Counting(0), 1);
    let mut runs = 0;
    Criterion::default()
        .without_plots()
        .output_directory(folder.path())
        .sample_size(10)
        .nresamples(1_000)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(10))
        .bench_function("counting", |bencher| {
            bencher.iter_custom(|iterations| {
                let batch = cell.batch(iterations).expect("it runs");
                runs += iterations;
                assert_eq!(
                    batch.last.1,
                    Digest::new().number(runs).finish(),
                    "exactly the iterations asked for"
                );
                batches.borrow_mut().push((iterations as f64, batch.elapsed.as_nanos() as f64));
                batch.elapsed
            });
        });
    let kept = std::fs::read(folder.path().join("counting/new/sample.json")).expect("criterion's raw data");
    let kept: serde_json::Value = serde_json::from_slice(&kept).expect("JSON");
    let numbers = |key: &str| -> Vec<f64> {
        kept[key].as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect()
    };
    let kept: Vec<(f64, f64)> = numbers("iters").into_iter().zip(numbers("times")).collect();
    let batches = batches.into_inner();
    assert_eq!(kept.len(), 10);
    assert_eq!(
        kept,
        batches[batches.len() - kept.len()..],
        "the last batches; those before were its warm-up"
    );
}
