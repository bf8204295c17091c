//! Sizes and durations: the log-normal law, drawn in integers from fixed tables.

use crate::draws::Draws;

/// The octaves of a tail, from 2^-1 to 2^-16: nothing is drawn beyond 4.17 standard deviations.
const OCTAVES: u32 = 15;

/// How far out the standard normal law leaves a tail of 2^-1, 15/8 2^-2, 14/8 2^-2, ..., 2^-2, 15/8 2^-3, ..., 2^-16, in
/// 65,536ths of a standard deviation: eight points an octave, since a long tail is what such a law is drawn for.
const QUANTILES: [i64; 8 * OCTAVES as usize + 1] = [
    0, 5139, 10310, 15545, 20882, 26362, 32032, 37954, 44203, 47482, 50884, 54428, 58140, 62048, 66191,
    70616, 75389, 77933, 80600, 83408, 86377, 89536, 92917, 96565, 100_540, 102_675, 104_924, 107_304,
    109_834, 112_540, 115_453, 118_613, 122_076, 123_944, 125_918, 128_013, 130_248, 132_646, 135_235,
    138_055, 141_156, 142_834, 144_610, 146_500, 148_519, 150_691, 153_042, 155_608, 158_437, 159_970,
    161_597, 163_329, 165_184, 167_181, 169_346, 171_714, 174_330, 175_750, 177_257, 178_865, 180_588,
    182_445, 184_462, 186_670, 189_113, 190_440, 191_851, 193_356, 194_971, 196_714, 198_608, 200_683,
    202_983, 204_233, 205_563, 206_982, 208_507, 210_153, 211_943, 213_907, 216_085, 217_270, 218_531,
    219_878, 221_325, 222_888, 224_590, 226_458, 228_531, 229_660, 230_861, 232_145, 233_525, 235_017,
    236_642, 238_426, 240_408, 241_487, 242_636, 243_865, 245_187, 246_616, 248_173, 249_884, 251_785,
    252_821, 253_924, 255_104, 256_374, 257_747, 259_244, 260_890, 262_719, 263_716, 264_779, 265_915,
    267_138, 268_462, 269_905, 271_492, 273_257,
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
        let is_upper = bits >> 31 == 1;
        // Of 2^32 numbers so many are as far out or farther, on this side.
        let tail = (if is_upper { !bits } else { bits } + 1).max(1 << (31 - OCTAVES));
        let octave = tail.leading_zeros();
        let within = tail << octave & (u32::MAX >> 1);
        let (eighth, rest) = ((within >> 28) as usize, i64::from(within >> 12 & 0xffff));
        let point = 8 * octave as usize - eighth;
        let (far, near) = (QUANTILES[point], QUANTILES[point.saturating_sub(1)]);
        let distance = far - (((far - near) * rest) >> 16);
        let deviations = if is_upper { distance } else { -distance };
        let logarithm = (self.median + ((self.deviation * deviations) >> 16)).clamp(0, (32 << 16) - 1);
        let (step, within) = ((logarithm >> 10 & 63) as usize, (logarithm & 1023) as u64);
        let power = POWERS[step] + (((POWERS[step + 1] - POWERS[step]) * within) >> 10);
        ((power << (logarithm >> 16)) >> 16) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that is not reached by this many of a million.
    fn quantile(law: LogNormal, millionths: u64) -> f64 {
        law.choose(((millionths << 32) / 1_000_000) as u32).into()
    }

    #[test]
    fn quantiles_are_those_of_the_law() {
        // Of the standard normal law, from tables.
        let law = [
            (500_000, 0.0),
            (841_345, 1.0),
            (937_500, 1.534_121),
            (980_000, 2.053_749),
            (990_000, 2.326_348),
            (995_000, 2.575_829),
            (999_000, 3.090_232),
            (999_900, 3.719_016),
        ];
        for (median, deviation) in [(1, 0), (20, 1338), (900, 1600), (12_292, 1773), (1_000_000, 500)] {
            let drawn = LogNormal::new(median, deviation);
            for (millionths, deviations) in law.into_iter().chain(law.map(|(part, z)| (1_000_000 - part, -z)))
            {
                let expected = f64::from(median) * (deviations * f64::from(deviation) / 1000.0).exp();
                let found = quantile(drawn, millionths);
                assert!((found - expected).abs() <= 2.0 + expected * 0.005, "{found}, not {expected}");
            }
        }
    }

    #[test]
    fn more_bits_are_more_and_the_mean_is_that_of_the_law() {
        let law = LogNormal::new(12_292, 1773);
        let drawn = (0..1_u32 << 20).map(|step| law.choose(step << 12 | 0x800));
        let (mut last, mut sum) = (0, 0.0);
        for value in drawn {
            assert!(value >= last);
            (last, sum) = (value, sum + f64::from(value));
        }
        let (mean, expected) = (sum / f64::from(1 << 20), 12_292.0 * (1.773_f64 * 1.773 / 2.0).exp());
        // What lies beyond the last point would add 0.8 %.
        assert!((mean / expected - 1.0).abs() < 0.015, "{mean}, not {expected}");
    }

    #[test]
    fn the_ends_are_within_32_bits() {
        let law = LogNormal::new(u32::MAX, 10_000);
        assert!(law.choose(u32::MAX) > 1 << 31);
        assert_eq!(LogNormal::new(0, 4000).choose(0), 1);
    }
}
