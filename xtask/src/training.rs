//! Training runs for PGO and BOLT: fixed passes over the training corpora, equal work per scenario, no
//! stopwatch; or the user's own commands.

use crate::corpora::Corpus;
use crate::error::{Error, Result, failed};
use crate::hash;
use crate::process::{self, Conditions};
use crate::subject::{Subject, Task};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Each scenario is trained on this many bytes that it reads, to whole passes: equal work, whatever its corpus, and whatever
/// share of it one query reads.
const BYTES: u64 = 32 << 20;

/// No scenario is asked more queries than this, but for one pass: what reads a few bytes at a time would take for ever.
const MOST_QUERIES: u64 = 1 << 16;

/// A binary, and the environment that it is given.
#[derive(Clone, Debug)]
pub struct Pupil {
    /// The binary, and the command beside it.
    pub subject: Subject,
    /// What it is given of an environment.
    pub environment: Vec<(OsString, OsString)>,
}

/// What binaries are trained on.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// Corpora of the training seed, by name.
    pub corpora: &'a [Corpus],
    /// The user's own commands, where there are any; see [`crate::config::Training`].
    pub commands: &'a [Vec<String>],
    /// Where those run, and what their relative names are relative to.
    pub folder: &'a Path,
    /// A training run is stopped after this.
    pub limit: Duration,
}

impl Training<'_> {
    /// Everything that decides what a training run does, for keys. A word of a command that names a file, as a script or an
    /// input, stands for what is in it too; what such a file reads in turn is not looked for.
    pub fn key(&self) -> Result<Vec<String>> {
        let corpora = self.corpora.iter().flat_map(|corpus| [corpus.name.clone(), corpus.sha256.clone()]);
        // How passes are counted is in it too: by what is read.
        let work = ["training 2".to_owned(), BYTES.to_string(), MOST_QUERIES.to_string()];
        let mut key: Vec<String> = corpora.chain(work).collect();
        for word in self.commands.iter().flatten() {
            key.push(word.clone());
            let file = self.folder.join(word);
            if file.is_file() {
                key.push(hash::of_file(&file)?);
            }
        }
        Ok(key)
    }

    /// Runs every scenario that has a training corpus, or the user's own commands. How much each scenario reads is asked of
    /// `asked`, which is not to write into the profile: answering is not what is trained.
    pub fn run(&self, trained: &Pupil, asked: &Pupil) -> Result<()> {
        let conditions = |pupil: &Pupil| Conditions {
            environment: pupil.environment.clone(),
            limit: self.limit,
            ..Conditions::default()
        };
        let (subject, asking, training) = (&trained.subject, conditions(asked), conditions(trained));
        if !self.commands.is_empty() {
            return self.commands.iter().try_for_each(|command| self.run_own(command, subject, &training));
        }
        for scenario in asked.subject.describe(&asking)?.scenarios {
            let Some(corpus) = self.corpora.iter().find(|corpus| corpus.name == scenario.corpus) else {
                continue;
            };
            // A build without the command, as for a profiler, has nothing that this scenario would train.
            if scenario.whole_command && subject.command.is_none() {
                continue;
            }
            let task = Task::new(&scenario.name, &corpus.path);
            let expected = asked.subject.expect(task, corpus.truth.as_deref(), &asking)?;
            // What can't work on this corpus has nothing to learn from it.
            if expected.unsuited.is_none() {
                subject.train(task, passes(expected.bytes, scenario.queries, corpus.bytes), &training)?;
            }
        }
        Ok(())
    }

    fn run_own(&self, command: &[String], subject: &Subject, conditions: &Conditions) -> Result<()> {
        let words: Vec<OsString> = command.iter().map(|word| self.filled_in(word, subject).into()).collect();
        let [program, arguments @ ..] = words.as_slice() else {
            return failed("a training command is empty");
        };
        let in_folder = Conditions { folder: Some(self.folder.to_owned()), ..conditions.clone() };
        // The standard library leaves open in which of the two folders a relative path of a program is looked for.
        let is_path = program.as_encoded_bytes().contains(&b'/');
        let program = if is_path { self.folder.join(program) } else { program.into() };
        process::run(&program, arguments, &in_folder)
            .map(drop)
            .map_err(|failure| Error::Failed(format!("training by `{}`: it {failure}", command.join(" "))))
    }

    fn filled_in(&self, word: &str, subject: &Subject) -> String {
        let mut word = word.replace("{subject}", &subject.binary.display().to_string());
        if let Some(command) = &subject.command {
            word = word.replace("{command}", &command.display().to_string());
        }
        for corpus in self.corpora {
            word = word.replace(&format!("{{corpus:{}}}", corpus.name), &corpus.path.display().to_string());
        }
        word
    }
}

