//! The tally of all index fields against the plain one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{plain, tally};
use parser_fuzz::{Input, outcome};

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let fast = outcome(|bad| tally::tally_within(input.source(), input.limits, bad));
    assert_eq!(fast, outcome(|bad| plain::tally_within(input.log, input.limits, bad)));
});
