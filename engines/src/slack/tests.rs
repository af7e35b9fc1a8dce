//! The reader against the rules, case by case, and against arbitrary JSON.

mod properties;
mod report;

use serde_json::{Value, json};

use super::{Message, Problem, ProblemKind};
use crate::json::Json;

fn read(body: &Value) -> Result<Message, Vec<Problem>> {
    super::read(&Json::from(body))
}

/// The places and kinds of all problems of a body.
fn problems(body: &Value) -> Vec<(String, ProblemKind)> {
    let found = read(body).err().unwrap_or_default();
    for problem in &found {
        assert!(!problem.what.is_empty() && !problem.what.contains('\n'), "{problem:?}");
        assert!(problem.at.is_empty() || problem.at.starts_with('/'), "{problem:?}");
    }
    found.into_iter().map(|problem| (problem.at, problem.kind)).collect()
}

fn assert_fine(body: &Value) {
    assert_eq!(problems(body), [], "{body}");
}

fn assert_refused(body: &Value, at: &str, kind: ProblemKind) {
    assert_eq!(problems(body), [(at.to_owned(), kind)], "{body}");
}

/// A body of one block.
fn with(block: &Value) -> Value {
    json!({"text": "t", "blocks": [block]})
}

/// A body of one rich text element.
fn rich(element: &Value) -> Value {
    with(&json!({"type": "rich_text", "elements": [element]}))
}

/// A body of one run of rich text.
fn run(element: &Value) -> Value {
    rich(&json!({"type": "rich_text_section", "elements": [element]}))
}

fn list(fields: &Value) -> Value {
    let mut list = json!({
        "type": "rich_text_list", "style": "bullet",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]}],
    });
    if let (Value::Object(list), Value::Object(fields)) = (&mut list, fields) {
        list.extend(fields.clone());
    }
    rich(&list)
}

fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text})
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn header(text: &Value) -> Value {
    with(&json!({"type": "header", "text": text}))
}

fn section(text: &Value) -> Value {
    with(&json!({"type": "section", "text": text}))
}

fn fields(fields: &[Value]) -> Value {
    with(&json!({"type": "section", "fields": fields}))
}

fn context(elements: &[Value]) -> Value {
    with(&json!({"type": "context", "elements": elements}))
}

fn long(characters: usize) -> String {
    "\u{fc}".repeat(characters)
}

#[test]
fn the_body() {
    let dividers = |count| json!({"text": "t", "blocks": vec![json!({"type": "divider"}); count]});
    for body in [
        json!({"text": "t"}),
        json!({"text": "t", "channel": "C1", "mrkdwn": false, "unfurl_links": false, "unfurl_media": true}),
        json!({"text": long(4000)}),
        dividers(50),
    ] {
        assert_fine(&body);
    }
    for (body, at, kind) in [
        (json!([]), "", ProblemKind::Shape),
        (json!(null), "", ProblemKind::Shape),
        (json!({}), "", ProblemKind::Empty),
        (json!({"blocks": [{"type": "divider"}]}), "", ProblemKind::Shape),
        (json!({"text": ""}), "/text", ProblemKind::Empty),
        (json!({"text": " \n"}), "/text", ProblemKind::Empty),
        (json!({"text": 5}), "/text", ProblemKind::Shape),
        (json!({"text": null}), "/text", ProblemKind::Shape),
        (json!({"text": long(4001)}), "/text", ProblemKind::TooLong),
        (json!({"text": "t", "channel": 5}), "/channel", ProblemKind::Shape),
        (json!({"text": "t", "channel": ""}), "/channel", ProblemKind::Empty),
        (json!({"text": "t", "mrkdwn": "false"}), "/mrkdwn", ProblemKind::Shape),
        (json!({"text": "t", "unfurl_links": 0}), "/unfurl_links", ProblemKind::Shape),
        (json!({"text": "t", "unfurl_media": null}), "/unfurl_media", ProblemKind::Shape),
        (json!({"text": "t", "attachments": []}), "/attachments", ProblemKind::Unsupported),
        (json!({"text": "t", "username": "u"}), "/username", ProblemKind::Unsupported),
        (json!({"text": "t", "thread_ts": "1.2"}), "/thread_ts", ProblemKind::Unsupported),
        (json!({"text": "t", "a/b~c": 1}), "/a~1b~0c", ProblemKind::Shape),
        (json!({"text": "t", "blocks": {}}), "/blocks", ProblemKind::Shape),
        (json!({"text": "t", "blocks": []}), "/blocks", ProblemKind::Empty),
        (json!({"text": "t", "blocks": [null]}), "/blocks/0", ProblemKind::Shape),
        (dividers(51), "/blocks", ProblemKind::TooMany),
    ] {
        assert_refused(&body, at, kind);
    }
}

