//! The event of a blueprint's own test, as it would happen where a stack is.
//!
//! A blueprint's author writes down an event of some account and region. The stack that installs the blueprint is in others,
//! and what `fire`, `preview`, and `verify` show is whether an event *there* becomes a message. What happens in certain
//! regions only stays there, so it may be that the stack never receives it.

use serde_json::Value;

use super::{Alert, Home};
use crate::blueprint::Case;
use crate::cloudtrail::regions;
use crate::name::partition_of;

impl Alert {
    /// The event of a test as it happens where the stack is.
    #[must_use]
    pub fn sent(&self, case: &Case, home: &Home) -> Value {
        let mut event = case.sent();
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let (account, region) = (text("account"), text("region"));
        // A remediation takes no events of other accounts.
        let is_received = self.remediation().is_none() && home.forwarded.accounts.contains(&account);
        if let Some(own) = home.account.as_ref().filter(|own| **own != account && !is_received) {
            place(&mut event, "account", "recipientAccountId", own);
        }
        let here = happens_in(&event, &region, home);
        place(&mut event, "region", "awsRegion", &here);
        event
    }

    /// The event of a test as it happens where the stack is, in this account, if one is given.
    #[must_use]
    pub fn sent_from(&self, case: &Case, home: &Home, account: Option<&str>) -> Value {
        let mut event = self.sent(case, home);
        if let Some(account) = account {
            place(&mut event, "account", "recipientAccountId", account);
        }
        event
    }
}

/// The lines of a test as they are logged in this account, if one is given. What does not say whose it is, goes where the rest goes:
/// there are no such lines in a group of accounts.
#[must_use]
pub fn logged_in(case: &Case, account: Option<&str>, is_rest: bool) -> Option<Vec<String>> {
    let Some(account) = account else { return Some(case.logged()) };
    let mut says = is_rest;
    let line = |line: String| match serde_json::from_str::<Value>(&line) {
        Ok(mut record) if record["recipientAccountId"].is_string() => {
            says = true;
            record["recipientAccountId"] = account.into();
            record.to_string()
        }
        _ => line,
    };
    let lines = case.logged().into_iter().map(line).collect();
    says.then_some(lines)
}

/// The region in which a stack's event happens: where its service writes events, if that is known, else the event's own
/// if the stack receives it, else the stack's.
fn happens_in(event: &Value, own: &str, home: &Home) -> String {
    let is_received = |region: &str| region == home.region || home.forwarded.regions.iter().any(|one| one == region);
    let only = regions::of_event(event, partition_of(&home.region)).unwrap_or_default();
    let here = || if is_received(own) { own } else { home.region.as_str() };
    let received = only.iter().find(|region| is_received(region)).or(only.first());
    received.copied().unwrap_or_else(here).to_owned()
}

/// Sets a field of the envelope, and the same one of the record, if there is one.
fn place(event: &mut Value, field: &str, of_record: &str, to: &str) {
    if !event.is_object() {
        return;
    }
    event[field] = to.into();
    if let Some(found) = event.pointer_mut(&format!("/detail/{of_record}")).filter(|found| found.is_string()) {
        *found = to.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::alert::DestinationForm;
    use crate::blueprint::catalog;
    use crate::message::Form;
    use crate::stack::Forwarded;

    fn home(region: &str, account: Option<&str>, forwarded: &[&str]) -> Home {
        Home {
            stack: "sec".to_owned(),
            region: region.to_owned(),
            account: account.map(str::to_owned),
            accounts: std::collections::BTreeMap::new(),
            account_names: None,
            forwarded: Forwarded {
                regions: forwarded.iter().map(|one| (*one).to_owned()).collect(),
                ..Default::default()
            },
            destinations: vec![DestinationForm::slack(Form::Webhook)],
            topics: Vec::new(),
        }
    }

    /// The region and account of an event of this source, in the envelope and in the record.
    fn sent(source: &str, region: &str, home: &Home) -> (String, String) {
        let mut alert = Alert::alone(catalog::find("cloudtrail-stop-logging").expect("built in").load().expect("good"));
        let case = &mut std::sync::Arc::make_mut(&mut alert.blueprint).tests[0];
        let record = case.record.as_mut().expect("a record");
        record.insert("eventSource".to_owned(), json!(source));
        record.insert("awsRegion".to_owned(), json!(region));
        record.insert("userIdentity".to_owned(), json!({ "type": "Root" }));
        let case = alert.blueprint.tests[0].clone();
        let event = alert.sent(&case, home);
        assert_eq!(event["region"], event["detail"]["awsRegion"]);
        (
            event["region"].as_str().expect("a region").to_owned(),
            event["account"].as_str().expect("an account").to_owned(),
        )
    }

    #[test]
    fn an_event_happens_where_the_stack_is_unless_it_happens_in_certain_regions_only() {
        let cases = [
            ("cloudtrail.amazonaws.com", "us-west-2", "eu-west-1", &[][..], "eu-west-1"),
            ("cloudtrail.amazonaws.com", "us-west-2", "eu-west-1", &["us-west-2"], "us-west-2"),
            ("iam.amazonaws.com", "us-east-1", "eu-west-1", &[], "us-east-1"),
            ("iam.amazonaws.com", "eu-west-1", "eu-west-1", &[], "us-east-1"),
            ("iam.amazonaws.com", "us-east-1", "cn-north-1", &[], "cn-north-1"),
            ("ecr-public.amazonaws.com", "us-east-1", "us-west-2", &[], "us-west-2"),
            ("signin.amazonaws.com", "us-east-1", "eu-west-1", &[], "us-east-1"),
        ];
        for (source, written, region, forwarded, here) in cases {
            let found = sent(source, written, &home(region, None, forwarded));
            assert_eq!(found.0, here, "{source} of {written} in {region} with {forwarded:?}");
        }
    }

    #[test]
    fn an_event_happens_in_the_account_of_the_stack() {
        let own = Some("111111111111");
        assert_eq!(sent("cloudtrail.amazonaws.com", "us-east-1", &home("us-east-1", own, &[])).1, "111111111111");
        assert_ne!(sent("cloudtrail.amazonaws.com", "us-east-1", &home("us-east-1", None, &[])).1, "111111111111");
    }
}
