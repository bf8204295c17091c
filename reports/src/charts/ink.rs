//! The palette: Okabe and Ito's colours, which the colour-blind tell apart, and a dark partner of each.
//!
//! A chart is drawn in light colours as plain SVG attributes, right in any viewer. For [`Theme::Auto`] a style
//! sheet inside the picture swaps each of them by an attribute selector where the reader prefers dark; so every ink's
//! light colour is its own.

use plotters::style::RGBColor;
use std::fmt::Write as _;

/// Whose light or dark a chart follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The reader's, by `prefers-color-scheme`; light in a viewer that knows no style sheets, and in print.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What a colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Paper,
    Text,
    Muted,
    Grid,
    /// The floor: changes that do not count.
    Floor,
    /// Told to take less.
    Less,
    /// Told to take more.
    More,
    /// Not told apart.
    Untold,
    /// Can't be judged.
    Doubt,
    Reference,
    Control,
    Heap,
    Anon,
    Unexplained,
    Rss,
    /// Told to take less, from a little to much: grounds for dark letters on light paper, light ones on dark.
    Cold1,
    Cold2,
    Cold3,
    Cold4,
    /// The same of more.
    Warm1,
    Warm2,
    Warm3,
    Warm4,
}

type Rgb = (u8, u8, u8);

impl Ink {
    /// Grounds, from a little less to much less.
    pub(crate) const COLD: [Self; 4] = [Self::Cold1, Self::Cold2, Self::Cold3, Self::Cold4];
    /// From a little more to much more.
    pub(crate) const WARM: [Self; 4] = [Self::Warm1, Self::Warm2, Self::Warm3, Self::Warm4];

    const ALL: [Self; 23] = [
        Self::Paper,
        Self::Text,
        Self::Muted,
        Self::Grid,
        Self::Floor,
        Self::Less,
        Self::More,
        Self::Untold,
        Self::Doubt,
        Self::Reference,
        Self::Control,
        Self::Heap,
        Self::Anon,
        Self::Unexplained,
        Self::Rss,
        Self::Cold1,
        Self::Cold2,
        Self::Cold3,
        Self::Cold4,
        Self::Warm1,
        Self::Warm2,
        Self::Warm3,
        Self::Warm4,
    ];

    /// On light paper, on dark paper.
    const fn pair(self) -> (Rgb, Rgb) {
        match self {
            Self::Paper => ((255, 255, 255), (20, 23, 28)),
            Self::Text => ((27, 31, 36), (232, 234, 237)),
            Self::Muted => ((90, 97, 105), (163, 171, 181)),
            Self::Grid => ((221, 225, 230), (51, 58, 67)),
            Self::Floor => ((236, 239, 243), (35, 41, 49)),
            Self::Less => ((0, 114, 178), (86, 180, 233)),
            Self::More => ((213, 94, 0), (242, 142, 75)),
            Self::Untold => ((122, 130, 140), (154, 163, 173)),
            Self::Doubt => ((204, 121, 167), (217, 153, 190)),
            Self::Reference => ((0, 0, 0), (255, 255, 255)),
            Self::Control => ((110, 118, 128), (140, 149, 160)),
            Self::Heap => ((0, 114, 179), (74, 163, 223)),
            Self::Anon => ((0, 158, 115), (45, 190, 147)),
            Self::Unexplained => ((230, 159, 0), (240, 180, 60)),
            Self::Rss => ((150, 157, 166), (125, 133, 142)),
            Self::Cold1 => ((222, 237, 248), (25, 44, 58)),
            Self::Cold2 => ((186, 219, 241), (24, 60, 86)),
            Self::Cold3 => ((143, 197, 231), (21, 77, 114)),
            Self::Cold4 => ((98, 170, 217), (18, 94, 144)),
            Self::Warm1 => ((253, 235, 222), (58, 40, 28)),
            Self::Warm2 => ((250, 210, 182), (86, 52, 30)),
            Self::Warm3 => ((246, 180, 134), (116, 64, 29)),
            Self::Warm4 => ((240, 148, 88), (146, 72, 24)),
        }
    }

    /// What to draw with. [`Theme::Auto`] draws light.
    pub(crate) fn color(self, theme: Theme) -> RGBColor {
        let (light, dark) = self.pair();
        let (r, g, b) = if theme == Theme::Dark { dark } else { light };
        RGBColor(r, g, b)
    }
}

/// The style sheet that turns light charts dark where the reader prefers that. Not in print: paper is light.
pub(crate) fn dark_style() -> String {
    let mut css = String::from("@media screen and (prefers-color-scheme:dark){");
    for ink in Ink::ALL {
        let (light, dark) = ink.pair();
        let (light, dark) = (hex(light), hex(dark));
        let _ = write!(
            css,
            "svg.chart [fill=\"{light}\"]{{fill:{dark}}}svg.chart [stroke=\"{light}\"]{{stroke:{dark}}}"
        );
    }
    css.push('}');
    css
}

/// As plotters writes it.
fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_inks_share_a_light_colour() {
        for (i, a) in Ink::ALL.iter().enumerate() {
            for b in Ink::ALL.iter().skip(i + 1) {
                assert_ne!(a.pair().0, b.pair().0, "{a:?} and {b:?}");
            }
        }
    }

    /// WCAG's contrast ratio against the paper: 4.5 for text, 3 for marks, of which the grid and the floor are not.
    #[test]
    fn what_must_be_seen_stands_out_from_the_paper() {
        for ink in Ink::ALL {
            let least = match ink {
                Ink::Paper | Ink::Grid | Ink::Floor => continue,
                ink if Ink::COLD.contains(&ink) || Ink::WARM.contains(&ink) => continue,
                Ink::Text | Ink::Muted | Ink::Reference => 4.5,
                Ink::Unexplained => 2.0,
                _ => 2.6,
            };
            for (color, paper) in [(ink.pair().0, Ink::Paper.pair().0), (ink.pair().1, Ink::Paper.pair().1)] {
                let (a, b) = (luminance(color), luminance(paper));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= least, "{ink:?} {color:?} on {paper:?}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn letters_can_be_read_on_every_ground() {
        for ground in Ink::COLD.into_iter().chain(Ink::WARM).chain([Ink::Floor]) {
            let (light, dark) = (ground.pair(), Ink::Text.pair());
            for (ground, text) in [(light.0, dark.0), (light.1, dark.1)] {
                let (a, b) = (luminance(ground), luminance(text));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{text:?} on {ground:?}: {contrast:.2}");
            }
        }
    }

    fn luminance((r, g, b): Rgb) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }
}
