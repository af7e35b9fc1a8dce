//! The record of runs, in CloudWatch Logs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::config::Config;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, OrderBy};

use super::Aws;
use super::call::Service;
use super::log_group::tags_of;
use super::wait::gone_is_fine;
use super::{iam, stacks};
use crate::name::Scope;
use crate::provider::run_log::{
    Creation, FoundStacks, LogEntry, NOTE, RunLog, RunStream, SeenStream, Side, note_of, noted,
};
use crate::provider::{ErrorKind, ProviderError, pause};
use crate::resource::mark::{is_tagged, tags};

/// How long what runs recorded is kept; a retention that CloudWatch Logs has, and more than a year.
const RETENTION_DAYS: i32 = 400;
/// How often a stream is asked for again when no answer comes, as often as the SDK does.
const AGAIN: u32 = 2;
/// The most that `DescribeLogStreams` gives at once.
const PAGE: usize = 50;

impl RunLog for Aws {
    async fn streams(
        &self,
        scope: &Scope,
        only: Option<u32>,
        most: usize,
    ) -> Result<Option<Vec<SeenStream>>, ProviderError> {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let request = self.logs.describe_log_streams().log_group_name(scope.run_log()).set_next_token(token);
            let request = request.set_log_stream_name_prefix(only.map(|number| RunStream::run(number).name()));
            // A page with others' streams in it must not cost a page for each of ours.
            let limit = i32::try_from(PAGE).ok();
            let request = request.order_by(OrderBy::LogStreamName).descending(true).set_limit(limit);
            let answer = self.call(Service::Logs, "logs:DescribeLogStreams", || request.clone().send()).await;
            let Some(answer) = gone_is_fine(answer)? else { return Ok(None) };
            let streams = answer.log_streams.unwrap_or_default();
            found.extend(streams.iter().filter_map(|one| {
                let stream = RunStream::parse(one.log_stream_name()?)?;
                Some(SeenStream { stream, created: one.creation_time().unwrap_or_default() })
            }));
            token = answer.next_token;
            if token.is_none() || found.len() >= most {
                // Not every implementation honors the order.
                found.sort_by_key(|one| Reverse(one.stream));
                found.truncate(most);
                return Ok(Some(found));
            }
        }
    }

    async fn create_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        let name = scope.run_log();
        let request = self.logs.create_log_group().log_group_name(&name);
        let request = request.set_tags(Some(tags(scope).into_iter().collect()));
        match self.call(Service::Logs, "logs:CreateLogGroup", || request.clone().send()).await {
            Err(error) if error.kind == ErrorKind::Exists => {
                if is_tagged(&tags_of(self, &scope.log_group_arn(&name)).await?, scope) {
                    return Ok(());
                }
                return Err(ProviderError::new(
                    &error.action,
                    ErrorKind::Exists,
                    format!("the log group `{name}` exists and is not managed by trailbell"),
                )
                .hint("nothing was changed: remove it, or choose another name for the stack"));
            }
            other => drop(other?),
        }
        let request = self.logs.put_retention_policy().log_group_name(&name).retention_in_days(RETENTION_DAYS);
        self.call(Service::Logs, "logs:PutRetentionPolicy", || request.clone().send()).await.map(drop)
    }

    async fn log_tags(&self, scope: &Scope) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
        let request = self.logs.list_tags_for_resource().resource_arn(scope.log_group_arn(&scope.run_log()));
        let answer = self.call(Service::Logs, "logs:ListTagsForResource", || request.clone().send()).await;
        Ok(gone_is_fine(answer)?.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
    }

    async fn tag_log(
        &self,
        scope: &Scope,
        set: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<(), ProviderError> {
        let arn = scope.log_group_arn(&scope.run_log());
        if !set.is_empty() {
            let tags = set.clone().into_iter().collect();
            let request = self.logs.tag_resource().resource_arn(&arn).set_tags(Some(tags));
            self.call(Service::Logs, "logs:TagResource", || request.clone().send()).await?;
        }
        if !remove.is_empty() {
            let request = self.logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove.to_vec()));
            self.call(Service::Logs, "logs:UntagResource", || request.clone().send()).await?;
        }
        Ok(())
    }

    async fn stacks(&self, _region: &str) -> Result<FoundStacks, ProviderError> {
        stacks::all(self).await
    }

    async fn regions_of(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        let names = iam::names(self).await?;
        Ok(names.iter().filter_map(|name| scope.region_of_role(name)).map(str::to_owned).collect())
    }

    async fn create_stream(&self, scope: &Scope, stream: RunStream) -> Result<Creation, ProviderError> {
        create(self, scope, &stream.name()).await
    }

    async fn noted_log_groups(&self, scope: &Scope) -> Result<BTreeSet<String>, ProviderError> {
        let (mut found, mut token) = (BTreeSet::new(), None);
        loop {
            let request = self.logs.describe_log_streams().log_group_name(scope.run_log()).set_next_token(token);
            let request = request.log_stream_name_prefix(NOTE);
            let answer = self.call(Service::Logs, "logs:DescribeLogStreams", || request.clone().send()).await;
            let Some(answer) = gone_is_fine(answer)? else { return Ok(found) };
            let names = answer.log_streams.unwrap_or_default().into_iter().filter_map(|one| one.log_stream_name);
            found.extend(names.filter_map(|name| noted(&name).map(str::to_owned)));
            token = answer.next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    async fn note_log_group(&self, scope: &Scope, log_group: &str) -> Result<(), ProviderError> {
        match note_of(log_group) {
            Some(name) => create(self, scope, &name).await.map(drop),
            None => Ok(()),
        }
    }

    async fn append(&self, scope: &Scope, stream: RunStream, text: &str) -> Result<(), ProviderError> {
        let action = "logs:PutLogEvents";
        let entry = InputLogEvent::builder().timestamp(now()).message(text).build();
        let entry = entry.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))?;
        let request = self.logs.put_log_events().log_group_name(scope.run_log()).log_stream_name(stream.name());
        self.call(Service::Logs, action, || request.clone().log_events(entry.clone()).send()).await.map(drop)
    }

    async fn entry(&self, scope: &Scope, stream: RunStream, side: Side) -> Result<Option<LogEntry>, ProviderError> {
        let request = self.logs.get_log_events().log_group_name(scope.run_log()).log_stream_name(stream.name());
        let request = request.start_from_head(side == Side::First).limit(1);
        let answer = gone_is_fine(self.call(Service::Logs, "logs:GetLogEvents", || request.clone().send()).await)?;
        let entry = answer.and_then(|answer| answer.events.unwrap_or_default().pop());
        Ok(entry.map(|one| LogEntry { time: one.timestamp.unwrap_or_default(), text: one.message.unwrap_or_default() }))
    }

    async fn delete_log(&self, scope: &Scope) -> Result<(), ProviderError> {
        let request = self.logs.delete_log_group().log_group_name(scope.run_log());
        gone_is_fine(self.call(Service::Logs, "logs:DeleteLogGroup", || request.clone().send()).await).map(drop)
    }
}

