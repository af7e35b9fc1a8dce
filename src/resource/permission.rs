//! Statement in a function's policy: which service may call it, and on whose behalf.
//!
//! AWS cannot change one: it is removed and added anew. The statements for log groups are also the index by which filters
//! are found again, so each names one log group and goes only after its filters.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::about::{Calls, When};
use super::address::{Identify, by_text};
use super::edge::{self, Edge, EdgeEnd};
use super::{About, Account, Address, Describe, Field, FunctionNames, Id, Kind, Policy, limit};
use crate::glob::Glob;
use crate::name::Scope;
use crate::secret::hex;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:lambda:REGION:ACCOUNT:function:trailbell-STACK_*"];

/// The service that delivers log events.
pub const LOGS: &str = "logs.amazonaws.com";
/// The service that delivers events of the bus.
pub const EVENTS: &str = "events.amazonaws.com";
/// What the id of a statement for a log group begins with; the digest of the group's name follows.
const OF_LOGS: &str = "logs-";
/// The id of the statement for every rule of the stack.
const OF_RULES: &str = "rules";
/// The id of the statement for one rule.
const OF_RULE: &str = "rule";
/// What it allows.
pub const INVOKE: &str = "lambda:InvokeFunction";

/// What tells a permission from others: `a/rule` lets one rule call the function `a`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PermissionId {
    /// The id of the function.
    pub function: String,
    /// On whose behalf.
    pub source: PermissionSource,
}

/// On whose behalf a permission lets a service call. As text it is the id in the statement's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PermissionSource {
    /// Every rule of the stack.
    Rules,
    /// The rule of the alert whose function it is.
    Rule,
    /// A log group, by the digest of its name.
    LogGroup(String),
    /// What someone else made under a name of ours.
    Other(String),
}

impl PermissionSource {
    /// A log group.
    #[must_use]
    pub fn of_log_group(name: &str) -> Self {
        Self::LogGroup(hex(&Sha256::digest(name.as_bytes())[..6]))
    }

    /// Reads its text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match (text, text.strip_prefix(OF_LOGS)) {
            (OF_RULES, _) => Self::Rules,
            (OF_RULE, _) => Self::Rule,
            (_, Some(digest)) => Self::LogGroup(digest.to_owned()),
            (other, None) => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for PermissionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules => f.write_str(OF_RULES),
            Self::Rule => f.write_str(OF_RULE),
            Self::LogGroup(digest) => write!(f, "{OF_LOGS}{digest}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for PermissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.function, self.source)
    }
}

impl Identify for PermissionId {
    fn base(&self) -> &str {
        &self.function
    }

    fn read(text: &str) -> Option<Self> {
        let (function, source) = text.split_once('/')?;
        Some(Self { function: function.to_owned(), source: PermissionSource::read(source) })
    }
}

impl Ord for PermissionId {
    fn cmp(&self, other: &Self) -> Ordering {
        by_text(self, other)
    }
}

impl PartialOrd for PermissionId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A statement in a function's policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Its identity.
    pub address: Address,
    /// The id of the statement.
    pub name: String,
    /// The name of the function in AWS.
    pub function: String,
    /// The service that may call.
    pub principal: String,
    /// On whose behalf: the ARN of a rule, or that of a log group with `:*`.
    pub source_arn: Option<String>,
    /// The account the source is in.
    pub source_account: Option<String>,
    /// The whole statement, when it says anything else than the fields above.
    pub unlike: Option<Policy>,
}

/// What is around the statements in the policy of a function.
pub const POLICY_FRAME: &str = r#"{"Version":"2012-10-17","Id":"default","Statement":[]}"#;

impl Permission {
    /// The permission of a function for a source.
    fn new(
        scope: &Scope,
        names: &FunctionNames,
        source: PermissionSource,
        principal: &str,
        source_arn: String,
    ) -> Self {
        let (function, name) = &names.function;
        Self {
            name: scope.name(&source.to_string(), Self::ABOUT.suffix),
            address: Self::address_of(function, source),
            function: name.clone(),
            principal: principal.to_owned(),
            source_arn: Some(source_arn),
            source_account: Some(scope.account().to_owned()),
            unlike: None,
        }
    }

    /// The address of a function's permission for a source.
    #[must_use]
    pub fn address_of(function: &Address, source: PermissionSource) -> Address {
        let function_id = function.id.base().to_owned();
        Address::new(&function.region, Id::Permission(PermissionId { function: function_id, source }))
    }

