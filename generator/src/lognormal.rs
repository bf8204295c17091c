//! Sizes and durations: the log-normal law, drawn in integers from fixed tables.

use crate::draws::Draws;

/// The quantiles of the standard normal law at 0/64, 1/64, ..., 64/64, in 1,024ths; the two ends stand at 1/2048 and
/// 2047/2048, so nothing is drawn beyond 3.3 standard deviations.
const QUANTILES: [i32; 65] = [
    -3376, -2206, -1907, -1716, -1571, -1452, -1350, -1259, -1178, -1103, -1034, -970, -908, -850, -795,
    -742, -691, -641, -593, -546, -501, -456, -412, -369, -326, -284, -243, -202, -161, -121, -80, -40, 0,
    40, 80, 121, 161, 202, 243, 284, 326, 369, 412, 456, 501, 546, 593, 641, 691, 742, 795, 850, 908, 970,
    1034, 1103, 1178, 1259, 1350, 1452, 1571, 1716, 1907, 2206, 3376,
];

/// 2^(0/64), 2^(1/64), ..., 2^(64/64), in 65,536ths.
const POWERS: [u64; 65] = [
    65536, 66250, 66971, 67700, 68438, 69183, 69936, 70698, 71468, 72246, 73032, 73828, 74632, 75444, 76266,
    77096, 77936, 78785, 79642, 80510, 81386, 82273, 83169, 84074, 84990, 85915, 86851, 87796, 88752, 89719,
    90696, 91684, 92682, 93691, 94711, 95743, 96785, 97839, 98905, 99982, 101_070, 102_171, 103_283, 104_408,
    105_545, 106_694, 107_856, 109_031, 110_218, 111_418, 112_631, 113_858, 115_098, 116_351, 117_618,
    118_899, 120_194, 121_502, 122_825, 124_163, 125_515, 126_882, 128_263, 129_660, 131_072,
];

/// A log-normal law over whole numbers below 2^32. One draw each; straight lines between the points of the tables.
#[derive(Clone, Copy)]
pub(crate) struct LogNormal {
    /// The binary logarithm of the median, in 65,536ths.
    median: i64,
    /// One standard deviation of the binary logarithm, in 65,536ths.
    deviation: i64,
}

impl LogNormal {
    /// The law with this median (at least 1) and this standard deviation of the natural logarithm, in thousandths.
    pub(crate) const fn new(median: u32, deviation_thousandths: u32) -> Self {
        let median = if median == 0 { 1 } else { median };
        let whole = median.ilog2();
        let mantissa = ((median as u64) << 16) >> whole;
        let mut step = 0;
        while step < 63 && POWERS[step + 1] <= mantissa {
            step += 1;
        }
        let within = ((mantissa - POWERS[step]) << 10) / (POWERS[step + 1] - POWERS[step]);
        // 1 / ln 2 is 1.442695.
        let deviation = deviation_thousandths as i64 * 94_548 / 1000;
        Self { median: ((whole as i64) << 16) + ((step as i64) << 10) + within as i64, deviation }
    }

    /// One value.
    #[inline]
    pub(crate) fn draw(self, draws: &mut Draws) -> u32 {
        self.choose(draws.word())
    }

    /// The value that 32 uniform bits stand for: the more, the larger.
    #[inline]
    pub(crate) fn choose(self, bits: u32) -> u32 {
        let (step, within) = ((bits >> 26) as usize, i64::from(bits >> 10 & 0xffff));
        let (low, high) = (i64::from(QUANTILES[step]), i64::from(QUANTILES[step + 1]));
        let deviations = (low << 16) + (high - low) * within;
        let logarithm =
            (self.median + ((self.deviation * (deviations >> 10)) >> 16)).clamp(0, (32 << 16) - 1);
        let (step, within) = ((logarithm >> 10 & 63) as usize, (logarithm & 1023) as u64);
        let power = POWERS[step] + (((POWERS[step + 1] - POWERS[step]) * within) >> 10);
        ((power << (logarithm >> 16)) >> 16) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_deviations_are_those_asked_for() {
        for (median, deviation) in [(1, 0), (20, 1338), (900, 1600), (12_292, 1773), (1_000_000, 500)] {
            let law = LogNormal::new(median, deviation);
            let mut drawn: Vec<u32> = (0..10_000).map(|index| law.choose(index * 429_496)).collect();
            assert!(drawn.is_sorted());
            let near = |index: usize, deviations: f64| {
                let expected = f64::from(median) * (deviations * f64::from(deviation) / 1000.0).exp();
                let found = f64::from(drawn[index]);
                assert!((found - expected).abs() <= 2.0 + expected * 0.03, "{found}, not {expected}");
            };
            near(5_000, 0.0);
            near(8_413, 1.0);
            near(1_587, -1.0);
            near(9_375, 1.534);
            drawn.dedup();
            assert!(deviation == 0 || drawn.len() > 20);
        }
    }

    #[test]
    fn the_ends_are_within_32_bits() {
        let law = LogNormal::new(u32::MAX, 10_000);
        assert!(law.choose(u32::MAX) > 1 << 31);
        assert_eq!(LogNormal::new(0, 4000).choose(0), 1);
    }
}
