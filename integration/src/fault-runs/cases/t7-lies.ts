import type { LibraryErrorCode } from "@sifshelf/client";
import {
  always,
  replied,
  sentTwice,
  sentWith,
  changed,
  finishAfter,
  gzipped,
  type LineFault,
  lostReply,
  onReply,
  portalPage,
  type RequestFilter,
  seededRandom,
  shortened,
  times,
  withHeaders,
} from "@sifshelf/testing";

import type { FaultCase, FaultVariant } from "../fault-case.js";
import { seededBytes } from "../fault-bench.js";
import { openPullsAndPushes, type PullsAndPushes } from "../pulls-and-pushes.js";
import {
  isCompletion,
  isCreation,
  isFile,
  isLaterPart,
  isPartRequest,
  isRecord,
  isStorage,
  isTagging,
  isUpload,
  isUploadStart,
} from "../requests.js";

/** Servers, and proxies in front of them, that send wrong replies. */
export const T7: FaultCase = {
  id: "T7",
  title: "servers and proxies that lie",
  seeds: 5,
  concurrency: 8,
  sampleEvery: 3,
  open: async () => {
    const bench = await openPullsAndPushes();
    const variants = [
      ...LIES.flatMap((lie) => pullsWith(bench, lie)),
      ...replacements(bench),
      ...PUSH_LIES.flatMap((lie) => pushesWith(bench, lie)),
    ];
    return { variants, close: bench.close };
  },
};

interface Lie {
  readonly name: string;
  readonly kind: "parts" | "stream";
  readonly filter: RequestFilter;
  readonly fault: LineFault;
  /** Code that a pull ends with if every reply lies; absent if it succeeds anyway. */
  readonly code: LibraryErrorCode | undefined;
  /** Text that its message must contain. */
  readonly says?: RegExp;
  /** Fails even if it happens once, like a refusal that is not temporary. */
  readonly isFinal?: boolean;
}

/** A 206 for a range other than the requested one, `shift` bytes further on. */
const shiftedRange =
  (shift: number): LineFault =>
  async ({ request, forward, sendBack }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const range = `bytes=${Number(first) + shift}-${Number(last) + shift}`;
    await sendBack(await forward({ headers: { range } }));
  };

/** A 206 that correctly declares only the first bytes of the requested range. */
const fewerBytes: LineFault = async ({ request, forward, sendBack }) => {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const middle = Math.floor((Number(first) + Number(last)) / 2);
  await sendBack(await forward({ headers: { range: `bytes=${first}-${middle}` } }));
};

const contentRange = (change: (text: string) => string | string[] | undefined): LineFault =>
  changed((reply) => {
    const text = change(String(reply.headers["content-range"]));
    return { ...reply, headers: { ...reply.headers, "content-range": text } };
  });

const manyRanges: LineFault = changed(({ headers, body }) => {
  const head = `--x\r\nContent-Type: application/octet-stream\r\nContent-Range: ${String(headers["content-range"])}\r\n\r\n`;
  const parts = Buffer.concat([Buffer.from(head), body, Buffer.from("\r\n--x--\r\n")]);
  const { "content-range": _, ...rest } = headers;
  const type = { "content-type": "multipart/byteranges; boundary=x" };
  return {
    status: 206,
    headers: { ...rest, ...type, "content-length": parts.byteLength },
    body: parts,
  };
});

const lengthPlus = (bytes: number): LineFault =>
  changed((reply) => {
    const length = reply.body.byteLength + bytes;
    return { ...reply, headers: { ...reply.headers, "content-length": length } };
  });

const FROM_PARTS = { kind: "parts", filter: isStorage } as const;
const FROM_STREAM = { kind: "stream", filter: isFile } as const;
const NOT_RANGE = /Content-Range/;

