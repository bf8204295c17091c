//! The bytes of every shape, held fast: whoever changes them on purpose raises `FORMAT_VERSION` and these digests
//! with it.

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
            "d053c68e4a5c81e99e1df46990dd11e7914e98155edcc89e911e1b756f593eed",
            "39dfd410f833fbb1a81b261362b8e95ff429cee7c7824fbdf77ba59cc43c97d7",
        ],
    ),
    (
        "access",
        [
            "f585121321340eaad672324c56e60eeeb929cdc7bb834b76ffc0ebe9c9a1a1b9",
            "be55d743ff2a5b2a5f4d5f7813ce8b6eebf143b21ccc27d5cbc3ead88c1c10fc",
        ],
    ),
    (
        "logfmt",
        [
            "597bffa46db229e60480d016f61734758358f9a7b5c8daaea8a214f84e7f9855",
            "51d537d78becce629e7912e6e7666c9c20645f3666a1a03bfe86ae38c139d6b4",
        ],
    ),
    (
        "syslog",
        [
            "7d33112bd2fa3c3b516ba27e1eab2442fe0eb3a3a91be44f6c1ed66a3e08d472",
            "f4cd4654c28a6ce5cc3f6ec0d0c0a36d99c3c8091dee382a7312e19a41f93772",
        ],
    ),
    (
        "text",
        [
            "b570ffaf583f84dded78f036cb9f35a2fe12a4300381951843640fc16fe17f24",
            "9098486282366cb8e979acdf420238497de5a8f9565189da1c60957166969ffd",
        ],
    ),
    (
        "flat",
        [
            "0019fc8dba5c2c910b8c32c724c310ca8696f597167fab7281d137833041ef0e",
            "74ddda4d5efab552fa09b97100da2170291406ec3aed36deaebb0acbf95e660e",
        ],
    ),
    (
        "mixed",
        [
            "0474a758b35e016fe2dbfbfde00f5bfe2f45872cb07a8d307e58143c40105e67",
            "a2218146fb498a3100da710614c6bf784f542b7801237f47f520452fe0955200",
        ],
    ),
    (
        "jobs",
        [
            "78e9cb6741e7da55338e11b4e20e7b51588217c809724f4f6ca88f0db1a84d3e",
            "f5b7473cfb8c6fb5463a647bb6567bccd09153a549bf4ee0ec3773fe8c3c2a7c",
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
