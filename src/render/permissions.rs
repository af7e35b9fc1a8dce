//! IAM policies as JSON, and `docs/permissions.md`, made of what each kind says about the calls it needs.

use std::fmt::Write as _;

use serde_json::Value;

use crate::permissions::{AllowStatement, of_any_stack};
use crate::resource::Kind;
use crate::resource::about::When;

/// Longest line of a policy.
const WIDTH: usize = 118;

const HEAD: &str = "# Permissions

What the credentials that trailbell uses must allow. Replace `REGION`, `ACCOUNT` and `STACK`; `aws` is `aws-cn` or
`aws-us-gov` in those partitions. `trailbell policy` prints the exact policy of one stack, with everything replaced. The page is generated from what each kind of resource says about itself, and a test runs
plan, apply, adopt, verify, doctor, redrive and destroy with exactly the actions below.

Lists, EventBridge's `TestEventPattern`, `TestMetricFilter` of CloudWatch Logs and CloudTrail's `DescribeTrails` do not
support resources, so they need `*`. The trail that records an event can be in another region or in your organization, so `verify` and `doctor` ask
about trails anywhere; where they are not allowed to, the result is *not known*. `sts:GetCallerIdentity` needs no permission.

**Who can read the webhook.** An incoming webhook's URL is the endpoint of the API destination, and EventBridge returns it in
clear to anyone in the account who is allowed `events:DescribeApiDestination` or `events:ListApiDestinations`: the role that plans
with the policy below, and everyone whose policy allows reading all of EventBridge. Anyone who has the URL can post to the channel. With a bot token the endpoint is Slack's public URL, and the token is in the connection,
which EventBridge does not return. Use a bot token where people without access to the channel can read the account.
";

/// What a stack needs whose secret AWS keeps.
const STORED: &str = "
## Secrets that AWS keeps

`plan`, `apply`, `verify`, and `status` read what the stack file names: `${ssm:NAME}` needs `ssm:GetParameter` on
`arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`, and `${secretsmanager:NAME}` needs `secretsmanager:GetSecretValue` on
`arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????`. A customer managed key also has to allow `kms:Decrypt`.
";

/// What a stack needs that shows names of accounts as Organizations has them.
const NAMES: &str = "
## Names of accounts

With `account_names: organizations`, the commands that compare or send messages (`plan`, `apply`, `adopt`, `verify`, `status`, `redrive`,
and `graph --live`) need `organizations:ListAccounts` on `*`. AWS allows it only to the management account of the organization and to
delegated administrators.
";

/// The policies, each with its heading and what is to be said after it.
const POLICIES: [(When, &str, &str); 7] = [
    (When::Plan, "plan and status", ""),
    (When::Verify, "verify, in addition to plan", ""),
    (
        When::Doctor,
        "doctor, in addition to plan",
        "(What it is not allowed to ask is *not known*.)
",
    ),
    (
        When::Apply,
        "apply, in addition to plan",
        "(EventBridge keeps a connection's key in Secrets Manager on the caller's behalf; trailbell itself never calls it. The
service-linked role is created once per account, with its first connection. Alerts that leave the file are deleted by apply.
`--remove-unmanaged` also needs the action that removes what it names: `iam:DeleteRolePolicy`, `iam:DetachRolePolicy`,
`iam:DeleteRolePermissionsBoundary`, `events:RemoveTargets`, `events:DeleteRule`, `lambda:RemovePermission`,
`lambda:UpdateFunctionConfiguration`, `lambda:DeleteFunctionUrlConfig`, `lambda:DeleteFunctionEventInvokeConfig`,
`lambda:DeleteAlias`, or `lambda:DeleteFunction`.)
",
    ),
    (
        When::Adopt,
        "adopt, in addition to plan",
        "(`adopt ADDRESS` needs those for the kinds that it names; a role under another path needs `iam:TagRole` there. `adopt --from-stack OLD` needs what apply needs for the name in the
stack file, and what destroy needs for `OLD`: the second is what `trailbell policy destroy` prints for the file with that name.)
",
    ),
    (
        When::Destroy,
        "destroy, in addition to plan",
        "(If someone removed a mark, destroy restores it first and also needs the `Update…` and `Tag…` actions of apply.)
",
    ),
    (
        When::Redrive,
        "redrive, in addition to plan",
        "(`lambda:InvokeFunction` calls the notifier for letters that hold log lines or an event of an alert that it writes for.)
",
    ),
];

/// What the commands need that look for stacks.
const ALL_STACKS: &str = "
## list and reap

`list` looks for the stacks of an account by what they leave in it: `events:ListEventBuses`, `events:ListRules`, `events:ListConnections`,
`events:ListApiDestinations`, `sqs:ListQueues`, and `logs:DescribeLogGroups` on `*`, and `logs:ListTagsForResource`,
`logs:DescribeLogStreams`, and `logs:GetLogEvents` on `arn:aws:logs:REGION:ACCOUNT:log-group:/trailbell/*`. `reap` also needs
what `destroy` needs for each stack that it removes.

## import

`import eventbridge --rule` reads one rule, whoever made it: `events:ListRules` on `*`, and `events:ListTargetsByRule` on
`arn:aws:events:REGION:ACCOUNT:rule/NAME`, or `rule/BUS/NAME` for a rule on another event bus. Importing files needs nothing.
";

/// What the test of the policies cannot show.
const UNCHECKED: &str = "
## What is proven, and what AWS's documentation says

