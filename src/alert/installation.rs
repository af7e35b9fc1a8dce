//! An installation: a stack file that has been checked, with its alerts resolved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;

use super::{Alert, account_names};
use crate::diagnostic::Finding;
use crate::document::Document;
use crate::message::{Form, Posting};
use crate::name::{DestinationId, partition_of};
use crate::stack::{
    Accepted, AccountNames, Destination, Forwarded, NamedDestination, NamedTopic, Quotas, Requirements, SelfWatch,
    TopicFormat,
};

/// A stack file that has been checked, with everything it refers to.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The stack's name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The account it is bound to, if any.
    pub account: Option<String>,
    /// Names of accounts, by id.
    pub accounts: BTreeMap<String, String>,
    /// Where other names of accounts come from.
    pub account_names: Option<AccountNames>,
    /// Where else its events come from.
    pub forwarded: Forwarded,
    /// The ways to Slack, the main one first; never empty.
    pub destinations: Vec<NamedDestination>,
    /// The SNS topics.
    pub topics: Vec<NamedTopic>,
    /// The alerts, in the order of the file.
    pub alerts: Vec<Alert>,
    /// Those that the file disables: checked and tested, and without resources.
    pub disabled: Vec<Alert>,
    /// What the organization requires of everything that it has.
    pub requirements: Requirements,
    /// How long after each apply it expires; `None` for never.
    pub expires: Option<SignedDuration>,
    /// How it watches its own alerting chain, if it does.
    pub self_watch: Option<SelfWatch>,
    /// What others attached to its resources and may stay.
    pub unmanaged: Vec<Accepted>,
    /// Quotas of the account that AWS raised.
    pub quotas: Quotas,
    /// Relative file references start here: the folder of the stack file.
    pub folder: PathBuf,
    /// The file itself, for findings about resolved secrets.
    pub document: Arc<Document>,
    /// Warnings; errors would have prevented loading.
    pub warnings: Vec<Finding>,
}

/// Where the alerts of a stack live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The stack's name.
    pub stack: String,
    /// Its region.
    pub region: String,
    /// Its account, if it is bound to one.
    pub account: Option<String>,
    /// Names of accounts, by id.
    pub accounts: BTreeMap<String, String>,
    /// Where other names of accounts come from.
    pub account_names: Option<AccountNames>,
    /// Where else its events come from.
    pub forwarded: Forwarded,
    /// The destinations, the main one first; never empty.
    pub destinations: Vec<DestinationForm>,
    /// The SNS topics.
    pub topics: Vec<NamedTopic>,
}

/// A destination, as far as message bodies depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationForm {
    /// Its id.
    pub id: DestinationId,
    /// How Slack is spoken to.
    pub form: Form,
}

impl DestinationForm {
    /// The destination without a name.
    #[must_use]
    pub fn slack(form: Form) -> Self {
        Self { id: DestinationId::slack(), form }
    }
}

impl Home {
    /// That messages of the stack show more names of accounts than can be known here.
    #[must_use]
    pub fn names_note(&self) -> Option<&'static str> {
        self.account_names.map(|AccountNames::Organizations| {
            "`plan` and `apply` read the names of accounts from AWS Organizations: they are not shown here"
        })
    }

    /// Whether there is one destination, and it has no name.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.destinations.as_slice(), [one] if one.id.is_slack())
    }

    /// The main destination, to whose queue functions give what they fail on.
    #[must_use]
    pub fn main(&self) -> DestinationId {
        self.destinations.first().map_or_else(DestinationId::slack, |one| one.id.clone())
    }

    /// How the main destination is spoken to.
    #[must_use]
    pub fn form(&self) -> Form {
        self.destinations.first().map_or(Form::Webhook, |one| one.form.clone())
    }

    /// Where the messages of an alert for these destinations go from here; those that there are not, are left out.
    #[must_use]
    pub fn addressees(&self, ids: &[DestinationId]) -> Vec<Addressee> {
        let to = if self.is_plain() { Vec::new() } else { ids.to_vec() };
        let account_name = own_name(self.account.as_deref(), &self.accounts, &self.forwarded);
        let posting = |form: Form| Posting {
            form,
            partition: partition_of(&self.region).to_owned(),
            account_name: account_name.clone(),
            to: to.clone(),
        };
        let addressee = |id: &DestinationId| {
            let slack = self.destinations.iter().find(|one| one.id == *id).map(|one| (one.form.clone(), None));
            let topic =
                || self.topics.iter().find(|one| one.id == *id).map(|one| (form_of(one.format), one.arn.clone()));
            let (form, topic) = slack.or_else(topic)?;
            Some(Addressee { id: id.clone(), posting: posting(form), topic })
        };
        ids.iter().filter_map(addressee).collect()
    }
}

