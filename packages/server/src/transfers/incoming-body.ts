import type { IncomingMessage } from "node:http";

import type { ByteSink } from "../blobs/byte-sink.js";
import type { IncomingBody, ReceiveOptions } from "../blobs/incoming-body.js";
import { Fault } from "../faults/fault.js";
import { freeChunks } from "./free-chunks.js";
import { type IdleTimer, createIdleTimer } from "./idle-timer.js";

/** Bytes collected before a write: enough that the cost of a call does not matter. */
const BATCH_BYTES = 1 << 20;
/**
 * Most chunks per write, a limit of Linux. It also bounds the cost of a sender that trickles single
 * bytes.
 */
const BATCH_CHUNKS = 1024;
/**
 * Fewer bytes are no progress: otherwise a sender of a byte now and then would keep its turn
 * forever.
 */
const MIN_PROGRESS_BYTES = 1024;
/** How long a sender may be silent while another waits for its turn. */
const HURRY_MS = 5000;

const CONTENT_LENGTH = /^[0-9]{1,16}$/;

/** How long a sender may be silent while bytes are expected. The whole body may take any time. */
export interface IncomingBodyOptions {
  /** In milliseconds. */
  readonly idleTimeoutMs: number;
  /** The same once another sender waits for its turn, in milliseconds. Default: 5000. */
  readonly hurryMs?: number;
}

/** The body of a request, for the domain to receive. Nothing is read before. */
export function incomingBody(
  request: IncomingMessage,
  { idleTimeoutMs, hurryMs = HURRY_MS }: IncomingBodyOptions,
): IncomingBody {
  const idle = createIdleTimer(idleTimeoutMs);
  return {
    announcedBytes: contentLength(request),
    async receiveInto(sink, options) {
      checkHeaders(request, options.sizeBytes);
      await receive(request, { sink, options, idle });
      return sink.sums();
    },
    hurry: () => idle.lower(hurryMs),
  };
}

function contentLength({ headers }: IncomingMessage): number | null {
  const text = headers["content-length"] ?? "";
  const length = Number(text);
  return CONTENT_LENGTH.test(text) && Number.isSafeInteger(length) ? length : null;
}

function checkHeaders(request: IncomingMessage, sizeBytes: number): void {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new Fault(
      "unsupported-encoding",
      "the bytes are sent with a Content-Encoding; send them as they are",
    );
  }
  const length = contentLength(request);
  if (length === null || request.headers["transfer-encoding"] !== undefined) {
    throw new Fault(
      "length-required",
      `the request does not say how long its body is; send Content-Length: ${sizeBytes}`,
    );
  }
  if (length !== sizeBytes) {
    throw new Fault(
      "size-mismatch",
      `the body has ${length} bytes, ${sizeBytes} were announced; ask for a URL for what you send`,
    );
  }
}

interface Receiving {
  readonly sink: ByteSink;
  readonly options: ReceiveOptions;
  readonly idle: IdleTimer;
}

/**
 * Reads by events: an iterator would destroy the request on failure, and with it the reply that
 * says why.
 */
function receive(request: IncomingMessage, receiving: Receiving): Promise<void> {
  const { options, idle } = receiving;
  let received = 0;
  let unmarked = 0;
  return new Promise((resolve, reject) => {
    const settle = (fault?: Error) => {
      idle.stop();
      request.off("data", onData).off("end", onEnd).off("error", onEnd).off("close", onEnd);
      request.pause();
      // Later errors of the request do not matter, but an unhandled one would end the process.
      request.on("error", () => {});
      batches.end(fault).then(resolve, reject);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      unmarked += chunk.length;
      if (unmarked >= MIN_PROGRESS_BYTES) {
        unmarked = 0;
        idle.restart();
      }
      batches.add(chunk);
    };
    // Also when the connection breaks. Node never delivers more bytes than the Content-Length.
    const onEnd = () =>
      settle(received === options.sizeBytes ? undefined : endedEarly(received, options.sizeBytes));
    const batches = createBatches(receiving, {
      onFull() {
        request.pause();
        idle.stop();
      },
      onRoom() {
        idle.restart();
        request.resume();
      },
      onFault: settle,
    });
    if (request.destroyed) return onEnd();
    request.on("data", onData).on("end", onEnd).on("error", onEnd).on("close", onEnd);
    idle.start(() => settle(tooSlow(received, options.sizeBytes)));
  });
}

interface Batches {
  add(chunk: Buffer): void;
  /**
   * Ends once no write is in progress. Throws `fault` or the error of a failed write; otherwise
   * writes what is left.
   */
  end(fault: Error | undefined): Promise<void>;
}

interface BatchEvents {
  /** Asks for no more chunks. */
  readonly onFull: () => void;
  /** Asks for chunks again. */
  readonly onRoom: () => void;
  readonly onFault: (fault: Error) => void;
}

/** Collects one batch while the last one is written. */
function createBatches({ sink, options }: Receiving, events: BatchEvents): Batches {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let writing: Promise<void> | undefined;
  let failure: Error | undefined;
  let hasEnded = false;
  const isFull = () => bytes >= BATCH_BYTES || chunks.length >= BATCH_CHUNKS;
  const writeBatch = async () => {
    const batch = chunks;
    chunks = [];
    bytes = 0;
    await sink.write(batch);
    freeChunks(batch);
    await options.onProgress?.();
  };
  const startWriting = async () => {
    try {
      await writeBatch();
      writing = undefined;
      if (hasEnded || !isFull()) return;
      writing = startWriting();
      events.onRoom();
    } catch (fault) {
      writing = undefined;
      failure = fault instanceof Error ? fault : new Error("a write failed", { cause: fault });
      if (!hasEnded) events.onFault(failure);
    }
  };
  return {
    add(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (!isFull()) return;
      if (writing === undefined) writing = startWriting();
      else events.onFull();
    },
    async end(fault) {
      hasEnded = true;
      await writing;
      if (fault !== undefined) throw fault;
      if (failure !== undefined) throw failure;
      if (chunks.length > 0) await writeBatch();
    },
  };
}

function endedEarly(received: number, sizeBytes: number): Fault {
  return new Fault(
    "size-mismatch",
    `the body ended after ${received} of ${sizeBytes} bytes; send it again`,
  );
}

function tooSlow(received: number, sizeBytes: number): Fault {
  return new Fault(
    "request-timeout",
    `no more bytes came after ${received} of ${sizeBytes}; check the network and send them again`,
  );
}
