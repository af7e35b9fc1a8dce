//! Three-valued logic (Kleene's): what is unknown stays so only while the rest does not decide.
//!
//! Neighbors: `compare` answers with it, `expression` and `terms` combine answers.

/// The answer to one condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    /// With the sentence that says what is not documented.
    Unknown(&'static str),
}

impl Truth {
    /// Yes or no as `positive` is, but a yes counts only when it is documented.
    pub(super) fn yes_is_unknown(positive: bool, reason: &'static str) -> Self {
        if positive { Self::Unknown(reason) } else { Self::No }
    }

    /// What two readings of a pattern say: unknown where they differ.
    pub(super) fn agreed(one: Self, other: Self, reason: &'static str) -> Self {
        if one == other { one } else { Self::Unknown(reason) }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) => other,
            (unknown, _) => unknown,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }

    pub(super) fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::Yes, Self::and)
    }

    pub(super) fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::No, Self::or)
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
