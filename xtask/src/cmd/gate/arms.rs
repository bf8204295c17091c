//! Both revisions built as one variant, with their heap builds, and linked again in another order.

use super::{BASE, HEAD, HEAPS, Judging};
use crate::axes::Axes;
use crate::cmd::build;
use crate::error::{Error, Result};
use crate::plan::{self, Build};
use crate::set_up::Variant;
use crate::shuffle;
use harness::judge::wire::gate::{Gate, NotCompared, Revision};

impl Judging<'_> {
    /// Builds both revisions at this point; the head's error is told apart from the base's.
    pub(super) fn build(&self, axes: &Axes) -> Result<[Variant; 2]> {
        let with_command = self.project.config.subject.command.is_some();
        let corpora = if axes.trains() {
            build::training_corpora(&self.sides[1], self.preset, axes.training)?
        } else {
            Vec::new()
        };
        let training = self.project.training(&corpora, self.preset);
        let build = |at: usize, name: &str| {
            let Revision { name: revision, commit } = &self.revisions[at];
            eprintln!("building {name}: {revision} ({commit})");
            let wanted = self.preset.features.clone();
            let build = Build { wanted, ..plan::build_of(name, axes, with_command) };
            self.sides[at].build(&build, Some(&training)).map_err(|error| {
                Error::Failed(format!("the {name} {revision} ({commit}) does not build: {error}"))
            })
        };
        Ok([build(0, BASE)?, build(1, HEAD)?])
    }

    /// The heap builds of both sides, where the subject has one.
    pub(super) fn heaps(&self, gate: &mut Gate) -> Result<Option<[Variant; 2]>> {
        let Some(feature) = &self.project.config.subject.heap_feature else { return Ok(None) };
        let heap = |at: usize, name: &str| {
            let wanted = self.preset.features.clone();
            let build =
                Build { name: name.to_owned(), wanted, ..plan::heap_build(feature, self.axes.target) };
            self.sides[at].build(&build, None)
        };
        let base = heap(0, HEAPS[0]);
        // A head whose own heap build fails where the base's does not broke it.
        let broken = base.is_ok();
        match base.and_then(|base| Ok([base, heap(1, HEAPS[1])?])) {
            Ok(both) => Ok(Some(both)),
            Err(error) if self.sides[1].interrupt.asked() => Err(error),
            // Time can be judged without it.
            Err(error) => {
                let side = if broken { HEAD } else { BASE };
                gate.not_compared.push(NotCompared {
                    scenario: "heap and allocations".to_owned(),
                    reason: format!("the heap build of the {side} failed: {error}"),
                    broken,
                    open: None,
                });
                Ok(None)
            }
        }
    }

    /// Both sides linked in another order, where there is a linker that can.
    pub(super) fn relinked(
        &self,
        built: &[Variant; 2],
        number: u32,
        notes: &mut Vec<String>,
    ) -> Result<Option<[Variant; 2]>> {
        let linker = built[0].record.binary.linker.as_deref();
        let folder = self.project.root.join("target/gate/linker");
        let Some(flags) = shuffle::flags(linker, &folder, self.seed(&format!("relinked {number}")))? else {
            notes.push(
                "there is no LLD, so what was worse was confirmed on fresh blocks of the same binaries, not on relinked \
                 ones (cargo xtask setup --via apt brings it)"
                    .to_owned(),
            );
            return Ok(None);
        };
        let axes = Axes { flags: [self.axes.flags.clone(), flags].concat(), ..self.axes.clone() };
        match self.build(&axes) {
            Ok(relinked) => Ok(Some(relinked)),
            Err(error) if self.sides[1].interrupt.asked() => Err(error),
            Err(error) => {
                notes.push(format!(
                    "linking in another order failed, so what was worse was confirmed on fresh blocks of the same binaries: \
                     {error}"
                ));
                Ok(None)
            }
        }
    }
}
