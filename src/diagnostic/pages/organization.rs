//! The pages of codes about what an organization requires of a stack: tags, and the boundary and path of roles.

use super::Page;

pub(super) const BAD_TAG: Page = Page {
    means: "AWS would reject this tag, and `apply` would stop half-way. A resource can have 50 tags, one of which is trailbell's \
        mark. A key has 1 to 128 characters, a value at most 256: letters, digits, spaces, and `_ . : / = + - @`. Keys that \
        begin with `aws:` belong to AWS, and those that begin with `trailbell:` to trailbell, which knows its resources by them. \
        IAM does not tell keys apart that differ only in case.",
    remedy: "Correct the key or the value, or remove the tag.",
    example: r"tags:
  team: security
  Team: platform                                 # the same key for IAM
  aws:owner: me                                  # belongs to AWS",
};

pub(super) const BAD_ROLE: Page = Page {
    means: "Roles cannot have this permissions boundary or path. A boundary is a managed policy of the stack's account or of AWS, \
        given by its ARN. A path begins and ends with a slash and has at most 512 characters: letters, digits, and \
        `/ _ + = , . @ -`, which is what Lambda accepts in the ARN of a role.",
    remedy: "Write `boundary: arn:aws:iam::111122223333:policy/NAME` with the account of the stack, and `path: /security/`.",
    example: r"iam:
  boundary: developer-boundary                   # its ARN
  path: security                                 # /security/",
};

pub(super) const ROLES_NOT_WATCHED: Page = Page {
    means: "`self_watch` reports changes of what the stack has in AWS, by the events that CloudTrail makes of them. IAM is a global \
        service, and its events are sent to EventBridge in us-east-1 only. A stack in another region does not receive them: if \
        someone changes or deletes one of its roles, no alert fires. A message that EventBridge then cannot send goes to the \
        dead-letter queue.",
    remedy: "Forward the events of IAM from us-east-1 to the event bus of the stack, and add `forwarded: { regions: [us-east-1] }`.",
    example: r"region: eu-west-1
self_watch: {}                                  # does not receive the events of IAM",
};

pub(super) const BAD_KMS_KEY: Page = Page {
    means: "This cannot be the key that encrypts what the stack has. CloudWatch Logs accepts keys by their ARN alone, and SQS, \
        CloudWatch Logs, and EventBridge only keys of the stack's region.",
    remedy: "Write the ARN of a symmetric key in the region of the stack: `arn:aws:kms:us-east-1:111122223333:key/ID`. An alias \
        is not a key.",
    example: r"kms_key: alias/security                        # the ARN of the key",
};
