//! `cargo xtask ship`: what to paste into a project to have a variant.

use super::{Project, report};
use crate::axes::{Allocator, Axes, Target};
use crate::cli;
use crate::error::Result;
use crate::plan;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Ship) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let preset = project.config.preset("quick").or_else(|_| {
        let any = project.config.presets.keys().next().map_or("", String::as_str);
        project.config.preset(any)
    })?;
    let chosen = plan::choose(&project.config, preset, std::slice::from_ref(&flags.variant))?;
    let text: Vec<String> = chosen.variants.iter().map(|(name, axes)| recipe(name, axes)).collect();
    report::print(&text.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The way to a variant, for somebody's own project.
pub fn recipe(name: &str, axes: &Axes) -> String {
    let mut text = format!("# {name}: {}\n\n", axes.about());
    text.push_str("# Cargo.toml of the workspace\n[profile.release]\n");
    for setting in axes.profile() {
        let (key, value) = setting.split_once('=').unwrap_or((&setting, ""));
        if key != "debug" && (key != "strip" || axes.bolt) {
            let _ = writeln!(text, "{key} = {value}");
        }
    }
    if let Some((dependency, line)) = allocator(axes.allocator) {
        let _ = writeln!(text, "\n# Cargo.toml of the binary\n[dependencies]\n{dependency}");
        let _ = writeln!(text, "\n// main.rs of the binary\n#[global_allocator]\n{line}");
    }
    let target = match axes.target {
        Target::Gnu => "x86_64-unknown-linux-gnu",
        Target::Musl => "x86_64-unknown-linux-musl",
    };
    let mut flags = axes.rustc_flags();
    text.push_str("\n# the build\n");
    if axes.target == Target::Musl {
        let _ = writeln!(text, "rustup target add {target}");
        if axes.allocator != Allocator::System {
            text.push_str("export CC_x86_64_unknown_linux_musl=musl-gcc   # Debian: musl-tools\n");
        }
    }
    let build = |flags: &[String]| {
        let environment =
            if flags.is_empty() { String::new() } else { format!("RUSTFLAGS={:?} ", flags.join(" ")) };
        format!("{environment}cargo build --release --target {target}\n")
    };
    if axes.pgo {
        let mut instrumented = flags.clone();
        instrumented.push("-Cprofile-generate".to_owned());
        // The component's programs lie in the sysroot, not on the path.
        text.push_str("rustup component add llvm-tools\n");
        text.push_str("host=$(rustc -vV | sed -n 's/^host: //p')\n");
        text.push_str(&build(&instrumented));
        text.push_str("LLVM_PROFILE_FILE=\"$PWD/pgo/%m_%p.profraw\" ./train   # run the binary on work like your users', not on what you time\n");
        text.push_str("\"$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata\" merge --failure-mode=any -o pgo/merged.profdata pgo/*.profraw\n");
        flags.push("-Cprofile-use=$PWD/pgo/merged.profdata".to_owned());
        flags.push("-Cllvm-args=-pgo-warn-missing-function".to_owned());
    }
    if axes.bolt {
        flags.push(crate::bolt::KEEP_RELOCATIONS.to_owned());
    }
    text.push_str(&build(&flags));
    if axes.bolt {
        text.push_str("# llvm-bolt and merge-fdata are not among rustup's; of Debian's package bolt-N they lie in /usr/lib/llvm-N/bin\n");
        text.push_str("llvm-bolt BINARY -instrument --instrumentation-file-append-pid --instrumentation-file=\"$PWD/bolt.fdata\" -o BINARY.instrumented\n");
        text.push_str("./train   # with BINARY.instrumented\n");
        text.push_str("merge-fdata -o merged.fdata bolt.fdata.*\n");
        let _ = writeln!(
            text,
            "llvm-bolt BINARY -o BINARY.bolted -data=merged.fdata {}",
            crate::bolt::LAYOUT.join(" ")
        );
    }
    for (name, value) in &axes.env {
        let _ = writeln!(text, "export {name}={value}   # where it runs");
    }
    text
}

fn allocator(allocator: Allocator) -> Option<(&'static str, &'static str)> {
    match allocator {
        Allocator::System => None,
        Allocator::Mimalloc => Some((
            "mimalloc = { version = \"0.1.52\", default-features = false }",
            "static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;",
        )),
        Allocator::Jemalloc => Some((
            "tikv-jemallocator = \"0.7\"",
            "static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;",
        )),
        Allocator::Snmalloc => Some((
            "snmalloc-rs = \"0.7\"",
            "static ALLOCATOR: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_variant_names_every_step() {
        let axes: Axes =
            toml::from_str("lto = 'fat'\ncodegen-units = 1\nallocator = 'mimalloc'\npgo = true\nbolt = true")
                .expect("axes");
        let text = recipe("v", &axes);
        for wanted in [
            "lto = \"fat\"",
            "codegen-units = 1",
            "#[global_allocator]",
            "-Cprofile-generate",
            "bin/llvm-profdata\" merge",
            "Debian's package bolt-N",
            "-Cprofile-use=",
            "--emit-relocs",
            "merge-fdata",
            "ext-tsp",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let plain = recipe("release", &Axes::default());
        assert!(!plain.contains("RUSTFLAGS") && !plain.contains("global_allocator"), "{plain}");
    }
}
