//! Pieces of HTML. Whatever comes from results passes through the escaping writer here.

use crate::escape;
use crate::prose::Prose;
use crate::sheet::{Sheet, Tone};
use harness::judge::label::Label;
use std::fmt::Write as _;

/// A document being written.
#[derive(Default)]
pub(crate) struct Html(String);

/// How a table is shown.
#[derive(Clone, Copy)]
pub(crate) struct TableLook<'a> {
    pub(crate) id: &'a str,
    pub(crate) caption: &'a str,
    /// Columns of the scenario and of the label, for the filter's sake.
    pub(crate) filtered_by: Option<(usize, usize)>,
}

impl Html {
    /// Adds markup as it is: only for text that is written in this crate.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
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
        let _ = write!(
            self.0,
            "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\">\n<table id=\"{}\" data-sort>\n<thead><tr>",
            escape::html(look.id)
        );
        for column in &sheet.columns {
            let class = if column.numeric { " class=\"n\"" } else { "" };
            let _ = write!(self.0, "<th scope=\"col\"{class}>{}</th>", escape::html(column.heading));
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in &sheet.rows {
            self.raw("<tr");
            if let Some((scenario, label)) = look.filtered_by {
                let plain = |i: usize| row.get(i).map(|f| f.text.to_string()).unwrap_or_default();
                let label = plain(label);
                let word = label.split(':').next().unwrap_or_default();
                let class = if word == "reference" { " class=\"reference\"" } else { "" };
                let _ = write!(
                    self.0,
                    " data-scenario=\"{}\" data-label=\"{}\"{class}",
                    escape::html(&plain(scenario)),
                    escape::html(word)
                );
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
                let class = match (column.numeric, tone) {
                    (true, "") => " class=\"n\"".to_owned(),
                    (true, tone) => format!(" class=\"n {tone}\""),
                    (false, "") => String::new(),
                    (false, tone) => format!(" class=\"{tone}\""),
                };
                let value = field.value.map(|v| format!(" data-v=\"{v:.5e}\"")).unwrap_or_default();
                let _ = write!(self.0, "<td{class}{value}>{}</td>", field.text.html());
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n</div>\n")
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
        self.raw("</select></label>\n<output aria-live=\"polite\"></output>\n</form>\n")
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
