import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type BadLine, type LineFault, startBadLine } from "./bad-line.js";
import {
  replied,
  sentTwice,
  flippedBit,
  flippedBitSent,
  lostReply,
  onReply,
  onRequest,
  portalPage,
  noReply,
  withHeaders,
  withoutLength,
} from "./lies.js";
import { always, forgottenConnections, sometimes, times } from "./scripts.js";
import { dripAfter, finishAfter, resetAfter, silentAfter, sliced } from "./toxics.js";

const BYTES = Buffer.alloc(50_000, "abcdefg");
const everything = () => true;

let server: Server;
let line: BadLine;
/** Sizes of the bodies that reached the server. */
let received: number[];
/** Number of bytes of the last body that differ from BYTES. */
let changedBytes: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    let bytes = 0;
    changedBytes = 0;
    request.on("data", (chunk: Buffer) => {
      for (const [index, byte] of chunk.entries()) {
        if (byte !== BYTES[bytes + index]) changedBytes += 1;
      }
      bytes += chunk.byteLength;
    });
    request.on("error", () => {});
    request.on("end", () => {
      received.push(bytes);
      response.writeHead(200, { "content-length": BYTES.byteLength, "x-library": "yes" });
      response.end(BYTES);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => void server.close());
beforeEach(async () => {
  received = [];
  line = await startBadLine(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 5);
});
afterEach(() => line.close());

const ask = (init: RequestInit = {}) => fetch(line.url, { method: "POST", body: "hello", ...init });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const meet = (fault: LineFault) => line.script(always(everything, fault));

/** Returns how many bytes of a reply arrive before it fails. */
async function bytesUntilFailure(): Promise<number> {
  const { body } = await ask();
  let bytes = 0;
  const read = async () => {
    for await (const chunk of body ?? []) bytes += chunk.byteLength;
  };
  await expect(read()).rejects.toBeInstanceOf(Error);
  return bytes;
}

describe("startBadLine", () => {
  it("passes requests and replies on unchanged", async () => {
    const response = await ask();
    expect(response.headers.get("x-library")).toBe("yes");
    expect(await bytesOf(response)).toEqual(BYTES);
    expect(received).toEqual([5]);
    expect(line.requests).toEqual([{ method: "POST", path: "/", range: undefined, connection: 1 }]);
    expect(line.faults).toBe(0);
  });

  it("counts requests with a fault, and passes all on once the script is removed", async () => {
    line.script(times({ count: 1, after: 1 }, everything, replied(503)));
    const statuses = [];
    for (let request = 0; request < 3; request++) statuses.push((await ask()).status);
    expect(statuses).toEqual([200, 503, 200]);
    expect(line.faults).toBe(1);
    meet(replied(500));
    line.script(undefined);
    expect((await ask()).status).toBe(200);
  });

  it("draws the same for the same seed", async () => {
    const draw = async (seed: number) => {
      const other = await startBadLine("http://127.0.0.1:9", seed);
      const drawn: number[] = [];
      other.script(() => async ({ random, response }) => {
        drawn.push(random());
        response.end();
      });
      await fetch(other.url);
      await other.close();
      return drawn;
    };
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });
});

describe("toxics", () => {
  it.each([
    ["a reset", onReply(resetAfter(20_000)), 20_000],
    ["an early end", onReply(finishAfter(20_000)), 20_000],
    ["an early end of a reply without length", withoutLength(finishAfter(20_000)), 20_000],
  ] as const)("give so many bytes before %s", async (_, fault, bytes) => {
    meet(fault);
    expect(await bytesUntilFailure()).toBeLessThanOrEqual(bytes);
  });

  it.each([
    ["silence", silentAfter(30)],
    ["a drip", dripAfter(30, 1_000)],
  ])("hold a reply back by %s", async (_, toxic) => {
    meet(onReply(toxic));
    const response = await ask({ signal: AbortSignal.timeout(300) });
    await expect(response.arrayBuffer()).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("split a reply into packets without changing it", async () => {
    meet(onReply(sliced(500)));
    expect(await bytesOf(await ask())).toEqual(BYTES);
  });

  it.each([
    ["a reset", resetAfter(1_000)],
    ["an early end", finishAfter(1_000)],
  ])("break a request off by %s", async (_, toxic) => {
    meet(onRequest(toxic));
    await expect(ask({ body: BYTES })).rejects.toBeInstanceOf(Error);
    expect(received).toEqual([]);
  });
});

describe("lies", () => {
  it("lose a reply after the library has sent it", async () => {
    meet(lostReply);
    await expect(ask()).rejects.toBeInstanceOf(Error);
    expect(received).toEqual([5]);
  });

  it("send a request twice and reply once", async () => {
    meet(sentTwice);
    expect(await bytesOf(await ask())).toEqual(BYTES);
    expect(received).toEqual([5, 5]);
  });

  it("reply in place of the library", async () => {
    meet(portalPage(true));
    expect(await (await ask()).text()).toMatch(/^<!doctype html>/);
    expect(received).toEqual([]);
  });

  it("flip one bit", async () => {
    meet(flippedBit);
    const bytes = await bytesOf(await ask());
    const changed = bytes.filter((byte, place) => byte !== BYTES[place]);
    expect([bytes.byteLength, changed.byteLength]).toEqual([BYTES.byteLength, 1]);
  });

  it("flip one bit of a request", async () => {
    meet(flippedBitSent);
    await ask({ body: BYTES });
    expect(received).toEqual([BYTES.byteLength]);
    expect(changedBytes).toBe(1);
  });

  it("change and remove headers", async () => {
    meet(withHeaders({ "x-library": undefined, etag: '"a"' }));
    const { headers } = await ask();
    expect([headers.get("x-library"), headers.get("etag")]).toEqual([null, '"a"']);
  });

  it("never reply", async () => {
    meet(noReply);
    await expect(ask({ signal: AbortSignal.timeout(200) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});

describe("scripts", () => {
  it("apply a fault at random", () => {
    const draws = [0.1, 0.9, 0.3].values();
    const random = () => draws.next().value ?? 1;
    const script = sometimes({ probability: 0.5, random }, everything, noReply);
    const request = { method: "GET", path: "/", range: undefined, connection: 1 };
    const met = [1, 2, 3].map(() => script(request) !== undefined);
    expect(met).toEqual([true, false, true]);
  });

  it("forget the connections opened so far, and no later ones", () => {
    const script = forgottenConnections(2, everything);
    const on = (connection: number) =>
      script({ method: "GET", path: "/", range: undefined, connection }) !== undefined;
    expect([on(1), on(2), on(1), on(2), on(3)]).toEqual([false, false, true, true, false]);
  });
});
