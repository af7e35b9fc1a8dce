//! The parts of an event which differ from one API call to another: request parameters and responses.

use super::catalogue::{Service, is_read_only};
use super::json::JsonWriter;
use super::random::Random;

const STAGES: &[&str] = &["prod", "staging", "sandbox", "dev"];
const PURPOSES: &[&str] =
    &["billing-api", "web", "data-lake", "audit-log", "checkout", "identity", "reporting", "café"];
const SOURCE_RANGES: &[&str] = &["0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24", "192.0.2.17/32"];
const PORTS: &[u16] = &[22, 80, 443, 3306, 3389, 5432, 8080];
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// A plausible name of a resource, such as `prod-web-4f1c`.
pub(crate) fn resource_name(random: &mut Random) -> String {
    format!("{}-{}-{}", random.pick(STAGES), random.pick(PURPOSES), random.hexadecimal(4))
}

/// Writes `requestParameters`, which is null for some calls.
pub(crate) fn write_request(json: &mut JsonWriter, random: &mut Random, service: &Service, event: &str) {
    match event {
        "ConsoleLogin" | "GetCallerIdentity" => json.raw("requestParameters", "null"),
        _ => json.object("requestParameters", |json| write_members(json, random, service, event)),
    }
}

fn write_members(json: &mut JsonWriter, random: &mut Random, service: &Service, event: &str) {
    match event {
        "AuthorizeSecurityGroupIngress" => write_ingress(json, random),
        "AssumeRole" => write_assume_role(json, random),
        "RunInstances" => write_run_instances(json, random),
        "ModifySnapshotAttribute" => write_snapshot_permission(json, random),
        "ScheduleKeyDeletion" => {
            json.string("keyId", random.uuid());
            json.raw("pendingWindowInDays", 7 + random.below(24));
        }
        "GetObject" | "PutObject" | "DeleteObject" => {
            json.string("bucketName", resource_name(random));
            json.string("Host", "s3.eu-central-1.amazonaws.com");
            json.string("key", format!("exports/2026/{}.parquet", random.hexadecimal(16)));
        }
        "PutBucketPolicy" | "PutUserPolicy" | "SetRepositoryPolicy" | "PutBackupVaultAccessPolicy" => {
            json.string(service.parameter, resource_name(random));
            json.string("policyDocument", POLICY);
        }
        _ if is_read_only(event) => write_reading(json, random, service),
        _ => write_changing(json, random, service),
    }
}

fn write_ingress(json: &mut JsonWriter, random: &mut Random) {
    json.string("groupId", format!("sg-0{}", random.hexadecimal(16)));
    json.object("ipPermissions", |json| {
        json.array("items", |json| {
            for _ in 0..=random.below(2) {
                json.item(|json| write_permission(json, random));
            }
        });
    });
}

fn write_permission(json: &mut JsonWriter, random: &mut Random) {
    let port = random.pick(PORTS);
    json.string("ipProtocol", "tcp");
    json.raw("fromPort", port);
    json.raw("toPort", port);
    json.object("groups", |_| {});
    json.object("ipRanges", |json| {
        json.array("items", |json| json.item(|json| json.string("cidrIp", random.pick(SOURCE_RANGES))));
    });
    if random.chance(20) {
        json.object("ipv6Ranges", |json| {
            json.array("items", |json| json.item(|json| json.string("cidrIpv6", "::/0")));
        });
    }
}

fn write_assume_role(json: &mut JsonWriter, random: &mut Random) {
    json.string("roleArn", format!("arn:aws:iam::{}:role/{}", random.digits(12), random.pick(PURPOSES)));
    json.string("roleSessionName", format!("session-{}", random.digits(10)));
    json.raw("durationSeconds", random.pick(&[900, 3600, 43_200]));
}

fn write_run_instances(json: &mut JsonWriter, random: &mut Random) {
    json.object("instancesSet", |json| {
        json.array("items", |json| {
            json.item(|json| {
                json.string("imageId", format!("ami-0{}", random.hexadecimal(16)));
                json.raw("minCount", 1);
                json.raw("maxCount", 1 + random.below(20));
            });
        });
    });
    json.string("instanceType", random.pick(&["t3.micro", "m7i.large", "p5.48xlarge"]));
    json.raw("ebsOptimized", random.chance(50));
}

fn write_snapshot_permission(json: &mut JsonWriter, random: &mut Random) {
    json.string("snapshotId", format!("snap-0{}", random.hexadecimal(16)));
    json.object("createVolumePermission", |json| {
        json.object("add", |json| {
            json.array("items", |json| {
                json.item(|json| {
                    if random.chance(30) {
                        json.string("group", "all");
                    } else {
                        json.string("userId", random.digits(12));
                    }
                });
            });
        });
    });
    json.string("attributeType", "CREATE_VOLUME_PERMISSION");
}

fn write_reading(json: &mut JsonWriter, random: &mut Random, service: &Service) {
    match random.below(3) {
        0 => {
            json.object("filterSet", |json| write_filters(json, random));
            json.raw("maxResults", 50 * (1 + random.below(20)));
        }
        1 => {
            json.string(service.parameter, resource_name(random));
            json.raw("includeDetails", random.chance(50));
        }
        _ => json.string(service.parameter, resource_name(random)),
    }
}

fn write_filters(json: &mut JsonWriter, random: &mut Random) {
    json.array("items", |json| {
        json.item(|json| {
            json.string("name", "tag:Stage");
            json.object("valueSet", |json| {
                json.array("items", |json| json.item(|json| json.string("value", random.pick(STAGES))));
            });
        });
    });
}

fn write_changing(json: &mut JsonWriter, random: &mut Random, service: &Service) {
    json.string(service.parameter, resource_name(random));
    match random.below(3) {
        0 => json.array("tags", |json| {
            for key in ["Team", "Stage"] {
                json.item(|json| {
                    json.string("key", key);
                    json.string("value", random.pick(PURPOSES));
                });
            }
        }),
        1 => {
            json.raw("dryRun", false);
            json.raw("timeoutInSeconds", random.below(900));
            json.string("description", "Applied by \"deploy\" – see runbook\nstep 2");
        }
        _ => json.strings("resourceIds", &[random.hexadecimal(12), random.hexadecimal(12)]),
    }
}

/// Writes `responseElements`, which CloudTrail fills in for changes only.
pub(crate) fn write_response(json: &mut JsonWriter, random: &mut Random, event: &str, failed: bool) {
    match event {
        "ConsoleLogin" => json.object("responseElements", |json| {
            json.string("ConsoleLogin", if failed { "Failure" } else { "Success" });
        }),
        "AssumeRole" if !failed => json.object("responseElements", |json| write_credentials(json, random)),
        _ if failed || is_read_only(event) || random.chance(40) => json.raw("responseElements", "null"),
        _ => json.object("responseElements", |json| {
            json.string("requestId", random.uuid());
            json.raw("_return", true);
        }),
    }
}

fn write_credentials(json: &mut JsonWriter, random: &mut Random) {
    json.object("credentials", |json| {
        json.string("accessKeyId", format!("ASIA{}", random.base32(16)));
        json.string("sessionToken", format!("IQoJb3JpZ2luX2VjE{}", random.base32(60)));
        json.string("expiration", "Jan 5, 2026, 11:59:59 PM");
    });
}
