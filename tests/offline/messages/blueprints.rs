//! Random blueprints: alerts on calls the table knows and on events of one's own, with messages that are right for the
//! most part and wrong now and then.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use trailbell::blueprint::{Blueprint, Claim};
use trailbell::cloudtrail::fields::{FieldRow, Holds, RowEvents, rows};

use super::assembly::put;
use super::events::Claims;
use super::rng::Random;
use super::templates;

/// A blueprint and what events for it must know.
pub struct Made {
    pub blueprint: Blueprint,
    /// `text`, `card` or `template`.
    pub form: &'static str,
    pub claims: Claims,
}

/// An input path as its author thinks of it.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: String,
    pub path: String,
    /// What it holds, by the table and the pattern; never free text where that is pinned to something plain.
    pub holds: Holds,
    /// Whether it is never missing.
    pub always: bool,
}

/// Values of parameters: what people write who have not read the manual.
const PARAMETERS: [&str; 6] = ["ops", "say \"hi\"", "a\\b", "line\nbreak", "<n0> & <card-user>", "👩‍👩‍👧‍👦 \u{202e}\u{0}"];

pub fn made(random: &mut Random) -> Made {
    let (mut pattern, mut names, claims) = if random.once_in(4) { of_ones_own(random) } else { of_a_call(random) };
    if random.once_in(12) {
        let odd = ["detail", "detail.requestParameters", "detail.nowhere.x", "resources[0]", "detail.resources[0].ARN"];
        names.push(Input { name: "odd".into(), path: (*random.one(&odd)).into(), holds: Holds::Token, always: true });
    }
    let mut message = Map::new();
    let form = *random.one(&["text", "card", "template"]);
    let content = match form {
        "text" => json!(templates::sentence(&names, random)),
        "card" => templates::card(&names, random),
        _ => json!(templates::template(&names, random)),
    };
    message.insert(form.into(), content);
    let paths: Map<String, Value> =
        names.iter().map(|one| (one.name.clone(), json!(format!("$.{}", one.path)))).collect();
    message.insert("input_paths".into(), paths.into());
    let holds = names.iter().filter_map(|one| Some((one.name.clone(), json!(claims.get(&one.path)?))));
    message.insert("holds".into(), holds.collect::<Map<_, _>>().into());
    if random.once_in(8) {
        pattern["account"] = json!(["123456789012"]);
    }
    let title = *random.one(&["Something happened", "A \"title\" & <more>", "é\u{202e} title", "bad <!here>"]);
    let blueprint = json!({
        "blueprint": "random", "title": title, "severity": random.one(&["critical", "info"]),
        "description": "What <n0> did: \"x\" & ${param:p}\n.",
        "parameters": { "p": { "type": "string", "default": random.one(&PARAMETERS) } },
        "alert": { "pattern": pattern, "message": message }
    });
    Made { blueprint: serde_json::from_value(blueprint).expect("a blueprint"), form, claims }
}

fn of_ones_own(random: &mut Random) -> (Value, Vec<Input>, Claims) {
    let mut pattern = json!({"source": ["my.app"], "detail-type": ["order", "\"x\""]});
    let mut names = Vec::new();
    let mut claims = Claims::new();
    for path in ["detail.a", "detail.b.c", "detail.b.d"] {
        let claim = if random.once_in(2) { Claim::Identifier } else { Claim::Text };
        if !random.once_in(20) {
            claims.insert(path.to_owned(), claim);
        }
        let (holds, always) = match claim {
            Claim::Identifier => (Holds::Identifier, false),
            Claim::Text => (Holds::Text, true),
        };
        names.push(Input { name: String::new(), path: path.into(), holds, always });
    }
    names.extend(rows().iter().filter(|row| row.scope == RowEvents::Event).filter_map(|row| of_row(row, false)));
    let mut names = chosen(names, random);
    demands(&mut pattern, &mut names, random);
    (pattern, names, claims)
}

