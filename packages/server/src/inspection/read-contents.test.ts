import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { MAX_JSON_BYTES, SifContentsSchema, decode, parseJson } from "@sifshelf/protocol";
import { type ByteSource, memoryByteSource } from "@sifshelf/sif";
import { buildSif, type SifObjectSpec } from "@sifshelf/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  MAX_DEFFILE_LENGTH,
  MAX_DOCUMENT_BYTES,
  MAX_LABELS,
  MAX_LABELS_LENGTH,
  MAX_OBJECTS,
  MAX_RUNSCRIPT_LENGTH,
} from "./limits.js";
import { readContents } from "./read-contents.js";

const DEFFILE = 0x4001;
const LABELS = 0x4003;
const JSON_DOCUMENT = 0x4006;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (bytes: Uint8Array) => readContents(memoryByteSource(bytes));
const readObjects = (...objects: SifObjectSpec[]) => read(buildSif({ objects }));
const metadata = (data: Uint8Array): SifObjectSpec => ({
  dataType: JSON_DOCUMENT,
  name: "inspect-metadata.json",
  data,
});
const attributes = (value: object): SifObjectSpec =>
  metadata(bytesOf(JSON.stringify({ data: { attributes: value }, type: "container" })));
const codes = ({ problems }: { problems: readonly { code: string }[] }) =>
  problems.map(({ code }) => code);

