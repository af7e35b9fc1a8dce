//! What pipelines do: `CloudFormation`, `CodePipeline`, Terraform. Much of it is a near miss of some alert.

use super::scene::{Caller, Scene};
use super::{Activity, monthly};

const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 terraform-provider-aws/6.14.1 aws-sdk-go-v2/1.39.2";

pub(super) fn activities() -> Vec<Activity> {
    vec![
        monthly("CloudFormation updates a stack", 400, cloudformation),
        monthly("CodePipeline runs", 1_500, pipeline),
        monthly("Terraform plans", 600, |scene| {
            let caller = terraform();
            for _ in 0..40 {
                terraform_read(scene, &caller);
            }
        }),
        monthly("Terraform applies", 250, |scene| {
            let caller = terraform();
            for _ in 0..15 {
                terraform_read(scene, &caller);
            }
            for _ in 0..=scene.below(8) {
                terraform_write(scene, &caller);
            }
        }),
        // A new environment, and an old one taken down.
        monthly("Terraform builds a network", 4, |scene| {
            let caller = terraform();
            for name in [
                "CreateVpc",
                "CreateSubnet",
                "CreateInternetGateway",
                "AttachInternetGateway",
                "CreateRouteTable",
                "CreateRoute",
                "CreateNetworkAclEntry",
                "CreateFlowLogs",
            ] {
                scene.write(&caller, "ec2", name, "");
            }
        }),
        monthly("Terraform creates an OIDC provider", 1, |scene| {
            scene.write(&terraform(), "iam", "CreateOpenIDConnectProvider", "{\"url\":\"https://oidc.example.com\"}");
        }),
        monthly("Terraform retires a key", 2, |scene| {
            scene.write(
                &terraform(),
                "kms",
                "ScheduleKeyDeletion",
                "{\"keyId\":\"alias/old\",\"pendingWindowInDays\":30}",
            );
        }),
    ]
}

pub(super) fn terraform() -> Caller {
    Caller::role("terraform", "github-actions", "198.51.100.200", TERRAFORM)
}

