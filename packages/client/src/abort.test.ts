import { describe, expect, it } from "vitest";

import { untilAborted } from "./abort.js";

describe("untilAborted", () => {
  describe("when the signal aborts", () => {
    it("rejects with its reason and discards what arrives later", async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const discarded: string[] = [];
      let resolve = (_: string) => {};
      const promise = new Promise<string>((settle) => {
        resolve = settle;
      });
      const result = untilAborted(promise, controller.signal, (value) => discarded.push(value));
      controller.abort(reason);
      resolve("late");
      await expect(result).rejects.toBe(reason);
      expect(discarded).toEqual(["late"]);
    });

    it("settles whichever turn of the event loop it aborts in", async () => {
      for (let turns = 0; turns < 6; turns++) {
        const controller = new AbortController();
        const reason = new Error("stop");
        const result = untilAborted(Promise.resolve("value"), controller.signal);
        const outcome = result.catch((error: unknown) => error);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        expect(["value", reason]).toContain(await outcome);
      }
    });

    it("rejects at once if it has aborted before", async () => {
      const reason = new Error("stop");
      const never = new Promise(() => {});
      await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });

  describe("when the promise settles first", () => {
    it("settles as it does", async () => {
      const { signal } = new AbortController();
      await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
      const failure = new Error("failed");
      await expect(untilAborted(Promise.reject(failure), signal)).rejects.toBe(failure);
    });
  });
});
