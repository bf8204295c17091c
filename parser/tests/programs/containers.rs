//! Lines of containers, with what their runtimes and docker-compose put before them.

use super::*;

#[test]
fn lines_that_a_container_runtime_collected_are_read_without_its_prefix() {
    let prefix = "2025-01-15T10:00:00.669794202+01:00 stdout F ";
    for (line, expected) in [
        ("The content of the log", "time=2025-01-15T09:00:00.669794202Z message=The content of the log"),
        ("", "time=2025-01-15T09:00:00.669794202Z"),
        (
            "  an ERROR, further in",
            "time=2025-01-15T09:00:00.669794202Z level=ERROR message=  an ERROR, further in",
        ),
        ("\u{1b}[32mINFO\u{1b}[0m green", "time=2025-01-15T09:00:00.669794202Z level=INFO message=green"),
        // Its own time is the time.
        (
            "2025-01-14 10:00:00,123 WARN [main] a.b.C - late",
            "time=2025-01-14T10:00:00.123Z level=WARN message=late thread=main logger=a.b.C",
        ),
        (
            "{\"time\":\"2025-01-14T10:00:00Z\",\"message\":\"it is JSON\"}",
            "time=2025-01-14T10:00:00Z message=it is JSON",
        ),
        // Of the keys of a time it has one that is not asked for here.
        ("ts=1736848800 level=info message=pairs", "level=info message=pairs"),
        (
            "192.0.2.1 - - [14/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
            "time=2025-01-14T10:00:00Z level=info message=GET / HTTP/1.1",
        ),
        // A time that lacks its date or its year is none, nor is one that a message has.
        (
            "{\"level\":\"INFO\",\"message\":\"it\"}",
            "time=2025-01-15T09:00:00.669794202Z level=INFO message=it",
        ),
        ("level=info message=pairs", "time=2025-01-15T09:00:00.669794202Z level=info message=pairs"),
        (
            "10:00:00.123 [main] INFO a.B - x",
            "time=2025-01-15T09:00:00.669794202Z level=INFO message=x thread=main logger=a.B",
        ),
        ("saved row timestamp=99", "time=2025-01-15T09:00:00.669794202Z message=saved row timestamp=99"),
        (
            "I0114 10:00:00.123456       1 main.go:5] x",
            "time=2025-01-15T09:00:00.669794202Z level=info message=x thread=1 file=main.go:5",
        ),
        // It is no access log, of which the runtime's time would be the client.
        (
            "[15/Jan/2025:10:00:00 +0000] \"GET /b HTTP/1.1\" 500 123",
            "time=2025-01-15T09:00:00.669794202Z message=[15/Jan/2025:10:00:00 +0000] \"GET /b HTTP/1.1\" 500 123",
        ),
    ] {
        assert_eq!(read(&format!("{prefix}{line}")), expected, "{line}");
    }
    let lines = ["ERROR it failed", "  at once", "", "\tand again"].map(|line| format!("{prefix}{line}\n"));
    assert_eq!(
        read(&lines.concat()),
        "time=2025-01-15T09:00:00.669794202Z level=ERROR message=it failed\n  at once\n\n\tand again"
    );
}

#[test]
fn objects_after_a_time_alone_are_read_as_they_are() {
    check(&[
        (
            "2025-01-15T10:00:00.669794202Z {\"level\":\"WARN\",\"message\":\"it is JSON\"}",
            "time=2025-01-15T10:00:00.669794202Z level=WARN message=it is JSON",
        ),
        (
            "2025-01-15T10:00:00Z {\"time\":\"2025-01-14T10:00:00Z\",\"message\":\"it is JSON\"}",
            "time=2025-01-14T10:00:00Z message=it is JSON",
        ),
        (
            "2025-01-15T10:00:00Z {main} ERROR it is text",
            "time=2025-01-15T10:00:00Z level=ERROR message={main} ERROR it is text",
        ),
        // The same behind the name that docker-compose puts before it.
        (
            "api-1  | 2025-01-15T10:00:00.669794202Z {\"level\":\"WARN\",\"message\":\"it is JSON\"}",
            "time=2025-01-15T10:00:00.669794202Z level=WARN message=it is JSON",
        ),
        (
            "api-1  | 2025-01-15T10:00:00Z {\"time\":\"2025-01-14T10:00:00Z\",\"message\":\"it is JSON\"}",
            "time=2025-01-14T10:00:00Z message=it is JSON",
        ),
        (
            "api-1  | 2025-01-15T10:00:00Z {main} ERROR it is text",
            "time=2025-01-15T10:00:00Z level=ERROR message={main} ERROR it is text",
        ),
    ]);
}

