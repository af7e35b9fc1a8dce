//! Replaces what looks like a secret before any text may be shown.
//!
//! A finding underlines a line of the person's file, and that line may be the very one with a token in it. So the text
//! kept for drawing never holds one: known kinds of tokens and keys, the secret part of Slack's webhooks, passwords in URLs, and
//! whatever a `webhook:` or `token:` key is given other than a reference, are replaced by asterisks of the same length, so that
//! every byte keeps its place. The notifier's `redact.mjs` looks for the same, and a test gives both the same texts.

use std::ops::Range;

/// What Slack's tokens begin with; whatever follows them is taken for one.
const SLACK_TOKENS: [&str; 8] = ["xoxb-", "xoxp-", "xoxa-", "xoxe-", "xoxe.", "xoxr-", "xoxs-", "xapp-"];
/// What the secret part of Slack's webhooks follows.
const SLACK_HOOKS: [&str; 2] = ["hooks.slack.com/", "hooks.slack-gov.com/"];
/// What tokens of `GitHub`, `GitLab`, Stripe, Anthropic, Google, `SendGrid`, npm, and sessions of AWS begin with, and how many characters
/// follow at least. Fewer are a word of something else.
const TOKENS: [(&str, usize); 16] = [
    ("gho_", 16),
    ("ghp_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("sk-ant-", 16),
    ("AIza", 16),
    ("SG.", 16),
    ("IQoJb3JpZ2luX2", 16),
    ("FQoGZXIvYXdz", 16),
    ("FwoGZXIvYXdz", 16),
    (NPM, 30),
];
/// Only letters and digits follow it, unlike in the names of npm's variables.
const NPM: &str = "npm_";
/// What tokens are made of besides letters and digits.
const IN_TOKENS: &[u8] = b"_.=/+-";
/// How long a secret access key of AWS is.
const KEY: usize = 40;

/// The text of a stack file with secrets replaced, as long as the original.
pub(crate) fn file(text: &str) -> String {
    let mut found = secrets(text);
    found.extend(apart(values_of_secret_keys(text), |start| Some(start + secret_length(&text[start..]))));
    redacted(text, found)
}

/// Any other text with secrets replaced: a message may quote what a person put in the wrong place, or what AWS was given.
pub(crate) fn message(text: &str) -> String {
    redacted(text, secrets(text))
}

fn redacted(text: &str, found: Vec<Range<usize>>) -> String {
    if found.is_empty() {
        return text.to_owned();
    }
    let mut shown = text.as_bytes().to_vec();
    for byte in found.into_iter().flatten() {
        // A multi-byte character takes one asterisk per byte, and lines stay lines, so that everything keeps its place.
        if !matches!(shown[byte], b'\n' | b'\r') {
            shown[byte] = b'*';
        }
    }
    String::from_utf8_lossy(&shown).into_owned()
}

/// Everything in a text that is a secret by its form.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = slack_secrets(text);
    found.extend(tokens(text));
    found.extend(web_tokens(text));
    found.extend(private_keys(text));
    found.extend(passwords(text));
    found.extend(access_keys(text));
    found
}

/// The secrets that begin at these places, in any order; what is inside of another is not looked at, so that the work is linear in
/// the text.
fn apart(starts: impl Iterator<Item = usize>, end: impl Fn(usize) -> Option<usize>) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in starts {
        let is_inside = found.last().is_some_and(|last| start < last.end);
        if let Some(end) = Some(start).filter(|_| !is_inside).and_then(&end) {
            found.push(start..end);
        }
    }
    found
}

/// Slack's tokens, and the secret parts of its webhooks' URLs.
fn slack_secrets(text: &str) -> Vec<Range<usize>> {
    let tokens = SLACK_TOKENS.iter().flat_map(|token| text.match_indices(token)).map(|(at, _)| at);
    let hooks = SLACK_HOOKS.iter().flat_map(|host| text.match_indices(host)).map(|(at, host)| at + host.len());
    apart(tokens.chain(hooks), |start| Some(start + secret_length(&text[start..])))
}

/// How many bytes from here on are letters, digits, or one of `more`.
fn run(text: &str, at: usize, more: &[u8]) -> usize {
    let is_in = |byte: &&u8| byte.is_ascii_alphanumeric() || more.contains(byte);
    text.as_bytes()[at..].iter().take_while(is_in).count()
}

/// Whether the byte before is a letter, a digit, or one of `more`.
fn follows(text: &str, at: usize, more: &[u8]) -> bool {
    let before = at.checked_sub(1).map(|before| text.as_bytes()[before]);
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
}

