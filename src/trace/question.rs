//! What a walk cannot tell by itself, and the answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::{Put, Stop};

/// Where in a walk something is asked: the places of the parts that led there.
pub type QuestionId = Vec<usize>;

/// What was answered, by where it was asked.
pub type Answers = BTreeMap<QuestionId, Answer>;

/// Something that a walk cannot tell by itself.
#[derive(Clone, Debug)]
pub struct Question<'g> {
    /// Where in the walk.
    pub id: QuestionId,
    /// What is asked.
    pub ask: Ask<'g>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Ask<'g> {
    /// Whether an event pattern matches an event.
    Pattern {
        /// The pattern.
        pattern: &'g Value,
        /// The event.
        event: Rc<Value>,
    },
    /// Which lines a filter pattern lets through.
    Filter {
        /// The filter pattern.
        pattern: &'g str,
        /// The lines.
        lines: Rc<Vec<String>>,
    },
    /// What a function does.
    Run {
        /// The function's name.
        function: &'g str,
        /// Its id: that of its alert, or `notifier`.
        id: &'g str,
        /// What it is called with.
        input: Value,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The pattern matches.
    Matches,
    /// It does not, and why.
    DoesNotMatch(Stop),
    /// The lines at these places pass; why the first does not, when none does.
    Passing {
        /// The places, in order.
        places: Vec<usize>,
        /// Why the first line does not pass.
        why: Option<String>,
    },
    /// What the function did.
    Ran {
        /// What it failed with.
        error: Option<String>,
        /// The events it put on buses.
        events: Vec<Put>,
    },
    /// No one can tell, and why.
    NotKnown(String),
}
