//! Steps and creeping are found where they were planted, and hardly ever where nothing was.

use harness::judge::order::Seed;
use harness::judge::steps::{Change, MIN_CHANGES, stretches, sum};
use proptest::prelude::*;

/// Numbers from a seed.
struct Draws(Seed);

impl Draws {
    fn share(&mut self) -> f64 {
        self.0.below(1 << 30) as f64 / f64::from(1 << 30)
    }

    /// From the normal distribution (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let (radius, angle) =
            ((-2.0 * (1.0 - self.share()).ln()).sqrt(), std::f64::consts::TAU * self.share());
        radius * angle.cos()
    }
}

/// What a run says of its own noise.
const SD: f64 = 0.004;

/// A series: what was planted, and normal noise, `wider` than the runs know. A run tells apart what is past 3 of its
/// sd.
fn series(planted: &[f64], wider: f64, seed: u64) -> Vec<Change> {
    let mut draws = Draws(Seed::new(seed));
    let change = |planted: &f64| {
        let ln_ratio = planted + SD * wider * draws.normal();
        Change { ln_ratio, sd: SD, told_apart: ln_ratio.abs() > 3.0 * SD }
    };
    planted.iter().map(change).collect()
}

#[test]
fn in_noise_alone_hardly_any_stretch_is_found() {
    for (n, wider, of) in
        [(8, 1.0, 1000), (30, 1.0, 1000), (100, 1.0, 100), (8, 3.0, 1000), (30, 3.0, 1000), (100, 3.0, 100)]
    {
        let found = (0..of).filter(|&seed| !stretches(&series(&vec![0.0; n], wider, seed)).is_empty());
        let found = found.count();
        let allowed = if wider > 1.0 { of / 100 } else { of / 200 };
        println!("{n} changes, noise {wider} times as wide as the runs know: {found} of {of} series");
        assert!(found as u64 <= allowed, "{n} changes, {wider}: {found} of {of}");
    }
}

/// How many constant pieces fit a level best, by least squares, each at the cost of what a stretch costs.
fn pieces(level: &[f64]) -> usize {
    let penalty = 2.0 * (level.len() as f64).ln() + 11.0;
    let mut best = vec![(0.0_f64, 0_usize)];
    for end in 1..=level.len() {
        let fitted = (0..end).map(|first| {
            let of = &level[first..end];
            let mean = of.iter().sum::<f64>() / of.len() as f64;
            let squares: f64 = of.iter().map(|value| ((value - mean) / SD).powi(2)).sum();
            (best[first].0 + squares + penalty, best[first].1 + 1)
        });
        best.extend(fitted.min_by(|a, b| a.0.total_cmp(&b.0)));
    }
    best.last().map_or(0, |last| last.1)
}

/// Why the pieces are sought among the changes and not in the level that they chain to.
#[test]
fn constant_pieces_of_the_chained_level_would_be_found_in_noise_alone() {
    for n in [20, 40] {
        let with_steps = |chained: bool| {
            let of_seed = |seed: &u64| {
                let changes = series(&vec![0.0; n], 1.0, *seed);
                let mut sum = 0.0;
                let level = changes.iter().map(|change| {
                    sum = change.ln_ratio + if chained { sum } else { 0.0 };
                    sum
                });
                pieces(&level.collect::<Vec<f64>>()) > 1
            };
            (0..200).filter(of_seed).count()
        };
        let (read_anew, chained) = (with_steps(false), with_steps(true));
        println!(
            "{n} commits of noise, fitted by pieces: read anew {read_anew}, chained {chained} of 200 series"
        );
        assert!(read_anew <= 2 && chained >= 100, "{n}: {read_anew} {chained}");
    }
}

/// One wild run in twenty, five times as wide: no run by itself tells it apart.
#[test]
fn wild_runs_are_no_creeping() {
    let found = (0..1000).filter(|&seed| {
        let mut draws = Draws(Seed::new(10_000 + seed));
        let mut changes = series(&[0.0; 40], 1.0, seed);
        for change in &mut changes {
            change.told_apart = false;
            if draws.share() < 0.05 {
                change.ln_ratio *= 5.0;
            }
        }
        !stretches(&changes).is_empty()
    });
    let found = found.count();
    println!("wild runs: {found} of 1000 series");
    assert!(found <= 10, "{found} of 1000");
}

