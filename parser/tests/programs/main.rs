//! What lines are read as, of many programs: known answers, where `formats.rs` has two readers agree.

mod containers;
mod meaning;

use std::ops::ControlFlow;

use parser::{Clock, Format, Formats, Limits, Pattern, Reader, Time, Value};

const KEYS: [&str; 9] = ["time", "level", "message", "thread", "logger", "pid", "file", "module", "host"];

/// By the clock of 2025-01-20, in UTC.
const CLOCK: Clock = Clock::until(Time::from_nanos(1_737_331_200_000_000_000));

/// What is found in the only record of a line, as `key=value` by the order of the keys; the time in UTC.
fn read(line: &str) -> String {
    read_keys(line, &KEYS)
}

fn read_keys(line: &str, keys: &[&str]) -> String {
    let (mut found, mut bad) = (Vec::new(), 0);
    Reader::new(keys, Limits::default()).lines(line.as_bytes(), &mut |_| bad += 1, |record| {
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
        let values: Vec<_> = keys.iter().enumerate().filter_map(value).collect();
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
        // logback's layout of Cassandra, Python's for AWS Lambda.
        (
            "ERROR [MutationStage-1] 2025-01-15 10:00:00,123 StorageProxy.java:123 - it failed",
            "time=2025-01-15T10:00:00.123Z level=ERROR message=StorageProxy.java:123 - it failed thread=MutationStage-1",
        ),
        (
            "[INFO]\t2025-01-15T10:00:00.123Z\t79104-EX\tmsg",
            "time=2025-01-15T10:00:00.123Z level=INFO message=79104-EX\tmsg",
        ),
        (
            "2025-01-15 10:00:00,123 app.module ERROR it failed",
            "time=2025-01-15T10:00:00.123Z level=ERROR message=it failed logger=app.module",
        ),
        // Spring Boot with the application's name, with ids of traces, and Sleuth's.
        (
            "2025-01-15 10:00:00.123  INFO 1 --- [my app] [           main] c.e.Foo      : started",
            "time=2025-01-15T10:00:00.123Z level=INFO message=started thread=main logger=c.e.Foo pid=1",
        ),
        (
            "2025-01-15T10:00:00.123Z  WARN 1 --- [nio-1] [803b448a0489f84084905d3093480352-3425f23bb2432450] c.Foo : x",
            "time=2025-01-15T10:00:00.123Z level=WARN message=x thread=nio-1 logger=c.Foo pid=1",
        ),
        (
            "2025-01-15 10:00:00 INFO [svc,5f2a7b3c,7b3c,true] 7 --- [main] o.a.C.[.[.[/].[servlet]  : x",
            "time=2025-01-15T10:00:00Z level=INFO message=x thread=main logger=o.a.C.[.[.[/].[servlet] pid=7",
        ),
        // JBoss, Elasticsearch, Serilog, NLog.
        (
            "2025-01-15 10:00:00,123 ERROR [org.jboss.as.controller] (Boot Thread) WFLY0013: it failed",
            "time=2025-01-15T10:00:00.123Z level=ERROR message=WFLY0013: it failed thread=Boot Thread \
             logger=org.jboss.as.controller",
        ),
        (
            "[2025-01-15T10:00:00,123][INFO ][o.e.n.Node               ] [node-1] started",
            "time=2025-01-15T10:00:00.123Z level=INFO message=[node-1] started logger=o.e.n.Node",
        ),
        (
            "2025-01-15 10:00:00.123 +01:00 [INF] it is so",
            "time=2025-01-15T09:00:00.123Z level=info message=it is so",
        ),
        ("[10:00:00 FTL] it is so", "time=unknown level=fatal message=it is so"),
        (
            "2025-01-15 10:00:00.1234|ERROR|MyApp.Foo|it failed|again",
            "time=2025-01-15T10:00:00.123400Z level=ERROR message=it failed|again logger=MyApp.Foo",
        ),
        // `java.util.logging`, and Tomcat's.
        (
            "Jan 15, 2025 1:00:00 PM com.example.Foo bar",
            "time=2025-01-15T13:00:00Z message=com.example.Foo bar",
        ),
        ("SEVERE: it failed", "level=error message=it failed"),
        (
            "Jan 15, 2025 1:00:00 PM com.example.Foo <init>\nSEVERE: it failed\njava.lang.E\n\tat x",
            "time=2025-01-15T13:00:00Z level=error message=it failed\njava.lang.E\n\tat x logger=com.example.Foo",
        ),
        (
            "2025-01-15T10:00:00Z stderr F Jan 15, 2025 1:00:00 PM com.example.Foo bar\n\
             2025-01-15T10:00:00Z stderr F FINE: it is so",
            "time=2025-01-15T13:00:00Z level=debug message=it is so logger=com.example.Foo",
        ),
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
            "2025-01-15T10:00:00.123456Z 8 [ERROR] [MY-010119] [Server] Aborting",
            "time=2025-01-15T10:00:00.123456Z level=error message=Aborting thread=8 module=Server",
        ),
        (
            "2025-01-15 10:00:00 0 [Note] InnoDB: ready",
            "time=2025-01-15T10:00:00Z level=info message=InnoDB: ready thread=0",
        ),
        (
            "2025-01-15 10:00:00.123456 N | etcdserver/api: enabled",
            "time=2025-01-15T10:00:00.123456Z level=info message=enabled logger=etcdserver/api",
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
        ("[    0.000000][    T7] Linux version 6.1", "message=Linux version 6.1 thread=T7"),
        ("<3>[    1.234567] usb 1-1: failed", "level=error message=usb 1-1: failed"),
        (
            "20171224-0:5:29:66|Step_LSC|30002312|onStandStepChanged 3579",
            "time=2017-12-24T00:05:29.066Z message=onStandStepChanged 3579 logger=Step_LSC pid=30002312",
        ),
    ]);
}

