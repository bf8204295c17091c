//! Steps from one variant to another, judged as the run judges them: who looks at fewer of them is not surer.

use crate::selection::Shown;
use crate::view::View;
use harness::judge::evaluate::compare_cells;
use harness::judge::pairwise::pairwise;
use harness::judge::wire::results::{Comparison, Figures, Metric};

/// Each of `rungs` against the one before it, for each scenario that is shown: those of one scenario follow each other.
///
/// Against the reference it is what the run says. The others are of the family that the verdict judges variants in.
pub(crate) fn steps(shown: Shown<'_>, metric: Metric, rungs: &[&str]) -> Vec<Comparison> {
    let view = View::new(shown.whole);
    let reference = view.reference();
    let scenarios = shown.some.scenarios.iter().map(|scenario| scenario.name.as_str());
    let asked: Vec<(&str, &str, &str)> = scenarios
        .flat_map(|scenario| rungs.windows(2).map(move |pair| (scenario, pair[0], pair[1])))
        .collect();
    // What was trained on the measured data is in the family only where somebody asks for it: no verdict counts it.
    let with_leaked = rungs.iter().any(|rung| view.is_leaked(rung));
    let others = view.rivals().filter(|variant| with_leaked || !view.is_leaked(&variant.name));
    let others = others.map(|variant| variant.name.as_str()).filter(|name| !rungs.contains(name));
    // A pair's ratio is of the one that is named first.
    let names: Vec<&str> =
        rungs.iter().rev().copied().filter(|rung| *rung != reference).chain(others).collect();
    let is_among_others = |pair: &[&str]| !pair.contains(&reference);
    let family = if rungs.windows(2).any(is_among_others) {
        pairwise(shown.whole, metric, &names)
    } else {
        Vec::new()
    };
    let judged = |scenario: &str, before: &str, after: &str| {
        if before == reference {
            return view.comparison(scenario, after, metric).cloned();
        }
        if after == reference {
            return Some(turned(&view, view.comparison(scenario, before, metric)?));
        }
        let pair = family.iter().find(|pair| pair.first == after && pair.second == before)?;
        pair.comparisons.iter().find(|comparison| comparison.scenario == scenario).cloned()
    };
    // Where two have no samples to be compared by, this says why.
    let plain = compare_cells(shown.whole, metric, &asked);
    let step = |((scenario, before, after), plain): (&(&str, &str, &str), Comparison)| {
        let known = plain.figures.is_some().then(|| judged(scenario, before, after));
        known.flatten().unwrap_or(plain)
    };
    asked.iter().zip(plain).map(step).collect()
}

/// A comparison with the reference seen from the other side: how the reference stands against what was compared.
fn turned(view: &View<'_>, comparison: &Comparison) -> Comparison {
    let samples = |variant: &str| {
        let cell = view.cell(&comparison.scenario, variant, comparison.metric);
        cell.map_or(0.0, |cell| cell.samples.len() as f64)
    };
    let all = samples(view.reference()) * samples(&comparison.variant);
    let turned = |figures: &Figures| Figures {
        ratio: 1.0 / figures.ratio,
        low: 1.0 / figures.high,
        high: 1.0 / figures.low,
        u: all - figures.u,
        cliffs_delta: -figures.cliffs_delta,
        ..figures.clone()
    };
    Comparison {
        variant: view.reference().to_owned(),
        figures: comparison.figures.as_ref().map(turned),
        ..comparison.clone()
    }
}
