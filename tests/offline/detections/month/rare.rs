//! Planned work that alerts of the default pack are about. It fires them, and rightly: these are the messages of a month without
//! an attack.
//!
//! How often each happens decides how often the pack fires. The numbers are estimates for the account of the module above,
//! in a hundred months, with their reason. An account in which one of these is routine suppresses the role that does it.

use super::Activity;
use super::deployments::terraform;
use super::people::login;
use super::scene::{Caller, Scene};

const fn in_hundred_months(name: &'static str, count: u32, act: fn(&mut Scene)) -> Activity {
    Activity { name, per_hundred_months: count, act }
}

pub(super) fn activities() -> Vec<Activity> {
    [identities(), computing(), data(), settings()].into_iter().flatten().collect()
}

fn identities() -> Vec<Activity> {
    vec![
        // Two keys of programs, renewed each quarter.
        in_hundred_months("the key of a program is renewed", 67, |scene| {
            let caller = Caller::person(scene, true);
            for name in ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"] {
                scene.write(&caller, "iam", name, "{\"userName\":\"legacy-export\"}");
            }
        }),
        // Once a year, for the user of emergencies.
        in_hundred_months("the password of an IAM user is changed", 8, |scene| {
            let caller = Caller::person(scene, true);
            scene.write(&caller, "iam", "UpdateLoginProfile", "{\"userName\":\"breakglass\"}");
        }),
        // CDK prepares a region, or Identity Center sets up a permission set again: two or three times a year.
        in_hundred_months("a service attaches an administrator policy", 20, |scene| {
            let caller = Caller::through("cloudformation", "AWSCloudFormation", "cloudformation.amazonaws.com");
            let policy = "{\"roleName\":\"cdk-exec\",\"policyArn\":\"arn:aws:iam::aws:policy/AdministratorAccess\"}";
            scene.write(&caller, "iam", "AttachRolePolicy", policy);
        }),
        // Access between accounts is set up a few times a year.
        in_hundred_months("Terraform lets an account assume a role", 40, |scene| {
            let policy = "{\"roleName\":\"reports\",\"policyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\
                          \\\"Principal\\\":{\\\"AWS\\\":\\\"arn:aws:iam::210987654321:root\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}\"}";
            scene.write(&terraform(), "iam", "UpdateAssumeRolePolicy", policy);
        }),
        // For what only root can do, twice a year.
        in_hundred_months("root signs in", 17, |scene| {
            let caller = Caller::root(scene);
            login(scene, &caller, "Success", "Yes", "");
        }),
    ]
}

fn computing() -> Vec<Activity> {
    vec![
        // Operators use sessions; a command on several instances at once is sent every few weeks.
        in_hundred_months("an operator sends a command", 80, |scene| {
            let caller = Caller::person(scene, false);
            scene.write(&caller, "ssm", "SendCommand", "{\"documentName\":\"AWS-RunShellScript\"}");
        }),
        // The few instances outside of groups.
        in_hundred_months("Terraform changes the user data of an instance", 20, |scene| {
            let change = "{\"instanceId\":\"i-0123456789abcdef0\",\"userData\":\"<sensitiveDataRemoved>\"}";
            scene.write(&terraform(), "ec2", "ModifyInstanceAttribute", change);
        }),
        // A fix at night, without the pipeline.
        in_hundred_months("a person changes a function", 70, |scene| {
            let caller = Caller::person(scene, true);
            scene.write(&caller, "lambda", "UpdateFunctionCode20150331v2", "{\"functionName\":\"reports\"}");
        }),
        in_hundred_months("another account may invoke a function", 20, |scene| {
            let permission = "{\"functionName\":\"reports\",\"principal\":\"210987654321\"}";
            scene.write(&terraform(), "lambda", "AddPermission20150331v2", permission);
        }),
        // The few Windows instances are built again twice a year.
        in_hundred_months("an administrator reads a Windows password", 17, |scene| {
            let caller = Caller::person(scene, true);
            scene.read(&caller, "ec2", "GetPasswordData", "{\"instanceId\":\"i-0123456789abcdef0\"}");
        }),
        in_hundred_months("an operator uses EC2 Instance Connect", 30, |scene| {
            let caller = Caller::person(scene, true);
            scene.write(
                &caller,
                "ec2-instance-connect",
                "SendSSHPublicKey",
                "{\"instanceId\":\"i-0123456789abcdef0\"}",
            );
        }),
        in_hundred_months("a person deregisters an image", 30, |scene| {
            let caller = Caller::person(scene, true);
            scene.write(&caller, "ec2", "DeregisterImage", "{\"imageId\":\"ami-0123456789abcdef0\"}");
        }),
        in_hundred_months("a person writes the startup script of a notebook", 17, |scene| {
            let caller = Caller::person(scene, true);
            scene.write(&caller, "sagemaker", "CreateNotebookInstanceLifecycleConfig", "");
        }),
    ]
}

