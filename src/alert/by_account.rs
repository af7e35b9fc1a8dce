//! Which accounts' messages go where: the parts of an alert, each with the accounts that it is for.
//!
//! All targets of a rule receive every event that the rule matches. So an alert whose messages go somewhere else for some accounts has
//! a rule for each group of these accounts, and one for all other accounts. [`Alert::parts`] makes an alert of each. An event that the
//! alert's pattern matches is matched by the pattern of exactly one part: `account` is one text, which EventBridge sets.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Addressee, Alert, Home, Receives};
use crate::name::DestinationId;
use crate::pattern::{Pattern, Verdict};
use crate::secret::hex;

/// Where an event says which account it is from.
const ACCOUNT: &str = "account";
/// Accounts of examples, for log lines of an account that is in no group.
const EXAMPLES: [&str; 2] = ["123456789012", "111122223333"];
/// The operator for all values but those in its list.
const EXCEPT: &str = "anything-but";

/// Accounts whose messages go somewhere else than those of all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountGroup {
    /// Their ids, sorted.
    pub accounts: Vec<String>,
    /// Where their messages go; never empty.
    pub to: Vec<Addressee>,
}

impl AccountGroup {
    /// Tells the rule of the group from others of its alert, by its accounts: with other accounts it is another rule, so that the old
    /// one goes only when the new one is in use.
    fn digest(&self, of_calls: Option<&str>) -> String {
        let text = format!("{}/{}", of_calls.unwrap_or_default(), self.accounts.join(","));
        hex(&Sha256::digest(text.as_bytes())[..4])
    }
}

impl Alert {
    /// The groups of accounts as they are from a place that has their destinations.
    pub(super) fn groups_from(&self, home: &Home) -> Vec<AccountGroup> {
        let ids = |to: &[Addressee]| to.iter().map(|one| one.id.clone()).collect::<Vec<DestinationId>>();
        let group = |one: &AccountGroup| AccountGroup { to: home.addressees(&ids(&one.to)), ..one.clone() };
        self.by_account.iter().map(group).filter(|one| !one.to.is_empty()).collect()
    }

    /// The same alert as if the messages of all accounts went to the same destinations.
    #[must_use]
    pub fn ungrouped(&self) -> Self {
        Self { by_account: Vec::new(), ..self.clone() }
    }

    /// An alert for each group of accounts that it receives events of, and one for all other accounts; the alert itself where there
    /// are no groups. `own` is the account of the stack: a remediation, and so its alert, receives events of that account alone.
    ///
    /// What cannot be taken apart stays whole: `check` refuses it.
    #[must_use]
    pub fn parts(&self, own: &str) -> Vec<Self> {
        let whole = || vec![self.ungrouped()];
        if self.by_account.is_empty() || self.is_collected() || self.digest.is_some() || self.events().is_none() {
            return whole();
        }
        if self.remediation().is_some() {
            let is_own = |one: &&AccountGroup| one.accounts.iter().any(|account| account == own);
            let group = self.by_account.iter().find(is_own);
            return group.map_or_else(whole, |group| vec![self.ungrouped().posted(group.to.clone())]);
        }
        self.apart().unwrap_or_else(|_| whole())
    }

