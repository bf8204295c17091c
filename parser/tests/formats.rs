//! The fast reader and the plain one find the same records and values in lines of every format, mixed and damaged, in
//! chunks of any size.

use std::fs;
use std::io::{self, Read};
use std::ops::ControlFlow;

use parser::plain::values::{self, Value};
use parser::{BadLine, Limits, Reader, Refusal};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const KEYS: [&str; 60] = [
    "timestamp",
    "time",
    "ts",
    "level",
    "severity",
    "message",
    "msg",
    "text",
    "thread",
    "thread_id",
    "tid",
    "threadName",
    "correlation_id",
    "request_id",
    "req_id",
    "trace_id",
    "span_id",
    "parent_span_id",
    "service",
    "service_name",
    "app",
    "program",
    "logger",
    "client",
    "client_ip",
    "remote_addr",
    "ident",
    "user",
    "request",
    "method",
    "path",
    "request_path",
    "query",
    "protocol",
    "status",
    "size",
    "bytes",
    "referer",
    "user_agent",
    "host",
    "hostname",
    "pid",
    "facility",
    "message_id",
    "connection",
    "module",
    "database",
    "error_severity",
    "file",
    "container",
    "caller",
    "k",
    "rhost",
    "uid",
    "x",
    "a",
    "duration",
    "iut",
    "é",
    "",
];

type Records = (Result<(u64, u64, u64), Refusal>, Vec<BadLine>, Vec<values::Record>);

fn plainly(log: &[u8], limits: Limits) -> Records {
    let (mut bad, mut records) = (Vec::new(), Vec::new());
    let totals = values::read_within(log, &KEYS, limits, &mut |line| bad.push(line), &mut |record| {
        records.push(record);
    });
    let totals = totals.map(|totals| (totals.lines, totals.records, totals.bad));
    (totals.map_err(|error| Refusal::within(&error).expect("memory is readable")), bad, records)
}

/// A record of the fast reader, with all that is borrowed made its own.
fn owned(record: &parser::Record<'_>) -> values::Record {
    let value = |key| {
        Some(match record.value(key)? {
            parser::Value::Text(text) => Value::Text(String::from_utf8_lossy(&text.decode()).into_owned()),
            parser::Value::Number(number) => Value::Number(String::from_utf8_lossy(number).into_owned()),
            parser::Value::Bool(bool) => Value::Bool(bool),
            parser::Value::Null => Value::Null,
            parser::Value::Other => Value::Other,
        })
    };
    values::Record {
        line: record.line,
        offset: record.offset,
        bytes: record.bytes().to_vec(),
        values: (0..KEYS.len()).map(value).collect(),
    }
}

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

fn fast(log: &[u8], limits: Limits, most: usize) -> Records {
    let (mut bad, mut records) = (Vec::new(), Vec::new());
    let mut reader = Reader::new(&KEYS, limits);
    let read = reader.read(Trickle { bytes: log, most }, &mut |line| bad.push(line), |record| {
        records.push(owned(record));
        ControlFlow::Continue(())
    });
    let totals = reader.totals();
    let totals = read.map(|()| (totals.lines, totals.records, totals.bad));
    (totals.map_err(|error| Refusal::within(&error).expect("memory is readable")), bad, records)
}

fn check(log: &[u8], limits: Limits, most: usize) -> Result<(), TestCaseError> {
    let (fast, plain) = (fast(log, limits, most), plainly(log, limits));
    for (fast, plain) in fast.2.iter().zip(&plain.2) {
        for ((fast, plain), key) in fast.values.iter().zip(&plain.values).zip(KEYS) {
            prop_assert_eq!(fast, plain, "the value of {}", key);
        }
        prop_assert_eq!((fast.line, fast.offset), (plain.line, plain.offset));
        let (of_fast, of_plain) = (fast.bytes.escape_ascii(), plain.bytes.escape_ascii());
        prop_assert!(fast.bytes == plain.bytes, "{of_fast}\nis not\n{of_plain}");
    }
    prop_assert_eq!(fast.1, plain.1);
    prop_assert_eq!(fast.0, plain.0);
    prop_assert_eq!(fast.2.len(), plain.2.len());
    Ok(())
}

