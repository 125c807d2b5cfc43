import { BlobSchema } from "@sifshelf/protocol";
import { describe, expect, expectTypeOf, it } from "vitest";

import {
  type ArchTagMap,
  type BaseModel,
  type Blob as BlobModel,
  type ByteSink,
  type ByteSource,
  type Collection,
  type ConcurrentDownloadOptions,
  type Container,
  DEFAULT_CONFIG,
  type Entity,
  getId,
  type Image,
  isLibraryError,
  LIBRARY_MODELS,
  LibraryClient,
  type LibraryClientOptions,
  type LibraryError,
  type ModelManager,
  OPTION_S3_COMPLIANT,
  parseLibraryRef,
  RefError,
  type SearchResults,
  type TagMap,
  type UploadedImage,
} from "./index.js";
import type { FileSource, PulledFile, pullToFile } from "./node/index.js";

describe("the public types", () => {
  it("are what the methods take and return", () => {
    expectTypeOf<LibraryClient["getImage"]>().returns.resolves.toEqualTypeOf<Image>();
    expectTypeOf<LibraryClient["getEntity"]>().returns.resolves.toEqualTypeOf<Entity>();
    expectTypeOf<LibraryClient["getCollection"]>().returns.resolves.toEqualTypeOf<Collection>();
    expectTypeOf<LibraryClient["getContainer"]>().returns.resolves.toEqualTypeOf<Container>();
    expectTypeOf<LibraryClient["getTags"]>().returns.resolves.toEqualTypeOf<TagMap>();
    expectTypeOf<LibraryClient["getArchTags"]>().returns.resolves.toEqualTypeOf<ArchTagMap>();
    expectTypeOf<LibraryClient["search"]>().returns.resolves.toEqualTypeOf<SearchResults>();
    expectTypeOf<LibraryClient["searchPages"]>().returns.toExtend<AsyncIterable<SearchResults>>();
    expectTypeOf<LibraryClient["uploadImage"]>().returns.resolves.toEqualTypeOf<UploadedImage>();
    expectTypeOf<LibraryClient["downloadImage"]>().returns.resolves.toEqualTypeOf<
      ReadableStream<Uint8Array>
    >();
    expectTypeOf<typeof pullToFile>().returns.resolves.toEqualTypeOf<PulledFile>();
  });

  it("require what cannot be left out, and take undefined for what can", () => {
    expectTypeOf<LibraryClient["deleteImage"]>().parameter(1).toHaveProperty("arch");
    // @ts-expect-error -- the arch of an image to delete is required
    expectTypeOf<{ signal: AbortSignal }>().toExtend<Parameters<LibraryClient["deleteImage"]>[1]>();
    // @ts-expect-error -- the arch of an image to push is required
    expectTypeOf<{ tags: string[] }>().toExtend<Parameters<LibraryClient["uploadImage"]>[2]>();
    expectTypeOf<{
      signal: undefined;
      arch: undefined;
      concurrency: 4;
      partSizeBytes: 5;
    }>().toExtend<ConcurrentDownloadOptions>();
    expectTypeOf<{ authToken: undefined; fetch: typeof fetch }>().toExtend<LibraryClientOptions>();
    expectTypeOf<{ bufferSize: number }>().toExtend<ConcurrentDownloadOptions>();
  });

  it("let platforms and other packages provide bytes", () => {
    expectTypeOf<FileSource>().toExtend<ByteSource>();
    const sink = { write: async (_: number, __: Uint8Array) => {} };
    expectTypeOf(sink).toExtend<ByteSink>();
    type Source = Parameters<LibraryClient["uploadImage"]>[0];
    expectTypeOf<Blob | File | Uint8Array | ArrayBuffer>().toExtend<Source>();
    expectTypeOf<string>().not.toExtend<Source>();
  });

  it("narrow unknown errors", () => {
    const error: unknown = new Error("other");
    if (isLibraryError(error)) expectTypeOf(error).toEqualTypeOf<LibraryError>();
    expectTypeOf<"not-found" | "integrity" | "network">().toExtend<LibraryError["code"]>();
    expectTypeOf<"no-such-code">().not.toExtend<LibraryError["code"]>();
  });

  it("give every model an id and stamps", () => {
    expectTypeOf<Entity | Collection | Container | Image | BlobModel>().toExtend<BaseModel>();
    expectTypeOf<Entity | Collection | Container | Image | BlobModel>().toExtend<ModelManager>();
    expect(getId({ id: "a1" })).toBe("a1");
    expect(BlobSchema).toBeTypeOf("object");
  });
});

describe("the public constants", () => {
  it("have Go's values", () => {
    expect(LIBRARY_MODELS).toEqual(["Entity", "Collection", "Container", "Image", "Blob"]);
    expectTypeOf(LIBRARY_MODELS).toExtend<readonly string[]>();
    expect(OPTION_S3_COMPLIANT).toBe("s3compliant");
    expect(Object.isFrozen(DEFAULT_CONFIG)).toBe(true);
    expect(new LibraryClient(DEFAULT_CONFIG).baseUrl).toBe("https://library.sylabs.io/");
  });
});

describe("RefError", () => {
  it.each([
    ["docker:a/b/c", "ref-scheme-not-valid"],
    ["library://user:pass@host/a/b/c", "ref-user-not-permitted"],
    ["library:///a/b/c?x=1", "ref-query-not-permitted"],
    ["library:///a/b/c#x", "ref-fragment-not-permitted"],
    ["library:///", "ref-path-not-valid"],
    ["library:///a/b/c:", "ref-tags-not-valid"],
  ])("says why %s is no ref: %s", (raw, code) => {
    const outcome = () => parseLibraryRef(raw);
    expect(outcome).toThrow(RefError);
    expect(outcome).toThrow(expect.objectContaining({ code }));
  });
});
