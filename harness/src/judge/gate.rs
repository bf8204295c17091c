//! What is decided of a change, from the comparisons of several rounds: a pure function.
//!
//! The first round compares everything. What stays open gets a second round of more blocks. What is told apart as worse
//! is confirmed, of fresh blocks on builds that were linked in another order, since where functions lie moves times
//! too, and confirmed again on others: only what is told apart in each of these rounds is a regression.

use super::label::Label;
use super::wire::gate::{Decision, Exact, ExactMetric, Judged, NotCompared, Verdict};
use super::wire::results::{Comparison, Metric};
use std::collections::BTreeSet;

/// At most this share of the comparisons of each metric may stay open in a verdict. Memory, which nearly always clears,
/// must not make up for times that nobody could tell.
const MOST_OPEN: f64 = 0.1;

/// Why a comparison is cleared that is told apart as worse.
const ACCEPTED: &str = "worse, and below a limit of its own";

/// How much worse a comparison may get, as a fraction, and why if that is unusual.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// As a fraction.
    pub limit: f64,
    /// Why it is another than usual: then it is accepted that the change makes it worse by less than this.
    pub reason: Option<String>,
}

impl Limit {
    /// Is it worse, and is that accepted?
    fn accepts(&self, comparison: &Comparison) -> bool {
        self.reason.is_some() && comparison.is_worse() && is_below(comparison, self.limit)
    }
}

/// What the rounds so far ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// More blocks.
    MoreBlocks,
    /// Fresh blocks on fresh builds.
    Confirmation,
    /// Nothing: it is decided.
    Nothing,
}

/// Does the whole interval lie below the limit, or inside the margin, which for memory is absolute where there is little?
fn is_below(comparison: &Comparison, limit: f64) -> bool {
    let below = comparison.figures.as_ref().is_some_and(|figures| figures.high < 1.0 + limit);
    comparison.is_judged() && (below || comparison.label == Label::NoChange)
}

/// What a comparison of the first or second round asks for.
pub fn next(comparison: &Comparison, limit: &Limit) -> Next {
    if comparison.label == Label::Invalid || limit.accepts(comparison) {
        Next::Nothing
    } else if comparison.is_worse() {
        Next::Confirmation
    } else if is_below(comparison, limit.limit) {
        Next::Nothing
    } else {
        Next::MoreBlocks
    }
}

/// What a confirmation said of a comparison: is it to be confirmed again?
pub fn is_worse_again(comparison: &Comparison, limit: &Limit) -> bool {
    comparison.is_worse() && !limit.accepts(comparison)
}

/// What tells a comparison of a round from the others: its scenario and its metric.
pub type Key = (String, Metric);

fn key(comparison: &Comparison) -> Key {
    (comparison.scenario.clone(), comparison.metric)
}

/// The comparisons of the first or second round that ask for this.
pub fn wanting(round: &[Comparison], wanted: Next, limit_of: impl Fn(&Comparison) -> Limit) -> BTreeSet<Key> {
    round.iter().filter(|one| next(one, &limit_of(one)) == wanted).map(key).collect()
}

/// Of what was to be confirmed, what this confirmation found worse again. What else was worse in it, as another metric of the
/// same scenario by luck, asks for nothing.
pub fn still_worse(
    worse: &BTreeSet<Key>,
    confirmation: &[Comparison],
    limit_of: impl Fn(&Comparison) -> Limit,
) -> BTreeSet<Key> {
    let again = confirmation.iter().filter(|one| is_worse_again(one, &limit_of(one))).map(key);
    again.filter(|key| worse.contains(key)).collect()
}

/// Decides every comparison of the first round, with what the rounds of more blocks and of fresh builds said, as far as
/// there were any; `limit_of` gives the limit of a comparison.
pub fn decide(
    first: &[Comparison],
    more_blocks: &[Comparison],
    confirmations: &[Vec<Comparison>],
    limit_of: impl Fn(&Comparison) -> Limit,
) -> Vec<Judged> {
    let judge = |comparison: &Comparison| {
        let limit = limit_of(comparison);
        let again = |round: &[Comparison]| {
            let same = |c: &&Comparison| c.scenario == comparison.scenario && c.metric == comparison.metric;
            round.iter().find(same).cloned()
        };
        let second = again(more_blocks).filter(|_| next(comparison, &limit) == Next::MoreBlocks);
        let latest = second.as_ref().unwrap_or(comparison);
        let is_worse = next(latest, &limit) == Next::Confirmation;
        let confirmed: Vec<Comparison> =
            confirmations.iter().filter(|_| is_worse).map_while(|round| again(round)).collect();
        // The first that does not confirm it decides; if there is none, any does.
        let telling = confirmed.iter().find(|round| !is_worse_again(round, &limit)).or(confirmed.last());
        let (decision, why) = decision(latest, telling, &limit);
        Judged {
            scenario: comparison.scenario.clone(),
            metric: comparison.metric,
            decision,
            why,
            limit: limit.limit,
            limit_reason: limit.reason,
            rounds: std::iter::once(comparison.clone()).chain(second).chain(confirmed).collect(),
        }
    };
    first.iter().map(judge).collect()
}

