import { describe, expect, it } from "vitest";

import {
  LibraryError,
  type LibraryErrorCode,
  type LibraryErrorDetails,
} from "../errors/library-error.js";
import { DEFAULT_RETRY, REFILL_BYTES, type RetryPolicy, withRetries } from "./retry.js";

function failure(code: LibraryErrorCode, details: LibraryErrorDetails = {}): LibraryError {
  return new LibraryError(code, "it failed", details);
}

/** A policy with its own clock: pauses take no time and are recorded. */
function setUp(policy: Partial<RetryPolicy> = {}) {
  const pauses: number[] = [];
  const retry: RetryPolicy = {
    ...DEFAULT_RETRY,
    random: () => 1,
    pause: async (delayMs, signal) => {
      pauses.push(delayMs);
      signal?.throwIfAborted();
    },
    ...policy,
  };
  return { pauses, context: { retry, logger: {} } };
}

describe("withRetries", () => {
  describe("when the fault may pass", () => {
    it("tries again, with pauses that double up to the longest", async () => {
      const { context, pauses } = setUp({ maxAttempts: 8 });
      let tries = 0;
      const attempt = async () => {
        tries += 1;
        throw failure("network");
      };
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({
        code: "network",
      });
      expect(tries).toBe(8);
      expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000]);
    });

    it("draws the pause at random below its limit", async () => {
      const draws = [0, 0.5, 0.25];
      const { context, pauses } = setUp({ maxAttempts: 4, random: () => draws.shift() ?? 1 });
      const attempt = () => Promise.reject(failure("timeout"));
      await expect(withRetries(context, undefined, attempt)).rejects.toBeInstanceOf(LibraryError);
      expect(pauses).toEqual([0, 250, 250]);
    });

    it("returns what a later try gives, and numbers the tries", async () => {
      const { context } = setUp();
      const result = await withRetries(context, undefined, async ({ number }) => {
        if (number < 3) throw failure("unavailable", { status: 503 });
        return number;
      });
      expect(result).toBe(3);
    });

    it("tells the listener of each fault that is followed by a try", async () => {
      const { context } = setUp({ maxAttempts: 3 });
      const told: unknown[] = [];
      const attempt = () => Promise.reject(failure("network"));
      const watched = { ...context, onRetry: (error: unknown) => told.push(error) };
      await expect(withRetries(watched, undefined, attempt)).rejects.toBeInstanceOf(LibraryError);
      expect(told).toHaveLength(2);
    });
  });

  describe("when the library names a pause", () => {
    it("waits at least so long", async () => {
      const { context, pauses } = setUp({ maxAttempts: 2 });
      const attempt = () => Promise.reject(failure("rate-limited", { retryAfterMs: 300_000 }));
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({
        code: "rate-limited",
      });
      expect(pauses).toEqual([300_250]);
    });

    it("gives up when it is too long", async () => {
      const { context, pauses } = setUp();
      const attempt = () => Promise.reject(failure("unavailable", { retryAfterMs: 300_001 }));
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({
        code: "unavailable",
      });
      expect(pauses).toEqual([]);
    });
  });

  describe("when the work progresses", () => {
    it("has all its tries again after each further MiB", async () => {
      const { context } = setUp({ maxAttempts: 2 });
      const result = await withRetries(context, undefined, async ({ number, reached }) => {
        reached(number * REFILL_BYTES);
        if (number < 20) throw failure("network");
        return number;
      });
      expect(result).toBe(20);
    });

    it("has none back for ground that was covered before", async () => {
      const { context } = setUp({ maxAttempts: 3 });
      let tries = 0;
      const attempt = async ({ reached }: { reached: (bytes: number) => void }) => {
        tries += 1;
        reached(5 * REFILL_BYTES);
        throw failure("network");
      };
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({
        code: "network",
      });
      expect(tries).toBe(3);
    });
  });

  describe("when the fault cannot pass", () => {
    it.each<[number, LibraryErrorCode]>([
      [400, "bad-request"],
      [401, "unauthorized"],
      [403, "forbidden"],
      [404, "not-found"],
      [409, "conflict"],
      [413, "too-large"],
      [422, "digest-mismatch"],
      [501, "internal"],
      [505, "internal"],
      [507, "storage-full"],
    ])("rejects at once after %i", async (status, code) => {
      const { context, pauses } = setUp();
      const attempt = () => Promise.reject(failure(code, { status }));
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({ status });
      expect(pauses).toEqual([]);
    });

    it.each<[number, LibraryErrorCode]>([
      [408, "request-timeout"],
      [425, "unexpected-status"],
      [429, "rate-limited"],
      [500, "internal"],
      [502, "internal"],
      [503, "unavailable"],
      [504, "internal"],
    ])("but tries again after %i", async (status, code) => {
      const { context, pauses } = setUp({ maxAttempts: 2 });
      const attempt = () => Promise.reject(failure(code, { status }));
      await expect(withRetries(context, undefined, attempt)).rejects.toMatchObject({ status });
      expect(pauses).toEqual([250]);
    });

    it("rejects with an error of another kind as it is", async () => {
      const { context, pauses } = setUp();
      const error = new TypeError("a defect");
      await expect(withRetries(context, undefined, () => Promise.reject(error))).rejects.toBe(
        error,
      );
      expect(pauses).toEqual([]);
    });
  });

  describe("when the signal aborts", () => {
    it("rejects with its reason instead of trying again", async () => {
      const { context, pauses } = setUp();
      const controller = new AbortController();
      const reason = new Error("enough");
      const attempt = async () => {
        controller.abort(reason);
        throw failure("network");
      };
      await expect(withRetries(context, controller.signal, attempt)).rejects.toBe(reason);
      expect(pauses).toEqual([]);
    });

    it("rejects with its reason during a pause, without waiting for its end", async () => {
      const { context } = setUp({
        pause: DEFAULT_RETRY.pause,
        baseDelayMs: 2 ** 30,
        maxDelayMs: 2 ** 30,
      });
      const controller = new AbortController();
      const reason = new Error("enough");
      const logger = { info: () => queueMicrotask(() => controller.abort(reason)) };
      const attempt = () => Promise.reject(failure("network"));
      await expect(withRetries({ ...context, logger }, controller.signal, attempt)).rejects.toBe(
        reason,
      );
    });
  });
});
