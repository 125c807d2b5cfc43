import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";

import { type PageHandler, serveSite, type TestSite } from "./serve-page.js";

/** A request as it arrived at the front. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query, which may be a signature. */
  readonly path: string;
  readonly host: string;
  readonly origin: string | undefined;
  readonly hasToken: boolean;
  readonly range: string | undefined;
  /** Number of other requests of the same method in progress when it arrived. */
  readonly beside: number;
  /** Bytes of the body that arrived. */
  sentBytes: number;
  /** Status of the reply; 0 if there is none yet. */
  status: number;
  /** Whether the request is in progress: the reply has not ended and the client is connected. */
  isOpen: boolean;
}

/** The fault of a request. */
export type Fault =
  /** The connection is reset after that many bytes of the request's body. */
  | { readonly kind: "reset-request"; readonly afterBytes: number }
  /** The request's body is read this slowly. */
  | { readonly kind: "slow-request"; readonly bytesPerSecond: number }
  /** Nothing of the request's body is read. */
  | { readonly kind: "stall-request" }
  /** The connection is reset after that many bytes of the reply's body. */
  | { readonly kind: "reset-reply"; readonly afterBytes: number }
  /** Nothing of the reply's body is forwarded. */
  | { readonly kind: "stall-reply" }
  /** The byte at this offset of the reply's body is changed. */
  | { readonly kind: "flip"; readonly atByte: number }
  /** The reply has this status and these headers instead. */
  | {
      readonly kind: "reply";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    };

type Judge = (request: SeenRequest) => Fault | undefined;

/** A reverse proxy in front of a library that also serves the page. */
export interface Front extends TestSite {
  /** The same server under another name, and so with another origin. */
  readonly otherOrigin: string;
  readonly seen: readonly SeenRequest[];
  /** Resets the observed requests, and calls `judge` for each request from now on. */
  begin(judge?: Judge): void;
  /** Resolves once the observed requests fulfil this. */
  until(isSo: (seen: readonly SeenRequest[]) => boolean): Promise<void>;
  /** Target of requests. */
  setLibrary(url: string): void;
}

/** Starts a front; it needs a library before the first request. */
export async function startFront(page: PageHandler): Promise<Front> {
  const noFault: Judge = () => undefined;
  const state = { seen: [] as SeenRequest[], judge: noFault, library: "", changed: () => {} };
  const site = await serveSite((request, response) => {
    if (page(request, response)) return;
    const seen = see(request, state.seen);
    state.seen.push(seen);
    response.on("close", () => {
      seen.isOpen = false;
      state.changed();
    });
    const target = new URL(request.url ?? "/", state.library);
    passOn({ request, response, seen, target, changed: () => state.changed() }, state.judge(seen));
  });
  return {
    ...site,
    otherOrigin: site.origin.replace("127.0.0.1", "localhost"),
    get seen() {
      return state.seen;
    },
    begin(judge = noFault) {
      Object.assign(state, { seen: [], judge, changed: () => {} });
    },
    until: (isSo) =>
      new Promise((resolve) => {
        state.changed = () => isSo(state.seen) && resolve();
        state.changed();
      }),
    setLibrary(url) {
      state.library = url;
    },
  };
}

function see(
  { method = "", url = "", headers }: IncomingMessage,
  others: readonly SeenRequest[],
): SeenRequest {
  return {
    method,
    path: url.split("?", 1)[0] ?? "",
    host: headers.host ?? "",
    origin: headers.origin,
    hasToken: headers.authorization !== undefined,
    range: headers.range,
    beside: others.filter((other) => other.isOpen && other.method === method).length,
    sentBytes: 0,
    status: 0,
    isOpen: true,
  };
}

interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: SeenRequest;
  readonly target: URL;
  readonly changed: () => void;
}

function passOn(passing: Passing, fault: Fault | undefined): void {
  const { request, response, seen, target, changed } = passing;
  if (fault?.kind === "stall-request") return changed();
  if (fault?.kind === "reply") {
    seen.status = fault.status;
    request.resume();
    response.writeHead(fault.status, fault.headers).end();
    return undefined;
  }
  const { method, headers } = request;
  const onward = httpRequest(target, { method, headers, setHost: false });
  request.on("data", (chunk: Buffer) => {
    seen.sentBytes += chunk.length;
    if (fault?.kind === "reset-request" && seen.sentBytes > fault.afterBytes) {
      request.socket.resetAndDestroy();
    } else if (fault?.kind === "slow-request") {
      onward.write(chunk);
      request.pause();
      setTimeout(() => request.resume(), (chunk.length / fault.bytesPerSecond) * 1000);
    } else if (!onward.write(chunk)) {
      request.pause();
    }
  });
  if (fault?.kind !== "slow-request") onward.on("drain", () => request.resume());
  request.on("end", () => onward.end());
  onward.on("error", () => response.destroy());
  onward.on("response", (reply) => {
    seen.status = reply.statusCode ?? 0;
    response.writeHead(seen.status, reply.headers);
    sendReply(reply, response, fault);
    changed();
  });
  response.on("close", () => onward.destroy());
  return undefined;
}

function sendReply(
  reply: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault?.kind === "stall-reply") return response.flushHeaders();
  let position = 0;
  reply.on("data", (chunk: Buffer) => {
    const start = position;
    position += chunk.length;
    if (fault?.kind === "reset-reply" && position > fault.afterBytes) {
      response.socket?.resetAndDestroy();
      return;
    }
    if (fault?.kind === "flip" && fault.atByte >= start && fault.atByte < position) {
      const at = fault.atByte - start;
      chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at);
    }
    if (!response.write(chunk)) reply.pause();
  });
  response.on("drain", () => reply.resume());
  reply.on("end", () => response.end());
  return undefined;
}
