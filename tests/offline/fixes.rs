//! Help texts, tested by following them: each rule is written as people write it, its finding is raised, and with the fix that the
//! help names it passes `check` and matches the record that it is about.

use serde_json::{Value, json};
use trailbell::alert::Installation;
use trailbell::check;
use trailbell::compile::compile;
use trailbell::diagnostic::{Code, Finding};
use trailbell::document::{Document, Reach};
use trailbell::graph::{Graph, Receiving};
use trailbell::name::Scope;
use trailbell::resource::Resource;
use trailbell::trace::{Input, answer, follow};

const CALL: &str = "detail-type: [AWS API Call via CloudTrail]";
const TRAIL: &str = "source: [aws.cloudtrail], detail-type: [AWS API Call via CloudTrail]";
const STOPPED: &str = "eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging]";
const SUCCESS: &str = "errorCode: [{ exists: false }], errorMessage: [{ exists: false }]";

/// A blueprint and its stack, in the parts that these tests change.
#[derive(Clone)]
struct Rule {
    pattern: String,
    /// More lines of the alert, such as its message; without it, a message in one sentence.
    message: &'static str,
    /// More lines of the blueprint, such as a remediation.
    more: String,
    region: &'static str,
    /// More lines of the stack.
    stack: &'static str,
}

fn rule(pattern: impl Into<String>) -> Rule {
    let message = "{ text: something happened }";
    Rule { pattern: pattern.into(), message, more: String::new(), region: "us-east-1", stack: "" }
}

impl Rule {
    fn by_notifier(self) -> Self {
        Self { message: "{ via: lambda, card: { text: something happened } }", ..self }
    }

    fn with(self, action: &str) -> Self {
        let more = format!(
            "remediation: {{ handler: fix.mjs, allow: [{{ actions: [\"{action}\"], resources: [\"*\"] }}] }}\n"
        );
        Self { more, ..self }
    }

    fn load(&self) -> Result<Installation, Vec<Finding>> {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
        let Self { pattern, message, more, region, stack } = self;
        write("fix.mjs", "export const handler = async () => {};");
        write(
            "mine.yaml",
            &format!(
                "blueprint: mine\ntitle: Something happened\nseverity: low\nalert:\n  pattern: {pattern}\n  message: {message}\n{more}"
            ),
        );
        let text = format!(
            "stack: sec\nregion: {region}\nslack: {{ webhook: \"${{env:HOOK}}\" }}\n{stack}alerts:\n  - blueprint: ./mine.yaml\n"
        );
        write("trailbell.yaml", &text);
        check::stack_file(&folder.path().join("trailbell.yaml"), Reach::Own)
    }

    /// The findings, without those about missing tests.
    fn findings(&self) -> Vec<Finding> {
        let found = self.load().map_or_else(|found| found, |one| one.warnings);
        let is_meant = |one: &Finding| ![Code::MissingCase, Code::BlueprintInvalid].contains(&one.code);
        found.into_iter().filter(is_meant).collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        self.findings().iter().map(|one| one.code.id()).collect()
    }

    fn help(&self) -> String {
        self.findings().first().and_then(|one| one.help.clone()).unwrap_or_default()
    }

    /// Whether an event matches the rule as it is deployed.
    fn matches(&self, event: &Value) -> bool {
        let installation = self.load().unwrap_or_else(|found| panic!("{}: {found:#?}", self.pattern));
        let scope = Scope::offline(None, self.region, "sec").expect("a scope");
        let graph = Graph::compiled(&scope, &compile(&installation, &scope, None)).receiving(Receiving::default());
        follow(&graph, Input::Event(event), answer).iter().any(|way| way.origin.id == "mine" && way.matches())
    }

    fn state(&self) -> String {
        let installation = self.load().unwrap_or_else(|found| panic!("{found:#?}"));
        let scope = Scope::offline(None, self.region, "sec").expect("a scope");
        let desired = compile(&installation, &scope, None);
        let state = desired.into_values().find_map(|one| match one {
            Resource::Rule(rule) if rule.name.contains("mine") => Some(rule.state),
            _ => None,
        });
        state.expect("the rule of the alert")
    }
}

