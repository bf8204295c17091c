//! Expressions of `--where`: any text is one or is refused, and one finds what the plain reader finds, lines passed
//! over or not. The expression is the first line of the input, the log is the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Columns, Expression, Filter, plain, search};
use parser_fuzz::{Input, outcome};
use std::ops::ControlFlow;

fuzz_target!(|data: &[u8]| {
    let Some(mut input) = Input::of(data) else { return };
    let end = input.log.iter().position(|&byte| byte == b'\n').unwrap_or(input.log.len());
    let Ok(text) = str::from_utf8(&input.log[..end]) else { return };
    input.log = input.log.get(end + 1..).unwrap_or_default();
    let mut columns = Columns::new();
    let Ok(expression) = Expression::parse(text, &mut columns) else { return };
    let sifted = Filter::new(expression, columns);
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
    assert_eq!(by(&sifted).1, plain_hits, "{text}");
    assert_eq!(by(&strict), (slow, plain_hits), "{text}");
});