fn tokens(text: &str) -> Vec<Range<usize>> {
    let of = |(prefix, least): (&str, usize)| {
        let starts = text.match_indices(prefix).map(|(at, _)| at).filter(|at| !follows(text, *at, b"_"));
        let only: &[u8] = if prefix == NPM { b"" } else { IN_TOKENS };
        apart(starts, |at| {
            let start = at + prefix.len();
            (run(text, start, only) >= least).then(|| start + run(text, start, IN_TOKENS))
        })
    };
    TOKENS.into_iter().flat_map(of).collect()
}

/// JSON web tokens: three parts, of which the first begins like any JSON object.
fn web_tokens(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("eyJ").map(|(at, _)| at).filter(|at| !follows(text, *at, b"_-"));
    apart(starts, |at| {
        let first = at + run(text, at, b"_-");
        let is_long = first >= at + "eyJ".len() + 8 && text.as_bytes().get(first) == Some(&b'.');
        (is_long && run(text, first + 1, b"_-") >= 8).then(|| first + 1 + run(text, first + 1, b"_.=-"))
    })
}

/// What is between the first and the last line of private keys, or up to the end of the text.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let (begin, kind, end) = ("-----BEGIN ", "PRIVATE KEY-----", "-----END");
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = text[from..].find(begin).map(|at| from + at + begin.len()) {
        let words = text[at..].bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b' ').count();
        let head = at + words + "-----".len();
        from = at;
        if text.get(at..head).is_some_and(|line| line.ends_with(kind)) {
            from = text[head..].find(end).map_or(text.len(), |length| head + length);
            found.push(head..from);
        }
    }
    found
}

/// The passwords in URLs.
fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    let ends =
        |one: char, more: &[char]| one.is_whitespace() || matches!(one, '"' | '\'' | '`' | '/') || more.contains(&one);
    text.match_indices("://").filter_map(move |(at, mark)| {
        let start = at + mark.len();
        let name = text[start..].find(|one| ends(one, &[':', '@'])).map(|length| start + length)?;
        let secret = text[name..].strip_prefix(':').map(|_| name + 1)?;
        let end = text[secret..].find(|one| ends(one, &['@'])).map(|length| secret + length)?;
        (end > secret && text[end..].starts_with('@')).then_some(secret..end)
    })
}

/// Words that are as long as a secret access key of AWS, and mixed as no name is.
fn access_keys(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let length = run(text, at, b"+/");
        let word = &text.as_bytes()[at..at + length];
        let ends = text.as_bytes().get(at + length).is_none_or(|byte| !matches!(byte, b'_' | b'=' | b'-'));
        let has = |is: fn(&u8) -> bool| word.iter().any(is);
        let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
        if length == KEY && ends && is_mixed && !follows(text, at, b"_+/-") {
            found.push(at..at + length);
        }
        at += length.max(1);
    }
    found
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
    use serde_json::Value;

    use super::{file, message};

    /// The texts that the notifier is tested with, too.
    const TEXTS: &str = include_str!("../tests/functions/support/secrets.json");

    fn texts(list: &Value) -> impl Iterator<Item = &str> {
        list.as_array().expect("a list").iter().map(|one| one.as_str().expect("a text"))
    }

    #[test]
    fn secrets_of_every_kind_are_redacted_wherever_they_are_and_nothing_else() {
        let all: Value = serde_json::from_str(TEXTS).expect("JSON");
        for one in all["secrets"].as_array().expect("a list") {
            let (text, secret) = (texts(&one["text"]).collect::<String>(), one["secret"].as_str().expect("a text"));
            for place in texts(&all["around"]) {
                let whole = place.replace("{}", &text);
                let shown = message(&whole);
                assert_eq!((shown.len(), shown.lines().count()), (whole.len(), whole.lines().count()));
                let mut parts = (0..=secret.len() - 8).map(|at| &secret[at..at + 8]);
                assert!(!parts.any(|part| shown.contains(part)), "{} in {place}: {shown}", one["kind"]);
            }
        }
        for (text, place) in texts(&all["kept"]).flat_map(|text| texts(&all["around"]).map(move |place| (text, place)))
        {
            let whole = place.replace("{}", text);
            assert_eq!(message(&whole), whole);
        }
    }

    #[test]
    fn hostile_texts_take_linear_work() {
        let parts = [
            "eyJ-",
            "eyJaaaaaaaa.",
            "ghp_.",
            "://a:",
            "-----BEGIN PRIVATE KEY-----",
            "xoxb-",
            "aB3+",
            "SG.",
            "token:x",
            "://:@",
        ];
        for part in parts {
            let text = part.repeat(100_000);
            assert_eq!(file(&text).len(), text.len());
        }
    }

    #[test]
    fn texts_of_any_form_keep_their_length() {
        proptest::proptest!(|(text in r"(.|eyJ[a-z]{0,9}|ghp_[a-z]{0,20}|://|@|:|xoxb-|-----BEGIN |PRIVATE KEY-----|-----END|é){0,20}")| {
            assert_eq!(message(&text).len(), text.len());
        });
    }

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
