//! Starts one process, sleeps while it runs, and says how it ended.
//!
//! Nothing that it started outlives it: what left its process group, or lost its parents, is adopted and killed too.

use crate::family::{self, Adopting};
use crate::survivors;
use harness::judge::wire::sample::Failure;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// More than this of standard output is rubbish and is thrown away.
const MOST_STDOUT: u64 = 16 << 20;
/// How much of the end of standard error is kept.
const STDERR_TAIL: usize = 2_000;
/// How often its memory is looked at, from another CPU than its own where there is one.
const LOOK: Duration = Duration::from_millis(100);
/// At every so manyeth look, what it started is looked for too, which takes longer.
const LOOKS_FOR_OTHERS: u32 = 10;
/// What was left running and ends by itself within this was only slower to end.
const GRACE: Duration = Duration::from_millis(200);
/// Pipes end when those who hold them have: after this somebody else is taken to hold them.
const PATIENCE: Duration = Duration::from_secs(5);

/// One process at a time is measured, and what is adopted belongs to it.
static TURN: Mutex<()> = Mutex::new(());

/// How a process is started. It begins with an empty environment plus what is named here and the mark of [`survivors`].
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The folder that it runs in; this process's where absent.
    pub folder: Option<PathBuf>,
    /// The CPU that it may use; all of them where absent.
    pub cpu: Option<usize>,
    /// Is the layout of its address space the same each time? Where the kernel refuses that it stays random, as
    /// [`can_fix_layout`] tells beforehand.
    pub fixed_layout: bool,
    /// It is killed after this time.
    pub limit: Duration,
    /// It is killed when it and all that it started hold more bytes of anonymous memory than this.
    pub memory_limit: Option<u64>,
}

/// How a process that ended well ended.
#[derive(Debug)]
pub struct Ended {
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// The end of its standard error.
    pub stderr: String,
    /// From its start to its end.
    pub took: Duration,
}

/// CPU time of all children that were waited for, in nanoseconds, user and kernel.
#[expect(unsafe_code, reason = "std does not tell what children used")]
pub fn cpu_of_children() -> u64 {
    // SAFETY: rusage is a plain C struct, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is valid for writes of a whole rusage.
    unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    let ns =
        |time: libc::timeval| time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_usec.unsigned_abs() * 1000;
    ns(usage.ru_utime) + ns(usage.ru_stime)
}