describe("readContents", () => {
  describe("when an image was built by Singularity", () => {
    it("returns labels, definition file, run script and objects", async () => {
      const deffile = "Bootstrap: docker\nFrom: alpine\n";
      const labels = { "org.label-schema.schema-version": "1.0", Maintainer: "someone" };
      const runscript = "#!/bin/sh\necho hello\n";
      const bytes = buildSif({ deffile, labels, runscript, signed: true });
      expect(await read(bytes)).toEqual({
        labels,
        deffile,
        runscript,
        objects: [
          { id: 1, type: "Def.FILE", name: "", size: deffile.length, group: 1 },
          {
            id: 2,
            type: "JSON.Generic",
            name: "inspect-metadata.json",
            size: expect.any(Number),
            group: 1,
          },
          { id: 3, type: "FS", name: "", size: 4096, group: 1 },
          { id: 4, type: "Signature", name: "", size: 33, link: { kind: "group", id: 1 } },
        ],
        objectCount: 4,
        problems: [],
      });
    });

    it("returns the same of an encrypted one, whose documents are not encrypted", async () => {
      const plain = await read(buildSif());
      expect(await read(buildSif({ encrypted: true }))).toEqual(plain);
    });

    it("returns the labels of old images, which have an object for them", async () => {
      const contents = await readObjects({ dataType: LABELS, data: bytesOf('{"a":"b"}') });
      expect(contents).toMatchObject({ labels: { a: "b" }, objectCount: 1, problems: [] });
      expect(contents).not.toHaveProperty("deffile");
      expect(contents).not.toHaveProperty("runscript");
    });
  });

  describe("when an image has no documents", () => {
    it("returns its objects alone", async () => {
      expect(await readObjects()).toEqual({
        labels: {},
        objects: [],
        objectCount: 0,
        problems: [],
      });
    });
  });

  describe("when the file is no SIF image", () => {
    it.each([
      ["nothing", new Uint8Array()],
      ["a text", bytesOf("#!/bin/sh\n".repeat(100))],
      ["an image that is cut off", buildSif().subarray(0, 5000)],
    ])("returns that, for %s", async (_, bytes) => {
      expect(await read(bytes)).toEqual({
        labels: {},
        objects: [],
        objectCount: 0,
        problems: [{ code: "not-a-sif" }],
      });
    });
  });

  describe("when documents are malformed", () => {
    it.each([
      ["not JSON", "{"],
      ["cut off", '{"data":{"attributes":{"labels":{"a":"b'],
      ["too deep to be closed", "[".repeat(MAX_DOCUMENT_BYTES)],
      ["binary", "\u0000\u0001\u00ff"],
    ])("returns the others and reports metadata that is %s", async (_, text) => {
      const deffile = { dataType: DEFFILE, data: bytesOf("recipe") };
      const contents = await readObjects(deffile, metadata(bytesOf(text)));
      expect(contents).toMatchObject({ deffile: "recipe", labels: {} });
      expect(contents.problems).toEqual([{ code: "document-malformed", object: 2 }]);
    });

    it.each([
      "[1]",
      "null",
      '{"data":5}',
      '{"data":{"attributes":[]}}',
      '{"data":{"attributes":{"labels":["a"],"runscript":{},"deffile":7}}}',
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    ])("returns nothing of metadata that is JSON of another shape: %.40s", async (text) => {
      expect(await readObjects(metadata(bytesOf(text)))).toMatchObject({
        labels: {},
        objectCount: 1,
        problems: [],
      });
    });

    it("returns labels that are texts, and no others", async () => {
      const labels = { text: "a", number: 1, list: ["a"], none: null };
      expect(await readObjects(attributes({ labels }))).toMatchObject({ labels: { text: "a" } });
    });

    it("returns what is not UTF-8 with replacement characters", async () => {
      const contents = await readObjects({
        dataType: DEFFILE,
        data: new Uint8Array([0x66, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      });
      expect(contents.deffile).toMatch(/^f\ufffd\ufffd\(\ufffd+$/);
    });

    it("returns control characters as they are", async () => {
      const text = "\u001b[2J\u0000\u0007\u202e\r\n";
      const contents = await readObjects(
        { dataType: DEFFILE, data: bytesOf(text) },
        attributes({ labels: { [text]: text }, runscript: text }),
      );
      expect(contents).toMatchObject({ deffile: text, runscript: text, labels: { [text]: text } });
    });

    it("returns labels named as what every object has", async () => {
      const text = '{"data":{"attributes":{"labels":{"__proto__":"x","constructor":"y"}}}}';
      const { labels } = await readObjects(metadata(bytesOf(text)));
      expect(Object.entries(labels)).toEqual([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]);
    });
  });

  describe("when there is more than is kept", () => {
    it("reads no document over the limit", async () => {
      const reads: number[] = [];
      const bytes = buildSif({
        objects: [
          { dataType: DEFFILE, data: new Uint8Array(MAX_DOCUMENT_BYTES + 1) },
          metadata(new Uint8Array(10 * MAX_DOCUMENT_BYTES)),
        ],
      });
      const source: ByteSource = {
        size: bytes.length,
        async read(offset, length) {
          reads.push(length);
          return bytes.subarray(offset, offset + length);
        },
      };
      expect((await readContents(source)).problems).toEqual([
        { code: "document-too-large", object: 1 },
        { code: "document-too-large", object: 2 },
      ]);
      expect(Math.max(...reads)).toBeLessThan(MAX_DOCUMENT_BYTES);
    });

    it("leaves out a definition file and a run script that are too long", async () => {
      const fits = {
        deffile: "d".repeat(MAX_DEFFILE_LENGTH),
        runscript: "r".repeat(MAX_RUNSCRIPT_LENGTH),
      };
      expect(await readObjects(attributes(fits))).toMatchObject({ ...fits, problems: [] });
      const tooLong = await readObjects(
        attributes({ deffile: `${fits.deffile}d`, runscript: `${fits.runscript}r` }),
      );
      expect(codes(tooLong)).toEqual(["deffile-too-large", "runscript-too-large"]);
      expect(tooLong).not.toHaveProperty("deffile");
      expect(tooLong).not.toHaveProperty("runscript");
    });

    it("keeps the first of 10 000 labels", async () => {
      const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, "v"]));
      const contents = await readObjects(attributes({ labels }));
      expect(Object.keys(contents.labels)).toHaveLength(MAX_LABELS);
      expect(codes(contents)).toEqual(["labels-cut"]);
    });

    it("lists the first objects and counts them all", async () => {
      const count = MAX_OBJECTS + 1;
      const object = { dataType: 0x4007, data: new Uint8Array(1) };
      const objects = Array.from({ length: count }, () => object);
      const contents = await read(buildSif({ objects, capacity: count }));
      expect(contents.objects).toHaveLength(MAX_OBJECTS);
      expect(contents).toMatchObject({ objectCount: count, problems: [{ code: "objects-cut" }] });
    });

    it("keeps less than a client reads of a reply, whatever the characters", async () => {
      const control = (length: number) => "\u0001".repeat(length);
      const filler = {
        dataType: 0x4007,
        name: control(128),
        link: 0xf000_0001,
        data: bytesOf("x"),
      };
      const labels = { a: control(MAX_LABELS_LENGTH - 1) };
      const contents = await read(
        buildSif({
          objects: [
            { dataType: DEFFILE, data: bytesOf(control(MAX_DEFFILE_LENGTH)) },
            attributes({ runscript: control(8192), labels: { a: control(40_000) } }),
            ...Array.from({ length: MAX_OBJECTS }, () => filler),
          ],
          capacity: MAX_OBJECTS + 2,
        }),
      );
      // JSON in the image is escaped already, so it reaches the limit on documents first.
      const largest = { ...contents, labels, runscript: control(MAX_RUNSCRIPT_LENGTH) };
      const reply = JSON.stringify({ data: { image: "", hash: "", ...largest } });
      expect(codes(contents)).toEqual(["objects-cut"]);
      expect(reply.length).toBeGreaterThan(MAX_JSON_BYTES / 2);
      expect(Buffer.byteLength(reply)).toBeLessThan(MAX_JSON_BYTES - 1024);
      expect(decode(SifContentsSchema, parseJson(JSON.stringify(contents), "x"), "x")).toEqual(
        contents,
      );
    });
  });

  describe("when the source fails or reading is aborted", () => {
    it("rejects with that", async () => {
      const fault = new Error("gone");
      const source = { size: 1000, read: () => Promise.reject(fault) };
      await expect(readContents(source)).rejects.toBe(fault);
      const signal = AbortSignal.abort(fault);
      await expect(readContents(memoryByteSource(buildSif()), { signal })).rejects.toBe(fault);
    });
  });

  describe("when bytes of an image are changed at random", () => {
    it("returns contents that can be stored and sent", async () => {
      const image = buildSif({ signed: true });
      const change = fc.record({
        at: fc.oneof(
          fc.nat(127),
          fc.integer({ min: 4096, max: 4096 + 4 * 585 }),
          fc.nat(image.length - 1),
        ),
        value: fc.nat(255),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
          const bytes = image.slice();
          for (const { at, value } of changes) bytes[at] = value;
          const contents = await read(bytes);
          const text = JSON.stringify(contents);
          expect(decode(SifContentsSchema, JSON.parse(text), "contents")).toEqual(contents);
        }),
        { numRuns: 300 },
      );
    });
  });
});

const CORPUS = fileURLToPath(new URL("../../../../../shared/corpus/", import.meta.url));
const samples = existsSync(CORPUS)
  ? ["reference", "derived"].flatMap((folder) =>
      readdirSync(join(CORPUS, folder))
        .filter((name) => name.endsWith(".sif"))
        .map((name) => ({ folder, name })),
    )
  : [];

describe("readContents of sample images", () => {
  it.skipIf(samples.length === 0)(
    "finds them beside the repository (SKIPPED when ../shared/corpus is absent)",
    () => {
      expect(samples.length).toBeGreaterThan(50);
    },
  );

  it.each(samples)("returns the contents of $folder/$name", async ({ folder, name }) => {
    const expected: Record<string, { load?: string; facts?: object; types?: string[] }> =
      JSON.parse(readFileSync(join(CORPUS, folder, "expected.json"), "utf8"));
    const known = expected[name.slice(0, -".sif".length)]!;
    const facts: { types?: string[] } = known.facts ?? known;
    const contents = await read(readFileSync(join(CORPUS, folder, name)));
    const types = contents.objects.map(({ type }) => type);
    if (known.load === "reject") expect(codes(contents)).toEqual(["not-a-sif"]);
    else expect(types).toEqual(facts.types);
  });
});
