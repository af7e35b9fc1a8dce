//! Raw AWS calls to an emulator, and accounts that tests do not share.
//!
//! Tests run in parallel against one emulator per process, so each takes an
//! account of its own: ministack reads the account from a 12-digit access key,
//! moto from the keys that `AssumeRole` returned. The calls are not signed,
//! which both accept from an account's root: good for arranging and checking.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::emulator::Emulator;
use super::http1::agent;

/// The region that tests use where they name no other.
pub const REGION: &str = "us-east-1";

/// Credentials of an account of its own on one emulator.
#[derive(Debug, Clone)]
pub struct Account {
    /// The 12-digit account id.
    pub id: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, on moto.
    pub session_token: Option<String>,
    url: String,
    region: String,
}

impl Account {
    /// A new, empty account on an emulator.
    ///
    /// # Panics
    /// When moto does not answer `AssumeRole` as expected.
    #[must_use]
    pub fn new(emulator: &Emulator) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(100_000_000_001);
        let id = NEXT.fetch_add(1, Ordering::SeqCst).to_string();
        let root = Self {
            access_key_id: if emulator.name == "moto" { "test".into() } else { id.clone() },
            secret_access_key: "test".into(),
            session_token: None,
            url: emulator.url.clone(),
            region: REGION.to_owned(),
            id,
        };
        if emulator.name == "moto" { root.assume() } else { root }
    }

    /// The account that the environment of this process has credentials for.
    #[must_use]
    pub fn of_environment(id: &str, url: &str) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            id: id.to_owned(),
            access_key_id: variable("AWS_ACCESS_KEY_ID").unwrap_or_default(),
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
            session_token: variable("AWS_SESSION_TOKEN"),
            url: url.to_owned(),
            region: REGION.to_owned(),
        }
    }

    /// The same account, for raw calls to another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    fn assume(self) -> Self {
        let arn = format!("arn:aws:iam::{}:role/test", self.id);
        let form = [("RoleArn", arn.as_str()), ("RoleSessionName", "test")];
        let (status, xml) = self.query("sts", "AssumeRole", &form);
        assert_eq!(status, 200, "{xml}");
        self.with_keys(&xml)
    }

    fn with_keys(self, xml: &str) -> Self {
        Self {
            access_key_id: element(xml, "AccessKeyId").expect("an access key"),
            secret_access_key: element(xml, "SecretAccessKey").expect("a secret key"),
            session_token: element(xml, "SessionToken"),
            ..self
        }
    }

    /// The environment for a trailbell process that uses this account at this
    /// endpoint, an emulator's or a proxy's, and that can reach nothing else.
    #[must_use]
    pub fn env(&self, endpoint: &str) -> Vec<(&'static str, String)> {
        let mut env = vec![
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_access_key.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        env.extend(self.session_token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
        env
    }

    /// A user of this account who may do only what the policy document allows.
    /// Only ministack enforces it, and only for calls with a valid signature.
    ///
    /// # Panics
    /// When the emulator refuses to create the user.
    #[must_use]
    pub fn user(&self, name: &str, policy: &Value) -> Self {
        let document = policy.to_string();
        let user = ("UserName", name);
        let named = [user, ("PolicyName", "test"), ("PolicyDocument", document.as_str())];
        let create = |action: &str, form: &[(&str, &str)]| {
            let (status, xml) = self.query("iam", action, form);
            assert_eq!(status, 200, "{action}: {xml}");
            xml
        };
        create("CreateUser", &[user]);
        create("PutUserPolicy", &named);
        let keys = create("CreateAccessKey", &[user]);
        self.clone().with_keys(&keys)
    }

    /// Calls a JSON operation, `AWSEvents.ListRules` of `events` or
    /// `AmazonSQS.GetQueueUrl` of `sqs`; returns the status and the answer.
    ///
    /// # Panics
    /// When the emulator does not answer.
    #[must_use]
    pub fn json(&self, service: &str, target: &str, body: &Value) -> (u16, Value) {
        let kind = if service == "sqs" { "1.0" } else { "1.1" };
        let headers = [("Content-Type", format!("application/x-amz-json-{kind}")), ("X-Amz-Target", target.to_owned())];
        let (status, text) = self.post(&self.url, service, &headers, &body.to_string());
        // Some answers have no body, and moto's internal errors are HTML.
        let answer = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
        (status, answer)
    }

    /// Calls an operation of the query protocol (`iam`, `sts`); returns the
    /// status and the XML.
    ///
    /// # Panics
    /// When the emulator does not answer.
    #[must_use]
    pub fn query(&self, service: &str, action: &str, form: &[(&str, &str)]) -> (u16, String) {
        let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in form {
            body.extend(["&", name, "=", &percent_encode(value)]);
        }
        let headers = [("Content-Type", "application/x-www-form-urlencoded".to_owned())];
        self.post(&self.url, service, &headers, &body)
    }

    /// Calls an operation of the REST protocol (`lambda`); returns the status and the answer.
    ///
    /// # Panics
    /// When the emulator does not answer.
    #[must_use]
    pub fn rest(&self, service: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let scope = format!("{}/20260101/{}/{service}/aws4_request", self.access_key_id, self.region);
        let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        let mut call = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("Authorization", authorization);
        if let Some(token) = &self.session_token {
            call = call.header("X-Amz-Security-Token", token);
        }
        let sent = if body.is_null() {
            agent().run(call.body(()).expect("a request"))
        } else {
            let call = call.header("Content-Type", "application/json");
            agent().run(call.body(body.to_string()).expect("a request"))
        };
        let mut answer = sent.unwrap_or_else(|e| panic!("no answer to {method} {path}: {e}"));
        let text = answer.body_mut().read_to_string().expect("a readable answer");
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_else(|_| json!(text)))
    }

    /// Posts to an endpoint with the headers that name account and service.
    ///
    /// # Panics
    /// When nothing answers there.
    #[must_use]
    pub fn post(&self, endpoint: &str, service: &str, headers: &[(&str, String)], body: &str) -> (u16, String) {
        let scope = format!("{}/20260101/{}/{service}/aws4_request", self.access_key_id, self.region);
        let mut call = agent().post(endpoint).header(
            "Authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"),
        );
        if let Some(token) = &self.session_token {
            call = call.header("X-Amz-Security-Token", token);
        }
        for (name, value) in headers {
            call = call.header(*name, value);
        }
        let mut answer = call.send(body).unwrap_or_else(|e| panic!("no answer from {endpoint}: {e}"));
        let text = answer.body_mut().read_to_string().expect("a readable answer");
        (answer.status().as_u16(), text)
    }
}

/// The text of the first XML element of this name.
#[must_use]
pub fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned())
}

fn percent_encode(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
