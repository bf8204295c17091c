//! Orders in which a line gives its keys.
//!
//! Programs write their keys in an order of their own, which then never changes, so most lines follow one of a few fixed
//! orders; a small share is shuffled anew for each line, which no cache of layouts can foresee.

use crate::draws::Draws;
use crate::knobs::Knob;
use crate::text::Buffer;

/// How many lines have an order of their own.
pub(crate) const OWN_ORDER: Knob = Knob::share(
    "own-order",
    50,
    "lines whose keys come in an order of their own",
    "invented: rare, but never absent",
);

/// A record that can write any of its fields as `"key":value,`, or nothing where it lacks the field.
pub(crate) trait Record {
    /// A field, or a run of neighbouring fields that is written as one.
    type Field: Copy;

    /// Appends one field.
    fn write(&self, field: Self::Field, out: &mut Buffer);
}

/// Appends a whole line: the fields in this order, braces around them and a newline. Returns its length without the
/// newline.
#[inline]
pub(crate) fn write_line<R: Record>(record: &R, order: &[R::Field], out: &mut Buffer) -> u64 {
    let start = out.len();
    out.push(b'{');
    for &field in order {
        record.write(field, out);
    }
    // Every field ends in a comma: the last one becomes the closing brace.
    out.pop();
    out.extend_from_slice(b"}\n");
    (out.len() - start - 1) as u64
}

/// Shuffles the fields (Fisher and Yates).
pub(crate) fn shuffle<T>(fields: &mut [T], draws: &mut Draws) {
    for last in (1..fields.len()).rev() {
        fields.swap(last, draws.below(last as u32 + 1) as usize);
    }
}
