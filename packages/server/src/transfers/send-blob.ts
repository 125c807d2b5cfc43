import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { OpenBytes } from "../blobs/blob-store.js";
import type { ByteRange } from "./byte-range.js";
import { copyRange } from "./copy-range.js";
import { openFileSender } from "./file-sender.js";
import { handRange } from "./hand-range.js";
import { type Line, watchResponse } from "./line.js";
import type { SendPlan } from "./send-plan.js";

/** What to send, and how long the receiver may take nothing. */
export interface SendOptions {
  readonly plan: SendPlan;
  /** Closed in the end, whatever happens. Null if the plan has no body. */
  readonly blob: OpenBytes | null;
  /** In milliseconds. */
  readonly idleTimeoutMs: number;
}

/** How sending a blob ended, for the log. */
export interface SendOutcome {
  readonly ended: "sent" | "client-closed" | "idle" | "read-failed";
  /** Bytes of the body handed to the operating system. */
  readonly sentBytes: number;
  /** Why reading failed. */
  readonly cause?: unknown;
}

/** From so many bytes on a file is handed to the socket by the system, where it can; before, that is not worth its preparation. */
const MIN_HANDED_BYTES = 256 * 1024;

/**
 * Sends a reply with stored bytes, as fast as the receiver takes them: handed from file to socket by the system where it can, else
 * from a ring of reused buffers straight to the socket. When the bytes cannot be read, or the receiver takes none for too long, the
 * connection is cut: a body that ends early must not look whole. Never throws.
 */
export async function sendBlob(
  response: ServerResponse,
  { plan, blob, idleTimeoutMs }: SendOptions,
): Promise<SendOutcome> {
  const line = watchResponse(response, idleTimeoutMs);
  try {
    if (line.end === undefined) response.writeHead(plan.status, { ...plan.headers });
    if (plan.range !== null && blob !== null) {
      await sendRange({ line, socket: response.socket }, blob, plan.range);
    }
    if (line.end === undefined) await finish(response);
    return { ended: line.end ?? "sent", sentBytes: line.sentBytes };
  } catch (cause) {
    response.destroy();
    return { ended: line.end ?? "read-failed", sentBytes: line.sentBytes, cause };
  } finally {
    line.release();
    await blob?.close().catch(() => {});
  }
}

interface Receiver {
  readonly line: Line;
  /** Null while the reply waits for the one before it on its connection. */
  readonly socket: Socket | null;
}

async function sendRange(
  { line, socket }: Receiver,
  blob: OpenBytes,
  range: ByteRange,
): Promise<void> {
  const { fd } = blob;
  const isWorthIt = fd !== undefined && socket !== null && range.length >= MIN_HANDED_BYTES;
  const sender = isWorthIt ? await openFileSender(socket, fd) : undefined;
  if (sender === undefined) return copyRange(line, blob, range);
  try {
    await handRange(line, blob, { range, sender });
  } finally {
    sender.close();
  }
}

async function finish(response: ServerResponse): Promise<void> {
  const closed = once(response, "close");
  response.end();
  await closed;
}
