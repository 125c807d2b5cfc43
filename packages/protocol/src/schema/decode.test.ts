import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ContainerResponseSchema } from "../models/container.js";
import { decode, parseJson } from "./decode.js";
import { EntitySchema } from "../models/entity.js";
import { ImageResponseSchema, ImageSchema } from "../models/image.js";
import { GO_ZERO_TIME } from "./fields.js";
import { MAX_TAGS_PER_REQUEST } from "../limits.js";
import { SearchResponseSchema } from "../models/search.js";
import { ArchImageTagSchema, ArchTagsResponseSchema, SetTagsRequestSchema } from "../models/tag.js";
import {
  MultipartUploadStartResponseSchema,
  UploadImageCompleteResponseSchema,
} from "../models/upload.js";
import { type WireError, isWireError } from "./wire-error.js";
import { integerSchema, objectSchema } from "./schema.js";

function faultOf(decoding: () => unknown): WireError {
  try {
    decoding();
  } catch (error) {
    if (isWireError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("decode", () => {
  describe("when a list has more items than it may", () => {
    it("rejects it after looking at one item too many", () => {
      let seen = 0;
      const item = {
        get Tag() {
          seen += 1;
          return "latest";
        },
      };
      const tags = Array.from({ length: 100_000 }, () => item);
      const fault = faultOf(() => decode(SetTagsRequestSchema, { tags }, "tags to set"));
      expect(fault.path).toBe("tags");
      expect(seen).toBe(MAX_TAGS_PER_REQUEST + 1);
    });
  });

  describe("when fields are absent or null", () => {
    it("gives every field of a model its default", () => {
      expect(decode(EntitySchema, {}, "entity")).toEqual({
        deleted: false,
        createdBy: "",
        createdAt: GO_ZERO_TIME,
        id: "",
        name: "",
        description: "",
        collections: [],
        size: 0,
        quota: 0,
        defaultPrivate: false,
        customData: "",
      });
    });

    it("takes null like absent", () => {
      const image = decode(
        ImageSchema,
        { id: "a", signed: null, arch: null, tags: null, size: null },
        "image",
      );
      expect(image).toMatchObject({ id: "a", size: 0 });
      expect(image).not.toHaveProperty("signed");
      expect(image).not.toHaveProperty("tags");
    });

    it("takes a new container's null tags for none", () => {
      expect(decode(ArchTagsResponseSchema, { data: null }, "tags")).toEqual({ data: {} });
      expect(decode(ArchTagsResponseSchema, {}, "tags")).toEqual({ data: {} });
    });

    it("gives a completion without quota an unlimited one", () => {
      const { data } = decode(UploadImageCompleteResponseSchema, { data: {} }, "completion");
      expect(data).toEqual({ quota: { quotaTotal: 0, quotaUsage: 0 }, containerUrl: "" });
    });

    it("rejects an envelope without data", () => {
      const fault = faultOf(() => decode(ImageResponseSchema, { message: "hello" }, "image"));
      expect(fault).toMatchObject({ code: "wire-format", what: "image" });
    });

    it("never shares a default between two results", () => {
      decode(EntitySchema, {}, "entity").collections.push("changed");
      expect(decode(EntitySchema, {}, "entity").collections).toEqual([]);
    });
  });

  describe("when names differ in case", () => {
    it("matches them as Go does", () => {
      const tag = { arch: "amd64", tag: "latest", imageID: "1" };
      expect(decode(ArchImageTagSchema, tag, "tag")).toEqual({
        Arch: "amd64",
        Tag: "latest",
        ImageID: "1",
      });
    });

    it("prefers the exact name", () => {
      expect(decode(ArchImageTagSchema, { tag: "b", Tag: "a", TAG: "c" }, "tag").Tag).toBe("a");
    });
  });

  describe("when it is what Go clients send", () => {
    it("reads a whole zero-valued model", () => {
      const dump = `{"deleted":false,"createdBy":"","createdAt":"0001-01-01T00:00:00Z","updatedAt":"0001-01-01T00:00:00Z",
        "deletedAt":"0001-01-01T00:00:00Z","id":"","name":"n","description":"No description","fullDescription":"","collection":"c",
        "images":null,"imageTags":null,"archTags":null,"size":0,"downloadCount":0,"stars":0,"private":false,"readOnly":false,"customData":""}`;
      const { data } = decode(ContainerResponseSchema, { data: JSON.parse(dump) }, "container");
      expect(data).toMatchObject({
        name: "n",
        collection: "c",
        images: [],
        imageTags: {},
        archTags: {},
      });
    });

    it("reads null lists of a search", () => {
      const { data } = decode(
        SearchResponseSchema,
        { data: { entity: null, image: null } },
        "search",
      );
      expect(data).toEqual({ entity: [], collection: [], container: [], image: [] });
    });
  });

  describe("when a value is of the wrong type or out of range", () => {
    const cases: readonly (readonly [string, unknown, string])[] = [
      ["a numeric id", { id: 7 }, "id"],
      ["a size as text", { size: "10" }, "size"],
      ["a negative size", { size: -1 }, "size"],
      ["a fractional size", { size: 1.5 }, "size"],
      ["a size of 2^53", JSON.parse('{"size":9007199254740992}'), "size"],
      ["a size beyond every number", JSON.parse('{"size":1e999}'), "size"],
      ["a flag as text", { uploaded: "true" }, "uploaded"],
      ["a time as a number", { createdAt: 0 }, "createdAt"],
      ["an empty time", { createdAt: "" }, "createdAt"],
      ["a time of another format", { updatedAt: "Mon, 01 Jan 2024" }, "updatedAt"],
      ["a list as an object", { fingerprints: {} }, "fingerprints"],
      ["a wrong item of a list", { tags: ["a", 1] }, "tags.1"],
    ];
    for (const [what, value, path] of cases) {
      it(`rejects ${what}, naming the field`, () => {
        expect(faultOf(() => decode(ImageSchema, value, "image"))).toMatchObject({
          code: "wire-format",
          path,
        });
      });
    }

    it.each([null, 1, "x", [], true])("rejects %j in a model's place", (value) => {
      expect(faultOf(() => decode(ImageResponseSchema, { data: value }, "image")).code).toBe(
        "wire-format",
      );
    });

    it("takes the largest safe size", () => {
      expect(decode(ImageSchema, { size: Number.MAX_SAFE_INTEGER }, "image").size).toBe(
        Number.MAX_SAFE_INTEGER,
      );
    });

    it("rejects options that are not texts", () => {
      const value = {
        data: { uploadID: "u", totalParts: 1, partSize: 1, options: { s3compliant: true } },
      };
      expect(faultOf(() => decode(MultipartUploadStartResponseSchema, value, "upload")).code).toBe(
        "wire-format",
      );
    });
  });

  it("keeps a key named __proto__ as data, not as a prototype", () => {
    const value = JSON.parse('{"data":{"__proto__":{"latest":"1"}}}');
    const { data } = decode(ArchTagsResponseSchema, value, "tags");
    expect(Object.keys(data)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  it("drops fields that the schema does not know", () => {
    expect(decode(objectSchema({ a: integerSchema() }), { a: 1, b: 2 }, "x")).toEqual({ a: 1 });
  });

  it("returns a model or throws a WireError for every value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          decode(ImageResponseSchema, value, "image");
        } catch (error) {
          expect(isWireError(error)).toBe(true);
        }
      }),
    );
  });
});

describe("parseJson", () => {
  it("parses what JSON.parse parses", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(parseJson(text, "x")).toEqual(JSON.parse(text));
      }),
    );
  });

  it("rejects what nests too deep before parsing it", () => {
    const deep = "[".repeat(100_000);
    expect(faultOf(() => parseJson(deep, "x")).code).toBe("wire-format");
  });

  it("counts no brackets inside strings", () => {
    const text = JSON.stringify({ a: `${"[".repeat(1000)}"\\` });
    expect(parseJson(text, "x")).toEqual(JSON.parse(text));
  });

  it("rejects what is too long", () => {
    expect(faultOf(() => parseJson("[1,2,3]", "x", 3)).code).toBe("wire-format");
  });

  it.each(["", "{", "{a:1}", "[1,]", "\u{feff}{}", "nul"])("rejects %j", (text) => {
    expect(faultOf(() => parseJson(text, "x")).code).toBe("wire-format");
  });
});
