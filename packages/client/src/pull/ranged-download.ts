import { linkedAbort, untilAborted } from "../platform/abort.js";
import { LibraryError } from "../errors/library-error.js";
import { checkSha256, type ExpectedBytes } from "../hashing/expected-bytes.js";
import { createHashFront, type HashFront } from "../hashing/hash-front.js";
import type { Connection } from "../http/connection.js";
import { withRetries } from "../http/retry.js";
import type { LibraryReply } from "../http/send.js";
import type { ByteSink, SinkHash } from "../transfer/byte-sink.js";
import type { ProgressMeter } from "../transfer/progress.js";
import { runPool } from "../transfer/task-pool.js";
import {
  type AdaptiveLimit,
  type AdaptiveLimitRange,
  createAdaptiveLimit,
} from "./adaptive-limit.js";
import { receivePart } from "./part-receiver.js";
import {
  defaultPartSize,
  firstConcurrency,
  MAX_ADAPTIVE_CONCURRENCY,
  MAX_HELD_PART_BYTES,
  type PartOptions,
} from "./part-sizes.js";
import type { PartSource } from "./part-source.js";
import { createStragglerWatch, type StragglerWatch } from "./straggler-watch.js";
import { type ByteRange, missingRanges, partsOf } from "../transfer/byte-range.js";

/** An image on its way into a sink. */
export interface Download {
  readonly connection: Connection;
  readonly sink: ByteSink;
  readonly expected: ExpectedBytes;
  readonly meter: ProgressMeter;
  readonly parts: PartOptions;
  /** Ranges that the sink already has. */
  readonly present: readonly ByteRange[];
  readonly signal?: AbortSignal | undefined;
}

/** Interval at which throughput is measured, in milliseconds. */
const TICK_MS = 500;

/** How often a part may be requested again only because it is slow. */
const MAX_RESTARTS = 2;

/**
 * Fetches an image of known size in parallel parts and verifies it. Each part is retried by itself,
 * from where it stopped.
 *
 * @returns the reply with the whole image instead, unread, when ranges are not available
 */
export async function downloadRanges(
  download: Download,
  source: PartSource,
): Promise<LibraryReply | undefined> {
  const { connection, signal } = download;
  const ranges = rangesOf(download);
  const { value: part } = ranges.next();
  if (part === undefined) {
    await downloadParts(download, source, { ranges: [], latencyMs: 0 });
    return undefined;
  }
  // The first reply tells whether ranges are available, and where redirects lead. Only then are the
  // others requested.
  const { reply, latencyMs } = await withRetries(connection, signal, () =>
    timedRequest(source, part, signal),
  );
  if (reply.status === 200) return reply;
  const first: DownloadPart = { ...part, reply };
  await downloadParts(download, source, { ranges: startingWith(first, ranges), latencyMs });
  return undefined;
}

async function timedRequest(
  source: PartSource,
  part: ByteRange,
  signal: AbortSignal | undefined,
): Promise<{ readonly reply: LibraryReply; readonly latencyMs: number }> {
  const startMs = performance.now();
  const reply = await source.request(part, signal);
  return { reply, latencyMs: performance.now() - startMs };
}

interface DownloadPart extends ByteRange {
  /** The reply to the first request for the part, if it was made. */
  readonly reply?: LibraryReply;
}

interface PartsRun {
  readonly download: Download;
  readonly source: PartSource;
  readonly front: HashFront;
  readonly limit: AdaptiveLimit;
  readonly stragglers: StragglerWatch;
  /** Bytes that arrived since the last tick. */
  tickBytes: number;
}

/** What to fetch, and the latency of the library's first reply. */
interface PartsPlan {
  readonly ranges: Iterable<DownloadPart>;
  readonly latencyMs: number;
}

async function downloadParts(
  download: Download,
  source: PartSource,
  { ranges, latencyMs }: PartsPlan,
): Promise<void> {
  const { sink, expected, meter, present, signal } = download;
  const { sizeBytes } = expected;
  // Parts arrive while the hash starts.
  const opening = sink.read === undefined ? undefined : sink.openHash?.(sizeBytes);
  // A failure reaches the code that awaits the hash.
  opening?.catch(() => {});
  let isVerifying = false;
  const onHashed = (bytes: number) => {
    if (isVerifying) meter.reach(bytes);
  };
  const front = createHashFront(sink, onHashed, opening);
  const limit = createAdaptiveLimit(limitRange(download, latencyMs));
  const run = { download, source, front, limit, stragglers: createStragglerWatch(), tickBytes: 0 };
  const ticking = setInterval(() => tick(run), TICK_MS);
  try {
    for (const { offset, length } of present) front.present(offset, length);
    await runPool(ranges, { concurrency: limit, signal }, (part, stop) =>
      fetchPart(run, part, stop),
    );
    meter.begin("verify", sizeBytes);
    isVerifying = true;
    await untilEnd(front.reached(sizeBytes), signal);
    meter.reach(sizeBytes);
    checkSha256(expected, await front.digestHex());
  } finally {
    clearInterval(ticking);
    await closeHash(opening);
  }
}

