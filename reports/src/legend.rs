//! What the labels mean, in the words of every report.

use harness::judge::label::{Label, MIN_BLOCKS, Q};

/// The labels from the surest to the least, each with what it takes.
pub(crate) fn labels() -> [(Label, String); 7] {
    let told = format!("q ≤ {Q} and past the floor");
    [
        (Label::Definitive, format!("{told}, and the two sets of samples do not overlap at all")),
        (Label::High, format!("{told}, and the better side's 95th percentile is below the other's median")),
        (Label::Moderate, told),
        (Label::NoChange, "the whole interval lies inside the margin".to_owned()),
        (Label::Inconclusive, "none of the others: more blocks might tell".to_owned()),
        (
            Label::Unstable,
            format!(
                "fewer than {MIN_BLOCKS} good blocks, or the control, the same binary, was told apart too"
            ),
        ),
        (
            Label::Invalid,
            "an answer is wrong, or the two sides can't be compared, or one is missing".to_owned(),
        ),
    ]
}

/// How the figures come about, in a paragraph.
pub(crate) const METHOD: &str = "Every sample is the median of one fresh process. Processes are interleaved in blocks, one of each variant \
    and the control, and compared within the block: a change is the median of the paired ratios, its interval is that of the exact sign test \
    (at least 95 %), q its p after Benjamini-Hochberg over all comparisons of the metric. The margin is the smallest change worth \
    telling, fixed before the run; the floor is the larger of the margin and what the control moved. \
    Less is better everywhere; below zero takes less than the reference.";
