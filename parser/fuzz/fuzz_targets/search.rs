//! The search by level against the plain one: the same records, the same bad lines; and the same records where lines
//! that cannot match are passed over.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Filter, Level, plain, search};
use parser_fuzz::{Input, outcome};
use std::ops::ControlFlow;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let sifted = Filter::level(Level::Error);
    let strict = sifted.clone().strict();
    let by = |filter: &Filter| {
        let mut hits = Vec::new();
        let outcome = outcome(|bad| {
            search::search_within(input.source(), filter, input.limits, bad, &mut |hit| {
                hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
                ControlFlow::Continue(())
            })
        });
        (outcome, hits)
    };
    let mut plain_hits = Vec::new();
    let slow = outcome(|bad| {
        plain::search_within(input.log, &strict, input.limits, bad, &mut |hit| {
            plain_hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
            ControlFlow::Continue(())
        })
    });
    assert_eq!(by(&sifted).1, plain_hits);
    assert_eq!(by(&strict), (slow, plain_hits));
});
