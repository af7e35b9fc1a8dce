//! A seeded generator of CloudTrail events in their EventBridge envelope, as one line of minified JSON each.

use super::catalogue::{SERVICES, Service, is_read_only};
use super::json::JsonWriter;
use super::parameters::{resource_name, write_request, write_response};
use super::random::{Random, Zipf};

pub(crate) const API_CALL: &str = "AWS API Call via CloudTrail";
pub(crate) const SIGN_IN: &str = "AWS Console Sign In via CloudTrail";

const ACCOUNTS: &[&str] = &["111122223333", "123456789012", "210987654321", "444455556666", "555566667777"];
// Repeated entries are more frequent ones.
const REGIONS: &[&str] = &["us-east-1", "us-east-1", "us-east-1", "eu-central-1", "eu-west-1", "ap-southeast-2"];
const USERS: &[&str] = &["alice", "bob", "carol.admin", "ci-deployer", "josé", "terraform", "王芳", "zoe"];
const ROLES: &[&str] =
    &["AdministratorAccess", "ReadOnly", "DeployPipeline", "eks-node", "DataEngineer", "lambda-exec"];
const SERVICE_PRINCIPALS: &[&str] = &["ec2.amazonaws.com", "autoscaling.amazonaws.com", "config.amazonaws.com"];
const USER_AGENTS: &[&str] = &[
    "aws-cli/2.15.30 Python/3.11.8 Linux/5.10.213-201.855.amzn2.x86_64 exe/x86_64.amzn.2 prompt/off command/ec2",
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#6.1.82 md/arch#x86_64 lang/python#3.12.2 cfg/retry-mode#legacy",
    "aws-sdk-go-v2/1.26.0 os/linux lang/go#1.22.1 md/GOOS#linux md/GOARCH#amd64 api/sts#1.28.5",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 (+https://www.terraform.io) terraform-provider-aws/5.42.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
    "aws-internal/3 aws-sdk-java/1.12.677 Linux/5.10.210 OpenJDK_64-Bit_Server_VM/25.402-b08 java/1.8.0_402",
    "Coral/Netty4",
    "python-requests/2.31.0",
    r#"[S3Console/0.4, "internal tool" v2 \ build 7]"#,
    "Sauvegarde-Intégrée/1.2 (Zürich – 東京)",
];
const ERRORS: &[(&str, &str)] = &[
    ("AccessDenied", "User is not authorized to perform this action because no identity-based policy allows it"),
    ("AccessDeniedException", "Explicit deny in a \"service control policy\""),
    ("Client.UnauthorizedOperation", "You are not authorized to perform this operation."),
    ("ThrottlingException", "Rate exceeded"),
    ("NoSuchEntityException", "The resource cannot be found."),
    ("ValidationException", "1 validation error detected: Value '' failed to satisfy constraint"),
];

/// An endless, reproducible sequence of events.
pub(crate) struct Generator {
    random: Random,
    services: Zipf,
    seconds: usize,
}

/// What several members of one event have to agree about.
struct Call {
    service: &'static Service,
    event: &'static str,
    identity: Identity,
    account: &'static str,
    region: &'static str,
    time: String,
    error: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    AssumedRole,
    User,
    Root,
    Service,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), services: Zipf::new(SERVICES.len()), seconds: 0 }
    }

    fn draw_call(&mut self) -> Call {
        self.seconds += self.random.below(3);
        let service = &SERVICES[self.services.sample(&mut self.random)];
        let event = service.events[Zipf::new(service.events.len()).sample(&mut self.random)];
        Call {
            service,
            event,
            identity: draw_identity(&mut self.random, event),
            account: self.random.pick(ACCOUNTS),
            region: self.random.pick(REGIONS),
            time: timestamp(self.seconds),
            error: if self.random.chance(8) { Some(self.random.pick(ERRORS)) } else { None },
        }
    }
}

impl Iterator for Generator {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let call = self.draw_call();
        let random = &mut self.random;
        Some(JsonWriter::document(|json| {
            json.string("version", "0");
            json.string("id", random.uuid());
            json.string("detail-type", detail_type(call.event));
            json.string("source", call.service.source());
            json.string("account", call.account);
            json.string("time", &call.time);
            json.string("region", call.region);
            json.array("resources", |_| {});
            json.object("detail", |json| write_detail(json, random, &call));
        }))
    }
}

/// Sign-ins reach EventBridge under a detail type of their own.
fn detail_type(event: &str) -> &'static str {
    if event == "ConsoleLogin" { SIGN_IN } else { API_CALL }
}

fn draw_identity(random: &mut Random, event: &str) -> Identity {
    match random.below(100) {
        0..2 => Identity::Root,
        // No one signs in to the console as a service or with a role session.
        _ if event == "ConsoleLogin" => Identity::User,
        2..40 => Identity::User,
        40..50 => Identity::Service,
        _ => Identity::AssumedRole,
    }
}

/// A moment in the first days of 2026; the sequence of 20,000 events is shorter than a month.
fn timestamp(seconds: usize) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", 5 + hours / 24 % 20, hours % 24, minutes % 60, seconds % 60)
}

