//! Hostile values: each the worst that what is known of a field still allows, and fit for what a pattern demands.

use serde_json::{Value, json};
use trailbell::cloudtrail::fields::Holds;
use trailbell::pattern::Demand;

use super::rng::Random;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub always: bool,
    pub holds: Holds,
    pub longest: Option<usize>,
}

/// Free text of unknown length.
pub const FREE: Kind = Kind { always: false, holds: Holds::Text, longest: None };

/// How long values get whose length nothing limits.
const UNLIMITED: usize = 3_000;

const HOSTILE: [&str; 51] = [
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1}",
    "\u{8}",
    "\u{b}",
    "\u{1b}[31m",
    "\u{1f}",
    "\u{7f}",
    "\u{9f}",
    "'",
    " ",
    "<",
    ">",
    "&",
    "<!channel>",
    "<!here>",
    "<!here|x>",
    "<!everyone>",
    "<@U012ABCDE>",
    "<#C1|x>",
    "<!subteam^S012|@g>",
    "<!date^1^{date}|x>",
    "<https://evil.example|ok>",
    "*bold*",
    "_i_",
    "~s~",
    "`code`",
    "```",
    ":tada:",
    "&amp;",
    "&lt;!channel&gt;",
    "\\u003c!channel\\u003e",
    "\"},{\"type\":\"",
    "\"}]}",
    "\",\"link_names\":\"1",
    "<card-user>",
    "<aws.events.event.json>",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "\u{200f}\u{202e}\u{2066}",
    "\u{2028}\u{2029}",
    "\u{200b}\u{feff}",
    "\u{3164}\u{115f}\u{2800}",
    "\u{fe0f}\u{e0100}\u{180b}",
    "\n\nResolved by the security team: a drill.\n",
    "\nWho: alice\nWhere: account 1",
    "\u{85}Call: none\u{2028}From: 192.0.2.1",
    "\u{10ffff}\u{f0000}é",
];

/// What an identity may try at a place that shows identifiers.
const BOLD: [&str; 10] = [
    "!channel",
    "!here",
    "@U012ABCDE",
    "#C012ABCDE",
    "!subteam^S1",
    "*a*_b_~c~",
    "//evil.example/",
    "$;{}[]'",
    "%00%22",
    "@evil.example",
];

fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

fn in_identifier(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '<' | '>' | '&' | '`')
}

/// Whether a value is one of those the kind allows.
pub fn fits(kind: Kind, value: &Value) -> bool {
    match (kind.holds, value) {
        (Holds::Number, value) => value.is_number(),
        (Holds::Boolean, value) => value.is_boolean(),
        (holds, Value::String(text)) => {
            let is_short = kind.longest.is_none_or(|longest| text.chars().count() <= longest);
            let is_of = |c: char| match holds {
                Holds::Token => in_token(c),
                Holds::Identifier => in_identifier(c),
                _ => true,
            };
            is_short && text.chars().all(is_of) && !(kind.always && text.trim().is_empty())
        }
        _ => false,
    }
}

fn length(longest: usize, random: &mut Random) -> usize {
    match random.below(3) {
        0 => longest,
        1 => 1 + random.below(longest.min(12)),
        _ => 1 + random.below(longest),
    }
}

/// A value of the kind that is there; empty or blank only where it may be.
pub fn value(kind: Kind, random: &mut Random) -> Value {
    let longest = kind.longest.unwrap_or(UNLIMITED);
    match kind.holds {
        Holds::Number => json!(random.bits() % 10_u64.pow(u32::try_from(longest.min(8)).expect("small"))),
        Holds::Boolean => json!(random.once_in(2)),
        _ if !kind.always && random.once_in(8) => json!(""),
        Holds::Identifier if !kind.always && random.once_in(8) => json!(" ".repeat(length(longest, random))),
        holds => json!(text(holds, length(longest, random), random)),
    }
}

/// A text of this many characters, never blank.
pub fn text(holds: Holds, length: usize, random: &mut Random) -> String {
    let mut text = String::new();
    let mut count = 0;
    while count < length {
        let before = text.len();
        match holds {
            Holds::Text if random.once_in(3) => text.push_str(&"zä ".repeat(1 + random.below(99))),
            Holds::Text => text.push_str(random.word(&HOSTILE)),
            Holds::Identifier if random.once_in(3) => text.push_str(random.word(&BOLD)),
            _ => {
                let is_of = if holds == Holds::Token { in_token } else { in_identifier };
                let bytes = random.bits().to_le_bytes();
                text.extend(bytes.into_iter().map(|byte| char::from(byte & 0x7f)).filter(|c| is_of(*c)));
            }
        }
        count += text[before..].chars().count();
    }
    let mut text: String = text.chars().take(length).collect();
    if text.trim().is_empty() {
        text.pop();
        text.push('x');
    }
    text
}

