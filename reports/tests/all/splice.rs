//! Blocks of documents, made anew.

use crate::fixture;
use crate::golden::check;
use harness::judge::wire::results::Results;
use reports::splice::{SpliceError, Spliced, splice};

/// Patterns as tests need them: a star at the end.
fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

fn done(document: &str, results: &Results) -> Result<Spliced, SpliceError> {
    let mut load = |run: &str| match run {
        "none" => Err("there is no run \"none\"".to_owned()),
        _ => Ok(results.clone()),
    };
    splice(document, &mut load, matches)
}

fn refused(document: &str) -> String {
    done(document, &fixture::with_wrong_answer()).expect_err("refused").to_string()
}

const DOCUMENT: &str = "# A write-up

```text
<!-- assay verdict run=in-code -->
```

Before.

<!-- assay verdict run=a -->
old words
<!-- /assay -->
<!-- assay time run=a scenarios=search/* variants=lto-fat,lto-fat+pgo -->
<!-- /assay -->
<!-- assay memory run=a scenarios=count/app variants=lto-fat* -->
<!-- /assay -->
<!-- assay text run=a scenarios=count/cdn -->
<!-- /assay -->
<!-- assay rivals run=a -->
<!-- /assay -->
<!-- assay chart run=a name=speed file=pictures/speed.svg -->
<!-- /assay -->
<!-- assay source run=a -->
<!-- /assay -->

After.";

#[test]
fn blocks_are_made_anew_and_all_else_is_left() {
    let results = fixture::with_wrong_answer();
    let spliced = done(DOCUMENT, &results).expect("spliced");
    check("spliced.md", &spliced.text);
    assert!(
        spliced
            .text
            .starts_with("# A write-up\n\n```text\n<!-- assay verdict run=in-code -->\n```\n\nBefore.\n")
    );
    assert!(spliced.text.ends_with("\n<!-- /assay -->\n\nAfter."));
    assert!(!spliced.text.contains("old words"));
    assert_eq!(spliced.changed, [9, 12, 14, 16, 18, 20, 22]);
    let [(20, file, svg)] = spliced.charts.as_slice() else { panic!("{:?}", spliced.charts) };
    assert!(file == "pictures/speed.svg" && svg.starts_with("<svg"));
    let again = done(&spliced.text, &results).expect("spliced again");
    assert_eq!((again.text, again.changed), (spliced.text, vec![]), "what is true stays as it is");
}

#[test]
fn what_cannot_be_met_names_its_line() {
    for (document, words) in [
        ("Nothing.\n", "line 1: there is no marker: put `<!-- assay verdict run=RUN -->`"),
        ("", "there is no marker"),
        ("x\n<!-- assay verdict run=a -->\nno end\n", "line 2: the block has no end"),
        ("<!-- assay verdict run=none -->\n<!-- /assay -->", "line 1: there is no run \"none\""),
        ("<!-- assay opinion run=a -->\n<!-- /assay -->", "\"opinion\" is nothing that can be asked for"),
        ("<!-- assay  -->\n<!-- /assay -->", "does not say what"),
        ("<!-- assay time a -->\n<!-- /assay -->", "\"a\" is to be KEY=VALUE"),
        ("<!-- assay time colour=red -->\n<!-- /assay -->", "there is no \"colour\""),
        (
            "<!-- assay time scenarios=x* -->\n<!-- /assay -->",
            "no scenario matches \"x*\"; there are: count/cdn",
        ),
        ("<!-- assay time variants=x -->\n<!-- /assay -->", "no variant matches \"x\"; there are: release"),
        ("<!-- assay verdict variants=release -->\n<!-- /assay -->", "verdict is of the whole run"),
        ("<!-- assay verdict topics=Looks -->\n<!-- /assay -->", "says nothing of \"Looks\"; it has: Speed"),
        ("<!-- assay chart name=speed -->\n<!-- /assay -->", "wants name=STEM and file=PATH.svg"),
        ("<!-- assay chart name=x file=x.svg -->\n<!-- /assay -->", "no chart \"x\"; it gives: speed"),
        ("<!-- assay verdict run=a\n<!-- /assay -->", "one line that ends in `-->`"),
    ] {
        let why = refused(document);
        assert!(why.contains(words), "{document:?}: {why}");
    }
    let minimal = done("<!-- assay memory -->\n<!-- /assay -->", &fixture::minimal()).expect_err("no memory");
    assert!(minimal.to_string().contains("has nothing of that: memory"), "{minimal}");
}

#[test]
fn a_verdict_can_be_of_some_topics() {
    let of = |marker: &str| {
        done(&format!("<!-- assay {marker} -->\n<!-- /assay -->\n"), &fixture::rich()).expect("spliced").text
    };
    let some = of("verdict topics=Size");
    assert!(some.contains("**Size.**") && !some.contains("**Speed.**"), "{some}");
    assert!(of("verdict").contains("**Speed.**"));
}

#[test]
fn names_do_not_break_out_of_a_block() {
    let results = fixture::hostile();
    let document = "<!-- assay time -->\n<!-- /assay -->\n<!-- assay text -->\n<!-- /assay -->\nend\n";
    let spliced = done(document, &results).expect("spliced");
    let again = done(&spliced.text, &results).expect("spliced again");
    assert!(again.changed.is_empty() && again.text.ends_with("<!-- /assay -->\nend\n"));
    let mut sly = fixture::minimal();
    let end = "<!-- /assay -->".to_owned();
    sly.scenarios[0].name.clone_from(&end);
    sly.cells.iter_mut().for_each(|cell| cell.scenario.clone_from(&end));
    let text = done("<!-- assay text -->\n<!-- /assay -->", &sly).map(|s| done(&s.text, &sly));
    assert!(text.is_err() || text.is_ok_and(|again| again.is_ok_and(|again| again.changed.is_empty())));
}

#[test]
fn a_table_tells_beside_one_other_or_all_of_them() {
    let mut results = fixture::rich();
    for (one, other) in results.beside.iter_mut().zip(["count/app", "count/cdn", "count/app"]) {
        (one.scenario, one.other) = ("count/cdn".to_owned(), other.to_owned());
    }
    let cells = |head: &str, row: &str| {
        let table = format!("| scenario |{head} beside |\n|---|---|---|\n| `count/cdn` |{row} |\n");
        let document = format!("<!-- assay fill run=a -->\n{table}<!-- /assay -->\n");
        let text = done(&document, &results).expect("spliced").text;
        let row = text.lines().find(|line| line.contains("`count/cdn`")).expect("its row").to_owned();
        row.trim_matches(['|', ' ']).split(" | ").last().expect("a cell").to_owned()
    };
    assert_eq!(cells("", ""), "0.447 ×, 3.37 ×");
    assert_eq!(cells(" other |", " `count/app` |"), "0.447 ×");
    let none = "<!-- assay fill run=a -->\n| scenario | other | time |\n|---|---|---|\n\
        | `count/cdn` | `count/none` | |\n<!-- /assay -->\n";
    assert!(refused(none).contains("no scenario \"count/none\", which a row names"));
}

#[test]
fn a_table_of_the_writers_own_is_filled_in() {
    let results = fixture::with_wrong_answer();
    let document = "<!-- assay fill run=a -->\nold\n\n| what | scenario | theirs | time | memory a record | p99 |\n\
        |---|---|---|---|---|---|\n\
        | a \\| b | `count/cdn` | 3 ms | 99 ms | | gone |\n\
        \nold source\n<!-- /assay -->\n";
    let spliced = done(document, &results).expect("spliced");
    let row = spliced.text.lines().find(|line| line.contains("count/cdn")).expect("its row");
    assert!(row.starts_with("| a \\| b | `count/cdn` | 3 ms | "), "the writer's cells stay: {row}");
    let cells: Vec<&str> = row.split(" | ").collect();
    assert!(cells[3] != "99 ms" && cells[3].ends_with("ms"), "{row}");
    assert!(cells[4].ends_with(" B") && cells[5] == "– |", "{row}");
    assert!(!spliced.text.contains("old"), "what was made before is made anew");
    let again = done(&spliced.text, &results).expect("spliced again");
    assert_eq!((again.text, again.changed), (spliced.text.clone(), vec![]));
    for (table, words) in [
        ("", "a table stands between the markers"),
        ("| a | time |\n|---|---|\n", "no column \"scenario\""),
        ("| scenario | a |\n|---|---|\n", "no column to be filled; it can have: time, "),
        ("| scenario | time |\n", "no line below its headings"),
        (
            "| scenario | time |\n|---|---|\n| `count/none` | |\n",
            "no scenario \"count/none\", which a row names",
        ),
    ] {
        let why = refused(&format!("<!-- assay fill run=a -->\n{table}<!-- /assay -->\n"));
        assert!(why.contains(words), "{table:?}: {why}");
    }
}
