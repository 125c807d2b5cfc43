import { describe, expect, it } from "vitest";

import { decode } from "../schema/decode.js";
import { ImageSchema } from "./image.js";
import { InspectionSchema, SifContentsSchema } from "./inspection.js";

describe("SifContentsSchema", () => {
  describe("when everything is absent", () => {
    it("reads as contents of nothing", () => {
      expect(decode(SifContentsSchema, {}, "contents")).toEqual({
        labels: {},
        objects: [],
        objectCount: 0,
        problems: [],
      });
    });
  });

  describe("when labels have the names of what every object has", () => {
    it("keeps them as labels", () => {
      const json: unknown = JSON.parse('{"labels":{"__proto__":"a","constructor":"b"}}');
      const { labels } = decode(SifContentsSchema, json, "contents");
      expect(Object.entries(labels)).toEqual([
        ["__proto__", "a"],
        ["constructor", "b"],
      ]);
    });
  });

  describe("when an object is in no group and linked to nothing", () => {
    it("leaves both out", () => {
      const { objects } = decode(SifContentsSchema, { objects: [{ id: 1 }] }, "contents");
      expect(objects).toEqual([{ id: 1, type: "", name: "", size: 0 }]);
    });
  });

  it.each([
    { labels: { a: 1 } },
    { deffile: 7 },
    { objects: [{ id: "1" }] },
    { objects: [{ size: -1 }] },
    { problems: [{ code: 3 }] },
  ])("rejects %j", (json) => {
    expect(() => decode(SifContentsSchema, json, "contents")).toThrow(
      expect.objectContaining({ code: "wire-format" }),
    );
  });
});

describe("InspectionSchema", () => {
  it("adds the image that it is about", () => {
    const json = { image: "1", hash: "sha256.ab", deffile: "Bootstrap: docker\n" };
    expect(decode(InspectionSchema, json, "inspection")).toMatchObject({ ...json, labels: {} });
  });
});

describe("ImageSchema", () => {
  it("leaves labels and UUID out where a library does not know them", () => {
    expect(Object.keys(decode(ImageSchema, { labels: null }, "image"))).not.toContain("labels");
    const known = { labels: { a: "b" }, uuid: "0b9a2ef4-8d5e-4a7f-9d65-0c2f1b3a4d5e" };
    expect(decode(ImageSchema, known, "image")).toMatchObject(known);
  });
});
