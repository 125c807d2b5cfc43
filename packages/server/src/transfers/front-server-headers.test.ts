import { digestOfSha256Hex } from "@sifshelf/protocol";
import { describe, expect, it } from "vitest";

import { frontServerHeaders } from "./front-server-headers.js";
import { planSend } from "./send-plan.js";

const DIGEST = digestOfSha256Hex("a".repeat(64));

describe("frontServerHeaders", () => {
  it.each([{}, { range: "bytes=1-2" }])(
    "names the file and keeps what is said of the image, not of the body: %o",
    (headers) => {
      const request = { method: "GET", headers, sizeBytes: 10, digest: DIGEST, fileName: "n.sif" };
      expect(
        frontServerHeaders(planSend(request), { prefix: "/p/", path: "sha256/aa/aaa" }),
      ).toEqual({
        etag: `"${DIGEST}"`,
        "content-type": "application/octet-stream",
        "content-disposition": 'attachment; filename="n.sif"',
        "x-content-type-options": "nosniff",
        "x-accel-redirect": "/p/sha256/aa/aaa",
      });
    },
  );
});
