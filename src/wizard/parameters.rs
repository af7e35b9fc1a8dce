//! The values of the chosen blueprints' parameters: from `--with` flags, and asked for where there is no default.
//!
//! Every flag is read before anyone is asked, and an answer is checked where it is given, so no one answers in vain.

use serde_json::{Map, Value};

use super::{Asker, Unanswered, WizardQuestion};
use crate::blueprint::parameters::{from_text, samples};
use crate::blueprint::{Blueprint, Parameter, ParameterType};
use crate::check::check_filled;
use crate::diagnostic::{Finding, nearest};
use crate::document::Document;

/// A blueprint that someone chose, with the values of its parameters that are given or answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The blueprint.
    pub blueprint: Blueprint,
    /// Values by name; the rest keep their defaults.
    pub with: Map<String, Value>,
}

/// `NAME=VALUE` or `BLUEPRINT.NAME=VALUE`.
struct Flag<'a> {
    blueprint: Option<&'a str>,
    name: &'a str,
    value: &'a str,
}

/// Values for every parameter of the blueprints that needs one.
pub(super) fn choose(
    flags: &[String],
    blueprints: Vec<Blueprint>,
    asker: &mut dyn Asker,
) -> Result<Vec<Chosen>, Unanswered> {
    let flags = flags.iter().map(|text| Flag::parse(text)).collect::<Result<Vec<_>, _>>()?;
    for (at, flag) in flags.iter().enumerate() {
        flag.is_known(&blueprints)?;
        if flags[..at].iter().any(|other| (other.blueprint, other.name) == (flag.blueprint, flag.name)) {
            return Err(Unanswered::new(format!("duplicate option `--with {}`", flag.key()), "remove one of them"));
        }
    }
    let mut chosen = Vec::new();
    for blueprint in blueprints {
        let with = given(&flags, &blueprint)?;
        chosen.push(Chosen { blueprint, with });
    }
    for one in &mut chosen {
        ask(one, asker)?;
    }
    Ok(chosen)
}

impl<'a> Flag<'a> {
    fn parse(text: &'a str) -> Result<Self, Unanswered> {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            Unanswered::new(
                format!("`--with {text}` has no value"),
                "write `--with NAME=VALUE` or `--with BLUEPRINT.NAME=VALUE`",
            )
        })?;
        let (blueprint, name) = key.split_once('.').map_or((None, key), |(blueprint, name)| (Some(blueprint), name));
        Ok(Self { blueprint, name, value })
    }

    fn key(&self) -> String {
        self.blueprint.map_or_else(|| self.name.to_owned(), |blueprint| format!("{blueprint}.{}", self.name))
    }

    fn is_for(&self, blueprint: &Blueprint, name: &str) -> bool {
        self.name == name && self.blueprint.is_none_or(|one| one == blueprint.blueprint)
    }

    /// Some chosen blueprint has that parameter.
    fn is_known(&self, blueprints: &[Blueprint]) -> Result<(), Unanswered> {
        let chosen: Vec<&str> = blueprints.iter().map(|one| one.blueprint.as_str()).collect();
        if let Some(unknown) = self.blueprint.filter(|one| !chosen.contains(one)) {
            let message = format!("`--with {}`: `{unknown}` is not one of the chosen alerts", self.key());
            return Err(Unanswered::new(message, meant(unknown, &chosen)));
        }
        let asked = blueprints.iter().filter(|one| self.blueprint.is_none_or(|name| name == one.blueprint));
        let names: Vec<&str> = asked.flat_map(|one| one.parameters.keys()).map(String::as_str).collect();
        if names.contains(&self.name) {
            return Ok(());
        }
        let who = self.blueprint.map_or_else(|| "no chosen alert".to_owned(), |name| format!("not `{name}`"));
        let message = format!("`--with {}`: {who} has a parameter `{}`", self.key(), self.name);
        Err(Unanswered::new(message, meant(self.name, &names)))
    }
}

