//! What lines of text are read as, of many programs: known answers, where `formats.rs` has two readers agree.

use std::ops::ControlFlow;

use parser::{Clock, Limits, Reader, Time, Value};

const KEYS: [&str; 9] = ["time", "level", "message", "thread", "logger", "pid", "file", "module", "host"];

/// By the clock of 2025-01-20, in UTC.
const CLOCK: Clock = Clock::until(Time::from_nanos(1_737_331_200_000_000_000));

/// What is found in the only record of a line, as `key=value` by the order of the keys; the time in UTC.
fn read(line: &str) -> String {
    let (mut found, mut bad) = (Vec::new(), 0);
    Reader::new(&KEYS, Limits::default()).lines(line.as_bytes(), &mut |_| bad += 1, |record| {
        let value = |(place, key): (usize, &&str)| {
            let value = record.value(place)?;
            let text = match *key {
                "time" => Time::of(value, &CLOCK).map_or("unknown".to_owned(), |time| time.to_string()),
                _ => match value {
                    Value::Number(number) => String::from_utf8_lossy(number).into_owned(),
                    other => String::from_utf8_lossy(&other.text()?).into_owned(),
                },
            };
            Some(format!("{key}={text}"))
        };
        let values: Vec<_> = KEYS.iter().enumerate().filter_map(value).collect();
        found.push(values.join(" "));
        ControlFlow::Continue(())
    });
    assert_eq!((found.len(), bad), (1, 0), "{line}");
    found.remove(0)
}

fn check(lines: &[(&str, &str)]) {
    for (line, expected) in lines {
        assert_eq!(read(line), *expected, "{line}");
    }
}

#[test]
fn lines_of_loggers_are_known() {
    check(&[
        // log4j, logback, Python.
        (
            "2025-01-15 10:00:00,123 INFO [main] org.example.Main: started",
            "time=2025-01-15T10:00:00.123Z level=INFO message=started thread=main logger=org.example.Main",
        ),
        (
            "2025-01-15 10:00:00.123  INFO 42 --- [           main] o.s.Application          : Started",
            "time=2025-01-15T10:00:00.123Z level=INFO message=Started thread=main logger=o.s.Application pid=42",
        ),
        (
            "17/06/09 20:10:40 WARN spark.SecurityManager: Changing view acls",
            "time=2017-06-09T20:10:40Z level=WARN message=Changing view acls logger=spark.SecurityManager",
        ),
        (
            "01-15 10:00:00.123 DEBUG [main] a.b.C - text",
            "time=2025-01-15T10:00:00.123Z level=DEBUG message=text thread=main logger=a.b.C",
        ),
        (
            "2025-01-15 10:00:00,123 - my.module - ERROR - it failed",
            "time=2025-01-15T10:00:00.123Z level=ERROR message=it failed logger=my.module",
        ),
        ("ERROR:root:a message", "level=ERROR message=a message logger=root"),
        (
            "[2025-01-15 10:00:00,123: WARNING/ForkPoolWorker-1] late",
            "time=2025-01-15T10:00:00.123Z level=WARNING message=late thread=ForkPoolWorker-1",
        ),
        (
            "2025-01-15 10:00:00, WARNING, by commas",
            "time=2025-01-15T10:00:00Z level=WARNING message=by commas",
        ),
        // `java.util.logging`, and Tomcat's.
        (
            "Jan 15, 2025 1:00:00 PM com.example.Foo bar",
            "time=2025-01-15T13:00:00Z message=com.example.Foo bar",
        ),
        ("SEVERE: it failed", "level=error message=it failed"),
        (
            "15-Jan-2025 10:00:00.123 SEVERE [main] org.apache.Listener.log Server",
            "time=2025-01-15T10:00:00.123Z level=error message=org.apache.Listener.log Server thread=main",
        ),
        // Rust's tracing and env_logger.
        (
            "2025-01-15T10:00:00.123Z  INFO app::server: listening",
            "time=2025-01-15T10:00:00.123Z level=INFO message=listening logger=app::server",
        ),
        (
            "[2025-01-15T10:00:00Z INFO  app::server] hello",
            "time=2025-01-15T10:00:00Z level=INFO message=hello logger=app::server",
        ),
        ("[2025-01-15T10:00:00Z ERROR] hello", "time=2025-01-15T10:00:00Z level=ERROR message=hello"),
    ]);
}

