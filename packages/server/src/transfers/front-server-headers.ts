import type { SendPlan } from "./send-plan.js";

/** A blob's file, as the front server finds it. */
export interface FrontServerFile {
  /** URI of the front server's internal location, with a slash at its end. */
  readonly prefix: string;
  /** Path of the file below that location, with forward slashes and nothing to escape. */
  readonly path: string;
}

/** Headers that describe the body. The front server, which also serves ranges, sends its own. */
const BODY_HEADERS = new Set(["content-length", "content-range", "accept-ranges"]);

/**
 * Headers of an empty reply that the front server replaces by the file. `X-Accel-Redirect` is
 * nginx's name for this, which other servers have adopted.
 */
export function frontServerHeaders(
  plan: SendPlan,
  { prefix, path }: FrontServerFile,
): Record<string, string> {
  const kept = Object.entries(plan.headers).filter(([name]) => !BODY_HEADERS.has(name));
  return { ...Object.fromEntries(kept), "x-accel-redirect": `${prefix}${path}` };
}