#[test]
fn a_step_is_found_at_its_commit_and_creeping_about_where_it_began() {
    let (mut steps, mut creeps) = (0, 0);
    for seed in 0..200 {
        let mut planted = [0.0; 40];
        planted[25] = 0.03;
        let found = stretches(&series(&planted, 1.0, seed));
        steps += usize::from(found.iter().any(|s| s.first == 25 && s.last == 25 && s.ln_ratio > 0.0));
        planted = [0.0; 40];
        planted[20..36].fill(0.007);
        let found = stretches(&series(&planted, 1.0, seed));
        creeps += usize::from(found.iter().any(|s| s.first.abs_diff(20) <= 5 && s.last.abs_diff(35) <= 5));
    }
    println!("a step of 3 %: {steps} of 200; 16 times 0.7 %: {creeps} of 200");
    assert!(steps >= 185, "{steps} of 200");
    assert!(creeps >= 150, "{creeps} of 200");
}

#[test]
fn few_changes_and_broken_ones_say_nothing() {
    let mut changes = series(&[0.1; MIN_CHANGES - 1], 1.0, 1);
    assert!(stretches(&changes).is_empty());
    assert!(stretches(&[]).is_empty() && sum(&changes, 3..99).is_none());
    changes = vec![Change { ln_ratio: 0.01, sd: SD, told_apart: false }; MIN_CHANGES];
    assert_eq!(stretches(&changes).len(), 1, "all of them");
    changes[3].sd = 0.0;
    assert!(stretches(&changes).is_empty());
    changes[3] = Change { ln_ratio: f64::NAN, sd: 1.0, told_apart: true };
    assert!(stretches(&changes).is_empty());
}

/// What the dynamic programming gains, computed the plain way: over every choice of stretches.
fn brute(changes: &[Change], from: usize, gain: &dyn Fn(usize, usize) -> f64) -> f64 {
    if from >= changes.len() {
        return 0.0;
    }
    let mut best = brute(changes, from + 1, gain);
    for last in from..changes.len() {
        best = best.max(gain(from, last) + brute(changes, last + 1, gain));
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any number of stretches, whatever the changes: in order, apart from each other, and the best there are.
    #[test]
    fn the_stretches_are_the_best_choice(
        raw in prop::collection::vec((-0.05..0.05f64, any::<bool>()), 8..11)
    ) {
        let changes: Vec<Change> =
            raw.iter().map(|&(ln_ratio, told_apart)| Change { ln_ratio, sd: SD, told_apart }).collect();
        let found = stretches(&changes);
        prop_assert!(found.windows(2).all(|pair| pair[0].last < pair[1].first));
        let (_, one) = sum(&changes, 0..1).expect("one");
        let spread = one / SD;
        let penalty = 2.0 * (changes.len() as f64).ln() + 11.0;
        let gain = |first: usize, last: usize| {
            let z = |c: &Change| c.ln_ratio / (SD * spread);
            let of = &changes[first..=last];
            if let [alone] = of {
                if alone.told_apart { z(alone).powi(2) - penalty } else { f64::NEG_INFINITY }
            } else {
                of.iter().map(|c| z(c).clamp(-3.0, 3.0)).sum::<f64>().powi(2) / of.len() as f64 - penalty
            }
        };
        let mine: f64 = found.iter().map(|s| gain(s.first, s.last)).sum();
        let best = brute(&changes, 0, &gain);
        prop_assert!((mine - best).abs() < 1e-6, "{mine} {best}");
    }

    /// Twice as slow in the other direction is twice as fast: signs do not matter.
    #[test]
    fn less_is_found_as_more_is(planted in prop::collection::vec(-0.03..0.03f64, 8..40), seed in 0..1000u64) {
        let changes = series(&planted, 1.0, seed);
        let turned: Vec<Change> =
            changes.iter().map(|c| Change { ln_ratio: -c.ln_ratio, ..*c }).collect();
        let places = |changes: &[Change]| -> Vec<(usize, usize)> {
            stretches(changes).iter().map(|s| (s.first, s.last)).collect()
        };
        prop_assert_eq!(places(&changes), places(&turned));
    }
}
