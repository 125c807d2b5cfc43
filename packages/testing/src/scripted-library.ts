import { createHash, randomBytes } from "node:crypto";

/** A request that a {@link ScriptedLibrary} received. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The options of the `fetch` call other than method, headers and body. */
  readonly init: RequestInit;
  /** The body if it is a string, as JSON is; otherwise empty. */
  readonly text: string;
  /** Number of bytes in the body. */
  readonly bodyBytes: number;
  /** SHA-256 of the body's bytes, in lower-case hex. */
  readonly bodySha256: string;
}

/**
 * Replies to a request in place of the library, or returns undefined to leave it to the library.
 */
export type Script = (
  request: RecordedRequest,
) => Response | undefined | Promise<Response | undefined>;

/** Options of {@link scriptLibrary}. */
export interface ScriptedLibraryOptions {
  /**
   * The API version in the reply of `/version`; `null`: there is no `/version`. Default
   * `2.0.0-alpha.2`.
   */
  readonly apiVersion?: string | null;
  /** Extensions that `/version` announces. */
  readonly features?: {
    readonly atomicTags?: boolean;
    readonly searchPages?: boolean;
    readonly parallelParts?: boolean;
    readonly resumableUploads?: boolean;
    readonly partDigests?: boolean;
    readonly partCrc32?: boolean;
  };
  /**
   * Size of upload parts, in bytes; 0: uploads in parts are not supported (404). Default 16 MiB.
   */
  readonly partSize?: number;
  /** Options of an upload in parts. Default none, which means S3-compliant. */
  readonly uploadOptions?: Readonly<Record<string, string>>;
  /** Whether downloads redirect (303) to the storage. Default false. */
  readonly redirects?: boolean;
  /** Token that every request to the library must carry. Default none. */
  readonly token?: string;
}

/**
 * A library behind a `fetch` function, all in memory. It records requests and can be scripted to
 * misbehave.
 */
export interface ScriptedLibrary {
  readonly baseUrl: string;
  readonly storageUrl: string;
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  readonly requests: RecordedRequest[];
  /** The requests as `METHOD path`, without their query. */
  readonly calls: () => string[];
  /** Adds an image under the tag `latest` of container `e/c/n`. */
  readonly addImage: (
    bytes: Uint8Array,
    record?: Readonly<Record<string, unknown>>,
  ) => ScriptedImage;
  /**
   * Lets a script reply to requests whose `METHOD path` matches. The latest script goes first; the
   * next gets the request if it returns undefined.
   */
  readonly on: (pattern: RegExp, script: Script) => void;
  readonly images: Map<string, ScriptedImage>;
  readonly tags: { arch: string; tag: string; imageId: string }[];
}

/** An image of a {@link ScriptedLibrary}. */
export interface ScriptedImage {
  readonly record: Record<string, unknown>;
  readonly bytes: Uint8Array;
}

const BASE_URL = "https://library.example/";
const STORAGE_URL = "https://storage.example/";

/** Creates a reply in the library's envelope. */
export function dataReply(data: unknown, status = 200): Response {
  return Response.json({ data }, { status });
}

/** Creates an error reply. */
export function errorReply(
  status: number,
  message = "",
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error: { code: status, message } }, { status, headers });
}

/** Creates a library. Nothing listens, and nothing needs closing. */
export function scriptLibrary(options: ScriptedLibraryOptions = {}): ScriptedLibrary {
  const requests: RecordedRequest[] = [];
  const scripts: { pattern: RegExp; script: Script }[] = [];
  const state: State = {
    options,
    images: new Map(),
    records: new Map(),
    tags: [],
    sent: new Map(),
  };
  const fetch = async (input: string | URL, init: RequestInit = {}) => {
    const request = await recordOf(new URL(input), init);
    requests.push(request);
    init.signal?.throwIfAborted();
    const call = callOf(request);
    for (const { pattern, script } of scripts) {
      const reply = pattern.test(call) ? await script(request) : undefined;
      if (reply !== undefined) return reply;
    }
    return replyTo(state, request);
  };
  return {
    baseUrl: BASE_URL,
    storageUrl: STORAGE_URL,
    fetch,
    requests,
    calls: () => requests.map(callOf),
    addImage: (bytes, fields) => addImage(state, bytes, fields),
    on: (pattern, script) => scripts.unshift({ pattern, script }),
    images: state.images,
    tags: state.tags,
  };
}

interface State {
  readonly options: ScriptedLibraryOptions;
  readonly images: Map<string, ScriptedImage>;
  /** Entities, collections and containers by path. */
  readonly records: Map<string, Record<string, unknown>>;
  readonly tags: { arch: string; tag: string; imageId: string }[];
  /** Uploads, by the path of their URL. */
  readonly sent: Map<string, RecordedRequest>;
}

const callOf = ({ method, url }: RecordedRequest) => `${method} ${url.pathname}`;

