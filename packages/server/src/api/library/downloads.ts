import { digestOfSha256Hex, routePath } from "@sifshelf/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";

import {
  type StoredImage,
  countDownload,
  fileNameOf,
  findDownload,
  grantDownload,
  resolveDownload,
} from "../../library/downloads.js";
import { Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { exposeImageBytes, openImageBytes } from "../../library/open-image-bytes.js";
import { frontServerHeaders } from "../../transfers/front-server-headers.js";
import { sendBlob } from "../../transfers/send-blob.js";
import { planSend } from "../../transfers/send-plan.js";
import { queryArch } from "./query-arch.js";
import { type Call, type RouteDeps, registerRoute } from "./register-route.js";
import { baseUrlOf, checkSignedUrl } from "./signed-urls.js";

/** How the site sends downloads. */
export interface DownloadOptions {
  /** URL by which clients reach the site; undefined: taken from the `Host` of each request. */
  readonly publicUrl?: string | undefined;
  /**
   * URI of the front server's internal location for the folder of blobs; undefined: this server
   * sends the bytes.
   */
  readonly accelRedirect?: string | undefined;
}

/**
 * Downloads by ref, with a redirect to a URL that the store grants or, if the site wants so, with
 * the bytes; and downloads from our own signed URLs. The redirect is a 303 with an absolute URL:
 * since version 1.2, clients take only that as an offer to fetch ranges in parallel.
 */
export function registerDownloadRoutes(
  deps: RouteDeps,
  { publicUrl, accelRedirect }: DownloadOptions,
): void {
  const { library } = deps;
  const send = (image: StoredImage, call: Pick<Call<"receiveImage">, "request" | "reply">) =>
    sendImage(library, image, { ...call, accelRedirect });
  registerRoute(deps, "downloadImage", async ({ principal, params, request, reply }) => {
    const query = { ref: params.ref, arch: queryArch(request) };
    const image = await resolveDownload(library, principal, query);
    if (isFirstOfPull(request)) await countPull(library, image, request);
    const grant = await grantDownload(library, principal, image, () =>
      baseUrlOf(request, publicUrl),
    );
    if (grant === undefined) return send(image, { request, reply });
    return reply.code(303).header("location", grant.url).send();
  });
  registerRoute(deps, "receiveImage", async ({ params, request, reply }) => {
    const path = routePath("receiveImage", params);
    const { sha256, principal } = await checkSignedUrl(library, request, path);
    const image = await findDownload(library, principal, params.imageId);
    if (sha256 === null || digestOfSha256Hex(sha256) !== image.blobDigest) {
      throw faultOf("not-found");
    }
    return send(image, { request, reply });
  });
}

/** A library that cannot write, because its disk is full perhaps, can still be pulled from. */
async function countPull(
  library: Library,
  image: StoredImage,
  { log }: FastifyRequest,
): Promise<void> {
  try {
    await countDownload(library, image);
  } catch (err) {
    log.warn({ err, image: image.id }, "a pull was not counted");
  }
}

/**
 * A pull counts once, however many ranges it fetches: when it asks for the image by its ref from
 * the beginning.
 */
function isFirstOfPull({ method, headers }: FastifyRequest): boolean {
  return method === "GET" && (headers.range === undefined || headers.range.startsWith("bytes=0-"));
}

interface Sending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly accelRedirect: string | undefined;
}

async function sendImage(
  library: Library,
  image: StoredImage,
  { request, reply, accelRedirect }: Sending,
): Promise<FastifyReply> {
  const plan = planSend({
    method: request.method,
    headers: request.headers,
    sizeBytes: image.sizeBytes,
    digest: image.blobDigest,
    fileName: fileNameOf(image),
  });
  if (plan.status === 416) {
    void reply.headers(plan.headers);
    throw new Fault(
      "range-not-satisfiable",
      `the range lies outside the image, which has ${image.sizeBytes} bytes`,
    );
  }
  const { frontServer } = library.blobs;
  if (plan.range !== null && accelRedirect !== undefined && frontServer !== undefined) {
    const { path } = await exposeImageBytes(frontServer, image);
    const headers = frontServerHeaders(plan, { prefix: accelRedirect, path });
    return reply.code(200).headers(headers).send();
  }
  const blob = plan.range && (await openImageBytes(library, image));
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  const { idleTimeoutMs } = library.settings;
  const { ended, sentBytes, cause } = await sendBlob(reply.raw, { plan, blob, idleTimeoutMs });
  const facts = { image: image.id, ended, sentBytes, sizeBytes: image.sizeBytes };
  if (ended === "read-failed") request.log.error({ ...facts, err: cause }, "sending failed");
  else request.log.debug(facts, "sent");
  return reply;
}
