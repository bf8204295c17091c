//! What an ELF file tells about itself: sizes, libraries, the linker that made it.

use crate::error::{Doing, Result};
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection, ObjectSymbol, SectionFlags, SymbolKind};
use std::collections::BTreeSet;
use std::path::Path;

/// Facts of a binary. Where the file is not ELF of 64 bits, only the whole size is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Machine code, in bytes.
    pub text: Option<u64>,
    /// The file without symbols, relocations for tools, and debug sections, in bytes.
    pub stripped: Option<u64>,
    /// The shared libraries that it asks for (`DT_NEEDED`); none for a static one.
    pub libraries: Vec<String>,
    /// The linker that signed it, where it did.
    pub linker: Option<String>,
}

/// Reads them.
pub fn inspect(path: &Path) -> Result<Facts> {
    let bytes = std::fs::read(path).doing(|| format!("reading {}", path.display()))?;
    let Ok(file) = ElfFile64::<Endianness>::parse(&*bytes) else { return Ok(Facts::default()) };
    let mut facts = Facts::default();
    let mut loose = 0;
    for section in file.sections() {
        let name = section.name().unwrap_or_default();
        let loaded = matches!(section.flags(), SectionFlags::Elf { sh_flags, .. } if sh_flags.contains(object::elf::SHF_ALLOC));
        if loaded && (name == ".text" || name.starts_with(".text.")) {
            *facts.text.get_or_insert(0) += section.size();
        }
        if !loaded && name != ".shstrtab" {
            loose += section.file_range().map_or(0, |(_, size)| size);
        }
        if name == ".comment" {
            facts.linker = section.data().ok().and_then(linker_of);
        }
    }
    facts.stripped = Some((bytes.len() as u64).saturating_sub(loose));
    facts.libraries = needed(&file);
    Ok(facts)
}

/// The functions that a binary holds, by their symbols. None where it has no symbols, or is not ELF of 64 bits.
pub fn functions(path: &Path) -> Result<BTreeSet<String>> {
    let bytes = std::fs::read(path).doing(|| format!("reading {}", path.display()))?;
    let Ok(file) = ElfFile64::<Endianness>::parse(&*bytes) else { return Ok(BTreeSet::new()) };
    let functions = file.symbols().filter(|one| one.kind() == SymbolKind::Text && one.is_definition());
    Ok(functions.filter_map(|one| Some(function_of(one.name().ok()?).to_owned())).collect())
}

/// The name of the function that a symbol stands for a part or a copy of.
fn function_of(symbol: &str) -> &str {
    let name = symbol.split(".llvm.").next().unwrap_or(symbol);
    name.strip_suffix(".cold").unwrap_or(name)
}

/// The linker's line among those that tools leave in `.comment`, each ended by NUL. GNU ld leaves none.
fn linker_of(comment: &[u8]) -> Option<String> {
    let mut lines = comment.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    lines.find_map(|line| Some(line.strip_prefix("Linker: ")?.to_owned()))
}

fn needed(file: &ElfFile64<'_, Endianness>) -> Vec<String> {
    let libraries = file.import_libraries().into_iter().flatten().flatten();
    libraries.map(|library| String::from_utf8_lossy(library.name()).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_very_test_tells_its_facts() {
        let own = std::env::current_exe().expect("a path");
        let facts = inspect(&own).expect("read");
        let whole = std::fs::metadata(&own).expect("read").len();
        assert!(facts.text.is_some_and(|text| text > 10_000 && text < whole), "{facts:?}");
        assert!(facts.stripped.is_some_and(|stripped| stripped < whole), "{facts:?}");
        assert!(facts.libraries.iter().any(|name| name.starts_with("libc")), "{facts:?}");
        let functions = functions(&own).expect("read");
        assert!(functions.iter().any(|name| name.contains("this_very_test_tells_its_facts")));
        assert_eq!((function_of("_ZN1aE.llvm.77.cold"), function_of("_ZN1aE.cold")), ("_ZN1aE", "_ZN1aE"));
    }

    #[test]
    fn what_is_no_elf_has_no_facts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("script");
        std::fs::write(&path, "#!/bin/sh\n").expect("written");
        assert_eq!(inspect(&path).expect("read"), Facts::default());
        assert!(functions(&path).expect("read").is_empty());
        assert_eq!(linker_of(b"GCC: (Debian)\0Linker: LLD 22.1.2\0").as_deref(), Some("LLD 22.1.2"));
    }
}
