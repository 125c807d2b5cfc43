import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LibraryClient, LibraryError } from "@sifshelf/client";
import { openFileSource } from "@sifshelf/client/node";
import {
  AbortMultipartUploadRequestSchema,
  ArchImageTagSchema,
  ArchTagMapSchema,
  ArchTagsResponseSchema,
  BaseModelSchema,
  CollectionResponseSchema,
  CollectionSchema,
  CompletedPartSchema,
  CompleteMultipartUploadRequestSchema,
  CompleteMultipartUploadResponseSchema,
  ContainerResponseSchema,
  ContainerSchema,
  decode,
  EntityResponseSchema,
  EntitySchema,
  ImageResponseSchema,
  ImageSchema,
  ImageTagSchema,
  MultipartUploadSchema,
  MultipartUploadStartRequestSchema,
  MultipartUploadStartResponseSchema,
  QuotaResponseSchema,
  SearchResponseSchema,
  SearchResultsSchema,
  TagMapSchema,
  TagsResponseSchema,
  UploadImageCompleteRequestSchema,
  UploadImageCompleteResponseSchema,
  UploadImageCompleteSchema,
  UploadImagePartRequestSchema,
  UploadImagePartResponseSchema,
  UploadImagePartSchema,
  UploadImageRequestSchema,
  UploadImageResponseSchema,
  UploadImageSchema,
  VersionInfoSchema,
} from "@sifshelf/protocol";
import { buildSif, writeSifFile } from "@sifshelf/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestLibrary, startTestLibrary } from "./test-library.js";

type Schema = Parameters<typeof decode>[0];

interface Exchange {
  readonly call: string;
  readonly sent: unknown;
  readonly got: unknown;
}

/** All JSON that crossed the wire between our client and a running server. */
const exchanges: Exchange[] = [];

/** Fields that our servers and clients add to those of the Go package. */
const EXTENSIONS = new Set(["reason", "requestID", "features", "inspection"]);

let site: TestLibrary;
let folder: string;

const textOf = (body: unknown) => (typeof body === "string" ? JSON.parse(body) : undefined);

async function recordingFetch(input: string | URL, init?: RequestInit): Promise<Response> {
  const reply = await fetch(input, init);
  const call = `${init?.method ?? "GET"} ${new URL(input).pathname}`;
  const isJson = reply.headers.get("content-type")?.startsWith("application/json") === true;
  const got = isJson ? await reply.clone().json() : undefined;
  exchanges.push({ call, sent: textOf(init?.body), got });
  return reply;
}

beforeAll(async () => {
  site = await startTestLibrary();
  folder = await mkdtemp(join(tmpdir(), "sifshelf-wire-"));
  const options = { baseUrl: site.url, authToken: site.adminToken, fetch: recordingFetch };
  const client = new LibraryClient(options);
  const push = { arch: "amd64", tags: ["latest"] } as const;
  const { image } = await client.uploadImage(buildSif({ seed: 8 }), "wire/a/b", push);
  const path = join(folder, "large.sif");
  await writeSifFile(path, { seed: 9, payloadBytes: 65 * 2 ** 20 });
  const source = await openFileSource(path);
  await client.uploadImage(source, "wire/a/b", push);
  // If the source changes during the push, the client aborts the upload.
  let reads = 0;
  const failing = {
    size: source.size,
    read: (offset: number, length: number) =>
      ++reads > 100
        ? Promise.reject(new LibraryError("source-changed", "it did"))
        : source.read(offset, length),
  };
  await client.uploadImage(failing, "wire/a/failing", push).catch(() => {});
  await source.close();
  const container = await client.getContainer("wire/a/b");
  await client.getCollection("wire/a");
  await client.getEntity("wire");
  await client.getArchTags(container.id);
  await client.setArchTags(container.id, { arch: "amd64", imageId: image.id, tags: ["v1"] });
  await client.setTags(container.id, { imageId: image.id, tags: ["v2"] });
  await client.getTags(container.id);
  await client.getImage("wire/a/b:v1", { arch: "amd64" });
  await client.search({ value: "wire" });
  await client.getVersion();
}, 120_000);
afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

const ID = "[0-9a-f]{24}";
const data = (of: RegExp) => (exchange: Exchange) =>
  of.test(exchange.call) ? Reflect.get(Object(exchange.got), "data") : undefined;
const got = (of: RegExp) => (exchange: Exchange) =>
  of.test(exchange.call) ? exchange.got : undefined;
const sent = (of: RegExp) => (exchange: Exchange) =>
  of.test(exchange.call) ? exchange.sent : undefined;
const within = (pick: (exchange: Exchange) => unknown, key: string) => (exchange: Exchange) =>
  Reflect.get(Object(pick(exchange)), key);

const ENTITY = /^GET \/v1\/entities/;
const COLLECTION = /^GET \/v1\/collections/;
const CONTAINER = /^GET \/v1\/containers/;
const IMAGE = /^GET \/v1\/images/;
const ARCH_TAGS = new RegExp(`^GET /v2/tags/${ID}$`);
const TAGS = new RegExp(`^GET /v1/tags/${ID}$`);
const START = new RegExp(`^POST /v2/imagefile/${ID}$`);
const COMPLETE = new RegExp(`^PUT /v2/imagefile/${ID}/_complete$`);
const MULTIPART = new RegExp(`^POST /v2/imagefile/${ID}/_multipart$`);
const PART = new RegExp(`^PUT /v2/imagefile/${ID}/_multipart$`);
const PARTS_COMPLETE = new RegExp(`^PUT /v2/imagefile/${ID}/_multipart_complete$`);
const ABORT = new RegExp(`^PUT /v2/imagefile/${ID}/_multipart_abort$`);
const first = (list: unknown) => (Array.isArray(list) ? list[0] : undefined);

