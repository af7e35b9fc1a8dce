// Runs one escape and says whether it succeeded: the handler of a stack, or a program of its own as the control.

const PATIENCE = 5_000;

/** `true`, `false` with the reason, or that this Node does not have what it needs. */
export async function run(escapes, name, it) {
  const late = new Promise((yes) => setTimeout(yes, PATIENCE, "late").unref());
  try {
    const outcome = await Promise.race([escapes[name](it), late]);
    if (outcome === "absent") return { absent: true };
    return { escaped: Boolean(outcome) && outcome !== "late", why: String(outcome) };
  } catch (error) {
    return { escaped: false, why: `${error?.code ?? ""} ${error?.message ?? error}` };
  }
}
