import { describe, expect, it } from "vitest";

import { createStragglerWatch } from "./straggler-watch.js";

/**
 * Transfers that move these many bytes per tick. Returns the names of those that were restarted.
 */
function watch(rates: Readonly<Record<string, number>>, ticks: number): string[] {
  const restarted: string[] = [];
  const stragglers = createStragglerWatch();
  const transfers = Object.entries(rates).map(([name, rate]) => {
    const transfer = stragglers.join(() => restarted.push(name));
    return { rate, transfer };
  });
  for (let tick = 0; tick < ticks; tick++) {
    for (const { rate, transfer } of transfers) transfer.advance(rate);
    stragglers.tick();
  }
  return restarted;
}

describe("createStragglerWatch", () => {
  it("finds the one that is far slower than the others, once", () => {
    expect(watch({ a: 1_000, b: 900, slow: 10, c: 1_100 }, 50)).toEqual(["slow"]);
  });

  it("finds one that stands still among two", () => {
    expect(watch({ a: 1_000, stopped: 0 }, 50)).toEqual(["stopped"]);
  });

  it.each([
    ["equally slow ones", { a: 1, b: 1, c: 1 }],
    ["one that is somewhat slower", { a: 1_000, b: 1_000, c: 200 }],
    ["a single one", { a: 1 }],
  ])("leaves %s alone", (_, rates) => {
    expect(watch(rates, 50)).toEqual([]);
  });

  it("gives a new one time", () => {
    expect(watch({ a: 1_000, b: 1_000, slow: 0 }, 9)).toEqual([]);
  });

  it("compares the last one with those that were done before they could be judged", () => {
    const stragglers = createStragglerWatch();
    let restarts = 0;
    const quick = stragglers.join(() => {});
    const last = stragglers.join(() => (restarts += 1));
    quick.advance(1_000);
    stragglers.tick();
    quick.leave();
    for (let tick = 0; tick < 10; tick++) {
      last.advance(1);
      stragglers.tick();
    }
    expect(restarts).toBe(1);
  });

  it("compares the last one with what was usual", () => {
    const stragglers = createStragglerWatch();
    let restarts = 0;
    const first = ["a", "b"].map(() => stragglers.join(() => {}));
    for (let tick = 0; tick < 10; tick++) {
      for (const transfer of first) transfer.advance(1_000);
      stragglers.tick();
    }
    for (const transfer of first) transfer.leave();
    const last = stragglers.join(() => (restarts += 1));
    for (let tick = 0; tick < 10; tick++) {
      last.advance(1);
      stragglers.tick();
    }
    expect(restarts).toBe(1);
  });
});
