//! What a trail must record for an event to be seen: its category, its names, and the type of its resource.

use serde_json::Value;

use crate::cloudtrail::DETAIL_TYPES;

/// What an event is to CloudTrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Management,
    Data,
    Insight,
    NetworkActivity,
}

impl Category {
    /// The word in `eventCategory` of records and selectors.
    pub(super) const fn word(self) -> &'static str {
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
    pub(super) category: Category,
    pub(super) source: String,
    pub(super) name: String,
    /// `None` when the record does not say.
    pub(super) is_read: Option<bool>,
    pub(super) resource_type: Option<String>,
    pub(super) is_global: bool,
}

/// Services whose events happen in us-east-1 and are recorded elsewhere only by a trail with global service events.
/// Source: CloudTrail user guide, "About global service events".
const GLOBAL: [&str; 3] = ["iam.amazonaws.com", "sts.amazonaws.com", "cloudfront.amazonaws.com"];

/// Data events by event source: the names of the calls (a trailing `*` for any ending), and the type of the resource.
/// Source: CloudTrail user guide, "Logging data events", tables of resource types; of services for which it names no calls there is
/// no row.
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
    // The page names three of them; ListSnapshotBlocks: EBS user guide, "Log EBS direct API calls with CloudTrail".
    (
        "ebs.amazonaws.com",
        &["GetSnapshotBlock", "ListChangedBlocks", "ListSnapshotBlocks", "PutSnapshotBlock"],
        "AWS::EC2::Snapshot",
    ),
    (
        "appconfig.amazonaws.com",
        &["GetLatestConfiguration", "StartConfigurationSession"],
        "AWS::AppConfig::Configuration",
    ),
    ("kinesisvideo.amazonaws.com", &["GetMedia", "PutMedia"], "AWS::KinesisVideo::Stream"),
    ("sagemaker.amazonaws.com", &["InvokeEndpointWithResponseStream"], "AWS::SageMaker::Endpoint"),
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
        let reads_by_name = crate::cloudtrail::events::is_unreceived(&source, &name).then_some(true);
        let is_read = record["readOnly"].as_bool().or(reads_by_name);
        Self { is_global: GLOBAL.contains(&source.as_str()), category, source, name, is_read, resource_type }
    }

    /// The event in words: "the read-only management event `GetTrail` of `cloudtrail.amazonaws.com`".
    pub(super) fn words(&self) -> String {
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

/// The type of the resource that a data event with this name is about, as the documentation says.
#[must_use]
pub fn data_resource(source: &str, name: &str) -> Option<&'static str> {
    let is_known = |names: &[&str]| {
        names.iter().any(|one| one.strip_suffix('*').map_or(*one == name, |front| name.starts_with(front)))
    };
    let documented = DATA_EVENTS.iter().find(|(known, names, _)| *known == source && is_known(names));
    documented.map(|(_, _, resource)| *resource)
}

/// The type of the resource of a data event: as the record says, else as the documentation says.
fn resource_type(record: &Value, source: &str, name: &str) -> Option<String> {
    let documented = data_resource(source, name).map(str::to_owned);
    let recorded = || record["resources"].as_array()?.first()?["type"].as_str().map(str::to_owned);
    documented.or_else(|| (record["eventCategory"] == "Data").then(recorded).flatten())
}
