//! Request parameters that anyone who makes the call fills with text of their own, written down from AWS's API references and not
//! from trailbell's table: the table must not take one for a value that cannot hold quotes, lines, or mentions.
//!
//! Sources: the API references of the services, by call, `Type: String` with the pattern that is given there, if any. The value is
//! one that AWS's own words allow.

use serde_json::json;
use trailbell::cloudtrail::fields::{Certainty, Holds, certainty};
use trailbell::pattern::Pattern;

/// Service, call as CloudTrail names it, parameter as CloudTrail spells it, and a value that AWS takes.
const FREE: [(&str, &str, &str, &str); 20] = [
    // IAM: pattern [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*
    ("iam", "CreateRole", "description", "a \"role\"\n<!channel>"),
    ("iam", "UpdateRole", "description", "a \"role\"\n<!channel>"),
    ("iam", "CreatePolicy", "description", "a \"policy\"\n<!channel>"),
    ("iam", "CreateRole", "assumeRolePolicyDocument", "{\n\"Version\": \"2012-10-17\"}"),
    ("iam", "PutUserPolicy", "policyDocument", "{\n\"Version\": \"2012-10-17\"}"),
    ("iam", "PutRolePolicy", "policyDocument", "{\n\"Version\": \"2012-10-17\"}"),
    ("iam", "CreatePolicy", "policyDocument", "{\n\"Version\": \"2012-10-17\"}"),
    // KMS: at most 8,192 characters, no pattern for the policy beyond printable ones and line ends.
    ("kms", "CreateKey", "description", "a \"key\" <!channel>"),
    ("kms", "CreateKey", "policy", "{\n\"Version\": \"2012-10-17\"}"),
    ("kms", "PutKeyPolicy", "policy", "{\n\"Version\": \"2012-10-17\"}"),
    // Lambda, CloudFormation, Secrets Manager, Systems Manager: a length, no pattern.
    ("lambda", "CreateFunction20150331", "description", "a \"function\" <!channel>"),
    ("cloudformation", "CreateStack", "templateBody", "{\n\"Resources\": {}}"),
    ("secretsmanager", "CreateSecret", "description", "a \"secret\" <!channel>"),
    ("ssm", "SendCommand", "comment", "a \"comment\" <!channel>"),
    ("ssm", "PutParameter", "description", "a \"parameter\" <!channel>"),
    // EC2: any of a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*
    ("ec2", "CreateSecurityGroup", "groupDescription", "a group & {more} !"),
    // EventBridge and CloudWatch Logs: a length, and for a rule's description .*
    ("events", "PutRule", "description", "a \"rule\" <!channel>"),
    ("events", "PutRule", "eventPattern", "{ \"source\": [\"<!channel>\"] }"),
    ("logs", "PutMetricFilter", "filterPattern", "\"<!channel>\""),
    ("cloudwatch", "PutMetricAlarm", "alarmDescription", "an \"alarm\" <!channel>"),
];

fn known(service: &str, call: &str, parameter: &str) -> Option<Certainty> {
    let pattern = json!({
        "source": [format!("aws.{service}")], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": [format!("{service}.amazonaws.com")], "eventName": [call],
            "errorCode": [{ "exists": false }], "errorMessage": [{ "exists": false }],
        },
    });
    let pattern = Pattern::from_value(&pattern).expect("a good pattern");
    certainty(&pattern, &format!("detail.requestParameters.{parameter}")).ok()
}

#[test]
fn what_anyone_writes_is_not_taken_for_an_identifier() {
    for (service, call, parameter, value) in FREE {
        // What is not known is not relied on.
        let Some(known) = known(service, call, parameter) else { continue };
        assert_eq!(known.holds, Holds::Text, "{service} {call} {parameter} can be {value:?}");
        let fits = known.longest.is_none_or(|most| value.chars().count() <= most);
        assert!(fits, "{service} {call} {parameter} can be longer than {:?}", known.longest);
    }
    // The table is looked at: a name that AWS restricts is known as one.
    assert!(known("iam", "CreateRole", "roleName").is_some_and(|one| one.holds != Holds::Text));
    let is_known = |row: &&(&str, &str, &str, &str)| known(row.0, row.1, row.2).is_some();
    println!("{} of {} are in the table", FREE.iter().filter(is_known).count(), FREE.len());
}
