import {
  MAX_PART_DIGESTS_BYTES,
  MAX_PART_DIGEST_BYTES,
  PART_DIGEST_STEP_BYTES,
  type PartDigests,
} from "@sifshelf/protocol";
import type { FastifyRequest } from "fastify";

import { findDownload } from "../../library/downloads.js";
import { Fault } from "../../faults/fault.js";
import { type PartRange, partDigests } from "../../library/part-digests.js";
import { queryText } from "../../http/query.js";
import { type RouteDeps, registerRoute } from "./register-route.js";

/** Digests of parts of a stored image, with which a pull finds the damaged part. An extension. */
export function registerPartDigestsRoute(deps: RouteDeps): void {
  const { library } = deps;
  registerRoute(deps, "getPartDigests", async ({ principal, params, request }) => {
    const image = await findDownload(library, principal, params.imageId);
    const range = partRange(request, image.sizeBytes);
    const isAbandoned = () => request.raw.destroyed;
    const digests = await partDigests(library, image, { ...range, isAbandoned });
    const reply: PartDigests = { partSize: range.partSizeBytes, first: range.first, digests };
    return reply;
  });
}

function partRange(request: FastifyRequest, sizeBytes: number): PartRange {
  const partSizeBytes = wholeNumber(request, "partSize");
  const first = wholeNumber(request, "first");
  const count = wholeNumber(request, "count");
  const isPartSize = partSizeBytes > 0 && partSizeBytes % PART_DIGEST_STEP_BYTES === 0;
  if (!isPartSize || partSizeBytes > MAX_PART_DIGEST_BYTES) {
    throw new Fault(
      "bad-request",
      `the parameter "partSize" is a multiple of ${PART_DIGEST_STEP_BYTES}, at most ${MAX_PART_DIGEST_BYTES}`,
    );
  }
  if (count === 0 || count * partSizeBytes > MAX_PART_DIGESTS_BYTES) {
    throw new Fault(
      "bad-request",
      `the parameter "count" is at least 1, and count × partSize at most ${MAX_PART_DIGESTS_BYTES}`,
    );
  }
  if (first * partSizeBytes >= sizeBytes) {
    throw new Fault(
      "range-not-satisfiable",
      `part ${first} lies behind the end of the image, which has ${sizeBytes} bytes`,
    );
  }
  return { partSizeBytes, first, count };
}

function wholeNumber(request: FastifyRequest, name: string): number {
  const text = queryText(request, name);
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new Fault("bad-request", `the parameter "${name}" is not a whole number`);
}
