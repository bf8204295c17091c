//! The flags that say which records are meant.

use lexopt::Parser;
use parser::{Columns, Expression, Field, Level, Matcher, SyntaxError, Time, When};

use crate::command::{self, Stop};

/// What help says of these flags.
pub(crate) const HELP: &str = "  -l, --level LEVEL[,LEVEL]  trace, debug, info, warn, error or fatal, or another of their names (warning, err,
                             critical, ...)
      --min-level LEVEL      this level or a more serious one
      --since TIME           at this time or later
      --until TIME           before this time
  -f, --field NAME=VALUE     the field is this text (a level, a time: means the same)
  -w, --where EXPRESSION     any condition, see below
  -t, --text TEXT            the record, as it stands in the file, has this text in it
  -e, --regex REGEX          the record, as it stands in the file, matches
  -i, --ignore-case          in --text and --regex, wherever they stand
      --not                  the next condition must not hold
";

/// What help says of how they are written.
pub(crate) const LANGUAGE: &str = "\
A TIME is 2025-01-15T10:00:00Z, '2025-01-15 10:00' (without a zone: UTC), a day as 2025-01-15 or 20250115, a year as
2025 (the first moment of either), seconds since 1970 of nine digits or more, now, today, yesterday, or how long
ago it was: 90s, 15m, 2h, 1h30m, 3d, 1w. A time in a log that has no year is the last such time that is not later than
its file.

A NAME is one of these, each of which is looked for under all of its keys, the first of them that tells it counting:
{fields}
or any other key of the record, as in --where 'lvl = error'. Who names one of these keys means that key first: of a
record that has a correlation_id too, request_id is its request_id. A key within an object is asked for with dots,
user.geo.country; a record that has a key of that very name, dots and all, is asked for that one.

An EXPRESSION is made of tests by and, or, not and parentheses:
  level >= warn and (service = api or path ~ '^/v1/') and not status in (200, 204)
The tests are NAME = VALUE, !=, <, <=, >, >=, NAME in (VALUE, VALUE), NAME contains TEXT, NAME ~ REGEX, NAME !~ REGEX,
and has NAME. Numbers are compared by their value, words and texts in quotes as text; a level that is a number, as pino
and bunyan write it, by a number: level >= 50. What a record lacks satisfies no test: `status != 200` wants a status,
`not status = 200` does not.
";

/// The common fields with their keys, a line each, for help.
pub(crate) fn fields() -> String {
    let line = |field: Field| format!("  {:<12} {}\n", field.name(), field.keys().join(", "));
    Field::ALL.map(line).concat()
}

/// The conditions, as they are gathered.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) columns: Columns,
    given: Vec<Given>,
    /// Whether the next one is negated.
    negates: bool,
    ignores_case: bool,
}

struct Given {
    negated: bool,
    what: What,
}

enum What {
    Is(Expression),
    Text(String),
    Regex(String),
}

impl Conditions {
    /// Takes a flag and its value, if it is one of these; whether it was.
    pub(crate) fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Stop> {
        let what = match flag {
            "--not" => {
                if self.negates {
                    return Err(Stop::Usage("--not --not: one is for the next condition".to_owned()));
                }
                self.negates = true;
                return Ok(true);
            }
            "-i" | "--ignore-case" => {
                self.ignores_case = true;
                return Ok(true);
            }
            "-l" | "--level" => {
                let names = command::text(parser, "--level")?;
                let levels = names.split(',').map(|name| level(name.trim(), "--level"));
                let levels = levels.map(|level| Ok(Expression::level(level?, &mut self.columns)));
                let mut levels = levels.collect::<Result<Vec<_>, Stop>>()?;
                What::Is(match levels.pop() {
                    Some(only) if levels.is_empty() => only,
                    last => Expression::any(levels.into_iter().chain(last).collect()),
                })
            }
            "--min-level" => {
                let level = level(&command::text(parser, "--min-level")?, "--min-level")?;
                What::Is(Expression::level_from(level, &mut self.columns))
            }
            "--since" => What::Is(Expression::since(time(parser, "--since")?, &mut self.columns)),
            "--until" => What::Is(Expression::until(time(parser, "--until")?, &mut self.columns)),
            "-f" | "--field" => {
                let field = command::text(parser, "--field")?;
                let (name, value) = field.split_once('=').ok_or_else(|| {
                    Stop::Usage(format!("--field {field}: it takes NAME=VALUE, as in service=api"))
                })?;
                What::Is(Expression::field(name, value, &mut self.columns).map_err(|e| wrong("--field", &e))?)
            }
            "-w" | "--where" => {
                let text = command::text(parser, "--where")?;
                What::Is(Expression::parse(&text, &mut self.columns).map_err(|e| wrong("--where", &e))?)
            }
            "-t" | "--text" => What::Text(command::text(parser, "--text")?),
            "-e" | "--regex" => What::Regex(command::text(parser, "--regex")?),
            _ => return Ok(false),
        };
        self.given.push(Given { negated: std::mem::take(&mut self.negates), what });
        Ok(true)
    }

    /// Whether none was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.given.is_empty() && !self.negates
    }

    /// All of them as one, and what it asks for.
    pub(crate) fn finish(self) -> Result<(Expression, Columns), Stop> {
        if self.negates {
            return Err(Stop::Usage("--not: which condition? one comes after it".to_owned()));
        }
        let mut all = Vec::new();
        for Given { negated, what } in self.given {
            let is = match what {
                What::Is(expression) => expression,
                What::Text(text) if self.ignores_case => {
                    let matcher = Matcher::text_in_any_case(&text);
                    Expression::record(matcher.map_err(|e| Stop::Usage(format!("--text {text}: {e}")))?)
                }
                What::Text(text) => Expression::record(Matcher::text(&text)),
                What::Regex(regex) => {
                    let matcher = Matcher::regex(&regex, self.ignores_case);
                    Expression::record(matcher.map_err(|e| Stop::Usage(format!("--regex: {e}")))?)
                }
            };
            all.push(if negated { is.not() } else { is });
        }
        Ok((Expression::all(all), self.columns))
    }
}

fn wrong(flag: &str, error: &SyntaxError) -> Stop {
    Stop::Usage(format!("{flag}: {error}"))
}

/// The level of this name.
pub(crate) fn level(name: &str, flag: &str) -> Result<Level, Stop> {
    Level::from_name(name).ok_or_else(|| Stop::Usage(format!("{flag}: {}", Level::unknown(name))))
}

pub(crate) fn time(parser: &mut Parser, flag: &str) -> Result<Time, Stop> {
    let text = command::text(parser, flag)?;
    When::now().parse(&text).ok_or_else(|| no_time(flag, &text).unwrap_or_else(|| {
        Stop::Usage(format!(
            "{flag} {text}: it takes a {} as 2025-01-15T10:00:00Z, today, yesterday, or how long ago: 15m, 2h, 3d",
            Field::Time
        ))
    }))
}

/// What is wrong with what a flag is given, if it is written as a time and gives none.
pub(crate) fn no_time(flag: &str, text: &str) -> Option<Stop> {
    When::now().why_not(text).map(|why| Stop::Usage(format!("{flag} {text}: it {why}")))
}
