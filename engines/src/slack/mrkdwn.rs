//! The sequences of mrkdwn that address people, channels or dates.
//!
//! Slack parses `<...>` ("Formatting message text": linking to channels, mentioning users, groups and special mentions,
//! date formatting); what follows the `<` says what it is, a label may follow after `|`, and `&lt;` begins nothing.
//! A bare `@here` is text: Slack turned its conversion off (18F/charlie#353, slackapi/node-slack-sdk#662) except for
//! `link_names` and `parse`, which `read` looks at. Code spans protect nothing here: whether they do in Slack is not
//! documented. The check is wider than Slack's grammar on purpose: any `<@`, `<#` and `<!` with a `>` after it.

/// A sequence that is more than text or a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Special<'t> {
    /// Mentions people or names a channel.
    Mention(&'t str),
    /// A date that Slack formats for each reader; it notifies no one.
    Date(&'t str),
}

/// The special sequences of a text, each from its `<` to its `>` or as far as it is looked at.
pub(super) fn specials(text: &str) -> impl Iterator<Item = Special<'_>> {
    // An opening without any closing after it stays text.
    let open = text.rfind('>').map_or("", |end| &text[..=end]);
    open.match_indices('<').filter_map(|(at, _)| special(&open[at..]))
}

/// What a text that begins with `<` begins with.
fn special(text: &str) -> Option<Special<'_>> {
    // Looking no further than a few characters keeps the whole linear, however many openings there are.
    let near = text.char_indices().nth(64).map_or(text, |(end, _)| &text[..end]);
    let sequence = near.find('>').map_or(near, |end| &near[..=end]);
    match sequence.get(1..)?.chars().next()? {
        '!' if sequence.starts_with("<!date^") => Some(Special::Date(sequence)),
        '!' | '@' | '#' => Some(Special::Mention(sequence)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(text: &str) -> Vec<&str> {
        specials(text).map(|special| if let Special::Mention(what) = special { what } else { "date" }).collect()
    }

    #[test]
    fn mentions_are_found_wherever_they_are() {
        let cases: [(&str, &[&str]); 9] = [
            ("<!channel>", &["<!channel>"]),
            ("a <!here|here> b <!everyone>", &["<!here|here>", "<!everyone>"]),
            ("<!subteam^S012|@group>", &["<!subteam^S012|@group>"]),
            ("<@U012><@W012|name> <#C012|general>", &["<@U012>", "<@W012|name>", "<#C012|general>"]),
            ("`<@U012>`", &["<@U012>"]),
            ("<<!channel>", &["<!channel>"]),
            ("<https://a.b|<@U1>", &["<@U1>"]),
            ("<!date^1392734382^{date}|then>", &["date"]),
            ("\u{1F514}<!\u{1F514}>", &["<!\u{1F514}>"]),
        ];
        for (text, expected) in cases {
            assert_eq!(mentions(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_found_stays_short() {
        let text = format!("<@{}>", "\u{fc}".repeat(1000));
        assert_eq!(mentions(&text), [text.chars().take(64).collect::<String>()]);
    }

    #[test]
    fn links_entities_and_bare_names_are_none() {
        let texts = [
            "",
            "<",
            ">",
            "<>",
            "<https://a.b|x>",
            "<mailto:a@b.c|a>",
            "&lt;!channel&gt;",
            "@here #general",
            "1 > <!here",
        ];
        for text in texts {
            assert_eq!(mentions(text), [""; 0], "{text}");
        }
    }
}
