//! The stacks of an account as a table. What tags say is made plain: someone else may have written them.

use jiff::Timestamp;

use super::history::moment;
use super::style::{Paint, count, plain};
use crate::output::list::ListedStack;

/// A line for each stack, and how many there are.
#[must_use]
pub fn text(stacks: &[ListedStack], now: Timestamp, paint: Paint) -> String {
    if stacks.is_empty() {
        return "There are no stacks.".to_owned();
    }
    let expired = stacks.iter().filter(|one| one.is_expired).count();
    let end = if expired == 0 { String::new() } else { format!(", {expired} expired: `trailbell reap` removes them") };
    format!("{}\n\n{}{end}.", table(stacks, now, paint), count(stacks.len(), "stack"))
}

/// A line for each stack.
#[must_use]
pub fn table(stacks: &[ListedStack], now: Timestamp, paint: Paint) -> String {
    let head = ["STACK", "AGE", "EXPIRES", "VERSION", "OWNER"].map(str::to_owned);
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(stacks.iter().map(|one| row(one, now))).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    let line = |(at, row): (usize, &[String; 5])| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        let text = format!("{}{}", cells.collect::<String>(), row[4]);
        match at.checked_sub(1).map(|at| &stacks[at]) {
            None => paint.dim(&text),
            Some(one) if one.is_expired => paint.warn(&text),
            Some(_) => text,
        }
    };
    rows.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn row(one: &ListedStack, now: Timestamp) -> [String; 5] {
    let age = one.created_at.map_or_else(|| "not known".to_owned(), |at| ago(now.as_millisecond().saturating_sub(at)));
    let expires = match (&one.expires_at, &one.unreadable_expiry) {
        (Some(at), _) if one.is_expired => format!("expired {}", moment(*at)),
        (Some(at), _) => moment(*at),
        (None, Some(text)) => format!("not known: `{}`", plain(text)),
        (None, None) => "never".to_owned(),
    };
    let known = |text: &Option<String>| text.as_deref().map_or_else(|| "not known".to_owned(), plain);
    [one.stack.clone(), age, expires, known(&one.version), known(&one.owner)]
}

/// How long something is ago, in the largest unit.
fn ago(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    match minutes {
        0..60 => format!("{minutes}m"),
        60..2880 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::run_log::FoundStack;

    #[test]
    fn a_table_says_what_is_known() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().expect("a time");
        let found = |expires: &str| {
            let pairs = [("trailbell:expires", expires), ("trailbell:owner", "arn:aws:iam::1:user/\u{1b}[31mx")];
            let tags = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            FoundStack { created: Some(now.as_millisecond() - 3 * 86_400_000), tags }
        };
        let stacks = [
            ListedStack::new("old", &FoundStack::default(), now),
            ListedStack::new("pr-1", &found("2026-11-28T11:00:00Z"), now),
            ListedStack::new("pr-2", &found("2026-11-29T11:00:00Z"), now),
            ListedStack::new("pr-3", &found("soon"), now),
        ];
        insta::assert_snapshot!(text(&stacks, now, Paint { color: false }), @r"
        STACK  AGE        EXPIRES                       VERSION    OWNER
        old    not known  never                         not known  not known
        pr-1   3d         expired 2026-11-28 11:00:00Z  not known  arn:aws:iam::1:user/�[31mx
        pr-2   3d         2026-11-29 11:00:00Z          not known  arn:aws:iam::1:user/�[31mx
        pr-3   3d         not known: `soon`             not known  arn:aws:iam::1:user/�[31mx

        4 stacks, 1 expired: `trailbell reap` removes them.
        ");
    }
}
