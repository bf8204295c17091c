//! `logs count`, by the plain reader: what the fast one is timed against by hand.
//!
//! `cargo run --release -p parser --example plain_count --features plain -- FILE...`

use std::fs::File;
use std::process::ExitCode;

fn main() -> ExitCode {
    for path in std::env::args().skip(1) {
        let read = File::open(&path).and_then(|file| parser::plain::count(file, &mut |_| ()));
        match read {
            Ok(count) => {
                println!("{path}: {} records, {} counted, {} bad", count.records, count.counted, count.bad);
            }
            Err(error) => {
                eprintln!("plain_count: {path}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
