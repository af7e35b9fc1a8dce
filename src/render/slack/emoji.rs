//! The emoji that alerts use, by Slack's names. Any other name is shown as written, which Slack does too where a
//! workspace lacks it.

/// Names with their pictures, sorted by name.
const TABLE: [(&str, &str); 47] = [
    ("+1", "👍"),
    ("alarm_clock", "⏰"),
    ("arrow_right", "➡\u{fe0f}"),
    ("bangbang", "‼\u{fe0f}"),
    ("bell", "🔔"),
    ("bulb", "💡"),
    ("bust_in_silhouette", "👤"),
    ("busts_in_silhouette", "👥"),
    ("calendar", "📅"),
    ("clipboard", "📋"),
    ("closed_lock_with_key", "🔐"),
    ("cloud", "☁\u{fe0f}"),
    ("earth_americas", "🌎"),
    ("exclamation", "❗"),
    ("eyes", "👀"),
    ("fire", "🔥"),
    ("gear", "⚙\u{fe0f}"),
    ("globe_with_meridians", "🌐"),
    ("hourglass", "⌛"),
    ("information_source", "ℹ\u{fe0f}"),
    ("key", "🔑"),
    ("large_blue_circle", "🔵"),
    ("large_green_circle", "🟢"),
    ("large_orange_circle", "🟠"),
    ("large_purple_circle", "🟣"),
    ("large_yellow_circle", "🟡"),
    ("link", "🔗"),
    ("lock", "🔒"),
    ("mag", "🔍"),
    ("memo", "📝"),
    ("no_bell", "🔕"),
    ("no_entry", "⛔"),
    ("octagonal_sign", "🛑"),
    ("question", "❓"),
    ("red_circle", "🔴"),
    ("robot_face", "🤖"),
    ("rotating_light", "🚨"),
    ("shield", "🛡\u{fe0f}"),
    ("tada", "🎉"),
    ("unlock", "🔓"),
    ("warning", "⚠\u{fe0f}"),
    ("wastebasket", "🗑\u{fe0f}"),
    ("white_check_mark", "✅"),
    ("white_circle", "⚪"),
    ("wrench", "🔧"),
    ("x", "❌"),
    ("zap", "⚡"),
];

/// The picture of a name.
pub(super) fn picture(name: &str) -> Option<&'static str> {
    TABLE.binary_search_by_key(&name, |(known, _)| known).ok().map(|found| TABLE[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_by_name() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(picture("rotating_light"), Some("🚨"));
        assert_eq!(picture("party_parrot"), None);
    }
}
