import { describe, expect, it } from "vitest";

import { runPool } from "./task-pool.js";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("runPool", () => {
  describe("when all tasks succeed", () => {
    it("runs every item once, in order, never more at a time than allowed", async () => {
      const started: number[] = [];
      let running = 0;
      let most = 0;
      await runPool([1, 2, 3, 4, 5, 6, 7], { concurrency: 3 }, async (item) => {
        started.push(item);
        most = Math.max(most, ++running);
        await turn();
        running--;
      });
      expect(started).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(most).toBe(3);
    });

    it("takes items one by one as they are needed", async () => {
      let made = 0;
      function* items() {
        while (made < 10) yield ++made;
      }
      await runPool(items(), { concurrency: 2 }, async (item) => {
        expect(made).toBeLessThanOrEqual(item + 1);
        await turn();
      });
      expect(made).toBe(10);
    });
  });

  describe("when a task fails", () => {
    it("aborts the others, awaits them, starts no more and throws the first failure", async () => {
      const failure = new Error("first");
      const started: number[] = [];
      let finished = 0;
      const pool = runPool([1, 2, 3, 4, 5], { concurrency: 2 }, async (item, signal) => {
        started.push(item);
        if (item === 2) throw failure;
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await turn();
        finished++;
        throw new Error("consequence");
      });
      await expect(pool).rejects.toBe(failure);
      expect(started).toEqual([1, 2]);
      expect(finished).toBe(1);
    });
  });

  describe("when it is aborted", () => {
    it("rejects with the signal's reason, and leaves no listener behind", async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const pool = runPool([1, 2], { concurrency: 1, signal: controller.signal }, async () => {
        controller.abort(reason);
      });
      await expect(pool).rejects.toBe(reason);
      const started = runPool([1], { concurrency: 1, signal: controller.signal }, turn);
      await expect(started).rejects.toBe(reason);
    });
  });
});
