"""A plain script that makes, reads, and removes a stack of alerts: one call after the other, as one writes it in an afternoon.

Usage: sequential.py apply|plan|destroy ALERTS
"""

import json
import sys

import boto3

what, alerts = sys.argv[1], int(sys.argv[2])
events, iam, sqs = (boto3.client(name) for name in ("events", "iam", "sqs"))
account = boto3.client("sts").get_caller_identity()["Account"]
NAME = "sequential"
RULES = [f"{NAME}-{at}" for at in range(alerts)]
PATTERN = json.dumps({"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging"]}})


def trust(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def apply():
    key = {"ApiKeyName": "X-Unused", "ApiKeyValue": "unused"}
    connection = events.create_connection(
        Name=NAME, AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": key}
    )
    destination = events.create_api_destination(
        Name=NAME,
        ConnectionArn=connection["ConnectionArn"],
        InvocationEndpoint="https://hooks.slack.com/services/T/B/x",
        HttpMethod="POST",
    )["ApiDestinationArn"]
    role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust("events.amazonaws.com"))["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": "events:InvokeApiDestination", "Resource": destination}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=NAME, PolicyName=NAME, PolicyDocument=policy)
    sqs.create_queue(QueueName=NAME)
    events.create_event_bus(Name=NAME)
    for rule in RULES:
        events.put_rule(Name=rule, EventPattern=PATTERN, Tags=[{"Key": "stack", "Value": NAME}])
        events.put_targets(Rule=rule, Targets=[{"Id": "slack", "Arn": destination, "RoleArn": role}])


def plan():
    events.describe_connection(Name=NAME)
    events.describe_api_destination(Name=NAME)
    iam.get_role(RoleName=NAME)
    iam.get_role_policy(RoleName=NAME, PolicyName=NAME)
    sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName=NAME)["QueueUrl"], AttributeNames=["All"])
    events.describe_event_bus(Name=NAME)
    for page in events.get_paginator("list_rules").paginate(NamePrefix=NAME):
        for rule in page["Rules"]:
            events.list_targets_by_rule(Rule=rule["Name"])
            events.list_tags_for_resource(ResourceARN=rule["Arn"])


def destroy():
    for rule in RULES:
        events.remove_targets(Rule=rule, Ids=["slack"])
        events.delete_rule(Name=rule)
    events.delete_event_bus(Name=NAME)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=NAME)["QueueUrl"])
    iam.delete_role_policy(RoleName=NAME, PolicyName=NAME)
    iam.delete_role(RoleName=NAME)
    events.delete_api_destination(Name=NAME)
    events.delete_connection(Name=NAME)


{"apply": apply, "plan": plan, "destroy": destroy}[what]()