#[test]
fn blocks() {
    let ids = |first: &str, second: &str| {
        json!({"text": "t", "blocks": [
            {"type": "divider", "block_id": first}, {"type": "divider", "block_id": second},
        ]})
    };
    for body in [ids("a", "b"), ids(&long(255), "b")] {
        assert_fine(&body);
    }
    for (body, at, kind) in [
        (ids("a", "a"), "/blocks/1/block_id", ProblemKind::Shape),
        (ids("a", ""), "/blocks/1/block_id", ProblemKind::Empty),
        (ids("a", &long(256)), "/blocks/1/block_id", ProblemKind::TooLong),
        (with(&json!({"type": "divider", "block_id": 5})), "/blocks/0/block_id", ProblemKind::Shape),
        (with(&json!({})), "/blocks/0", ProblemKind::Shape),
        (with(&json!({"type": null})), "/blocks/0/type", ProblemKind::Shape),
        (with(&json!({"type": "divider", "text": "x"})), "/blocks/0/text", ProblemKind::Shape),
    ] {
        assert_refused(&body, at, kind);
    }
    for kind in ["actions", "image", "input", "video", "file", "markdown", "table", "call", "nonsense"] {
        assert_refused(&with(&json!({"type": kind, "elements": []})), "/blocks/0", ProblemKind::Unsupported);
    }
}

#[test]
fn all_blocks_together() {
    let sections = |lengths: [usize; 5]| {
        let blocks = lengths.map(|length| json!({"type": "section", "text": plain(&long(length))}));
        json!({"text": "t", "blocks": blocks})
    };
    assert_fine(&sections([3000, 3000, 3000, 3000, 750]));
    assert_refused(&sections([3000, 3000, 3000, 3000, 751]), "/blocks", ProblemKind::TooLong);
    let text = |length| run(&json!({"type": "text", "text": long(length)}));
    assert_fine(&text(12_950));
    assert_refused(&text(12_951), "/blocks", ProblemKind::TooLong);
}

#[test]
fn headers() {
    for text in [plain("t"), plain(&long(150)), json!({"type": "plain_text", "text": ":bell: <!here>", "emoji": true})]
    {
        assert_fine(&header(&text));
    }
    for (text, at, kind) in [
        (plain(""), "/blocks/0/text/text", ProblemKind::Empty),
        (plain("\u{a0} "), "/blocks/0/text/text", ProblemKind::Empty),
        (plain(&long(151)), "/blocks/0/text/text", ProblemKind::TooLong),
        (mrkdwn("t"), "/blocks/0/text", ProblemKind::Shape),
        (json!("t"), "/blocks/0/text", ProblemKind::Shape),
        (json!({"type": "plain_text", "text": 5}), "/blocks/0/text/text", ProblemKind::Shape),
        (json!({"type": "plain_text", "text": "t", "emoji": 1}), "/blocks/0/text/emoji", ProblemKind::Shape),
    ] {
        assert_refused(&header(&text), at, kind);
    }
    assert_refused(&with(&json!({"type": "header"})), "/blocks/0", ProblemKind::Shape);
}