fn event(source: &str, record: Value) -> Value {
    let mut detail = json!({
        "eventVersion": "1.09", "eventType": "AwsApiCall", "eventTime": "2026-05-21T17:54:28Z", "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1", "readOnly": false, "managementEvent": true, "eventCategory": "Management",
        "recipientAccountId": "123456789012",
    });
    if let (Some(detail), Value::Object(record)) = (detail.as_object_mut(), record) {
        detail.extend(record);
    }
    json!({
        "version": "0", "id": "1", "source": source, "detail-type": "AWS API Call via CloudTrail", "account": "123456789012",
        "region": "us-east-1", "time": "2026-05-21T17:54:28Z", "resources": [], "detail": detail,
    })
}

fn root_stops_logging() -> Value {
    let root = json!({ "type": "Root", "arn": "arn:aws:iam::123456789012:root", "principalId": "123456789012" });
    event(
        "aws.cloudtrail",
        json!({ "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "userIdentity": root }),
    )
}

fn user_is_refused() -> Value {
    let user = json!({ "type": "IAMUser", "userName": "alice", "principalId": "AIDAEXAMPLE" });
    event(
        "aws.iam",
        json!({
            "eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "errorCode": "AccessDenied", "userIdentity": user
        }),
    )
}

/// The rule with what its helps say about an `$or`: each written where it belongs, in place of the field that the finding names.
fn with_branches(rule: &Rule) -> Rule {
    let between = |text: &str, before: &str| {
        let rest = text.split_once(before).map(|(_, rest)| rest)?;
        rest.split_once('`').map(|(inside, _)| inside.to_owned())
    };
    let yaml =
        |text: &str| Document::parse("p.yaml", text).unwrap_or_else(|found| panic!("{text}: {found:?}")).root.to_json();
    let mut pattern = yaml(&rule.pattern);
    for finding in rule.findings() {
        let help = finding.help.unwrap_or_default();
        let Some(branches) = between(&help, "`$or: ") else { continue };
        if let Some(field) = between(&finding.message, "`anything-but` on `") {
            let (object, name) = field.rsplit_once('.').expect("a field of an object");
            inside(&mut pattern, object).remove(name).expect("the negation");
        }
        let place = if help.contains("next to `detail`") {
            String::new()
        } else {
            between(&help, "in `detail").expect("a place")
        };
        let place = if help.contains("next to `detail`") { place } else { format!("detail{place}") };
        let before = inside(&mut pattern, &place).insert("$or".to_owned(), yaml(&branches));
        assert_eq!(before, None, "a second `$or` in `{place}`");
    }
    Rule { pattern: pattern.to_string(), ..rule.clone() }
}

/// The object with this dotted path, made if it is not there.
fn inside<'v>(pattern: &'v mut Value, path: &str) -> &'v mut serde_json::Map<String, Value> {
    let steps = path.split('.').filter(|step| !step.is_empty());
    let found = steps.fold(pattern, |value, step| {
        value.as_object_mut().expect("an object").entry(step).or_insert_with(|| json!({}))
    });
    found.as_object_mut().expect("an object")
}

