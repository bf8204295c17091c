//! The allocator of a binary, by feature. Binaries include this file by path: an allocator is theirs to choose, and a
//! library that chose one would choose for every program it is linked into.

#[cfg(any(
    all(feature = "mimalloc", feature = "jemalloc"),
    all(feature = "mimalloc", feature = "snmalloc"),
    all(feature = "jemalloc", feature = "snmalloc"),
))]
compile_error!("a binary has one allocator: choose one of the features `mimalloc`, `jemalloc`, `snmalloc`");

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[cfg(feature = "snmalloc")]
#[global_allocator]
static ALLOCATOR: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

/// The allocator's name.
pub(crate) const NAME: &str = if cfg!(feature = "mimalloc") {
    "mimalloc"
} else if cfg!(feature = "jemalloc") {
    "jemalloc"
} else if cfg!(feature = "snmalloc") {
    "snmalloc"
} else {
    "system"
};
