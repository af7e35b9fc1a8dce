//! Changes on the way of an event that only `verify` looks at, or that are about the relay rule, the trail, and policies.

use super::*;

/// Lines that only `verify` looks at, or that are about the relay rule.
pub(super) const FURTHER: &[Line] = &[
    (
        "rule: state for read-only calls",
        |hand| hand.rule(RULE, "State", &json!("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")),
        repaired,
    ),
    (
        "rule: nothing but a schedule",
        |hand| {
            hand.events("PutRule", &json!({ "Name": RULE, "ScheduleExpression": "rate(1 day)" }));
        },
        repaired,
    ),
    ("relay: state", |hand| hand.rule(RELAY, "State", &json!("DISABLED")), repaired),
    ("relay: description", |hand| hand.rule(RELAY, "Description", &json!("edited")), repaired),
    (
        "relay: tag",
        |hand| {
            let tag = json!({ "ResourceARN": hand.rule_arn(RELAY), "TagKeys": ["trailbell:stack"] });
            hand.events("UntagResource", &tag);
        },
        repaired,
    ),
    (
        "relay target: arn",
        |hand| {
            hand.target(RELAY, |one| {
                one["Arn"] = json!("arn:aws:events:us-east-1:123456789012:api-destination/theirs/1");
            })
        },
        repaired,
    ),
    (
        "relay target: role",
        |hand| {
            hand.target(RELAY, |one| {
                one["RoleArn"] = json!("arn:aws:iam::123456789012:role/theirs");
            })
        },
        repaired,
    ),
    (
        "relay target: constant",
        |hand| {
            hand.target(RELAY, |one| {
                without(one, &["InputPath"]);
                one["Input"] = json!(r#"{"text":"nothing happened"}"#);
            })
        },
        repaired,
    ),
    (
        "relay target: retries",
        |hand| {
            hand.target(RELAY, |one| {
                one["RetryPolicy"] = json!({ "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60 });
            })
        },
        repaired,
    ),
    (
        "relay target: no dead-letter queue",
        |hand| hand.target(RELAY, |one| without(one, &["DeadLetterConfig"])),
        repaired,
    ),
    (
        "relay target: another dead-letter queue",
        |hand| {
            hand.target(RELAY, |one| {
                one["DeadLetterConfig"]["Arn"] = json!("arn:aws:sqs:us-east-1:123456789012:theirs");
            })
        },
        repaired,
    ),
    (
        "relay target: headers",
        |hand| {
            hand.target(RELAY, |one| {
                one["HttpParameters"] = json!({ "HeaderParameters": { "X-More": "1" } });
            })
        },
        repaired,
    ),
    (
        "relay target: removed",
        |hand| {
            hand.events("RemoveTargets", &json!({ "Rule": RELAY, "EventBusName": drift::BUS, "Ids": ["slack"] }));
        },
        repaired,
    ),
    (
        "relay: deleted",
        |hand| {
            hand.events("RemoveTargets", &json!({ "Rule": RELAY, "EventBusName": drift::BUS, "Ids": ["slack"] }));
            hand.events("DeleteRule", &json!({ "Name": RELAY, "EventBusName": drift::BUS }));
        },
        repaired,
    ),
    (
        "target: another dead-letter queue",
        |hand| {
            hand.target(RULE, |one| {
                one["DeadLetterConfig"]["Arn"] = json!("arn:aws:sqs:us-east-1:123456789012:theirs");
            })
        },
        repaired,
    ),
    (
        "target: a path in place of the template",
        |hand| {
            hand.target(RULE, |one| {
                without(one, &["InputTransformer"]);
                one["InputPath"] = json!("$.detail");
            })
        },
        repaired,
    ),
    (
        "destination: deleted",
        |hand| {
            hand.events("DeleteApiDestination", &json!({ "Name": drift::DESTINATION }));
        },
        repaired,
    ),
    (
        "role: another inline policy",
        |hand| {
            hand.iam("PutRolePolicy", &[("RoleName", ROLE), ("PolicyName", "theirs"), ("PolicyDocument", DENY)]);
        },
        |hand| hand.iam("DeleteRolePolicy", &[("RoleName", ROLE), ("PolicyName", "theirs")]),
    ),
    (
        "role: a managed policy",
        |hand| {
            hand.iam("AttachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", "arn:aws:iam::aws:policy/AWSDenyAll")]);
        },
        |hand| hand.iam("DetachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", "arn:aws:iam::aws:policy/AWSDenyAll")]),
    ),
    (
        "trail: stopped",
        |hand| {
            trail::call(hand.account, "StopLogging", &json!({ "Name": trail_of(hand) }));
        },
        |hand| drop(trail::call(hand.account, "StartLogging", &json!({ "Name": trail_of(hand) }))),
    ),
    ("trail: read-only calls", |hand| trail::records(hand.account, &trail_of(hand), "ReadOnly"), recording),
    (
        "trail: no management events",
        |hand| {
            selected(
                hand,
                &json!({ "ReadWriteType": "All", "IncludeManagementEvents": false,
            "DataResources": [{ "Type": "AWS::S3::Object", "Values": ["arn:aws:s3"] }] }),
            );
        },
        recording,
    ),
    (
        "trail: without this service",
        |hand| {
            selected(
                hand,
                &json!({ "ReadWriteType": "All", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["cloudtrail.amazonaws.com"] }),
            );
        },
        recording,
    ),
    (
        "trail: deleted",
        |hand| {
            trail::call(hand.account, "DeleteTrail", &json!({ "Name": trail_of(hand) }));
        },
        |hand| drop(trail::logging(hand.account, "main")),
    ),
];
