import type { Readable } from "node:stream";

import { MAX_REQUEST_JSON_BYTES, type Schema, decode, parseJson } from "@sifshelf/protocol";
import type { FastifyRequest } from "fastify";

import { Fault } from "../faults/fault.js";

/** Time allowed for a whole JSON body, in milliseconds: unlike an image it is small. */
const JSON_BODY_TIMEOUT_MS = 30_000;

/**
 * Reads a request's JSON body, whatever its Content-Type. An empty body counts as `{}`.
 *
 * @param what What the body is, for messages: `upload to start`.
 * @throws Fault `too-large` beyond 1 MiB, `request-timeout` after 30 s, `unsupported-encoding` when
 *   it is compressed, `bad-request` when the connection breaks.
 * @throws WireError when it is not the JSON that the schema requires.
 */
export async function readJsonBody<T>(
  request: FastifyRequest,
  schema: Schema<T>,
  what: string,
): Promise<T> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    throw new Fault(
      "unsupported-encoding",
      `the ${what} is sent with an encoding; send plain JSON`,
    );
  }
  const text = await readText(request.raw, what);
  return decode(schema, text.trim() === "" ? {} : parseJson(text, what), what);
}

/** Collects the body. It does not destroy the request on failure, which still needs its reply. */
function readText(body: Readable, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (fault?: Fault) => {
      clearTimeout(timer);
      body.off("data", onData).off("end", onEnd).off("error", onBreak).off("close", onBreak);
      if (fault === undefined) resolve(Buffer.concat(chunks).toString("utf8"));
      else reject(fault);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > MAX_REQUEST_JSON_BYTES) settle(tooLarge(what));
    };
    const onEnd = () => settle();
    const onBreak = () => settle(new Fault("bad-request", `the ${what} ended half-way`));
    const timer = setTimeout(() => settle(tooSlow(what)), JSON_BODY_TIMEOUT_MS);
    body.on("data", onData).on("end", onEnd).on("error", onBreak).on("close", onBreak);
  });
}

function tooLarge(what: string): Fault {
  return new Fault(
    "too-large",
    `the ${what} is larger than ${MAX_REQUEST_JSON_BYTES} bytes; shorten what it carries`,
  );
}

function tooSlow(what: string): Fault {
  return new Fault(
    "request-timeout",
    `the ${what} did not arrive within ${JSON_BODY_TIMEOUT_MS / 1000} s; check the network and try again`,
  );
}
