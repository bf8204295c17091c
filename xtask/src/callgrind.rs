//! callgrind, the counter of instructions (Weidendorfer, Kowarschik and Trinitis 2004; part of valgrind).

use crate::process::{self, Conditions, Ended};
use crate::subject::Subject;
use crate::toolchain::Missing;
use harness::judge::wire::sample::Failure;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long it may take to start the measured binary and let it describe itself.
const TRYING: Duration = Duration::from_mins(1);
/// What callgrind says at the end, before the number of instructions.
const COLLECTED: &str = "Collected :";

/// A callgrind that runs here.
#[derive(Clone, Debug)]
pub struct Callgrind {
    program: PathBuf,
}

impl Callgrind {
    /// Finds it and tries it on this binary: a processor or a build that it does not know ends in a signal.
    pub fn find(subject: &Subject) -> Result<Self, Missing> {
        let remedy = || Some("scripts/install-debian-tools count".to_owned());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join("valgrind")).find(|p| p.is_file());
        let Some(program) = found else {
            return Err(Missing {
                reason: "there is no valgrind, which counts instructions".to_owned(),
                remedy: remedy(),
            });
        };
        let callgrind = Self { program };
        let conditions = Conditions { limit: TRYING, ..Conditions::default() };
        match callgrind.count(&subject.binary, &["describe".into()], &conditions) {
            Ok(_) => Ok(callgrind),
            Err(failure) => Err(Missing {
                reason: format!(
                    "{} can't run {}: it {failure} (valgrind does not know every instruction, such as those of AVX-512)",
                    callgrind.program.display(),
                    subject.binary.display()
                ),
                remedy: Some("count a build without target-cpu, or with a newer valgrind".to_owned()),
            }),
        }
    }

    /// Runs a program to its end: what it wrote to standard output, and the instructions that it took.
    pub fn count(
        &self,
        program: &Path,
        arguments: &[OsString],
        conditions: &Conditions,
    ) -> Result<(Ended, u64), Failure> {
        let own = ["--tool=callgrind", "--callgrind-out-file=/dev/null"].map(OsString::from);
        let all: Vec<OsString> =
            own.into_iter().chain([program.into()]).chain(arguments.iter().cloned()).collect();
        let ended = process::run(&self.program, &all, conditions)?;
        let collected = collected(&ended.stderr).ok_or_else(|| Failure::BadReport {
            why: format!("callgrind does not tell how many instructions it took: {}", ended.stderr),
        })?;
        Ok((ended, collected))
    }
}

/// The number of instructions in what callgrind wrote to standard error.
fn collected(stderr: &str) -> Option<u64> {
    stderr.lines().rev().find_map(|line| line.split_once(COLLECTED)?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_from_what_callgrind_says() {
        let said = "==7== Callgrind, a call-graph\n==7== \n==7== Events    : Ir\n==7== Collected : 133037\n==7== \n\
            ==7== I   refs:      133,037";
        assert_eq!(collected(said), Some(133_037));
        assert_eq!(collected("==7== Collected : many"), None);
        assert_eq!(collected(""), None);
    }
}
