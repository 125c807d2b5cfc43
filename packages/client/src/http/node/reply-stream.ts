import type { IncomingMessage } from "node:http";

/** Bytes buffered for the reader before the connection is paused. */
const BUFFER_BYTES = 256 * 1024;

/** Returns the body of a reply. Errors when the connection ends before the body does. */
export function nodeBodyStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let isOver = false;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const fail = (error: Error) => {
      if (!isOver) controller.error(error);
      isOver = true;
    };
    incoming.on("data", (chunk: Uint8Array) => {
      if (isOver) return;
      controller.enqueue(chunk);
      if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
    });
    incoming.once("end", () => {
      if (!isOver) controller.close();
      isOver = true;
    });
    incoming.on("error", fail);
    incoming.once("close", () => fail(new Error("the connection ended before the reply did")));
    incoming.pause();
  };
  const cancel = () => {
    isOver = true;
    incoming.destroy();
  };
  return new ReadableStream(
    { start, pull: () => void incoming.resume(), cancel },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );
}
