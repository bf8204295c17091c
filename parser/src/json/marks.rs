//! Where the values of a block of lines may end that are not JSON.

use super::lanes::Everywhere;
use super::stops::Stops;

#[cfg(target_arch = "x86_64")]
use super::lanes::{Avx2, Avx512};

/// Two bits for each byte of a block: whether what is in quotes may end there, and what is in none.
pub(crate) struct Marks {
    quoted: Stops,
    bare: Stops,
    #[cfg(target_arch = "x86_64")]
    avx2: Option<Avx2>,
    #[cfg(target_arch = "x86_64")]
    avx512: Option<Avx512>,
}

impl Marks {
    pub(crate) fn new() -> Self {
        Self {
            quoted: Stops::default(),
            bare: Stops::default(),
            #[cfg(target_arch = "x86_64")]
            avx2: Avx2::detect(),
            #[cfg(target_arch = "x86_64")]
            avx512: Avx512::detect(),
        }
    }

    /// Looks at another block, of at most 2 GiB; `with_bare` tells whether [`Marks::bare_end`] will be asked.
    pub(crate) fn mark(&mut self, block: &[u8], with_bare: bool) {
        #[cfg(target_arch = "x86_64")]
        if let Some(marking) = self.avx512 {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx512`; the processor was asked")]
            // SAFETY: `marking` exists only if the processor has AVX-512 F and BW, all that is enabled there.
            return unsafe { self.mark_by_avx512(marking, block, with_bare) };
        } else if let Some(lanes) = self.avx2 {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx2`; the processor was asked")]
            // SAFETY: `lanes` exists only if the processor has AVX2, BMI1 and BMI2, all that is enabled there.
            return unsafe { self.mark_by_avx2(lanes, block, with_bare) };
        }
        self.quoted.mark(Everywhere, block);
        if with_bare {
            self.bare.mark_gaps(Everywhere, block);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    fn mark_by_avx2(&mut self, lanes: Avx2, block: &[u8], with_bare: bool) {
        self.quoted.mark(lanes, block);
        if with_bare {
            self.bare.mark_gaps(lanes, block);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn mark_by_avx512(&mut self, marking: Avx512, block: &[u8], with_bare: bool) {
        self.quoted.mark(marking, block);
        if with_bare {
            self.bare.mark_gaps(marking, block);
        }
    }

    /// The first byte of the block at or after `at` that is a quote, a backslash, a control or not ASCII; `None` or a
    /// place after the block if there is none.
    #[inline]
    pub(crate) fn quoted_end(&self, at: usize) -> Option<usize> {
        self.quoted.next(at)
    }

    /// The same for a space, a control, or what is not ASCII.
    #[inline]
    pub(crate) fn bare_end(&self, at: usize) -> Option<usize> {
        self.bare.next(at)
    }
}
