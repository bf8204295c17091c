//! Severity levels.

use std::fmt;

/// How serious a record is, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `trace`
    Trace,
    /// `debug`
    Debug,
    /// `info`, `information`, `notice`
    Info,
    /// `warn`, `warning`
    Warn,
    /// `error`, `err`
    Error,
    /// `fatal`, `critical`, `crit`, `alert`, `emergency`, `emerg`, `panic`
    Fatal,
}

/// The keys that may hold a level. The first of them that holds a string that is not empty tells the level, even
/// if it is a name that is not known.
pub(crate) const KEYS: [&str; 3] = ["level", "severity", "log_level"];

impl Level {
    /// All levels.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The level of this name, in capital or small letters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    pub(crate) fn from_bytes(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.names().iter().any(|n| n.as_bytes().eq_ignore_ascii_case(name)))
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Its names, the usual one first.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Trace => &["trace"],
            Self::Debug => &["debug"],
            Self::Info => &["info", "information", "notice"],
            Self::Warn => &["warn", "warning"],
            Self::Error => &["error", "err"],
            Self::Fatal => &["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic"],
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names()[0])
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(Level::from_name("ErRoR"), Some(Level::Error));
        assert_eq!(Level::from_name("WARNING"), Some(Level::Warn));
        assert_eq!(Level::from_name("CRITICAL"), Some(Level::Fatal));
        assert_eq!(Level::from_name("errors"), None);
        assert_eq!(Level::from_name(""), None);
    }
}
