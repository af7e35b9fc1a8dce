//! Random messages: sentences, cards and templates around the values of some input paths.

use serde_json::{Map, Value, json};
use trailbell::cloudtrail::fields::Holds;

use super::blueprints::Input;
use super::rng::Random;

/// Where a value can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Words,
    /// Words with nothing next to them.
    Alone,
    Bare,
    Address,
}

const WORDS: [&str; 9] = [
    "by ",
    " of ",
    " \"quoted\" ",
    " a < b && c > d ",
    "\n",
    " *bold* `code` ",
    " ${param:p} ",
    " back\\slash ",
    "é🔔 ",
];

/// A placeholder for a value that fits the slot as its author sees it; a wrong one now and then.
fn value(names: &[Input], slot: Slot, random: &mut Random) -> Option<String> {
    let is_right = |one: &&Input| match slot {
        Slot::Words => one.holds < Holds::Text,
        Slot::Alone => one.holds < Holds::Text && one.always,
        Slot::Bare => one.always,
        Slot::Address => one.holds <= Holds::Token,
    };
    let anything = random.once_in(if slot == Slot::Bare { 10 } else { 40 });
    let right: Vec<&Input> = names.iter().filter(|one| anything || is_right(one)).collect();
    (!right.is_empty()).then(|| format!("<{}>", random.one(&right).name))
}

/// Words and values, as a person writes them; free text, too.
pub fn sentence(names: &[Input], random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(5) {
        text.push_str(random.word(&WORDS));
        let slot = if random.once_in(3) { Slot::Bare } else { Slot::Words };
        text.extend(value(names, slot, random));
    }
    match random.below(16) {
        0 => text.push_str("<!channel>"),
        1 => text = value(names, Slot::Alone, random).unwrap_or_default(),
        2 => text = value(names, Slot::Words, random).map(|one| format!("x <{one}>")).unwrap_or_default(),
        _ => {}
    }
    text
}

pub fn card(names: &[Input], random: &mut Random) -> Value {
    let labels = ["Trail", "\"Label\" & <b>", "é"];
    let facts: Map<String, Value> =
        labels[random.below(4)..].iter().map(|label| ((*label).into(), json!(sentence(names, random)))).collect();
    let mut card = Map::from_iter([("facts".to_owned(), facts.into())]);
    if random.once_in(2) {
        card.insert("text".into(), json!(sentence(names, random)));
    }
    card.into()
}

/// Words in the spelling of a template.
fn escaped(words: &str) -> String {
    let quoted = json!(words).to_string();
    quoted[1..quoted.len() - 1].replace('<', "\\u003c")
}

/// The inside of a quoted string.
fn quoted(names: &[Input], random: &mut Random) -> String {
    let mut text = String::new();
    if random.once_in(6) {
        return value(names, Slot::Alone, random).unwrap_or_else(|| "x".into());
    }
    for _ in 0..=random.below(3) {
        text.push_str(&escaped(random.word(&WORDS)));
        text.extend(value(names, Slot::Words, random));
    }
    // What is between an angle bracket and a name may be missing.
    let guard = names.iter().find(|one| one.holds == Holds::Token && !one.always && random.once_in(6));
    if let (Some(guard), Some(value)) = (guard, value(names, Slot::Words, random)) {
        text = format!("{text}\\u003c<{}>{value}|x>", guard.name);
    }
    text
}

fn address(names: &[Input], random: &mut Random) -> String {
    let Some(value) = value(names, Slot::Address, random) else { return "https://example.com/x".to_owned() };
    match random.below(20) {
        0 => format!("https://{value}/x"),
        1 => format!("https://{value}.com/x"),
        2 => format!("https://{value}@example.com/x"),
        3 => format!("https://example.com.{value}/"),
        4 => value,
        5..8 => format!("https://{value}.console.example.com/x"),
        8..12 => format!("https://example.com/x#{value}/{value}"),
        _ => format!("https://example.com/x?region={value}"),
    }
}

