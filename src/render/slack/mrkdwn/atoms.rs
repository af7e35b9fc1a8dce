//! The atoms of mrkdwn: characters, marks, and what is complete in itself: references, entities, emoji, code, URLs.

use super::super::view::Run;
use super::super::{emoji, safe};
use super::read;
use crate::slack::Style;

/// The longest name of an emoji that is looked up.
const LONGEST_NAME: usize = 100;

/// How much of the markup counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Everything.
    All,
    /// Everything but the marks.
    Unformatted,
    /// References, as in code.
    References,
    /// Emoji, as in `plain_text`.
    Emoji,
}

impl Rules {
    fn marks(self) -> bool {
        self == Self::All
    }

    fn references(self) -> bool {
        self != Self::Emoji
    }

    fn addresses(self) -> bool {
        matches!(self, Self::All | Self::Unformatted)
    }

    fn emoji(self) -> bool {
        self != Self::References
    }
}

/// What cannot be taken apart.
pub(super) enum Atom {
    /// A character that represents itself.
    Char(char),
    /// A character that may style what follows.
    Mark(Mark),
    /// Runs that are complete but for the styles around them.
    Runs(Vec<Run>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Bold,
    Italic,
    Strike,
}

impl Mark {
    fn of(c: char) -> Option<Self> {
        match c {
            '*' => Some(Self::Bold),
            '_' => Some(Self::Italic),
            '~' => Some(Self::Strike),
            _ => None,
        }
    }

    pub(super) fn char(self) -> char {
        match self {
            Self::Bold => '*',
            Self::Italic => '_',
            Self::Strike => '~',
        }
    }

    pub(super) fn flag(self, style: &mut Style) -> &mut bool {
        match self {
            Self::Bold => &mut style.bold,
            Self::Italic => &mut style.italic,
            Self::Strike => &mut style.strike,
        }
    }
}

pub(super) fn atoms(text: &str, rules: Rules) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut rest = text;
    let mut before = '\n';
    while let Some(c) = rest.chars().next() {
        let (atom, taken) = special(rest, c, before, rules).unwrap_or((Atom::Char(c), c.len_utf8()));
        before = rest[..taken].chars().next_back().unwrap_or(c);
        rest = &rest[taken..];
        atoms.push(atom);
    }
    atoms
}

/// An atom that is more than its first character, with the number of bytes it takes.
fn special(rest: &str, first: char, before: char, rules: Rules) -> Option<(Atom, usize)> {
    match first {
        '&' => entity(rest).map(|(c, taken)| (Atom::Char(c), taken)),
        '<' if rules.references() => reference(rest),
        '`' if rules.marks() => code(rest, before),
        ':' if rules.emoji() => named(rest),
        'h' | 'H' if rules.addresses() && !before.is_alphanumeric() => address(rest),
        _ if rules.marks() => Mark::of(first).map(|mark| (Atom::Mark(mark), 1)),
        _ => None,
    }
}

fn entity(rest: &str) -> Option<(char, usize)> {
    const ENTITIES: [(&str, char); 3] = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')];
    ENTITIES.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, c)| (*c, name.len()))
}

/// Text with its entities read.
fn decoded(text: &str) -> String {
    // `&amp;` last, so that `&amp;lt;` becomes `&lt;` and no further.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// `<…>`: a link, or who is called.
fn reference(rest: &str) -> Option<(Atom, usize)> {
    let inside = &rest[1..];
    // Stopping at the next `<` keeps many open ones from being searched to the end again and again.
    let end = inside.find(['>', '<', '\n'])?;
    if !inside[end..].starts_with('>') {
        return None;
    }
    let (what, label) =
        inside[..end].split_once('|').map_or((&inside[..end], None), |(what, label)| (what, Some(label)));
    let label = label.map(decoded).filter(|label| !label.is_empty());
    let run = referred(&decoded(what), label.as_deref())?;
    Some((Atom::Runs(vec![run]), end + 2))
}

fn referred(what: &str, label: Option<&str>) -> Option<Run> {
    let style = Style::default();
    match what.chars().next()? {
        '!' => Some(special_mention(&what[1..], label)),
        sign @ ('@' | '#') => {
            let name = label.unwrap_or(&what[1..]).trim_start_matches(sign);
            Some(Run::mention(&format!("{sign}{name}"), false, style))
        }
        _ => safe::target(what).map(|_| Run::link(what, label, style)),
    }
}

/// `<!here>`, a group of users, or a date, which Slack shows in the reader's time and this in its fallback.
fn special_mention(what: &str, label: Option<&str>) -> Run {
    let name = what.split('^').next().unwrap_or(what);
    match name {
        "channel" | "here" | "everyone" => Run::mention(&format!("@{name}"), true, Style::default()),
        "date" => Run::text(label.unwrap_or(what), Style::default()),
        _ => {
            let name = label.unwrap_or_else(|| what.rsplit('^').next().unwrap_or(what));
            Run::mention(&format!("@{}", name.trim_start_matches('@')), false, Style::default())
        }
    }
}

/// A value between backticks; only references and entities count inside.
fn code(rest: &str, before: char) -> Option<(Atom, usize)> {
    let inside = &rest[1..];
    let end = inside.find(['`', '\n']).filter(|end| inside[*end..].starts_with('`'))?;
    let after = inside[end + 1..].chars().next().unwrap_or('\n');
    if inside[..end].trim().is_empty() || before.is_alphanumeric() || after.is_alphanumeric() {
        return None;
    }
    let mut runs = read(&inside[..end], Rules::References);
    for run in &mut runs {
        run.style.code = true;
    }
    Some((Atom::Runs(runs), end + 2))
}

/// An emoji with a picture.
fn named(rest: &str) -> Option<(Atom, usize)> {
    let name_char = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_+-'".contains(&b);
    let length = rest.bytes().skip(1).take(LONGEST_NAME).take_while(|b| name_char(*b)).count();
    let name = &rest[1..=length];
    let known = rest[1 + length..].starts_with(':') && emoji::picture(name).is_some();
    known.then(|| (Atom::Runs(vec![Run::emoji(name, Style::default())]), length + 2))
}

/// An address without brackets, which Slack makes a link.
fn address(rest: &str) -> Option<(Atom, usize)> {
    let scheme =
        ["https://", "http://"].iter().find(|s| rest.get(..s.len()).is_some_and(|r| r.eq_ignore_ascii_case(s)))?;
    let end = rest.find(|c: char| c.is_whitespace() || "<>|`\"\u{fffd}".contains(c)).unwrap_or(rest.len());
    let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~', ')', '\'']);
    if url.len() <= scheme.len() {
        return None;
    }
    Some((Atom::Runs(vec![Run::link(&decoded(url), None, Style::default())]), url.len()))
}
