//! The parser's scenarios: what is measured of it, on the generator's corpora, with the right answers.
//!
//! Each piece of work stands here twice, by the fast reader and by the plain one, under one suite: the
//! plain reader is the rival, and on a user's own file it is also the judge of the answer. The same
//! work is measured once more as the whole command `logs`, which is what ships.
//!
//! The binary of this package is what is measured, once per variant; `cargo bench` hands the same
//! scenarios to criterion.

mod allocating;
mod arriving;
#[cfg(feature = "inputs")]
mod compressed;
mod counting;
mod fields;
#[cfg(feature = "investigate")]
mod investigating;
mod limits;
mod mixing;
#[cfg(feature = "rivals")]
mod rivals;
mod searching;
mod tallying;
mod truth;

use harness::subject::Scenario;

/// All scenarios, in the order of reports.
pub fn scenarios() -> Vec<Scenario> {
    let mut all = counting::scenarios();
    all.extend(arriving::scenarios());
    all.extend(searching::scenarios());
    all.extend(tallying::scenarios());
    all.extend(fields::scenarios());
    all.extend(allocating::scenarios());
    all.extend(limits::scenarios());
    #[cfg(feature = "inputs")]
    all.extend(compressed::scenarios());
    #[cfg(feature = "investigate")]
    all.extend(investigating::scenarios());
    #[cfg(feature = "rivals")]
    all.extend(rivals::scenarios());
    all
}
