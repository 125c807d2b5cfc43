import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createIdleTimer } from "./idle-timer.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("createIdleTimer", () => {
  it("tells once that nothing happened for so long", () => {
    const onIdle = vi.fn<() => void>();
    const timer = createIdleTimer(100);
    timer.start(onIdle);
    vi.advanceTimersByTime(99);
    timer.restart();
    vi.advanceTimersByTime(99);
    expect(onIdle).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it("waits no longer than it was lowered to, however often that is asked", () => {
    const onIdle = vi.fn<() => void>();
    const timer = createIdleTimer(100);
    timer.start(onIdle);
    for (let waited = 0; waited < 20; waited += 4) {
      timer.lower(10);
      vi.advanceTimersByTime(4);
    }
    expect(onIdle).toHaveBeenCalledOnce();
  });
});
