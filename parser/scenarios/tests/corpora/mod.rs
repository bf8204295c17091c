//! The corpora of scenarios by their names: a shape, or a shape and how it is compressed or how large it is.

use generator::Spec;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes the corpus of this name and its truth.
pub fn write(name: &str, seed: u64, records: u64, path: &Path, truth: &Path) {
    let (shape, _) = parts(name);
    let (shape, knobs): (_, &[(&str, &str)]) = match shape {
        "flat" => (shape, &[("services", "5")]),
        "spans" => ("flat", &[("services", "5"), ("spans", "all")]),
        _ => (shape, &[]),
    };
    let spec = Spec::new(shape.parse().unwrap_or_else(|e| panic!("{name}: {e}")), seed, records);
    let spec = spec.with_knobs(knobs.iter().copied()).unwrap_or_else(|e| panic!("{name}: {e}"));
    generator::write_files(&spec, path, Some(truth), true).unwrap_or_else(|e| panic!("{name}: {e}"));
    if name != shape {
        let log = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        compress(name, &log, path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
}

/// How many records the corpus of this name has in `bench.toml`, where the name tells that.
pub fn records(name: &str) -> Option<u64> {
    match parts(name).1 {
        "10k" => Some(10_000),
        "100k" => Some(100_000),
        "1m" => Some(1_000_000),
        _ => None,
    }
}

/// Writes a log as the corpus of this name has it.
pub fn compress(name: &str, log: &[u8], path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    match parts(name).1 {
        "gzip" => {
            let mut member = flate2::write::GzEncoder::new(file, flate2::Compression::default());
            member.write_all(log)?;
            member.finish().map(drop)
        }
        "zstd" => zstd::stream::copy_encode(log, file, 3),
        _ => file.write_all(log),
    }
}

fn parts(name: &str) -> (&str, &str) {
    name.split_once('-').unwrap_or((name, ""))
}
