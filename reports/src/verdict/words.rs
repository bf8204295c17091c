//! The verdict in words.

mod rivals;

use super::{Cost, Finding, Judgement, Standing, Verdict};
use crate::format::{self, amount, bytes, change, plural};
use crate::prose::Prose;
use crate::table::wrap;
use harness::judge::evaluate::MOST_BLOCKS_TO_SETTLE;
use harness::judge::wire::results::Metric;
use std::fmt;

/// Names listed before the rest is only counted.
const LISTED: usize = 8;
/// A scenario this many times worse than the mean is worth telling.
const HIDDEN: f64 = 1.02;

/// More letters than this about the other variants are a list, folded where there is room for folding: the first thing to be
/// read is the answer.
const MOST_AT_ONCE: usize = 240;

/// Something that the verdict says, under its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// A word or two.
    pub topic: &'static str,
    /// What is read first.
    pub lead: Prose,
    /// What there is to say of the other variants, a sentence or two each.
    pub others: Vec<Prose>,
}

impl Paragraph {
    /// One that is read as a whole.
    pub(crate) const fn whole(topic: &'static str, lead: Prose) -> Self {
        Self { topic, lead, others: Vec::new() }
    }

    /// What is read as one, and what is a list of its own: the other variants, where there is much to say of them.
    pub fn parts(&self) -> (Prose, &[Prose]) {
        let letters: usize = self.others.iter().map(|other| other.to_string().chars().count() + 1).sum();
        if letters > MOST_AT_ONCE { (self.lead.clone(), &self.others) } else { (self.text(), &[]) }
    }

    /// All of it in one.
    pub fn text(&self) -> Prose {
        let add = |text: Prose, other: &Prose| text.words(" ").then(other.clone());
        self.others.iter().fold(self.lead.clone(), add)
    }

    /// As Markdown with the list folded, and a blank line behind it.
    pub(crate) fn markdown(&self) -> String {
        let (text, list) = self.parts();
        let mut out = format!("**{}.** {}\n\n", self.topic, text.markdown());
        if !list.is_empty() {
            out.push_str("<details><summary>The other variants</summary>\n\n");
            for other in list {
                out.extend(["- ", &other.markdown(), "\n"]);
            }
            out.push_str("\n</details>\n\n");
        }
        out
    }

    /// For a terminal, in lines of at most `width` columns, the topic set off where `color` is set.
    fn terminal(&self, out: &mut String, width: usize, color: bool) {
        let (text, list) = self.parts();
        for (i, line) in wrap(&format!("{}: {text}", self.topic), width).iter().enumerate() {
            match line.strip_prefix(self.topic).filter(|_| i == 0 && color) {
                Some(rest) => out.extend(["\x1b[1m", self.topic, "\x1b[0m", rest]),
                None => out.push_str(line),
            }
            out.push('\n');
        }
        for other in list {
            for (i, line) in wrap(&other.to_string(), width.saturating_sub(4)).iter().enumerate() {
                out.extend([if i == 0 { "  - " } else { "    " }, line, "\n"]);
            }
        }
    }
}

/// How a metric is spoken of.
struct Speech {
    /// `X is fastest` among several, `X is faster` alone.
    superlative: &'static str,
    comparative: &'static str,
    /// What is taken less of.
    noun: &'static str,
    /// The same after a headline that has said it already.
    of: &'static str,
    /// Heads of lists.
    less: &'static str,
    more: &'static str,
    /// Head of what is told of one variant that takes less here and more there.
    mixed: &'static str,
    /// Within a sentence.
    less_in: &'static str,
    more_in: &'static str,
}

fn speech(metric: Metric) -> Speech {
    match metric {
        Metric::Time => Speech {
            superlative: " is fastest",
            comparative: " is faster",
            noun: "time",
            of: "time",
            less: "Faster than ",
            more: "Slower than ",
            mixed: "Mixed: ",
            less_in: " is faster in ",
            more_in: "slower in ",
        },
        Metric::Latency => Speech {
            superlative: " has the lowest latency",
            comparative: " has a lower latency",
            noun: "latency",
            of: "",
            less: "Lower latency than ",
            more: "Higher latency than ",
            mixed: "Mixed: ",
            less_in: " is lower in ",
            more_in: "higher in ",
        },
        Metric::Anon => Speech {
            superlative: " takes the least anonymous memory",
            comparative: " takes less anonymous memory",
            noun: "anonymous memory",
            of: "",
            less: "Less anonymous memory than ",
            more: "More anonymous memory than ",
            mixed: "Mixed: ",
            less_in: " takes less in ",
            more_in: "more in ",
        },
        Metric::Rss => Speech {
            superlative: " takes the least resident memory",
            comparative: " takes less resident memory",
            noun: "resident memory",
            of: "",
            less: "Less resident memory than ",
            more: "More resident memory than ",
            mixed: "Mixed in resident memory: ",
            less_in: " takes less in ",
            more_in: "more in ",
        },
    }
}

