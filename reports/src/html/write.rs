//! Pieces of HTML. Whatever comes from results passes through the escaping writer here.

use crate::escape;
use crate::prose::Prose;
use crate::sheet::{Field, Sheet, Tone};
use harness::judge::label::Label;
use std::fmt::Write as _;

/// Texts longer than this, in characters, are given room in their column.
const LONG: usize = 40;

/// A document being written.
#[derive(Default)]
pub(crate) struct Html(String);

/// How a table is shown.
#[derive(Clone, Copy)]
pub(crate) struct TableLook<'a> {
    pub(crate) id: &'a str,
    pub(crate) caption: &'a str,
    /// Where rows are grouped by their first column: what is said beside a group's name, and the column of the label, for the
    /// filter's sake.
    pub(crate) grouped: Option<(Note<'a>, usize)>,
}

/// What is said beside the name of a group.
pub(crate) type Note<'a> = &'a dyn Fn(&str) -> String;

impl Html {
    /// Adds markup as it is: only for text that is written in this crate.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds what was written apart.
    pub(crate) fn append(&mut self, other: &Self) -> &mut Self {
        self.raw(&other.0)
    }

    /// Adds text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&escape::html(text));
        self
    }

    pub(crate) fn prose(&mut self, prose: &Prose) -> &mut Self {
        self.0.push_str(&prose.html());
        self
    }

    /// An element around text.
    pub(crate) fn element(&mut self, tag: &str, text: &str) -> &mut Self {
        let _ = writeln!(self.0, "<{tag}>{}</{tag}>", escape::html(text));
        self
    }

    /// The heading of a section that can be linked to.
    pub(crate) fn heading(&mut self, id: &str, text: &str) -> &mut Self {
        let _ = writeln!(self.0, "<h2 id=\"{}\">{}</h2>", escape::html(id), escape::html(text));
        self
    }

    /// A table in a region that scrolls by itself, so that the page need not.
    pub(crate) fn table(&mut self, sheet: &Sheet, look: TableLook<'_>) -> &mut Self {
        let caption = escape::html(look.caption);
        let class = if look.grouped.is_some() { " class=\"grouped\"" } else { "" };
        let _ = write!(
            self.0,
            "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n<table id=\"{}\"{class} data-sort>\n<thead><tr>",
            escape::html(look.id)
        );
        for column in &sheet.columns {
            let class = if column.numeric { " class=\"n\"" } else { "" };
            let _ = write!(self.0, "<th scope=\"col\"{class}>{}</th>", escape::html(column.heading));
        }
        self.raw("</tr></thead>\n");
        let Some((note, label)) = look.grouped else {
            self.raw("<tbody>\n");
            for row in &sheet.rows {
                self.row(sheet, row, None);
            }
            return self.raw("</tbody>\n</table>\n</div>\n");
        };
        let name = |row: &Vec<Field>| row.first().map(|field| field.text.to_string()).unwrap_or_default();
        for group in sheet.rows.chunk_by(|a, b| name(a) == name(b)) {
            let name = name(&group[0]);
            let _ = write!(
                self.0,
                "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\"><div><code>{}</code> <span>{}</span></div></th></tr>\n",
                sheet.columns.len(),
                escape::html(&name),
                escape::html(&note(&name))
            );
            for row in group {
                self.row(sheet, row, Some(label));
            }
            self.raw("</tbody>\n");
        }
        self.raw("</table>\n</div>\n")
    }

    fn row(&mut self, sheet: &Sheet, row: &[Field], label: Option<usize>) {
        self.raw("<tr");
        if let Some(field) = label.and_then(|label| row.get(label)) {
            let label = field.text.to_string();
            let word = label.split([':', ';']).next().unwrap_or_default();
            let class = if word == "reference" { " class=\"reference\"" } else { "" };
            let _ = write!(self.0, " data-label=\"{}\"{class}", escape::html(word));
        }
        self.raw(">");
        for (field, column) in row.iter().zip(&sheet.columns) {
            let tone = match field.tone {
                Some(Tone::Less) => "less",
                Some(Tone::More) => "more",
                Some(Tone::Doubt) => "doubt",
                Some(Tone::Faint) => "faint",
                None => "",
            };
            let text = field.text.html();
            let is_long = !column.numeric && field.text.to_string().chars().count() > LONG;
            let classes = [if column.numeric { "n" } else { "" }, if is_long { "long" } else { "" }, tone];
            let classes: Vec<&str> = classes.into_iter().filter(|class| !class.is_empty()).collect();
            let class =
                if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
            let value = field.value.map(|v| format!(" data-v=\"{v:.5e}\"")).unwrap_or_default();
            let _ = write!(self.0, "<td{class}{value}>{text}</td>");
        }
        self.raw("</tr>\n");
    }

    /// The form that filters a table; shown by the script, since it does nothing without it.
    pub(crate) fn filter<'a>(&mut self, table: &str, scenarios: impl Iterator<Item = &'a str>) -> &mut Self {
        let _ = write!(
            self.0,
            "<form class=\"filter\" data-table=\"{table}\" hidden>\n\
             <label>words <input name=\"words\" type=\"search\" autocomplete=\"off\"></label>\n\
             <label>scenario <select name=\"only\"><option value=\"\">all</option>"
        );
        for name in scenarios {
            let name = escape::html(name);
            let _ = write!(self.0, "<option value=\"{name}\">{name}</option>");
        }
        self.raw("</select></label>\n<label>label <select name=\"label\"><option value=\"\">all</option>");
        let labels = [
            Label::Definitive,
            Label::High,
            Label::Moderate,
            Label::NoChange,
            Label::Inconclusive,
            Label::Unstable,
            Label::Invalid,
        ];
        for label in labels {
            let _ = write!(self.0, "<option value=\"{label}\">{label}</option>");
        }
        self.raw(
            "</select></label>\n<label class=\"check\"><input name=\"list\" type=\"checkbox\"> one list</label>\n\
             <button type=\"button\" data-fold=\"true\">fold all</button>\n\
             <button type=\"button\" data-fold=\"false\">unfold all</button>\n\
             <output aria-live=\"polite\"></output>\n</form>\n",
        )
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
