import { once } from "node:events";
import type { ServerResponse } from "node:http";

import type { OpenBytes } from "../blobs/blob-store.js";
import { LibraryFault } from "../library/library-fault.js";
import { createBufferPool } from "./buffer-pool.js";
import type { ByteRange } from "./byte-range.js";
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

// Four of 1 MiB keep disk and socket busy at once; more memory is no faster.
const MAX_BUFFER_BYTES = 1 << 20;
const MIN_BUFFER_BYTES = 32 * 1024;
const BUFFER_COUNT = 4;

/** Memory that the blobs under way share. Who joins many others gets less, so that thousands of slow receivers cannot fill the machine's. */
const SHARED_BYTES = 64 << 20;

/** Half as much again is kept for those who come next, whose share may be another. */
const pool = createBufferPool(SHARED_BYTES / 2);

let blobsUnderWay = 0;

/** A power of two, so that what one blob leaves fits the next. */
function bufferBytes(): number {
  const share = SHARED_BYTES / BUFFER_COUNT / Math.max(blobsUnderWay, 1);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(share)), MIN_BUFFER_BYTES), MAX_BUFFER_BYTES);
}

/**
 * Sends a reply with stored bytes straight from a ring of reused buffers to the socket, as fast as the receiver takes them. When
 * the bytes cannot be read, or the receiver takes none for too long, the connection is cut: a body that ends early must not look
 * whole. Never throws.
 */
export async function sendBlob(
  response: ServerResponse,
  { plan, blob, idleTimeoutMs }: SendOptions,
): Promise<SendOutcome> {
  blobsUnderWay += 1;
  const line = watchResponse(response, idleTimeoutMs);
  try {
    if (line.end === undefined) response.writeHead(plan.status, { ...plan.headers });
    if (plan.range !== null && blob !== null) await sendRange(line, blob, plan.range);
    if (line.end === undefined) await finish(response);
    return { ended: line.end ?? "sent", sentBytes: line.sentBytes };
  } catch (cause) {
    response.destroy();
    return { ended: line.end ?? "read-failed", sentBytes: line.sentBytes, cause };
  } finally {
    blobsUnderWay -= 1;
    line.release();
    await blob?.close().catch(() => {});
  }
}

/** A response on its way, and what became of it. */
interface Line {
  /** Undefined as long as bytes can be sent. */
  end: "client-closed" | "idle" | undefined;
  sentBytes: number;
  /** A buffer to fill; undefined if none is free, or the line has ended. */
  freeBuffer(): Buffer | undefined;
  /** Waits for a buffer to fill; undefined if the line has ended. */
  takeBuffer(): Promise<Buffer | undefined>;
  /** Sends bytes of a buffer, which is free for use again when they are gone. */
  send(buffer: Buffer, length: number): void;
  /** Waits until all that was given is sent, or the line has ended. */
  drained(): Promise<void>;
  /** Gives back the buffers that are free for use; of the others, the system may still be reading. */
  release(): void;
}

type Write = (bytes: Uint8Array, done: (error?: Error | null) => void) => void;

/**
 * How the body gets out: past the response, whose every write costs about a tenth of what the system's does, straight to the socket.
 * The head, which says how long the body is, goes first. A response that waits for the one before it on its connection has no socket
 * yet and keeps what it is given.
 */
function bodyWriter(response: ServerResponse): Write {
  response.flushHeaders();
  const { socket } = response;
  if (socket === null) return (bytes, done) => void response.write(bytes, done);
  return (bytes, done) => void socket.write(bytes, done);
}

function watchResponse(response: ServerResponse, idleTimeoutMs: number): Line {
  let write: Write | undefined;
  const free: Buffer[] = [];
  const size = bufferBytes();
  let made = 0;
  let isReleased = false;
  let wake: (() => void) | undefined;
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const isBusy = () => free.length === 0 && made === BUFFER_COUNT;
  const line: Line = {
    end: response.destroyed ? "client-closed" : undefined,
    sentBytes: 0,
    async takeBuffer() {
      while (line.end === undefined && isBusy()) await sleep();
      return line.freeBuffer();
    },
    freeBuffer() {
      if (line.end !== undefined || isBusy()) return undefined;
      const buffer = free.pop();
      if (buffer !== undefined) return buffer;
      made += 1;
      return pool.take(size);
    },
    send(buffer, length) {
      write ??= bodyWriter(response);
      write(buffer.subarray(0, length), (error) => {
        // After an error the system may still read from the buffer.
        if (error) return;
        line.sentBytes += length;
        if (isReleased) return pool.giveBack(buffer);
        free.push(buffer);
        wake?.();
      });
    },
    async drained() {
      while (line.end === undefined && free.length < made) await sleep();
    },
    release() {
      isReleased = true;
      for (const buffer of free.splice(0)) pool.giveBack(buffer);
    },
  };
  const end = (reason: Line["end"]) => {
    line.end ??= reason;
    wake?.();
  };
  response.once("close", () => {
    if (!response.writableFinished) end("client-closed");
  });
  response.once("error", () => end("client-closed"));
  // The socket's own timer sees every byte that the kernel takes, not only whole buffers.
  response.setTimeout(idleTimeoutMs, () => {
    end("idle");
    response.destroy();
  });
  return line;
}

/** A buffer and how many bytes of the blob are in it. */
interface Piece {
  readonly buffer: Buffer;
  readonly length: number;
}

/** The next piece is read while this one is handed to the system, which copies it. */
async function sendRange(line: Line, blob: OpenBytes, range: ByteRange): Promise<void> {
  const end = range.start + range.length;
  let offset = range.start;
  const readNext = () => {
    const next = readPiece(line, blob, { start: offset, length: end - offset });
    // Whoever awaits it hears of it.
    next.catch(() => {});
    return next;
  };
  let ahead: Promise<Piece | undefined> | undefined = readNext();
  try {
    while (ahead !== undefined) {
      const piece: Piece | undefined = await ahead;
      if (piece === undefined || line.end !== undefined) return;
      offset += piece.length;
      ahead = offset < end ? readNext() : undefined;
      line.send(piece.buffer, piece.length);
    }
    await line.drained();
  } finally {
    // The blob is not closed while it is read.
    await ahead?.catch(() => {});
  }
}

/** Reads as much of the front of a range as a buffer holds; undefined if the line has ended. */
async function readPiece(
  line: Line,
  blob: OpenBytes,
  { start, length: left }: ByteRange,
): Promise<Piece | undefined> {
  // Without a turn in between if there is one, so that reading has begun when this returns.
  const buffer = line.freeBuffer() ?? (await line.takeBuffer());
  if (buffer === undefined) return undefined;
  const length = Math.min(buffer.length, left);
  const bytesRead = await blob.readUpTo(buffer.subarray(0, length), start);
  if (bytesRead < length) {
    throw new LibraryFault("internal", `stored bytes end early, at ${start + bytesRead}`);
  }
  return { buffer, length };
}

async function finish(response: ServerResponse): Promise<void> {
  const closed = once(response, "close");
  response.end();
  await closed;
}
