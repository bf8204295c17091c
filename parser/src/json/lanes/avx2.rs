//! By instructions that most x86-64 processors have, but not all: the program looks, once, whether this one does.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi8, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_min_epu8,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
};

use super::{Lanes, WIDTH};

/// That the processor has AVX2, BMI1 and BMI2. There is none of it but by [`Avx2::detect`], so whoever has one may call
/// what is compiled for these three.
///
/// `logs count` on what `generate cdn --seed 42 --records 100000` writes takes 0.80 of the instructions (callgrind) and
/// 0.93 of the CPU time (median of 31 pairs, on a virtual AMD EPYC) of a build in which `detect` gives `None`.
#[derive(Debug, Clone, Copy)]
pub(in crate::json) struct Avx2(());

impl Avx2 {
    pub(in crate::json) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        has.then_some(Self(()))
    }
}

/// Calls what needs AVX2. It is a macro since a closure would not be compiled for AVX2.
macro_rules! with_avx2 {
    ($call:expr) => {
        #[expect(unsafe_code, reason = "it is worth its while, see `Avx2`; the processor was asked")]
        // SAFETY: `self` exists only if the processor has AVX2, BMI1 and BMI2; the call needs the first.
        unsafe {
            $call
        }
    };
}

impl Lanes for Avx2 {
    #[inline(always)]
    fn stops(self, bytes: &[u8; WIDTH]) -> u32 {
        with_avx2!(stops(bytes))
    }

    #[inline(always)]
    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32 {
        with_avx2!(stops_or_high(bytes))
    }

    #[inline(always)]
    fn gaps(self, bytes: &[u8; WIDTH]) -> u32 {
        with_avx2!(gaps(bytes))
    }

    #[inline(always)]
    fn digits(self, bytes: &[u8; WIDTH]) -> u32 {
        with_avx2!(digits(bytes))
    }

    #[inline(always)]
    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        with_avx2!(equal(a, b))
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn stops(bytes: &[u8; WIDTH]) -> u32 {
    let lanes = load(bytes);
    let control = _mm256_cmpeq_epi8(_mm256_min_epu8(lanes, _mm256_set1_epi8(0x1f)), lanes);
    mask(_mm256_or_si256(quote_or_backslash(lanes), control))
}

#[inline]
#[target_feature(enable = "avx2")]
fn stops_or_high(bytes: &[u8; WIDTH]) -> u32 {
    let lanes = load(bytes);
    // As signed numbers those that are not ASCII are below zero.
    let other = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), lanes);
    mask(_mm256_or_si256(quote_or_backslash(lanes), other))
}

#[inline]
#[target_feature(enable = "avx2")]
fn gaps(bytes: &[u8; WIDTH]) -> u32 {
    // As signed numbers those that are not ASCII are below zero.
    mask(_mm256_cmpgt_epi8(_mm256_set1_epi8(b' ' as i8 + 1), load(bytes)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn digits(bytes: &[u8; WIDTH]) -> u32 {
    // Moved so that the digits are the ten lowest signed numbers.
    let moved = _mm256_add_epi8(load(bytes), _mm256_set1_epi8(i8::MIN.wrapping_sub_unsigned(b'0')));
    mask(_mm256_cmpgt_epi8(_mm256_set1_epi8(i8::MIN + 10), moved))
}

#[inline]
#[target_feature(enable = "avx2")]
fn equal(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
    mask(_mm256_cmpeq_epi8(load(a), load(b)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn quote_or_backslash(lanes: __m256i) -> __m256i {
    let quote = _mm256_cmpeq_epi8(lanes, _mm256_set1_epi8(b'"' as i8));
    _mm256_or_si256(quote, _mm256_cmpeq_epi8(lanes, _mm256_set1_epi8(b'\\' as i8)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; WIDTH]) -> __m256i {
    #[expect(unsafe_code, reason = "there is no safe way to load lanes")]
    // SAFETY: it reads the 32 bytes that the reference is to, which need not be aligned.
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().cast())
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn mask(lanes: __m256i) -> u32 {
    _mm256_movemask_epi8(lanes) as u32
}