    /// What has destinations of its own, each as an alert, with an account to try it with: one whose events or log lines it receives,
    /// if possible of those that the stack receives events of. Without an account where any will do. What receives the rest is left
    /// out if the groups have all accounts.
    #[must_use]
    pub fn trials(&self, home: &Home) -> Vec<(Self, Option<String>)> {
        let own = home.account.clone().unwrap_or_default();
        let known = || std::iter::once(&own).chain(&home.forwarded.accounts).filter(|account| !account.is_empty());
        if self.lines().is_some() && !self.by_account.is_empty() {
            let of_group =
                |account: &str| self.by_account.iter().any(|one| one.accounts.iter().any(|id| id == account));
            let others = known().map(String::as_str).chain(EXAMPLES);
            let rest = others.into_iter().find(|account| !of_group(account)).map(str::to_owned);
            let group = |one: &AccountGroup| {
                let account = known().find(|id| one.accounts.contains(id)).or(one.accounts.first());
                (self.ungrouped().posted(one.to.clone()), account.cloned())
            };
            let rest = rest.map(|account| (self.ungrouped(), Some(account)));
            return rest.into_iter().chain(self.by_account.iter().map(group)).collect();
        }
        let trial = |part: Self| {
            let asked = part.events().and_then(|events| list(&events.pattern).ok().flatten()).cloned();
            let Some(asked) = asked.filter(|_| !self.by_account.is_empty()) else { return Some((part, None)) };
            let named = || asked.iter().find_map(|one| one.as_str().map(str::to_owned));
            let account = known().find(|account| accepts(&asked, account)).cloned().or_else(named)?;
            Some((part, Some(account)))
        };
        self.parts(&own).into_iter().filter_map(trial).collect()
    }

    /// The alert taken apart by account.
    ///
    /// # Errors
    /// There is no pattern for the events of all other accounts, with the reason.
    pub fn apart(&self) -> Result<Vec<Self>, String> {
        let mut parts = Vec::new();
        let all: Vec<&str> = self.by_account.iter().flat_map(|one| &one.accounts).map(String::as_str).collect();
        let rest = self.ungrouped().narrowed_by(|pattern| of_all_but(pattern, &all), None)?;
        for group in &self.by_account {
            let part = self.ungrouped().posted(group.to.clone());
            parts.extend(part.narrowed_by(|pattern| of_these(pattern, &group.accounts), Some(group))?);
        }
        Ok(rest.into_iter().chain(parts).collect())
    }

    /// The alert with its patterns narrowed; nothing if no event is left.
    fn narrowed_by(
        mut self,
        narrow: impl Fn(&Value) -> Result<Option<Value>, String>,
        group: Option<&AccountGroup>,
    ) -> Result<Option<Self>, String> {
        let Receives::Events(events) = &mut self.receives else { return Ok(Some(self)) };
        let Some(pattern) = narrow(&events.pattern)? else { return Ok(None) };
        events.pattern = pattern;
        for message in &mut events.messages {
            // The groups of an alert differ in the names of calls alone.
            if let Some(pattern) = narrow(&message.pattern)? {
                message.pattern = pattern;
            }
            if let Some(group) = group {
                message.group = Some(group.digest(message.group.as_deref()));
            }
        }
        Ok(Some(self))
    }
}

/// The pattern for the events of these accounts; nothing if it matches none of them.
fn of_these(pattern: &Value, accounts: &[String]) -> Result<Option<Value>, String> {
    let list = list(pattern)?;
    let is_asked = |account: &&String| list.is_none_or(|list| accepts(list, account));
    let left: Vec<&String> = accounts.iter().filter(is_asked).collect();
    Ok((!left.is_empty()).then(|| with(pattern, json!(left))))
}

/// The pattern for the events of all accounts but these; nothing if there are none.
fn of_all_but(pattern: &Value, accounts: &[&str]) -> Result<Option<Value>, String> {
    let Some(list) = list(pattern)? else {
        return Ok(Some(with(pattern, json!([{ EXCEPT: accounts }, { "exists": false }]))));
    };
    let mut left = Vec::new();
    for entry in list {
        match entry {
            Value::String(text) if accounts.contains(&text.as_str()) => {}
            Value::String(_) => left.push(entry.clone()),
            Value::Object(fields) => left.push(except(fields, accounts).ok_or_else(|| {
                format!(
                    "its pattern asks for `account: [{entry}]`, which cannot be combined with a list of other accounts"
                )
            })?),
            other => left.push(other.clone()),
        }
    }
    Ok((!left.is_empty()).then(|| with(pattern, left.into())))
}

