//! Names of functions, alike in every build.

/// The outermost function of an allocator stands for all below it, under this name.
pub const ALLOCATOR: &str = "[allocator]";
/// Stands above frames whose callers are not known.
pub const UNROOTED: &str = "[callers not known]";

/// A demangled name without the hash that differs from build to build: `a::b::h0123456789abcdef` is `a::b`, and
/// `{{closure}}` and `{closure#0}` are `{closure}`. Clones that the optimiser made (`.llvm.123`, `.cold`, `.part.0`,
/// `.isra.0`) go by the function's own name.
pub fn function(name: &str) -> String {
    let name = name.trim();
    let plain = match name.rsplit_once("::h") {
        Some((front, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => front,
        _ => name,
    };
    let clone = [".llvm.", ".cold", ".part.", ".isra.", ".constprop."];
    let end = clone.iter().filter_map(|mark| plain.find(mark)).filter(|&at| at > 0).min();
    let plain = &plain[..end.unwrap_or(plain.len())];
    let mut text = plain.replace("{{closure}}", "{closure}");
    while let Some(at) = text.find("{closure#") {
        let Some(length) = text[at..].find('}') else { break };
        text.replace_range(at..=at + length, "{closure}");
    }
    text
}

/// Does this function belong to the allocator, so that what is below it does too? The ways in from Rust, the C functions, and
/// the names of glibc's, musl's, mimalloc's, jemalloc's and snmalloc's own.
pub fn is_allocator(function: &str) -> bool {
    const WHOLE: [&str; 27] = [
        "malloc",
        "calloc",
        "realloc",
        "free",
        "cfree",
        "memalign",
        "aligned_alloc",
        "posix_memalign",
        "malloc_consolidate",
        "sysmalloc",
        "systrim",
        "unlink_chunk",
        "tcache_init",
        "arena_get2",
        "alloc_slot",
        "__rust_alloc",
        "__rust_dealloc",
        "__rust_realloc",
        "__rust_alloc_zeroed",
        "alloc::alloc::alloc",
        "alloc::alloc::dealloc",
        "alloc::alloc::realloc",
        "alloc::alloc::alloc_zeroed",
        "alloc::alloc::exchange_malloc",
        "alloc::alloc::box_free",
        "operator new",
        "operator delete",
    ];
    const BEGINNINGS: [&str; 24] = [
        "_int_malloc",
        "_int_free",
        "_int_realloc",
        "_int_memalign",
        "__libc_malloc",
        "__libc_free",
        "__libc_calloc",
        "__libc_realloc",
        "__libc_memalign",
        "__malloc_",
        "__GI___libc_malloc",
        "__GI___libc_free",
        "__rdl_",
        "__rg_",
        "__rust_no_alloc_shim",
        "mi_",
        "_mi_",
        "je_",
        "_rjem_",
        "_rjem_je_",
        "sn_rust_",
        "snmalloc::",
        "arena_get",
        "tcache_",
    ];
    const WITHIN: [&str; 6] = [
        "as core::alloc::global::GlobalAlloc>::",
        "as core::alloc::GlobalAlloc>::",
        "as core::alloc::Allocator>::",
        "alloc::alloc::Global::",
        "std::alloc::System::",
        "std::sys::alloc::",
    ];
    let bare = function.strip_prefix("__GI_").unwrap_or(function);
    WHOLE.contains(&bare)
        || BEGINNINGS.iter().any(|beginning| bare.starts_with(beginning))
        || WITHIN.iter().any(|part| function.contains(part))
}

/// Is it of Rust's own libraries? Where memory is asked for, what called them tells more.
pub fn is_library(function: &str) -> bool {
    let bare = function.trim_start_matches(['<', '&', '[', '(']).trim_start_matches("mut ");
    ["alloc::", "core::", "std::", "hashbrown::", "dhat::"].iter().any(|library| bare.starts_with(library))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_two_builds_are_alike() {
        for (name, plain) in [
            ("a::b::h0123456789abcdef", "a::b"),
            ("a::b::h0123", "a::b::h0123"),
            ("<T as a::B>::c::{{closure}}::hffffffffffffffff", "<T as a::B>::c::{closure}"),
            ("std::rt::lang_start::{closure#0}", "std::rt::lang_start::{closure}"),
            ("_int_free.part.0", "_int_free"),
            ("a::b.llvm.1234567890", "a::b"),
            ("a::{closure#", "a::{closure#"),
            (".cold", ".cold"),
        ] {
            assert_eq!(function(name), plain);
        }
    }

    #[test]
    fn allocators_are_known_by_their_ways_in() {
        for name in [
            "malloc",
            "__GI___libc_malloc",
            "_int_free",
            "mi_heap_malloc_zero",
            "_rjem_mallocx",
            "__rust_alloc",
            "<mimalloc::MiMalloc as core::alloc::global::GlobalAlloc>::alloc",
            "<alloc::alloc::Global as core::alloc::Allocator>::deallocate",
        ] {
            assert!(is_allocator(name), "{name}");
        }
        for name in ["parser::count", "memcpy", "alloc::vec::Vec<T,A>::push", "free_list::take", "minimal"] {
            assert!(!is_allocator(name), "{name}");
        }
        assert!(is_library("<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend"));
        assert!(!is_library("parser::tally::count"));
    }
}
