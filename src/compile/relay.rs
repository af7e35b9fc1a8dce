//! The relay: the stack's own event bus with a rule for each destination, which posts what `verify` and the notifier write.
//!
//! The rule lets a message pass if it comes from the stack's account and source, goes to the stack's channel, and sets no
//! argument of Slack's that trailbell does not send.

use serde_json::{Map, Value, json};

use super::{rule_of, target};
use crate::message::Form;
use crate::name::{DestinationId, RELAY, RELAYED_TO, Scope};
use crate::resource::mark::tags;
use crate::resource::{EventBus, Kind, Resource, Rule, RuleId, TargetInput};
use crate::slack::arguments::ARGUMENTS;

/// The part of an event that the relay rule passes on.
pub const PATH: &str = "$.detail.message";
/// Where its pattern says what channel a message has.
const CHANNEL: &str = "/detail/message/channel";

/// The bus, the rule, and its target; `to` is the destination where destinations have names, and a rule for each.
#[must_use]
pub fn relay(to: Option<&DestinationId>, form: &Form, scope: &Scope) -> [Resource; 3] {
    let named = to.map(|to| format!(" for {to}")).unwrap_or_default();
    let words = format!("Messages of the trailbell stack {} itself{named}", scope.stack());
    let slack = DestinationId::slack();
    let id = to.unwrap_or(&slack);
    let rule = Rule { bus: scope.relay_bus(), ..rule_of(RuleId::relay(id), &words, pattern(to, form, scope), scope) };
    let target = target(&rule, TargetInput::Path(PATH.to_owned()), id, scope);
    [Resource::EventBus(bus(scope)), Resource::Target(target), Resource::Rule(rule)]
}

fn bus(scope: &Scope) -> EventBus {
    EventBus {
        address: EventBus::address_in(scope.region(), RELAY),
        name: scope.name(RELAY, Kind::EventBus.suffix()),
        policy: None,
        kms_key: None,
        tags: tags(scope),
    }
}

/// The channel that messages must have, as the relay rule's pattern says; nothing for a webhook.
#[must_use]
pub fn channel(pattern: &Value) -> Option<&str> {
    pattern.pointer(CHANNEL)?.get(0)?.as_str()
}

/// Whether the pattern of a relay rule lets only the messages for its destination pass.
#[must_use]
pub fn names_destination(pattern: &Value) -> bool {
    pattern.pointer("/detail").is_some_and(|detail| detail.get(RELAYED_TO).is_some())
}

fn pattern(to: Option<&DestinationId>, form: &Form, scope: &Scope) -> Value {
    let absent = || json!([{ "exists": false }]);
    // Everything that trailbell sends has a text.
    let mut message = Map::from_iter([("text".to_owned(), json!([{ "exists": true }]))]);
    for argument in ARGUMENTS.iter().filter(|one| !one.is_sent) {
        if argument.fields.is_empty() {
            message.insert(argument.name.to_owned(), absent());
        }
        argument.fields.iter().for_each(|path| put(&mut message, &format!("{}.{path}", argument.name), absent()));
    }
    if let Form::Bot { channel } = form {
        message.insert("channel".to_owned(), json!([channel]));
    }
    let mut detail = Map::from_iter([("message".to_owned(), Value::Object(message))]);
    if let Some(to) = to {
        // While a stack gets more destinations, its notifier says nothing yet: what it writes is for the one that there was.
        let unsaid = to.is_slack().then(|| json!({ "exists": false }));
        detail.insert(RELAYED_TO.to_owned(), std::iter::once(json!(to)).chain(unsaid).collect());
    }
    json!({ "source": [scope.relay_source()], "account": [scope.account()], "detail": detail })
}

