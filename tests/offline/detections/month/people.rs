//! What people do: sign in, look around in the console and with the command line, open sessions, and change little.

use super::scene::{Caller, Scene};
use super::{Activity, monthly};

pub(super) fn activities() -> Vec<Activity> {
    vec![
        monthly("a person signs in", 900, sign_in),
        monthly("a person looks around in the console", 1_500, |scene| {
            let caller = Caller::person(scene, true);
            for _ in 0..30 {
                let (service, name) = LOOKS[scene.below(20) as usize];
                match scene.below(30) {
                    0 => scene.refused(&caller, service, name, ""),
                    _ => scene.read(&caller, service, name, ""),
                }
            }
        }),
        monthly("a person uses the command line", 800, |scene| {
            let caller = Caller::person(scene, false);
            scene.read(&caller, "sts", "GetCallerIdentity", "");
            for _ in 0..11 {
                let (service, name) = LOOKS[scene.below(16) as usize];
                scene.read(&caller, service, name, "");
            }
        }),
        monthly("an operator opens a session", 250, |scene| {
            let caller = Caller::person(scene, false);
            let target = format!("{{\"target\":\"{}\"}}", scene.id("i"));
            scene.write(&caller, "ssm", "StartSession", &target);
            scene.write(&caller, "ssm", "TerminateSession", "");
        }),
        monthly("a person changes something by hand", 150, |scene| {
            let caller = Caller::person(scene, true);
            let (service, name) = CHANGES[scene.below(10) as usize];
            scene.write(&caller, service, name, "");
        }),
        monthly("a person reads a secret", 40, |scene| {
            let caller = Caller::person(scene, true);
            scene.read(&caller, "secretsmanager", "GetSecretValue", "{\"secretId\":\"orders/database\"}");
        }),
        monthly("a person uses a model", 3_000, |scene| {
            let caller = Caller::person(scene, false);
            scene.read(&caller, "bedrock", "InvokeModel", "{\"modelId\":\"anthropic.claude-sonnet-4-20250514-v1:0\"}");
        }),
        monthly("a person opens Bedrock in the console", 10, |scene| {
            let caller = Caller::person(scene, true);
            scene.read(&caller, "bedrock", "ListFoundationModels", "");
            scene.read(&caller, "bedrock", "GetFoundationModelAvailability", "{\"modelId\":\"amazon.nova-pro-v1:0\"}");
        }),
        // A password typed wrong, and the last IAM user who signs in, with MFA.
        monthly("an IAM user signs in", 6, |scene| {
            let caller = Caller::user("breakglass", scene);
            if scene.once_in(3) {
                login(scene, &caller, "Failure", "No", ",\"errorMessage\":\"Failed authentication\"");
            }
            login(scene, &caller, "Success", "Yes", "");
        }),
        // Programs that cannot assume a role yet.
        monthly("an IAM user of a program reads", 2_000, |scene| {
            let caller = Caller::user("legacy-export", scene);
            scene.read(&caller, "s3", "ListBuckets", "");
            scene.read(&caller, "sts", "GetCallerIdentity", "");
        }),
    ]
}

/// The records of a sign-in through Identity Center; the one in the console says that no MFA was used.
fn sign_in(scene: &mut Scene) {
    let caller = Caller::person(scene, true);
    for name in ["Authenticate", "Federate"] {
        scene.event(&caller, "sso", name, ",\"eventType\":\"AwsServiceEvent\"");
    }
    scene.read(&caller, "sso", "GetRoleCredentials", "");
    scene.read(&caller, "sts", "AssumeRoleWithSAML", "");
    if scene.once_in(2) {
        login(scene, &caller, "Success", "No", "");
    }
}

pub(super) fn login(scene: &mut Scene, caller: &Caller, outcome: &str, mfa: &str, error: &str) {
    let rest = format!(
        "{error},\"requestParameters\":null,\"responseElements\":{{\"ConsoleLogin\":\"{outcome}\"}},\
         \"additionalEventData\":{{\"MobileVersion\":\"No\",\"MFAUsed\":\"{mfa}\"}},\"eventType\":\"AwsConsoleSignIn\""
    );
    scene.event(caller, "signin", "ConsoleLogin", &rest);
}

/// What people look at; the last four are pages of the console only.
const LOOKS: [(&str, &str); 20] = [
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeSecurityGroups"),
    ("logs", "DescribeLogGroups"),
    ("logs", "GetQueryResults"),
    ("monitoring", "GetMetricData"),
    ("lambda", "ListFunctions20150331"),
    ("lambda", "GetFunction20150331v2"),
    ("s3", "ListBuckets"),
    ("iam", "ListRoles"),
    ("iam", "ListUsers"),
    ("iam", "GetAccountSummary"),
    ("rds", "DescribeDBInstances"),
    ("ecs", "DescribeServices"),
    ("cloudtrail", "LookupEvents"),
    ("cloudformation", "DescribeStacks"),
    ("ssm", "DescribeInstanceInformation"),
    ("health", "DescribeEventAggregates"),
    ("ce", "GetCostAndUsage"),
    ("notifications", "ListNotificationHubs"),
    ("signin", "GetSigninToken"),
];

const CHANGES: [(&str, &str); 10] = [
    ("ec2", "StartInstances"),
    ("ec2", "StopInstances"),
    ("ec2", "RebootInstances"),
    ("ec2", "CreateTags"),
    ("ecs", "UpdateService"),
    ("rds", "RebootDBInstance"),
    ("autoscaling", "SetDesiredCapacity"),
    ("monitoring", "PutMetricAlarm"),
    ("logs", "StartQuery"),
    ("lambda", "Invoke"),
];
