import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";

import { fastify } from "fastify";
import { describe, expect, it } from "vitest";

import { Fault } from "../faults/fault.js";
import { drain } from "./drain.js";
import { createLogger } from "../logger.js";
import { trackHandlers } from "./running-handlers.js";

const LONG_MS = 60_000;

/** An app with a handler at work whose connection drains away at once. */
async function startWork(graceMs: number) {
  const app = fastify();
  trackHandlers(app, { graceMs });
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

/** An app whose handlers wait until they are released. */
function startBounded(maxRunning: number) {
  const app = fastify();
  trackHandlers(app, { maxRunning });
  const waiting: (() => void)[] = [];
  const wait = async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return "done";
  };
  app.get("/slow", wait);
  app.get("/transfer", { config: { isUnbounded: true } }, wait);
  app.setErrorHandler((error, _request, reply) => {
    void reply.code(503).send(error instanceof Fault ? error.code : "other");
  });
  const release = () => {
    for (const resume of waiting.splice(0)) resume();
  };
  return { app, release, countWaiting: () => waiting.length };
}

describe("trackHandlers", () => {
  describe("when as many requests run as may", () => {
    it("refuses the next with a fault, until one has ended", async () => {
      const { app, release, countWaiting } = startBounded(2);
      const first = [app.inject("/slow"), app.inject("/slow")];
      await expect.poll(countWaiting).toBe(2);
      const refused = await app.inject("/slow");
      expect([refused.statusCode, refused.body]).toEqual([503, "unavailable"]);
      release();
      for (const reply of await Promise.all(first)) expect(reply.statusCode).toBe(200);
      const next = app.inject("/slow");
      await expect.poll(countWaiting).toBe(1);
      release();
      expect((await next).statusCode).toBe(200);
      await app.close();
    });

    it("neither refuses nor counts transfers", async () => {
      const { app, release, countWaiting } = startBounded(1);
      const all = ["/transfer", "/transfer", "/slow", "/transfer"].map((url) => app.inject(url));
      await expect.poll(countWaiting).toBe(4);
      release();
      for (const reply of await Promise.all(all)) expect(reply.statusCode).toBe(200);
      await app.close();
    });
  });

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
      trackHandlers(app, { graceMs: LONG_MS });
      app.get("/fault", async () => {
        throw new Error("fault");
      });
      expect((await app.inject("/fault")).statusCode).toBe(500);
      await app.close();
    });
  });
});
