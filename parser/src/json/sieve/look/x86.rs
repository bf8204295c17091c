//! By instructions that not all x86-64 processors have: the program looks, once, whether this one does.

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_and_si256, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512,
    _mm512_mask_cmpneq_epi8_mask, _mm512_min_epu8, _mm512_or_si512, _mm512_set1_epi8, _mm512_testn_epi8_mask,
    _mm512_xor_si512,
};

use super::{LOOKED_AT, Looks, SIGHT, Seen, Splat, WIDTH, Window, next_by};

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
    let [b0, b1, b2] = LOOKED_AT.map(bytes);
    let feeds = _mm256_cmpeq_epi8(b0, _mm256_set1_epi8(b'\n' as i8));
    let starts = _mm256_cmpeq_epi8(b1, half(&looks.start));
    let escaped = _mm256_cmpeq_epi8(_mm256_or_si256(b1, half(&looks.escaped_loose)), half(&looks.escaped));
    let escapes = _mm256_and_si256(_mm256_cmpeq_epi8(b0, half(&looks.backslash)), escaped);
    let mut shown = _mm256_or_si256(_mm256_andnot_si256(starts, feeds), escapes);
    shown = _mm256_or_si256(shown, _mm256_cmpeq_epi8(b0, half(&looks.colour)));
    let [l0, l1, l2] = &looks.loose;
    let (b0, b1) = (_mm256_or_si256(b0, half(l0)), _mm256_or_si256(b1, half(l1)));
    let b2 = _mm256_or_si256(b2, half(l2));
    for [w0, w1, w2] in &looks.windows {
        let start = _mm256_and_si256(_mm256_cmpeq_epi8(b0, half(w0)), _mm256_cmpeq_epi8(b1, half(w1)));
        let all = _mm256_and_si256(start, _mm256_cmpeq_epi8(b2, half(w2)));
        shown = _mm256_or_si256(shown, all);
    }
    (_mm256_movemask_epi8(shown) as u32, _mm256_movemask_epi8(feeds) as u32)
}

#[inline]
#[target_feature(enable = "avx2")]
fn half(bytes: &Splat) -> __m256i {
    let (halves, _) = bytes.0.as_chunks();
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
    let common = Common::of(looks);
    // A few windows stay in registers.
    match &*looks.windows {
        [] => next_by(text, at, |sight| look_by_avx512(&common, [], &[], sight)),
        [one] => {
            let windows = [whole(one)];
            next_by(text, at, |sight| look_by_avx512(&common, windows, &[], sight))
        }
        [one, two, others @ ..] => {
            let windows = [whole(one), whole(two)];
            next_by(text, at, |sight| look_by_avx512(&common, windows, others, sight))
        }
    }
}

/// What is looked for besides the windows.
struct Common {
    feed: __m512i,
    start: __m512i,
    colour: __m512i,
    backslash: __m512i,
    escaped: __m512i,
    escaped_loose: __m512i,
    loose: [__m512i; LOOKED_AT.len()],
}

impl Common {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn of(looks: &Looks) -> Self {
        Self {
            feed: _mm512_set1_epi8(b'\n' as i8),
            start: load_512(&looks.start.0),
            colour: load_512(&looks.colour.0),
            backslash: load_512(&looks.backslash.0),
            escaped: load_512(&looks.escaped.0),
            escaped_loose: load_512(&looks.escaped_loose.0),
            loose: whole(&looks.loose),
        }
    }
}

/// Where bytes are as they should be, what differs is 0; so lanes of several bytes, or of several things that may be
/// there, are put together before the one comparison that makes bits of them, which is dear.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn look_by_avx512<const N: usize>(
    common: &Common,
    windows: [[__m512i; LOOKED_AT.len()]; N],
    others: &[Window],
    sight: &[u8; SIGHT],
) -> (u64, u64) {
    let bytes = |nth: usize| match sight.get(nth..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => load_512(bytes),
        None => _mm512_set1_epi8(0),
    };
    let [b0, b1, b2] = LOOKED_AT.map(bytes);
    let feeds = _mm512_cmpeq_epi8_mask(b0, common.feed);
    let odd_starts = _mm512_mask_cmpneq_epi8_mask(feeds, b1, common.start);
    let escaped = _mm512_xor_si512(_mm512_or_si512(b1, common.escaped_loose), common.escaped);
    let escape = _mm512_or_si512(_mm512_xor_si512(b0, common.backslash), escaped);
    let mut differs = _mm512_min_epu8(_mm512_xor_si512(b0, common.colour), escape);
    let [l0, l1, l2] = common.loose;
    let (b0, b1, b2) = (_mm512_or_si512(b0, l0), _mm512_or_si512(b1, l1), _mm512_or_si512(b2, l2));
    let from = |[w0, w1, w2]: [__m512i; LOOKED_AT.len()]| {
        let start = _mm512_or_si512(_mm512_xor_si512(b0, w0), _mm512_xor_si512(b1, w1));
        _mm512_or_si512(start, _mm512_xor_si512(b2, w2))
    };
    for window in windows {
        differs = _mm512_min_epu8(differs, from(window));
    }
    for window in others {
        differs = _mm512_min_epu8(differs, from(whole(window)));
    }
    (_mm512_testn_epi8_mask(differs, differs) | odd_starts, feeds)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn whole(window: &Window) -> [__m512i; LOOKED_AT.len()] {
    let [a, b, c] = window;
    [load_512(&a.0), load_512(&b.0), load_512(&c.0)]
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
