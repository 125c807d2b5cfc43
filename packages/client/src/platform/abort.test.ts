import { getEventListeners } from "node:events";

import { describe, expect, it } from "vitest";

import { abortError, linkedAbort, onAbort, untilAborted } from "./abort.js";

describe("untilAborted", () => {
  describe("when the signal aborts", () => {
    it("rejects with its reason and discards what arrives later", async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const discarded: string[] = [];
      let resolve = (_: string) => {};
      const promise = new Promise<string>((settle) => {
        resolve = settle;
      });
      const result = untilAborted(promise, controller.signal, (value) => discarded.push(value));
      controller.abort(reason);
      resolve("late");
      await expect(result).rejects.toBe(reason);
      expect(discarded).toEqual(["late"]);
    });

    it("settles whichever turn of the event loop it aborts in", async () => {
      for (let turns = 0; turns < 6; turns++) {
        const controller = new AbortController();
        const reason = new Error("stop");
        const result = untilAborted(Promise.resolve("value"), controller.signal);
        const outcome = result.catch((error: unknown) => error);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        controller.abort(reason);
        expect(["value", reason]).toContain(await outcome);
      }
    });

    it("rejects at once if it has aborted before", async () => {
      const reason = new Error("stop");
      const never = new Promise(() => {});
      await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });

  describe("when the promise settles first", () => {
    it("settles as it does", async () => {
      const { signal } = new AbortController();
      await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
      const failure = new Error("failed");
      await expect(untilAborted(Promise.reject(failure), signal)).rejects.toBe(failure);
    });
  });
});

describe("onAbort", () => {
  it("calls the listener once the signal aborts", () => {
    const controller = new AbortController();
    let calls = 0;
    onAbort(controller.signal, () => (calls += 1));
    expect(calls).toBe(0);
    controller.abort();
    expect(calls).toBe(1);
  });

  it("calls the listener at once for a signal that has aborted", () => {
    let calls = 0;
    onAbort(AbortSignal.abort(), () => (calls += 1));
    expect(calls).toBe(1);
  });

  it("calls nothing once its listener is removed, and leaves nothing behind", () => {
    const controller = new AbortController();
    let calls = 0;
    onAbort(controller.signal, () => (calls += 1))();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    controller.abort();
    expect(calls).toBe(0);
  });
});

describe("linkedAbort", () => {
  it.each([
    ["later", (parent: AbortController) => linkedAbort(parent.signal)],
    [
      "before",
      (parent: AbortController) => {
        parent.abort("why");
        return linkedAbort(parent.signal);
      },
    ],
  ])("takes over the reason of a parent that aborts %s", (_, link) => {
    const parent = new AbortController();
    const { signal } = link(parent);
    parent.abort("why");
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe("why");
  });

  it("aborts alone, and keeps its first reason", () => {
    const parent = new AbortController();
    const { signal, abort } = linkedAbort(parent.signal);
    abort("own");
    parent.abort("later");
    expect(signal.reason).toBe("own");
    const second = new AbortController();
    linkedAbort(second.signal).abort();
    expect(second.signal.aborted).toBe(false);
  });

  it("leaves nothing behind on the parent once it is unlinked", () => {
    const parent = new AbortController();
    const { signal, unlink } = linkedAbort(parent.signal);
    expect(getEventListeners(parent.signal, "abort")).toHaveLength(1);
    unlink();
    expect(getEventListeners(parent.signal, "abort")).toEqual([]);
    parent.abort();
    expect(signal.aborted).toBe(false);
  });

  it("needs no parent", () => {
    const { signal, abort, unlink } = linkedAbort(undefined);
    unlink();
    abort("own");
    expect(signal.reason).toBe("own");
  });
});

describe("abortError", () => {
  it("is the reason if that is an error, else has it as its cause", () => {
    const reason = new Error("why");
    expect(abortError(AbortSignal.abort(reason))).toBe(reason);
    expect(abortError(AbortSignal.abort("why"))).toMatchObject({
      message: "aborted",
      cause: "why",
    });
  });
});
