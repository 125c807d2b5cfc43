/**
 * Bytes used for one block; with two of them for each connection, one is filled while the other is taken. With 256 KiB a
 * pull takes a third longer, and with 2 MiB the blocks no longer fit the caches of processors.
 */
export const BLOCK_BYTES = 1024 * 1024;

/** What takes the blocks of a {@link BlockBody}. */
export interface BlockTaker {
  /** Takes the next bytes, one call after the other. They are overwritten once it resolves; when it rejects, the body is given up. */
  readonly take: (bytes: Uint8Array) => Promise<void>;
  /** Whether the other side is waited for from now on; told again whenever something arrives, and how many bytes. */
  readonly waiting: (isWaiting: boolean, arrivedBytes: number) => void;
}

/** The body of an answer, read straight into memory that is used again and again. */
export interface BlockBody {
  /**
   * Reads the body to its end, once. When the connection fails, what came before is taken before this rejects.
   *
   * Rejects with what `take` rejects with, and when the connection fails.
   */
  readonly drain: (taker: BlockTaker) => Promise<void>;
}

/** The same body as a stream, which reads it only when it is read; use one of the two. `giveUp` ends the connection. */
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
