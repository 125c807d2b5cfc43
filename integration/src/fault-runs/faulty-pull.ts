import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { isLibraryError, type LibraryClientOptions, type LibraryErrorCode } from "@sifshelf/client";
import { pullToFile, type PullToFileOptions } from "@sifshelf/client/node";
import { type BadLine, type LineScript, seededRandom, startBadLine } from "@sifshelf/testing";

import { type Outcome, WHOLE } from "./fault-case.js";
import {
  type BenchImage,
  type FaultBench,
  hastyClient,
  inNewFolder,
  sha256Of,
} from "./fault-bench.js";

/** A pull over a connection with a fault. */
export interface FaultyPull {
  readonly bench: FaultBench;
  readonly image: BenchImage;
  readonly seed: number;
  /** The fault; `random` follows from the seed. */
  readonly script: (random: () => number) => LineScript;
  /** Codes that the pull may fail with; if empty, it must succeed. */
  readonly mayFailWith: readonly LibraryErrorCode[];
  /** It has to fail. */
  readonly mustFail?: boolean;
  /** Text that the error must contain, so that users learn the cause. */
  readonly message?: RegExp;
  readonly options?: PullToFileOptions;
  readonly client?: LibraryClientOptions;
}

const FILE = "image.sif";

/**
 * Pulls over the faulty connection and, if that failed, again over the same proxy without the
 * fault.
 *
 * @throws if there is a wrong file at any time, an unexpected error, a failure of the second pull,
 * or if no request met the fault.
 */
export async function pullOverBadLine(pull: FaultyPull): Promise<Outcome> {
  const { bench, image, seed, script } = pull;
  const line = await startBadLine(bench.library.url, seed);
  try {
    line.script(script(seededRandom(seed)));
    return await inNewFolder(async (folder) => {
      const client = hastyClient(line.url, bench, pull.client);
      const target = { ref: image.ref, path: join(folder, FILE) };
      const attempt = () => pullToFile(client, target, { arch: "amd64", ...pull.options });
      const error = await attempt().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(line.faults > 0, "no request met the fault");
      if (error === undefined) {
        assert.ok(pull.mustFail !== true, "succeeded though it could not");
        await assertPulled(folder, image);
        return WHOLE;
      }
      const outcome = await refusal(pull, folder, error);
      await heal(line, attempt);
      await assertPulled(folder, image);
      return outcome;
    });
  } finally {
    await line.close();
  }
}

async function refusal(pull: FaultyPull, folder: string, error: unknown): Promise<Outcome> {
  const names = await readdir(folder);
  assert.ok(!names.includes(FILE), "failed, and there is a file under the final name");
  if (!isLibraryError(error)) throw new Error("failed without a typed error", { cause: error });
  const { code, message } = error;
  if (!pull.mayFailWith.includes(code)) throw new Error(`failed with ${code}: ${message}`);
  if (pull.message !== undefined) assert.match(message, pull.message);
  return { kind: "refused", code };
}

async function heal(line: BadLine, attempt: () => Promise<unknown>): Promise<void> {
  line.script(undefined);
  await attempt().catch((cause: unknown) => {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`failed again over a sound connection: ${text}`, { cause });
  });
}

async function assertPulled(folder: string, image: BenchImage): Promise<void> {
  assert.equal(sha256Of(await readFile(join(folder, FILE))), image.sha256, "WRONG FILE");
  assert.deepEqual(await readdir(folder), [FILE], "something was left beside the file");
}
