import type { ClientRequest } from "node:http";

import { readMemory } from "../../platform/read-memory.js";
import type { StreamBody } from "../transport.js";

/**
 * Sends the body of a request and ends it. A failure of the body destroys the request with that
 * error. A reply that arrives before everything is sent is a refusal, and stops sending.
 */
export function sendNodeBody(outgoing: ClientRequest, body: string | StreamBody | undefined): void {
  if (body === undefined || typeof body === "string") {
    outgoing.end(body);
    return;
  }
  pump(outgoing, body).catch((error: unknown) => {
    outgoing.destroy(error instanceof Error ? error : new Error("body failed", { cause: error }));
  });
}

/** Bytes read and written at a time. */
const BUFFER_BYTES = 256 * 1024;

/** Buffers for one body: one is filled while others are sent. */
const BUFFERS = 3;

async function pump(outgoing: ClientRequest, body: StreamBody): Promise<void> {
  if (body.fill !== undefined) return pumpBuffers(outgoing, body.sizeBytes, body.fill);
  const halt = haltSignal(outgoing);
  const reader = body.open().getReader();
  let sentBytes = 0;
  try {
    while (sentBytes < body.sizeBytes && !halt.isHalted()) {
      const { done, value } = await reader.read();
      if (done) break;
      sentBytes += value.byteLength;
      if (!halt.isHalted() && !outgoing.write(value)) await halt.orDrained();
    }
    if (sentBytes === body.sizeBytes && !halt.isHalted()) outgoing.end();
  } finally {
    await reader.cancel();
  }
}

/** Memory is reused once the system has taken its contents, so no garbage accumulates. */
async function pumpBuffers(
  outgoing: ClientRequest,
  sizeBytes: number,
  fill: NonNullable<StreamBody["fill"]>,
): Promise<void> {
  const halt = haltSignal(outgoing);
  const free: Uint8Array[] = [];
  let made = 0;
  const takeBuffer = async () => {
    for (;;) {
      const memory = free.pop();
      if (memory !== undefined || halt.isHalted()) return memory;
      if (made < BUFFERS) break;
      await halt.orWoken();
    }
    made += 1;
    return readMemory(Math.min(BUFFER_BYTES, sizeBytes));
  };
  for (let position = 0; position < sizeBytes;) {
    const memory = await takeBuffer();
    if (memory === undefined) return;
    const chunk = memory.subarray(0, sizeBytes - position);
    await fill(position, chunk);
    if (halt.isHalted()) return;
    outgoing.write(chunk, (error) => {
      // After a failure, the system may still read from it.
      if (error === undefined || error === null) free.push(memory);
      halt.wake();
    });
    position += chunk.byteLength;
  }
  outgoing.end();
}

interface Halt {
  isHalted(): boolean;
  /** Resolves at the next {@link wake}, or when writing has to stop. */
  orWoken(): Promise<void>;
  wake(): void;
  /** Resolves when more can be written, or writing has to stop. */
  orDrained(): Promise<void>;
}

function haltSignal(outgoing: ClientRequest): Halt {
  let isHalted = false;
  let wake: (() => void) | undefined;
  const halt = () => {
    isHalted = true;
    wake?.();
  };
  outgoing.once("close", halt);
  outgoing.once("response", (incoming) => {
    halt();
    // The connection still expects the rest of the body, so it cannot serve another request.
    if (!outgoing.writableEnded) incoming.once("close", () => outgoing.destroy());
  });
  outgoing.on("drain", () => wake?.());
  return {
    isHalted: () => isHalted,
    wake: () => wake?.(),
    orWoken: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (isHalted) resolve();
      }),
    orDrained: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (isHalted || !outgoing.writableNeedDrain) resolve();
      }),
  };
}
