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
const VERSION: u32 = 4;

/// Log and truth of 10,000 records of seed 42.
const GOLDEN: &[(&str, [&str; 2])] = &[
    (
        "cdn",
        [
            "11344b630ece9dd19f9ae3b9204367e4f5775e508c6505f746e97896a04886e7",
            "3d16ea3a41d20b0fa6e5ce97583316e7d11e799275e8065206262fe2265b2217",
        ],
    ),
    (
        "app",
        [
            "17362f6a5057f75606007f3a94dcdd94fa8dbbb82be13597339766a72fa32e16",
            "8f1dc899884352cd9d8ce724101b528d1b78247563f11e8804e5fb97508896c4",
        ],
    ),
    (
        "access",
        [
            "daabcac09021fd31c8563c58928c5511384f689e53578ecb8bd8ee23922dadb9",
            "31e2562243818fade2734d4610a9396ab9ff3303a43b44f3a3bce7b3d48c9835",
        ],
    ),
    (
        "logfmt",
        [
            "d8c6ede7d44813be9b8d4600c600efde262e771f30bac4668c6ca0b74f993b18",
            "1aaa8327a39dc8a6d29b636865437a88d781c2dc18c9b1985fa63ea1f2a02933",
        ],
    ),
    (
        "syslog",
        [
            "7d33112bd2fa3c3b516ba27e1eab2442fe0eb3a3a91be44f6c1ed66a3e08d472",
            "2bc08218c741be8fde43fd019dc86df3ca4895e83f9b7b49ff4780e8705a34e9",
        ],
    ),
    (
        "text",
        [
            "a69d7cec8e8117a8544e8059bafddf484815f5b406b812f76589ea5a86b2573d",
            "65d0d08106ab431c344d1273938beddb6d0e729083dd4685c0df038498331df5",
        ],
    ),
    (
        "flat",
        [
            "3de4d3f19d51a502c9420cee2b7ae7e042e3491c4b67173b87bcef114a902f18",
            "53c88d26aeb1eea246c7122e1a728a102fbeeec77b0c3e6e12c82cce06bf4466",
        ],
    ),
    (
        "mixed",
        [
            "3729e07cb806e5ec903cc51a44b68b7b7ec4408d687248615257eddfeca8c402",
            "88f1a76e584f95b97747e55504bf30d908e28e3e4a507a192d0af8ec75ebade4",
        ],
    ),
    (
        "jobs",
        [
            "a86c77585a352592d723a6b5f812b028acfe6480024de227068644e62e17ab16",
            "d8faf202b3c1d0c54c7f2ad88a6397bc53273051909bb5d419c84cb1a7dc2444",
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

/// Bytes of a record, its newline with it, as text says them: the number before the first "bytes".
fn bytes_said(text: &str) -> f64 {
    let (before, _) = text.split_once(" bytes").unwrap_or_else(|| panic!("no bytes in {text}"));
    before.rsplit(' ').next().unwrap().parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn records_are_as_long_as_titles_and_the_readme_say() {
    let readme = include_str!("../README.md");
    for shape in Shape::ALL {
        let truth = generate(&Spec::new(shape, 42, 50_000), &mut std::io::sink()).unwrap();
        let found = truth.bytes() as f64 / 50_000.0;
        let row = format!("\n| `{}` |", shape.name());
        let row = readme.lines().find(|line| line.starts_with(row.trim_start())).unwrap();
        for said in [bytes_said(shape.about().title), bytes_said(row)] {
            assert!(
                (found / said - 1.0).abs() < 0.06,
                "{said} bytes are said of {}, not {found}",
                shape.name()
            );
        }
    }
}

#[test]
fn seeds_give_different_corpora() {
    for shape in Shape::ALL {
        assert_ne!(digests(shape, 1, 300)[0], digests(shape, 2, 300)[0]);
    }
}