impl Verdict {
    /// What there is to say, most important first. Never empty.
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        let mut all = Vec::new();
        if self.rivals == 0 {
            all.push(Paragraph::whole("Result", self.nothing_to_compare()));
        }
        if self.rivals > 0 {
            let cost = self.cost.as_ref().map(|cost| self.cost(cost));
            let lead = self.headline(&self.time).then(cost.unwrap_or_default()).then(hidden(&self.time));
            all.push(Paragraph { topic: "Speed", lead, others: self.others(&self.time, true) });
        }
        all.extend(self.missing());
        all.extend(self.ranking.as_ref().map(|ranking| rivals::ranking(ranking, &self.time.rivalry)));
        if self.rivals > 0 {
            let (mut lead, mut others) = (self.headline(&self.anon), self.others(&self.anon, true));
            if self.rss.finding != Finding::NotMeasured {
                lead = lead.words(" Resident memory: ").then(self.headline(&self.rss));
                others.extend(self.others(&self.rss, false));
            }
            all.push(Paragraph { topic: "Memory", lead, others });
            all.extend(self.size());
            all.extend(rivals::dominated(&self.dominated));
        }
        if !self.identical.is_empty() {
            let pair = |pair: &super::Identical| {
                Prose::new().name(&pair.variant).words(" is the same binary as ").name(&pair.same_as)
            };
            let text = Prose::new()
                .list(self.identical.iter().map(pair).collect())
                .words(", byte for byte: measured once, told twice.");
            all.push(Paragraph::whole("Same binary", text));
        }
        all.extend(self.leaked());
        all
    }

    /// For a terminal: a paragraph for each topic, in lines of at most `width` columns (at least 40); topics stand out
    /// where `color` is set.
    pub fn terminal(&self, width: usize, color: bool) -> String {
        let mut out = String::new();
        for paragraph in self.paragraphs() {
            paragraph.terminal(&mut out, width.max(40), color);
        }
        out
    }

    fn nothing_to_compare(&self) -> Prose {
        let shown = self.reference_times.iter().take(LISTED);
        let times: Vec<Prose> =
            shown.map(|(name, ns)| Prose::new().words(format::duration(*ns) + " in ").name(name)).collect();
        let text = Prose::new()
            .words("There was nothing to compare: ")
            .name(&self.reference)
            .words(", the reference, was the only variant that was measured.");
        if times.is_empty() {
            return text.words(" No time was read either.");
        }
        let rest = self.reference_times.len().saturating_sub(LISTED);
        let tail = if rest > 0 { format!(", and {rest} more below.") } else { ".".to_owned() };
        text.words(" Its median times: ").list(times).words(tail)
    }

    /// What follows the headline of a metric: who else takes more; with `full`, also who takes less or nothing different.
    fn others(&self, judgement: &Judgement, full: bool) -> Vec<Prose> {
        let mut said = Vec::new();
        let winner = match &judgement.finding {
            Finding::NotMeasured | Finding::NotJudged => return said,
            Finding::NothingTold => return open_questions(judgement),
            Finding::Best(name) | Finding::Partly(name) | Finding::Mixed(name) => Some(name.as_str()),
            Finding::ReferenceBest => None,
        };
        let speech = speech(judgement.metric);
        let undistinguished = judgement.finding.best().map(|best| rivals::undistinguished(judgement, best));
        let undistinguished = undistinguished.unwrap_or_default();
        let is_close = |s: &Standing| {
            judgement.close.iter().any(|c| c.variant == s.variant)
                || undistinguished.iter().any(|(variant, _, _)| *variant == s.variant)
        };
        let others = || judgement.standings.iter().filter(|s| Some(s.variant.as_str()) != winner);
        let against = |head| Prose::new().words(head).name(&self.reference);
        if full {
            if !judgement.close.is_empty() {
                let close = judgement.close.iter().map(|c| {
                    let overlap =
                        format!(" ({}, intervals overlap in {} of {})", change(c.mean), c.overlapping, c.of);
                    Prose::new().name(&c.variant).words(overlap)
                });
                said.push(Prose::new().words("Not clearly behind it: ").list(close.collect()).words("."));
            }
            said.extend(rivals::beside_best(&undistinguished));
            let less = others().filter(|s| s.less.told() > 0 && s.more.told() == 0 && !is_close(s));
            let less = listed(less.map(|s| standing_briefly(s, s.less.told())));
            if !less.is_empty() {
                said.push(against(speech.less).words(" too: ").list(less).words("."));
            }
        }
        for mixed in others().filter(|s| s.is_mixed()) {
            said.push(Prose::new().words(speech.mixed).then(self.mixed_words(mixed, &speech)).words("."));
        }
        let more = others().filter(|s| s.more.told() > 0 && s.less.told() == 0);
        let more = listed(more.map(|s| standing_briefly(s, s.more.told())));
        if !more.is_empty() {
            said.push(against(speech.more).words(": ").list(more).words("."));
        }
        if full {
            said.extend(self.untold(judgement));
            said.extend(open_questions(judgement));
        }
        said
    }

    fn headline(&self, judgement: &Judgement) -> Prose {
        let speech = speech(judgement.metric);
        let start = Prose::new();
        let standing = |name: &str| judgement.standings.iter().find(|s| s.variant == name);
        match &judgement.finding {
            Finding::NotMeasured => {
                start.words(format!("Nothing was compared for {}: no comparison was made.", speech.noun))
            }
            Finding::NotJudged => start
                .words(format!("Nothing can be said about {}: ", speech.noun))
                .words(unjudged(judgement))
                .words("."),
            Finding::NothingTold => {
                let names = judgement.standings.iter().filter(|s| s.judged > 0);
                start
                    .words("Nothing tells ")
                    .list(listed(names.map(|s| Prose::new().name(&s.variant))))
                    .words(" from ")
                    .name(&self.reference)
                    .words(format!(" by {}.", speech.noun))
            }
            Finding::ReferenceBest => start
                .words(format!("No variant takes less {} than ", speech.noun))
                .name(&self.reference)
                .words(", the reference."),
            Finding::Best(name) => {
                let several = judgement.standings.iter().filter(|s| s.less.told() > 0).count() > 1;
                let lead = if several { speech.superlative } else { speech.comparative };
                start.name(name).words(lead).then(match standing(name) {
                    Some(standing) => self.how_much(standing, &speech),
                    None => Prose::new().words("."),
                })
            }
            Finding::Partly(name) => match standing(name) {
                Some(standing) => self.partly_words(standing, &speech),
                None => start.name(name).words(speech.comparative).words(" in places."),
            },
            Finding::Mixed(name) => {
                let start = start.words(format!("No variant takes less {} everywhere. ", speech.noun));
                match standing(name) {
                    Some(standing) => {
                        start.words("Mixed: ").then(self.mixed_words(standing, &speech)).words(".")
                    }
                    None => start,
                }
            }
        }
    }

    /// `: 12 % less time than release over 8 scenarios (geometric mean), from ... to ...; sure in ...`.
    fn how_much(&self, standing: &Standing, speech: &Speech) -> Prose {
        let (Some(mean), Some(least), Some(most)) = (standing.mean, &standing.least, &standing.most) else {
            return Prose::new().words(".");
        };
        let prose = Prose::new().words(": ").then(against(mean, speech.of, &self.reference));
        if standing.judged == 1 {
            let interval = format::interval(least.interval.0, least.interval.1);
            return prose
                .words(" in ")
                .name(&least.scenario)
                .words(format!(", interval {interval} %, {}.", least.label));
        }
        let over = if standing.judged < self.scenarios.len() {
            format!(" over {} of {} scenarios", standing.judged, self.scenarios.len())
        } else {
            format!(" over {}", plural(standing.judged as u64, "scenario", "scenarios"))
        };
        let moderate = match standing.less.moderate {
            0 => String::new(),
            n => format!(", moderate in {n}"),
        };
        prose
            .words(format!("{over} (geometric mean), from {} in ", change(least.ratio)))
            .name(&least.scenario)
            .words(format!(" to {} in ", change(most.ratio)))
            .name(&most.scenario)
            .words(format!(
                "; definitive or high in {} of {}{moderate}, {}none.",
                standing.less.sure, standing.judged, speech.more_in
            ))
    }

    /// `judged in 5`, where that is not the whole run.
    pub(crate) fn judged_in(&self, standing: &Standing) -> Option<String> {
        (standing.judged < self.scenarios.len()).then(|| format!("judged in {}", standing.judged))
    }

    /// `a is faster in 2 of 9 scenarios, most in count/app (−8.1 %): ...`.
    fn partly_words(&self, standing: &Standing, speech: &Speech) -> Prose {
        let of = plural(self.scenarios.len() as u64, "scenario", "scenarios");
        let judged = self.judged_in(standing);
        let over = if judged.is_some() { "those" } else { "all" };
        let judged = judged.map(|judged| format!(" ({judged})")).unwrap_or_default();
        let told = standing.less.told();
        let mut prose =
            Prose::new().name(&standing.variant).words(format!("{}{told} of {of}{judged}", speech.less_in));
        if let Some(gain) = &standing.gain {
            prose =
                prose.words(", most in ").name(&gain.scenario).words(format!(" ({})", change(gain.ratio)));
        }
        let mean = standing.mean.map_or_else(|| format::ABSENT.to_owned(), change);
        prose.words(format!(
            "; definitive or high in {}, moderate in {}, {}none; {mean} over {over} (geometric mean).",
            standing.less.sure, standing.less.moderate, speech.more_in
        ))
    }

    /// `a is faster in 2 and slower in 1 of 9 (slower in count/app); −2.1 % over all, from −8.1 % to +3.0 %`.
    fn mixed_words(&self, standing: &Standing, speech: &Speech) -> Prose {
        let mut more: Vec<Prose> =
            standing.more_in.iter().take(3).map(|name| Prose::new().name(name)).collect();
        match standing.more_in.len().saturating_sub(more.len()) {
            0 => {}
            rest => more.push(Prose::new().words(format!("{rest} more"))),
        }
        let mean = standing.mean.map_or_else(|| format::ABSENT.to_owned(), change);
        let spread = match (&standing.least, &standing.most) {
            (Some(least), Some(most)) => format!(", from {} to {}", change(least.ratio), change(most.ratio)),
            _ => String::new(),
        };
        let judged = self.judged_in(standing);
        let over = if judged.is_some() { "those" } else { "all" };
        let judged = judged.map(|judged| format!("{judged}; ")).unwrap_or_default();
        Prose::new()
            .name(&standing.variant)
            .words(format!(
                "{}{} and {}{} of {} ({judged}",
                speech.less_in,
                standing.less.told(),
                speech.more_in,
                standing.more.told(),
                self.scenarios.len()
            ))
            .words(speech.more_in)
            .list(more)
            .words(format!("); {mean} over {over}{spread}"))
    }

    /// Who can't be told from the reference, where others can.
    fn untold(&self, judgement: &Judgement) -> Option<Prose> {
        let names = judgement.standings.iter().filter(|s| s.judged > 0 && !s.told());
        let names = listed(names.map(|s| Prose::new().name(&s.variant)));
        let said = |names| Prose::new().words("Nothing tells ").list(names).words(" from ");
        (!names.is_empty()).then(|| said(names).name(&self.reference).words("."))
    }

    fn cost(&self, cost: &Cost) -> Prose {
        let mut parts = Vec::new();
        if let Some(anon) = &cost.anon {
            let words = match (anon.mean, anon.more.told(), anon.less.told()) {
                (Some(mean), more, less) if more + less > 0 => {
                    let told = format!(" (told in {} of {})", more + less, anon.judged);
                    against(mean, "anonymous memory", &self.reference).words(told)
                }
                _ => Prose::new().words("no difference told in anonymous memory"),
            };
            parts.push(words);
        }
        if let Some((own, reference)) = cost.bytes {
            parts.push(Prose::new().words(if own == reference {
                format!("the same size on disk ({})", bytes(own as f64))
            } else {
                let more = if own > reference { "more" } else { "less" };
                format!("{} {more} on disk ({})", bytes(own.abs_diff(reference) as f64), bytes(own as f64))
            }));
        }
        if let Some((own, reference)) = cost.build_seconds {
            let (own, reference) = (format::build_time(own), format::build_time(reference));
            parts.push(Prose::new().words(format!("a build of {own} instead of {reference}")));
        }
        if parts.is_empty() {
            return Prose::new();
        }
        Prose::new().words(" What comes with it: ").list(parts).words(".")
    }

    fn size(&self) -> Option<Paragraph> {
        let smallest = self.sizes.first()?;
        let reference = self.sizes.iter().find(|s| s.variant == self.reference)?;
        let least = bytes(smallest.bytes as f64);
        let text = if smallest.bytes == reference.bytes {
            Prose::new()
                .words("No variant is smaller than ")
                .name(&self.reference)
                .words(format!(" ({least})"))
        } else {
            let names = self.sizes.iter().filter(|s| s.bytes == smallest.bytes);
            let names: Vec<Prose> = names.map(|s| Prose::new().name(&s.variant)).collect();
            let verb = if names.len() == 1 { " is" } else { " are" };
            Prose::new().list(names).words(format!("{verb} smallest: {least}, ")).then(
                against(smallest.bytes as f64 / reference.bytes.max(1) as f64, "", &self.reference)
                    .words(format!(" ({})", bytes(reference.bytes as f64))),
            )
        };
        let largest = self.sizes.last().filter(|last| last.bytes > reference.bytes);
        let text = match largest {
            Some(big) => text.words("; largest is ").name(&big.variant).words(format!(
                " with {} ({}).",
                bytes(big.bytes as f64),
                change(big.bytes as f64 / reference.bytes.max(1) as f64)
            )),
            None => text.words("."),
        };
        Some(Paragraph::whole("Size", text))
    }

    /// What training on the measured data would claim.
    fn leaked(&self) -> Option<Paragraph> {
        let claim = |standing: &Standing| {
            let mean = standing.mean.map(|mean| format!(" ({})", change(mean))).unwrap_or_default();
            Prose::new().name(&standing.variant).words(mean)
        };
        let text = Prose::new().list(self.time.leaked.iter().map(claim).collect()).words(
            ": trained on the very data that is measured. It shows what that would claim; no verdict counts it.",
        );
        (!self.time.leaked.is_empty()).then_some(Paragraph::whole("Not to be believed", text))
    }

    /// What is not there or wrong, and why, in short.
    fn missing(&self) -> Option<Paragraph> {
        let mut prose = Prose::new();
        let invalid = &self.gaps.invalid;
        if let Some((variant, scenario, instrument, reason)) = invalid.first() {
            let lead = match invalid.len() {
                1 => "One cell is invalid and left out: ".to_owned(),
                n => format!("{n} cells are invalid and left out. The first: "),
            };
            prose = prose
                .words(lead)
                .name(variant)
                .words(" in ")
                .name(scenario)
                .words(format!(" ({instrument}): {}", sentence(reason)));
        }
        // What is skipped for one reason is told in one breath.
        let mut reasons: Vec<(&str, Option<&str>, Vec<&str>)> = Vec::new();
        for (what, reason, remedy) in &self.gaps.skipped {
            match reasons.iter_mut().find(|(r, m, _)| (*r, *m) == (reason.as_str(), remedy.as_deref())) {
                Some((_, _, whats)) => whats.push(what),
                None => reasons.push((reason, remedy.as_deref(), vec![what])),
            }
        }
        for (reason, remedy, whats) in reasons.iter().take(LISTED) {
            let lead = if prose.is_empty() { "Skipped: " } else { " Skipped: " };
            prose = prose.words(lead);
            for (i, what) in whats.iter().enumerate() {
                prose = prose.words(if i == 0 { "" } else { ", " }).name(*what);
            }
            prose = prose.words(format!(": {}", sentence(reason)));
            if let Some(remedy) = remedy {
                prose = prose.words(" To mend it: ").name(*remedy).words(".");
            }
        }
        if reasons.len() > LISTED {
            let more = reasons[LISTED..].iter().map(|(_, _, whats)| whats.len()).sum::<usize>();
            prose = prose.words(format!(" {more} more are skipped; see below."));
        }
        (!prose.is_empty()).then_some(Paragraph::whole("Missing", prose))
    }
}

