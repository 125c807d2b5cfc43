import { setTimeout as pause } from "node:timers/promises";

import type { Toxic, Wire } from "./wire.js";

/** Passes the bytes on unchanged. */
export const untouched: Toxic = async (bytes, wire) => {
  for await (const chunk of bytes) await wire.write(chunk);
  wire.end();
};

/** Resets the connection (RST) after so many bytes. */
export function resetAfter(bytes: number): Toxic {
  return cutAfter(bytes, async (wire) => wire.reset());
}

/** Closes the connection (FIN) after so many bytes, even if more were announced. */
export function finishAfter(bytes: number): Toxic {
  return cutAfter(bytes, async (wire) => {
    wire.finish();
    await wire.closed;
  });
}

/** Sends nothing more after so many bytes, and leaves the connection open. */
export function silentAfter(bytes: number): Toxic {
  return cutAfter(bytes, (wire) => wire.closed);
}

/** After so many bytes, sends one byte at a time, with a pause before each. */
export function dripAfter(bytes: number, intervalMs: number): Toxic {
  return async (all, wire) => {
    let passed = 0;
    for await (const chunk of all) {
      const whole = chunk.subarray(0, Math.max(0, bytes - passed));
      passed += chunk.byteLength;
      if (whole.byteLength > 0) await wire.write(whole);
      for (const byte of chunk.subarray(whole.byteLength)) {
        if (await isClosedWithin(wire, intervalMs)) return;
        await wire.write(Uint8Array.of(byte));
      }
    }
    wire.end();
  };
}

/** Splits the bytes into packets of 1 to `maxBytes` bytes. */
export function sliced(maxBytes: number): Toxic {
  return async (bytes, wire) => {
    for await (const chunk of bytes) {
      for (let position = 0; position < chunk.byteLength;) {
        const length = 1 + Math.floor(wire.random() * maxBytes);
        await wire.write(chunk.subarray(position, position + length));
        position += length;
        await new Promise(setImmediate);
      }
    }
    wire.end();
  };
}

/** Delays each chunk by `meanMs` milliseconds, plus or minus up to `jitterMs`. */
export function delayed(meanMs: number, jitterMs: number): Toxic {
  return async (bytes, wire) => {
    for await (const chunk of bytes) {
      await pause(meanMs + (wire.random() * 2 - 1) * jitterMs);
      await wire.write(chunk);
    }
    wire.end();
  };
}

function cutAfter(bytes: number, cut: (wire: Wire) => Promise<void>): Toxic {
  return async (all, wire) => {
    let left = bytes;
    for await (const chunk of all) {
      const whole = chunk.subarray(0, left);
      left -= whole.byteLength;
      if (whole.byteLength > 0) await wire.write(whole);
      if (left === 0) return cut(wire);
    }
    // Fewer bytes came: stop where they end.
    return cut(wire);
  };
}

async function isClosedWithin({ closed }: Wire, ms: number): Promise<boolean> {
  const over = pause(ms, false);
  return Promise.race([closed.then(() => true), over]);
}
