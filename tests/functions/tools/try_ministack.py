"""Tries the handlers for real on ministack: python with boto3, path of ministack's program, nothing but loopback."""

import http.server
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import boto3

ROOT = pathlib.Path(__file__).resolve().parents[3]
# Functions beside the blueprint that they belong to find their neighbours in the same archive, too.
FILES = sorted([*ROOT.glob("src/functions/*.mjs"), *ROOT.glob("blueprints/*/*.mjs")])
ENV_HANDLER = """
export const handler = async () => ({ node: process.version, env: Object.fromEntries(Object.entries(process.env)
  .filter(([k]) => /^(AWS|_LAMBDA|LAMBDA|TRAILBELL|MINISTACK|AUTH|GATEWAY)/.test(k))
  .map(([k, v]) => [k, /SECRET|TOKEN/.test(k) ? `${v.length} characters` : v])) });
"""
received = []


class Slack(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.append((self.path, dict(self.headers), body.decode()))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(condition, what, seconds=20):
    until = time.time() + seconds
    while time.time() < until:
        if value := condition():
            return value
        time.sleep(0.1)
    raise SystemExit(f"nothing came: {what}")


def main(program):
    port = free()
    log = tempfile.TemporaryFile("w")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    emulator = subprocess.Popen([program], stdout=log, stderr=log, env=clean | {
        "AWS_ACCESS_KEY_ID": "test", "AUTH": "true", "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2"})
    try:
        story(f"http://127.0.0.1:{port}")
    finally:
        emulator.terminate()
        emulator.wait()


def story(endpoint):
    slack = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    threading.Thread(target=slack.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{slack.server_port}/hook"

    def client(name, region="us-east-1"):
        return boto3.client(name, region_name=region, endpoint_url=endpoint,
                            aws_access_key_id="test", aws_secret_access_key="test")

    def ready():
        try:
            return client("sts").get_caller_identity()
        except Exception:
            return None
    account = wait(ready, "the emulator")["Account"]
    iam, lam, logs, events, trail, sqs, s3 = map(
        client, ["iam", "lambda", "logs", "events", "cloudtrail", "sqs", "s3"])

    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})

    def role(name, *statements):
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]}))
        return arn

    code = zipped({file.name: file.read_text() for file in FILES})

    def function(name, role_arn, handler, env=None, zip_=code, **more):
        lam.create_function(FunctionName=name, Role=role_arn, Runtime="nodejs24.x", Handler=handler, Timeout=60,
                            MemorySize=256, Code={"ZipFile": zip_}, Environment={"Variables": env or {}}, **more)
        lam.get_waiter("function_active_v2").wait(FunctionName=name)
        return lam.get_function(FunctionName=name)["Configuration"]["FunctionArn"]

    def invoke(name, payload):
        out = lam.invoke(FunctionName=name, Payload=json.dumps(payload), LogType="Tail")
        import base64
        return (out.get("FunctionError"), json.loads(out["Payload"].read() or b"null"),
                base64.b64decode(out.get("LogResult", "")).decode())

    # What a function is given.
    function("env", role("r-env"), "env.handler", {"TRAILBELL_SOURCE": "s", "AWS_REGION": "nowhere"},
             zipped({"env.mjs": ENV_HANDLER}))
    print("ENV", json.dumps(invoke("env", {})[1], indent=1))

    # Relay: rule, connection, destination.
    connection = events.create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "X-Trailbell", "ApiKeyValue": "unused"}})["ConnectionArn"]
    destination = events.create_api_destination(Name="d", ConnectionArn=connection, InvocationEndpoint=hook,
                                                HttpMethod="POST")["ApiDestinationArn"]
    events.put_rule(Name="relay", EventPattern=json.dumps({"source": ["trailbell.security-alerts"]}))
    events.put_targets(Rule="relay", Targets=[{"Id": "1", "Arn": destination, "InputPath": "$.detail.message",
                                               "RoleArn": role("r-target")}])

    # Log route.
    name = "trailbell-security-alerts_notifier"
    put = {"Action": "events:PutEvents", "Resource": f"arn:aws:events:us-east-1:{account}:event-bus/default"}
    conditioned = put | {"Condition": {"StringEquals": {"events:source": "trailbell.security-alerts"}}}
    queue = sqs.create_queue(QueueName="dlq")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    notifier = function(name, role("r-notifier", put), "notifier.handler",
                        {"TRAILBELL_SOURCE": "trailbell.security-alerts"}, DeadLetterConfig={"TargetArn": queue_arn})
    logs.create_log_group(logGroupName="CloudTrail")
    logs.create_log_stream(logGroupName="CloudTrail", logStreamName="123456789012_CloudTrail_us-east-1")
    lam.add_permission(FunctionName=name, StatementId="logs", Action="lambda:InvokeFunction",
                       Principal="logs.amazonaws.com", SourceArn=f"arn:aws:logs:us-east-1:{account}:log-group:CloudTrail:*",
                       SourceAccount=account)
    logs.put_subscription_filter(logGroupName="CloudTrail", filterName="trailbell", filterPattern="",
                                 destinationArn=notifier)

    def put_logs(*messages):
        logs.put_log_events(logGroupName="CloudTrail", logStreamName="123456789012_CloudTrail_us-east-1",
                            logEvents=[{"timestamp": int(time.time() * 1000), "message": m} for m in messages])

    record = {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "eventTime": "2023-08-07T11:31:21Z",
              "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Admin/alice"},
              "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.10", "errorCode": "AccessDenied",
              "recipientAccountId": "123456789012"}
    start = time.time()
    put_logs("foo", "bar ``` <!channel> \u202e \"q\" \\ \u00fc\U0001f600", json.dumps(record))
    wait(lambda: received, "log events")
    print(f"LOG ROUTE cold {time.time() - start:.2f} s", received[-1][0], received[-1][2])
    start = time.time()
    put_logs("again")
    wait(lambda: len(received) == 2, "more log events")
    print(f"LOG ROUTE warm {time.time() - start:.2f} s", json.loads(received[-1][2])["text"])
    put_logs(*["x" * 90] * 10_000)
    wait(lambda: len(received) == 7, "five messages")
    print("10,000 EVENTS", sorted(json.loads(r[2])["text"][-6:] for r in received[2:]))

    # Garbage, by hand and without a permission.
    print("GARBAGE", invoke(name, {"awslogs": {"data": "garbage"}}))
    function("denied", role("r-denied"), "notifier.handler", {"TRAILBELL_SOURCE": "trailbell.security-alerts"},
             DeadLetterConfig={"TargetArn": queue_arn})
    print("DENIED", invoke("denied", {"awslogs": {"data": "garbage"}})[:2])
    function("conditioned", role("r-conditioned", conditioned), "notifier.handler",
             {"TRAILBELL_SOURCE": "trailbell.security-alerts"})
    print("WITH A CONDITION ON events:source", invoke("conditioned", {"awslogs": {"data": "garbage"}})[:2])
    other = function("other-source", iam.get_role(RoleName="r-notifier")["Role"]["Arn"], "notifier.handler",
                     {"TRAILBELL_SOURCE": "trailbell.other"})
    print("OTHER SOURCE", invoke("other-source", {"awslogs": {"data": "garbage"}})[:2])
    lam.invoke(FunctionName="denied", InvocationType="Event", Payload=b'{"awslogs":{"data":"garbage"}}')
    letter = wait(lambda: sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages"), "a dead letter")
    print("DEAD LETTER", letter[0]["Body"], letter[0].get("MessageAttributes"))

    # Event route through the function: the whole event as `<aws.events.event.json>`.
    events.put_rule(Name="lambda", EventPattern=json.dumps({"source": ["my.cloudtrail"]}))
    events.put_targets(Rule="lambda", Targets=[{"Id": "1", "Arn": notifier, "InputTransformer": {
        "InputPathsMap": {}, "InputTemplate":
            '{"trailbell": {"title": "Turned off", "severity": "critical", "blueprint": "b", "description": "d"}, '
            '"event": <aws.events.event.json>}'}}])
    before = len(received)
    events.put_events(Entries=[{"Source": "my.cloudtrail", "DetailType": "AWS API Call via CloudTrail",
                                "Detail": json.dumps(record | {"userAgent": "curl \"7\" <!channel>"})}])
    wait(lambda: len(received) > before, "a card")
    print("CARD", received[-1][2])

    # StopLogging, StartLogging.
    s3.create_bucket(Bucket="trailbell-trail")
    arn = trail.create_trail(Name="management-events", S3BucketName="trailbell-trail")["TrailARN"]
    trail.start_logging(Name=arn)
    restart = function("restart", role("r-restart", {"Action": "cloudtrail:StartLogging", "Resource": arn}),
                       "restart-logging.handler")
    events.put_rule(Name="stop", EventPattern=json.dumps({"source": ["my.cloudtrail"], "detail": {"eventName": ["StopLogging"], "errorCode": [{"exists": False}]}}))
    events.put_targets(Rule="stop", Targets=[{"Id": "1", "Arn": restart}])

    def logging():
        return trail.get_trail_status(Name=arn)["IsLogging"]

    for given in [arn, "management-events"]:
        trail.stop_logging(Name=arn)
        detail = {k: v for k, v in record.items() if k != "errorCode"} | {
            "requestParameters": {"name": given}, "eventID": "5f2c1a64-3c39-4a2c-9d1e-2f6a7f0c1b11"}
        print("STOPPED", logging())
        print("RESTART", invoke("restart", {"id": "e", "detail": detail}), logging())
        print("AGAIN", invoke("restart", {"id": "e", "detail": detail})[:2], logging())
    trail.stop_logging(Name=arn)
    start = time.time()
    events.put_events(Entries=[{"Source": "my.cloudtrail", "DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(detail)}])
    wait(logging, "the trail")
    print(f"RESTARTED BY A RULE {time.time() - start:.2f} s")
    print("REFUSED CALL", invoke("restart", {"detail": detail | {"errorCode": "AccessDenied"}})[:2])
    print("UNKNOWN TRAIL", invoke("restart", {"detail": detail | {"requestParameters": {"name": "nothing"}}})[:2])

    # A trail of another region.
    west = client("cloudtrail", "eu-west-1")
    west_arn = west.create_trail(Name="west", S3BucketName="trailbell-trail", IsMultiRegionTrail=True)["TrailARN"]
    west.start_logging(Name=west_arn)
    west.stop_logging(Name=west_arn)
    iam.put_role_policy(RoleName="r-restart", PolicyName="q", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "cloudtrail:StartLogging", "Resource": west_arn}]}))
    print("OTHER REGION", invoke("restart", {"detail": detail | {"requestParameters": {"name": west_arn}}})[:2],
          west.get_trail_status(Name=west_arn)["IsLogging"])
    groups = [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]]
    print("LOG GROUPS", groups)
    for group in [f"/aws/lambda/{name}", "/aws/lambda/restart"]:
        if group in groups:
            for one in logs.filter_log_events(logGroupName=group)["events"][:14]:
                print("  ", group, one["message"][:200].rstrip())


main(sys.argv[1])
