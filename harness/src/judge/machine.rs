//! A machine in words: for reports, for people, and to tell two machines apart.

use super::wire::machine::Machine;

/// The machine in lines: processor, CPUs, memory, kernel, distribution.
pub fn lines(machine: &Machine) -> Vec<String> {
    let unknown = || "unknown".to_owned();
    let virtualised = match (machine.hypervisor, &machine.hypervisor_name) {
        (Some(true), Some(name)) => format!(", virtual machine ({name})"),
        (Some(true), None) => ", virtual machine".to_owned(),
        _ => String::new(),
    };
    let gibibytes =
        machine.memory.map(|bytes| format!("{:.1} GiB of memory", bytes as f64 / f64::from(1 << 30)));
    vec![
        machine.cpu.clone().unwrap_or_else(unknown),
        format!("{} CPUs{virtualised}", machine.cpus),
        gibibytes.unwrap_or_else(unknown),
        machine.kernel.clone().unwrap_or_else(unknown),
        machine.os.clone().unwrap_or_else(unknown),
    ]
}

/// What else is known of it and stays as long as nobody changes it, as pairs of a word and what it says. What is not known
/// is left out.
pub fn settings(machine: &Machine) -> Vec<(&'static str, String)> {
    let caches = &machine.caches;
    let each = [("L1d", caches.l1d), ("L1i", caches.l1i), ("L2", caches.l2), ("L3", caches.l3)];
    let each = each.into_iter().filter_map(|(name, bytes)| Some(format!("{name} {}", size(bytes?))));
    let caches: Vec<String> = each.collect();
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    let cores = machine.cores.zip(machine.threads_per_core);
    let frequency = match (&machine.frequency_driver, &machine.governor) {
        (Some(driver), Some(governor)) => Some(format!("{governor}, by {driver}")),
        (driver, governor) => governor.clone().or_else(|| driver.clone()),
    };
    let known = [
        ("cores", cores.map(|(cores, threads)| format!("{cores}, CPUs per core {threads}"))),
        ("SMT", machine.smt.map(on)),
        ("caches", Some(caches.join(", ")).filter(|text| !text.is_empty())),
        ("frequency", frequency),
        ("turbo", machine.turbo.map(on)),
        ("clock source", machine.clock_source.clone()),
        ("address layout", machine.aslr.as_deref().map(layout)),
        ("layout for memory", machine.layout_can_be_fixed.map(layout_for_memory)),
        ("huge pages", machine.huge_pages.clone()),
        ("perf events", machine.perf_event_paranoid.map(events)),
        ("CPU quota", machine.cpu_quota.map(|cpus| format!("{cpus:.2} CPUs"))),
        ("swap", machine.swap.map(size)),
        ("pinned to", machine.pinned_to.map(|cpu| format!("CPU {cpu}"))),
    ];
    known.into_iter().filter_map(|(word, fact)| Some((word, fact?))).collect()
}

/// What it was like when the run began, in the same form.
pub fn moment(machine: &Machine) -> Vec<(&'static str, String)> {
    let known = [
        ("load", machine.load.clone()),
        ("steal since it started", machine.steal.map(|share| format!("{:.2} %", share * 100.0))),
        ("temperature", machine.temperature.map(|celsius| format!("{celsius:.0} °C"))),
        ("swap in use", machine.swap_used.map(size)),
    ];
    known.into_iter().filter_map(|(word, fact)| Some((word, fact?))).collect()
}

/// `kernel.randomize_va_space` (Linux, Documentation/admin-guide/sysctl/kernel.rst).
fn layout(level: &str) -> String {
    match level {
        "0" => "fixed".to_owned(),
        "1" => "random but for the heap".to_owned(),
        "2" => "random".to_owned(),
        other => other.to_owned(),
    }
}

/// That of visits which read memory.
fn layout_for_memory(can_be_fixed: bool) -> String {
    if can_be_fixed { "fixed" } else { "random, since fixing it is refused here" }.to_owned()
}

/// `kernel.perf_event_paranoid` (the same document); Debian knows levels above 2, which allow nothing.
fn events(level: i32) -> String {
    let allowed = match level {
        ..=-1 => "all allowed",
        0 => "all but raw tracepoints allowed",
        1 => "of the process's own, the kernel's among them",
        2 => "of the process's own, without the kernel's",
        3.. => "not allowed",
    };
    format!("{allowed} (perf_event_paranoid {level})")
}

