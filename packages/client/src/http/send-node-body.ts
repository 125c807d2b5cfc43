import type { ClientRequest } from "node:http";

import type { StreamBody } from "./transport.js";

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

async function pump(outgoing: ClientRequest, body: StreamBody): Promise<void> {
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

interface Halt {
  isHalted(): boolean;
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
    orDrained: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (isHalted || !outgoing.writableNeedDrain) resolve();
      }),
  };
}
