//! The fast reader and the plain one give the same answer and the same bad lines, whatever they are given, in chunks
//! of any size.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;

use parser::{
    BadLine, Columns, Counter, Dimension, Expression, Filter, Found, Level, Limits, Matcher, Refusal, plain,
    search, tally,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Gives a few bytes at a time, as a pipe may.
struct Trickle<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.most);
        self.bytes.read(&mut buffer[..length])
    }
}

/// Gives as many bytes at a time as it is told, over and over: as a pipe does that is written to now and then.
struct Uneven<'a> {
    bytes: &'a [u8],
    lengths: std::iter::Cycle<std::slice::Iter<'a, usize>>,
}

impl Read for Uneven<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.lengths.next().map_or(0, |&length| buffer.len().min(length));
        self.bytes.read(&mut buffer[..length])
    }
}

type Outcome<T> = (Result<T, Refusal>, Vec<BadLine>);

fn outcome<T>(read: impl FnOnce(&mut dyn FnMut(BadLine)) -> io::Result<T>) -> Outcome<T> {
    let mut bad = Vec::new();
    let result = read(&mut |line| bad.push(line));
    (result.map_err(|error| Refusal::within(&error).expect("memory is always readable")), bad)
}

type Hits = Vec<(u64, u64, Vec<u8>)>;

fn found(
    read: impl FnOnce(&mut dyn FnMut(BadLine), &mut Hits) -> io::Result<Found>,
) -> (Outcome<Found>, Hits) {
    let mut hits = Vec::new();
    (outcome(|bad| read(bad, &mut hits)), hits)
}

/// Asks both readers all questions.
fn check(log: &[u8], limits: Limits, most: usize) -> Result<(), TestCaseError> {
    let source = || Trickle { bytes: log, most };

    let fast = outcome(|bad| {
        let mut counter = Counter::within(limits);
        counter.read(source(), bad)?;
        Ok(counter.finish())
    });
    prop_assert_eq!(fast, outcome(|bad| plain::count_within(log, limits, bad)));

    let fast = outcome(|bad| tally::tally_within(source(), limits, bad));
    prop_assert_eq!(fast, outcome(|bad| plain::tally_within(log, limits, bad)));

    check_search(log, limits, most, &Filter::level(Level::Error))?;
    check_lines(log, limits)
}

/// Both readers find the same; so does the fast one where it passes over what cannot match.
fn check_search(log: &[u8], limits: Limits, most: usize, filter: &Filter) -> Result<(), TestCaseError> {
    let fast = |filter: &Filter| {
        found(|bad, hits| {
            search::search_within(Trickle { bytes: log, most }, filter, limits, bad, &mut |hit| {
                hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
                ControlFlow::Continue(())
            })
        })
    };
    let slow = found(|bad, hits| {
        plain::search_within(log, filter, limits, bad, &mut |hit| {
            hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
            ControlFlow::Continue(())
        })
    });
    prop_assert_eq!(&fast(&filter.clone().strict()), &slow);

    let ((sifted, sifted_bad), sifted_hits) = fast(filter);
    let ((slow, slow_bad), slow_hits) = slow;
    prop_assert_eq!(sifted_hits, slow_hits);
    prop_assert!(sifted_bad.iter().all(|bad| slow_bad.contains(bad)));
    prop_assert_eq!(
        sifted.map(|found| (found.lines, found.matches)),
        slow.map(|found| (found.lines, found.matches))
    );
    Ok(())
}

/// Lines handed over as a stream has them, one by one and all at once, are counted as the plain reader counts them in the midst
/// of an input; each value that counts is told.
fn check_lines(log: &[u8], limits: Limits) -> Result<(), TestCaseError> {
    // A bad line before them, since the first line of an input may be of another kind.
    let before = b"x\n";
    let midst = [before, log].concat();
    let (plain, plain_bad) = outcome(|bad| plain::count_within(midst.as_slice(), limits, bad));
    let plain = plain.expect("a bad line betrays nothing");
    let mut told_by_plain = BTreeMap::new();
    for (date, day) in &plain.stats {
        for dimension in Dimension::ALL {
            let values = day.values(dimension).iter();
            told_by_plain.extend(values.map(|(v, uses)| ((date.clone(), dimension, v.clone()), uses.total)));
        }
    }
    let one_by_one: Vec<&[u8]> = midst.split_inclusive(|&byte| byte == b'\n').collect();
    for texts in [one_by_one, vec![before, log], vec![midst.as_slice()]] {
        let mut counter = Counter::within(limits);
        let (mut all_bad, mut told) = (Vec::new(), BTreeMap::<_, u64>::new());
        let (mut line, mut offset) = (0, 0);
        for text in texts {
            counter.lines(
                text,
                &mut |bad| {
                    all_bad.push(BadLine { line: bad.line + line, offset: bad.offset + offset, ..bad });
                },
                |date, dimension, value| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    *told.entry((text(date), dimension, text(value))).or_default() += 1;
                },
            );
            (line, offset) = (counter.totals().lines, offset + text.len() as u64);
        }
        prop_assert_eq!(&all_bad, &plain_bad);
        prop_assert_eq!(&told, &told_by_plain);
        prop_assert_eq!(counter.finish(), plain.clone());
    }
    Ok(())
}