fn element(names: &[Input], random: &mut Random) -> String {
    match random.below(6) {
        0 | 1 => {
            let bare = value(names, Slot::Bare, random).unwrap_or_else(|| "\"x\"".into());
            format!(r#"{{"type":"text","text":{bare},"style":{{"code":true}}}}"#)
        }
        2 | 3 => format!(r#"{{"type":"text","text":"{}"}}"#, quoted(names, random)),
        4 => {
            let (url, text) = (address(names, random), quoted(names, random));
            format!(r#"{{"type":"link","url":"{url}","text":"{text}"}}"#)
        }
        _ => {
            let name = value(names, Slot::Words, random).filter(|_| random.once_in(12));
            format!(r#"{{"type":"emoji","name":"{}"}}"#, name.unwrap_or_else(|| "bell".into()))
        }
    }
}

fn elements(names: &[Input], random: &mut Random) -> String {
    let elements: Vec<String> = (0..=random.below(4)).map(|_| element(names, random)).collect();
    elements.join(",")
}

fn block(names: &[Input], random: &mut Random) -> String {
    let text = quoted(names, random);
    match random.below(9) {
        0 => format!(r#"{{"type":"header","text":{{"type":"plain_text","text":"{text}"}}}}"#),
        1 => format!(r#"{{"type":"section","text":{{"type":"mrkdwn","text":"{text}"}}}}"#),
        2 => format!(
            r#"{{"type":"section","fields":[{{"type":"plain_text","text":"{text}"}},{{"type":"mrkdwn","text":"f"}}]}}"#
        ),
        3 => format!(r#"{{"type":"context","elements":[{{"type":"mrkdwn","text":"{text}"}}]}}"#),
        4 => r#"{"type":"divider"}"#.to_owned(),
        5 => {
            let items = format!(r#"{{"type":"rich_text_section","elements":[{}]}}"#, elements(names, random));
            format!(
                r#"{{"type":"rich_text","elements":[{{"type":"rich_text_list","style":"bullet","elements":[{items}]}}]}}"#
            )
        }
        _ => {
            let kind = random.one(&["rich_text_section", "rich_text_section", "rich_text_quote"]);
            let elements = elements(names, random);
            format!(r#"{{"type":"rich_text","elements":[{{"type":"{kind}","elements":[{elements}]}}]}}"#)
        }
    }
}

pub fn template(names: &[Input], random: &mut Random) -> String {
    let whole = body(names, random);
    if random.once_in(5) { damaged(&whole, random) } else { whole }
}

/// The template after a slip of the fingers.
fn damaged(template: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = template.chars().collect();
    for _ in 0..=random.below(2) {
        let (at, end) = (random.below(characters.len()), random.below(12));
        let slip: Vec<char> =
            random.word(&["", "", "\"", "\\", ",", "<", ">", " ", "{", "<n0>", "\"<n0>\"", "&"]).chars().collect();
        let end = if random.once_in(3) { (at + end).min(characters.len()) } else { at };
        characters.splice(at..end, slip);
    }
    characters.into_iter().collect()
}

fn body(names: &[Input], random: &mut Random) -> String {
    let blocks: Vec<String> = (0..=random.below(4)).map(|_| block(names, random)).collect();
    let blocks = blocks.join(", ");
    let text = quoted(names, random);
    match random.below(30) {
        0 => format!(r#"{{"text": {}, "blocks": [{blocks}]}}"#, value(names, Slot::Bare, random).unwrap_or_default()),
        1 => format!(r#"{{"text": "{text}", "channel": "{text}"}}"#),
        2 => format!(r#"{{"{text}": 1, "text": "x"}}"#),
        3 => format!(r#"{{"text": "<{}>", "text": "x"}}"#, random.one(names).name),
        4 => format!(r#"["{text}"]"#),
        5..8 => format!(r#"{{"text": "{text}"}}"#),
        _ => format!(r#"{{"text": "{text}", "blocks": [{blocks}]}}"#),
    }
}
