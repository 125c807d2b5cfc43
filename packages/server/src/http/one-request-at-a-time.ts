import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Most requests that wait in memory, over all connections: about 100 MB. */
const MAX_WAITING = 20_000;

/** A request that was read before its turn. */
interface WaitingRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Makes a server handle one request of each connection at a time, in their order.
 *
 * Node parses every request that a client pipelines, and hands them all out at once. With this
 * listener a connection is not read while requests of it wait: what one read of the socket brought
 * (64 KiB) waits here, the rest waits in the kernel, and so does the client. Between two requests
 * of a connection other connections have their turn. What waits is dropped when its client leaves.
 */
export function oneRequestAtATime(
  listener: RequestListener,
  maxWaiting = MAX_WAITING,
): RequestListener {
  const connections = new WeakMap<Socket, Connection>();
  const room = { left: maxWaiting };
  return (request, response) => {
    const { socket } = request;
    let connection = connections.get(socket);
    if (connection === undefined) {
      connection = new Connection(socket, listener, room);
      connections.set(socket, connection);
    }
    connection.take(request, response);
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #listener: RequestListener;
  readonly #room: { left: number };
  #waiting: WaitingRequest[] = [];
  #isBusy = false;
  #isHeld = false;

  constructor(socket: Socket, listener: RequestListener, room: { left: number }) {
    this.#socket = socket;
    this.#listener = listener;
    this.#room = room;
    // A resumption that was scheduled before the pause takes effect after it; this undoes it.
    socket.on("resume", () => this.#isHeld && socket.emit("pause"));
    socket.once("close", () => this.#drop());
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isBusy) return this.#run(request, response);
    if (this.#room.left === 0) {
      this.#socket.destroy();
      return undefined;
    }
    this.#room.left -= 1;
    this.#waiting.push({ request, response });
    return this.#hold();
  }

  #run(request: IncomingMessage, response: ServerResponse): void {
    this.#isBusy = true;
    response.on("close", this.#onClose);
    this.#listener(request, response);
  }

  readonly #onClose = (): void => {
    this.#isBusy = false;
    // Not at once: a chain of requests that never wait would keep out all other connections.
    if (this.#waiting.length > 0) setImmediate(this.#runNext);
  };

  readonly #runNext = (): void => {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#room.left += 1;
    // The last one may have a body that is still to be read.
    if (this.#waiting.length === 0) this.#release();
    this.#run(next.request, next.response);
  };

  /** Stops reading. Node resumes a socket on many occasions, none of which counts until release. */
  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#socket.pause();
    this.#socket.resume = () => this.#socket;
  }

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    Reflect.deleteProperty(this.#socket, "resume");
    this.#socket.resume();
  }

  #drop(): void {
    this.#room.left += this.#waiting.length;
    this.#waiting = [];
  }
}
