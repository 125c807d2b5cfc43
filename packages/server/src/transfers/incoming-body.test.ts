import { createHash, randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { type Server, createServer } from "node:http";
import { type AddressInfo, type Socket, connect } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { ByteSink, Sums } from "../blobs/byte-sink.js";
import type { IncomingBody, ReceiveOptions } from "../blobs/incoming-body.js";
import { discardBody } from "../http/discard-body.js";
import { incomingBody } from "./incoming-body.js";

const MIB = 1 << 20;

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

interface Receiver {
  readonly port: number;
  /** What receiving the first request came to. */
  readonly result: Promise<Sums>;
  /** The first request's body. */
  readonly body: Promise<IncomingBody>;
}

interface ReceiverOptions extends Partial<ReceiveOptions> {
  readonly sink?: ByteSink;
  readonly idleTimeoutMs?: number;
  readonly hurryMs?: number;
}

/** A server that answers 200 when a body is received, otherwise 400 and the code of the fault. */
async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { sink = memorySink(), idleTimeoutMs = 20_000, hurryMs = 5000, ...rest } = options;
  const { sizeBytes = 10 } = options;
  const listening = createServer();
  server = listening;
  let tellBody: (body: IncomingBody) => void;
  const body = new Promise<IncomingBody>((resolve) => {
    tellBody = resolve;
  });
  const result = new Promise<Sums>((resolve, reject) => {
    listening.on("request", (request, response) => {
      const incoming = incomingBody(request, { idleTimeoutMs, hurryMs });
      tellBody(incoming);
      incoming.receiveInto(sink, { ...rest, sizeBytes }).then(
        (received) => {
          response.end("received");
          return resolve(received);
        },
        (fault: Error & { code?: string }) => {
          reject(fault);
          response.writeHead(400).end(fault.code);
          discardBody(request, 1000);
        },
      );
    });
  });
  result.catch(() => {});
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return { port: (listening.address() as AddressInfo).port, result, body };
}

function memorySink(): ByteSink & { bytes(): Buffer } {
  const chunks: Buffer[] = [];
  return {
    sums: async () => ({ sha256: hex("sha256", Buffer.concat(chunks)) }),
    async write(batch) {
      chunks.push(...batch.map((chunk) => Buffer.from(chunk)));
    },
    bytes: () => Buffer.concat(chunks),
  };
}

async function open(port: number, ...headers: string[]): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write(["PUT / HTTP/1.1", "Host: localhost", ...headers, "", ""].join("\r\n"));
  return socket;
}

async function replyOf(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString();
}

