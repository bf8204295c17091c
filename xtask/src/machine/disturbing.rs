//! What on a machine disturbs measurement, each with its remedy.

use crate::process;
use harness::judge::wire::machine::Machine;

/// More of the CPUs than this, taken by other work, is worth telling.
const BUSY: f64 = 0.25;
/// Steal above this share is worth telling.
const STEAL: f64 = 0.005;
/// Swap in use above this share of memory is worth telling.
const SWAPPED: f64 = 0.01;
/// So near to what the sensor calls critical, in degrees, processors slow down.
const HOT: f64 = 10.0;
/// Clocks that are read without a call of the kernel: of x86, Arm, Power and RISC-V.
const QUICK_CLOCKS: [&str; 4] = ["tsc", "arch_sys_counter", "timebase", "riscv_clocksource"];

/// What disturbs, each with its remedy. `others` is the share of the CPUs that other work takes now, where it is known.
pub fn warnings(machine: &Machine, others: Option<f64>) -> Vec<String> {
    let virtual_machine = machine.hypervisor == Some(true);
    let told = [
        busy(machine.cpus, others),
        machine.governor.as_deref().filter(|governor| *governor != "performance").map(|governor| {
            let slow = if governor == "powersave" { ", which keeps it low or lets it follow the load" } else { "" };
            format!(
                "the frequency governor is {governor}{slow}: `cpupower frequency-set --governor performance` steadies the \
                 clock"
            )
        }),
        machine.turbo.filter(|on| *on && !virtual_machine).map(|_| {
            let switch = if machine.frequency_driver.as_deref().is_some_and(|d| d.starts_with("intel_")) {
                "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"
            } else {
                "echo 0 > /sys/devices/system/cpu/cpufreq/boost"
            };
            format!("turbo is on, so the frequency depends on heat and on the other cores: `{switch}` turns it off")
        }),
        sibling(machine),
        virtual_machine.then(|| {
            let name = machine.hypervisor_name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!(
                "this is a virtual machine{name}: other guests can take the CPU away unseen; the control shows by how much"
            )
        }),
        machine.steal.filter(|share| *share >= STEAL).map(|share| {
            format!(
                "the hypervisor gave {:.1} % of this machine's CPU time to others since it started: dedicated CPUs, another \
                 hour or more blocks help",
                share * 100.0
            )
        }),
        machine.cpu_quota.filter(|quota| *quota < machine.cpus as f64).map(|quota| {
            format!(
                "a control group grants {quota:.2} CPUs' worth of time on {} CPUs, and stops whoever has used it up: run \
                 without the quota (for containers: without --cpus)",
                machine.cpus
            )
        }),
        clock(machine),
        hot(machine),
        swapped(machine),
        machine.aslr.as_deref().filter(|level| *level == "0").map(|_| {
            "the address layout is fixed on this machine, so one layout is measured again and again: `sysctl \
             kernel.randomize_va_space=2`"
                .to_owned()
        }),
        (machine.layout_can_be_fixed == Some(false)).then(|| {
            "fixing the address layout is refused here, as in containers by default, so memory is read in random layouts and \
             varies more: `--security-opt seccomp=unconfined` (Docker, Podman) allows it"
                .to_owned()
        }),
        (machine.cpus == 1).then(|| {
            "there is one CPU: the harness and the subject share it, and nothing is pinned".to_owned()
        }),
        (!process::ARRANGES).then(|| {
            "this system can't pin a process or fix its layout: times and memory vary more".to_owned()
        }),
    ];
    told.into_iter().flatten().collect()
}

/// The load average would not do: it is a minute's, and of that minute the builds before a run are the most.
fn busy(cpus: usize, others: Option<f64>) -> Option<String> {
    others.filter(|share| *share > BUSY).map(|share| {
        format!(
            "the machine is busy (other work takes {:.0} % of {cpus} CPUs): stop it, or expect labels to be weaker",
            share * 100.0
        )
    })
}

fn sibling(machine: &Machine) -> Option<String> {
    let cpu = machine.pinned_to?;
    let siblings: Vec<String> = machine.siblings.iter().map(usize::to_string).collect();
    (!siblings.is_empty()).then(|| {
        format!(
            "CPU {cpu}, which subjects get, shares its core with CPU {}: `echo off > /sys/devices/system/cpu/smt/control` \
             ends that",
            siblings.join(", ")
        )
    })
}

