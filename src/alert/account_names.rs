//! Names of accounts as messages show them: nothing in one is markup anywhere, because notifications show them, too, and Slack
//! formats those. Names in a stack file must be so; those of AWS Organizations, where every printable ASCII character is allowed
//! (API reference, `CreateAccount`), are made so.

use crate::message::MAX_ACCOUNT_NAME;

/// The characters that a name can have, in words.
pub const FORM: &str = "letters, digits, spaces, and `.`, `-`, `_`, `/`, `(`, `)`, and `:`";

/// Whether a name is shown as it is.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let is_trimmed = name.trim() == name && !name.is_empty();
    is_trimmed && name.chars().count() <= MAX_ACCOUNT_NAME && name.chars().all(is_allowed)
}

/// The name with a hyphen in the place of each other character; nothing if nothing is left.
#[must_use]
pub fn shown(name: &str) -> Option<String> {
    let allowed: String = name.chars().map(|c| if is_allowed(c) { c } else { '-' }).take(MAX_ACCOUNT_NAME).collect();
    Some(allowed.trim().to_owned()).filter(|name| is_plain(name))
}

fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '/' | '(' | ')' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_organizations_is_shown_without_markup() {
        for (name, expected) in [
            ("Payments (production)", Some("Payments (production)")),
            ("R&D <!channel>", Some("R-D --channel-")),
            ("*bold* `x`", Some("-bold- -x-")),
            ("  ", None),
            ("", None),
        ] {
            assert_eq!(shown(name).as_deref(), expected, "{name}");
        }
        assert_eq!(shown(&"x".repeat(80)).map(|name| name.len()), Some(MAX_ACCOUNT_NAME));
    }
}
