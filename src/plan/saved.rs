//! A saved plan: what a plan would do, in a file, so that `apply` can tell whether it would still do the same.
//!
//! The file is compared and never executed: it holds addresses, actions, and digests of values, from which nothing can be made.
//! Nothing in it is derived from a secret that could be guessed: of a secret it has what [`Sealed`] lets be written, which is the
//! reference, and the fingerprint of a value of Slack's own form. Values that others set in a function's environment are hidden
//! before they reach a plan. Reading and writing the file is `cli::saved`.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{Change, Extra, Plan};
use crate::name::Scope;
use crate::resource::{Address, Field, FieldValue, Resource};
use crate::secret::{Sealed, hex};

/// The version of the file's form.
const FORMAT: u64 = 1;
/// The key that says what the file is; it comes first.
const MARK: &str = "trailbell_plan";
/// So much of a file is looked at for the mark when it is not JSON.
const HEAD_BYTES: usize = 256;
/// So many bytes of a value's SHA-256 are kept.
const DIGEST_BYTES: usize = 16;

/// A plan that `trailbell plan --out` saved. It is compared with a new plan and never executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "a file of trailbell plan --out")]
pub struct SavedPlan {
    /// The version of this file's form, and the key by which `apply` knows a saved plan.
    trailbell_plan: u64,
    /// The version of trailbell that made the plan.
    version: String,
    /// Account, region, and stack.
    scope: Scope,
    /// The stack file, as it was named when the plan was saved.
    stack_file: String,
    /// What was appended to the stack's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suffix: Option<String>,
    /// After how many seconds the stack expires once the plan is applied; absent when it leaves the expiry as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_after_seconds: Option<i64>,
    /// The number of the newest run when the plan was made, 0 without one; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest_run: Option<u32>,
    /// The addresses of what is not managed and was to be removed.
    remove_unmanaged: Vec<String>,
    /// The changes, sorted by address; those of one address in the order in which they are made.
    steps: Vec<SavedStep>,
    /// SHA-256 of the other keys.
    digest: String,
}

/// What a saved plan says beside the plan itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanContext<'a> {
    /// What was appended to the stack's name.
    pub suffix: Option<&'a str>,
    /// After how long the stack expires once the plan is applied.
    pub expires: Option<SignedDuration>,
    /// The number of the newest run.
    pub newest_run: Option<u32>,
}

/// A change without its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SavedStep {
    /// What is changed.
    address: Address,
    /// How.
    action: SavedAction,
    /// Each field that the change is about.
    fields: BTreeMap<String, SavedField>,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SavedAction {
    Create,
    Update,
    Replace,
    Delete,
}

/// A field before and after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum SavedField {
    /// The digest of both values.
    Digest(String),
    /// What may be told about a secret.
    Secret {
        /// What is there.
        before: Option<Sealed>,
        /// What it becomes.
        after: Option<Sealed>,
    },
}

/// Why a file cannot be applied, or not here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnusablePlan {
    /// The output of `plan --output json`.
    #[error("it is the output of `trailbell plan --output json`, which cannot be applied")]
    Output,
    /// It was a saved plan.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// A later version of trailbell wrote it.
    #[error("it has format {0}, which is newer than this version of trailbell can read ({known})", known = FORMAT)]
    NewerFormat(u64),
    /// No version of trailbell wrote it.
    #[error("it has format {0}, which does not exist")]
    WrongFormat(u64),
    /// Another version of trailbell made the plan.
    #[error("it was made by trailbell {0}, and this is trailbell {version}", version = env!("CARGO_PKG_VERSION"))]
    OtherVersion(String),
    /// It is for another place.
    #[error("it is for {what} {planned}, and this is {what} {here}")]
    Elsewhere {
        /// The part that differs.
        what: &'static str,
        /// The one it was made for.
        planned: String,
        /// The one here.
        here: String,
    },
}

impl SavedPlan {
    /// A plan in the form in which it is saved.
    #[must_use]
    pub fn new(plan: &Plan, stack_file: &str, context: PlanContext<'_>) -> Self {
        let removed = plan.extras.iter().filter(|one| one.is_removed());
        let mut saved = Self {
            trailbell_plan: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scope: plan.scope.clone(),
            stack_file: stack_file.to_owned(),
            suffix: context.suffix.map(str::to_owned),
            expires_after_seconds: context.expires.map(|time| time.as_secs()),
            newest_run: context.newest_run,
            remove_unmanaged: removed.map(|one| one.address.clone()).collect(),
            steps: steps(plan),
            digest: String::new(),
        };
        saved.digest = saved.own_digest();
        saved
    }

    /// Whether a file begins as a saved plan does.
    #[must_use]
    pub fn is_begun_in(text: &str) -> bool {
        let end = text.floor_char_boundary(HEAD_BYTES);
        let inside = text[..end].trim_start().strip_prefix('{');
        inside.is_some_and(|rest| rest.trim_start().starts_with(&format!("\"{MARK}\"")))
    }

