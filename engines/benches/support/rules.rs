//! The rule sets of the benchmark: event patterns as JSON text, each set in two variants.
//!
//! The full variant uses what EventBridge offers. The plain variant keeps to what quamina 0.7 understands as well, so
//! that both engines can be measured on the very same rules.

use super::catalogue::{SERVICES, Service, is_read_only};
use super::generator::API_CALL;
use super::json::JsonWriter;
use super::random::Random;

/// The largest generated set.
pub(crate) const THOUSAND: usize = 1000;

const STOP_LOGGING: &str = r#"{"source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
    "eventSource":["cloudtrail.amazonaws.com"],"eventName":["StopLogging"]}}"#;

/// A rule, and a similar one for engines which refuse it.
struct Alert {
    full: &'static str,
    plain: Option<&'static str>,
}

const ALERTS: &[Alert] = &[
    // The root user acts in person.
    Alert {
        full: r#"{"detail-type":["AWS API Call via CloudTrail","AWS Console Sign In via CloudTrail"],"detail":{
            "userIdentity":{"type":["Root"],"invokedBy":[{"exists":false}]},
            "eventType":[{"anything-but":"AwsServiceEvent"}]}}"#,
        plain: None,
    },
    // Someone signs in to the console without a second factor.
    Alert {
        full: r#"{"source":["aws.signin"],"detail-type":["AWS Console Sign In via CloudTrail"],"detail":{
            "eventName":["ConsoleLogin"],"additionalEventData":{"MFAUsed":[{"anything-but":"Yes"}]},
            "responseElements":{"ConsoleLogin":["Success"]}}}"#,
        plain: None,
    },
    // Calls are refused.
    Alert {
        full: r#"{"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "errorCode":[{"prefix":"AccessDenied"},{"suffix":"UnauthorizedOperation"}],
            "sourceIPAddress":[{"anything-but":{"suffix":".amazonaws.com"}}]}}"#,
        plain: Some(
            r#"{"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "errorCode":[{"prefix":"AccessDenied"},{"suffix":"UnauthorizedOperation"}],
            "sourceIPAddress":[{"anything-but":["AWS Internal","config.amazonaws.com"]}]}}"#,
        ),
    },
    // The trail itself is changed.
    Alert {
        full: r#"{"source":["aws.cloudtrail"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["cloudtrail.amazonaws.com"],
            "eventName":["StopLogging","DeleteTrail","UpdateTrail","PutEventSelectors","CreateTrail"]}}"#,
        plain: None,
    },
    // Permissions change.
    Alert {
        full: r#"{"source":["aws.iam"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["iam.amazonaws.com"],"eventName":["AttachUserPolicy","AttachRolePolicy","AttachGroupPolicy",
            "PutUserPolicy","PutRolePolicy","PutGroupPolicy","DeleteUserPolicy","DeleteRolePolicy","DetachUserPolicy",
            "CreatePolicy","CreatePolicyVersion","DeletePolicy","DeactivateMFADevice"],
            "errorCode":[{"exists":false}]}}"#,
        plain: None,
    },
    // Keys are disabled, or deleted soon.
    Alert {
        full: r#"{"source":["aws.kms"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["kms.amazonaws.com"],"$or":[{"eventName":["DisableKey"]},
            {"eventName":["ScheduleKeyDeletion"],
            "requestParameters":{"pendingWindowInDays":[{"numeric":["<",15]}]}}]}}"#,
        plain: Some(
            r#"{"source":["aws.kms"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["kms.amazonaws.com"],"eventName":["ScheduleKeyDeletion"],
            "requestParameters":{"pendingWindowInDays":[{"numeric":["<",15]}]}}}"#,
        ),
    },
    // Buckets are opened, except where people may try things out.
    Alert {
        full: r#"{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["s3.amazonaws.com"],"eventName":["PutBucketPolicy","DeleteBucketPolicy","PutBucketAcl",
            "PutBucketPublicAccessBlock","DeleteBucketPublicAccessBlock","PutBucketCors"],
            "requestParameters":{"bucketName":[{"anything-but":{"prefix":["sandbox-","dev-"]}}]}}}"#,
        plain: Some(
            r#"{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["s3.amazonaws.com"],"eventName":["PutBucketPolicy","DeleteBucketPolicy","PutBucketAcl",
            "PutBucketPublicAccessBlock","DeleteBucketPublicAccessBlock","PutBucketCors"],
            "requestParameters":{"bucketName":[{"prefix":"prod-"},{"prefix":"staging-"}]}}}"#,
        ),
    },
    // A port for administration is opened to the world.
    Alert {
        full: r#"{"source":["aws.ec2"],"detail":{"eventName":["AuthorizeSecurityGroupIngress"],
            "requestParameters":{"ipPermissions":{"items":{"$or":[
            {"fromPort":[{"numeric":[">=",22,"<=",3389]}],"ipRanges":{"items":{"cidrIp":["0.0.0.0/0"]}}},
            {"ipv6Ranges":{"items":{"cidrIpv6":["::/0"]}}}]}}}}}"#,
        plain: Some(
            r#"{"source":["aws.ec2"],"detail":{"eventName":["AuthorizeSecurityGroupIngress"],
            "requestParameters":{"ipPermissions":{"items":{"fromPort":[{"numeric":[">=",22,"<=",3389]}],
            "ipRanges":{"items":{"cidrIp":["0.0.0.0/0"]}}}}}}}"#,
        ),
    },
    // The recorder of the configuration is stopped.
    Alert {
        full: r#"{"source":["aws.config"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventSource":["config.amazonaws.com"],"eventName":["StopConfigurationRecorder","DeleteDeliveryChannel",
            "PutDeliveryChannel","PutConfigurationRecorder","DeleteConfigurationRecorder"]}}"#,
        plain: None,
    },
    // The detection of threats is weakened.
    Alert {
        full: r#"{"source":["aws.guardduty","aws.securityhub"],
            "detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventName":["DeleteDetector","UpdateDetector","ArchiveFindings","CreateIPSet","DisableSecurityHub",
            "BatchDisableStandards","DisassociateFromMasterAccount"]}}"#,
        plain: None,
    },
    // A person, not a role, changes the organization.
    Alert {
        full: r#"{"source":["aws.organizations"],"detail-type":["AWS API Call via CloudTrail"],"detail":{
            "eventName":["AttachPolicy","CreateAccount","InviteAccountToOrganization","LeaveOrganization"],
            "userIdentity":{"arn":[{"wildcard":"arn:aws:iam::*:user/*"},{"wildcard":"arn:aws:iam::*:root"}]}}}"#,
        plain: None,
    },
    // Calls which change something come from networks known to be hostile.
    Alert {
        full: r#"{"detail-type":["AWS API Call via CloudTrail"],"detail":{"readOnly":[false],
            "sourceIPAddress":[{"cidr":"198.51.100.0/26"},{"cidr":"2001:db8:bad::/48"}]}}"#,
        plain: None,
    },
    // A script makes itself credentials.
    Alert {
        full: r#"{"source":["aws.iam"],"detail":{"eventName":["CreateAccessKey","CreateUser","CreateLoginProfile"],
            "userAgent":[{"prefix":{"equals-ignore-case":"PYTHON-requests/"}},{"wildcard":"*Terraform*"}]}}"#,
        plain: Some(
            r#"{"source":["aws.iam"],"detail":{"eventName":["CreateAccessKey","CreateUser","CreateLoginProfile"],
            "userAgent":[{"prefix":"python-requests/"},{"wildcard":"*Terraform*"}]}}"#,
        ),
    },
    // An administrator reads a secret without a second factor.
    Alert {
        full: r#"{"source":["aws.secretsmanager"],"detail":{"eventName":["GetSecretValue"],
            "userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":["false"]},
            "sessionIssuer":{"userName":[{"equals-ignore-case":"administratoraccess"}]}}}}}"#,
        plain: None,
    },
    // A snapshot is shared with everyone or with another account.
    Alert {
        full: r#"{"source":["aws.ec2","aws.rds"],"detail":{
            "eventName":["ModifySnapshotAttribute","ModifyDBSnapshotAttribute"],"$or":[
            {"requestParameters":{"createVolumePermission":{"add":{"items":{"group":["all"]}}}}},
            {"requestParameters":{"createVolumePermission":{"add":{"items":{"userId":[{"exists":true}]}}}}}]}}"#,
        plain: Some(
            r#"{"source":["aws.ec2","aws.rds"],"detail":{
            "eventName":["ModifySnapshotAttribute","ModifyDBSnapshotAttribute"],
            "requestParameters":{"createVolumePermission":{"add":{"items":{"group":["all"]}}}}}}"#,
        ),
    },
];

