import { describe, expect, it } from "vitest";

import { createTokenSecret } from "./accounts/token-secret.js";
import { createLogger } from "./logger.js";

function record() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

describe("createLogger", () => {
  describe("when something is logged", () => {
    it("writes one JSON object a line, with level and time in words", () => {
      const { lines, destination } = record();
      createLogger({ level: "info", destination }).info({ url: "http://h" }, "listening");

      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0]!)).toEqual({
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        url: "http://h",
        msg: "listening",
      });
    });

    it("leaves out what is below the level", () => {
      const { lines, destination } = record();
      createLogger({ level: "warn", destination }).info("unheard");

      expect(lines).toEqual([]);
    });
  });

  describe("when a secret is among it", () => {
    it("writes [redacted] for a token, wherever it stands", () => {
      const { lines, destination } = record();
      const logger = createLogger({ level: "trace", destination });
      const secret = createTokenSecret();
      logger.info(`token ${secret}`);
      logger.info({ deep: { er: [`Bearer ${secret}`] } });
      logger.error({ err: new Error(`failed with ${secret}`, { cause: new Error(secret) }) });
      logger.child({ bound: secret }).warn("child");
      logger.info({ [secret]: 1 });

      expect(lines).toHaveLength(5);
      expect(lines.join("\n")).not.toContain(secret.slice(0, 20));
      for (const line of lines) expect(JSON.parse(line)).toBeTypeOf("object");
      expect(lines.join("\n")).toContain("[redacted]");
    });

    it("writes [redacted] for the signature of a URL", () => {
      const { lines, destination } = record();
      createLogger({ level: "trace", destination }).info({
        url: "/v1/x?key=1&signature=Ab-_9&size=2",
      });

      expect(JSON.parse(lines[0]!)).toMatchObject({
        url: "/v1/x?key=1&signature=[redacted]&size=2",
      });
    });

    it("writes [redacted] for fields that hold secrets by name", () => {
      const { lines, destination } = record();
      const logger = createLogger({ level: "trace", destination });
      for (const name of ["authorization", "cookie", "password", "secret", "token"]) {
        logger.info({ [name]: "canary", req: { [name]: "canary", headers: { [name]: "canary" } } });
      }

      expect(lines).toHaveLength(5);
      expect(lines.join("\n")).not.toContain("canary");
    });
  });
});
