//! Trails: whether one that is logging records an event, so that EventBridge or a log group gets it at all.
//!
//! CloudTrail events reach EventBridge only while a trail records them (EventBridge user guide, "AWS service events delivered
//! via AWS CloudTrail"). What a trail records is said by its event selectors (CloudTrail API reference, `EventSelector`,
//! `AdvancedFieldSelector`). What cannot be told is *unknown*, never taken for covered. Pure: a provider reads the trails.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DETAIL_TYPES;

/// A trail as it is in the account, or the shadow of one of another region or of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// The region it was created in.
    pub home_region: String,
    /// Whether it records the events of every region.
    pub is_multi_region: bool,
    /// Whether it records the events of global services, such as IAM.
    pub has_global_services: bool,
    /// The ARN of the log group it delivers to, if it does.
    pub log_group_arn: Option<String>,
    /// Whether it is logging; `None` when the account did not tell.
    pub is_logging: Option<bool>,
    /// What it records: an event is recorded if any of them selects it. `None` when the account did not tell.
    pub selectors: Option<Vec<Selector>>,
}

/// What a trail records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// A basic event selector.
    Basic {
        /// Whether it selects calls that read.
        reads: bool,
        /// Whether it selects calls that write.
        writes: bool,
        /// Whether it selects management events.
        management: bool,
        /// Event sources whose management events it leaves out.
        excluded_sources: Vec<String>,
        /// The types of resources whose data events it selects, such as `AWS::S3::Object`, at least for some resources.
        data_types: Vec<String>,
    },
    /// An advanced event selector: every field must fit.
    Advanced(Vec<FieldSelector>),
}

/// One field of an advanced event selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSelector {
    /// The field, such as `eventCategory`.
    pub field: String,
    /// The value is one of these.
    pub equals: Vec<String>,
    /// The value begins with one of these.
    pub starts_with: Vec<String>,
    /// The value ends in one of these.
    pub ends_with: Vec<String>,
    /// The value is none of these.
    pub not_equals: Vec<String>,
    /// The value begins with none of these.
    pub not_starts_with: Vec<String>,
    /// The value ends in none of these.
    pub not_ends_with: Vec<String>,
}

/// What an event is to CloudTrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Category {
    Management,
    Data,
    Insight,
    NetworkActivity,
}

impl Category {
    /// The word in `eventCategory` of records and selectors.
    const fn word(self) -> &'static str {
        match self {
            Self::Management => "Management",
            Self::Data => "Data",
            Self::Insight => "Insight",
            Self::NetworkActivity => "NetworkActivity",
        }
    }
}

/// What a trail must record for an event to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    category: Category,
    source: String,
    name: String,
    /// `None` when the record does not say.
    is_read: Option<bool>,
    resource_type: Option<String>,
    is_global: bool,
}

/// Services whose events happen in us-east-1 and are recorded elsewhere only by a trail with global service events.
/// Source: CloudTrail user guide, "About global service events".
const GLOBAL: [&str; 3] = ["iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com"];

/// Data events by event source: the names of the calls (a trailing `*` for any ending), and the type of the resource.
/// Source: CloudTrail user guide, "Logging data events", tables of resource types.
const DATA_EVENTS: &[(&str, &[&str], &str)] = &[
    (
        "s3.amazonaws.com",
        &[
            "AbortMultipartUpload",
            "CompleteMultipartUpload",
            "CopyObject",
            "CreateMultipartUpload",
            "DeleteObject",
            "DeleteObjects",
            "DeleteObjectTagging",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectTagging",
            "GetObjectTorrent",
            "HeadObject",
            "ListObjects",
            "ListObjectVersions",
            "ListParts",
            "PutObject",
            "PutObjectAcl",
            "PutObjectLegalHold",
            "PutObjectRetention",
            "PutObjectTagging",
            "RestoreObject",
            "SelectObjectContent",
            "UploadPart",
            "UploadPartCopy",
        ],
        "AWS::S3::Object",
    ),
    ("lambda.amazonaws.com", &["Invoke", "InvokeAsync", "InvokeWithResponseStream"], "AWS::Lambda::Function"),
    (
        "dynamodb.amazonaws.com",
        &[
            "BatchExecuteStatement",
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "ExecuteStatement",
            "ExecuteTransaction",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        ],
        "AWS::DynamoDB::Table",
    ),
    ("sns.amazonaws.com", &["Publish", "PublishBatch"], "AWS::SNS::Topic"),
    (
        "sqs.amazonaws.com",
        &["SendMessage*", "ReceiveMessage", "DeleteMessage*", "ChangeMessageVisibility*"],
        "AWS::SQS::Queue",
    ),
];