#[test]
fn whom_a_negation_leaves_out_the_branches_let_in() {
    let not_ours =
        "userIdentity: { sessionContext: { sessionIssuer: { userName: [{ anything-but: { prefix: trailbell- } }] } } }";
    let role_left_out = rule(format!("{{ {TRAIL}, detail: {{ {STOPPED}, {not_ours} }} }}"));
    assert_eq!(role_left_out.codes(), ["TB0514"]);
    assert!(!role_left_out.matches(&root_stops_logging()));
    let fixed = with_branches(&role_left_out);
    assert_eq!(fixed.codes(), [""; 0]);
    assert!(fixed.matches(&root_stops_logging()));

    let refused = |more: &str| {
        format!(
            "{{ source: [{{ prefix: aws. }}], {CALL}, detail: {{ errorCode: [AccessDenied], readOnly: [false], {more} }} }}"
        )
    };
    let one_role =
        "userIdentity: { sessionContext: { sessionIssuer: { userName: [{ anything-but: [scanner-connector] }] } } }";
    let refused_but_one_role = rule(refused(one_role));
    assert_eq!(refused_but_one_role.codes(), ["TB0514"]);
    assert!(!refused_but_one_role.matches(&user_is_refused()));
    let fixed = with_branches(&refused_but_one_role);
    assert_eq!(fixed.codes(), [""; 0]);
    assert!(fixed.matches(&user_is_refused()));

    // Several negations, an `$or` that is there already, and two in one object: each gets a place of its own.
    let several = [
        "eventName: [StopLogging], userIdentity: { userName: [{ anything-but: [ci] }], sessionContext: { sessionIssuer: { userName: [{ anything-but: { prefix: trailbell- } }] } } }",
        "$or: [{ eventName: [StopLogging] }, { eventName: [DeleteTrail] }], userIdentity: { sessionContext: { sessionIssuer: { userName: [{ anything-but: [ci] }] } } }",
        "$or: [{ eventName: [StopLogging] }, { eventName: [DeleteTrail] }], errorCode: [{ anything-but: [AccessDenied] }]",
        "eventName: [StopLogging], errorCode: [{ anything-but: [AccessDenied] }], errorMessage: [{ anything-but: [x] }]",
        "eventName: [StopLogging], errorCode: [{ anything-but: [AccessDenied] }], userIdentity: { type: [{ anything-but: [AWSService] }], userName: [{ anything-but: [ci] }] }",
    ];
    for detail in several {
        let silent = rule(format!("{{ {TRAIL}, detail: {{ eventSource: [cloudtrail.amazonaws.com], {detail} }} }}"));
        assert!(
            !silent.codes().is_empty() && silent.codes().iter().all(|code| *code == "TB0514"),
            "{detail}: {:?}",
            silent.codes()
        );
        assert!(!silent.matches(&root_stops_logging()), "{detail}");
        let fixed = with_branches(&silent);
        assert_eq!(fixed.codes(), [""; 0], "{}", fixed.pattern);
        assert!(fixed.matches(&root_stops_logging()), "{}", fixed.pattern);
    }
    // What is inside of an `$or` gets none in the objects around that.
    let inside = rule(format!(
        "{{ {TRAIL}, detail: {{ eventSource: [cloudtrail.amazonaws.com], $or: [{{ eventName: [StopLogging], errorCode: [{{ anything-but: [AccessDenied] }}] }}, {{ eventName: [DeleteTrail], errorCode: [X] }}] }} }}"
    ));
    assert_eq!(inside.codes(), ["TB0514"]);
    assert!(inside.help().contains("a second alert"), "{}", inside.help());

    // The other fix: those who are meant are named.
    let roles_only = rule(format!(
        "{{ {TRAIL}, detail: {{ {STOPPED}, {} }} }}",
        not_ours.replacen('{', "{ type: [AssumedRole],", 1)
    ));
    assert_eq!(roles_only.codes(), [""; 0]);
}

