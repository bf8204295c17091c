//! What goes wrong, and which exit code it ends with.

use std::fmt;
use std::process::ExitCode;

/// An error that ends a command.
#[derive(Debug)]
pub enum Error {
    /// The command can't be understood or can't be done as it was asked: exit code 2.
    Usage(String),
    /// It was understood, and failed: exit code 1.
    Failed(String),
}

/// Result of anything that can end a command.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The exit code that DESIGN gives it.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
        }
    }

    /// Says that something named `given` is not among those there are.
    pub fn unknown(kind: &str, given: &str, known: &[&str]) -> Self {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        Self::Usage(format!("there is no {kind} {given:?}; there are: {known}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

/// A failure in these words.
pub fn failed<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::Failed(text.into()))
}

/// Says what was being done when a lower error came.
pub trait Doing<T> {
    /// `doing` is a phrase such as `writing /x/y`; it stands before the error.
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::Failed(format!("{}: {error}", doing())))
    }
}
