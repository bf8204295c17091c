//! What the machine is, and what on it disturbs measurement.

mod disturbing;
mod facts;
mod tree;

use crate::config::Preset;
use crate::process;
use harness::judge::wire::machine::Machine;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};
use tree::Tree;

/// How long other work is looked at: CPU time is counted in hundredths of a second.
const LOOK: Duration = Duration::from_secs(1);

/// Reads what can be read; what can't is `None`.
pub fn facts() -> Machine {
    let cpus = thread::available_parallelism().map_or(1, usize::from);
    let layout_can_be_fixed = process::ARRANGES.then(process::can_fix_layout);
    Machine { layout_can_be_fixed, ..facts::of(&Tree::at("/"), cpus, cpu_for_subjects()) }
}

/// What disturbs measurement on it, each with its remedy. What other work takes is looked at now, which takes a second.
pub fn warnings(machine: &Machine) -> Vec<String> {
    disturbing::warnings(machine, taken_by_others(LOOK))
}

/// The share of the CPUs that this process may use which others take for so long, less what children of this process used that
/// ended meanwhile; `None` where the system does not tell.
fn taken_by_others(span: Duration) -> Option<f64> {
    let cpus = allowed_cpus();
    let busy = || Some(CpuTime::read(&cpus)?.busy_ns);
    let (from, own, began) = (busy()?, process::cpu_of_children(), Instant::now());
    thread::sleep(span);
    let own = process::cpu_of_children().saturating_sub(own);
    let taken = busy()?.saturating_sub(from).saturating_sub(own);
    let all = began.elapsed().as_secs_f64() * 1e9 * cpus.len() as f64;
    (all > 0.0).then(|| taken as f64 / all)
}

/// Bytes of anonymous memory at which a visit is stopped: what the preset says, or half of the machine's, or of
/// what a container grants where that is less.
pub fn memory_limit(preset: &Preset) -> Option<u64> {
    let asked = preset.memory_limit.map(|mebibytes| mebibytes.saturating_mul(1 << 20));
    asked.or_else(|| facts::memory_granted(&Tree::at("/")).map(|all| all / 2))
}

/// What some CPUs, or all of them, did since the machine started, in nanoseconds. It is counted in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTime {
    /// All but idling and waiting.
    pub busy_ns: u64,
    /// What the hypervisor gave to other guests.
    pub steal_ns: u64,
    /// How many CPUs these are.
    pub cpus: u64,
}

impl CpuTime {
    /// Of these CPUs, or of all where none is named; `None` where the system does not tell.
    pub fn read(cpus: &[usize]) -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?, cpus)
    }

    /// From the text of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal, in hundredths of a
    /// second.
    fn parse(text: &str, cpus: &[usize]) -> Option<Self> {
        const TICK_NS: u64 = 10_000_000;
        let of = |name: &str| -> Option<(u64, u64)> {
            let line = text.lines().find(|line| line.split(' ').next() == Some(name))?;
            let ticks: Vec<u64> =
                line.split_ascii_whitespace().skip(1).map_while(|n| n.parse().ok()).collect();
            let [user, nice, system, _, _, irq, softirq, steal] = *ticks.first_chunk()?;
            Some(((user + nice + system + irq + softirq) * TICK_NS, steal * TICK_NS))
        };
        if cpus.is_empty() {
            let is_cpu = |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| !rest.starts_with(' '));
            let (busy_ns, steal_ns) = of("cpu")?;
            return Some(Self { busy_ns, steal_ns, cpus: text.lines().filter(is_cpu).count().max(1) as u64 });
        }
        let mut sum = Self { busy_ns: 0, steal_ns: 0, cpus: cpus.len() as u64 };
        for cpu in cpus {
            let (busy_ns, steal_ns) = of(&format!("cpu{cpu}"))?;
            (sum.busy_ns, sum.steal_ns) = (sum.busy_ns + busy_ns, sum.steal_ns + steal_ns);
        }
        Some(sum)
    }
}

/// The CPUs that this process may use.
pub fn allowed_cpus() -> Vec<usize> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.map(|list| parse_cpus(list.trim())).unwrap_or_default()
}

/// A list such as `0-2,5`.
fn parse_cpus(list: &str) -> Vec<usize> {
    let ranges = list.split(',').filter_map(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse::<usize>().ok()?..=to.parse::<usize>().ok()?)
    });
    ranges.flatten().collect()
}

/// The CPU that subjects are pinned to: the last that is allowed, since the first ones get most
/// interrupts; none where there is only one.
pub fn cpu_for_subjects() -> Option<usize> {
    let cpus = allowed_cpus();
    if cpus.len() > 1 { cpus.last().copied() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cpus_did() {
        let text =
            "cpu  10 1 5 900 3 2 1 7 0 0\ncpu0 1 0 0 9 0 0 0 0 0 0\ncpu1 9 1 5 0 3 2 1 7 0 0\nintr 5\n";
        let of = |cpus: &[usize]| {
            let time = CpuTime::parse(text, cpus)?;
            Some((time.busy_ns / 10_000_000, time.steal_ns / 10_000_000, time.cpus))
        };
        assert_eq!(of(&[]), Some((19, 7, 2)));
        assert_eq!(of(&[0]), Some((1, 0, 1)));
        assert_eq!(of(&[1]), Some((18, 7, 1)));
        assert_eq!(of(&[0, 1]), Some((19, 7, 2)));
        assert_eq!(of(&[1, 2]), None);
        assert!(CpuTime::read(&allowed_cpus()).is_some_and(|time| time.busy_ns > 0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_others_take_is_of_now_and_not_of_before() {
        let share = taken_by_others(Duration::from_millis(200)).expect("known here");
        assert!((0.0..1.5).contains(&share), "{share}");
        // Another process that never sleeps takes a CPU; it lives on, so it is none of the ended children.
        let mut other =
            std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("sh");
        // Children of other tests that end meanwhile are taken off with all that they used: then it is looked at again.
        let part = 0.3 / allowed_cpus().len() as f64;
        let told = (0..10).any(|_| taken_by_others(Duration::from_secs(1)).is_some_and(|share| share > part));
        other.kill().and_then(|()| other.wait()).expect("it ends");
        assert!(told, "it takes a CPU, or its part of one where other tests fill the machine");
    }

    #[test]
    fn lists_of_cpus() {
        assert_eq!(parse_cpus("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(parse_cpus("3"), [3]);
        assert_eq!(parse_cpus(""), Vec::<usize>::new());
    }
}
