//! The CDN counter against the plain one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Counter, plain};
use parser_fuzz::{Input, outcome};

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let fast = outcome(|bad| {
        let mut counter = Counter::within(input.limits);
        counter.read(input.source(), bad)?;
        Ok(counter.finish())
    });
    assert_eq!(fast, outcome(|bad| plain::count_within(input.log, input.limits, bad)));
});
