//! What is asked of each record: the columns of a table that nobody writes down.

use std::borrow::Cow;
use std::fmt;

use crate::field::Field;
use crate::level::Level;
use crate::read::Record;
use crate::time::{Time, Times};
use crate::value::Value;

/// The columns that one or several questions ask for, and the wanted keys that they come to, each once.
///
/// ```
/// let mut columns = parser::Columns::new();
/// columns.column("level")?;
/// columns.column("status")?;
/// assert_eq!(columns.keys(), ["level", "severity", "log_level", "status"]);
/// # Ok::<(), parser::TooManyColumns>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Columns {
    keys: Vec<String>,
    /// How many of them are no keys of common fields.
    others: usize,
}

/// A column: a common field under any of its keys, or one key, or one within an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    name: String,
    field: Option<Field>,
    /// Where its keys are among the wanted ones, the key that counts most first.
    places: Vec<usize>,
    /// Where the key is that is its name up to the first dot, if there is one, and what follows the dot.
    within: Option<(usize, Box<str>)>,
}

/// More keys are asked for than a reader can want besides those of the common fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyColumns;

impl fmt::Display for TooManyColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} fields are asked for besides the common ones", Columns::MOST_OTHERS)
    }
}

impl std::error::Error for TooManyColumns {}

impl Columns {
    /// As many keys as a reader can want, less those of the common fields.
    const MOST_OTHERS: usize = {
        let (mut most, mut field) = (u64::BITS as usize, 0);
        while field < Field::ALL.len() {
            most -= Field::ALL[field].keys().len();
            field += 1;
        }
        most
    };

    /// No column.
    pub fn new() -> Self {
        Self::default()
    }

    /// The column of this name: the [`Field`] that is called so, under any of its keys or that very name, else the key of this
    /// name. Who asks by one of a field's keys means that key, and its others where that tells nothing: `request_id` of a record
    /// that has a `correlation_id` too.
    /// What a record lacks under a name with dots, as `user.id`, is looked for in the object under the name's first
    /// part: the key `id` of `user`.
    ///
    /// # Errors
    /// If there would be too many keys.
    pub fn column(&mut self, name: &str) -> Result<Column, TooManyColumns> {
        if let Some(field) = Field::from_name(name) {
            let mut column = self.field(field);
            if name != field.name()
                && let Some(at) = field.keys().iter().position(|key| *key == name)
            {
                name.clone_into(&mut column.name);
                column.places[..=at].rotate_right(1);
            }
            // A key of that very name counts least, and counts.
            if !field.keys().contains(&name) {
                column.places.push(self.other(name)?);
            }
            return Ok(column);
        }
        let places = vec![self.other(name)?];
        let within = match name.split_once('.') {
            Some((head, rest)) => Some((self.other(head)?, rest.into())),
            None => None,
        };
        Ok(Column { name: name.to_owned(), field: None, places, within })
    }

    /// The place of a key that is wanted for itself.
    fn other(&mut self, key: &str) -> Result<usize, TooManyColumns> {
        // Those of common fields are counted already, whether they are wanted or not.
        if Field::from_name(key).is_none_or(|field| !field.keys().contains(&key))
            && !self.keys.iter().any(|known| known == key)
        {
            if self.others == Self::MOST_OTHERS {
                return Err(TooManyColumns);
            }
            self.others += 1;
        }
        Ok(self.place(key))
    }

    /// The column of a common field.
    pub fn field(&mut self, field: Field) -> Column {
        let places = field.keys().iter().map(|key| self.place(key)).collect();
        Column { name: field.name().to_owned(), field: Some(field), places, within: None }
    }

    fn place(&mut self, key: &str) -> usize {
        self.keys.iter().position(|known| known == key).unwrap_or_else(|| {
            self.keys.push(key.to_owned());
            self.keys.len() - 1
        })
    }

    /// The keys that a [`crate::Reader`] of these columns wants.
    pub fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }
}

impl Column {
    /// What it is called: the common field's own name, or the key that was asked for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The common field that it is, if it is one.
    pub fn field(&self) -> Option<Field> {
        self.field
    }

    /// What a record holds there. A name with dots is a key first, then one within an object. A common field is told
    /// by the first of its keys that [tells it](crate::Fields::value), the one that was asked for being the first; a level
    /// that none tells is the first number there: it has no name, and may be counted and compared as what it is.
    #[inline]
    pub fn value<'a>(&self, record: &Record<'a>) -> Option<Value<'a>> {
        match (self.field, &self.places[..]) {
            (None, places) => record.value(*places.first()?).or_else(|| {
                let (outer, name) = self.within.as_ref()?;
                record.value_within(*outer, name)
            }),
            (Some(field), places) => {
                let told = places
                    .iter()
                    .find_map(|&place| record.value(place).filter(|value| field.is_told_by(value)));
                if told.is_none() && field == Field::Level { self.number(record) } else { told }
            }
        }
    }

    #[cold]
    fn number<'a>(&self, record: &Record<'a>) -> Option<Value<'a>> {
        let mut values = self.places.iter().filter_map(|&place| record.value(place));
        values.find(|value| matches!(value, Value::Number(_)))
    }

    /// The same as text: a string with its escapes decoded, a number as it is written, `true` or `false`.
    #[inline]
    pub fn text<'a>(&self, record: &Record<'a>) -> Option<Cow<'a, [u8]>> {
        text_of(self.value(record)?)
    }

    /// The level, if this is the column of the levels and holds the name of one, with blanks after it or without.
    #[inline]
    pub fn level(&self, record: &Record<'_>) -> Option<Level> {
        match self.value(record)? {
            Value::Text(text) => Level::of_record(&text.decode()),
            _ => None,
        }
    }

    /// The time, if it is one: of a common field that of the first key that tells a time, even if another key comes before
    /// it and tells none. One of the first three years since 1970, which a duration looks like, counts where no other does.
    #[inline]
    pub fn time(&self, record: &Record<'_>, times: &mut Times) -> Option<Time> {
        match self.field {
            Some(Field::Time) => times.first(self.places.iter().filter_map(|&place| record.value(place))),
            _ => times.of(self.value(record)?),
        }
    }

    /// Its keys among the wanted ones, that of the object that it may be in being the last.
    pub(crate) fn keys<'a>(&'a self, columns: &'a Columns) -> impl Iterator<Item = &'a str> {
        let outer = self.within.iter().map(|(place, _)| place);
        self.places.iter().chain(outer).filter_map(|&place| columns.keys.get(place)).map(String::as_str)
    }
}

/// A value as text: a string with its escapes decoded, a number as it is written, `true` or `false`. Of `null`, arrays
/// and objects there is none.
#[inline]
pub(crate) fn text_of(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::Text(text) => Some(text.decode()),
        Value::Number(number) => Some(Cow::Borrowed(number)),
        Value::Bool(true) => Some(Cow::Borrowed(b"true")),
        Value::Bool(false) => Some(Cow::Borrowed(b"false")),
        Value::Null | Value::Other => None,
    }
}
