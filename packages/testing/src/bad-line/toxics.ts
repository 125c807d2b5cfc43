import { setTimeout as pause } from "node:timers/promises";

import type { Toxic, Wire } from "./wire.js";

/** Nothing is done to the bytes. */
export const untouched: Toxic = async (bytes, wire) => {
  for await (const chunk of bytes) await wire.write(chunk);
  wire.end();
};

/** Breaks the connection off (RST) after so many bytes. */
export function resetAfter(bytes: number): Toxic {
  return cutAfter(bytes, async (wire) => wire.reset());
}

/** Ends the connection (FIN) after so many bytes, though more were announced. */
export function finishAfter(bytes: number): Toxic {
  return cutAfter(bytes, async (wire) => {
    wire.finish();
    await wire.closed;
  });
}

/** After so many bytes nothing moves any more, and the connection stays open. */
export function silentAfter(bytes: number): Toxic {
  return cutAfter(bytes, (wire) => wire.closed);
}

/** After so many bytes, one byte at a time with a pause after each. */
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

/** Cuts what passes into pieces of 1 to `maxBytes` bytes, each in a packet of its own. */
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

/** Holds everything up for so many milliseconds, give or take up to `jitterMs`. */
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
    // Fewer bytes came: the cut is where they end.
    return cut(wire);
  };
}

async function isClosedWithin({ closed }: Wire, ms: number): Promise<boolean> {
  const over = pause(ms, false);
  return Promise.race([closed.then(() => true), over]);
}
