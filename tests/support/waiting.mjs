// Waiting for what must come, on machines that are as slow as they like to be.

/** How long anything may take before it counts as not happening. */
export const LONGEST_MS = 60_000;
/** How long a whole scenario may take. */
export const SCENARIO_MS = 300_000;
const STEP_MS = 100;

/** Tries until `check` neither throws nor answers false; answers what it answers. */
export async function eventually(what, check, longest_ms = LONGEST_MS) {
  const until = Date.now() + longest_ms;
  let last;
  for (;;) {
    try {
      const found = await check();
      if (found !== false && found !== undefined && found !== null) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) {
      throw new Error(`It never happened: ${what}.${last ? ` ${last.message}` : ''}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
