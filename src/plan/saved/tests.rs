//! What a saved plan holds, what it refuses, and what it sees.

use std::path::PathBuf;

use super::*;
use crate::check;
use crate::compile::compile;
use crate::document::Document;
use crate::live::Live;
use crate::plan::plan;
use crate::resource::set;
use crate::secret::Secret;

const WEBHOOK: &str = "slack: { webhook: \"${env:HOOK}\" }";
const BOT: &str = "slack: { token: \"${env:HOOK}\", channel: C0123456789, trusted_host: slack.com }";

/// The plan that creates a stack.
fn planned(destination: &str, alerts: &[&str], secret: Option<&str>) -> Plan {
    let alerts = alerts.join("\n  - blueprint: ");
    let text = format!("version: 1\nstack: sec\nregion: us-east-1\n{destination}\nalerts:\n  - blueprint: {alerts}\n");
    let document = Document::parse("t.yaml", &text).expect("YAML");
    let installation = check::stack(document, PathBuf::new()).expect("no findings");
    let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
    let desired = compile(&installation, &scope, secret.map(Secret::new).as_ref());
    plan(&scope, &desired, &Live::default()).expect("a plan")
}

fn hook(last: char) -> String {
    format!("https://hooks.slack.com/services/T00000000/B00000000/{}", last.to_string().repeat(24))
}

fn one() -> Plan {
    planned(WEBHOOK, &["cloudtrail-stop-logging"], Some(&hook('a')))
}

/// As it is after it was written and read.
fn kept(plan: &Plan) -> SavedPlan {
    let text =
        serde_json::to_string_pretty(&SavedPlan::new(plan, "trailbell.yaml", PlanContext::default())).expect("JSON");
    SavedPlan::read(&text).expect("usable").expect("a saved plan")
}

#[test]
fn the_same_plan_does_not_differ() {
    assert_eq!(kept(&one()), SavedPlan::new(&one(), "trailbell.yaml", PlanContext::default()));
    assert_eq!(kept(&one()).differences(&one()), Vec::<String>::new());
}

#[test]
fn each_address_that_differs_is_told() {
    let more = planned(WEBHOOK, &["cloudtrail-stop-logging", "repostspace-case-resolved"], Some(&hook('a')));
    let new = kept(&one()).differences(&more);
    assert!(new.iter().any(|line| line.starts_with("rule.repostspace-case-resolved: planned: no change; now: create")));
    let gone = kept(&more).differences(&one());
    assert!(
        gone.iter().any(|line| line == "rule.repostspace-case-resolved: planned: create; now: no change"),
        "{gone:?}"
    );
    assert!(!gone.iter().any(|line| line.starts_with("rule.cloudtrail-stop-logging:")), "{gone:?}");
}

#[test]
fn another_value_of_the_same_field_differs() {
    let mut other = one();
    for step in &mut other.steps {
        if let Change::Create { after: Resource::Rule(rule) } = &mut step.change {
            rule.description.push('x');
        }
    }
    let told = kept(&one()).differences(&other);
    assert_eq!(
        told,
        [
            "rule.cloudtrail-stop-logging: planned: create; now: create with another value of description",
            "rule.relay@relay: planned: create; now: create with another value of description"
        ]
    );
}

#[test]
fn a_rotated_secret_differs_and_a_missing_one_does_not() {
    let hooked = |secret: Option<&str>| planned(WEBHOOK, &["cloudtrail-stop-logging"], secret);
    let told = kept(&one()).differences(&hooked(Some(&hook('b'))));
    assert_eq!(told, ["api_destination.slack: planned: create; now: create with another value of invocation_endpoint"]);
    assert_eq!(kept(&hooked(None)).differences(&one()), Vec::<String>::new());
}

#[test]
fn nothing_in_the_file_comes_from_a_secret_that_could_be_guessed() {
    let weak = |secret: &str| {
        SavedPlan::new(&planned(BOT, &["cloudtrail-stop-logging"], Some(secret)), "t.yaml", PlanContext::default())
    };
    let text = |secret: &str| serde_json::to_string(&weak(secret)).expect("JSON");
    // Two files of which only the secret differs are the same, so neither tells which secret it was made with.
    assert_eq!(text("hunter2"), text("correct-horse"));
    let strong = serde_json::to_string(&SavedPlan::new(&one(), "t.yaml", PlanContext::default())).expect("JSON");
    assert!(!strong.contains("aaaaaaaa") && strong.contains("fingerprint"), "{strong}");
}

