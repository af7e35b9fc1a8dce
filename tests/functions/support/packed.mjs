// A remediation's handler with what trailbell packs beside it, in a folder of its own, as Lambda has it.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** The handler's module; its path begins at the root of the repository. */
export async function packed(path) {
  const folder = mkdtempSync(join(tmpdir(), "trailbell-handler-"));
  try {
    copyFileSync(join(ROOT, "src/lambda/aws.mjs"), join(folder, "aws.mjs"));
    copyFileSync(join(ROOT, path), join(folder, basename(path)));
    return await import(pathToFileURL(join(folder, basename(path))).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
