//! EventBridge Scheduler schedules, all in the group that every account has. An update replaces everything.

use aws_sdk_scheduler::operation::get_schedule::GetScheduleOutput;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy as SdkRetry,
    ScheduleState, Target as SdkTarget,
};

use super::call::Service;
use super::error::unmanaged;
use super::read::addressed;
use super::wait::{self, Patience, gone_is_fine, unless_conflict, until_accepted};
use super::{Aws, Manage};
use crate::live::Observed;
use crate::name::Scope;
use crate::provider::{Context, ErrorKind, ProviderError};
use crate::resource::{Address, Arn, Id, Resource, RetryPolicy, SCHEDULE_GROUP, Schedule, UTC};

const CREATE: &str = "scheduler:CreateSchedule";
const UPDATE: &str = "scheduler:UpdateSchedule";
const GET: &str = "scheduler:GetSchedule";
/// As many as EventBridge Scheduler lists at once (API reference, `ListSchedules`).
const PAGE: i32 = 100;

/// IAM needs a while until a new role can be assumed. Terraform waits for the same message (`aws_scheduler_schedule`).
const ASSUMABLE: Patience<'_> = Patience {
    reason: "until EventBridge Scheduler can assume the role",
    limit: wait::PROPAGATION,
    diagnosis: "the role's trust policy must allow scheduler.amazonaws.com (`trailbell plan` shows whether it does)",
};

impl Manage for Schedule {
    async fn current(&self, aws: &Aws, scope: &Scope) -> Result<Option<Observed>, ProviderError> {
        observe(aws, scope, self.address.clone(), &self.name).await
    }

    async fn create(&self, aws: &Aws, scope: &Scope, context: &Context<'_>) -> Result<Option<String>, ProviderError> {
        let target = target(self, context, CREATE)?;
        let send = || {
            let request = aws
                .scheduler
                .create_schedule()
                .name(&self.name)
                .group_name(SCHEDULE_GROUP)
                .description(&self.description)
                .schedule_expression(&self.expression)
                .schedule_expression_timezone(&self.timezone)
                .set_flexible_time_window(window(self))
                .state(ScheduleState::from(self.state.as_str()))
                .target(target.clone());
            aws.call(Service::Scheduler, CREATE, move || request.clone().send())
        };
        match until_accepted(context, &ASSUMABLE, passes, send).await {
            // The code of a schedule that exists is that of a conflict.
            Err(error) if error.kind == ErrorKind::Conflict || error.kind == ErrorKind::Exists => {
                match observe(aws, scope, self.address.clone(), &self.name).await? {
                    // An earlier attempt of ours whose answer was lost.
                    Some(found) if found.is_marked => self.update(self, aws, scope, context).await.map(|()| found.arn),
                    _ => Err(unmanaged(error)),
                }
            }
            created => Ok(Some(created?.schedule_arn)),
        }
    }

    async fn update(
        &self,
        _live: &Self,
        aws: &Aws,
        _scope: &Scope,
        context: &Context<'_>,
    ) -> Result<(), ProviderError> {
        let target = target(self, context, UPDATE)?;
        let send = || {
            let request = aws
                .scheduler
                .update_schedule()
                .name(&self.name)
                .group_name(SCHEDULE_GROUP)
                .description(&self.description)
                .schedule_expression(&self.expression)
                .schedule_expression_timezone(&self.timezone)
                .set_flexible_time_window(window(self))
                .state(ScheduleState::from(self.state.as_str()))
                .target(target.clone());
            aws.call(Service::Scheduler, UPDATE, move || request.clone().send())
        };
        unless_conflict(context, || until_accepted(context, &ASSUMABLE, passes, &send)).await.map(|_| ())
    }

    async fn mark(&self, _found: &Self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        // Read anew: what an update does not send goes away.
        let found = get(aws, &self.name).await?;
        let request = aws
            .scheduler
            .update_schedule()
            .name(&self.name)
            .group_name(SCHEDULE_GROUP)
            .description(&self.description)
            .set_schedule_expression(found.schedule_expression)
            .set_schedule_expression_timezone(found.schedule_expression_timezone)
            .set_start_date(found.start_date)
            .set_end_date(found.end_date)
            .set_flexible_time_window(found.flexible_time_window)
            .set_state(found.state)
            .set_kms_key_arn(found.kms_key_arn)
            .set_action_after_completion(found.action_after_completion)
            .set_target(found.target);
        unless_conflict(context, || aws.call(Service::Scheduler, UPDATE, || request.clone().send())).await.map(|_| ())
    }

    async fn delete(&self, aws: &Aws, _scope: &Scope, context: &Context<'_>) -> Result<(), ProviderError> {
        let request = || aws.scheduler.delete_schedule().name(&self.name).group_name(SCHEDULE_GROUP);
        let action = "scheduler:DeleteSchedule";
        let sent = unless_conflict(context, || aws.call(Service::Scheduler, action, || request().send())).await;
        gone_is_fine(sent).map(|_| ())
    }
}

fn passes(error: &ProviderError) -> bool {
    error.message.contains("to assume the role")
}

fn window(schedule: &Schedule) -> Option<FlexibleTimeWindow> {
    let minutes = schedule.window_minutes.map(|minutes| i32::try_from(minutes).unwrap_or(i32::MAX));
    let mode = if minutes.is_some() { FlexibleTimeWindowMode::Flexible } else { FlexibleTimeWindowMode::Off };
    FlexibleTimeWindow::builder().mode(mode).set_maximum_window_in_minutes(minutes).build().ok()
}

