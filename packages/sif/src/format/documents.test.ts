import { buildSif } from "@sifshelf/testing";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../bytes/byte-source.js";
import { readSifDocuments } from "./documents.js";
import { readSif } from "./read-sif.js";

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const NAME = "inspect-metadata.json";

const documentsOf = async (bytes: Uint8Array, maxBytes?: number) =>
  readSifDocuments(
    await readSif(memoryByteSource(bytes)),
    maxBytes === undefined ? {} : { maxBytes },
  );

describe("readSifDocuments", () => {
  it("returns definition file, labels and run script as Singularity stores them", async () => {
    const bytes = buildSif({
      deffile: "Bootstrap: docker\n",
      labels: { version: "1" },
      runscript: "#!/bin/sh\n",
    });
    expect(await documentsOf(bytes)).toMatchObject({
      deffile: "Bootstrap: docker\n",
      labels: { version: "1" },
      runscript: "#!/bin/sh\n",
      helpfile: null,
      problems: [],
    });
  });

  it("returns the attributes of apps and the OCI config", async () => {
    const apps = { tool: { labels: { a: "b" }, runscript: "run", test: 7 } };
    const objects = [
      { dataType: 0x4006, name: NAME, data: json({ data: { attributes: { apps } } }) },
      { dataType: 0x4006, name: "oci-config.json", data: json({ os: "linux" }) },
    ];
    const documents = await documentsOf(buildSif({ objects }));
    expect(documents.apps["tool"]).toMatchObject({
      labels: { a: "b" },
      runscript: "run",
      test: null,
    });
    expect(documents.ociConfig).toEqual({ os: "linux" });
    expect(documents.deffile).toBeNull();
  });

  it("returns the labels of images that keep them in their own object", async () => {
    const objects = [{ dataType: 0x4003, data: json({ maintainer: "someone" }) }];
    expect((await documentsOf(buildSif({ objects }))).labels).toEqual({ maintainer: "someone" });
  });

  it("returns nothing for an image without documents", async () => {
    expect(await documentsOf(buildSif({ objects: [] }))).toMatchObject({
      deffile: null,
      labels: {},
      apps: {},
      ociConfig: null,
      problems: [],
    });
  });

  it("keeps labels named like parts of an object's prototype as ordinary labels", async () => {
    const data = new TextEncoder().encode(
      '{"data":{"attributes":{"labels":{"__proto__":"x","constructor":"y","n":1}}}}',
    );
    const { labels } = await documentsOf(
      buildSif({ objects: [{ dataType: 0x4006, name: NAME, data }] }),
    );
    expect(Object.entries(labels)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
  });

  it.each(["[1]", "null", "{", '{"data":5}', "[".repeat(100_000)])(
    "returns the other documents when the metadata is %.20j",
    async (text) => {
      const objects = [
        { dataType: 0x4001, data: new TextEncoder().encode("recipe") },
        { dataType: 0x4006, name: NAME, data: new TextEncoder().encode(text) },
      ];
      expect(await documentsOf(buildSif({ objects }))).toMatchObject({
        deffile: "recipe",
        labels: {},
      });
    },
  );

  it("reports documents that are too large or malformed", async () => {
    const objects = [
      { dataType: 0x4001, data: new Uint8Array(101) },
      { dataType: 0x4006, name: NAME, data: new TextEncoder().encode("{") },
    ];
    expect((await documentsOf(buildSif({ objects }), 100)).problems).toEqual([
      { objectId: 1, code: "document-too-large" },
      { objectId: 2, code: "document-malformed" },
    ]);
  });
});