impl Need {
    /// What a trail must record for EventBridge to get this event; `None` when no trail is needed, because CloudTrail does
    /// not deliver the event.
    #[must_use]
    pub fn of_event(event: &Value) -> Option<Self> {
        let detail_type = event["detail-type"].as_str()?;
        let is_aws = event["source"].as_str().is_some_and(|source| source.starts_with("aws."));
        (is_aws && DETAIL_TYPES.contains(&detail_type)).then(|| Self::of_record(&event["detail"], detail_type))
    }

    /// What a trail must record for this log line to be written; `None` when the line is not a record of CloudTrail.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let record: Value = serde_json::from_str(line).ok()?;
        let is_record = crate::record::is_record(record.as_object()?);
        is_record
            .then(|| Self::of_record(&record, crate::record::detail_type(record["eventType"].as_str().unwrap_or(""))))
    }

    fn of_record(record: &Value, detail_type: &str) -> Self {
        let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
        let (source, name) = (text("eventSource"), text("eventName"));
        let resource_type = resource_type(record, &source, &name);
        let category = match (text("eventCategory").as_str(), record["managementEvent"].as_bool()) {
            ("Data", _) => Category::Data,
            ("Insight", _) => Category::Insight,
            ("NetworkActivity", _) => Category::NetworkActivity,
            ("Management", _) | (_, Some(true)) => Category::Management,
            (_, Some(false)) => Category::Data,
            (_, None) if detail_type == "AWS Insight via CloudTrail" => Category::Insight,
            (_, None) if detail_type == "AWS Network Activity Event via CloudTrail" => Category::NetworkActivity,
            (_, None) if resource_type.is_some() => Category::Data,
            (_, None) => Category::Management,
        };
        let reads_by_name = super::events::is_unheard(&source, &name).then_some(true);
        let is_read = record["readOnly"].as_bool().or(reads_by_name);
        Self { is_global: GLOBAL.contains(&source.as_str()), category, source, name, is_read, resource_type }
    }

    /// The event in words: "the read-only management event `GetTrail` of `cloudtrail.amazonaws.com`".
    fn words(&self) -> String {
        let reads = match self.is_read {
            Some(true) => "read-only ",
            Some(false) => "write ",
            None => "",
        };
        let category = match self.category {
            Category::Management => "management",
            Category::Data => "data",
            Category::Insight => "Insights",
            Category::NetworkActivity => "network activity",
        };
        format!("{reads}{category} events such as `{}` of `{}`", self.name, self.source)
    }
}

/// The type of the resource of a data event: as the record says, else as the documentation says.
fn resource_type(record: &Value, source: &str, name: &str) -> Option<String> {
    let is_known = |names: &[&str]| {
        names.iter().any(|one| one.strip_suffix('*').map_or(*one == name, |front| name.starts_with(front)))
    };
    let documented = DATA_EVENTS.iter().find(|(known, names, _)| *known == source && is_known(names));
    let documented = documented.map(|(_, _, resource)| (*resource).to_owned());
    let recorded = || record["resources"].as_array()?.first()?["type"].as_str().map(str::to_owned);
    documented.or_else(|| (record["eventCategory"] == "Data").then(recorded).flatten())
}

