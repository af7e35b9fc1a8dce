// Writes the snapshots of alerts anew: `node tests/functions/support/update-snapshots.mjs`, then look at the difference.

import { writeFileSync } from "node:fs";
import { messagesOf } from "../../../src/lambda/notifier.mjs";
import { ALERT, AUTHORED, REFUSED, SENTENCE } from "./inputs.mjs";

for (const [name, message] of Object.entries({ card: undefined, sentence: SENTENCE, authored: AUTHORED })) {
  const [body] = messagesOf({ trailbell: { ...ALERT, message }, event: REFUSED });
  writeFileSync(new URL(`../snapshots/${name}.json`, import.meta.url), `${JSON.stringify(body, null, 2)}\n`);
}
