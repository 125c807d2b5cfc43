import { describe, expect, it } from "vitest";

import { CollectedOutput } from "../testing/test-context.js";
import { createProgress } from "./progress.js";

function display({ isTTY = false, isQuiet = false, env = {} as Record<string, string> } = {}) {
  const stream = new CollectedOutput();
  stream.isTTY = isTTY;
  const clock = { ms: 0 };
  const progress = createProgress("receiving", { stream, isQuiet, env, nowMs: () => clock.ms });
  const at = (ms: number, bytesDone: number, phase: "hash" | "transfer" = "transfer") => {
    clock.ms = ms;
    progress.update({ phase, bytesDone, bytesTotal: 4096 });
  };
  return { stream, progress, at };
}

describe("createProgress", () => {
  describe("when the stream is no terminal", () => {
    it("prints one line per interval and nothing for a short transfer", () => {
      const { stream, progress, at } = display();
      at(0, 0);
      at(9_999, 1024);
      expect(stream.text).toBe("");
      at(10_000, 2048);
      at(10_001, 3072);
      progress.end();
      expect(stream.text).toBe("receiving 50%  2.0 KiB of 4.0 KiB  205 B/s  10s left\n");
    });
  });

  describe("when the stream is a terminal", () => {
    it("redraws one line and removes it at the end", () => {
      const { stream, progress, at } = display({ isTTY: true });
      at(0, 0);
      at(100, 2048);
      at(150, 3000);
      expect(stream.text).toBe(
        "\r\u001b[K[===========           ] receiving 50%  2.0 KiB of 4.0 KiB  20.0 KiB/s  0s left",
      );
      progress.end();
      progress.end();
      expect(stream.text.endsWith("left\r\u001b[K")).toBe(true);
    });

    it("never fills the last column", () => {
      const { stream, at } = display({ isTTY: true });
      stream.columns = 20;
      at(0, 0);
      at(100, 2048);
      expect(stream.text.replace("\r\u001b[K", "")).toHaveLength(19);
    });

    it("takes 80 columns when the terminal does not know how many it has", () => {
      const { stream, at } = display({ isTTY: true });
      stream.columns = 0;
      at(0, 0);
      at(100, 2048);
      expect(stream.text).toContain("50%");
    });

    it("prints plain lines with TERM=dumb", () => {
      const { stream, at } = display({ isTTY: true, env: { TERM: "dumb" } });
      at(0, 0);
      at(10_000, 4096, "hash");
      expect(stream.text).not.toContain("\u001b");
      expect(stream.text).toContain("hashing 100%");
    });
  });

  it("prints nothing when quiet", () => {
    const { stream, progress, at } = display({ isTTY: true, isQuiet: true });
    at(0, 0);
    at(60_000, 4096);
    progress.end();
    expect(stream.text).toBe("");
  });

  it("prints the bytes alone while the total is not known", () => {
    const { stream, progress, at } = display();
    at(0, 0);
    at(9_999, 0);
    progress.update({ phase: "transfer", bytesDone: 0, bytesTotal: 0 });
    at(20_000, 1024);
    expect(stream.text).toContain("25%");
    expect(stream.text).not.toContain("NaN");
  });
});
