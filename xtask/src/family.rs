//! The processes of a visit: the one that was started, and all that it started in turn.

use crate::survivors;
use std::fs;

/// A process, as /proc/PID/stat tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: u32,
    parent: u32,
    group: u32,
    is_dead: bool,
}

impl Process {
    /// From proc(5): number, name in parentheses, state, parent, group. The name may hold parentheses of its own.
    fn parse(text: &str) -> Option<Self> {
        let pid = text.split(' ').next()?.parse().ok()?;
        let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
        let is_dead = matches!(fields.next()?, "Z" | "X");
        let mut number = || fields.next()?.parse().ok();
        Some(Self { pid, parent: number()?, group: number()?, is_dead })
    }
}

/// All processes; none where there is no /proc.
fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_number));
    numbered
        .filter_map(|entry| Process::parse(&fs::read_to_string(entry.path().join("stat")).ok()?))
        .collect()
}

/// Those who lost their parents among what `leader` started, and became children of this process. They are told from
/// this process's own children by their group: `leader` leads one of its own.
fn orphans(all: &[Process], leader: u32) -> impl Iterator<Item = &Process> {
    let own = std::process::id();
    let own_group = all.iter().find(|process| process.pid == own).map(|process| process.group);
    let waiting = survivors::waiting();
    let is_orphan = move |process: &&Process| {
        process.parent == own
            && process.pid != leader
            && Some(process.pid) != waiting
            && Some(process.group) != own_group
    };
    all.iter().filter(is_orphan)
}

/// What `leader` left running when it ended, and this process adopted.
pub fn adopted(leader: u32) -> Vec<u32> {
    orphans(&all(), leader).filter(|process| !process.is_dead).map(|process| process.pid).collect()
}

/// All that `leader` started, directly or not, `leader` left out. Costs a look at every process of the machine.
pub fn started_by(leader: u32) -> Vec<u32> {
    let all = all();
    let mut found: Vec<u32> = orphans(&all, leader).map(|process| process.pid).collect();
    found.push(leader);
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(all.iter().filter(|process| process.parent == parent).map(|process| process.pid));
        at += 1;
    }
    found.retain(|&pid| pid != leader);
    found
}

/// Resident bytes of a process that are neither of a file nor shared; 0 where it has ended.
pub fn anonymous_memory(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: Vec<u64> = text.split_ascii_whitespace().map_while(|n| n.parse().ok()).collect();
    let [_, resident, shared, ..] = *pages.as_slice() else { return 0 };
    resident.saturating_sub(shared) * page_size()
}

/// All processes whose environment at their start held `entry`, a `NAME=value`; of those that this user may look at.
pub fn with_variable(entry: &str) -> Vec<u32> {
    let own = std::process::id();
    let carries = |process: &Process| {
        let environment = fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|one| one == entry.as_bytes())
    };
    let others = all().into_iter().filter(|process| process.pid != own && !process.is_dead);
    others.filter(carries).map(|process| process.pid).collect()
}

/// Kills one process, whose number was looked up just now.
#[expect(unsafe_code, reason = "std can only kill its own children")]
pub fn kill(pid: u32) {
    if let Ok(pid) = libc::pid_t::try_from(pid) {
        // SAFETY: kill(2) takes plain numbers.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
}

/// Kills a process and the group that it leads. It must not have been reaped.
#[expect(unsafe_code, reason = "std can't kill a group")]
pub fn kill_group(leader: u32) {
    if let Ok(leader) = libc::pid_t::try_from(leader) {
        // SAFETY: kill(2) takes plain numbers; the group's leader was not reaped yet.
        unsafe {
            libc::kill(-leader, libc::SIGKILL);
            libc::kill(leader, libc::SIGKILL);
        }
    }
}

/// As long as it lives, what loses its parents below this process becomes its child, and can be found and ended.
#[derive(Debug)]
pub struct Adopting(());

impl Adopting {
    /// Begins to adopt.
    pub fn begin() -> Self {
        adopt(true);
        Self(())
    }
}

impl Drop for Adopting {
    fn drop(&mut self) {
        adopt(false);
    }
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std does not know of adopting")]
fn adopt(begins: bool) {
    // SAFETY: this prctl takes plain numbers.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, libc::c_ulong::from(begins), 0, 0, 0) };
}

#[cfg(not(target_os = "linux"))]
fn adopt(_begins: bool) {}

/// Kills and reaps what was adopted from `leader`, and what that started, until nothing of it is left.
#[expect(unsafe_code, reason = "std can only end its own children")]
pub fn end_adopted(leader: u32) {
    // Who forks faster than this ends it is given up on after a while.
    for _ in 0..1000 {
        let all = all();
        let mut orphans = orphans(&all, leader).peekable();
        if orphans.peek().is_none() {
            return;
        }
        for orphan in orphans {
            if let Ok(pid) = libc::pid_t::try_from(orphan.pid) {
                // SAFETY: plain numbers; it is a child of this process that nobody else reaps, so the number is its own.
                unsafe {
                    libc::kill(pid, libc::SIGKILL);
                    libc::waitpid(pid, std::ptr::null_mut(), 0);
                }
            }
        }
    }
}

#[expect(unsafe_code, reason = "std does not tell the size of a page")]
fn page_size() -> u64 {
    // SAFETY: sysconf takes a plain number.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_look_like_the_rest() {
        let process = Process::parse("17 (a) Z 1 (b)) S 4 16 16 0 -1 4194560 1 0").expect("it is one");
        assert_eq!(process, Process { pid: 17, parent: 4, group: 16, is_dead: false });
        assert!(Process::parse("17 (a) Z 4 16 16").is_some_and(|process| process.is_dead));
        assert_eq!(Process::parse("17 (a"), None);
    }

    #[test]
    fn this_process_holds_memory() {
        let held = anonymous_memory(std::process::id());
        assert!((1 << 16..1 << 36).contains(&held), "{held}");
        assert_eq!(anonymous_memory(u32::MAX), 0);
    }
}
