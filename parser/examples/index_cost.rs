//! What an index costs: entries per second of processor time, and bytes of anonymous memory per entry.

use std::path::Path;

use parser::index::{IndexBuilder, Options};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        for threads in [1, 2] {
            let before = anonymous()?;
            let start = cpu()?;
            let mut builder = IndexBuilder::new(Options { threads, ..Options::default() });
            builder.add(Path::new(&path), &mut |_| ())?;
            let index = builder.finish();
            let (seconds, bytes) = (cpu()? - start, anonymous()?.saturating_sub(before));
            println!(
                "{path}: {threads} threads: {} entries, {:.2} M/CPU-second, {:.1} B an entry (anonymous), {:.1} B (columns)",
                index.len(),
                f64::from(index.len()) / seconds / 1e6,
                bytes as f64 / f64::from(index.len()),
                index.memory() as f64 / f64::from(index.len()),
            );
        }
    }
    Ok(())
}

/// Anonymous memory of this process, from the kernel.
fn anonymous() -> std::io::Result<u64> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(kib.unwrap_or(0) * 1024)
}

/// Processor time of this process in seconds, of all its threads.
fn cpu() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / 100.0)
}
