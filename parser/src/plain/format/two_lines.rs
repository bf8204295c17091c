//! Records on two lines, plainly.

use super::text::stamp;

/// The class in a line that is the first of two.
pub(in crate::plain) fn class(line: &str) -> Option<&str> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let mut words = rest.strip_prefix(' ').filter(|_| time.get(6..7) == Some(","))?.split(' ');
    let class = words.next()?;
    let is_class =
        class.contains('.') && class.chars().all(|c| c.is_ascii_alphanumeric() || "_-.$".contains(c));
    let is_all = match words.next() {
        Some(method) => !method.is_empty() && words.next().is_none(),
        None => true,
    };
    (is_class && is_all).then_some(class)
}

/// The level that a line begins with if it is the second of two, and where the message begins.
pub(in crate::plain) fn level(line: &str) -> Option<(&'static str, usize)> {
    let (name, message) = line.split_once(':')?;
    let level = match name {
        "SEVERE" => "error",
        "WARNING" => "warn",
        "INFO" => "info",
        "CONFIG" | "FINE" => "debug",
        "FINER" | "FINEST" => "trace",
        _ => return None,
    };
    match message {
        "" => Some((level, line.len())),
        message => message.strip_prefix(' ').map(|message| (level, line.len() - message.len())),
    }
}
