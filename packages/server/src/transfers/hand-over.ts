import type { SendPlan } from "./send-plan.js";

/** A blob's file, as a front server finds it. */
export interface HandOver {
  /** URI of the front server's internal location, with a slash at its end. */
  readonly prefix: string;
  /** Path of the file below that, with forward slashes and nothing to escape. */
  readonly path: string;
}

/** Headers that say what the body is; the front server, which also cuts ranges out of it, sends its own. */
const OF_THE_BODY = new Set(["content-length", "content-range", "accept-ranges"]);

/**
 * Headers of a reply without a body, in place of which the front server sends the file. `X-Accel-Redirect` is nginx's name for this,
 * which others have taken over.
 */
export function handOverHeaders(
  plan: SendPlan,
  { prefix, path }: HandOver,
): Record<string, string> {
  const kept = Object.entries(plan.headers).filter(([name]) => !OF_THE_BODY.has(name));
  return { ...Object.fromEntries(kept), "x-accel-redirect": `${prefix}${path}` };
}
