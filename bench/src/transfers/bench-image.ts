import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";

import { writeSifFile } from "@sifshelf/testing";

/** An image to push and pull. */
export interface BenchImage {
  readonly path: string;
  readonly name: string;
  /** Its size as the report shows it. */
  readonly label: string;
  readonly bytes: number;
  /** Lower-case hex; changes with {@link renewImage}. */
  sha256: string;
}

/** Writes a SIF image with a random payload of `mib` MiB. */
export async function writeBenchImage(folder: string, mib: number): Promise<BenchImage> {
  const path = join(folder, `image-${mib}.sif`);
  const { size, sha256 } = await writeSifFile(path, { payloadBytes: mib * 2 ** 20 });
  return benchImage(path, { mib, bytes: size, sha256 });
}

/** The image in a file; `mib` gives it its label. */
export function benchImage(
  path: string,
  { mib, bytes, sha256 }: { readonly mib: number; readonly bytes: number; readonly sha256: string },
): BenchImage {
  const label = mib % 1024 === 0 ? `${mib / 1024} GiB` : `${mib} MiB`;
  return { path, name: basename(path), label, bytes, sha256 };
}

/** Changes some bytes at the end of the image, so that it is new to every library. */
export async function renewImage(image: BenchImage): Promise<void> {
  const bytes = randomBytes(16);
  const file = await open(image.path, "r+");
  await file.write(bytes, 0, bytes.length, image.bytes - bytes.length);
  await file.close();
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(image.path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk);
  }
  image.sha256 = hash.digest("hex");
}
