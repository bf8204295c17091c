//! `generate explain SHAPE`: what a shape holds and what can be set.

use std::fmt::Write;

use generator::{Kind, Knob, Shape, Spec, generate};

/// Lines are at most this wide.
const WIDTH: usize = 100;

/// Grammar, source, knobs and one example line of a shape.
pub(crate) fn explain(shape: Shape) -> String {
    let about = shape.about();
    let mut text = format!("Shape {}: {}.\n\n{}\n", about.name, about.title, about.grammar.trim_end());
    wrap(&mut text, "\nModelled on ", 0, &format!("{}.", about.source));
    if about.knobs.is_empty() {
        text.push_str("\nThe shape has no knobs.\n");
    } else {
        text.push_str("\nKnobs, set by --set NAME=VALUE or in a spec's table [knobs]:\n");
    }
    let width = about.knobs.iter().map(|knob| knob.name.len()).max().unwrap_or(0);
    for knob in about.knobs {
        let indent = " ".repeat(width + 4);
        wrap(&mut text, &format!("  {:width$}  ", knob.name), width + 4, &setting(knob));
        wrap(&mut text, &indent, width + 4, knob.meaning);
        wrap(&mut text, &indent, width + 4, &format!("Default: {}.", knob.source));
    }
    let mut line = Vec::new();
    // A vector takes everything; were it not so, there would be no example.
    if generate(&Spec::new(shape, 42, 1), &mut line).is_ok() {
        let _ = write!(text, "\nThe first line of seed 42:\n{}", String::from_utf8_lossy(&line));
    }
    text
}

/// What a knob is set to by default, and what it can be set to.
fn setting(knob: &Knob) -> String {
    let default = knob.written(knob.default_value());
    match knob.kind {
        Kind::Number { least, most, unit: "", .. } => format!("{default} (from {least} to {most})"),
        Kind::Number { least, most, unit, .. } => format!("{default} {unit} (from {least} to {most})"),
        Kind::Share { .. } => format!("{default} (from 0% to 100%)"),
        Kind::Choice { among } => {
            let others: Vec<&str> = among.iter().skip(1).copied().collect();
            format!("{default} (or {})", others.join(", or "))
        }
    }
}

/// Appends words in lines of at most [`WIDTH`], the first behind `opening`, the others indented.
fn wrap(text: &mut String, opening: &str, indent: usize, words: &str) {
    text.push_str(opening);
    let mut column = opening.trim_start_matches('\n').chars().count();
    let mut is_first = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if !is_first && column + 1 + length > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
            is_first = true;
        }
        if !is_first {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
        is_first = false;
    }
    text.push('\n');
}
