//! Findings about a remediation: its handler, what it may do, and whether it could set off its own alert.

use crate::blueprint::parameters::{self, Values};
use crate::blueprint::{Blueprint, ParameterType, RuleState, remediation};
use crate::cloudtrail::events;
use crate::cloudtrail::self_caused::{Caller, can_trigger, triggered_by_aws};
use crate::diagnostic::{Code, Finding};
use crate::document::Document;
use crate::lambda::CALLS;
use crate::message;
use crate::name::{Scope, is_id};
use crate::pattern::PatternError;

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

fn about_action(action: &str, document: &Document, pointer: &str) -> Option<Finding> {
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

pub(super) fn self_caused(blueprint: &Blueprint, document: &Document) -> Vec<Finding> {
    check_self_caused(blueprint, &turned_on(blueprint), document, None)
}

/// The defaults of the parameters, the remediation turned on.
pub(super) fn turned_on(blueprint: &Blueprint) -> Values {
    let mut values = parameters::samples(blueprint);
    if let Some(when) = blueprint.remediation.as_ref().and_then(|one| one.when.clone()) {
        values.insert(when, true.into());
    }
    values
}

/// The findings about calls of the remediation that could match the alert's own pattern, with these parameter values.
pub(super) fn check_self_caused(
    blueprint: &Blueprint,
    values: &Values,
    document: &Document,
    pointer: Option<&str>,
) -> Vec<Finding> {
    let pattern = match blueprint.pattern(values) {
        Ok(pattern) => pattern,
        // What is not valid is a finding of its own; what cannot be judged here proves nothing.
        Err(PatternError::Unsupported { .. }) if blueprint.remedy(values).is_some() => {
            let what = "it cannot be proven that the remediation does not trigger its own alert: the pattern cannot \
                be evaluated offline";
            let finding = document.finding(pointer.unwrap_or("/remediation"), Code::RemediationLoop, what);
            return vec![finding.help("remove the part that the warning names from the pattern")];
        }
        Err(_) => return Vec::new(),
    };
    let callers = callers(&blueprint.blueprint);
    let mut findings = Vec::new();
    let remedy = blueprint.remedy(values);
    let hears_reading = blueprint.rule_state(values) == RuleState::EnabledWithAllCloudtrailManagementEvents;
    if (remedy.is_some() || message::is_by_notifier(blueprint, values))
        && let Some(call) = triggered_by_aws(&pattern, &callers, hears_reading)
    {
        let what = format!(
            "the alert calls a function, and `{call}`, which AWS calls for every function, matches its pattern"
        );
        let place = if remedy.is_some() { "/remediation" } else { "/alert/message/via" };
        let finding = document.finding(pointer.unwrap_or(place), Code::RemediationLoop, what);
        let help = "exclude calls by services, with `detail: { userIdentity: { type: [{ anything-but: AWSService }] } \
            }`, and sessions of roles that begin with `trailbell-`";
        findings.push(finding.help(help));
    }
    let Some(remedy) = remedy else { return findings };
    for (at, allow) in remedy.allow.iter().enumerate() {
        for (index, action) in allow.actions.iter().enumerate() {
            // What is no action is a finding of its own.
            if about_action(action, document, "").is_some() || !can_trigger(&pattern, action, &callers) {
                continue;
            }
            let place = format!("/remediation/allow/{at}/actions/{index}");
            let what = format!(
                "a call that `{action}` allows can match the alert's own pattern, which would cause an endless loop"
            );
            let finding = document.finding(pointer.unwrap_or(&place), Code::RemediationLoop, what);
            let help = "list the `eventName`s in the pattern, without this one, or exclude the handler: `detail: { \
                userIdentity: { sessionContext: { sessionIssuer: { userName: [{ anything-but: { prefix: trailbell- } \
                }] } } } }`";
            findings.push(finding.help(help));
        }
    }
    findings
}

/// Whom a function's calls come from, in a few stacks: a pattern that knows one stack's names does not know another's.
pub(super) fn callers(blueprint: &str) -> Vec<Caller> {
    callers_in(blueprint, &["111122223333".to_owned()], &["us-east-1".to_owned()])
}

/// The same in these accounts and regions, as far as such a stack can be there.
pub(super) fn callers_in(blueprint: &str, accounts: &[String], regions: &[String]) -> Vec<Caller> {
    let stacks = ["a", "security-alerts-9000"].into_iter().flat_map(|stack| [blueprint, "x"].map(|id| (stack, id)));
    let places = || accounts.iter().flat_map(|account| regions.iter().map(move |region| (account, region)));
    stacks
        .flat_map(|(stack, id)| {
            places().filter_map(move |(account, region)| {
                Some(caller(&Scope::offline(Some(account), region, stack).ok()?, id))
            })
        })
        .collect()
}

/// Whom the calls of an alert's handler come from. A name that is not well formed is a finding of its own.
pub(crate) fn caller(scope: &Scope, alert: &str) -> Caller {
    let alert = if is_id(alert) { alert } else { "x" };
    let function = scope.name(&scope.fit(alert, "function"), "function");
    let role = scope.name(&scope.regional(&format!("{}-function", scope.fit(alert, "function"))), "role");
    Caller {
        account: scope.account().to_owned(),
        region: scope.region().to_owned(),
        role_arn: scope.role_arn(&role),
        session_arn: format!("arn:{}:sts::{}:assumed-role/{role}/{function}", scope.partition(), scope.account()),
        role,
    }
}
