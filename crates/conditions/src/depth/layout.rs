//! Layout of depth pictures: alone, or beside the colour picture behind a white gap.

use image::RgbaImage;

use super::colormap;

/// Where the depth lies: first column and one past the last, in pixels of the picture.
pub type Columns = (u32, u32);

/// Finds the white gap between a colour picture and its depth, as Depth Anything's scripts
/// write them (colour, 50 white pixels, depth), and returns the columns of the depth. `None`
/// where the picture is depth alone.
pub fn side_by_side(picture: &RgbaImage) -> Option<Columns> {
    let (width, height) = picture.dimensions();
    if width < 24 || height < 8 || width < height {
        return None;
    }
    let white = |x: u32| {
        let count = (0..height)
            .filter(|y| picture.get_pixel(x, *y).0.iter().take(3).all(|c| *c >= 244))
            .count();
        count as f64 >= f64::from(height) * 0.985
    };
    // The gap is in the middle of the picture, give or take rounding.
    let from = width * 40 / 100;
    let to = width * 60 / 100;
    let columns: Vec<u32> = (from..to).filter(|x| white(*x)).collect();
    let (first, last) = (*columns.first()?, *columns.last()?);
    let gap = last + 1 - first;
    let centre = f64::from(first + last + 1) / 2.0;
    if columns.len() as u32 != gap
        || gap > width / 4
        || (centre - f64::from(width) / 2.0).abs() > f64::from(width) * 0.02
    {
        return None;
    }
    // Both halves must be pictures, and the right one must be depth-coloured. Scaling leaves a
    // pale column on either side of the gap.
    let depth = (last + 2, width);
    let sample = |from: u32, to: u32| {
        let mut colours = Vec::new();
        for y in (0..height).step_by(3) {
            for x in (from..to).step_by(3) {
                let [r, g, b, _] = picture.get_pixel(x, y).0;
                colours.push([r, g, b]);
            }
        }
        colours
    };
    let left = sample(0, first.saturating_sub(1));
    let right = sample(depth.0.min(width - 1), depth.1);
    let pale = |colours: &[[u8; 3]]| colours.iter().all(|c| c.iter().all(|c| *c >= 240));
    (!pale(&left) && !pale(&right) && colormap::detect(&right).good()).then_some(depth)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::super::Colormap;
    use super::*;

    #[test]
    fn the_gap_is_found_and_the_depth_cropped() {
        let picture = RgbaImage::from_fn(250, 80, |x, y| {
            if x < 100 {
                Rgba([
                    (x * 2) as u8,
                    (y * 3) as u8,
                    ((x * 7 + y * 13) % 200) as u8,
                    255,
                ])
            } else if x < 150 {
                Rgba([255, 255, 255, 255])
            } else {
                let [r, g, b] = Colormap::SpectralReversed.colour(y as f32 / 80.0);
                Rgba([r, g, b, 255])
            }
        });
        assert_eq!(side_by_side(&picture), Some((151, 250)));
        let alone = image::imageops::crop_imm(&picture, 150, 0, 100, 80).to_image();
        assert_eq!(side_by_side(&alone), None);
    }
}