const LIES: readonly Lie[] = [
  {
    name: "200 with everything to later parts",
    kind: "parts",
    filter: isLaterPart,
    fault: sentWith({ range: undefined }),
    code: "protocol",
    says: /whole file instead of the requested range/,
  },
  {
    name: "200 with everything to all requests for parts",
    ...FROM_PARTS,
    fault: sentWith({ range: undefined }),
    code: undefined,
  },
  {
    name: "206 of a range further on",
    ...FROM_PARTS,
    filter: isLaterPart,
    fault: shiftedRange(-7),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 of fewer bytes, as declared",
    ...FROM_PARTS,
    fault: fewerBytes,
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 with fewer bytes than declared",
    ...FROM_PARTS,
    fault: shortened(5),
    code: "protocol",
    says: /Content-Length/,
  },
  {
    name: "206 of a file of another size",
    ...FROM_PARTS,
    fault: contentRange((text) => text.replace(/\d+$/, "99")),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 of a file of unknown size",
    ...FROM_PARTS,
    fault: contentRange((text) => text.replace(/\d+$/, "*")),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 without Content-Range",
    ...FROM_PARTS,
    fault: contentRange(() => undefined),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 with two Content-Ranges",
    ...FROM_PARTS,
    fault: contentRange((text) => [text, text]),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 with a list in Content-Range",
    ...FROM_PARTS,
    fault: contentRange((text) => `${text}, ${text.slice(6)}`),
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "206 in multipart/byteranges",
    ...FROM_PARTS,
    fault: manyRanges,
    code: "protocol",
    says: NOT_RANGE,
  },
  {
    name: "416",
    ...FROM_PARTS,
    fault: replied(416),
    code: "range-not-satisfiable",
    isFinal: true,
  },
  { name: "404", ...FROM_PARTS, fault: replied(404), code: "not-found", isFinal: true },
  {
    name: "204",
    ...FROM_PARTS,
    fault: replied(204, { "content-length": undefined }),
    code: "protocol",
  },
  {
    name: "a login page in place of a part",
    ...FROM_PARTS,
    fault: portalPage(true),
    code: "protocol",
    says: /web page/,
  },
  {
    name: "a login page without length in place of a part",
    ...FROM_PARTS,
    fault: portalPage(false),
    code: "protocol",
    says: /web page/,
  },
  {
    name: "a login page in place of the record",
    kind: "parts",
    filter: isRecord,
    fault: portalPage(true),
    code: "protocol",
    says: /web page/,
    isFinal: true,
  },
  {
    name: "a login page in place of the redirect",
    kind: "parts",
    filter: isFile,
    fault: portalPage(true),
    code: "protocol",
    says: /web page/,
    isFinal: true,
  },
  {
    name: "declared gzip",
    ...FROM_PARTS,
    fault: gzipped(true),
    code: "protocol",
    says: /compressed/,
  },
  {
    name: "undeclared gzip",
    ...FROM_PARTS,
    fault: gzipped(false),
    code: "protocol",
    says: /Content-Length/,
  },
  {
    name: "another ETag for later parts",
    kind: "parts",
    filter: isLaterPart,
    fault: withHeaders({ etag: '"other"' }),
    code: undefined,
  },
  {
    name: "a Content-Length that is too long",
    ...FROM_PARTS,
    fault: lengthPlus(9),
    code: "protocol",
    says: /Content-Length/,
  },
  {
    name: "a Content-Length that is too short",
    ...FROM_PARTS,
    fault: lengthPlus(-9),
    code: "protocol",
    says: /Content-Length/,
  },
  {
    name: "503 with Retry-After",
    ...FROM_PARTS,
    fault: replied(503, { "retry-after": "0" }),
    code: "unavailable",
  },
  {
    name: "429 with Retry-After",
    ...FROM_PARTS,
    fault: replied(429, { "retry-after": "0" }),
    code: "rate-limited",
  },
  {
    name: "429 with Retry-After of an hour",
    ...FROM_PARTS,
    fault: replied(429, { "retry-after": "3600" }),
    code: "rate-limited",
    isFinal: true,
  },
  { name: "401 from the signed URL", ...FROM_PARTS, fault: replied(401), code: "unauthorized" },
  { name: "403 from the signed URL", ...FROM_PARTS, fault: replied(403), code: "forbidden" },
  {
    name: "a login page in place of one stream",
    ...FROM_STREAM,
    fault: portalPage(true),
    code: "protocol",
    says: /web page/,
    isFinal: true,
  },
  {
    name: "a login page without length in place of one stream",
    ...FROM_STREAM,
    fault: portalPage(false),
    code: "protocol",
    says: /web page/,
    isFinal: true,
  },
  {
    name: "declared gzip, in one stream",
    ...FROM_STREAM,
    fault: gzipped(true),
    code: "protocol",
    says: /compressed/,
    isFinal: true,
  },
  {
    name: "one stream with a Content-Length that is too short",
    ...FROM_STREAM,
    fault: shortened(9),
    code: "protocol",
    says: /Content-Length/,
    isFinal: true,
  },
  {
    name: "one stream that ends early",
    ...FROM_STREAM,
    fault: onReply(finishAfter(100_000)),
    code: undefined,
  },
];

function pullsWith(bench: PullsAndPushes, lie: Lie): FaultVariant[] {
  const { name, kind, filter, fault, code, says, isFinal = false } = lie;
  const codes = code === undefined ? [] : [code];
  return [
    {
      name: `pull: ${name}, once`,
      run: (seed) =>
        bench.pull(kind, {
          seed,
          script: () => times({ count: 1, after: after(kind, filter, seed) }, filter, fault),
          mayFailWith: isFinal ? codes : [],
        }),
    },
    {
      name: `pull: ${name}, always`,
      run: (seed) =>
        bench.pull(kind, {
          seed,
          script: () => always(filter, fault),
          mayFailWith: codes,
          mustFail: code !== undefined,
          ...(says && { message: says }),
        }),
    },
  ];
}

/** Number of requests before the lie; 0 if there is only one request. */
function after(kind: "parts" | "stream", filter: RequestFilter, seed: number): number {
  const hasMany = kind === "parts" && (filter === isStorage || filter === isLaterPart);
  return hasMany ? Math.floor(seededRandom(seed)() * 10) : 0;
}