/** A failure to open has already been reported where the hash is awaited. */
async function closeHash(opening: Promise<SinkHash | undefined> | undefined): Promise<void> {
  const sinkHash = await opening?.catch(() => undefined);
  await sinkHash?.close();
}

function untilEnd(end: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return signal === undefined ? end : untilAborted(end, signal);
}

function tick(run: PartsRun): void {
  run.limit.sample(run.tickBytes);
  run.tickBytes = 0;
  run.stragglers.tick();
}

/** Fetches a part. After an error, fetches what is missing of it. */
async function fetchPart(run: PartsRun, part: DownloadPart, stop: AbortSignal): Promise<void> {
  const { download, limit, front } = run;
  const { connection, meter, sink } = download;
  const end = part.offset + part.length;
  const state = { position: part.offset, restarts: 0 };
  const onRetry = (error: Error) => {
    if (isOverload(error)) limit.halve();
    meter.retried(error);
  };
  await withRetries({ ...connection, onRetry }, stop, async ({ number, reached }) => {
    const rest = { offset: state.position, length: end - state.position };
    if (rest.length === 0) return;
    const given = number === 1 ? part.reply : undefined;
    await fetchOnce(
      run,
      { rest, given, state, reached: () => reached(state.position - part.offset) },
      stop,
    );
  });
  // Parts that wait for their turn in memory must not pile up.
  if (sink.read === undefined) await untilAborted(front.reached(end), stop);
}

interface PartAttempt {
  readonly rest: ByteRange;
  readonly given: LibraryReply | undefined;
  readonly state: { position: number; restarts: number };
  readonly reached: () => void;
}

async function fetchOnce(
  run: PartsRun,
  { rest, given, state, reached }: PartAttempt,
  stop: AbortSignal,
): Promise<void> {
  const { download, source, front, stragglers } = run;
  const attempt = linkedAbort(stop);
  const transfer = stragglers.join(() => {
    if (state.restarts >= MAX_RESTARTS) return;
    state.restarts += 1;
    attempt.abort(stragglerError(rest));
  });
  try {
    const reply = given ?? (await source.request(rest, attempt.signal));
    if (reply.status === 200) throw await wholeAgainError(reply);
    const onWritten = (offset: number, bytes: Uint8Array) => {
      state.position = offset + bytes.byteLength;
      front.arrived(offset, bytes);
      run.tickBytes += bytes.byteLength;
      transfer.advance(bytes.byteLength);
      download.meter.advance(bytes.byteLength);
      reached();
    };
    await receivePart(reply, { sink: download.sink, part: rest, onWritten }, attempt.signal);
  } finally {
    transfer.leave();
    attempt.unlink();
  }
}

function stragglerError({ offset }: ByteRange): LibraryError {
  const message = `the part at offset ${offset} was much slower than the others`;
  return new LibraryError("timeout", message);
}

/**
 * A server that sent ranges before and now sends everything is asked again: another one may reply
 * in its place.
 */
async function wholeAgainError(reply: LibraryReply): Promise<LibraryError> {
  await reply.body?.cancel().catch(() => {});
  const message = `GET ${reply.url.origin}${reply.url.pathname}: the reply is the whole file instead of the requested range`;
  return new LibraryError("protocol", message, { status: reply.status, retryable: true });
}

/** Whether fewer parallel requests may help. */
function isOverload(error: Error): boolean {
  if (!(error instanceof LibraryError)) return false;
  return error.code === "network" || error.status === 429 || error.status === 503;
}

function* startingWith<T>(first: T, rest: Iterable<T>): Generator<T, void> {
  yield first;
  yield* rest;
}

function* rangesOf(download: Download): Generator<ByteRange, void> {
  const partSizeBytes = partSizeOf(download);
  for (const missing of missingRanges(download.expected.sizeBytes, download.present)) {
    yield* partsOf(missing, partSizeBytes);
  }
}

function partSizeOf({ parts, expected, sink }: Download): number {
  const sizeBytes = parts.partSizeBytes ?? defaultPartSize(expected.sizeBytes);
  return sink.read === undefined ? Math.min(sizeBytes, MAX_HELD_PART_BYTES) : sizeBytes;
}

function limitRange(download: Download, latencyMs: number): AdaptiveLimitRange {
  const { connection, parts } = download;
  const maximum = Math.min(MAX_ADAPTIVE_CONCURRENCY, connection.parallelRequests);
  return { start: firstConcurrency(latencyMs), maximum: parts.concurrency ?? maximum };
}
