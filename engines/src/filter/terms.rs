//! Terms that occur anywhere in a message, or a regular expression.
//!
//! Neighbors: `cursor` reads quoted texts, `regex` regular expressions.

use std::ops::Range;

use super::Judgment;
use super::cursor::Cursor;
use super::error::FilterError;
use super::regex::Regex;
use super::truth::Truth;

const MIXED: &str = "how `?` terms work together with others is not settled: the guide says that they cannot be \
    combined, and also that the `?` terms are then ignored";
const REGEX_BESIDE: &str = "what a regular expression means together with other terms is not documented";
const BLANK_BESIDE: &str = "what a blank phrase means together with other terms, or after `-` or `?`, is not \
    documented";
const BACKSLASH: &str = "what `\\` in a quoted text means is not documented";

/// An unstructured pattern; without terms it matches everything.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    terms: Vec<Term>,
    span: Range<usize>,
}

#[derive(Clone, Debug)]
struct Term {
    role: TermRole,
    look: Sought,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TermRole {
    /// `a`
    Required,
    /// `?a`
    Optional,
    /// `-a`
    Excluded,
}

/// What a term looks for.
#[derive(Clone, Debug)]
enum Sought {
    Text { raw: String, unescaped: Option<String> },
    Regex(Regex),
}

/// Reads a pattern up to its end.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Terms, FilterError> {
    let start = cursor.at();
    let mut terms = Vec::new();
    while cursor.peek().is_some() {
        terms.push(term(cursor)?);
        if cursor.peek().is_some_and(|c| !c.is_ascii_whitespace()) {
            return Err(cursor.error("the term has ended here").expected("a space"));
        }
        cursor.skip_space();
    }
    let terms = Terms { terms, span: start..start + cursor.since(start).trim_end().len() };
    for reason in [MIXED, REGEX_BESIDE, BLANK_BESIDE].into_iter().filter(|reason| terms.doubtful(reason)) {
        cursor.doubt(terms.span.clone(), reason);
    }
    Ok(terms)
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, FilterError> {
    let role = match cursor.peek() {
        Some('?') if cursor.eat("?") => TermRole::Optional,
        Some('-') if cursor.eat("-") => TermRole::Excluded,
        _ => TermRole::Required,
    };
    let look = match cursor.peek() {
        Some('"') => {
            let quoted = cursor.quoted()?;
            Sought::Text { raw: quoted.raw, unescaped: quoted.unescaped }
        }
        Some('%') => Sought::Regex(Regex::parse(cursor)?),
        _ => Sought::Text { raw: bare(cursor)?, unescaped: None },
    };
    Ok(Term { role, look })
}

/// A term without quotation marks: letters, digits and `_`.
fn bare(cursor: &mut Cursor<'_>) -> Result<String, FilterError> {
    let start = cursor.at();
    let whole = cursor.take_while(|c| !c.is_ascii_whitespace());
    if whole.is_empty() {
        return Err(cursor.error("a term is missing").expected("a term"));
    }
    if !whole.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let message = "a term with anything but letters, digits and `_` must be in quotation marks";
        let error = cursor.error_since(start, message);
        let suggestion = if whole.contains('"') { "quotation marks around it".into() } else { format!("\"{whole}\"") };
        return Err(error.expected(suggestion));
    }
    Ok(whole.to_owned())
}

impl Sought {
    fn occurs(&self, message: &str) -> Truth {
        match self {
            Self::Regex(regex) => regex.matches(message),
            Self::Text { raw, unescaped: None } => message.contains(raw.as_str()).into(),
            Self::Text { raw, unescaped: Some(other) } => {
                Truth::agreed(message.contains(raw.as_str()).into(), message.contains(other.as_str()).into(), BACKSLASH)
            }
        }
    }

    fn is_blank(&self) -> bool {
        matches!(self, Self::Text { raw, .. } if raw.trim().is_empty())
    }

    fn shown(&self) -> String {
        match self {
            Self::Text { raw, .. } => format!("term \"{raw}\""),
            Self::Regex(regex) => regex.shown().to_owned(),
        }
    }
}

impl Terms {
    fn with(&self, role: TermRole) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.role == role)
    }

    /// Whether this doubt is one about the pattern.
    fn doubtful(&self, reason: &str) -> bool {
        let plain_alone = self.terms.len() == 1 && self.terms[0].role == TermRole::Required;
        match reason {
            MIXED => {
                let optional = self.with(TermRole::Optional).count();
                0 < optional && optional < self.terms.len()
            }
            BLANK_BESIDE => !plain_alone && self.terms.iter().any(|term| term.look.is_blank()),
            _ => !plain_alone && self.terms.iter().any(|term| matches!(term.look, Sought::Regex(_))),
        }
    }

    pub(super) fn matches(&self, message: &str) -> Judgment {
        // The guide's `" "`: a blank phrase alone matches everything.
        if let [Term { role: TermRole::Required, look, .. }] = self.terms.as_slice()
            && look.is_blank()
        {
            return Judgment::Matches;
        }
        for reason in [MIXED, REGEX_BESIDE, BLANK_BESIDE] {
            if self.doubtful(reason) {
                return Judgment::unknown(reason, &self.span);
            }
        }
        self.judge(message)
    }

    fn judge(&self, message: &str) -> Judgment {
        let needed = |term: &Term| match term.role {
            TermRole::Excluded => !term.look.occurs(message),
            _ => term.look.occurs(message),
        };
        let mut others = self.terms.iter().filter(|term| term.role != TermRole::Optional);
        let all = Truth::all(others.clone().map(needed));
        let any = Truth::any(self.with(TermRole::Optional).map(needed));
        let truth = if self.with(TermRole::Optional).next().is_some() { any } else { all };
        match truth {
            Truth::Yes => Judgment::Matches,
            Truth::Unknown(reason) => Judgment::unknown(reason, &self.span),
            Truth::No => {
                let stopping = others.find(|term| needed(term) == Truth::No);
                Judgment::does_not(stopping.map_or_else(|| self.none_occurs(), reason))
            }
        }
    }

    fn none_occurs(&self) -> String {
        match self.terms.as_slice() {
            [only] => format!("{} does not occur", only.look.shown()),
            _ => "none of the `?` terms occurs".to_owned(),
        }
    }
}

/// Why a term stops a message.
fn reason(term: &Term) -> String {
    match (&term.look, term.role) {
        (look, TermRole::Excluded) => format!("{} occurs", look.shown()),
        (Sought::Regex(regex), _) => format!("{} does not match", regex.shown()),
        (look, _) => format!("{} does not occur", look.shown()),
    }
}
