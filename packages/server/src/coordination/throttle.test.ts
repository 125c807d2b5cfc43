import { EventEmitter, once } from "node:events";

import { describe, expect, it } from "vitest";

import { createThrottle } from "./throttle.js";

function createGate() {
  const events = new EventEmitter();
  return { opened: once(events, "open"), open: () => void events.emit("open") };
}

describe("throttle", () => {
  describe("when several ask for one key", () => {
    it("lets one at a time work, in the order of asking", async () => {
      const throttle = createThrottle();
      const events: string[] = [];
      const work = (name: string) =>
        throttle.hold("part:a", async () => {
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
      const throttle = createThrottle();
      const fault = new Error("fault");
      const failing = throttle.hold("part:a", () => Promise.reject(fault));
      const next = throttle.hold("part:a", async () => "next");
      await expect(failing).rejects.toBe(fault);
      expect(await next).toBe("next");
    });

    it("tells the holder of each that waits, also of those that waited before", async () => {
      const throttle = createThrottle();
      const told: string[] = [];
      const tell = (name: string) => () => void told.push(name);
      const gate = createGate();
      const first = throttle.hold("part:a", () => gate.opened, tell("first"));
      const second = throttle.hold("part:a", async () => {}, tell("second"));
      const third = throttle.hold("part:a", async () => {}, tell("third"));
      expect(told).toEqual(["first", "first"]);
      gate.open();
      await Promise.all([first, second, third]);
      expect(told).toEqual(["first", "first", "second"]);
    });
  });

  describe("when asked how many there are", () => {
    it("counts the holder and those that wait", async () => {
      const throttle = createThrottle();
      const gate = createGate();
      expect(throttle.countOf("part:a")).toBe(0);
      const both = [1, 2].map(() => throttle.hold("part:a", () => gate.opened));
      expect([throttle.countOf("part:a"), throttle.countOf("part:b")]).toEqual([2, 0]);
      gate.open();
      await Promise.all(both);
      expect(throttle.countOf("part:a")).toBe(0);
    });
  });

  describe("when keys differ", () => {
    it("lets all work at once", async () => {
      const throttle = createThrottle();
      const gate = createGate();
      const first = throttle.hold("part:a", () => gate.opened);
      expect(await throttle.hold("part:b", async () => "other")).toBe("other");
      gate.open();
      await first;
    });
  });
});
