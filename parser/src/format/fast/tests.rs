//! Which lines are read the fast way; that they are read right is tested with all others, against the plain reader.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Formats, LineReader, Parsed, has_colours};
use crate::json::{Captures, Wanted};

/// Of each line of a block whether it is read the fast way. Where it is, the general reader captures the same.
fn taken(lines: &[&str], end: &str) -> Vec<bool> {
    let keys = [
        "client",
        "ident",
        "user",
        "time",
        "request",
        "method",
        "path",
        "query",
        "protocol",
        "status",
        "size",
        "referer",
        "user_agent",
        "level",
        "message",
        "msg",
        "n",
        "a_key_of_more_than_sixteen",
    ];
    let wanted = Wanted::new(&keys);
    let mut reader = LineReader::new(Formats::Any, &wanted);
    let (mut captures, mut parsed) = (Captures::new(), Parsed::new());
    let block: String = lines.iter().flat_map(|line| [line, end]).collect();
    reader.begin();
    let mut start = 0;
    let taken = lines.iter().map(|line| {
        let fast = reader.read_fast(block.as_bytes(), start, &wanted, &mut captures);
        start += line.len() + end.len();
        // A carriage return that is left of a line belongs to its end.
        let content = crate::read::without_line_end(line.as_bytes());
        let general = reader.read(content, has_colours(content), None, &wanted, &mut parsed);
        if let Some(length) = fast {
            assert_eq!(length, line.len() + end.len(), "{line}");
            assert_eq!(general, Some(false), "{line}");
            for (key, name) in keys.iter().enumerate() {
                assert_eq!(captures.get(key), parsed.captures.get(key), "{name} of {line}");
            }
        }
        fast.is_some()
    });
    let taken: Vec<bool> = taken.collect();
    assert!(reader.fast.markings <= 2, "one block was marked {} times", reader.fast.markings);
    assert_eq!(reader.fast.lines, taken.iter().map(|&taken| u64::from(taken)).sum::<u64>());
    taken
}

const ACCESS: [&str; 9] = [
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /a?b=c HTTP/1.1\" 200 123",
    "2001:db8::1 - frank [15/Jan/2025:10:00:00 +0000] \"POST /x HTTP/2.0\" 503 - \"http://e/?q\" \"Mozilla/5.0 (X; Y)\"",
    "host-1.of-a-very-long-name.example.com a b [15/Jan/2025:10:00:00 +0000] \"-\" 400 0 \"-\" \"-\" 0.123 \"more\"",
    "::1 ident - [15/Jan/2025:10:00:00 +0000] \"\" 000 05 \"r \\\"q\\\" \\x41\\xc3\\xa9\" \"u\\\\\"",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"get /lower HTTP/1.1\" 200 9 \"r\"",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /a b ? c HTTP/3\" 200 9",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"PROPFINDS /no-protocol-and-a-path-of-more-than-32-bytes?x\" 200 9",
    "h - - [15/Jan/2025:10:00:00 +0000] \"GET ?HTTP/1.1\" 200 0 \"\" \"\"",
    "9 -  [15/Jan/2025:10:00:00 +0000] \"G  HTTP/1.1\" 299 00",
];

const LOGFMT: [&str; 5] = [
    "time=2025-01-15T10:00:00Z level=info msg=\"a message\" n=1 x=-1.50e3 y=z=\"w\"",
    "level=warn msg=\"with \\\"quotes\\\" \\n \\u00e9\" a_key_of_more_than_sixteen=0123 n= b=01 c=1e999",
    "level=\"\"   n=-1.5  msg=last msg=wins  ",
    "@n=1 _=2",
    "an_even_longer_key_with_32_bytes=1 n=-",
];

/// What the first line tells is needed by the second.
const NEITHER: &str = "{\"level\":\"INFO\"}";