/// An entry that names accounts which it is not about, with more of them; nothing if it is another one.
fn except(entry: &Map<String, Value>, accounts: &[&str]) -> Option<Value> {
    if entry.get("exists") == Some(&json!(false)) {
        return Some(entry.clone().into());
    }
    let named = match entry.get(EXCEPT)? {
        Value::String(text) => vec![text.as_str()],
        Value::Array(all) => all.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    let more = accounts.iter().copied().filter(|account| !named.contains(account));
    Some(json!({ EXCEPT: named.iter().copied().chain(more).collect::<Vec<_>>() }))
}

/// What a pattern asks of the account, if anything.
fn list(pattern: &Value) -> Result<Option<&Vec<Value>>, String> {
    if pattern.get("$or").is_some_and(names_account) {
        return Err("its pattern asks for `account` inside of `$or`".to_owned());
    }
    Ok(pattern.get(ACCOUNT).and_then(Value::as_array))
}

/// Whether one of the entries of an `$or` asks for the account.
fn names_account(entries: &Value) -> bool {
    let names = |entry: &Value| entry.get(ACCOUNT).is_some() || entry.get("$or").is_some_and(names_account);
    entries.as_array().is_some_and(|entries| entries.iter().any(names))
}

fn accepts(list: &[Value], account: &str) -> bool {
    let pattern = Pattern::from_value(&json!({ ACCOUNT: list }));
    pattern.is_ok_and(|pattern| pattern.matches_value(&json!({ ACCOUNT: account })) == Ok(Verdict::Matches))
}

fn with(pattern: &Value, accounts: Value) -> Value {
    let mut pattern = pattern.clone();
    if let Some(fields) = pattern.as_object_mut() {
        fields.insert(ACCOUNT.to_owned(), accounts);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::document::Document;

    const ACCOUNTS: [&str; 4] = ["111111111111", "222222222222", "333333333333", "123456789012"];

    /// An alert with this pattern, whose messages about the first accounts go to `b`, those about the second ones to `c`.
    fn alert(pattern: &Value, groups: [&[&str]; 2]) -> Alert {
        let folder = tempfile::tempdir().expect("a folder");
        let blueprint = format!(
            "blueprint: mine\ntitle: T\nseverity: low\nalert:\n  pattern: {pattern}\n  message: {{ text: hello }}\n"
        );
        std::fs::write(folder.path().join("mine.yaml"), blueprint).expect("written");
        let route = |(accounts, to): (&[&str], &str)| {
            (!accounts.is_empty()).then(|| format!("{{ accounts: {}, to: {to} }}", json!(accounts)))
        };
        let routes: Vec<String> = groups.into_iter().zip(["b", "c"]).filter_map(route).collect();
        let text = format!(
            "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nforwarded: {{ accounts: {} }}\nslack:\n  a: {{ webhook: \"${{env:A}}\" }}\n  \
             b: {{ webhook: \"${{env:B}}\" }}\n  c: {{ webhook: \"${{env:C}}\" }}\nto: {{ default: a, accounts: [{}] }}\nalerts:\n  - blueprint: ./mine.yaml\n",
            json!(&ACCOUNTS[..3]),
            routes.join(", ")
        );
        let document = Document::parse("s.yaml", &text).expect("YAML");
        let loaded = crate::check::stack(document, folder.path().to_owned());
        loaded.unwrap_or_else(|found| panic!("{found:?}")).alerts.remove(0)
    }

    fn matches(pattern: &Value, event: &Value) -> bool {
        Pattern::from_value(pattern).expect("a pattern").matches_value(event) == Ok(Verdict::Matches)
    }

    fn patterns() -> impl Strategy<Value = Value> {
        let account = prop_oneof![
            Just(None),
            proptest::sample::subsequence(ACCOUNTS.to_vec(), 1..4).prop_map(|list| Some(json!(list))),
            proptest::sample::subsequence(ACCOUNTS.to_vec(), 1..3)
                .prop_map(|list| Some(json!([{ "anything-but": list }]))),
            Just(Some(json!([{ "anything-but": "111111111111" }, { "exists": false }]))),
        ];
        let others = prop_oneof![
            Just(json!({ "source": ["my.app"] })),
            Just(
                json!({ "source": ["my.app"], "$or": [{ "detail": { "a": [1] } }, { "detail": { "b": [{ "exists": false }] } }] })
            ),
        ];
        (account, others).prop_map(|(account, mut pattern)| {
            if let Some(account) = account {
                pattern["account"] = account;
            }
            pattern
        })
    }

    fn events() -> impl Strategy<Value = Value> {
        let account = prop_oneof![proptest::sample::select(ACCOUNTS.to_vec()), Just("999999999999"), Just("")];
        let source = prop_oneof![4 => Just("my.app"), 1 => Just("other")];
        (account, source, 0..3, any::<bool>()).prop_map(|(account, source, a, has_b)| {
            let mut event = json!({ "source": source, "detail": { "a": a } });
            if !account.is_empty() {
                event["account"] = account.into();
            }
            if has_b {
                event["detail"]["b"] = 1.into();
            }
            event
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
        #[test]
        fn an_event_is_matched_by_exactly_the_part_of_its_account(
            pattern in patterns(), cut in (0..3_usize, 0..3_usize), events in proptest::collection::vec(events(), 1..12)
        ) {
            let (first, rest) = ACCOUNTS.split_at(cut.0);
            let second = &rest[..cut.1.min(rest.len())];
            let alert = alert(&pattern, [first, second]);
            let parts = alert.parts("123456789012");
            for event in &events {
                let matching: Vec<&str> = parts
                    .iter()
                    .filter(|part| matches(&part.events().expect("events").messages[0].pattern, event))
                    .map(|part| part.to[0].id.as_str())
                    .collect();
                let account = event["account"].as_str().unwrap_or_default();
                let own = if first.contains(&account) { "b" } else if second.contains(&account) { "c" } else { "a" };
                let expected = if matches(&pattern, event) { vec![own] } else { Vec::new() };
                prop_assert_eq!(matching, expected, "{} {}", event, pattern);
            }
        }
    }

    #[test]
    fn all_other_accounts_keep_the_rule_that_the_alert_has() {
        let (source, groups) = (json!({ "source": ["my.app"] }), [&ACCOUNTS[..2], &ACCOUNTS[2..3]]);
        let names = |alert: &Alert| -> Vec<Option<String>> {
            let parts = alert.parts("123456789012");
            parts.iter().map(|part| part.events().expect("events").messages[0].group.clone()).collect()
        };
        let two = names(&alert(&source, groups));
        assert!(matches!(&two[..], [None, Some(one), Some(other)] if one != other && one.len() == 8), "{two:?}");
        // Other accounts, another rule; other destinations, the same one.
        assert_eq!(names(&alert(&source, [groups[1], groups[0]])), [two[0].clone(), two[2].clone(), two[1].clone()]);
        assert_ne!(names(&alert(&source, [&ACCOUNTS[..1], groups[1]]))[1], two[1]);
        // Without groups nothing changes.
        let plain = alert(&source, [&[], &[]]);
        assert_eq!(plain.parts("123456789012").len(), 1);
        assert_eq!(plain.parts("123456789012")[0].receives, plain.receives);
    }

    #[test]
    fn a_remediation_has_the_rule_of_the_alert_and_the_destinations_of_its_account() {
        let text = "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nslack:\n  a: { webhook: \"${env:A}\" }\n  b: { webhook: \"${env:B}\" }\n\
            to: { default: a, accounts: [{ accounts: [\"123456789012\"], to: b }] }\nalerts:\n  \
            - { blueprint: cloudtrail-stop-logging, with: { restart_logging: true } }\n";
        let loaded = crate::check::stack(Document::parse("s.yaml", text).expect("YAML"), PathBuf::new());
        let alert = loaded.unwrap_or_else(|found| panic!("{found:?}")).alerts.remove(0);
        for (own, to) in [("123456789012", "b"), ("111111111111", "a")] {
            let [part] = &alert.parts(own)[..] else { panic!("one rule") };
            assert_eq!(part.to.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [to]);
            assert_eq!(part.events().expect("events").messages[0].group, None);
        }
    }
}
