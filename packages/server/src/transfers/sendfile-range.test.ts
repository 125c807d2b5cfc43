import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import { sendfileRange } from "./sendfile-range.js";
import { type SocketWriter, createSocketWriter } from "./socket-writer.js";

const MIB = 1 << 20;
const SIZE = 40 * MIB;
const IDLE_MS = 150;

let server: Server;

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** How a transfer ended for which a disk delivers 4 MiB every `turnMs`; the socket accepts all. */
async function endWith(turnMs: number): Promise<SocketWriter["end"]> {
  const blob = {
    size: SIZE,
    read: () => expect.unreachable("bytes are read into buffers"),
    readUpTo: async (buffer: Uint8Array) => buffer.length,
    close: async () => {},
  };
  const sender = {
    send: async (_offset: number, length: number) => {
      await pause(turnMs);
      return length;
    },
    close: () => {},
  };
  const ended = new Promise<SocketWriter["end"]>((resolve, reject) => {
    server = createServer((_request, response) => {
      const writer = createSocketWriter(response, IDLE_MS);
      sendfileRange(writer, blob, { range: { start: 0, length: SIZE }, sender }).then(
        () => resolve(writer.end),
        reject,
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const reader = connect((server.address() as AddressInfo).port, "127.0.0.1");
  reader.on("error", () => {});
  reader.resume();
  reader.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return ended;
}

describe("sendfileRange", () => {
  it("goes on for longer than the idle time while the disk is slower than the socket", async () => {
    expect(await endWith(IDLE_MS / 3)).toBeUndefined();
  });

  it("ends when the disk brings nothing for that long", async () => {
    expect(await endWith(IDLE_MS * 4)).toBe("idle");
  });
});
