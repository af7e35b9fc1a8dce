//! What the loop proof shows to be impossible, and what it does not.

use serde_json::json;

use super::*;

fn callers() -> Vec<Caller> {
    ["a", "b-c"]
        .map(|stack| {
            let role = format!("trailbell-{stack}_x-function-us-east-1_role");
            Caller {
                account: "123456789012".to_owned(),
                region: "us-east-1".to_owned(),
                role_arn: format!("arn:aws:iam::123456789012:role/trailbell/{stack}/{role}"),
                session_arn: format!("arn:aws:sts::123456789012:assumed-role/{role}/trailbell-{stack}_x_function"),
                role,
            }
        })
        .to_vec()
}

#[test]
fn what_comes_with_every_function_is_thought_of() {
    let cases = [
        (json!({"source": ["aws.sts"]}), Some("sts:AssumeRole")),
        (json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"]}}), Some("sts:AssumeRole")),
        (json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRoot"]}}), None),
        (json!({"source": ["aws.sts"], "detail": {"userIdentity": {"type": ["IAMUser"]}}}), None),
        (
            json!({"source": ["aws.sts"], "detail": {"eventSource": ["sts.amazonaws.com"], "userIdentity": {"invokedBy": [{"exists": false}]}}}),
            None,
        ),
        (
            json!({"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": ["arn:aws:iam::1:role/Admin"]}}}),
            None,
        ),
        (json!({"detail": {"eventName": ["GetSecretValue"]}}), Some("secretsmanager:GetSecretValue")),
        (
            json!({"source": ["aws.logs"], "detail": {"eventSource": ["logs.amazonaws.com"]}}),
            Some("logs:CreateLogStream"),
        ),
        (
            json!({"source": ["aws.logs"], "detail": {"eventName": ["DeleteLogGroup"], "eventSource": ["logs.amazonaws.com"]}}),
            None,
        ),
        (json!({"detail": {"eventSource": ["cloudtrail.amazonaws.com"]}}), None),
        (json!({"source": ["my.app"]}), None),
    ];
    for (pattern, expected) in cases {
        let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(triggered_by_aws(&parsed, &callers(), true), expected, "{pattern}");
    }
}

#[test]
fn only_what_is_proven_impossible_is_safe() {
    let start = "cloudtrail:StartLogging";
    let trail = json!(["cloudtrail.amazonaws.com"]);
    let by = |who: serde_json::Value| json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "userIdentity": who}});
    let cases = [
        (
            json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "eventName": ["StopLogging"]}}),
            start,
            false,
        ),
        (
            json!({"source": ["aws.cloudtrail"], "detail": {"eventSource": trail, "eventName": ["StopLogging", "StartLogging"]}}),
            start,
            true,
        ),
        (
            json!({"source": ["aws.cloudtrail"], "detail": {"eventName": [{"anything-but": ["StartLogging"]}]}}),
            start,
            false,
        ),
        (json!({"source": ["aws.cloudtrail"], "detail": {"eventName": [{"suffix": "Logging"}]}}), start, true),
        (json!({"source": ["aws.cloudtrail"]}), start, true),
        (json!({"detail": {"eventSource": ["iam.amazonaws.com"]}}), start, false),
        (
            json!({"$or": [{"detail": {"eventSource": ["iam.amazonaws.com"]}}, {"source": ["aws.cloudtrail"]}]}),
            start,
            true,
        ),
        // An action that is not called like its call proves nothing by its name.
        (json!({"detail": {"eventName": ["StopLogging"]}}), "cloudtrail:NoSuchAction", true),
        (json!({"detail": {"eventName": ["PutBucketEncryption"]}}), "s3:PutEncryptionConfiguration", true),
        (json!({"detail": {"eventName": ["PutKeyPolicy"]}}), "kms:PutKeyPolicy", true),
        (json!({"detail": {"eventName": ["PutKeyPolicy"]}}), "kms:DisableKey", false),
        // These allow calls of other names, too.
        (json!({"detail": {"eventName": ["DeleteBucketPublicAccessBlock"]}}), "s3:PutBucketPublicAccessBlock", true),
        (json!({"detail": {"eventName": ["TransactWriteItems"]}}), "dynamodb:PutItem", true),
        (json!({"detail": {"eventName": ["StopLogging"]}}), "account:CloseAccount", true),
        (json!({"detail": {"eventName": ["StopLogging"]}}), "nosuchservice:StartLogging", true),
        (
            json!({"detail": {"eventName": [{"prefix": "UpdateFunctionCode20150331"}]}}),
            "lambda:UpdateFunctionCode",
            true,
        ),
        // Events that services tell by themselves.
        (json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}), "ec2:StopInstances", false),
        (
            json!({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}),
            "ec2:StartInstances",
            true,
        ),
        (json!({"source": ["aws.tag"], "detail-type": ["Tag Change on Resource"]}), "ec2:DeleteTags", true),
        (json!({"source": ["aws.emr"]}), "elasticmapreduce:TerminateJobFlows", true),
        (
            json!({"source": ["aws.config"], "detail-type": ["Config Configuration Item Change"]}),
            "s3:PutBucketPolicy",
            true,
        ),
        (json!({"source": ["my.app"]}), start, false),
        (json!({"source": ["my.app"]}), "events:PutEvents", true),
        // Someone else.
        (by(json!({"type": ["Root", "IAMUser"]})), start, false),
        (by(json!({"arn": [{"anything-but": {"wildcard": "arn:*:assumed-role/trailbell-*"}}]})), start, false),
        (by(json!({"arn": [{"anything-but": {"wildcard": "*trailbell-a_*"}}]})), start, true),
        (
            by(
                json!({"sessionContext": {"sessionIssuer": {"userName": [{"anything-but": {"prefix": "trailbell-"}}]}}}),
            ),
            start,
            false,
        ),
        // What holds for one account or region alone proves nothing.
        (by(json!({"arn": [{"prefix": "arn:aws:sts::111122223333:"}]})), start, true),
        (by(json!({"sessionContext": {"sessionIssuer": {"userName": [{"suffix": "-eu-west-1_role"}]}}})), start, true),
        (by(json!({"sessionContext": {"sessionIssuer": {"userName": ["Admin", "Deploy"]}}})), start, false),
        (
            by(json!({"sessionContext": {"sessionIssuer": {"userName": ["trailbell-z_x-function-us-east-1_role"]}}})),
            start,
            true,
        ),
        (by(json!({"principalId": [{"anything-but": {"prefix": "trailbell-"}}]})), start, true),
    ];
    for (pattern, action, expected) in cases {
        let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(can_trigger(&parsed, action, &callers()), expected, "{action}: {pattern}");
    }
}

