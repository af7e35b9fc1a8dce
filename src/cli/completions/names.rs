//! What completes an argument: names of alerts, stacks, blueprints, and packs, or a file.
//!
//! Offline and quick: nothing here asks AWS, and a file that cannot be read has no names.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use serde_json::Value;

use crate::blueprint::{catalog, pack};
use crate::document::{Document, Node, Reach};
use crate::stack::DEFAULT_FILE;

/// A command with what completes its arguments, and those of its subcommands.
pub(super) fn completed(command: Command) -> Command {
    let with = |argument: Arg| match completer(&argument) {
        Some(completer) => argument.add(completer),
        None => argument,
    };
    command.mut_args(with).mut_subcommands(completed)
}

/// What completes an argument, by its id, or else by the name of its value.
fn completer(argument: &Arg) -> Option<ArgValueCompleter> {
    let id = argument.get_id().as_str();
    let value = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    Some(match (id, value) {
        ("pack", _) => names(|| pack::names().into_iter().map(str::to_owned).collect()),
        ("topic", "TOPIC") => names(topics),
        ("stack" | "from_stack", "NAME") => names(|| stack_here().and_then(|stack| stack.name).into_iter().collect()),
        ("alerts", "ID") => names(|| stack_here().map_or_else(Vec::new, |stack| stack.alerts)),
        ("name", "BLUEPRINT") => names(|| blueprints().chain(pack::names().into_iter().map(str::to_owned)).collect()),
        (_, "BLUEPRINT") => ArgValueCompleter::new(blueprint_or_file),
        ("stack" | "file", "STACK" | "FILE" | "STACK|PLAN") => ArgValueCompleter::new(yaml_files),
        (_, "EVENT" | "FILE") => ArgValueCompleter::new(PathCompleter::file().stdio()),
        _ => return None,
    })
}

/// Completes one of these names.
fn names(all: fn() -> Vec<String>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| beginning(all().into_iter(), current))
}

fn beginning(all: impl Iterator<Item = String>, current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    all.filter(|name| name.starts_with(current)).map(CompletionCandidate::new).collect()
}

fn blueprints() -> impl Iterator<Item = String> {
    catalog::entries().into_iter().map(|entry| entry.name().to_owned())
}

fn topics() -> Vec<String> {
    let mut topics: Vec<String> = catalog::entries().iter().map(|entry| entry.topic().to_owned()).collect();
    topics.sort();
    topics.dedup();
    topics
}

/// A built-in blueprint, or a file of a blueprint or a stack.
fn blueprint_or_file(current: &OsStr) -> Vec<CompletionCandidate> {
    let mut all = beginning(blueprints(), current);
    all.extend(yaml_files(current));
    all
}

fn yaml_files(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::file().filter(is_yaml).complete(current)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// What a stack file names.
struct StackNames {
    name: Option<String>,
    alerts: Vec<String>,
}

/// The names in the stack file that is on the command line, or in this folder.
fn stack_here() -> Option<StackNames> {
    let typed: Vec<OsString> = std::env::args_os().skip_while(|one| one != "--").collect();
    let file = stack_file(&typed);
    read(&file)
}

/// The stack file among words of a command line; the last word is still being typed.
fn stack_file(typed: &[OsString]) -> PathBuf {
    let mut complete = typed.iter().map(PathBuf::from);
    complete.next_back();
    complete.find(|word| is_yaml(word) && word.is_file()).unwrap_or_else(|| DEFAULT_FILE.into())
}

/// The names in a stack file, which need not be complete: it may be edited right now.
fn read(file: &Path) -> Option<StackNames> {
    let document = Document::read(file, Reach::Own).ok()?;
    let stack = document.node("")?.to_json();
    let name = stack["stack"].as_str().map(str::to_owned);
    let alerts = stack["alerts"].as_array()?.iter().flat_map(|alert| ids(alert, file, &document)).collect();
    Some(StackNames { name, alerts })
}

/// The ids of the alerts of one entry.
fn ids(alert: &Value, file: &Path, stack: &Document) -> Vec<String> {
    if let Some(id) = alert["id"].as_str() {
        return vec![id.to_owned()];
    }
    if let Some(pack) = alert["use"].as_str() {
        let left_out = |name: &String| alert["except"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let pack = pack::find(pack).ok().flatten();
        return pack.map_or_else(Vec::new, |pack| pack.blueprints.into_iter().filter(|one| !left_out(one)).collect());
    }
    let Some(blueprint) = alert["blueprint"].as_str() else { return Vec::new() };
    if catalog::find(blueprint).is_some() {
        return vec![blueprint.to_owned()];
    }
    let path = file.parent().unwrap_or_else(|| Path::new("")).join(blueprint);
    let document = stack.may_name(&path).then(|| Document::read(&path, Reach::Own).ok()).flatten();
    let own = document.as_ref().and_then(|document| document.node("/blueprint")).map(Node::to_json);
    own.and_then(|own| own.as_str().map(str::to_owned)).into_iter().collect()
}
