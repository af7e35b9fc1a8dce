//! What is wrong with a body: where, of what kind, and one line for people.

/// One thing that Slack would refuse, or that trailbell does not want sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer such as `/blocks/0/text/text`. A missing field is reported at the object that lacks it.
    pub at: String,
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// One line: what is wrong, what was found, what the limit is.
    pub what: String,
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A wrong JSON type, a missing or unknown field, or a value that is not allowed.
    Shape,
    /// A text or a list that must not be empty.
    Empty,
    /// More characters than Slack takes or shows.
    TooLong,
    /// More entries than Slack takes.
    TooMany,
    /// Something that mentions or notifies people, or makes Slack look for such things.
    Mention,
    /// Something Slack may well take but trailbell neither sends nor shows.
    Unsupported,
}
