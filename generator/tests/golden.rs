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
const VERSION: u32 = 3;

/// Log and truth of 10,000 records of seed 42.
const GOLDEN: &[(&str, [&str; 2])] = &[
    (
        "cdn",
        [
            "a69e895a345c8e9ea6e54e0061db860235154508117e90b96f200112d164f870",
            "e096c37c332fe627192d40d31231acd14cd3a46ac932fcacaf18f84f495d31dd",
        ],
    ),
    (
        "app",
        [
            "d053c68e4a5c81e99e1df46990dd11e7914e98155edcc89e911e1b756f593eed",
            "e75d95226ec226487b109291590adf66aebb184c64b2159d4c5d983621bcb9c6",
        ],
    ),
    (
        "access",
        [
            "c6627fb0ac64f54c6b79752e0b252414794e38bcb68c62041c2c81c31c257aaf",
            "3826ffa791f89d87ed5d5c153c8cc988332bc5fa530ba2e72be1289115ace0ee",
        ],
    ),
    (
        "logfmt",
        [
            "5e6dfae585886f50d2ade49f5a08219dac740a0e3a1e1229f4df20873302ff43",
            "7dc95e977b0e67dc50e07203bc8aedc449513c25e3524ce313b048fa78312cf6",
        ],
    ),
    (
        "syslog",
        [
            "7d33112bd2fa3c3b516ba27e1eab2442fe0eb3a3a91be44f6c1ed66a3e08d472",
            "5122587eb90c11693ccc2331a8ff2b941a2966af6b4bb75f52e7346cfeb85eb6",
        ],
    ),
    (
        "text",
        [
            "a69d7cec8e8117a8544e8059bafddf484815f5b406b812f76589ea5a86b2573d",
            "a79c8793585389c4362a78a8dc8f1dd7cbcc073262843f6816b6c3ae8481dacb",
        ],
    ),
    (
        "flat",
        [
            "3de4d3f19d51a502c9420cee2b7ae7e042e3491c4b67173b87bcef114a902f18",
            "5b0cc3e06045e81f3b4314dabb25dfab8420b20a20e220b53625eabc1a21e91c",
        ],
    ),
    (
        "mixed",
        [
            "9260e88a71f390d9cf80a8bea1396f2cdca58c3914ac5412fdb08019e327acc1",
            "6015bc914704a5dcba237988e89a8151d584a7d6994a3733c60bd418b40fc4cb",
        ],
    ),
    (
        "jobs",
        [
            "78e9cb6741e7da55338e11b4e20e7b51588217c809724f4f6ca88f0db1a84d3e",
            "dba1a508f27c30ace8a02b95df6d016707f429315773da61d1d6566ded92fb85",
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
