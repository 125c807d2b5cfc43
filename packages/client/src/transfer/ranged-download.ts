import type { Connection } from "../http/connection.js";
import type { LibraryReply } from "../http/send.js";
import { untilAborted } from "../http/until-aborted.js";
import type { ByteSink } from "./byte-sink.js";
import { checkSha256, type ExpectedBytes } from "./expected-bytes.js";
import { createHashFront } from "./hash-front.js";
import { receivePart } from "./part-receiver.js";
import {
  DEFAULT_CONCURRENCY,
  defaultPartSize,
  MAX_HELD_PART_BYTES,
  type PartOptions,
  partsOf,
} from "./part-sizes.js";
import type { ProgressMeter } from "./progress-meter.js";
import { requestRange } from "./range-request.js";
import type { SourceRange } from "./source-stream.js";
import { runPool } from "./task-pool.js";

/** An image on its way into a sink. */
export interface Download {
  readonly connection: Connection;
  readonly sink: ByteSink;
  readonly expected: ExpectedBytes;
  readonly meter: ProgressMeter;
  readonly parts: PartOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches an image of known size from a URL, in parts side by side, and verifies it.
 *
 * @returns the answer with the whole image instead, unread, when there are no parts to be had from the URL.
 */
export async function downloadRanges(
  download: Download,
  url: URL,
): Promise<LibraryReply | undefined> {
  const { connection, expected, signal } = download;
  const { sizeBytes } = expected;
  const ranges = partsOf(sizeBytes, partSizeOf(download));
  const { value: part } = ranges.next();
  if (part === undefined) return undefined;
  // The first answer tells whether there are parts, and where redirects lead; only then the others are asked for.
  const reply = await requestRange(connection, { url, part, sizeBytes, signal });
  if (reply.status === 200) return reply;
  await downloadParts(download, { part, reply }, ranges);
  return undefined;
}

interface FirstPart {
  readonly part: SourceRange;
  readonly reply: LibraryReply;
}

async function downloadParts(
  { connection, sink, expected, meter, parts, signal }: Download,
  first: FirstPart,
  ranges: Iterable<SourceRange>,
): Promise<void> {
  const { sizeBytes } = expected;
  let isVerifying = false;
  const front = createHashFront(sink, (bytes) => {
    if (isVerifying) meter.reach(bytes);
  });
  const onWritten = (offset: number, bytes: Uint8Array) => {
    front.arrived(offset, bytes);
    meter.advance(bytes.byteLength);
  };
  const { concurrency = DEFAULT_CONCURRENCY } = parts;
  await runPool(startingWith(first.part, ranges), { concurrency, signal }, async (part, stop) => {
    const request = { url: first.reply.url, part, sizeBytes, signal: stop };
    const reply = part === first.part ? first.reply : await requestRange(connection, request);
    await receivePart(reply, { sink, part, onWritten }, stop);
    // What waits in memory for its turn must not pile up.
    if (sink.read === undefined) {
      await untilAborted(front.reached(part.offset + part.length), stop);
    }
  });
  meter.begin("verify", sizeBytes);
  isVerifying = true;
  await front.reached(sizeBytes);
  meter.reach(sizeBytes);
  checkSha256(expected, front.digestHex());
}

function* startingWith<T>(first: T, rest: Iterable<T>): Generator<T, void> {
  yield first;
  yield* rest;
}

function partSizeOf({ parts, expected, sink }: Download): number {
  const sizeBytes = parts.partSizeBytes ?? defaultPartSize(expected.sizeBytes);
  return sink.read === undefined ? Math.min(sizeBytes, MAX_HELD_PART_BYTES) : sizeBytes;
}
