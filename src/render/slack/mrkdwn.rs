//! Slack's mrkdwn, read into runs as Slack reads it.
//!
//! Slack's parser is not published. What is known is followed: `*`, `_`, `~` and the backtick need a boundary of words
//! outside and a character inside, on one line; `&amp;`, `&lt;` and `&gt;` are the only entities; `<…>` is a link or a
//! mention; three backticks make a block; `>` at the start of a line quotes it and `>>>` all that follows.
//! Reading is two passes: atoms from the characters, then styles from the marks among them, each of them linear.

mod atoms;

use super::safe;
use super::view::{Run, RunKind, ViewPart};
use crate::slack::Style;
use atoms::{Atom, Mark, Rules, atoms};

/// Opens and closes a block of code.
const FENCE: &str = "```";
/// Paragraphs, quotes and blocks of code.
pub(super) fn parts(text: &str) -> Vec<ViewPart> {
    let text = safe::visible(text);
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, code, after)) = fenced(rest) {
        parts.extend(paragraphs(before.strip_suffix('\n').unwrap_or(before)));
        parts.push(ViewPart::Pre(read(code, Rules::References)));
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    parts.extend(paragraphs(rest));
    parts
}

/// Text without blocks, for places that have none.
pub(super) fn line(text: &str) -> Vec<Run> {
    read(&safe::visible(text), Rules::All)
}

/// Text whose author turned mrkdwn off: no marks, but Slack still resolves links and emoji.
pub(super) fn unformatted(text: &str) -> Vec<Run> {
    read(&safe::visible(text), Rules::Unformatted)
}

/// `plain_text`: only emoji and entities.
pub(super) fn plain(text: &str) -> Vec<Run> {
    read(&safe::visible(text), Rules::Emoji)
}

/// The text before a block of code, the code, and what follows.
fn fenced(text: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = text.split_once(FENCE)?;
    let (code, after) = opened.split_once(FENCE)?;
    let code = code.strip_prefix('\n').unwrap_or(code);
    let code = code.strip_suffix('\n').unwrap_or(code);
    Some((before, code, after))
}

/// Lines that belong together, quoted or not.
fn paragraphs(text: &str) -> Vec<ViewPart> {
    let mut groups: Vec<(bool, String)> = Vec::new();
    let mut all_quoted = false;
    for line in text.trim_end_matches('\n').split('\n') {
        let (quoted, line) = match (all_quoted, quote(line)) {
            (false, Some((rest, all))) => {
                all_quoted = all;
                (true, rest)
            }
            _ => (all_quoted, line),
        };
        match groups.last_mut() {
            Some((same, lines)) if *same == quoted => {
                lines.push('\n');
                lines.push_str(line);
            }
            _ => groups.push((quoted, line.to_owned())),
        }
    }
    groups.iter().filter(|(_, lines)| !lines.is_empty()).map(|(quoted, lines)| paragraph(*quoted, lines)).collect()
}

fn paragraph(quoted: bool, lines: &str) -> ViewPart {
    let runs = read(lines, Rules::All);
    if quoted { ViewPart::Quote(runs) } else { ViewPart::Paragraph(runs) }
}

/// What a quoted line says and whether the quotation goes on to the end.
fn quote(line: &str) -> Option<(&str, bool)> {
    let rest = unquoted(line)?;
    let (rest, all) = unquoted(rest).and_then(unquoted).map_or((rest, false), |rest| (rest, true));
    Some((rest.strip_prefix(' ').unwrap_or(rest), all))
}

fn unquoted(line: &str) -> Option<&str> {
    // The API escapes what people type, so Slack takes both for the sign of a quotation.
    line.strip_prefix('>').or_else(|| line.strip_prefix("&gt;"))
}

fn read(text: &str, rules: Rules) -> Vec<Run> {
    let mut runs = Vec::new();
    dress(&atoms(text, rules), Style::default(), &mut runs);
    runs
}

