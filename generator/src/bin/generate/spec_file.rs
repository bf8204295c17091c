//! A spec as a TOML file.

use std::ffi::OsStr;
use std::fs;
use std::ops::Range;
use std::path::Path;

use generator::{nearest, quantity};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::arguments::Wrong;
use crate::recipe::{Amount, Recipe};

/// A spec is a page; whatever is longer is something else.
const LONGEST: u64 = 1 << 20;

const KEYS: [&str; 7] = ["shape", "seed", "records", "bytes", "from", "damage", "knobs"];

/// Reads the spec in a file.
pub(crate) fn read(path: &OsStr) -> Result<Recipe, Wrong> {
    let path = Path::new(path);
    let wrong = |what: String| Wrong(format!("{}: {what}", path.display()));
    let is_longer = fs::metadata(path).is_ok_and(|found| found.len() > LONGEST);
    if is_longer {
        return Err(wrong("a spec has at most a MiB; is it another file?".to_owned()));
    }
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("cannot read the spec: {error}")))?;
    recipe(&text, &path.display().to_string())
}

/// Reads the spec in a text; `name` is what messages call it.
fn recipe(text: &str, name: &str) -> Result<Recipe, Wrong> {
    let source = Source { text, name };
    let table = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or_else(|| name.to_owned(), |span| source.place(&span));
        Wrong(format!("{place}: {}", error.message()))
    })?;
    let mut recipe = Recipe::default();
    // A map that is walked by place, so that of several errors the first is told.
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let place = source.place(&key.span());
        let entry = Entry { key: key.get_ref(), value, place: &place };
        match entry.key {
            "shape" => {
                let shape = entry.text("the name of a shape")?.parse();
                recipe.shape = Some(shape.map_err(|unknown| Wrong(format!("{place}: {unknown}")))?);
            }
            "seed" => recipe.seed = Some(entry.number("a whole number from 0 to 2^64 - 1", quantity::count)?),
            "from" => recipe.from = Some(entry.number("a whole number", quantity::count)?),
            "records" => {
                let records = entry.number("a whole number, such as 500000 or \"10M\"", quantity::count)?;
                recipe.set_amount(Amount::Records(records), &place)?;
            }
            "bytes" => {
                let bytes = entry.number("a size, such as \"10GiB\"", quantity::bytes)?;
                recipe.set_amount(Amount::Bytes(bytes), &place)?;
            }
            "damage" => {
                let damage = entry.text("a text such as \"1%\" or \"0.1%:truncated,nul\"")?.parse();
                let damage = damage.map_err(|wrong| Wrong(format!("{place}: {wrong}")))?;
                recipe.damage = Some((damage, place));
            }
            "knobs" => read_knobs(&entry, &source, &mut recipe)?,
            unknown => {
                let near = nearest(unknown, KEYS)
                    .map_or("; the".to_owned(), |near| format!("; did you mean {near:?}? The"));
                let known = KEYS.join(", ");
                return Err(Wrong(format!("{place}: there is no key {unknown:?}{near} keys are: {known}")));
            }
        }
    }
    Ok(recipe)
}

fn read_knobs(entry: &Entry<'_, '_>, source: &Source<'_>, recipe: &mut Recipe) -> Result<(), Wrong> {
    let Some(knobs) = entry.value.get_ref().as_table() else {
        return Err(entry.is_not("a table of names and values"));
    };
    for (name, value) in knobs {
        let place = source.place(&name.span());
        let knob = Entry { key: name.get_ref(), value, place: &place };
        recipe.set_knob(
            knob.key,
            &knob.number("a number, or a text such as \"8%\"", |text| Some(text.to_owned()))?,
            &place,
        );
    }
    Ok(())
}

/// The text of a spec.
struct Source<'a> {
    text: &'a str,
    name: &'a str,
}

impl Source<'_> {
    /// `FILE:LINE:COLUMN`, both from 1.
    fn place(&self, span: &Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        format!("{}:{line}:{column}", self.name)
    }
}

