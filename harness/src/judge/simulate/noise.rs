//! Made-up noise of visits, as small virtual machines have it.

use crate::judge::order::Seed;
use std::f64::consts::{PI, TAU};

/// What disturbs the visits of a made-up run. Shares and changes are fractions: 0.01 is 1 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Standard deviation of a visit's logarithm.
    pub jitter: f64,
    /// How much of a visit's jitter its predecessor's was: the coefficient of a first-order autoregression over the
    /// visits of a scenario, below 1.
    pub correlation: f64,
    /// Share of visits that take 10 to 30 % longer.
    pub spikes: f64,
    /// Share of visits, each a process, that are in a slower mode.
    pub slow_mode: f64,
    /// How much longer that mode takes.
    pub modes_apart: f64,
    /// Mean of a delay of each visit that is exponentially distributed: noise that only ever adds.
    pub skew: f64,
    /// How far the machine drifts over a run, in half a wave whose phase is the scenario's.
    pub drift: f64,
}

impl Noise {
    /// Nothing disturbs.
    pub const NONE: Self = Self {
        jitter: 0.0,
        correlation: 0.0,
        spikes: 0.0,
        slow_mode: 0.0,
        modes_apart: 0.0,
        skew: 0.0,
        drift: 0.0,
    };
    /// A machine with little else to do.
    pub const QUIET: Self = Self { jitter: 0.010, spikes: 0.005, drift: 0.01, ..Self::NONE };
    /// A small virtual machine.
    pub const COMMON: Self = Self { jitter: 0.010, spikes: 0.01, drift: 0.03, ..Self::NONE };
    /// The same with neighbours.
    pub const ROUGH: Self = Self { jitter: 0.020, spikes: 0.02, drift: 0.05, ..Self::NONE };
    /// Where nobody should measure.
    pub const HARSH: Self = Self { jitter: 0.030, spikes: 0.05, drift: 0.10, ..Self::NONE };
    /// Each process is in one of two modes.
    pub const BIMODAL: Self = Self { slow_mode: 0.3, modes_apart: 0.03, ..Self::COMMON };
    /// What delays only ever adds.
    pub const SKEWED: Self = Self { skew: 0.015, ..Self::COMMON };
    /// A visit is much like the one before.
    pub const AUTOCORRELATED: Self = Self { jitter: 0.020, correlation: 0.7, ..Self::COMMON };
    /// A visit is nearly the one before.
    pub const STICKY: Self = Self { jitter: 0.030, correlation: 0.9, ..Self::COMMON };

    /// All of these, in words.
    pub const ALL: [(&'static str, Self); 8] = [
        ("jitter 1 %, spikes 0.5 %, drift 1 %", Self::QUIET),
        ("jitter 1 %, spikes 1 %, drift 3 %", Self::COMMON),
        ("jitter 2 %, spikes 2 %, drift 5 %", Self::ROUGH),
        ("jitter 3 %, spikes 5 %, drift 10 %", Self::HARSH),
        ("as the second, and 30 % of processes in a mode 3 % slower", Self::BIMODAL),
        ("as the second, and an exponential delay of 1.5 % in the mean", Self::SKEWED),
        ("as the second, with jitter 2 %, autocorrelated by 0.7", Self::AUTOCORRELATED),
        ("as the second, with jitter 3 %, autocorrelated by 0.9", Self::STICKY),
    ];
}

/// Numbers from a seed.
#[derive(Clone, Debug)]
pub struct Draws(Seed);

impl Draws {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Seed::new(seed))
    }

    /// Evenly from 0 to 1, 1 left out.
    pub fn share(&mut self) -> f64 {
        self.0.below(1 << 53) as f64 / (1_u64 << 53) as f64
    }

    /// From the normal distribution (Box and Muller, Ann. Math. Stat. 29 (1958)).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (TAU * self.share()).cos()
    }

    /// From the exponential distribution of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.share()).ln()
    }
}

/// The machine while one scenario is visited: what a visit takes, as a factor of what it would take undisturbed.
#[derive(Debug)]
pub struct Machine<'d> {
    draws: &'d mut Draws,
    noise: Noise,
    phase: f64,
    /// Jitter of the last visit, in its standard deviations.
    last: f64,
}

impl<'d> Machine<'d> {
    /// Before the first visit of a scenario.
    pub fn new(noise: Noise, draws: &'d mut Draws) -> Self {
        let phase = draws.share() * TAU;
        let last = draws.normal();
        Self { draws, noise, phase, last }
    }

    /// The next visit, at this point of the run, from 0 to 1.
    pub fn visit(&mut self, point: f64) -> f64 {
        let Noise { jitter, correlation, spikes, slow_mode, modes_apart, skew, drift } = self.noise;
        self.last = correlation * self.last + (1.0 - correlation.powi(2)).sqrt() * self.draws.normal();
        let spike = if self.draws.share() < spikes { 1.1 + 0.2 * self.draws.share() } else { 1.0 };
        let mode = if self.draws.share() < slow_mode { 1.0 + modes_apart } else { 1.0 };
        let delay = 1.0 + skew * self.draws.exponential();
        let drift = 1.0 + drift * (self.phase + point * PI).sin();
        (self.last * jitter).exp() * spike * mode * delay * drift
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::stats::summary::{quantile, sorted, summarise};

    fn logs(noise: Noise) -> Vec<f64> {
        let mut draws = Draws::new(3);
        let mut machine = Machine::new(noise, &mut draws);
        (0..40_000).map(|_| machine.visit(0.0).ln()).collect()
    }

    #[test]
    fn each_kind_of_noise_is_as_large_as_it_says() {
        let spread = |noise| summarise(&logs(noise)).expect("some").sd;
        let jitter = Noise { jitter: 0.02, ..Noise::NONE };
        assert!((spread(jitter) - 0.02).abs() < 0.0005);
        assert!((spread(Noise { correlation: 0.7, ..jitter }) - 0.02).abs() < 0.001, "as wide, but slower");
        let skewed = summarise(&logs(Noise { skew: 0.02, ..Noise::NONE })).expect("some");
        assert!((skewed.mean - 0.02).abs() < 0.001 && skewed.median < 0.015, "{skewed:?}");
        let modes = sorted(&logs(Noise { slow_mode: 0.3, modes_apart: 0.03, ..Noise::NONE }));
        assert_eq!((quantile(&modes, 0.69), quantile(&modes, 0.71)), (Some(0.0), Some(1.03_f64.ln())));
        let spiked = logs(Noise { spikes: 0.05, ..Noise::NONE });
        let spikes = spiked.iter().filter(|&&ln| ln > 1.09_f64.ln()).count();
        assert!((1_800..2_200).contains(&spikes), "{spikes}");
    }

    #[test]
    fn correlation_is_that_of_neighbours() {
        let of = |correlation| {
            let logs = logs(Noise { jitter: 0.01, correlation, ..Noise::NONE });
            let together: f64 = logs.windows(2).map(|pair| pair[0] * pair[1]).sum();
            together / logs.iter().map(|ln| ln * ln).sum::<f64>()
        };
        for correlation in [0.0, 0.5, 0.9] {
            assert!((of(correlation) - correlation).abs() < 0.02, "{correlation}: {}", of(correlation));
        }
    }
}
