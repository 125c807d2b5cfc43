import { describe, expect, it } from "vitest";

import { LIBRARY_MODELS, getCreated, getDeleted, getId, getUpdated } from "./base-model.js";
import { CollectionSchema } from "./collection.js";
import { ContainerSchema, tagList } from "./container.js";
import { decode } from "../schema/decode.js";
import { EntitySchema } from "./entity.js";
import { libraryUri } from "./library-uri.js";

const container = decode(
  ContainerSchema,
  {
    id: "1",
    name: "n",
    entityName: "e",
    collectionName: "c",
    createdBy: "ann",
    createdAt: "2024-05-06T07:08:09.123456789+02:00",
    updatedAt: "0001-01-01T00:00:00Z",
    imageTags: { latest: "1" },
    archTags: { amd64: { latest: "1", v2: "1" }, arm64: { v1: "2" } },
  },
  "container",
);

describe("models", () => {
  it("give their stamps, without times that never were", () => {
    expect(getCreated(container)).toEqual({ by: "ann", at: "2024-05-06T07:08:09.123456789+02:00" });
    expect(getUpdated(container)).toEqual({ by: "", at: undefined });
    expect(getDeleted(container)).toEqual({ by: "", at: undefined });
    expect(getId(container)).toBe("1");
  });

  it("have library URIs at each level", () => {
    expect(libraryUri(container)).toBe("library://e/c/n");
    expect(libraryUri(decode(CollectionSchema, { name: "c", entityName: "e" }, "x"))).toBe(
      "library://e/c",
    );
    expect(libraryUri(decode(EntitySchema, { name: "e" }, "x"))).toBe("library://e");
  });

  it("list the tags of a container, each once", () => {
    expect(tagList(container)).toBe("latest,v1,v2");
  });

  it("are named in the order of the Go package", () => {
    expect(LIBRARY_MODELS).toEqual(["Entity", "Collection", "Container", "Image", "Blob"]);
  });
});
