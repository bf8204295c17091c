//! Training runs for PGO and BOLT: fixed passes over the training corpora, equal work per scenario, no
//! stopwatch; or the user's own commands.

use crate::corpora::Corpus;
use crate::error::{Error, Result, failed};
use crate::process::{self, Conditions};
use crate::subject::{Subject, Task};
use std::ffi::OsString;
use std::time::Duration;

/// Each scenario is trained on this many bytes, to whole passes: equal work, whatever its corpus.
const BYTES: u64 = 32 << 20;

/// What binaries are trained on.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// Corpora of the training seed, by name.
    pub corpora: &'a [Corpus],
    /// The user's own commands, where there are any; see [`crate::config::Training`].
    pub commands: &'a [Vec<String>],
    /// A training run is stopped after this.
    pub limit: Duration,
}

impl Training<'_> {
    /// Everything that decides what a training run does, for keys.
    pub fn key(&self) -> Vec<String> {
        let corpora = self.corpora.iter().flat_map(|corpus| [corpus.name.clone(), corpus.sha256.clone()]);
        let commands = self.commands.iter().flatten().cloned();
        corpora.chain([BYTES.to_string()]).chain(commands).collect()
    }

    /// Runs every scenario that has a training corpus, or the user's own commands, with this environment.
    pub fn run(&self, subject: &Subject, environment: Vec<(OsString, OsString)>) -> Result<()> {
        let conditions = Conditions { environment, limit: self.limit, ..Conditions::default() };
        if !self.commands.is_empty() {
            return self.commands.iter().try_for_each(|command| self.run_own(command, subject, &conditions));
        }
        for scenario in subject.describe(&conditions)?.scenarios {
            let Some(corpus) = self.corpora.iter().find(|corpus| corpus.name == scenario.corpus) else {
                continue;
            };
            // A build without the command, as for a profiler, has nothing that this scenario would train.
            if scenario.whole_command && subject.command.is_none() {
                continue;
            }
            let task = Task::new(&scenario.name, &corpus.path);
            let pass = corpus.bytes.max(1) * scenario.queries.max(1);
            subject.train(task, BYTES.div_ceil(pass), &conditions)?;
        }
        Ok(())
    }

    fn run_own(&self, command: &[String], subject: &Subject, conditions: &Conditions) -> Result<()> {
        let words: Vec<OsString> = command.iter().map(|word| self.filled_in(word, subject).into()).collect();
        let [program, arguments @ ..] = words.as_slice() else {
            return failed("a training command is empty");
        };
        process::run(program.as_ref(), arguments, conditions)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::variable;

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
            limit: Duration::from_secs(20),
        };
        let subject = Subject { binary: "/nowhere".into(), command: Some("/bin/sh".into()) };
        let out = folder.path().join("out");
        training.run(&subject, vec![variable("OUT", &out)]).expect("it runs");
        let written = std::fs::read_to_string(&out).expect("written");
        assert_eq!(written, "/corpora/web.log\n".repeat(2));
        assert!(training.key().contains(&"{corpus:web}".to_owned()), "the commands decide what is kept");

        let wrong = [vec!["/bin/sh".to_owned(), "-c".to_owned(), "exit 3".to_owned()]];
        let why = Training { commands: &wrong, ..training }.run(&subject, Vec::new()).expect_err("it fails");
        assert!(why.to_string().contains("training by `/bin/sh -c exit 3`"), "{why}");
    }
}