#[test]
fn lines_of_a_container_join_those_of_the_same_stream_only() {
    let log = [
        "2025-01-15T10:00:00Z stdout F INFO one",
        "2025-01-15T10:00:00Z stderr F \tanother",
        "2025-01-15T10:00:00Z stderr F \tand more of it",
        "2025-01-15 10:00:00 ERROR [main] a.B - not collected",
        "2025-01-15T10:00:00Z stdout F   collected",
        "2025-01-15T10:00:00Z stdout F ",
        "not collected either",
    ];
    let (mut found, mut bad) = (Vec::new(), Vec::new());
    let mut reader = Reader::new(&["stream", "message"], Limits::default());
    reader.lines(log.join("\n").as_bytes(), &mut |line| bad.push(line.line), |record| {
        let text =
            |key| record.value(key).and_then(|value| Some(value.text()?.into_owned())).unwrap_or_default();
        let [stream, message] = [0, 1].map(|key| String::from_utf8(text(key)).expect("it is text"));
        found.push((stream, message));
        ControlFlow::Continue(())
    });
    let found: Vec<_> = found.iter().map(|(stream, message)| (stream.as_str(), message.as_str())).collect();
    assert_eq!(
        found,
        [
            ("stdout", "one"),
            ("stderr", "\tanother\n\tand more of it"),
            ("", "not collected"),
            ("stdout", "  collected\n")
        ]
    );
    assert_eq!(bad, [7]);
}

#[test]
fn lines_of_a_container_are_records_where_another_container_comes_between() {
    let log = [
        "web-1  | 2025-01-15 10:00:00 ERROR it failed",
        "db-1   | 2025-01-15 10:00:00 INFO query",
        "web-1  | java.lang.X",
        "web-1  | \tat a.b(C.java)",
        "db-1   |   more of it",
        "web-1  | ",
        "proxy.1.abcdef@node1    | 2025-01-15T10:00:00Z ERROR of a swarm",
        "cache-1  | {\"level\":\"INFO\",\"message\":\"it is JSON\"}",
        "cache-1  | an ERROR after it",
        "\u{1b}[36mweb-1  |\u{1b}[0m {\"level\":\"INFO\"",
    ]
    .join("\n");
    let read = |formats: Formats| {
        let (mut found, mut bad) = (Vec::new(), Vec::new());
        let mut reader = Reader::new(&["container", "level", "message"], Limits::default()).reading(formats);
        reader.lines(log.as_bytes(), &mut |line| bad.push(line.line), |record| {
            let text = |key| record.value(key).and_then(|value| Some(value.text()?.into_owned()));
            let values = [0, 1, 2].map(|key| String::from_utf8(text(key).unwrap_or_default()));
            found.push(values.map(|text| text.expect("it is text")).join(" "));
            ControlFlow::Continue(())
        });
        (found, bad)
    };
    let (found, bad) = read(Formats::Any);
    assert_eq!(
        found,
        [
            "web-1 ERROR it failed",
            "db-1 INFO query",
            "web-1  java.lang.X\n\tat a.b(C.java)",
            "db-1    more of it",
            "proxy.1.abcdef@node1 ERROR of a swarm",
            "cache-1 INFO it is JSON",
            "cache-1 ERROR an ERROR after it",
            "web-1 INFO {\"level\":\"INFO\"",
        ]
    );
    assert!(bad.is_empty(), "{bad:?}");
    let (found, bad) = read(Formats::One(Format::Logfmt));
    assert_eq!((found.len(), bad.len()), (0, 9), "nothing else is read where one format is asked for");
}

#[test]
fn a_format_of_ones_own_is_looked_for_with_the_prefix_of_a_container_runtime_and_without() {
    let log = "2025-01-15T10:00:00Z stdout F WARN hello\n2025-01-15T10:00:01Z stdout F   world\nINFO again\n";
    for (pattern, expected) in [
        (r"^(?<level>[A-Z]+) (?<message>.*)", ["2025-01-15T10:00:00Z WARN hello", " INFO again"].as_slice()),
        (r"^(?<time>\S+) stdout F (?<level>[A-Z]+) (?<message>.*)", &["2025-01-15T10:00:00Z WARN hello"]),
    ] {
        let pattern = Pattern::new(pattern).expect("it is a pattern");
        let mut found = Vec::new();
        let mut reader = Reader::new(&["time", "level", "message"], Limits::default());
        reader = reader.reading(Formats::Pattern(pattern));
        reader.lines(log.as_bytes(), &mut |_| (), |record| {
            let text = |key| record.value(key).and_then(|value| Some(value.text()?.into_owned()));
            let values =
                [0, 1, 2].map(|key| text(key).map(String::from_utf8).transpose().expect("it is text"));
            found.push(values.map(Option::unwrap_or_default).join(" "));
            ControlFlow::Continue(())
        });
        assert_eq!(found, expected);
    }
}
