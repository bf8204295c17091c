//! Profiles as Markdown, for a pull request or a post.

use super::sheets::{MOST, differences, functions, sites};
use super::words::{self, difference_words, limits};
use super::{pairs, rate, source};
use crate::escape::{markdown as escaped, markdown_code};
use crate::summary::table;
use harness::judge::wire::profile::Profiles;
use std::fmt::Write as _;

/// A document of its own: what changed against the reference first, then each profile, then memory, then what is not there.
pub fn markdown(profiles: &Profiles) -> String {
    let mut out = format!("# Profiles\n\n{}", under(profiles, 2));
    let origin =
        profiles.cpu.iter().map(|p| &p.origin).chain(profiles.memory.iter().map(|m| &m.origin)).next();
    if let Some(origin) = origin {
        let _ = writeln!(out, "{}", escaped(&source(origin)));
    }
    out
}

/// The same as a part of another document, with headings of this level.
pub(crate) fn under(profiles: &Profiles, level: usize) -> String {
    let head = "#".repeat(level);
    let mut out = String::new();
    // Writing to a String can't fail.
    if !profiles.cpu.is_empty() {
        let _ = write!(out, "{}\n\n", escaped(words::CPU));
    }
    for (before, after) in pairs(profiles) {
        let (sheet, all, told) = differences(before, after);
        let _ = write!(
            out,
            "{head} {}: from {} to {}\n\n{}\n\n",
            markdown_code(&after.scenario),
            markdown_code(&before.variant),
            markdown_code(&after.variant),
            escaped(&difference_words(before, after, all, told))
        );
        table(&mut out, &sheet);
    }
    for profile in &profiles.cpu {
        let (sheet, all) = functions(profile);
        let _ = write!(
            out,
            "{head} {} under {}\n\n{}. {}\n\n",
            markdown_code(&profile.scenario),
            markdown_code(&profile.variant),
            escaped(&rate(profile)),
            escaped(&limits(profile))
        );
        table(&mut out, &sheet);
        if all > MOST {
            let _ = write!(out, "{} more functions are in the files.\n\n", all - MOST);
        }
    }
    if !profiles.memory.is_empty() {
        let _ = write!(out, "{head} The story of memory\n\n{}\n\n", escaped(words::MEMORY));
    }
    for memory in &profiles.memory {
        let (scenario, variant) = (markdown_code(&memory.scenario), markdown_code(&memory.variant));
        if let Some(heap) = &memory.heap {
            let _ =
                write!(out, "{head}# Heap of {scenario} in {variant}\n\n{}\n\n", escaped(&words::heap(heap)));
            table(&mut out, &sites(heap));
        }
        if let Some(rss) = &memory.rss {
            let _ = write!(
                out,
                "{head}# Resident memory of {scenario} under {variant}\n\n{}\n\n",
                escaped(&words::rss(rss))
            );
        }
    }
    if !profiles.absent.is_empty() {
        let _ = write!(out, "{head} What is not there\n\n");
        for skip in &profiles.absent {
            let remedy =
                skip.remedy.as_ref().map(|remedy| format!(" ({})", escaped(remedy))).unwrap_or_default();
            let _ = writeln!(out, "- {}: {}{remedy}", markdown_code(&skip.what), escaped(&skip.reason));
        }
        out.push('\n');
    }
    out
}
