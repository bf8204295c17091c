//! Numbers in entries: how they spread, what stands out, how they change.
//!
//! A field is a key of the outermost object of a record (or a field of another format). Its value counts if it is a
//! number that a 64-bit float can hold; strings that look like numbers do not, and are counted as `not_numbers` with
//! all else but null. Percentiles are of type 7 (Hyndman and Fan, 1996: linear between the two nearest). Outliers lie
//! more than 1.5 times the distance between the quartiles outside them (Tukey's fences); those furthest out are told
//! first, of equals the first in time. Values over time are in ten parts, equally long, between the first and last
//! time of entries that have the field; entries without a time are in no part. Every entry that fits is read from its
//! file; 16 bytes are held per value.

use std::io;

use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use crate::index::{Index, Rereader};
use crate::time::Time;
use crate::value::Value;

/// What the numbers of a field come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// The field's key.
    pub field: String,
    /// How many values there are; all else is 0 if there are none.
    pub count: usize,
    /// Entries where it is there and no number.
    pub not_numbers: u64,
    /// The sum of all.
    pub sum: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub deviation: f64,
    /// The smallest, the percentiles 25, 50, 75, 90, 95, 99 and 99.9, and the largest.
    pub percentiles: [f64; 9],
    /// How many are outliers.
    pub outliers: usize,
    /// The furthest of them: entry and value.
    pub furthest: Vec<(u32, f64)>,
    /// Ten parts of the time: when each begins, how many values, their mean and their largest.
    pub parts: Vec<(Time, usize, f64, f64)>,
}

/// The names of [`Metric::percentiles`].
pub const PERCENTILES: [&str; 9] = ["min", "p25", "p50", "p75", "p90", "p95", "p99", "p99.9", "max"];

/// Fields that are looked for if none are named: those that numbers usually have.
pub const USUAL: [&str; 16] = [
    "duration_ms",
    "duration",
    "latency_ms",
    "latency",
    "elapsed_ms",
    "elapsed",
    "response_time",
    "request_time",
    "took_ms",
    "bytes",
    "size",
    "status",
    "count",
    "attempt",
    "value",
    "lag",
];

/// Outliers that are told of each field.
const FURTHEST: usize = 10;

/// The numbers in some fields of the entries that fit a query; of [`USUAL`] fields those that are there, if none are
/// named.
///
/// # Errors
/// What reading the files or a saved index gives; that more fields are named than a reader can want.
pub fn metrics(index: &Index, query: &Query, fields: &[String]) -> io::Result<Vec<Metric>> {
    if fields.len() > MOST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} fields are asked for; name at most {MOST} at once", fields.len()),
        ));
    }
    let keys: Vec<&str> =
        if fields.is_empty() { USUAL.to_vec() } else { fields.iter().map(String::as_str).collect() };
    let mut values: Vec<Vec<(u32, f64)>> = vec![Vec::new(); keys.len()];
    let mut not_numbers = vec![0_u64; keys.len()];
    let entries = search(index, query, Page::ALL)?.entries;
    let mut rereader = Rereader::with_keys(&[], &keys);
    index.show(&entries, |shown| {
        rereader.read(shown.bytes, |_, record| {
            for (at, values) in values.iter_mut().enumerate() {
                let number = match record.value(at) {
                    None | Some(Value::Null) => continue,
                    Some(Value::Number(number)) => {
                        std::str::from_utf8(number).ok().and_then(|n| n.parse().ok())
                    }
                    Some(_) => None,
                };
                match number.filter(|number: &f64| number.is_finite()) {
                    Some(number) => values.push((shown.entry, number)),
                    None => not_numbers[at] += 1,
                }
            }
        });
        Ok(())
    })?;
    let mut all = Vec::new();
    for ((key, values), not_numbers) in keys.into_iter().zip(values).zip(not_numbers) {
        if !fields.is_empty() || !values.is_empty() {
            all.push(metric(index, key, &values, not_numbers)?);
        }
    }
    Ok(all)
}

/// The most fields at once.
const MOST: usize = 64;

/// Parts that the time is cut into.
const PARTS: usize = 10;

fn metric(index: &Index, field: &str, values: &[(u32, f64)], not_numbers: u64) -> io::Result<Metric> {
    let count = values.len();
    let mut sorted: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let sum: f64 = sorted.iter().sum();
    let mean = sum / count.max(1) as f64;
    let squares: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
    let at = |share| percentile(&sorted, share);
    let percentiles = [0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0].map(at);
    let fence = 1.5 * (percentiles[3] - percentiles[1]);
    let (low, high) = (percentiles[1] - fence, percentiles[3] + fence);
    let distance = |value: f64| (value - high).max(low - value);
    let mut furthest: Vec<(u32, f64)> =
        values.iter().copied().filter(|(_, value)| distance(*value) > 0.0).collect();
    let outliers = furthest.len();
    furthest.sort_by(|a, b| distance(b.1).total_cmp(&distance(a.1)));
    furthest.truncate(FURTHEST);
    Ok(Metric {
        field: field.to_owned(),
        count,
        not_numbers,
        sum,
        mean,
        deviation: (squares / count.max(1) as f64).sqrt(),
        percentiles,
        outliers,
        furthest,
        parts: parts(index, values)?,
    })
}

