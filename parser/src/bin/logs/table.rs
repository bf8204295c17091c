//! Tables of text.

use std::io::{self, Write};

/// Writes rows, the first of which names the columns: words to the left, numbers to the right. Control characters are
/// written as escapes, so that no value moves what is beside it.
pub(crate) fn write(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    let Some((head, body)) = rows.split_first() else { return Ok(()) };
    let width =
        |nth: usize| rows.iter().filter_map(|row| row.get(nth)).map(|cell| cell.chars().count()).max();
    let is_number = |cell: &String| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    let columns: Vec<(usize, bool)> = (0..head.len())
        .map(|nth| {
            let mut cells = body.iter().filter_map(|row| row.get(nth)).filter(|cell| !cell.is_empty());
            (width(nth).unwrap_or(0), !body.is_empty() && cells.all(is_number))
        })
        .collect();
    for row in &rows {
        let mut line = String::new();
        for (cell, &(width, to_the_right)) in row.iter().zip(&columns) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let space = " ".repeat(width.saturating_sub(cell.chars().count()));
            if to_the_right {
                line.push_str(&space);
            }
            line.push_str(cell);
            if !to_the_right {
                line.push_str(&space);
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn shown(cell: &str) -> String {
    cell.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}
