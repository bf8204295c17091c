//! The fields that records are counted by.

use std::borrow::Cow;
use std::{error, fmt};

use crate::expression::{Column, Columns, TooManyColumns};
use crate::field::Field;
use crate::read::Record;
use crate::time::{Time, Times};

/// A field that records are counted by, as text. A level counts under its usual name, a time may be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    column: Column,
    cut: Option<Cut>,
}

/// What times are cut to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Minute,
    Hour,
    Day,
}

/// Why records cannot be counted by a field of some name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// The time is to be cut to what it is not cut to.
    Cut(String),
    /// There would be too many columns.
    TooMany(TooManyColumns),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(cut) => {
                write!(f, "the time is not cut to `{cut}`; there are time:minute, time:hour and time:day")
            }
            Self::TooMany(error) => error.fmt(f),
        }
    }
}

impl error::Error for KeyError {}

impl From<TooManyColumns> for KeyError {
    fn from(error: TooManyColumns) -> Self {
        Self::TooMany(error)
    }
}

impl Key {
    /// A field by its name, or `time:minute`, `time:hour`, `time:day`: the time cut to these, in UTC.
    ///
    /// # Errors
    /// If the time is to be cut to anything else, or there would be too many columns.
    pub fn parse(name: &str, columns: &mut Columns) -> Result<Self, KeyError> {
        if let Some((field, cut)) = name.rsplit_once(':')
            && Field::from_name(field) == Some(Field::Time)
        {
            let cut = match cut {
                "minute" => Cut::Minute,
                "hour" => Cut::Hour,
                "day" => Cut::Day,
                other => return Err(KeyError::Cut(other.to_owned())),
            };
            return Ok(Self { column: columns.column(field)?, cut: Some(cut) });
        }
        Ok(Self { column: columns.column(name)?, cut: None })
    }

    /// What it is called.
    pub fn name(&self) -> String {
        let cut = match self.cut {
            None => "",
            Some(Cut::Minute) => ":minute",
            Some(Cut::Hour) => ":hour",
            Some(Cut::Day) => ":day",
        };
        format!("{}{cut}", self.column.name())
    }

    #[inline]
    pub(super) fn text<'a>(&self, record: &Record<'a>, times: &mut Times) -> Option<Cow<'a, [u8]>> {
        match (self.column.field(), self.cut) {
            (Some(Field::Level), _) => match self.column.level(record) {
                Some(level) => Some(Cow::Borrowed(level.name().as_bytes())),
                None => self.column.text(record),
            },
            (_, Some(cut)) => Some(Cow::Owned(cut.of(self.column.time(record, times)?))),
            _ => self.column.text(record),
        }
    }
}

impl Cut {
    /// `2025-01-15T10:30Z`, `2025-01-15T10Z`, `2025-01-15`.
    fn of(self, time: Time) -> Vec<u8> {
        let whole = time.to_string();
        let (length, zone) = match self {
            Self::Minute => (16, "Z"),
            Self::Hour => (13, "Z"),
            Self::Day => (10, ""),
        };
        format!("{}{zone}", whole.get(..length).unwrap_or(&whole)).into_bytes()
    }
}
