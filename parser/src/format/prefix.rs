//! What is put around lines on their way: colours, and the names of containers.

use super::column::is_in_name;

/// Begins a control sequence of a terminal.
pub(super) const ESCAPE: u8 = 0x1b;

/// Copies a line without the control sequences of ECMA-48 that it holds: `ESC [`, parameters, and a last byte from `@` on.
/// One that does not end, or another escape, stays.
pub(super) fn without_colours(line: &[u8], out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(escape) = memchr::memchr(ESCAPE, rest) {
        out.extend_from_slice(&rest[..escape]);
        rest = &rest[escape..];
        let length = sequence_length(rest).unwrap_or_else(|| {
            out.push(ESCAPE);
            1
        });
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
}

/// The length of the control sequence that a text begins with.
fn sequence_length(text: &[u8]) -> Option<usize> {
    let parameters = text.strip_prefix(b"\x1b[")?;
    let inner = parameters.iter().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
    matches!(parameters.get(inner), Some(0x40..=0x7e)).then_some(inner + 3)
}

/// Splits docker-compose's prefix off, `name-1  | `: the name, and where the rest starts.
pub(super) fn split_container(line: &[u8]) -> Option<(&[u8], usize)> {
    let name = line.iter().take_while(|&&byte| is_in_name(byte)).count();
    let spaces = line[name..].iter().take_while(|&&byte| byte == b' ').count();
    let bar = name + spaces;
    if name == 0 || spaces == 0 || line.get(bar) != Some(&b'|') {
        return None;
    }
    Some((&line[..name], bar + 1 + usize::from(line.get(bar + 1) == Some(&b' '))))
}
