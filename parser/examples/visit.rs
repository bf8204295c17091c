//! Reads the values of some keys from each record of a log, and nothing else: what a profiler is pointed at.
//!
//! `cargo run --release -p parser --example visit -- FILE [KEY...]`; without keys it visits the lines only, by memchr,
//! which is what no reader of them can beat.
//!
//! `valgrind --tool=callgrind` on it counts instructions; `time` on it with keys and without gives the ratio of both.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::ops::ControlFlow;
use std::process::ExitCode;

use parser::{Limits, Reader, Value};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(path) = arguments.next() else {
        eprintln!("Usage: visit FILE [KEY...]");
        return ExitCode::from(2);
    };
    let keys: Vec<String> = arguments.collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let visited =
        File::open(&path).and_then(|file| if keys.is_empty() { lines(file) } else { values(file, &keys) });
    match visited {
        Ok(said) => println!("{path}: {said}"),
        Err(error) => {
            eprintln!("visit: {path}: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Counts lines, and their bytes.
fn lines(file: File) -> io::Result<String> {
    let mut input = BufReader::with_capacity(Limits::default().chunk, file);
    let (mut lines, mut bytes) = (0_u64, 0);
    loop {
        let block = input.fill_buf()?;
        if block.is_empty() {
            return Ok(format!("{lines} lines, {bytes} bytes"));
        }
        let mut rest = block;
        while let Some(feed) = memchr::memchr(b'\n', rest) {
            lines += 1;
            bytes += feed + 1;
            rest = &rest[feed + 1..];
        }
        bytes += rest.len();
        let length = block.len();
        input.consume(length);
    }
}

/// Counts records, and the bytes of what they hold under these keys.
fn values(file: File, keys: &[&str]) -> io::Result<String> {
    let mut reader = Reader::new(keys, Limits::default());
    let (mut values, mut bytes) = (0_u64, 0);
    reader.read(file, &mut |_| (), |record| {
        for key in 0..keys.len() {
            if let Some(Value::Text(parser::Text { raw, .. }) | Value::Number(raw)) = record.value(key) {
                values += 1;
                bytes += raw.len();
            }
        }
        ControlFlow::Continue(())
    })?;
    let totals = reader.totals();
    Ok(format!("{} records, {} bad lines, {values} values of {bytes} bytes", totals.records, totals.bad))
}
