import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LibraryClient, type LibraryClientOptions } from "@sifshelf/client";
import type { StartServerOptions } from "@sifshelf/server";
import { seededRandom } from "@sifshelf/testing";

import { startTestLibrary, type TestLibrary } from "../test-library.js";

/** An image in a library. */
export interface BenchImage {
  /** `entity/collection/container:tag`. */
  readonly ref: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A library for the runs of a test. */
export interface FaultBench {
  readonly library: TestLibrary;
  /** A client that reaches the library directly. */
  readonly direct: LibraryClient;
  /** Pushes bytes derived from the name. */
  addImage: (name: string, sizeBytes: number) => Promise<BenchImage>;
  close: () => Promise<void>;
}

/** Starts a library that accepts any bytes. */
export async function openFaultBench(
  options: Partial<StartServerOptions> = {},
): Promise<FaultBench> {
  const library = await startTestLibrary({ requireSif: false, ...options });
  const direct = new LibraryClient({ baseUrl: library.url, authToken: library.adminToken });
  return {
    library,
    direct,
    async addImage(name, sizeBytes) {
      const bytes = seededBytes(sizeBytes, name.length + sizeBytes);
      const path = `admin/faults/${name}`;
      await direct.uploadImage(bytes, path, { arch: "amd64", tags: ["1.0"] });
      return { ref: `${path}:1.0`, bytes, sha256: sha256Of(bytes) };
    },
    close: () => library.close(),
  };
}

/** Retries at once and gives up soon, so that minutes become a second. */
export const HASTY: LibraryClientOptions = {
  timeoutMs: 1_000,
  connectTimeoutMs: 5_000,
  completionTimeoutMs: 1_500,
  retry: { maxAttempts: 5, baseDelayMs: 2, maxDelayMs: 30 },
};

/** A client of the library at `url` that is {@link HASTY}. */
export function hastyClient(
  url: string,
  { library }: FaultBench,
  options: LibraryClientOptions = {},
): LibraryClient {
  return new LibraryClient({ ...HASTY, baseUrl: url, authToken: library.adminToken, ...options });
}

/** Returns non-repeating bytes that follow from a seed. */
export function seededBytes(sizeBytes: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let index = 0; index < words.length; index++) words[index] = random() * 2 ** 32;
  return new Uint8Array(words.buffer, 0, sizeBytes);
}

/** SHA-256 as lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Runs work in a temporary folder. */
export async function inNewFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sifshelf-fault-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
