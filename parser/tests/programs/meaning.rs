//! What words beside a time, a level or a message mean, and what they do not.

use super::check;

#[test]
fn what_changes_the_meaning_of_a_time_is_part_of_it() {
    check(&[
        // Half days, and what is wrong about them.
        ("2025-01-15 03:04:05 PM INFO x", "time=2025-01-15T15:04:05Z level=INFO message=x"),
        (
            "2025-01-15 12:04:05,123 AM [main] WARN a.B - x",
            "time=2025-01-15T00:04:05.123Z level=WARN message=x thread=main logger=a.B",
        ),
        ("[2025-01-15 03:04:05 PM CET] ERROR x", "time=2025-01-15T14:04:05Z level=ERROR message=x"),
        ("2025-01-15 15:04:05 AM INFO x", "time=unknown level=INFO message=x"),
        ("15.01.2025 03:04:05 PM INFO x", "time=2025-01-15T15:04:05Z level=INFO message=x"),
        // Zones, known and not; and words that are none.
        ("15-Jan-2025 10:00:00.123 CET INFO x", "time=2025-01-15T09:00:00.123Z level=INFO message=x"),
        ("2025-01-15 15:04:05 IST INFO x", "time=unknown level=INFO message=x"),
        ("2025-01-15 03:04:05 PM NPT  [ERROR] x", "time=unknown level=ERROR message=x"),
        ("[2025-01-15 15:04:05 IST] ERROR x", "time=unknown level=ERROR message=x"),
        (
            "2025-01-15 15:04:05 HTTP ERROR 500",
            "time=2025-01-15T15:04:05Z level=ERROR message=HTTP ERROR 500",
        ),
        ("2025-01-15 15:04:05 POST /", "time=2025-01-15T15:04:05Z message=POST /"),
        ("2025-01-15 15:04:05 IST [main] INFO x", "time=unknown level=INFO message=x thread=main"),
        ("2025-01-15 15:04:05 IST LOG:  x", "time=unknown message= x logger=LOG"),
        ("2025-01-15 15:04:05 Europe/Berlin ERROR x", "time=unknown level=ERROR message=x"),
        ("[15-Jan-2025 15:04:05 America/New_York] it failed", "time=unknown message=it failed"),
        ("2025-01-15 15:04:05 Antarctica/Troll ERROR x", "time=unknown level=ERROR message=x"),
        (
            "2025-01-15 15:04:05 Asia [main] INFO x",
            "time=2025-01-15T15:04:05Z level=INFO message=Asia [main] INFO x",
        ),
        ("2025-01-15 15:04:05 GMT+05:30 INFO x", "time=2025-01-15T09:34:05Z level=INFO message=x"),
        (
            "2025-01-15 15:04:05 GET [/x] ERROR",
            "time=2025-01-15T15:04:05Z level=ERROR message=GET [/x] ERROR",
        ),
        // MariaDB's and old MySQL's, whose hours have a blank for a nought.
        ("2025-01-15  4:02:12 7 [Warning] x", "time=2025-01-15T04:02:12Z level=warn message=x thread=7"),
        ("2025-01-15  4:02:12 7 [ERROR] x", "time=2025-01-15T04:02:12Z level=ERROR message=x pid=7"),
        ("250115  4:02:11 [ERROR] x", "time=2025-01-15T04:02:11Z level=ERROR message=x"),
        // Go's, with an offset and a name.
        (
            "2025-01-15 15:04:05.123456789 +0000 UTC error x",
            "time=2025-01-15T15:04:05.123456789Z level=error message=x",
        ),
        ("2025-01-15 15:04:05 +0530 IST error x", "time=2025-01-15T09:34:05Z level=error message=x"),
        ("2025-01-15 15:04:05 -0300 -03 error x", "time=2025-01-15T18:04:05Z level=error message=x"),
        ("2025-01-15 15:04:05 +0000 GET /", "time=2025-01-15T15:04:05Z message=GET /"),
        // `date` and Java's `Date`, with the zone before the year.
        ("Wed Jan 15 15:04:06 CET 2025 ERROR x", "time=2025-01-15T14:04:06Z level=ERROR message=x"),
        ("Wed Jan  5 03:04:06 PM -03 2025 ERROR x", "time=2025-01-05T18:04:06Z level=ERROR message=x"),
        ("Wed Jan 15 15:04:06 IST 2025 ERROR x", "time=unknown level=ERROR message=x"),
        // RFC 9557.
        ("2025-01-15T15:04:05+01:00[Europe/Berlin] INFO x", "time=2025-01-15T14:04:05Z level=INFO message=x"),
        ("2025-01-15T15:04:05Z[UTC][u-ca=iso8601] INFO x", "time=2025-01-15T15:04:05Z level=INFO message=x"),
        ("2025-01-15T15:04:05Z[main] INFO x", "time=2025-01-15T15:04:05Z level=INFO message=x thread=main"),
        (
            "{\"time\":\"2025-01-15T15:04:05+01:00[Europe/Berlin]\",\"level\":\"INFO\"}",
            "time=2025-01-15T14:04:05Z level=INFO",
        ),
    ]);
}