#[test]
fn sections() {
    let many = |count| fields(&vec![mrkdwn("t"); count]);
    for body in [
        section(&mrkdwn(&long(3000))),
        section(&json!({"type": "mrkdwn", "text": "t", "verbatim": true})),
        fields(&[plain(&long(2000))]),
        many(10),
    ] {
        assert_fine(&body);
    }
    for (body, at, kind) in [
        (with(&json!({"type": "section"})), "/blocks/0", ProblemKind::Shape),
        (section(&json!(null)), "/blocks/0/text", ProblemKind::Shape),
        (section(&mrkdwn("")), "/blocks/0/text/text", ProblemKind::Empty),
        (section(&mrkdwn("\t")), "/blocks/0/text/text", ProblemKind::Empty),
        (section(&mrkdwn(&long(3001))), "/blocks/0/text/text", ProblemKind::TooLong),
        (section(&json!({"type": "mrkdwn"})), "/blocks/0/text", ProblemKind::Shape),
        (section(&json!({"type": "markdown", "text": "t"})), "/blocks/0/text", ProblemKind::Shape),
        (section(&json!({"text": "t"})), "/blocks/0/text", ProblemKind::Shape),
        (section(&json!({"type": "mrkdwn", "text": "t", "emoji": true})), "/blocks/0/text/emoji", ProblemKind::Shape),
        (
            section(&json!({"type": "plain_text", "text": "t", "verbatim": true})),
            "/blocks/0/text/verbatim",
            ProblemKind::Shape,
        ),
        (
            section(&json!({"type": "mrkdwn", "text": "t", "verbatim": "x"})),
            "/blocks/0/text/verbatim",
            ProblemKind::Shape,
        ),
        (
            with(&json!({"type": "section", "text": plain("t"), "accessory": {}})),
            "/blocks/0/accessory",
            ProblemKind::Unsupported,
        ),
        (
            with(&json!({"type": "section", "text": plain("t"), "expand": true})),
            "/blocks/0/expand",
            ProblemKind::Unsupported,
        ),
        (many(0), "/blocks/0/fields", ProblemKind::Empty),
        (many(11), "/blocks/0/fields", ProblemKind::TooMany),
        (fields(&[plain("t"), plain("")]), "/blocks/0/fields/1/text", ProblemKind::Empty),
        (fields(&[plain(&long(2001))]), "/blocks/0/fields/0/text", ProblemKind::TooLong),
        (with(&json!({"type": "section", "fields": "t"})), "/blocks/0/fields", ProblemKind::Shape),
    ] {
        assert_refused(&body, at, kind);
    }
}

#[test]
fn contexts() {
    for body in [context(&[plain("t"), mrkdwn(&long(3000))]), context(&vec![plain("t"); 10])] {
        assert_fine(&body);
    }
    for (body, at, kind) in [
        (context(&[]), "/blocks/0/elements", ProblemKind::Empty),
        (context(&vec![plain("t"); 11]), "/blocks/0/elements", ProblemKind::TooMany),
        (context(&[plain(" ")]), "/blocks/0/elements/0/text", ProblemKind::Empty),
        (context(&[plain(&long(3001))]), "/blocks/0/elements/0/text", ProblemKind::TooLong),
        (
            context(&[json!({"type": "image", "image_url": "x", "alt_text": "y"})]),
            "/blocks/0/elements/0",
            ProblemKind::Unsupported,
        ),
        (with(&json!({"type": "context"})), "/blocks/0", ProblemKind::Shape),
    ] {
        assert_refused(&body, at, kind);
    }
}

#[test]
fn rich_text_elements() {
    let text = json!({"type": "text", "text": "t"});
    let emoji = json!({"type": "emoji", "name": "bell"});
    for kind in ["rich_text_section", "rich_text_preformatted", "rich_text_quote"] {
        let of = |elements: Value| rich(&json!({"type": kind, "elements": elements}));
        let at = "/blocks/0/elements/0/elements";
        assert_fine(&of(json!([text])));
        assert_refused(&of(json!([])), at, ProblemKind::Empty);
        assert_refused(&of(json!("t")), at, ProblemKind::Shape);
        assert_refused(&of(json!(["t"])), "/blocks/0/elements/0/elements/0", ProblemKind::Shape);
        assert_refused(&rich(&json!({"type": kind})), "/blocks/0/elements/0", ProblemKind::Shape);
    }
    assert_fine(&rich(&json!({"type": "rich_text_quote", "elements": [emoji]})));
    let preformatted = rich(&json!({"type": "rich_text_preformatted", "elements": [emoji]}));
    assert_refused(&preformatted, "/blocks/0/elements/0/elements/0", ProblemKind::Shape);
    let bordered = rich(&json!({"type": "rich_text_quote", "elements": [text], "border": 1}));
    assert_refused(&bordered, "/blocks/0/elements/0/border", ProblemKind::Unsupported);
    assert_refused(&rich(&text), "/blocks/0/elements/0", ProblemKind::Unsupported);
    assert_refused(&with(&json!({"type": "rich_text", "elements": []})), "/blocks/0/elements", ProblemKind::Empty);
    assert_refused(&with(&json!({"type": "rich_text"})), "/blocks/0", ProblemKind::Shape);
}