`tests/suite/policy.rs` runs each command on an emulator that enforces IAM: with the policy that `trailbell policy` prints it works, and
without any one statement it fails and names the action. Two are not errors: without `logs:DescribeLogStreams`, `plan` says that it
cannot tell whether a run is in progress, and without `ssm:GetParameter`, or the rights to a trail, something is *not known*. The emulator does not
check the following, so their source is AWS's documentation alone:

| Not checked | Source |
|---|---|
| `iam:PassRole` | Service Authorization Reference: dependent action of `lambda:CreateFunction` and `events:PutTargets` |
| `iam:CreateServiceLinkedRole` | EventBridge user guide, \"Using service-linked roles\" |
| `secretsmanager:CreateSecret`, `secretsmanager:UpdateSecret`, `secretsmanager:GetSecretValue`, `secretsmanager:PutSecretValue`, `secretsmanager:DeleteSecret` of a connection | EventBridge user guide, \"Using identity-based policies\"; handler permissions of CloudFormation's `AWS::Events::Connection` |
| `cloudwatch:ListTagsForResource`, `cloudwatch:PutMetricAlarm`, `cloudwatch:TagResource`, `cloudwatch:DeleteAlarms`, `cloudwatch:GetMetricStatistics` | Service Authorization Reference, CloudWatch |
| Resources of `events:`, `lambda:CreateFunction`, and `logs:DescribeMetricFilters`, paths of roles, and all conditions | Service Authorization Reference of each service |
";

const SOURCES: &str =
    "Sources: the Service Authorization Reference, `ApiDestination` and `DescribeConnection` in the API reference of EventBridge, and the handler permissions of CloudFormation's `AWS::Events::Connection`.
";

/// The whole document.
#[must_use]
pub fn document() -> String {
    let mut text = HEAD.to_owned();
    let notes = Kind::ALL.iter().map(|kind| kind.about().note).filter(|note| !note.is_empty());
    for note in notes {
        let _ = write!(text, "\n- {note}");
    }
    text.push('\n');
    for (when, heading, after) in POLICIES {
        let _ = write!(text, "\n## {heading}\n\n```json\n{}```\n", policy(&of_any_stack(when)));
        if !after.is_empty() {
            let _ = write!(text, "\n{after}");
        }
    }
    text.push_str(STORED);
    text.push_str(NAMES);
    text.push_str(ALL_STACKS);
    text.push_str(UNCHECKED);
    text.push_str(
        "\n## How each kind is found, and how many there are\n\nThere is no state file: what a stack has is found by ",
    );
    text.push_str("names, marks, and what leads to it.\n\n| Kind | Is found | How many |\n|---|---|---|\n");
    for kind in Kind::ALL {
        let about = kind.about();
        let _ = writeln!(text, "| {} | {} | {} |", about.title, about.found, about.quota);
    }
    let _ = write!(text, "\n{SOURCES}");
    text
}

/// A policy as IAM takes it.
#[must_use]
pub fn policy(statements: &[AllowStatement]) -> String {
    let statements: Vec<String> = statements.iter().map(statement).collect();
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n", statements.join(",\n"))
}

fn statement(one: &AllowStatement) -> String {
    let mut lines = vec![
        "      \"Effect\": \"Allow\"".to_owned(),
        format!("      \"Action\": {}", list(&one.actions, 16)),
        format!("      \"Resource\": {}", list(&one.resources, 18)),
    ];
    if let Some((key, values)) = &one.condition {
        let values = list(values, WIDTH / 2);
        lines.push(format!("      \"Condition\": {{ \"StringEquals\": {{ \"{key}\": {values} }} }}"));
    }
    format!("    {{\n{}\n    }}", lines.join(",\n"))
}

/// Texts as JSON: one alone, several as a list, on one line if they fit behind what is `before` them.
fn list(texts: &[String], before: usize) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    if let [one] = &quoted[..] {
        return one.clone();
    }
    let line = quoted.join(", ");
    if before + line.len() + 3 <= WIDTH {
        return format!("[{line}]");
    }
    let mut lines = vec![String::new()];
    for (at, one) in quoted.iter().enumerate() {
        let one = if at + 1 < quoted.len() { format!("{one},") } else { one.clone() };
        match lines.last_mut() {
            Some(line) if !line.is_empty() && line.len() + one.len() + 9 <= WIDTH => {
                line.push(' ');
                line.push_str(&one);
            }
            Some(line) if line.is_empty() => line.push_str(&one),
            _ => lines.push(one),
        }
    }
    format!("[\n        {}\n      ]", lines.join("\n        "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the document when this is set.
    const WRITE: &str = "TRAILBELL_WRITE_DOCUMENTS";

    #[test]
    fn the_document_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");
        let text = document();
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(path, &text).expect("it is written");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == text, "docs/permissions.md is old: {WRITE}=1 cargo test --lib permissions");
    }

    #[test]
    fn every_policy_is_json_and_every_kind_says_what_it_needs() {
        for (when, ..) in POLICIES {
            let read: serde_json::Value = serde_json::from_str(&policy(&of_any_stack(when))).expect("JSON");
            assert!(read["Statement"].as_array().is_some_and(|all| !all.is_empty()), "{when:?}");
        }
        for kind in Kind::ALL {
            let about = kind.about();
            let has = |when| about.calls.iter().any(|calls| calls.when == when);
            assert!(has(When::Plan) && has(When::Apply) && has(When::Destroy), "{kind:?}");
            assert!(!about.found.is_empty() && !about.quota.is_empty(), "{kind:?}");
        }
    }
}
