//! The allocator of a binary, by feature. Binaries include this file by path: an allocator is theirs to choose, and a
//! library that chose one would choose for every program it is linked into.

#[cfg(all(feature = "mimalloc", feature = "jemalloc"))]
compile_error!("a binary has one allocator: choose either the feature `mimalloc` or the feature `jemalloc`");

#[cfg(all(feature = "mimalloc", not(feature = "jemalloc")))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[cfg(all(feature = "jemalloc", not(feature = "mimalloc")))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The allocator's name.
pub(crate) const NAME: &str = if cfg!(feature = "mimalloc") {
    "mimalloc"
} else if cfg!(feature = "jemalloc") {
    "jemalloc"
} else {
    "system"
};