fn data() -> Vec<Activity> {
    vec![
        // Images and snapshots are shared by the account that builds them, which is another one.
        in_hundred_months("an image is shared", 30, |scene| {
            let share = "{\"imageId\":\"ami-0123456789abcdef0\",\"launchPermission\":{\"add\":{\"items\":[{\"userId\":\"210987654321\"}]}}}";
            scene.write(&terraform(), "ec2", "ModifyImageAttribute", share);
        }),
        in_hundred_months("a snapshot is shared", 10, |scene| {
            let caller = Caller::person(scene, false);
            let share = "{\"snapshotId\":\"snap-0123456789abcdef0\",\"createVolumePermission\":{\"add\":{\"items\":[{\"userId\":\"210987654321\"}]}}}";
            scene.write(&caller, "ec2", "ModifySnapshotAttribute", share);
        }),
        in_hundred_months("a database snapshot is shared", 10, |scene| {
            let caller = Caller::person(scene, false);
            let share = "{\"dBSnapshotIdentifier\":\"orders\",\"attributeName\":\"restore\",\"valuesToAdd\":[\"210987654321\"]}";
            scene.write(&caller, "rds", "ModifyDBSnapshotAttribute", share);
        }),
        in_hundred_months("a bucket is shared with an account", 30, |scene| {
            let policy = "{\"bucketName\":\"reports\",\"bucketPolicy\":{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::210987654321:root\"}}]}}";
            scene.write(&terraform(), "s3", "PutBucketPolicy", policy);
        }),
        in_hundred_months("a bucket for a website is opened", 8, |scene| {
            let policy = "{\"bucketName\":\"www\",\"bucketPolicy\":{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\"}]}}";
            scene.write(&terraform(), "s3", "PutBucketPolicy", policy);
        }),
        // Buckets for results of queries and temporary files.
        in_hundred_months("objects of a bucket expire within a week", 60, |scene| {
            let rule = "{\"bucketName\":\"scratch\",\"LifecycleConfiguration\":{\"Rule\":{\"Status\":\"Enabled\",\"Expiration\":{\"Days\":7}}}}";
            scene.write(&terraform(), "s3", "PutBucketLifecycle", rule);
        }),
        in_hundred_months("a person reads secrets in bulk", 20, |scene| {
            let caller = Caller::person(scene, false);
            scene.read(&caller, "secretsmanager", "BatchGetSecretValue", "");
        }),
    ]
}

fn settings() -> Vec<Activity> {
    vec![
        in_hundred_months("a security group is opened for a test", 30, |scene| {
            let caller = Caller::person(scene, true);
            let rule = "{\"groupId\":\"sg-0123456789abcdef0\",\"ipPermissions\":{\"items\":[{\"ipProtocol\":\"tcp\",\"fromPort\":8443,\"toPort\":8443,\"ipRanges\":{\"items\":[{\"cidrIp\":\"0.0.0.0/0\"}]}}]}}";
            scene.write(&caller, "ec2", "AuthorizeSecurityGroupIngress", rule);
        }),
        // With the network of an old environment.
        in_hundred_months("flow logs are deleted", 10, |scene| {
            scene.write(&terraform(), "ec2", "DeleteFlowLogs", "");
            scene.write(&terraform(), "ec2", "DeleteVpc", "");
        }),
        in_hundred_months("a trail is changed", 8, |scene| {
            scene.write(&terraform(), "cloudtrail", "UpdateTrail", "{\"name\":\"organization-trail\"}");
        }),
        in_hundred_months("a large instance is over the quota", 10, |scene| {
            let caller = Caller::person(scene, false);
            scene.call(
                &caller,
                "ec2",
                "RunInstances",
                "{\"instanceType\":\"g6.xlarge\"}",
                false,
                super::scene::Outcome::Refused,
            );
        }),
    ]
}
