import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { link, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bytesReply, rangeReply, scriptLibrary } from "@sifshelf/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { LibraryClient, type TransferProgress } from "../index.js";
import { isOnLocalDisk } from "./disk.js";
import { newPartialNames, randomOfData } from "./partial-names.js";
import { type ProcessOwner, thisProcess } from "./process-owner.js";
import { pullToFile } from "./index.js";
import {
  addToSum,
  EMPTY_SUM,
  type JournalLine,
  journalLine,
  parseJournal,
} from "./pull-journal.js";

const MIB = 1024 * 1024;
const IMAGE = randomBytes(4 * MIB);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sifshelf-resume-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function setUp() {
  const library = scriptLibrary({ redirects: true });
  const { record } = library.addImage(IMAGE);
  const { baseUrl, fetch } = library;
  const client = new LibraryClient({ baseUrl, fetch, retry: false });
  const path = join(folder, "a.sif");
  const pull = (options: object = {}) =>
    pullToFile(client, { ref: "e/c/n", path }, { partSizeBytes: MIB, ...options });
  const ranges = () =>
    library.requests.map(({ headers }) => headers.get("range")).filter((range) => range !== null);
  const image = { sizeBytes: IMAGE.byteLength, sha256: String(record["hash"]).slice(7) };
  return { library, pull, path, ranges, image };
}

/** A partial with the first half of the image, as a killed process leaves it. */
async function leavePartial(
  { path, image }: Pick<ReturnType<typeof setUp>, "path" | "image">,
  owner: ProcessOwner | null,
  ...more: JournalLine[]
): Promise<{ data: string; journal: string }> {
  const names = newPartialNames(path, image.sha256);
  const half = IMAGE.subarray(0, 2 * MIB);
  await writeFile(join(folder, names.data), half);
  const lines: JournalLine[] = [
    { image },
    { owner },
    { stretch: [0, half.byteLength, addToSum(EMPTY_SUM, 0, half)] },
    ...more,
  ];
  const cutOff = '{"stretch":[3145728,10';
  await writeFile(join(folder, names.journal), lines.map(journalLine).join("") + cutOff);
  return names;
}

async function goneOwner(): Promise<ProcessOwner> {
  const child = spawn(process.execPath, ["-e", ""]);
  const { pid = 0 } = child;
  await once(child, "exit");
  return { ...(await thisProcess()), pid };
}

