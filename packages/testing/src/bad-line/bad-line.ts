import { once } from "node:events";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";

import { seededRandom } from "../seeded-random.js";
import { untouched } from "./toxics.js";
import { replyWire, requestWire, type Toxic } from "./wire.js";

/**
 * A proxy on loopback in front of a library. It forwards requests over real sockets and applies
 * faults to them.
 */
export interface BadLine {
  readonly url: string;
  /** All requests so far. */
  readonly requests: readonly LineRequest[];
  /** Number of requests with a fault. */
  readonly faults: number;
  /** Sets the script for later requests; undefined: no faults. */
  script: (script: LineScript | undefined) => void;
  close: () => Promise<void>;
}

/** A request as the line received it. */
export interface LineRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** First and last byte requested. */
  readonly range: readonly [number, number] | undefined;
  /** Number of the connection that carries the request, from 1. */
  readonly connection: number;
}

/** Returns the fault for a request, or undefined for none. */
export type LineScript = (request: LineRequest) => LineFault | undefined;

/** Handles an exchange, and may disturb it. */
export type LineFault = (exchange: Exchange) => Promise<void>;

/** A request on its way to the library, and the reply on its way back. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Returns a number in [0, 1), determined by the line's seed. */
  readonly random: () => number;
  /** Forwards the request. Resolves with the library's reply, unread. */
  readonly forward: (change?: RequestChange) => Promise<IncomingMessage>;
  /** Sends the library's reply to the client. */
  readonly sendBack: (reply: IncomingMessage, body?: Toxic) => Promise<void>;
}

/** How a request is changed on its way. */
export interface RequestChange {
  readonly body?: Toxic;
  /** Headers that replace those of the request; `undefined` removes one. */
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * Starts a line in front of the library at `target`, which must reply with URLs at the host that
 * requests name.
 */
export async function startBadLine(target: string, seed = 1): Promise<BadLine> {
  const random = seededRandom(seed);
  const requests: LineRequest[] = [];
  const agent = new Agent({ keepAlive: true });
  let faults = 0;
  let decide: LineScript | undefined;
  const connections = new Map<Socket, number>();
  const numberOf = (socket: Socket) => {
    const number = connections.get(socket) ?? connections.size + 1;
    connections.set(socket, number);
    return number;
  };
  const server = createServer((request, response) => {
    const asked = lineRequest(request, numberOf(request.socket));
    requests.push(asked);
    const fault = decide?.(asked);
    if (fault !== undefined) faults += 1;
    const exchange = createExchange({ target, agent, random }, request, response);
    (fault ?? passOn)(exchange).catch(() => response.destroy());
  });
  // Uploads may be slow on purpose here.
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("the bad line listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get faults() {
      return faults;
    },
    script: (script) => void (decide = script),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Passes everything on unchanged. */
export const passOn: LineFault = async ({ forward, sendBack }) => sendBack(await forward());

function lineRequest(
  { method = "", url = "", headers }: IncomingMessage,
  connection: number,
): LineRequest {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  const range = first === undefined ? undefined : ([Number(first), Number(last)] as const);
  return { method, path: url, range, connection };
}

interface LineEnds {
  readonly target: string;
  readonly agent: Agent;
  readonly random: () => number;
}

function createExchange(
  { target, agent, random }: LineEnds,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  return {
    request,
    response,
    random,
    async forward({ body = untouched, headers = {} } = {}) {
      const onward = httpRequest(new URL(request.url ?? "/", target), {
        agent,
        method: request.method,
        headers: withoutAbsent({ ...request.headers, ...headers }),
        setHost: false,
      });
      response.once("close", () => onward.destroy());
      const replied = once(onward, "response");
      // A client that disconnects ends the request on both sides.
      body(request, requestWire(request, onward, random)).catch(() => onward.destroy());
      const [reply] = await replied;
      return reply;
    },
    async sendBack(reply, body = untouched) {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      await body(reply, replyWire(response, random));
    },
  };
}

function withoutAbsent(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
