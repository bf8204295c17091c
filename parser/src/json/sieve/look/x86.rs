//! By instructions that not all x86-64 processors have: the program looks, once, whether this one does.

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_and_si256, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512,
    _mm512_mask_cmpeq_epi8_mask, _mm512_mask_cmpneq_epi8_mask, _mm512_or_si512, _mm512_set1_epi8,
};

use super::{Looks, SIGHT, Seen, Splat, WIDTH, next_by};

/// That the processor has AVX2 and POPCNT. There is none of it but by [`Avx2::detect`].
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Avx2(());

/// That the processor has AVX-512 (F and BW) and POPCNT. There is none of it but by [`Avx512::detect`].
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Avx512(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt");
        has.then_some(Self(()))
    }
}

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("popcnt");
        has.then_some(Self(()))
    }
}

pub(super) fn next_by_avx2(_: Avx2, looks: &Looks, text: &[u8], at: usize) -> Seen {
    #[expect(unsafe_code, reason = "it is worth its while, see `Sieve`; the processor was asked")]
    // SAFETY: there is an `Avx2` only if the processor has AVX2 and POPCNT, all that is enabled there.
    unsafe {
        avx2(looks, text, at)
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn avx2(looks: &Looks, text: &[u8], at: usize) -> Seen {
    next_by(text, at, |sight| look_by_avx2(looks, sight))
}

#[inline]
#[target_feature(enable = "avx2")]
fn look_by_avx2(looks: &Looks, sight: &[u8; SIGHT]) -> ([u32; 2], [u32; 2]) {
    let (low, high) = (half_by_avx2(looks, sight, 0), half_by_avx2(looks, sight, 32));
    ([low.0, high.0], [low.1, high.1])
}

#[inline]
#[target_feature(enable = "avx2")]
fn half_by_avx2(looks: &Looks, sight: &[u8; SIGHT], at: usize) -> (u32, u32) {
    let bytes = |nth: usize| match sight.get(at + nth..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => load(bytes),
        None => _mm256_set1_epi8(0),
    };
    let (b0, b1, b2, b3) = (bytes(0), bytes(1), bytes(2), bytes(3));
    let feeds = _mm256_cmpeq_epi8(b0, _mm256_set1_epi8(b'\n' as i8));
    let starts = _mm256_cmpeq_epi8(b1, splat(&looks.start));
    let escaped = _mm256_cmpeq_epi8(_mm256_or_si256(b1, splat(&looks.escaped_loose)), splat(&looks.escaped));
    let escapes = _mm256_and_si256(_mm256_cmpeq_epi8(b0, splat(&looks.backslash)), escaped);
    let mut shown = _mm256_or_si256(_mm256_andnot_si256(starts, feeds), escapes);
    shown = _mm256_or_si256(shown, _mm256_cmpeq_epi8(b0, splat(&looks.colour)));
    let [l0, l1, l2, l3] = &looks.loose;
    let (b0, b1) = (_mm256_or_si256(b0, splat(l0)), _mm256_or_si256(b1, splat(l1)));
    let (b2, b3) = (_mm256_or_si256(b2, splat(l2)), _mm256_or_si256(b3, splat(l3)));
    for [w0, w1, w2, w3] in &looks.windows {
        let start = _mm256_and_si256(_mm256_cmpeq_epi8(b0, splat(w0)), _mm256_cmpeq_epi8(b1, splat(w1)));
        let end = _mm256_and_si256(_mm256_cmpeq_epi8(b2, splat(w2)), _mm256_cmpeq_epi8(b3, splat(w3)));
        shown = _mm256_or_si256(shown, _mm256_and_si256(start, end));
    }
    (_mm256_movemask_epi8(shown) as u32, _mm256_movemask_epi8(feeds) as u32)
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(bytes: &Splat) -> __m256i {
    let (halves, _) = bytes.as_chunks();
    load(&halves[0])
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8; 32]) -> __m256i {
    #[expect(unsafe_code, reason = "there is no safe way to load lanes")]
    // SAFETY: it reads the 32 bytes that the reference is to, which need not be aligned.
    unsafe {
        _mm256_loadu_si256(bytes.as_ptr().cast())
    }
}

pub(super) fn next_by_avx512(_: Avx512, looks: &Looks, text: &[u8], at: usize) -> Seen {
    #[expect(unsafe_code, reason = "it is worth its while, see `Sieve`; the processor was asked")]
    // SAFETY: there is an `Avx512` only if the processor has AVX-512 and POPCNT, all that is enabled there.
    unsafe {
        avx512(looks, text, at)
    }
}

#[target_feature(enable = "avx512f,avx512bw,popcnt")]
fn avx512(looks: &Looks, text: &[u8], at: usize) -> Seen {
    next_by(text, at, |sight| look_by_avx512(looks, sight))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn look_by_avx512(looks: &Looks, sight: &[u8; SIGHT]) -> (u64, u64) {
    let bytes = |nth: usize| match sight.get(nth..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => load_512(bytes),
        None => _mm512_set1_epi8(0),
    };
    let (b0, b1, b2, b3) = (bytes(0), bytes(1), bytes(2), bytes(3));
    let feeds = _mm512_cmpeq_epi8_mask(b0, _mm512_set1_epi8(b'\n' as i8));
    let mut shown = _mm512_mask_cmpneq_epi8_mask(feeds, b1, load_512(&looks.start));
    shown |= _mm512_cmpeq_epi8_mask(b0, load_512(&looks.colour));
    let escapes = _mm512_cmpeq_epi8_mask(b0, load_512(&looks.backslash));
    let escaped = _mm512_or_si512(b1, load_512(&looks.escaped_loose));
    shown |= _mm512_mask_cmpeq_epi8_mask(escapes, escaped, load_512(&looks.escaped));
    let [l0, l1, l2, l3] = &looks.loose;
    let (b0, b1) = (_mm512_or_si512(b0, load_512(l0)), _mm512_or_si512(b1, load_512(l1)));
    let (b2, b3) = (_mm512_or_si512(b2, load_512(l2)), _mm512_or_si512(b3, load_512(l3)));
    for [w0, w1, w2, w3] in &looks.windows {
        let mut is = _mm512_cmpeq_epi8_mask(b0, load_512(w0));
        is = _mm512_mask_cmpeq_epi8_mask(is, b1, load_512(w1));
        is = _mm512_mask_cmpeq_epi8_mask(is, b2, load_512(w2));
        shown |= _mm512_mask_cmpeq_epi8_mask(is, b3, load_512(w3));
    }
    (shown, feeds)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn load_512(bytes: &[u8; WIDTH]) -> __m512i {
    #[expect(unsafe_code, reason = "there is no safe way to load lanes")]
    // SAFETY: it reads the 64 bytes that the reference is to, which need not be aligned.
    unsafe {
        _mm512_loadu_si512(bytes.as_ptr().cast())
    }
}