describe("pullToFile", () => {
  describe("when a partial file of the image is there", () => {
    it("continues that of a process that is gone", async () => {
      const test = setUp();
      await leavePartial(test, await goneOwner());
      await test.pull();
      expect(test.ranges()).toEqual(["bytes=2097152-3145727", "bytes=3145728-4194303"]);
      expect((await readFile(test.path)).equals(IMAGE)).toBe(true);
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });

    it("continues one that its process released", async () => {
      const test = setUp();
      await leavePartial(test, null);
      await test.pull();
      expect(test.ranges()).toHaveLength(2);
    });

    it("leaves alone what a living process, or one that cannot be looked at, works on", async () => {
      const test = setUp();
      const self = await thisProcess();
      const owners = [self, { ...self, host: "elsewhere" }, { ...self, pidSpace: "pid:[1]" }];
      const left = await Promise.all(owners.map((owner) => leavePartial(test, owner)));
      await test.pull();
      expect(test.ranges()).toHaveLength(4);
      const names = left.flatMap(({ data, journal }) => [data, journal]);
      expect((await readdir(folder)).toSorted()).toEqual([...names, "a.sif"].toSorted());
    });

    it("continues one of another machine that has long been silent", async () => {
      const test = setUp();
      const { journal } = await leavePartial(test, { ...(await thisProcess()), host: "elsewhere" });
      const before = new Date(Date.now() - 10 * 60_000);
      await utimes(join(folder, journal), before, before);
      await test.pull();
      expect(test.ranges()).toHaveLength(2);
    });

    it("fetches what is not as it was written", async () => {
      const test = setUp();
      const { data } = await leavePartial(test, null, { stretch: [3 * MIB, MIB, 12345] });
      await writeFile(join(folder, data), IMAGE.subarray(0, 2 * MIB - 1));
      await test.pull();
      expect(test.ranges()).toHaveLength(4);
      expect((await readFile(test.path)).equals(IMAGE)).toBe(true);
    });

    it.skipIf(process.platform !== "linux")(
      "continues one from before a reboot of this machine, if it is on a local disk (Linux)",
      async () => {
        const test = setUp();
        await leavePartial(test, { ...(await thisProcess()), bootId: "0".repeat(36) });
        await test.pull();
        expect(test.ranges()).toHaveLength((await isOnLocalDisk(folder)) ? 2 : 4);
      },
    );

    it("continues the one with the most bytes", async () => {
      const test = setUp();
      for (let count = 0; count < 3; count++) {
        const names = newPartialNames(test.path, test.image.sha256);
        await writeFile(join(folder, names.data), "");
        await writeFile(join(folder, names.journal), journalLine({ image: test.image }));
        if (count === 1) await leavePartial(test, await goneOwner());
      }
      await test.pull();
      expect(test.ranges()).toHaveLength(2);
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });

    it("continues one whose last process was killed during the takeover", async () => {
      const test = setUp();
      const { data, journal } = await leavePartial(test, await goneOwner());
      const renamed = newPartialNames(test.path, test.image.sha256, randomOfData(data));
      await rename(join(folder, journal), join(folder, renamed.journal));
      await test.pull();
      expect(test.ranges()).toHaveLength(2);
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });

    it("begins again where the library sends the image only as a whole", async () => {
      const test = setUp();
      await leavePartial(test, null);
      test.library.on(/blobs/, () => bytesReply(IMAGE));
      const bytesDone: number[] = [];
      await test.pull({
        progress: (event: TransferProgress) => {
          if (event.phase === "transfer") bytesDone.push(event.bytesDone);
        },
      });
      expect((await readFile(test.path)).equals(IMAGE)).toBe(true);
      expect(await readdir(folder)).toEqual(["a.sif"]);
      expect(Math.max(...bytesDone)).toBe(IMAGE.byteLength);
    });

    it("does not write through another name of it", async () => {
      const test = setUp();
      const { data } = await leavePartial(test, null, { stretch: [0, 5, 1] });
      await link(join(folder, data), join(folder, "other"));
      const before = await readFile(join(folder, "other"));
      await test.pull();
      expect(test.ranges()).toHaveLength(4);
      expect((await readFile(join(folder, "other"))).equals(before)).toBe(true);
    });
  });

  describe("when a pull fails after parts have arrived", () => {
    it("the next one fetches only the others", async () => {
      const test = setUp();
      const controller = new AbortController();
      let isHealthy = false;
      test.library.on(/blobs/, ({ headers }) => {
        const first = Number(/\d+/.exec(headers.get("range") ?? "")?.[0]);
        if (!isHealthy && first === 3 * MIB) controller.abort(new Error("stop"));
        return rangeReply(IMAGE, first, first + MIB - 1);
      });
      const pulled = test.pull({ concurrency: 1, signal: controller.signal });
      await expect(pulled).rejects.toThrow("stop");
      expect(await readdir(folder)).toHaveLength(2);
      isHealthy = true;
      const before = test.ranges().length;
      await test.pull();
      expect(test.ranges().slice(before)).toEqual(["bytes=3145728-4194303"]);
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });
  });

  describe("when partial files are of no use any more", () => {
    it("removes old ones, and those of images that were replaced", async () => {
      const test = setUp();
      const other = { ...test.image, sha256: "0".repeat(64) };
      await leavePartial({ path: test.path, image: other }, null);
      const old = await leavePartial({ path: join(folder, "b.sif"), image: other }, null);
      const long = new Date(Date.now() - 8 * 24 * 60 * 60_000);
      for (const name of [old.data, old.journal]) await utimes(join(folder, name), long, long);
      const recent = await leavePartial({ path: join(folder, "c.sif"), image: other }, null);
      await test.pull();
      expect((await readdir(folder)).toSorted()).toEqual(
        ["a.sif", recent.data, recent.journal].toSorted(),
      );
    });
  });

  describe("when a process was killed at its very end", () => {
    it("removes what is left of its partial, once the file is there", async () => {
      const test = setUp();
      const { data } = await leavePartial(test, await goneOwner());
      await writeFile(join(folder, data), IMAGE);
      await link(join(folder, data), test.path);
      expect(await test.pull()).toMatchObject({ transferred: false });
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });

    it("removes the partials of others that were killed beside it, but of none that may live", async () => {
      const test = setUp();
      await leavePartial(test, await goneOwner());
      await leavePartial(test, await goneOwner());
      const living = await leavePartial(test, await thisProcess());
      const elsewhere = await leavePartial(test, { ...(await thisProcess()), host: "elsewhere" });
      const other = await leavePartial({ ...test, path: join(folder, "a.sif.b") }, null);
      await leavePartial(test, null);
      await test.pull();
      const namesOf = ({ data, journal }: typeof living) => [data, journal];
      const names = await readdir(folder);
      expect(names).toEqual(expect.arrayContaining([...namesOf(living), ...namesOf(elsewhere)]));
      const left = [living, elsewhere, other].flatMap(namesOf);
      expect(names.filter((name) => !left.includes(name))).toEqual(["a.sif"]);
    });

    it("removes a journal that nothing was written to, after the lease", async () => {
      const test = setUp();
      const other = newPartialNames(join(folder, "b.sif"), "0".repeat(64));
      await writeFile(join(folder, other.journal), "");
      await test.pull();
      expect(await readdir(folder)).toHaveLength(2);
      const before = new Date(Date.now() - 10 * 60_000);
      await utimes(join(folder, other.journal), before, before);
      await rm(test.path);
      await test.pull();
      expect(await readdir(folder)).toEqual(["a.sif"]);
    });
  });

  describe("when the image does not fit", () => {
    it("rejects before any byte is fetched", async () => {
      const { library, pull } = setUp();
      library.addImage(IMAGE, { size: Number.MAX_SAFE_INTEGER });
      await expect(pull()).rejects.toMatchObject({
        code: "file-not-writable",
        cause: { code: "ENOSPC" },
      });
      expect(library.calls().filter((call) => call.includes("blobs"))).toEqual([]);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});

describe("parseJournal", () => {
  it("passes over lines that make no sense", async () => {
    const image = { sizeBytes: 100, sha256: "a".repeat(64) };
    const owner = await thisProcess();
    const text = [
      "",
      "nonsense",
      '{"image":{"sizeBytes":-1,"sha256":"x"}}',
      JSON.stringify({ image }),
      JSON.stringify({ owner: null }),
      JSON.stringify({ owner }),
      '{"stretch":[0,50,7]}',
      '{"stretch":[60,41,7]}',
      '{"stretch":[0,0,7]}',
      '{"stretch":["0",1,7]}',
      '{"alive":true}',
      '{"stretch":[50,1',
    ].join("\n");
    const ranges = [{ offset: 0, length: 50, sum: 7 }];
    expect(parseJournal(text)).toEqual({ image, owner, ranges });
    expect(parseJournal("")).toBeUndefined();
  });
});
