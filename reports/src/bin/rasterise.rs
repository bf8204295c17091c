//! Turns a chart into a PNG: SVG on standard input, PNG on standard output.
//!
//! A program of its own, since what it takes to set text takes a minute to compile: `cargo xtask chart` builds it when
//! somebody asks for a PNG, and not before. Letters are drawn with the fonts of the machine, so only here the same
//! chart may look a little different elsewhere.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::io::{Read, Write};
use std::process::ExitCode;

/// No picture is wider or higher than this many pixels, whatever is asked for.
const MOST: f32 = 16_384.0;

fn main() -> ExitCode {
    let scale = std::env::args().nth(1).map_or(Ok(1.0), |word| word.parse::<f32>());
    let done = match scale {
        Ok(scale) if scale > 0.0 => run(scale),
        _ => Err("usage: rasterise [SCALE] < chart.svg > chart.png; SCALE is a number above 0".to_owned()),
    };
    done.map_or_else(
        |why| {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(scale: f32) -> Result<(), String> {
    let mut svg = String::new();
    let read = std::io::stdin().read_to_string(&mut svg);
    read.map_err(|error| format!("reading the chart from standard input: {error}"))?;
    let png = png(&svg, scale)?;
    std::io::stdout().write_all(&png).map_err(|error| format!("writing the PNG to standard output: {error}"))
}

/// The picture, `scale` pixels of PNG for one of SVG.
fn png(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    let mut options = Options { font_family: "sans-serif".to_owned(), ..Options::default() };
    options.fontdb_mut().load_system_fonts();
    let first = options.fontdb.faces().next().and_then(|face| Some(face.families.first()?.0.clone()));
    let Some(first) = first else {
        return Err(
            "there is no font on this machine to draw letters with: install one, such as Debian's fonts-dejavu-core, \
             or take the chart as SVG"
                .to_owned(),
        );
    };
    let is_there =
        |name: &str| options.fontdb.faces().any(|face| face.families.iter().any(|(f, _)| f == name));
    let known = ["Helvetica", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans"];
    let family = known.into_iter().find(|name| is_there(name)).map_or(first, str::to_owned);
    options.fontdb_mut().set_sans_serif_family(family);
    let tree = Tree::from_str(svg, &options).map_err(|error| format!("reading the chart: {error}"))?;
    let (width, height) = (tree.size().width() * scale, tree.size().height() * scale);
    if !(width <= MOST && height <= MOST) {
        return Err(format!(
            "the picture would be {width:.0} by {height:.0} pixels, and {MOST:.0} is the most: ask for a smaller --size"
        ));
    }
    let mut pixels = Pixmap::new(width.ceil() as u32, height.ceil() as u32)
        .ok_or_else(|| format!("no picture of {width:.0} by {height:.0} pixels can be made"))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| format!("writing the PNG: {error}"))
}

#[cfg(test)]
mod tests {
    use super::png;

    const SQUARE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="10" height="6"><rect width="10" height="6" fill="#0072B2"/></svg>"##;

    #[test]
    fn a_picture_has_the_size_asked_for_and_its_colour() {
        let file = match png(SQUARE, 2.0) {
            Ok(file) => file,
            Err(why) => {
                assert!(why.contains("no font"), "{why}");
                eprintln!("not tested: {why}");
                return;
            }
        };
        let picture = resvg::tiny_skia::Pixmap::decode_png(&file).expect("a PNG");
        assert_eq!((picture.width(), picture.height()), (20, 12));
        let pixel = picture.pixel(10, 6).expect("a pixel");
        assert_eq!((pixel.red(), pixel.green(), pixel.blue()), (0, 0x72, 0xb2));
    }

    #[test]
    fn what_is_no_chart_or_too_large_is_refused() {
        for (svg, scale, words) in [("<svg", 1.0, "reading the chart"), (SQUARE, 1e6, "the most")] {
            let why = png(svg, scale).expect_err("refused");
            assert!(why.contains(words) || why.contains("no font"), "{why}");
        }
    }
}
