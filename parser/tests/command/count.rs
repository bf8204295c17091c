//! `logs count`.

use crate::{APP, LOG, err, file, logs, out, text, timeless, with_input};

use tempfile::TempDir;

#[test]
fn count_prints_the_answer_and_tells_of_bad_lines() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", LOG.as_bytes());
    let output = logs(&["count", text(&log)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        timeless(&out(&output)),
        format!(
            "{{\"files\":[\"{}\"],,\"stats\":{{\"2018-04-16\":{{\"bundler\":{{}},\"ci\":{{}},\"gemstash\":{{}},\
             \"platform\":{{}},\"ruby\":{{}},\"rubygems\":{{}},\"server_region\":{{}},\
             \"tls_cipher\":{{\"A\":{{\"total\":1,\"unique\":1}}}}}}}}}}\n",
            text(&log)
        )
    );
    assert_eq!(err(&output), "logs: 1 line is no record; --bad lists them\n");

    let listed = logs(&["count", "--bad", text(&log)]);
    let first = format!("{}:2: of no format that is known (at byte 119)\n", text(&log));
    assert_eq!(err(&listed), format!("{first}logs: 1 line is no record\n"));
}

#[test]
fn count_of_nothing_is_empty() {
    for output in [with_input(&["count", "-"], b""), logs(&["count", "/dev/null"])] {
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).ends_with("\"stats\":{}}\n"));
        assert_eq!(err(&output), "");
    }
}

#[test]
fn count_by_fields_as_json_and_as_a_table() {
    let args = ["count", "--by", "level,service", "--distinct", "ms", "-"];
    let json: serde_json::Value =
        serde_json::from_slice(&with_input(&args, APP.as_bytes()).stdout).expect("it is JSON");
    assert_eq!(json["by"], serde_json::json!(["level", "service"]));
    assert_eq!((&json["records"], &json["counted"]), (&5.into(), &5.into()));
    let groups = json["groups"].as_array().expect("an array");
    assert_eq!(groups.len(), 5);
    assert_eq!(
        groups[0],
        serde_json::json!({"values":{"level":null,"service":null},"count":1,"distinct":0}),
        "of as many, what is not there comes first"
    );
    let table = ["count", "--by", "level", "--top", "1", "--format", "table", "--min-level", "warn", "-"];
    assert_eq!(
        out(&with_input(&table, APP.as_bytes())),
        "level     count\nerror         2\n(1 more)      1\n"
    );
    let times = ["count", "--by", "time:day", "--format", "table", "-"];
    assert_eq!(out(&with_input(&times, APP.as_bytes())), "time:day    count\n2025-01-15      5\n");
    let all = ["count", "--where", "level >= warn", "-"];
    assert!(out(&with_input(&all, APP.as_bytes())).contains("\"groups\":[{\"values\":{},\"count\":3}]"));
}

#[test]
fn requests_by_hour_unknown_agents_and_estimates() {
    let line = |time: &str, agent: &str| {
        format!(
            "{{\"timestamp\":\"{time}\",\"client_ip\":\"192.0.2.7\",\"request_path\":\"/versions\",\"user_agent\":\"{agent}\",\"tls_cipher\":\"A\"}}\n"
        )
    };
    let log = line("2018-04-16 04:59:59", "curl/7.1")
        + &line("2018-04-16 05:00:00", "Wget/1.1 (linux)").repeat(2)
        + &line("2018-04-16", "Mozilla/5.0 (X11)");
    let by_hour = with_input(&["count", "--by", "hour", "--format", "table", "-"], log.as_bytes());
    assert_eq!(
        out(&by_hour),
        "date           dimension   value  total  unique\n2018-04-16T04  tls_cipher  A          1       1\n\
         2018-04-16T05  tls_cipher  A          2       1\n"
    );
    assert_eq!(err(&by_hour), "logs: not counted, since they have no date and hour: 1 requests\n");
    let unknown = with_input(&["count", "--unknown", "-"], log.as_bytes());
    assert_eq!(
        timeless(&out(&unknown)),
        "{\"files\":[\"-\"],\"products\":1,,\"unknown\":[{\"agent\":\"Wget/1.1 (linux)\",\"count\":2},\
         {\"agent\":\"Mozilla/5.0 (X11)\",\"count\":1}]}\n"
    );
    let about = out(&with_input(&["count", "--approximate", "-"], log.as_bytes()));
    assert!(about.ends_with(",\"unique_standard_error\":0.008125}\n"), "{about}");
    let none = with_input(&["count", "-"], b"{\"level\":\"info\"}\n");
    assert!(err(&none).contains("--by NAME counts records of any kind"), "{}", err(&none));
}
