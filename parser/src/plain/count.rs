//! The CDN counter, plainly. What it counts is documented at [`crate::count`](mod@crate::count).

use std::fmt;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{self, Fields, text};
use super::{Map, Set, agent};
use crate::answer::{Count, Dimension, Uses};
use crate::bad::BadLine;
use crate::blocks::Limits;

/// Counts one input.
///
/// # Errors
/// What the source gives; or a [`crate::Refusal`].
pub fn count(source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Count> {
    count_within(source, Limits::default(), on_bad)
}

/// The same, with limits of one's own.
///
/// # Errors
/// As [`count()`].
pub fn count_within(source: impl Read, limits: Limits, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Count> {
    let mut tables = Tables::default();
    let totals = lines::read::<Wanted>(source, limits, on_bad, |_, request: Request<'_>| {
        tables.add(&request);
        ControlFlow::Continue(())
    })?;
    let mut count = Count { lines: totals.lines, records: totals.records, bad: totals.bad, ..tables.count };
    for (date, values) in tables.days {
        let day = count.stats.entry(date).or_default();
        for ((dimension, value), (total, clients)) in values {
            day.set(dimension, value, Uses { total, unique: clients.len() as u64 });
        }
    }
    Ok(count)
}

type Values = Map<(Dimension, String), (u64, Set<IpAddr>)>;

#[derive(Default)]
struct Tables {
    count: Count,
    days: Map<String, Values>,
}

impl Tables {
    fn add(&mut self, request: &Request<'_>) {
        if !request.is_counted() {
            return;
        }
        let Some(date) = request.date() else {
            self.count.undated += 1;
            return;
        };
        self.count.counted += 1;
        let client = text(request.client).and_then(|client| client.parse().ok());
        self.count.unaddressed += u64::from(client.is_none());
        let client = client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let day = self.days.entry(date).or_default();
        let mut add = |dimension, value: Option<&str>| {
            if let Some(value) = value {
                let (total, clients) = day.entry((dimension, value.to_owned())).or_default();
                *total += 1;
                clients.insert(client);
            }
        };
        add(Dimension::TlsCipher, text(request.cipher).as_deref());
        let agent = text(request.agent).unwrap_or_default();
        if let Some(told) = agent::parse(&agent) {
            add(Dimension::Rubygems, Some(told.rubygems));
            add(Dimension::Ruby, Some(told.ruby));
            add(Dimension::Platform, Some(told.platform));
            add(Dimension::Bundler, told.bundler);
            add(Dimension::Ci, told.ci);
            add(Dimension::Gemstash, told.gemstash);
        }
    }
}

/// The fields of a request that are counted by.
#[derive(Default)]
struct Request<'a> {
    path: Option<&'a RawValue>,
    query: Option<&'a RawValue>,
    time: Option<&'a RawValue>,
    client: Option<&'a RawValue>,
    agent: Option<&'a RawValue>,
    cipher: Option<&'a RawValue>,
}

impl Request<'_> {
    fn is_counted(&self) -> bool {
        match text(self.path).as_deref() {
            Some("/latest_specs.4.8.gz" | "/prerelease_specs.4.8.gz" | "/specs.4.8.gz" | "/versions") => true,
            Some("/api/v1/dependencies") => {
                matches!(self.query.map(RawValue::get), None | Some("null" | "\"\""))
            }
            _ => false,
        }
    }

    fn date(&self) -> Option<String> {
        let time = text(self.time)?;
        let date = time.get(..10)?;
        let parts: Vec<&str> = date.split('-').collect();
        let is_number = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        match parts[..] {
            [year, month, day]
                if is_number(year, 4)
                    && is_number(month, 2)
                    && is_number(day, 2)
                    && ("01"..="12").contains(&month)
                    && ("01"..="31").contains(&day) =>
            {
                Some(date.to_owned())
            }
            _ => None,
        }
    }
}

struct Wanted;

impl Fields for Wanted {
    type Of<'a> = Request<'a>;
}

impl<'de> Deserialize<'de> for Request<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = Request<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request, as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut request = Request::default();
        while let Some(key) = map.next_key::<lines::Key<'de>>()? {
            let field = match &*key.0 {
                "request_path" => &mut request.path,
                "request_query" => &mut request.query,
                "timestamp" => &mut request.time,
                "client_ip" => &mut request.client,
                "user_agent" => &mut request.agent,
                "tls_cipher" => &mut request.cipher,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *field = Some(map.next_value()?);
        }
        Ok(request)
    }
}
