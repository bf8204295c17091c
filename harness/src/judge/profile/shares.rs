//! What each function took of the samples, and what that changed from one profile to another.

use crate::judge::wire::profile::Profile;
use std::collections::{BTreeMap, BTreeSet};

/// A change of a share is told apart from chance past so many standard errors. Many functions are looked at: past two, one in
/// twenty of those that did not change would be.
pub const STANDARD_ERRORS: f64 = 3.0;

/// What a function took, in samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Samples in which it stands anywhere in the stack; once where it calls itself.
    pub inclusive: u64,
    /// Samples in which it is the innermost.
    pub own: u64,
}

/// What each function took.
pub fn shares(profile: &Profile) -> BTreeMap<&str, Share> {
    let mut all: BTreeMap<&str, Share> = BTreeMap::new();
    for stack in &profile.stacks {
        let functions: BTreeSet<&str> = profile.frames_of(stack).map(|f| f.function.as_str()).collect();
        for function in functions {
            all.entry(function).or_default().inclusive += stack.samples;
        }
        if let Some(innermost) = profile.frames_of(stack).next_back() {
            all.entry(&innermost.function).or_default().own += stack.samples;
        }
    }
    all
}

/// CPU time of a function in one iteration, in nanoseconds, estimated from its samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Time {
    /// The estimate.
    pub ns: f64,
    /// Its standard error: that of a share of so many independent samples (binomial). That the whole iteration differs from
    /// process to process is not in it.
    pub error: f64,
}

impl Time {
    /// Of `part` among the samples of a profile.
    pub fn of(part: u64, profile: &Profile) -> Self {
        let samples = profile.samples() as f64;
        if samples == 0.0 {
            return Self::default();
        }
        let share = part as f64 / samples;
        // With none among them, or all, one sample more or less is as good as any other estimate.
        let spread = (share * (1.0 - share)).max((1.0 / samples) * (1.0 - 1.0 / samples));
        let whole = profile.iteration_ns();
        Self { ns: share * whole, error: (spread / samples).sqrt() * whole }
    }
}

/// Samples of a function among all of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Of the function.
    pub of: u64,
    /// In all.
    pub all: u64,
}

impl Part {
    /// What share that is; none where there are no samples.
    pub fn share(self) -> Option<f64> {
        (self.all > 0).then(|| self.of as f64 / self.all as f64)
    }
}

/// What one function took before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The function.
    pub function: String,
    /// In the first profile, all that it called included.
    pub before: Time,
    /// In the second.
    pub after: Time,
    /// By itself, in the first.
    pub own_before: Time,
    /// By itself, in the second.
    pub own_after: Time,
    /// Samples in which it stands, what it calls included, in the first.
    pub part_before: Part,
    /// In the second.
    pub part_after: Part,
}

impl Change {
    /// What it takes more in one iteration, what it calls included, in nanoseconds.
    pub fn inclusive_ns(&self) -> f64 {
        self.after.ns - self.before.ns
    }

    /// What it takes more by itself.
    pub fn own_ns(&self) -> f64 {
        self.own_after.ns - self.own_before.ns
    }

    /// How much more of the samples it stands in, what it calls included, as a difference of shares; none where a profile has no
    /// samples.
    pub fn share(&self) -> Option<f64> {
        Some(self.part_after.share()? - self.part_before.share()?)
    }

    /// The standard error of that difference, were the two shares the same (two proportions, pooled).
    pub fn share_error(&self) -> Option<f64> {
        let (before, after) = (self.part_before, self.part_after);
        let share = Part { of: before.of + after.of, all: before.all + after.all }.share()?;
        let (before, after) = (before.all as f64, after.all as f64);
        (before > 0.0 && after > 0.0).then(|| (share * (1.0 - share) * (1.0 / before + 1.0 / after)).sqrt())
    }

    /// Does its share change by more than samples alone would make it? The change in time tells no such thing: the CPU time of
    /// the whole is one process's on each side, and by how much processes differ is not known here.
    pub fn is_told_apart(&self) -> bool {
        let change = self.share().zip(self.share_error());
        change.is_some_and(|(change, error)| change.abs() > STANDARD_ERRORS * error)
    }
}

