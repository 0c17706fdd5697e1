//! Names people use for colours.

use std::sync::OnceLock;

use palette::color_difference::Ciede2000;

use super::{Lab, lab};

/// Names and the sRGB colour at the centre of each. A colour is called by the centre nearest
/// to it in CIEDE2000, so centres stand closer together where people tell more apart: around
/// skin, hair, wood and cloth.
#[rustfmt::skip]
const NAMES: &[(&str, u32)] = &[
    // Greys.
    ("black", 0x0a0a0a), ("black", 0x151515), ("near-black", 0x242424), ("near-black", 0x2a2226), ("charcoal", 0x383a3c),
    ("dark grey", 0x505050), ("dark grey", 0x646464),
    ("mid-grey", 0x747474), ("mid-grey", 0x868686), ("grey", 0x9a9a9a), ("light grey", 0xbababa),
    ("pale grey", 0xd9d9d9), ("off-white", 0xf0efea), ("off-white", 0xe9e6df), ("off-white", 0xeaf1e4), ("white", 0xfbfbfb),
    ("warm grey", 0x948b80), ("dark warm grey", 0x5b534c), ("pale warm grey", 0xc8c1b7),
    ("cool grey", 0x818990), ("pale cool grey", 0xc6ccd2), ("slate grey", 0x5f6a74),
    ("dark slate", 0x36414a), ("ivory", 0xf6f0dc), ("cream", 0xf6e9c6),
    // Reds.
    ("maroon", 0x541418), ("deep red", 0x8f1220), ("red", 0xc4202a), ("bright red", 0xea2529),
    ("scarlet", 0xf03c20), ("crimson", 0xb0173a), ("burgundy", 0x641a2e), ("brick red", 0xa0402f),
    ("rust", 0xa8522a), ("coral red", 0xd8494b), ("coral", 0xf47e66), ("salmon", 0xf2a18c),
    ("dusty red", 0xa65a58), ("muted plum", 0x7d4a5c),
    // Pinks.
    ("pale pink", 0xf6dadd), ("pink", 0xf2a1b5), ("dusty pink", 0xcf9b9d), ("rose", 0xd8637f),
    ("hot pink", 0xee3d8f), ("magenta", 0xcf219b), ("blush", 0xecc6bd), ("rosy brown", 0xa87a76),
    // Skin, hair, wood, leather, sand.
    ("pale peach", 0xf6dfcd), ("peach", 0xf2c6a6), ("apricot", 0xf5b880), ("beige", 0xe0d2b9),
    ("warm beige", 0xdabfa3), ("sand", 0xd3bd96), ("tan", 0xc79a70), ("light brown", 0xa67f60),
    ("caramel", 0xb6773f), ("brown", 0x7a5034), ("reddish brown", 0x84483a),
    ("chestnut brown", 0x683826), ("dark brown", 0x463123), ("chocolate brown", 0x38241b),
    ("taupe", 0x87786a), ("dark taupe", 0x54483f), ("khaki", 0xa79a6c), ("terracotta", 0xc2683f),
    ("beige-grey", 0xb3a496),
    // Oranges and yellows.
    ("orange", 0xf08a1e), ("deep orange", 0xdb641a), ("burnt orange", 0xb9571e),
    ("amber", 0xe6a01e), ("yellow", 0xf5de2a), ("golden yellow", 0xf3c21c),
    ("pale yellow", 0xf6eeaa), ("lemon yellow", 0xf5f05c), ("straw", 0xe2cf86),
    ("gold", 0xc8a13c), ("dark gold", 0x977a2c), ("mustard", 0xc79a18),
    // Greens.
    ("olive", 0x757036), ("dark olive", 0x43431f), ("olive green", 0x718038),
    ("moss green", 0x58683a), ("lime green", 0x9ed62e), ("yellow-green", 0xb9cf55),
    ("pale green", 0xcbe4bb), ("light green", 0x9cd08c), ("soft green", 0x86b076),
    ("sage green", 0xa5b192), ("grey-green", 0x7b8a76), ("green", 0x3c9a46),
    ("bright green", 0x2fc144), ("leaf green", 0x5c9a3c), ("deep green", 0x1b6b39),
    ("forest green", 0x2a5432), ("dark green", 0x173a24), ("emerald green", 0x109f70),
    ("mint green", 0xb4e8cf), ("sea green", 0x409a80), ("muted green", 0x4a7850), ("dusty green", 0x5f8068),
    // Teals.
    ("teal", 0x1b7f80), ("dark teal", 0x124a4e), ("turquoise", 0x3cc6bc),
    ("soft turquoise", 0x7cc8bc), ("pale turquoise", 0xb4e4e0), ("cyan", 0x22c8e2),
    ("muted teal", 0x5f9096),
    // Blues.
    ("ice blue", 0xdceaf2), ("pale blue", 0xbdd7ea), ("light blue", 0x90bfe6),
    ("sky blue", 0x69aee0), ("bright blue", 0x1f7be8), ("blue", 0x2b5dbe),
    ("royal blue", 0x2945c8), ("deep blue", 0x17388a), ("midnight blue", 0x151b48),
    ("navy", 0x16213f), ("dark navy", 0x101727), ("denim blue", 0x49668e),
    ("slate blue", 0x627692), ("steel blue", 0x4f82b0), ("dusty blue", 0x8ba3ba),
    ("powder blue", 0xb2c8d8), ("grey-blue", 0x8995a5), ("dark denim", 0x2e3f5a),
    // Purples.
    ("indigo", 0x392a88), ("violet", 0x7a3dc8), ("purple", 0x6f2a90), ("deep purple", 0x421b5c),
    ("lavender", 0xc5b6e4), ("lilac", 0xc8a2d2), ("mauve", 0x9a7890), ("plum", 0x672a52),
    ("dusty purple", 0x786a8c), ("aubergine", 0x33192f),
];

/// What people would call a colour ("deep red", "off-white", "slate blue").
pub fn name(colour: Lab) -> &'static str {
    static CENTRES: OnceLock<Vec<(&'static str, Lab)>> = OnceLock::new();
    let centres = CENTRES.get_or_init(|| {
        NAMES
            .iter()
            .map(|&(name, hex)| (name, lab([(hex >> 16) as u8, (hex >> 8) as u8, hex as u8])))
            .collect()
    });
    centres
        .iter()
        .map(|&(name, centre)| (name, colour.difference(centre)))
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .map_or("grey", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn familiar_things_get_familiar_names() {
        for (hex, expected) in [
            ([0x8b, 0x00, 0x1a], "deep red"),
            ([0xf5, 0xf3, 0xee], "off-white"),
            ([0xe8, 0xb8, 0x9a], "peach"),
            ([0x8d, 0x5a, 0x3b], "brown"),
            ([0x4b, 0x6a, 0x94], "denim blue"),
            ([0xd0, 0xa8, 0x40], "gold"),
            ([0x6b, 0x6b, 0x2f], "olive"),
            ([0x7f, 0x7f, 0x80], "mid-grey"),
            ([0x00, 0x00, 0x00], "black"),
            ([0xff, 0xff, 0xff], "white"),
            ([0xf6, 0xc4, 0x1a], "golden yellow"),
        ] {
            assert_eq!(name(lab(hex)), expected, "{hex:02x?}");
        }
    }
}
