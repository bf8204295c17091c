//! Times: what is read as one is read alike by the reader that remembers the last, and is the same time when it is
//! written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::{Clock, Time, Times};

fuzz_target!(|data: &[u8]| {
    let clock = Clock::until(Time::from_nanos(1_736_935_200_000_000_000));
    let mut times = Times::new(clock);
    for text in data.split(|&byte| byte == b'\n') {
        let time = Time::parse(text, &clock);
        assert_eq!(times.parse(text), time, "{}", text.escape_ascii());
        if let Some(time) = time {
            let written = time.to_string();
            assert_eq!(
                Time::parse(written.as_bytes(), &clock),
                Some(time),
                "{} as {written}",
                text.escape_ascii()
            );
        }
    }
});
