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
/// if it is a name that is not known. Blanks or a distance may follow the name, and nothing come before it: a search passes
/// over lines in which no name begins right after a quote.
pub(crate) const KEYS: [&str; 3] = ["level", "severity", "log_level"];

impl Level {
    /// All levels.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// The level of this name, in capital or small letters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    #[inline]
    pub(crate) fn from_bytes(name: &[u8]) -> Option<Self> {
        let word = Word::of(name)?;
        NAMED[word.place()].filter(|(named, _)| *named == word).map(|(_, level)| level)
    }

    /// The level that a record names: blanks may follow the name, since programs pad names to one width, or a distance from it,
    /// as Go's slog writes levels between and beyond its own (`ERROR+4`).
    #[inline]
    pub(crate) fn of_record(name: &[u8]) -> Option<Self> {
        Self::from_bytes(name).or_else(|| Self::from_bytes(Self::bare(name)?))
    }

    /// A name without what may follow it, if anything does.
    #[cold]
    fn bare(name: &[u8]) -> Option<&[u8]> {
        let trimmed = name.trim_ascii_end();
        let digits = trimmed.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let bare = match trimmed[..trimmed.len() - digits].split_last() {
            Some((b'+' | b'-', bare)) if digits > 0 => bare,
            _ => trimmed,
        };
        (bare.len() < name.len()).then_some(bare)
    }

    /// What to say of a name that is not one.
    pub fn unknown(name: &str) -> String {
        let known = Self::ALL.map(Self::name).join(", ");
        let hint = if name.parse().is_ok_and(f64::is_finite) {
            format!("; where a log's levels are numbers, an expression compares them: level = {name}")
        } else {
            let literal = |c: char| if c.is_alphanumeric() { c.to_string() } else { format!("\\{c}") };
            let pattern: String = name.chars().map(literal).collect();
            format!("; a level of a log's own is found by its text, in an expression: level ~ '^{pattern}$'")
        };
        format!("there is no level `{name}`; there are {known}{hint}")
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

/// A name in small letters, as numbers: most words that are asked for are names, and of many levels in turn, so each
/// is told by few steps without a branch on what it is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word {
    /// How it begins and how it ends, which overlaps.
    ends: [u64; 2],
    length: usize,
}

impl Word {
    /// Makes a capital letter a small one, and nothing else a small letter.
    const SMALL: u64 = u64::from_le_bytes([0x20; 8]);

    /// That of what is as long as a name may be. What is no letter may become one of another word that is no name.
    #[inline]
    const fn of(name: &[u8]) -> Option<Self> {
        let length = name.len();
        let [first, last] = if length > 16 {
            return None;
        } else if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            [u64::from_le_bytes(*first), u64::from_le_bytes(*last)]
        } else if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            [u32::from_le_bytes(*first) as u64, u32::from_le_bytes(*last) as u64]
        } else if let [first, second, third] = *name {
            [u32::from_le_bytes([first, second, third, 0]) as u64, 0]
        } else {
            return None;
        };
        Some(Self { ends: [first | Self::SMALL, last | Self::SMALL], length })
    }

    /// Where it is in a table of names. Fibonacci hashing (Knuth, vol. 3, 6.4).
    #[inline]
    const fn place(self) -> usize {
        let folded = self.ends[0] ^ self.ends[1].rotate_left(19) ^ self.length as u64;
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59) as usize
    }
}

/// The levels by their names, each in the place of its own.
const NAMED: [Option<(Word, Level)>; 32] = {
    let mut named = [None; 32];
    let mut level = 0;
    while level < Level::ALL.len() {
        let names = Level::ALL[level].names();
        let mut name = 0;
        while name < names.len() {
            let Some(word) = Word::of(names[name].as_bytes()) else {
                panic!("a name is too short or too long")
            };
            assert!(
                named[word.place()].is_none(),
                "two names share a place: another rotation would part them"
            );
            named[word.place()] = Some((word, Level::ALL[level]));
            name += 1;
        }
        level += 1;
    }
    named
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
        // In the middle, and what only looks like a letter once its bit of small letters is set.
        assert_eq!(Level::from_name("inform_tion"), None);
        assert_eq!(Level::from_name("\u{49}\u{4e}\u{46}\u{0f}"), None);
        for level in Level::ALL {
            for name in level.names() {
                assert_eq!(Level::from_name(name), Some(level));
                assert_eq!(Level::from_name(&name.to_uppercase()), Some(level));
            }
        }
        assert_eq!(Level::from_name(""), None);
        for (name, level) in [
            (&b"ERROR "[..], Some(Level::Error)),
            (b"Warn\t  ", Some(Level::Warn)),
            (b"information           ", Some(Level::Info)),
            (b"ERROR+4", Some(Level::Error)),
            (b"DEBUG-4 ", Some(Level::Debug)),
            (b"ERROR+", None),
            (b"ERROR4", None),
            (b"+4", None),
            (b" ERROR", None),
            (b"ERROR x", None),
            (b"   ", None),
            (b"", None),
        ] {
            assert_eq!(Level::of_record(name), level, "{}", name.escape_ascii());
        }
        let loud = Level::unknown("loud");
        assert!(loud.contains("`loud`; there are trace, debug, info, warn, error, fatal;"), "{loud}");
        assert!(Level::unknown("INFO+2").ends_with(r"level ~ '^INFO\+2$'"));
        assert!(!Level::unknown("inf").contains("numbers"), "nobody means a number by that");
        assert!(Level::unknown("30").ends_with("compares them: level = 30"));
    }
}
