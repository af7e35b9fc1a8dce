//! The condition of a Sigma rule: search identifiers joined by `and`, `or`, `not`, parentheses, and `1 of` or `all of`.
//!
//! Source: Sigma specification 2.0.0, "Condition" (github.com/SigmaHQ/sigma-specification).

use std::iter::Peekable;
use std::vec::IntoIter;

use super::logic::SigmaLogic;
use crate::glob::Glob;

/// Most words of a condition, and how deep its parentheses go.
const MAX_WORDS: usize = 100;
const MAX_DEPTH: usize = 30;

/// The search identifiers of a rule, in their order.
pub(super) type Identifiers = Vec<(String, Result<SigmaLogic, String>)>;

/// What a condition asks for.
///
/// # Errors
/// Why it cannot be read, or EventBridge cannot do it.
pub(super) fn read(text: &str, known: &Identifiers) -> Result<SigmaLogic, String> {
    if text.contains('|') {
        let why = "it counts events or looks for several of them, and a rule of EventBridge sees one event at a time";
        return Err(format!("the condition `{text}` has an aggregation: {why}"));
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<String> = spaced.split_whitespace().map(str::to_owned).collect();
    if words.len() > MAX_WORDS {
        return Err(format!("the condition has more than {MAX_WORDS} words"));
    }
    let mut reader = ConditionReader { words: words.into_iter().peekable(), known, depth: 0 };
    let logic = reader.alternatives()?;
    match reader.words.next() {
        None => Ok(logic),
        Some(word) => Err(format!("the condition `{text}` cannot be read: `{word}` is not expected there")),
    }
}

struct ConditionReader<'r> {
    words: Peekable<IntoIter<String>>,
    known: &'r Identifiers,
    depth: usize,
}

impl ConditionReader<'_> {
    fn alternatives(&mut self) -> Result<SigmaLogic, String> {
        let mut all = vec![self.conjunction()?];
        while self.takes("or") {
            all.push(self.conjunction()?);
        }
        Ok(alone(all, SigmaLogic::Any))
    }

    fn conjunction(&mut self) -> Result<SigmaLogic, String> {
        let mut all = vec![self.negation()?];
        while self.takes("and") {
            all.push(self.negation()?);
        }
        Ok(alone(all, SigmaLogic::All))
    }

    fn negation(&mut self) -> Result<SigmaLogic, String> {
        let mut is_negated = false;
        while self.takes("not") {
            is_negated = !is_negated;
        }
        let logic = self.operand()?;
        Ok(if is_negated { SigmaLogic::Not(Box::new(logic)) } else { logic })
    }

    fn operand(&mut self) -> Result<SigmaLogic, String> {
        let word = self.words.next().ok_or("the condition ends too early")?;
        if word == "(" {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(format!("the condition has more than {MAX_DEPTH} parentheses inside each other"));
            }
            let logic = self.alternatives()?;
            self.depth -= 1;
            return if self.takes(")") { Ok(logic) } else { Err("the condition lacks a `)`".to_owned()) };
        }
        if self.takes("of") {
            return self.several(&word);
        }
        self.named(&word)
    }

    /// `1 of`, `any of`, `all of`.
    fn several(&mut self, count: &str) -> Result<SigmaLogic, String> {
        let pattern = self.words.next().ok_or("the condition ends after `of`")?;
        let is_meant = |name: &str| match pattern.to_lowercase().as_str() {
            "them" => !name.starts_with('_'),
            _ => Glob::new(&pattern).matches(name),
        };
        let found: Vec<SigmaLogic> = self
            .known
            .iter()
            .filter(|(name, _)| is_meant(name))
            .map(|(_, logic)| logic.clone())
            .collect::<Result<_, _>>()?;
        if found.is_empty() {
            return Err(format!("no search identifier is named like `{pattern}`"));
        }
        match count.to_lowercase().as_str() {
            "1" | "any" => Ok(alone(found, SigmaLogic::Any)),
            "all" => Ok(alone(found, SigmaLogic::All)),
            _ => Err(format!("`{count} of {pattern}` is not supported: only `1 of` and `all of` are")),
        }
    }

    fn named(&self, name: &str) -> Result<SigmaLogic, String> {
        let found = self.known.iter().find(|(one, _)| one == name);
        found.map_or_else(
            || Err(format!("the condition names `{name}`, which the rule does not have")),
            |(_, logic)| logic.clone(),
        )
    }

    fn takes(&mut self, word: &str) -> bool {
        self.words.next_if(|next| next.eq_ignore_ascii_case(word)).is_some()
    }
}

fn alone(mut all: Vec<SigmaLogic>, several: fn(Vec<SigmaLogic>) -> SigmaLogic) -> SigmaLogic {
    if all.len() == 1 { all.remove(0) } else { several(all) }
}

#[cfg(test)]
mod tests {
    use super::super::logic::SigmaField;
    use super::*;

    /// A condition over `a`, `b1`, `b2`, and `_c`, written in prefix form.
    fn read_of(text: &str) -> Result<String, String> {
        let field = |name: &str| Ok(SigmaLogic::Field(SigmaField { path: name.to_owned(), values: Vec::new() }));
        let known = ["a", "b1", "b2", "_c"].map(|name| (name.to_owned(), field(name)));
        read(text, &known.to_vec()).map(|logic| shown(&logic))
    }

    fn shown(logic: &SigmaLogic) -> String {
        let list = |all: &[SigmaLogic]| all.iter().map(shown).collect::<Vec<_>>().join(" ");
        match logic {
            SigmaLogic::All(all) => format!("(and {})", list(all)),
            SigmaLogic::Any(all) => format!("(or {})", list(all)),
            SigmaLogic::Not(one) => format!("(not {})", shown(one)),
            SigmaLogic::Field(field) => field.path.clone(),
        }
    }

    #[test]
    fn conditions_bind_as_the_specification_says() {
        for (text, expected) in [
            ("a", "a"),
            ("a and b1 or b2", "(or (and a b1) b2)"),
            ("a or b1 and b2", "(or a (and b1 b2))"),
            ("not a and b1", "(and (not a) b1)"),
            ("not (a and b1)", "(not (and a b1))"),
            ("not not a", "a"),
            ("a AND NOT 1 of b*", "(and a (not (or b1 b2)))"),
            ("all of b*", "(and b1 b2)"),
            ("1 of them", "(or a b1 b2)"),
            ("all of them", "(and a b1 b2)"),
            ("1 of *1", "b1"),
        ] {
            assert_eq!(read_of(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_or_done_is_refused() {
        for (text, word) in [
            ("a | count() by b > 5", "aggregation"),
            ("a b1", "not expected"),
            ("a and", "ends too early"),
            ("(a", "lacks a `)`"),
            ("a)", "not expected"),
            ("x", "`x`"),
            ("2 of b*", "not supported"),
            ("1 of x*", "like `x*`"),
            ("1 of", "after `of`"),
            ("", "ends too early"),
        ] {
            let found = read_of(text).expect_err(text);
            assert!(found.contains(word), "{text}: {found}");
        }
        assert!(read_of(&"(".repeat(200)).is_err() && read_of(&"not ".repeat(100_000)).is_err());
    }
}
