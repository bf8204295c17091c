//! Reads dhat's own file (version 2 of its format, mode `rust-heap`) into sites.
//!
//! The format is that of Valgrind's DHAT viewer: `pps` are program points with bytes (`tb`), blocks (`tbk`), bytes at the
//! heap's largest (`gb`) and at the end (`eb`), and the frames of their stack (`fs`) as places in `ftbl`, the innermost first.

use super::names;
use crate::judge::wire::profile::{Frame, Site};
use serde::Deserialize;
use std::collections::HashMap;

/// The version of the format that is read.
const VERSION: u64 = 2;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    dhat_file_version: u64,
    mode: String,
    #[serde(default)]
    pps: Vec<Point>,
    #[serde(default)]
    ftbl: Vec<String>,
}

#[derive(Deserialize)]
struct Point {
    tb: u64,
    tbk: u64,
    #[serde(default)]
    gb: u64,
    #[serde(default)]
    eb: u64,
    #[serde(default)]
    fs: Vec<usize>,
}

/// The lines that memory was asked for from, those that lead to most first. Frames of the allocator and of Rust's own
/// libraries are left out, and so is what is above the work.
///
/// # Errors
/// It is no file of dhat, or of another version.
pub fn sites(text: &[u8]) -> Result<Vec<Site>, String> {
    let file: File = serde_json::from_slice(text).map_err(|e| format!("it is no file of dhat: {e}"))?;
    if (file.dhat_file_version, file.mode.as_str()) != (VERSION, "rust-heap") {
        return Err(format!(
            "it is a file of dhat of version {} and mode {:?}, and version {VERSION} and \"rust-heap\" are read",
            file.dhat_file_version, file.mode
        ));
    }
    let table: Vec<Frame> = file.ftbl.iter().map(|text| frame(text)).collect();
    let mut sites: HashMap<&Frame, Site> = HashMap::new();
    for point in &file.pps {
        // A line that is met twice, where something calls itself, counts once.
        let mut seen: Vec<&Frame> = Vec::new();
        let frames = point.fs.iter().filter_map(|&place| table.get(place));
        let frames = frames.take_while(|frame| !frame.function.contains("harness::subject::"));
        for frame in frames.filter(|frame| is_told(frame)) {
            if seen.contains(&frame) {
                continue;
            }
            let site = sites.entry(frame).or_insert_with(|| Site { frame: frame.clone(), ..Site::default() });
            site.total_bytes += point.tb;
            site.total_blocks += point.tbk;
            site.peak_bytes += point.gb;
            site.end_bytes += point.eb;
            site.own_bytes += if seen.is_empty() { point.tb } else { 0 };
            seen.push(frame);
        }
    }
    let mut sites: Vec<Site> = sites.into_values().collect();
    let key = |site: &Site| (site.total_bytes, site.own_bytes, site.total_blocks);
    sites.sort_by(|one, other| {
        key(other).cmp(&key(one)).then_with(|| {
            let place = |site: &Site| (site.frame.function.clone(), site.frame.line);
            place(one).cmp(&place(other))
        })
    });
    Ok(sites)
}

fn is_told(frame: &Frame) -> bool {
    let function = &frame.function;
    !function.is_empty()
        && function != "[root]"
        && function != "???"
        && !names::is_allocator(function)
        && !names::is_library(function)
}

/// From `0x55d0: parser::tally::count (parser/src/tally.rs:12:5)`.
fn frame(text: &str) -> Frame {
    let text = match text.split_once(": ") {
        Some((address, rest)) if address.starts_with("0x") => rest,
        _ => text,
    };
    let with_place = text.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    let Some((function, place)) = with_place else {
        return Frame { function: names::function(text), ..Frame::default() };
    };
    // The column, then the line.
    let mut parts = place.rsplitn(3, ':');
    let (_, line, file) = (parts.next(), parts.next(), parts.next());
    Frame {
        function: names::function(function),
        file: file.unwrap_or(place).to_owned(),
        line: line.and_then(|line| line.parse().ok()).unwrap_or(0),
        inlined: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"dhatFileVersion":2,"mode":"rust-heap","pps":[
        {"tb":100,"tbk":2,"gb":60,"eb":0,"fs":[1,2,3,4,5]},
        {"tb":10,"tbk":1,"gb":10,"eb":10,"fs":[1,3,3,4]}],
        "ftbl":["[root]","0x1: alloc::alloc::alloc (alloc/src/alloc.rs:9:1)","0x2: app::inner::h0123456789abcdef (app/src/a.rs:7:3)",
        "0x3: app::run (app/src/a.rs:20:3)","0x4: <P as harness::subject::clock::Cell>::once (x.rs:1:1)","0x5: app::main (m.rs:1:1)"]}"#;

    #[test]
    fn sites_include_what_they_call_and_know_what_is_their_own() {
        let sites = sites(TEXT.as_bytes()).expect("read");
        let told: Vec<_> = sites
            .iter()
            .map(|s| {
                (
                    s.frame.function.as_str(),
                    s.frame.line,
                    s.total_bytes,
                    s.own_bytes,
                    s.peak_bytes,
                    s.end_bytes,
                )
            })
            .collect();
        assert_eq!(told, [("app::run", 20, 110, 10, 70, 10), ("app::inner", 7, 100, 100, 60, 0)]);
        assert_eq!(sites[1].frame.file, "app/src/a.rs");
    }

    #[test]
    fn another_file_is_refused() {
        assert!(sites(b"{}").is_err_and(|why| why.contains("no file of dhat")));
        assert!(
            sites(br#"{"dhatFileVersion":3,"mode":"rust-heap"}"#).is_err_and(|why| why.contains("version 3"))
        );
        assert!(sites(br#"{"dhatFileVersion":2,"mode":"ad-hoc"}"#).is_err_and(|why| why.contains("ad-hoc")));
        let empty = sites(br#"{"dhatFileVersion":2,"mode":"rust-heap"}"#);
        assert_eq!(empty, Ok(Vec::new()));
    }
}