/// Gives the atoms their styles. A style does not nest in itself, so this is at most three calls deep.
fn dress(atoms: &[Atom], style: Style, runs: &mut Vec<Run>) {
    let mut at = 0;
    let mut unclosed: Vec<Mark> = Vec::new();
    while let Some(atom) = atoms.get(at) {
        match atom {
            Atom::Char(c) => push_char(*c, style, runs),
            Atom::Runs(complete) => runs.extend(complete.iter().map(|run| styled(run, style))),
            Atom::Mark(mark) => {
                if let Some(end) = span(atoms, at, *mark, style, &mut unclosed) {
                    let mut inner = style;
                    *mark.flag(&mut inner) = true;
                    dress(&atoms[at + 1..end], inner, runs);
                    at = end;
                } else {
                    push_char(mark.char(), style, runs);
                }
            }
        }
        if matches!(atom, Atom::Char('\n')) {
            unclosed.clear();
        }
        at += 1;
    }
}

/// Where the mark at a place is closed, if it opens. A mark found unclosed is not searched for again on its line.
fn span(atoms: &[Atom], at: usize, mark: Mark, mut style: Style, unclosed: &mut Vec<Mark>) -> Option<usize> {
    if *mark.flag(&mut style) || unclosed.contains(&mark) || !opens(atoms, at, mark) {
        return None;
    }
    let line = (at + 1..atoms.len()).take_while(|place| edge(atoms.get(*place)) != '\n');
    let end = line.into_iter().find(|place| closes(atoms, *place, mark));
    if end.is_none() {
        unclosed.push(mark);
    }
    end
}

fn opens(atoms: &[Atom], at: usize, mark: Mark) -> bool {
    let before = at.checked_sub(1).map_or('\n', |before| edge(atoms.get(before)));
    let after = edge(atoms.get(at + 1));
    !before.is_alphanumeric() && before != mark.char() && !after.is_whitespace() && after != mark.char()
}

fn closes(atoms: &[Atom], at: usize, mark: Mark) -> bool {
    if !matches!(atoms[at], Atom::Mark(found) if found == mark) {
        return false;
    }
    let before = edge(at.checked_sub(1).and_then(|before| atoms.get(before)));
    let after = edge(atoms.get(at + 1));
    !before.is_whitespace() && before != mark.char() && !after.is_alphanumeric() && after != mark.char()
}

/// What an atom is to its neighbors; the end of the text is the end of a line, complete runs end in a bracket.
fn edge(atom: Option<&Atom>) -> char {
    match atom {
        None => '\n',
        Some(Atom::Char(c)) => *c,
        Some(Atom::Mark(mark)) => mark.char(),
        Some(Atom::Runs(_)) => '>',
    }
}

fn push_char(c: char, style: Style, runs: &mut Vec<Run>) {
    match runs.last_mut() {
        Some(Run { kind: RunKind::Text(text), style: same }) if *same == style => text.push(c),
        _ => runs.push(Run { kind: RunKind::Text(c.to_string()), style }),
    }
}

