//! Lambda function, and the names of what belongs to it: its log group and its execution role.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{ANY, Calls, NeededBy, When};
use super::edge::Relation::{ActsAs, FallsTo, FoundBy, LogsTo, WritesFor};
use super::edge::{self, Edge, EdgeEnd};
use super::role::ROLES;
use super::{
    About, Account, Address, ApiDestination, Describe, Field, Id, Kind, LogGroup, OfKind, OnRemoval, Pause, Queue,
    Role, Rule, Target,
};
use crate::archive::code_sha256;
use crate::name::{DIGEST, DestinationId, NOTIFIER, RELAY, Scope};

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:lambda:REGION:ACCOUNT:function:trailbell-STACK_*"];

/// The state of a function that can be called.
pub const RUNNING: &str = "Active";
/// The name of the inline policy of an execution role.
pub const POLICY_NAME: &str = "run-function";

/// The most that Lambda keeps for functions without a reservation.
const KEPT_UNRESERVED: u32 = 100;

/// What is shown of a value that others set in the environment.
const HIDDEN: &str = "(not shown)";

/// Where Lambda looks for the log group of a function.
const LOG_GROUPS: &str = "/aws/lambda/";

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and marker.
    pub description: String,
    /// Such as `nodejs24.x`.
    pub runtime: String,
    /// Such as `index.handler`.
    pub handler: String,
    /// The execution role.
    pub role_arn: String,
    /// How long a call may take.
    pub timeout_seconds: u32,
    /// How much memory it has.
    pub memory_megabytes: u32,
    /// Its environment. Ours is empty; what others set may be secret, so values are hidden.
    pub environment: BTreeMap<String, String>,
    /// Where events go that it failed on.
    pub dead_letter_arn: Option<String>,
    /// The log group it writes to.
    pub log_group: String,
    /// Its code.
    pub code: PackedCode,
    /// How many calls may run at once; absent when the account's limit is the only one. Zero silences it.
    pub reserved_concurrency: Option<u32>,
    /// `Active` when it can be called.
    pub state: String,
    /// Our tags.
    pub tags: BTreeMap<String, String>,
    /// Of the notifier: the destinations that its messages are for. Its code has them; of a live one what posts there says so.
    #[serde(skip)]
    pub posts_to: BTreeSet<DestinationId>,
}

/// A function's code: the digest is part of plans, the bytes stay in memory, next to it.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PackedCode {
    /// What AWS calls `CodeSha256`.
    pub sha256: String,
    /// The zip; absent on what was read from an account or from a file.
    #[serde(skip)]
    pub zip: Option<Arc<Vec<u8>>>,
}

/// How many concurrent executions of an account's limit cannot be reserved: 100, says the developer guide, and the whole limit
/// of a smaller account, such as the 10 of a new one.
///
/// Sources: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>; for limits of 10 and 50 the errors in
/// <https://github.com/aws-samples/one-observability-demo/issues/278> and
/// <https://github.com/aws-samples/s3-to-lambda-patterns/issues/36>.
#[must_use]
pub const fn kept_unreserved(limit: u32) -> u32 {
    if limit < KEPT_UNRESERVED { limit } else { KEPT_UNRESERVED }
}

impl PackedCode {
    /// The code in a zip, see [`crate::archive`].
    #[must_use]
    pub fn new(zip: Vec<u8>) -> Self {
        Self { sha256: code_sha256(&zip), zip: Some(Arc::new(zip)) }
    }

    /// Code of which only the digest is known.
    #[must_use]
    pub fn known(sha256: impl Into<String>) -> Self {
        Self { sha256: sha256.into(), zip: None }
    }
}

impl PartialEq for PackedCode {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl fmt::Debug for PackedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.sha256)
    }
}

impl Function {
    /// Hides the values of its environment: of a digest, a value that can be guessed could be found by trying, and ours is empty,
    /// so that no two values are ever compared.
    pub fn mask_environment(&mut self) {
        for value in self.environment.values_mut() {
            HIDDEN.clone_into(value);
        }
    }

    /// Lambda's words when what the account keeps unreserved would become too little.
    fn reserves_too_much(&self, before: Option<&Self>, account: &Account<'_>) -> Option<String> {
        let had = before.and_then(|one| one.reserved_concurrency).unwrap_or_default();
        let wanted = self.reserved_concurrency.filter(|wanted| *wanted > had)?;
        let others = account.all::<Self>().filter(|one| one.name != self.name);
        let reserved: u32 = others.filter_map(|one| one.reserved_concurrency).sum();
        let least = kept_unreserved(account.concurrency());
        let is_too_much = reserved.saturating_add(wanted).saturating_add(least) > account.concurrency();
        is_too_much.then(|| {
            format!(
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                 below its minimum value of [{least}]."
            )
        })
    }

    /// Whether it is the notifier, or writes digests.
    fn writes_messages(&self) -> bool {
        [NOTIFIER, DIGEST].contains(&self.address.id.base())
    }
}