/// One rule: someone stops a trail.
pub(crate) fn one() -> Vec<String> {
    vec![STOP_LOGGING.to_owned()]
}

/// Everyone understands the single rule, hence this is the same set.
pub(crate) fn one_plain() -> Vec<String> {
    one()
}

/// Alerts in the style of the CIS AWS Foundations Benchmark.
pub(crate) fn fifteen() -> Vec<String> {
    ALERTS.iter().map(|alert| alert.full.to_owned()).collect()
}

pub(crate) fn fifteen_plain() -> Vec<String> {
    ALERTS.iter().map(|alert| alert.plain.unwrap_or(alert.full).to_owned()).collect()
}

/// A large generated set, as a company with many teams might have it.
pub(crate) fn thousand(seed: u64) -> Vec<String> {
    generate(seed, &FULL_CONDITIONS)
}

/// The same rules as `thousand` but for the further conditions.
pub(crate) fn thousand_plain(seed: u64) -> Vec<String> {
    generate(seed, &PLAIN_CONDITIONS)
}

type Condition = fn(&mut JsonWriter, &mut Random, &'static Service);

const FULL_CONDITIONS: [Condition; 8] =
    [role_arn, person_arn, resource, not_sandbox, refused, not_service_address, network, either];
const PLAIN_CONDITIONS: [Condition; 8] =
    [role_arn, person_arn, resource, resource, refused, not_internal_address, network, resource];

fn generate(seed: u64, conditions: &[Condition]) -> Vec<String> {
    // A generator per rule keeps the rules of both variants alike whatever their conditions draw.
    (0..THOUSAND).map(|index| rule(&mut Random::new(seed ^ ((index as u64) << 32)), index, conditions)).collect()
}

fn rule(random: &mut Random, index: usize, conditions: &[Condition]) -> String {
    let service = &SERVICES[random.below(SERVICES.len())];
    let names = event_names(random, service);
    JsonWriter::document(|json| {
        json.strings("source", &[service.source()]);
        json.strings("detail-type", &[API_CALL]);
        json.object("detail", |json| {
            json.strings("eventSource", &[service.host()]);
            json.strings("eventName", &names);
            if index.is_multiple_of(3) {
                random.pick(conditions)(json, random, service);
            }
        });
    })
}

/// Alerts watch changes, most of which are of a kind that does not occur on a given day.
fn event_names(random: &mut Random, service: &Service) -> Vec<String> {
    let changes: Vec<&str> = service.events.iter().copied().filter(|event| !is_read_only(event)).collect();
    let count = 1 + random.below(6);
    let mut names: Vec<String> = (0..count).map(|_| rare_event_name(random)).collect();
    if random.chance(40) && !changes.is_empty() {
        random.pick(&changes).clone_into(&mut names[0]);
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn rare_event_name(random: &mut Random) -> String {
    const VERBS: &[&str] = &["Create", "Delete", "Put", "Update", "Attach", "Detach", "Disable", "Modify", "Revoke"];
    const NOUNS: &[&str] = &["Gateway", "Grant", "Profile", "Policy", "Endpoint", "Peering", "Replica", "Permission"];
    const SUFFIXES: &[&str] = &["", "", "Set", "Version", "Attachment", "Configuration"];
    format!("{}{}{}", random.pick(VERBS), random.pick(NOUNS), random.pick(SUFFIXES))
}

fn role_arn(json: &mut JsonWriter, random: &mut Random, _: &'static Service) {
    let role = random.pick(&["AdministratorAccess/", "DeployPipeline/", "DataEngineer/"]);
    let account = random.pick(&["111122223333", "123456789012", "210987654321"]);
    operator(json, "userIdentity", "arn", "prefix", &format!("arn:aws:sts::{account}:assumed-role/{role}"));
}

fn person_arn(json: &mut JsonWriter, random: &mut Random, _: &'static Service) {
    let user = random.pick(&["alice", "bob", "carol.admin", "zoe", "*"]);
    operator(json, "userIdentity", "arn", "wildcard", &format!("arn:aws:iam::*:user/{user}"));
}

fn resource(json: &mut JsonWriter, random: &mut Random, service: &'static Service) {
    operator(
        json,
        "requestParameters",
        service.parameter,
        "prefix",
        random.pick(&["prod-", "staging-", "prod-audit-"]),
    );
}

fn not_sandbox(json: &mut JsonWriter, random: &mut Random, service: &'static Service) {
    let prefix = random.pick(&["sandbox-", "dev-"]);
    let condition = format!(r#"[{{"anything-but":{{"prefix":"{prefix}"}}}}]"#);
    json.object("requestParameters", |json| json.raw(service.parameter, condition));
}

fn refused(json: &mut JsonWriter, random: &mut Random, _: &'static Service) {
    let condition = random.pick(&[r#"{"prefix":"AccessDenied"}"#, r#"{"exists":true}"#, r#"{"exists":false}"#]);
    json.raw("errorCode", format!("[{condition}]"));
}

fn not_service_address(json: &mut JsonWriter, _: &mut Random, _: &'static Service) {
    json.raw("sourceIPAddress", r#"[{"anything-but":{"suffix":".amazonaws.com"}}]"#);
}

fn not_internal_address(json: &mut JsonWriter, _: &mut Random, _: &'static Service) {
    json.raw("sourceIPAddress", r#"[{"anything-but":["AWS Internal","config.amazonaws.com"]}]"#);
}

fn network(json: &mut JsonWriter, random: &mut Random, _: &'static Service) {
    let network = random.pick(&["10.0.0.0/8", "203.0.113.0/24", "198.51.100.0/25", "2001:db8::/32"]);
    json.raw("sourceIPAddress", format!(r#"[{{"cidr":"{network}"}}]"#));
}

fn either(json: &mut JsonWriter, _: &mut Random, _: &'static Service) {
    json.raw("$or", r#"[{"userIdentity":{"type":["Root"]}},{"errorCode":[{"suffix":"Exception"}]}]"#);
}

/// Writes a condition on a member of an object of the detail.
fn operator(json: &mut JsonWriter, object: &str, member: &str, operator: &str, operand: &str) {
    json.object(object, |json| json.array(member, |json| json.item(|json| json.string(operator, operand))));
}
