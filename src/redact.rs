//! Replaces what looks like a secret before a text may be shown.
//!
//! A finding underlines a line of the person's file, and that line may be the very one with a token in it. So the text
//! kept for drawing never holds one: Slack tokens, Slack webhook addresses, and whatever a `webhook:` or `token:` key is
//! given other than a reference, are replaced by asterisks of the same length, so that every byte keeps its place.

/// The text of a stack file with secrets replaced, as long as the original.
pub(crate) fn file(text: &str) -> String {
    let mut starts = slack_secrets(text);
    starts.extend(values_of_secret_keys(text));
    redacted(text, starts)
}

/// Any other text with Slack's tokens and webhook addresses replaced: a message may quote what a person put in the wrong
/// place, or what AWS was given.
pub(crate) fn message(text: &str) -> String {
    redacted(text, slack_secrets(text))
}

fn redacted(text: &str, mut starts: Vec<usize>) -> String {
    starts.sort_unstable();
    let mut shown = text.to_owned();
    for start in starts {
        let end = start + secret_length(&text[start..]);
        // A multi-byte character takes one asterisk per byte, so that everything keeps its place.
        shown.replace_range(start..end, &"*".repeat(end - start));
    }
    shown
}

/// Offsets at which a Slack token, or the secret part of a webhook's URL, begins.
fn slack_secrets(text: &str) -> Vec<usize> {
    let tokens = ["xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxe.", "xoxr-", "xoxs-", "xapp-"];
    let addresses = ["hooks.slack.com/", "hooks.slack-gov.com/"];
    let tokens = tokens.iter().flat_map(|token| text.match_indices(token)).map(|(at, _)| at);
    let addresses = addresses.iter().flat_map(|host| text.match_indices(host)).map(|(at, host)| at + host.len());
    tokens.chain(addresses).collect()
}

/// Offsets of what `webhook:` and `token:` are given, unless it is a reference.
fn values_of_secret_keys(text: &str) -> impl Iterator<Item = usize> {
    ["webhook", "token"].iter().flat_map(|key| text.match_indices(key)).filter_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'']);
        let value = rest.trim_start().strip_prefix(':')?.trim_start_matches([' ', '\t', '"', '\'']);
        let offset = text.len() - value.len();
        let harmless = value.is_empty() || value.starts_with("${") || value.starts_with(['\n', '\r', '{', '#']);
        (!harmless).then_some(offset)
    })
}

/// Bytes up to the end of the word.
fn secret_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '}' | ']' | ')' | '<' | '>'))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::{file, message};

    #[test]
    fn a_message_keeps_its_words() {
        assert_eq!(message("the token: expired"), "the token: expired");
        assert_eq!(message("`xoxb-1-2` is not a region"), "`********` is not a region");
    }

    #[test]
    fn secrets_are_blotted_out_and_references_stay() {
        let cases = [
            ("slack: { webhook: https://x.example/hook/abc }", "slack: { webhook: ************************** }"),
            ("token: \"xoxb-1-2-abc\"", "token: \"************\""),
            ("a: https://hooks.slack.com/services/T/B/x # y", "a: https://hooks.slack.com/************** # y"),
            ("webhook: \"${env:HOOK}\"", "webhook: \"${env:HOOK}\""),
            ("webhook:\n  channel: C1", "webhook:\n  channel: C1"),
            ("token: é€", "token: *****"),
            ("no secret at all", "no secret at all"),
        ];
        for (text, shown) in cases {
            assert_eq!(file(text), shown, "{text}");
            assert_eq!(file(text).len(), text.len());
        }
    }
}
