//! The counter's answer.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::sketch::STANDARD_ERROR;

/// What counting gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Lines of any kind, blank ones included.
    pub lines: u64,
    /// Lines that are records.
    pub records: u64,
    /// Lines that are bad.
    pub bad: u64,
    /// Records that ask for something that is counted and have a date: those that `stats` is made of.
    pub counted: u64,
    /// Records that ask for something that is counted, but have no date to count them under.
    pub undated: u64,
    /// Of those counted, how many have no address or none that can be read. They are one client, `0.0.0.0`.
    pub unaddressed: u64,
    /// The counts of each date, by the date as it is written: `2018-04-16`, or `2018-04-16T04` where they are by hour.
    pub stats: BTreeMap<String, Day>,
    /// Whether [`Uses::unique`] is an estimate; see [`crate::STANDARD_ERROR`].
    pub approximate: bool,
    /// Agents that are not known, where they are asked for.
    pub unknown: Unknown,
}

/// The user agents, of requests that are counted, of which nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Requests by the agent, of those that no grammar knows.
    pub agents: BTreeMap<String, u64>,
    /// Requests of all agents that are only a name, or a name and a version.
    pub products: u64,
}

/// The counts of one date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    values: [BTreeMap<String, Uses>; Dimension::ALL.len()],
}

/// How often a value was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses {
    /// Records.
    pub total: u64,
    /// Distinct clients: exactly, unless [`Count::approximate`].
    pub unique: u64,
}

/// What a record is counted by, in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The version of Bundler.
    Bundler,
    /// The CI systems, the whole comma list as one value.
    Ci,
    /// The version of Gemstash.
    Gemstash,
    /// The platform.
    Platform,
    /// The version of Ruby.
    Ruby,
    /// The version of `RubyGems`.
    Rubygems,
    /// Always empty; the original's answer has it.
    ServerRegion,
    /// The cipher, on every record that has one.
    TlsCipher,
}

impl Dimension {
    /// All of them, by name.
    pub const ALL: [Self; 8] = [
        Self::Bundler,
        Self::Ci,
        Self::Gemstash,
        Self::Platform,
        Self::Ruby,
        Self::Rubygems,
        Self::ServerRegion,
        Self::TlsCipher,
    ];

    /// Its key in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bundler => "bundler",
            Self::Ci => "ci",
            Self::Gemstash => "gemstash",
            Self::Platform => "platform",
            Self::Ruby => "ruby",
            Self::Rubygems => "rubygems",
            Self::ServerRegion => "server_region",
            Self::TlsCipher => "tls_cipher",
        }
    }
}

impl Day {
    /// The values of a dimension and how often each was seen.
    pub fn values(&self, dimension: Dimension) -> &BTreeMap<String, Uses> {
        &self.values[dimension as usize]
    }

    pub(crate) fn set(&mut self, dimension: Dimension, value: String, uses: Uses) {
        self.values[dimension as usize].insert(value, uses);
    }
}