#[test]
fn calls_of_aws_are_counted_as_they_are_recorded() {
    let call = |detail: serde_json::Value| json!({"source": [{"prefix": "aws."}], "detail-type": ["AWS API Call via CloudTrail"], "detail": detail});
    let native = |source: &str, kind: &str| json!({"source": [source], "detail-type": [kind]});
    let cases = [
        (call(json!({"eventSource": ["kms.amazonaws.com"]})), Some("kms:Decrypt")),
        (call(json!({"eventSource": ["kms.amazonaws.com"], "eventName": ["DisableKey"]})), None),
        (call(json!({"eventSource": ["lambda.amazonaws.com"]})), Some("lambda:InvokeFunction")),
        (call(json!({"eventSource": ["lambda.amazonaws.com"], "managementEvent": [true]})), None),
        (call(json!({"eventSource": ["sqs.amazonaws.com"]})), Some("sqs:SendMessage")),
        (call(json!({"eventName": ["AssumeRole"], "userIdentity": {"arn": [{"exists": true}]}})), None),
        (call(json!({"eventName": ["AssumeRole"], "userIdentity": {"invokedBy": [{"exists": false}]}})), None),
        (
            call(json!({"eventName": ["AssumeRole"], "userIdentity": {"invokedBy": ["scheduler.amazonaws.com"]}})),
            Some("sts:AssumeRole"),
        ),
        (call(json!({"errorCode": ["AccessDenied"]})), None),
        (call(json!({"errorCode": [{"exists": false}]})), Some("sts:AssumeRole")),
        (native("aws.codepipeline", "CodePipeline Pipeline Execution State Change"), None),
        (native("aws.rds", "RDS DB Instance Event"), None),
        (json!({"source": ["aws.rds"]}), None),
        (json!({"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}), None),
        (json!({"detail-type": ["GuardDuty Finding"]}), None),
    ];
    for (pattern, expected) in cases {
        let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(triggered_by_aws(&parsed, &callers(), true), expected, "{pattern}");
    }
}

#[test]
fn messages_of_trailbell_itself_are_counted() {
    let cases = [
        (json!({"source": ["trailbell.sec"]}), true),
        (json!({"source": [{"prefix": "trailbell."}]}), true),
        (json!({"source": [{"anything-but": {"prefix": "aws."}}]}), true),
        (json!({"detail-type": ["trailbell message"]}), true),
        (json!({"source": ["trailbell.sec"], "detail": {"message": {"text": [{"exists": true}]}}}), true),
        (json!({"source": ["trailbell.sec"], "detail": {"eventName": ["x"]}}), false),
        (json!({"source": ["trailbell.sec"], "detail-type": ["order"]}), false),
        (json!({"source": [{"anything-but": {"prefix": "trailbell."}}]}), false),
        (json!({"source": ["my.app"]}), false),
        (json!({"detail-type": ["AWS API Call via CloudTrail"]}), false),
    ];
    for (pattern, expected) in cases {
        let parsed = Pattern::from_value(&pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(matches_messages(&parsed), expected, "{pattern}");
    }
}

#[test]
fn a_branch_for_callers_without_a_role_is_no_way_back() {
    let name =
        |test: serde_json::Value| json!({"userIdentity": {"sessionContext": {"sessionIssuer": {"userName": [test]}}}});
    let pattern = json!({"source": ["aws.cloudtrail"], "detail": {
        "eventSource": ["cloudtrail.amazonaws.com"],
        "$or": [name(json!({"exists": false})), name(json!({"anything-but": {"prefix": "trailbell-"}}))],
    }});
    let parsed = Pattern::from_value(&pattern).expect("valid");
    assert!(!can_trigger(&parsed, "cloudtrail:StartLogging", &callers()));
}
