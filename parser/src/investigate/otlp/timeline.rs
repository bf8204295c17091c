//! A timeline as a span for each service, with its entries as events.

use std::io::{self, Write};

use super::super::timeline::Timeline;
use super::identifier;
use super::writer::{Attribute, Span, Writer};
use crate::field::Field;
use crate::index::{Column, Index, Rereader};

/// Writes a timeline as a JSON document of OTLP; see [the module](super) for what becomes what. How many of its entries
/// have no time, and so are left out.
///
/// The entries are read again from their files, once. It takes four bytes for each entry beside the timeline, and n log
/// n.
///
/// # Errors
/// What the files, a saved index or writing give.
pub fn write_timeline_otlp(timeline: &Timeline, index: &Index, out: &mut dyn Write) -> io::Result<u64> {
    let mut writer = Writer::new(out)?;
    let mut untimed = 0;
    if let Some((start, end)) = timeline.span {
        let original = name_of_all(timeline, index)?;
        let trace = identifier::trace(&original);
        let root = identifier::span(&[&original[..], b"/timeline"].concat()).id;
        let about_all = [("log.trace_id", Attribute::Text(&original))];
        let whole = Span {
            trace: trace.id,
            id: root,
            parent: None,
            name: "timeline",
            start: start.nanos(),
            end: end.nanos(),
            has_failed: timeline.services.iter().any(|service| service.errors > 0),
            attributes: if trace.made { &about_all } else { &[] },
        };
        writer.begin_service(None)?;
        writer.begin_span(&whole)?;
        writer.end_span()?;
        writer.end_service()?;
        let services = index.ids(Column::Service)?;
        let mut by_service = timeline.entries.clone();
        by_service.sort_by_key(|&entry| services.get(entry));
        for entries in by_service.chunk_by(|&a, &b| services.get(a) == services.get(b)) {
            untimed += write_service(index, entries, &whole, &mut writer)?;
        }
    } else {
        untimed = timeline.entries.len() as u64;
    }
    writer.end()?;
    Ok(untimed)
}

/// What the trace is called: the first trace of an entry, else the first correlation, else where the first entry is.
fn name_of_all(timeline: &Timeline, index: &Index) -> io::Result<Vec<u8>> {
    for column in [Column::Trace, Column::Correlation] {
        for &entry in &timeline.entries {
            if let Some(name) = index.name(column, entry)? {
                return Ok(name.to_vec());
            }
        }
    }
    let Some(&first) = timeline.entries.first() else { return Ok(Vec::new()) };
    let file = index.files().get(index.file_of(first));
    let path = file.map(|file| file.path().to_string_lossy().into_owned()).unwrap_or_default();
    Ok(format!("{path}:{}", index.line(first)?).into_bytes())
}

/// Writes the span of one service; how many of its entries have no time.
fn write_service(
    index: &Index,
    entries: &[u32],
    whole: &Span<'_>,
    writer: &mut Writer<'_>,
) -> io::Result<u64> {
    let Some(&first) = entries.first() else { return Ok(0) };
    let service = index.name(Column::Service, first)?;
    let moments = index.moments()?;
    let times = || entries.iter().filter_map(|&entry| moments.time(entry));
    let (Some(start), Some(end)) = (times().min(), times().max()) else { return Ok(entries.len() as u64) };
    let levels = index.ids(Column::Level)?;
    let errors = entries.iter().filter(|&&entry| super::super::ids::is_error(levels.get(entry))).count();
    let name = service.unwrap_or(b"-");
    writer.begin_service(service)?;
    writer.begin_span(&Span {
        trace: whole.trace,
        id: identifier::span(&[&whole.id.to_be_bytes()[..], b"/", name].concat()).id,
        parent: Some(whole.id),
        name: &String::from_utf8_lossy(name),
        start: start.nanos(),
        end: end.nanos(),
        has_failed: errors > 0,
        attributes: &[
            ("log.entries", Attribute::Whole(entries.len() as u64)),
            ("log.errors", Attribute::Whole(errors as u64)),
        ],
    })?;
    let mut untimed = 0;
    let mut rereader = Rereader::new(&[Field::Message]);
    index.show(entries, |shown| {
        let Some(time) = moments.time(shown.entry) else {
            untimed += 1;
            return Ok(());
        };
        let message = rereader.text(shown.bytes, Field::Message);
        let message = String::from_utf8_lossy(message.as_deref().unwrap_or(shown.bytes));
        let level = index.name(Column::Level, shown.entry)?;
        let attributes: Vec<_> =
            level.into_iter().map(|level| ("log.level", Attribute::Text(level))).collect();
        writer.event(time.nanos(), &message, &attributes)
    })?;
    writer.end_span()?;
    writer.end_service()?;
    Ok(untimed)
}
