import { buildSif } from "@sifshelf/testing";
import Database from "better-sqlite3";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { issueToken } from "../../accounts/issue-token.js";
import { buildApp } from "../../build-app.js";
import type { ImageRecord, UploadRecord } from "../../catalog/records.js";
import { findUserById } from "../../catalog/users.js";
import { createLogger } from "../../logger.js";
import { createTestLibrary, sha256Of, type TestLibrary } from "./fixtures.contract.js";

const SIF = buildSif({ payloadBytes: 40_000 });
const PART_BYTES = 20_000;

let site: TestLibrary;
let app: FastifyInstance;
let image: ImageRecord;
let upload: UploadRecord;
let token: string;
let queries: string[];

/** Notes every query that SQLite runs. Beginning and ending a transaction is none. */
function watchQueries(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its database below
  const { prepare } = Database.prototype;
  vi.spyOn(Database.prototype, "prepare").mockImplementation(function (
    this: Database.Database,
    text,
  ) {
    const statement = prepare.call(this, text);
    for (const run of ["all", "get", "run", "iterate"] as const) {
      const original = Reflect.get(statement, run);
      Reflect.set(statement, run, (...values: unknown[]) => {
        if (/^(?:select|insert|update|delete|with) /i.test(text)) queries.push(text);
        return Reflect.apply(original, statement, values);
      });
    }
    return statement;
  });
}

beforeEach(async () => {
  queries = [];
  watchQueries();
  site = await createTestLibrary();
  image = await site.imageOf(SIF);
  upload = await site.openSmallParts(image, SIF.length, PART_BYTES);
  const { catalog } = site.library;
  const alice = (await findUserById(catalog, site.alice.userId))!;
  const { nowMs } = site.clock;
  const grant = { scope: "write", label: "", expiresAtMs: null, nowMs } as const;
  token = (await issueToken(catalog, alice, grant)).secret;
  const logger = createLogger({ level: "silent" });
  app = buildApp({ library: site.library, logger, version: "1.2.3" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await app.close();
  await site.close();
});

const partOf = (partNumber: number) =>
  Buffer.from(SIF.subarray((partNumber - 1) * PART_BYTES, partNumber * PART_BYTES));

const requestUrl = async (partNumber: number): Promise<URL> => {
  const bytes = partOf(partNumber);
  const reply = await app.inject({
    method: "PUT",
    url: `/v2/imagefile/${image.id}/_multipart`,
    headers: { authorization: `Bearer ${token}`, host: "library.example" },
    payload: JSON.stringify({
      uploadID: upload.id,
      partSize: bytes.length,
      partNumber,
      sha256sum: sha256Of(bytes),
    }),
  });
  expect(reply.statusCode).toBe(200);
  return new URL(reply.json().data.presignedURL);
};

const send = async ({ pathname, search }: URL, partNumber: number) => {
  const payload = partOf(partNumber);
  const reply = await app.inject({ method: "PUT", url: `${pathname}${search}`, payload });
  expect(reply.statusCode).toBe(200);
};

/** Queries of whoever asks and of keys, which are not this folder's. */
const isOfCaller = (text: string) => /from "(?:tokens|users|signing_keys)"/.test(text);

describe("a part of an upload", () => {
  it("takes four queries besides those of its caller's token", async () => {
    // The first part of a library creates the key that signs URLs.
    await send(await requestUrl(2), 2);
    queries = [];
    const url = await requestUrl(1);
    const asked = queries.filter((text) => !isOfCaller(text));
    queries = [];
    await send(url, 1);
    const sent = queries.filter((text) => !isOfCaller(text));
    expect(asked).toEqual([expect.stringMatching(/^select .* join "uploads"/)]);
    expect(sent).toEqual([
      expect.stringMatching(/^select .* join "uploads"/),
      expect.stringMatching(/^select .* from "upload_parts"/),
      expect.stringMatching(/^insert into "upload_parts" .* from "uploads"/),
    ]);
  });
});
