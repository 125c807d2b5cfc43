import { errorReply, scriptLibrary } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";

import { LibraryClient, type TransferProgress } from "../index.js";

const IMAGE = new TextEncoder().encode("a small image");

/** A library whose first reply to each request that matches one of these is 503. */
function setUp(...patterns: readonly RegExp[]) {
  const library = scriptLibrary({ redirects: true });
  const left = new Set(patterns);
  for (const pattern of patterns) {
    library.on(pattern, () => (left.delete(pattern) ? errorReply(503) : undefined));
  }
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, retry: { pause: async () => {} } });
  const events: TransferProgress[] = [];
  const progress = (event: TransferProgress) => void events.push(event);
  return { library, client, events, progress };
}

describe("the progress of a push", () => {
  it("counts the requests that are made again, of every kind", async () => {
    const { client, events, progress } = setUp(
      /^GET \/v1\/entities/,
      /^POST \/v1\/images/,
      /^PUT \/uploads/,
      /_complete$/,
    );
    await client.uploadImage(IMAGE, "e/c/n", { arch: "amd64", progress });
    expect(events.at(-1)).toMatchObject({ phase: "transfer", retries: 4, ended: "complete" });
    const counts = events.map(({ retries = 0 }) => retries);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it("says nothing of retries when there are none", async () => {
    const { client, events, progress } = setUp();
    await client.uploadImage(IMAGE, "e/c/n", { arch: "amd64", progress });
    expect(events.every((event) => !("retries" in event))).toBe(true);
  });
});

describe("the progress of a pull", () => {
  it("counts what was asked again before the first byte, and begins with the transfer", async () => {
    const { library, client, events, progress } = setUp(
      /^GET \/v1\/images/,
      /^GET \/v1\/imagefile/,
    );
    library.addImage(IMAGE);
    await client.concurrentDownloadImage({ write: async () => {} }, "e/c/n", { progress });
    expect(events[0]).toEqual({
      phase: "transfer",
      bytesDone: 0,
      bytesTotal: IMAGE.byteLength,
      retries: 2,
    });
    expect(events.at(-1)).toMatchObject({ retries: 2, ended: "complete" });
  });
});
