//! Where the command `generate` writes to, and in what form: compressed, in several files, in part, slowly, or not at all.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

fn generate(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generate"));
    command.current_dir(folder).args(arguments.split(' '));
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    generate(folder, arguments).output().unwrap()
}

/// What is written to the standard output.
fn log(folder: &Path, arguments: &str) -> Vec<u8> {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", error(&output));
    output.stdout
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn compressed_logs_hold_the_plain_one_and_are_the_same_with_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for records in [0, 6_000] {
        let plain = log(folder, &format!("app --records {records}"));
        for ending in ["gz", "zst"] {
            let mut before = None;
            for threads in [1, 2, 7] {
                let name = format!("log.{ending}");
                let arguments = format!("app --records {records} --threads {threads} --force --out {name}");
                assert!(run(folder, &arguments).status.success());
                let packed = fs::read(folder.join(name)).unwrap();
                let mut unpacked = Vec::new();
                match ending {
                    "gz" => flate2::read::MultiGzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap(),
                    _ => zstd::Decoder::new(&*packed).unwrap().read_to_end(&mut unpacked).unwrap(),
                };
                assert!(unpacked == plain, "{arguments}");
                assert!(records == 0 || packed.len() * 3 < plain.len());
                assert!(before.get_or_insert_with(|| packed.clone()) == &packed, "{arguments}");
            }
            let streamed = run(folder, &format!("app --records {records} --compress {ending}")).stdout;
            assert!(before.as_ref() == Some(&streamed), "it is the same by a flag, and in a stream");
        }
    }
}

#[test]
fn files_of_a_split_log_are_the_log_and_each_has_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let arguments = "cdn --records 1001 --split 10 --out part.log --truth part.json --truth-lines part.jsonl";
    assert!(run(folder, arguments).status.success());
    let parts: Vec<Vec<u8>> =
        (1..=10).map(|number| fs::read(folder.join(format!("part-{number:02}.log"))).unwrap()).collect();
    assert!(parts.concat() == log(folder, "cdn --records 1001"));
    let mut records = 0;
    for (number, part) in (1..).zip(&parts) {
        let [truth] = &lines(&folder.join(format!("part-{number:02}.json")))[..] else { panic!("one line") };
        assert_eq!(truth["bytes"], part.len());
        assert_eq!(truth.get("from").map_or(0, |from| from.as_u64().unwrap()), records);
        let told = lines(&folder.join(format!("part-{number:02}.jsonl")));
        assert_eq!(told.len() as u64, truth["records"].as_u64().unwrap());
        assert_eq!(
            (&told[0]["record"], &told[0]["line"], &told[0]["offset"]),
            (&records.into(), &1.into(), &0.into())
        );
        records += told.len() as u64;
    }
    assert_eq!(records, 1001);
    assert_eq!(names(folder).len(), 30);
}

#[test]
fn a_size_is_reached_to_within_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let long = log(folder.path(), "app --records 3000");
    for size in [0, 100, 300, 1000, 123_456, 700_000] {
        let short = log(folder.path(), &format!("app --bytes {size}"));
        assert!(long.starts_with(&short) && short.len() <= size);
        let next = long[short.len()..].split_inclusive(|&byte| byte == b'\n').next().unwrap();
        assert!(short.len() + next.len() > size, "{size}: one more record would have fitted");
        assert!(log(folder.path(), &format!("app --bytes {size} --threads 3")) == short);
    }
    let from = log(folder.path(), "app --bytes 100kB --from 2000");
    let skipped: usize = long.split_inclusive(|&byte| byte == b'\n').take(2000).map(<[u8]>::len).sum();
    assert!(long[skipped..].starts_with(&from));
}

