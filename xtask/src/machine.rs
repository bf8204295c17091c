//! What the machine is, and what on it disturbs measurement.

use crate::config::Preset;
use crate::process;
use harness::judge::wire::manifest::Machine;
use std::fs;

/// Reads what can be read; what can't is `None`.
pub fn facts() -> Machine {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |text: &str, name: &str, separator: char| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| Some(line.split_once(separator)?.1.trim().trim_matches('"').to_owned()))
    };
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes =
        field(&meminfo, "MemTotal", ':').and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok());
    let os = fs::read_to_string("/etc/os-release").unwrap_or_default();
    Machine {
        cpu: field(&cpuinfo, "model name", ':'),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        memory: kibibytes.map(|k| k * 1024),
        kernel: line("/proc/sys/kernel/osrelease").map(|release| format!("Linux {release}")),
        os: field(&os, "PRETTY_NAME", '='),
        hypervisor: field(&cpuinfo, "flags", ':')
            .map(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        aslr: line("/proc/sys/kernel/randomize_va_space"),
        huge_pages: line("/sys/kernel/mm/transparent_hugepage/enabled"),
        load: line("/proc/loadavg").map(|load| load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
    }
}

fn line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.lines().next()?.trim().to_owned())
}

/// Bytes of anonymous memory at which a visit is stopped: what the preset says, or half of the machine's.
pub fn memory_limit(preset: &Preset) -> Option<u64> {
    let asked = preset.memory_limit.map(|mebibytes| mebibytes.saturating_mul(1 << 20));
    asked.or_else(|| facts().memory.map(|all| all / 2))
}

/// What disturbs, each with its remedy.
pub fn warnings(machine: &Machine) -> Vec<String> {
    let mut warnings = Vec::new();
    let load = machine.load.as_deref().and_then(|load| load.split(' ').next()?.parse::<f64>().ok());
    if let Some(load) = load.filter(|&load| load > 0.75 * machine.cpus as f64) {
        warnings.push(format!(
            "the machine is busy (load {load} on {} CPUs): stop other work, or expect labels to be weaker",
            machine.cpus
        ));
    }
    if let Some(governor) = machine.governor.as_deref().filter(|governor| *governor != "performance") {
        warnings.push(format!(
            "the frequency governor is {governor}: `cpupower frequency-set --governor performance` steadies the clock"
        ));
    }
    if machine.hypervisor == Some(true) {
        warnings.push("this is a virtual machine: other guests can take the CPU away unseen; the control shows by how much".to_owned());
    }
    if machine.cpus == 1 {
        warnings
            .push("there is one CPU: the harness and the subject share it, and nothing is pinned".to_owned());
    }
    if !process::ARRANGES {
        warnings
            .push("this system can't pin a process or fix its layout: times and memory vary more".to_owned());
    }
    warnings
}

/// What one CPU, or all of them, did since the machine started, in nanoseconds. It is counted in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTime {
    /// All but idling and waiting.
    pub busy_ns: u64,
    /// What the hypervisor gave to other guests.
    pub steal_ns: u64,
}

impl CpuTime {
    /// Of this CPU, or of all; `None` where the system does not tell.
    pub fn read(cpu: Option<usize>) -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/stat").ok()?, cpu)
    }

    /// From the text of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal, in hundredths of a
    /// second.
    fn parse(text: &str, cpu: Option<usize>) -> Option<Self> {
        const TICK_NS: u64 = 10_000_000;
        let name = cpu.map_or_else(|| "cpu".to_owned(), |cpu| format!("cpu{cpu}"));
        let line = text.lines().find(|line| line.split(' ').next() == Some(&name))?;
        let ticks: Vec<u64> = line.split_ascii_whitespace().skip(1).map_while(|n| n.parse().ok()).collect();
        let [user, nice, system, _, _, irq, softirq, steal] = *ticks.first_chunk()?;
        Some(Self { busy_ns: (user + nice + system + irq + softirq) * TICK_NS, steal_ns: steal * TICK_NS })
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
        let of = |cpu| {
            CpuTime::parse(text, cpu).map(|time| (time.busy_ns / 10_000_000, time.steal_ns / 10_000_000))
        };
        assert_eq!(of(None), Some((19, 7)));
        assert_eq!(of(Some(1)), Some((18, 7)));
        assert_eq!(of(Some(2)), None);
        assert!(CpuTime::read(None).is_some_and(|time| time.busy_ns > 0));
    }

    #[test]
    fn lists_of_cpus() {
        assert_eq!(parse_cpus("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(parse_cpus("3"), [3]);
        assert_eq!(parse_cpus(""), Vec::<usize>::new());
    }

    #[test]
    fn what_disturbs_is_told_with_its_remedy() {
        let busy = Machine {
            cpus: 2,
            load: Some("3.5 1.0 1.0".into()),
            governor: Some("powersave".into()),
            ..Machine::default()
        };
        let warnings = warnings(&busy).join("\n");
        assert!(warnings.contains("load 3.5") && warnings.contains("cpupower"), "{warnings}");
    }
}