/** Bytes of another object of the same size from some offset on, with its own ETag or none. */
function replacements(bench: PullsAndPushes): FaultVariant[] {
  const other = Buffer.from(seededBytes(bench.imageBytes, 99));
  const otherObject = (etag: string | undefined): LineFault =>
    changed((reply) => {
      const [, first, last] =
        /^bytes (\d+)-(\d+)/.exec(String(reply.headers["content-range"])) ?? [];
      const body = other.subarray(Number(first ?? 0), Number(last ?? other.byteLength - 1) + 1);
      return { ...reply, headers: { ...reply.headers, etag }, body };
    });
  const kinds = [
    ["its own ETag", otherObject('"other"')],
    ["no ETag", otherObject(undefined)],
  ] as const;
  return kinds.flatMap(([name, fault]): FaultVariant[] => [
    {
      name: `pull: another object with ${name} for a few parts`,
      run: (seed) =>
        bench.pull("parts", {
          seed,
          script: (random) =>
            times(
              { count: 1 + Math.floor(random() * 4), after: Math.floor(random() * 8) },
              isStorage,
              fault,
            ),
          mayFailWith: [],
        }),
    },
    {
      name: `pull: another object with ${name} from some part on`,
      run: (seed) =>
        bench.pull("parts", {
          seed,
          script: (random) =>
            times({ count: Infinity, after: Math.floor(random() * 8) }, isStorage, fault),
          mayFailWith: ["integrity"],
          mustFail: true,
        }),
    },
  ]);
}

interface PushLie {
  readonly name: string;
  readonly kind?: "single" | "parts";
  readonly filter: RequestFilter;
  readonly fault: LineFault;
  /** Codes that it may end with if it happens once; if empty, it must succeed. */
  readonly once?: readonly LibraryErrorCode[];
  /** The same if it always happens; `false` if not tried. */
  readonly always: readonly LibraryErrorCode[] | false;
}

const LOST: readonly (readonly [string, RequestFilter])[] = [
  ["a creation", isCreation],
  ["the start of the upload", isUploadStart],
  ["the bytes", isUpload],
  ["the completion", isCompletion],
  ["the tags", isTagging],
];

const LOST_IN_PARTS: readonly (readonly [string, RequestFilter])[] = [
  ["the start of an upload in parts", isUploadStart],
  ["the request for a part", isPartRequest],
  ["a part", isUpload],
  ["the completion of an upload in parts", isCompletion],
];

function liesAbout(name: string, filter: RequestFilter): PushLie[] {
  return [
    { name: `the reply to ${name} is lost`, filter, fault: lostReply, always: ["network"] },
    { name: `the request for ${name} comes twice`, filter, fault: sentTwice, always: [] },
    {
      name: `503 with Retry-After to ${name}`,
      filter,
      fault: replied(503, { "retry-after": "0" }),
      always: ["unavailable"],
    },
    {
      name: `429 with Retry-After to ${name}`,
      filter,
      fault: replied(429, { "retry-after": "0" }),
      always: ["rate-limited"],
    },
    {
      name: `a login page in place of the reply to ${name}`,
      filter,
      fault: portalPage(true),
      once: ["protocol"],
      always: ["protocol"],
    },
  ];
}

const PUSH_LIES: readonly PushLie[] = [
  ...LOST.flatMap(([name, filter]) => liesAbout(name, filter)),
  ...LOST_IN_PARTS.map(([name, filter]): PushLie => ({
    name: `the reply to ${name} is lost`,
    kind: "parts",
    filter,
    fault: lostReply,
    always: ["network"],
  })),
  {
    name: "403 from the signed URL for a part",
    kind: "parts",
    filter: isUpload,
    fault: replied(403),
    always: ["forbidden"],
  },
  {
    name: "403 from the signed URL for the bytes",
    filter: isUpload,
    fault: replied(403),
    always: ["forbidden"],
  },
  {
    name: "a login page in place of the reply to a part",
    kind: "parts",
    filter: isUpload,
    fault: portalPage(true),
    once: ["protocol"],
    always: ["protocol"],
  },
];

function pushesWith(bench: PullsAndPushes, lie: PushLie): FaultVariant[] {
  const { name, kind = "single", filter, fault, once = [] } = lie;
  const first: FaultVariant = {
    name: `push: ${name}, once`,
    isHeavy: kind === "parts",
    run: (seed) =>
      bench.push(kind, {
        seed,
        script: () => times({ count: 1 }, filter, fault),
        mayFailWith: once,
      }),
  };
  if (lie.always === false) return [first];
  const codes = lie.always;
  const all: FaultVariant = {
    name: `push: ${name}, always`,
    isHeavy: kind === "parts",
    run: (seed) =>
      bench.push(kind, { seed, script: () => always(filter, fault), mayFailWith: codes }),
  };
  return [first, all];
}