    /// The permission for one log group: the same for all filters on it.
    #[must_use]
    pub fn for_log_group(scope: &Scope, names: &FunctionNames, log_group: &str) -> Self {
        let arn = format!("{}:*", scope.log_group_arn(log_group));
        Self::new(scope, names, PermissionSource::of_log_group(log_group), LOGS, arn)
    }

    /// The permission for every rule of the stack. One for all, because a function's policy may have 20 KB, which some
    /// forty statements fill, and because each is added after the other.
    #[must_use]
    pub fn for_rules(scope: &Scope, names: &FunctionNames) -> Self {
        let arn = scope.events_arn(&format!("rule/{}*_{}", scope.prefix(), Kind::Rule.suffix()));
        Self::new(scope, names, PermissionSource::Rules, EVENTS, arn)
    }

    /// The permission for one rule, where a function serves one alert only.
    #[must_use]
    pub fn for_rule(scope: &Scope, names: &FunctionNames, rule: &str) -> Self {
        Self::new(scope, names, PermissionSource::Rule, EVENTS, scope.events_arn(&format!("rule/{rule}")))
    }

    /// The statement as AWS keeps it.
    #[must_use]
    pub fn statement(&self, scope: &Scope) -> Value {
        let mut condition = json!({});
        if let Some(arn) = &self.source_arn {
            condition["ArnLike"] = json!({ "AWS:SourceArn": arn });
        }
        if let Some(account) = &self.source_account {
            condition["StringEquals"] = json!({ "AWS:SourceAccount": account });
        }
        json!({
            "Sid": self.name, "Effect": "Allow", "Principal": { "Service": self.principal }, "Action": INVOKE,
            "Resource": scope.function_arn(&self.function), "Condition": condition,
        })
    }

    /// The address that its function has if it is one of the stack's.
    #[must_use]
    pub fn function_address(&self) -> Address {
        Address::new(&self.address.region, Id::Function(self.address.id.base().to_owned()))
    }

    /// How much longer it makes a policy, with the comma before it.
    #[must_use]
    pub fn length(&self, scope: &Scope) -> usize {
        self.statement(scope).to_string().len() + 1
    }

    /// A statement of ours in the policy of a function of ours; `None` when its id is not one of ours.
    #[must_use]
    pub fn read(scope: &Scope, names: &FunctionNames, statement: &Value) -> Option<Self> {
        let name = statement["Sid"].as_str()?;
        let (source, _) = scope.parse(name).filter(|(_, kind)| *kind == Kind::Permission.suffix())?;
        let condition = |test: &str, key: &str| {
            let tests = statement["Condition"].as_object()?.get(test)?.as_object()?;
            // Keys of conditions are case-insensitive.
            let (_, value) = tests.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            value.as_str().map(str::to_owned)
        };
        let mut found = Self::new(scope, names, PermissionSource::read(source), "", String::new());
        statement["Principal"]["Service"].as_str().unwrap_or_default().clone_into(&mut found.principal);
        found.source_arn = condition("ArnLike", "AWS:SourceArn");
        found.source_account = condition("StringEquals", "AWS:SourceAccount");
        let whole = Policy::of(statement);
        if whole != Policy::of(&found.statement(scope)) {
            found.unlike = Some(whole);
        }
        Some(found)
    }

    /// Whether it lets a service call its function on behalf of a source; a statement that says more is not judged.
    #[must_use]
    pub fn lets(&self, principal: &str, source: &str) -> bool {
        let pattern = self.source_arn.as_deref().unwrap_or_default();
        self.principal == principal && self.unlike.is_none() && Glob::new(pattern).matches(source)
    }

    /// Whether its id says that it is for a log group, and the rest does not say for which: someone changed it, and
    /// the filters it led to are not found by it anymore.
    #[must_use]
    pub fn misleads(&self, scope: &Scope) -> bool {
        let Id::Permission(PermissionId { source: source @ PermissionSource::LogGroup(_), .. }) = &self.address.id
        else {
            return false;
        };
        self.log_group(scope).is_none_or(|group| PermissionSource::of_log_group(group) != *source)
    }

    /// The log group it is for.
    #[must_use]
    pub fn log_group<'a>(&'a self, scope: &Scope) -> Option<&'a str> {
        scope.log_group_of(self.source_arn.as_deref()?)
    }
}

