import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, type Server, createServer, request } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";

import { digestOfSha256Hex } from "@sifshelf/protocol";
import { memoryByteSource } from "@sifshelf/sif";
import { afterEach, describe, expect, it } from "vitest";

import type { OpenBytes } from "../blobs/open-bytes.js";
import { type SendOutcome, sendBlob } from "./send-blob.js";
import { planSend } from "./send-plan.js";

const DIGEST = digestOfSha256Hex("a".repeat(64));
const MIB = 1 << 20;

interface Sender {
  readonly port: number;
  readonly outcome: Promise<SendOutcome>;
  /** How often the blob was closed. */
  readonly closings: () => number;
}

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** A server that sends `bytes` to whoever asks first. */
async function startSender(
  bytes: Pick<OpenBytes, "size" | "readUpTo">,
  idleTimeoutMs = 20_000,
): Promise<Sender> {
  let closings = 0;
  const blob: OpenBytes = {
    ...memoryByteSource(new Uint8Array()),
    ...bytes,
    async close() {
      closings += 1;
    },
  };
  const listening = createServer();
  server = listening;
  const outcome = new Promise<SendOutcome>((resolve) => {
    listening.on("request", (incoming, response) => {
      const { method = "", headers } = incoming;
      const plan = planSend({ method, headers, sizeBytes: blob.size, digest: DIGEST });
      resolve(sendBlob(response, { plan, blob, idleTimeoutMs }));
    });
  });
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  return { port, outcome, closings: () => closings };
}

function bytesOf(bytes: Uint8Array): Pick<OpenBytes, "size" | "readUpTo"> {
  return {
    size: bytes.length,
    async readUpTo(buffer, offset) {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      return part.length;
    },
  };
}

async function get(port: number, headers = {}, method = "GET") {
  const outgoing = request({ host: "127.0.0.1", port, method, headers });
  outgoing.end();
  const [reply] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return { reply, body: Buffer.concat(chunks) };
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket;
}

