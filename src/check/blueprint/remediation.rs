//! Findings about a remediation: its handler, and what it may do.

use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Blueprint, ParameterType, remediation};
use crate::cloudtrail::events;
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::lambda::CALLS;

/// `when` names a boolean parameter.
pub(super) fn switches(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let remediation = blueprint.remediation.as_ref().and_then(|one| one.when.as_deref());
    let metric = blueprint.alert.metric.as_ref().and_then(|one| one.when.as_deref());
    let mut findings = Vec::new();
    for (pointer, name) in [("/remediation/when", remediation), ("/alert/metric/when", metric)] {
        if name.is_none() && document.node(pointer).is_some() {
            // A switch that was begun must not mean that it is always on.
            let finding = document.finding(pointer, Code::NotAllowed, "`when` is empty").found("nothing");
            findings.push(finding.expected("the name of a boolean parameter").help(
                "remove `when` if the remediation is \
                    always on",
            ));
        }
        match name.map(|name| (name, blueprint.parameters.get(name))) {
            Some((name, None)) => {
                findings.push(super::undefined_parameter(
                    name,
                    document.finding(pointer, Code::UndefinedParameter, ""),
                    blueprint,
                ));
            }
            Some((name, Some(one))) if one.kind != ParameterType::Boolean => {
                let finding = document.finding(pointer, Code::BadParameter, format!("`{name}` is not a boolean"));
                findings
                    .push(finding.found(parameters::type_name(one.kind)).expected("a parameter of the type boolean"));
            }
            _ => {}
        }
    }
    findings
}

/// The handler is a file next to the blueprint that Lambda can call.
pub(super) fn handler(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let Some(remediation) = &blueprint.remediation else { return Vec::new() };
    let name = &remediation.handler;
    let refuse = |what: String| document.finding("/remediation/handler", Code::BadHandler, what);
    if !remediation::is_file_name(name) || name == CALLS {
        let help =
            if name == CALLS { "this name is reserved; rename the file" } else { "put the file next to the blueprint" };
        let finding = refuse(format!("`{name}` is not a valid name for a handler")).help(help);
        return vec![finding.expected(
            "letters, digits, `-`, and `_`, ending in `.mjs`: `restart-logging.mjs`, next to the blueprint",
        )];
    }
    let source = match remediation::read(name, document) {
        Ok(handler) => String::from_utf8_lossy(&handler.source).into_owned(),
        Err(why) => {
            return vec![refuse(format!("cannot read `{name}`: {why}")).help("it must be next to the blueprint")];
        }
    };
    let strangers = strangers(&source);
    if !strangers.is_empty() {
        let finding =
            refuse(format!("`{name}` imports a file that is not packaged with it")).found(strangers.join(", "));
        let expected = "one file; it can import `./aws.mjs`, which trailbell packages with it, and Node's built-in \
            modules as `node:…`";
        return vec![finding.expected(expected)];
    }
    if !exports_handler(&source) {
        let finding = refuse(format!("`{name}` does not export `handler`, which Lambda calls"));
        return vec![finding.expected("`export const handler = async (event) => { … };`")];
    }
    Vec::new()
}

/// The files that a module imports, other than the one that is next to every handler. What follows `//` is not read.
fn strangers(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices(['"', '\'']) {
        let before = source[..at].trim_end().trim_end_matches('(').trim_end();
        let quote = &source[at..=at];
        let path = source[at + 1..].split(quote).next().unwrap_or_default();
        let line = source[..at].rsplit('\n').next().unwrap_or_default();
        let is_comment = line.contains("//") || line.trim_start().starts_with('*');
        let is_import = !is_comment && ["from", "import"].iter().any(|word| before.ends_with(word));
        let is_file = path.starts_with("./") || path.starts_with("../") || path.starts_with('/');
        if is_import && is_file && path != format!("./{CALLS}") {
            found.push(path.to_owned());
        }
    }
    found
}

/// Whether a module exports the name `handler`, read word by word: comments may mislead it, no export does.
fn exports_handler(source: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words = |text: &'_ str| {
        text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    source.match_indices("export").any(|(at, word)| {
        let rest = source[at + word.len()..].trim_start();
        match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((list, _)) => list.split(',').any(|item| words(item).last().is_some_and(|last| last == "handler")),
            None => words(&rest.chars().take(60).collect::<String>())
                .into_iter()
                .find(|word| !matches!(word.as_str(), "const" | "let" | "var" | "async" | "function"))
                .is_some_and(|word| word == "handler"),
        }
    })
}

/// What it may do is said exactly.
pub(super) fn allow(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    let Some(remediation) = &blueprint.remediation else { return Vec::new() };
    let refuse = |pointer: &str, what: String| document.finding(pointer, Code::BadAllow, what);
    let mut findings = Vec::new();
    if remediation.allow.is_empty() {
        let finding = refuse("/remediation/allow", "a handler without permissions cannot fix anything".to_owned());
        findings.push(finding.expected("`allow: [{ actions: [cloudtrail:StartLogging], resources: [\"*\"] }]`"));
    }
    for (at, allow) in remediation.allow.iter().enumerate() {
        let pointer = format!("/remediation/allow/{at}");
        for (key, list) in [("actions", &allow.actions), ("resources", &allow.resources)] {
            if list.is_empty() {
                findings.push(
                    refuse(&format!("{pointer}/{key}"), format!("`{key}` is empty"))
                        .help("list them, or remove the statement"),
                );
            }
        }
        for (index, action) in allow.actions.iter().enumerate() {
            findings.extend(about_action(action, document, &format!("{pointer}/actions/{index}")));
        }
        for (index, resource) in allow.resources.iter().enumerate() {
            if resource != "*" && !resource.starts_with("arn:") && !resource.starts_with("${param:") {
                let finding = refuse(&format!("{pointer}/resources/{index}"), format!("`{resource}` is not an ARN"));
                findings.push(finding.expected("an ARN, which can contain `*`, or `*` alone"));
            }
        }
    }
    findings
}

pub(super) fn about_action(action: &str, document: &Document, pointer: &str) -> Option<Finding> {
    let finding = |what: String| document.finding(pointer, Code::BadAllow, what);
    if action.contains(['*', '?']) {
        let what = format!("`{action}` allows more than one action");
        return Some(finding(what).help("list each action: someone who takes over the handler can do nothing else"));
    }
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match action.split_once(':') {
        Some((service, name))
            if is_word(service) && is_word(name) && service.bytes().all(|one| !one.is_ascii_uppercase()) =>
        {
            let source = format!("{service}.amazonaws.com");
            // Not every action is a call, but one that is nearly called like a call is a slip of the pen.
            let is_known = events::find(&source, name).is_some();
            let near = (!is_known).then(|| events::nearest_name(&[&source], name)).flatten();
            near.filter(|near| near.len().abs_diff(name.len()) <= 2).map(|near| {
                finding(format!("the action `{action}` is not known")).help(format!("did you mean `{service}:{near}`?"))
            })
        }
        _ => Some(
            finding(format!("`{action}` is not an IAM action")).expected("an action such as `cloudtrail:StartLogging`"),
        ),
    }
}

/// The defaults of the parameters, the remediation turned on.
pub(super) fn turned_on(blueprint: &Blueprint) -> Values {
    let mut values = parameters::samples(blueprint);
    if let Some(when) = blueprint.remediation.as_ref().and_then(|one| one.when.clone()) {
        values.insert(when, true.into());
    }
    values
}
