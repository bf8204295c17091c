//! The search by level against the plain one: the same records, the same bad lines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Filter, Level, plain, search};
use parser_fuzz::{Input, outcome};
use std::ops::ControlFlow;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let filter = Filter { level: Level::Error };
    let (mut fast_hits, mut plain_hits) = (Vec::new(), Vec::new());
    let fast = outcome(|bad| {
        search::search_within(input.source(), &filter, input.limits, bad, &mut |hit| {
            fast_hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
            ControlFlow::Continue(())
        })
    });
    let slow = outcome(|bad| {
        plain::search_within(input.log, &filter, input.limits, bad, &mut |hit| {
            plain_hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
            ControlFlow::Continue(())
        })
    });
    assert_eq!(fast, slow);
    assert_eq!(fast_hits, plain_hits);
});