impl Describe for Function {
    const ABOUT: About = About {
        name: "function",
        suffix: "function",
        title: "Lambda function",
        found: "by its log group, by the targets that call it, by the stack file; a role without a known function makes trailbell list all",
        quota: "the notifier, one for digests, and one per remediation",
        calls: &[
            Calls::new(When::Plan, &["lambda:ListFunctions"], ANY).needed(NeededBy::Leftovers),
            Calls::new(When::Plan, &["lambda:GetAccountSettings"], ANY).needed(NeededBy::Reservation),
            Calls::new(
                When::Plan,
                &[
                    "lambda:GetFunction",
                    "lambda:ListTags",
                    "lambda:GetFunctionUrlConfig",
                    "lambda:ListFunctionEventInvokeConfigs",
                    "lambda:ListVersionsByFunction",
                    "lambda:ListAliases",
                ],
                ON,
            ),
            Calls::new(When::Verify, &["lambda:InvokeFunction"], ON),
            Calls::new(When::Redrive, &["lambda:InvokeFunction"], ON),
            Calls::new(
                When::Apply,
                &[
                    "lambda:CreateFunction",
                    "lambda:UpdateFunctionConfiguration",
                    "lambda:UpdateFunctionCode",
                    "lambda:TagResource",
                    "lambda:PutFunctionConcurrency",
                    "lambda:DeleteFunctionConcurrency",
                    "lambda:DeleteFunction",
                ],
                ON,
            ),
            Calls::new(When::Apply, &["iam:PassRole"], ROLES).only("iam:PassedToService", &["lambda.amazonaws.com"]),
            Calls::new(When::Adopt, &["lambda:TagResource"], ON),
            // A function that nothing leads to any more is found in the list of all.
            Calls::new(When::Destroy, &["lambda:ListFunctions"], ANY).needed(NeededBy::Always),
            Calls::new(When::Destroy, &["lambda:DeleteFunction"], ON),
        ],
        note: "For a stack that verifies no remediations, `lambda:InvokeFunction` on `trailbell-STACK_notifier_function` is enough; \
            without alerts that need the notifier it can be left out. `lambda:GetAccountSettings` is called only before a \
            remediation's `concurrency` is reserved; where it is not allowed, the plan says that the account's limit was not \
            checked.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn edges(&self, scope: &Scope) -> Vec<Edge> {
        let region = &self.address.region;
        let own = Address::new(region, Id::LogGroup(self.address.id.base().to_owned()));
        let queue = self.dead_letter_arn.as_ref().map(|arn| EdgeEnd::known(Queue::address_of_arn(scope, arn), arn));
        let (role, group) = (&self.role_arn, &self.log_group);
        let written = [
            (ActsAs, Some(Role::end(scope, role))),
            (FallsTo, queue),
            (LogsTo, Some(LogGroup::end(scope, group))),
            // Lambda looks there for it, and so do we, wherever someone made it write.
            (FoundBy, Some(EdgeEnd::Part(own))),
        ];
        let relays = self.posts_to.iter().filter(|_| self.writes_messages()).flat_map(|to| {
            // A bot wants a channel in its messages; the relay must be there, and let its messages pass.
            [ApiDestination::address_of(region, to), Rule::relay_in(region, to), Target::relay_in(region, to)]
        });
        let all = written.into_iter().chain(relays.map(|part| (WritesFor, Some(EdgeEnd::Part(part)))));
        all.filter_map(|(role, end)| Some(Edge::new(role, end?))).collect()
    }

    fn vouches(&self) -> bool {
        true
    }

    fn brings(&self, relation: edge::Relation) -> bool {
        matches!(relation, ActsAs | FoundBy)
    }

    fn special_rejection(&self, _scope: &Scope, account: &Account<'_>) -> Option<String> {
        if !account.has(&self.role_arn) {
            return Some("The role defined for the function cannot be assumed by Lambda.".to_owned());
        }
        let before = account.at(&self.address).and_then(|one| Self::of(one.resource));
        let is_uploaded = before.is_some_and(|before| before.code == self.code);
        let lacks_code = self.code.zip.is_none() && !is_uploaded;
        let lacks_calls = || self.reserves_too_much(before, account);
        lacks_code.then(|| format!("the code of {} is not available", self.name)).or_else(lacks_calls)
    }

    fn keep(&mut self, _before: Option<&Self>) {
        self.code = PackedCode::known(self.code.sha256.as_str());
    }

    fn lasts(&self) -> Option<Pause> {
        let reason = format!("until calls of the old code of {} are over", self.name);
        self.writes_messages().then(|| Pause { seconds: self.timeout_seconds.into(), reason })
    }

    // The relay rule's targets that go wait until it writes for the one that comes.
    fn alert(&self, scope: &Scope) -> Option<String> {
        self.writes_messages().then(|| scope.digest_of_alert(RELAY))
    }

    fn tell(&mut self, _scope: &Scope) {
        self.mask_environment();
    }

