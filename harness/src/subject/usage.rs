//! What the process has used so far, by getrusage(2).

/// Resources used, all threads and waited-for children together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and kernel time, in nanoseconds. The kernel gives microseconds; the sum is exact to
    /// that, since Linux scales both parts to the scheduler's own account.
    pub cpu_ns: u64,
    /// Page faults without I/O.
    pub minor_faults: u64,
    /// Page faults with I/O.
    pub major_faults: u64,
    /// How often the kernel took the CPU away.
    pub involuntary_switches: u64,
    /// Bytes read from the disk.
    pub read_bytes: u64,
}

impl Usage {
    /// Reads it. Two system calls, well under a microsecond together.
    pub fn now() -> Self {
        let own = read(libc::RUSAGE_SELF);
        let children = read(libc::RUSAGE_CHILDREN);
        Self {
            cpu_ns: own.cpu_ns + children.cpu_ns,
            minor_faults: own.minor_faults + children.minor_faults,
            major_faults: own.major_faults + children.major_faults,
            involuntary_switches: own.involuntary_switches + children.involuntary_switches,
            read_bytes: own.read_bytes + children.read_bytes,
        }
    }

    /// What was used since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            minor_faults: self.minor_faults.saturating_sub(before.minor_faults),
            major_faults: self.major_faults.saturating_sub(before.major_faults),
            involuntary_switches: self.involuntary_switches.saturating_sub(before.involuntary_switches),
            read_bytes: self.read_bytes.saturating_sub(before.read_bytes),
        }
    }
}

#[expect(unsafe_code, reason = "std has no getrusage")]
fn read(who: libc::c_int) -> Usage {
    // SAFETY: rusage is a plain C struct, for which all zeros is a value.
    let mut raw: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `raw` is valid for writes of a whole rusage, which is all that the call does.
    if unsafe { libc::getrusage(who, &raw mut raw) } != 0 {
        return Usage::default();
    }
    let nanoseconds = |t: libc::timeval| t.tv_sec as u64 * 1_000_000_000 + t.tv_usec as u64 * 1_000;
    Usage {
        cpu_ns: nanoseconds(raw.ru_utime) + nanoseconds(raw.ru_stime),
        minor_faults: raw.ru_minflt as u64,
        major_faults: raw.ru_majflt as u64,
        involuntary_switches: raw.ru_nivcsw as u64,
        // Linux counts in blocks of 512 bytes, whatever the disk's are.
        read_bytes: raw.ru_inblock as u64 * 512,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touching_pages_is_seen() {
        let before = Usage::now();
        let pages = std::hint::black_box(vec![1_u8; 8 << 20]);
        assert!(Usage::now().since(before).minor_faults > 0);
        drop(pages);
    }
}