#[test]
fn lists() {
    for fields in [json!({}), json!({"style": "ordered"}), json!({"indent": 0}), json!({"indent": 8})] {
        assert_fine(&list(&fields));
    }
    let at = |field: &str| format!("/blocks/0/elements/0/{field}");
    for indent in [json!(9), json!(-1), json!(1.5), json!("1"), json!(null), json!(300)] {
        assert_refused(&list(&json!({"indent": indent})), &at("indent"), ProblemKind::Shape);
    }
    for (fields, field, kind) in [
        (json!({"style": "dots"}), "style", ProblemKind::Shape),
        (json!({"style": 1}), "style", ProblemKind::Shape),
        (json!({"border": 1}), "border", ProblemKind::Unsupported),
        (json!({"offset": 1}), "offset", ProblemKind::Unsupported),
        (json!({"elements": []}), "elements", ProblemKind::Empty),
        (json!({"elements": [{"type": "text", "text": "t"}]}), "elements/0", ProblemKind::Shape),
        (
            json!({"elements": [{"type": "rich_text_section", "elements": []}]}),
            "elements/0/elements",
            ProblemKind::Empty,
        ),
    ] {
        assert_refused(&list(&fields), &at(field), kind);
    }
    let bare = rich(&json!({"type": "rich_text_list", "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]},
    ]}));
    assert_refused(&bare, "/blocks/0/elements/0", ProblemKind::Shape);
}