/// Lines of all formats, and what comes between.
const LINES: [&str; 293] = [
    "203.0.113.5, 2001:db8::1 - - [15/Jan/2025:10:00:00 +0000] \"GET /forwarded HTTP/1.1\" 200 123 \"-\" \"agent\"",
    "203.0.113.5, unknown, host 203.0.113.6 alice [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 123",
    "203.0.113.5, , - - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 123",
    "203.0.113.5,192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 123",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /a?b=c HTTP/1.1\" 200 123",
    "2001:db8::1 - frank [15/Jan/2025:10:00:00 +0000] \"POST /x HTTP/2.0\" 503 - \"http://e/\" \"Mozilla/5.0 (X; Y)\"",
    "host-1.example.com - a user [a] [15/Jan/2025:10:00:00 +0000] \"-\" 400 0 \"-\" \"-\" 0.123",
    "::1 ident - [15/Jan/2025:10:00:00 +0000] \"\" 000 05 \"r \\\"q\\\" \\x41\\xc3\\xa9\\xff\" \"u\\\\\"",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /a b c HTTP/1.1\" 404 1 \"cut",
    "192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET /no-protocol\" 301 1 \"r\" \"cut",
    "192.0.2.1 - - [15/Jan/2025] \"GET / HTTP/1.1\" 200 1",
    "ts=2025-01-15T10:00:00Z level=info msg=\"a message\" n=1 flag x=-1.50e3",
    "level=warn msg=\"with \\\"quotes\\\" \\n \\u00e9 \\ud83d\\ude80 \\ud83d\" trace_id=0123 a= b=01 c=1e999",
    "a=1",
    "a=1 b",
    "a=1 b=\"x\"y",
    "k=v=w k2=\"\" é=ü k=last-wins a_key_of_more_than_sixteen_bytes=1",
    "a=1  b=2   ",
    "at=1 \"quoted\"=2",
    "sixteen_letters_=1 fifteen_letters=2 seventeen_letters=3 k=4",
    "sixteen_lettersx=1 fifteen_letterx=2 seventeen_lettersx=3 k=4",
    "<34>1 2025-01-15T10:00:00.003Z host app 123 ID47 [e@1 iut=\"3\" x=\"a\\\"b\\]\"][f] \u{feff}it failed uid=0",
    "<165>1 - - - - - -",
    "<165>1 - - - - - - ",
    "<191>1 2025-01-15T10:00:00Z h a p m [x",
    "<192>1 - - - - - - no",
    "<13>Jan 15 10:00:00 host prog[42]: a message with k=v, tid=7; user=\"a b\" rhost=192.0.2.1",
    "Jan  5 10:00:00 host sshd(pam_unix)[19939]: failure; logname= uid=0 euid=0 rhost=192.0.2.1 ",
    "Jan 5 10:00:00 host last message repeated 2 times",
    "Jan 15 10:00:00 host prog:",
    "Jan 15 10:00 host prog: x",
    "2025-01-15T10:00:00.123456+01:00 host systemd[1]: Started a thing.",
    "2025-01-15T10:00:00Z INFO main: a message",
    "<6>2025-01-15T10:00:00Z host no tag",
    "2025/01/15 10:00:00 [error] 123#456: *789 open() failed, client: 192.0.2.1, server: _, request: \"GET /x?y HTTP/1.1\", host: \"h\"",
    "2025/01/15 10:00:00 [notice] 1#1: start",
    "2025/01/15 10:00:00 [warn] 1#: no thread",
    "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok",
    "[Wed Jan 15 10:00:00.123456 2025] [core:error] [pid 12:tid 34] [client 192.0.2.1:5678] AH00126: Invalid URI",
    "[Wed Jan 15 10:00:00.123456 2025] [mpm:trace4] [pid 12] [client 2001:db8::1] [x] y",
    "[Wed Jan 15 10:00:00 2025] [odd] z",
    "2025-01-15 10:00:00.123 UTC [123] user@db ERROR:  it broke at character 5",
    "2025-01-15 10:00:00.123 CEST [123] LOG:  ",
    "2025-01-15 10:00:00.123 -03 [123] a b FATAL:  x:  y",
    "2025-01-15 10:00:00.123 IST [42] LOG:  the ERROR word",
    "2025-01-15 10:00:00.123 ZONES [42] bob@shop WARNING:  x",
    "2025-01-15 10:00:00.123 OF ANY [42] LOG:  no zone",
    "2025-01-15 10:00:00.123 UTC [12x] LOG:  not Postgres",
    "- - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 12",
    "2025-01-15 10:00:00.123 UTC [123] NOISE:  not Postgres either",
    "\tSELECT a=1",
    "2025-01-15 10:00:00,123 INFO [main] org.example.Main: started request_id=r-1 (tid=5)",
    "2025-01-15 10:00:00,123 - WARN  [Worker[myid=1]/0:0:Elect@7] - Notification time out: 3200",
    "2025-01-15 10:00:00.008 25746 INFO nova.api.server [req-3810 113d - - -] 10.0.0.1 \"GET /\" status: 200",
    "nova-api.log.1.2025-01-15_13:53:08 2025-01-15 00:00:00.008 25746 WARNING nova.x [-] [instance: 1] y",
    "2025-01-15T10:00:00.123+01:00  INFO 12345 --- [main] o.s.Application          : Started",
    "2025-01-15 10:00:00,123 - my.module - ERROR - it failed: k=1",
    "2025-01-15 10:00:00,123 INFO  [org.x] (main thread) text",
    "250115 100000 148 INFO dfs.DataNode$Responder: block k=blk_1 ending",
    "10:00:00.123 [main] DEBUG a.b.C - logback's own",
    "2025-01-15 10:00:00,123 ERROR [main] -  HikariPool-1 - Connection is not available",
    "2025-01-15 10:00:00,123 - INFO  [QuorumPeer[myid=1]:Leader@352] - Notification: 3 (n.leader)",
    "15 Jan 2025 10:00:00,123 [t1] FATAL x - y",
    "ERROR:root:a message",
    "WARNING: disk [full]",
    "[ERROR] 2025-01-15 10:00:00 text",
    "[2025-01-15 10:00:00] [INFO] [a] [b] text",
    "[2025-01-15 10:00:00 text",
    "INFO  2025-01-15 10:00:00 main | text é",
    "2025-01-15 10:00:00 something with an ERROR in it",
    "2025-01-15 10:00:00 Error: title case; warning lower",
    "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing k=v",
    "03-17 16:13:38.811  1702  2395 I Tag with spaces   :",
    "2025-03-17 16:13:38.811   123   45 F libc    : Fatal signal: 11",
    "03-17 16:13:38.811  1702  2395 X Tag: no level",
    "01-15 10:00:00.123 WARN [main] a.b.C - logback's own",
    "- 1117838570 2005.06.03 R02-M1-N0-C:J12-U11 2005-06-03-15.42.50.363779 R02-M1-N0 RAS KERNEL INFO cache k=1",
    "134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change: it is down",
    "134681 - - - 1077804742 0",
    "[   12.345678] usb 1-1: new device k=1",
    "[12345.000000]",
    "[12.345678]at once",
    "[10.30 16:49:06] chrome.exe *64 - proxy.example:5070 close, 0 bytes sent",
    "20171224-0:5:29:66|Step_LSC|30002312|onStandStepChanged 3579",
    "20171224-10:05:29:666||1|",
    "KERNDTLB 1117838570 2005.06.03 R02-M1-N0 RAS KERNEL FATAL data TLB error interrupt",
    "- 0131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: session closed for user root",
    "- 113156646 2005.11.09 dn228 too short",
    "17/06/09 20:10:40 INFO executor.CoarseGrained: Registered signal handlers for [TERM, HUP, INT]",
    "2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack v6.1.7601.23505",
    "2016-09-28 04:30:30, warning, text",
    "2016-09-28 04:30:30, nothing ERROR known",
    "I0115 10:00:00.123456   12345 file.go:123] Starting k=v",
    "E20250115 10:00:00.123456 12345 file.cc:42]",
    "W0115 10:00:00 12345 file.go:123] no fraction",
    "15-Jan-2025 10:00:00.123 SEVERE [main] org.apache.catalina.startup.Version.log Server version",
    "SEVERE: it failed",
    "2025-01-15T10:00:00Z SEVERE main: a message",
    "[Wed Jan 15 10:00:00 2025] [SEVERE] z",
    "2025-01-15 10:00:00 app is SEVERE here",
    "Jan 15, 2025 1:00:00 PM com.example.Foo bar",
    "Jan 15, 2025 10:00:00 AM",
    "Jan 15, 2025 10:00:00 XM x",
    "[2025-01-15T10:00:00Z INFO  app::server] hello k=v",
    "[2025-01-15 10:00:00,123: WARNING/ForkPoolWorker-1] celery",
    "[2025-01-15 10:00:00 INFO] x",
    "[2025-01-15 10:00:00 INFO ]",
    "[2025-01-15 10:00:00 SOME x] y",
    "E, [2025-01-15T10:00:00.123456 #1234] ERROR -- main: ruby uid=5",
    "A, [2025-01-15T10:00:00.123456 #1234]   ANY -- : an ERROR in it",
    "1234:M 15 Jan 2025 10:00:00.123 * Ready to accept connections",
    "1234:C 15 Jan 2025 10:00:00.123 # k=v",
    "2025-01-15T10:00:00.123+0000 I NETWORK  [conn1] end connection 192.0.2.1:5 (3 open)",
    "2025-01-15T10:00:00.123+0000 D2 -        [initandlisten] x",
    "Wed Jan 15 10:00:00 2025 k=v",
    "[15-Jan-2025 10:00:00 Europe/Berlin] PHP Fatal error:  Uncaught Exception: x in /a.php:3",
    "[15-Jan-2025 10:00:00 UTC] PHP Weather:  fine",
    "2025-01-15T10:00:00.123Z  INFO app::server: listening addr=0.0.0.0:80",
    "2025-01-15T10:00:00.123Z  INFO http://a::b:c: odd",
    "java.lang.IllegalStateException: it broke",
    "\tat org.example.Main.main(Main.java:5)",
    "Caused by: x=1 y=2",
    "  {\"level\":\"INFO\"}",
    "{\"level\":\"ERROR\",\"message\":\"m\",\"tid\":7,\"x\":[1],\"a\":null}",
    "{\"level\":\"ERROR\"",
    "{}",
    "\u{1b}[31m{\"level\":\"INFO\",\"x\":1}\u{1b}[0m",
    "2016-10-06T00:17:09.669794202Z stdout F The content of the log ERROR k=1",
    "2016-10-06T00:17:09.669794202Z stderr F   indented",
    "2016-10-06T00:17:09Z stdout F",
    "2016-10-06T00:17:09.1+02:00 stdout F {\"level\":\"WARN\",\"tid\":1}",
    "2016-10-06T00:17:09.1-02:00 stderr P \u{1b}[32mINFO\u{1b}[0m ts=1 green",
    "2016-10-06T00:17:09.1Z stdout F 2025-01-15 10:00:00 WARN [main] a.B - inner",
    "2016-10-06T00:17:09.1Z stdout F ts=2025-01-15T10:00:00Z level=info msg=logfmt",
    "2016-10-06T00:17:09.1Z stdout X no tag",
    "2016-10-06T00:17:09.Z stdout F no fraction",
    "2016-10-06 00:17:09Z stdout F no T",
    "2016-10-06T00:17:09.669794202Z {\"level\":\"WARN\",\"msg\":\"timestamps of docker\"}",
    "2016-10-06T00:17:09.669794202Z {\"level\":\"WARN\",\"ts\":1}",
    "2016-10-06T00:17:09.669794202Z {braces} ERROR k=1",
    "web-1  | ",
    "db-1   |",
    "\u{1b}[0m",
    "Jan 15, 2025 1:00:00 PM com.example.Foo",
    "Jan 15, 2025 1:00:00 PM com.example.Foo bar baz",
    "FINE:",
    "INFO: k=1 of java.util.logging",
    "2016-10-06T00:17:09Z stdout F Jan 15, 2025 1:00:00 PM com.example.Foo bar",
    "2016-10-06T00:17:09Z stdout F SEVERE: it failed",
    "web-1  | Jan 15, 2025 1:00:00 PM com.example.Foo <init>",
    "web-1  | WARNING: it may fail",
    "\u{1b}[1mJan 15, 2025 1:00:00 PM com.example.Foo bar\u{1b}[0m",
    "ERROR [MutationStage-1] 2025-01-15 10:00:00,123 StorageProxy.java:123 - Failed",
    "[INFO]\t2025-01-15T10:00:00.123Z\t79104-EX\tmsg",
    "ERROR\t[2025-01-15T10:00:00.123Z] msg",
    "INFO [main] [2025-01-15 10:00:00] msg 10:00:00",
    "2025-01-15 10:00:00.123  INFO 1 --- [myapp] [           main] c.e.Foo      : Boot",
    "2025-01-15T10:00:00.123+01:00  INFO 1 --- [myapp] [main] [803B448A0489F84084905D3093480352-3425F23BB2432450] c.e.Foo : traced",
    "2025-01-15T10:00:00.123Z  WARN 1 --- [nio-1] [                                                 ] c.e.Foo : not traced",
    "2025-01-15T10:00:00.123Z  WARN 1 --- [nio-1] o.a.c.c.C.[.[.[/].[dispatcherServlet]    : logger",
    "2025-01-15 10:00:00 INFO [svc,5f2a7b3c,7b3c,true] 12345 --- [main] c.e.Foo : sleuth",
    "2025-01-15 10:00:00 INFO [svc] 12345 --- [] - : odd",
    "2025-01-15 10:00:00 INFO 12345 --- [a] [b] [c] d : odd",
    "2025-01-15 10:00:00 INFO 12345 --- [a] [b] [-] d",
    "2025-01-15 10:00:00 INFO 12345 --- at once",
    "10:00:00,123 ERROR [org.jboss.as.controller] (Controller Boot Thread) WFLY0013: failed",
    "[2025-01-15T10:00:00,123][INFO ][o.e.n.Node               ] [node-1] started",
    "2025-01-15T10:00:00.123456Z 8 [ERROR] [MY-010119] [Server] Aborting",
    "2025-01-15T10:00:00.123456Z 0 [Note] InnoDB: k=1",
    "2025-01-15 10:00:00 0 [Warning] x",
    "2025-01-15 10:00:00 0 [Warning] [MY-1] no part",
    "2025-01-15 10:00:00 0 [ERROR] of others",
    "2025-01-15 10:00:00,123 app.module ERROR msg",
    "2025-01-15 10:00:00.123 +00:00 [INF] serilog k=1",
    "[10:00:00 WRN] serilog",
    "[10:00:00 FTL]",
    "2025-01-15 10:00:00.1234|ERROR|MyApp.Foo|Message|more",
    "2025-01-15 10:00:00.1234|NONE|MyApp.Foo|Message",
    "2025-01-15 10:00:00.123456 E | etcdserver: it failed",
    "2025-01-15 10:00:00.123456 N | etcdserver/api:",
    "2025-01-15 10:00:00 UTC [1234]: [2-1] user=bob,db=mydb,app=psql,client=192.0.2.1 LOG:  select ERROR",
    "2025-01-15 10:00:00.123 UTC [123] user=a LOG:  b",
    "2025-01-15 10:00:00,123 app.views ERROR: Unhandled exception",
    "2025-01-15T10:00:00+0000 mylogger ERROR: x",
    "2025-01-15 10:00:00 Uncaught exception: ValueError",
    "2025/01/15 10:00:00 main.go:12: Failed: x",
    "2025-01-15T10:00:00.123456+00:00 host systemd[1]: started",
    "2025-01-15T10:00:00Z host kernel: k=v",
    "2025-01-15T10:00:00.Z host kernel: k=v",
    "<13>2025-01-15 10:00:00 host app: m",
    "<13>Jan 15 10:00:00 app[12]: no host",
    "<13>Jan 15 10:00:00 app: no host",
    "Jan 15 10:00:00 2025 host app[12]: with a year",
    "Jan 15 10:00:00 host ERROR: of no program",
    "<11>1 2025-01-15T10:00:00Z realhost realapp 1 - [meta@1 level=\"3\" service=\"s\" host=\"zz\" ts=\"1\" x=\"2\" x=\"3\"] m",
    "www.example.com:443 203.0.113.5 - alice [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612 \"-\" \"UA\"",
    "www.example.com 2001:db8::1 - a user [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 500 612",
    "203.0.113.5 203.0.113.6 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612",
    "example.com 203.0.113.5 user [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 612",
    "[Wed Jan 15 10:00:00 2025] [core:error] [pid 1] (13)Permission denied: [client 192.0.2.1:5] AH00035: denied",
    "[Wed Jan 15 10:00:00 2025] [error] (2)No such file: [client ::1] x",
    "[Wed Jan 15 10:00:00 2025] [error] [client ::1] x",
    "[Wed Jan 15 10:00:00 2025] [:error] [client ::1:80] x",
    "[Wed Jan 15 10:00:00 2025] [error] [client 192.0.2.1:80] x",
    "2016-10-06T00:17:09Z stdout F [15/Jan/2025:10:00:00 +0000] \"GET /b HTTP/1.1\" 500 123",
    "2016-10-06T00:17:09Z stdout F 192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
    "2016-10-06T00:17:09Z stdout F 10:00:00.123 [main] INFO a.B - x",
    "2016-10-06T00:17:09Z stdout F saved row timestamp=99",
    "2016-10-06T00:17:09Z stderr F I0115 10:00:00.123456       1 main.go:5] x",
    "2016-10-06T00:17:09Z stdout F Jan 15 10:00:00 host prog[1]: yearless time=5",
    "2016-10-06T00:17:09Z stdout F level=info msg=hello",
    "2016-10-06T00:17:09Z stdout F {\"ts\":null,\"stream\":1}",
    "2016-10-06T00:17:09Z stdout F <13>1 - host app - - [x@1 time=\"5\"] hello",
    "2016-10-06T00:17:09Z stderr F \tat d.e.F",
    "12    1234567890 5 aligned columns",
    "1 2 3 4 1234567890 6",
    "99.95 10:00:00 load",
    "01.15 10:00:00 x",
    "[    0.000000][    T0] Linux version 6.1",
    "[    0.000000][ C12]",
    "[    0.000000][ X12] y",
    "<6>[    1.234567] usb 1-1: new",
    "<200>[    1.234567] no priority",
    "<6>x",
    "web-1  | {\"level\":\"WARN\"}",
    "web-1  | {}",
    "\u{1b}[36mdb-1   |\u{1b}[0m 2025-01-15 10:00:00.123 UTC [123] LOG:  \u{1b}[1mbold",
    "db-1   |   a continuation",
    "web-1  | 192.0.2.1 - - [15/Jan/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
    "2025-01-15 10:00:00 \u{1b}[32mINFO\u{1b}[0m main: coloured \u{1b}[",
    "[15/Jan/2025 10:00:00] \"GET /a HTTP/1.1\" 200 1234",
    "[E 250115 10:00:00 web:2162] 500 GET /a (192.0.2.1) 1.23ms",
    "[C 2025-01-15 10:00:00.123 ServerApp] it ends",
    "[I 10:00:00.123 NotebookApp] a=b",
    "[V 10:00:00.123 NotebookApp] no level",
    "1/15/2025 1:00:00 PM ERROR [main] american",
    "01/05/2025 01:00:00 AM|WARN|a.B|american",
    "01/15/2025 10:00:00 ERROR whose month",
    "15.01.2025 10:00:00,123 [main] ERROR a.B - european",
    "2025.01.15 10:00:00.123456 [ 1234 ] {a-b} <Error> TCPHandler: Code: 60, k=v",
    "2025.01.15 10:00:00.123456 [ 1234 ] {} <Warning> Application: x",
    "2025.01.15 10:00:00.123456 [ x ] {} <Warning> Application: x",
    "20250115 10:00:00 ERROR compact",
    "15-01-2025 10:00:00 ERROR whose month",
    "1736935200.123    456 192.0.2.1 TCP_MISS/503 1234 GET http://e/a?b=c - HIER_DIRECT/203.0.113.7 text/html",
    "1736935200.123 0 - NONE/000 0 CONNECT e:443 frank HIER_NONE/- -",
    "1736935200.123 x 192.0.2.1 TCP_MISS/503 1234 GET",
    "2025-01-15 03:04:05 PM INFO x",
    "2025-01-15 12:04:05,123 AM [main] WARN a.B - x",
    "[2025-01-15 03:04:05 PM CET] ERROR x",
    "03:04:05PM +0100 ERROR x",
    "1/15/2025 1:00:00 PM IST ERROR x",
    "15-Jan-2025 10:00:00.123 CET INFO x",
    "15.01.2025 10:00:00 IST [error] x",
    "2025-01-15 15:04:05 IST INFO x",
    "2025-01-15 15:04:05 WITA: INFO x",
    "2025-01-15 15:04:05 NPT  [ INF ] x",
    "[2025-01-15 15:04:05 IST] ERROR x",
    "2025/01/15 10:00:00 IST [error] 1#1: x",
    "2025-01-15 15:04:05 ALERT ERROR x",
    "2025-01-15 15:04:05 HTTP ERROR 500",
    "2025-01-15 15:04:05.123456789 +0000 UTC error x",
    "2025-01-15 15:04:05 +0530 IST error x",
    "2025-01-15 15:04:05 -0300 -03 ERROR x",
    "2025-01-15 15:04:05 +0000 GET /",
    "Wed Jan 15 15:04:06 CET 2025 ERROR x",
    "Wed Jan  5 03:04:06 PM -03 2025 ERROR x",
    "Wed Jan 15 15:04:06 IST 2025",
    "Wed Jan 15 15:04:06 zone 2025 x",
    "2025-01-15T15:04:05+01:00[Europe/Berlin] INFO x",
    "2025-01-15T15:04:05Z[UTC][u-ca=iso8601][main] INFO x",
    "2025-01-15T15:04:05Z[main] INFO x",
    "Jan 15 10:00:00.123 host app[12]: k=v",
    "Jan 15 2023 10:00:00.5 host app: k=v",
    "Jan  5 10:00:00.123 2023 host app: k=v",
    "Jan 15 10:00:00. host app: k=v",
    "Jan 15 2023 10:00:00: of no priority",
    "<166>Jan 15 2023 10:00:00: %ASA-6-302013: Built",
    "<166>Jan 15 2023 10:00:00: app[1]: m",
    "<190>Jan 15 2023 10:00:00 fw : %ASA-6-302013: Built",
    "<166>2025-01-15T10:00:00Z: %ASA-6-110002: Failed",
    "<189>Jan  5 10:00:00.123: ",
    "web-1  | java.lang.X: of no format",
    "web-1  | \tat a.b(C.java) ERROR k=1",
    "\u{1b}[36mdb-1   |\u{1b}[0m {\"level\":\"INFO\"",
    "proxy.1.abcdef@node1    | 2025-01-15T10:00:00Z ERROR x",
    "fail: Microsoft.Hosting.Lifetime[14]",
    "crit: A.B`1+C[0]\r",
    "info: A.B[x]",
    "      Now listening on: http://localhost:5000",
    "",
    " \t",
    "\0\0{\"level\":\"INFO\"}",
];

