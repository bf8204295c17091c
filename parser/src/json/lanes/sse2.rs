//! By the instructions that every x86-64 processor has.

use safe_arch::{
    add_i8_m128i, bitor_m128i, cmp_eq_mask_i8_m128i, cmp_gt_mask_i8_m128i, cmp_lt_mask_i8_m128i,
    load_unaligned_m128i, m128i, min_u8_m128i, move_mask_i8_m128i, set_splat_i8_m128i,
};

use super::{Lanes, WIDTH};

#[derive(Clone, Copy)]
pub(crate) struct Sse2;

impl Lanes for Sse2 {
    #[inline(always)]
    fn stops(self, bytes: &[u8; WIDTH]) -> u32 {
        each(bytes, |lanes| {
            let control = cmp_eq_mask_i8_m128i(min_u8_m128i(lanes, set_splat_i8_m128i(0x1f)), lanes);
            bitor_m128i(quote_or_backslash(lanes), control)
        })
    }

    #[inline(always)]
    fn stops_or_high(self, bytes: &[u8; WIDTH]) -> u32 {
        each(bytes, |lanes| {
            // As signed numbers those that are not ASCII are below zero.
            let other = cmp_gt_mask_i8_m128i(set_splat_i8_m128i(0x20), lanes);
            bitor_m128i(quote_or_backslash(lanes), other)
        })
    }

    #[inline(always)]
    fn gaps(self, bytes: &[u8; WIDTH]) -> u32 {
        // As signed numbers those that are not ASCII are below zero.
        each(bytes, |lanes| cmp_gt_mask_i8_m128i(set_splat_i8_m128i(b' ' as i8 + 1), lanes))
    }

    #[inline(always)]
    fn digits(self, bytes: &[u8; WIDTH]) -> u32 {
        each(bytes, |lanes| {
            // Moved so that the digits are the ten lowest signed numbers.
            let moved = add_i8_m128i(lanes, set_splat_i8_m128i(i8::MIN.wrapping_sub_unsigned(b'0')));
            cmp_lt_mask_i8_m128i(moved, set_splat_i8_m128i(i8::MIN + 10))
        })
    }

    #[inline(always)]
    fn equal(self, a: &[u8; WIDTH], b: &[u8; WIDTH]) -> u32 {
        let ([a_low, a_high], [b_low, b_high]) = (halves(a), halves(b));
        let equal = |a, b| mask(cmp_eq_mask_i8_m128i(load_unaligned_m128i(a), load_unaligned_m128i(b)));
        equal(a_low, b_low) | equal(a_high, b_high) << 16
    }
}

#[inline(always)]
fn quote_or_backslash(lanes: m128i) -> m128i {
    let quote = cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'"' as i8));
    bitor_m128i(quote, cmp_eq_mask_i8_m128i(lanes, set_splat_i8_m128i(b'\\' as i8)))
}

#[inline(always)]
fn each(bytes: &[u8; WIDTH], mark: impl Fn(m128i) -> m128i) -> u32 {
    let [low, high] = halves(bytes);
    mask(mark(load_unaligned_m128i(low))) | mask(mark(load_unaligned_m128i(high))) << 16
}

#[inline(always)]
fn halves(bytes: &[u8; WIDTH]) -> [&[u8; 16]; 2] {
    let (halves, _) = bytes.as_chunks();
    [&halves[0], &halves[1]]
}

#[inline(always)]
fn mask(lanes: m128i) -> u32 {
    // Sixteen bits, so it is never negative.
    move_mask_i8_m128i(lanes) as u32
}
