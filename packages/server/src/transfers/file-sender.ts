import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import { type SystemCalls, systemCalls } from "./system-sendfile.js";

/** Hands a file to a socket within the system, past the memory of this process. */
export interface FileSender {
  /**
   * Sends up to `length` bytes from `offset` on, and answers how many the socket took: fewer when it has no room for more at the
   * moment, and 0 also when something is wrong with file or socket, which whoever reads or writes them learns.
   */
  readonly send: (offset: number, length: number) => Promise<number>;
  /** To be called once, when nothing is being sent. */
  readonly close: () => void;
}

/** Most calls at a time, of all senders. Those beyond would wait for a thread, each with memory of its own. */
const MAX_CALLS = 64;

let callsUnderWay = 0;

/**
 * A sender of the file that is open as `fileFd`, past all that is still to be written to the socket: nothing may be. Undefined when
 * the system cannot do it, or the socket has no descriptor.
 *
 * It has a descriptor of the socket to itself. When the socket is closed meanwhile, its own one is soon that of another connection, to
 * which these bytes must not go.
 */
export async function openFileSender(
  socket: Socket,
  fileFd: number,
): Promise<FileSender | undefined> {
  const calls = await systemCalls();
  // Asked for last: nothing comes between this and its copy.
  const socketFd = descriptorOf(socket);
  if (calls === undefined || socketFd === undefined) return undefined;
  const copy = calls.duplicate(socketFd);
  return copy === undefined ? undefined : senderTo(calls, copy, fileFd);
}

function senderTo({ sendFile }: SystemCalls, socketFd: number, fileFd: number): FileSender {
  return {
    async send(offset, length) {
      if (callsUnderWay >= MAX_CALLS) return 0;
      callsUnderWay += 1;
      try {
        const count = await sendFile(socketFd, fileFd, offset, length);
        return Math.max(count, 0);
      } finally {
        callsUnderWay -= 1;
      }
    },
    close: () => closeSync(socketFd),
  };
}

/** Where Node keeps it. One that is closed has none, and past one that is encrypted nothing must go. */
function descriptorOf(socket: Socket): number | undefined {
  if (socket instanceof TLSSocket) return undefined;
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return undefined;
  const { fd } = handle;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
