//! The picture as SVG: a column for each layer, boxes below each other, and links from left to right.
//!
//! Colors follow the reader's light or dark setting. All text is escaped; nothing is loaded and nothing runs.

use std::fmt::Write as _;

use super::word;
use crate::diagram::{BoxState, Carries, Diagram, DiagramBox, DiagramLink, Drawn};

/// The width of a character of the monospaced text of boxes, in pixels.
const CHARACTER: usize = 7;
const LINE: usize = 16;
const PADDING: usize = 8;
/// Between boxes of one layer.
const GAP: usize = 10;
/// Between layers, for the links.
const CHANNEL: usize = 80;
const MARGIN: usize = 16;
/// The head with the title.
const HEAD: usize = 28;
/// More than this is cut, with the whole text as a tooltip.
const LONGEST: usize = 60;

/// Without variables, which converters of SVG do not know.
const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1d1c1d}
.title{font-weight:bold}.detail{fill:#616061}
.paper{fill:#fff}.box{fill:#f8f8f8;stroke:#868686}.outside{stroke-dasharray:4 3}.slack{stroke-width:2}
.link{fill:none;stroke:#868686}.undelivered{stroke-dasharray:2 4;opacity:.6}
.missing{stroke:#b35900;stroke-width:2.5}.differs{stroke:#c00000;stroke-width:2.5}
text.missing{fill:#b35900;stroke:none}text.differs{fill:#c00000;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#e8e8e8}.detail{fill:#ababad}.paper{fill:#1a1d21}.box{fill:#222529;stroke:#797c81}
.link{stroke:#797c81}.missing{stroke:#ffb366}.differs{stroke:#ff8080}text.missing{fill:#ffb366}text.differs{fill:#ff8080}}";

/// A box with its place.
struct PlacedBox<'d> {
    one: &'d DiagramBox,
    lines: Vec<(String, Option<BoxState>)>,
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// The text of the picture.
#[must_use]
pub fn svg(diagram: &Diagram) -> String {
    let placed = place(diagram);
    let width =
        placed.iter().map(|one| one.x + one.width).max().unwrap_or(0).max(diagram.title.len() * CHARACTER) + MARGIN;
    let height = placed.iter().map(|one| one.y + one.height).max().unwrap_or(HEAD) + MARGIN;
    let title = escaped(&diagram.title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n<style>{STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"20\">{title}</text>\n"
    );
    for link in &diagram.links {
        draw_link(&mut text, link, &placed);
    }
    for one in &placed {
        draw_box(&mut text, one);
    }
    text.push_str("</svg>\n");
    text
}

fn place(diagram: &Diagram) -> Vec<PlacedBox<'_>> {
    let mut placed: Vec<PlacedBox<'_>> = diagram.boxes.iter().map(measured).collect();
    let layers = diagram.boxes.iter().map(|one| one.layer).max().map_or(0, |last| last + 1);
    let heights: Vec<usize> = (0..layers)
        .map(|layer| placed.iter().filter(|one| one.one.layer == layer).map(|one| one.height + GAP).sum())
        .collect();
    let tallest = heights.iter().copied().max().unwrap_or(0);
    let mut x = MARGIN;
    for (layer, height) in heights.iter().enumerate() {
        // Each column is in the middle, so links are short.
        let mut y = HEAD + MARGIN + (tallest - height) / 2;
        let mut widest = 0;
        for one in placed.iter_mut().filter(|one| one.one.layer == layer) {
            (one.x, one.y) = (x, y);
            y += one.height + GAP;
            widest = widest.max(one.width);
        }
        x += widest + CHANNEL;
    }
    placed
}

fn measured(one: &DiagramBox) -> PlacedBox<'_> {
    let own = std::iter::once((one.label.clone(), one.condition));
    let lines: Vec<_> = own.chain(one.details.iter().map(|detail| (detail.label.clone(), detail.condition))).collect();
    let written = |(label, condition): (String, Option<BoxState>)| match word(condition) {
        Some(word) => (format!("{label}: {word}"), condition),
        None => (label, None),
    };
    let lines: Vec<_> = lines.into_iter().map(written).collect();
    let longest = lines.iter().map(|(line, _)| line.chars().count().min(LONGEST)).max().unwrap_or(0);
    let (width, height) = (longest * CHARACTER + 2 * PADDING + CHARACTER, lines.len() * LINE + 2 * PADDING);
    PlacedBox { one, lines, x: 0, y: 0, width, height }
}

fn draw_box(text: &mut String, placed: &PlacedBox<'_>) {
    let PlacedBox { one, lines, x, y, width, height } = placed;
    let drawn = match one.what {
        Drawn::Resource => "",
        Drawn::Outside => " outside",
        Drawn::Slack => " slack",
    };
    let round = if one.what == Drawn::Resource { 3 } else { 14 };
    let whole: Vec<String> =
        std::iter::once(one.note.clone()).chain(lines.iter().map(|(line, _)| line.clone())).collect();
    let _ = writeln!(
        text,
        "<g><title>{}</title><rect class=\"box{drawn}{}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{round}\"/>",
        escaped(&whole.join("\n")),
        class(one.condition)
    );
    for (number, (line, condition)) in lines.iter().enumerate() {
        let class = format!("{}{}", if number == 0 { "label" } else { "detail" }, class(*condition));
        let (x, y) = (x + PADDING, y + PADDING + number * LINE + 12);
        let _ = writeln!(text, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&cut(line)));
    }
    text.push_str("</g>\n");
}

fn draw_link(text: &mut String, link: &DiagramLink, placed: &[PlacedBox<'_>]) {
    let (from, to) = (&placed[link.from], &placed[link.to]);
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
    let (x2, y2) = (to.x, to.y + to.height / 2);
    let carries = if link.carries == Carries::Undelivered { " undelivered" } else { "" };
    let bend = (x2.saturating_sub(x1) / 2).max(CHANNEL / 2);
    let _ = writeln!(
        text,
        "<path class=\"link{carries}{}\" d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\"/>",
        class(link.condition),
        x1 + bend,
        x2.saturating_sub(bend)
    );
}

const fn class(condition: Option<BoxState>) -> &'static str {
    match condition {
        None | Some(BoxState::Ok) => "",
        Some(BoxState::Missing) => " missing",
        Some(BoxState::Differs | BoxState::Superfluous) => " differs",
    }
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// A text that is part of an SVG document.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            character if character.is_control() && character != '\n' => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}
