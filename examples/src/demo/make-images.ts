import { stat } from "node:fs/promises";
import { basename, join } from "node:path";

import { type SifTestArch, writeSifFile } from "@sifshelf/testing";

import { describeSize } from "./describe.js";
import { hashFile } from "./hash-file.js";
import { readArch } from "./read-arch.js";

/** An image file to push. */
export interface DemoImage {
  readonly path: string;
  readonly arch: string;
  readonly sizeBytes: number;
  /** Computed here, without any code of Sifshelf. */
  readonly hash: string;
}

/** Clients send files larger than this in parts. */
const ONE_REQUEST_BYTES = 64 * 1024 * 1024;

const SMALL_BYTES = 96 * 1024;
const LARGE_BYTES = 72 * 1024 * 1024;

/**
 * Returns two images of two arches, one of them over 64 MiB, so that both ways of sending are used.
 * The first is `givenPath` if it is given.
 */
export async function makeImages(
  folder: string,
  givenPath: string | undefined,
  say: (line: string) => void,
): Promise<readonly DemoImage[]> {
  const first =
    givenPath === undefined
      ? await makeImage(folder, "amd64", SMALL_BYTES)
      : await describeImage(givenPath);
  const secondArch = first.arch === "arm64" ? "amd64" : "arm64";
  const secondBytes = first.sizeBytes > ONE_REQUEST_BYTES ? SMALL_BYTES : LARGE_BYTES;
  const second = await makeImage(folder, secondArch, secondBytes);
  const name = ({ path, arch, sizeBytes }: DemoImage) =>
    `${basename(path)} (${arch}, ${describeSize(sizeBytes)})`;
  say(
    givenPath === undefined
      ? `Made two SIF images: ${name(first)} and ${name(second)}.`
      : `Read your SIF image ${name(first)} and made another one: ${name(second)}.`,
  );
  return [first, second];
}

async function makeImage(
  folder: string,
  arch: SifTestArch,
  payloadBytes: number,
): Promise<DemoImage> {
  const path = join(folder, `hello-${arch}.sif`);
  // Every run uses another seed, so that no run profits from an earlier one.
  await writeSifFile(path, { arch, payloadBytes, seed: Date.now() % 1_000_000_007 });
  return describeImage(path);
}

async function describeImage(path: string): Promise<DemoImage> {
  const arch = await readArch(path);
  const { size } = await stat(path);
  return { path, arch, sizeBytes: size, hash: await hashFile(path) };
}
