import { buildSif } from "@sifshelf/testing";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

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

beforeEach(async () => {
  queries = [];
  // Beginning and ending a transaction, and how durable it is, are no queries.
  const trace = (text: string) => /^(?:begin|commit|pragma)\b/i.test(text) || queries.push(text);
  site = await createTestLibrary({ trace });
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

describe("a part of an upload", () => {
  it("takes six queries, two to ask for its URL and four to send it", async () => {
    // The first part of a library creates the key that signs URLs.
    await send(await requestUrl(2), 2);
    queries = [];
    const url = await requestUrl(1);
    expect(queries).toEqual([
      expect.stringMatching(/^select .* from "tokens" .* join "users"/),
      expect.stringMatching(/^select .* from "images" .* join "uploads"/),
    ]);
    queries = [];
    await send(url, 1);
    expect(queries).toEqual([
      expect.stringMatching(/^select .* from "tokens" .* join "users"/),
      expect.stringMatching(/^select .* from "images" .* join "uploads"/),
      expect.stringMatching(/^select .* from "upload_parts"/),
      expect.stringMatching(/^insert into "upload_parts" .* from "uploads"/),
    ]);
  });
});
