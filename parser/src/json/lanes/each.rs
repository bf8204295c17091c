//! Every way that this processor has, for tests.

use std::sync::{Mutex, PoisonError};

use super::portable::Portable;
use super::{Everywhere, Lanes, WIDTH};

/// One of the ways, told apart while the test runs.
#[derive(Debug, Clone, Copy)]
pub(in crate::json) enum Each {
    Portable,
    Everywhere,
    #[cfg(target_arch = "x86_64")]
    Avx2(super::Avx2),
}

impl Each {
    /// All of them; says so where one is skipped.
    pub(in crate::json) fn all() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "only x86-64 has a third"))]
        let mut all = vec![Self::Portable, Self::Everywhere];
        #[cfg(target_arch = "x86_64")]
        match super::Avx2::detect() {
            Some(lanes) => all.push(Self::Avx2(lanes)),
            None => say_skipped("this processor lacks AVX2, BMI1 or BMI2, so nothing is tested by them"),
        }
        #[cfg(not(target_arch = "x86_64"))]
        say_skipped("only x86-64 has AVX2 and SSE2, so nothing is tested by them");
        all
    }
}

/// Once for all tests and their cases, past what captures a test's output: a skipped test passes.
pub(in crate::json) fn say_skipped(what: &'static str) {
    use std::io::Write;

    static SAID: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.contains(&what) {
        said.push(what);
        let _ = writeln!(std::io::stderr(), "skipped: {what}");
    }
}

macro_rules! by_each {
    ($each:expr, $lanes:ident => $answer:expr) => {
        match $each {
            Each::Portable => {
                let $lanes = Portable;
                $answer
            }
            Each::Everywhere => {
                let $lanes = Everywhere;
                $answer
            }
            #[cfg(target_arch = "x86_64")]
            Each::Avx2($lanes) => $answer,
        }
    };
}

impl Lanes for Each {
    fn stops(self, bytes: &[u8; WIDTH]) -> u32 {
        by_each!(self, lanes => lanes.stops(bytes))
    }

    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32 {
        by_each!(self, lanes => lanes.stops_or_high(bytes))
    }

    fn gaps(self, bytes: &[u8; WIDTH]) -> u32 {
        by_each!(self, lanes => lanes.gaps(bytes))
    }

    fn digits(self, bytes: &[u8; WIDTH]) -> u32 {
        by_each!(self, lanes => lanes.digits(bytes))
    }

    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        by_each!(self, lanes => lanes.equal(a, b))
    }
}