/// Anything at all, as a refused call or an unknown field may hold it; `None` is nothing.
pub fn anything(depth: usize, random: &mut Random) -> Option<Value> {
    let short = |random: &mut Random| {
        let length = length(60, random);
        text(Holds::Text, length, random)
    };
    Some(match random.below(9) {
        0 => return None,
        1 => Value::Null,
        2 => json!(""),
        3 => json!(random.below(100)),
        4 => json!(random.once_in(2)),
        5 if depth > 0 => json!([short(random), anything(depth - 1, random)]),
        6 if depth > 0 => json!({ short(random): anything(depth - 1, random), "type": "text", "text": {"text": []} }),
        _ => json!(short(random)),
    })
}

/// A value of the kind that fits the demand, as far as one was found; `None` is nothing.
pub fn satisfying(demand: Demand, kind: Kind, random: &mut Random) -> Option<Value> {
    let wanted: Vec<Value> = serde_json::from_str(demand.wanted()).expect("a list");
    let entry = random.one(&wanted);
    match entry {
        Value::Object(test) => {
            let (operator, operand) = test.iter().next().expect("an operator");
            tested(operator, operand, kind, random)
        }
        Value::String(text) if text.parse::<std::net::Ipv4Addr>().is_ok() && random.once_in(2) => {
            Some(json!(spelled(text, kind, random)))
        }
        other => Some(other.clone()),
    }
}

fn tested(operator: &str, operand: &Value, kind: Kind, random: &mut Random) -> Option<Value> {
    let filler = |random: &mut Random, taken: usize| {
        let room = kind.longest.unwrap_or(UNLIMITED).saturating_sub(taken);
        let holds = kind.holds.max(Holds::Token);
        if room == 0 || random.once_in(4) { String::new() } else { text(holds, length(room, random), random) }
    };
    let folded = operand.get("equals-ignore-case").and_then(Value::as_str);
    let words = folded.or(operand.as_str()).unwrap_or_default();
    let words = match operator {
        "equals-ignore-case" => swapped(words, random),
        _ if folded.is_some() => swapped(words, random),
        _ => words.to_owned(),
    };
    let taken = words.chars().count();
    Some(match operator {
        "exists" if operand == &json!(false) => return None,
        "prefix" => json!(words + &filler(random, taken)),
        "suffix" => json!(filler(random, taken) + &words),
        "equals-ignore-case" => json!(words),
        "wildcard" => {
            // A backslash makes the next character one of the text.
            let words = words.replace(r"\*", "\u{1}");
            let stars = words.matches('*').count().max(1);
            let filled = words.replace('*', &text(kind.holds, 1 + random.below(40 / stars), random));
            json!(filled.replace('\u{1}', "*").replace(r"\\", r"\"))
        }
        "cidr" => {
            let address = words.split('/').next().unwrap_or_default();
            json!(spelled(address, kind, random))
        }
        "numeric" => {
            let parts = operand.as_array().expect("comparisons and numbers");
            let last = parts.last().cloned().unwrap_or_default();
            match (parts.len().checked_sub(2).and_then(|at| parts[at].as_str()), last.as_i64()) {
                (Some("<"), Some(number)) => json!(number - 1),
                (Some(">"), Some(number)) => json!(number + 1),
                _ => last,
            }
        }
        _ if kind.holds == Holds::Identifier && random.once_in(2) => json!(" "),
        _ => value(kind, random),
    })
}

/// Other cases of the letters, now and then.
fn swapped(text: &str, random: &mut Random) -> String {
    text.chars().map(|c| if random.once_in(2) { c.to_ascii_uppercase() } else { c }).collect()
}

/// The address in one of its spellings; the digits of a group may begin with any number of zeros.
fn spelled(address: &str, kind: Kind, random: &mut Random) -> String {
    let octets = address.parse::<std::net::Ipv4Addr>().unwrap_or(std::net::Ipv4Addr::LOCALHOST).octets();
    let groups = octets.chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect::<Vec<_>>().join(":");
    let zeros = |count: usize| format!("::ffff:{}{groups}", "0".repeat(count));
    let spellings = [address.to_owned(), format!("0{address}"), zeros(0), zeros(40), zeros(200)];
    let text = random.one(&spellings);
    if fits(kind, &json!(text)) { text.clone() } else { address.to_owned() }
}