async function recordOf(url: URL, init: RequestInit): Promise<RecordedRequest> {
  const { method = "GET", headers, body, ...rest } = init;
  const hash = createHash("sha256");
  let bodyBytes = 0;
  let text = "";
  if (body instanceof ReadableStream) {
    for await (const chunk of body) {
      hash.update(chunk);
      bodyBytes += chunk.byteLength;
    }
  } else if (typeof body === "string") {
    text = body;
    bodyBytes = Buffer.byteLength(body);
    hash.update(body);
  }
  const bodySha256 = hash.digest("hex");
  return { method, url, headers: new Headers(headers), init: rest, text, bodyBytes, bodySha256 };
}

function addImage(
  state: State,
  bytes: Uint8Array,
  fields: Readonly<Record<string, unknown>> = {},
): ScriptedImage {
  const hash = `sha256.${createHash("sha256").update(bytes).digest("hex")}`;
  const record = { id: newId(), hash, size: bytes.byteLength, uploaded: true, ...fields };
  const image = { record, bytes };
  state.images.set(record.id, image);
  state.tags.push({ arch: "amd64", tag: "latest", imageId: record.id });
  return image;
}

const newId = () => randomBytes(12).toString("hex");

type Handler = (state: State, request: RecordedRequest, match: RegExpExecArray) => Response;

const ROUTES: readonly (readonly [RegExp, Handler])[] = [
  [/^GET \/version$/, getVersion],
  [/^GET \/v1\/(?:entities|collections|containers)\/(.+)$/, getRecord],
  [/^POST \/v1\/(entities|collections|containers)$/, createRecord],
  [/^GET \/v1\/images\/([^:]+):(.+)$/, getImage],
  [/^POST \/v1\/images$/, createImage],
  [/^GET \/v1\/imagefile\/([^:]+):(.+)$/, downloadImage],
  [/^GET \/blobs\/(.+)$/, sendBlob],
  [/^POST \/v1\/imagefile\/([^/]+)$/, uploadV1],
  [/^POST \/v2\/imagefile\/([^/]+)$/, startUpload],
  [/^POST \/v2\/imagefile\/([^/]+)\/_multipart$/, startMultipart],
  [/^PUT \/v2\/imagefile\/([^/]+)\/_multipart$/, requestPart],
  [/^PUT \/uploads\/(.+)$/, takeBytes],
  [/^PUT \/v2\/imagefile\/([^/]+)\/(?:_complete|_multipart_complete)$/, complete],
  [/^PUT \/v2\/imagefile\/([^/]+)\/_multipart_abort$/, () => new Response(null, { status: 204 })],
  [/^GET \/v2\/imagefile\/([^/]+)\/_digests$/, getPartDigests],
  [/^GET \/v[12]\/tags\/([^/]+)$/, () => dataReply(null)],
  [/^(POST|PUT) \/(v[12])\/tags\/([^/]+)$/, setTags],
  [/^GET \/v1\/search$/, () => dataReply({ image: null })],
  [/^DELETE \/v1\/images\/(.+)$/, () => dataReply(null)],
];

function replyTo(state: State, request: RecordedRequest): Response {
  const { token } = state.options;
  const isLibrary = request.url.href.startsWith(BASE_URL);
  if (
    isLibrary &&
    token !== undefined &&
    request.headers.get("authorization") !== `Bearer ${token}`
  ) {
    return errorReply(401, "a token is needed");
  }
  for (const [pattern, handle] of ROUTES) {
    const match = pattern.exec(callOf(request));
    if (match !== null) return handle(state, request, match);
  }
  return errorReply(404);
}

function getVersion({ options }: State): Response {
  const { apiVersion = "2.0.0-alpha.2", features } = options;
  if (apiVersion === null) return errorReply(404);
  return dataReply({ version: "1.0.0", apiVersion, features });
}

function getRecord(
  { records }: State,
  _: RecordedRequest,
  [, path = ""]: RegExpExecArray,
): Response {
  const found = records.get(path);
  return found === undefined ? errorReply(404) : dataReply(found);
}

function createRecord({ records }: State, { text }: RecordedRequest): Response {
  const body = JSON.parse(text);
  const parentId = body.entity ?? body.collection;
  const parent = [...records].find(([, { id }]) => id === parentId)?.[0];
  const record = { ...body, id: newId() };
  records.set(parent === undefined ? body.name : `${parent}/${body.name}`, record);
  return dataReply(record, 201);
}

function findImage({ images, tags }: State, name: string): ScriptedImage | undefined {
  const tagged = tags.findLast(({ tag }) => tag === name)?.imageId;
  return (
    images.get(tagged ?? "") ?? [...images.values()].find(({ record }) => record["hash"] === name)
  );
}

function getImage(state: State, _: RecordedRequest, [, , name = ""]: RegExpExecArray): Response {
  const image = findImage(state, name);
  return image === undefined ? errorReply(404) : dataReply(image.record);
}

