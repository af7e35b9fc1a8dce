import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { redacted } from "../../src/lambda/redact.mjs";

const { secrets, around, kept } = JSON.parse(readFileSync(new URL("support/secrets.json", import.meta.url), "utf8"));

/** Whether any eight characters of the secret are in the text. */
const shows = (text, secret) => Array.from(secret).some((_, at) => at + 8 <= secret.length && text.includes(secret.slice(at, at + 8)));

test("secrets are redacted, wherever they are", () => {
  for (const { kind, text, secret } of secrets) {
    for (const place of around) {
      const shown = redacted(place.replaceAll("{}", text.join("")));
      assert.ok(!shows(shown, secret), `${kind} in ${place}: ${shown}`);
    }
  }
});

test("what is no secret is kept", () => {
  for (const text of kept) {
    for (const place of around) {
      const whole = place.replaceAll("{}", text);
      assert.equal(redacted(whole), whole);
    }
  }
});

test("hostile texts take linear work", () => {
  const parts = ["eyJ-", "eyJaaaaaaaa.", "ghp_", "://a:", "-----BEGIN PRIVATE KEY-----", "xoxb-", "aB3+", "SG.", "://:@"];
  for (const part of parts) redacted(part.repeat(200_000));
});