    /// Reads a saved plan; nothing when the text is something else, such as a stack file.
    ///
    /// # Errors
    /// It is a saved plan that this version of trailbell cannot use.
    pub fn read(text: &str) -> Result<Option<Self>, UnusablePlan> {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(why) if Self::is_begun_in(text) => return Err(UnusablePlan::Damaged(why.to_string())),
            Err(_) => return Ok(None),
        };
        if value.pointer("/plan/steps").is_some() && value.get("summary").is_some() {
            return Err(UnusablePlan::Output);
        }
        match value.get(MARK) {
            None => return Ok(None),
            Some(format) => match format.as_u64() {
                Some(FORMAT) => {}
                Some(0) => return Err(UnusablePlan::WrongFormat(0)),
                Some(newer) => return Err(UnusablePlan::NewerFormat(newer)),
                None => return Err(UnusablePlan::Damaged(format!("`{MARK}` is not a number"))),
            },
        }
        if let Some(other) = value["version"].as_str().filter(|version| *version != env!("CARGO_PKG_VERSION")) {
            return Err(UnusablePlan::OtherVersion(other.to_owned()));
        }
        let saved: Self = serde_json::from_value(value).map_err(|why| UnusablePlan::Damaged(why.to_string()))?;
        if saved.digest != saved.own_digest() {
            return Err(UnusablePlan::Damaged("its digest does not match what it holds".to_owned()));
        }
        Ok(Some(saved))
    }

    /// That it is for another account, region, or stack.
    ///
    /// # Errors
    /// The first of them that differs.
    pub fn is_for(&self, here: &Scope) -> Result<(), UnusablePlan> {
        let planned = &self.scope;
        let parts = [
            ("partition", planned.partition(), here.partition()),
            ("account", planned.account(), here.account()),
            ("region", planned.region(), here.region()),
            ("stack", planned.stack(), here.stack()),
        ];
        match parts.into_iter().find(|(_, planned, here)| planned != here) {
            None => Ok(()),
            Some((what, planned, here)) => {
                Err(UnusablePlan::Elsewhere { what, planned: planned.to_owned(), here: here.to_owned() })
            }
        }
    }

    /// The stack file it was made from.
    #[must_use]
    pub fn stack_file(&self) -> &str {
        &self.stack_file
    }

    /// What was appended to the stack's name.
    #[must_use]
    pub fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// After how long the stack expires once the plan is applied; `None` when that stays as it is.
    #[must_use]
    pub fn expires(&self) -> Option<SignedDuration> {
        self.expires_after_seconds.map(SignedDuration::from_secs)
    }

    /// The number of the newest run when the plan was made.
    #[must_use]
    pub const fn newest_run(&self) -> Option<u32> {
        self.newest_run
    }

    /// What is not managed and is to be removed.
    #[must_use]
    pub fn remove_unmanaged(&self) -> &[String] {
        &self.remove_unmanaged
    }

    /// How a new plan differs from the saved one, a line for each address; empty when every step is the same.
    #[must_use]
    pub fn differences(&self, plan: &Plan) -> Vec<String> {
        let now = steps(plan);
        let mut all: BTreeMap<&Address, (Vec<&SavedStep>, Vec<&SavedStep>)> = BTreeMap::new();
        for step in &self.steps {
            all.entry(&step.address).or_default().0.push(step);
        }
        for step in &now {
            all.entry(&step.address).or_default().1.push(step);
        }
        let changes = all.into_iter().filter_map(|(address, (planned, now))| difference(address, &planned, &now));
        let removed: Vec<&Extra> = plan.extras.iter().filter(|one| one.is_removed()).collect();
        let is_gone = |address: &&String| !removed.iter().any(|one| one.address == **address);
        let is_new = |one: &&&Extra| !self.remove_unmanaged.contains(&one.address);
        let gone = self.remove_unmanaged.iter().filter(is_gone);
        let gone = gone.map(|address| format!("{address}: planned: remove; now: no change"));
        let new = removed.iter().filter(is_new);
        let new = new.map(|one| format!("{}: planned: no change; now: remove", one.address));
        changes.chain(gone).chain(new).collect()
    }

    fn own_digest(&self) -> String {
        let bare = Self { digest: String::new(), ..self.clone() };
        hex(&Sha256::digest(json!(bare).to_string()))
    }
}

/// The changes of a plan without their values.
fn steps(plan: &Plan) -> Vec<SavedStep> {
    let mut steps: Vec<SavedStep> = plan.steps.iter().map(|step| saved(&step.change)).collect();
    steps.sort_by(|one, other| one.address.cmp(&other.address));
    steps
}

fn saved(change: &Change) -> SavedStep {
    let (action, fields) = match change {
        Change::Create { after } => (SavedAction::Create, whole(None, Some(after))),
        Change::Delete { before } => (SavedAction::Delete, whole(Some(before), None)),
        Change::Update { .. } => (SavedAction::Update, changed(change)),
        Change::Replace { .. } => (SavedAction::Replace, changed(change)),
    };
    SavedStep { address: change.address().clone(), action, fields }
}

