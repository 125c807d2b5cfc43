import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isSifFormatError, memoryByteSource, readSif } from "@sifshelf/sif";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeInteropKey } from "./sif-keys.js";
import { SIF_SAMPLES, writtenSample } from "./sif-samples.js";
import {
  buildGoSif,
  debianSiftool,
  GO_SKIPPED,
  type GoSif,
  HAS_GO,
  HAS_SIFTOOL,
  type Siftool,
  SIFTOOL_SKIPPED,
} from "./sif-tools.js";

const SIFSHELF = fileURLToPath(new URL("../../packages/cli/bin/sifshelf.js", import.meta.url));
const CORPUS = fileURLToPath(new URL("../../../shared/corpus/", import.meta.url));

let folder: string;
let go: GoSif | null = null;
let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.sif`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sifshelf-siftool-cli-"));
  if (HAS_GO) go = buildGoSif(folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs our command line, which must succeed, and returns its output. */
const sifshelf: Siftool = (...args) => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [SIFSHELF, ...args], { env });
  if (status === 0) return stdout;
  throw new Error(`sifshelf ${args.join(" ")} failed (${status}): ${stderr.toString()}`);
};

const newestSiftool: Siftool = (...args) => {
  if (go === null) throw new Error("there is no go");
  return go.siftool(...args);
};

const TOOLS = [
  {
    tool: `Debian's siftool${SIFTOOL_SKIPPED}`,
    isThere: HAS_SIFTOOL,
    isRecent: false,
    siftool: debianSiftool,
  },
  {
    tool: `the newest siftool${GO_SKIPPED}`,
    isThere: HAS_GO,
    isRecent: true,
    siftool: newestSiftool,
  },
];

describe.each(TOOLS)("`sifshelf sif` and $tool", ({ isThere, isRecent, siftool }) => {
  const samples = SIF_SAMPLES.filter((sample) => isRecent || sample.isRecent !== true);

  it.skipIf(!isThere).each(samples)("prints the same for $name", async (sample) => {
    const path = newPath();
    const bytes = await writtenSample(sample);
    writeFileSync(path, bytes);
    const { descriptors } = await readSif(memoryByteSource(bytes));
    for (const command of ["header", "list"]) {
      expect(sifshelf("sif", command, path).toString()).toBe(siftool(command, path).toString());
    }
    // One object of each type, because every command is a process.
    const ids = new Map(descriptors.map(({ dataType, id }) => [dataType, `${id}`]));
    for (const id of ids.values()) {
      expect(sifshelf("sif", "info", id, path).toString()).toBe(
        siftool("info", id, path).toString(),
      );
      expect(sifshelf("sif", "dump", id, path).equals(siftool("dump", id, path))).toBe(true);
    }
  });

  it.skipIf(!isThere)("creates, fills and empties images that siftool reads", () => {
    const path = newPath();
    const data = join(folder, "data");
    writeFileSync(data, "some data");
    sifshelf("sif", "new", path);
    const partition = ["--datatype", "4", "--parttype", "1", "--partfs", "1", "--partarch", "2"];
    sifshelf("sif", "add", path, data, "--datatype", "1", "--groupid", "1");
    sifshelf("sif", "add", path, data, ...partition);
    sifshelf("sif", "setprim", "2", path);
    expect(siftool("list", path).toString()).toContain("FS (Squashfs/*System/amd64)");
    expect(siftool("dump", "1", path).toString()).toBe("some data");
    sifshelf("sif", "delete", "--compact", "2", path);
    expect(siftool("list", path).toString()).not.toContain("FS (");
    siftool("add", ...partition, path, data);
    expect(sifshelf("sif", "list", path).toString()).toBe(siftool("list", path).toString());
  });
});

const samplesOf = (name: string): string[] =>
  existsSync(CORPUS)
    ? readdirSync(join(CORPUS, name))
        .filter((file) => file.endsWith(".sif"))
        .map((file) => join(name, file))
    : [];
/** Samples for which our output differs, each with the reason. */
const DELIBERATELY_OTHER: ReadonlyMap<string, string> = new Map([
  ["derived/encrypted-gocryptfs.sif", "a file system of Apptainer, which siftool does not name"],
  ["derived/tamper-launch.sif", "control characters in the launch script, which we never print"],
  ["derived/unknown-datatype.sif", "a data type that nobody knows, of which we show the number"],
]);
const corpus = [...samplesOf("derived"), ...samplesOf("reference")].filter(
  (name) => !DELIBERATELY_OTHER.has(name),
);

describe.skipIf(!HAS_GO || corpus.length === 0)(
  `\`sifshelf sif\` with the sample images (SKIPPED without them or without go)`,
  () => {
    it.each(corpus)("prints the same as siftool for %s", async (name) => {
      const path = join(CORPUS, name);
      if (await isRefused(path)) {
        expect(() => sifshelf("sif", "list", path)).toThrow(/failed \(6\)/);
        return;
      }
      const listed = newestSiftool("list", path).toString();
      expect(sifshelf("sif", "list", path).toString()).toBe(listed);
    });
  },
);

async function isRefused(path: string): Promise<boolean> {
  try {
    await readSif(memoryByteSource(new Uint8Array(readFileSync(path))));
    return false;
  } catch (error) {
    if (isSifFormatError(error)) return true;
    throw error;
  }
}

describe.skipIf(!HAS_GO)(`\`sifshelf sign\` and \`sifshelf verify\`${GO_SKIPPED}`, () => {
  it.each(["Ed25519", "RSA of 2048 bits", "ECDSA P-256", "PGP RSA", "PGP Ed25519", "PGP P-256"])(
    "sign for the reference and verify what it signs, by a key of %s",
    async (kind) => {
      const key = await makeInteropKey(kind, folder);
      const [privateFile = ""] = key.privateFiles.pgp ?? key.privateFiles.keys ?? [];
      const [publicFile = ""] = key.publicFiles.pgp ?? key.publicFiles.keys ?? [];
      const sample = SIF_SAMPLES.find(({ name }) => name === "a container");
      if (sample === undefined) throw new Error("there is no such sample");
      const [ours, theirs] = [newPath(), newPath()];
      writeFileSync(ours, await writtenSample(sample));
      copyFileSync(ours, theirs);
      sifshelf("sign", "--key", privateFile, ours);
      const results = go?.ask([
        { do: "verify", image: ours, ...key.publicFiles },
        { do: "sign", image: theirs, ...key.privateFiles },
      ]);
      expect(results).toMatchObject([{ error: "" }, { error: "" }]);
      const verified = sifshelf("verify", "--json", "--key", publicFile, theirs).toString();
      expect(JSON.parse(verified)).toMatchObject({ ok: true });
    },
  );
});
