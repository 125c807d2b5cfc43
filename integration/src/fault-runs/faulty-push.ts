import assert from "node:assert/strict";

import {
  isLibraryError,
  isNotFound,
  type LibraryClientOptions,
  type LibraryErrorCode,
} from "@sifshelf/client";
import { type LineScript, seededRandom, startBadLine } from "@sifshelf/testing";

import { type Outcome, WHOLE } from "./fault-case.js";
import { type FaultBench, hastyClient, sha256Of } from "./fault-bench.js";

/** A push over a connection with a fault. */
export interface FaultyPush {
  readonly bench: FaultBench;
  /** The bytes to push; no other push may have the same ones, or nothing would be sent. */
  readonly bytes: Uint8Array;
  readonly seed: number;
  /** The fault; `random` follows from the seed. */
  readonly script: (random: () => number) => LineScript;
  /** Codes that the push may fail with; if empty, it must succeed. */
  readonly mayFailWith: readonly LibraryErrorCode[];
  readonly mustFail?: boolean;
  readonly message?: RegExp;
  readonly client?: LibraryClientOptions;
}

const TAGS = ["1.0", "latest"];
let pushes = 0;

/**
 * Pushes over the faulty connection and, if that failed, again without the fault. Then checks the
 * library directly.
 *
 * @throws if the push reported success but the library lacks the image or its tags; if a tag names
 * another image at any time; and in the cases of `pullOverBadLine`.
 */
export async function pushOverBadLine(push: FaultyPush): Promise<Outcome> {
  const { bench, bytes, seed, script } = push;
  const line = await startBadLine(bench.library.url, seed);
  pushes += 1;
  const pushed: Pushed = { path: `admin/pushes/p${pushes}`, sha256: sha256Of(bytes), bench };
  try {
    line.script(script(seededRandom(seed)));
    const client = hastyClient(line.url, bench, push.client);
    const attempt = () => client.uploadImage(bytes, pushed.path, { arch: "amd64", tags: TAGS });
    const error = await attempt().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(line.faults > 0, "no request met the fault");
    if (error === undefined) {
      assert.ok(push.mustFail !== true, "succeeded though it could not");
      await assertPushed(pushed);
      return WHOLE;
    }
    const outcome = await refusal(push, pushed, error);
    line.script(undefined);
    await attempt().catch((cause: unknown) => {
      const text = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`failed again over a sound connection: ${text}`, { cause });
    });
    await assertPushed(pushed);
    return outcome;
  } finally {
    await line.close();
  }
}

interface Pushed {
  readonly path: string;
  readonly sha256: string;
  readonly bench: FaultBench;
}

async function refusal(push: FaultyPush, pushed: Pushed, error: unknown): Promise<Outcome> {
  if (!isLibraryError(error)) throw new Error("failed without a typed error", { cause: error });
  const { code, message } = error;
  if (!push.mayFailWith.includes(code)) throw new Error(`failed with ${code}: ${message}`);
  if (push.message !== undefined) assert.match(message, push.message);
  // Even now, an existing tag names the whole image.
  for (const tag of TAGS) await assertTag(pushed, tag, "absent");
  return { kind: "refused", code };
}

async function assertPushed(pushed: Pushed): Promise<void> {
  for (const tag of TAGS) await assertTag(pushed, tag, "there");
  const { path, sha256, bench } = pushed;
  const stream = await bench.direct.downloadImage(path, { arch: "amd64", tag: "1.0" });
  const stored = new Uint8Array(await new Response(stream).arrayBuffer());
  assert.equal(sha256Of(stored), sha256, "WRONG IMAGE");
}

async function assertTag(pushed: Pushed, tag: string, state: "there" | "absent"): Promise<void> {
  const { path, sha256, bench } = pushed;
  const image = await bench.direct.getImage(`${path}:${tag}`, { arch: "amd64" }).catch((error) => {
    if (state === "absent" && isNotFound(error)) return undefined;
    throw new Error(`the tag ${tag} is missing`, { cause: error });
  });
  if (image === undefined) return;
  assert.equal(image.hash, `sha256.${sha256}`, `WRONG IMAGE under the tag ${tag}`);
  assert.equal(image.uploaded, true, `the tag ${tag} names an image without bytes`);
}
