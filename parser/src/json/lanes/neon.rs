//! By the instructions that every 64-bit ARM processor has that Rust compiles for, but for kernels.

use std::arch::aarch64::{
    uint8x16_t, vandq_u8, vceqq_u8, vcltq_s8, vcltq_u8, vdupq_n_s8, vdupq_n_u8, vgetq_lane_u32, vld1q_u8,
    vorrq_u8, vpaddq_u8, vreinterpretq_s8_u8, vreinterpretq_u32_u8, vsubq_u8,
};

use super::{Lanes, WIDTH};

#[derive(Clone, Copy)]
pub(crate) struct Neon;

/// Calls what needs NEON. It is a macro since a closure would not be compiled for NEON.
macro_rules! with_neon {
    ($call:expr) => {
        #[expect(
            unsafe_code,
            reason = "Rust wants it where a function says for itself what it is compiled for"
        )]
        // SAFETY: this module is there only where NEON is enabled for the whole program.
        unsafe {
            $call
        }
    };
}

impl Lanes for Neon {
    #[inline(always)]
    fn stops(self, bytes: &[u8; WIDTH]) -> u32 {
        with_neon!(stops(bytes))
    }

    #[inline(always)]
    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32 {
        with_neon!(stops_or_high(bytes))
    }

    #[inline(always)]
    fn gaps(self, bytes: &[u8; WIDTH]) -> u32 {
        with_neon!(gaps(bytes))
    }

    #[inline(always)]
    fn digits(self, bytes: &[u8; WIDTH]) -> u32 {
        with_neon!(digits(bytes))
    }

    #[inline(always)]
    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        with_neon!(equal(a, b))
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn stops(bytes: &[u8; WIDTH]) -> u32 {
    mask(halves(bytes).map(|lanes| vorrq_u8(quote_or_backslash(lanes), vcltq_u8(lanes, vdupq_n_u8(0x20)))))
}

#[inline]
#[target_feature(enable = "neon")]
fn stops_or_high(bytes: &[u8; WIDTH]) -> u32 {
    mask(halves(bytes).map(|lanes| vorrq_u8(quote_or_backslash(lanes), below(lanes, 0x20))))
}

#[inline]
#[target_feature(enable = "neon")]
fn gaps(bytes: &[u8; WIDTH]) -> u32 {
    mask(halves(bytes).map(|lanes| below(lanes, b' ' as i8 + 1)))
}

#[inline]
#[target_feature(enable = "neon")]
fn digits(bytes: &[u8; WIDTH]) -> u32 {
    mask(halves(bytes).map(|lanes| vcltq_u8(vsubq_u8(lanes, vdupq_n_u8(b'0')), vdupq_n_u8(10))))
}

#[inline]
#[target_feature(enable = "neon")]
fn equal(a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
    let ([a_low, a_high], [b_low, b_high]) = (halves(a), halves(b));
    mask([vceqq_u8(a_low, b_low), vceqq_u8(a_high, b_high)])
}

#[inline]
#[target_feature(enable = "neon")]
fn quote_or_backslash(lanes: uint8x16_t) -> uint8x16_t {
    vorrq_u8(vceqq_u8(lanes, vdupq_n_u8(b'"')), vceqq_u8(lanes, vdupq_n_u8(b'\\')))
}

/// Those below `limit` and those that are not ASCII, which as signed numbers are below zero.
#[inline]
#[target_feature(enable = "neon")]
fn below(lanes: uint8x16_t, limit: i8) -> uint8x16_t {
    vcltq_s8(vreinterpretq_s8_u8(lanes), vdupq_n_s8(limit))
}

#[inline]
#[target_feature(enable = "neon")]
fn halves(bytes: &[u8; WIDTH]) -> [uint8x16_t; 2] {
    let (halves, _) = bytes.as_chunks();
    [load(&halves[0]), load(&halves[1])]
}

#[inline]
#[target_feature(enable = "neon")]
fn load(bytes: &[u8; 16]) -> uint8x16_t {
    #[expect(
        unsafe_code,
        reason = "of a safe way, by two words, the compiler makes four loads instead of two"
    )]
    // SAFETY: it reads the 16 bytes that the reference is to, which need not be aligned.
    unsafe {
        vld1q_u8(bytes.as_ptr())
    }
}

/// A bit for each lane, of which all bits are set or none: each lane keeps one of its bits, and neighbours are added until
/// eight are one byte (Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019).
#[inline]
#[target_feature(enable = "neon")]
fn mask([low, high]: [uint8x16_t; 2]) -> u32 {
    let own_bit = load(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
    let pairs = vpaddq_u8(vandq_u8(low, own_bit), vandq_u8(high, own_bit));
    let fours = vpaddq_u8(pairs, pairs);
    let eights = vpaddq_u8(fours, fours);
    vgetq_lane_u32::<0>(vreinterpretq_u32_u8(eights))
}
