//! The machine of a run, in `manifest.json`.

use serde::{Deserialize, Serialize};

/// The machine, as far as it can be told from inside. Unknown is `None` or empty, never made up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's model.
    pub cpu: Option<String>,
    /// CPUs that this process may use.
    pub cpus: usize,
    /// Cores of all CPUs that are online.
    pub cores: Option<usize>,
    /// CPUs of one core, where they are online.
    pub threads_per_core: Option<usize>,
    /// Does any core run two threads at a time?
    pub smt: Option<bool>,
    /// Caches that the first CPU sees.
    #[serde(default)]
    pub caches: Caches,
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Swap in bytes; 0 where there is none.
    pub swap: Option<u64>,
    /// Swap in use when the run began, in bytes.
    pub swap_used: Option<u64>,
    /// Kernel name and release.
    pub kernel: Option<String>,
    /// The distribution.
    pub os: Option<String>,
    /// The hypervisor, where the CPU says that there is one.
    pub hypervisor: Option<bool>,
    /// What it calls itself, by `/sys/hypervisor`, DMI or the clock that it offers.
    pub hypervisor_name: Option<String>,
    /// The frequency governor of the first CPU.
    pub governor: Option<String>,
    /// The driver that sets its frequency.
    pub frequency_driver: Option<String>,
    /// May it run above its nominal frequency?
    pub turbo: Option<bool>,
    /// What the kernel takes the time from.
    pub clock_source: Option<String>,
    /// What it could take the time from.
    #[serde(default)]
    pub clock_sources: Vec<String>,
    /// `kernel.randomize_va_space`.
    pub aslr: Option<String>,
    /// May a process fix the layout of its own address space? Containers refuse it by default; earlier builds did not ask.
    #[serde(default)]
    pub layout_can_be_fixed: Option<bool>,
    /// The mode of transparent huge pages.
    pub huge_pages: Option<String>,
    /// `kernel.perf_event_paranoid`: up to 2 a process may count its own events.
    pub perf_event_paranoid: Option<i32>,
    /// CPUs' worth of time that the tightest control group grants; absent where none limits it, or none can be read.
    pub cpu_quota: Option<f64>,
    /// The CPU that single-threaded subjects are pinned to.
    pub pinned_to: Option<usize>,
    /// The CPUs that share its core.
    #[serde(default)]
    pub siblings: Vec<usize>,
    /// Load averages of 1, 5 and 15 minutes when the run began.
    pub load: Option<String>,
    /// Share of all CPU time since the machine started that the hypervisor gave to other guests.
    pub steal: Option<f64>,
    /// The hottest of the processor's sensors when the run began, in degrees Celsius.
    pub temperature: Option<f64>,
    /// What that sensor calls critical, in degrees Celsius.
    pub temperature_limit: Option<f64>,
}

/// Caches in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Caches {
    /// First level, data.
    pub l1d: Option<u64>,
    /// First level, instructions.
    pub l1i: Option<u64>,
    /// Second level.
    pub l2: Option<u64>,
    /// Third level.
    pub l3: Option<u64>,
}
