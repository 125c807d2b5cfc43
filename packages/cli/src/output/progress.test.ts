import { describe, expect, it } from "vitest";

import { CollectedOutput } from "../testing/test-context.js";
import type { ProgressStyle } from "./progress.js";
import { createProgress } from "./progress.js";

function display({
  isTTY = false,
  style = "auto" as ProgressStyle,
  env = {} as Record<string, string>,
} = {}) {
  const stream = new CollectedOutput();
  stream.isTTY = isTTY;
  const clock = { ms: 0 };
  const progress = createProgress("receiving", { stream, style, env, nowMs: () => clock.ms });
  const at = (ms: number, bytesDone: number, phase: "hash" | "transfer" = "transfer") => {
    clock.ms = ms;
    progress.update({ phase, bytesDone, bytesTotal: 4096 });
  };
  return { stream, progress, clock, at };
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

  describe("when the style is json", () => {
    it("prints events twice a second, and the ends of phases and of all", () => {
      const { stream, progress } = display({ isTTY: true, style: "json" });
      const known = { bytesTotal: 4096, phase: "transfer" } as const;
      progress.update({ ...known, bytesDone: 1024 });
      progress.update({ ...known, bytesDone: 1500 });
      progress.update({ ...known, bytesDone: 4096, retries: 2 });
      progress.update({
        ...known,
        phase: "verify",
        bytesDone: 4096,
        retries: 2,
        ended: "complete",
      });
      progress.end();
      const events = stream.text
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line));
      const fields = { event: "progress", bytesPerSecond: 0, bytesTotal: 4096 };
      expect(events).toEqual([
        { ...fields, phase: "transfer", bytesDone: 1024, retries: 0 },
        { ...fields, phase: "transfer", bytesDone: 4096, retries: 2 },
        { ...fields, phase: "verify", bytesDone: 4096, retries: 2, ended: "complete" },
      ]);
    });

    it("does not count what was there before to the rate", () => {
      const { stream, at } = display({ style: "json" });
      at(0, 3072);
      at(1000, 3584);
      const [, last = ""] = stream.text.trimEnd().split("\n");
      expect(JSON.parse(last)).toMatchObject({ bytesDone: 3584, bytesPerSecond: 512 });
    });
  });

  describe("when the style is plain", () => {
    it("prints lines on a terminal, too, and says what was tried again", () => {
      const { stream, progress, clock, at } = display({ isTTY: true, style: "plain" });
      at(0, 0);
      progress.update({ phase: "transfer", bytesDone: 1024, bytesTotal: 4096, retries: 1 });
      expect(stream.text).toBe("");
      clock.ms = 10_000;
      progress.update({ phase: "transfer", bytesDone: 2048, bytesTotal: 4096, retries: 1 });
      expect(stream.text).toBe("receiving 50%  2.0 KiB of 4.0 KiB  205 B/s  10s left  1 retry\n");
    });
  });

  it("prints the rate also while the total is not known", () => {
    const { stream, progress, clock } = display();
    progress.update({ phase: "transfer", bytesDone: 0, bytesTotal: 0 });
    clock.ms = 10_000;
    progress.update({ phase: "transfer", bytesDone: 20_480, bytesTotal: 0, retries: 2 });
    expect(stream.text).toBe("receiving 20.0 KiB  2.0 KiB/s  2 retries\n");
  });

  it("prints nothing in the style none", () => {
    const { stream, progress, at } = display({ isTTY: true, style: "none" });
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
