import { setImmediate } from "node:timers/promises";

import { beforeEach, describe, expect, it } from "vitest";

import { type ReaderQueue, createReaderQueue } from "./reader-queue.js";

describe("createReaderQueue", () => {
  let queue: ReaderQueue;
  let finish: (() => void)[];

  beforeEach(() => {
    queue = createReaderQueue();
    finish = [];
  });

  const work = (name: string) => () =>
    new Promise<string>((resolve) => {
      finish.push(() => resolve(name));
    });
  const enter = (name: string, isAbandoned = () => false) => queue.run(work(name), isAbandoned);
  const settle = async () => {
    for (let turns = 0; turns < 3; turns++) await setImmediate();
  };
  const fill = (count: number) => Array.from({ length: count }, (_, n) => enter(`read ${n}`));

  describe("when there are few reads", () => {
    it("runs two at a time, in the order of asking, and returns their results", async () => {
      const reads = fill(3);
      await settle();
      expect(finish).toHaveLength(2);
      finish[1]?.();
      await settle();
      expect(finish).toHaveLength(3);
      for (const each of finish) each();

      expect(await Promise.all(reads)).toEqual(["read 0", "read 1", "read 2"]);
    });

    it("goes on when one fails", async () => {
      const failing = queue.run(
        () => Promise.reject(new Error("no")),
        () => false,
      );
      await expect(failing).rejects.toThrow("no");
      const reads = fill(2);
      await settle();
      for (const each of finish) each();

      expect(await Promise.all(reads)).toHaveLength(2);
    });
  });

  describe("when 32 wait", () => {
    it("rejects the next with rate-limited, until one has had its turn", async () => {
      const reads = fill(34);
      await expect(enter("too many")).rejects.toMatchObject({ code: "rate-limited" });
      await settle();
      finish[0]?.();
      await reads[0];
      const late = enter("late");
      for (let done = 1; done < 35; done++) {
        await settle();
        finish[done]?.();
      }

      expect(await Promise.all([...reads, late])).toHaveLength(35);
    });

    it("drops those that were abandoned before it rejects another", async () => {
      let hasLeft = false;
      const reads = [...fill(33), enter("abandoned", () => hasLeft)];
      hasLeft = true;
      const late = enter("late");
      await expect(reads.pop()).rejects.toMatchObject({ code: "bad-request" });
      for (let done = 0; done < 34; done++) {
        await settle();
        finish[done]?.();
      }

      expect(await late).toBe("late");
      expect(await Promise.all(reads)).toHaveLength(33);
    });
  });

  describe("when it is closed", () => {
    it("rejects those that wait and those that come, and lets the others end", async () => {
      const reads = fill(3);
      await settle();
      queue.close();
      await expect(reads.pop()).rejects.toMatchObject({ code: "unavailable" });
      await expect(enter("late")).rejects.toMatchObject({ code: "unavailable" });
      for (const each of finish) each();

      expect(await Promise.all(reads)).toEqual(["read 0", "read 1"]);
    });
  });
});
