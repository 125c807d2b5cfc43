import { createHash } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { gzipSync } from "node:zlib";

import type { LineFault } from "./bad-line.js";
import { closeOf, type Toxic } from "./wire.js";

/** An answer that is held in memory to be changed. */
export interface HeldAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: Buffer;
}

/** The bytes of the answer go through this. */
export function onReply(toxic: Toxic): LineFault {
  return async ({ forward, reply }) => reply(await forward(), toxic);
}

/** The bytes of the request go through this. */
export function onRequest(toxic: Toxic): LineFault {
  return async ({ forward, reply }) => reply(await forward({ body: toxic }));
}

/** The answer does not say how long it is, and its bytes go through this. */
export function withoutLength(toxic: Toxic): LineFault {
  return async ({ forward, reply }) => {
    const answer = await forward();
    delete answer.headers["content-length"];
    await reply(answer, toxic);
  };
}

/**
 * The library gets the request and does what it asks; its answer is lost, and the connection with
 * it.
 */
export const lostReply: LineFault = async ({ forward, request }) => {
  const answer = await forward();
  await held(answer);
  request.socket.resetAndDestroy();
};

/** The request is never answered, and its connection stays open. */
export const unanswered: LineFault = ({ request }) => closeOf(request.socket);

/** Whoever is in between asks the library twice, and passes the second answer on. */
export const askedTwice: LineFault = async ({ request, response, forward }) => {
  const body = await bytesOf(request);
  const again: Toxic = async (_, wire) => {
    await wire.write(body);
    wire.end();
  };
  await held(await forward({ body: again }));
  answerWith(response, await held(await forward({ body: again })));
};

/** Answers in place of the library, which learns of nothing. */
export function answered(
  status: number,
  headers: OutgoingHttpHeaders = {},
  body: string | Uint8Array = "",
): LineFault {
  return async ({ request, response }) => {
    request.resume();
    const bytes = Buffer.from(body);
    answerWith(response, {
      status,
      headers: { "content-length": bytes.byteLength, ...headers },
      body: bytes,
    });
  };
}

/** What a network says that wants a login first, as a success. Its length is told or not. */
export function portalPage(hasLength: boolean): LineFault {
  const page = "<!doctype html><html><title>Welcome</title><p>Accept our terms to go on.</html>";
  const headers = { "content-type": "text/html; charset=utf-8" };
  const length = hasLength ? {} : { "content-length": undefined };
  return answered(200, { ...headers, ...length }, page);
}

/** Holds the library's answer and passes on what `change` makes of it. */
export function changed(
  change: (answer: HeldAnswer, random: () => number) => HeldAnswer,
): LineFault {
  return async ({ forward, response, random }) =>
    answerWith(response, change(await held(await forward()), random));
}

/** Other headers; `undefined` leaves one out. */
export function withHeaders(headers: OutgoingHttpHeaders): LineFault {
  return changed((answer) => ({ ...answer, headers: { ...answer.headers, ...headers } }));
}

/** The library is asked for something else: another range, or all. */
export function askedWith(headers: OutgoingHttpHeaders): LineFault {
  return async ({ forward, reply }) => reply(await forward({ headers }));
}

/** One bit of the body is not what it was. */
export const flippedBit: LineFault = changed((answer, random) => {
  const body = Buffer.from(answer.body);
  const place = Math.floor(random() * body.byteLength);
  body[place] = (body[place] ?? 0) ^ (1 << Math.floor(random() * 8));
  return { ...answer, body };
});

/** One bit of the body that is sent is not what it was. */
export const flippedBitSent: LineFault = async ({ request, forward, reply, random }) => {
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
  await reply(await forward({ body: flip }));
};

/** Other bytes, with an MD5 that is theirs: what checks only that on the way is satisfied. */
export const otherBytesWithMd5: LineFault = changed((answer, random) => {
  const body = Buffer.from(answer.body);
  body.fill(Math.floor(random() * 256), 0, 1 + Math.floor(random() * body.byteLength));
  const md5 = createHash("md5").update(body);
  return { ...answer, body, headers: { ...answer.headers, "content-md5": md5.digest("base64") } };
});

/** The body is compressed on the way; the headers say so, or not. */
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

/** The body is so many bytes shorter, and the headers agree with that, but for `Content-Range`. */
export function shortened(bytes: number): LineFault {
  return changed(({ status, headers, body }) => {
    const rest = body.subarray(0, Math.max(0, body.byteLength - bytes));
    return { status, headers: { ...headers, "content-length": rest.byteLength }, body: rest };
  });
}

async function held(answer: IncomingMessage): Promise<HeldAnswer> {
  const { statusCode: status = 500, headers } = answer;
  return { status, headers, body: await bytesOf(answer) };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answerWith(
  response: {
    writeHead: (status: number, headers: OutgoingHttpHeaders) => unknown;
    end: (body: Uint8Array) => unknown;
  },
  { status, headers, body }: HeldAnswer,
): void {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  response.writeHead(status, Object.fromEntries(present));
  response.end(body);
}