/// Bytes in the largest binary unit that leaves a whole number, or with one digit.
fn size(bytes: u64) -> String {
    const UNITS: [(u32, &str); 3] = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match UNITS.iter().find(|(shift, _)| bytes >= 1 << shift) {
        Some((shift, unit)) if bytes.is_multiple_of(1 << shift) => format!("{} {unit}", bytes >> shift),
        Some((shift, unit)) => format!("{:.1} {unit}", bytes as f64 / (1_u64 << shift) as f64),
        None => format!("{bytes} B"),
    }
}

/// How a machine differs from what it was, or from another: a line each. What moves by itself, such as the load, is no
/// difference; what one side did not record is named in a line of its own.
pub fn differences(then: &Machine, now: &Machine) -> Vec<String> {
    let mut told = Vec::new();
    let names = ["processor", "CPUs", "memory", "kernel", "distribution"];
    for ((name, then), now) in names.iter().zip(lines(then)).zip(lines(now)) {
        if then != now {
            told.push(format!("{name}: {then} then, {now} now"));
        }
    }
    let (then, now) = (settings(then), settings(now));
    let find = |all: &[(&'static str, String)], word: &str| {
        all.iter().find(|(other, _)| *other == word).map(|(_, fact)| fact.clone())
    };
    let mut one_sided = Vec::new();
    for (word, fact) in &now {
        match find(&then, word) {
            Some(before) if before != *fact => told.push(format!("{word}: {before} then, {fact} now")),
            Some(_) => {}
            None => one_sided.push(*word),
        }
    }
    one_sided.extend(then.iter().map(|(word, _)| *word).filter(|word| find(&now, word).is_none()));
    if !one_sided.is_empty() {
        told.push(format!("known then or now alone, so not compared: {}", one_sided.join(", ")));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::wire::machine::Caches;

    fn machine() -> Machine {
        Machine {
            cpu: Some("EPYC".into()),
            cpus: 2,
            cores: Some(2),
            threads_per_core: Some(1),
            caches: Caches { l1d: Some(32 << 10), l1i: None, l2: Some(1 << 20), l3: Some(33 << 19) },
            hypervisor: Some(true),
            hypervisor_name: Some("KVM".into()),
            governor: Some("powersave".into()),
            aslr: Some("2".into()),
            layout_can_be_fixed: Some(false),
            perf_event_paranoid: Some(3),
            load: Some("0.1 0.2 0.3".into()),
            ..Machine::default()
        }
    }

    #[test]
    fn what_is_known_is_said_and_what_is_not_is_left_out() {
        let all = lines(&machine());
        assert_eq!(all[..3], ["EPYC", "2 CPUs, virtual machine (KVM)", "unknown"]);
        let said = settings(&machine());
        let find = |word| said.iter().find(|(other, _)| *other == word).map(|(_, fact)| fact.as_str());
        assert_eq!(find("caches"), Some("L1d 32 KiB, L2 1 MiB, L3 16.5 MiB"));
        assert_eq!(find("frequency"), Some("powersave"));
        assert_eq!(find("address layout"), Some("random"));
        assert_eq!(find("layout for memory"), Some("random, since fixing it is refused here"));
        assert_eq!(find("perf events"), Some("not allowed (perf_event_paranoid 3)"));
        assert_eq!(find("turbo"), None);
        assert_eq!(settings(&Machine::default()), []);
        assert_eq!(moment(&machine()), [("load", "0.1 0.2 0.3".to_owned())]);
    }

    #[test]
    fn machines_differ_in_what_stays_and_not_in_what_moves() {
        let later = Machine { load: Some("9 9 9".into()), steal: Some(0.5), ..machine() };
        assert_eq!(differences(&machine(), &later), Vec::<String>::new());
        let other = Machine { governor: Some("performance".into()), memory: Some(1 << 30), ..machine() };
        let told = differences(&machine(), &other);
        assert_eq!(
            told,
            ["memory: unknown then, 1.0 GiB of memory now", "frequency: powersave then, performance now"]
        );
        let unrecorded = Machine { caches: Caches::default(), ..machine() };
        assert_eq!(
            differences(&unrecorded, &machine()),
            ["known then or now alone, so not compared: caches"]
        );
    }
}
