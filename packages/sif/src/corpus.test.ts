import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { blobByteSource, memoryByteSource } from "./bytes/byte-source.js";
import { sifFacts } from "./format/facts.js";
import { isSifFormatError } from "./format/format-error.js";
import { openFileByteSource } from "./node/file-byte-source.js";
import { readSif } from "./format/read-sif.js";
import {
  CORPUS,
  corpusBytes,
  corpusCases,
  type DerivedCase,
  hasCorpus,
  type ReferenceCase,
} from "../testing/corpus.js";

describe("sample images", () => {
  it.skipIf(!hasCorpus)(
    "are beside the repository (SKIPPED when ../shared/corpus is absent)",
    () => {
      expect(corpusCases("derived").length + corpusCases("reference").length).toBeGreaterThan(50);
    },
  );
});

describe.skipIf(!hasCorpus)("readSif and sifFacts", () => {
  const derived = corpusCases<DerivedCase>("derived");

  it.each(derived.filter(([, { load }]) => load === "ok"))(
    "returns the facts of %s",
    async (name, { facts }) => {
      const bytes = corpusBytes("derived", `${name}.sif`);
      const image = await readSif(memoryByteSource(bytes));
      expect(sifFacts(image)).toMatchObject(facts);
      const blobImage = await readSif(blobByteSource(new Blob([bytes.slice()])));
      expect(sifFacts(blobImage)).toEqual(sifFacts(image));
    },
  );

  it.each(derived.filter(([, { load }]) => load === "reject"))("rejects %s", async (name) => {
    const source = await openFileByteSource(join(CORPUS, "derived", `${name}.sif`));
    try {
      const error: unknown = await readSif(source).catch((caught: unknown) => caught);
      expect(isSifFormatError(error)).toBe(true);
    } finally {
      await source.close();
    }
  });

  it.each(corpusCases<ReferenceCase>("reference"))(
    "returns the facts of the reference's %s",
    async (name, expected) => {
      const source = await openFileByteSource(join(CORPUS, "reference", `${name}.sif`));
      try {
        const facts = sifFacts(await readSif(source));
        const claimed = expected.fps.filter((fingerprint) => !/^0+$/.test(fingerprint));
        const { arch, deterministic, encrypted, groups, objects, oci } = expected;
        const { primary, signed, types, uuid } = expected;
        expect(facts).toMatchObject({
          arch,
          deterministic,
          encrypted,
          groups,
          objects,
          oci,
          primary,
          signed,
          types,
          uuid,
          fingerprints: claimed,
          launchScript: expected.launch,
        });
      } finally {
        await source.close();
      }
    },
  );
});
