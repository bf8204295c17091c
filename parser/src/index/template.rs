//! The template of a message: the message with its numbers and hexadecimal names masked.
//!
//! A program writes few templates and many messages, so a column of templates is small, tells which messages are
//! repeated, and answers most searches for a text without reading a message.

/// Masks a message: each run of digits becomes one `0`, and so does each word (run of ASCII letters and digits) of at
/// least [`HEX`] characters that has a digit and is hexadecimal throughout. Linear in the message.
pub(crate) fn mask(message: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + message.len(), 0);
    let masked = &mut out[start..];
    // Where the next byte goes; where the word began there; what is in the word, and how long it is in the message.
    let (mut to, mut word, mut seen, mut length) = (0, 0, 0, 0);
    let mut before = 0;
    for &byte in message {
        let class = CLASS[byte as usize];
        if class == 0 {
            if seen & (DIGIT | BEYOND_HEX) == DIGIT && length >= HEX {
                masked[word] = b'0';
                to = word + 1;
            }
            masked[to] = byte;
            to += 1;
            (word, seen, length) = (to, 0, 0);
        } else {
            let digit = class & DIGIT != 0;
            masked[to] = if digit { b'0' } else { byte };
            to += usize::from(!(digit && before & DIGIT != 0));
            // Of digits in a row only the first moves on: what is written after it is overwritten or cut off.
            seen |= class;
            length += 1;
        }
        before = class;
    }
    if seen & (DIGIT | BEYOND_HEX) == DIGIT && length >= HEX {
        masked[word] = b'0';
        to = word + 1;
    }
    out.truncate(start + to);
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

    proptest! {
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
