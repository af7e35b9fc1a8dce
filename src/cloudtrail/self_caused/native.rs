//! Which services report which calls in events of their own, next to CloudTrail's record of the call.
//!
//! A service reports what is done to its own resources. Some also report what becomes of others', and some calls change what
//! other services do. All that is left out is what a service does later of its own accord. Source of all lists: EventBridge
//! events reference, the pages of these services.

use crate::cloudtrail::events;

/// Services that report what they found, and not what was done: only calls of their own change what they report.
const FINDERS: [&str; 6] =
    ["aws.guardduty", "aws.securityhub", "aws.macie", "aws.inspector2", "aws.access-analyzer", "aws.health"];

/// Services that report changes of resources of any service.
const OBSERVERS: [&str; 5] = ["aws.config", "aws.tag", "aws.cloudformation", "aws.trustedadvisor", "aws.cloudwatch"];

/// Services whose calls make other services act, or change what others run on or begin with.
const MOVERS: [&str; 32] = [
    "application-autoscaling",
    "autoscaling",
    "backup",
    "batch",
    "cloudcontrolapi",
    "cloudformation",
    "codebuild",
    "codecommit",
    "codeconnections",
    "codedeploy",
    "codepipeline",
    "codestar-connections",
    "config",
    "dlm",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticbeanstalk",
    "elasticmapreduce",
    "events",
    "fis",
    "glue",
    "imagebuilder",
    "lambda",
    "pipes",
    "s3",
    "sagemaker",
    "scheduler",
    "servicecatalog",
    "ssm",
    "states",
];

/// Services that IAM and EventBridge call by different names.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("aws.cloudwatch", "cloudwatch"),
    ("aws.emr", "elasticmapreduce"),
    ("aws.macie", "macie2"),
    ("aws.tag", "tag"),
    ("aws.ebs", "ec2"),
];

/// Whether the events that a service sends itself, with this source, can tell of a call of a service that IAM calls so.
pub(super) fn reports(source: &str, service: &str) -> bool {
    let Some(label) = source.strip_prefix("aws.") else { return false };
    let is_own = label == service || OTHER_NAMES.contains(&(source, service));
    if is_own || FINDERS.contains(&source) {
        return is_own;
    }
    let is_known = !events::sources_of(source).is_empty() || OTHER_NAMES.iter().any(|(known, _)| *known == source);
    !is_known || OBSERVERS.contains(&source) || MOVERS.contains(&service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_reports_what_is_done_to_it() {
        let cases = [
            ("aws.codepipeline", "sts", false),
            ("aws.codepipeline", "iam", false),
            ("aws.codepipeline", "codepipeline", true),
            ("aws.codepipeline", "cloudformation", true),
            ("aws.rds", "cloudtrail", false),
            ("aws.rds", "rds", true),
            ("aws.emr", "elasticmapreduce", true),
            ("aws.emr", "iam", false),
            ("aws.guardduty", "ec2", false),
            ("aws.guardduty", "guardduty", true),
            ("aws.config", "iam", true),
            ("aws.no-such-service", "iam", true),
        ];
        for (source, service, expected) in cases {
            assert_eq!(reports(source, service), expected, "{source} {service}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_known() {
        assert!(MOVERS.is_sorted());
        for service in MOVERS {
            let source = format!("{service}.amazonaws.com");
            assert!(events::is_source(&source), "{source}");
        }
    }
}