/// How often all queries of a scenario are asked when each reads so many bytes (none where it does not tell: then it is the
/// whole corpus).
fn passes(bytes: u64, queries: u64, corpus: u64) -> u64 {
    let query = if bytes == 0 { corpus.max(1) } else { bytes };
    let queries = queries.max(1);
    let most = (MOST_QUERIES / queries).max(1);
    BYTES.div_ceil(query.saturating_mul(queries)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::variable;

    #[test]
    fn all_read_alike_whatever_a_query_reads() {
        let corpus = 22 << 20;
        for (bytes, queries) in [(corpus, 1), (900, 64), (1 << 10, 1), (5 << 20, 3), (BYTES, 1)] {
            let pass = bytes * queries;
            let read = passes(bytes, queries, corpus) * pass;
            assert!((BYTES..BYTES + pass).contains(&read), "{bytes} {queries}: {read}");
        }
        assert_eq!(passes(corpus, 8, corpus), 1, "a pass is never cut");
        assert_eq!(passes(0, 2, 1 << 20), 16, "what does not tell reads all of it");
        assert_eq!(passes(1, 64, corpus) * 64, MOST_QUERIES, "a few bytes at a time end too");
        assert_eq!(passes(1, MOST_QUERIES * 2, corpus), 1);
        assert_eq!((passes(0, 0, 0), passes(u64::MAX, 3, 1)), (MOST_QUERIES, 1));
    }

    /// A subject in the shell that writes down what it is asked, and by which environment.
    #[test]
    fn who_is_asked_does_not_train_and_who_trains_is_asked_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("subject");
        let scenario = |name: &str, corpus: &str, queries: u64| {
            format!(
                r#"{{"name":"{name}","version":1,"about":"","corpus":"{corpus}","queries":{queries},"whole_command":false,"all_cpus":false}}"#
            )
        };
        let scenarios = [scenario("all", "c", 1), scenario("line", "c", 64), scenario("unsuited", "c", 1)];
        let text = format!(
            r#"#!/bin/sh
echo "$WHO $1 $3 $7" >> {log}
p='"protocol":{protocol}'
case "$1 $3" in
describe*) echo "{{$p,\"allocator\":\"a\",\"scenarios\":[{scenarios}]}}";;
"expect all") echo "{{$p,\"bytes\":1048576}}";;
"expect line") echo "{{$p,\"bytes\":1024}}";;
"expect unsuited") echo "{{$p,\"unsuited\":\"no\"}}";;
*) echo "{{$p,\"passes\":1}}";;
esac
"#,
            log = folder.path().join("log").display(),
            protocol = harness::PROTOCOL,
            scenarios = scenarios.join(",").replace('"', "\\\""),
        );
        crate::files::tests::script(&script, &text);
        let corpus = Corpus {
            name: "c".to_owned(),
            path: "/c".into(),
            truth: None,
            sha256: "0".to_owned(),
            bytes: 1 << 20,
            command: Vec::new(),
        };
        let training = Training {
            corpora: &[corpus],
            commands: &[],
            folder: folder.path(),
            limit: Duration::from_secs(20),
        };
        let pupil = |who: &str| Pupil {
            subject: Subject { binary: script.clone(), command: None },
            environment: vec![variable("WHO", who)],
        };
        training.run(&pupil("pupil"), &pupil("asked")).expect("it runs");
        let log = std::fs::read_to_string(folder.path().join("log")).expect("written");
        assert_eq!(
            log.lines().map(str::trim_end).collect::<Vec<_>>(),
            [
                "asked describe",
                "asked expect all",
                "pupil train all 32",
                "asked expect line",
                "pupil train line 512",
                "asked expect unsuited"
            ]
        );
    }

    #[test]
    fn the_users_own_commands_train_in_place_of_the_subject() {
        let folder = tempfile::tempdir().expect("a folder");
        let corpora = [Corpus {
            name: "web".to_owned(),
            path: "/corpora/web.log".into(),
            truth: None,
            sha256: "0".to_owned(),
            bytes: 1,
            command: Vec::new(),
        }];
        let commands = ["{command}", "-c", "echo $0 >> $OUT", "{corpus:web}"].map(str::to_owned).to_vec();
        let training = Training {
            corpora: &corpora,
            commands: &[commands.clone(), commands],
            folder: folder.path(),
            limit: Duration::from_secs(20),
        };
        let subject = Subject { binary: "/nowhere".into(), command: Some("/bin/sh".into()) };
        let out = folder.path().join("out");
        let pupil = Pupil { subject, environment: vec![variable("OUT", &out)] };
        training.run(&pupil, &pupil).expect("it runs");
        let written = std::fs::read_to_string(&out).expect("written");
        assert_eq!(written, "/corpora/web.log\n".repeat(2));
        let key = training.key().expect("read");
        assert!(key.contains(&"{corpus:web}".to_owned()), "the commands decide what is kept");

        let wrong = [vec!["/bin/sh".to_owned(), "-c".to_owned(), "exit 3".to_owned()]];
        let why = Training { commands: &wrong, ..training }.run(&pupil, &pupil).expect_err("it fails");
        assert!(why.to_string().contains("training by `/bin/sh -c exit 3`"), "{why}");
    }

    #[test]
    fn a_script_runs_where_bench_toml_is_and_trains_anew_when_it_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("train");
        crate::files::tests::script(&script, "#!/bin/sh\npwd -P > \"$1\"\n");
        let training = Training {
            corpora: &[],
            commands: &[["./train", "where"].map(str::to_owned).to_vec()],
            folder: folder.path(),
            limit: Duration::from_secs(20),
        };
        let subject = Subject { binary: "/nowhere".into(), command: None };
        let pupil = Pupil { subject, environment: Vec::new() };
        training.run(&pupil, &pupil).expect("it runs");
        let ran_in = std::fs::read_to_string(folder.path().join("where")).expect("written");
        assert_eq!(Path::new(ran_in.trim_end()), folder.path().canonicalize().expect("a folder"));

        std::fs::remove_file(folder.path().join("where")).expect("removed");
        let before = training.key().expect("read");
        assert_eq!(before, training.key().expect("read"));
        std::fs::write(&script, "#!/bin/sh\n:\n").expect("written");
        assert_ne!(before, training.key().expect("read"));
    }
}