/// A JSON string, escaped or not.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{0,20}".prop_map(|text| format!("\"{text}\"")),
        1 => "[a-z é漢]{0,60}".prop_map(|text| format!("\"{text}\"")),
        2 => ".{0,12}".prop_map(|text| serde_json::to_string(&text).expect("a string can be written")),
        1 => select(vec![
            r#""\ud83d\ude80""#, r#""\ud83d""#, r#""\ude80x""#, r#""\\\"""#, r#""\u0000""#, r#""ERR\u004fR""#,
            r#""\ud83d\u0041""#, r#""\x""#, r#""\u12""#, "\"\t\"",
        ]).prop_map(str::to_owned),
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => string(),
        2 => any::<i32>().prop_map(|n| n.to_string()),
        1 => any::<f64>().prop_map(|n| format!("{n:e}").replace("inf", "1").replace("NaN", "0")),
        1 => select(vec!["true", "false", "null", "-0", "1e999", "01", "-", "1.", ".5", "99999999999999999999", "tru"])
            .prop_map(str::to_owned),
    ]
}

/// A value, mostly a scalar, rarely nested.
fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key(), inner), 0..4).prop_map(|members| object(&members, ",", ":")),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    select(vec![
        "level",
        "severity",
        "log_level",
        "service",
        "thread",
        "thread_id",
        "tid",
        "request_id",
        "correlation_id",
        "trace_id",
        "traceId",
        "span_id",
        "parent_span_id",
        "msg",
        "fields",
        "fields.level",
        "a",
        "x",
        "timestamp",
        "client_ip",
        "request_path",
        "request_query",
        "user_agent",
        "tls_cipher",
        "lev\\u0065l",
        "a\\\"b",
        "",
        "\\ud800",
    ])
    .prop_map(|key| format!("\"{key}\""))
}

fn object(members: &[(String, String)], comma: &str, colon: &str) -> String {
    let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}{colon}{value}")).collect();
    format!("{{{}}}", members.join(comma))
}

/// A line with its keys in one of few orders, so that what follows a key is learnt and met again.
fn usual_line() -> impl Strategy<Value = String> {
    let level = select(vec![
        "\"ERROR\"",
        "\"INFO\"",
        "\"error\"",
        "\"Err\"",
        "17",
        "null",
        "\"\"",
        "\"E\\u0052ROR\"",
        "\"ERROR  \"",
        "\"err\\t\"",
        "\" ERROR\"",
    ]);
    let app = (level, scalar(), scalar(), value(), any::<bool>()).prop_map(|(level, a, b, c, more)| {
        let more = if more { ",\"trace_id\":\"0123456789abcdef0123456789abcdef\"" } else { "" };
        format!("{{\"level\":{level},\"thread\":{a},\"service\":{b}{more},\"fields\":{{\"a\":{c},\"level\":\"ERROR\"}}}}")
    });
    let path = select(vec![
        "\"/versions\"",
        "\"/specs.4.8.gz\"",
        "\"\\/versions\"",
        "\"/api/v1/dependencies\"",
        "\"/gems/x\"",
        "null",
    ]);
    let time = select(vec![
        "\"2018-04-16 04:59:59\"",
        "\"2018-04-17\"",
        "\"2018-13-01 \"",
        "\"2018-00-10\"",
        "\"2018-4-16 \"",
        "1",
        "null",
        "\"2018-04-1\\u0036\"",
        "\"2018-04-1é\"",
        "12,\"@timestamp\":\"2018-04-17\"",
        "\"2018\",\"ts\":1523941199",
    ]);
    let client =
        select(vec!["\"192.0.2.7\"", "\"192.0.2.8\"", "\"2001:db8::1\"", "\"x\"", "\"\"", "null", "5"]);
    let agent = select(vec![
        "\"bundler/1.16.1 rubygems/2.6.11 ruby/2.4.1 (x86_64-linux) command/install ci/a,b 59dbf8e99fa09c0a Gemstash/1\"",
        "\"Ruby, RubyGems/2.4.8 x86_64-linux Ruby/2.2.2 (2015-04-13 patchlevel 95)\"",
        "\"RubyGems/2.4.8 x86\\u005f64-linux Ruby/2.2.2 (2015-04-13 patchlevel 95)\"",
        "\"curl/7\"",
        "null",
        "{}",
        "\"\"",
    ]);
    let query = select(vec!["\"\"", "\"gems=a\"", "null", "0", "[]"]);
    let cipher = select(vec!["\"ECDHE\"", "\"\"", "null", "false"]);
    let cdn = (time, client, path, query, agent, cipher, any::<bool>()).prop_map(
        |(time, client, path, query, agent, cipher, whole)| {
            let query = if whole { format!("\"request_query\":{query},") } else { String::new() };
            format!(
                "{{\"timestamp\":{time},\"client_ip\":{client},\"request_path\":{path},{query}\"user_agent\":{agent},\
                 \"http2\":false,\"tls_cipher\":{cipher}}}"
            )
        },
    );
    prop_oneof![app, cdn]
}

