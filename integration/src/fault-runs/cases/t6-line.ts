import {
  always,
  delayed,
  dripAfter,
  finishAfter,
  forgottenConnections,
  type LineFault,
  type LineScript,
  onReply,
  onRequest,
  type RequestFilter,
  resetAfter,
  silentAfter,
  sliced,
  sometimes,
  times,
  type Toxic,
  withoutLength,
} from "@sifshelf/testing";

import type { FaultCase, FaultVariant } from "../fault-case.js";
import { openPullsAndPushes, type PullsAndPushes } from "../pulls-and-pushes.js";
import { isCompletion, isFile, isRecord, isStorage, isTagging, isUpload } from "../requests.js";

/** Connections that are slow, break or go silent. */
export const T6: FaultCase = {
  id: "T6",
  title: "connections that are slow, break or go silent",
  seeds: 20,
  concurrency: 8,
  sampleEvery: 11,
  open: async () => {
    const bench = await openPullsAndPushes();
    const variants = [...pullVariants(bench), ...pushVariants(bench), ...forgotten(bench)];
    return { variants, close: bench.close };
  },
};

/** Fault of the bytes; `at` is the offset that the seed determines. */
interface LineTrouble {
  readonly name: string;
  readonly toxic: (at: number) => Toxic;
  /** Everything arrives, possibly late. */
  readonly isHarmless?: boolean;
}

const TROUBLES: readonly LineTrouble[] = [
  { name: "reset at byte k", toxic: resetAfter },
  { name: "FIN at byte k", toxic: finishAfter },
  { name: "black hole from byte k on", toxic: silentAfter },
  { name: "10 B/s from byte k on", toxic: (at) => dripAfter(at, 100) },
  { name: "slices of 1 to 3000 bytes", toxic: () => sliced(3_000), isHarmless: true },
  { name: "20 ms latency, 20 ms jitter", toxic: () => delayed(20, 20), isHarmless: true },
];

type Frequency = "once" | "often" | "always";

/** A fault at these requests, with this frequency. */
function script(
  frequency: Frequency,
  filter: RequestFilter,
  fault: LineFault,
): (random: () => number) => LineScript {
  return (random) => {
    if (frequency === "always") return always(filter, fault);
    if (frequency === "often") return anyThird(filter, fault, random);
    return times({ count: 1 }, filter, fault);
  };
}

/** A third of these requests, always including the first one. */
function anyThird(filter: RequestFilter, fault: LineFault, random: () => number): LineScript {
  const first = times({ count: 1 }, filter, fault);
  const later = sometimes({ probability: 1 / 3, random }, filter, fault);
  return (request) => first(request) ?? later(request);
}

const FAILURES = ["network", "timeout"] as const;

interface Place {
  readonly name: string;
  readonly filter: RequestFilter;
  /** Bytes that pass here. */
  readonly bytes: number;
}

function pullVariants(bench: PullsAndPushes): FaultVariant[] {
  const { partBytes } = bench;
  const parts: Place[] = [
    { name: "the record", filter: isRecord, bytes: 300 },
    { name: "the redirect", filter: isFile, bytes: 0 },
    { name: "a part", filter: isStorage, bytes: partBytes },
  ];
  const stream: Place[] = [{ name: "one stream", filter: isFile, bytes: bench.imageBytes }];
  return [
    ...parts.flatMap((place) => pullsWith(bench, "parts", place)),
    ...stream.flatMap((place) => pullsWith(bench, "stream", place)),
  ];
}

function pullsWith(bench: PullsAndPushes, kind: "parts" | "stream", place: Place): FaultVariant[] {
  const faults = TROUBLES.map((trouble) => ({
    ...trouble,
    fault: (at: number) => onReply(trouble.toxic(at)),
  }));
  const unlimited = {
    name: "FIN at byte k of a chunked reply",
    fault: (at: number) => withoutLength(finishAfter(at)),
    isHarmless: false,
  };
  return [...faults, unlimited].flatMap(({ name, fault, isHarmless }) =>
    (["once", "often", "always"] as const).map((frequency) => ({
      name: `pull, ${place.name}: ${name}, ${frequency}`,
      run: (seed: number) =>
        bench.pull(kind, {
          seed,
          script: (random) =>
            script(frequency, place.filter, fault(Math.floor(random() * place.bytes)))(random),
          mayFailWith: isHarmless === true || frequency === "once" ? [] : FAILURES,
        }),
    })),
  );
}

function pushVariants(bench: PullsAndPushes): FaultVariant[] {
  const bodies = (["single", "parts"] as const).flatMap((kind) =>
    TROUBLES.filter(({ isHarmless }) => kind === "single" || isHarmless !== true).flatMap(
      ({ name, toxic, isHarmless }) =>
        (["once", "always"] as const).map((frequency) => ({
          name: `push, ${kind === "single" ? "one upload" : "a part"}: ${name}, ${frequency}`,
          isHeavy: kind === "parts",
          run: (seed: number) =>
            bench.push(kind, {
              seed,
              script: (random) =>
                script(
                  frequency,
                  isUpload,
                  onRequest(toxic(Math.floor(random() * bench.uploadBytes(kind)))),
                )(random),
              mayFailWith: isHarmless === true || frequency === "once" ? [] : FAILURES,
            }),
        })),
    ),
  );
  const replies = [
    { name: "the reply to the bytes", filter: isUpload },
    { name: "the reply to the completion", filter: isCompletion },
    { name: "the reply to the tags", filter: isTagging },
  ].flatMap(({ name, filter }) =>
    TROUBLES.filter(({ isHarmless }) => isHarmless !== true).flatMap((trouble) =>
      (["once", "always"] as const).map((frequency) => ({
        name: `push, ${name}: ${trouble.name}, ${frequency}`,
        run: (seed: number) =>
          bench.push("single", {
            seed,
            script: (random) =>
              script(frequency, filter, onReply(trouble.toxic(Math.floor(random() * 20))))(random),
            mayFailWith: frequency === "once" ? [] : FAILURES,
          }),
      })),
    ),
  );
  return [...bodies, ...replies];
}

/** Half-open connections: they are in the pool, but the peer is gone. */
function forgotten(bench: PullsAndPushes): FaultVariant[] {
  return [
    {
      name: "pull: all connections half-open after k parts",
      run: (seed) =>
        bench.pull("parts", {
          seed,
          script: (random) => forgottenConnections(1 + Math.floor(random() * 8), isStorage),
          mayFailWith: [],
        }),
    },
    {
      isHeavy: true,
      name: "push in parts: all connections half-open after k parts",
      run: (seed) =>
        bench.push("parts", {
          seed,
          script: (random) => forgottenConnections(1 + Math.floor(random() * 5), isUpload),
          mayFailWith: [],
        }),
    },
  ];
}