/// Runs `program` to its end. It leads a process group of its own, so ctrl-C does not reach it, and
/// at its limits it is killed with all that it started; all of that is killed too when this process dies.
/// What it leaves running at its end is killed, and is a failure.
pub fn run(program: &Path, arguments: &[OsString], conditions: &Conditions) -> Result<Ended, Failure> {
    let _turn = lock(&TURN);
    let adopting = Adopting::begin();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(conditions.environment.iter().map(|(name, value)| (name, value)))
        .envs(survivors::mark().map(|mark| (survivors::VARIABLE, mark)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    if let Some(folder) = &conditions.folder {
        command.current_dir(folder);
    }
    arrange(&mut command, conditions);
    let start = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|error| Failure::NotStarted { why: format!("{}: {error}", program.display()) })?;
    let stdout = read_aside(child.stdout.take(), |pipe| {
        let mut stdout = Vec::new();
        // A read that fails ends in a report that can't be read, which is told below.
        let _ = pipe.take(MOST_STDOUT).read_to_end(&mut stdout);
        stdout
    });
    let stderr = read_aside(child.stderr.take(), tail);
    let leader = child.id();
    let watched = Arc::new(Mutex::new(Watched { leader, state: State::Running }));
    let (ended, end) = channel();
    let watchdog = {
        let (watched, conditions) = (Arc::clone(&watched), conditions.clone());
        thread::spawn(move || watch(&watched, &conditions, &end))
    };
    let waited = wait_without_reaping(leader);
    let took = start.elapsed();
    drop(ended);
    let _ = watchdog.join();
    let left_running = if lock(&watched).state == State::Running { left_running(leader) } else { 0 };
    let status = waited.and_then(|()| reap(&mut child, &watched));
    drop(adopting);
    let stdout = stdout.recv_timeout(PATIENCE);
    let stderr = stderr.recv_timeout(PATIENCE).unwrap_or_default();
    let status =
        status.map_err(|error| Failure::NotStarted { why: format!("waiting for its end: {error}") })?;
    match lock(&watched).state {
        State::TimedOut => return Err(Failure::TimedOut { seconds: conditions.limit.as_secs() }),
        State::OverMemory => {
            let mebibytes = conditions.memory_limit.unwrap_or_default() >> 20;
            return Err(Failure::OverMemory { mebibytes });
        }
        State::Running | State::Reaped => {}
    }
    match (status.code(), status.signal()) {
        (Some(0), _) if left_running > 0 => Err(Failure::LeftRunning { processes: left_running }),
        (Some(0), _) => match stdout {
            Ok(stdout) => Ok(Ended { stdout, stderr, took }),
            Err(_) => Err(Failure::BadReport { why: "somebody else holds its output open".to_owned() }),
        },
        (_, Some(signal)) => Err(Failure::Killed { signal, stderr }),
        (code, None) => Err(Failure::Exited { code: code.unwrap_or(-1), stderr }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    TimedOut,
    OverMemory,
    Reaped,
}

/// A process and its group that the watchdog may kill as long as it was not reaped: after that its
/// number may belong to somebody else.
struct Watched {
    leader: u32,
    state: State,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a pipe in a thread of its own: a process that outlives its parent may hold it open.
fn read_aside<P: Read + Send + 'static, T: Send + 'static>(
    pipe: Option<P>,
    read: impl FnOnce(P) -> T + Send + 'static,
) -> Receiver<T> {
    let (done, result) = channel();
    if let Some(pipe) = pipe {
        // Who does not wait any more does not want it either.
        thread::spawn(move || done.send(read(pipe)));
    }
    result
}

fn watch(watched: &Mutex<Watched>, conditions: &Conditions, end: &Receiver<()>) {
    let Conditions { limit, memory_limit, .. } = *conditions;
    let leader = lock(watched).leader;
    if memory_limit.is_some() {
        keep_off(conditions.cpu);
    }
    let start = Instant::now();
    let mut others = Vec::new();
    for look in 1_u32.. {
        let left = limit.saturating_sub(start.elapsed());
        let pause = if memory_limit.is_some() { left.min(LOOK) } else { left };
        if end.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
        if look.is_multiple_of(LOOKS_FOR_OTHERS) && memory_limit.is_some() {
            others = family::started_by(leader);
        }
        let held = || {
            family::anonymous_memory(leader)
                + others.iter().map(|&pid| family::anonymous_memory(pid)).sum::<u64>()
        };
        let state = if start.elapsed() >= limit {
            State::TimedOut
        } else if memory_limit.is_some_and(|most| held() > most) {
            State::OverMemory
        } else {
            continue;
        };
        let mut watched = lock(watched);
        if watched.state == State::Running {
            family::kill_group(leader);
            watched.state = state;
        }
        return;
    }
}

/// How many processes it left running that do not end by themselves.
fn left_running(leader: u32) -> usize {
    let start = Instant::now();
    loop {
        let left = family::adopted(leader);
        if left.is_empty() || start.elapsed() > GRACE {
            return left.len();
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reaps under the lock, so that the watchdog never kills a number that was given away, and ends what was left running.
fn reap(child: &mut Child, watched: &Mutex<Watched>) -> io::Result<ExitStatus> {
    let mut watched = lock(watched);
    family::kill_group(watched.leader);
    family::end_adopted(watched.leader);
    if watched.state == State::Running {
        watched.state = State::Reaped;
    }
    child.wait()
}

fn tail(mut pipe: impl Read) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = pipe.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..n]);
        if kept.len() > 2 * STDERR_TAIL {
            kept.drain(..kept.len() - STDERR_TAIL);
        }
    }
    let from = kept.len().saturating_sub(STDERR_TAIL);
    String::from_utf8_lossy(&kept[from..]).trim().to_owned()
}

#[expect(unsafe_code, reason = "std can't wait without reaping")]
fn wait_without_reaping(pid: u32) -> io::Result<()> {
    loop {
        // SAFETY: siginfo_t is a plain C struct, for which all zeros is a value.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is valid for writes of a whole siginfo_t.
        let waited = unsafe { libc::waitid(libc::P_PID, pid, &raw mut info, libc::WEXITED | libc::WNOWAIT) };
        if waited == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Pinning, the fixed layout and the tie to this process's life are arranged in the child.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "only the child itself can arrange these between fork and exec")]
fn arrange(command: &mut Command, conditions: &Conditions) {
    let Conditions { cpu, fixed_layout, .. } = *conditions;
    // SAFETY: cpu_set_t is a plain C struct, for which all zeros is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    if let Some(cpu) = cpu {
        // SAFETY: the macro's function checks the number against the set's size.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    let in_child = move || {
        // SAFETY: these are system calls on plain numbers and on `set`, which the closure owns;
        // nothing here allocates or takes a lock.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if cpu.is_some() && libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) != 0
            {
                return Err(io::Error::last_os_error());
            }
            // Containers refuse it by default. A layout that stays random only adds spread, so no visit fails for it.
            if fixed_layout {
                libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
            }
        }
        Ok(())
    };
    // SAFETY: the closure only makes async-signal-safe system calls.
    unsafe { command.pre_exec(in_child) };
}

/// Keeps this thread off the CPU that the subject is pinned to.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std can't pin a thread")]
fn keep_off(cpu: Option<usize>) {
    let Some(cpu) = cpu else { return };
    // SAFETY: cpu_set_t is a plain C struct, for which all zeros is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for other in crate::machine::allowed_cpus().into_iter().filter(|&other| other != cpu) {
        // SAFETY: the macro's function checks the number against the set's size.
        unsafe { libc::CPU_SET(other, &mut set) };
    }
    // Where there is no other CPU this fails and changes nothing.
    // SAFETY: `set` is valid for reads of its size.
    unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set) };
}

