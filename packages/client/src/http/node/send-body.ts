import type { ClientRequest } from "node:http";

import { readMemory } from "../../read-memory.js";
import type { StreamBody } from "../transport.js";

/**
 * Sends the body of a request and ends it. A failure of the body destroys the request with that error. An answer that
 * comes before all is sent stops the sending, because it is a refusal.
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

/** Bytes that are read and handed over at a time. */
const BUFFER_BYTES = 256 * 1024;

/** Pieces of one body that are under way at a time: one is read while others are sent. */
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

/** Memory is used again as soon as the system has taken what is in it, which leaves no garbage behind. */
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
      // After a failure the system may still read from it.
      if (error === undefined || error === null) free.push(memory);
      halt.wake();
    });
    position += chunk.byteLength;
  }
  outgoing.end();
}

interface Halt {
  isHalted(): boolean;
  /** Resolves at the next {@link wake}, or when nothing should be written any more. */
  orWoken(): Promise<void>;
  wake(): void;
  /** Resolves when more can be written, or nothing should be. */
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
    // The rest of the body is owed on this connection, so it cannot serve another request.
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
