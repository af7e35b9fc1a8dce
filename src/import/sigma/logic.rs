//! What a Sigma rule asks for, as logic over single fields.

use super::value::SigmaValue;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SigmaLogic {
    /// All of them; of none, always.
    All(Vec<SigmaLogic>),
    /// One of them; of none, never.
    Any(Vec<SigmaLogic>),
    /// Not this.
    Not(Box<SigmaLogic>),
    /// A field has one of these values.
    Field(SigmaField),
}

/// A field and its possible values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SigmaField {
    /// Its dotted path in the record.
    pub(super) path: String,
    /// The values, of which one must fit.
    pub(super) values: Vec<SigmaValue>,
}
