import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createBufferPool } from "./buffer-pool.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("createBufferPool", () => {
  it("lends what was given back to whoever wants the same size, and to one only", () => {
    const pool = createBufferPool(100);
    const buffer = pool.take(10);
    expect(buffer).toHaveLength(10);
    pool.giveBack(buffer);
    expect(pool.take(20)).not.toBe(buffer);
    expect(pool.take(10)).toBe(buffer);
    expect(pool.take(10)).not.toBe(buffer);
  });

  it("forgets the others rather than keep more than it may", () => {
    const pool = createBufferPool(25);
    const buffers = [pool.take(10), pool.take(10), pool.take(10)];
    for (const buffer of buffers) pool.giveBack(buffer);
    expect(pool.take(10)).toBe(buffers[2]);
    expect(buffers).not.toContain(pool.take(10));
  });

  it("forgets all once nobody wanted any for a while", () => {
    const pool = createBufferPool(100);
    const buffer = pool.take(10);
    pool.giveBack(buffer);
    vi.advanceTimersByTime(9_000);
    pool.giveBack(pool.take(10));
    vi.advanceTimersByTime(9_000);
    expect(pool.take(10)).toBe(buffer);
    pool.giveBack(buffer);
    vi.advanceTimersByTime(11_000);
    expect(pool.take(10)).not.toBe(buffer);
  });
});
