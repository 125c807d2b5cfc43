import { EventEmitter, once } from "node:events";

import { describe, expect, it } from "vitest";

import { createKeyedLock } from "./keyed-lock.js";

function createGate() {
  const events = new EventEmitter();
  return { opened: once(events, "open"), open: () => void events.emit("open") };
}

describe("keyed lock", () => {
  describe("when several ask for one key", () => {
    it("lets one at a time work, in the order of asking", async () => {
      const lock = createKeyedLock();
      const events: string[] = [];
      const work = (name: string) =>
        lock.hold("upload:a", async () => {
          events.push(`${name} begins`);
          await new Promise(setImmediate);
          events.push(`${name} ends`);
          return name;
        });
      expect(await Promise.all([work("1"), work("2"), work("3")])).toEqual(["1", "2", "3"]);
      const order = ["1 begins", "1 ends", "2 begins", "2 ends", "3 begins", "3 ends"];
      expect(events).toEqual(order);
    });

    it("goes on after work that fails", async () => {
      const lock = createKeyedLock();
      const fault = new Error("fault");
      const failing = lock.hold("upload:a", () => Promise.reject(fault));
      const next = lock.hold("upload:a", async () => "next");
      await expect(failing).rejects.toBe(fault);
      expect(await next).toBe("next");
    });

    it("tells whoever works of each that waits, also of those who waited before", async () => {
      const lock = createKeyedLock();
      const told: string[] = [];
      const tell = (name: string) => () => void told.push(name);
      const gate = createGate();
      const first = lock.hold("part:a", () => gate.opened, tell("first"));
      const second = lock.hold("part:a", async () => {}, tell("second"));
      const third = lock.hold("part:a", async () => {}, tell("third"));
      expect(told).toEqual(["first", "first"]);
      gate.open();
      await Promise.all([first, second, third]);
      expect(told).toEqual(["first", "first", "second"]);
    });
  });

  describe("when asked how many there are", () => {
    it("counts who holds the key and who waits", async () => {
      const lock = createKeyedLock();
      const gate = createGate();
      expect(lock.countOf("part:a")).toBe(0);
      const both = [1, 2].map(() => lock.hold("part:a", () => gate.opened));
      expect([lock.countOf("part:a"), lock.countOf("part:b")]).toEqual([2, 0]);
      gate.open();
      await Promise.all(both);
      expect(lock.countOf("part:a")).toBe(0);
    });
  });

  describe("when keys differ", () => {
    it("lets all work at once", async () => {
      const lock = createKeyedLock();
      const gate = createGate();
      const first = lock.hold("digest:a", () => gate.opened);
      expect(await lock.hold("digest:b", async () => "other")).toBe("other");
      gate.open();
      await first;
    });
  });
});
