import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { OpenBytes } from "../blobs/open-bytes.js";
import type { ByteRange } from "./byte-range.js";
import { copyRange } from "./copy-range.js";
import { openFileSender } from "./file-sender.js";
import type { SendPlan } from "./send-plan.js";
import { sendfileRange } from "./sendfile-range.js";
import { type SocketWriter, createSocketWriter } from "./socket-writer.js";

/** What to send. */
export interface SendOptions {
  readonly plan: SendPlan;
  /** Always closed in the end. Null if the plan has no body. */
  readonly blob: OpenBytes | null;
  /** How long the receiver may accept nothing, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** How sending a blob ended, for the log. */
export interface SendOutcome {
  readonly ended: "sent" | "client-closed" | "idle" | "read-failed";
  /** Bytes of the body that the operating system accepted. */
  readonly sentBytes: number;
  /** Why reading failed. */
  readonly cause?: unknown;
}

/** Shorter ranges are copied: preparing `sendfile` would take longer than it saves. */
const MIN_SENDFILE_BYTES = 256 * 1024;

/**
 * Sends a reply with stored bytes, as fast as the receiver accepts them: with `sendfile` where the
 * system has it, otherwise from a ring of reused buffers straight to the socket. Cuts the
 * connection when the bytes cannot be read or the receiver accepts none for too long: a body that
 * ends early must not look complete. Never throws.
 */
export async function sendBlob(
  response: ServerResponse,
  { plan, blob, idleTimeoutMs }: SendOptions,
): Promise<SendOutcome> {
  const writer = createSocketWriter(response, idleTimeoutMs);
  try {
    if (writer.end === undefined) response.writeHead(plan.status, { ...plan.headers });
    if (plan.range !== null && blob !== null) {
      await sendRange({ writer, socket: response.socket }, blob, plan.range);
    }
    if (writer.end === undefined) await finish(response);
    return { ended: writer.end ?? "sent", sentBytes: writer.sentBytes };
  } catch (cause) {
    response.destroy();
    return { ended: writer.end ?? "read-failed", sentBytes: writer.sentBytes, cause };
  } finally {
    writer.release();
    await blob?.close().catch(() => {});
  }
}

interface Receiver {
  readonly writer: SocketWriter;
  /** Null while the reply waits for an earlier one on its connection. */
  readonly socket: Socket | null;
}

async function sendRange(
  { writer, socket }: Receiver,
  blob: OpenBytes,
  range: ByteRange,
): Promise<void> {
  const { fd } = blob;
  const isWorthIt = fd !== undefined && socket !== null && range.length >= MIN_SENDFILE_BYTES;
  const sender = isWorthIt ? await openFileSender(socket, fd) : undefined;
  if (sender === undefined) return copyRange(writer, blob, range);
  try {
    await sendfileRange(writer, blob, { range, sender });
  } finally {
    sender.close();
  }
}

async function finish(response: ServerResponse): Promise<void> {
  const closed = once(response, "close");
  response.end();
  await closed;
}
