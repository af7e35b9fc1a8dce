//! The mark by which trailbell knows its own: tags where AWS has them, and a marker at the end of descriptions.
//!
//! The marker is short ASCII: `[tb1;s=<stack>;k=<kind>]`, on a connection also `;h=<fingerprint>`. It is written by the
//! creating call, so a crash right after it never leaves an unmarked resource.

use std::collections::BTreeMap;

use super::Kind;
use crate::name::Scope;

/// What the keys of trailbell's own tags begin with.
pub const TAG_PREFIX: &str = "trailbell:";
/// The tag that says which stack a resource belongs to.
pub const STACK_TAG: &str = "trailbell:stack";

/// Longest description EventBridge takes, in characters; IAM takes more.
const MAX_DESCRIPTION: usize = 512;
/// Longest description Lambda takes.
const MAX_OF_FUNCTION: usize = 256;
/// What a fingerprint adds to a marker when the description is written.
const FINGERPRINT_ROOM: usize = ";h=0123456789abcdef".len();

/// A description: words for people, and the marker.
#[must_use]
pub fn description(words: &str, scope: &Scope, kind: Kind) -> String {
    let marker = format!("[tb1;s={};k={}]", scope.stack(), kind.name());
    let most = if kind == Kind::Function { MAX_OF_FUNCTION } else { MAX_DESCRIPTION };
    let room = most - FINGERPRINT_ROOM - marker.len() - 1;
    // IAM descriptions are Latin-1 only; EventBridge takes any.
    let is_good = |c: char| !c.is_control() && (c.is_ascii() || kind != Kind::Role);
    let plain: String = words.chars().map(|c| if is_good(c) { c } else { '?' }).take(room).collect();
    format!("{} {marker}", plain.trim_end())
}

/// Whether a description carries the mark of this stack.
#[must_use]
pub fn is_marked(description: &str, scope: &Scope) -> bool {
    description.contains(&format!("[tb1;s={};", scope.stack()))
}

/// A description of others with the mark of this stack at its end; `None` when there is no room for it.
#[must_use]
pub fn appended(words: &str, scope: &Scope, kind: Kind) -> Option<String> {
    let marked = format!("{words} [tb1;s={};k={}]", scope.stack(), kind.name());
    (marked.chars().count() + FINGERPRINT_ROOM <= MAX_DESCRIPTION).then(|| marked.trim_start().to_owned())
}

/// The stack whose mark a description carries.
#[must_use]
pub fn stack_in(description: &str) -> Option<&str> {
    let (_, marker) = description.split_once("[tb1;s=")?;
    marker.split_once(';').map(|(stack, _)| stack)
}

/// Puts a fingerprint (`-` when there is a secret without one) into the marker of a description.
#[must_use]
pub fn with_fingerprint(description: &str, fingerprint: Option<&str>) -> String {
    match description.strip_suffix(']') {
        Some(rest) if description.contains("[tb1;") => format!("{rest};h={}]", fingerprint.unwrap_or("-")),
        _ => description.to_owned(),
    }
}

/// Takes the fingerprint out of a description. `None` in the middle means that the marker says nothing about a secret,
/// `Some("-")` that there is one without fingerprint.
#[must_use]
pub fn split_fingerprint(description: &str) -> (String, Option<String>) {
    let parts = || {
        let (rest, tail) = description.rsplit_once(";h=")?;
        let fingerprint = tail.strip_suffix(']')?;
        let good = fingerprint == "-" || fingerprint.len() == 16 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit());
        (good && rest.contains("[tb1;")).then(|| (format!("{rest}]"), Some(fingerprint.to_owned())))
    };
    parts().unwrap_or_else(|| (description.to_owned(), None))
}

/// The tags of a resource of this stack.
#[must_use]
pub fn tags(scope: &Scope) -> BTreeMap<String, String> {
    BTreeMap::from([(STACK_TAG.to_owned(), scope.stack().to_owned())])
}

/// Whether tags carry the mark of this stack.
#[must_use]
pub fn is_tagged(tags: &BTreeMap<String, String>, scope: &Scope) -> bool {
    tags.get(STACK_TAG).is_some_and(|stack| stack == scope.stack())
}

/// Whether a tag is managed: the mark, or one that is wanted. Others may add their own.
#[must_use]
pub fn is_managed_tag(key: &str, wanted: Option<&BTreeMap<String, String>>) -> bool {
    key == STACK_TAG || wanted.is_some_and(|wanted| wanted.contains_key(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    #[test]
    fn descriptions_carry_the_mark_within_the_limit() {
        let text = description(&"ü".repeat(1000), &scope(), Kind::Connection);
        assert!(is_marked(&text, &scope()));
        assert!(with_fingerprint(&text, Some("0123456789abcdef")).chars().count() <= 512);
        assert!(description("ü\n", &scope(), Kind::Role).starts_with("?? [tb1;"));
        assert!(description(&"ü".repeat(1000), &scope(), Kind::Function).chars().count() <= 256);
        let other = Scope::offline(None, "us-east-1", "se").expect("a good scope");
        assert!(!is_marked(&text, &other));
        assert_eq!(stack_in(&text), Some("sec"));
    }

    #[test]
    fn a_mark_is_appended_where_there_is_room_and_keeps_every_word() {
        for (words, is_possible) in [("", true), ("theirs", true), (&"ü".repeat(460), true), (&"ü".repeat(470), false)]
        {
            let marked = appended(words, &scope(), Kind::ApiDestination);
            assert_eq!(marked.is_some(), is_possible, "{words}");
            let is_good = |text: String| {
                let length = with_fingerprint(&text, Some("0123456789abcdef")).chars().count();
                text.starts_with(words) && is_marked(&text, &scope()) && length <= 512
            };
            assert!(marked.is_none_or(is_good), "{words}");
        }
        assert_eq!(stack_in("[tb1;s=theirs"), None);
    }

    #[test]
    fn the_fingerprint_goes_in_and_comes_out() {
        let text = description("Slack", &scope(), Kind::Connection);
        for fingerprint in [None, Some("0123456789abcdef")] {
            let written = with_fingerprint(&text, fingerprint);
            assert_eq!(split_fingerprint(&written), (text.clone(), Some(fingerprint.unwrap_or("-").to_owned())));
        }
        assert_eq!(split_fingerprint(&text), (text.clone(), None));
        for edited in ["edited", "x;h=zz]", "x;h=0123456789abcdef]", ""] {
            assert_eq!(split_fingerprint(edited), (edited.to_owned(), None));
        }
    }
}
