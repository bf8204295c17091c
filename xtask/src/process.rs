//! Starts one process, sleeps while it runs, and says how it ended.

use harness::judge::wire::sample::Failure;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// More than this of standard output is rubbish and is thrown away.
const MOST_STDOUT: u64 = 16 << 20;
/// How much of the end of standard error is kept.
const STDERR_TAIL: usize = 2_000;

/// How a process is started. It begins with an empty environment plus what is named here.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The CPU that it may use; all of them where absent.
    pub cpu: Option<usize>,
    /// Is the layout of its address space the same each time?
    pub fixed_layout: bool,
    /// It is killed after this time.
    pub limit: Duration,
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
/// at the limit it is killed with all that it started; it is killed too when this process dies.
pub fn run(program: &Path, arguments: &[OsString], conditions: &Conditions) -> Result<Ended, Failure> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(conditions.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    arrange(&mut command, conditions);
    let start = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|error| Failure::NotStarted { why: format!("{}: {error}", program.display()) })?;
    let watched = Arc::new(Mutex::new(Watched { group: child.id(), state: State::Running }));
    let (ended, end) = channel();
    let watchdog = {
        let (watched, limit) = (Arc::clone(&watched), conditions.limit);
        thread::spawn(move || watch(&watched, limit, &end))
    };
    let stderr = child.stderr.take().map(|pipe| thread::spawn(move || tail(pipe)));
    let mut stdout = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        // A read that fails ends in a report that can't be read, which is told below.
        let _ = pipe.take(MOST_STDOUT).read_to_end(&mut stdout);
    }
    let status = reap(&mut child, &watched);
    let took = start.elapsed();
    drop(ended);
    let _ = watchdog.join();
    let stderr = stderr.and_then(|reader| reader.join().ok()).unwrap_or_default();
    let timed_out = lock(&watched).state == State::Killed;
    let status =
        status.map_err(|error| Failure::NotStarted { why: format!("waiting for its end: {error}") })?;
    if timed_out {
        return Err(Failure::TimedOut { seconds: conditions.limit.as_secs() });
    }
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(Ended { stdout, stderr, took }),
        (_, Some(signal)) => Err(Failure::Killed { signal, stderr }),
        (code, None) => Err(Failure::Exited { code: code.unwrap_or(-1), stderr }),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Killed,
    Reaped,
}

/// A process group that the watchdog may kill as long as its leader was not reaped: after that its
/// number may belong to somebody else.
struct Watched {
    group: u32,
    state: State,
}

fn lock(watched: &Mutex<Watched>) -> std::sync::MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch(watched: &Mutex<Watched>, limit: Duration, end: &Receiver<()>) {
    if end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        let mut watched = lock(watched);
        if watched.state == State::Running {
            kill_group(watched.group);
            watched.state = State::Killed;
        }
    }
}

/// Waits for the end without reaping, then reaps under the lock, so that the watchdog never kills a
/// number that was given away.
fn reap(child: &mut Child, watched: &Mutex<Watched>) -> io::Result<std::process::ExitStatus> {
    wait_without_reaping(child.id())?;
    let mut watched = lock(watched);
    // What it left running in its group goes with it.
    kill_group(watched.group);
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

#[expect(unsafe_code, reason = "std can't kill a group")]
fn kill_group(group: u32) {
    if let Ok(group) = libc::pid_t::try_from(group) {
        // SAFETY: kill(2) takes plain numbers; the group's leader was not reaped yet.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
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
            if fixed_layout && libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) == -1 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: the closure only makes async-signal-safe system calls.
    unsafe { command.pre_exec(in_child) };
}

#[cfg(not(target_os = "linux"))]
fn arrange(_command: &mut Command, _conditions: &Conditions) {}

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

    #[test]
    fn at_its_limit_it_is_killed_with_its_children() {
        let short = Conditions { limit: Duration::from_millis(200), ..conditions() };
        // The grandchild holds the pipe open: without the group's end this would hang.
        let ended = shell("sleep 600 & sleep 600", &short).expect_err("too long");
        assert_eq!(ended, Failure::TimedOut { seconds: 0 });
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
        assert!(text.contains("00040000"), "{text}");
    }
}
