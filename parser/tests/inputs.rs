//! Inputs as the `logs` command is given them: compressed, damaged, many, in formats of the user's own, cut short meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use parser::{Limits, Reader, Reason};
use tempfile::TempDir;

const LOG: &str =
    "{\"level\":\"ERROR\",\"n\":1}\n{\"level\":\"INFO\",\"n\":2}\n{\"level\":\"ERROR\",\"n\":3}\n";

fn logs(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_logs"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("logs runs");
    // It may end before it has read everything.
    let _ = child.stdin.take().expect("it has an input").write_all(input);
    child.wait_with_output().expect("logs ends")
}

/// Standard output, standard error and the exit code.
fn told(args: &[&str], input: &[u8]) -> (String, String, Option<i32>) {
    let Output { stdout, stderr, status } = logs(args, input);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(stdout), text(stderr), status.code())
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("the folder can be written to");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a folder with a plain name")
}

#[test]
fn compressed_input_is_told_by_its_first_bytes() {
    let folder = TempDir::new().expect("a folder");
    let errors = ["search", "--level", "error", "--count"];
    for content in [gzip(LOG.as_bytes()), zstd(LOG.as_bytes())] {
        let path = file(&folder, "a.log", &content);
        assert_eq!(
            told(&[&errors[..], &[text(&path)]].concat(), b""),
            ("2\n".into(), String::new(), Some(0))
        );
        assert_eq!(told(&[&errors[..], &["-"]].concat(), &content), ("2\n".into(), String::new(), Some(0)));
    }
    let members = [gzip(LOG.as_bytes()), gzip(LOG.as_bytes())].concat();
    assert_eq!(told(&[&errors[..], &["-"]].concat(), &members).0, "4\n");
}

#[test]
fn of_damaged_input_what_could_be_read_is_told_and_where_it_broke() {
    let log = LOG.repeat(20_000);
    for whole in [gzip(log.as_bytes()), zstd(log.as_bytes())] {
        let (out, err, code) =
            told(&["search", "--level", "error", "--count", "-"], &whole[..whole.len() - 20]);
        assert_eq!(code, Some(2));
        assert!(err.contains("breaks at byte") && err.contains("cut short"), "{err}");
        let found: u32 = out.trim().parse().expect("a number");
        assert!((1000..40_000).contains(&found), "{found} of 40,000");
    }
}

#[test]
fn compressed_input_of_a_few_bytes_is_cut_short() {
    let folder = TempDir::new().expect("a folder");
    for whole in [gzip(LOG.as_bytes()), zstd(LOG.as_bytes())] {
        for length in 2..8 {
            let path = file(&folder, "a.log", &whole[..length]);
            for (args, input) in [(["count", "-"], &whole[..length]), (["count", text(&path)], b"")] {
                let (_, err, code) = told(&args, input);
                assert!(err.contains("it is cut short"), "{length}: {err}");
                assert_eq!(code, Some(2));
            }
        }
    }
}

#[test]
fn directories_and_patterns_are_their_files() {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir(folder.path().join("old")).expect("made");
    file(&folder, "a.log", LOG.as_bytes());
    file(&folder, ".hidden", LOG.as_bytes());
    file(&folder, "old/b.log.gz", &gzip(LOG.as_bytes()));
    let count = |name: &str| told(&["search", "--level", "error", "--count", name], b"");
    assert_eq!(count(text(folder.path())).0, "4\n");
    assert_eq!(count(text(&folder.path().join("*/*.gz"))).0, "2\n");
    let (out, err, code) = count(text(&folder.path().join("*.txt")));
    assert_eq!((out.as_str(), code), ("", Some(2)));
    assert!(err.contains("matches no file"), "{err}");
}

#[test]
fn a_directory_that_is_not_gone_into_costs_no_other_file() {
    let folder = TempDir::new().expect("a folder");
    let deep = folder.path().join(vec!["deep"; 66].join("/"));
    fs::create_dir_all(&deep).expect("made");
    fs::write(deep.join("b.log"), LOG).expect("written");
    let good = file(&folder, "a.log", LOG.as_bytes());
    let pattern = folder.path().join("**/*.log");
    for name in [text(folder.path()), text(&pattern)] {
        for (args, expected) in [
            (["search", "--level", "error", "--count"].as_slice(), "2\n"),
            (
                &["count", "--by", "level", "--format", "table", "--min-level", "error"],
                "level  count\nerror      2\n",
            ),
            (&["find", "--level", "error", "--format", "count"], "2\n"),
        ] {
            let (out, err, code) = told(&[args, &[name]].concat(), b"");
            assert_eq!((out.as_str(), code), (expected, Some(2)), "{args:?}: {err}");
            let above = deep.parent().map(text).expect("it is not the root");
            let why = format!("logs: {name}: {above} lies more than 64 directories deep");
            assert!(err.starts_with(&why) && err.lines().count() == 1, "{args:?}: {err}");
        }
    }
    assert_eq!(told(&["search", "--level", "error", "--count", text(&good)], b"").2, Some(0));
}

