import type { BlockBody } from "../transport.js";

/**
 * Size of a block. Each connection has two: one is filled while the other is taken. With 256 KiB a
 * pull takes a third longer; with 2 MiB the blocks no longer fit processor caches.
 */
export const BLOCK_BYTES = 1024 * 1024;

/**
 * Returns the same body as a stream that reads only on demand. Use either the stream or the blocks.
 * `giveUp` ends the connection.
 */
export function blockBodyStream(blocks: BlockBody, giveUp: () => void): ReadableStream<Uint8Array> {
  let isDraining = false;
  let goOn: (() => void) | undefined;
  const drainInto = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const take = async (bytes: Uint8Array) => {
      controller.enqueue(bytes.slice());
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    };
    await blocks.drain({ take, waiting: () => {} });
    controller.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        goOn?.();
        if (isDraining) return;
        isDraining = true;
        drainInto(controller).catch((error: unknown) => controller.error(error));
      },
      cancel() {
        giveUp();
        goOn?.();
      },
    },
    { highWaterMark: 0 },
  );
}