/// A key with its value.
struct Entry<'a, 'i> {
    key: &'a str,
    value: &'a Spanned<DeValue<'i>>,
    place: &'a str,
}

impl Entry<'_, '_> {
    fn text(&self, what: &str) -> Result<&str, Wrong> {
        self.value.get_ref().as_str().ok_or_else(|| self.is_not(what))
    }

    /// An integer, or a string that reads as something like it.
    fn number<T>(&self, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Wrong> {
        let number = match self.value.get_ref() {
            DeValue::String(text) => read(text),
            DeValue::Integer(number) if number.radix() == 10 => read(number.as_str()),
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .and_then(|number| read(&number.to_string())),
            _ => None,
        };
        number.ok_or_else(|| self.is_not(what))
    }

    fn is_not(&self, what: &str) -> Wrong {
        let Self { key, value, place } = self;
        let given = match value.get_ref() {
            DeValue::String(text) => format!("{text:?}"),
            DeValue::Integer(number) => number.as_str().to_owned(),
            other => format!("a {}", other.type_str()),
        };
        Wrong(format!("{place}: {key} must be {what}, not {given}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_says_what_flags_say() {
        let text = "shape = \"cdn\"\nseed = 18446744073709551615\nrecords = 1_000\nfrom = 0x10\n\
            damage = \"1%:nul\"\n[knobs]\nclients = 4096\nhead = \"8%\"\n";
        let (spec, bytes) = recipe(text, "s").unwrap().spec().unwrap();
        assert_eq!((spec.seed(), spec.from(), spec.records(), bytes), (u64::MAX, 16, 1000, None));
        assert_eq!(spec.knobs().set(), [("clients", 4096), ("head", 80)]);
        assert_eq!(spec.damage().unwrap().to_string(), "1%:nul");
        let (_, bytes) = recipe("shape = 'app'\nbytes = '10GiB'", "s").unwrap().spec().unwrap();
        assert_eq!(bytes, Some(10 << 30));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_is_near() {
        for (text, message) in [
            (
                "seed = 1\nrecrods = 5",
                "s:2:1: there is no key \"recrods\"; did you mean \"records\"? The keys are: shape",
            ),
            ("shape = \"cnd\"", "s:1:1: there is no shape \"cnd\"; did you mean \"cdn\"?"),
            ("shape = 1", "s:1:1: shape must be the name of a shape, not 1"),
            ("seed = -1", "s:1:1: seed must be a whole number from 0 to 2^64 - 1, not -1"),
            ("seed = 1.5", "s:1:1: seed must be a whole number from 0 to 2^64 - 1, not a float"),
            ("records = 1\nbytes = 2", "s:2:1: records and bytes cannot both be asked for"),
            (
                "damage = \"1%:trunkated\"",
                "s:1:1: there is no damage \"trunkated\"; did you mean \"truncated\"?",
            ),
            (
                "shape = \"cdn\"\n[knobs]\n\nclient = 1",
                "s:4:1: the shape cdn has no knob \"client\"; did you mean",
            ),
            (
                "shape = \"cdn\"\nknobs = { clients = 0 }",
                "s:2:11: clients of the shape cdn can be 1 to 262144",
            ),
            ("shape = \"cdn\"\nrecords = \"5G\"", "5000000000 records are more than a corpus can have"),
            ("knobs = 1", "s:1:1: knobs must be a table of names and values, not 1"),
            ("shape = ", "s:1:"),
            ("é = é", "s:1:"),
            ("seed = 1\nseed = 2", "s:2:1: duplicate key"),
            ("", "which shape of log? The shapes are: "),
        ] {
            let wrong = match recipe(text, "s").and_then(Recipe::spec) {
                Ok(_) => panic!("{text:?} is taken"),
                Err(wrong) => wrong.to_string(),
            };
            assert!(wrong.starts_with(message), "{text:?}: {wrong}");
        }
    }
}
