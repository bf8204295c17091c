//! The template of a message: the message with its numbers and hexadecimal names masked.
//!
//! A program writes few templates and many messages, so a column of templates is small, tells which messages are
//! repeated, and answers most searches for a text without reading a message.

use crate::json::{Everywhere, Lanes, WIDTH};

/// Masks a message: each run of digits becomes one `0`, and so does each word (run of ASCII letters and digits) of at
/// least [`HEX`] characters that has a digit and is hexadecimal throughout. Linear in the message; words without a digit
/// are passed over many bytes at a time.
pub(crate) fn mask(message: &[u8], out: &mut Vec<u8>) {
    // What is before it is in `out`, and no word goes on there.
    let mut done = 0;
    while let Some((digit, digits)) = next_digits(message, done) {
        let is_in_word = |byte: &&u8| CLASS[**byte as usize] != 0;
        // Most are a word of their own, of which no byte need be looked at.
        let goes_on = message.get(digit + digits).as_ref().is_some_and(is_in_word);
        if !goes_on && !message[done..digit].last().as_ref().is_some_and(is_in_word) {
            out.extend_from_slice(&message[done..digit]);
            out.push(b'0');
            done = digit + digits;
            continue;
        }
        let start = digit - message[done..digit].iter().rev().take_while(is_in_word).count();
        let end = digit + message[digit..].iter().take_while(is_in_word).count();
        out.extend_from_slice(&message[done..start]);
        mask_word(&message[start..end], out);
        done = end;
    }
    out.extend_from_slice(&message[done..]);
}

/// Where the first digit is at or after `at`, and how many follow each other there, or more.
fn next_digits(text: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let first = |at: usize, digits: u32| {
        let skipped = digits.trailing_zeros();
        (at + skipped as usize, (digits >> skipped).trailing_ones() as usize)
    };
    while let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WIDTH>) {
        let digits = Everywhere.digits(window);
        if digits != 0 {
            return Some(first(at, digits));
        }
        at += WIDTH;
    }
    if at >= text.len() {
        return None;
    }
    // The rest is the end of a window that began before, or all of a text that is shorter than one.
    let (digits, skipped) = if let Some(window) = text.last_chunk() {
        (Everywhere.digits(window), WIDTH - (text.len() - at))
    } else {
        let mut window = [0; WIDTH];
        window[..text.len()].copy_from_slice(text);
        (Everywhere.digits(&window), at)
    };
    let digits = digits >> skipped;
    (digits != 0).then(|| first(at, digits))
}

/// Masks a word that has a digit.
fn mask_word(word: &[u8], out: &mut Vec<u8>) {
    if word.len() >= HEX && word.iter().all(|&byte| CLASS[byte as usize] & BEYOND_HEX == 0) {
        out.push(b'0');
        return;
    }
    let mut was_digit = false;
    for &byte in word {
        let is_digit = byte.is_ascii_digit();
        if !(is_digit && was_digit) {
            out.push(if is_digit { b'0' } else { byte });
        }
        was_digit = is_digit;
    }
}

/// Whether templates tell exactly which messages hold a text: whether no occurrence of it can touch what is masked.
///
/// So it is for a text without a digit of which the words at its ends, which may be parts of longer words of the
/// message, have a letter that is not hexadecimal. A word inside it stands alone in the message, and lacks the digit
/// of a masked one.
pub(crate) fn tells(text: &[u8]) -> bool {
    let beyond_hex =
        |word: &[u8]| word.is_empty() || word.iter().any(|&b| CLASS[b as usize] & BEYOND_HEX != 0);
    let mut words = text.split(|&byte| CLASS[byte as usize] == 0);
    let (first, last) = (words.next().unwrap_or(&[]), words.next_back());
    !text.is_empty()
        && !text.iter().any(u8::is_ascii_digit)
        && beyond_hex(first)
        && last.is_none_or(beyond_hex)
}

/// The shortest hexadecimal word that is masked whole.
const HEX: usize = 6;

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const BEYOND_HEX: u8 = 4;

/// What a byte is; 0 for what is in no word.
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER | BEYOND_HEX,
            _ => 0,
        };
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{mask, tells};

    fn masked(message: &str) -> String {
        let mut out = Vec::new();
        mask(message.as_bytes(), &mut out);
        String::from_utf8(out).expect("only ASCII was replaced")
    }

    #[test]
    fn numbers_and_hexadecimal_names_are_masked_and_words_stay() {
        assert_eq!(masked("timeout after 1350 ms calling v2"), "timeout after 0 ms calling v0");
        assert_eq!(masked("order 3fa8b2c1 accepted"), "order 0 accepted");
        assert_eq!(masked("x12y345 decade a1b2"), "x0y0 decade a0b0");
        assert_eq!(masked("José 7 ✓"), "José 0 ✓");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn what_may_touch_a_masked_word_is_not_told() {
        assert!(tells(b"timeout") && tells(b"calling cab at") && tells(b" decade ") && tells("é".as_bytes()));
        assert!(
            !tells(b"") && !tells(b"deca") && !tells(b"v2") && !tells(b"order cab") && !tells(b"cab order")
        );
    }

    /// The same byte by byte.
    fn plainly(message: &str) -> String {
        let words = message.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
        let mut out = String::new();
        for word in words {
            let (word, rest) =
                word.split_at(word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len());
            let is_hex = word.len() >= 6 && word.bytes().all(|b| b.is_ascii_hexdigit());
            if is_hex && word.bytes().any(|b| b.is_ascii_digit()) {
                out.push('0');
            } else {
                let digits = word.split_inclusive(|c: char| !c.is_ascii_digit());
                for run in digits {
                    let letters = run.trim_start_matches(|c: char| c.is_ascii_digit());
                    out.push_str(if letters.len() < run.len() { "0" } else { "" });
                    out.push_str(letters);
                }
            }
            out.push_str(rest);
        }
        out
    }

    proptest! {
        #[test]
        fn every_message_is_masked_as_plain_code_masks_it(
            message in "[a-cx0-2é .]{0,80}|[a-f0-9]{0,9}( [a-gé]{0,40}[0-9]?){0,4}",
        ) {
            prop_assert_eq!(masked(&message), plainly(&message));
        }

        #[test]
        fn a_text_that_is_told_is_in_the_template_just_when_it_is_in_the_message(
            message in "[a-cx0-2 .]{0,24}", text in "[a-cx .]{1,3}"
        ) {
            if tells(text.as_bytes()) {
                prop_assert_eq!(masked(&message).contains(&text), message.contains(&text));
            }
        }
    }
}
