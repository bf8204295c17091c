//! perf(1): samples of a process, and of those that it starts, from outside.
//!
//! The event is `cpu-clock`, a timer of the kernel that every machine has; virtual ones often have no counters. Stacks are
//! copied with each sample and unwound afterwards from unwind tables, since libc has no frame pointers. What was inlined is
//! not resolved: perf asks another program for each address, which takes minutes.

use super::cells::named;
use crate::process::{self, Conditions, Ended};
use crate::toolchain::Missing;
use harness::judge::profile::stacks::Raw;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How much of the stack is copied with each sample, in bytes.
const COPIED: &str = "--call-graph=dwarf,16384";
/// The longest that trying it may take.
const TRYING: Duration = Duration::from_secs(20);

/// perf, found and tried.
#[derive(Clone, Debug)]
pub struct Perf {
    program: PathBuf,
    /// With the kernel's own part, where that is permitted; else of the program alone.
    event: &'static str,
}

impl Perf {
    /// Finds it, and tries what it is permitted.
    pub fn find(scratch: &Path) -> Result<Self, Missing> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join("perf")).find(|p| p.is_file());
        let Some(program) = found else {
            return Err(Missing {
                reason: "there is no perf".to_owned(),
                remedy: Some("apt-get install linux-perf, or --with pprof".to_owned()),
            });
        };
        let file = scratch.join("perf.try");
        let mut refused = String::new();
        for event in ["cpu-clock", "cpu-clock:u"] {
            let perf = Self { program: program.clone(), event };
            let conditions = Conditions { limit: TRYING, ..Conditions::default() };
            let tried = process::run(
                &perf.program,
                &perf.arguments(99, &file, Path::new("/bin/true"), &[]),
                &conditions,
            );
            let _ = fs::remove_file(&file);
            match tried {
                Ok(_) => return Ok(perf),
                Err(failure) => refused = failure.to_string(),
            }
        }
        let paranoid = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap_or_default();
        Err(Missing {
            reason: format!(
                "{} may not record here: it {refused} (kernel.perf_event_paranoid is {})",
                program.display(),
                if paranoid.trim().is_empty() { "not known" } else { paranoid.trim() }
            ),
            remedy: Some("sysctl kernel.perf_event_paranoid=1 as root, or --with pprof".to_owned()),
        })
    }

    fn arguments(
        &self,
        frequency: u64,
        file: &Path,
        program: &Path,
        arguments: &[OsString],
    ) -> Vec<OsString> {
        let frequency = frequency.to_string();
        let own = ["record", "--quiet", "--event", self.event, "--freq", &frequency, COPIED, "--output"];
        let own = own.into_iter().map(OsString::from).chain([file.into(), "--".into(), program.into()]);
        own.chain(arguments.iter().cloned()).collect()
    }

    /// Records a process to its end, and gives its stacks. The file of samples is removed again: it holds copies of stacks.
    pub fn record(
        &self,
        program: &Path,
        arguments: &[OsString],
        frequency: u64,
        conditions: &Conditions,
        scratch: &Path,
    ) -> Result<(Ended, Vec<Raw>), String> {
        let file = scratch.join("perf.data");
        let recorded =
            process::run(&self.program, &self.arguments(frequency, &file, program, arguments), conditions)
                .map_err(|failure| format!("it {failure}"))
                .and_then(|ended| Ok((ended, self.script(&file)?)));
        let _ = fs::remove_file(&file);
        let (ended, text) = recorded?;
        Ok((ended, parse(&text)))
    }

    fn script(&self, file: &Path) -> Result<String, String> {
        let output = Command::new(&self.program)
            .args(["script", "--no-inline", "--fields", "pid,tid,ip,sym", "--input"])
            .arg(file)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{} can't be started: {error}", self.program.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "perf script can't read what perf recorded: {}",
            said.lines().last().unwrap_or("it says nothing")
        ))
    }
}

/// Samples as `perf script` prints them: a line `pid/tid`, then a line for each frame with its address and function, the
/// innermost first, then an empty line. The process of the first sample is the one that was started.
fn parse(text: &str) -> Vec<Raw> {
    let mut counts: BTreeMap<(bool, Vec<&str>), u64> = BTreeMap::new();
    let mut first = None;
    for sample in text.split("\n\n") {
        let mut lines = sample.lines().map(str::trim).filter(|line| !line.is_empty());
        let Some(pid) = lines.next().and_then(|head| head.split('/').next()) else { continue };
        let is_child = *first.get_or_insert(pid) != pid;
        let function = |line: &'_ str| -> Option<usize> { line.find(' ').map(|at| at + 1) };
        let mut stack: Vec<&str> = lines.filter_map(|line| Some(&line[function(line)?..])).collect();
        stack.reverse();
        if !stack.is_empty() {
            *counts.entry((is_child, stack)).or_default() += 1;
        }
    }
    let raw = |((is_child, stack), samples): ((bool, Vec<&str>), u64)| Raw {
        frames: named(stack.into_iter().map(|name| name.strip_suffix("+0x0").unwrap_or(name).to_owned())),
        samples,
        is_child,
    };
    counts.into_iter().map(raw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_read_from_the_outermost_on_and_children_are_known() {
        let text = "  100/100  \n\t    55d0 work::deep\n\t    55c0 work::run(u8, char)\n\t    55b0 _start\n\n  100/100 \n\
            \t 55d0 work::deep\n\t 55c0 work::run(u8, char)\n\t 55b0 _start\n\n  104/104 \n\t  7f00 [unknown]\n\n\n";
        let raw = parse(text);
        let names = |raw: &Raw| raw.frames.iter().map(|f| f.function.clone()).collect::<Vec<_>>().join(";");
        assert_eq!(raw.len(), 2);
        assert_eq!((names(&raw[0]).as_str(), raw[0].samples), ("_start;work::run(u8, char);work::deep", 2));
        assert_eq!((names(&raw[1]).as_str(), raw[1].is_child), ("[unknown]", true));
        assert_eq!(parse("rubbish"), []);
    }
}