#[test]
fn lines_of_servers_and_of_syslog_are_known() {
    let keys =
        ["time", "level", "message", "vhost", "client", "ident", "user", "host", "service", "pid", "x"];
    for (line, expected) in [
        // Apache's vhost_combined; and what only resembles it.
        (
            "www.example.com:443 203.0.113.5 - alice [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612",
            "time=2025-01-15T10:00:00Z level=info message=GET / HTTP/1.1 vhost=www.example.com:443 \
             client=203.0.113.5 user=alice",
        ),
        (
            "203.0.113.5 203.0.113.6 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 404 612",
            "time=2025-01-15T10:00:00Z level=warn message=GET / HTTP/1.1 client=203.0.113.5 ident=203.0.113.6 \
             user=- -",
        ),
        // The client and its proxies, as X-Forwarded-For has them.
        (
            "203.0.113.5, 2001:db8::1, unknown - alice [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612",
            "time=2025-01-15T10:00:00Z level=info message=GET / HTTP/1.1 client=203.0.113.5 user=alice",
        ),
        // Apache's error log.
        (
            "[Wed Jan 15 10:00:00 2025] [core:error] [pid 1] (13)Permission denied: [client 192.0.2.1:5] AH1: no",
            "time=2025-01-15T10:00:00Z level=error message=(13)Permission denied: [client 192.0.2.1:5] AH1: no \
             client=192.0.2.1 pid=1",
        ),
        (
            "[Wed Jan 15 10:00:00 2025] [error] [client 2001:db8::1] no",
            "time=2025-01-15T10:00:00Z level=error message=no client=2001:db8::1",
        ),
        (
            "[Wed Jan 15 10:00:00 2025] [:error] [client 2001:db8::1:80] no",
            "time=2025-01-15T10:00:00Z level=error message=no client=2001:db8::1",
        ),
        // Syslog, as rsyslog writes it to files, without a host, and with a year.
        (
            "2025-01-15T10:00:00.123456+01:00 host systemd[1]: started",
            "time=2025-01-15T09:00:00.123456Z message=started host=host service=systemd pid=1",
        ),
        (
            "<11>Jan 15 10:00:00 app[12]: failed",
            "time=2025-01-15T10:00:00Z level=error message=failed service=app pid=12",
        ),
        ("Jan 15 10:00:00 app: failed", "time=2025-01-15T10:00:00Z message=failed service=app"),
        (
            "Dec 15 10:00:00 2023 host app[12]: failed",
            "time=2023-12-15T10:00:00Z message=failed host=host service=app pid=12",
        ),
        // With a fraction, with the year before the time, and as Cisco's devices write it.
        (
            "Jan 15 10:00:00.123 host app[12]: failed",
            "time=2025-01-15T10:00:00.123Z message=failed host=host service=app pid=12",
        ),
        (
            "Jan 15 2023 10:00:00 host app: failed",
            "time=2023-01-15T10:00:00Z message=failed host=host service=app",
        ),
        (
            "<166>Jan 15 2023 10:00:00: %ASA-6-302013: Built",
            "time=2023-01-15T10:00:00Z level=info message=%ASA-6-302013: Built",
        ),
        (
            "<163>Jan 15 2023 10:00:00 fw : %ASA-3-710003: denied",
            "time=2023-01-15T10:00:00Z level=error message=%ASA-3-710003: denied host=fw",
        ),
        (
            "<166>2025-01-15T10:00:00Z: %ASA-6-110002: Failed",
            "time=2025-01-15T10:00:00Z level=info message=%ASA-6-110002: Failed",
        ),
        (
            "<189>Jan  5 10:00:00.123: %SYS-5-CONFIG_I: Configured",
            "time=2025-01-05T10:00:00.123Z level=info message=%SYS-5-CONFIG_I: Configured",
        ),
        // Postgres, as pgBadger asks for it.
        (
            "2025-01-15 10:00:00 UTC [1234]: [2-1] user=bob,db=mydb,client=192.0.2.1 LOG:  select ERROR",
            "time=2025-01-15T10:00:00Z level=info message=select ERROR client=192.0.2.1 user=bob pid=1234",
        ),
        // Structured data does not stand for the header, nor for itself.
        (
            "<11>1 2025-01-15T10:00:00Z h a 1 - [meta level=\"3\" service=\"s\" host=\"zz\" x=\"1\" x=\"2\"] m",
            "time=2025-01-15T10:00:00Z level=error message=m host=h service=a pid=1 x=1",
        ),
        // A logger and a level are no host and no program.
        (
            "2025-01-15 10:00:00,123 app.views ERROR: it failed",
            "time=2025-01-15T10:00:00.123Z level=ERROR message=it failed",
        ),
        (
            "2025-01-15T10:00:00+0000 mylogger ERROR: it failed",
            "time=2025-01-15T10:00:00Z level=ERROR message=mylogger ERROR: it failed",
        ),
        (
            "2025/01/15 10:00:00 main.go:12: Failed: x",
            "time=2025-01-15T10:00:00Z message=main.go:12: Failed: x",
        ),
    ] {
        assert_eq!(read_keys(line, &keys), expected, "{line}");
    }
}

