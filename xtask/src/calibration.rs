//! Where calibrations are kept, and the newest one of this machine.

use crate::cmd::Project;
use crate::error::{Doing, Result};
use harness::judge::wire::Schema;
use harness::judge::wire::calibration::{Calibration, Cited, SCHEMA, VERSION};
use harness::judge::wire::manifest::{Machine, Manifest};
use harness::judge::wire::sample::Instrument;
use std::path::{Path, PathBuf};

/// The file that later runs read.
pub fn newest(project: &Project) -> PathBuf {
    project.root.join("target/calibration/newest.json")
}

/// The folder of a calibration's report.
pub fn folder(project: &Project, name: &str) -> PathBuf {
    project.root.join("target/calibration").join(name)
}

/// Keeps a calibration beside its report, and for later runs; gives the file that those read.
pub fn keep(project: &Project, calibration: &Calibration) -> Result<PathBuf> {
    let newest = newest(project);
    for path in [&folder(project, &calibration.name).join("calibration.json"), &newest] {
        let doing = || format!("writing {}", path.display());
        let mut text = serde_json::to_vec_pretty(calibration).doing(doing)?;
        text.push(b'\n');
        crate::files::write_whole(path, &text).doing(doing)?;
    }
    Ok(newest)
}

/// What a run of so many blocks on this machine cites; none where it was not calibrated.
pub fn cited(project: &Project, machine: &Machine, blocks: u32) -> Result<Option<Cited>> {
    let path = newest(project);
    if !path.is_file() {
        return Ok(None);
    }
    let calibration = read(&path)?;
    Ok(calibration.cited(blocks).filter(|_| calibration.is_of(machine)))
}

/// Lets a run whose plan was changed cite what it then has to.
pub fn cite_again(project: &Project, manifest: &mut Manifest) -> Result<()> {
    let clock = manifest.experiment.instruments.iter().find(|plan| plan.instrument == Instrument::Clock);
    if let Some(blocks) = clock.map(|plan| plan.blocks) {
        manifest.calibration = cited(project, &manifest.machine, blocks)?;
    }
    Ok(())
}

/// Reads the calibration in the file `path`.
pub fn read(path: &Path) -> Result<Calibration> {
    let doing = || format!("reading {} (`cargo xtask calibrate` makes it anew)", path.display());
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).doing(doing)?).doing(doing)?;
    let schema: Schema = serde_json::from_value(value["schema"].clone()).doing(doing)?;
    schema.check(SCHEMA, VERSION).doing(doing)?;
    serde_json::from_value(value).doing(doing)
}