impl Count {
    /// Writes the answer as one line of JSON, its keys sorted at every level:
    /// `{"files":[...],"ran_at":"...","stats":{"2018-04-16":{"bundler":{"1.16.1":{"total":1,"unique":1}},...}}}`.
    /// `ran_at` is a time by RFC 3339.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_json(&self, files: &[String], ran_at: &str, out: &mut dyn Write) -> io::Result<()> {
        write_files(files, out)?;
        out.write_all(b",\"ran_at\":")?;
        write_json_string(out, ran_at)?;
        out.write_all(b",\"stats\":")?;
        self.write_stats(out)?;
        if self.approximate {
            write!(out, ",\"unique_standard_error\":{STANDARD_ERROR}")?;
        }
        out.write_all(b"}\n")
    }

    /// Writes the agents that are not known as one line of JSON, those of most requests first:
    /// `{"files":[...],"products":2,"ran_at":"...","unknown":[{"agent":"...","count":1},...]}`. `products` are the
    /// requests of agents that are only a name, or a name and a version.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_unknown_json(
        &self,
        files: &[String],
        ran_at: &str,
        top: Option<usize>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write_files(files, out)?;
        write!(out, ",\"products\":{},\"ran_at\":", self.unknown.products)?;
        write_json_string(out, ran_at)?;
        out.write_all(b",\"unknown\":[")?;
        for (nth, (agent, count)) in
            self.unknown.most_first().into_iter().take(top.unwrap_or(usize::MAX)).enumerate()
        {
            separate(out, nth)?;
            out.write_all(b"{\"agent\":")?;
            write_json_string(out, agent)?;
            write!(out, ",\"count\":{count}}}")?;
        }
        out.write_all(b"]}\n")
    }

    fn write_stats(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{")?;
        for (nth, (date, day)) in self.stats.iter().enumerate() {
            separate(out, nth)?;
            write_json_string(out, date)?;
            out.write_all(b":{")?;
            for (nth, dimension) in Dimension::ALL.into_iter().enumerate() {
                separate(out, nth)?;
                write_json_string(out, dimension.name())?;
                out.write_all(b":{")?;
                for (nth, (value, uses)) in day.values(dimension).iter().enumerate() {
                    separate(out, nth)?;
                    write_json_string(out, value)?;
                    write!(out, ":{{\"total\":{},\"unique\":{}}}", uses.total, uses.unique)?;
                }
                out.write_all(b"}")?;
            }
            out.write_all(b"}")?;
        }
        out.write_all(b"}")
    }
}

impl Unknown {
    /// The agents and their requests, those of most requests first; of as many, by name.
    pub fn most_first(&self) -> Vec<(&str, u64)> {
        let mut agents: Vec<_> = self.agents.iter().map(|(agent, &count)| (agent.as_str(), count)).collect();
        agents.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        agents
    }
}

/// Begins an answer: `{"files":[...]`.
pub(crate) fn write_files(files: &[String], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"files\":[")?;
    for (nth, file) in files.iter().enumerate() {
        separate(out, nth)?;
        write_json_string(out, file)?;
    }
    out.write_all(b"]")
}

pub(crate) fn separate(out: &mut dyn Write, nth: usize) -> io::Result<()> {
    if nth > 0 { out.write_all(b",") } else { Ok(()) }
}

/// Writes a text as a JSON string.
///
/// # Errors
/// What `out` gives.
pub fn write_json_string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.write_all(&text.as_bytes()[written..at])?;
        match byte {
            b'"' => out.write_all(b"\\\"")?,
            b'\\' => out.write_all(b"\\\\")?,
            _ => write!(out, "\\u{byte:04x}")?,
        }
        written = at + 1;
    }
    out.write_all(&text.as_bytes()[written..])?;
    out.write_all(b"\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Count, Day, Dimension, Uses, write_json_string};

    #[test]
    fn nothing_is_written_as_an_empty_object() {
        let mut out = Vec::new();
        Count::default().write_json(&[], "2025-01-15T00:00:00Z", &mut out).expect("a vector takes all");
        assert_eq!(out, b"{\"files\":[],\"ran_at\":\"2025-01-15T00:00:00Z\",\"stats\":{}}\n");
    }

    #[test]
    fn every_dimension_is_written_for_every_date() {
        let mut day = Day::default();
        day.set(Dimension::Ruby, "2.4.1".to_owned(), Uses { total: 3, unique: 2 });
        let count = Count { stats: [("2018-04-16".to_owned(), day)].into(), ..Count::default() };
        let mut out = Vec::new();
        count.write_json(&["a\"b".to_owned()], "t", &mut out).expect("a vector takes all");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "{\"files\":[\"a\\\"b\"],\"ran_at\":\"t\",\"stats\":{\"2018-04-16\":{\"bundler\":{},\"ci\":{},\
             \"gemstash\":{},\"platform\":{},\"ruby\":{\"2.4.1\":{\"total\":3,\"unique\":2}},\"rubygems\":{},\
             \"server_region\":{},\"tls_cipher\":{}}}}\n"
        );
    }

    proptest! {
        #[test]
        fn strings_are_read_back_as_they_were(text: String) {
            let mut out = Vec::new();
            write_json_string(&mut out, &text).expect("a vector takes all");
            let back: String = serde_json::from_slice(&out).expect("a JSON string");
            prop_assert_eq!(back, text);
        }
    }
}