fn decision(latest: &Comparison, confirmation: Option<&Comparison>, limit: &Limit) -> (Decision, String) {
    let (decision, why) = match (next(latest, limit), confirmation) {
        (_, Some(fresh)) if fresh.label == Label::Invalid => return broken(fresh),
        (Next::Nothing, _) if latest.label == Label::Invalid => return broken(latest),
        (Next::Confirmation, Some(fresh)) if is_worse_again(fresh, limit) => {
            (Decision::Regression, "worse, and worse again on fresh blocks")
        }
        (Next::Confirmation, Some(fresh)) if limit.accepts(fresh) => (Decision::Cleared, ACCEPTED),
        (Next::Confirmation, Some(fresh)) if is_below(fresh, limit.limit) => {
            (Decision::Cleared, "worse at first, and not on fresh blocks")
        }
        (Next::Confirmation, Some(_)) => {
            (Decision::Open, "worse at first, and neither worse nor below the limit on fresh blocks")
        }
        (Next::Confirmation, None) => (Decision::Open, "worse, and not confirmed on fresh blocks"),
        (Next::MoreBlocks, _) if latest.label == Label::Unstable => {
            return (Decision::Open, latest.reason.clone().unwrap_or_default());
        }
        (Next::MoreBlocks, _) => (Decision::Open, "the upper end of the interval is not below the limit"),
        (Next::Nothing, _) if limit.accepts(latest) => (Decision::Cleared, ACCEPTED),
        (Next::Nothing, _) => {
            (Decision::Cleared, "the whole interval lies below the limit, or inside the margin")
        }
    };
    (decision, why.to_owned())
}

fn broken(comparison: &Comparison) -> (Decision, String) {
    (Decision::Broken, comparison.reason.clone().unwrap_or_default())
}

/// Is it worse, and cleared since a limit of its own accepts that?
pub fn is_accepted(judged: &Judged) -> bool {
    judged.decision == Decision::Cleared && judged.why == ACCEPTED
}

/// The metrics of which too many comparisons stayed open, each with how many of how many. What the base has and the head
/// could not be held against is among them.
pub fn too_open(
    judged: &[Judged],
    exact: &[Exact],
    not_compared: &[NotCompared],
) -> Vec<(&'static str, usize, usize)> {
    let of = |metric| {
        let own = || judged.iter().filter(move |one| one.metric.name() == metric);
        let left_open = own().filter(|one| one.decision == Decision::Open).count();
        let not_made = not_compared.iter().filter(|one| one.open.as_deref() == Some(metric)).count();
        let exact = exact.iter().filter(|one| one.metric.name() == metric).count();
        (metric, left_open + not_made, own().count() + exact + not_made)
    };
    let names = Metric::ALL.map(Metric::name).into_iter().chain(ExactMetric::ALL.map(ExactMetric::name));
    names.map(of).filter(|(_, open, all)| *open as f64 > *all as f64 * MOST_OPEN).collect()
}

