import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { lostReply, type LineFault, onRequest, resetAfter, times } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type FaultBench, openFaultBench } from "./fault-runs/fault-bench.js";
import { pushOverBadLine } from "./fault-runs/faulty-push.js";
import {
  isCompletion,
  isCreation,
  isTagging,
  isUpload,
  isUploadStart,
} from "./fault-runs/requests.js";
import { partedBytes, singleBytes } from "./fault-runs/upload-fixtures.js";

let bench: FaultBench;
beforeAll(async () => {
  bench = await openFaultBench();
});
afterAll(() => bench.close());

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(bench.library.folder, folder), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const inOnePiece: readonly (readonly [string, typeof isUpload, LineFault])[] = [
  ["a creation is lost", isCreation, lostReply],
  ["the start of the upload is lost", isUploadStart, lostReply],
  ["the bytes break off", isUpload, onRequest(resetAfter(600_000))],
  ["the reply to the bytes is lost", isUpload, lostReply],
  ["the reply to the completion is lost", isCompletion, lostReply],
  ["the reply to the tags is lost", isTagging, lostReply],
];

describe("a push that had to retry", () => {
  it.each([
    ...inOnePiece.map(([name, filter, fault]) => [name, singleBytes, filter, fault] as const),
    ["the reply to a part is lost", partedBytes, isUpload, lostReply] as const,
  ])(
    "leaves the bytes once in the library, and nothing else: %s",
    async (_, bytes, filter, fault) => {
      const before = await filesIn("blobs");
      await pushOverBadLine({
        bench,
        bytes: bytes(),
        seed: 1,
        script: () => times({ count: 1 }, filter, fault),
        mayFailWith: [],
        client: { timeoutMs: 20_000, completionTimeoutMs: 60_000 },
      });
      expect(await filesIn("blobs")).toHaveLength(before.length + 1);
      expect(await filesIn("uploads")).toEqual([]);
    },
  );
});