#[test]
fn runs() {
    let url = |length: usize| format!("https://{}", "a".repeat(length - 8));
    for element in [
        json!({"type": "text", "text": " "}),
        json!({"type": "text", "text": "<!channel> <@U1>"}),
        json!({"type": "text", "text": "t", "style": {"bold": true, "italic": false, "strike": true, "code": true}}),
        json!({"type": "text", "text": "t", "style": {}}),
        json!({"type": "link", "url": "http://a.b"}),
        json!({"type": "link", "url": "MAILTO:a@b.c", "text": "mail", "style": {"bold": true}}),
        json!({"type": "link", "url": url(3000)}),
        json!({"type": "emoji", "name": "rotating_light"}),
    ] {
        assert_fine(&run(&element));
    }
    let base = "/blocks/0/elements/0/elements/0";
    for (element, field, kind) in [
        (json!({"type": "text", "text": ""}), "/text", ProblemKind::Empty),
        (json!({"type": "text", "text": 5}), "/text", ProblemKind::Shape),
        (json!({"type": "text", "text": ["t"]}), "/text", ProblemKind::Shape),
        (json!({"type": "text"}), "", ProblemKind::Shape),
        (json!({"type": "text", "text": "t", "style": "bold"}), "/style", ProblemKind::Shape),
        (json!({"type": "text", "text": "t", "style": {"bold": 1}}), "/style/bold", ProblemKind::Shape),
        (json!({"type": "text", "text": "t", "style": {"blink": true}}), "/style/blink", ProblemKind::Shape),
        (
            json!({"type": "text", "text": "t", "style": {"underline": true}}),
            "/style/underline",
            ProblemKind::Unsupported,
        ),
        (json!({"type": "text", "text": "t", "url": "https://a.b"}), "/url", ProblemKind::Shape),
        (json!({"type": "link"}), "", ProblemKind::Shape),
        (json!({"type": "link", "url": ""}), "/url", ProblemKind::Empty),
        (json!({"type": "link", "url": "javascript:a"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": "https://"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": "https:///a.b"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": "https://a.b@c.d/"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": "https://a b/"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": "a.b"}), "/url", ProblemKind::Shape),
        (json!({"type": "link", "url": url(3001)}), "/url", ProblemKind::TooLong),
        (json!({"type": "link", "url": "https://a.b", "text": ""}), "/text", ProblemKind::Empty),
        (json!({"type": "link", "url": "https://a.b", "text": null}), "/text", ProblemKind::Shape),
        (json!({"type": "link", "url": "https://a.b", "unsafe": true}), "/unsafe", ProblemKind::Unsupported),
        (json!({"type": "emoji"}), "", ProblemKind::Shape),
        (json!({"type": "emoji", "name": ""}), "/name", ProblemKind::Empty),
        (json!({"type": "emoji", "name": ":bell:"}), "/name", ProblemKind::Shape),
        (json!({"type": "emoji", "name": "bell", "style": {"bold": true}}), "/style", ProblemKind::Unsupported),
        (json!({"type": "user", "user_id": "U1"}), "", ProblemKind::Mention),
        (json!({"type": "usergroup", "usergroup_id": "S1"}), "", ProblemKind::Mention),
        (json!({"type": "broadcast", "range": "here"}), "", ProblemKind::Mention),
        (json!({"type": "canvas_user_mention", "user_id": "U1"}), "", ProblemKind::Mention),
        (json!({"type": "channel", "channel_id": "C1"}), "", ProblemKind::Unsupported),
        (json!({"type": "team", "team_id": "T1"}), "", ProblemKind::Unsupported),
        (json!({"type": "date", "timestamp": 1}), "", ProblemKind::Unsupported),
        (json!({"type": "color", "value": "#fff"}), "", ProblemKind::Unsupported),
        (json!({"text": "t"}), "", ProblemKind::Shape),
    ] {
        assert_refused(&run(&element), &format!("{base}{field}"), kind);
    }
}

#[test]
fn mentions_in_formatted_texts() {
    for text in ["&lt;!channel&gt;", "@here @channel #general", "<https://a.b|label>", "a < b > c"] {
        for body in [json!({"text": text}), section(&mrkdwn(text)), fields(&[mrkdwn(text)]), context(&[mrkdwn(text)])] {
            assert_fine(&body);
        }
    }
    for text in ["<!channel>", "<!here|here>", "<!subteam^S1>", "<@U1>", "<@W1|name>", "<#C1|general>"] {
        for (body, at) in [
            (json!({"text": text}), "/text"),
            (json!({"text": text, "mrkdwn": false}), "/text"),
            (section(&mrkdwn(text)), "/blocks/0/text/text"),
            (fields(&[mrkdwn(text)]), "/blocks/0/fields/0/text"),
            (context(&[mrkdwn(text)]), "/blocks/0/elements/0/text"),
        ] {
            assert_refused(&body, at, ProblemKind::Mention);
        }
        assert_fine(&section(&plain(text)));
    }
    assert_refused(&json!({"text": "<!date^1^{date}|then>"}), "/text", ProblemKind::Unsupported);
}

#[test]
fn looking_up_names() {
    for (key, value) in
        [("parse", json!("none")), ("link_names", json!(false)), ("link_names", json!(0)), ("link_names", json!("0"))]
    {
        assert_fine(&json!({"text": "t", key: value}));
    }
    for (key, value, kind) in [
        ("parse", json!("full"), ProblemKind::Mention),
        ("parse", json!(""), ProblemKind::Mention),
        ("parse", json!(false), ProblemKind::Shape),
        ("link_names", json!(true), ProblemKind::Mention),
        ("link_names", json!(1), ProblemKind::Mention),
        ("link_names", json!("true"), ProblemKind::Mention),
        ("link_names", json!(null), ProblemKind::Shape),
        ("link_names", json!(1.5), ProblemKind::Shape),
    ] {
        assert_refused(&json!({"text": "t", key: value}), &format!("/{key}"), kind);
    }
}
