//! How a chart is drawn: for light or dark, how wide, under which title.

use super::ink::Theme;

/// Width of a chart in pixels where nothing else is asked for.
pub(crate) const USUAL_WIDTH: f64 = 960.0;
/// Narrower than this, names and figures leave no room for what they stand beside.
const LEAST_WIDTH: f64 = 720.0;
/// Wider than this, the eye loses the line.
const MOST_WIDTH: f64 = 2400.0;

/// How a chart is drawn. What it shows does not depend on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    theme: Theme,
    width: f64,
    title: Option<String>,
    size: Option<(f64, f64)>,
    aside: Option<String>,
}

impl Default for Style {
    fn default() -> Self {
        Self::from(Theme::Auto)
    }
}

impl From<Theme> for Style {
    fn from(theme: Theme) -> Self {
        Self { theme, width: USUAL_WIDTH, title: None, size: None, aside: None }
    }
}

impl Style {
    /// The same with a title instead of the chart's own.
    #[must_use]
    pub fn titled(self, title: Option<String>) -> Self {
        Self { title, ..self }
    }

    /// The same with a line more among those that say where the figures come from.
    #[must_use]
    pub fn with_aside(self, aside: Option<String>) -> Self {
        Self { aside, ..self }
    }

    /// The same for a picture of this size in pixels: the layout is made as wide as the proportions ask for (within
    /// what can be read), and then scaled. What is then too low gets paper below, what is too
    /// narrow at its sides.
    #[must_use]
    pub fn sized(self, size: Option<(u32, u32)>) -> Self {
        Self { size: size.map(|(width, height)| (f64::from(width.max(1)), f64::from(height.max(1)))), ..self }
    }

    /// The same as wide as the asked size wants it for a picture that is `height` pixels high at the present width;
    /// `None` where the present width does.
    pub(crate) fn refitted(&self, height: f64) -> Option<Self> {
        let (wide, high) = self.size?;
        let width = (height * wide / high).clamp(LEAST_WIDTH, MOST_WIDTH);
        ((width - self.width).abs() > 1.0).then(|| Self { width, ..self.clone() })
    }

    pub(crate) fn aside(&self) -> Option<&str> {
        self.aside.as_deref()
    }

    pub(crate) fn theme(&self) -> Theme {
        self.theme
    }

    /// The width that the chart is laid out for, in pixels.
    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    /// The title asked for, or the chart's own.
    pub(crate) fn title_or(&self, own: &str) -> String {
        self.title.clone().unwrap_or_else(|| own.to_owned())
    }

    /// The paper for a picture of `width` by `height`, and the size at which it is shown: the proportions asked for.
    pub(crate) fn paper(&self, width: f64, height: f64) -> ((f64, f64), (f64, f64)) {
        match self.size {
            None => ((width, height), (width, height)),
            Some((wide, high)) => {
                ((width.max(height * wide / high), height.max(width * high / wide)), (wide, high))
            }
        }
    }
}