#[test]
fn lines_of_servers_and_consoles_are_known() {
    check(&[
        // ClickHouse.
        (
            "2025.01.15 10:00:00.123456 [ 1234 ] {} <Error> TCPHandler: Code: 60",
            "time=2025-01-15T10:00:00.123456Z level=Error message=Code: 60 thread=1234 logger=TCPHandler",
        ),
        // Tornado, Jupyter.
        (
            "[E 250115 10:00:00 web:2162] 500 GET /a (192.0.2.1) 1.23ms",
            "time=2025-01-15T10:00:00Z level=error message=500 GET /a (192.0.2.1) 1.23ms file=web:2162",
        ),
        (
            "[C 2025-01-15 10:00:00.123 ServerApp] it ends",
            "time=2025-01-15T10:00:00.123Z level=fatal message=it ends logger=ServerApp",
        ),
        // .NET's console.
        (
            "fail: Microsoft.Hosting.Lifetime[14]\n      It failed",
            "level=error message=Microsoft.Hosting.Lifetime[14]\n      It failed logger=Microsoft.Hosting.Lifetime",
        ),
        // Django.
        (
            "[15/Jan/2025 10:00:00] \"GET / HTTP/1.1\" 200 1",
            "time=2025-01-15T10:00:00Z message=\"GET / HTTP/1.1\" 200 1",
        ),
        // Dates in the order that is usual somewhere; whose month is not told have no time.
        ("1/15/2025 1:00:00 PM ERROR it failed", "time=2025-01-15T13:00:00Z level=ERROR message=it failed"),
        ("15.01.2025 10:00:00 ERROR it failed", "time=2025-01-15T10:00:00Z level=ERROR message=it failed"),
        ("20250115 10:00:00 ERROR it failed", "time=2025-01-15T10:00:00Z level=ERROR message=it failed"),
        ("01/15/2025 10:00:00 ERROR it failed", "time=unknown level=ERROR message=it failed"),
        ("15-01-2025 10:00:00 ERROR it failed", "time=unknown level=ERROR message=it failed"),
    ]);
    let keys = ["time", "level", "client", "user", "method", "path", "status", "size", "message"];
    assert_eq!(
        read_keys("1736935200.123    456 192.0.2.1 TCP_MISS/503 1234 GET http://e/a frank NONE/- -", &keys),
        "time=2025-01-15T10:00:00.123Z level=error client=192.0.2.1 user=frank method=GET path=http://e/a status=503 \
         size=1234 message=TCP_MISS/503 1234 GET http://e/a frank NONE/- -"
    );
}

#[test]
fn what_only_resembles_them_is_no_record() {
    for line in [
        "I0115 10:00:00 12345 file.go:123] no fraction",
        "I015 10:00:00.5 12345 file.go:123] no date",
        "W, [2025-01-15T10:00:00.123456]  WARN -- : no process",
        "[2025-01-15 10:00:00 SOME app] no level",
        "1234:Q 15 Jan 2025 10:00:00.123 * no role",
        "Jan 15, 2025 10:00:00 XM text",
        "- 1117838570 2005-06-03 R02-M1 another date",
        "134681 node-246 unix.hw 1077804742 1 no state",
        "[   12.34567] five digits",
        "20171224-0:5:29|Step_LSC|30002312|no milliseconds",
        "12    1234567890 5 aligned columns",
        "1 2 3 4 1234567890 6",
        "99.95 10:00:00 load",
        "[    1.234567][ X1] no thread",
        "<200>[    1.234567] no priority",
        "1/15/2025 1:00:00 XM no half day",
        "1736935200.123 456 192.0.2.1 tcp/503 1234 GET http://e/a - NONE/- -",
        "[V 250115 10:00:00 web:2162] no level",
        "fail: Microsoft.Hosting.Lifetime[14] and more",
        "oops: Microsoft.Hosting.Lifetime[14]",
    ] {
        let (mut records, mut bad) = (0, 0);
        Reader::new(&KEYS, Limits::default()).lines(line.as_bytes(), &mut |_| bad += 1, |_| {
            records += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((records, bad), (0, 1), "{line}");
    }
}