/// Makes a stream. When no answer comes, the SDK would send it again by itself, and no one could tell whether the stream that then
/// exists is this one's or someone else's. So it is sent again here.
async fn create(aws: &Aws, scope: &Scope, stream: &str) -> Result<Creation, ProviderError> {
    let once = Config::builder().retry_config(RetryConfig::disabled());
    let request = aws.logs.create_log_stream().log_group_name(scope.run_log()).log_stream_name(stream);
    let send = || request.clone().customize().config_override(once.clone()).send();
    let mut lost = 0;
    loop {
        match aws.call(Service::Logs, "logs:CreateLogStream", send).await {
            Ok(_) => return Ok(Creation::Made),
            Err(error) if error.kind == ErrorKind::Exists && lost > 0 => return Ok(Creation::Unknown),
            Err(error) if error.kind == ErrorKind::Exists => return Ok(Creation::Exists),
            Err(error) if is_unanswered(&error) && lost < AGAIN => {
                tokio::time::sleep(pause(lost)).await;
                lost += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether AWS may have done what was asked for: no answer came, or one that says nothing about the call.
fn is_unanswered(error: &ProviderError) -> bool {
    let says_nothing = |code: &str| code.contains("Internal") || code.contains("Unavailable");
    error.kind == ErrorKind::Unreachable
        || (error.kind == ErrorKind::Other && error.code.as_deref().is_none_or(says_nothing))
}

/// In milliseconds since 1970, as CloudWatch Logs counts.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
