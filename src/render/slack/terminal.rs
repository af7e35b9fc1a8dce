//! A message drawn for a terminal.

use super::Frame;
use super::safe::bare;
use super::view::{Run, RunKind, Shape, ViewPart, marker, shapes};
use super::wrap::{Line, Tone, lines};
use crate::render::style::Paint;
use crate::slack::{Message, Style};

/// What is left of every line of the message.
const EDGE: &str = "  │ ";
/// What is left of a quotation.
const QUOTE: &str = "▌ ";
/// How far a step moves a list to the right.
const STEP: usize = 3;
/// The blanks between two columns of fields.
const GAP: usize = 3;
/// The narrowest text that is laid out; a terminal below that breaks the lines itself.
const NARROWEST: usize = 20;
/// The widest text: longer lines are hard to read, and Slack's are not longer either.
const WIDEST: usize = 100;
/// From here on, fields stand side by side.
const TWO_COLUMNS: usize = 56;

/// The message as Slack would show it, with its channel and sender, for a terminal of a width.
#[must_use]
pub fn terminal(message: &Message, context: &Frame, paint: Paint, width: usize) -> String {
    let canvas = Canvas { paint, width: width.saturating_sub(EDGE.chars().count()).clamp(NARROWEST, WIDEST) };
    let mut drawn = vec![paint.bold(&format!("# {}", bare(&context.channel()))), String::new()];
    drawn.extend(canvas.message(message, context).iter().map(|line| {
        let line = format!("{}{}", paint.dim(EDGE), line.text);
        line.trim_end().to_owned()
    }));
    drawn.join("\n")
}

/// Where lines are drawn.
#[derive(Clone, Copy)]
struct Canvas {
    paint: Paint,
    width: usize,
}

impl Canvas {
    fn message(self, message: &Message, context: &Frame) -> Vec<Line> {
        let mut drawn = vec![self.sender(context)];
        for (place, shape) in shapes(message).iter().enumerate() {
            if place > 0 {
                drawn.push(Line::default());
            }
            drawn.extend(self.shape(shape));
        }
        drawn
    }

    fn sender(self, context: &Frame) -> Line {
        let [app, time] = [context.app(), context.time()].map(|text| bare(&text));
        let text = format!("{} {} {}", self.paint.bold(&app), self.paint.badge("APP"), self.paint.dim(&time));
        Line { text, width: self.width }
    }

    fn shape(self, shape: &Shape) -> Vec<Line> {
        match shape {
            Shape::Header(runs) => self.lines(runs, Tone::Strong),
            Shape::Divider => vec![self.faint(&"─".repeat(self.width))],
            Shape::Parts(parts) => self.parts(parts),
            Shape::Fields(fields) => self.fields(fields),
            Shape::Context(elements) => self.lines(&in_a_row(elements), Tone::Faint),
        }
    }

    fn parts(self, parts: &[ViewPart]) -> Vec<Line> {
        parts.iter().flat_map(|part| self.part(part)).collect()
    }

    fn part(self, part: &ViewPart) -> Vec<Line> {
        match part {
            ViewPart::Paragraph(runs) => self.lines(runs, Tone::Normal),
            ViewPart::Quote(runs) => self.quote(runs),
            ViewPart::Pre(runs) => self.pre(runs),
            ViewPart::List { ordered, indent, items } => self.list(*ordered, *indent, items),
        }
    }

    fn lines(self, runs: &[Run], tone: Tone) -> Vec<Line> {
        lines(runs, self.width, tone, self.paint)
    }

    fn faint(self, text: &str) -> Line {
        let line = Line::plain(text);
        Line { text: self.paint.dim(&line.text), ..line }
    }

    /// The same canvas with less room.
    fn narrowed(self, by: usize) -> Self {
        Self { width: self.width.saturating_sub(by).max(1), ..self }
    }

    fn quote(self, runs: &[Run]) -> Vec<Line> {
        let bar = self.faint(QUOTE);
        self.narrowed(bar.width).lines(runs, Tone::Normal).iter().map(|line| bar.clone().with(line)).collect()
    }

    /// A box around code, as wide as its longest line.
    fn pre(self, runs: &[Run]) -> Vec<Line> {
        let [left, right] = ["│ ", " │"].map(|side| self.faint(side));
        let code = self.narrowed(left.width + right.width).lines(runs, Tone::Code);
        let width = code.iter().map(|line| line.width).max().unwrap_or(0);
        let rule = "─".repeat(width + 2);
        let mut drawn = vec![self.faint(&format!("┌{rule}┐"))];
        drawn.extend(code.into_iter().map(|line| left.clone().with(&line.padded(width)).with(&right)));
        drawn.push(self.faint(&format!("└{rule}┘")));
        drawn
    }

    fn list(self, ordered: bool, indent: u8, items: &[Vec<Run>]) -> Vec<Line> {
        let item = |(place, runs): (usize, &Vec<Run>)| self.item(&marker(ordered, indent, place), indent, runs);
        items.iter().enumerate().flat_map(item).collect()
    }

    /// An item whose further lines are below its first word.
    fn item(self, marker: &str, indent: u8, runs: &[Run]) -> Vec<Line> {
        // Half the room is left to the text, however deep the list is.
        let shift = (usize::from(indent) * STEP).min(self.width / 2);
        let first = Line::plain(&format!("{}{marker} ", " ".repeat(shift)));
        let further = Line::default().padded(first.width);
        let text = self.narrowed(first.width).lines(runs, Tone::Normal);
        let starts = std::iter::once(first).chain(std::iter::repeat(further));
        starts.zip(&text).map(|(start, line)| start.with(line)).collect()
    }

    /// Fields in two columns, row by row, or below one another.
    fn fields(self, fields: &[Vec<ViewPart>]) -> Vec<Line> {
        if self.width < TWO_COLUMNS {
            return fields.iter().flat_map(|field| self.parts(field)).collect();
        }
        let column = Self { width: (self.width - GAP) / 2, ..self };
        let rows: Vec<Vec<Line>> = fields.chunks(2).map(|row| column.row(row)).collect();
        // Rows of one line are clear as they are; a name above its value needs air around both.
        let between = if rows.iter().all(|row| row.len() < 2) { Vec::new() } else { vec![Line::default()] };
        rows.join(between.as_slice())
    }

    fn row(self, row: &[Vec<ViewPart>]) -> Vec<Line> {
        let mut columns = row.iter().map(|field| self.parts(field));
        let [left, right] = [columns.next(), columns.next()].map(Option::unwrap_or_default);
        let height = left.len().max(right.len());
        let line = |place: usize| {
            let [left, right] = [&left, &right].map(|column| column.get(place).cloned().unwrap_or_default());
            left.padded(self.width + GAP).with(&right)
        };
        (0..height).map(line).collect()
    }
}

/// Elements on one line, set apart by blanks.
fn in_a_row(elements: &[Vec<Run>]) -> Vec<Run> {
    let blanks = Run { kind: RunKind::Text("  ".to_owned()), style: Style::default() };
    elements.join(&blanks)
}
