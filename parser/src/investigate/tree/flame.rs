//! A tree as folded stacks, and as a flame graph of them.
//!
//! A frame is a node's service, or its name where it has none, so that the same way through the services adds up
//! however many requests took it. A stack's weight is the self time of its last frame, in microseconds. The folded
//! form is that of Brendan Gregg's stackcollapse scripts, which flamegraph.pl, inferno and speedscope read.

use std::fmt::Write as _;
use std::io::{self, Write};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::{Node, Tree};
use crate::index::{Column, Index};

/// The deepest frame; the time of what is below it is its own.
const DEEPEST: u32 = 64;

/// A frame of the merged tree; the first is the root of all.
#[derive(Default)]
struct Frame {
    name: String,
    depth: u32,
    parent: u32,
    /// Microseconds of its own, and with all below it.
    own: u64,
    all: u64,
    children: Vec<u32>,
}

/// Merges nodes with the same frames above them. A parent stands before its children.
fn merged(tree: &Tree, index: &Index) -> io::Result<Vec<Frame>> {
    let (names, services) = (index.names(tree.column())?, index.names(Column::Service)?);
    let mut frames = vec![Frame { name: "all".to_owned(), ..Frame::default() }];
    let mut places: HashMap<(u32, bool, u32), u32, RandomState> = HashMap::default();
    let mut of_nodes: Vec<u32> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        let parent = node.parent.map_or(0, |parent| of_nodes[parent as usize]);
        let frame = if node.depth >= DEEPEST {
            parent
        } else {
            let (by_service, id) = if node.service != 0 { (true, node.service) } else { (false, node.name) };
            *places.entry((parent, by_service, id)).or_insert_with(|| {
                let name = if by_service { services.get(id) } else { names.get(id) };
                let depth = frames[parent as usize].depth + 1;
                let place = frames.len() as u32;
                frames[parent as usize].children.push(place);
                let name = String::from_utf8_lossy(name).replace([';', '\n'], ":");
                frames.push(Frame { name, depth, parent, ..Frame::default() });
                place
            })
        };
        of_nodes.push(frame);
        frames[frame as usize].own += Node::self_micros(node);
    }
    for at in (0..frames.len()).rev() {
        frames[at].all += frames[at].own;
        let (all, parent) = (frames[at].all, frames[at].parent as usize);
        if at > 0 {
            frames[parent].all += all;
        }
    }
    Ok(frames)
}

impl Node {
    fn self_micros(&self) -> u64 {
        self.self_nanos / 1000
    }
}

/// Writes a line per stack: its frames, joined by `;`, and its microseconds. Stacks without time are left out.
///
/// # Errors
/// What reading a saved index or `out` gives.
pub fn write_folded(tree: &Tree, index: &Index, out: &mut dyn Write) -> io::Result<()> {
    let frames = merged(tree, index)?;
    let mut open: Vec<u32> = frames[0].children.iter().rev().copied().collect();
    let mut stack: Vec<&str> = Vec::new();
    while let Some(place) = open.pop() {
        let frame = &frames[place as usize];
        stack.truncate(frame.depth as usize - 1);
        stack.push(&frame.name);
        if frame.own > 0 {
            writeln!(out, "{} {}", stack.join(";"), frame.own)?;
        }
        open.extend(frame.children.iter().rev());
    }
    Ok(())
}

const WIDTH: f64 = 1200.0;
const ROW: u32 = 18;
/// Narrower frames are left out, in pixels.
const NARROWEST: f64 = 0.3;

/// A flame graph of the stacks as SVG, roots on top. Every frame tells its name, time and share when it is pointed at.
///
/// # Errors
/// What reading a saved index gives.
pub fn flame_svg(tree: &Tree, index: &Index, title: &str) -> io::Result<String> {
    let frames = merged(tree, index)?;
    let rows = frames.iter().map(|frame| frame.depth).max().unwrap_or(0) + 1;
    let height = 60 + rows * ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"8\" y=\"20\" font-size=\"15\">{}</text>\n\
         <text x=\"8\" y=\"38\" fill=\"#555555\">self time by the way through services; {:.3} ms in all</text>\n",
        escaped(title),
        frames[0].all as f64 / 1e3,
    );
    let scale = (WIDTH - 16.0) / (frames[0].all.max(1)) as f64;
    let mut open = vec![(0_u32, 8.0_f64)];
    while let Some((place, x)) = open.pop() {
        let frame = &frames[place as usize];
        let width = frame.all as f64 * scale;
        if width < NARROWEST {
            continue;
        }
        let y = 50 + frame.depth * ROW;
        let (name, share) = (escaped(&frame.name), 100.0 * frame.all as f64 / frames[0].all.max(1) as f64);
        let _ = writeln!(
            svg,
            "<g><title>{name}: {:.3} ms, {share:.1} %, self {:.3} ms</title>\
             <rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{}\" stroke=\"#ffffff\"/>",
            frame.all as f64 / 1e3,
            frame.own as f64 / 1e3,
            ROW - 1,
            colour(&frame.name),
        );
        let fits = ((width - 6.0) / 6.5) as usize;
        if fits >= 3 {
            let length = frame.name.chars().count();
            let label: String = if length <= fits {
                frame.name.clone()
            } else {
                frame.name.chars().take(fits - 1).chain(['…']).collect()
            };
            let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{}\">{}</text>", x + 3.0, y + 13, escaped(&label));
        }
        svg.push_str("</g>\n");
        let mut child_x = x;
        for &child in &frame.children {
            open.push((child, child_x));
            child_x += frames[child as usize].all as f64 * scale;
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// A warm colour that is always the same for a name.
fn colour(name: &str) -> String {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("hsl({}, 75%, {}%)", 12 + hash % 38, 62 + hash / 64 % 14)
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
