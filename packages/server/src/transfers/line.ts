import type { ServerResponse } from "node:http";

import { createBufferPool } from "./buffer-pool.js";

// Four of 1 MiB keep disk and socket busy at once; more memory is no faster.
const MAX_BUFFER_BYTES = 1 << 20;
const MIN_BUFFER_BYTES = 32 * 1024;
const BUFFER_COUNT = 4;

/** Memory that the blobs under way share. Who joins many others gets less, so that thousands of slow receivers cannot fill the machine's. */
const SHARED_BYTES = 64 << 20;

/** Half as much again is kept for those who come next, whose share may be another. */
const pool = createBufferPool(SHARED_BYTES / 2);

let linesOpen = 0;

/** A power of two, so that what one blob leaves fits the next. */
function bufferBytes(): number {
  const share = SHARED_BYTES / BUFFER_COUNT / Math.max(linesOpen, 1);
  return Math.min(Math.max(2 ** Math.floor(Math.log2(share)), MIN_BUFFER_BYTES), MAX_BUFFER_BYTES);
}

/** A buffer and how many bytes of the blob are in it. */
export interface Piece {
  readonly buffer: Buffer;
  readonly length: number;
}

/** A response on its way, and what became of it. */
export interface Line {
  /** Undefined as long as bytes can be sent. */
  end: "client-closed" | "idle" | undefined;
  sentBytes: number;
  /** Size of the buffers that are still to be made. */
  bufferBytes: number;
  /** A buffer to fill; undefined if none is free, or the line has ended. */
  freeBuffer(): Buffer | undefined;
  /** Waits for a buffer to fill; undefined if the line has ended. */
  takeBuffer(): Promise<Buffer | undefined>;
  /** Sends bytes of a buffer, which is free for use again when they are gone. */
  send(piece: Piece): void;
  /** So many bytes were sent past it. */
  sentPast(bytes: number): void;
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

/** The line of a response, to be released in the end. It ends when the receiver takes nothing for so many milliseconds. */
export function watchResponse(response: ServerResponse, idleTimeoutMs: number): Line {
  let write: Write | undefined;
  const free: Buffer[] = [];
  let made = 0;
  let isReleased = false;
  linesOpen += 1;
  let wake: (() => void) | undefined;
  const sleep = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const isBusy = () => free.length === 0 && made === BUFFER_COUNT;
  const line: Line = {
    end: response.destroyed ? "client-closed" : undefined,
    sentBytes: 0,
    bufferBytes: bufferBytes(),
    async takeBuffer() {
      while (line.end === undefined && isBusy()) await sleep();
      return line.freeBuffer();
    },
    freeBuffer() {
      if (line.end !== undefined || isBusy()) return undefined;
      const buffer = free.pop();
      if (buffer !== undefined) return buffer;
      made += 1;
      return pool.take(line.bufferBytes);
    },
    send({ buffer, length }) {
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
    sentPast(bytes) {
      if (bytes === 0) return;
      line.sentBytes += bytes;
      // Of these the socket's own timer does not know; it begins anew.
      response.setTimeout(idleTimeoutMs);
    },
    async drained() {
      while (line.end === undefined && free.length < made) await sleep();
    },
    release() {
      isReleased = true;
      linesOpen -= 1;
      for (const buffer of free.splice(0)) pool.giveBack(buffer);
    },
  };
  onEnd(response, idleTimeoutMs, (reason) => {
    line.end ??= reason;
    wake?.();
  });
  return line;
}

function onEnd(
  response: ServerResponse,
  idleTimeoutMs: number,
  end: (reason: Line["end"]) => void,
): void {
  response.once("close", () => {
    if (!response.writableFinished) end("client-closed");
  });
  response.once("error", () => end("client-closed"));
  // The socket's own timer sees every byte of our buffers that the kernel takes, not only whole ones.
  response.setTimeout(idleTimeoutMs, () => {
    end("idle");
    response.destroy();
  });
}