#[test]
fn levels_go_by_names_of_three_letters_and_by_those_of_dotnet() {
    check(&[
        ("2025-01-15T10:00:00Z WRN disk low", "time=2025-01-15T10:00:00Z level=warn message=disk low"),
        (
            "2025-01-15T10:00:00Z INF retry after ERR",
            "time=2025-01-15T10:00:00Z level=info message=retry after ERR",
        ),
        (
            "2025-01-15T10:00:00Z WRN cache: miss",
            "time=2025-01-15T10:00:00Z level=warn message=miss logger=cache",
        ),
        (
            "2025-01-15 10:00:00 7 : cluster [WRN] was ERR",
            "time=2025-01-15T10:00:00Z level=warn message=cluster [WRN] was ERR pid=7",
        ),
        ("2025-01-15 10:00:00 fail: My.Svc[0]", "time=2025-01-15T10:00:00Z level=error message=My.Svc[0]"),
        ("2025-01-15 10:00:00 fail to open", "time=2025-01-15T10:00:00Z message=fail to open"),
    ]);
}

#[test]
fn parts_of_names_paths_and_queries_are_no_levels() {
    check(&[
        (
            "2025/01/15 10:00:00 loaded env LAST_ERROR_FILE=/x",
            "time=2025-01-15T10:00:00Z message=loaded env LAST_ERROR_FILE=/x",
        ),
        ("2025/01/15 10:00:00 GET /ERROR", "time=2025-01-15T10:00:00Z message=GET /ERROR"),
        (
            "[10:00:00] [Server thread/WARN]: late",
            "time=unknown level=WARN message=late thread=Server thread/WARN",
        ),
        (
            "2025/01/15 10:00:00 GET /logs?q=x&level=error 200",
            "time=2025-01-15T10:00:00Z message=GET /logs?q=x&level=error 200",
        ),
    ]);
}

#[test]
fn a_number_that_can_be_no_time_is_none_of_its_record() {
    check(&[
        ("ERROR:app:it failed time=2500", "level=ERROR message=it failed time=2500 logger=app"),
        (
            "ERROR:app:it failed time=1736935200",
            "time=2025-01-15T10:00:00Z level=ERROR message=it failed time=1736935200 logger=app",
        ),
    ]);
}

#[test]
fn text_with_a_colon_after_its_second_word_is_not_taken_for_syslog() {
    check(&[
        (
            "2025-01-15T10:00:00Z request failed: ERROR timeout",
            "time=2025-01-15T10:00:00Z level=ERROR message=request failed: ERROR timeout",
        ),
        (
            "2025-01-15T10:00:00.123456Z box kernel: it failed",
            "time=2025-01-15T10:00:00.123456Z message=it failed host=box",
        ),
        (
            "2025-01-15T10:00:00+00:00 box kernel: it failed",
            "time=2025-01-15T10:00:00Z message=it failed host=box",
        ),
        (
            "2025-01-15T10:00:00Z box cron[7]: it failed",
            "time=2025-01-15T10:00:00Z message=it failed pid=7 host=box",
        ),
    ]);
}

#[test]
fn two_dashes_come_before_what_is_said_in_logbacks_own_layout() {
    check(&[(
        "10:00:00.123 [main] ERROR com.acme.App -- boom -- bang",
        "time=unknown level=ERROR message=boom -- bang thread=main logger=com.acme.App",
    )]);
}