/// A line with keys in any order, any number of times.
fn odd_line() -> impl Strategy<Value = String> {
    let spaces = select(vec!["", " ", "\t ", "\r"]);
    (
        prop::collection::vec((key(), value()), 0..6),
        spaces.clone(),
        spaces,
        select(vec!["", " ", "x", "{}", "\0"]),
    )
        .prop_map(|(members, before, after, end)| {
            let (comma, colon) = (format!("{before},{after}"), format!("{after}:{before}"));
            format!("{before}{}{end}", object(&members, &comma, &colon))
        })
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let damaged = (usual_line(), any::<Index>(), any::<u8>(), 0..3_u8).prop_map(|(line, at, byte, how)| {
        let mut line = line.into_bytes();
        let at = at.index(line.len());
        match how {
            0 => line.truncate(at),
            1 => line[at] = byte,
            _ => line.insert(at, byte),
        }
        line
    });
    let spliced =
        (usual_line(), usual_line(), any::<Index>(), any::<Index>()).prop_map(|(one, other, at, from)| {
            [&one.as_bytes()[..at.index(one.len())], &other.as_bytes()[from.index(other.len())..]].concat()
        });
    prop_oneof![
        8 => usual_line().prop_map(String::into_bytes),
        4 => odd_line().prop_map(String::into_bytes),
        4 => damaged,
        2 => spliced,
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => select(vec!["", " ", "\0\0", "\r", "[1]", "[{}]", "{", "\u{feff}{}", "\0\0{\"level\":\"ERROR\"}", "null"])
            .prop_map(|line| line.as_bytes().to_vec()),
    ]
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    let ends = select(vec!["\n", "\n", "\n", "\n", "\r\n", "\n\n"]);
    (prop::collection::vec((line(), ends), 0..30), any::<bool>()).prop_map(|(lines, cut)| {
        let mut log: Vec<u8> =
            lines.into_iter().flat_map(|(line, end)| [line, end.as_bytes().to_vec()].concat()).collect();
        if cut {
            log.pop();
        }
        log
    })
}

/// A condition on fields that the lines have.
fn condition() -> impl Strategy<Value = String> {
    let name = select(vec![
        "level",
        "thread",
        "service",
        "'tls_cipher'",
        "client_ip",
        "request_query",
        "msg",
        "x",
        "x.level",
        "fields.level",
        "fields.a",
        "fields.a.x",
        "time",
    ]);
    let value = select(vec![
        "1",
        "-7",
        "2.50",
        "a",
        "'ECDHE'",
        "'192.0.2.7'",
        "true",
        "''",
        "\"é\"",
        "'a b'",
        "/versions",
    ]);
    let comparison = select(vec!["=", "!=", "<", "<=", ">", ">=", "contains", "~", "!~"]);
    let test = prop_oneof![
        4 => (name.clone(), comparison, value.clone()).prop_map(|(name, comparison, value)| match name {
            "level" => format!("level {} warn", if comparison.len() > 2 || comparison.contains('~') { "=" } else { comparison }),
            "time" => format!("time {} '2018-04-16 04:59:59'", if comparison.len() > 2 || comparison.contains('~') { ">=" } else { comparison }),
            name => format!("{name} {comparison} {value}"),
        }),
        1 => name.prop_map(|name| format!("has {name}")),
        2 => select(vec!["error", "info", "fatal"]).prop_map(|level| format!("level = {level}")),
        1 => select(vec!["level >= 1", "severity = 7", "log_level in (1, 2.5)", "level != -7"]).prop_map(str::to_owned),
        1 => (value.clone(), value).prop_map(|(a, b)| format!("service in ({a}, {b})")),
    ];
    test.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| format!("({})", all.join(" and "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|any| format!("({})", any.join(" or "))),
            inner.prop_map(|one| format!("not {one}")),
        ]
    })
}

