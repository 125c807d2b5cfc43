import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import {
  anyOf,
  sentWith,
  always,
  type LineFault,
  type LineScript,
  onReply,
  type RequestFilter,
  resetAfter,
  seededRandom,
  silentAfter,
  startBadLine,
  times,
} from "@sifshelf/testing";

import { createCliUser, finish } from "../../cli-process.js";
import { type BenchImage, type FaultBench, openFaultBench, sha256Of } from "../fault-bench.js";
import { type FaultCase, type FaultVariant, WHOLE } from "../fault-case.js";
import { pullOverBadLine } from "../faulty-pull.js";
import { pushOverBadLine } from "../faulty-push.js";
import { isPartRequest, isStorage, isUpload, isUploadStart } from "../requests.js";
import { partedBytes, singleBytes } from "../upload-fixtures.js";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const IMAGE_BYTES = 3_000_001;
const PART_BYTES = 300 * 1024;

/** Clocks that jump, and signatures that expire during use. */
export const T13: FaultCase = {
  id: "T13",
  title: "clocks that jump, URLs that expire during use",
  seeds: 10,
  sampleEvery: 2,
  open: async () => {
    const clock = { aheadMs: 0 };
    const now = () => Date.now() + clock.aheadMs;
    const bench = await openFaultBench({ now, urlTtlMs: HOUR_MS });
    const image = await bench.addImage("clocks", IMAGE_BYTES);
    const site: Site = { bench, image, jump: (ms) => void (clock.aheadMs += ms) };
    const variants = [...expiries(site), ...jumps(site), ...clientClocks(site)];
    return { variants, close: bench.close };
  },
};

interface Site {
  readonly bench: FaultBench;
  readonly image: BenchImage;
  /** Moves the library's clock. */
  readonly jump: (ms: number) => void;
}

/** The clock jumps before the request is handled. */
function afterJump({ jump }: Site, ms: number, fault: LineFault): LineFault {
  return (exchange) => {
    jump(ms);
    return fault(exchange);
  };
}

/** The library replies, and the clock jumps before the reply is forwarded. */
function jumpBehind({ jump }: Site, ms: number): LineFault {
  return async ({ forward, sendBack }) => {
    const reply = await forward();
    jump(ms);
    await sendBack(reply);
  };
}

function expiries(site: Site): FaultVariant[] {
  const { bench, image } = site;
  const breaksLate =
    (fault: (at: number) => LineFault, size: number) =>
    (random: () => number): LineScript =>
      times(
        { count: 1, after: Math.floor(random() * 8) },
        isStorage,
        afterJump(site, 2 * HOUR_MS, fault(Math.floor(random() * size))),
      );
  const pull = (name: string, script: (random: () => number) => LineScript): FaultVariant => ({
    name,
    run: (seed) =>
      pullOverBadLine({
        bench,
        image,
        seed,
        script,
        mayFailWith: [],
        options: { partSizeBytes: PART_BYTES, concurrency: 1 + (seed % 4) },
      }),
  });
  const wholeOnly = sentWith({ range: undefined });
  return [
    pull(
      "pull: the URL expires and the connection breaks in a part",
      breaksLate((at) => onReply(resetAfter(at)), PART_BYTES),
    ),
    pull("pull: the URL expires in one stream from storage without ranges", (random) =>
      anyOf(
        times({ count: 1 }, isStorage, async ({ forward, sendBack }) => {
          const reply = await forward({ headers: { range: undefined } });
          site.jump(2 * HOUR_MS);
          await sendBack(reply, resetAfter(Math.floor(random() * IMAGE_BYTES)));
        }),
        always(isStorage, wholeOnly),
      ),
    ),
    push(site, "push: the URL of an upload expires before it is used", "single", (random) =>
      once(random, isUploadStart, jumpBehind(site, 2 * HOUR_MS)),
    ),
    push(site, "push: the URL of a part expires before it is used", "parts", (random) =>
      once(random, isPartRequest, jumpBehind(site, 2 * HOUR_MS), 5),
    ),
    push(site, "push: the upload in parts itself expires", "parts", (random) =>
      once(random, isPartRequest, jumpBehind(site, 30 * HOUR_MS), 5),
    ),
  ];
}

