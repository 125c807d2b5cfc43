import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

import { type FastifyInstance, fastify } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { drain } from "./drain.js";
import { createLogger } from "../logger.js";

const LONG_MS = 60_000;

describe("drain", () => {
  const logger = createLogger({ level: "silent" });
  let app: FastifyInstance;
  let agent: Agent;
  let release: () => void;
  let arrived: Promise<void>;

  beforeEach(async () => {
    agent = new Agent({ keepAlive: true });
    const released = new Promise<void>((resolve) => (release = resolve));
    app = fastify();
    arrived = new Promise((resolve) => {
      app.get("/slow", async () => {
        resolve();
        await released;
        return "done";
      });
    });
    app.get("/fast", async () => "done");
    await app.listen({ host: "127.0.0.1", port: 0 });
    // As in production: without draining, an idle connection would hold up the end for this long.
    app.server.keepAliveTimeout = LONG_MS;
  });
  afterEach(async () => {
    release();
    agent.destroy();
    await app.close();
  });

  async function get(path: string): Promise<IncomingMessage> {
    const { port } = app.server.address() as AddressInfo;
    const [response] = (await once(request({ port, path, agent }).end(), "response")) as [
      IncomingMessage,
    ];
    return response;
  }

  describe("when connections are idle", () => {
    it("closes them and answers", async () => {
      const response = await get("/fast");
      response.resume();
      await once(response, "end");
      await drain(app, LONG_MS, logger);

      expect(app.server.listening).toBe(false);
    });
  });

  describe("when a request is in flight", () => {
    it("lets it finish, then answers without waiting for its connection to time out", async () => {
      const reply = get("/slow");
      await arrived;
      const drained = drain(app, LONG_MS, logger);
      release();
      const response = await reply;

      expect(response.statusCode).toBe(200);
      expect(await response.setEncoding("utf8").toArray()).toEqual(["done"]);
      await drained;
    });

    it("takes no new connection meanwhile", async () => {
      const reply = get("/slow");
      await arrived;
      const { port } = app.server.address() as AddressInfo;
      const drained = drain(app, LONG_MS, logger);
      await expect.poll(() => app.server.listening).toBe(false);

      await expect(once(request({ port, path: "/fast" }).end(), "response")).rejects.toMatchObject({
        code: "ECONNREFUSED",
      });
      release();
      (await reply).resume();
      await drained;
    });
  });

  describe("when a request does not finish in time", () => {
    it("cuts it off and answers", async () => {
      const failed = get("/slow").catch((error: unknown) => error);
      await arrived;
      await drain(app, 1, logger);

      expect(await failed).toMatchObject({ code: "ECONNRESET" });
    });
  });
});
