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

/// Is it of Rust's own libraries? Where memory is asked for, what called them tells more. A function of a trait is theirs where
/// both the type and the trait are: `<T as alloc::string::ToString>::to_string`, and not `<app::X as core::fmt::Display>::fmt`.
pub fn is_library(function: &str) -> bool {
    let Some(inner) = function.strip_prefix('<') else { return is_of_library(function) };
    let mut depth = 0_usize;
    let mut of_trait = None;
    for (at, c) in inner.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' if depth > 0 && !inner[..at].ends_with('-') => depth -= 1,
            '>' if !inner[..at].ends_with('-') => break,
            ' ' if depth == 0 && inner[at..].starts_with(" as ") => {
                of_trait = Some(at);
                break;
            }
            _ => {}
        }
    }
    match of_trait {
        Some(at) => is_of_library(&inner[..at]) && is_of_library(&inner[at + " as ".len()..]),
        None => is_of_library(inner),
    }
}

/// Does a path begin in one of Rust's libraries, or is it none: a parameter such as `T`, a primitive type, a slice?
fn is_of_library(path: &str) -> bool {
    const LIBRARIES: [&str; 5] = ["alloc", "core", "std", "hashbrown", "dhat"];
    let bare = path.trim_start_matches(['<', '&', '[', '(', '*']);
    let bare =
        ["mut ", "const ", "dyn "].iter().fold(bare, |bare, word| bare.strip_prefix(word).unwrap_or(bare));
    let end = bare.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(bare.len());
    let (first, rest) = bare.split_at(end);
    if rest.starts_with("::") {
        return LIBRARIES.contains(&first);
    }
    // A bare word is a type parameter or a primitive, within brackets; by itself it is a function of C.
    path.len() > bare.len()
        || first.len() < path.len()
        || first.chars().all(char::is_uppercase)
        || is_primitive(first)
}

fn is_primitive(name: &str) -> bool {
    const OTHERS: [&str; 5] = ["str", "bool", "char", "isize", "usize"];
    let digits = name.strip_prefix(['u', 'i', 'f']).unwrap_or_default();
    OTHERS.contains(&name) || (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
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
    }

    #[test]
    fn what_is_of_the_libraries_is_known_by_type_and_trait() {
        for name in [
            "<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend",
            "<T as alloc::slice::<impl [T]>::to_vec_in::ConvertVec>::to_vec",
            "<u8 as <[_]>::to_vec_in::ConvertVec>::to_vec::<alloc::alloc::Global>",
            "<&mut W as core::fmt::Write::write_fmt::SpecWriteFmt>::spec_write_fmt",
            "<str as alloc::borrow::ToOwned>::to_owned",
            "<alloc::string::String>::push",
            "core::ops::function::FnOnce::call_once",
        ] {
            assert!(is_library(name), "{name}");
        }
        for name in [
            "parser::tally::count",
            "<app::X as core::fmt::Display>::fmt",
            "<alloc::vec::Vec<T> as app::Trait>::f",
            "<fn(u8) -> u8 as app::Trait>::f",
            "main",
            "compress_block",
        ] {
            assert!(!is_library(name), "{name}");
        }
    }
}
