import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** One direction of an exchange, towards its receiver. */
export interface Wire {
  /** Resolves when more can be written. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Ends the message: everything is written. */
  readonly end: () => void;
  /** Resets the client's connection (RST). Earlier writes are still sent. */
  readonly reset: () => void;
  /** Ends the line's half of the client's connection (FIN), even if more was announced. */
  readonly finish: () => void;
  /** Resolves when the client's connection has closed. */
  readonly closed: Promise<void>;
  /** Returns a number in [0, 1), determined by the line's seed. */
  readonly random: () => number;
}

/** Processes the bytes of one direction of an exchange. */
export type Toxic = (bytes: AsyncIterable<Uint8Array>, wire: Wire) => Promise<void>;

/** Returns the direction to the client. */
export function replyWire(response: ServerResponse, random: () => number): Wire {
  const { socket } = response;
  return { ...lineOf(socket, response), random };
}

/** Returns the direction to the library. */
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

/** A connection serves many exchanges, but gets only one listener. */
const closes = new WeakMap<Socket, Promise<void>>();

/** Resolves when the connection has closed. */
export function closeOf(socket: Socket | null): Promise<void> {
  if (socket === null || socket.destroyed) return Promise.resolve();
  const known = closes.get(socket);
  if (known !== undefined) return known;
  const close = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  closes.set(socket, close);
  return close;
}
