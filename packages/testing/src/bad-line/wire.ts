import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** One direction of an exchange, towards whoever receives its bytes. */
export interface Wire {
  /** Resolves when more can be written. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Everything was written. */
  readonly end: () => void;
  /** Breaks the client's connection off (RST); what was written before is sent. */
  readonly reset: () => void;
  /** Ends the line's half of the client's connection (FIN), whatever is still owed on it. */
  readonly finish: () => void;
  /** Resolves when the client's connection is gone. */
  readonly closed: Promise<void>;
  /** A number in [0, 1) that follows from the seed. */
  readonly random: () => number;
}

/** What a line does to the bytes of one direction on their way. */
export type Toxic = (bytes: AsyncIterable<Uint8Array>, wire: Wire) => Promise<void>;

/** The way to the client. */
export function replyWire(response: ServerResponse, random: () => number): Wire {
  const { socket } = response;
  return { ...lineOf(socket, response), random };
}

/** The way to the library. */
export function requestWire(
  { socket }: IncomingMessage,
  onward: ClientRequest,
  random: () => number,
): Wire {
  const line = lineOf(socket, onward);
  const finish = () => {
    line.finish();
    onward.destroy();
  };
  return { ...line, finish, random };
}

function lineOf(
  socket: Socket | null,
  target: ServerResponse | ClientRequest,
): Omit<Wire, "random"> {
  const closed = closeOf(socket);
  return {
    async write(bytes) {
      if (target.write(bytes)) return;
      const drained = new Promise<void>((resolve) => target.once("drain", () => resolve()));
      await Promise.race([drained, closed]);
    },
    end: () => void target.end(),
    reset: () => {
      target.flushHeaders();
      socket?.resetAndDestroy();
    },
    finish: () => {
      target.flushHeaders();
      socket?.end();
    },
    closed,
  };
}

/** A connection serves many exchanges; it is listened to once. */
const closes = new WeakMap<Socket, Promise<void>>();

/** Resolves when the connection is gone. */
export function closeOf(socket: Socket | null): Promise<void> {
  if (socket === null || socket.destroyed) return Promise.resolve();
  const known = closes.get(socket);
  if (known !== undefined) return known;
  const close = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  closes.set(socket, close);
  return close;
}