impl Describe for Permission {
    const ABOUT: About = About {
        name: "permission",
        suffix: "permission",
        title: "Lambda permission",
        found: "with its function",
        quota: "20,480 characters in a function's policy",
        calls: &[
            Calls::new(When::Plan, &["lambda:GetPolicy"], ON),
            Calls::new(When::Apply, &["lambda:AddPermission", "lambda:RemovePermission"], ON),
            Calls::new(When::Destroy, &["lambda:RemovePermission"], ON),
        ],
        note: "",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn unique_name(&self) -> String {
        format!("{}/{}", self.function, self.name)
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        // Its id does not say whose function it is, the name does.
        let is_ours = FunctionNames::of_function(scope, &self.function).is_some();
        let end = EdgeEnd::known(is_ours.then(|| self.function_address()), &self.function);
        vec![Edge::new(edge::Relation::PartOf, end)]
    }

    fn special_rejection(&self, scope: &Scope, account: &Account<'_>) -> Option<String> {
        let others = account.all::<Self>().filter(|one| one.function == self.function && one.name != self.name);
        let length = POLICY_FRAME.len() + self.length(scope) + others.map(|one| one.length(scope)).sum::<usize>();
        let most = limit::FUNCTION_POLICY.most;
        (length > most).then(|| format!("PolicyLengthExceededException: {length} characters, and {most} are allowed"))
    }

    fn fields(&self) -> Vec<Field> {
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        vec![
            Field::plain("principal", self.principal.as_str()).fixed(),
            Field::plain("source_arn", optional(self.source_arn.as_deref())).fixed(),
            Field::plain("source_account", optional(self.source_account.as_deref())).fixed(),
            Field::policy("statement", self.unlike.as_ref()).fixed(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    #[test]
    fn statements_go_out_and_come_back() {
        let names = FunctionNames::new(&scope(), "slack");
        let all = [
            Permission::for_rules(&scope(), &names),
            Permission::for_rule(&scope(), &names, "trailbell-sec_a_rule"),
            Permission::for_log_group(&scope(), &names, "/aws/a.b"),
        ];
        for one in all {
            assert_eq!(Permission::read(&scope(), &names, &one.statement(&scope())), Some(one));
        }
        let logs = Permission::for_log_group(&scope(), &names, "/aws/a.b");
        assert_eq!(logs.log_group(&scope()), Some("/aws/a.b"));
        assert_eq!(logs.source_arn.as_deref(), Some("arn:aws:logs:us-east-1:123456789012:log-group:/aws/a.b:*"));
        assert_eq!(Permission::for_rules(&scope(), &names).log_group(&scope()), None);
    }

    #[test]
    fn a_statement_whose_source_is_not_what_its_id_says_misleads() {
        let names = FunctionNames::new(&scope(), "slack");
        let logs = Permission::for_log_group(&scope(), &names, "/aws/a.b");
        let to = |source: Option<&str>| Permission { source_arn: source.map(str::to_owned), ..logs.clone() };
        let group = |name: &str| format!("{}:*", scope().log_group_arn(name));
        let cases = [
            (logs.clone(), false),
            (to(None), true),
            (to(Some("*")), true),
            (to(Some(&group("*"))), true),
            (to(Some(&group("/aws/other"))), true),
            (Permission::for_rules(&scope(), &names), false),
            (Permission::for_rule(&scope(), &names, "trailbell-sec_a_rule"), false),
        ];
        for (one, expected) in cases {
            assert_eq!(one.misleads(&scope()), expected, "{one:?}");
        }
    }

    #[test]
    fn whatever_else_a_statement_says_is_a_difference() {
        let names = FunctionNames::new(&scope(), "slack");
        let ours = Permission::for_rules(&scope(), &names);
        let edits: [fn(&mut Value); 4] = [
            |one| one["Effect"] = json!("Deny"),
            |one| one["Action"] = json!("lambda:*"),
            |one| one["Condition"]["Bool"] = json!({ "aws:SecureTransport": "true" }),
            |one| drop(one.as_object_mut().map(|map| map.remove("Condition"))),
        ];
        for edit in edits {
            let mut statement = ours.statement(&scope());
            edit(&mut statement);
            let found = Permission::read(&scope(), &names, &statement).expect("its id is ours");
            assert_ne!(found.fields(), ours.fields(), "{statement}");
        }
        let mut theirs = ours.statement(&scope());
        theirs["Sid"] = json!("theirs");
        assert_eq!(Permission::read(&scope(), &names, &theirs), None);
    }
}
