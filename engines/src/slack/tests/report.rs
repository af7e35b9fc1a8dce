//! The report as a whole: everything at once, in the order of the text.

use serde_json::json;

use super::{mrkdwn, read};
use crate::json;

#[test]
fn everything_is_reported_at_once() {
    let body = json!({
        "txt": "t", "link_names": 1, "text": "<!here>\n<@U1>",
        "blocks": [
            {"type": "header", "text": mrkdwn("")},
            {"type": "section", "text": mrkdwn(&"<!channel>".repeat(301))},
            {"type": "rich_text", "elements": [
                {"type": "rich_text_list", "style": "x", "indent": 9, "elements": [{}]},
            ]},
            5,
        ],
    });
    let found = read(&body).unwrap_err();
    let lines: Vec<_> = found.iter().map(|it| format!("{:?} {} {}", it.kind, it.at, it.what)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Shape /txt unknown field "txt"
    Mention /link_names `link_names` turns names into mentions
    Mention /text "<!here>" mentions people or a channel
    Mention /text "<@U1>" mentions people or a channel
    Empty /blocks/0/text/text an empty text, at least one character is needed
    Shape /blocks/0/text only plain_text is allowed here, found mrkdwn
    TooLong /blocks/1/text/text 3010 characters, at most 3000 are allowed
    Mention /blocks/1/text/text "<!channel>" mentions people or a channel
    Shape /blocks/2/elements/0/style `style` must be ordered or bullet, found "x"
    Shape /blocks/2/elements/0/indent `indent` must be 0 to 8, found 9
    Shape /blocks/2/elements/0/elements/0 `type` is missing
    Shape /blocks/3 expected an object, found 5
    "#);
}

#[test]
fn problems_come_in_the_order_of_the_text() {
    let body = r#"{"text":"t","z":1,"a":{"y":1},"mrkdwn":true,"mrkdwn":false,"m":1e400}"#;
    let found = super::super::read(&json::read(body).unwrap().json).unwrap_err();
    let lines: Vec<_> = found.iter().map(|it| format!("{}: {}", it.at, it.what)).collect();
    let unknown = ["/z: unknown field \"z\"", "/a: unknown field \"a\"", "/m: unknown field \"m\""];
    assert_eq!(lines, [&[": the key \"mrkdwn\" occurs twice"], unknown.as_slice()].concat());
}
