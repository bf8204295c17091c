//! The bytes of every shape, held fast: whoever changes them on purpose raises `FORMAT_VERSION` and these digests with it.

use generator::{FORMAT_VERSION, Shape, Spec, generate};
use sha2::{Digest, Sha256};

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The digests of the log and of the truth.
fn digests(shape: Shape, seed: u64, records: u64) -> [String; 2] {
    let mut log = Vec::new();
    let truth = generate(&Spec::new(shape, seed, records), &mut log).unwrap();
    let mut json = Vec::new();
    truth.write_json(&mut json).unwrap();
    [digest(&log), digest(&json)]
}

/// The version that these digests belong to.
const VERSION: u32 = 2;

/// Log and truth of 10,000 records of seed 42.
const GOLDEN: &[(&str, [&str; 2])] = &[
    (
        "cdn",
        [
            "c8c6b95a5e4629741e2df4e9582e3ffa438512bc189e57249550bd32e8d53d0c",
            "3a067bc11404243d6b150e377f74a89b4e2447d2d702ac38fa45e7b8cb337015",
        ],
    ),
    (
        "app",
        [
            "bc899b5d7d179eb8b6a47fefe24a6418af5d4e596598d2aaf48cdbb9eec0a171",
            "e5653067c8ee348ba3fb96c4af034d6a72e7436b140166856e2a65baa796b7ae",
        ],
    ),
];

#[test]
fn every_shape_is_what_it_was() {
    assert_eq!(FORMAT_VERSION, VERSION);
    let found: Vec<String> = Shape::ALL
        .into_iter()
        .map(|shape| format!("    ({:?}, {:?}),\n", shape.name(), digests(shape, 42, 10_000)))
        .collect();
    let expected: Vec<String> =
        GOLDEN.iter().map(|(name, digests)| format!("    ({name:?}, {digests:?}),\n")).collect();
    assert!(found == expected, "on purpose? then raise FORMAT_VERSION, and have here:\n{}", found.concat());
}

#[test]
fn seeds_give_different_corpora() {
    for shape in Shape::ALL {
        assert_ne!(digests(shape, 1, 300)[0], digests(shape, 2, 300)[0]);
    }
}