/// The whole verdict.
pub fn verdict(judged: &[Judged], exact: &[Exact], not_compared: &[NotCompared]) -> Verdict {
    let count = |decision: Decision| judged.iter().filter(|one| one.decision == decision).count();
    if count(Decision::Broken) > 0 || not_compared.iter().any(|one| one.broken) {
        Verdict::Broken
    } else if count(Decision::Regression) > 0 || exact.iter().any(|one| one.decision == Decision::Regression)
    {
        Verdict::Regression
    } else if !too_open(judged, exact, not_compared).is_empty() {
        Verdict::Undecided
    } else {
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::exact;
    use crate::judge::wire::results::Figures;

    fn comparison(label: Label, ratio: f64, high: f64) -> Comparison {
        let figures = Figures {
            blocks: 20,
            ratio,
            low: ratio * 0.9,
            high,
            coverage: 0.96,
            p: 0.001,
            q: 0.01,
            u: 0.0,
            cliffs_delta: 0.0,
            floor: 0.01,
            margin: 0.01,
            blocks_to_settle: None,
        };
        Comparison {
            scenario: "s".to_owned(),
            metric: Metric::Time,
            variant: "head".to_owned(),
            label,
            reason: (label == Label::Invalid).then(|| "it crashed".to_owned()),
            figures: (label != Label::Invalid).then_some(figures),
        }
    }

    /// By the limit of 5 %, or by one of its own.
    fn decided<const ROUNDS: usize>(rounds: [Option<(Label, f64, f64)>; ROUNDS], own: Option<f64>) -> Judged {
        let round = |at: usize| -> Vec<Comparison> {
            let own = rounds[at].map(|(label, ratio, high)| comparison(label, ratio, high));
            // Another one, which must not be taken for it.
            let other = Comparison { metric: Metric::Rss, ..comparison(Label::Definitive, 2.0, 2.1) };
            std::iter::once(other).chain(own).collect()
        };
        let limit = |_: &Comparison| Limit {
            limit: own.unwrap_or(0.05),
            reason: own.map(|_| "it is known".to_owned()),
        };
        let confirmations: Vec<_> = (2..ROUNDS).map(round).collect();
        let judged = decide(&round(0), &round(1), &confirmations, limit);
        judged.into_iter().find(|one| one.metric == Metric::Time).expect("it is decided")
    }

    #[test]
    fn only_what_is_worse_twice_is_a_regression() {
        let worse = Some((Label::High, 1.1, 1.15));
        let same = Some((Label::NoChange, 1.0, 1.004));
        let wide = Some((Label::Inconclusive, 1.02, 1.09));
        for (rounds, decision) in [
            ([worse, None, worse], Decision::Regression),
            ([worse, None, same], Decision::Cleared),
            ([worse, None, wide], Decision::Open),
            ([worse, None, None], Decision::Open),
            ([wide, worse, worse], Decision::Regression),
            ([wide, same, None], Decision::Cleared),
            ([wide, wide, None], Decision::Open),
            ([same, None, None], Decision::Cleared),
            ([Some((Label::NoChange, 1.14, 1.15)), None, None], Decision::Cleared),
            ([Some((Label::Definitive, 0.8, 0.85)), None, None], Decision::Cleared),
            ([Some((Label::Unstable, 1.0, 1.0)), None, None], Decision::Open),
            ([Some((Label::Invalid, 1.0, 1.0)), None, None], Decision::Broken),
        ] {
            let judged = decided(rounds, None);
            assert_eq!(judged.decision, decision, "{rounds:?}: {}", judged.why);
        }
    }

    #[test]
    fn each_confirmation_has_to_say_so() {
        let worse = Some((Label::High, 1.1, 1.15));
        let same = Some((Label::NoChange, 1.0, 1.004));
        let wide = Some((Label::Inconclusive, 1.02, 1.09));
        let broken = Some((Label::Invalid, 1.0, 1.0));
        for (rounds, decision, counted) in [
            ([worse, None, worse, worse, worse], Decision::Regression, 4),
            ([wide, worse, worse, worse, worse], Decision::Regression, 5),
            ([worse, None, worse, same, None], Decision::Cleared, 3),
            ([worse, None, worse, wide, worse], Decision::Open, 4),
            ([worse, None, worse, worse, broken], Decision::Broken, 4),
        ] {
            let judged = decided(rounds, None);
            assert_eq!(judged.decision, decision, "{rounds:?}: {}", judged.why);
            assert_eq!(judged.rounds.len(), counted);
        }
    }

    #[test]
    fn only_what_was_to_be_confirmed_is_confirmed_again() {
        let limit = |_: &Comparison| Limit { limit: 0.05, reason: None };
        let time = |label| comparison(label, 1.1, 1.15);
        let rss = |label| Comparison { metric: Metric::Rss, ..time(label) };
        let first = [time(Label::High), rss(Label::NoChange)];
        let worse = wanting(&first, Next::Confirmation, limit);
        assert_eq!(worse, BTreeSet::from([("s".to_owned(), Metric::Time)]));
        assert_eq!(still_worse(&worse, &[time(Label::High), rss(Label::High)], limit), worse);
        // The other metric of the scenario was worse here alone.
        let other = [time(Label::NoChange), rss(Label::High)];
        assert_eq!(still_worse(&worse, &other, limit), BTreeSet::new());
        assert_eq!(wanting(&[time(Label::Inconclusive)], Next::MoreBlocks, limit), worse);
    }

    #[test]
    fn a_limit_of_its_own_accepts_what_is_worse_by_less() {
        let slower = Some((Label::High, 1.1, 1.15));
        let less = Some((Label::High, 1.07, 1.1));
        for (rounds, own, decision) in [
            ([slower, None, None], 0.2, Decision::Cleared),
            ([slower, None, less], 0.12, Decision::Cleared),
            ([slower, None, slower], 0.12, Decision::Regression),
            (
                [Some((Label::High, 1.02, 1.03)), None, Some((Label::High, 1.02, 1.03))],
                0.01,
                Decision::Regression,
            ),
        ] {
            let judged = decided(rounds, Some(own));
            assert_eq!(judged.decision, decision, "{rounds:?}: {}", judged.why);
            assert_eq!(is_accepted(&judged), decision == Decision::Cleared, "it is worse all the same");
        }
        let same = Some((Label::NoChange, 1.0, 1.004));
        assert!(!is_accepted(&decided([same, None, None], Some(0.2))), "it is not worse at all");
        let small = Some((Label::High, 1.02, 1.03));
        assert_eq!(decided([small, None, small], None).decision, Decision::Regression, "past the floor");
    }

    #[test]
    fn the_verdict_passes_only_if_nearly_all_was_judged() {
        let cleared = || decided([Some((Label::NoChange, 1.0, 1.004)), None, None], None);
        let open = || decided([Some((Label::Inconclusive, 1.0, 1.2)), None, None], None);
        let of = |open_ones: usize, all: usize| {
            let judged: Vec<Judged> =
                (0..all).map(|at| if at < open_ones { open() } else { cleared() }).collect();
            verdict(&judged, &[], &[])
        };
        assert_eq!(of(0, 10), Verdict::Pass);
        assert_eq!(of(1, 10), Verdict::Pass);
        assert_eq!(of(2, 10), Verdict::Undecided);
        // Three of fourteen times are a fifth, however much memory was cleared beside them.
        let memory = (0..26)
            .map(|at| Judged { metric: if at % 2 == 0 { Metric::Rss } else { Metric::Anon }, ..cleared() });
        let times = (0..14).map(|at| if at < 3 { open() } else { cleared() });
        let judged: Vec<Judged> = times.chain(memory).collect();
        assert_eq!(verdict(&judged, &[], &[]), Verdict::Undecided);
        assert_eq!(too_open(&judged, &[], &[]), [("time", 3, 14)]);
        assert_eq!(verdict(&judged[2..], &[], &[]), Verdict::Pass);
        let worse = decided([Some((Label::High, 1.1, 1.2)), None, Some((Label::High, 1.1, 1.2))], None);
        assert_eq!(verdict(&[open(), worse.clone()], &[], &[]), Verdict::Regression);
        let broken = decided([Some((Label::Invalid, 1.0, 1.0)), None, None], None);
        assert_eq!(verdict(&[worse, broken], &[], &[]), Verdict::Broken);
        let size = |head| {
            let limit = Limit { limit: 0.02, reason: None };
            [exact::compare((ExactMetric::Size, None), (100, head), limit, 0)]
        };
        assert_eq!(verdict(&[cleared()], &size(102), &[]), Verdict::Pass);
        assert_eq!(verdict(&[cleared()], &size(103), &[]), Verdict::Regression);
    }

    #[test]
    fn what_could_not_be_compared_counts_as_open_where_it_says_so() {
        let cleared = || decided([Some((Label::NoChange, 1.0, 1.004)), None, None], None);
        let times: Vec<Judged> = (0..9).map(|_| cleared()).collect();
        let left_out = |open: Option<&str>| NotCompared {
            scenario: "gone".to_owned(),
            reason: "only the base has it".to_owned(),
            broken: false,
            open: open.map(str::to_owned),
        };
        let limit = Limit { limit: 0.05, reason: None };
        let heap = [exact::compare((ExactMetric::Heap, Some("s")), (100, 100), limit, 0)];
        for (not_compared, decided) in [
            (vec![left_out(None); 20], Verdict::Pass),
            (vec![left_out(Some("time"))], Verdict::Pass),
            (vec![left_out(Some("time")); 2], Verdict::Undecided),
            (vec![left_out(Some("heap"))], Verdict::Undecided),
        ] {
            assert_eq!(verdict(&times, &heap, &not_compared), decided, "{not_compared:?}");
        }
        assert_eq!(too_open(&times, &heap, &[left_out(Some("heap"))]), [("heap", 1, 2)]);
    }
}
