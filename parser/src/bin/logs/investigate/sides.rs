//! The two sides of a comparison, as the command line names them.

use lexopt::Parser;
use parser::investigate::Query;
use parser::{Time, When};

use crate::command::{self, Stop};
use crate::conditions;

/// What helps say of the sides.
macro_rules! sides_help {
    () => {
        "
The two sides:
  --thread A --thread B       (or --correlation, --trace, --service, --span) two names of one column; or
  --split TIME                before it, and from it on; or
  --first FROM..TO --second FROM..TO
                              two periods, each from a TIME to before another; FROM or TO may be left out
"
    };
}
pub(crate) use sides_help;

/// What was said of the sides.
#[derive(Default)]
pub(crate) struct Sides {
    split: Option<Time>,
    periods: [Option<Period>; 2],
}

type Period = (Option<Time>, Option<Time>);

impl Sides {
    /// Takes a flag that names a side; whether it is one.
    pub(crate) fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Stop> {
        match flag {
            "split" => self.split = Some(super::time(parser, flag)?),
            "first" => self.periods[0] = Some(period(parser, flag)?),
            "second" => self.periods[1] = Some(period(parser, flag)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The queries of both sides, and what they are called. All other conditions of `query` hold for both.
    pub(crate) fn queries(&self, query: &Query) -> Result<([Query; 2], [String; 2]), Stop> {
        let two_names = query.names.iter().position(|(_, names)| names.len() == 2);
        let of = |since: Option<Time>, until: Option<Time>| Query {
            since: since.or(query.since),
            until: until.or(query.until),
            ..query.clone()
        };
        match (two_names, self.split, self.periods) {
            (Some(at), None, [None, None]) => {
                let names = query.names[at].1.clone();
                let queries = [0, 1].map(|side| {
                    let mut query = query.clone();
                    query.names[at].1 = vec![names[side].clone()];
                    query
                });
                Ok((queries, [0, 1].map(|side| names[side].clone())))
            }
            (None, Some(split), [None, None]) => Ok((
                [of(None, Some(split)), of(Some(split), None)],
                ["before".to_owned(), "after".to_owned()],
            )),
            (None, None, [Some(first), Some(second)]) => Ok((
                [of(first.0, first.1), of(second.0, second.1)],
                ["first".to_owned(), "second".to_owned()],
            )),
            _ => Err(Stop::Usage(
                "which two sides? --thread A --thread B (or another column's names), --split TIME, or \
                 --first FROM..TO --second FROM..TO"
                    .to_owned(),
            )),
        }
    }
}

fn period(parser: &mut Parser, flag: &str) -> Result<Period, Stop> {
    let text = command::text(parser, &format!("--{flag}"))?;
    let wrong = || {
        Stop::Usage(format!(
            "--{flag} {text}: it takes FROM..TO, as 2025-01-15T10:00:00Z..2025-01-15T11:00:00Z"
        ))
    };
    let (from, to) = text.split_once("..").ok_or_else(wrong)?;
    let time = |text: &str| match text {
        "" => Ok(None),
        time => When::now()
            .parse(time)
            .map(Some)
            .ok_or_else(|| conditions::no_time(&format!("--{flag}"), time).unwrap_or_else(wrong)),
    };
    Ok((time(from)?, time(to)?))
}
