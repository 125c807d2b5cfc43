import { buildSif } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ANONYMOUS } from "../access/principal.js";
import type { BlobStore } from "../blobs/blob-store.js";
import type { DirectDownload } from "../blobs/store-capabilities.js";
import { type StoredImage, findDownload, grantDownload } from "./downloads.js";
import type { Library } from "./library.js";
import {
  bodyOf,
  createTestLibrary,
  sha256Of,
  type TestLibrary,
} from "./uploads/fixtures.contract.js";
import { receiveV1Upload } from "./uploads/receive-v1-upload.js";

const SIF = buildSif();
const baseUrl = () => "https://library.example/";

let site: TestLibrary;
let image: StoredImage;

beforeEach(async () => {
  site = await createTestLibrary();
  const { library, alice } = site;
  const { id } = await receiveV1Upload(library, alice, await site.imageOf(SIF), bodyOf(SIF));
  image = await findDownload(library, alice, id);
});

afterEach(() => site.close());

const withBlobs = (change: (blobs: BlobStore) => BlobStore): Library => ({
  ...site.library,
  blobs: change(site.library.blobs),
});

describe("grantDownload", () => {
  describe("when clients cannot reach the store", () => {
    it.each(["alice", "nobody"])("grants a URL that this server signs, to %s", async (who) => {
      const principal = who === "alice" ? site.alice : ANONYMOUS;
      const grant = await grantDownload(site.library, principal, image, baseUrl);
      const { origin, pathname, searchParams: query } = new URL(grant?.url ?? "");
      expect(origin).toBe("https://library.example");
      const path = `transfers/images/${image.id}`;
      expect(pathname).toBe(`/${path}`);
      const { signedUrls } = site.library.blobs;
      expect(await signedUrls?.verify({ method: "GET", path, query })).toMatchObject({
        sizeBytes: SIF.length,
        sha256: sha256Of(SIF),
        tokenId: who === "alice" ? site.alice.tokenId : null,
      });
    });
  });

  describe("when they can", () => {
    it("grants the store's URL, and needs none of ours", async () => {
      const url = "https://store.example/object?signature=x";
      const grant = vi.fn<DirectDownload["grantDownload"]>(async () => ({
        url,
        headers: {},
        expiresAtMs: 1,
      }));
      const direct = withBlobs((blobs) => ({ ...blobs, directDownload: { grantDownload: grant } }));
      const asked = vi.fn<() => string>(baseUrl);
      expect(await grantDownload(direct, site.alice, image, asked)).toMatchObject({ url });
      expect(grant.mock.calls).toEqual([
        [{ digest: image.blobDigest, sizeBytes: SIF.length, fileName: "first.sif" }],
      ]);
      expect(asked).not.toHaveBeenCalled();
    });
  });

  describe("when the site streams, or the store has no URLs at all", () => {
    it("grants none", async () => {
      const settings = { ...site.library.settings, downloads: "stream" } as const;
      const streaming = { ...site.library, settings };
      expect(await grantDownload(streaming, site.alice, image, baseUrl)).toBeUndefined();
      const bare = withBlobs(({ signedUrls: _, ...blobs }) => blobs);
      expect(await grantDownload(bare, site.alice, image, baseUrl)).toBeUndefined();
    });
  });
});