#[test]
fn what_never_occurs_is_an_error_with_a_fix() {
    let created = event("aws.iam", json!({ "eventSource": "iam.amazonaws.com", "eventName": "CreateRole" }));
    let other_type = |kind: &str| {
        rule(format!(
            "{{ source: [aws.iam], detail-type: [{kind}], detail: {{ eventName: [CreateRole, DeleteRole] }} }}"
        ))
    };
    assert_eq!(other_type("Alert when IAM are changed").codes(), ["TB0501"]);
    assert!(other_type("Alert when IAM are changed").help().contains("AWS API Call via CloudTrail"));
    assert_eq!(other_type("AWS API Call via CloudTrail").codes(), [""; 0]);
    assert!(other_type("AWS API Call via CloudTrail").matches(&created));

    let named = |names: &str| {
        rule(format!("{{ {TRAIL}, detail: {{ eventSource: [cloudtrail.amazonaws.com], eventName: [{names}] }} }}"))
    };
    let prefixed = named("\"cloudtrail:StopLogging\", \"cloudtrail:DeleteTrail\"");
    assert_eq!(prefixed.codes(), ["TB0501", "TB0501"]);
    assert!(prefixed.help().contains("write `StopLogging`"), "{}", prefixed.help());
    assert!(named("StopLogging, DeleteTrail").codes().is_empty());
    assert!(named("StopLogging, DeleteTrail").matches(&root_stops_logging()));

    let terminated = |more: &str| {
        rule(format!(
            "{{ source: [aws.ec2], detail-type: [EC2 Instance State-change Notification], detail: {{ state: [terminated]{more} }} }}"
        ))
    };
    assert_eq!(
        terminated(", userIdentity: { type: [{ anything-but: AWSService }] }").by_notifier().codes(),
        ["TB0501"]
    );
    assert_eq!(terminated("").by_notifier().codes(), [""; 0]);
}

#[test]
fn what_is_forwarded_is_received() {
    let domain = |region, stack| Rule {
        region,
        stack,
        ..rule(format!(
            "{{ source: [aws.route53domains], {CALL}, detail: {{ eventSource: [route53domains.amazonaws.com], eventName: [TransferDomain] }} }}"
        ))
    };
    assert_eq!(domain("eu-central-1", "").codes(), ["TB0506"]);
    assert!(domain("eu-central-1", "").help().contains("forwarded: { regions: [us-east-1] }"));
    assert_eq!(domain("us-east-1", "").codes(), [""; 0]);
    assert_eq!(domain("eu-central-1", "forwarded: { regions: [us-east-1] }\n").codes(), [""; 0]);
    assert_eq!(domain("eu-central-1", "forwarded: { regions: [us-west-2] }\n").codes(), ["TB0506"]);
    assert_eq!(domain("eu-central-1", "forwarded: { regions: [moon] }\n").codes(), ["TB0301", "TB0506"]);

    // An alert that fires for the other half of its pattern is a warning.
    let there = |pattern: &str| Rule { region: "eu-central-1", ..rule(pattern) };
    let half = [
        format!("{{ source: [aws.iam, aws.ec2], {CALL}, detail: {{ eventName: [CreateUser, RunInstances] }} }}"),
        format!(
            "{{ {CALL}, $or: [{{ source: [aws.iam], detail: {{ eventName: [CreateUser] }} }}, {{ source: [aws.ec2], detail: {{ eventName: [RunInstances] }} }}] }}"
        ),
    ];
    for pattern in half {
        assert_eq!(there(&pattern).codes(), ["TB0513"], "{pattern}");
        assert!(there(&pattern).load().is_ok(), "a warning");
    }
    let trusted = "{ source: [aws.trustedadvisor], detail-type: [Trusted Advisor Check Item Refresh Notification] }";
    assert_eq!(there(trusted).codes(), ["TB0506"]);
    assert_eq!(rule(trusted).codes(), [""; 0]);

    let own = "account: \"123456789012\"\n";
    let both = "account: \"123456789012\"\nforwarded: { accounts: [\"111122223333\"] }\n";
    let member =
        |stack| Rule { stack, ..rule(format!("{{ {TRAIL}, account: [\"111122223333\"], detail: {{ {STOPPED} }} }}")) };
    assert_eq!(member(own).codes(), ["TB0506"]);
    assert!(member(own).help().contains("forwarded: { accounts: […] }"));
    assert_eq!(member(both).codes(), [""; 0]);
    assert_eq!(member("forwarded: { accounts: [123] }\n").codes(), ["TB0106"]);
}