#[test]
fn of_an_environment_nothing_is_in_the_file() {
    use crate::resource::{Function, PackedCode};
    let function = |value: &str| {
        let with =
            planned(WEBHOOK, &["cloudtrail-stop-logging\n    with: { restart_logging: true }"], Some(&hook('a')));
        let mut functions = with.steps.into_iter().filter_map(|step| match step.change {
            Change::Create { after: Resource::Function(one) } => Some(one),
            _ => None,
        });
        let one = functions.next().expect("a function");
        let mut one = Function { code: PackedCode::known(one.code.sha256.clone()), ..one };
        one.environment.insert("TOKEN".to_owned(), value.to_owned());
        // As every provider does with what it reads.
        one.mask_environment();
        let live = Live { managed: set([Resource::from(one)]), ..Live::default() };
        let scope = Scope::offline(None, "us-east-1", "sec").expect("a scope");
        let plan = crate::plan::destroy(&scope, &live).expect("a plan");
        serde_json::to_string(&SavedPlan::new(&plan, "t.yaml", PlanContext::default())).expect("JSON")
    };
    assert_eq!(function("hunter2"), function("correct-horse"));
}

/// The text of a saved plan with a change, whose digest is made to fit if asked for.
fn edited(edit: impl FnOnce(&mut Value)) -> Result<Option<SavedPlan>, UnusablePlan> {
    let mut value = json!(SavedPlan::new(&one(), "trailbell.yaml", PlanContext::default()));
    edit(&mut value);
    SavedPlan::read(&value.to_string())
}

#[test]
fn each_unusable_file_is_refused_by_name() {
    use UnusablePlan::{Damaged, NewerFormat, OtherVersion, Output, WrongFormat};
    assert_eq!(edited(|value| value[MARK] = 2.into()), Err(NewerFormat(2)));
    assert_eq!(edited(|value| value[MARK] = 0.into()), Err(WrongFormat(0)));
    assert_eq!(edited(|value| value["version"] = "99.0.0".into()), Err(OtherVersion("99.0.0".into())));
    let changed = edited(|value| value["steps"][0]["action"] = "delete".into());
    assert_eq!(changed, Err(Damaged("its digest does not match what it holds".into())));
    assert!(matches!(edited(|value| value["scope"]["account"] = "1".into()), Err(Damaged(_))));
    assert!(matches!(edited(|value| value["more"] = 1.into()), Err(Damaged(_))));
    assert!(matches!(edited(|value| value[MARK] = "1".into()), Err(Damaged(_))));
    let text = serde_json::to_string_pretty(&SavedPlan::new(&one(), "t.yaml", PlanContext::default())).expect("JSON");
    assert!(matches!(SavedPlan::read(&text[..text.len() / 2]), Err(Damaged(_))));
    assert_eq!(SavedPlan::read(&json!({ "version": 1, "summary": {}, "plan": one() }).to_string()), Err(Output));
    for other in ["", "version: 1\nstack: sec\n", "{}", "[1]", "{\"stack\": \"trailbell_plan\"}", "{"] {
        assert_eq!(SavedPlan::read(other), Ok(None), "{other}");
    }
}

#[test]
fn a_plan_is_for_one_place() {
    let is_for = |account, region, stack| {
        kept(&one()).is_for(&Scope::offline(account, region, stack).expect("a scope")).map_err(|why| why.to_string())
    };
    assert_eq!(is_for(None, "us-east-1", "sec"), Ok(()));
    let wrong = "it is for account 123456789012, and this is account 999999999999";
    assert_eq!(is_for(Some("999999999999"), "us-east-1", "sec"), Err(wrong.to_owned()));
    assert!(is_for(None, "eu-west-1", "sec").is_err_and(|why| why.contains("region us-east-1")));
    assert!(is_for(None, "us-east-1", "other").is_err_and(|why| why.contains("stack sec")));
}