proptest! {
    // More cases with PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(1500),
        max_shrink_iters: 4000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn on_logs_of_all_kinds_of_lines(log in log(), chunk in 1..2000_usize, most in 1..3000_usize) {
        check(&log, Limits { chunk, ..Limits::default() }, most)?;
    }

    #[test]
    fn on_any_condition(
        log in log(),
        condition in condition(),
        text in prop::option::of(select(vec!["a", "ERROR", "\r", "\"level\":\"", "\\u00", "é", "x86_64-linux"])),
        chunk in 1..2000_usize,
    ) {
        let mut columns = Columns::new();
        let mut expression = Expression::parse(&condition, &mut columns).expect("it is one");
        if let Some(text) = text {
            expression = Expression::all(vec![expression, Expression::record(Matcher::text(text))]);
        }
        let limits = Limits { chunk, ..Limits::default() };
        check_search(&log, limits, usize::MAX, &Filter::new(expression, columns))?;
    }

    #[test]
    fn however_the_reads_are_cut(
        mut log in log(),
        texts in prop::collection::vec((any::<Index>(), select(vec![
            "2025-01-15 10:00:00 ERROR a\n",
            "2025-01-15 10:00:01 INFO b\n",
            "  at a continued line\n",
            "java.lang.Error: c\n\n",
        ])), 0..12),
        lengths in prop::collection::vec(1..200_usize, 1..20),
        chunk in 1..2000_usize,
    ) {
        for (place, text) in texts {
            let feeds = (0..log.len()).filter(|&at| log[at] == b'\n').map(|at| at + 1);
            let starts: Vec<usize> = std::iter::once(0).chain(feeds).collect();
            let start = *place.get(&starts);
            log.splice(start..start, text.bytes());
        }
        let filter = Filter::level(Level::Error).strict();
        let read = |source: &mut dyn Read, chunk| {
            found(|bad, hits| {
                let limits = Limits { chunk, ..Limits::default() };
                search::search_within(source, &filter, limits, bad, &mut |hit| {
                    hits.push((hit.line, hit.offset, hit.bytes.to_vec()));
                    ControlFlow::Continue(())
                })
            })
        };
        let whole = read(&mut log.as_slice(), Limits::default().chunk);
        let mut uneven = Uneven { bytes: &log, lengths: lengths.iter().cycle() };
        prop_assert_eq!(read(&mut uneven, chunk), whole);
    }

    #[test]
    fn on_lines_longer_than_allowed(log in log(), chunk in 1..200_usize, line in 1..300_usize) {
        check(&log, Limits { chunk, line }, usize::MAX)?;
    }

    #[test]
    fn on_any_bytes(log in prop::collection::vec(any::<u8>(), 0..300), chunk in 1..100_usize) {
        check(&log, Limits { chunk, ..Limits::default() }, usize::MAX)?;
    }

    #[test]
    fn on_the_bytes_of_json_in_any_order(
        log in prop::collection::vec(select(b"{}[]:,\"\\ue0d8 -1.tfn\nle\r".to_vec()), 0..80),
        chunk in 1..100_usize,
    ) {
        check(&[b"{}\n".as_slice(), &log].concat(), Limits { chunk, ..Limits::default() }, usize::MAX)?;
    }
}

#[test]
fn on_first_lines_that_are_refused_whatever_else_is_wrong_with_them() {
    for (log, line) in [(b"[{\x80".as_slice(), 300), (b"\xef\xbb\xbf{}\n", 3), (b"\xef\xbb\xbf[{\x80\n", 3)] {
        check(log, Limits { chunk: 1, line }, usize::MAX).expect("both readers refuse it or neither");
    }
}

/// What stands where a scalar is expected, right and wrong.
const SCALARS: [&str; 44] = [
    "0",
    "-0",
    "7",
    "-7",
    "10",
    "01",
    "-01",
    "00",
    "-",
    "--1",
    "+1",
    "1.",
    ".5",
    "1.5",
    "0.5",
    "00.5",
    "1.5.",
    "1.5e",
    "1e5",
    "1E+05",
    "1e+",
    "1.e5",
    "1x",
    "12345678901234567890123456789012345",
    "0123456789012345678901234567890",
    "1e999",
    "true",
    "false",
    "null",
    "tru",
    "truex",
    "falsey",
    "nul",
    "True",
    "\"\"",
    "\"ERROR\"",
    "\"\\\"",
    "\"a\\\"b\"",
    "\"\\ud83d\"",
    "\"\\ud83d\\ude80\"",
    "\"a\tb\"",
    "\"0123456789abcdef0123456789abcdef\\u0041\"",
    "[1]",
    "",
];