#[test]
fn data_events_need_a_trail_that_selects_them() {
    let deleted = |more: &str| {
        rule(format!(
            "{{ source: [aws.s3], {CALL}, detail: {{ eventSource: [s3.amazonaws.com], eventName: [PutObject, DeleteObject]{more} }} }}"
        ))
    };
    assert_eq!(deleted("").codes(), ["TB0515"]);
    let help = deleted("").help();
    let selectors = &help[help.find('\'').expect("quoted") + 1..help.rfind('\'').expect("quoted")];
    let selectors: Value = serde_json::from_str(selectors).unwrap_or_else(|error| panic!("{selectors}: {error}"));
    assert_eq!(selectors[1]["FieldSelectors"][1]["Equals"][0], "AWS::S3::Object");
    let named = |source: &str, names: &str| {
        rule(format!("{{ source: [aws.{source}], {CALL}, detail: {{ eventName: [{names}], readOnly: [false] }} }}"))
            .codes()
    };
    assert_eq!(named("s3", "GetObject"), ["TB0515"]);
    assert_eq!(named("s3", "{ prefix: DeleteObject }"), ["TB0515"]);
    assert_eq!(named("s3", "{ wildcard: \"*Object\" }"), ["TB0515"]);
    assert_eq!(named("s3", "{ prefix: PutBucket }"), [""; 0]);
    assert_eq!(named("s3", "{ prefix: Put }"), [""; 0]);
    assert_eq!(named("ebs", "GetSnapshotBlock"), ["TB0515"]);
    let confirmed = deleted(", eventCategory: [Data]");
    assert_eq!(confirmed.codes(), [""; 0]);
    let record = json!({ "eventSource": "s3.amazonaws.com", "eventName": "DeleteObject", "eventCategory": "Data", "managementEvent": false });
    assert!(confirmed.matches(&event("aws.s3", record)));
}

#[test]
fn named_calls_that_read_are_received() {
    let named = |source: &str, name: &str| {
        rule(format!(
            "{{ source: [aws.{source}], {CALL}, detail: {{ eventSource: [{source}.amazonaws.com], eventName: [{name}] }} }}"
        ))
    };
    let all = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    for (source, name, state) in [
        ("cloudshell", "GetFileDownloadUrls", all),
        ("redshift", "GetClusterCredentials", all),
        ("sts", "GetSessionToken", "ENABLED"),
        ("cloudtrail", "StopLogging", "ENABLED"),
    ] {
        assert_eq!(named(source, name).codes(), [""; 0], "{name}");
        assert_eq!(named(source, name).state(), state, "{name}");
    }
}