/// Every field of what is made or removed.
fn whole(before: Option<&Resource>, after: Option<&Resource>) -> BTreeMap<String, SavedField> {
    let Some(one) = after.or(before) else { return BTreeMap::new() };
    let pair = |field| if after.is_some() { (None, Some(field)) } else { (Some(field), None) };
    let field = |field: Field| {
        let path = field.path.to_owned();
        let (before, after) = pair(field.value);
        (path, SavedField::new(before, after))
    };
    let name = FieldValue::Plain(one.name().into());
    let (old, new) = pair(name);
    one.fields().into_iter().map(field).chain([("name".to_owned(), SavedField::new(old, new))]).collect()
}

/// The fields that differ.
fn changed(change: &Change) -> BTreeMap<String, SavedField> {
    let (Change::Update { before, after, fields } | Change::Replace { before, after, fields }) = change else {
        return BTreeMap::new();
    };
    let value = |resource: &Resource, path: &str, shown: &Value| {
        let field = resource.fields().into_iter().find(|field| field.path == path);
        // What another resource's replacement changes is no field of this one.
        Some(field.map_or_else(|| FieldValue::Plain(shown.clone()), |field| field.value))
    };
    let field = |one: &super::FieldChange| {
        let (old, new) = (value(before, &one.path, &one.before), value(after, &one.path, &one.after));
        (one.path.clone(), SavedField::new(old, new))
    };
    fields.iter().map(field).collect()
}

impl SavedField {
    fn new(before: Option<FieldValue>, after: Option<FieldValue>) -> Self {
        let sealed = |value: Option<FieldValue>| match value {
            Some(FieldValue::Sealed(sealed)) => Some(sealed),
            _ => None,
        };
        let is_sealed = |value: &Option<FieldValue>| matches!(value, Some(FieldValue::Sealed(_)));
        if is_sealed(&before) || is_sealed(&after) {
            // The value itself is in memory only.
            let told = |value| sealed(value).map(|one| Sealed { value: None, ..one });
            return Self::Secret { before: told(before), after: told(after) };
        }
        let plain = |value: Option<FieldValue>| match value {
            Some(FieldValue::Plain(value)) => value,
            _ => Value::Null,
        };
        let mut both = json!([plain(before), plain(after)]);
        both.sort_all_objects();
        Self::Digest(hex(&Sha256::digest(both.to_string())[..DIGEST_BYTES]))
    }

    /// Whether nothing says that the two differ: where one plan had the secret and the other had not, nothing does.
    fn is_same(&self, other: &Self) -> bool {
        let same = |one: &Option<Sealed>, other: &Option<Sealed>| match (one, other) {
            (Some(one), Some(other)) => one.reference == other.reference && one.same(other) != Some(false),
            (one, other) => one.is_none() && other.is_none(),
        };
        match (self, other) {
            (Self::Digest(one), Self::Digest(other)) => one == other,
            (Self::Secret { before, after }, Self::Secret { before: old, after: new }) => {
                same(before, old) && same(after, new)
            }
            _ => false,
        }
    }
}

impl SavedStep {
    /// The fields that both are about, with other values.
    fn other_values<'s>(&'s self, now: &Self) -> Vec<&'s str> {
        let differs = |(path, field): &(&'s String, &SavedField)| {
            now.fields.get(*path).is_some_and(|other| !field.is_same(other))
        };
        self.fields.iter().filter(differs).map(|(path, _)| path.as_str()).collect()
    }

    fn is_same(&self, now: &Self) -> bool {
        let has_same_fields = self.fields.keys().eq(now.fields.keys());
        self.action == now.action && has_same_fields && self.other_values(now).is_empty()
    }

    fn words(&self) -> String {
        let fields: Vec<&str> = self.fields.keys().map(String::as_str).collect();
        match self.action {
            SavedAction::Create => "create".to_owned(),
            SavedAction::Delete => "delete".to_owned(),
            SavedAction::Update => format!("update {}", fields.join(", ")),
            SavedAction::Replace => format!("replace ({})", fields.join(", ")),
        }
    }
}

/// What differs at one address, if anything.
fn difference(address: &Address, planned: &[&SavedStep], now: &[&SavedStep]) -> Option<String> {
    if planned.len() == now.len() && planned.iter().zip(now).all(|(one, other)| one.is_same(other)) {
        return None;
    }
    let words = |steps: &[&SavedStep]| match steps {
        [] => "no change".to_owned(),
        steps => steps.iter().map(|step| step.words()).collect::<Vec<_>>().join(", then "),
    };
    let (was, is) = (words(planned), words(now));
    let mut others: Vec<&str> = planned.iter().zip(now).flat_map(|(one, other)| one.other_values(other)).collect();
    others.dedup();
    let values = if was == is { format!(" with another value of {}", others.join(", ")) } else { String::new() };
    Some(format!("{}: planned: {was}; now: {is}{values}", address.short()))
}

#[cfg(test)]
mod tests;