#[test]
fn on_each_scalar_after_keys_that_are_known() {
    let line = |scalar: &str| {
        format!("{{\"thread\":{scalar},\"level\":\"ERROR\",\"x\":{{\"y\":[{scalar},1]}},\"tid\":{scalar}}}\n")
    };
    let known = ["1", "\"a\"", "true", "-2.5"].map(line).concat().repeat(3);
    for scalar in SCALARS {
        for after in ["1", "\"a\""] {
            let log = [known.clone(), line(scalar), line(after)].concat();
            // With room after the line, and without; in one block, from which the reader learns, and in many.
            for log in [log.repeat(2), known.clone() + &line(scalar)] {
                for chunk in [Limits::default().chunk, 500] {
                    check(log.as_bytes(), Limits { chunk, ..Limits::default() }, usize::MAX)
                        .unwrap_or_else(|error| panic!("{scalar}: {error}"));
                }
            }
        }
    }
}

#[test]
fn on_nesting_that_would_overflow_a_stack() {
    let depth = 300_000;
    let open = format!("{{\"level\":\"ERROR\",\"x\":{}1{}}}\n", "[{\"a\":".repeat(depth), "}]".repeat(depth));
    let wanted = format!("{{\"level\":{}{},\"level\":\"ERROR\"}}\n", "[".repeat(depth), "]".repeat(depth));
    let cut = format!("{{\"level\":\"ERROR\",\"x\":{}\n", "[".repeat(depth));
    let log = [open, wanted, cut].concat();
    check(log.as_bytes(), Limits::default(), usize::MAX).expect("both readers agree");
    let found =
        search(log.as_bytes(), &Filter::level(Level::Error), &mut |bad| assert_eq!(bad.line, 3), &mut |_| {
            ControlFlow::Continue(())
        })
        .expect("memory is readable");
    assert_eq!((found.matches, found.bad), (2, 1));
}

#[test]
fn a_search_ends_where_it_is_told_to() {
    let log = "{\"level\":\"ERROR\"}\n".repeat(10);
    let mut left = 3;
    let found =
        search(log.as_bytes(), &Filter::level(Level::Error), &mut |bad| panic!("{bad:?}"), &mut |_| {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .expect("memory is readable");
    assert_eq!((found.matches, found.lines), (3, 3));
}

#[test]
fn a_source_that_fails_keeps_what_came_before() {
    struct Broken(u8);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            match self.0 {
                1 => (&b"{\"level\":\"ERROR\"}\n{\"le"[..]).read(buffer),
                2 => Err(io::ErrorKind::Interrupted.into()),
                _ => Err(io::Error::other("the disk is gone")),
            }
        }
    }
    let mut counter = Counter::new();
    let error = counter.read(Broken(0), &mut |_| ()).expect_err("the source fails");
    assert_eq!(error.to_string(), "the disk is gone");
    assert_eq!(counter.finish().records, 1);
    assert!(tally(Broken(0), &mut |_| ()).is_err());
}

/// Keys that push each other out of where they are kept, of all lengths up to what is kept and past it, spaced in every
/// way: what was learnt of one line must never pass for another.
#[test]
fn on_more_keys_than_are_kept_and_every_way_to_space_them() {
    let spacings = [(",", ":"), (", ", ": "), (",  ", ":"), (" ,", " :"), (",", ":   ")];
    let mut log = String::new();
    for n in (0..700).chain(0..700) {
        let (comma, colon) = spacings[n % spacings.len()];
        let key = format!("{}{n}", "k".repeat(n % 40));
        let members = [
            format!("\"{key}\"{colon}{n}"),
            format!("\"level\"{colon}\"ERROR\""),
            format!("\"{key}x\"{colon}{{\"level\"{colon}\"INFO\"}}"),
            format!("\"service\"{colon}[\"{key}\"]"),
        ];
        log.extend(["{", &members.join(comma), "}\n"]);
    }
    for chunk in [Limits::default().chunk, 2000] {
        check(log.as_bytes(), Limits { chunk, ..Limits::default() }, usize::MAX).expect("both readers agree");
    }
}
