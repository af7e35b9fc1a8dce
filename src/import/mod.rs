//! Rules of others as blueprints: text in, a blueprint with tests out, and a list of what was changed or refused.
//!
//! Nothing is guessed: what a rule says is kept exactly, or the rule is refused with the reason. `sigma` reads Sigma rules,
//! `eventbridge` rules of EventBridge; `examples` makes the tests from the finished pattern; `finish` writes the file and lets `check` and `cases` judge it, so
//! that what is written has no errors and passes its tests. Pure: `cli::import` reads and writes the files.

pub mod eventbridge;
mod examples;
mod finish;
pub mod sigma;
mod texts;
mod write;

use schemars::JsonSchema;
use serde::Serialize;

/// What came of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRule {
    /// What the rule is called where it comes from.
    pub rule: String,
    /// The blueprint; `None` for a rule that was refused.
    pub blueprint: Option<ImportedBlueprint>,
    /// What was changed, weakened, or refused, and why.
    pub notes: Vec<ImportNote>,
}

/// A blueprint that was made of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedBlueprint {
    /// Its name, and the name of its file without `.yaml`.
    pub name: String,
    /// The text of its file.
    pub text: String,
    /// How many tests it has.
    pub tests: usize,
}

/// Something that a person must know about an imported rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportNote {
    /// What kind.
    pub kind: NoteKind,
    /// What, and why.
    pub what: String,
}

/// How an imported rule differs from the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// The rule was refused, and there is no blueprint.
    Refused,
    /// The blueprint matches fewer or more events than the rule in the cases that are named.
    Weakened,
    /// Something is written in another way, or was left out; which events match is the same.
    Changed,
    /// Nothing differs, but this is worth knowing.
    Remark,
}

impl NoteKind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Weakened => "weakened",
            Self::Changed => "changed",
            Self::Remark => "remark",
        }
    }
}

impl ImportNote {
    fn new(kind: NoteKind, what: impl Into<String>) -> Self {
        Self { kind, what: texts::shown(&what.into()) }
    }
}

impl ImportedRule {
    /// A rule that was refused.
    #[must_use]
    pub fn refused(rule: impl Into<String>, why: impl Into<String>) -> Self {
        let notes = vec![ImportNote::new(NoteKind::Refused, why)];
        Self { rule: texts::shown(&rule.into()), blueprint: None, notes }
    }
}