fn target(schedule: &Schedule, context: &Context<'_>, action: &str) -> Result<SdkTarget, ProviderError> {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let retry = SdkRetry::builder()
        .maximum_event_age_in_seconds(number(schedule.retry.maximum_event_age_seconds))
        .maximum_retry_attempts(number(schedule.retry.maximum_attempts));
    let dead = schedule.dead_letter_arn.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
    let built = SdkTarget::builder()
        .arn(context.resolve(&schedule.arn, action)?)
        .role_arn(&schedule.role_arn)
        .set_input(schedule.input.clone())
        .retry_policy(retry.build())
        .set_dead_letter_config(dead)
        .build();
    built.map_err(|error| ProviderError::new(action, ErrorKind::Other, error.to_string()))
}

/// Every schedule under the names of a stack.
pub(super) async fn observe_all(aws: &Aws, scope: &Scope) -> Result<Vec<Observed>, ProviderError> {
    let names = names(aws, scope).await?;
    let looks = addressed(scope, Id::Schedule, &names).map(|(address, name)| observe(aws, scope, address, name));
    Ok(futures_util::future::try_join_all(looks).await?.into_iter().flatten().collect())
}

async fn names(aws: &Aws, scope: &Scope) -> Result<Vec<String>, ProviderError> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let request = aws.scheduler.list_schedules().group_name(SCHEDULE_GROUP).name_prefix(scope.prefix());
        let request = request.max_results(PAGE).set_next_token(token);
        let page = aws.call(Service::Scheduler, "scheduler:ListSchedules", || request.clone().send()).await?;
        names.extend(page.schedules.into_iter().filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() {
            return Ok(names);
        }
    }
}

async fn get(aws: &Aws, name: &str) -> Result<GetScheduleOutput, ProviderError> {
    let request = aws.scheduler.get_schedule().name(name).group_name(SCHEDULE_GROUP);
    aws.call(Service::Scheduler, GET, || request.clone().send()).await
}

async fn observe(aws: &Aws, scope: &Scope, address: Address, name: &str) -> Result<Option<Observed>, ProviderError> {
    let Some(found) = gone_is_fine(get(aws, name).await)? else { return Ok(None) };
    let arn = found.arn.clone().unwrap_or_else(|| scope.schedule_arn(name));
    let resource = Resource::Schedule(read(address, name, &found));
    Ok(Some(Observed { is_marked: resource.is_marked(scope), arn: Some(arn), resource }))
}

fn read(address: Address, name: &str, found: &GetScheduleOutput) -> Schedule {
    let number = |number: Option<i32>| number.and_then(|one| u32::try_from(one).ok());
    let window = found.flexible_time_window.as_ref();
    let window = window.filter(|one| one.mode == FlexibleTimeWindowMode::Flexible);
    let target = found.target.as_ref();
    let retry = target.and_then(SdkTarget::retry_policy);
    let default = RetryPolicy::AWS_DEFAULT;
    Schedule {
        address,
        name: name.to_owned(),
        description: found.description.clone().unwrap_or_default(),
        expression: found.schedule_expression.clone().unwrap_or_default(),
        timezone: found.schedule_expression_timezone.clone().unwrap_or_else(|| UTC.to_owned()),
        window_minutes: window.and_then(|one| number(one.maximum_window_in_minutes)),
        state: found.state.as_ref().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        arn: Arn::Known(target.map(|one| one.arn.clone()).unwrap_or_default()),
        role_arn: target.map(|one| one.role_arn.clone()).unwrap_or_default(),
        input: target.and_then(|one| one.input.clone()),
        retry: RetryPolicy {
            maximum_event_age_seconds: number(retry.and_then(SdkRetry::maximum_event_age_in_seconds))
                .unwrap_or(default.maximum_event_age_seconds),
            maximum_attempts: number(retry.and_then(SdkRetry::maximum_retry_attempts))
                .unwrap_or(default.maximum_attempts),
        },
        dead_letter_arn: target.and_then(|one| one.dead_letter_config.as_ref()?.arn.clone()),
        kms_key: found.kms_key_arn.clone().filter(|key| !key.is_empty()),
        extra: extra(found),
    }
}

/// Choices that trailbell does not make.
fn extra(found: &GetScheduleOutput) -> Option<String> {
    let target = found.target.as_ref();
    let after = found.action_after_completion.as_ref().filter(|one| **one != ActionAfterCompletion::None);
    let all = [
        found.start_date.map(|date| format!("begins at {date}")),
        found.end_date.map(|date| format!("ends at {date}")),
        after.map(|one| format!("after completion {one}")),
        target.and_then(SdkTarget::ecs_parameters).map(|_| "ECS parameters".to_owned()),
        target.and_then(SdkTarget::event_bridge_parameters).map(|_| "EventBridge parameters".to_owned()),
        target.and_then(SdkTarget::kinesis_parameters).map(|_| "Kinesis parameters".to_owned()),
        target.and_then(SdkTarget::sage_maker_pipeline_parameters).map(|_| "SageMaker parameters".to_owned()),
        target.and_then(SdkTarget::sqs_parameters).map(|_| "SQS parameters".to_owned()),
    ];
    let all: Vec<String> = all.into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}
