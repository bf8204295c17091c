//! What a visit started ends even when this process is killed and can end nothing any more.
//!
//! The visit itself dies with its parent (`PR_SET_PDEATHSIG`), but what it started in turn does not. So everything below
//! this process carries a mark in its environment, and a second process waits at a pipe that only this one holds open:
//! when the pipe ends, it ends all that carry the mark. (Jenkins finds a build's processes by such a mark too.)

use crate::family;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The variable that carries the mark.
pub const VARIABLE: &str = "ASSAY_VISIT_OF";
/// The hidden command of the process that waits.
pub const COMMAND: &str = "end-survivors";
/// Who starts processes faster than they are ended is given up on after so many looks.
const MOST_LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The mark of this process's visits, from the first time on that it is asked for; none where nobody could be started to
/// wait. It is as long in each run, so that it moves nobody's stack.
pub fn mark() -> Option<&'static str> {
    let (mark, _) = WAITING.get_or_init(begin).as_ref()?;
    Some(mark)
}

/// The number of the process that waits, which is no part of any visit.
pub fn waiting() -> Option<u32> {
    let (_, child) = WAITING.get()?.as_ref()?;
    Some(child.id())
}

static WAITING: OnceLock<Option<(String, Child)>> = OnceLock::new();

fn begin() -> Option<(String, Child)> {
    // The program of a unit test knows no commands.
    if cfg!(test) {
        return None;
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mark = format!("{:08x}{:016x}", std::process::id(), now.as_nanos() & u128::from(u64::MAX));
    let waiting = Command::new(std::env::current_exe().ok()?)
        .args([COMMAND, &mark])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // ctrl-C must not reach it.
        .process_group(0)
        .spawn();
    Some((mark, waiting.ok()?))
}

/// Waits until standard input ends, and ends all processes with `mark`.
pub fn wait_and_end(mark: &str) -> ExitCode {
    let mut stdin = std::io::stdin().lock();
    while matches!(stdin.read(&mut [0; 64]), Ok(1..)) {}
    let entry = format!("{VARIABLE}={mark}");
    for _ in 0..MOST_LOOKS {
        let left = family::with_variable(&entry);
        if left.is_empty() {
            break;
        }
        left.into_iter().for_each(family::kill);
        std::thread::sleep(BETWEEN_LOOKS);
    }
    ExitCode::SUCCESS
}