fn cloudformation(scene: &mut Scene) {
    let pipeline = Caller::role("deploy", "deploy", "198.51.100.201", "aws-cli/2.31.3");
    scene.write(&pipeline, "cloudformation", "CreateChangeSet", "{\"stackName\":\"orders\"}");
    scene.write(&pipeline, "cloudformation", "ExecuteChangeSet", "{\"stackName\":\"orders\"}");
    for _ in 0..6 {
        scene.read(&pipeline, "cloudformation", "DescribeStackEvents", "{\"stackName\":\"orders\"}");
    }
    // Without a role of its own CloudFormation uses the credentials of who started it, also those of a person.
    let caller = if scene.once_in(20) {
        Caller::through("AWSReservedSSO_PowerUser_0123456789abcdef", "erin", "cloudformation.amazonaws.com")
    } else {
        Caller::through("cloudformation", "AWSCloudFormation", "cloudformation.amazonaws.com")
    };
    let function = "{\"functionName\":\"orders\",\"publish\":false,\"dryRun\":false}";
    scene.write(&caller, "lambda", "UpdateFunctionCode20150331v2", function);
    let layers =
        "{\"functionName\":\"orders\",\"layers\":[\"arn:aws:lambda:us-east-1:210987654321:layer:telemetry:61\"]}";
    scene.write(&caller, "lambda", "UpdateFunctionConfiguration20150331v2", layers);
    let principal =
        scene.one(&["apigateway.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"]);
    let permission =
        format!("{{\"functionName\":\"orders\",\"action\":\"lambda:InvokeFunction\",\"principal\":\"{principal}\"}}");
    scene.write(&caller, "lambda", "AddPermission20150331v2", &permission);
    let role = "{\"roleName\":\"orders\",\"assumeRolePolicyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\
                \\\"Principal\\\":{\\\"Service\\\":\\\"lambda.amazonaws.com\\\"},\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}\"}";
    scene.write(&caller, "iam", "CreateRole", role);
    let policy = "{\"roleName\":\"orders\",\"policyName\":\"p\",\"policyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\
                  \\\"Allow\\\",\\\"Action\\\":[\\\"s3:GetObject\\\"],\\\"Resource\\\":\\\"*\\\"}]}\"}";
    scene.write(&caller, "iam", "PutRolePolicy", policy);
    let managed =
        scene.one(&["AWSLambdaBasicExecutionRole", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"]);
    let attached =
        format!("{{\"roleName\":\"orders\",\"policyArn\":\"arn:aws:iam::aws:policy/service-role/{managed}\"}}");
    scene.write(&caller, "iam", "AttachRolePolicy", &attached);
    for (service, name) in
        [("events", "PutRule"), ("events", "PutTargets"), ("logs", "PutRetentionPolicy"), ("ecs", "UpdateService")]
    {
        scene.write(&caller, service, name, "");
    }
    if scene.once_in(10) {
        scene.write(&caller, "s3", "CreateBucket", "{\"bucketName\":\"orders-uploads\"}");
        bucket_policy(scene, &caller);
    }
}

fn pipeline(scene: &mut Scene) {
    let caller =
        Caller::role("codepipeline", "1790000000000", "codepipeline.amazonaws.com", "codepipeline.amazonaws.com");
    scene.write(&caller, "codebuild", "StartBuild", "{\"projectName\":\"orders\"}");
    scene.read(&caller, "codebuild", "BatchGetBuilds", "");
    scene.write(&caller, "codedeploy", "CreateDeployment", "");
    let build = Caller::role("codebuild", "AWSCodeBuild", "198.51.100.202", "aws-cli/2.31.3");
    scene.read(&build, "ecr", "GetAuthorizationToken", "");
    for name in ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"] {
        scene.write(&build, "ecr", name, "{\"repositoryName\":\"orders\"}");
    }
    // Functions that are deployed without CloudFormation.
    if scene.once_in(3) {
        scene.write(
            &build,
            "lambda",
            "UpdateFunctionCode20150331v2",
            "{\"functionName\":\"reports\",\"publish\":true}",
        );
    }
}

fn terraform_read(scene: &mut Scene, caller: &Caller) {
    match scene.below(6) {
        0 => {
            let parameters = format!("{{\"attribute\":\"userData\",\"instanceId\":\"{}\"}}", scene.id("i"));
            scene.read(caller, "ec2", "DescribeInstanceAttribute", &parameters);
        }
        1 => scene.read(caller, "iam", "GetRole", "{\"roleName\":\"orders\"}"),
        2 => scene.read(caller, "s3", "GetBucketPolicy", "{\"bucketName\":\"orders\"}"),
        3 => scene.read(caller, "ec2", "DescribeSecurityGroups", ""),
        4 => scene.read(caller, "ssm", "GetParameter", "{\"name\":\"/orders/database\",\"withDecryption\":true}"),
        _ => scene.read(caller, "secretsmanager", "GetSecretValue", "{\"secretId\":\"orders/database\"}"),
    }
}

fn terraform_write(scene: &mut Scene, caller: &Caller) {
    match scene.below(16) {
        0 => {
            let principal = scene.one(&[
                "{\\\"Service\\\":\\\"ec2.amazonaws.com\\\"}",
                "{\\\"Federated\\\":\\\"arn:aws:iam::123456789012:oidc-provider/oidc.example.com\\\"}",
                "{\\\"AWS\\\":\\\"arn:aws:iam::123456789012:role/deploy\\\"}",
            ]);
            let name = scene.one(&["UpdateAssumeRolePolicy", "CreateRole"]);
            let field = if name == "CreateRole" { "assumeRolePolicyDocument" } else { "policyDocument" };
            let document = format!("{{\"roleName\":\"orders\",\"{field}\":\"{{\\\"Statement\\\":[{{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{principal},\\\"Action\\\":\\\"sts:AssumeRole\\\"}}]}}\"}}");
            scene.write(caller, "iam", name, &document);
        }
        1 => security_group(scene, caller),
        2 => bucket_policy(scene, caller),
        3 => {
            let days = scene.one(&["14", "30", "60", "90", "365"]);
            let rule = format!("{{\"bucketName\":\"orders\",\"lifecycle\":\"\",\"LifecycleConfiguration\":{{\"Rule\":{{\"ID\":\"old\",\"Status\":\"Enabled\",\"Expiration\":{{\"Days\":{days}}}}}}}}}");
            scene.write(caller, "s3", "PutBucketLifecycle", &rule);
        }
        4 => {
            let block = "{\"bucketName\":\"orders\",\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":true,\
                         \"IgnorePublicAcls\":true,\"BlockPublicPolicy\":true,\"RestrictPublicBuckets\":true}}";
            scene.write(caller, "s3", "PutBucketPublicAccessBlock", block);
        }
        5 => {
            let attribute = "{\"instanceId\":\"i-0123456789abcdef0\",\"disableApiTermination\":{\"value\":true}}";
            scene.write(caller, "ec2", "ModifyInstanceAttribute", attribute);
        }
        6 => scene.write(caller, "iam", "CreatePolicyVersion", "{\"setAsDefault\":true,\"policyDocument\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"}"),
        7 => scene.write(caller, "lambda", "UpdateFunctionConfiguration20150331v2", "{\"functionName\":\"reports\",\"layers\":[\"arn:aws:lambda:us-east-1:210987654321:layer:telemetry:61\"]}"),
        8 => scene.write(caller, "kms", "PutKeyPolicy", "{\"keyId\":\"alias/orders\",\"policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"arn:aws:iam::123456789012:root\\\"},\\\"Action\\\":\\\"kms:*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"}"),
        9 => scene.write(caller, "rds", "ModifyDBInstance", "{\"dBInstanceIdentifier\":\"orders\",\"allocatedStorage\":200,\"publiclyAccessible\":false}"),
        10 => scene.write(caller, "sqs", "SetQueueAttributes", "{\"attributes\":{\"Policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"events.amazonaws.com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\"}]}\"}}"),
        11 => scene.write(caller, "s3", "DeleteBucket", "{\"bucketName\":\"orders-test\"}"),
        12 => scene.write(caller, "ecr", "SetRepositoryPolicy", "{\"policyText\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"arn:aws:iam::210987654321:root\\\"},\\\"Action\\\":\\\"ecr:BatchGetImage\\\"}]}\"}"),
        _ => {
            let (service, name) = [("route53", "ChangeResourceRecordSets"), ("monitoring", "PutMetricAlarm"), ("ec2", "CreateLaunchTemplateVersion"), ("autoscaling", "UpdateAutoScalingGroup")][scene.below(4) as usize];
            scene.write(caller, service, name, "");
        }
    }
}

/// A group of rules as applications need them: inside of the network, or the internet on the ports of the web.
fn security_group(scene: &mut Scene, caller: &Caller) {
    scene.write(caller, "ec2", "CreateSecurityGroup", "{\"groupName\":\"orders\"}");
    let rules = [
        ("443", "0.0.0.0/0"),
        ("80", "0.0.0.0/0"),
        ("5432", "10.0.0.0/8"),
        ("22", "10.0.0.0/8"),
        ("8080", "172.16.0.0/12"),
    ];
    let (port, range) = rules[scene.below(5) as usize];
    let rule = format!(
        "{{\"groupId\":\"sg-0123456789abcdef0\",\"ipPermissions\":{{\"items\":[{{\"ipProtocol\":\"tcp\",\"fromPort\":{port},\"toPort\":{port},\"ipRanges\":{{\"items\":[{{\"cidrIp\":\"{range}\"}}]}}}}]}}}}"
    );
    scene.write(caller, "ec2", "AuthorizeSecurityGroupIngress", &rule);
}

/// A policy that denies plain HTTP to everyone, and lets a role or a service in.
fn bucket_policy(scene: &mut Scene, caller: &Caller) {
    let principal = scene.one(&[
        "{\"AWS\":\"arn:aws:iam::123456789012:role/orders\"}",
        "{\"AWS\":[\"arn:aws:iam::210987654321:role/reader\",\"AROAEXAMPLEID12345678\"]}",
        "{\"Service\":\"cloudfront.amazonaws.com\"}",
        "{\"Service\":\"logging.s3.amazonaws.com\"}",
    ]);
    let policy = format!(
        "{{\"bucketName\":\"orders\",\"bucketPolicy\":{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\"}},{{\"Effect\":\"Allow\",\"Principal\":{principal},\"Action\":\"s3:GetObject\"}}]}}}}"
    );
    scene.write(caller, "s3", "PutBucketPolicy", &policy);
}