function createImage({ images }: State, { text }: RecordedRequest): Response {
  const body = JSON.parse(text);
  const record = { ...body, id: newId(), uploaded: false, size: 0 };
  images.set(record.id, { record, bytes: new Uint8Array() });
  return dataReply(record, 201);
}

function downloadImage(
  state: State,
  _: RecordedRequest,
  [, , name = ""]: RegExpExecArray,
): Response {
  const image = findImage(state, name);
  if (image === undefined) return errorReply(404);
  if (state.options.redirects !== true) return bytesReply(image.bytes);
  const location = `${STORAGE_URL}blobs/${String(image.record["id"])}?X-Amz-Signature=SIGNED`;
  return new Response(null, { status: 303, headers: { location } });
}

function sendBlob(
  { images }: State,
  { headers }: RecordedRequest,
  [, id = ""]: RegExpExecArray,
): Response {
  const bytes = images.get(id)?.bytes ?? new Uint8Array();
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
  return first === undefined ? bytesReply(bytes) : rangeReply(bytes, Number(first), Number(last));
}

/** Creates a reply with all of the bytes. */
export function bytesReply(bytes: Uint8Array, headers: Record<string, string> = {}): Response {
  const length = { "content-length": String(bytes.byteLength) };
  return new Response(bytes.slice(), { headers: { ...length, ...headers } });
}

/**
 * Creates a reply with a range of the bytes, from `first` to `last` inclusive, as storage should
 * send it.
 */
export function rangeReply(bytes: Uint8Array, first: number, last: number): Response {
  const part = bytes.slice(first, last + 1);
  const headers = {
    "content-range": `bytes ${first}-${last}/${bytes.byteLength}`,
    "content-length": String(part.byteLength),
  };
  return new Response(part, { status: 206, headers });
}

function getPartDigests(
  { images, options }: State,
  { url }: RecordedRequest,
  [, id = ""]: RegExpExecArray,
): Response {
  const bytes = images.get(id)?.bytes;
  if (bytes === undefined || options.features?.partDigests !== true) return errorReply(404);
  const [partSize = 0, first = 0, count = 0] = ["partSize", "first", "count"].map((name) =>
    Number(url.searchParams.get(name)),
  );
  const end = Math.min(bytes.byteLength, (first + count) * partSize);
  const digests: string[] = [];
  for (let start = first * partSize; start < end; start += partSize) {
    const part = bytes.subarray(start, Math.min(end, start + partSize));
    digests.push(`sha256:${createHash("sha256").update(part).digest("hex")}`);
  }
  return dataReply({ partSize, first, digests });
}

function markUploaded({ images }: State, id: string, size: number): void {
  const image = images.get(id);
  if (image !== undefined) Object.assign(image.record, { uploaded: true, size });
}

function uploadV1(
  state: State,
  { bodyBytes }: RecordedRequest,
  [, id = ""]: RegExpExecArray,
): Response {
  markUploaded(state, id, bodyBytes);
  return new Response(null);
}

function startUpload(_: State, __: RecordedRequest, [, id = ""]: RegExpExecArray): Response {
  return dataReply({ uploadURL: `${STORAGE_URL}uploads/${id}?X-Amz-Signature=SIGNED` });
}

function startMultipart({ options }: State, { text }: RecordedRequest): Response {
  const { partSize = 16 * 1024 * 1024, uploadOptions } = options;
  if (partSize === 0) return errorReply(404);
  const totalParts = Math.ceil(JSON.parse(text).filesize / partSize);
  return dataReply({ uploadID: "upload-1", totalParts, partSize, options: uploadOptions ?? null });
}

function requestPart(_: State, { text }: RecordedRequest, [, id = ""]: RegExpExecArray): Response {
  const { partNumber } = JSON.parse(text);
  return dataReply({
    presignedURL: `${STORAGE_URL}uploads/${id}/${partNumber}?X-Amz-Signature=SIGNED`,
  });
}

function takeBytes(
  { sent }: State,
  request: RecordedRequest,
  [, path = ""]: RegExpExecArray,
): Response {
  sent.set(path, request);
  return new Response(null, { headers: { etag: `"etag-${path.split("/")[1] ?? "whole"}"` } });
}

function complete(state: State, _: RecordedRequest, [, id = ""]: RegExpExecArray): Response {
  const parts = [...state.sent].filter(([path]) => path.split("/")[0] === id);
  markUploaded(
    state,
    id,
    parts.reduce((sum, [, { bodyBytes }]) => sum + bodyBytes, 0),
  );
  return dataReply({ quota: { quotaTotal: 0, quotaUsage: 7 }, containerUrl: "library/e/c/n" });
}

function setTags({ tags }: State, { text }: RecordedRequest): Response {
  const body = JSON.parse(text);
  for (const { Arch = "", Tag, ImageID } of body.tags ?? [body]) {
    tags.push({ arch: Arch, tag: Tag, imageId: ImageID });
  }
  return dataReply(null);
}
