import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { applyEdits, randomEdits, seededRandom } from "./sif-edits.js";
import { buildGoSif, GO_SKIPPED, type GoSif, HAS_GO } from "./sif-tools.js";

const SEED = 1;
const IMAGES = 400;
const REFUSALS = [
  "capacity-exhausted",
  "not-a-partition",
  "not-a-system-partition",
  "object-not-found",
  "primary-exists",
  "unknown-arch",
];

describe.skipIf(!HAS_GO)(`edits as the reference implementation makes them${GO_SKIPPED}`, () => {
  let folder: string;
  let go: GoSif;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sifshelf-sif-edits-"));
    go = buildGoSif(folder);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it(`give the same bytes for ${IMAGES} images, created and changed at random`, async () => {
    const random = seededRandom(SEED);
    const images = Array.from({ length: IMAGES }, (_, index) => ({
      image: join(folder, `${index}.sif`),
      operations: randomEdits(random),
    }));
    const results = go.ask(images.map((request) => ({ do: "apply", ...request })));
    const outcomes = new Map<string, number>();
    for (const [index, { image, operations }] of images.entries()) {
      const { store, errors } = await applyEdits(operations);
      const { errors: errorsOfGo = [] } = results[index] ?? {};
      const failures = { image: index, failed: errors.map((error) => error !== "") };
      for (const error of errors) outcomes.set(error, (outcomes.get(error) ?? 0) + 1);
      expect(failures).toEqual({
        image: index,
        failed: errorsOfGo.slice(0, errors.length).map((error) => error !== ""),
      });
      if (errors[0] !== "") continue;
      const difference = firstDifference(readFileSync(image), store.bytes());
      expect({ image: index, difference, operations }).toMatchObject({ difference: null });
    }
    // Most edits must succeed and every kind of refusal must occur, or the comparison means little.
    expect(outcomes.get("")).toBeGreaterThan(3 * IMAGES);
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(REFUSALS));
  });
});

/** Returns where two files differ, and their sizes; `null` if they are equal. */
function firstDifference(theirs: Uint8Array, ours: Uint8Array): object | null {
  if (Buffer.compare(theirs, ours) === 0) return null;
  const at = theirs.findIndex((byte, index) => byte !== ours[index]);
  return { at, theirs: theirs.length, ours: ours.length };
}