#[test]
fn what_fires_is_not_an_error() {
    let native = |source: &str, kind: &str, detail: &str| {
        rule(format!("{{ source: [{source}], detail-type: [{kind}]{detail} }}"))
    };
    let right = [
        native("aws.codepipeline", "CodePipeline Pipeline Execution State Change", ", detail: { state: [FAILED] }"),
        native("aws.rds", "RDS DB Instance Event", ""),
        native("aws.ecs", "ECS Service Action", ", detail: { eventType: [ERROR], eventName: [SERVICE_STEADY_STATE] }"),
    ];
    for one in &right {
        assert_eq!(one.codes(), [""; 0], "{}", one.pattern);
        assert_eq!(one.clone().by_notifier().codes(), [""; 0], "{}", one.pattern);
    }
    // Events of partners reach the default event bus only when a rule of theirs forwards them.
    let partner = native("aws.partner/auth0.com/a/b", "Auth0 log", "");
    assert_eq!(partner.codes(), ["TB0516"]);
    assert!(partner.load().is_ok(), "a warning");
    // Who sends an event is known of some: the source is misspelled, or that of another service.
    assert_eq!(native("aws.gaurdduty", "GuardDuty Finding", "").codes(), ["TB0503"]);
    assert_eq!(native("aws.ec2", "GuardDuty Finding", "").codes(), ["TB0511"]);

    let own = native("my.shop", "order", ", detail: { eventType: [OrderPlaced] }");
    assert_eq!(own.codes(), ["TB0512"]);
    let because = |reason: &'static str| Rule { message: reason, ..own.clone() };
    let shop =
        because("{ text: something happened }\n  from_anyone: only the shop is allowed to put events on this bus");
    assert_eq!(shop.codes(), [""; 0], "what is accepted with a reason is no warning, also for `--strict`");
    assert_eq!(because("{ text: something happened }\n  from_anyone: ' '").codes(), ["TB0108"]);
    let aws = Rule { message: shop.message, ..right[0].clone() };
    assert_eq!(aws.codes(), ["TB0108"], "where it is not needed, it is not true");
    let sign_in =
        "detail: { eventSource: [signin.amazonaws.com], eventName: [ConsoleLogin], userIdentity: { type: [Root] } }";
    let spelled = |kinds: &str| rule(format!("{{ source: [aws.signin], detail-type: [{kinds}], {sign_in} }}"));
    let one = spelled("AWS Console Sign In via CloudTrail");
    assert_eq!(one.codes(), ["TB0508"]);
    assert!(one.load().is_ok(), "a warning");
    assert_eq!(spelled("AWS Console Sign In via CloudTrail, AWS Console Signin via CloudTrail").codes(), [""; 0]);

    let sources = |all: &str| {
        rule(format!(
            "{{ source: [{all}], {CALL}, detail: {{ eventSource: [iam.amazonaws.com], eventName: [CreateRole] }} }}"
        ))
    };
    assert_eq!(sources("aws.iam, aws.sts").codes(), ["TB0513"]);
    assert!(sources("aws.iam, aws.sts").load().is_ok(), "a warning");
    assert_eq!(sources("aws.sts").codes(), ["TB0501"]);
    assert_eq!(sources("aws.iam").codes(), [""; 0]);

    // One branch of an `$or` that no event can match, beside one that events can match.
    let branches = rule(format!(
        "{{ $or: [{{ source: [aws.iam] }}, {{ source: [aws.sts] }}], {CALL}, detail: {{ eventSource: [iam.amazonaws.com], eventName: [CreateRole] }} }}"
    ));
    assert_eq!(branches.codes(), ["TB0513"]);
    assert!(branches.load().is_ok(), "a warning");
    assert!(
        branches.matches(&event("aws.iam", json!({ "eventSource": "iam.amazonaws.com", "eventName": "CreateRole" })))
    );

    let long = |count: usize| {
        let users: Vec<String> = (0..count).map(|at| format!("user-number-{at:04}")).collect();
        rule(format!("{{ {TRAIL}, detail: {{ {STOPPED}, userIdentity: {{ userName: [{}] }} }} }}", users.join(", ")))
    };
    assert_eq!(long(120).codes(), ["TB0203"]);
    assert!(long(120).load().is_ok(), "a warning");
    assert_eq!(long(300).codes(), ["TB0202"]);
    assert_eq!(long(20).codes(), [""; 0]);

    let wildcard = |text: &str| {
        rule(format!(
            "{{ source: [aws.events], {CALL}, detail: {{ eventSource: [events.amazonaws.com], eventName: [PutRule], requestParameters: {{ eventBusName: [{{ wildcard: \"{text}\" }}] }} }} }}"
        ))
    };
    assert_eq!(wildcard("*:*:*:*:*:event-bus/*").codes(), ["TB0213"]);
    assert_eq!(wildcard("*:event-bus/*").codes(), [""; 0]);
}