/// `12.0 % less time than release`.
fn against(ratio: f64, noun: &str, reference: &str) -> Prose {
    let amount = amount(ratio);
    let than = if amount.ends_with('%') || amount.ends_with("less") || amount.ends_with("more") {
        " than "
    } else {
        " as "
    };
    let space = if noun.is_empty() { "" } else { " " };
    Prose::new().words(format!("{amount}{space}{noun}{than}")).name(reference)
}

/// The first few, and how many more there are.
fn listed(items: impl Iterator<Item = Prose>) -> Vec<Prose> {
    let mut items: Vec<Prose> = items.collect();
    if items.len() > LISTED {
        let rest = items.len() - LISTED + 1;
        items.truncate(LISTED - 1);
        items.push(Prose::new().words(format!("{rest} more")));
    }
    items
}

/// `lto-fat (−9.1 %, told in 8 of 8)`.
fn standing_briefly(standing: &Standing, told: usize) -> Prose {
    let mean = standing.mean.map_or_else(|| format::ABSENT.to_owned(), change);
    Prose::new().name(&standing.variant).words(format!(" ({mean}, told in {told} of {})", standing.judged))
}

/// How many blocks might settle how many of the comparisons that are inconclusive; nothing where none is.
fn settling(judgement: &Judgement) -> Option<String> {
    let total = |count: fn(&Standing) -> usize| judgement.standings.iter().map(count).sum();
    let (open, known): (usize, usize) = (total(|s| s.inconclusive), total(|s| s.settleable));
    let these = match open {
        0 => return None,
        1 => "the comparison that is inconclusive here".to_owned(),
        _ => format!("the {open} comparisons that are inconclusive here"),
    };
    let unknown = format!("no number can be told, or it would be more than {MOST_BLOCKS_TO_SETTLE}");
    Some(match (judgement.blocks_to_settle, open - known) {
        (None, _) => format!(
            "How many blocks might settle {these} can't be told, or it would be more than {MOST_BLOCKS_TO_SETTLE}."
        ),
        (Some(blocks), 0) => format!("About {blocks} blocks might settle {these}."),
        (Some(blocks), 1) => {
            format!("About {blocks} blocks might settle {known} of {these}; of the other one {unknown}.")
        }
        (Some(blocks), rest) => {
            format!("About {blocks} blocks might settle {known} of {these}; of the other {rest} {unknown}.")
        }
    })
}

