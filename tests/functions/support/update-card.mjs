// Writes tests/snapshots/card.json anew: `node tests/support/update-card.mjs`, then look at the difference.

import { writeFileSync } from "node:fs";
import { card } from "../../../src/functions/card.mjs";
import { ALERT, REFUSED } from "./inputs.mjs";

const path = new URL("../snapshots/card.json", import.meta.url);
writeFileSync(path, `${JSON.stringify(card({ trailbell: ALERT, event: REFUSED }), null, 2)}\n`);