#[test]
fn lines_of_daemons_and_phones_are_known() {
    check(&[
        // glog and klog.
        (
            "I0115 10:00:00.123456   12345 file.go:123] Starting",
            "time=2025-01-15T10:00:00.123456Z level=info message=Starting thread=12345 file=file.go:123",
        ),
        (
            "E20240115 10:00:00.123456 12345 file.cc:42] it failed",
            "time=2024-01-15T10:00:00.123456Z level=error message=it failed thread=12345 file=file.cc:42",
        ),
        // Android's logcat.
        (
            "12-17 16:13:38.811  1702  2395 V Window Manager  : printing",
            "time=2024-12-17T16:13:38.811Z level=trace message=printing thread=2395 logger=Window Manager pid=1702",
        ),
        // Ruby's Logger.
        (
            "W, [2025-01-15T10:00:00.123456 #1234]  WARN -- : late",
            "time=2025-01-15T10:00:00.123456Z level=WARN message=late pid=1234",
        ),
        // PHP.
        (
            "[15-Jan-2025 10:00:00 UTC] PHP Parse error:  unexpected x in /a.php on line 3",
            "time=2025-01-15T10:00:00Z level=error message=unexpected x in /a.php on line 3",
        ),
        (
            "[15-Jan-2025 10:00:00 Europe/Berlin] PHP Notice:  Undefined index",
            "time=unknown level=info message=Undefined index",
        ),
        // Redis, MongoDB, MySQL.
        (
            "1234:M 15 Jan 2025 10:00:00.123 # Can't save in background",
            "time=2025-01-15T10:00:00.123Z level=warn message=Can't save in background pid=1234",
        ),
        (
            "2025-01-15T10:00:00.123+0000 I NETWORK  [conn1] end connection",
            "time=2025-01-15T10:00:00.123Z level=info message=end connection thread=conn1 module=NETWORK",
        ),
        (
            "150115 10:00:00 [ERROR] Can't open the table",
            "time=2015-01-15T10:00:00Z level=ERROR message=Can't open the table",
        ),
    ]);
}

#[test]
fn lines_of_systems_are_known() {
    check(&[
        // Windows' servicing, OpenVPN, and supercomputers.
        (
            "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack",
            "time=2016-09-28T04:30:30Z level=Info message=CBS    Loaded Servicing Stack",
        ),
        ("Wed Jan 15 10:00:00 2025 Initialization", "time=2025-01-15T10:00:00Z message=Initialization"),
        (
            "KERNDTLB 1117838570 2005.06.03 R02-M1 RAS KERNEL FATAL data TLB",
            "time=2005-06-03T22:42:50Z level=FATAL message=RAS KERNEL FATAL data TLB host=R02-M1",
        ),
        (
            "134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change: it is down",
            "time=2004-02-26T14:12:22Z message=Component State Change: it is down module=unix.hw host=node-246",
        ),
        // Linux' kernel, Proxifier, and Huawei's Health.
        ("[   12.345678] usb 1-1: new device", "message=usb 1-1: new device"),
        (
            "[10.30 16:49:06] chrome.exe - proxy.example:5070 close, 0 bytes sent",
            "time=2024-10-30T16:49:06Z message=proxy.example:5070 close, 0 bytes sent logger=chrome.exe",
        ),
        (
            "20171224-0:5:29:66|Step_LSC|30002312|onStandStepChanged 3579",
            "time=2017-12-24T00:05:29.066Z message=onStandStepChanged 3579 logger=Step_LSC pid=30002312",
        ),
    ]);
}

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
        ("{\"level\":\"INFO\",\"message\":\"it is JSON\"}", "level=INFO message=it is JSON"),
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
fn what_only_resembles_them_is_no_record() {
    for line in [
        "I0115 10:00:00 12345 file.go:123] no fraction",
        "I015 10:00:00.5 12345 file.go:123] no date",
        "W, [2025-01-15T10:00:00.123456]  WARN -- : no process",
        "[15-Jan-2025 10:00:00 UTC] PHP Weather:  fine",
        "[2025-01-15 10:00:00 SOME app] no level",
        "1234:Q 15 Jan 2025 10:00:00.123 * no role",
        "Jan 15, 2025 10:00:00 XM text",
        "- 1117838570 2005-06-03 R02-M1 another date",
        "134681 node-246 unix.hw 1077804742 1 no state",
        "[   12.34567] five digits",
        "20171224-0:5:29|Step_LSC|30002312|no milliseconds",
    ] {
        let (mut records, mut bad) = (0, 0);
        Reader::new(&KEYS, Limits::default()).lines(line.as_bytes(), &mut |_| bad += 1, |_| {
            records += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((records, bad), (0, 1), "{line}");
    }
}
