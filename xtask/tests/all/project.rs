//! A project that is not this one, for tests: a small subject that misbehaves on request, and its
//! `bench.toml`.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The project in a folder of its own, removed when it is dropped.
pub struct Project {
    pub folder: tempfile::TempDir,
}

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let harness = here.join("../harness").canonicalize().expect("the harness");
        let harness = harness.to_str().expect("a path that TOML can hold");
        let manifest = format!(
            "[package]\nname = \"subject\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [features]\nmimalloc = []\n\n\
             [dependencies]\nharness = {{ path = {harness:?}, default-features = false, features = [\"subject\"] }}\n\n\
             [workspace]\n"
        );
        let path = folder.path();
        for folder in ["src", "target"] {
            fs::create_dir(path.join(folder)).expect("made");
        }
        fs::write(path.join("Cargo.toml"), manifest).expect("written");
        fs::copy(here.join("../Cargo.lock"), path.join("Cargo.lock")).expect("copied");
        fs::copy(here.join("tests/fixture/subject.rs"), path.join("src/main.rs")).expect("copied");
        fs::copy(here.join("tests/fixture/bench.toml"), path.join("bench.toml")).expect("copied");
        Self { folder }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        // Work trees of revisions go where a user's would, and with the project.
        command.env("XDG_CACHE_HOME", self.folder.path().join("target/cache"));
        // Who tests what is measured does not wait for who measures.
        command.env("ASSAY_LOCK", self.folder.path().join("target/lock"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().expect("it starts"))
    }

    pub fn runs(&self) -> PathBuf {
        self.folder.path().join("target/bench")
    }

    pub fn file(&self, run: &str, name: &str) -> PathBuf {
        self.runs().join(run).join(name)
    }

    pub fn results(&self, run: &str) -> Value {
        let text = fs::read(self.file(run, "results.json")).expect("results.json");
        serde_json::from_slice(&text).expect("JSON")
    }

    pub fn samples(&self, run: &str) -> Vec<String> {
        let text = fs::read_to_string(self.file(run, "samples.jsonl")).expect("samples.jsonl");
        text.lines().map(str::to_owned).collect()
    }

    /// A whole run under another name, with these samples instead.
    pub fn clone_run(&self, from: &str, to: &str, samples: &[String]) {
        fs::create_dir(self.runs().join(to)).expect("made");
        let manifest = fs::read_to_string(self.file(from, "manifest.json")).expect("read");
        fs::write(self.file(to, "manifest.json"), manifest).expect("written");
        fs::write(self.file(to, "samples.jsonl"), samples.join("\n") + "\n").expect("written");
    }
}

pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub fn expect(&self, code: i32, words: &[&str]) {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code, Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "{word:?} is not in: {said}");
        }
    }
}