fn write_detail(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    json.string("eventVersion", random.pick(&["1.08", "1.09", "1.11"]));
    json.object("userIdentity", |json| write_identity(json, random, call));
    json.string("eventTime", &call.time);
    json.string("eventSource", call.service.host());
    json.string("eventName", call.event);
    json.string("awsRegion", call.region);
    json.string("sourceIPAddress", draw_address(random, call.identity));
    json.string("userAgent", random.pick(USER_AGENTS));
    if let Some((code, message)) = call.error {
        json.string("errorCode", code);
        json.string("errorMessage", message);
    }
    write_request(json, random, call.service, call.event);
    write_response(json, random, call.event, call.error.is_some());
    write_additional_data(json, random, call.event);
    write_tail(json, random, call);
}

fn write_tail(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    let is_sign_in = call.event == "ConsoleLogin";
    json.string("requestID", random.uuid());
    json.string("eventID", random.uuid());
    json.raw("readOnly", is_read_only(call.event));
    json.string("eventType", if is_sign_in { "AwsConsoleSignIn" } else { "AwsApiCall" });
    json.raw("managementEvent", !call.event.ends_with("Object"));
    json.string("recipientAccountId", call.account);
    json.string("eventCategory", if call.event.ends_with("Object") { "Data" } else { "Management" });
    if call.identity != Identity::Service {
        json.object("tlsDetails", |json| write_tls_details(json, call));
    }
}

fn write_tls_details(json: &mut JsonWriter, call: &Call) {
    json.string("tlsVersion", "TLSv1.3");
    json.string("cipherSuite", "TLS_AES_128_GCM_SHA256");
    json.string("clientProvidedHostHeader", format!("{}.{}.amazonaws.com", call.service.name, call.region));
}

fn write_additional_data(json: &mut JsonWriter, random: &mut Random, event: &str) {
    if event == "ConsoleLogin" {
        json.object("additionalEventData", |json| {
            json.string("LoginTo", "https://console.aws.amazon.com/console/home?region=us-east-1&state=hashArgs%23");
            json.string("MobileVersion", "No");
            json.string("MFAUsed", if random.chance(80) { "Yes" } else { "No" });
        });
    }
}

fn write_identity(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    match call.identity {
        Identity::AssumedRole => write_assumed_role(json, random, call),
        Identity::User => write_user(json, random, call),
        Identity::Root => write_root(json, random, call),
        Identity::Service => {
            json.string("type", "AWSService");
            json.string("invokedBy", random.pick(SERVICE_PRINCIPALS));
        }
    }
}

fn write_assumed_role(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    let role = random.pick(ROLES);
    let role_id = format!("AROA{}", random.base32(17));
    let session =
        if random.chance(50) { random.pick(USERS).to_owned() } else { format!("i-0{}", random.hexadecimal(16)) };
    json.string("type", "AssumedRole");
    json.string("principalId", format!("{role_id}:{session}"));
    json.string("arn", format!("arn:aws:sts::{}:assumed-role/{role}/{session}", call.account));
    json.string("accountId", call.account);
    json.string("accessKeyId", format!("ASIA{}", random.base32(16)));
    json.object("sessionContext", |json| {
        json.object("sessionIssuer", |json| {
            json.string("type", "Role");
            json.string("principalId", &role_id);
            json.string("arn", format!("arn:aws:iam::{}:role/{role}", call.account));
            json.string("accountId", call.account);
            json.string("userName", role);
        });
        write_session_attributes(json, random, call);
    });
}

fn write_user(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    let name = random.pick(USERS);
    json.string("type", "IAMUser");
    json.string("principalId", format!("AIDA{}", random.base32(17)));
    json.string("arn", format!("arn:aws:iam::{}:user/{name}", call.account));
    json.string("accountId", call.account);
    json.string("accessKeyId", format!("AKIA{}", random.base32(16)));
    json.string("userName", name);
}

fn write_root(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    json.string("type", "Root");
    json.string("principalId", call.account);
    json.string("arn", format!("arn:aws:iam::{}:root", call.account));
    json.string("accountId", call.account);
    json.string("accessKeyId", format!("ASIA{}", random.base32(16)));
    json.object("sessionContext", |json| write_session_attributes(json, random, call));
    // Some services act in the name of the root user, which alerts have to leave alone.
    if random.chance(30) {
        json.string("invokedBy", format!("{}.amazonaws.com", resource_name(random)));
    }
}

fn write_session_attributes(json: &mut JsonWriter, random: &mut Random, call: &Call) {
    json.object("attributes", |json| {
        json.string("creationDate", &call.time);
        json.string("mfaAuthenticated", if random.chance(40) { "true" } else { "false" });
    });
}

fn draw_address(random: &mut Random, identity: Identity) -> String {
    if identity == Identity::Service {
        return random.pick(SERVICE_PRINCIPALS).to_owned();
    }
    match random.below(20) {
        0 => format!("2001:db8:{}::{}", random.pick(&["bad", "cafe", "1f"]), 1 + random.below(99)),
        1 => "AWS Internal".to_owned(),
        2..6 => format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256)),
        6..12 => format!("203.0.113.{}", random.below(256)),
        12..15 => format!("198.51.100.{}", random.below(256)),
        _ => format!("{}.{}.{}.{}", 11 + random.below(150), random.below(256), random.below(256), random.below(256)),
    }
}