function hex(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

describe("incomingBody", () => {
  describe("when the body is what was announced", () => {
    it.each([1, 10, MIB, MIB + 1, 5 * MIB + 3])("receives %i bytes", async (sizeBytes) => {
      const bytes = randomBytes(sizeBytes);
      const sink = memorySink();
      const { port, result } = await startReceiver({ sink, sizeBytes });
      const socket = await open(port, `Content-Length: ${sizeBytes}`);
      socket.write(bytes);
      expect(await replyOf(socket)).toContain("200 OK");
      expect(await result).toEqual({ sha256: hex("sha256", bytes) });
      expect(Buffer.compare(sink.bytes(), bytes)).toBe(0);
      socket.destroy();
    });

    it("takes the encoding identity for none", async () => {
      const bytes = randomBytes(10);
      const { port, result } = await startReceiver();
      const socket = await open(port, "Content-Length: 10", "Content-Encoding: identity");
      socket.write(bytes);
      expect(await result).toMatchObject({ sha256: hex("sha256", bytes) });
      socket.destroy();
    });

    it("asks the sender to go on when it waits to be asked", async () => {
      const { port, result } = await startReceiver();
      const socket = await open(port, "Content-Length: 10", "Expect: 100-continue");
      expect(await replyOf(socket)).toContain("100 Continue");
      socket.write(randomBytes(10));
      await result;
      socket.destroy();
    });

    it("leaves the connection good for the next request", async () => {
      const { port } = await startReceiver({ sizeBytes: 3 });
      const socket = await open(port, "Content-Length: 3");
      socket.write("abcPUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\ndef");
      let replies = "";
      while (replies.split("received").length < 3) replies += await replyOf(socket);
      expect(replies).not.toContain("400");
      socket.destroy();
    });
  });

  describe("when the headers do not fit", () => {
    it.each([
      ["length-required", ["Transfer-Encoding: chunked"]],
      ["size-mismatch", ["Content-Length: 9"]],
      ["size-mismatch", ["Content-Length: 11"]],
      ["unsupported-encoding", ["Content-Length: 10", "Content-Encoding: gzip"]],
      ["unsupported-encoding", ["Content-Length: 10", "Content-Encoding: identity, gzip"]],
    ])("rejects with %s: %j", async (code, headers) => {
      const sink = memorySink();
      const { port, result } = await startReceiver({ sink });
      const socket = await open(port, ...headers);
      expect(await replyOf(socket)).toContain(code);
      await expect(result).rejects.toMatchObject({ code });
      expect(sink.bytes().length).toBe(0);
      socket.destroy();
    });

    it("tells the announced length", async () => {
      const { port, body } = await startReceiver();
      const socket = await open(port, "Content-Length: 123");
      expect((await body).announcedBytes).toBe(123);
      socket.destroy();
    });

    it("tells that no length is announced", async () => {
      const { port, body } = await startReceiver();
      const socket = await open(port, "Transfer-Encoding: chunked");
      expect((await body).announcedBytes).toBeNull();
      socket.destroy();
    });
  });

  describe("when more comes than was announced", () => {
    it("takes the announced bytes only", async () => {
      const sink = memorySink();
      const { port, result } = await startReceiver({ sink });
      const socket = await open(port, "Content-Length: 10");
      socket.write(Buffer.alloc(5000, "x"));
      await result;
      expect(sink.bytes().length).toBe(10);
      socket.destroy();
    });
  });

  describe("when the connection breaks", () => {
    it.each<[string, (socket: Socket) => void]>([
      ["ends", (socket) => void socket.end()],
      ["is closed", (socket) => void socket.destroy()],
      ["is reset", (socket) => void socket.resetAndDestroy()],
    ])("rejects with size-mismatch if it %s", async (_, end) => {
      const { port, result, body } = await startReceiver({ sizeBytes: 3 * MIB });
      const socket = await open(port, `Content-Length: ${3 * MIB}`);
      socket.write(randomBytes(MIB));
      await body;
      end(socket);
      await expect(result).rejects.toMatchObject({ code: "size-mismatch" });
    });

    it("rejects when it broke before the body was wanted", async () => {
      const listening = createServer();
      server = listening;
      listening.listen(0, "127.0.0.1");
      await once(listening, "listening");
      const { port } = listening.address() as AddressInfo;
      const arrived = once(listening, "request");
      const socket = await open(port, "Content-Length: 10");
      const [request] = await arrived;
      const body = incomingBody(request, { idleTimeoutMs: 20_000 });
      const closed = new Promise((resolve) => request.on("close", resolve));
      socket.destroy();
      await closed;
      const receiving = body.receiveInto(memorySink(), { sizeBytes: 10 });
      await expect(receiving).rejects.toMatchObject({ code: "size-mismatch" });
    });
  });

  describe("when the sender falls silent", () => {
    it("rejects with request-timeout and still answers", async () => {
      const { port, result } = await startReceiver({ idleTimeoutMs: 100 });
      const socket = await open(port, "Content-Length: 10");
      const closed = new Promise((resolve) => socket.on("close", resolve));
      socket.write("12345");
      expect(await replyOf(socket)).toContain("request-timeout");
      await expect(result).rejects.toMatchObject({ code: "request-timeout" });
      await closed;
    });

    it("gives up sooner when it is hurried", async () => {
      const { port, result, body } = await startReceiver({
        idleTimeoutMs: 3_600_000,
        hurryMs: 100,
      });
      const socket = await open(port, "Content-Length: 10");
      (await body).hurry();
      await expect(result).rejects.toMatchObject({ code: "request-timeout" });
      socket.destroy();
    });
  });

  describe("when the sender is slow", () => {
    it("waits for many times the idle time as long as bytes come", async () => {
      const bytes = Buffer.alloc(12 * 1024, "x");
      const sizeBytes = bytes.byteLength;
      const { port, result } = await startReceiver({ idleTimeoutMs: 1000, sizeBytes });
      const socket = await open(port, `Content-Length: ${sizeBytes}`);
      for (let sent = 0; sent < 12; sent++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        socket.write(bytes.subarray(0, 1024));
      }
      expect(await result).toMatchObject({ sha256: hex("sha256", bytes) });
      socket.destroy();
    });

    it("does not wait for a byte now and then", async () => {
      const { port, result } = await startReceiver({ idleTimeoutMs: 300, sizeBytes: 1_000_000 });
      const socket = await open(port, "Content-Length: 1000000");
      const drip = setInterval(() => socket.write("x"), 50);
      await expect(result).rejects.toMatchObject({ code: "request-timeout" });
      clearInterval(drip);
      socket.destroy();
    });
  });

  describe("when the sink is slow", () => {
    it("waits for it, takes no more than two batches meanwhile, and blames nobody", async () => {
      const sizeBytes = 6 * MIB;
      let written = 0;
      let largest = 0;
      let busy = false;
      const kept = memorySink();
      const sink: ByteSink = {
        ...kept,
        async write(chunks) {
          await kept.write(chunks);
          expect(busy).toBe(false);
          busy = true;
          await new Promise((resolve) => setTimeout(resolve, 300));
          busy = false;
          const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          largest = Math.max(largest, length);
          written += length;
        },
      };
      const { port, result } = await startReceiver({ sink, sizeBytes, idleTimeoutMs: 200 });
      const bytes = randomBytes(sizeBytes);
      const socket = await open(port, `Content-Length: ${sizeBytes}`);
      socket.write(bytes);
      expect(await result).toMatchObject({ sha256: hex("sha256", bytes) });
      expect(written).toBe(sizeBytes);
      expect(largest).toBeLessThan(2 * MIB);
      socket.destroy();
    });
  });

  describe("when the sink or the caller fails", () => {
    const fault = new Error("fault");

    it.each([100, MIB, 2 * MIB, 4 * MIB])(
      "rejects with the sink's fault, of %i bytes",
      async (sizeBytes) => {
        const sink: ByteSink = { ...memorySink(), write: () => Promise.reject(fault) };
        const { port, result } = await startReceiver({ sink, sizeBytes });
        const socket = await open(port, `Content-Length: ${sizeBytes}`);
        socket.write(Buffer.alloc(sizeBytes));
        await expect(result).rejects.toBe(fault);
        socket.destroy();
      },
    );

    it("rejects with the fault of a write that is under way when the last byte comes", async () => {
      const events = new EventEmitter();
      const sink: ByteSink = {
        ...memorySink(),
        async write() {
          await once(events, "fail");
          throw fault;
        },
      };
      const { port, result } = await startReceiver({ sink, sizeBytes: MIB + 10 });
      const socket = await open(port, `Content-Length: ${MIB + 10}`);
      socket.end(Buffer.alloc(MIB + 10));
      const timer = setInterval(() => events.emit("fail"), 20);
      await expect(result).rejects.toBe(fault);
      clearInterval(timer);
      socket.destroy();
    });

    it("rejects with what onProgress throws", async () => {
      const onProgress = () => Promise.reject(fault);
      const { port, result } = await startReceiver({ sizeBytes: 2 * MIB, onProgress });
      const socket = await open(port, `Content-Length: ${2 * MIB}`);
      socket.write(Buffer.alloc(2 * MIB));
      await expect(result).rejects.toBe(fault);
      socket.destroy();
    });

    it("rejects only when no write is under way", async () => {
      let isWriting = false;
      const sink: ByteSink = {
        ...memorySink(),
        async write() {
          isWriting = true;
          await new Promise((resolve) => setTimeout(resolve, 200));
          isWriting = false;
        },
      };
      const { port, result, body } = await startReceiver({ sink, sizeBytes: 3 * MIB });
      const socket = await open(port, `Content-Length: ${3 * MIB}`);
      socket.write(Buffer.alloc(2 * MIB));
      await body;
      setTimeout(() => socket.destroy(), 100);
      await expect(result).rejects.toMatchObject({ code: "size-mismatch" });
      expect(isWriting).toBe(false);
    });
  });
});

describe("discardBody", () => {
  describe("when a request is refused before its body is read", () => {
    it("lets the sender read the answer, and cuts the connection if it goes on", async () => {
      const { port } = await startReceiver({ sizeBytes: 5 });
      const socket = await open(port, `Content-Length: ${1024 * MIB}`);
      const closed = new Promise((resolve) => socket.on("close", resolve));
      const sending = setInterval(() => socket.write(Buffer.alloc(MIB)), 5);
      expect(await replyOf(socket)).toContain("size-mismatch");
      await closed;
      clearInterval(sending);
    });
  });
});
