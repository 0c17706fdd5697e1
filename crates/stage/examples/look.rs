//! Writes the pictures one looks at while working on the stage: `cargo run -p decoupage-stage
//! --example look -- FOLDER`.

use std::path::PathBuf;

use decoupage_shot::Outcome;
use decoupage_stage::depth_files::{DepthLook, pictures};
use decoupage_stage::encode::write_png;
use decoupage_stage::skeleton::{SkeletonStyle, draw};
use decoupage_stage::{pose_sheet, sample};
use image::DynamicImage;

fn main() -> Outcome<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "look".to_owned()));
    sample::sample_shot(&folder)?;
    for (name, time) in [("still_a", 0.0), ("still_b", 2.0), ("still_c", 4.1)] {
        let picture = sample::still(time, 960, 540, 1);
        write_png(
            &folder.join(format!("{name}.png")),
            &DynamicImage::ImageRgb8(picture),
        )?;
    }
    let maps = sample::depths();
    for look in DepthLook::ALL {
        let picture = pictures(&maps, look).swap_remove(50);
        let path = folder.join(format!("depth_{}.png", look.key()));
        write_png(&path, &DynamicImage::ImageRgb8(picture))?;
    }
    let clip = sample::pose();
    let frame = draw(
        &clip.frames[50],
        clip.width,
        clip.height,
        SkeletonStyle::default(),
    );
    write_png(&folder.join("walk_50.png"), &DynamicImage::ImageRgb8(frame))?;
    let sheet = pose_sheet(256);
    write_png(&folder.join("actions.png"), &DynamicImage::ImageRgb8(sheet))
}
