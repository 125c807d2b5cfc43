import { platformModule } from "../platform/platform.js";

/**
 * Longest range read into memory to be hashed, in bytes: covers all parts of ordinary uploads, and
 * all single uploads.
 */
export const MAX_AT_ONCE_BYTES = 64 * 1024 * 1024;

/**
 * Returns the platform's own SHA-256 of bytes in memory, as lower-case hex: in browsers several
 * times as fast as JavaScript, and on another thread. Undefined where there is none (pages outside
 * a secure context) and where an incremental hash is as fast (Node).
 */
export function hasherAtOnce(): ((bytes: Uint8Array) => Promise<string>) | undefined {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined || platformModule("node:crypto") !== undefined) return undefined;
  return async (bytes) => {
    const digest = await subtle.digest(
      "SHA-256",
      isUnshared(bytes) ? bytes : new Uint8Array(bytes),
    );
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    );
  };
}

function isUnshared(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}

let last: Promise<unknown> = Promise.resolve();

/** Runs `work` once all earlier work finishes, because each holds a range of a file in memory. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}
