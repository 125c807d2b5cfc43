import type { ServerResponse } from "node:http";

import { createBufferPool } from "./buffer-pool.js";

// Four buffers of 1 MiB keep disk and socket busy at once; more memory is not faster.
const MAX_BUFFER_BYTES = 1 << 20;
const MIN_BUFFER_BYTES = 32 * 1024;
const BUFFER_COUNT = 4;

/**
 * Memory shared by all replies in progress. With many of them each new one gets less, so that
 * thousands of slow receivers cannot exhaust the machine's memory.
 */
const SHARED_BYTES = 64 << 20;

/** Half as much is kept for later replies, whose share may differ. */
const pool = createBufferPool(SHARED_BYTES / 2);

let openWriters = 0;

/** A power of two, so that buffers left by one reply fit the next. */
function bufferBytes(): number {
  const share = SHARED_BYTES / BUFFER_COUNT / Math.max(openWriters, 1);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(share)), MIN_BUFFER_BYTES), MAX_BUFFER_BYTES);
}

/** A buffer whose first `length` bytes are bytes of a blob. */
export interface FilledBuffer {
  readonly buffer: Buffer;
  readonly length: number;
}

/** Writes the body of one reply to its socket, from a ring of reused buffers. */
export interface SocketWriter {
  /** Why no more bytes can be sent; undefined while they can. */
  end: "client-closed" | "idle" | undefined;
  /** Bytes that the socket has accepted. */
  sentBytes: number;
  /** Size of buffers that are still to be created. */
  bufferBytes: number;
  /** Returns a buffer to fill; undefined if none is free or the writer has ended. */
  freeBuffer(): Buffer | undefined;
  /** Waits for a buffer to fill; returns undefined if the writer has ended. */
  takeBuffer(): Promise<Buffer | undefined>;
  /** Sends a buffer's bytes. The buffer is free again once the socket has accepted them. */
  send(filled: FilledBuffer): void;
  /** Counts bytes that were sent to the socket without this writer. */
  countSent(bytes: number): void;
  /** Waits until the socket has accepted everything, or the writer has ended. */
  drained(): Promise<void>;
  /** Returns the free buffers to the pool. The system may still be reading the others. */
  release(): void;
}

type Write = (bytes: Uint8Array, done: (error?: Error | null) => void) => void;

/**
 * Writes straight to the socket: a write to the response costs about a tenth of the system call on
 * top. The head, which announces the length, goes first. A response that waits for an earlier one
 * on its connection has no socket yet and buffers what it gets.
 */
function bodyWriter(response: ServerResponse): Write {
  response.flushHeaders();
  const { socket } = response;
  if (socket === null) return (bytes, done) => void response.write(bytes, done);
  return (bytes, done) => void socket.write(bytes, done);
}

/**
 * Creates the writer of a response; call `release` in the end. It ends when the receiver accepts
 * nothing for `idleTimeoutMs`.
 */
export function createSocketWriter(response: ServerResponse, idleTimeoutMs: number): SocketWriter {
  let write: Write | undefined;
  const free: Buffer[] = [];
  let created = 0;
  let isReleased = false;
  openWriters += 1;
  let wake: (() => void) | undefined;
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const isBusy = () => free.length === 0 && created === BUFFER_COUNT;
  const writer: SocketWriter = {
    end: response.destroyed ? "client-closed" : undefined,
    sentBytes: 0,
    bufferBytes: bufferBytes(),
    async takeBuffer() {
      while (writer.end === undefined && isBusy()) await sleep();
      return writer.freeBuffer();
    },
    freeBuffer() {
      if (writer.end !== undefined || isBusy()) return undefined;
      const buffer = free.pop();
      if (buffer !== undefined) return buffer;
      created += 1;
      return pool.take(writer.bufferBytes);
    },
    send({ buffer, length }) {
      write ??= bodyWriter(response);
      write(buffer.subarray(0, length), (error) => {
        // After an error the system may still read from the buffer.
        if (error) return;
        writer.sentBytes += length;
        if (isReleased) return pool.giveBack(buffer);
        free.push(buffer);
        wake?.();
      });
    },
    countSent(bytes) {
      if (bytes === 0) return;
      writer.sentBytes += bytes;
      // The socket's own timer does not see these bytes, so it is restarted.
      response.setTimeout(idleTimeoutMs);
    },
    async drained() {
      while (writer.end === undefined && free.length < created) await sleep();
    },
    release() {
      isReleased = true;
      openWriters -= 1;
      for (const buffer of free.splice(0)) pool.giveBack(buffer);
    },
  };
  onEnd(response, idleTimeoutMs, (reason) => {
    writer.end ??= reason;
    wake?.();
  });
  return writer;
}

function onEnd(
  response: ServerResponse,
  idleTimeoutMs: number,
  end: (reason: SocketWriter["end"]) => void,
): void {
  response.once("close", () => {
    if (!response.writableFinished) end("client-closed");
  });
  response.once("error", () => end("client-closed"));
  // The socket's own timer sees every byte that the kernel accepts, not only whole buffers.
  response.setTimeout(idleTimeoutMs, () => {
    end("idle");
    response.destroy();
  });
}