/// A destination of an alert, and what its messages there depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The destination.
    pub id: DestinationId,
    /// Where messages go.
    pub posting: Posting,
    /// The ARN of the topic, where it is one of others.
    pub topic: Option<String>,
}

impl Addressee {
    /// The destination without a name.
    #[must_use]
    pub fn slack(posting: Posting) -> Self {
        Self { id: DestinationId::slack(), posting, topic: None }
    }
}

impl Installation {
    /// Where its alerts live.
    #[must_use]
    pub fn home(&self) -> Home {
        Home {
            stack: self.name.clone(),
            region: self.region.clone(),
            account: self.account.clone(),
            accounts: self.accounts.clone(),
            account_names: self.account_names,
            forwarded: self.forwarded.clone(),
            destinations: destination_forms(&self.destinations),
            topics: self.topics.clone(),
        }
    }

    /// All destinations: each has a dead-letter queue.
    #[must_use]
    pub fn queues(&self) -> Vec<DestinationId> {
        let slack = self.destinations.iter().map(|one| one.id.clone());
        slack.chain(self.topics.iter().map(|one| one.id.clone())).collect()
    }

    /// What the file disables, for those who see the resources of a stack.
    #[must_use]
    pub fn disabled_note(&self) -> Option<String> {
        let ids: Vec<String> = self.disabled.iter().map(|alert| format!("`{}`", alert.id)).collect();
        let count = if ids.len() == 1 { "1 alert is".to_owned() } else { format!("{} alerts are", ids.len()) };
        (!ids.is_empty()).then(|| format!("{count} disabled in the stack file: {}", ids.join(", ")))
    }

    /// The same stack in this account, with names of accounts as AWS Organizations has them; those in the file come first.
    #[must_use]
    pub fn with_account_names(mut self, found: &BTreeMap<String, String>, account: &str) -> Self {
        for (id, name) in found {
            if let Some(name) = account_names::shown(name) {
                self.accounts.entry(id.clone()).or_insert(name);
            }
        }
        let home = self.home_in(account);
        self.alerts.iter_mut().chain(&mut self.disabled).for_each(|alert| *alert = alert.posted_from(&home));
        self
    }

    /// What is staged, for those who see the resources of a stack.
    #[must_use]
    pub fn staged_note(&self) -> Option<String> {
        let staged: Vec<&Alert> = self.alerts.iter().filter(|alert| alert.is_staged).collect();
        let ids: Vec<String> = staged.iter().map(|alert| format!("`{}`", alert.id)).collect();
        let count = if ids.len() == 1 { "1 alert is".to_owned() } else { format!("{} alerts are", ids.len()) };
        let has_remediation = |alert: &&Alert| alert.unstaged().remediation().is_some();
        let idle = if staged.iter().any(has_remediation) { ", and remediations do not run" } else { "" };
        (!ids.is_empty())
            .then(|| format!("{count} staged in the stack file, so no message is sent{idle}: {}", ids.join(", ")))
    }

    /// Where its alerts live, in the account that it is applied to.
    #[must_use]
    pub fn home_in(&self, account: &str) -> Home {
        Home { account: Some(account.to_owned()), ..self.home() }
    }
}

/// The form of the messages of a topic.
const fn form_of(format: TopicFormat) -> Form {
    match format {
        TopicFormat::Email => Form::Email,
        TopicFormat::AmazonQ => Form::AmazonQ,
    }
}

/// How message bodies look for a destination.
fn form(destination: &Destination) -> Form {
    match destination {
        Destination::Webhook { .. } => Form::Webhook,
        Destination::Bot { channel, .. } => Form::Bot { channel: channel.clone() },
    }
}

/// Destinations, as far as message bodies depend on them.
#[must_use]
pub fn destination_forms(destinations: &[NamedDestination]) -> Vec<DestinationForm> {
    destinations.iter().map(|one| DestinationForm { id: one.id.clone(), form: form(&one.way) }).collect()
}

/// The name of the account that all events of a stack are from, if that is one account and has a name.
#[must_use]
pub fn own_name(account: Option<&str>, names: &BTreeMap<String, String>, forwarded: &Forwarded) -> Option<String> {
    account.filter(|_| forwarded.accounts.is_empty()).and_then(|id| names.get(id)).cloned()
}