fn line() -> impl Strategy<Value = Vec<u8>> {
    let usual = select(LINES.to_vec()).prop_map(|line| line.as_bytes().to_vec());
    let damaged = (
        select(LINES.to_vec()),
        any::<Index>(),
        0..4_usize,
        prop::collection::vec(
            prop_oneof![6 => select(b" \"=[]{}:|-\\\x1b0aZ,.<>\r\0\t".to_vec()), 1 => any::<u8>()],
            0..3,
        ),
    )
        .prop_map(|(line, at, cut, insert)| {
            let at = at.index(line.len() + 1);
            let end = (at + cut).min(line.len());
            [&line.as_bytes()[..at], &insert, &line.as_bytes()[end..]].concat()
        });
    let spliced = (select(LINES.to_vec()), select(LINES.to_vec()), any::<Index>(), any::<Index>()).prop_map(
        |(one, other, end, start)| {
            [&one.as_bytes()[..end.index(one.len() + 1)], &other.as_bytes()[start.index(other.len() + 1)..]]
                .concat()
        },
    );
    prop_oneof![4 => usual, 4 => damaged, 2 => spliced, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

/// Lines of one format, which are read faster, some of them damaged.
fn lines_of_one_format() -> impl Strategy<Value = Vec<Vec<u8>>> {
    (any::<bool>(), prop::collection::vec((any::<Index>(), line(), 0..6_u8), 0..16)).prop_map(
        |(access, lines)| {
            let begins = |line: &&str| line.contains("[15/Jan/2025") == access && !line.contains('|');
            let pairs = |line: &&str| access || line.starts_with(char::is_alphabetic) && line.contains('=');
            let good: Vec<&str> = LINES.into_iter().filter(begins).filter(pairs).collect();
            let either = |(at, other, odd): (Index, Vec<u8>, u8)| {
                if odd == 0 { other } else { at.get(&good).as_bytes().to_vec() }
            };
            lines.into_iter().map(either).collect()
        },
    )
}

/// A log that is shown as text.
#[derive(Clone)]
struct Log(Vec<u8>);

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

fn log() -> impl Strategy<Value = Log> {
    let end = prop_oneof![6 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n\n")];
    (prop::collection::vec((line(), end), 0..12), any::<bool>()).prop_map(|(lines, fed)| {
        let mut log: Vec<u8> =
            lines.into_iter().flat_map(|(line, end)| [line, end.into()].concat()).collect();
        if !fed {
            log.pop();
        }
        Log(log)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn on_logs_of_all_formats(log in log(), chunk in 1..400_usize, most in 1..400_usize) {
        check(&log.0, Limits { chunk, ..Limits::default() }, most)?;
    }

    #[test]
    fn on_logs_of_one_format(lines in lines_of_one_format(), chunk in 1..900_usize) {
        check(&lines.join(&b'\n'), Limits { chunk, ..Limits::default() }, usize::MAX)?;
    }

    #[test]
    fn on_records_longer_than_allowed(log in log(), chunk in 1..100_usize, line in 0..300_usize) {
        check(&log.0, Limits { chunk, line }, usize::MAX)?;
    }
}

#[test]
fn every_line_alone_and_after_each_other_line() {
    for line in LINES {
        check(line.as_bytes(), Limits::default(), usize::MAX).expect("both readers agree");
        for other in LINES {
            let log = format!("{line}\n{other}\nend of it");
            check(log.as_bytes(), Limits::default(), usize::MAX).expect("both readers agree");
        }
    }
}

#[test]
fn at_every_chunk_boundary() {
    let log = LINES.join("\n");
    let whole = fast(log.as_bytes(), Limits::default(), usize::MAX);
    for chunk in 1..log.len() + 2 {
        let limits = Limits { chunk, ..Limits::default() };
        assert_eq!(fast(log.as_bytes(), limits, usize::MAX), whole, "chunks of {chunk}");
    }
}

/// The corpora lie outside the project, in the folder that the environment variable `LOG_CORPORA` names.
#[test]
fn on_real_and_hostile_logs() {
    let Some(folder) = std::env::var_os("LOG_CORPORA").map(std::path::PathBuf::from) else {
        eprintln!("skipped: LOG_CORPORA is not set");
        return;
    };
    for part in ["servers", "text", "hostile"] {
        for entry in fs::read_dir(folder.join(part)).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            let log = fs::read(&path).expect("the file can be read");
            for chunk in [1000, 128 << 10] {
                let limits = Limits { chunk, ..Limits::default() };
                check(&log, limits, usize::MAX).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            }
        }
    }
}
