//! The instrument `rss`: resident memory around one iteration, as the kernel counts it.
//!
//! The process reads its own `/proc/self/status` (proc(5)), since its parent's `wait4` would report
//! a peak that may be older than the process. The high-water mark `VmHWM` is reset by writing 5 to
//! `/proc/self/clear_refs` (Linux 4.0 and later).

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use super::series::Series;
use crate::answer::Answer;
use std::fs::File;
use std::os::unix::fs::FileExt;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Status {
    anon: u64,
    file: u64,
    shmem: u64,
    peak: u64,
}

impl Status {
    fn now() -> Result<Self, Error> {
        let text = std::fs::read_to_string("/proc/self/status").map_err(|e| {
            format!("reading resident memory from /proc/self/status: {e} (the rss instrument needs Linux)")
        })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let field = |name: &str| -> Result<u64, Error> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let kibibytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            Ok(kibibytes.ok_or_else(|| format!("/proc/self/status has no {name} in kB"))? * 1024)
        };
        Ok(Self {
            anon: field("RssAnon")?,
            file: field("RssFile")?,
            shmem: field("RssShmem")?,
            peak: field("VmHWM")?,
        })
    }

    fn pages(self) -> Object {
        Object::new().number("anon", self.anon).number("file", self.file).number("shmem", self.shmem)
    }
}

/// Reads one iteration of the first query.
pub(super) fn read(cell: &mut dyn Cell) -> Result<(Vec<Answer>, Object), Error> {
    let before = Status::now()?;
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let mut after = Err("the scenario did not hold its result".into());
    let answer = cell.once(0, &mut || after = Status::now())?;
    let after = after?;
    let reading = Object::new()
        .object("before", before.pages())
        .object("after", after.pages())
        .number("peak", after.peak)
        .boolean("peak_was_reset", reset);
    Ok((vec![answer], reading))
}

/// Begins a series of resident bytes: anonymous ones, and those of files and shared memory. It is begun before the set-up, so
/// that a peak that came before the measured part is seen. `smaps_rollup` (Linux 4.14 and later) is exact where the counters
/// of `statm` may lag behind by some pages for each CPU; it takes longer the more is resident.
pub(super) fn series() -> Result<Series, Error> {
    const FILE: &str = "/proc/self/smaps_rollup";
    let file =
        File::open(FILE).map_err(|e| format!("opening {FILE}: {e} (a series of rss needs Linux 4.14)"))?;
    // Read into memory that is there already: a series is not to add to what it looks at.
    let mut text = [0_u8; 4096];
    let mut look = move || {
        let length = file.read_at(&mut text, 0).ok()?;
        resident(std::str::from_utf8(&text[..length]).ok()?)
    };
    look().ok_or_else(|| format!("{FILE} has no Rss and Anonymous in kB"))?;
    Ok(Series::begin(look))
}

/// Anonymous and other resident bytes of a `smaps_rollup`.
fn resident(text: &str) -> Option<(u64, u64)> {
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        Some(line?.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    };
    let (all, anon) = (field("Rss:")?, field("Anonymous:")?);
    Some((anon, all.saturating_sub(anon)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollup_is_split() {
        let text = "55d0-7ffe ---p 0 00:00 0    [rollup]\nRss:            2000 kB\nPss: 1 kB\nAnonymous:       500 kB\n";
        assert_eq!(resident(text), Some((512_000, 1_536_000)));
        assert_eq!(resident("Rss: 5 kB\n"), None);
    }

    #[test]
    fn reads_the_kernels_form() {
        let text = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1400 kB\nRssAnon:\t     100 kB\nRssFile:\t    1300 kB\nRssShmem:\t       0 kB\n";
        let status = Status::parse(text).expect("whole");
        assert_eq!(status, Status { anon: 102_400, file: 1_331_200, shmem: 0, peak: 2_097_152 });
        let why = Status::parse("VmHWM: 1 kB\n").expect_err("no split").to_string();
        assert!(why.contains("RssAnon"), "{why}");
    }
}