fn clock(machine: &Machine) -> Option<String> {
    let clock = machine.clock_source.as_deref().filter(|clock| !QUICK_CLOCKS.contains(clock))?;
    let quick = machine.clock_sources.iter().find(|offered| QUICK_CLOCKS.contains(&offered.as_str()));
    let remedy = match quick {
        Some(quick) => format!(
            "`echo {quick} > /sys/devices/system/clocksource/clocksource0/current_clocksource` takes the quick one"
        ),
        None => "the kernel offers no quicker one here, so longer batches (batch-ms in bench.toml) help"
            .to_owned(),
    };
    Some(format!("the time comes from {clock}, which is slow to read: {remedy}"))
}

fn hot(machine: &Machine) -> Option<String> {
    let (celsius, limit) = machine.temperature.zip(machine.temperature_limit)?;
    (celsius > limit - HOT).then(|| {
        format!(
            "the processor is at {celsius:.0} °C and its limit is {limit:.0} °C: let it cool down, or it slows down while it \
             is measured"
        )
    })
}

fn swapped(machine: &Machine) -> Option<String> {
    let (used, memory) = machine.swap_used.zip(machine.memory)?;
    (used as f64 > SWAPPED * memory as f64).then(|| {
        format!(
            "{} MiB lie in swap, so memory was short and may be again: end what takes it, then `swapoff -a`",
            used >> 20
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine on which nothing disturbs.
    fn quiet() -> Machine {
        Machine {
            cpus: 4,
            // It is of a minute that builds were part of.
            load: Some("9.1 1.1 0.1".into()),
            governor: Some("performance".into()),
            turbo: Some(false),
            hypervisor: Some(false),
            clock_source: Some("tsc".into()),
            aslr: Some("2".into()),
            layout_can_be_fixed: Some(true),
            memory: Some(8 << 30),
            swap_used: Some(0),
            steal: Some(0.0),
            temperature: Some(50.0),
            temperature_limit: Some(100.0),
            pinned_to: Some(3),
            ..Machine::default()
        }
    }

    #[test]
    fn a_quiet_machine_and_an_unknown_one_give_no_warning() {
        assert_eq!(warnings(&quiet(), Some(BUSY)), Vec::<String>::new());
        assert_eq!(warnings(&Machine { cpus: 2, ..Machine::default() }, None), Vec::<String>::new());
    }

    #[test]
    fn each_disturbance_is_told_alone_and_with_its_remedy() {
        let cases: [(Machine, [&str; 2]); 12] = [
            (Machine { governor: Some("powersave".into()), ..quiet() }, ["keeps it low", "cpupower"]),
            (Machine { turbo: Some(true), ..quiet() }, ["turbo is on", "cpufreq/boost"]),
            (
                Machine { turbo: Some(true), frequency_driver: Some("intel_pstate".into()), ..quiet() },
                ["turbo is on", "no_turbo"],
            ),
            (Machine { siblings: vec![1], ..quiet() }, ["CPU 3", "smt/control"]),
            (
                Machine { hypervisor: Some(true), hypervisor_name: Some("KVM".into()), ..quiet() },
                ["virtual machine (KVM)", "control"],
            ),
            (Machine { steal: Some(0.03), ..quiet() }, ["3.0 %", "dedicated CPUs"]),
            (Machine { cpu_quota: Some(1.5), ..quiet() }, ["1.50 CPUs' worth", "--cpus"]),
            (
                Machine { clock_source: Some("hpet".into()), clock_sources: vec!["tsc".into()], ..quiet() },
                ["hpet", "echo tsc >"],
            ),
            (Machine { clock_source: Some("hpet".into()), ..quiet() }, ["hpet", "batch-ms"]),
            (
                Machine { layout_can_be_fixed: Some(false), ..quiet() },
                ["random layouts", "seccomp=unconfined"],
            ),
            (Machine { temperature: Some(93.0), ..quiet() }, ["93 °C", "cool down"]),
            (Machine { swap_used: Some(1 << 30), ..quiet() }, ["1024 MiB", "swapoff"]),
        ];
        for (machine, words) in cases {
            let told = warnings(&machine, None);
            let [warning] = told.as_slice() else { panic!("{told:?}") };
            assert!(words.iter().all(|word| warning.contains(word)), "{words:?} in {warning}");
        }
        let told = warnings(&quiet(), Some(0.5));
        assert!(
            matches!(told.as_slice(), [one] if one.contains("takes 50 % of 4 CPUs): stop it")),
            "{told:?}"
        );
        // A quota that is none, and turbo that only the host could turn off.
        assert_eq!(warnings(&Machine { cpu_quota: Some(4.0), ..quiet() }, None), Vec::<String>::new());
        let guest = Machine { turbo: Some(true), hypervisor: Some(true), ..quiet() };
        assert_eq!(warnings(&guest, None).len(), 1);
    }
}
