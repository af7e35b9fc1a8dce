//! One alert as a graph of its own: in its stack, or in an example of one, for `test`, `explain`, and `preview`.

use std::path::PathBuf;

use serde_json::Value;

use super::compile;
use crate::alert::{Alert, DestinationForm, Home, Installation};
use crate::graph::{Graph, Receiving};
use crate::message::{Form, POST_MESSAGE};
use crate::name::{Scope, ScopeError};
use crate::resource::{Id, Kind, Resource, RuleId};
use crate::secret::SecretReference;
use crate::stack::{Destination, NamedDestination, Quotas, Requirements, SLACK_API};

/// The name of the stack of an alert that is in none.
const STACK: &str = "example";
/// Where it is.
const REGION: &str = "us-east-1";

/// The graph of an alert, and where it is. Without a stack it receives the events of every account and region.
///
/// # Errors
/// What the stack says of its place is not valid.
pub fn example(alert: &Alert, home: Option<&Home>) -> Result<(Scope, Graph), ScopeError> {
    let (stack, region) = home.map_or((STACK, REGION), |home| (home.stack.as_str(), home.region.as_str()));
    let account = home.and_then(|home| home.account.clone());
    let scope = Scope::offline(account.as_deref(), region, stack)?;
    let installation = Installation {
        name: stack.to_owned(),
        region: region.to_owned(),
        account: account.clone(),
        accounts: home.map(|home| home.accounts.clone()).unwrap_or_default(),
        account_names: None,
        forwarded: home.map(|home| home.forwarded.clone()).unwrap_or_default(),
        expires: None,
        destinations: destinations(home),
        topics: home.map(|home| home.topics.clone()).unwrap_or_default(),
        alerts: vec![alert.clone()],
        disabled: Vec::new(),
        requirements: Requirements::default(),
        self_watch: None,
        unmanaged: Vec::new(),
        quotas: Quotas::default(),
        folder: PathBuf::new(),
        document: alert.document.clone(),
        warnings: Vec::new(),
    };
    let mut desired = compile(&installation, &scope, None);
    // To a rule with a remediation the account of the stack was added.
    let events = alert.events().filter(|_| alert.remediation().is_some());
    if let (None, Some(events)) = (&account, events) {
        for resource in desired.values_mut() {
            of_any_account(resource, alert, &events.pattern, &scope);
        }
    }
    let forwarded = installation.forwarded;
    let receives = Receiving { region: home.map(|home| home.region.clone()), account, forwarded };
    let graph = Graph::compiled(&scope, &desired).receiving(receives);
    Ok((scope, graph))
}

/// The rule of the alert as the blueprint has it, without an account that no one has named.
fn of_any_account(resource: &mut Resource, alert: &Alert, pattern: &Value, scope: &Scope) {
    if let Resource::Rule(rule) = resource
        && rule.address.id == Id::Rule(RuleId::of(scope.fit(&alert.id, Kind::Rule.suffix())))
    {
        rule.pattern = pattern.clone();
    }
}

/// The destinations of a place, or of an example.
fn destinations(home: Option<&Home>) -> Vec<NamedDestination> {
    let example = [DestinationForm::slack(Form::Webhook)];
    let forms = home.map_or(example.as_slice(), |home| home.destinations.as_slice());
    let named = |one: &DestinationForm| NamedDestination {
        id: one.id.clone(),
        pointer: String::new(),
        way: destination(&one.form),
    };
    forms.iter().map(named).collect()
}

/// A way to Slack of this form. Its secret is a reference that no one resolves.
fn destination(form: &Form) -> Destination {
    match form {
        Form::Webhook | Form::Email | Form::AmazonQ => {
            Destination::Webhook { address: SecretReference::Environment("SLACK_WEBHOOK_URL".to_owned()) }
        }
        Form::Bot { channel } => Destination::Bot {
            token: SecretReference::Environment("SLACK_TOKEN".to_owned()),
            channel: channel.clone(),
            endpoint: format!("{SLACK_API}{POST_MESSAGE}"),
        },
    }
}