fn styled(run: &Run, around: Style) -> Run {
    let own = run.style;
    let style = Style {
        bold: own.bold || around.bold,
        italic: own.italic || around.italic,
        strike: own.strike || around.strike,
        code: own.code || around.code,
    };
    Run { kind: run.kind.clone(), style }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs as short notes: `B(bold)`, `[label](url)`, `@channel!`, `:name:`.
    fn notes(runs: &[Run]) -> String {
        runs.iter().map(note).collect()
    }

    fn note(run: &Run) -> String {
        let text = match &run.kind {
            RunKind::Text(text) => text.clone(),
            RunKind::Link { text, url } => format!("[{text}]({url})"),
            RunKind::Mention { text, all } => format!("{{{text}{}}}", if *all { "!" } else { "" }),
            RunKind::Emoji { name, .. } => format!("{{:{name}:}}"),
        };
        let Style { bold, italic, strike, code } = run.style;
        let looks: String =
            [(bold, 'B'), (italic, 'I'), (strike, 'S'), (code, 'C')].iter().filter(|l| l.0).map(|l| l.1).collect();
        if looks.is_empty() { text } else { format!("{looks}({text})") }
    }

    fn shown(text: &str) -> String {
        notes(&line(text))
    }

    #[test]
    fn marks_need_the_boundaries_of_words() {
        for (text, expected) in [
            ("*bold* _it_ ~no~ `x`", "B(bold) I(it) S(no) C(x)"),
            ("(*bold*), \"_it_\"!", "(B(bold)), \"I(it)\"!"),
            ("a*b*c snake_case_name 2*3*4", "a*b*c snake_case_name 2*3*4"),
            ("* no * _ no_ *no", "* no * _ no_ *no"),
            ("**no** __init__ ** *", "**no** __init__ ** *"),
            ("_foo_bar_ *a * b*", "I(foo_bar) B(a * b)"),
            ("*_both_* *a _b_ c* *_a*_", "BI(both) B(a )BI(b)B( c) B(_a)_"),
            ("*over\nlines*", "*over\nlines*"),
            ("`*raw* &amp; :bell:` a`b`c ``", "C(*raw* & :bell:) a`b`c ``"),
            ("*`code`*", "BC(code)"),
            ("*a", "*a"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn references_entities_and_emoji_are_read() {
        for (text, expected) in [
            ("<https://e.com?a=1&amp;b=2|a &lt;b&gt;>", "[a <b>](https://e.com?a=1&b=2)"),
            ("<https://e.com> *<https://e.com|x>*", "[https://e.com](https://e.com) B([x](https://e.com))"),
            ("<!channel> <!here|here> <@U1> <@U1|zoe>", "{@channel!} {@here!} {@U1} {@zoe}"),
            ("<#C1|ops> <!subteam^S1|@sec> <!subteam^S1>", "{#ops} {@sec} {@S1}"),
            ("<!date^1^{date}|2026-07-01>", "2026-07-01"),
            ("<javascript:alert(1)|x> a < b > c <>", "<javascript:alert(1)|x> a < b > c <>"),
            ("&amp;lt; &lt;b&gt; &quot;", "&lt; <b> &quot;"),
            (":bell: :nope: arn:aws:iam::1:x", "{:bell:} :nope: arn:aws:iam::1:x"),
            (
                "see https://e.com/a_b_c. (HTTP://e.com)",
                "see [https://e.com/a_b_c](https://e.com/a_b_c). ([HTTP://e.com](HTTP://e.com))",
            ),
            ("xhttps://e.com https://", "xhttps://e.com https://"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn blocks_of_code_and_quotes_stand_alone() {
        let shown: Vec<String> = parts("a\n> b\n&gt; *c*\nd\n```\n<x> *y*\n```\ne\n>>> f\n> g\n")
            .iter()
            .map(|part| match part {
                ViewPart::Paragraph(runs) => notes(runs),
                ViewPart::Quote(runs) => format!("> {}", notes(runs)),
                ViewPart::Pre(runs) => format!("| {}", notes(runs)),
                ViewPart::List { .. } => String::new(),
            })
            .collect();
        assert_eq!(shown, ["a", "> b\nB(c)", "d", "| <x> *y*", "e", "> f\n> g"]);
        assert_eq!(parts("```open").len(), 1);
    }

    #[test]
    fn less_markup_counts_elsewhere() {
        assert_eq!(notes(&plain("*a* :bell: <!here> &amp; https://e.com")), "*a* {:bell:} <!here> & https://e.com");
        assert_eq!(notes(&unformatted("*a* `b` :bell: <!here>")), "*a* `b` {:bell:} {@here!}");
    }

    #[test]
    fn many_marks_are_read_quickly() {
        for text in ["*a ", "_*~a ", "<", "`", "> ", "```", ":", "*a* _b ", "&", "h"] {
            assert!(!parts(&text.repeat(20_000)).is_empty() || text == "> " || text == "```");
        }
    }
}
