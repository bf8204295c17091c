//! Records of `java.util.logging` as it writes them unless told otherwise, on two lines:
//!
//! ```text
//! Jan 15, 2025 10:00:00 AM org.example.Main start
//! SEVERE: it failed
//! ```
//!
//! See `SimpleFormatter` in its documentation. Each of them alone is a record, too.

use super::column::{Known, is_in_name};
use super::stamp::stamp;

/// Where the class is in a line that is the first of two: after a time, and maybe before a method.
#[inline]
pub(super) fn class(line: &[u8]) -> Option<(usize, usize)> {
    // Most lines are told by this one byte.
    if line.get(6) != Some(&b',') {
        return None;
    }
    let start = stamp(line).filter(|time| !time.is_iso)?.length + 1;
    let words = line.get(start..)?;
    let length = words.iter().take_while(|&&byte| is_in_name(byte) || byte == b'$').count();
    let method = match words[length..] {
        [] => return words.contains(&b'.').then_some((start, start + length)),
        [b' ', ref method @ ..] => method,
        _ => return None,
    };
    let is_head = words[..length].contains(&b'.') && !method.is_empty() && !method.contains(&b' ');
    is_head.then_some((start, start + length))
}

/// The level that a line begins with if it is the second of two, and where the message begins.
#[inline]
pub(super) fn level(line: &[u8]) -> Option<(Known, usize)> {
    let length = line.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let level = match &line[..length] {
        b"SEVERE" => Known::ERROR,
        b"WARNING" => Known::WARN,
        b"INFO" => Known::INFO,
        b"CONFIG" | b"FINE" => Known::DEBUG,
        b"FINER" | b"FINEST" => Known::TRACE,
        _ => return None,
    };
    match line[length..] {
        [b':'] => Some((level, length + 1)),
        [b':', b' ', ..] => Some((level, length + 2)),
        _ => None,
    }
}