/// Puts a value at a dotted path.
fn put(map: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(map.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = map.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, Verdict};
    use crate::resource::Describe as _;
    use crate::resource::allow::{Access, allows};
    use crate::trace::relayed;

    fn scope() -> Scope {
        Scope::offline(None, "us-east-1", "sec").expect("a good scope")
    }

    fn bot() -> Form {
        Form::Bot { channel: "C0123456789".to_owned() }
    }

    fn matches(form: &Form, message: &Value) -> bool {
        let pattern = Pattern::from_value(&pattern(None, form, &scope())).expect("a good pattern");
        let event = relayed(&scope(), message, None).event;
        pattern.matches_value(&event).expect("it is decided") == Verdict::Matches
    }

    #[test]
    fn what_trailbell_sends_passes() {
        let block = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "a" } });
        for mut message in [
            json!({ "text": "a" }),
            json!({ "text": "a", "blocks": [block], "mrkdwn": false, "unfurl_links": false, "unfurl_media": true }),
        ] {
            assert!(matches(&Form::Webhook, &message), "{message}");
            assert!(!matches(&bot(), &message), "{message}");
            message["channel"] = "C0123456789".into();
            assert!(matches(&bot(), &message), "{message}");
            assert!(!matches(&Form::Webhook, &message), "{message}");
        }
    }

    #[test]
    fn any_other_argument_or_channel_does_not_pass() {
        let attachments = [
            json!([{ "text": "x" }]),
            json!([{ "blocks": [{ "type": "divider" }] }]),
            json!([{ "color": "good" }, { "fields": [{ "title": "x", "short": true }] }]),
        ];
        let metadata =
            [json!({ "event_type": "x", "event_payload": {} }), json!({ "entities": [{ "entity_type": "x" }] })];
        for form in [Form::Webhook, bot()] {
            let with = |name: &str, value: Value| {
                let mut message = json!({ "text": "a", "blocks": [{ "type": "divider" }] });
                if form != Form::Webhook {
                    message["channel"] = "C0123456789".into();
                }
                message[name] = value;
                message
            };
            for argument in ARGUMENTS.iter().filter(|one| !one.is_sent && one.fields.is_empty()) {
                for value in [json!("x"), json!(true), json!(null), json!(["x"]), json!("")] {
                    let message = with(argument.name, value);
                    assert!(!matches(&form, &message), "{message}");
                }
            }
            for one in &attachments {
                assert!(!matches(&form, &with("attachments", one.clone())), "{one}");
            }
            for one in &metadata {
                assert!(!matches(&form, &with("metadata", one.clone())), "{one}");
            }
            assert!(!matches(&form, &json!("text")));
        }
        assert!(!matches(&bot(), &json!({ "text": "a", "channel": "C9" })));
    }

    #[test]
    fn the_queue_takes_letters_of_both_buses_within_its_limit_for_any_number_of_alerts() {
        let scope = Scope::new("aws-us-gov", "123456789012", "us-gov-west-1", "a-stack-of-19-lettr").expect("it fits");
        let queue = crate::compile::destination::queue(
            &scope,
            &crate::compile::DestinationNames::of(&scope, &DestinationId::slack()),
        );
        let policy = queue.policy.clone().expect("a policy");
        assert!(policy.to_json().len() < 8_192, "{}", policy.to_json());
        let allowed = |rule: &str| {
            let context = [("aws:sourcearn", rule), ("aws:sourceaccount", "123456789012")];
            let access = Access {
                service: Some("events.amazonaws.com"),
                action: "sqs:SendMessage",
                resource: Some(&scope.queue_arn(&queue.name)),
                context: &context,
            };
            allows(&policy, access)
        };
        let [_, _, Resource::Rule(relay)] = relay(None, &Form::Webhook, &scope) else { panic!("a rule") };
        let relay = relay.arn(&scope, "").expect("a rule has an ARN");
        assert!(
            relay.ends_with(":rule/trailbell-a-stack-of-19-lettr_relay_bus/trailbell-a-stack-of-19-lettr_relay_rule")
        );
        let alerts =
            (0..1_000).map(|at| scope.events_arn(&format!("rule/{}", scope.name(&format!("alert-{at}"), "rule"))));
        assert!(alerts.chain([relay]).all(|rule| allowed(&rule) == Some(true)));
        let other = scope.events_arn("rule/trailbell-a-stack-of-19-lettr-b_a_rule");
        assert_eq!(allowed(&other), Some(false));
    }

    #[test]
    fn it_stays_within_the_quota_of_patterns() {
        let scope = Scope::new("aws-us-gov", "123456789012", "us-gov-west-1", "a-stack-of-19-lettr").expect("it fits");
        let form = Form::Bot { channel: "C".repeat(crate::message::MAX_CHANNEL) };
        let name = DestinationId::new("d".repeat(scope.max_destination()));
        let longest = pattern(Some(&name), &form, &scope).to_string();
        assert!(longest.len() <= 2_048, "{}: {longest}", longest.len());
    }
}