#[test]
fn a_spec_file_and_flags_ask_for_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = "shape = \"cdn\"\nseed = 7\nrecords = 700\nfrom = 300\ndamage = \"5%:crlf\"\n[knobs]\nhead = \"50%\"\n";
    fs::write(folder.join("spec.toml"), spec).unwrap();
    let flags = "cdn --seed 7 --records 700 --from 300 --damage 5%:crlf --set head=50%";
    let expected = log(folder, flags);
    assert!(log(folder, "--spec spec.toml") == expected);
    assert!(expected.windows(2).any(|pair| pair == b"\r\n"));
    let flags_first = log(folder, "--spec spec.toml --seed 8 --set head=0% cdn --truth truth.json");
    assert!(
        flags_first == log(folder, "cdn --seed 8 --records 700 --from 300 --damage 5%:crlf --set head=0%")
    );
    let truth = fs::read_to_string(folder.join("truth.json")).unwrap();
    let begins = r#"{"format":1,"shape":"cdn","seed":8,"knobs":{"head":"0%"},"from":300,"records":700,"#;
    let begins = begins.replace(":1,", &format!(":{},", generator::FORMAT_VERSION));
    assert!(truth.starts_with(&begins), "{truth}");

    fs::write(folder.join("spec.toml"), "shape = \"cdn\"\n\nrecord = 5\n").unwrap();
    let output = run(folder, "--spec spec.toml");
    assert_eq!(output.status.code(), Some(2));
    let message =
        "generate: spec.toml:3:1: there is no key \"record\"; did you mean \"records\"? The keys are: ";
    assert!(error(&output).starts_with(message), "{}", error(&output));
    let output = run(folder, "--spec spec.toml app");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_does_not_go_together_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, message) in [
        ("app --split 3", "--split needs --out FILE"),
        ("app --rate 5/s --out x.gz", "leave one of them out"),
        ("app --rate 5/s --compress gz", "leave one of them out"),
        ("app --compress gzip", "--compress needs gz or zst, not \"gzip\""),
        ("app --damage-lines x", "add --damage RATE"),
        ("app --records 5 --bytes 5", "cannot both be asked for"),
        ("app --rate 0/s", "--rate needs a speed such as 50k/s"),
        ("app --threads 0", "--threads needs a number from 1 to 1024"),
        ("app --bytes 5XB", "--bytes needs a size such as 500MB"),
        ("app --damage 1%:nil", "did you mean \"nul\"?"),
        (
            "app --set own-ordr=1%",
            "--set: the shape app has no knob \"own-ordr\"; did you mean \"own-order\"?",
        ),
        ("app --set own-order", "--set needs NAME=VALUE"),
        ("app --from 4294967296 --records 1", "reach beyond the last that a corpus can have"),
        ("--spec missing.toml", "missing.toml: cannot read the spec"),
        ("app --truth-lines -", "--truth-lines needs a file"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(error(&output).contains(message), "{arguments}: {}", error(&output));
        assert!(output.stdout.is_empty() && names(folder.path()).is_empty());
    }
}

#[test]
fn explain_shows_grammar_knobs_and_a_line() {
    let folder = tempfile::tempdir().unwrap();
    for shape in generator::Shape::ALL {
        let text = String::from_utf8(log(folder.path(), &format!("explain {shape}"))).unwrap();
        assert!(text.starts_with(&format!("Shape {shape}: ")));
        for knob in shape.about().knobs {
            assert!(text.contains(&format!("\n  {} ", knob.name)), "{shape}: {}", knob.name);
        }
        let line = String::from_utf8(log(folder.path(), &format!("{shape} --records 1"))).unwrap();
        assert!(text.ends_with(&line), "{shape}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100 || text.ends_with(&format!("{line}\n"))),
            "{text}"
        );
        assert_eq!(text, String::from_utf8(log(folder.path(), &format!("{shape} --help"))).unwrap());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_no_file_of_any_kind() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        "app --records 5000 --out log --truth-lines /dev/full",
        "app --records 5000 --damage 10% --out log --truth t --damage-lines /dev/full --threads 3",
        "app --records 9000 --out /dev/full --truth t --threads 3",
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments}");
        assert!(error(&output).contains("cannot write /dev/full"), "{arguments}: {}", error(&output));
        assert_eq!(names(folder.path()), [""; 0], "{arguments}");
    }
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    // The shell's own: a program of that name is not on every machine.
    let kill = Command::new("sh").args(["-c", "kill -INT \"$0\"", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
}

#[test]
#[cfg(unix)]
fn ctrl_c_removes_what_there_is_and_exits_with_130() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        ["app --records 100k --rate 100/s --out log --truth t", "cdn --records 4G --split 2 --out log"]
    {
        let mut child = generate(folder.path(), arguments).stderr(Stdio::piped()).spawn().unwrap();
        let is_there = |name: &String| name.contains(".part");
        for _ in 0..1000 {
            if names(folder.path()).iter().any(is_there) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(names(folder.path()).iter().any(is_there), "{arguments}: no file was begun");
        interrupt(&child);
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments}: {told}");
        assert!(told.contains("interrupted; no part of the corpus was left behind"), "{told}");
        assert_eq!(names(folder.path()), [""; 0], "{arguments}");
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_what_waits_for_a_reader_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "app --records 1M --truth t";
    let mut child =
        generate(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut unread = child.stdout.take().unwrap();
    // Something has come, and of a million records more would come than a pipe holds: it waits, or will.
    unread.read_exact(&mut [0]).unwrap();
    interrupt(&child);
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{told}");
    assert!(told.contains("interrupted; no part of the corpus was left behind"), "{told}");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_told_of_where_facts_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code) in [("app --records 1M", 0), ("app --records 1M --truth t", 1)] {
        let mut child =
            generate(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0; 1000]).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told.contains("no file of the corpus was left behind"), code == 1, "{told}");
        assert_eq!(names(folder.path()), [""; 0], "{arguments}");
    }
}

#[test]
#[cfg(unix)]
fn records_of_a_slow_log_come_one_by_one_and_a_reader_may_go_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut child =
        generate(folder.path(), "app --records 1M --rate 200/s").stdout(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    // Were they written in blocks, the first line would come after minutes.
    for _ in 0..3 {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).unwrap();
        assert!(serde_json::from_slice::<Value>(&line).is_ok());
    }
    drop(reader);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
