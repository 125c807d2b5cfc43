import { checkSha256, checkSize, type ExpectedBytes } from "./expected-bytes.js";
import { createSha256 } from "./sha256.js";

/** Receives what passes through. */
export interface VerifiedStreamListener {
  /** This many more bytes passed. */
  readonly onBytes: (bytes: number) => void;
  /** The stream closed verified, or failed or was cancelled. */
  readonly onEnd?: (ended: "complete" | "failed") => void;
}

/**
 * Returns the same bytes as a stream that closes only when they are the expected ones; otherwise it
 * fails with `LibraryError` `integrity`. At most the expected number of bytes pass through.
 */
export function verifiedStream(
  body: ReadableStream<Uint8Array>,
  expected: ExpectedBytes,
  { onBytes, onEnd }: VerifiedStreamListener,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const hash = createSha256();
  let totalBytes = 0;
  const next = async () => {
    const { done, value } = await reader.read();
    if (done) {
      checkSize(expected, totalBytes);
      checkSha256(expected, hash.digestHex());
      onEnd?.("complete");
      return undefined;
    }
    totalBytes += value.byteLength;
    if (totalBytes > expected.sizeBytes) checkSize(expected, totalBytes);
    hash.update(value);
    onBytes(value.byteLength);
    return value;
  };
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const chunk = await next();
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        } catch (error) {
          reader.cancel(error).catch(() => {});
          onEnd?.("failed");
          throw error;
        }
      },
      async cancel(reason) {
        onEnd?.("failed");
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
