//! Where records are written: who calls, what is called, and the chance that decides details.

use std::fmt::Write;

/// The account that it all happens in.
const ACCOUNT: &str = "123456789012";

/// Collects the records of an activity.
pub(in super::super) struct Scene {
    random: fastrand::Rng,
    records: Vec<String>,
    number: u64,
}

/// Who calls, and from where.
#[derive(Clone)]
pub(super) struct Caller {
    identity: String,
    address: String,
    agent: &'static str,
    /// More fields of the record, each with a comma in front.
    more: &'static str,
}

/// What the record says came of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Refused,
}

impl Caller {
    /// A service with a role that it assumed, such as that of a pipeline or a function.
    pub(super) fn role(name: &str, session: &str, address: &str, agent: &'static str) -> Self {
        let identity = assumed(name, session, "", "");
        Self { identity, address: address.into(), agent, more: "" }
    }

    /// AWS, with the role of someone: the record names the service where the address would be.
    pub(super) fn through(name: &str, session: &str, service: &'static str) -> Self {
        let identity = assumed(name, session, "", &format!(",\"invokedBy\":\"{service}\""));
        Self { identity, address: service.into(), agent: service, more: "" }
    }

    /// AWS by itself.
    pub(super) fn service(service: &'static str) -> Self {
        let identity = format!("{{\"type\":\"AWSService\",\"invokedBy\":\"{service}\"}}");
        Self { identity, address: service.into(), agent: service, more: "" }
    }

    /// An EC2 instance with its role.
    pub(super) fn instance(role: &str, scene: &mut Scene) -> Self {
        let id = scene.id("i");
        let identity = assumed(role, &id, ",\"ec2RoleDelivery\":\"2.0\"", "");
        Self { identity, address: scene.address(), agent: "Boto3/1.40.1 md/Botocore#1.40.1", more: "" }
    }

    /// A person of Identity Center, in the console or with the command line.
    pub(super) fn person(scene: &mut Scene, in_console: bool) -> Self {
        let name = scene.one(&["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"]);
        let role = scene.one(&["PowerUser", "ReadOnly", "ReadOnly", "Developer", "Administrator"]);
        let identity = assumed(&format!("AWSReservedSSO_{role}_0123456789abcdef"), name, "", "");
        let (agent, more) = if in_console {
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", ",\"sessionCredentialFromConsole\":\"true\"")
        } else {
            ("aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 lang/python#3.13.7", "")
        };
        Self { identity, address: scene.address(), agent, more }
    }

    /// An IAM user of a person or a program.
    pub(super) fn user(name: &str, scene: &mut Scene) -> Self {
        let identity = format!(
            "{{\"type\":\"IAMUser\",\"principalId\":\"AIDAEXAMPLEID12345678\",\"arn\":\"arn:aws:iam::{ACCOUNT}:user/{name}\",\
             \"accountId\":\"{ACCOUNT}\",\"accessKeyId\":\"AKIAEXAMPLEKEY123456\",\"userName\":\"{name}\"}}"
        );
        Self { identity, address: scene.address(), agent: "Boto3/1.40.1 md/Botocore#1.40.1", more: "" }
    }

    /// The root user, in the console.
    pub(super) fn root(scene: &mut Scene) -> Self {
        let identity = format!(
            "{{\"type\":\"Root\",\"principalId\":\"{ACCOUNT}\",\"arn\":\"arn:aws:iam::{ACCOUNT}:root\",\"accountId\":\"{ACCOUNT}\"}}"
        );
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";
        Self { identity, address: scene.address(), agent, more: "" }
    }
}