describe("sendBlob", () => {
  describe("when the receiver takes everything", () => {
    it.each([0, 1, MIB - 1, MIB, MIB + 1, 9 * MIB + 5])("sends %i bytes", async (size) => {
      const bytes = randomBytes(size);
      const { port, outcome, closings } = await startSender(bytesOf(bytes));
      const { reply, body } = await get(port);
      expect(reply.statusCode).toBe(200);
      expect(Buffer.compare(body, bytes)).toBe(0);
      expect(await outcome).toEqual({ ended: "sent", sentBytes: size });
      expect(closings()).toBe(1);
    });

    it.each([
      ["bytes=0-0", 0, 1],
      ["bytes=1048570-3000000", 1_048_570, 3_000_001],
      ["bytes=-7", 6 * MIB - 7, 6 * MIB],
      ["bytes=6291455-", 6 * MIB - 1, 6 * MIB],
    ])("sends the range %s", async (range, start, end) => {
      const bytes = randomBytes(6 * MIB);
      const { port, outcome } = await startSender(bytesOf(bytes));
      const { reply, body } = await get(port, { range });
      expect(reply.statusCode).toBe(206);
      expect(Buffer.compare(body, bytes.subarray(start, end))).toBe(0);
      expect(await outcome).toMatchObject({ ended: "sent" });
    });

    it("answers requests that come at once on one connection in their order", async () => {
      const bytes = randomBytes(3 * MIB);
      const { port } = await startSender(bytesOf(bytes));
      const socket = connect(port, "127.0.0.1");
      const ranges = ["0-2000000", "5-2500000", "3000000-3145727"];
      const asked = ranges.map(
        (range) => `GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=${range}\r\n`,
      );
      socket.write(`${asked.join("\r\n")}Connection: close\r\n\r\n`);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      let rest = Buffer.concat(chunks);
      for (const range of ranges) {
        const [start = 0, last = 0] = range.split("-").map(Number);
        const headEnd = rest.indexOf("\r\n\r\n") + 4;
        expect(rest.toString("latin1", 0, headEnd)).toContain(`bytes ${start}-${last}/`);
        const body = rest.subarray(headEnd, headEnd + last + 1 - start);
        expect(Buffer.compare(body, bytes.subarray(start, last + 1))).toBe(0);
        rest = rest.subarray(headEnd + body.length);
      }
      expect(rest.length).toBe(0);
    });

    it("keeps each receiver's bytes apart when many receive at once", async () => {
      const bytes = randomBytes(3 * MIB);
      const { port } = await startSender(bytesOf(bytes));
      const starts = Array.from({ length: 12 }, (_, index) => index * 200_000);
      const bodies = await Promise.all(
        starts.map(async (start) => (await get(port, { range: `bytes=${start}-` })).body),
      );
      for (const [index, body] of bodies.entries()) {
        expect(Buffer.compare(body, bytes.subarray(index * 200_000))).toBe(0);
      }
    });
  });

  describe("when no body is wanted", () => {
    it("answers HEAD without reading", async () => {
      const { port, outcome, closings } = await startSender({
        size: 5 * MIB,
        readUpTo: () => Promise.reject(new Error("read")),
      });
      const { reply, body } = await get(port, {}, "HEAD");
      expect(reply.headers["content-length"]).toBe(String(5 * MIB));
      expect(body.length).toBe(0);
      expect(await outcome).toEqual({ ended: "sent", sentBytes: 0 });
      expect(closings()).toBe(1);
    });

    it("answers 304 without reading", async () => {
      const { port } = await startSender(bytesOf(randomBytes(10)));
      const { reply, body } = await get(port, { "if-none-match": `"${DIGEST}"` });
      expect(reply.statusCode).toBe(304);
      expect(body.length).toBe(0);
    });
  });

  describe("when the bytes cannot be read to the end", () => {
    it.each<[string, OpenBytes["readUpTo"]]>([
      ["fail", () => Promise.reject(new Error("EIO"))],
      ["end early", async () => 10],
    ])("cuts the connection if they %s", async (_, failingRead) => {
      const { port, outcome, closings } = await startSender({
        size: 8 * MIB,
        readUpTo: async (buffer, offset) =>
          offset < 6 * MIB ? buffer.length : failingRead(buffer, offset),
      });
      await expect(get(port)).rejects.toMatchObject({ code: "ECONNRESET" });
      expect(await outcome).toMatchObject({ ended: "read-failed", cause: expect.any(Error) });
      expect(closings()).toBe(1);
    });
  });

  // More than the kernel buffers of both ends hold.
  const ENDLESS = { size: 2 ** 40, readUpTo: async (buffer: Uint8Array) => buffer.length };

  describe("when the receiver goes away", () => {
    it("stops reading and closes the blob", async () => {
      const { port, outcome, closings } = await startSender(ENDLESS);
      const socket = await openSocket(port);
      await once(socket, "data");
      socket.destroy();
      expect(await outcome).toMatchObject({ ended: "client-closed" });
      expect(closings()).toBe(1);
    });
  });

  describe("when the receiver stops taking bytes", () => {
    it("cuts the connection after the idle time, having read no more than it buffers", async () => {
      let readBytes = 0;
      const { port, outcome, closings } = await startSender(
        {
          ...ENDLESS,
          async readUpTo(buffer) {
            readBytes += buffer.length;
            return buffer.length;
          },
        },
        150,
      );
      const socket = await openSocket(port);
      socket.pause();
      const { ended, sentBytes } = await outcome;
      expect(ended).toBe("idle");
      expect(readBytes - sentBytes).toBeLessThanOrEqual(4 * MIB);
      expect(closings()).toBe(1);
      socket.destroy();
    });
  });

  describe("when many receive at once and take little", () => {
    it("reads less ahead for those who join", async () => {
      const lengths: number[] = [];
      let hasRead = () => {};
      const { port } = await startSender({
        size: 2 ** 40,
        async readUpTo(buffer) {
          lengths.push(buffer.length);
          hasRead();
          return buffer.length;
        },
      });
      const sockets: Socket[] = [];
      for (let count = 1; count <= 64; count++) {
        const read = new Promise<void>((resolve) => (hasRead = resolve));
        const socket = await openSocket(port);
        socket.pause();
        sockets.push(socket);
        await read;
      }
      expect(Math.max(...lengths)).toBe(MIB);
      expect(Math.min(...lengths)).toBeLessThanOrEqual(MIB / 2);
      for (const socket of sockets) socket.destroy();
    });
  });

  describe("when memory is used again while receivers come and go", () => {
    it("sends to each its own bytes", async () => {
      const sizeBytes = 3 * MIB + 17;
      const listening = createServer((incoming, response) => {
        const value = Number(incoming.url?.slice(1));
        const readUpTo: OpenBytes["readUpTo"] = async (buffer, offset) => {
          const count = Math.min(buffer.length, sizeBytes - offset);
          buffer.fill(value, 0, count);
          return count;
        };
        const blob = { ...memoryByteSource(new Uint8Array()), size: sizeBytes, readUpTo };
        const plan = planSend({ method: "GET", headers: {}, sizeBytes, digest: DIGEST });
        void sendBlob(response, {
          plan,
          blob: { ...blob, close: async () => {} },
          idleTimeoutMs: 20_000,
        });
      });
      server = listening;
      listening.listen(0, "127.0.0.1");
      await once(listening, "listening");
      const { port } = listening.address() as AddressInfo;
      const receive = async (value: number) => {
        const outgoing = request({ host: "127.0.0.1", port, path: `/${value}` });
        outgoing.end();
        const [reply] = (await once(outgoing, "response")) as [IncomingMessage];
        let received = 0;
        for await (const chunk of reply) {
          if ((chunk as Buffer).some((byte) => byte !== value)) throw new Error("not its bytes");
          received += (chunk as Buffer).length;
          if (value % 3 === 0 && received > MIB) break;
        }
        if (value % 3 !== 0) expect(received).toBe(sizeBytes);
      };
      for (let wave = 0; wave < 3; wave++) {
        await Promise.all(Array.from({ length: 20 }, (_, index) => receive(1 + wave * 20 + index)));
      }
    });
  });

  describe("when the receiver is slow but takes bytes", () => {
    it("goes on for many times the idle time", async () => {
      const bytes = randomBytes(12 * MIB);
      const { port, outcome } = await startSender(bytesOf(bytes), 1000);
      const socket = await openSocket(port);
      let received = 0;
      for await (const chunk of socket) {
        received += (chunk as Buffer).length;
        if (received > bytes.length) break;
        await new Promise((resolve) => setTimeout(resolve, 8));
      }
      expect(await outcome).toMatchObject({ ended: "sent", sentBytes: bytes.length });
    });
  });
});
