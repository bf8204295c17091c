//! The bytes of both shapes, held fast: whoever changes them on purpose raises `FORMAT_VERSION` and these digests with it.

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

#[test]
fn cdn_is_what_it_was() {
    assert_eq!(FORMAT_VERSION, 1);
    assert_eq!(
        digests(Shape::Cdn, 42, 10_000),
        [
            "c8c6b95a5e4629741e2df4e9582e3ffa438512bc189e57249550bd32e8d53d0c",
            "83e80dd7deb4319d9328dca52c2d442e479768db9ac03e571b36e60cc4b3a95f"
        ]
    );
}

#[test]
fn app_is_what_it_was() {
    assert_eq!(FORMAT_VERSION, 1);
    assert_eq!(
        digests(Shape::App, 42, 10_000),
        [
            "f7c3dd8ddab64dfcd78761d7156e54ccdbd059489d707d5fbeeeb4ef58d3d0f3",
            "0cd0c70fb22bdf11da159e09a3343f1b39b74314326801dc10672d6efa907f2b"
        ]
    );
}

#[test]
fn seeds_give_different_corpora() {
    for shape in Shape::ALL {
        assert_ne!(digests(shape, 1, 300)[0], digests(shape, 2, 300)[0]);
    }
}