/// Whether an event is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A trail that is logging records it.
    Recorded {
        /// The trail's ARN.
        trail: String,
    },
    /// None does.
    Missing {
        /// What is missing.
        why: String,
        /// The fix.
        fix: String,
    },
    /// The account does not tell enough.
    Unknown {
        /// What is not known.
        why: String,
    },
}

/// Whether a trail records such events in a region, for EventBridge.
#[must_use]
pub fn coverage(trails: &[Trail], region: &str, need: &Need) -> Coverage {
    let here: Vec<&Trail> = trails.iter().filter(|one| one.is_multi_region || one.home_region == region).collect();
    if here.is_empty() {
        return Coverage::Missing {
            why: format!("no trail records the events of {region}, so CloudTrail events do not reach EventBridge"),
            fix: format!("create a trail in {region} or a multi-region trail, and start logging"),
        };
    }
    best(&here, need)
}

/// Whether a trail that delivers to this log group (by its ARN, without `:*`) records such events.
#[must_use]
pub fn feeds(trails: &[Trail], log_group_arn: &str, need: &Need) -> Coverage {
    let is_it = |one: &&Trail| {
        one.log_group_arn.as_deref().is_some_and(|arn| arn.strip_suffix(":*").unwrap_or(arn) == log_group_arn)
    };
    let delivering: Vec<&Trail> = trails.iter().filter(is_it).collect();
    if delivering.is_empty() {
        // CloudTrail also writes into log groups without a trail, and people copy records by other means.
        let why = format!(
            "no trail of this account delivers to {log_group_arn}; what writes CloudTrail records there is not known"
        );
        return Coverage::Unknown { why };
    }
    best(&delivering, need)
}

/// The best that one of several trails does.
fn best(trails: &[&Trail], need: &Need) -> Coverage {
    let logging: Vec<&&Trail> = trails.iter().filter(|one| one.is_logging != Some(false)).collect();
    if logging.is_empty() {
        let names = list(trails.iter().map(|one| one.arn.as_str()));
        return Coverage::Missing {
            why: format!("no trail is logging: {names}"),
            fix: format!("start logging: `aws cloudtrail start-logging --name {}`", trails[0].arn),
        };
    }
    let mut unknown = None;
    for trail in &logging {
        match (trail.is_logging, records(trail, need)) {
            (Some(true), Some(true)) => return Coverage::Recorded { trail: trail.arn.clone() },
            (None, Some(true)) => {
                unknown.get_or_insert_with(|| format!("whether the trail {} is logging", trail.arn));
            }
            (_, None) => {
                unknown.get_or_insert_with(|| format!("whether the trail {} records {}", trail.arn, need.words()));
            }
            (Some(false), _) | (_, Some(false)) => {}
        }
    }
    if let Some(why) = unknown {
        return Coverage::Unknown { why: format!("it is not known {why}") };
    }
    Coverage::Missing {
        why: format!("no trail records {}: {}", need.words(), list(logging.iter().map(|one| one.arn.as_str()))),
        fix: fix(need),
    }
}

