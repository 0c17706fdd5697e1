#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use proptest::prelude::*;
use safetensors::SafeTensors;

use super::*;

fn picture(height: usize, width: usize, rgb: Vec<u8>) -> Picture {
    Picture { width, height, rgb }
}

/// Torchvision's own levels: exact where weights are whole numbers, one level where a float sum
/// lies on the edge between two.
#[test]
fn levels_are_torchvisions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/parity/fixtures/resize.safetensors");
    let bytes = std::fs::read(path).unwrap();
    let fixture = SafeTensors::deserialize(&bytes).unwrap();
    let mut seen = 0;
    for index in 0..100 {
        let Ok(source) = fixture.tensor(&format!("source{index}")) else {
            break;
        };
        let shape = source.shape();
        let source = picture(shape[0], shape[1], source.data().to_vec());
        for (name, way, apart) in [("image", Way::Picture, 0), ("frames", Way::Frame, 1)] {
            let wanted = fixture.tensor(&format!("{name}{index}")).unwrap();
            let shape = wanted.shape();
            let found = resize(&source, shape[0], shape[1], way).unwrap();
            let pairs = found.iter().zip(wanted.data());
            let differences = pairs.map(|(a, b)| a.abs_diff(*b)).collect::<Vec<_>>();
            assert_eq!(differences.len(), wanted.data().len());
            assert!(
                differences.iter().all(|one| *one <= apart),
                "{name}{index}: {:?}",
                differences.iter().max()
            );
            let off = differences.iter().filter(|one| **one > 0).count();
            assert!(off * 1000 <= differences.len(), "{name}{index}: {off}");
        }
        seen += 1;
    }
    assert!(seen >= 7);
}

#[test]
fn a_picture_of_the_size_is_not_copied() {
    let same = picture(2, 3, (0..18).collect());
    assert!(matches!(
        resize(&same, 2, 3, Way::Frame).unwrap(),
        Cow::Borrowed(_)
    ));
}

#[test]
fn what_is_no_picture_is_refused_before_memory_is_taken() {
    let refused = |h, w, rgb| resize(&picture(h, w, rgb), 28, 28, Way::Picture).unwrap_err();
    assert!(
        refused(usize::MAX, usize::MAX, vec![0; 12])
            .message
            .contains("12 bytes")
    );
    assert!(refused(2, 2, vec![0; 11]).message.contains("11 bytes"));
    assert!(refused(0, 4, vec![]).message.contains("0 bytes"));
    let one = picture(1, 1, vec![7; 3]);
    for (h, w) in [(usize::MAX, 28), (1 << 20, 1 << 20), (0, 28)] {
        assert!(
            resize(&one, h, w, Way::Frame)
                .unwrap_err()
                .message
                .contains("too large")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of one colour in, of one colour out, at any size.
    #[test]
    fn a_plain_picture_stays_plain(
        (h, w) in (1usize..90, 1usize..90),
        (to_h, to_w) in (1usize..90, 1usize..90),
        colour in any::<[u8; 3]>(),
        frame in any::<bool>(),
    ) {
        let way = if frame { Way::Frame } else { Way::Picture };
        let plain = picture(h, w, colour.repeat(h * w));
        let found = resize(&plain, to_h, to_w, way).unwrap();
        prop_assert_eq!(found.len(), to_h * to_w * 3);
        for pixel in found.chunks_exact(3) {
            for (a, b) in pixel.iter().zip(colour) {
                prop_assert!(a.abs_diff(b) <= 1, "{:?} {:?}", pixel, colour);
            }
        }
    }

    /// Mirrored in, mirrored out (to a level: ties are not mirrored).
    #[test]
    fn mirrors_are_kept(
        w in 1usize..60,
        to_w in 1usize..60,
        seed in any::<u64>(),
        frame in any::<bool>(),
    ) {
        let way = if frame { Way::Frame } else { Way::Picture };
        let row: Vec<u8> = (0..w * 3)
            .map(|at| (seed.rotate_left((at * 7) as u32 % 64) ^ at as u64) as u8)
            .collect();
        let flip = |row: &[u8]| row.chunks_exact(3).rev().flatten().copied().collect::<Vec<_>>();
        let there = resize(&picture(1, w, row.clone()), 1, to_w, way).unwrap().into_owned();
        let back = resize(&picture(1, w, flip(&row)), 1, to_w, way).unwrap().into_owned();
        for (a, b) in there.iter().zip(flip(&back)) {
            prop_assert!(a.abs_diff(b) <= 1);
        }
    }
}
