//! Families of scenarios: those that are the same but for one parameter, found by their names.

use harness::judge::wire::results::ScenarioFacts;

/// Scenarios that differ in one parameter alone.
pub(crate) struct Family<'a> {
    pub(crate) name: String,
    /// The parameter and the scenario, ascending.
    pub(crate) members: Vec<(f64, &'a ScenarioFacts)>,
}

/// Scenarios `suite/name/scale` of different scales: the parameter is what one iteration reads, in bytes, or in records where
/// one of them reads no bytes.
pub(crate) fn by_size(scenarios: &[ScenarioFacts]) -> Vec<Family<'_>> {
    let parameter = |scenario: &ScenarioFacts| {
        let (family, scale) = scenario.name.rsplit_once('/').filter(|(family, _)| family.contains('/'))?;
        let size = if scenario.bytes > 0 { scenario.bytes } else { scenario.records };
        (threads_in(scale).is_none() && size > 0).then(|| (family.to_owned(), size as f64))
    };
    families(scenarios, parameter)
}

/// Scenarios with a number of threads in their names, a part such as `4-threads`, `threads-4` or `threads=4`; and the one of
/// the same name without such a part, which is on one thread.
pub(crate) fn by_threads(scenarios: &[ScenarioFacts]) -> Vec<Family<'_>> {
    let without = |name: &str| {
        let rest: Vec<&str> = name.split('/').filter(|part| threads_in(part).is_none()).collect();
        rest.join("/")
    };
    let parameter = |scenario: &ScenarioFacts| {
        let number = scenario.name.split('/').find_map(threads_in).unwrap_or(1);
        Some((without(&scenario.name), f64::from(number)))
    };
    families(scenarios, parameter)
}

/// Is the scenario a limit that no reader can pass: one of the suite `limit`, or a copy of its input or a search for one byte
/// in it by its name?
pub(crate) fn is_limit(name: &str) -> bool {
    if name.starts_with("limit/") {
        return true;
    }
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "memcpy" || word == "memchr")
}

fn threads_in(part: &str) -> Option<u32> {
    let digits = part.trim_matches(|c: char| !c.is_ascii_digit());
    let word = part.replacen(digits, "", 1);
    let word = word.trim_matches(['-', '=', '_']);
    let number = digits.parse::<u32>().ok().filter(|number| *number > 0)?;
    matches!(word, "thread" | "threads").then_some(number)
}

/// Groups by family, in the order of the plan; those of a single parameter are none.
fn families(
    scenarios: &[ScenarioFacts],
    parameter: impl Fn(&ScenarioFacts) -> Option<(String, f64)>,
) -> Vec<Family<'_>> {
    let mut found: Vec<Family<'_>> = Vec::new();
    for scenario in scenarios {
        let Some((name, value)) = parameter(scenario) else { continue };
        match found.iter_mut().find(|family| family.name == name) {
            Some(family) => family.members.push((value, scenario)),
            None => found.push(Family { name, members: vec![(value, scenario)] }),
        }
    }
    for family in &mut found {
        family.members.sort_by(|a, b| a.0.total_cmp(&b.0));
        family.members.dedup_by(|a, b| a.0 == b.0);
    }
    found.retain(|family| family.members.len() > 1);
    found
}

/// Slope of the line through points of logarithms, by least squares; `None` for fewer than three points, through which some
/// line always goes well.
pub(crate) fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    let shared: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let slope = shared / spread;
    (logs.len() >= 3 && slope.is_finite()).then_some(slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(name: &str, bytes: u64) -> ScenarioFacts {
        ScenarioFacts {
            name: name.to_owned(),
            version: 1,
            about: String::new(),
            corpus: String::new(),
            corpus_sha256: String::new(),
            bytes,
            records: 10,
            whole_command: false,
            iterations: 1,
        }
    }

    #[test]
    fn scales_and_threads_make_families_and_nothing_else_does() {
        let all = [
            scenario("count/fast/10m", 10_000_000),
            scenario("count/fast/1m", 1_000_000),
            scenario("count/plain/1m", 1_000_000),
            scenario("count/fast", 5),
            scenario("count/fast/2-threads", 5),
            scenario("scan/all/4-threads", 7),
            scenario("scan/all/threads=1", 7),
        ];
        let sizes = by_size(&all);
        assert_eq!(sizes.len(), 1);
        assert_eq!(
            (sizes[0].name.as_str(), sizes[0].members[0].0, sizes[0].members.len()),
            ("count/fast", 1e6, 2)
        );
        let threads = by_threads(&all);
        let told: Vec<(&str, Vec<f64>)> = threads
            .iter()
            .map(|family| (family.name.as_str(), family.members.iter().map(|member| member.0).collect()))
            .collect();
        assert_eq!(told, [("count/fast", vec![1.0, 2.0]), ("scan/all", vec![1.0, 4.0])]);
        for part in ["threads", "4", "0-threads", "4-threadsx", "t4", "99999999999-threads", "é4threads"] {
            assert_eq!(threads_in(part), None, "{part}");
        }
    }

    #[test]
    fn limits_are_told_by_whole_words() {
        assert!(is_limit("limit/app") && is_limit("scan/memcpy/10m") && is_limit("scan/memchr-newlines"));
        assert!(!is_limit("count/memchrs") && !is_limit("limits/app") && !is_limit("count/fast"));
    }

    #[test]
    fn a_slope_is_that_of_the_power() {
        let cube: Vec<(f64, f64)> = [1.0f64, 10.0, 100.0].map(|x| (x, 7.0 * x.powi(3))).to_vec();
        assert!((slope(&cube).expect("a slope") - 3.0).abs() < 1e-9);
        assert_eq!(slope(&cube[..2]), None);
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None, "no line goes straight up");
    }
}