/// What each function of two profiles changed, the largest inclusive change first.
pub fn changes(before: &Profile, after: &Profile) -> Vec<Change> {
    let (of_before, of_after) = (shares(before), shares(after));
    let functions: BTreeSet<&str> = of_before.keys().chain(of_after.keys()).copied().collect();
    let share = |of: &BTreeMap<&str, Share>, function: &str| of.get(function).copied().unwrap_or_default();
    let (all_before, all_after) = (before.samples(), after.samples());
    let change = |function: &str| {
        let (then, now) = (share(&of_before, function), share(&of_after, function));
        Change {
            function: function.to_owned(),
            before: Time::of(then.inclusive, before),
            after: Time::of(now.inclusive, after),
            own_before: Time::of(then.own, before),
            own_after: Time::of(now.own, after),
            part_before: Part { of: then.inclusive, all: all_before },
            part_after: Part { of: now.inclusive, all: all_after },
        }
    };
    let mut all: Vec<Change> = functions.into_iter().map(change).collect();
    all.sort_by(|one, other| other.inclusive_ns().abs().total_cmp(&one.inclusive_ns().abs()));
    all
}

#[cfg(test)]
mod tests {
    use super::super::stacks::tests::profile;
    use super::*;

    #[test]
    fn a_function_that_calls_itself_counts_once() {
        let profile = profile(&[(&["a", "b", "a"], 3), (&["a"], 1), (&["a", "b"], 6)]);
        let shares = shares(&profile);
        assert_eq!(shares["a"], Share { inclusive: 10, own: 4 });
        assert_eq!(shares["b"], Share { inclusive: 9, own: 6 });
    }

    /// An iteration takes a millisecond here: a share of 30 % of 100 samples is 0.3 ms, give or take the binomial's
    /// 0.0458.
    #[test]
    fn times_are_of_one_iteration_and_know_their_error() {
        let profile = profile(&[(&["a"], 30), (&["b"], 70)]);
        let time = Time::of(30, &profile);
        assert!((time.ns - 3e5).abs() < 1e-6, "{time:?}");
        assert!((time.error - 45_825.757).abs() < 0.01, "{time:?}");
        assert!(Time::of(0, &profile).error > 0.0);
        assert_eq!(Time::of(0, &super::super::stacks::tests::profile(&[])), Time::default());
    }

    /// Of 100 and of 400 samples 30 and 60: 30 % and 15 %, 18 % together, so the error is 0.0430 and the change 3.5 errors.
    #[test]
    fn a_share_is_told_apart_past_three_errors_of_two_proportions_whatever_the_time() {
        let before = profile(&[(&["a"], 30), (&["b"], 70)]);
        let after = |of: u64, cpu_ns: u64| {
            let mut after = profile(&[(&["a"], of), (&["b"], 400 - of)]);
            after.cpu_ns = cpu_ns;
            changes(&before, &after).into_iter().find(|change| change.function == "a").expect("a")
        };
        let told = after(60, 1_000_000_000);
        assert_eq!((told.part_before.of, told.part_after.all), (30, 400));
        assert!((told.share().expect("a share") + 0.15).abs() < 1e-12);
        assert!((told.share_error().expect("an error") - 0.042_953).abs() < 1e-6, "{told:?}");
        // Where the whole takes twice as long it takes as long as before, and yet less of it.
        assert!(told.is_told_apart() && after(60, 800_000_000).inclusive_ns().abs() < 1e-6);
        assert!(after(60, 800_000_000).is_told_apart());
        assert!(
            !after(80, 9_000_000_000).is_told_apart(),
            "2.2 errors of its share, however long it all takes"
        );
        let none = profile(&[]);
        assert!(
            changes(&before, &none).iter().all(|change| change.share().is_none() && !change.is_told_apart())
        );
    }

    #[test]
    fn what_is_gone_and_what_is_new_is_told() {
        let before = profile(&[(&["run", "slow"], 500), (&["run"], 500)]);
        let mut after = profile(&[(&["run", "quick"], 10), (&["run"], 990)]);
        after.cpu_ns /= 2;
        let changes = changes(&before, &after);
        let of = |name: &str| changes.iter().find(|change| change.function == name).expect("it is there");
        assert!((of("run").inclusive_ns() + 5e5).abs() < 1.0);
        assert!((of("slow").inclusive_ns() + 5e5).abs() < 1.0 && of("slow").is_told_apart());
        assert!((of("run").own_ns() - (0.99 * 5e5 - 5e5)).abs() < 1.0);
        assert!((of("quick").after.ns - 5e3).abs() < 1.0);
        // What the whole takes less of is not told by a function in which all of it stands.
        assert!(!of("run").is_told_apart() && of("run").share() == Some(0.0));
        let same = super::changes(&before, &before);
        assert!(same.iter().all(|change| change.inclusive_ns() == 0.0 && !change.is_told_apart()));
    }
}
