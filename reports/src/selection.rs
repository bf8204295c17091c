//! Some of a run: the scenarios and variants that somebody wants to see.

use harness::judge::wire::results::Results;

/// What to show of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The scenarios, by name; all where absent.
    pub scenarios: Option<Vec<String>>,
    /// The variants, by name, in the order in which they are shown; all where absent. The reference and the control
    /// stay, since every figure is told against them.
    pub variants: Option<Vec<String>>,
}

impl Selection {
    /// The results of these alone. Labels are those of the whole run: whoever looks at fewer comparisons is not surer.
    pub fn of(&self, results: &Results) -> Results {
        let mut some = results.clone();
        if let Some(names) = &self.scenarios {
            let is_in = |name: &str| names.iter().any(|known| known == name);
            some.scenarios.retain(|one| is_in(&one.name));
            some.cells.retain(|one| is_in(&one.scenario));
            some.comparisons.retain(|one| is_in(&one.scenario));
            some.controls.retain(|one| is_in(&one.scenario));
            some.heap.retain(|one| is_in(&one.scenario));
            some.memory.retain(|one| is_in(&one.scenario));
            some.latency.retain(|one| is_in(&one.scenario));
            some.beside.retain(|one| is_in(&one.scenario) && is_in(&one.other));
            some.instructions.retain(|one| is_in(&one.scenario));
            some.criterion.retain(|one| is_in(&one.scenario));
            some.invalid.retain(|one| is_in(&one.scenario));
        }
        if let Some(names) = &self.variants {
            let names = measured(results, names);
            let place = |name: &str| names.iter().position(|known| known == name);
            let stays =
                |name: &str| place(name).is_some() || name == results.reference || name == results.control;
            some.variants.retain(|one| stays(&one.name));
            some.variants.sort_by_key(|one| place(&one.name).map_or(0, |place| place + 1));
            some.cells.retain(|one| stays(&one.variant));
            some.comparisons.retain(|one| stays(&one.variant));
            some.memory.retain(|one| stays(&one.variant));
            some.latency.retain(|one| stays(&one.variant));
            some.beside.retain(|one| stays(&one.variant));
            some.instructions.retain(|one| stays(&one.variant));
            some.criterion.retain(|one| stays(&one.variant));
            some.invalid.retain(|one| stays(&one.variant));
        }
        some
    }

    /// What is left out, for the picture: `shown: 2 of 9 scenarios, 3 of 5 variants besides the reference`.
    pub fn told(&self, results: &Results) -> Option<String> {
        let some = self.of(results);
        let rivals = |of: &Results| of.variants.iter().filter(|one| one.name != results.reference).count();
        let parts = [
            (some.scenarios.len(), results.scenarios.len(), "scenarios"),
            (rivals(&some), rivals(results), "variants besides the reference"),
        ];
        let fewer = parts.iter().filter(|(shown, all, _)| shown < all);
        let fewer: Vec<String> = fewer.map(|(shown, all, what)| format!("{shown} of {all} {what}")).collect();
        (!fewer.is_empty()).then(|| format!("shown: {}", fewer.join(", ")))
    }
}

/// What is shown of a run, and the run: labels are those of all of it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'r> {
    /// What is shown.
    pub some: &'r Results,
    /// All that the run found.
    pub whole: &'r Results,
}

impl<'r> From<&'r Results> for Shown<'r> {
    fn from(whole: &'r Results) -> Self {
        Self { some: whole, whole }
    }
}

/// The names asked for; in the place of a variant whose binary is another's, that other, under whose name it was measured.
pub fn measured(results: &Results, names: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        let twin =
            results.variants.iter().find(|one| one.name == *name).and_then(|one| one.identical_to.clone());
        let name = twin.unwrap_or_else(|| name.clone());
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}
