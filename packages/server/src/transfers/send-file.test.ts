import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { digestOfSha256Hex } from "@sifshelf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openFileBytes } from "../blobs/filesystem/open-file-bytes.js";
import { type SendOutcome, sendBlob } from "./send-blob.js";
import { planSend } from "./send-plan.js";
import { systemCalls } from "./system-sendfile.js";

const DIGEST = digestOfSha256Hex("a".repeat(64));
const MIB = 1 << 20;

let folder: string;
let server: Server;
let outcomes: Promise<SendOutcome>[];
/** Bytes that went through our memory. */
let copiedBytes: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "send-file-"));
  outcomes = [];
  copiedBytes = 0;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** A server that sends the files of the folder. */
async function startSender(idleTimeoutMs = 20_000): Promise<number> {
  server = createServer((incoming, response) => {
    const send = async () => {
      const file = await openFileBytes(join(folder, incoming.url ?? ""));
      const readUpTo = async (buffer: Uint8Array, offset: number) => {
        copiedBytes += buffer.length;
        return file.readUpTo(buffer, offset);
      };
      const { method = "", headers } = incoming;
      const plan = planSend({ method, headers, sizeBytes: file.size, digest: DIGEST });
      return sendBlob(response, { plan, blob: { ...file, readUpTo }, idleTimeoutMs });
    };
    outcomes.push(send());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function makeFile(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), bytes);
}

/** The body of a reply, as much as comes of it. */
async function get(port: number, name: string, range?: string): Promise<Buffer> {
  const headers = range === undefined ? {} : { range };
  const reply = await fetch(`http://127.0.0.1:${port}/${name}`, { headers });
  return Buffer.from(await reply.arrayBuffer());
}

async function openSocket(port: number, name: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`GET /${name} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

/** A difference is told in a word, not by printing megabytes. */
function expectSame(body: Buffer, bytes: Uint8Array): void {
  expect(body.length).toBe(bytes.length);
  expect(Buffer.compare(body, bytes)).toBe(0);
}

const openFiles = () => readdirSync("/proc/self/fd").length;

const isHandedOver = (await systemCalls()) !== undefined;
const NOTE = isHandedOver ? "" : " (SKIPPED: sendfile cannot be called here)";

describe.skipIf(!isHandedOver)(`sendBlob of a file, handed over by the system${NOTE}`, () => {
  it.each([256 * 1024, MIB + 1, 9 * MIB + 5, 40 * MIB])("sends %i bytes", async (size) => {
    const bytes = randomBytes(size);
    await makeFile("image", bytes);
    const port = await startSender();
    expectSame(await get(port, "image"), bytes);
    expect(await outcomes[0]).toEqual({ ended: "sent", sentBytes: size });
  });

  it("copies next to nothing", async () => {
    await makeFile("image", randomBytes(64 * MIB));
    const port = await startSender();
    await get(port, "image");
    expect(copiedBytes).toBeLessThan(32 * MIB);
  });

  it.each([
    ["bytes=0-0", 0, 1],
    ["bytes=1048570-7000000", 1_048_570, 7_000_001],
    ["bytes=8388607-", 8 * MIB - 1, 9 * MIB],
  ])("sends the range %s", async (range, start, end) => {
    const bytes = randomBytes(9 * MIB);
    await makeFile("image", bytes);
    const port = await startSender();
    expectSame(await get(port, "image", range), bytes.subarray(start, end));
  });

  it("sends beyond 4 GiB what lies there", async () => {
    const position = 2 ** 32 + 12_345;
    const end = randomBytes(3 * MIB);
    await makeFile("image", new Uint8Array());
    await truncate(join(folder, "image"), position);
    await writeFile(join(folder, "image"), end, { flag: "a" });
    const port = await startSender();
    expectSame(await get(port, "image", `bytes=${position}-`), end);
  });

  it("answers requests that come at once on one connection in their order", async () => {
    const bytes = randomBytes(6 * MIB);
    await makeFile("image", bytes);
    const port = await startSender();
    const socket = connect(port, "127.0.0.1");
    const ask = "GET /image HTTP/1.1\r\nHost: localhost\r\n";
    socket.write(`${ask}\r\n${ask}\r\n${ask}Connection: close\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    let rest = Buffer.concat(chunks);
    for (let count = 0; count < 3; count++) {
      const headEnd = rest.indexOf("\r\n\r\n") + 4;
      expect(rest.toString("latin1", 0, 12)).toBe("HTTP/1.1 200");
      expectSame(rest.subarray(headEnd, headEnd + bytes.length), bytes);
      rest = rest.subarray(headEnd + bytes.length);
    }
    expect(rest.length).toBe(0);
  });

  it("gives each receiver its own file while others go away in the middle", async () => {
    const sizeBytes = 12 * MIB + 17;
    const files = Array.from({ length: 8 }, (_, value) => Buffer.alloc(sizeBytes, value));
    for (const [value, bytes] of files.entries()) await makeFile(`image-${value}`, bytes);
    const port = await startSender();
    const receive = async (index: number) => {
      const value = index % 8;
      const socket = await openSocket(port, `image-${value}`);
      let received = -1;
      for await (const chunk of socket) {
        let body = chunk as Buffer;
        if (received < 0) {
          body = body.subarray(body.indexOf("\r\n\r\n") + 4);
          received = 0;
        }
        if (files[value]?.compare(body, 0, body.length, 0, body.length) !== 0) {
          throw new Error("not its bytes");
        }
        received += body.length;
        // At different places, so that descriptors are closed and given to the next at any time.
        if (index % 3 > 0 && received > ((index * 7919) % 12) * MIB) break;
        if (received === sizeBytes) break;
      }
      socket.destroy();
      return index % 3 > 0 || received === sizeBytes;
    };
    for (let wave = 0; wave < 6; wave++) {
      const ends = Array.from({ length: 24 }, (_, index) => receive(wave * 24 + index));
      expect(await Promise.all(ends)).not.toContain(false);
    }
    const ended = (await Promise.all(outcomes)).map((outcome) => outcome.ended);
    expect(new Set(ended)).toEqual(new Set(["sent", "client-closed"]));
  });

  it("keeps no descriptor open", async () => {
    await makeFile("image", randomBytes(8 * MIB));
    const port = await startSender();
    const before = openFiles();
    for (let count = 0; count < 20; count++) {
      const socket = await openSocket(port, "image");
      await once(socket, "data");
      socket.destroy();
      await get(port, "image");
    }
    await Promise.all(outcomes);
    // Connections that are kept alive for the next request have one each.
    await expect.poll(openFiles).toBeLessThan(before + 8);
  });

  it("cuts the connection if the file has become shorter", async () => {
    await makeFile("image", randomBytes(64 * MIB));
    const port = await startSender();
    const socket = await openSocket(port, "image");
    socket.pause();
    await pause(100);
    await truncate(join(folder, "image"), 32 * MIB);
    let received = 0;
    const receive = async () => {
      for await (const chunk of socket) received += (chunk as Buffer).length;
    };
    await receive().catch(() => {});
    expect(received).toBeLessThanOrEqual(33 * MIB);
    expect(await outcomes[0]).toMatchObject({ ended: "read-failed", cause: expect.any(Error) });
  });

  it("cuts the connection when the receiver stops taking bytes", async () => {
    await makeFile("image", randomBytes(64 * MIB));
    const port = await startSender(150);
    const socket = await openSocket(port, "image");
    socket.on("error", () => {}).pause();
    await expect.poll(() => outcomes.length).toBe(1);
    const { ended, sentBytes } = (await outcomes[0]) ?? {};
    expect(ended).toBe("idle");
    expect(sentBytes).toBeLessThan(64 * MIB);
    socket.destroy();
  });

  it("goes on for many times the idle time when the receiver is slow but takes bytes", async () => {
    const bytes = randomBytes(24 * MIB);
    await makeFile("image", bytes);
    const port = await startSender(500);
    const socket = await openSocket(port, "image");
    let received = 0;
    for await (const chunk of socket) {
      received += (chunk as Buffer).length;
      if (received > bytes.length) break;
      await pause(6);
    }
    expect(await outcomes[0]).toEqual({ ended: "sent", sentBytes: bytes.length });
  });
});
