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
        let mut levels = BY_LETTER[usize::from(name.first()?.to_ascii_lowercase())];
        while levels != 0 {
            let level = Self::ALL[levels.trailing_zeros() as usize];
            if level.names().iter().any(|n| n.as_bytes().eq_ignore_ascii_case(name)) {
                return Some(level);
            }
            levels &= levels - 1;
        }
        None
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// Its names, the usual one first.
    pub const fn names(self) -> &'static [&'static str] {
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

/// The levels of which a name begins with a letter, a bit for each: few do, and most words are no level.
const BY_LETTER: [u8; 256] = {
    let mut by_letter = [0; 256];
    let mut level = 0;
    while level < Level::ALL.len() {
        let names = Level::ALL[level].names();
        let mut name = 0;
        while name < names.len() {
            by_letter[names[name].as_bytes()[0] as usize] |= 1 << level;
            name += 1;
        }
        level += 1;
    }
    by_letter
};

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
        for level in Level::ALL {
            for name in level.names() {
                assert_eq!(Level::from_name(name), Some(level));
                assert_eq!(Level::from_name(&name.to_uppercase()), Some(level));
            }
        }
        assert_eq!(Level::from_name(""), None);
    }
}
