import { digestOfSha256Hex, routePath, sha256HexOfDigest } from "@sifshelf/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";

import {
  type StoredImage,
  countDownload,
  findDownload,
  resolveDownload,
} from "../../library/downloads.js";
import { Fault, faultOf } from "../../faults/fault.js";
import type { Library } from "../../library/library.js";
import { exposeImageBytes, openImageBytes } from "../../library/open-image-bytes.js";
import { handOverHeaders } from "../../transfers/hand-over.js";
import { sendBlob } from "../../transfers/send-blob.js";
import { planSend } from "../../transfers/send-plan.js";
import { queryArch } from "../../http/query.js";
import { type Call, type RouteDeps, registerRoute } from "./register-route.js";
import { checkSignedUrl, signedUrl } from "./signed-urls.js";

/** Where the site's downloads go. */
export interface DownloadOptions {
  /** The URL that clients reach us by; undefined: what each request says in `Host`. */
  readonly publicUrl?: string | undefined;
  /** URI of the front server's internal location for the folder of blobs; undefined: we send the bytes. */
  readonly accelRedirect?: string | undefined;
}

/**
 * Downloads: by ref, answered with a redirect to a signed URL or, where the site says so, with the bytes; and from signed URLs.
 * The redirect is a 303 with an absolute URL: clients since 1.2 take that, and no other, as the offer to fetch ranges in parallel.
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
    if (library.settings.downloads === "stream") return send(image, { request, reply });
    const grant = {
      method: "GET",
      path: routePath("receiveImage", { imageId: image.id }),
      sizeBytes: image.sizeBytes,
      sha256: sha256HexOfDigest(image.blobDigest),
      principal,
    } as const;
    const location = await signedUrl(library, grant, { request, publicUrl });
    return reply.code(303).header("location", location).send();
  });
  registerRoute(deps, "receiveImage", async ({ params, request, reply }) => {
    const { capability, principal } = await checkSignedUrl(
      library,
      request,
      routePath("receiveImage", params),
    );
    const image = await findDownload(library, principal, params.imageId);
    if (capability.sha256 === null || digestOfSha256Hex(capability.sha256) !== image.blobDigest) {
      throw faultOf("not-found");
    }
    return send(image, { request, reply });
  });
}

/** A library that cannot write, its disk being full for instance, can still be pulled from. */
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

/** A pull is counted once, however many ranges it takes: when it asks for the image by its ref, from the beginning. */
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
    fileName: `${image.container.name}.sif`,
  });
  if (plan.status === 416) {
    void reply.headers(plan.headers);
    throw new Fault(
      "range-not-satisfiable",
      `the range lies outside the image, which has ${image.sizeBytes} bytes`,
    );
  }
  if (plan.range !== null && accelRedirect !== undefined) {
    const { path } = await exposeImageBytes(library, image);
    const headers = handOverHeaders(plan, { prefix: accelRedirect, path });
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
