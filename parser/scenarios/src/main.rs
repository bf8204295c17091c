//! The measured binary: it answers the visit protocol, once per start.

#[path = "../../src/allocator.rs"]
mod allocator;

#[cfg(feature = "dhat")]
#[global_allocator]
static DHAT: harness::subject::DhatAllocator = harness::subject::DhatAllocator;

fn main() -> std::process::ExitCode {
    let name = if cfg!(feature = "dhat") { "dhat" } else { allocator::NAME };
    harness::subject::visit::main(&scenarios::scenarios(), name)
}