fn of_a_call(random: &mut Random) -> (Value, Vec<Input>, Claims) {
    let calls: Vec<(&FieldRow, &str, &[&str])> = rows()
        .iter()
        .filter_map(|row| match &row.scope {
            RowEvents::Calls { source, names } if !names.is_empty() => Some((row, *source, &names[..])),
            _ => None,
        })
        .collect();
    let (first, source, events) = random.one(&calls);
    let events: BTreeSet<&str> = (0..=random.below(3)).map(|_| *random.one(events)).collect();
    let is_about = |row: &&FieldRow| match &row.scope {
        RowEvents::Event | RowEvents::Record => true,
        RowEvents::Native { .. } => false,
        RowEvents::Calls { source: of, names } => {
            of == source && (names.is_empty() || events.iter().all(|event| names.contains(event)))
        }
    };
    // Now and then it only looks like a call.
    let owner = if random.once_in(12) { "my" } else { "aws" };
    let service = source.split('.').next().unwrap_or_default();
    let mut pattern = json!({"source": [format!("{owner}.{service}")], "detail": {"eventSource": [source]}});
    if !random.once_in(5) {
        pattern["detail-type"] = json!(["AWS API Call via CloudTrail"]);
    }
    let succeeds = random.once_in(2);
    let success = |detail: &mut Value, random: &mut Random| {
        for field in ["errorCode", "errorMessage"] {
            if !random.once_in(16) {
                detail[field] = json!([{"exists": false}]);
            }
        }
    };
    let mut names = Vec::new();
    // The call's own fields are the interesting ones.
    for row in rows().iter().filter(is_about) {
        let is_special = ["detail.sourceIPAddress", "detail.userIdentity.userName"].contains(&row.path.as_str());
        let times = if is_special || matches!(row.scope, RowEvents::Calls { .. }) { 6 } else { 1 };
        names.extend(of_row(row, !succeeds).into_iter().flat_map(|name| vec![name; times]));
    }
    let mut names = chosen(names, random);
    if random.once_in(2) {
        names.extend(of_row(first, !succeeds).map(|one| Input { name: "own".into(), ..one }));
        let mut seen = BTreeSet::new();
        names.retain(|one| seen.insert(one.path.clone()));
    }
    if random.once_in(3) {
        put(&mut pattern, "detail.userIdentity.type", json!(["IAMUser", random.word(&["AssumedRole", "SAMLUser"])]));
        names.retain(|one| one.path != "detail.userIdentity.type");
    }
    demands(&mut pattern, &mut names, random);
    if pattern["detail"].get("eventName").is_none() {
        let ways: Vec<Value> = events.iter().map(|event| json!({"eventName": [event]})).collect();
        if ways.len() > 1 && random.once_in(2) {
            pattern["detail"]["$or"] = ways.into();
            different_pins(&mut pattern, &mut names, random);
            if succeeds
                && pattern["detail"].get("errorCode").is_none()
                && pattern["detail"].get("errorMessage").is_none()
            {
                let first = usize::from(random.once_in(4));
                pattern["detail"]["$or"].as_array_mut().expect("a list")[first..]
                    .iter_mut()
                    .for_each(|way| success(way, random));
            }
            return (pattern, names, Claims::new());
        }
        pattern["detail"]["eventName"] = json!(events);
    }
    if succeeds {
        success(&mut pattern["detail"], random);
    }
    (pattern, names, Claims::new())
}

/// Pins one field to another length on each way, or on the first way only.
fn different_pins(pattern: &mut Value, names: &mut [Input], random: &mut Random) {
    let is_open = |one: &&mut Input| one.path.starts_with("detail.user") && one.holds >= Holds::Token;
    let Some(name) = names.iter_mut().find(is_open) else { return };
    let pointer = format!("/{}", name.path.replace('.', "/"));
    if pattern.pointer(&pointer).is_some() || pattern.pointer("/detail/userIdentity").is_some() {
        return;
    }
    let ways = pattern["detail"]["$or"].as_array_mut().expect("a list");
    let count = if random.once_in(2) { 1 } else { ways.len() };
    for (at, way) in ways.iter_mut().take(count).enumerate() {
        put(way, name.path.trim_start_matches("detail."), json!(["x".repeat(1 + (at % 2) * 160)]));
    }
    name.always = true;
    name.holds = Holds::Token;
}

fn of_row(row: &FieldRow, may_fail: bool) -> Option<Input> {
    let weak = row.needs_success && may_fail;
    let holds = if weak { Holds::Text } else { row.holds? };
    Some(Input { name: String::new(), path: row.path.clone(), holds, always: row.always && !weak })
}

/// Up to six of the paths, each once.
fn chosen(mut from: Vec<Input>, random: &mut Random) -> Vec<Input> {
    let mut names: Vec<Input> = Vec::new();
    for at in 0..=random.below(6) {
        let one = from.swap_remove(random.below(from.len()));
        from.retain(|other| other.path != one.path);
        names.push(Input { name: format!("n{at}"), ..one });
    }
    names
}

/// Demands of the pattern on some of the paths, and what they make certain.
fn demands(pattern: &mut Value, names: &mut [Input], random: &mut Random) {
    let settled = ["source", "detail-type", "detail.eventSource", "detail.eventName", "detail.errorCode"];
    for name in names.iter_mut().filter(|one| !settled.contains(&one.path.as_str())) {
        if name.holds != Holds::Text && !random.once_in(3) || random.once_in(6) {
            continue;
        }
        let (list, is_plain) = match name.holds {
            Holds::Boolean => (json!([true]), false),
            Holds::Number => (json!([{"numeric": [">=", 3]}]), false),
            _ if name.path == "detail.sourceIPAddress" => {
                (random.one(&[json!([{"cidr": "10.0.0.0/8"}]), json!(["10.0.0.1"])]).clone(), true)
            }
            holds => demand(holds, random),
        };
        name.always |= list != json!([{"exists": true}]);
        if is_plain {
            let is_token = list[0].as_str().is_some_and(|text| !text.contains(['/', ' ', '!']));
            name.holds = name.holds.min(if is_token { Holds::Token } else { Holds::Identifier });
        }
        put(pattern, &name.path, list);
    }
}

/// A demand on a text, and whether it pins it to something plain.
fn demand(holds: Holds, random: &mut Random) -> (Value, bool) {
    let text = match holds {
        Holds::Token => "tok-1",
        Holds::Identifier => *random.one(&["a b/c", "!here", "x"]),
        _ => *random.one(&["plain", "10.0.0.1", "say \"x\"", "<!channel>", "a&b", "back\\slash"]),
    };
    let is_plain = !text.contains(['"', '<', '&', '\\']);
    match random.below(8) {
        0..3 => (json!([text, "other"]), is_plain),
        3 => (json!([{"prefix": text}]), false),
        4 => (json!([{"anything-but": [""]}]), false),
        5 => (json!([{"exists": true}]), false),
        6 => (json!([{"equals-ignore-case": text}]), false),
        _ => (json!([{"wildcard": "a*"}, {"suffix": text}]), false),
    }
}
