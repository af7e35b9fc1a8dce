//! The record of runs in the sandbox: as CloudWatch Logs keeps it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Sandbox;
use crate::name::{Scope, stack_of, stack_of_run_log};
use crate::provider::run_log::{
    Creation, FoundStack, FoundStacks, LogEntry, RunLog, RunStream, SeenStream, Side, note_of, noted,
};
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::Kind;

/// A log group with the streams of a stack's runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunGroup {
    /// When it was created, in milliseconds since 1970.
    #[serde(default)]
    pub created: i64,
    /// Its tags beside the mark.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Streams by name.
    pub streams: BTreeMap<String, StoredStream>,
}

/// A log stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredStream {
    /// When it was created, in milliseconds since 1970.
    pub created: i64,
    /// What was written, oldest first.
    pub entries: Vec<LogEntry>,
}

impl RunLog for Sandbox {
    async fn streams(
        &self,
        scope: &Scope,
        only: Option<u32>,
        most: usize,
    ) -> Result<Option<Vec<SeenStream>>, ProviderError> {
        self.turn().await;
        let world = self.world.borrow();
        let Some(group) = world.run_logs.get(&key(scope)) else { return Ok(None) };
        let seen = group.streams.iter().rev().filter_map(|(name, one)| {
            let stream = RunStream::parse(name).filter(|stream| only.is_none_or(|number| stream.number == number))?;
            Some(SeenStream { stream, created: one.created })
        });
        Ok(Some(seen.take(most).collect()))
    }

    async fn create_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("logs:CreateLogGroup", |world| {
            world
                .run_logs
                .entry(key(scope))
                .or_insert_with(|| RunGroup { created: self.milliseconds(), ..RunGroup::default() });
            Ok(None)
        })
        .map(drop)
    }

    async fn log_tags(&self, scope: &Scope) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
        self.turn().await;
        Ok(self.world.borrow().run_logs.get(&key(scope)).map(|group| group.tags.clone()))
    }

    async fn tag_log(
        &self,
        scope: &Scope,
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<(), ProviderError> {
        self.turn().await;
        let action = "logs:TagResource";
        self.change(action, |world| {
            let group = world.run_logs.get_mut(&key(scope)).ok_or_else(|| absent(action, scope))?;
            group.tags.extend(set.clone());
            group.tags.retain(|key, _| !remove.contains(key));
            Ok(None)
        })
        .map(drop)
    }

    async fn stacks(&self, region: &str) -> Result<FoundStacks, ProviderError> {
        self.turn().await;
        let world = self.world.borrow();
        let here = world.objects.values().filter(|one| one.resource.address().region == region);
        let named = here.filter_map(|one| stack_of(one.resource.name()));
        let mut found: FoundStacks = named.map(|stack| (stack.to_owned(), FoundStack::default())).collect();
        let logs = world.run_logs.iter().filter_map(|(key, group)| {
            let stack = stack_of_run_log(key.strip_prefix(region)?)?;
            Some((stack.to_owned(), FoundStack { created: Some(group.created), tags: group.tags.clone() }))
        });
        found.extend(logs);
        Ok(found)
    }

    async fn regions_of(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        self.turn().await;
        let world = self.world.borrow();
        let roles = world.objects.values().filter(|one| one.resource.address().kind() == Kind::Role);
        Ok(roles.filter_map(|one| scope.region_of_role(one.resource.name())).map(str::to_owned).collect())
    }

    async fn create_stream(&self, scope: &Scope, stream: RunStream) -> Result<Creation, ProviderError> {
        self.turn().await;
        let is_new = self.stream(scope, stream.name())?;
        let is_lost = self.lost.get() == Some(0);
        self.lost.update(|left| left.and_then(|left| left.checked_sub(1)));
        Ok(match (is_lost, is_new) {
            (true, _) => Creation::Unknown,
            (false, true) => Creation::Made,
            (false, false) => Creation::Exists,
        })
    }

    async fn noted_log_groups(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        self.turn().await;
        let world = self.world.borrow();
        let streams = world.run_logs.get(&key(scope)).into_iter().flat_map(|group| group.streams.keys());
        Ok(streams.filter_map(|name| noted(name)).map(str::to_owned).collect())
    }

    async fn note_log_group(&self, scope: &Scope, log_group: &str) -> Result<(), ProviderError> {
        self.turn().await;
        note_of(log_group).map_or(Ok(()), |name| self.stream(scope, name).map(drop))
    }

    async fn append(&self, scope: &Scope, stream: RunStream, text: &str) -> Result<(), ProviderError> {
        self.turn().await;
        let action = "logs:PutLogEvents";
        self.change(action, |world| {
            let group = world.run_logs.get_mut(&key(scope)).ok_or_else(|| absent(action, scope))?;
            let stream = group.streams.get_mut(&stream.name()).ok_or_else(|| absent(action, scope))?;
            stream.entries.push(LogEntry { time: self.milliseconds(), text: text.to_owned() });
            Ok(None)
        })
        .map(drop)
    }

    async fn entry(&self, scope: &Scope, stream: RunStream, side: Side) -> Result<Option<LogEntry>, ProviderError> {
        self.turn().await;
        let world = self.world.borrow();
        let stream = world.run_logs.get(&key(scope)).and_then(|group| group.streams.get(&stream.name()));
        Ok(stream.and_then(|one| if side == Side::First { one.entries.first() } else { one.entries.last() }).cloned())
    }

    async fn delete_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        self.turn().await;
        self.change("logs:DeleteLogGroup", |world| {
            world.run_logs.remove(&key(scope));
            Ok(None)
        })
        .map(drop)
    }
}

fn key(scope: &Scope) -> String {
    format!("{}{}", scope.region(), scope.run_log())
}

fn absent(action: &str, scope: &Scope) -> ProviderError {
    ProviderError::new(
        action,
        ErrorKind::Absent,
        format!("the log group `{}` or its stream does not exist", scope.run_log()),
    )
}

impl Sandbox {
    /// Makes a stream; false when there is one of this name.
    fn stream(&self, scope: &Scope, name: String) -> Result<bool, ProviderError> {
        let (action, mut is_new) = ("logs:CreateLogStream", false);
        self.change(action, |world| {
            let created = self.milliseconds().max(world.last_stream.saturating_add(1));
            world.last_stream = created;
            let group = world.run_logs.get_mut(&key(scope)).ok_or_else(|| absent(action, scope))?;
            is_new = !group.streams.contains_key(&name);
            group.streams.entry(name).or_insert(StoredStream { created, entries: Vec::new() });
            Ok(None)
        })?;
        Ok(is_new)
    }

    /// Its clock, as CloudWatch Logs counts: in milliseconds since 1970.
    fn milliseconds(&self) -> i64 {
        i64::try_from(self.simulation.now().as_millis()).unwrap_or(i64::MAX)
    }
}
