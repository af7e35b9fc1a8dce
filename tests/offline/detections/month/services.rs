//! What AWS services and programs do by themselves: nine tenths of all records.

use super::scene::Caller;
use super::{Activity, monthly};

pub(super) fn activities() -> Vec<Activity> {
    [access(), readers(), workloads()].into_iter().flatten().collect()
}

fn access() -> Vec<Activity> {
    vec![
        // Each start of a function, task, or instance, and each hour of a running one, assumes a role.
        monthly("services assume roles", 190_000, |scene| {
            let service = scene.one(&["lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]);
            let role = scene.one(&["orders", "web-server", "reports", "billing"]);
            let caller = Caller::service(service);
            let role = format!("{{\"roleArn\":\"arn:aws:iam::123456789012:role/{role}\",\"roleSessionName\":\"s\"}}");
            scene.read(&caller, "sts", "AssumeRole", &role);
        }),
        monthly("workloads assume roles", 60_000, |scene| {
            let caller = Caller::role("eks-node", "node", "10.0.1.17", "aws-sdk-go-v2/1.36.3");
            let name = scene.one(&["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]);
            scene.read(&caller, "sts", name, "{\"roleArn\":\"arn:aws:iam::123456789012:role/app\"}");
        }),
        // S3, EBS, Secrets Manager, and others decrypt for their callers.
        monthly("services use keys", 215_000, |scene| {
            let service = scene.one(&["s3.amazonaws.com", "secretsmanager.amazonaws.com", "AWS Internal"]);
            let caller = Caller::through("orders", "task", service);
            let name = scene.one(&["Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]);
            scene.read(&caller, "kms", name, "{\"encryptionContext\":{\"aws:s3:arn\":\"arn:aws:s3:::orders\"}}");
        }),
        monthly("services create grants", 6_000, |scene| {
            let caller = Caller::through("AWSServiceRoleForAutoScaling", "AutoScaling", "autoscaling.amazonaws.com");
            let grant = "{\"keyId\":\"alias/ebs\",\"granteePrincipal\":\"arn:aws:iam::123456789012:role/aws-service-role/\
                         autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling\",\"operations\":[\"Decrypt\"]}";
            scene.write(&caller, "kms", "CreateGrant", grant);
            scene.write(&caller, "kms", "RetireGrant", "");
        }),
    ]
}

fn readers() -> Vec<Activity> {
    vec![
        monthly("AWS Config records", 60_000, |scene| {
            let caller = Caller::through("AWSServiceRoleForConfig", "AWSConfig-Describe", "config.amazonaws.com");
            let (service, name) = READS[scene.below(12) as usize];
            scene.read(&caller, service, name, "");
        }),
        // A scanner with SecurityAudit reads user data of instances, policies, and settings; some of it is refused.
        monthly("a scanner reads", 3_000, |scene| {
            let caller = Caller::role("security-scanner", "scan", "203.0.113.80", "Boto3/1.40.1 md/Botocore#1.40.1");
            for _ in 0..28 {
                let (service, name) = READS[scene.below(24) as usize];
                match scene.below(20) {
                    0 => scene.refused(&caller, service, name, ""),
                    1 => {
                        let id = scene.id("i");
                        let parameters = format!("{{\"attribute\":\"userData\",\"instanceId\":\"{id}\"}}");
                        scene.read(&caller, "ec2", "DescribeInstanceAttribute", &parameters);
                    }
                    2 => scene.read(&caller, "iam", iam_read(name), ""),
                    _ => scene.read(&caller, service, name, ""),
                }
            }
        }),
        monthly("monitoring reads", 80_000, |scene| {
            let caller = Caller::role("monitoring", "poll", "203.0.113.90", "aws-sdk-java/2.31");
            let (service, name) = READS[scene.below(10) as usize];
            scene.read(&caller, service, name, "");
        }),
        monthly("monitoring reads SES", 700, |scene| {
            let caller = Caller::role("monitoring", "poll", "203.0.113.90", "aws-sdk-java/2.31");
            let name = scene.one(&["GetSendQuota", "GetSendStatistics", "ListIdentities"]);
            scene.read(&caller, "ses", name, "");
        }),
    ]
}

fn workloads() -> Vec<Activity> {
    vec![
        monthly("log streams appear", 70_000, |scene| {
            let caller = Caller::role("reports", "reports", "10.0.2.9", "aws-lambda");
            scene.write(&caller, "logs", "CreateLogStream", "{\"logGroupName\":\"/aws/lambda/reports\"}");
        }),
        monthly("Auto Scaling replaces an instance", 1_500, |scene| {
            let caller = Caller::through("AWSServiceRoleForAutoScaling", "AutoScaling", "autoscaling.amazonaws.com");
            let run = "{\"instanceType\":\"m7g.large\",\"instancesSet\":{\"items\":[{\"minCount\":1,\"maxCount\":1}]}}";
            scene.write(&caller, "ec2", "RunInstances", run);
            let steps = ["CreateTags", "CreateNetworkInterface", "TerminateInstances", "DeleteNetworkInterface"];
            for name in steps {
                scene.write(&caller, "ec2", name, "");
            }
            scene.write(&caller, "elasticloadbalancing", "RegisterTargets", "");
            scene.write(&caller, "elasticloadbalancing", "DeregisterTargets", "");
            scene.read(&caller, "elasticloadbalancing", "DescribeTargetHealth", "");
        }),
        monthly("ECS runs a task", 7_000, |scene| {
            let caller = Caller::role("scheduler", "run", "10.0.3.4", "aws-sdk-go-v2/1.36.3");
            scene.write(&caller, "ecs", "RunTask", "{\"cluster\":\"jobs\",\"taskDefinition\":\"nightly:12\"}");
            let service = Caller::service("ecs.amazonaws.com");
            scene.write(&service, "ec2", "CreateNetworkInterface", "");
            scene.write(&service, "ec2", "DeleteNetworkInterface", "");
            let pull = Caller::role("ecsTaskExecutionRole", "pull", "10.0.3.5", "aws-sdk-go-v2/1.36.3");
            for name in ["GetAuthorizationToken", "BatchGetImage", "GetDownloadUrlForLayer"] {
                scene.read(&pull, "ecr", name, "");
            }
        }),
        monthly("workloads read secrets and parameters", 30_000, |scene| {
            let caller = Caller::role("orders", "task", "10.0.3.6", "aws-sdk-java/2.31");
            if scene.once_in(2) {
                scene.read(&caller, "secretsmanager", "GetSecretValue", "{\"secretId\":\"orders/database\"}");
            } else {
                let name = scene.one(&["GetParameter", "GetParameters", "GetParametersByPath"]);
                scene.read(&caller, "ssm", name, "{\"withDecryption\":true}");
            }
        }),
        monthly("a workload invokes a model", 5_000, |scene| {
            let caller = Caller::role("assistant", "task", "10.0.3.7", "aws-sdk-java/2.31");
            scene.read(&caller, "bedrock", "InvokeModel", "{\"modelId\":\"anthropic.claude-sonnet-4-20250514-v1:0\"}");
        }),
        monthly("a backup is made", 900, |scene| {
            let caller = Caller::through("AWSBackupDefaultServiceRole", "AWSBackup", "backup.amazonaws.com");
            let backup = Caller::service("backup.amazonaws.com");
            scene.event(&backup, "backup", "BackupJobStarted", ",\"eventType\":\"AwsServiceEvent\"");
            for name in ["CreateSnapshot", "CreateTags", "DeleteSnapshot"] {
                scene.write(&caller, "ec2", name, "");
            }
            scene.event(&backup, "backup", "RecoveryPointDeleted", ",\"eventType\":\"AwsServiceEvent\"");
        }),
        monthly("images grow old", 25, |scene| {
            let caller = Caller::through("AWSDataLifecycleManagerDefaultRole", "dlm", "dlm.amazonaws.com");
            scene.write(&caller, "ec2", "DeregisterImage", "{\"imageId\":\"ami-0123456789abcdef0\"}");
            scene.write(&caller, "ec2", "DeleteSnapshot", "");
        }),
        monthly("agents of Systems Manager report", 30_000, |scene| {
            let caller = Caller::instance("web-server", scene);
            let name = scene.one(&["UpdateInstanceInformation", "PutInventory", "PutComplianceItems"]);
            scene.write(&caller, "ssm", name, "");
        }),
        monthly("instances are patched", 60, |scene| {
            let caller = Caller::through("maintenance", "window", "ssm.amazonaws.com");
            scene.write(&caller, "ssm", "SendCommand", "{\"documentName\":\"AWS-RunPatchBaseline\"}");
        }),
        // A build server on an instance plans Terraform, which reads roles and policies.
        monthly("a build server reads", 500, |scene| {
            let caller = Caller::instance("build-server", scene);
            for name in ["GetRole", "ListRoles", "GetPolicyVersion", "ListAttachedRolePolicies", "GetInstanceProfile"] {
                scene.read(&caller, "iam", name, "");
            }
        }),
    ]
}

/// Reading calls; the first ten are of monitoring, the first twelve of inventory.
const READS: [(&str, &str); 24] = [
    ("monitoring", "GetMetricData"),
    ("monitoring", "DescribeAlarms"),
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeVolumes"),
    ("rds", "DescribeDBInstances"),
    ("elasticloadbalancing", "DescribeLoadBalancers"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("ecs", "DescribeServices"),
    ("lambda", "ListFunctions20150331"),
    ("tagging", "GetResources"),
    ("ec2", "DescribeSecurityGroups"),
    ("s3", "GetBucketPolicy"),
    ("s3", "GetBucketAcl"),
    ("s3", "GetBucketLifecycle"),
    ("ec2", "DescribeSnapshotAttribute"),
    ("ec2", "DescribeImageAttribute"),
    ("ec2", "DescribeFlowLogs"),
    ("rds", "DescribeDBSnapshotAttributes"),
    ("cloudtrail", "GetTrailStatus"),
    ("cloudtrail", "GetEventSelectors"),
    ("guardduty", "ListDetectors"),
    ("kms", "GetKeyPolicy"),
    ("lambda", "GetPolicy20150331v2"),
    ("bedrock", "ListFoundationModels"),
];

/// What a scanner reads of IAM, chosen by another name so that the same seed gives the same calls.
fn iam_read(other: &str) -> &'static str {
    match other.len() % 4 {
        0 => "GetAccountAuthorizationDetails",
        1 => "ListUsers",
        2 => "ListAccessKeys",
        _ => "GetCredentialReport",
    }
}
