//! Emoji by Slack's names. Any other name is shown as written, which Slack does too where a workspace lacks it.
//!
//! `emoji.tsv` holds the names of emoji-data, which Slack's clients are built with (from the package `@emoji-mart/data` 1.2.1,
//! set 15, MIT). Crates have GitHub's names, which differ just where alerts use them: `large_green_circle`, `robot_face`.

/// A name and its picture per line, divided by a tab, sorted by name.
const TABLE: &str = include_str!("emoji.tsv");

/// The picture of a name.
pub(super) fn picture(name: &str) -> Option<&'static str> {
    let mut known = TABLE.lines().filter_map(|line| line.split_once('\t'));
    known.find(|(one, _)| *one == name).map(|(_, picture)| picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_by_name() {
        assert!(TABLE.lines().all(|line| line.split('\t').all(|part| !part.is_empty())));
        let names: Vec<&str> = TABLE.lines().filter_map(|line| Some(line.split_once('\t')?.0)).collect();
        assert!(names.is_sorted_by(|one, next| one < next));
        assert_eq!(names.len(), TABLE.lines().count());
        let cases =
            [("rotating_light", Some("🚨")), ("calendar", Some("📆")), ("date", Some("📅")), ("party_parrot", None)];
        for (name, expected) in cases {
            assert_eq!(picture(name), expected, "{name}");
        }
    }
}
