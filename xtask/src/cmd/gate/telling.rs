//! The verdict, printed and written for machines.

use crate::cmd::{Project, report};
use crate::error::{Doing, Result};
use harness::judge::wire::gate::Gate;
use std::io::Write;
use std::path::Path;

/// Prints the verdict and writes it for machines: into files and, on GitHub, into the job's summary and as annotations.
pub(super) fn tell(project: &Project, name: &str, gate: &Gate) -> Result<()> {
    let folder = project.root.join("target/gate/verdicts").join(name);
    std::fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
    let write =
        |path: &Path, text: &str| std::fs::write(path, text).doing(|| format!("writing {}", path.display()));
    let markdown = reports::gate::markdown(gate);
    let json = serde_json::to_string_pretty(gate).doing(|| "writing the verdict as JSON".to_owned())?;
    write(&folder.join("gate.json"), &(json + "\n"))?;
    write(&folder.join("gate.md"), &markdown)?;
    write(&folder.join("gate.xml"), &reports::gate::junit(gate))?;
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
        let summary = std::fs::OpenOptions::new().create(true).append(true).open(&path);
        summary
            .and_then(|mut file| file.write_all(markdown.as_bytes()))
            .doing(|| format!("appending to {}", Path::new(&path).display()))?;
    }
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        for line in reports::gate::annotations(gate) {
            report::print(&(line + "\n"))?;
        }
    }
    report::print(&format!("{}verdict: {}\n", reports::gate::terminal(gate), folder.display()))
}