/// "Did you mean", or all there is.
fn meant(word: &str, known: &[&str]) -> String {
    let mut all: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
    all.sort();
    all.dedup();
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if all.is_empty() => "the chosen alerts do not have parameters".to_owned(),
        None => format!("available: {}", all.join(", ")),
    }
}

/// What the flags say about this blueprint; one that names it counts more than one that does not.
fn given(flags: &[Flag<'_>], blueprint: &Blueprint) -> Result<Map<String, Value>, Unanswered> {
    let mut with = Map::new();
    for (name, parameter) in &blueprint.parameters {
        let mine = flags.iter().filter(|flag| flag.is_for(blueprint, name));
        let Some(flag) = mine.max_by_key(|flag| flag.blueprint.is_some()) else { continue };
        let value = from_text(parameter.kind, flag.value).map_err(|why| {
            let message = format!("`--with {}={}`: {why}", flag.key(), flag.value);
            Unanswered::new(message, parameter.description.clone().unwrap_or_default())
        })?;
        with.insert(name.clone(), value);
    }
    Ok(with)
}

/// Asks for what has no default, and whether to turn on what can be turned on.
fn ask(chosen: &mut Chosen, asker: &mut dyn Asker) -> Result<(), Unanswered> {
    let Chosen { blueprint, with } = chosen;
    for (name, parameter) in &blueprint.parameters {
        if with.contains_key(name) {
            continue;
        }
        let question = question(blueprint, name, parameter);
        let default = parameter.default.as_ref();
        let answer = match parameter.kind {
            ParameterType::Boolean => asker.yes(&question, default.and_then(Value::as_bool))?.map(Value::Bool),
            _ if default.is_some() => None,
            kind => {
                let read = |text: &str| from_answer(blueprint, name, kind, text, with);
                let text = asker.text(&question, "", &|text| read(text).map(drop))?;
                Some(read(&text).map_err(|why| Unanswered::new(why, format!("answer with `{}`", question.flag)))?)
            }
        };
        with.extend(answer.map(|answer| (name.clone(), answer)));
    }
    Ok(())
}

fn question(blueprint: &Blueprint, name: &str, parameter: &Parameter) -> WizardQuestion {
    let id = &blueprint.blueprint;
    let about = parameter.description.as_deref().unwrap_or(name);
    let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
    let form = match parameter.kind {
        ParameterType::List => " (a list, separated by commas)",
        ParameterType::Number => " (a number)",
        ParameterType::String | ParameterType::Boolean => "",
    };
    WizardQuestion::new(
        format!("{id}: {}?{form}", about.trim_end_matches(['.', '?'])),
        format!("--with {id}.{name}=VALUE"),
    )
}

fn from_answer(
    blueprint: &Blueprint,
    name: &str,
    kind: ParameterType,
    text: &str,
    with: &Map<String, Value>,
) -> Result<Value, String> {
    if text.is_empty() {
        return Err("an answer is required: there is no default".to_owned());
    }
    let value = from_text(kind, text)?;
    objection(blueprint, name, &value, with).map_or(Ok(value), Err)
}

/// What the blueprint has against a value, judged with examples where nothing is known yet. What is wrong with an example
/// in its place, too, is left to the check of the whole file.
fn objection(blueprint: &Blueprint, name: &str, value: &Value, with: &Map<String, Value>) -> Option<String> {
    let document = Document::parse("", "{}").ok()?;
    let errors = |value: Option<&Value>| -> Vec<Finding> {
        let mut values = samples(blueprint);
        values.extend(with.clone());
        values.extend(value.map(|value| (name.to_owned(), value.clone())));
        check_filled(blueprint, &values, &document, "").into_iter().filter(Finding::is_error).collect()
    };
    let usual = errors(None);
    let is_usual = |one: &Finding| usual.iter().any(|other| (other.code, &other.message) == (one.code, &one.message));
    let found = errors(Some(value)).into_iter().find(|one| !is_usual(one))?;
    let fix = [found.expected, found.help].into_iter().flatten().map(|text| format!("; {text}"));
    Some(found.message + &fix.collect::<String>())
}