const documents: readonly [string, Schema, (exchange: Exchange) => unknown][] = [
  ["EntityResponse", EntityResponseSchema, got(ENTITY)],
  ["Entity", EntitySchema, data(ENTITY)],
  ["CollectionResponse", CollectionResponseSchema, got(COLLECTION)],
  ["Collection", CollectionSchema, data(COLLECTION)],
  ["ContainerResponse", ContainerResponseSchema, got(CONTAINER)],
  ["Container", ContainerSchema, data(CONTAINER)],
  ["ImageResponse", ImageResponseSchema, got(IMAGE)],
  ["Image", ImageSchema, data(IMAGE)],
  ["TagsResponse", TagsResponseSchema, got(TAGS)],
  ["TagMap", TagMapSchema, data(TAGS)],
  ["ArchTagsResponse", ArchTagsResponseSchema, got(ARCH_TAGS)],
  ["ArchTagMap", ArchTagMapSchema, data(ARCH_TAGS)],
  ["ImageTag", ImageTagSchema, sent(new RegExp(`^POST /v1/tags/${ID}$`))],
  ["SearchResponse", SearchResponseSchema, got(/search/)],
  ["SearchResults", SearchResultsSchema, data(/search/)],
  ["VersionInfo", VersionInfoSchema, data(/version/)],
  ["UploadImageRequest", UploadImageRequestSchema, sent(START)],
  ["UploadImageResponse", UploadImageResponseSchema, got(START)],
  ["UploadImage", UploadImageSchema, data(START)],
  ["UploadImageCompleteRequest", UploadImageCompleteRequestSchema, sent(COMPLETE)],
  ["UploadImageCompleteResponse", UploadImageCompleteResponseSchema, got(COMPLETE)],
  ["UploadImageComplete", UploadImageCompleteSchema, data(COMPLETE)],
  ["QuotaResponse", QuotaResponseSchema, within(data(COMPLETE), "quota")],
  ["MultipartUploadStartRequest", MultipartUploadStartRequestSchema, sent(MULTIPART)],
  ["MultipartUploadStartResponse", MultipartUploadStartResponseSchema, got(MULTIPART)],
  ["MultipartUpload", MultipartUploadSchema, data(MULTIPART)],
  ["UploadImagePartRequest", UploadImagePartRequestSchema, sent(PART)],
  ["UploadImagePartResponse", UploadImagePartResponseSchema, got(PART)],
  ["UploadImagePart", UploadImagePartSchema, data(PART)],
  ["CompleteMultipartUploadRequest", CompleteMultipartUploadRequestSchema, sent(PARTS_COMPLETE)],
  [
    "CompletedPart",
    CompletedPartSchema,
    (exchange) => first(within(sent(PARTS_COMPLETE), "completedParts")(exchange)),
  ],
  ["CompleteMultipartUploadResponse", CompleteMultipartUploadResponseSchema, got(PARTS_COMPLETE)],
  ["AbortMultipartUploadRequest", AbortMultipartUploadRequestSchema, sent(ABORT)],
];

/** Names of fields of `value` that the schema does not have, at any depth that it describes. */
function unknownFields(schema: Schema, value: unknown): string[] {
  const known: unknown = Reflect.get(schema, "properties");
  if (typeof value !== "object" || value === null || typeof known !== "object" || known === null)
    return [];
  return Object.entries(value).flatMap(([key, field]) => {
    const fieldSchema: unknown = Reflect.get(known, key);
    if (typeof fieldSchema !== "object" || fieldSchema === null)
      return EXTENSIONS.has(key) ? [] : [key];
    return unknownFields(fieldSchema, field);
  });
}

describe("JSON between the client and a running server", () => {
  it.each(documents)("is %s in every field", (name, schema, pick) => {
    const values = exchanges.map(pick).filter((value) => value !== undefined);
    const good = values.filter((value) => !("error" in Object(value)));
    expect(good.length).toBeGreaterThan(0);
    for (const value of good) {
      expect(() => decode(schema, value, name)).not.toThrow();
      expect(unknownFields(schema, value)).toEqual([]);
    }
  });

  it("has arch tags with Go's capitals, in every request that sets them", () => {
    const set = exchanges.flatMap(({ call, sent: body }) =>
      /^(?:PUT|POST) \/v2\/tags/.test(call) ? (Reflect.get(Object(body), "tags") ?? [body]) : [],
    );
    expect(set.length).toBeGreaterThan(0);
    for (const tag of set) {
      expect(Object.keys(tag).toSorted()).toEqual(["Arch", "ImageID", "Tag"]);
      expect(decode(ArchImageTagSchema, tag, "ArchImageTag")).toEqual(tag);
    }
  });

  it("has the fields of BaseModel in every record", () => {
    const records = [ENTITY, COLLECTION, CONTAINER, IMAGE].flatMap((of) =>
      exchanges.map(data(of)).filter((value) => value !== undefined),
    );
    for (const value of records) {
      expect(decode(BaseModelSchema, value, "BaseModel")).toMatchObject({
        deleted: false,
        createdBy: expect.any(String),
        createdAt: expect.stringMatching(/^20.*Z$/),
      });
    }
  });
});