function jumps(site: Site): FaultVariant[] {
  return [HOUR_MS, -HOUR_MS].flatMap((ms) => {
    const by = ms > 0 ? "an hour ahead" : "an hour back";
    return [
      push(site, `push: the library's clock jumps ${by} between two requests`, "single", (random) =>
        once(random, () => true, jumpBehind(site, ms), 10),
      ),
      push(site, `push: the library's clock jumps ${by} while parts are sent`, "parts", (random) =>
        once(random, isUpload, jumpBehind(site, ms), 5),
      ),
    ];
  });
}

function once(
  random: () => number,
  filter: RequestFilter,
  fault: LineFault,
  among = 1,
): LineScript {
  return times({ count: 1, after: Math.floor(random() * among) }, filter, fault);
}

function push(
  { bench }: Site,
  name: string,
  kind: "single" | "parts",
  script: (random: () => number) => LineScript,
): FaultVariant {
  const client = { timeoutMs: 8_000, completionTimeoutMs: 60_000 };
  return {
    name,
    isHeavy: kind === "parts",
    run: (seed) => {
      const bytes = kind === "single" ? singleBytes() : partedBytes();
      return pushOverBadLine({ bench, bytes, seed, script, client, mayFailWith: [] });
    },
  };
}

const FILE = "a.sif";

const pullArguments = (ref: string) => ["pull", "--quiet", "--arch", "amd64", "-o", FILE, ref];

/** Preloaded into the command line; shifts its clock by that much. */
const shiftedClock = (ms: number) =>
  `--import=data:text/javascript,${encodeURIComponent(
    `const Real = Date, ms = ${ms};
globalThis.Date = class Date extends Real {
  constructor(...at) { if (at.length === 0) super(Real.now() + ms); else super(...at); }
  static now() { return Real.now() + ms; }
};`,
  )}`;

/** Pulls that are killed under one clock and completed under another, and pushes. */
function clientClocks({ bench, image }: Site): FaultVariant[] {
  const clocks = [
    ["a year ahead", YEAR_MS, 0],
    ["a year behind", -YEAR_MS, 0],
    ["right, then a year behind", 0, -YEAR_MS],
    ["a year ahead, then a year behind", YEAR_MS, -YEAR_MS],
  ] as const;
  return clocks.map(([text, firstMs, thenMs]) => ({
    name: `command line with a clock that is ${text}: killed and resumed pull, push`,
    isHeavy: true,
    run: async (seed) => {
      const user = await createCliUser();
      const line = await startBadLine(bench.library.url, seed);
      Object.assign(user.env, {
        SIFSHELF_LIBRARY: line.url,
        SIFSHELF_TOKEN: bench.library.adminToken,
        TZ: seed % 2 === 0 ? "Europe/Berlin" : "America/St_Johns",
      });
      const at = (ms: number) => (user.env["NODE_OPTIONS"] = shiftedClock(ms));
      try {
        at(firstMs);
        await killInPull(user, line, { ref: image.ref, seed });
        at(thenMs);
        const pulled = await user.run(pullArguments(image.ref));
        assert.deepEqual([pulled.exit, pulled.stderr], [0, ""]);
        assert.deepEqual(await readdir(user.folder), [FILE], "something was left");
        const file = await readFile(join(user.folder, FILE));
        assert.equal(sha256Of(file), image.sha256, "WRONG FILE");
        const to = `admin/clocks/c${seed}:1.0`;
        const pushed = await user.run(["push", "--quiet", "--arch", "amd64", FILE, to]);
        assert.deepEqual([pushed.exit, pushed.stderr], [0, ""]);
        const { hash } = await bench.direct.getImage(to, { arch: "amd64" });
        assert.equal(hash, `sha256.${image.sha256}`, "WRONG IMAGE");
        return WHOLE;
      } finally {
        await line.close();
        await user.remove();
      }
    },
  }));
}

async function killInPull(
  user: Awaited<ReturnType<typeof createCliUser>>,
  line: Awaited<ReturnType<typeof startBadLine>>,
  { ref, seed }: { ref: string; seed: number },
): Promise<void> {
  const at = Math.floor(seededRandom(seed)() * IMAGE_BYTES);
  const fallenSilent = new Promise<void>((resolve) => {
    const fault = onReply(async (bytes, wire) => {
      wire.closed.then(resolve, resolve);
      setTimeout(resolve, 500);
      await silentAfter(at)(bytes, wire);
    });
    line.script(always(isStorage, fault));
  });
  const child = user.start(pullArguments(ref));
  const finished = finish(child);
  await fallenSilent;
  child.kill("SIGKILL");
  await finished;
  line.script(undefined);
}
