//! The verdict at a glance: for speed, for memory, for size.

use super::write::Html;
use crate::format::{bytes, change};
use crate::verdict::{Finding, Judgement, Standing, Verdict};

/// An answer: what stands large, and what stands below it.
struct Answer {
    question: &'static str,
    names: Vec<String>,
    says: String,
}

/// Three answers, each no more than the labels carry; nothing where there was nothing to compare.
pub(super) fn answers(html: &mut Html, verdict: &Verdict) {
    if verdict.rivals == 0 {
        return;
    }
    html.raw("<dl class=\"answers\">\n");
    for answer in [of("For speed", &verdict.time, verdict), of("For memory", &verdict.anon, verdict)]
        .into_iter()
        .chain(size(verdict))
    {
        html.raw("<div><dt>").text(answer.question).raw("</dt><dd>");
        for (i, name) in answer.names.iter().enumerate() {
            html.raw(if i == 0 { "<strong>" } else { ", <strong>" }).text(name).raw("</strong>");
        }
        html.raw("<span>").text(&answer.says).raw("</span></dd></div>\n");
    }
    html.raw("</dl>\n");
}

fn of(question: &'static str, judgement: &Judgement, verdict: &Verdict) -> Answer {
    let standing = |name: &str| judgement.standings.iter().find(|s| s.variant == name);
    let reference = || vec![verdict.reference.clone()];
    let of_all = |s: &Standing| {
        let judged = verdict.judged_in(s).map(|judged| format!(" ({judged})")).unwrap_or_default();
        format!("of {}{judged}", verdict.scenarios.len())
    };
    let (names, says) = match &judgement.finding {
        Finding::NotMeasured => (vec![], "not compared".to_owned()),
        Finding::NotJudged => (vec![], "nothing could be judged".to_owned()),
        Finding::NothingTold => (vec![], format!("nothing tells the variants from {}", verdict.reference)),
        Finding::ReferenceBest => (reference(), "no variant takes less".to_owned()),
        Finding::Best(name) => {
            let says = standing(name).map_or_else(String::new, |s| {
                let mean = s.mean.map(change).unwrap_or_default();
                format!("{mean}, told in {} {}", s.less.told(), of_all(s))
            });
            (vec![name.clone()], says)
        }
        // No answer, but what there is to know.
        Finding::Partly(name) | Finding::Mixed(name) => {
            let says = standing(name).map_or_else(String::new, |s| {
                let (less, more) = (s.less.told(), s.more.told());
                format!("no clear answer: {name} takes less in {less} and more in {more} {}", of_all(s))
            });
            (vec![], says)
        }
    };
    Answer { question, names, says }
}

fn size(verdict: &Verdict) -> Option<Answer> {
    let least = verdict.sizes.first()?;
    let reference = verdict.sizes.iter().find(|s| s.variant == verdict.reference)?;
    let (names, says) = if least.bytes == reference.bytes {
        (vec![verdict.reference.clone()], "no variant is smaller".to_owned())
    } else {
        let smallest = verdict.sizes.iter().filter(|s| s.bytes == least.bytes);
        let share = change(least.bytes as f64 / reference.bytes.max(1) as f64);
        (smallest.map(|s| s.variant.clone()).collect(), format!("{}, {share}", bytes(least.bytes as f64)))
    };
    Some(Answer { question: "For size", names, says })
}
