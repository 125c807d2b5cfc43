import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import { handRange } from "./hand-range.js";
import { type Line, watchResponse } from "./line.js";

const MIB = 1 << 20;
const SIZE = 40 * MIB;
const IDLE_MS = 150;

let server: Server;

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** How a line ended over which a disk brings 4 MiB every `turnMs`, all of which the socket takes. */
async function endWith(turnMs: number): Promise<Line["end"]> {
  const blob = {
    size: SIZE,
    read: () => expect.unreachable("pieces are read into buffers"),
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
  const ended = new Promise<Line["end"]>((resolve, reject) => {
    server = createServer((_request, response) => {
      const line = watchResponse(response, IDLE_MS);
      handRange(line, blob, { range: { start: 0, length: SIZE }, sender }).then(
        () => resolve(line.end),
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

describe("handRange", () => {
  it("goes on for longer than the idle time while the disk is slower than the socket", async () => {
    expect(await endWith(IDLE_MS / 3)).toBeUndefined();
  });

  it("ends when the disk brings nothing for that long", async () => {
    expect(await endWith(IDLE_MS * 4)).toBe("idle");
  });
});
