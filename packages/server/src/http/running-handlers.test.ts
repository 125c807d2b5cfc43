import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";

import { fastify } from "fastify";
import { describe, expect, it } from "vitest";

import { drain } from "./drain.js";
import { createLogger } from "../logger.js";
import { awaitHandlersOnClose } from "./running-handlers.js";

const LONG_MS = 60_000;

/** An app with a handler at work whose connection drains away at once. */
async function startWork(graceMs: number) {
  const app = fastify();
  awaitHandlersOnClose(app, graceMs);
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let hasEnded = false;
  const arrived = new Promise<void>((resolve) => {
    app.get("/slow", async () => {
      resolve();
      await released;
      hasEnded = true;
      return "done";
    });
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const failed = once(request({ port, path: "/slow" }).end(), "response").catch(() => "cut");
  await arrived;
  const drained = drain(app, 1, createLogger({ level: "silent" }));
  return { failed, drained, release, hasEnded: () => hasEnded };
}

describe("awaitHandlersOnClose", () => {
  describe("when a handler works on without its connection", () => {
    it("waits until it has ended", async () => {
      const { failed, drained, release, hasEnded } = await startWork(LONG_MS);
      expect(await failed).toBe("cut");
      const endedAtDrain = drained.then(hasEnded);
      setTimeout(release, 50);
      expect(await endedAtDrain).toBe(true);
    });

    it("does not wait for ever", async () => {
      const { drained, release, hasEnded } = await startWork(20);
      await drained;
      expect(hasEnded()).toBe(false);
      release();
    });
  });

  describe("when nothing is at work", () => {
    it("closes at once, also after a handler has thrown", async () => {
      const app = fastify();
      awaitHandlersOnClose(app, LONG_MS);
      app.get("/fault", async () => {
        throw new Error("fault");
      });
      expect((await app.inject("/fault")).statusCode).toBe(500);
      await app.close();
    });
  });
});
