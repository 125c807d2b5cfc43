import {
  always,
  changed,
  flippedBit,
  flippedBitSent,
  type LineFault,
  otherBytesWithMd5,
  type RequestFilter,
  times,
} from "@sifshelf/testing";

import type { FaultCase, FaultVariant } from "../fault-case.js";
import { openPullsAndPushes, type PullsAndPushes } from "../pulls-and-pushes.js";
import { isFile, isRecord, isStorage, isUpload } from "../requests.js";

/** Bytes that differ from the record. */
export const T8: FaultCase = {
  id: "T8",
  title: "bytes that differ from the record",
  seeds: 100,
  concurrency: 4,
  sampleEvery: 2,
  open: async () => {
    const bench = await openPullsAndPushes();
    const variants = [
      ...damages(bench, "parts", isStorage),
      ...damages(bench, "stream", isFile),
      ...wrongRecords(bench),
      ...damagedPushes(bench, "single"),
      ...damagedPushes(bench, "parts"),
    ];
    return { variants, close: bench.close };
  },
};

function damages(
  bench: PullsAndPushes,
  kind: "parts" | "stream",
  filter: RequestFilter,
): FaultVariant[] {
  const where = kind === "parts" ? "a part" : "one stream";
  const faults: readonly (readonly [string, LineFault])[] = [
    [`one flipped bit in ${where}`, flippedBit],
    [`other bytes with the right MD5 in ${where}`, otherBytesWithMd5],
  ];
  return faults.flatMap(([name, fault]): FaultVariant[] => [
    {
      name: `${name}, once`,
      run: (seed) =>
        bench.pull(kind, {
          seed,
          script: (random) => {
            const after = kind === "parts" ? Math.floor(random() * 12) : 0;
            return times({ count: 1, after }, filter, fault);
          },
          mayFailWith: [],
        }),
    },
    {
      name: `${name}, always`,
      run: (seed) =>
        bench.pull(kind, {
          seed,
          script: () => always(filter, fault),
          mayFailWith: ["integrity"],
          mustFail: true,
        }),
    },
  ]);
}

/** A part is compared by its CRC-32, and resent on its own. */
function damagedPushes(bench: PullsAndPushes, kind: "single" | "parts"): FaultVariant[] {
  const where = kind === "parts" ? "a part of a push" : "a push in one request";
  return [
    {
      name: `one flipped bit in ${where}, once`,
      isHeavy: kind === "parts",
      run: (seed) =>
        bench.push(kind, {
          seed,
          script: (random) => {
            const after = kind === "parts" ? Math.floor(random() * 5) : 0;
            return times({ count: 1, after }, isUpload, flippedBitSent);
          },
          // If the library refuses the whole, the caller has to send it again.
          mayFailWith: kind === "parts" ? [] : ["digest-mismatch"],
        }),
    },
    {
      name: `one flipped bit in ${where}, always`,
      isHeavy: kind === "parts",
      run: (seed) =>
        bench.push(kind, {
          seed,
          script: () => always(isUpload, flippedBitSent),
          mayFailWith: [kind === "parts" ? "integrity" : "digest-mismatch"],
          mustFail: true,
        }),
    },
  ];
}

/** Records that do not match the stored image. */
function wrongRecords(bench: PullsAndPushes): FaultVariant[] {
  const record = (change: (image: Record<string, unknown>, random: () => number) => object) =>
    changed((reply, random) => {
      const { data } = JSON.parse(reply.body.toString());
      const body = Buffer.from(JSON.stringify({ data: { ...data, ...change(data, random) } }));
      return { ...reply, headers: { ...reply.headers, "content-length": body.byteLength }, body };
    });
  const otherHash = record(({ hash }, random) => {
    const text = String(hash);
    const place = "sha256.".length + Math.floor(random() * 64);
    return {
      hash: text.slice(0, place) + (text[place] === "0" ? "1" : "0") + text.slice(place + 1),
    };
  });
  const larger = record(({ size }) => ({ size: Number(size) + 1 }));
  const smaller = record(({ size }) => ({ size: Number(size) - 1 }));
  return [
    wrongRecord(bench, "a record with another hash", otherHash),
    wrongRecord(bench, "a record whose size is a byte too large", larger),
    wrongRecord(bench, "a record whose size is a byte too small", smaller),
  ];
}

function wrongRecord(bench: PullsAndPushes, name: string, fault: LineFault): FaultVariant {
  return {
    name,
    run: (seed) =>
      bench.pull(seed % 2 === 0 ? "parts" : "stream", {
        seed,
        script: () => always(isRecord, fault),
        mayFailWith: ["integrity", "protocol", "range-not-satisfiable"],
        mustFail: true,
      }),
  };
}
