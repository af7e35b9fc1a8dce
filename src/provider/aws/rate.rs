//! How many calls a second AWS takes, as data: what it publishes, with the page that says so.
//!
//! These are quotas of the account and region, shared with everything else that runs there, so trailbell takes a part of them
//! ([`SHARE`]) and `pace` goes below that when AWS throttles. The first line that names an action is the one that counts.

/// The part of a published rate that trailbell takes for itself.
pub(super) const SHARE: f64 = 0.8;

/// A rate of calls.
#[derive(Debug)]
pub(super) struct Rate {
    /// The IAM actions it is for; `*` at the end stands for any rest.
    pub(super) actions: &'static [&'static str],
    /// Whether the actions share it; each has its own otherwise.
    pub(super) is_shared: bool,
    /// Calls a second.
    pub(super) per_second: f64,
    /// Whose word that is.
    pub(super) source: RateSource,
}

/// Where a rate comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RateSource {
    /// A page of AWS.
    Published(&'static str),
    /// AWS publishes none: a cautious guess, which is not cut further.
    Unpublished,
}

const EVENTBRIDGE: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html");
const LAMBDA: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests");
const LOGS: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html");
const CREATE_STREAM: RateSource = RateSource::Published(
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html",
);
const DESCRIBE_STREAMS: RateSource = RateSource::Published(
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html",
);
const CLOUDWATCH: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html");
const SUBSCRIBE: RateSource = RateSource::Published("https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html");
const CLOUDTRAIL: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html");

const SCHEDULER: RateSource =
    RateSource::Published("https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html");

/// The rates. The last line is for everything that no other names.
static RATES: &[Rate] = &[
    // The lowest of any region.
    shared(&["events:PutEvents"], 400.0, EVENTBRIDGE),
    // "Throttle limit in transactions per second for control plane APIs".
    shared(&["events:*"], 50.0, EVENTBRIDGE),
    shared(&["lambda:GetFunction"], 100.0, LAMBDA),
    shared(&["lambda:GetPolicy"], 15.0, LAMBDA),
    // Ten times the concurrent executions, of which a new account has ten.
    shared(&["lambda:InvokeFunction"], 100.0, LAMBDA),
    // "The remainder of the control plane API": together.
    shared(&["lambda:*"], 15.0, LAMBDA),
    each(&["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DescribeLogGroups"], 10.0, LOGS),
    each(&["logs:CreateLogStream"], 50.0, CREATE_STREAM),
    each(&["logs:DescribeLogStreams"], 25.0, DESCRIBE_STREAMS),
    // "10 requests per second" in the regions with the lowest quota.
    each(&["logs:GetLogEvents"], 10.0, LOGS),
    each(&["logs:*"], 5.0, LOGS),
    each(&["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"], 3.0, CLOUDWATCH),
    each(&["cloudwatch:DescribeAlarms"], 9.0, CLOUDWATCH),
    each(&["cloudwatch:*"], 10.0, RateSource::Unpublished),
    each(&["cloudtrail:*"], 10.0, CLOUDTRAIL),
    // "Each of the other supported Regions", the lowest. What lists schedules is left to the last line.
    each(
        &["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule", "scheduler:UpdateSchedule"],
        250.0,
        SCHEDULER,
    ),
    // Each operation "is throttled at" this rate.
    each(&["sns:Subscribe", "sns:Unsubscribe"], 100.0, SUBSCRIBE),
    each(&["sns:ListSubscriptionsByTopic"], 30.0, SUBSCRIBE),
    shared(&["sns:*"], 10.0, RateSource::Unpublished),
    shared(&["sqs:*"], 100.0, RateSource::Unpublished),
    shared(&["iam:*"], 10.0, RateSource::Unpublished),
    shared(&["*"], 10.0, RateSource::Unpublished),
];

const fn shared(actions: &'static [&'static str], per_second: f64, source: RateSource) -> Rate {
    Rate { actions, is_shared: true, per_second, source }
}

const fn each(actions: &'static [&'static str], per_second: f64, source: RateSource) -> Rate {
    Rate { actions, is_shared: false, per_second, source }
}

impl Rate {
    /// The rate of an action.
    pub(super) fn of(action: &str) -> Option<&'static Self> {
        let names = |name: &&str| match name.strip_suffix('*') {
            Some(start) => action.starts_with(start),
            None => *name == action,
        };
        RATES.iter().find(|rate| rate.actions.iter().any(names))
    }

    /// What trailbell takes of it.
    pub(super) fn taken(&self) -> f64 {
        if self.source == RateSource::Unpublished { self.per_second } else { self.per_second * SHARE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_names_an_action_counts() {
        let taken = |action: &str| Rate::of(action).expect("every action has a rate").taken();
        let cases = [
            ("events:PutRule", 40.0),
            ("events:PutEvents", 320.0),
            ("lambda:GetFunction", 80.0),
            ("lambda:AddPermission", 12.0),
            ("logs:DescribeLogGroups", 8.0),
            ("logs:PutSubscriptionFilter", 4.0),
            ("logs:DescribeLogStreams", 20.0),
            ("iam:CreateRole", 10.0),
            ("sts:GetCallerIdentity", 10.0),
        ];
        for (action, expected) in cases {
            assert!((taken(action) - expected).abs() < 1e-9, "{action}: {}", taken(action));
        }
    }

    #[test]
    fn every_line_is_reached() {
        for rate in RATES {
            for name in rate.actions {
                let found = Rate::of(&name.replace('*', "AnyOther")).expect("every action has a rate");
                assert!(std::ptr::eq(found, rate), "{name}");
            }
        }
    }
}