#[test]
fn several_files_are_read_at_once_and_told_in_their_order() {
    let folder = TempDir::new().expect("a folder");
    let log = |n: usize| LOG.replace("\"n\"", &format!("\"file\":{n},\"n\"")).repeat(n % 5 * 400);
    let mut names = Vec::new();
    for n in 0..14 {
        let text = log(n) + "no record\n";
        let content = match n % 4 {
            0 => gzip(text.as_bytes()),
            1 => zstd(text.as_bytes()),
            // Of many members, cut anywhere.
            2 => text.as_bytes().chunks(9000).flat_map(gzip).collect(),
            _ => text.into_bytes(),
        };
        names.push(file(&folder, &format!("{n:02}"), &content));
    }
    // One that several threads read, one that is damaged, and one that is not there.
    names.insert(6, file(&folder, "long", LOG.repeat(20_000).as_bytes()));
    let whole = gzip(log(4).as_bytes());
    names.insert(9, file(&folder, "cut", &whole[..whole.len() - 9]));
    names.insert(3, folder.path().join("missing"));
    let names: Vec<&str> = names.iter().map(|path| text(path)).collect();
    let search = ["search", "--level", "error", "--bad", "-n", "-H"];
    let by_n = ["count", "--by", "n,level", "--distinct", "file", "--format", "table", "--bad"];
    let count = ["search", "--level", "error", "-c", "-H"];
    let first = ["search", "--level", "error", "-m", "2500", "-H"];
    let counted = ["search", "--level", "error", "-m", "2500", "-c", "-H"];
    for (args, code) in [(&search[..], 2), (&by_n, 2), (&count, 2), (&first, 2), (&counted, 2)] {
        let with = |threads: &str| told(&[args, &["--threads", threads], &names].concat(), b"");
        let one = with("1");
        assert_eq!(one.2, Some(code), "{}", one.1);
        assert!(one.1.contains("missing: No such file"), "{}", one.1);
        for threads in ["2", "5", "40"] {
            assert!(with(threads) == one, "{args:?} on {threads} threads: {}", with(threads).1);
        }
    }
}

#[test]
fn a_format_can_be_named_or_given() {
    let log = b"[7] OOPS it broke\n  for a reason\n[8] fine all is well\n";
    let pattern = r"^\[(?<tid>\d+)\] (?<level>\w+) (?<message>.*)$";
    let (out, err, code) = told(&["search", "--pattern", pattern, "--field", "thread=7", "-"], log);
    assert_eq!((out.as_str(), err.as_str(), code), ("[7] OOPS it broke\n  for a reason\n", "", Some(0)));
    // A line of a format of one's own may begin as an object does and be none.
    let flags = ["search", "--json", "--text", "oops", "--pattern", "^(?<message>.+)$", "-"];
    let (out, err, _) = told(&flags, b"{oops\n");
    let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&object["record"], err.as_str()), (&"{oops".into(), ""));
    let (out, ..) = told(&["search", "--json", "--text", "oops", "-"], b"{\"a\":\"oops\"}\n");
    assert!(out.ends_with("\"record\":{\"a\":\"oops\"}}\n"), "{out}");
    let by_thread = ["count", "--pattern", pattern, "--by", "thread", "--format", "table", "-"];
    let (table, ..) = told(&by_thread, log);
    let words: Vec<_> = table.split_whitespace().collect();
    assert_eq!(words, ["thread", "count", "7", "1", "8", "1"]);

    let coloured = "\x1b[31m{\"level\":\"ERROR\"}\x1b[0m\n";
    let search = ["search", "--level", "error", "--count", "-"];
    assert_eq!(told(&search, coloured.as_bytes()).0, "1\n");
    let (out, err, code) =
        told(&[&search[..], &["--input-format", "json", "--bad"]].concat(), coloured.as_bytes());
    assert_eq!((out.as_str(), code), ("0\n", Some(1)));
    assert!(err.contains("not a JSON object"), "{err}");

    for (args, expected) in [
        (["--input-format", "yaml"], "json, access, logfmt"),
        (["--pattern", "(?<level>"], "--pattern: "),
        (["--pattern", "level"], "no named group"),
    ] {
        let (_, err, code) = told(&[&search[..], &args].concat(), b"");
        assert_eq!(code, Some(2));
        assert!(err.contains(expected), "{err}");
    }
}

#[test]
fn a_file_that_is_cut_short_or_grows_meanwhile_is_read_as_far_as_it_goes() {
    let folder = TempDir::new().expect("a folder");
    for cut in [true, false] {
        let path = file(&folder, "a.log", LOG.repeat(1000).as_bytes());
        let mut reader = Reader::new(&["level"], Limits { chunk: 4096, ..Limits::default() });
        let (mut changed, mut bad) = (false, Vec::new());
        let source = File::open(&path).expect("it is there");
        let mut change = OpenOptions::new().append(true).open(&path).expect("it is there");
        reader
            .read(source, &mut |line| bad.push(line.reason), |_| {
                if !changed && cut {
                    change.set_len(0).expect("it can be cut");
                } else if !changed {
                    change.write_all(LOG.as_bytes()).expect("it can grow");
                }
                changed = true;
                ControlFlow::Continue(())
            })
            .expect("it can be read");
        let records = reader.totals().records;
        assert!(if cut { records < 1000 } else { records == 3003 }, "{records}");
        // The line that it was cut in is told, if it was cut in one.
        assert!(bad.is_empty() || (cut && bad == [Reason::CutShort]), "{bad:?}");
    }
}

