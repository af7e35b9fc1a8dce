//! What a stack changes of a blueprint without a copy of it: the severity, and the events that it suppresses.
//!
//! The message is that of the blueprint: it is safe for every event that its pattern matches, and a suppression only leaves
//! events out. So the pattern is narrowed after everything else was made of it, in one place, [`Tuning::narrow`].

use std::sync::Arc;

use serde_json::Value;

use super::{Alert, Home, MessageOf, Receives};
use crate::blueprint::{Blueprint, Case, Urgency};
use crate::pattern::{Branch, Pattern};
use crate::suppression::{
    Condition, Narrowed, NotNarrowed, SuppressedField, SuppressionRule, misfit, narrow, narrow_filter,
};

/// What a stack changes of a blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// The severity that the blueprint has by itself.
    pub(super) written: Urgency,
    /// The suppressions that apply.
    suppressions: Vec<SuppressionRule>,
}

impl Tuning {
    /// Nothing is changed.
    pub(super) fn of(blueprint: &Blueprint) -> Self {
        Self { written: blueprint.severity, suppressions: Vec::new() }
    }

    /// Leaves out what is suppressed, of everything that the alert receives. What cannot be narrowed stays as it is: `check`
    /// refuses it.
    pub(super) fn narrow(&self, receives: &mut Receives) {
        if self.suppressions.is_empty() {
            return;
        }
        let events = match receives {
            Receives::Events(events) => events,
            Receives::Lines(lines) => {
                if let Ok(narrowed) = narrow_filter(&lines.filter, &self.suppressions) {
                    lines.filter = narrowed;
                }
                return;
            }
        };
        let left = |pattern: &mut Value| match narrow(pattern, &self.suppressions) {
            Ok(Narrowed::To(narrowed)) => {
                *pattern = narrowed;
                true
            }
            Ok(Narrowed::Nothing) => false,
            Ok(Narrowed::Unchanged) | Err(_) => true,
        };
        if left(&mut events.pattern) {
            events.messages.retain_mut(|message| left(&mut message.pattern));
        }
    }
}

impl Alert {
    /// The alert with the severity that its stack gives it, if it does, and with suppressions.
    #[must_use]
    pub fn tuned(&self, severity: Option<Urgency>, suppressions: Vec<SuppressionRule>) -> Self {
        if severity.is_none_or(|severity| severity == self.blueprint.severity) && suppressions.is_empty() {
            return self.clone();
        }
        let mut one = self.with_severity(severity.unwrap_or(self.blueprint.severity));
        one.tuning.suppressions = suppressions;
        one.posted(self.to.clone())
    }

    /// The alert as it would be without suppressions, where it has some.
    #[must_use]
    pub fn unsuppressed(&self) -> Option<Self> {
        let mut one = self.clone();
        one.tuning.suppressions.clear();
        (!self.tuning.suppressions.is_empty()).then(|| one.posted(self.to.clone()))
    }

    /// The records of a test: that of its event as it is written and as it would happen where the stack is, or its lines.
    #[must_use]
    pub fn records_of(&self, case: &Case, home: &Home) -> Vec<Value> {
        if self.lines().is_some() {
            return case.logged().iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        }
        [case.sent(), self.sent(case, home)].iter().filter_map(|event| event.get("detail").cloned()).collect()
    }

    /// The filter pattern of the metric next to the message, which counts what is suppressed, too: benchmarks compare it with
    /// the published one.
    #[must_use]
    pub fn counted_filter(&self) -> Option<String> {
        self.blueprint.heard_lines(&self.values).map(|lines| lines.filter)
    }

    /// The suppressions that apply.
    #[must_use]
    pub fn suppressions(&self) -> &[SuppressionRule] {
        &self.tuning.suppressions
    }

    /// The suppression that leaves a record out, the first one.
    #[must_use]
    pub fn suppression_of(&self, record: &Value) -> Option<&SuppressionRule> {
        self.tuning.suppressions.iter().find(|one| one.holds(record))
    }

    /// What suppressions would leave of the events or lines that the alert receives: a pattern, or the text of a filter pattern.
    ///
    /// # Errors
    /// It cannot be said as a pattern.
    pub fn narrowed(&self, suppressions: &[SuppressionRule]) -> Result<Narrowed, NotNarrowed> {
        let events = match &self.receives {
            Receives::Events(events) => events,
            Receives::Lines(lines) => {
                return narrow_filter(&lines.filter, suppressions).map(|filter| Narrowed::To(filter.into()));
            }
        };
        for MessageOf { pattern, .. } in &events.messages {
            narrow(pattern, suppressions)?;
        }
        narrow(&events.pattern, suppressions)
    }

    /// The fields of a suppression that cannot be used beside those of the pattern and of other suppressions, each with the reason.
    #[must_use]
    pub fn misfits(&self, rule: &SuppressionRule, beside: &[&SuppressionRule]) -> Vec<(String, String)> {
        let pattern: Option<Pattern> = self.events().and_then(|events| events.judge().ok());
        let demands = pattern.iter().flat_map(Pattern::branches).flat_map(Branch::demands);
        let own = demands.map(|demand| demand.path().to_owned());
        let of_others = beside.iter().flat_map(|other| &other.fields).map(|field| format!("detail.{}", field.path));
        let others: Vec<String> = own.chain(of_others).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let one = |field: &SuppressedField| {
            let has_block = field.any.iter().any(|one| matches!(one, Condition::Within(_)));
            Some((field.path.clone(), misfit(&field.path, &others, has_block)?))
        };
        rule.fields.iter().filter_map(one).collect()
    }

    /// The alert with this severity, its messages not made again yet.
    pub(super) fn with_severity(&self, severity: Urgency) -> Self {
        let mut one = self.clone();
        if one.blueprint.severity != severity {
            Arc::make_mut(&mut one.blueprint).severity = severity;
        }
        one
    }
}
