//! Damage done to one record.

use super::fields::fields;
use super::{Answer, Bits, Kind, LONGEST_LINE, Reason};
use crate::Lines;
use crate::text::Buffer;

/// A run of `x` that is written at a place of the buffer, and never held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fill {
    /// Where in the buffer.
    pub(crate) at: usize,
    /// How many bytes.
    pub(crate) bytes: u64,
}

/// Where a record lies that is to be damaged.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    /// Where it begins; it reaches to the end of the buffer, and ends in a newline.
    pub(crate) start: usize,
    /// Whether it is the first of the output.
    pub(crate) is_first: bool,
    pub(crate) lines: Lines,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Bytes that are no UTF-8 wherever they stand: a byte that never occurs, a continuation without a beginning, an overlong
/// form, half a surrogate pair, a beginning without continuation.
const NOT_UTF8: [&[u8]; 5] = [b"\xff", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82"];

/// What stands in the place of a record: nothing that can be seen.
const BLANKS: [&[u8]; 4] = [b"", b" ", b"\t", b"  \t"];

/// Damages the record at the end of the buffer. Its last newline stays, and so does its number of lines, unless the
/// record has several and is truncated or empty.
pub(crate) fn apply(
    kind: Kind,
    mut bits: Bits,
    line: Line,
    out: &mut Buffer,
    fills: &mut Vec<Fill>,
) -> Answer {
    let Line { start, is_first, lines } = line;
    if out.len() > start {
        out.pop();
    }
    let length = out.len() - start;
    let of_json = |answer: Answer| if lines == Lines::Json { answer } else { Answer::Open };
    let answer = match kind {
        Kind::Truncated => {
            // At least two bytes stay: a brace alone at the very start would be read as JSON spread over lines.
            let mut end = start + (2 + bits.below(length.saturating_sub(2))).min(length);
            // Readers differ about a number that ends behind its sign or its point: cut short, or malformed?
            while end > start
                && b".-+eE".contains(&out[end - 1])
                && out.get(end).is_some_and(|next| b"-+0123456789".contains(next))
            {
                end += 1;
            }
            out.truncate(end);
            let is_utf8 = str::from_utf8(&out[start..]).is_ok();
            of_json(Answer::Bad(if is_utf8 { Reason::CutShort } else { Reason::NotUtf8 }))
        }
        Kind::Glued => {
            out.extend_from_within(start..);
            of_json(Answer::Bad(Reason::Malformed))
        }
        Kind::Empty => {
            out.truncate(start);
            out.extend_from_slice(BLANKS[bits.below(BLANKS.len())]);
            Answer::Blank
        }
        Kind::OverLong => {
            let at = if lines == Lines::Json {
                insert(out, start + 1, br#""padding":"","#);
                (start + 1 + br#""padding":""#.len()).min(out.len())
            } else {
                out.len()
            };
            fills.push(Fill { at, bytes: LONGEST_LINE + 1 + bits.below(1 << 20) as u64 });
            Answer::Bad(Reason::TooLong)
        }
        Kind::BadUtf8 => {
            let at = start + (1 + bits.below(length)).min(length);
            insert(out, at, NOT_UTF8[bits.below(NOT_UTF8.len())]);
            Answer::Bad(Reason::NotUtf8)
        }
        Kind::Nul if bits.below(2) == 0 => {
            let count = 1 << bits.below(13);
            insert(out, start, &[0; 1 << 12][..count]);
            of_json(Answer::Record)
        }
        Kind::Nul => {
            let near = start + 1 + bits.below(length.saturating_sub(1));
            let place = (near..out.len()).chain(start + 1..near).find(|&at| out[at].is_ascii());
            place.map_or(Answer::Record, |at| {
                out[at] = 0;
                of_json(Answer::Bad(Reason::Malformed))
            })
        }
        Kind::WrongTypes => {
            let whole = out.split_off(start);
            let mut from = 0;
            for (_, value) in fields(&whole) {
                out.extend_from_slice(&whole[from..value.start]);
                out.push(b'[');
                out.extend_from_slice(&whole[value.clone()]);
                out.push(b']');
                from = value.end;
            }
            out.extend_from_slice(&whole[from..]);
            Answer::Strange
        }
        Kind::DuplicateKeys => {
            let keys = fields(&out[start..]);
            if let Some((key, _)) = keys.get(bits.below(keys.len())) {
                let earlier = [&out[start + key.start..start + key.end], br#":"not meant","#].concat();
                insert(out, start + 1, &earlier);
            }
            Answer::Record
        }
        Kind::Bom => {
            insert(out, start, BOM);
            of_json(if is_first { Answer::Record } else { Answer::Bad(Reason::NotAnObject) })
        }
        Kind::Crlf => {
            out.push(b'\r');
            Answer::Record
        }
        // Done to the last line of all, once it is known.
        Kind::NoLastNewline => Answer::Record,
    };
    out.push(b'\n');
    answer
}

fn insert(out: &mut Buffer, at: usize, bytes: &[u8]) {
    let at = at.min(out.len());
    out.splice(at..at, bytes.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damaged(kind: Kind, seed: u64, is_first: bool) -> (Vec<u8>, Vec<Fill>, Answer) {
        let mut out = b"before\n{\"level\":\"INFO\",\"text\":\"caf\xc3\xa9 \\\"x\\\"\",\"n\":1}\n".to_vec();
        let mut fills = Vec::new();
        let line = Line { start: 7, is_first, lines: Lines::Json };
        let answer = apply(kind, Bits(seed), line, &mut out, &mut fills);
        assert!(out.starts_with(b"before\n") && out.ends_with(b"\n"));
        assert_eq!(out.split(|&byte| byte == b'\n').count(), 3, "{kind:?}");
        (out[7..out.len() - 1].to_vec(), fills, answer)
    }

    /// The answers are those of `serde_json` and of the standard library, which know nothing of what was done.
    #[test]
    fn the_answer_is_what_a_plain_look_at_the_line_gives() {
        for kind in Kind::ALL {
            for seed in 0..200 {
                let (line, fills, answer) = damaged(kind, seed, false);
                let Ok(text) = str::from_utf8(&line) else {
                    assert_eq!(answer, Answer::Bad(Reason::NotUtf8), "{kind:?}, {seed}");
                    continue;
                };
                let text = text.trim_start_matches('\0');
                let expected = if !fills.is_empty() {
                    Answer::Bad(Reason::TooLong)
                } else if text.trim().is_empty() {
                    Answer::Blank
                } else if !text.starts_with('{') {
                    Answer::Bad(Reason::NotAnObject)
                } else {
                    match serde_json::from_str::<serde_json::Value>(text) {
                        Ok(value) if value["level"].is_array() => Answer::Strange,
                        Ok(value) => {
                            assert_eq!(value["level"], "INFO");
                            assert_eq!(value["n"], 1);
                            Answer::Record
                        }
                        Err(error) if error.is_eof() => Answer::Bad(Reason::CutShort),
                        Err(_) => Answer::Bad(Reason::Malformed),
                    }
                };
                assert_eq!(answer, expected, "{kind:?}, {seed}: {text:?}");
            }
        }
    }

    #[test]
    fn a_mark_at_the_very_start_belongs_to_no_record() {
        assert_eq!(damaged(Kind::Bom, 1, true).2, Answer::Record);
    }

    #[test]
    fn nothing_breaks_on_records_too_short_to_damage() {
        for kind in Kind::ALL {
            for text in [&b""[..], b"\n", b"x\n", b"{}\n"] {
                for lines in [Lines::Json, Lines::Text] {
                    let line = Line { start: 0, is_first: true, lines };
                    apply(kind, Bits(3), line, &mut text.to_vec(), &mut Vec::new());
                }
            }
        }
    }
}
