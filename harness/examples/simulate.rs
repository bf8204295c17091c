//! Prints the tables of `reports/simulation.md`, in some minutes.
//!
//! `cargo run --release --package harness --example simulate --features judge`

use harness::judge::label::Label;
use harness::judge::simulate::gate::MadeUpGate;
use harness::judge::simulate::run::{alike, coverage, settled};
use harness::judge::simulate::{Noise, Tally};

/// Comparisons of one family.
const FAMILY: usize = 60;
/// Runs behind each figure.
const RUNS: u64 = 20;
/// The numbers of blocks: quick and standard, gate, publish.
const BLOCKS: [u32; 3] = [12, 20, 30];
/// Comparisons of a gate, and how often it is simulated.
const GATED: usize = 100;
const GATES: u64 = 200;

fn main() {
    labels();
    println!();
    intervals();
    println!();
    gates();
    println!();
    settling();
}

fn labels() {
    println!(
        "| noise | nothing changed | of that, called *no change* | 2 % | 5 % | 10 % | 5 % in one of 60 |"
    );
    println!("|---|---|---|---|---|---|---|");
    let (mut strongest, mut unstable, mut all) = (0, 0, 0);
    for (words, noise) in Noise::ALL {
        let mut same = [(0.0, 0.0); 3];
        for (figures, blocks) in same.iter_mut().zip(BLOCKS) {
            let tally = Tally::of_runs(RUNS, &alike(FAMILY, 1.0, blocks), 1, noise);
            strongest += tally.of(&[Label::Definitive, Label::High]);
            unstable += tally.of(&[Label::Unstable]);
            all += tally.all();
            *figures = (tally.percent(tally.told_apart()), tally.percent(tally.of(&[Label::NoChange])));
        }
        let found = |factor: f64| {
            BLOCKS.map(|blocks| {
                let tally = Tally::of_runs(RUNS, &alike(FAMILY, factor, blocks), 1, noise);
                tally.percent(tally.told_apart())
            })
        };
        let alone = BLOCKS.map(|blocks| {
            let mut scenarios = alike(FAMILY, 1.0, blocks);
            scenarios[0].factor = 1.05;
            let tally = Tally::of_runs(RUNS * 5, &scenarios, FAMILY, noise);
            tally.percent(tally.told_apart())
        });
        println!(
            "| {words} | {} | {} | {} | {} | {} | {} |",
            figures(same.map(|(apart, _)| apart)),
            figures(same.map(|(_, no_change)| no_change)),
            figures(found(1.02)),
            figures(found(1.05)),
            figures(found(1.10)),
            figures(alone)
        );
    }
    println!();
    println!(
        "Of {all} comparisons in which nothing had changed, {strongest} were labelled definitive or high, and {unstable} unstable."
    );
}

fn intervals() {
    println!("| noise | 12 blocks | 20 blocks | 30 blocks |");
    println!("|---|---|---|---|");
    for (words, noise) in Noise::ALL {
        let [a, b, c] = BLOCKS.map(|blocks| 100.0 * coverage(blocks, noise, 20_000, 7));
        println!("| {words} | {a:.1} | {b:.1} | {c:.1} |");
    }
}

fn gates() {
    println!(
        "| noise | layouts move | margin | confirmations | nothing changed: pass, regression, undecided | comparisons wrongly stopped | one of 100 slower by 5 %: regression | by 10 % |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (words, noise) in [Noise::ALL[1], Noise::ALL[2]] {
        for (layout, margin, confirmations) in [
            (0.0, 0.01, 1),
            (0.005, 0.01, 1),
            (0.005, 0.01, 4),
            (0.01, 0.01, 1),
            (0.01, 0.01, 2),
            (0.01, 0.01, 4),
            (0.01, 0.02, 1),
            (0.01, 0.02, 4),
            (0.02, 0.01, 4),
            (0.02, 0.02, 4),
        ] {
            let gate = MadeUpGate { margin, confirmations, ..MadeUpGate::new(GATED, noise, layout) };
            let same = gate.runs(GATES);
            let slower = |factor: f64| MadeUpGate { changed: 1, factor, ..gate }.runs(GATES).found;
            println!(
                "| {words} | {} % | {} % | {confirmations} | {}, {}, {} | {} of {} | {} | {} |",
                layout * 100.0,
                margin * 100.0,
                same.pass,
                same.regression,
                same.undecided,
                same.false_alarms,
                GATED as u64 * GATES,
                slower(1.05),
                slower(1.10)
            );
        }
    }
    println!();
    println!("Of {GATES} gates each.");
}

fn settling() {
    println!(
        "| noise | change | inconclusive with 20 blocks, and a number is said | settled by it | by half of it |"
    );
    println!("|---|---|---|---|---|");
    for (words, noise) in Noise::ALL.into_iter().take(3) {
        for change in [0.0, 0.01, 0.02, 0.03] {
            let scenarios = alike(FAMILY, 1.0 + change, 20);
            let with = |share: f64| {
                let of_run = |seed: u64| settled(&scenarios, noise, share, seed);
                (1..=RUNS).map(of_run).fold((0, 0), |(a, b), (said, settled)| (a + said, b + settled))
            };
            let (whole, half) = (with(1.0), with(0.5));
            let said = whole.0;
            if said > 0 {
                let percent = |settled: usize| 100.0 * settled as f64 / said as f64;
                println!(
                    "| {words} | {} % | {said} of {} | {:.0} | {:.0} |",
                    change * 100.0,
                    FAMILY as u64 * RUNS,
                    percent(whole.1),
                    percent(half.1)
                );
            }
        }
    }
}

/// Per cent with 12, 20 and 30 blocks; a decimal where it tells something.
fn figures(percent: [f64; 3]) -> String {
    let one = |percent: f64| {
        if percent > 0.0 && percent < 1.0 { format!("{percent:.1}") } else { format!("{percent:.0}") }
    };
    percent.map(one).join(" / ")
}
