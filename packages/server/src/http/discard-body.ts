import type { IncomingMessage } from "node:http";

/** How long a sender may go on after its fate was told. Clients stop within a round trip. */
const DISCARD_MS = 10_000;

/**
 * For a request that is answered before its body has been read: drops what still comes, so that the sender gets to read the answer,
 * and cuts the connection if there is no end to it. Closing at once, with bytes unread, would reset the connection, and the answer
 * with it.
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