fn fix(need: &Need) -> String {
    let what = match (need.category, &need.resource_type) {
        (Category::Management, _) if need.is_read == Some(true) => "read and write management events",
        (Category::Management, _) => "management events of this event source",
        (Category::Data, Some(kind)) => {
            return format!("add data events of {kind} to a trail: `aws cloudtrail put-event-selectors`");
        }
        (Category::Data, None) => "data events of this kind",
        (Category::Insight, _) => return "turn on Insights events: `aws cloudtrail put-insight-selectors`".to_owned(),
        (Category::NetworkActivity, _) => "network activity events of this event source",
    };
    format!("add {what} to a trail: `aws cloudtrail put-event-selectors`")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Whether a trail records such an event; `None` when it cannot be told.
fn records(trail: &Trail, need: &Need) -> Option<bool> {
    if need.is_global && !trail.has_global_services {
        return Some(false);
    }
    if need.category == Category::Insight {
        // Which Insights a trail has is asked by another call, `GetInsightSelectors`.
        return None;
    }
    let mut answer = Some(false);
    for selector in trail.selectors.as_ref()? {
        match selects(selector, need) {
            Some(true) => return Some(true),
            None => answer = None,
            Some(false) => {}
        }
    }
    answer
}

fn selects(selector: &Selector, need: &Need) -> Option<bool> {
    match selector {
        Selector::Basic { reads, writes, management, excluded_sources, data_types } => {
            let is_category = match need.category {
                Category::Management => *management && !excluded_sources.contains(&need.source),
                Category::Data => {
                    // It may select some resources only.
                    let kind = need.resource_type.as_ref()?;
                    data_types.contains(kind)
                }
                Category::Insight | Category::NetworkActivity => false,
            };
            let is_kind = match need.is_read {
                Some(true) => Some(*reads),
                Some(false) => Some(*writes),
                None if reads == writes => Some(*reads),
                None => None,
            };
            if is_category { is_kind } else { Some(false) }
        }
        Selector::Advanced(fields) => {
            let answers: Vec<Option<bool>> = fields.iter().map(|field| fits(field, need)).collect();
            match () {
                () if answers.contains(&Some(false)) => Some(false),
                () if answers.contains(&None) => None,
                () => Some(true),
            }
        }
    }
}

fn fits(selector: &FieldSelector, need: &Need) -> Option<bool> {
    let value = match selector.field.as_str() {
        "eventCategory" => need.category.word().to_owned(),
        "eventSource" => need.source.clone(),
        "eventName" => need.name.clone(),
        "readOnly" => need.is_read?.to_string(),
        "resources.type" => need.resource_type.clone()?,
        _ => return None,
    };
    let any = |list: &[String], test: fn(&str, &str) -> bool| list.iter().any(|one| test(&value, one));
    let equal: fn(&str, &str) -> bool = |value, one| value == one;
    let starts: fn(&str, &str) -> bool = |value, one| value.starts_with(one);
    let ends: fn(&str, &str) -> bool = |value, one| value.ends_with(one);
    let wanted = [(&selector.equals, equal), (&selector.starts_with, starts), (&selector.ends_with, ends)];
    let unwanted =
        [(&selector.not_equals, equal), (&selector.not_starts_with, starts), (&selector.not_ends_with, ends)];
    let is_wanted = wanted.iter().all(|(list, test)| list.is_empty() || any(list, *test));
    Some(is_wanted && !unwanted.iter().any(|(list, test)| any(list, *test)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trail(selectors: Vec<Selector>) -> Trail {
        Trail {
            arn: "arn:t".to_owned(),
            home_region: "us-east-1".to_owned(),
            is_multi_region: false,
            has_global_services: true,
            log_group_arn: Some("arn:group:*".to_owned()),
            is_logging: Some(true),
            selectors: Some(selectors),
        }
    }

    fn basic(reads: bool, writes: bool) -> Selector {
        let (excluded_sources, data_types) = (vec!["kms.amazonaws.com".to_owned()], vec!["AWS::S3::Object".to_owned()]);
        Selector::Basic { reads, writes, management: true, excluded_sources, data_types }
    }

    fn field(field: &str, equals: &[&str]) -> FieldSelector {
        let equals = equals.iter().map(|one| (*one).to_owned()).collect();
        FieldSelector { field: field.to_owned(), equals, ..FieldSelector::default() }
    }

    fn need(source: &str, name: &str, more: &Value) -> Need {
        let mut record = json!({ "eventSource": format!("{source}.amazonaws.com"), "eventName": name });
        let fields = more.as_object().expect("an object").clone();
        record.as_object_mut().expect("an object").extend(fields);
        Need::of_line(&record.to_string()).expect("a record")
    }

    #[test]
    fn a_trail_records_what_its_selectors_select() {
        let write = need("cloudtrail", "StopLogging", &json!({ "readOnly": false }));
        let read = need("cloudtrail", "GetTrail", &json!({}));
        let kms = need("kms", "DisableKey", &json!({ "readOnly": false }));
        let object = need("s3", "GetObject", &json!({}));
        let item = need("dynamodb", "PutItem", &json!({}));
        let silent = need("ec2", "RunInstances", &json!({}));
        let advanced = |fields: Vec<FieldSelector>| trail(vec![Selector::Advanced(fields)]);
        let management = || field("eventCategory", &["Management"]);
        let cases = [
            (trail(vec![basic(true, true)]), &write, Some(true)),
            (trail(vec![basic(true, true)]), &read, Some(true)),
            (trail(vec![basic(false, true)]), &read, Some(false)),
            (trail(vec![basic(true, false)]), &write, Some(false)),
            (trail(vec![basic(true, false)]), &silent, None),
            (trail(vec![basic(true, true)]), &silent, Some(true)),
            (trail(vec![basic(true, true)]), &kms, Some(false)),
            (trail(vec![basic(true, true)]), &object, Some(true)),
            (trail(vec![basic(true, true)]), &item, Some(false)),
            (trail(Vec::new()), &write, Some(false)),
            (Trail { selectors: None, ..trail(Vec::new()) }, &write, None),
            (advanced(vec![management()]), &write, Some(true)),
            (advanced(vec![management(), field("readOnly", &["true"])]), &write, Some(false)),
            (advanced(vec![management(), field("readOnly", &["true"])]), &silent, None),
            (advanced(vec![management(), field("userIdentity.arn", &["x"])]), &write, None),
            (
                advanced(vec![field("eventCategory", &["Data"]), field("resources.type", &["AWS::S3::Object"])]),
                &object,
                Some(true),
            ),
            (advanced(vec![field("eventCategory", &["Data"]), field("resources.ARN", &["a"])]), &object, None),
        ];
        for (trail, need, expected) in cases {
            assert_eq!(records(&trail, need), expected, "{need:?}\n{trail:?}");
        }
    }

    #[test]
    fn coverage_needs_a_trail_that_is_logging_here() {
        let write = need("cloudtrail", "StopLogging", &json!({ "readOnly": false }));
        let good = trail(vec![basic(true, true)]);
        let stopped = Trail { is_logging: Some(false), ..good.clone() };
        let silent = Trail { is_logging: None, ..good.clone() };
        let is_missing = |coverage| matches!(coverage, Coverage::Missing { .. });
        assert!(is_missing(coverage(&[], "us-east-1", &write)));
        assert!(is_missing(coverage(std::slice::from_ref(&good), "eu-west-1", &write)));
        assert!(is_missing(coverage(std::slice::from_ref(&stopped), "us-east-1", &write)));
        assert!(matches!(coverage(std::slice::from_ref(&silent), "us-east-1", &write), Coverage::Unknown { .. }));
        assert!(matches!(coverage(&[stopped, silent, good.clone()], "us-east-1", &write), Coverage::Recorded { .. }));
        let everywhere = Trail { is_multi_region: true, ..good.clone() };
        assert!(matches!(coverage(&[everywhere], "eu-west-1", &write), Coverage::Recorded { .. }));
        let iam = need("iam", "CreateUser", &json!({ "readOnly": false }));
        let regional = Trail { has_global_services: false, ..good.clone() };
        assert!(is_missing(coverage(&[regional], "us-east-1", &iam)));
        assert!(matches!(feeds(std::slice::from_ref(&good), "arn:group", &write), Coverage::Recorded { .. }));
        assert!(matches!(feeds(&[good], "arn:other", &write), Coverage::Unknown { .. }));
    }

    #[test]
    fn only_events_of_cloudtrail_need_a_trail() {
        let event = |source: &str, kind: &str| json!({ "source": source, "detail-type": kind, "detail": {} });
        assert_eq!(Need::of_event(&event("aws.guardduty", "GuardDuty Finding")), None);
        assert_eq!(Need::of_event(&event("my.app", "AWS API Call via CloudTrail")), None);
        assert!(Need::of_event(&event("aws.s3", "AWS API Call via CloudTrail")).is_some());
        assert_eq!(Need::of_line("a line"), None);
    }
}