#[cfg(not(target_os = "linux"))]
fn keep_off(_cpu: Option<usize>) {}

#[cfg(not(target_os = "linux"))]
fn arrange(_command: &mut Command, _conditions: &Conditions) {}

/// Does the kernel let a process fix the layout of its address space? The default profiles of Docker and Podman refuse it.
/// It is asked in a thread of its own, which ends with what it was granted: the kernel keeps this for each thread.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std can't fix a layout")]
pub fn can_fix_layout() -> bool {
    // SAFETY: a system call on a plain number. It concerns what this thread executes from now on: nothing.
    let ask = || unsafe { libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) != -1 };
    let asked = thread::Builder::new().spawn(ask).map(thread::JoinHandle::join);
    matches!(asked, Ok(Ok(true)))
}

#[cfg(not(target_os = "linux"))]
pub fn can_fix_layout() -> bool {
    false
}

/// Does this system pin processes and fix their layout?
pub const ARRANGES: bool = cfg!(target_os = "linux");

/// A `name=value` pair for [`Conditions::environment`].
pub fn variable(name: &str, value: impl AsRef<OsStr>) -> (OsString, OsString) {
    (name.into(), value.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, conditions: &Conditions) -> Result<Ended, Failure> {
        run(Path::new("/bin/sh"), &["-c".into(), script.into()], conditions)
    }

    fn conditions() -> Conditions {
        Conditions { limit: Duration::from_mins(1), ..Conditions::default() }
    }

    #[test]
    fn an_end_is_told_from_a_failure() {
        assert_eq!(shell("echo yes", &conditions()).expect("ends well").stdout, b"yes\n");
        let exited = shell("echo no >&2; exit 3", &conditions()).expect_err("exit code");
        assert_eq!(exited, Failure::Exited { code: 3, stderr: "no".to_owned() });
        let killed = shell("kill -SEGV $$", &conditions()).expect_err("signal");
        assert_eq!(killed, Failure::Killed { signal: 11, stderr: String::new() });
        let missing = run(Path::new("/no/such/program"), &[], &conditions()).expect_err("missing");
        assert!(matches!(missing, Failure::NotStarted { why } if why.contains("/no/such/program")));
    }

    /// The sleep of this many seconds is found by its argument: no other test uses it.
    fn is_running(seconds: &str) -> bool {
        let wanted = format!("sleep\0{seconds}\0");
        let commands = std::fs::read_dir("/proc").expect("proc").flatten();
        commands
            .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
            .any(|line| line == wanted.as_bytes())
    }

    #[test]
    fn at_its_limit_it_is_killed_with_its_children() {
        let short = Conditions { limit: Duration::from_millis(200), ..conditions() };
        // The grandchild holds the pipe open: without the group's end this would hang.
        let ended = shell("sleep 600 & sleep 600", &short).expect_err("too long");
        assert_eq!(ended, Failure::TimedOut { seconds: 0 });
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_it_leaves_running_is_killed_and_told() {
        let left = shell("sleep 60601 & echo done", &conditions()).expect_err("left a child");
        assert_eq!(left, Failure::LeftRunning { processes: 1 });
        // In a session of its own, out of reach of the group's end, and with the pipe in its hand.
        let daemon = shell("setsid sh -c 'sleep 60602; true' & sleep 0.3; echo done", &conditions());
        assert!(matches!(daemon, Err(Failure::LeftRunning { processes: 1 })), "{daemon:?}");
        let short = Conditions { limit: Duration::from_millis(500), ..conditions() };
        let hung = shell("setsid sleep 60603 & sleep 60604", &short).expect_err("too long");
        assert_eq!(hung, Failure::TimedOut { seconds: 0 });
        let failed = shell("setsid sleep 60605 & sleep 0.3; exit 3", &conditions()).expect_err("exit code");
        assert_eq!(failed, Failure::Exited { code: 3, stderr: String::new() });
        for seconds in ["60601", "60602", "60603", "60604", "60605"] {
            assert!(!is_running(seconds), "sleep {seconds} outlived its visit");
        }
    }

    #[test]
    fn what_ends_by_itself_right_after_is_no_failure() {
        let ended = shell("sleep 0.02 & echo done", &conditions()).expect("ends well");
        assert_eq!(ended.stdout, b"done\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn at_its_memory_limit_it_is_killed() {
        // The shell's variable doubles until something stops it.
        let eat = "x=0123456789abcdef; while true; do x=$x$x; done";
        let small = Conditions { memory_limit: Some(64 << 20), ..conditions() };
        assert_eq!(shell(eat, &small).expect_err("too much"), Failure::OverMemory { mebibytes: 64 });
        let child = format!("sh -c '{eat}' & wait");
        assert_eq!(shell(&child, &small).expect_err("too much"), Failure::OverMemory { mebibytes: 64 });
        assert_eq!(shell("sleep 0.3; echo yes", &small).expect("little").stdout, b"yes\n");
    }

    #[test]
    fn it_starts_with_nothing_but_what_is_named() {
        let named = Conditions { environment: vec![variable("NAMED", "here")], ..conditions() };
        let text = shell("echo ${HOME:-none} $NAMED", &named).expect("ends well").stdout;
        assert_eq!(text, b"none here\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn it_is_pinned_and_its_layout_fixed() {
        let first = crate::machine::allowed_cpus().into_iter().next().expect("a CPU");
        let arranged = Conditions { cpu: Some(first), fixed_layout: true, ..conditions() };
        let text = shell("grep Cpus_allowed_list /proc/self/status; cat /proc/self/personality", &arranged);
        let text = String::from_utf8(text.expect("ends well").stdout).expect("text");
        assert!(text.contains(&format!("Cpus_allowed_list:\t{first}\n")), "{text}");
        assert_eq!(text.contains("00040000"), can_fix_layout(), "{text}");
    }

    /// What a default container does: `personality` is refused with EPERM but for what does not fix a layout.
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "std does not filter system calls")]
    fn refuse_fixed_layouts() {
        let step = |code: u32, k: u32, jt: u8, jf: u8| libc::sock_filter { code: code as u16, jt, jf, k };
        let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
        let equal = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
        let end = libc::BPF_RET | libc::BPF_K;
        // Of struct seccomp_data: the call's number, then the lower half of its first argument.
        let argument = if cfg!(target_endian = "little") { 16 } else { 20 };
        let mut steps = [
            step(load, 0, 0, 0),
            step(equal, libc::SYS_personality as u32, 0, 3),
            step(load, argument, 0, 0),
            step(equal, libc::ADDR_NO_RANDOMIZE as u32, 0, 1),
            step(end, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32, 0, 0),
            step(end, libc::SECCOMP_RET_ALLOW, 0, 0),
        ];
        let program = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
        // SAFETY: `program` points at as many steps as it says, and the kernel copies them.
        let set = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                && libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) == 0
        };
        assert!(set, "{}", io::Error::last_os_error());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn where_the_kernel_refuses_it_the_layout_stays_random_and_the_visit_goes_on() {
        // Of a thread that ends: what was refused is refused to it and to what it starts alone.
        let refused = thread::spawn(|| {
            refuse_fixed_layouts();
            let arranged = Conditions { fixed_layout: true, ..conditions() };
            (can_fix_layout(), shell("cat /proc/self/personality", &arranged))
        });
        let (can_fix, ended) = refused.join().expect("the thread ends well");
        assert!(!can_fix);
        assert_eq!(ended.expect("the visit does not fail").stdout, b"00000000\n");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn to_ask_changes_nothing() {
        let own = || std::fs::read_to_string("/proc/self/personality").expect("proc");
        let before = own();
        can_fix_layout();
        assert_eq!(own(), before);
    }
}
