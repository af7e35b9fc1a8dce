//! EventBridge connection: the secret that every request to Slack carries, or none for a webhook.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::about::{ANY, Calls, KEY, NeededBy, When};
use super::mark::{appended, is_marked, split_fingerprint, with_fingerprint};
use super::{About, Address, Describe, Field, Kind, Room, Within, limit};
use crate::name::Scope;
use crate::secret::Sealed;

/// What its calls are made on.
const ON: &[&str] = &["arn:aws:events:REGION:ACCOUNT:connection/trailbell-STACK_*"];
/// The secret in which EventBridge keeps a connection's key.
const SECRETS: &[&str] = &["arn:aws:secretsmanager:REGION:ACCOUNT:secret:events!connection/trailbell-STACK_*"];

/// The header that carries the token.
pub const HEADER: &str = "Authorization";
/// What the header says when the webhook's URL is the secret; a connection cannot be without a header.
pub const UNUSED: &str = "Bearer not-used-with-an-incoming-webhook";
/// The type of a connection that sends a header.
pub const API_KEY: &str = "API_KEY";
/// The state of a connection that works.
pub const AUTHORIZED: &str = "AUTHORIZED";

/// An EventBridge connection with an API key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Its identity.
    pub address: Address,
    /// Its name in AWS.
    pub name: String,
    /// Words and marker, without the fingerprint.
    pub description: String,
    /// `API_KEY`.
    pub authorization_type: String,
    /// The header's name.
    pub header: String,
    /// What the header says.
    pub authorization: Authorization,
    /// Whether further headers, query or body parameters are attached; trailbell attaches none.
    pub extra_parameters: bool,
    /// The key that encrypts its secret, where the stack file asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// `AUTHORIZED` when it can be used.
    pub state: String,
}

/// What the header says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authorization {
    /// Nothing secret.
    Unused,
    /// `Bearer` and the token.
    Bearer(Sealed),
    /// The marker that tells is gone.
    Unknown,
}

impl Authorization {
    /// What the description of a connection tells about its secret, which itself never comes back: the description
    /// without it, and what the header says.
    #[must_use]
    pub fn told(scope: &Scope, description: &str) -> (String, Self) {
        let (description, fingerprint) = split_fingerprint(description);
        let authorization = match fingerprint {
            Some(fingerprint) => Self::Bearer(Sealed { fingerprint: Some(fingerprint), ..Sealed::default() }),
            None if is_marked(&description, scope) => Self::Unused,
            None => Self::Unknown,
        };
        (description, authorization)
    }
}

impl Describe for Connection {
    const ABOUT: About = About {
        name: "connection",
        suffix: "connection",
        title: "connection",
        found: "by name, in the list of the region's connections; its mark is in the description",
        quota: "one per destination; 3,000 per account and region",
        calls: &[
            Calls::new(When::Plan, &["events:ListConnections"], ANY).needed(NeededBy::Always),
            Calls::new(When::Plan, &["events:DescribeConnection"], ON),
            Calls::new(When::Apply, &["events:CreateConnection", "events:UpdateConnection"], ON),
            Calls::new(When::Apply, &["kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"], KEY)
                .needed(NeededBy::Key),
            Calls::new(When::Apply, &["iam:CreateServiceLinkedRole"], ANY)
                .only("iam:AWSServiceName", &["apidestinations.events.amazonaws.com"]),
            Calls::new(
                When::Apply,
                &[
                    "secretsmanager:CreateSecret",
                    "secretsmanager:UpdateSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                ],
                SECRETS,
            ),
            Calls::new(When::Adopt, &["events:UpdateConnection"], ON),
            Calls::new(When::Destroy, &["events:DeleteConnection"], ON),
            Calls::new(When::Destroy, &["secretsmanager:DeleteSecret"], SECRETS),
        ],
        note: "Connections and API destinations cannot be restricted by tag, only by name.",
    };

    fn address(&self) -> &Address {
        &self.address
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn arn(&self, scope: &Scope, id: &str) -> Option<String> {
        Some(scope.events_arn(&format!("connection/{}/{id}", self.name)))
    }

    fn room(&self) -> Option<Room<'_>> {
        Some(Room { kind: Kind::Connection, within: Within::Region, most: limit::CONNECTIONS.most })
    }

    fn description_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.description)
    }

    // What secret it holds is not known: its mark says so, and the next plan writes that of the stack.
    fn adopt(&mut self, scope: &Scope) -> Result<(), &'static str> {
        self.description = appended(&self.description, scope, Kind::Connection)
            .ok_or("has a description that leaves no room for the mark: shorten it first")?;
        self.authorization = Authorization::Bearer(Sealed::unknown());
        Ok(())
    }

    fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        match &mut self.authorization {
            Authorization::Bearer(sealed) => Some(sealed),
            Authorization::Unused | Authorization::Unknown => None,
        }
    }

    // Whoever else encrypts it breaks nothing.
    fn take_unasked(&mut self, wanted: Option<&Self>) -> Option<String> {
        self.kms_key.take_if(|_| wanted.is_none_or(|wanted| wanted.kms_key.is_none()));
        None
    }

    fn keep(&mut self, _before: Option<&Self>) {
        if let Authorization::Bearer(Sealed { fingerprint, .. }) = &self.authorization {
            self.description = with_fingerprint(&self.description, fingerprint.as_deref());
        }
        self.authorization = Authorization::Unknown;
    }

    fn tell(&mut self, scope: &Scope) {
        (self.description, self.authorization) = Authorization::told(scope, &self.description);
    }

    fn fields(&self) -> Vec<Field> {
        let value = match &self.authorization {
            Authorization::Unused => Field::sealed("api_key_value", &Sealed::none(UNUSED)),
            Authorization::Bearer(sealed) => Field::sealed("api_key_value", sealed),
            Authorization::Unknown => Field::sealed("api_key_value", &Sealed::default()),
        };
        let extra = if self.extra_parameters { json!("(set by hand)") } else { json!(null) };
        vec![
            Field::plain("description", self.description.as_str()),
            Field::plain("authorization_type", self.authorization_type.as_str()),
            Field::plain("api_key_name", self.header.as_str()),
            value,
            Field::plain("invocation_http_parameters", extra),
            Field::plain("kms_key_identifier", self.kms_key.as_deref()),
            Field::plain("state", self.state.as_str()),
        ]
    }
}
