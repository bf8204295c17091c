//! A format of the user's own, as a regular expression with named groups.

use std::{error, fmt};

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::Formats;
use super::column::{Columns, is_number};
use crate::json::{Captures, Kind, Span, Wanted};

/// How large a compiled pattern may be, in bytes.
const SIZE: usize = 1 << 20;

/// A regular expression whose named groups are the fields of a record: a group `time`, `level`, `message` and so on is the
/// field of that name, whatever its keys; any other is a field of its own. A line that it does not match continues the
/// record before it. It may match any part of a line, unless it begins with `^` and ends with `$`. A line takes time
/// linear in its length.
///
/// ```
/// use parser::{Formats, Limits, Pattern, Reader};
///
/// let pattern = Pattern::new(r"^(?<time>\S+) (?<level>\w+) (?<message>.*)$")?;
/// let mut reader = Reader::new(&["level", "msg"], Limits::default()).reading(Formats::Pattern(pattern));
/// reader.lines(b"today OOPS it broke", &mut |_| (), |record| {
///     assert_eq!(record.value(0).and_then(|v| v.text()).as_deref(), Some(b"OOPS".as_slice()));
///     assert_eq!(record.value(1).and_then(|v| v.text()).as_deref(), Some(b"it broke".as_slice()));
///     std::ops::ControlFlow::Continue(())
/// });
/// # Ok::<(), parser::PatternError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError(String);

impl Pattern {
    /// Compiles a pattern, in the syntax of the crate `regex`.
    ///
    /// # Errors
    /// It is no regular expression, is too large, or has no named group.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let compiled = RegexBuilder::new(pattern).size_limit(SIZE).build();
        let regex = compiled.map_err(|error| PatternError(error.to_string()))?;
        if regex.capture_names().flatten().next().is_none() {
            let why = "it has no named group, as in (?<level>[A-Z]+), so nothing would be read by it";
            return Err(PatternError(why.to_owned()));
        }
        Ok(Self { regex })
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for PatternError {}

/// The groups of a pattern, and which wanted keys want each.
pub(super) struct Groups {
    wanting: Vec<u64>,
    locations: Option<CaptureLocations>,
}

impl Groups {
    pub(super) fn new(formats: &Formats, columns: &Columns, wanted: &Wanted) -> Self {
        let Formats::Pattern(pattern) = formats else { return Self { wanting: Vec::new(), locations: None } };
        let names = pattern.regex.capture_names();
        Self {
            wanting: names.map(|name| name.map_or(0, |name| columns.wanting_name(name, wanted))).collect(),
            locations: Some(pattern.regex.capture_locations()),
        }
    }

    /// Whether the pattern matches a line; its groups are captured then. An empty group holds nothing.
    pub(super) fn read(&mut self, pattern: &Pattern, line: &[u8], captures: &mut Captures) -> bool {
        let Some(locations) = &mut self.locations else { return false };
        if pattern.regex.captures_read(locations, line).is_none() {
            return false;
        }
        for (group, &keys) in self.wanting.iter().enumerate() {
            if let Some((start, end)) = locations.get(group)
                && start < end
                && keys != 0
                && std::str::from_utf8(&line[start..end]).is_ok()
            {
                let kind = if is_number(&line[start..end]) { Kind::Bare } else { Kind::Plain };
                captures.set_all(keys, Span { start: start as u32, end: end as u32, kind });
            }
        }
        true
    }
}
