import { createHash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";

import type { LineFault } from "./bad-line.js";
import { closeOf, type Toxic } from "./wire.js";

/** A reply held in memory, to be changed. */
export interface HeldReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: Buffer;
}

/** Sends the bytes of the reply through a toxic. */
export function onReply(toxic: Toxic): LineFault {
  return async ({ forward, sendBack }) => sendBack(await forward(), toxic);
}

/** Sends the bytes of the request through a toxic. */
export function onRequest(toxic: Toxic): LineFault {
  return async ({ forward, sendBack }) => sendBack(await forward({ body: toxic }));
}

/** Removes the reply's length and sends its bytes through a toxic. */
export function withoutLength(toxic: Toxic): LineFault {
  return async ({ forward, sendBack }) => {
    const reply = await forward();
    delete reply.headers["content-length"];
    await sendBack(reply, toxic);
  };
}

/** Lets the library handle the request, then loses the reply and the connection. */
export const lostReply: LineFault = async ({ forward, request }) => {
  const reply = await forward();
  await held(reply);
  request.socket.resetAndDestroy();
};

/** Never replies, and leaves the connection open. */
export const noReply: LineFault = ({ request }) => closeOf(request.socket);

/**
 * Sends the request to the library twice and passes the second reply on, like a proxy that retries.
 */
export const sentTwice: LineFault = async ({ request, response, forward }) => {
  const body = await bytesOf(request);
  const again: Toxic = async (_, wire) => {
    await wire.write(body);
    wire.end();
  };
  await held(await forward({ body: again }));
  replyWith(response, await held(await forward({ body: again })));
};

/** Replies in place of the library, which does not get the request. */
export function replied(
  status: number,
  headers: OutgoingHttpHeaders = {},
  body: string | Uint8Array = "",
): LineFault {
  return async ({ request, response }) => {
    request.resume();
    const bytes = Buffer.from(body);
    replyWith(response, {
      status,
      headers: { "content-length": bytes.byteLength, ...headers },
      body: bytes,
    });
  };
}

/**
 * Replies as a network with a login page does: with that page and status 200, with or without its
 * length.
 */
export function portalPage(hasLength: boolean): LineFault {
  const page = "<!doctype html><html><title>Welcome</title><p>Accept our terms to go on.</html>";
  const headers = { "content-type": "text/html; charset=utf-8" };
  const length = hasLength ? {} : { "content-length": undefined };
  return replied(200, { ...headers, ...length }, page);
}

/** Holds the library's reply and passes on the result of `change`. */
export function changed(change: (reply: HeldReply, random: () => number) => HeldReply): LineFault {
  return async ({ forward, response, random }) =>
    replyWith(response, change(await held(await forward()), random));
}

/** Replaces headers of the reply; `undefined` removes one. */
export function withHeaders(headers: OutgoingHttpHeaders): LineFault {
  return changed((reply) => ({ ...reply, headers: { ...reply.headers, ...headers } }));
}

/** Replaces headers of the request, for example to request another range or all bytes. */
export function sentWith(headers: OutgoingHttpHeaders): LineFault {
  return async ({ forward, sendBack }) => sendBack(await forward({ headers }));
}

/** Flips one bit of the reply's body. */
export const flippedBit: LineFault = changed((reply, random) => {
  const body = Buffer.from(reply.body);
  const place = Math.floor(random() * body.byteLength);
  body[place] = (body[place] ?? 0) ^ (1 << Math.floor(random() * 8));
  return { ...reply, body };
});

/** Flips one bit of the request's body. */
export const flippedBitSent: LineFault = async ({ request, forward, sendBack, random }) => {
  const place = Math.floor(random() * Number(request.headers["content-length"]));
  const bit = 1 << Math.floor(random() * 8);
  const flip: Toxic = async (bytes, wire) => {
    let position = 0;
    for await (const chunk of bytes) {
      const inChunk = place - position;
      const byte = chunk[inChunk];
      if (byte !== undefined) chunk[inChunk] = byte ^ bit;
      position += chunk.byteLength;
      await wire.write(chunk);
    }
    wire.end();
  };
  await sendBack(await forward({ body: flip }));
};

/** Replaces bytes of the body and sends their MD5, which satisfies a check of that alone. */
export const otherBytesWithMd5: LineFault = changed((reply, random) => {
  const body = Buffer.from(reply.body);
  body.fill(Math.floor(random() * 256), 0, 1 + Math.floor(random() * body.byteLength));
  const md5 = createHash("md5").update(body);
  return { ...reply, body, headers: { ...reply.headers, "content-md5": md5.digest("base64") } };
});

/** Compresses the reply's body. `isTold` says whether the headers announce it. */
export function gzipped(isTold: boolean): LineFault {
  return changed(({ status, headers, body }) => {
    const bytes = gzipSync(body);
    const encoding = isTold ? { "content-encoding": "gzip" } : {};
    return {
      status,
      headers: { ...headers, ...encoding, "content-length": bytes.byteLength },
      body: bytes,
    };
  });
}

/** Shortens the reply's body by so many bytes. The headers agree, except for `Content-Range`. */
export function shortened(bytes: number): LineFault {
  return changed(({ status, headers, body }) => {
    const rest = body.subarray(0, Math.max(0, body.byteLength - bytes));
    return { status, headers: { ...headers, "content-length": rest.byteLength }, body: rest };
  });
}

async function held(reply: IncomingMessage): Promise<HeldReply> {
  const { statusCode: status = 500, headers } = reply;
  return { status, headers, body: await bytesOf(reply) };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function replyWith(
  response: {
    writeHead: (status: number, headers: OutgoingHttpHeaders) => unknown;
    end: (body: Uint8Array) => unknown;
  },
  { status, headers, body }: HeldReply,
): void {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  response.writeHead(status, Object.fromEntries(present));
  response.end(body);
}