/// How many blocks might settle what is inconclusive, and what was left out of all that is said.
fn open_questions(judgement: &Judgement) -> Vec<Prose> {
    let (unstable, invalid) = unjudged_counts(judgement);
    let all: usize = judgement.standings.iter().map(Standing::compared).sum();
    let left_out = unstable + invalid;
    let left_out = (left_out > 0).then(|| {
        format!("Left out of this: {left_out} of {all} comparisons ({unstable} unstable, {invalid} invalid).")
    });
    settling(judgement).into_iter().chain(left_out).map(|text| Prose::new().words(text)).collect()
}

/// What the means over scenarios hide: where a variant whose mean is a gain does worst against that mean.
fn hidden(judgement: &Judgement) -> Prose {
    if matches!(judgement.finding, Finding::NotMeasured | Finding::NotJudged | Finding::NothingTold) {
        return Prose::new();
    }
    let means = judgement.standings.iter().filter(|s| s.judged > 1);
    let means = means.filter_map(|s| Some((s, s.mean.filter(|mean| *mean < 1.0)?, s.most.as_ref()?)));
    let worst = means.max_by(|(_, a, at_a), (_, b, at_b)| (at_a.ratio / a).total_cmp(&(at_b.ratio / b)));
    let Some((standing, mean, most)) = worst.filter(|(_, mean, most)| most.ratio > mean * HIDDEN) else {
        return Prose::new();
    };
    let what = if most.ratio > 1.0 { "a loss" } else { "where little is gained" };
    Prose::new()
        .words(format!(
            " A mean weighs every scenario alike, leaves out what was not judged, and can hide {what}: "
        ))
        .name(&standing.variant)
        .words(format!(" is {} ({}) in ", change(most.ratio), most.label))
        .name(&most.scenario)
        .words(format!(", though {} on average.", change(mean)))
}

fn unjudged_counts(judgement: &Judgement) -> (usize, usize) {
    let total = |count: fn(&Standing) -> usize| judgement.standings.iter().map(count).sum();
    (total(|s| s.unstable), total(|s| s.invalid))
}

fn unjudged(judgement: &Judgement) -> String {
    let some = |n: usize| plural(n as u64, "comparison", "comparisons");
    let are = |n: usize| if n == 1 { "is" } else { "are" };
    match unjudged_counts(judgement) {
        (1, 0) => "the only comparison is unstable".to_owned(),
        (0, 1) => "the only comparison is invalid".to_owned(),
        (unstable, 0) => format!("all {} are unstable", some(unstable)),
        (0, invalid) => format!("all {} are invalid", some(invalid)),
        (unstable, invalid) => {
            let (a, b) = (are(unstable), are(invalid));
            format!("{} {a} unstable and {} {b} invalid", some(unstable), some(invalid))
        }
    }
}

/// `text` on one line, with a full stop.
fn sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.ends_with(['.', '!', '?', '…']) { line } else { line + "." }
}

/// A line per paragraph.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, paragraph) in self.paragraphs().iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}: {}", paragraph.topic, paragraph.text())?;
        }
        Ok(())
    }
}
