//! What the labels mean, in the words of every report.

use harness::judge::evaluate::MOST_BLOCKS_TO_SETTLE;
use harness::judge::label::{Label, MIN_BLOCKS, Q};

/// The labels from the surest to the least, each with what it takes.
pub(crate) fn labels() -> [(Label, String); 7] {
    let told = format!("q ≤ {Q} and past the floor");
    [
        (Label::Definitive, format!("{told}, and the two sets of samples do not overlap at all")),
        (Label::High, format!("{told}, and the better side's 95th percentile is below the other's median")),
        (Label::Moderate, told),
        (Label::NoChange, "the whole interval lies inside the margin".to_owned()),
        (
            Label::Inconclusive,
            format!(
                "none of the others: more blocks might tell; beside it how many in all, at the present spread, where that can be \
                 told and is not more than {MOST_BLOCKS_TO_SETTLE}"
            ),
        ),
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

/// What goes into a geometric mean of memory.
pub(crate) const MEMORY_MEAN: &str =
    "In a mean of memory, no change counts as 0 %, and less than a page (4 KiB) as one page.";

/// What instruction counts are good for.
pub(crate) const INSTRUCTIONS: &str = "Of one iteration, as callgrind counts them on a small corpus. They compare near twins, \
     such as two commits; they do not say which build is faster.";

/// What a latency is, and when it says nothing.
pub(crate) const LATENCY: &str = "Records arrive at a steady pace, however late the work is; a latency runs from when a record was due to the \
    end of its work, so that one which waited behind another counts as late. Percentiles are of all visits together; the change is judged by \
    the p99 of each visit. In brackets stands the same of a loop without work, in the same processes: the idle loop. What is less than \
    twice as much is within it, and the machine may have made it as well as the work.";
