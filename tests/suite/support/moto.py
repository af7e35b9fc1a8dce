"""moto's server, which also understands rpc-v2-cbor, the one protocol in which the SDK speaks to CloudWatch.

moto knows CloudWatch's other protocols only, so a request becomes JSON on its way in, and the answer CBOR on its way out.
It also forgets the dead-letter queue of a Lambda function, which Lambda keeps; here it does, too.
"""

import io
import json
import re

import cbor2
from moto import server
from moto.awslambda.models import LambdaFunction
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

OPERATION = re.compile(r"^/service/(\w+)/operation/(\w+)$")
plain = DomainDispatcherApplication.__call__


def timed(value):
    """Times are tagged in CBOR and numbers in JSON."""
    if isinstance(value, list):
        return [timed(one) for one in value]
    if isinstance(value, dict):
        return {
            key: cbor2.CBORTag(1, one) if key.endswith("Timestamp") else timed(one)
            for key, one in value.items()
            if one is not None
        }
    return value


def call(self, environ, start_response):
    found = OPERATION.match(environ["PATH_INFO"])
    if not found:
        return plain(self, environ, start_response)
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size)
    asked = json.dumps(cbor2.loads(body) if body else {}).encode()
    environ.update(
        {
            "PATH_INFO": "/",
            "REQUEST_URI": "/",
            "RAW_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(asked)),
            "HTTP_X_AMZ_TARGET": ".".join(found.groups()),
            "wsgi.input": io.BytesIO(asked),
        }
    )
    status = []
    answer = b"".join(plain(self, environ, lambda line, headers, *rest: status.append(line)))
    answer = cbor2.dumps(timed(json.loads(answer or b"{}")))
    headers = [
        ("Content-Type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("Content-Length", str(len(answer))),
    ]
    start_response(status[0], headers)
    return [answer]


made, told, updated = LambdaFunction.__init__, LambdaFunction.get_configuration, LambdaFunction.update_configuration


def make(self, account_id, spec, *rest, **named):
    self.dead_letters = spec.get("DeadLetterConfig")
    made(self, account_id, spec, *rest, **named)


def tell(self, *rest, **named):
    letters = {"DeadLetterConfig": self.dead_letters} if self.dead_letters else {}
    return {**told(self, *rest, **named), **letters}


def update(self, updates):
    self.dead_letters = updates.get("DeadLetterConfig", self.dead_letters)
    return updated(self, updates)


LambdaFunction.__init__, LambdaFunction.get_configuration, LambdaFunction.update_configuration = make, tell, update
DomainDispatcherApplication.__call__ = call
server.main()
