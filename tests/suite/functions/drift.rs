//! Every change made by hand is shown by a plan and repaired by the next apply.

use serde_json::{Value, json};
use trailbell::resource::{FunctionNames, Permission};

use super::{
    FUNCTION, GROUP, THEIRS, add_permission, code, desired, filter_of, groups, lambda, logs, remove_permission,
};
use crate::support::inside::{Inside, on_both};

/// A change made by hand, and the drift that a plan must show; the last says which emulator cannot show it.
type Line = (&'static str, fn(&Inside), &'static [&'static str], &'static str);

fn configure(world: &Inside, body: &Value) {
    lambda(world, "PUT", &format!("/2015-03-31/functions/{FUNCTION}/configuration"), body);
}

fn sid_for_logs(world: &Inside) -> String {
    let names = FunctionNames::new(&world.scope, "slack");
    Permission::for_log_group(&world.scope, &names, THEIRS).name
}

const LINES: &[Line] = &[
    ("nothing", |_| {}, &[], ""),
    (
        "function: description",
        |w| configure(w, &json!({ "Description": "edited" })),
        &["update function.slack: description"],
        "",
    ),
    ("function: timeout", |w| configure(w, &json!({ "Timeout": 3 })), &["update function.slack: timeout"], ""),
    ("function: memory", |w| configure(w, &json!({ "MemorySize": 512 })), &["update function.slack: memory_size"], ""),
    (
        "function: handler",
        |w| configure(w, &json!({ "Handler": "theirs.run" })),
        &["update function.slack: handler"],
        "",
    ),
    (
        "function: runtime",
        |w| configure(w, &json!({ "Runtime": "nodejs20.x" })),
        &["update function.slack: runtime"],
        "",
    ),
    (
        "function: environment",
        |w| configure(w, &json!({ "Environment": { "Variables": { "STACK": "theirs" } } })),
        &["update function.slack: environment"],
        "",
    ),
    (
        "function: role",
        |w| configure(w, &json!({ "Role": format!("arn:aws:iam::{}:role/theirs", w.account.id) })),
        &["update function.slack: role"],
        "",
    ),
    (
        "function: code",
        |w| {
            let zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";
            lambda(w, "PUT", &format!("/2015-03-31/functions/{FUNCTION}/code"), &json!({ "ZipFile": zip }));
        },
        &["update function.slack: code_sha256"],
        "",
    ),
    (
        "function: silenced",
        |w| {
            let path = format!("/2017-10-31/functions/{FUNCTION}/concurrency");
            lambda(w, "PUT", &path, &json!({ "ReservedConcurrentExecutions": 0 }));
        },
        &["update function.slack: reserved_concurrency"],
        // moto does not show a zero.
        "moto",
    ),
    (
        "function: tag",
        |w| {
            let arn = w.scope.function_arn(FUNCTION);
            lambda(w, "DELETE", &format!("/2017-03-31/tags/{arn}?tagKeys=trailbell:stack"), &Value::Null);
        },
        &["update function.slack: tags"],
        "",
    ),
    (
        "function: deleted",
        |w| drop(lambda(w, "DELETE", &format!("/2015-03-31/functions/{FUNCTION}"), &Value::Null)),
        &[
            "create function.slack: ",
            "create permission.slack/logs-2d6b6dd362fe: ",
            "create permission.slack/rules: ",
            "update subscription_filter.root-login@/theirs/trail: destination_arn",
            "update target.root-login/function-slack: arn",
        ],
        "",
    ),
    (
        "permission: removed",
        |w| remove_permission(w, &sid_for_logs(w)),
        &["create permission.slack/logs-2d6b6dd362fe: "],
        "",
    ),
    (
        "permission: for everybody",
        |w| {
            remove_permission(w, &sid_for_logs(w));
            add_permission(w, &sid_for_logs(w), "logs.amazonaws.com");
        },
        &["replace permission.slack/logs-2d6b6dd362fe: source_arn, source_account"],
        "",
    ),
    (
        "log group: retention",
        |w| drop(logs(w, "PutRetentionPolicy", &json!({ "logGroupName": GROUP, "retentionInDays": 1 }))),
        &["update log_group.slack: retention_in_days"],
        "",
    ),
    (
        "log group: kept for ever",
        |w| drop(logs(w, "DeleteRetentionPolicy", &json!({ "logGroupName": GROUP }))),
        &["update log_group.slack: retention_in_days"],
        "",
    ),
    (
        "log group: tag",
        |w| {
            let body = json!({ "resourceArn": w.scope.log_group_arn(GROUP), "tagKeys": ["trailbell:stack"] });
            logs(w, "UntagResource", &body);
        },
        &["update log_group.slack: tags"],
        "",
    ),
    (
        "log group: deleted",
        |w| drop(logs(w, "DeleteLogGroup", &json!({ "logGroupName": GROUP }))),
        &["create log_group.slack: "],
        "",
    ),
    (
        "filter: pattern",
        |w| {
            let mut filter = filter_of(w);
            let body = json!({ "logGroupName": THEIRS, "filterName": filter["filterName"].take(), "filterPattern": "theirs",
                "destinationArn": filter["destinationArn"].take() });
            logs(w, "PutSubscriptionFilter", &body);
        },
        &["update subscription_filter.root-login@/theirs/trail: filter_pattern"],
        "",
    ),
    (
        "filter: removed",
        |w| {
            let name = filter_of(w)["filterName"].clone();
            logs(w, "DeleteSubscriptionFilter", &json!({ "logGroupName": THEIRS, "filterName": name }));
        },
        &["create subscription_filter.root-login@/theirs/trail: "],
        "",
    ),
    (
        "role: policy",
        |w| {
            let role = "trailbell-sec_slack-function-us-east-1_role";
            let form = [("RoleName", role), ("PolicyName", "run-function")];
            assert_eq!(w.account.query("iam", "DeleteRolePolicy", &form).0, 200);
        },
        &["update role.slack-function: inline_policy"],
        "",
    ),
    (
        "role: deleted",
        |w| {
            let form = [("RoleName", "trailbell-sec_slack-function-us-east-1_role"), ("PolicyName", "run-function")];
            assert_eq!(w.account.query("iam", "DeleteRolePolicy", &form).0, 200);
            assert_eq!(w.account.query("iam", "DeleteRole", &form[..1]).0, 200);
        },
        &["create role.slack-function: "],
        "",
    ),
    (
        "target: removed",
        |w| {
            let body = json!({ "Rule": "trailbell-sec_root-login_rule", "Ids": ["function-slack"] });
            assert_eq!(w.account.json("events", "AWSEvents.RemoveTargets", &body).0, 200);
        },
        &["create target.root-login/function-slack: "],
        "",
    ),
];

#[test]
fn every_change_by_hand_is_shown_and_repaired() {
    on_both("functions::drift::every_change_by_hand_is_shown_and_repaired", |world| {
        groups(world, &[THEIRS]);
        let desired = desired(world, code("1"), &[THEIRS]);
        world.apply(&desired);
        let mut wrong = Vec::new();
        for (what, change, expected, lacking) in LINES {
            if *lacking == world.emulator {
                continue;
            }
            change(world);
            let changes = world.changes(&desired);
            if changes != *expected {
                wrong.push(format!("{what}: {changes:?}"));
            }
            world.apply(&desired);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        world.destroy();
    });
}
