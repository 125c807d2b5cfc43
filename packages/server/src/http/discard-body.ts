import type { IncomingMessage } from "node:http";

/**
 * How long a sender may go on after its reply, in milliseconds. Clients stop within a round trip.
 */
const DISCARD_MS = 10_000;

/**
 * Drops the rest of a body whose request has its reply already, so that the sender gets to read the
 * reply, and closes the connection after `limitMs` if the body does not end. Closing at once, with
 * bytes unread, would reset the connection, and the reply would be lost.
 */
export function discardBody(request: IncomingMessage, limitMs = DISCARD_MS): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), limitMs);
  timer.unref();
  const stop = () => clearTimeout(timer);
  request.once("end", stop).once("close", stop);
  request.on("error", () => {});
  request.resume();
}