#[test]
fn lines_that_are_well_formed_are_read_the_fast_way() {
    for lines in [&ACCESS[..], &LOGFMT] {
        for end in ["\n", "\r\n"] {
            for first in lines {
                // The line at the end is room to look at after the others.
                let all = [&[*first][..], lines, lines, &[lines[0]]].concat();
                let taken = taken(&all, end);
                assert!(!taken[0], "nothing was known before {first}");
                for (line, &taken) in all.iter().zip(&taken).skip(1).take(2 * lines.len()) {
                    // Keys of 32 bytes and more are not looked at so.
                    assert!(taken || line.starts_with("an_even_longer_key"), "{line}");
                }
            }
        }
    }
}

#[test]
fn odd_lines_are_left_to_the_general_reader() {
    let odd_access = [
        "Jan - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.1 - a user [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /é HTTP/1.1\" 200 1",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /\t HTTP/1.1\" 200 1",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"cut",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"r\" \"cut\\",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \u{1b}[0m",
        "192.0.2.1 - - [15-Jan-2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 20 1",
        "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 x",
        "2016-10-06T00:17:09Z stdout F [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
        LOGFMT[0],
        NEITHER,
    ];
    let odd_logfmt = [
        "a=1",
        "a=1 flag b=2 and a few bytes after it",
        "a=\"x\"y b=2 and a few bytes after it",
        "a=\"x b=2 and a few more bytes after it",
        "é=1 b=2 and a few more bytes after it",
        "a=é b=2 and a few more bytes after it",
        " a=1 b=2 and a few more bytes after it",
        "a=1\tb=2 c=3 and more bytes after it",
        "=1 b=2 and a few more bytes after it",
        ACCESS[0],
        NEITHER,
    ];
    for (good, odd) in [(ACCESS[0], &odd_access[..]), (LOGFMT[0], &odd_logfmt)] {
        for line in odd {
            assert!(!taken(&[good, line, good], "\n")[1], "{line}");
        }
    }
}

#[test]
fn formats_that_take_turns_are_read_the_fast_way_where_a_line_is_like_the_one_before() {
    let turn = [ACCESS[0], ACCESS[1], LOGFMT[0], LOGFMT[1]];
    let taken = taken(&turn.repeat(20), "\n");
    for (at, taken) in taken.into_iter().enumerate() {
        assert_eq!(taken, at % 2 == 1 && at < 79, "line {at}");
    }
}

#[test]
fn the_last_line_of_a_block_without_a_line_feed_is_left_too() {
    for line in [ACCESS[0], LOGFMT[0]] {
        let block = format!("{line}\n{line}");
        let wanted = Wanted::new(&["level"]);
        let mut reader = LineReader::new(Formats::Any, &wanted);
        assert_eq!(reader.read(line.as_bytes(), false, None, &wanted, &mut Parsed::new()), Some(false));
        reader.begin();
        let mut captures = Captures::new();
        assert_eq!(reader.read_fast(block.as_bytes(), line.len() + 1, &wanted, &mut captures), None);
    }
}

proptest! {
    /// Lines with a few bytes changed: whichever are taken, the general reader captures the same.
    #[test]
    fn damaged_lines(
        changes in prop::collection::vec(
            (
                prop_oneof![select(ACCESS.to_vec()), select(LOGFMT.to_vec())],
                prop::collection::vec(
                    (any::<prop::sample::Index>(), select(b" \"=[]{}:/|-\\0aZ?,.\x1b\r\t".to_vec())),
                    0..3,
                ),
            ),
            2..8,
        ),
    ) {
        let lines: Vec<String> = changes
            .iter()
            .map(|(line, changes)| {
                let mut line = line.as_bytes().to_vec();
                for (at, byte) in changes {
                    *at.get_mut(&mut line) = *byte;
                }
                String::from_utf8(line).expect("ASCII was put for ASCII")
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        // The line that goes before tells the format, and a long one after is room to look at.
        for good in [ACCESS[0], LOGFMT[0]] {
            let all: Vec<&str> = lines.iter().flat_map(|line| [good, line]).chain([good]).collect();
            taken(&all, "\n");
        }
    }
}
