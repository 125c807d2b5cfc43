import { describe, expect, it } from "vitest";

import { createTurns } from "./turns.js";

/** Lets all that can go on go on. */
const settle = () => new Promise(setImmediate);

describe("createTurns", () => {
  it("gives a key to one holder at a time, in the order of asking", async () => {
    const turns = createTurns();
    const order: number[] = [];
    const holders = [1, 2, 3].map(async (number) => {
      const release = await turns.take("a");
      order.push(number);
      await settle();
      order.push(-number);
      release();
    });
    await Promise.all(holders);
    expect(order).toEqual([1, -1, 2, -2, 3, -3]);
  });

  it("gives other keys at once, and a released key again", async () => {
    const turns = createTurns();
    const release = await turns.take("a");
    (await turns.take("b"))();
    release();
    (await turns.take("a"))();
  });

  it("tells each holder of everyone who waits behind it", async () => {
    const turns = createTurns();
    const told: string[] = [];
    const release = await turns.take("a", () => told.push("first"));
    const second = turns.take("a", () => told.push("second"));
    const third = turns.take("a", () => told.push("third"));
    await settle();
    expect(told).toEqual(["first", "first"]);
    release();
    (await second)();
    (await third)();
    expect(told).toEqual(["first", "first", "second"]);
  });
});