#[test]
fn years_that_are_not_said_are_those_up_to_the_files_own_time() {
    let folder = TempDir::new().expect("a folder");
    let log = b"Nov 30 10:00:00 h app[1]: a\nFeb 29 00:00:01 h app[1]: d\nMar  1 00:00:01 h app[1]: e\n";
    let written = |name| {
        let path = file(&folder, name, log);
        let file = OpenOptions::new().append(true).open(&path).expect("it is there");
        // 2024-03-02.
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_709_337_601);
        file.set_modified(time).expect("its time can be set");
        path
    };
    let paths = ["one.log", "two.log"].map(written);
    let [one, two] = [&paths[0], &paths[1]].map(|path| text(path));
    for (files, times, threads) in [(vec![one], 1, "1"), (vec![one, two], 2, "1"), (vec![one, two], 2, "3")] {
        let threads = ["--threads", threads];
        let by_day = ["count", "--by", "time:day", "--format", "table"];
        let (table, ..) = told(&[&by_day[..], &threads, &files].concat(), b"");
        let mut days: Vec<Vec<_>> =
            table.lines().skip(1).map(|row| row.split_whitespace().collect()).collect();
        days.sort();
        let count = times.to_string();
        let expected = ["2023-11-30", "2024-02-29", "2024-03-01"].map(|day| vec![day, &count]);
        assert_eq!(days, expected, "{files:?}");
        let since = ["search", "--since", "2024-01-01", "--count"];
        let (found, ..) = told(&[&since[..], &threads, &files].concat(), b"");
        assert_eq!(found, format!("{}\n", 2 * times));
        let (objects, ..) =
            told(&[&["search", "--json", "--text", "a", "--limit", "1"], &files[..]].concat(), b"");
        assert!(objects.contains("\"time\":\"2023-11-30T10:00:00Z\""), "{objects}");
    }
    let (table, ..) =
        told(&["count", "--by", "time:day", "--format", "table", "-"], b"Feb  1 00:00:01 h app: x\n");
    assert!(!table.contains("2023") && !table.contains("2024"), "a stream is of today: {table}");
}

#[test]
fn the_time_of_many_pairs_grows_with_the_line_and_not_with_its_square() {
    // Were it the square, this would take hours.
    for pairs in ["a=".repeat(3_000_000), "a=\"".repeat(3_000_000), "k=v&".repeat(2_000_000)] {
        let line = format!("2025-01-15 10:00:00 ERROR {pairs}\n");
        let (found, err, code) = told(&["search", "--field", "user=bob", "--count", "-"], line.as_bytes());
        assert_eq!((found.as_str(), err.as_str(), code), ("0\n", "", Some(1)));
    }
}

#[test]
fn a_zone_that_is_not_known_is_not_taken_for_utc() {
    let log = b"2025-01-15 10:00:00.123 IST [42] bob@shop LOG:  the ERROR word\n";
    let (out, ..) = told(&["search", "--json", "--text", "word", "-"], log);
    let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(
        (&object["level"], &object["message"], &object["time"]),
        (&"info".into(), &"the ERROR word".into(), &"2025-01-15 10:00:00.123 IST".into())
    );
}

#[test]
fn what_is_said_begins_after_the_thread_and_its_dash() {
    let log = b"2025-01-15 10:00:00,123 ERROR [main] - HikariPool-1 - Connection is not available\n";
    let (out, ..) = told(&["search", "--json", "--text", "Hikari", "-"], log);
    let object: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(object["message"], "HikariPool-1 - Connection is not available");
    assert_eq!(object.get("logger"), None);
}

#[test]
fn what_is_asked_for_in_vain_is_told() {
    for (args, why) in [
        (["count", "--by", "hour,level"], "time:hour"),
        (["count", "--by", "level,level"], "named twice"),
        (["count", "--distinct", ""], "the name is empty"),
    ] {
        let (out, err, code) = told(&[&args[..], &["-"]].concat(), b"");
        assert_eq!((out.as_str(), code), ("", Some(2)), "{args:?}");
        assert!(err.contains(why), "{err}");
    }
    let most = usize::MAX.to_string();
    let (out, ..) = told(&["search", "--level", "info", "-B", &most, "-A", "1", "-"], LOG.as_bytes());
    assert_eq!(out, LOG);
    let (.., code) = told(&["search", "-q", "--level", "error", "missing.log", "-"], LOG.as_bytes());
    assert_eq!(code, Some(0), "there is one, whatever else is missing");
}
