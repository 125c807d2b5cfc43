import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import { type SystemCalls, systemCalls } from "./system-sendfile.js";

/** Sends a file to a socket within the system, without copying it to our memory. */
export interface FileSender {
  /**
   * Sends up to `length` bytes from `offset` on and returns how many the socket accepted: fewer
   * when it is full, and 0 also when file or socket are broken, which the next read or write
   * reports.
   */
  readonly send: (offset: number, length: number) => Promise<number>;
  /** Call once, while nothing is being sent. */
  readonly close: () => void;
}

/** Most calls at once, of all senders. Each occupies a thread, with memory of its own. */
const MAX_CALLS = 64;

let runningCalls = 0;

/**
 * Opens a sender of the file that is open as `fileFd`. It bypasses everything that is still to be
 * written to the socket, so there must be nothing. Returns undefined if the system has no
 * `sendfile` or the socket has no descriptor.
 *
 * The sender has its own descriptor of the socket. If the socket were closed meanwhile, its number
 * could soon be that of another connection, which must not get these bytes.
 */
export async function openFileSender(
  socket: Socket,
  fileFd: number,
): Promise<FileSender | undefined> {
  const calls = await systemCalls();
  // Read last: nothing may come between this and the duplication.
  const socketFd = descriptorOf(socket);
  if (calls === undefined || socketFd === undefined) return undefined;
  const copy = calls.duplicate(socketFd);
  return copy === undefined ? undefined : senderTo(calls, copy, fileFd);
}

function senderTo({ sendFile }: SystemCalls, socketFd: number, fileFd: number): FileSender {
  return {
    async send(offset, length) {
      if (runningCalls >= MAX_CALLS) return 0;
      runningCalls += 1;
      try {
        const count = await sendFile(socketFd, fileFd, offset, length);
        return Math.max(count, 0);
      } finally {
        runningCalls -= 1;
      }
    },
    close: () => closeSync(socketFd),
  };
}

/**
 * Reads Node's internal handle. A closed socket has none; an encrypted one must not be bypassed.
 */
function descriptorOf(socket: Socket): number | undefined {
  if (socket instanceof TLSSocket) return undefined;
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return undefined;
  const { fd } = handle;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}
