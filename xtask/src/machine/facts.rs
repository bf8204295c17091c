//! What the machine is, read from what the kernel tells.

use super::tree::{Tree, field};
use harness::judge::wire::machine::{Caches, Machine};
use std::collections::BTreeSet;

const CPU: &str = "sys/devices/system/cpu";

/// What can be read below a root; what can't is absent. `cpus` is how many this process may use, `pinned_to` the one that
/// subjects get.
pub fn of(tree: &Tree, cpus: usize, pinned_to: Option<usize>) -> Machine {
    let cpuinfo = tree.text("proc/cpuinfo");
    let meminfo = tree.text("proc/meminfo");
    let bytes = |name: &str| kibibytes(&meminfo, name);
    let flags = field(&cpuinfo, "flags", ':');
    let hypervisor = flags.map(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    let first = |name: &str| tree.line(&format!("{CPU}/cpu0/{name}"));
    let cores = cores(tree);
    let threads_per_core = cores.iter().map(Vec::len).max();
    let sensor = hottest(tree);
    let clock = |name: &str| tree.line(&format!("sys/devices/system/clocksource/clocksource0/{name}"));
    let clock_sources: Vec<String> = (clock("available_clocksource").iter())
        .flat_map(|line| line.split_ascii_whitespace().map(str::to_owned))
        .collect();
    Machine {
        cpu: field(&cpuinfo, "model name", ':'),
        cpus,
        cores: Some(cores.len()).filter(|cores| *cores > 0),
        threads_per_core,
        smt: match tree.number(&format!("{CPU}/smt/active")) {
            Some(active) => Some(active == 1),
            None => threads_per_core.map(|threads| threads > 1),
        },
        caches: caches(tree),
        memory: bytes("MemTotal"),
        swap: bytes("SwapTotal"),
        swap_used: bytes("SwapTotal").zip(bytes("SwapFree")).map(|(all, free)| all.saturating_sub(free)),
        kernel: tree.line("proc/sys/kernel/osrelease").map(|release| format!("Linux {release}")),
        os: field(&tree.text("etc/os-release"), "PRETTY_NAME", '='),
        hypervisor,
        hypervisor_name: hypervisor_name(tree, &clock_sources).filter(|_| hypervisor == Some(true)),
        governor: first("cpufreq/scaling_governor"),
        frequency_driver: first("cpufreq/scaling_driver"),
        turbo: turbo(tree),
        clock_source: clock("current_clocksource"),
        clock_sources,
        aslr: tree.line("proc/sys/kernel/randomize_va_space"),
        // No file tells.
        layout_can_be_fixed: None,
        huge_pages: tree.line("sys/kernel/mm/transparent_hugepage/enabled"),
        perf_event_paranoid: tree
            .number("proc/sys/kernel/perf_event_paranoid")
            .and_then(|level| level.try_into().ok()),
        cpu_quota: cpu_quota(tree),
        pinned_to,
        siblings: pinned_to.map(|cpu| siblings(&cores, cpu)).unwrap_or_default(),
        load: tree.line("proc/loadavg").map(|load| load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
        steal: steal(&tree.text("proc/stat")),
        temperature: sensor.map(|(celsius, _)| celsius),
        temperature_limit: sensor.and_then(|(_, limit)| limit),
    }
}

fn kibibytes(meminfo: &str, name: &str) -> Option<u64> {
    let kibibytes: u64 = field(meminfo, name, ':')?.strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The CPUs of each core that has one online.
fn cores(tree: &Tree) -> Vec<Vec<usize>> {
    let is_cpu = |name: &String| {
        name.strip_prefix("cpu").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let cpus = tree.names(CPU, "cpu").into_iter().filter(is_cpu);
    // A CPU that is offline has no topology.
    let lists = cpus.filter_map(|cpu| {
        let list = |name: &str| tree.line(&format!("{CPU}/{cpu}/topology/{name}"));
        list("core_cpus_list").or_else(|| list("thread_siblings_list"))
    });
    let lists: BTreeSet<String> = lists.collect();
    lists.iter().map(|list| super::parse_cpus(list)).collect()
}

fn siblings(cores: &[Vec<usize>], cpu: usize) -> Vec<usize> {
    let core = cores.iter().find(|core| core.contains(&cpu));
    core.map(|core| core.iter().copied().filter(|other| *other != cpu).collect()).unwrap_or_default()
}

fn caches(tree: &Tree) -> Caches {
    let mut caches = Caches::default();
    let folder = format!("{CPU}/cpu0/cache");
    for index in tree.names(&folder, "index") {
        let fact = |name: &str| tree.line(&format!("{folder}/{index}/{name}"));
        let bytes = fact("size").and_then(|size| parse_size(&size));
        match (fact("level").as_deref(), fact("type").as_deref()) {
            (Some("1"), Some("Data" | "Unified")) => caches.l1d = bytes,
            (Some("1"), Some("Instruction")) => caches.l1i = bytes,
            (Some("2"), _) => caches.l2 = bytes,
            (Some("3"), _) => caches.l3 = bytes,
            _ => {}
        }
    }
    caches
}

/// Such as `32K` or `8M`.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match &text[digits.len()..] {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

/// By what Xen says, by what the firmware says, or by the clock that only this hypervisor offers.
fn hypervisor_name(tree: &Tree, clock_sources: &[String]) -> Option<String> {
    let dmi = ["sys_vendor", "product_name"].map(|name| tree.line(&format!("sys/class/dmi/id/{name}")));
    let dmi: Vec<String> = dmi.into_iter().flatten().collect();
    let by_clock = || {
        let known = [("kvm-clock", "KVM"), ("hyperv_clocksource_tsc_page", "Hyper-V"), ("xen", "Xen")];
        let found = known.iter().find(|(clock, _)| clock_sources.iter().any(|offered| offered == clock));
        found.map(|(_, name)| (*name).to_owned())
    };
    tree.line("sys/hypervisor/type")
        .or_else(|| Some(dmi.join(" ")).filter(|name| !name.is_empty()))
        .or_else(by_clock)
}

fn turbo(tree: &Tree) -> Option<bool> {
    let switch = |name: &str| match tree.number(&format!("{CPU}/{name}")) {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    };
    switch("intel_pstate/no_turbo").map(|off| !off).or_else(|| switch("cpufreq/boost"))
}

/// Share of steal in all that the CPUs did, from the first line of /proc/stat (proc(5)).
fn steal(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect();
    // What guests of this machine used, which comes after the eighth, is counted in user and nice already.
    let all: &[u64; 8] = ticks.first_chunk()?;
    let sum: u64 = all.iter().sum();
    (sum > 0).then(|| all[7] as f64 / sum as f64)
}

/// The processor's hottest sensor and what it calls critical, in degrees Celsius: of its own drivers under hwmon, or else of
/// a thermal zone that is called after it.
fn hottest(tree: &Tree) -> Option<(f64, Option<f64>)> {
    const HWMON: &str = "sys/class/hwmon";
    const ZONES: &str = "sys/class/thermal";
    let degrees = |path: String| tree.number(&path).map(|thousandths| thousandths as f64 / 1000.0);
    let mut found: Vec<(f64, Option<f64>)> = Vec::new();
    for chip in tree.names(HWMON, "hwmon") {
        let name = tree.line(&format!("{HWMON}/{chip}/name")).unwrap_or_default();
        if !["coretemp", "k10temp", "zenpower", "cpu_thermal"].contains(&name.as_str()) {
            continue;
        }
        for input in tree.names(&format!("{HWMON}/{chip}"), "temp") {
            let Some(sensor) = input.strip_suffix("_input") else { continue };
            let read = |what: &str| degrees(format!("{HWMON}/{chip}/{sensor}_{what}"));
            found.extend(read("input").map(|celsius| (celsius, read("crit").or_else(|| read("max")))));
        }
    }
    if found.is_empty() {
        for zone in tree.names(ZONES, "thermal_zone") {
            let kind = tree.line(&format!("{ZONES}/{zone}/type")).unwrap_or_default();
            if !(kind == "x86_pkg_temp" || kind.contains("cpu")) {
                continue;
            }
            let points = tree.names(&format!("{ZONES}/{zone}"), "trip_point_");
            let critical = points.iter().filter_map(|point| point.strip_suffix("_type")).find(|point| {
                tree.line(&format!("{ZONES}/{zone}/{point}_type")).as_deref() == Some("critical")
            });
            let limit = critical.and_then(|point| degrees(format!("{ZONES}/{zone}/{point}_temp")));
            found.extend(degrees(format!("{ZONES}/{zone}/temp")).map(|celsius| (celsius, limit)));
        }
    }
    found.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))
}

/// The tightest quota of the control groups that this process is in, in CPUs: of version 2 (`cpu.max`) or 1
/// (`cpu.cfs_quota_us`).
fn cpu_quota(tree: &Tree) -> Option<f64> {
    let of_group = |group: &Group| match group.version {
        Version::Two => parse_quota(&tree.line(&group.file("cpu.max"))?),
        Version::One => {
            let (quota, period) = ("cpu.cfs_quota_us", "cpu.cfs_period_us");
            parse_quota(&format!("{} {}", tree.line(&group.file(quota))?, tree.line(&group.file(period))?))
        }
    };
    groups(tree, "cpu").iter().filter_map(of_group).min_by(f64::total_cmp)
}

/// The bytes that this process and what it starts may hold: the machine's, or what the tightest of its control groups grants, of
/// version 2 (`memory.max`) or 1 (`memory.limit_in_bytes`).
pub fn memory_granted(tree: &Tree) -> Option<u64> {
    let of_group = |group: &Group| -> Option<u64> {
        let name = match group.version {
            Version::Two => "memory.max",
            Version::One => "memory.limit_in_bytes",
        };
        // No limit is `max`, or a number that no machine has.
        tree.line(&group.file(name))?.parse().ok()
    };
    let granted = groups(tree, "memory");
    let granted = granted.iter().filter_map(of_group);
    granted.chain(kibibytes(&tree.text("proc/meminfo"), "MemTotal")).min()
}

/// A control group, and of which version it is.
struct Group {
    version: Version,
    folder: String,
}

#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

impl Group {
    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }
}

/// The control groups for `controller` that this process is in, each with those above it: of version 2, and of version 1 where its
/// controllers are mounted together or each under its own name.
fn groups(tree: &Tree, controller: &str) -> Vec<Group> {
    const GROUPS: &str = "sys/fs/cgroup";
    let mut found = Vec::new();
    for line in tree.text("proc/self/cgroup").lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let (version, mounts) = match controllers {
            "" => (Version::Two, vec!["."]),
            _ if controllers.split(',').any(|name| name == controller) => {
                (Version::One, vec![controllers, controller])
            }
            _ => continue,
        };
        let mut group = path.trim_matches('/');
        loop {
            let folders = mounts.iter().map(|mount| format!("{GROUPS}/{mount}/{group}"));
            found.extend(folders.map(|folder| Group { version, folder }));
            if group.is_empty() {
                break;
            }
            group = group.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    found
}

/// Quota and period in microseconds; `max` or -1 is none.
fn parse_quota(line: &str) -> Option<f64> {
    let (quota, period) = line.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.trim().parse().ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A made-up root with these files.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        root
    }

    const BARE_METAL: &[(&str, &str)] = &[
        ("proc/cpuinfo", "processor\t: 0\nmodel name\t: Core i9\nflags\t\t: fpu vme\n"),
        (
            "proc/meminfo",
            "MemTotal:       2048 kB\nSwapCached: 1 kB\nSwapTotal:      1024 kB\nSwapFree:        1000 kB\n",
        ),
        ("proc/loadavg", "3.50 1.00 0.50 2/300 4242\n"),
        ("proc/stat", "cpu  10 0 10 80 0 0 0 0 5 0\ncpu0 1 0 0 9 0 0 0 0 0 0\n"),
        ("proc/sys/kernel/osrelease", "6.18.0\n"),
        ("proc/sys/kernel/randomize_va_space", "2\n"),
        ("proc/sys/kernel/perf_event_paranoid", "-1\n"),
        ("etc/os-release", "PRETTY_NAME=\"Debian 13\"\nNAME=\"Debian\"\n"),
        ("sys/devices/system/cpu/cpu0/topology/core_cpus_list", "0,2\n"),
        ("sys/devices/system/cpu/cpu1/topology/core_cpus_list", "1,3\n"),
        ("sys/devices/system/cpu/cpu2/topology/core_cpus_list", "0,2\n"),
        ("sys/devices/system/cpu/cpu3/topology/core_cpus_list", "1,3\n"),
        ("sys/devices/system/cpu/cpufreq/boost", "0\n"),
        ("sys/devices/system/cpu/cpuidle/current_driver", "none\n"),
        ("sys/devices/system/cpu/smt/active", "1\n"),
        ("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
        ("sys/devices/system/cpu/cpu0/cpufreq/scaling_driver", "intel_pstate\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/level", "1\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n"),
        ("sys/devices/system/cpu/cpu0/cache/index0/size", "48K\n"),
        ("sys/devices/system/cpu/cpu0/cache/index1/level", "1\n"),
        ("sys/devices/system/cpu/cpu0/cache/index1/type", "Instruction\n"),
        ("sys/devices/system/cpu/cpu0/cache/index1/size", "32K\n"),
        ("sys/devices/system/cpu/cpu0/cache/index3/level", "3\n"),
        ("sys/devices/system/cpu/cpu0/cache/index3/type", "Unified\n"),
        ("sys/devices/system/cpu/cpu0/cache/index3/size", "16M\n"),
        ("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n"),
        ("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm \n"),
        ("sys/class/dmi/id/sys_vendor", "Dell Inc.\n"),
        ("sys/class/hwmon/hwmon0/name", "nvme\n"),
        ("sys/class/hwmon/hwmon0/temp1_input", "99000\n"),
        ("sys/class/hwmon/hwmon1/name", "coretemp\n"),
        ("sys/class/hwmon/hwmon1/temp1_input", "80000\n"),
        ("sys/class/hwmon/hwmon1/temp2_input", "95000\n"),
        ("sys/class/hwmon/hwmon1/temp2_crit", "100000\n"),
    ];

    #[test]
    fn bare_metal() {
        let root = root(BARE_METAL);
        let machine = of(&Tree::at(root.path()), 4, Some(3));
        assert_eq!(
            machine,
            Machine {
                cpu: Some("Core i9".into()),
                cpus: 4,
                cores: Some(2),
                threads_per_core: Some(2),
                smt: Some(true),
                caches: Caches { l1d: Some(48 << 10), l1i: Some(32 << 10), l2: None, l3: Some(16 << 20) },
                memory: Some(2 << 20),
                swap: Some(1 << 20),
                swap_used: Some(24 << 10),
                kernel: Some("Linux 6.18.0".into()),
                os: Some("Debian 13".into()),
                hypervisor: Some(false),
                hypervisor_name: None,
                governor: Some("powersave".into()),
                frequency_driver: Some("intel_pstate".into()),
                turbo: Some(true),
                clock_source: Some("hpet".into()),
                clock_sources: ["tsc", "hpet", "acpi_pm"].map(String::from).into(),
                aslr: Some("2".into()),
                layout_can_be_fixed: None,
                huge_pages: None,
                perf_event_paranoid: Some(-1),
                cpu_quota: None,
                pinned_to: Some(3),
                siblings: vec![1],
                load: Some("3.50 1.00 0.50".into()),
                steal: Some(0.0),
                temperature: Some(95.0),
                temperature_limit: Some(100.0),
            }
        );
    }

    #[test]
    fn a_virtual_machine_says_whose_it_is_as_well_as_it_can() {
        let flags = ("proc/cpuinfo", "model name : EPYC\nflags : fpu hypervisor\n");
        let clocks = ("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc kvm-clock\n");
        let dmi = ("sys/class/dmi/id/product_name", "Google Compute Engine\n");
        let xen = ("sys/hypervisor/type", "xen\n");
        let name = |files: &[(&str, &str)]| of(&Tree::at(root(files).path()), 2, None).hypervisor_name;
        assert_eq!(name(&[flags, clocks]).as_deref(), Some("KVM"));
        assert_eq!(name(&[flags, clocks, dmi]).as_deref(), Some("Google Compute Engine"));
        assert_eq!(name(&[flags, dmi, xen]).as_deref(), Some("xen"));
        assert_eq!(name(&[flags]), None);
        let stolen = root(&[flags, ("proc/stat", "cpu 50 0 0 30 0 0 0 20 0 0\n")]);
        let machine = of(&Tree::at(stolen.path()), 2, None);
        assert_eq!((machine.hypervisor, machine.steal), (Some(true), Some(0.2)));
    }

    #[test]
    fn a_thermal_zone_stands_in_for_a_sensor() {
        let zone = |kind, temp| {
            let critical = ("sys/class/thermal/thermal_zone0/trip_point_1_type", "critical\n");
            let limit = ("sys/class/thermal/thermal_zone0/trip_point_1_temp", "105000\n");
            let files = [
                ("sys/class/thermal/thermal_zone0/type", kind),
                ("sys/class/thermal/thermal_zone0/temp", temp),
                ("sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n"),
                critical,
                limit,
            ];
            let machine = of(&Tree::at(root(&files).path()), 1, None);
            (machine.temperature, machine.temperature_limit)
        };
        assert_eq!(zone("x86_pkg_temp\n", "61000\n"), (Some(61.0), Some(105.0)));
        assert_eq!(zone("iwlwifi_1\n", "61000\n"), (None, None));
        assert_eq!(zone("x86_pkg_temp\n", "hot\n"), (None, None));
    }

    #[test]
    fn the_tightest_quota_of_a_container_counts() {
        let quota = |files: &[(&str, &str)]| of(&Tree::at(root(files).path()), 8, None).cpu_quota;
        let inside = ("proc/self/cgroup", "0::/\n");
        assert_eq!(quota(&[inside, ("sys/fs/cgroup/cpu.max", "150000 100000\n")]), Some(1.5));
        assert_eq!(quota(&[inside, ("sys/fs/cgroup/cpu.max", "max 100000\n")]), None);
        let nested = ("proc/self/cgroup", "0::/a/b\n");
        let above = ("sys/fs/cgroup/a/cpu.max", "200000 100000\n");
        let own = ("sys/fs/cgroup/a/b/cpu.max", "400000 100000\n");
        assert_eq!(quota(&[nested, above, own]), Some(2.0));
        let old = ("proc/self/cgroup", "3:cpuset:/\n2:cpu,cpuacct:/job\n0::/\n");
        let limit = ("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
        let period = ("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
        assert_eq!(quota(&[old, limit, period]), Some(0.5));
        assert_eq!(quota(&[old, (limit.0, "-1\n"), period]), None);
    }

    #[test]
    fn memory_is_the_machines_or_what_a_container_grants() {
        let granted = |files: &[(&str, &str)]| memory_granted(&Tree::at(root(files).path()));
        let machine = ("proc/meminfo", "MemTotal: 8388608 kB\n");
        let inside = ("proc/self/cgroup", "0::/\n");
        assert_eq!(granted(&[machine]), Some(8 << 30));
        assert_eq!(granted(&[machine, inside]), Some(8 << 30));
        assert_eq!(granted(&[machine, inside, ("sys/fs/cgroup/memory.max", "max\n")]), Some(8 << 30));
        assert_eq!(granted(&[machine, inside, ("sys/fs/cgroup/memory.max", "1073741824\n")]), Some(1 << 30));
        assert_eq!(granted(&[inside, ("sys/fs/cgroup/memory.max", "1073741824\n")]), Some(1 << 30));
        let nested = ("proc/self/cgroup", "0::/a/b\n");
        let above = ("sys/fs/cgroup/a/memory.max", "536870912\n");
        let own = ("sys/fs/cgroup/a/b/memory.max", "1073741824\n");
        assert_eq!(granted(&[machine, nested, above, own]), Some(1 << 29));
        let old = ("proc/self/cgroup", "4:cpu,cpuacct:/job\n3:memory:/job\n0::/\n");
        let limit = ("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1073741824\n");
        assert_eq!(granted(&[machine, old, limit]), Some(1 << 30));
        assert_eq!(granted(&[machine, old, (limit.0, "9223372036854771712\n")]), Some(8 << 30));
        // A container often sees its own group as the root.
        let root_of_it = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n");
        assert_eq!(granted(&[machine, old, root_of_it]), Some(1 << 30));
        let other = ("sys/fs/cgroup/cpu/job/memory.limit_in_bytes", "1\n");
        assert_eq!(granted(&[machine, old, other]), Some(8 << 30));
        assert_eq!(granted(&[]), None);
    }

    #[test]
    fn nothing_is_made_up() {
        let empty = tempfile::tempdir().expect("a folder");
        let machine = of(&Tree::at(empty.path()), 3, None);
        assert_eq!(machine, Machine { cpus: 3, ..Machine::default() });
        let rubbish: Vec<(&str, &str)> = BARE_METAL.iter().map(|(path, _)| (*path, "\u{1}:, -x\n")).collect();
        let machine = of(&Tree::at(root(&rubbish).path()), 3, Some(0));
        assert_eq!((machine.memory, machine.steal, machine.temperature), (None, None, None));
        assert_eq!(
            (machine.caches, machine.turbo, machine.perf_event_paranoid),
            (Caches::default(), None, None)
        );
    }
}