fn assumed(role: &str, session: &str, more_context: &str, more: &str) -> String {
    format!(
        "{{\"type\":\"AssumedRole\",\"principalId\":\"AROAEXAMPLEID12345678:{session}\",\
         \"arn\":\"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}\",\"accountId\":\"{ACCOUNT}\",\
         \"accessKeyId\":\"ASIAEXAMPLEKEY123456\",\"sessionContext\":{{\"sessionIssuer\":{{\"type\":\"Role\",\
         \"principalId\":\"AROAEXAMPLEID12345678\",\"arn\":\"arn:aws:iam::{ACCOUNT}:role/{role}\",\
         \"accountId\":\"{ACCOUNT}\",\"userName\":\"{role}\"}},\"attributes\":{{\
         \"creationDate\":\"2026-05-20T08:37:23Z\",\"mfaAuthenticated\":\"false\"}}{more_context}}}{more}}}"
    )
}

impl Scene {
    pub(in super::super) fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), records: Vec::new(), number: 0 }
    }

    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.random.u32(..end)
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    pub(super) fn one(&mut self, choices: &[&'static str]) -> &'static str {
        choices[self.random.usize(..choices.len())]
    }

    /// An id as EC2 writes it.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.random.u64(..))
    }

    /// An address of the documentation's networks.
    pub(super) fn address(&mut self) -> String {
        format!("{}.{}", self.one(&["192.0.2", "198.51.100", "203.0.113"]), self.below(250) + 1)
    }

    /// The records since the last time.
    pub(in super::super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.records)
    }

    /// A call that only reads.
    pub(super) fn read(&mut self, caller: &Caller, service: &str, name: &str, parameters: &str) {
        self.call(caller, service, name, parameters, true, Outcome::Done);
    }

    /// A call that reads and is refused.
    pub(super) fn refused(&mut self, caller: &Caller, service: &str, name: &str, parameters: &str) {
        self.call(caller, service, name, parameters, true, Outcome::Refused);
    }

    /// A call that changes something.
    pub(super) fn write(&mut self, caller: &Caller, service: &str, name: &str, parameters: &str) {
        self.call(caller, service, name, parameters, false, Outcome::Done);
    }

    pub(super) fn call(
        &mut self,
        caller: &Caller,
        service: &str,
        name: &str,
        parameters: &str,
        read_only: bool,
        outcome: Outcome,
    ) {
        let error = match (outcome, service) {
            (Outcome::Done, _) => "",
            (_, "ec2") => {
                ",\"errorCode\":\"Client.UnauthorizedOperation\",\"errorMessage\":\"You are not authorized to perform \
                 this operation.\""
            }
            _ => ",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"Access Denied\"",
        };
        let rest = format!(
            "{error},\"requestParameters\":{},\"responseElements\":null,\"eventType\":\"AwsApiCall\"{}",
            if parameters.is_empty() { "null" } else { parameters },
            caller.more
        );
        self.record(&caller.identity, (&caller.address, caller.agent), (service, name), read_only, &rest);
    }

    /// A sign-in in the console, or another event that is no call.
    pub(super) fn event(&mut self, caller: &Caller, service: &str, name: &str, rest: &str) {
        self.record(&caller.identity, (&caller.address, caller.agent), (service, name), false, rest);
    }

    fn record(&mut self, identity: &str, from: (&str, &str), call: (&str, &str), read_only: bool, rest: &str) {
        self.number += 1;
        let (day, second) = (self.below(28) + 1, self.below(86_400));
        let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
        let mut text = String::with_capacity(1_400);
        write!(
            text,
            "{{\"eventVersion\":\"1.11\",\"userIdentity\":{identity},\
             \"eventTime\":\"2026-06-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z\",\
             \"eventSource\":\"{}.amazonaws.com\",\"eventName\":\"{}\",\"awsRegion\":\"us-east-1\",\
             \"sourceIPAddress\":\"{}\",\"userAgent\":\"{}\"{rest},\"readOnly\":{read_only},\"managementEvent\":true,\
             \"eventID\":\"00000000-0000-4000-8000-{:012x}\",\"recipientAccountId\":\"{ACCOUNT}\",\
             \"eventCategory\":\"Management\"}}",
            call.0, call.1, from.0, from.1, self.number
        )
        .expect("text");
        self.records.push(text);
    }
}
