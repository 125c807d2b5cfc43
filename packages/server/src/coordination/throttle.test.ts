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
        throttle.hold("header", async () => {
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
      const failing = throttle.hold("header", () => Promise.reject(fault));
      const next = throttle.hold("header", async () => "next");
      await expect(failing).rejects.toBe(fault);
      expect(await next).toBe("next");
    });
  });

  describe("when asked how many there are", () => {
    it("counts the holder and those that wait", async () => {
      const throttle = createThrottle();
      const gate = createGate();
      expect(throttle.countOf("header")).toBe(0);
      const both = [1, 2].map(() => throttle.hold("header", () => gate.opened));
      expect([throttle.countOf("header"), throttle.countOf("inspection")]).toEqual([2, 0]);
      gate.open();
      await Promise.all(both);
      expect(throttle.countOf("header")).toBe(0);
    });
  });

  describe("when keys differ", () => {
    it("lets all work at once", async () => {
      const throttle = createThrottle();
      const gate = createGate();
      const first = throttle.hold("header", () => gate.opened);
      expect(await throttle.hold("inspection", async () => "other")).toBe("other");
      gate.open();
      await first;
    });
  });
});
