//! Runs broken into lines of a width and dressed for a terminal.
//!
//! Lines are broken before they are dressed, so that no escape sequence is ever measured or torn apart.

use console::measure_text_width;

use super::safe::bare;
use super::view::{Run, RunKind};
use crate::render::style::Paint;

/// A dressed line with its width in columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The text with its escape sequences.
    pub(super) text: String,
    /// How many columns it takes.
    pub(super) width: usize,
}

impl Line {
    /// A line of simple text.
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), width: measure_text_width(text) }
    }

    /// This line and another one to its right.
    pub(super) fn with(mut self, other: &Self) -> Self {
        self.text += &other.text;
        self.width += other.width;
        self
    }

    /// This line filled with blanks.
    pub(super) fn padded(mut self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width);
        self.text += &" ".repeat(missing);
        self.width += missing;
        self
    }
}

/// How a whole text looks, whatever the looks of its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Like any text.
    Normal,
    /// Like a heading.
    Strong,
    /// Like small print.
    Faint,
    /// Like a block of code, where its box says that it is code.
    Code,
}

/// The runs as lines of at most a width. Only an address that is written out may pass it: torn apart it could not be
/// copied anymore.
pub(super) fn lines(runs: &[Run], width: usize, tone: Tone, paint: Paint) -> Vec<Line> {
    let cells = cells(runs, tone, paint);
    let hard = cells.split(|cell| cell.char == '\n');
    hard.flat_map(|line| broken(line, width)).map(|line| dressed(line, runs, tone, paint)).collect()
}

/// One character of a run.
#[derive(Clone, Copy, Debug)]
struct Cell {
    char: char,
    width: usize,
    run: usize,
    /// Whether the character stays with its neighbors of the same run.
    solid: bool,
}

fn cells(runs: &[Run], tone: Tone, paint: Paint) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (run, shown) in runs.iter().enumerate() {
        let text = bare(&written(shown, tone, paint));
        let solid = !paint.color && matches!(shown.kind, RunKind::Link { .. });
        cells.extend(text.chars().map(|char| Cell { char, width: char_width(char), run, solid: solid && char != ' ' }));
    }
    cells
}

fn char_width(c: char) -> usize {
    measure_text_width(c.encode_utf8(&mut [0; 4]))
}

/// The characters of a run; without colors, signs represent the looks that change what a text means.
fn written(run: &Run, tone: Tone, paint: Paint) -> String {
    let text = match &run.kind {
        RunKind::Link { text, url } if !paint.color && text != url => format!("{text} ({url})"),
        RunKind::Text(text) | RunKind::Link { text, .. } | RunKind::Mention { text, .. } => text.clone(),
        RunKind::Emoji { picture, .. } => (*picture).to_owned(),
    };
    let signs = [(run.style.code && tone != Tone::Code, '`'), (run.style.strike, '~')];
    signs
        .iter()
        .filter(|(needed, _)| *needed && !paint.color)
        .fold(text, |text, (_, sign)| format!("{sign}{text}{sign}"))
}

/// A line as several, broken at blanks where it can be; blanks at a break are left out.
fn broken(line: &[Cell], width: usize) -> Vec<&[Cell]> {
    let mut lines = Vec::new();
    let mut rest = line;
    while let Some(end) = overflow(rest, width) {
        let (head, tail) = rest.split_at(break_before(rest, end));
        lines.push(trimmed(head));
        let blanks = tail.iter().take_while(|cell| cell.char == ' ').count();
        rest = &tail[blanks..];
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(trimmed(rest));
    }
    lines
}

/// The place of the first character that does not fit; never 0, so that every line takes something.
fn overflow(line: &[Cell], width: usize) -> Option<usize> {
    let mut used = 0;
    line.iter().enumerate().position(|(place, cell)| {
        used += cell.width;
        used > width && place > 0
    })
}

/// Where to break a line whose character at `end` does not fit: at the last blank after a word, else right there or
/// behind what must stay whole.
fn break_before(line: &[Cell], end: usize) -> usize {
    let first_word = line.iter().position(|cell| cell.char != ' ').unwrap_or(end);
    let blank = (first_word + 1..=end).rev().find(|place| line[*place].char == ' ');
    blank.unwrap_or_else(|| end + line[end..].iter().take_while(|cell| cell.solid).count())
}

fn trimmed(line: &[Cell]) -> &[Cell] {
    let blanks = line.iter().rev().take_while(|cell| cell.char == ' ').count();
    &line[..line.len() - blanks]
}

fn dressed(line: &[Cell], runs: &[Run], tone: Tone, paint: Paint) -> Line {
    let pieces = line.chunk_by(|a, b| a.run == b.run);
    let text = pieces.map(|piece| dress(piece, &runs[piece[0].run], tone, paint)).collect();
    Line { text, width: line.iter().map(|cell| cell.width).sum() }
}

fn dress(piece: &[Cell], run: &Run, tone: Tone, paint: Paint) -> String {
    let mut text: String = piece.iter().map(|cell| cell.char).collect();
    if run.style.italic {
        text = paint.italic(&text);
    }
    if run.style.strike {
        text = paint.strike(&text);
    }
    if run.style.code && tone != Tone::Code {
        text = paint.code(&text);
    }
    text = match &run.kind {
        RunKind::Link { url, .. } => paint.link(&text, url),
        RunKind::Mention { .. } => paint.mention(&text),
        RunKind::Text(_) | RunKind::Emoji { .. } => text,
    };
    if run.style.bold || tone == Tone::Strong {
        text = paint.bold(&text);
    }
    if tone == Tone::Faint { paint.dim(&text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::Style;

    const PLAIN: Paint = Paint { color: false };

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let runs = [Run::text(text, Style::default())];
        lines(&runs, width, Tone::Normal, PLAIN).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one two", 6), ["one", "two"]);
        assert_eq!(wrapped("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        assert_eq!(wrapped("  ab\n\nc ", 4), ["  ab", "", "c"]);
        assert_eq!(wrapped("監査監査", 5), ["監査", "監査"]);
        assert_eq!(wrapped("監", 1), ["監"]);
        assert_eq!(wrapped("e\u{301}e\u{301}e", 2), ["e\u{301}e\u{301}", "e"]);
    }

    #[test]
    fn signs_stand_in_for_colours() {
        let code = Style { code: true, ..Style::default() };
        let runs = [Run::text("i-1", code), Run::link("https://e.com", Some("Open"), Style::default())];
        assert_eq!(lines(&runs, 80, Tone::Normal, PLAIN)[0].text, "`i-1`Open (https://e.com)");
        let narrow: Vec<_> = lines(&runs, 10, Tone::Normal, PLAIN).into_iter().map(|line| line.text).collect();
        assert_eq!(narrow, ["`i-1`Open", "(https://e.com)"]);
        let colored = lines(&runs, 80, Tone::Normal, Paint { color: true });
        assert_eq!((colored[0].width, console::strip_ansi_codes(&colored[0].text).contains('`')), (7, false));
    }
}