#[test]
fn nobody_else_runs_a_handler_once_the_help_is_followed() {
    let key = "eventSource: [iam.amazonaws.com], eventName: [CreateAccessKey]";
    let anybody = rule(format!("{{ {CALL}, detail: {{ {key} }} }}")).with("iam:UpdateAccessKey");
    assert_eq!(anybody.codes(), ["TB0604", "TB0604"]);
    let bound =
        rule(format!("{{ source: [aws.iam], {CALL}, detail: {{ {key}, {SUCCESS} }} }}")).with("iam:UpdateAccessKey");
    assert_eq!(bound.codes(), [""; 0]);
    let record = json!({ "eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey" });
    assert!(bound.matches(&event("aws.iam", record.clone())));
    assert!(!bound.matches(&event("x", record)));
    let refused =
        Rule { more: anybody.more.replace("fix.mjs,", "fix.mjs, refused: true, reason: it only looks,"), ..anybody };
    assert_eq!(refused.codes(), ["TB0604"], "the source is still missing");
}

#[test]
fn no_alert_calls_itself_once_the_help_is_followed() {
    // The handler's own call.
    let any = |more: &str| {
        rule(format!(
            "{{ {TRAIL}, detail: {{ eventSource: [cloudtrail.amazonaws.com], readOnly: [false], {SUCCESS}{more} }} }}"
        ))
        .with("cloudtrail:StartLogging")
    };
    assert_eq!(any("").codes(), ["TB0603"]);
    let fixed = with_branches(&any(""));
    assert_eq!(fixed.codes(), [""; 0]);
    assert!(fixed.matches(&root_stops_logging()));

    // What AWS calls for every function.
    let assumed = |more: &str| {
        rule(format!("{{ source: [aws.sts], {CALL}, detail: {{ eventSource: [sts.amazonaws.com], eventName: [AssumeRole]{more} }} }}")).by_notifier()
    };
    assert_eq!(assumed("").codes(), ["TB0603"]);
    assert!(assumed("").help().contains("userIdentity: { invokedBy: [{ exists: false }] }"));
    let fixed = assumed(", userIdentity: { invokedBy: [{ exists: false }] }");
    assert_eq!(fixed.codes(), [""; 0]);
    let record =
        json!({ "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "userIdentity": { "type": "IAMUser" } });
    assert!(fixed.matches(&event("aws.sts", record)));
    let streams = |more: &str| {
        rule(format!(
            "{{ source: [aws.logs], {CALL}, detail: {{ eventSource: [logs.amazonaws.com], readOnly: [false]{more} }} }}"
        ))
        .by_notifier()
    };
    assert_eq!(streams("").codes(), ["TB0603"]);
    let fixed = with_branches(&streams(""));
    assert_eq!(fixed.codes(), [""; 0]);
    let record = json!({ "eventSource": "logs.amazonaws.com", "eventName": "DeleteLogGroup", "userIdentity": { "type": "Root" } });
    assert!(fixed.matches(&event("aws.logs", record)));

    // What trailbell puts on an event bus.
    let feeding = rule("{ source: [\"trailbell.sec\"] }").by_notifier();
    assert_eq!(feeding.codes(), ["TB0603", "TB0512"]);
    assert_eq!(rule("{ source: [my.app] }").by_notifier().codes(), ["TB0512"]);
}

/// A filter that takes any line but those that every function causes is usable.
#[test]
fn a_filter_on_any_line_passes_without_what_every_function_causes() {
    let others = "($.eventName != \"AssumeRole\") && ($.eventName != \"CreateLogStream\") && ($.eventName != \"GetSecretValue\")";
    let text = |filter: &str| {
        format!(
            "blueprint: mine\ntitle: Any line\nseverity: low\nalert:\n  filter: '{{ {filter} }}'\n  log_group: trail\n"
        )
    };
    let codes = |filter: &str| -> Vec<&'static str> {
        let document = trailbell::document::Document::parse("mine.yaml", &text(filter)).expect("YAML");
        let found = check::blueprint(document).map_or_else(|found| found, |one| one.warnings);
        found.iter().map(|one| one.code.id()).filter(|id| !["TB0509", "TB0220"].contains(id)).collect()
    };
    assert_eq!(codes("$.eventVersion = \"*\""), ["TB0603"]);
    assert_eq!(codes(&format!("($.eventVersion = \"*\") && {others}")), [""; 0]);
}
