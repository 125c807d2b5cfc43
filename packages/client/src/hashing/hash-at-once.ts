import { platformModule } from "../platform.js";

/** Longest stretch that is read into memory to be hashed, in bytes: all parts of ordinary uploads, and all single ones. */
export const MAX_AT_ONCE_BYTES = 64 * 1024 * 1024;

/**
 * The platform's own SHA-256 of bytes that are all there, as lower-case hex: in browsers several times as fast as one in
 * JavaScript, and on another thread. Undefined where there is none (pages that are not a secure context) and where a
 * running one is as fast (Node).
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

/** Does work when all that was given before is done: each holds a stretch of a file in memory. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}
