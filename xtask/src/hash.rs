//! SHA-256 of files and texts, in hexadecimal.

use crate::error::{Doing, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Of a file's content, streamed.
pub fn of_file(path: &Path) -> Result<String> {
    let doing = || format!("reading {}", path.display());
    let mut file = File::open(path).doing(doing)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).doing(doing)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Of parts, framed by their lengths.
pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hexadecimal(&hasher.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn equals_the_standards_example_and_frames_parts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").expect("written");
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::of_file(&path).expect("read"), expected);
        assert_ne!(super::of_parts(["ab", "c"]), super::of_parts(["a", "bc"]));
    }
}
