//! Templates byte for byte, and what is and is not safe.

use serde_json::json;

use super::*;
use crate::blueprint::Blueprint;
use crate::document::Document;

/// A blueprint with this message, of events that are CloudTrail's.
fn blueprint(message: &str) -> Blueprint {
    let text = format!(
        r#"
blueprint: my-alert
title: Something happened
severity: high
description: Somebody did <it> & more.
parameters: {{ team: {{ type: string }} }}
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail:
      eventSource: [cloudtrail.amazonaws.com]
      eventName: [StopLogging]
      errorMessage: [{{ prefix: "x" }}]
  message: {message}
"#
    );
    let document = Document::parse("t.yaml", &text).unwrap_or_else(|findings| panic!("{findings:?}"));
    document.typed::<Blueprint>(&[]).value.unwrap_or_else(|| panic!("{text}"))
}

fn values() -> Values {
    Values::from([("team".to_owned(), json!("\"ops\" <user>"))])
}

fn template(message: &str, form: Form) -> String {
    compile(&blueprint(message), &values(), &Posting { form, ..Posting::sample() }).template
}

fn bot() -> Form {
    Form::Bot { channel: "C0123456789".into() }
}

#[test]
fn a_sentence_becomes_a_json_body_with_its_placeholders() {
    let cases = [
        ("'<user> did it'", r#"{"text":"<user> did it"}"#),
        (r#""a < b, \"c\" & <nobody>\n""#, r#"{"text":"a \u003c b, \"c\" & \u003cnobody\u003e\n"}"#),
        ("'for ${param:team}: <user>'", r#"{"text":"for \"ops\" \u003cuser\u003e: <user>"}"#),
        ("'by <aws.events.rule-name>'", r#"{"text":"by <aws.events.rule-name>"}"#),
    ];
    for (text, expected) in cases {
        let message = format!("{{ input_paths: {{ user: $.detail.userIdentity.principalId }}, text: {text} }}");
        assert_eq!(template(&message, Form::Webhook), expected);
        assert_eq!(template(&message, bot()), expected.replacen('{', r#"{"channel":"C0123456789","#, 1));
    }
}

#[test]
fn free_text_gets_a_place_of_its_own() {
    let message = "{ input_paths: { user: $.detail.userIdentity.principalId, why: $.detail.errorMessage }, \
                   text: 'stopped by <user>: <why> (<user>)' }";
    assert_eq!(
        template(message, Form::Webhook),
        concat!(
            r#"{"text":"stopped by <user>: … (<user>)","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","#,
            r#""elements":[{"type":"text","text":"stopped by <user>: … (<user>)"}]},{"type":"rich_text_preformatted","#,
            r#""elements":[{"type":"text","text":<why>}]}]}]}"#
        )
    );
    assert_eq!(flaws(&blueprint(message), &values(), &Posting::sample()), []);
    let two = "{ input_paths: { why: $.detail.errorMessage, more: $.detail.more }, holds: { more: text }, \
               text: '<why> and <more> and <why>' }";
    let template = template(two, Form::Webhook);
    assert!(template.contains(r#"{"type":"text","text":"… and … and …"}"#), "{template}");
    for name in ["why", "more"] {
        let label = format!(r#"{{"type":"text","text":"{name}:","style":{{"bold":true}}}}"#);
        let code = format!(r#"{{"type":"rich_text_preformatted","elements":[{{"type":"text","text":<{name}>}}]}}"#);
        assert_eq!((template.matches(&label).count(), template.matches(&code).count()), (1, 1), "{template}");
    }
    assert_eq!(flaws(&blueprint(two), &values(), &Posting::sample()), []);
}

#[test]
fn a_template_is_only_filled() {
    let message = r#"{ template: ' { "text": "x ${param:team}"}' }"#;
    assert_eq!(template(message, bot()), r#"{"channel":"C0123456789","text": "x \"ops\" \u003cuser\u003e"}"#);
    assert_eq!(template("{ template: '{ }' }", bot()), r#"{"channel":"C0123456789"}"#);
}

#[test]
fn a_card_has_its_own_facts_and_is_safe() {
    let message =
        "{ input_paths: { why: $.detail.errorMessage }, card: { facts: { Why: <why>, Team: '${param:team}' } } }";
    let card = compile(&blueprint(message), &values(), &Posting::sample());
    let body: Value = serde_json::from_str(&card.template.replace("<why>", "\"<why>\"")).expect("JSON");
    insta::assert_json_snapshot!(body);
    assert_eq!(card.validate(), []);
    assert_eq!(flaws(&blueprint(message), &values(), &Posting::sample()), []);
    let government =
        compile(&blueprint(message), &values(), &Posting { partition: "aws-us-gov".into(), ..Posting::sample() });
    assert!(government.template.contains("https://<card-region>.console.amazonaws-us-gov.com/"));
    let named = Posting { account_name: Some("payments (production)".into()), ..Posting::sample() };
    let named_card = compile(&blueprint(message), &values(), &named).template;
    assert_eq!(named_card.matches("account <card-account> (payments (production)), <card-region>").count(), 2);
    assert_eq!(flaws(&blueprint(message), &values(), &named), []);
}

/// What is wrong with a message, in short.
fn wrong(message: &str) -> Vec<String> {
    let values = Values::from([("team".to_owned(), json!("ops"))]);
    let short = |flaw| match flaw {
        Flaw::NotJson(_) => "not JSON".to_owned(),
        Flaw::Value { name, why } => format!("{name}: {why:?}"),
        Flaw::Refused { extreme, problem } => format!("{extreme:?}: {:?} at {}", problem.kind, problem.at),
    };
    flaws(&blueprint(message), &values, &Posting::sample()).into_iter().map(short).collect()
}

#[test]
fn every_way_to_lose_or_abuse_a_message_is_found() {
    let paths = "input_paths: { user: $.detail.userIdentity.principalId, agent: $.detail.userAgent, why: $.detail.errorMessage, \
                 id: $.detail.eventID, is: $.detail.readOnly, who: $.detail.userIdentity, first: '$.detail.resources[0].type', \
                 odd: $.detail.requestParameters.odd, account: $.account, tls: $.detail.tlsDetails.tlsVersion, mine: $.detail.mine, more: $.detail.more }, \
                 holds: { mine: identifier, more: text }";
    let rich = |element: &str| {
        format!(
            r#"template: '{{"text": "t", "blocks": [{{"type": "rich_text", "elements": [{{"type": "rich_text_section", "elements": [{element}]}}]}}]}}'"#
        )
    };
    let text = |text: &str| rich(&format!(r#"{{"type": "text", "text": {text}}}"#));
    let in_box = |kind: &str, before: &str, text: &str| {
        rich(&format!(r#"{before}{{"type": "text", "text": {text}}}"#)).replace("rich_text_section", kind)
    };
    let link = |url: &str| rich(&format!(r#"{{"type": "link", "url": "{url}", "text": "l"}}"#));
    let cases: Vec<(String, &[&str])> = vec![
        ("text: 'by <user>'".into(), &[]),
        ("text: <account>".into(), &[]),
        ("text: <user>".into(), &["Shortest: Empty at /text"]),
        ("text: 'by <agent>'".into(), &["agent: FreeMayBeMissing"]),
        ("text: <more>".into(), &[]),
        ("text: '<more> <more>'".into(), &[]),
        ("text: 'is <is>'".into(), &[]),
        ("text: '<who>'".into(), &["who: Composite"]),
        ("text: '<first>'".into(), &["first: Unknown"]),
        ("text: 'x <odd>'".into(), &["odd: Unknown"]),
        ("text: 'x <mine>'".into(), &[]),
        ("text: 'x <!channel>'".into(), &["Shortest: Mention at /text"]),
        ("text: 'x <<mine>>'".into(), &["mine: InBrackets"]),
        ("text: '${param:team}'".into(), &[]),
        // Alone in a box its lines are its own; anywhere else they could pass for lines of the message.
        (text("<why>"), &["why: FreeElsewhere"]),
        (in_box("rich_text_preformatted", "", "<why>"), &[]),
        (in_box("rich_text_quote", "", "<why>"), &[]),
        (in_box("rich_text_quote", r#"{"type": "text", "text": "w"}, "#, "<why>"), &["why: FreeElsewhere"]),
        (in_box("rich_text_preformatted", "", r#""<why>""#), &["why: FreeInQuotes"]),
        (text("<id>"), &[]),
        (text("<user>"), &["user: BareMayBeMissing"]),
        (text("<is>"), &["is: BareNotText"]),
        (text(r#""<why>""#), &["why: FreeInQuotes"]),
        (text(r#""w <agent>""#), &["agent: FreeMayBeMissing"]),
        (r#"template: '{"text": <why>}'"#.into(), &["why: FreeElsewhere"]),
        (r#"template: '{"text": <account>}'"#.into(), &[]),
        (r#"template: '{"<id>": "x", "text": "x"}'"#.into(), &["id: Structure"]),
        (r#"template: '{"text": "x", "channel": "<id>"}'"#.into(), &["id: Structure"]),
        (r#"template: '{"text": "x"'"#.into(), &["not JSON"]),
        (r#"template: '["x"]'"#.into(), &["not JSON"]),
        ("template: '{\"text\": \"\u{F0000}\"}'".into(), &["not JSON"]),
        (link("https://example.com/<id>"), &[]),
        (link("https://<account>.example.com/x"), &[]),
        (link("https://example.com/<user>"), &["user: NotForAddress"]),
        (link("https://<id>/x"), &["id: DecidesHost"]),
        (link("https://<id>.com/x"), &["id: DecidesHost"]),
        (link("https://<id>@example.com/x"), &["id: DecidesHost"]),
        (link("<id>"), &["id: DecidesHost"]),
        (link("https:///<id>/x"), &["id: DecidesHost"]),
        (link("https://a b.example.com/<id>"), &["id: DecidesHost"]),
        (link("https://u@example.com/<id>"), &["id: DecidesHost"]),
        (link("https:///x"), &["Shortest: Shape at /blocks/0/elements/0/elements/0/url"]),
        (link("https://<tls>.console.example.com/x"), &["tls: DecidesHost"]),
        (text(r#""\udbff\udffd<agent>""#), &["not JSON"]),
        (text(r#""\udb80\udc00""#), &["not JSON"]),
    ];
    for (form, expected) in cases {
        assert_eq!(wrong(&format!("{{ {paths}, {form} }}")), expected, "{form}");
    }
    let list = |of: &dyn Fn(usize) -> String| (0..14).map(of).collect::<Vec<_>>().join(", ");
    let long = format!(
        "{{ input_paths: {{ {} }}, holds: {{ {} }}, text: '{}' }}",
        list(&|at| format!("m{at}: $.detail.m{at}")),
        list(&|at| format!("m{at}: text")),
        list(&|at| format!("<m{at}>"))
    );
    assert_eq!(wrong(&long), ["Longest: TooLong at /blocks"]);
}

#[test]
fn an_email_is_quoted_lines_without_a_backslash_and_a_notification_is_json() {
    let message = "{ input_paths: { why: $.detail.errorMessage, user: $.detail.userIdentity.principalId }, \
                   card: { text: 'said \"no\" \\ to <user> because <why>', facts: { Why: <why>, Team: '${param:team}' } } }";
    let of = |form: Form| {
        let posting = Posting { form, account_name: Some("payments".into()), ..Posting::sample() };
        assert_eq!(flaws(&blueprint(message), &values(), &posting), []);
        let compiled = compile(&blueprint(message), &values(), &posting);
        assert_eq!(compiled.validate(), []);
        compiled
    };
    let email = of(Form::Email);
    let expected = r#""[high] Something happened"
"said 'no' ＼ to <user> because …"
"Why: …"
"Team: 'ops' ‹user›"
"Call: <card-call>"
"Who: <card-type> <card-user><card-role> <card-principal> <card-identity> <card-service>"
"From: <card-address>"
"Where: account <card-account> (payments), <card-region>"
"When: <card-time>"
"Event: https://<card-region>.console.aws.amazon.com/cloudtrailv2/home?region=<card-region>#/events/<card-id>""#;
    assert_eq!(email.template, expected);
    let notification = of(Form::AmazonQ);
    let body: Value = serde_json::from_str(&notification.template.replace("<why>", "\"<why>\"")).expect("JSON");
    insta::assert_json_snapshot!(body);
}

#[test]
fn a_plain_message_that_is_too_long_is_a_flaw() {
    let message = format!("{{ text: '{}' }}", "x".repeat(8_200));
    for form in [Form::Email, Form::AmazonQ] {
        let found = flaws(&blueprint(&message), &values(), &Posting { form, ..Posting::sample() });
        assert!(matches!(&found[..], [Flaw::NotJson(why)] if why.contains("8192")), "{found:?}");
    }
}
