//! The text format of Go's benchmarks (<https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md>),
//! with units' properties (<https://go.dev/issue/43744>): what benchstat reads.
//!
//! The variant is a key of the file's configuration, so `benchstat -col variant FILE` sets variants side by side; a line
//! stands for each sample. benchstat compares by its own test, unpaired and without our margins and floors.

use super::{finite, is_wrong};
use harness::judge::wire::results::{Cell, Metric, Results, VariantFacts};
use std::fmt::Write as _;

/// Units beside `ns/op` and `MB/s`, which benchstat knows. What is read once and exactly is assumed to be exact.
const UNITS: &str = "Unit p99-ns better=lower assume=nothing\n\
    Unit rss-bytes better=lower assume=nothing\n\
    Unit anon-bytes better=lower assume=nothing\n\
    Unit instructions better=lower assume=nothing\n\
    Unit heap-peak-bytes better=lower assume=exact\n\
    Unit size-bytes better=lower assume=exact\n";

pub(super) fn write(results: &Results) -> Option<String> {
    let mut body = String::new();
    let control = (results.control != results.reference).then_some(&results.control);
    for variant in results.variants.iter().map(|v| &v.name).chain(control) {
        let mut lines = String::new();
        for cell in results.cells.iter().filter(|c| c.variant == *variant) {
            samples(&mut lines, results, cell);
        }
        if let Some(facts) = results.variants.iter().find(|v| v.name == *variant) {
            exact(&mut lines, results, facts);
        }
        if !lines.is_empty() {
            let _ = write!(body, "\nvariant: {}\n{lines}", value(variant));
        }
    }
    if body.is_empty() {
        return None;
    }
    let about = &results.provenance;
    let mut out = format!("run: {}\n", value(&about.run));
    for (key, text) in [
        ("revision", about.revision.clone().unwrap_or_default()),
        ("compiler", about.compiler.clone()),
        ("machine", about.machine.join("; ")),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "{key}: {}", value(&text));
        }
    }
    Some(out + UNITS + &body)
}

fn samples(out: &mut String, results: &Results, cell: &Cell) {
    let scenario = results.scenarios.iter().find(|s| s.name == cell.scenario);
    let iterations = scenario.map_or(1, |s| s.iterations.max(1));
    let bytes = scenario.map_or(0, |s| s.bytes);
    for sample in cell.samples.iter().copied().filter_map(finite) {
        let _ = write!(out, "Benchmark{} ", name(&cell.scenario));
        let _ = match cell.metric {
            Metric::Time => write!(out, "{iterations} {sample} ns/op"),
            Metric::Latency => write!(out, "1 {sample} p99-ns"),
            Metric::Rss => write!(out, "1 {sample} rss-bytes"),
            Metric::Anon => write!(out, "1 {sample} anon-bytes"),
        };
        if cell.metric == Metric::Time && bytes > 0 && sample > 0.0 {
            // Bytes per nanosecond are GB/s.
            let _ = write!(out, " {} MB/s", bytes as f64 / sample * 1e3);
        }
        out.push('\n');
    }
}

/// What was read once: the heap's peaks and the size of what ships, which have no noise, and instructions.
fn exact(out: &mut String, results: &Results, variant: &VariantFacts) {
    let target = variant.axes.get("target");
    let right = |scenario: &str| !is_wrong(results, scenario, &variant.name);
    let heaps = results.heap.iter().filter(|h| h.exact && Some(&h.target) == target && right(&h.scenario));
    for heap in heaps {
        let _ = writeln!(out, "Benchmark{} 1 {} heap-peak-bytes", name(&heap.scenario), heap.peak_bytes);
    }
    for facts in results.instructions.iter().filter(|facts| facts.variant == variant.name) {
        if let Some(count) = finite(facts.instructions) {
            let _ = writeln!(out, "Benchmark{} 1 {count} instructions", name(&facts.scenario));
        }
    }
    let size = variant.command.as_ref().unwrap_or(&variant.binary).bytes;
    let _ = writeln!(out, "BenchmarkSize 1 {size} size-bytes");
}

/// A scenario's name as a benchmark's: without white space, not going on in a small letter, and not ending like `-8`,
/// which would be read as a number of processors.
fn name(scenario: &str) -> String {
    let mut name: String =
        scenario.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
    let mut first = name.chars();
    if let Some(letter) = first.next().filter(|c| c.is_lowercase()) {
        name = letter.to_uppercase().collect::<String>() + first.as_str();
    }
    let digits = name.chars().rev().take_while(char::is_ascii_digit).count();
    if digits > 0 && name[..name.len() - digits].ends_with('-') {
        name.push('_');
    }
    name
}

/// A value of the configuration: the rest of its line.
fn value(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_as_one_word_and_nothing_else() {
        assert_eq!(name("count/fast"), "Count/fast");
        assert_eq!(name("a b\tc\n"), "A_b_c_");
        assert_eq!(name("scale/x-16"), "Scale/x-16_");
        assert_eq!(name("scale/16"), "Scale/16");
        assert_eq!(name("über"), "Über");
        assert_eq!(name(""), "");
        assert_eq!(value(" a\nb: c "), "a b: c");
    }
}
