import { describe, expect, it } from "vitest";

import { createAdaptiveLimit } from "./adaptive-limit.js";

describe("createAdaptiveLimit", () => {
  it("starts with no more than the maximum", () => {
    expect(createAdaptiveLimit({ start: 4, maximum: 16 }).value).toBe(4);
    expect(createAdaptiveLimit({ start: 4, maximum: 2 }).value).toBe(2);
  });

  it("rises while the throughput rises, up to the maximum, and says so", () => {
    const limit = createAdaptiveLimit({ start: 4, maximum: 7 });
    let raises = 0;
    limit.onRaise = () => (raises += 1);
    for (const bytes of [100, 200, 300, 400]) limit.sample(bytes);
    expect([limit.value, raises]).toEqual([7, 2]);
  });

  it("stays while more would bring nothing", () => {
    const limit = createAdaptiveLimit({ start: 4, maximum: 16 });
    for (const bytes of [100, 102, 99, 101, 0]) limit.sample(bytes);
    expect(limit.value).toBe(6);
  });

  it("is halved once for faults that come together, never below one, and rises again", () => {
    const limit = createAdaptiveLimit({ start: 8, maximum: 16 });
    limit.halve();
    limit.halve();
    expect(limit.value).toBe(4);
    limit.sample(100);
    expect(limit.value).toBe(4);
    limit.sample(100);
    expect(limit.value).toBe(6);
    for (let faults = 0; faults < 5; faults++) {
      limit.halve();
      limit.sample(0);
    }
    expect(limit.value).toBe(1);
  });
});