/// A percentile of sorted values, by its share; 0 of none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[(place.ceil() as usize).min(last)]);
    below + (above - below) * place.fract()
}

fn parts(index: &Index, values: &[(u32, f64)]) -> io::Result<Vec<(Time, usize, f64, f64)>> {
    let moments = index.moments()?;
    let timed: Vec<(i64, f64)> =
        values.iter().filter_map(|&(entry, value)| Some((moments.time(entry)?.nanos(), value))).collect();
    let bounds = timed.iter().map(|(time, _)| *time);
    let (Some(first), Some(last)) = (bounds.clone().min(), bounds.max()) else { return Ok(Vec::new()) };
    let length = u128::from(last.abs_diff(first)) + 1;
    let mut parts: Vec<(Time, usize, f64, f64)> = (0..PARTS as u128)
        .map(|part| {
            let after = (length * part / PARTS as u128) as u64;
            (Time::from_nanos(first.saturating_add_unsigned(after)), 0, 0.0, f64::NEG_INFINITY)
        })
        .collect();
    for (time, value) in timed {
        let part = (u128::from(time.abs_diff(first)) * PARTS as u128 / length) as usize;
        let (_, count, sum, largest) = &mut parts[part];
        *count += 1;
        *sum += value;
        *largest = largest.max(value);
    }
    for (_, count, mean, _) in &mut parts {
        *mean /= (*count).max(1) as f64;
    }
    Ok(parts)
}

impl Metric {
    /// Writes it as text.
    ///
    /// # Errors
    /// What reading a saved index or `out` gives.
    pub fn write_text(&self, index: &Index, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{}: {} values, {} that are no numbers", self.field, self.count, self.not_numbers)?;
        if self.count == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "  mean {:.3}, standard deviation {:.3}, sum {:.3}",
            self.mean, self.deviation, self.sum
        )?;
        let shown: Vec<String> = PERCENTILES
            .iter()
            .zip(self.percentiles)
            .map(|(name, value)| format!("{name} {value:.3}"))
            .collect();
        writeln!(out, "  {}", shown.join("  "))?;
        for (start, count, mean, largest) in &self.parts {
            if *count > 0 {
                writeln!(out, "  from {start}  {count:>8} values  mean {mean:>12.3}  max {largest:>12.3}")?;
            }
        }
        writeln!(out, "  outliers: {}", self.outliers)?;
        for (entry, value) in &self.furthest {
            let file = index.files().get(index.file_of(*entry));
            let path = file.map_or(String::new(), |file| file.path().to_string_lossy().into_owned());
            writeln!(out, "    {value:>12.3}  {path}:{}", index.line(*entry)?)?;
        }
        Ok(())
    }

    /// The answer as JSON.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn json(&self, index: &Index) -> io::Result<Json> {
        let percentiles =
            PERCENTILES.iter().zip(self.percentiles).map(|(name, value)| ((*name).into(), value.into()));
        let mut furthest = Vec::new();
        for (entry, value) in &self.furthest {
            furthest.push(Json::object([("line", index.line(*entry)?.into()), ("value", (*value).into())]));
        }
        let parts = self.parts.iter().map(|&(start, count, mean, largest)| {
            Json::object([
                ("start", start.into()),
                ("count", count.into()),
                ("mean", mean.into()),
                ("max", largest.into()),
            ])
        });
        Ok(Json::object([
            ("field", self.field.as_str().into()),
            ("count", self.count.into()),
            ("not_numbers", self.not_numbers.into()),
            ("sum", self.sum.into()),
            ("mean", self.mean.into()),
            ("standard_deviation", self.deviation.into()),
            ("percentiles", Json::Object(percentiles.collect())),
            ("outliers", self.outliers.into()),
            ("furthest", Json::List(furthest)),
            ("parts", Json::list(parts)),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_of_type_7() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(
            [0.0, 0.25, 0.5, 0.9, 1.0].map(|share| percentile(&sorted, share)),
            [1.0, 1.75, 2.5, 3.7, 4.0]
        );
        assert_eq!(percentile(&[], 0.5), 0.0);
        assert_eq!(percentile(&[7.0], 0.99), 7.0);
    }
}