    // Its policy goes with it.
    fn removal(&self, relation: edge::Relation) -> OnRemoval {
        if relation == edge::Relation::PartOf { OnRemoval::GoesAlong } else { OnRemoval::Stays }
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    fn tags_mut(&mut self) -> Option<&mut BTreeMap<String, String>> {
        Some(&mut self.tags)
    }

    fn address_of_arn(scope: &Scope, arn: &str) -> Option<Address> {
        Some(FunctionNames::of_function(scope, scope.function_of(arn)?)?.function.0)
    }

    fn arn(&self, scope: &Scope, _id: &str) -> Option<String> {
        Some(scope.function_arn(&self.name))
    }

    fn fields(&self) -> Vec<Field> {
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::from);
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("runtime", self.runtime.as_str()),
            Field::plain("handler", self.handler.as_str()),
            Field::plain("role", self.role_arn.as_str()),
            Field::plain("timeout", self.timeout_seconds),
            Field::plain("memory_size", self.memory_megabytes),
            Field::plain("environment", json!(self.environment)),
            Field::plain("dead_letter_arn", optional(self.dead_letter_arn.as_deref())),
            Field::plain("log_group", self.log_group.as_str()),
            Field::plain("code_sha256", self.code.sha256.as_str()),
            Field::plain("reserved_concurrency", self.reserved_concurrency.map_or(Value::Null, Value::from)),
            Field::plain("state", self.state.as_str()),
            Field::plain("tags", json!(self.tags)),
        ]
    }
}

/// The addresses and names of a function and of what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionNames {
    /// The function.
    pub function: (Address, String),
    /// Its log group.
    pub log_group: (Address, String),
    /// Its execution role.
    pub role: (Address, String),
}

impl FunctionNames {
    /// The names of the function with this id, which is shortened where names would be too long.
    #[must_use]
    pub fn new(scope: &Scope, id: &str) -> Self {
        let id = scope.fit(id, Kind::Function.suffix());
        let name = scope.name(&id, Kind::Function.suffix());
        let role = scope.regional(&format!("{id}-function"));
        let role_name = scope.name(&role, Kind::Role.suffix());
        // The id as a role's name gives it back.
        let role_id = scope.role_of(&role_name).unwrap_or(&role).to_owned();
        let address = |id| Address::new(scope.region(), id);
        Self {
            log_group: (address(Id::LogGroup(id.clone())), format!("{LOG_GROUPS}{name}")),
            role: (address(Id::Role(role_id)), role_name),
            function: (address(Id::Function(id)), name),
        }
    }

    /// The names of a function of this stack, from its name in AWS.
    #[must_use]
    pub fn of_function(scope: &Scope, name: &str) -> Option<Self> {
        let (id, _) = scope.parse(name).filter(|(_, kind)| *kind == Kind::Function.suffix())?;
        Some(Self::new(scope, id))
    }

    /// The names of a function of this stack, from the name of its log group.
    #[must_use]
    pub fn of_log_group(scope: &Scope, name: &str) -> Option<Self> {
        Self::of_function(scope, name.strip_prefix(LOG_GROUPS)?)
    }

    /// What the names of the log groups of a stack's functions begin with.
    #[must_use]
    pub fn log_group_prefix(scope: &Scope) -> String {
        format!("{LOG_GROUPS}{}", scope.prefix())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(stack: &str, region: &str) -> Scope {
        Scope::offline(None, region, stack).expect("a good scope")
    }

    #[test]
    fn everything_of_a_function_is_found_by_its_names() {
        let scope = scope("sec", "us-east-1");
        let names = FunctionNames::new(&scope, "slack");
        assert_eq!(names.function.1, "trailbell-sec_slack_function");
        assert_eq!(names.log_group.1, "/aws/lambda/trailbell-sec_slack_function");
        assert_eq!(names.role.1, "trailbell-sec_slack-function-us-east-1_role");
        assert_eq!(names.role.0.to_string(), "us-east-1/role.slack-function");
        assert_eq!(FunctionNames::of_log_group(&scope, &names.log_group.1), Some(names));
        assert_eq!(FunctionNames::of_function(&scope, "trailbell-sec_slack_rule"), None);
    }

    #[test]
    fn the_code_is_not_part_of_a_plan() {
        let code = PackedCode::new(b"code".to_vec());
        let text = serde_json::to_string(&code).expect("JSON");
        assert_eq!(text, format!("{:?}", code.sha256));
        let back: PackedCode = serde_json::from_str(&text).expect("and back");
        assert_eq!((back.zip.is_none(), &back), (true, &code));
        assert!(!format!("{code:?}").contains("zip"));
    }

    proptest! {
        #[test]
        fn names_fit_and_come_apart_again(
            stack in "[a-z0-9-]{1,20}", id in "[a-z0-9-]{1,64}", region in "(us-east-1|ap-northeast-1|us-isof-south-1)",
        ) {
            let scope = scope(&stack, &region);
            let names = FunctionNames::new(&scope, &id);
            prop_assert!(names.function.1.len() <= 64 && names.role.1.len() <= 64, "{names:?}");
            prop_assert_eq!(FunctionNames::of_function(&scope, &names.function.1), Some(names.clone()));
            prop_assert_eq!(scope.role_of(&names.role.1), Some(names.role.0.id.base()));
            prop_assert_ne!(names.role.0.id.base(), crate::name::SLACK);
        }
    }
}
