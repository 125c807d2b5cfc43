import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { type BenchImage, writeBenchImage } from "./bench-image.js";
import { type BenchLibrary, startBenchLibrary } from "./bench-library.js";
import { type BenchNginx, startNginx } from "./bench-nginx.js";
import { type BenchPrograms, hasProgram } from "./bench-programs.js";
import { type Bench, measureRun } from "./measured-run.js";
import { PULL_CONTAINER, tagOf } from "./pull-contenders.js";
import { ourPush } from "./push-contenders.js";

/** State that all parts of the benchmark share. */
export interface BenchRun {
  /** Removed when the benchmark ends. */
  readonly folder: string;
  readonly programs: BenchPrograms;
  readonly signal: AbortSignal;
}

/** A library with images in it, and an nginx that serves the same files. */
export interface TransferSetting {
  readonly bench: Bench;
  readonly library: BenchLibrary;
  readonly nginx: BenchNginx | undefined;
  readonly images: readonly BenchImage[];
}

/** The place where servers and clients of a setting run. */
export interface SettingPlace {
  readonly host: string;
  /** Command prefixes for servers and clients; empty on loopback. */
  readonly serverPrefix: readonly string[];
  readonly clientPrefix: readonly string[];
  readonly sizesMib: readonly number[];
}

/** Loopback. */
export function loopback(sizesMib: readonly number[]): SettingPlace {
  return { host: "127.0.0.1", serverPrefix: [], clientPrefix: [], sizesMib };
}

/** Runs work while the servers run; images of these sizes can be pulled from them. */
export async function withSetting<T>(
  run: BenchRun,
  place: SettingPlace,
  use: (setting: TransferSetting) => Promise<T>,
): Promise<T> {
  const { folder, programs, signal } = run;
  const home = join(folder, "home");
  const files = join(folder, "files");
  await mkdir(home, { recursive: true });
  await mkdir(files, { recursive: true });
  const bench: Bench = { measure: programs.measure, prefix: place.clientPrefix, home, signal };
  const server = { host: place.host, prefix: place.serverPrefix, home };
  const library = await startBenchLibrary({ ...server, data: join(folder, "data") });
  try {
    const images: BenchImage[] = [];
    for (const mib of place.sizesMib) {
      const image = await writeBenchImage(files, mib);
      images.push(image);
      await measureRun(bench, ourPush({ library, image }, PULL_CONTAINER, tagOf(image)));
    }
    return await withNginx({ ...server, folder: join(folder, "nginx"), files }, (nginx) =>
      use({ bench, library, nginx, images }),
    );
  } finally {
    await library.stop();
  }
}

async function withNginx<T>(
  place: Parameters<typeof startNginx>[0],
  use: (nginx: BenchNginx | undefined) => Promise<T>,
): Promise<T> {
  if (!(await hasProgram("nginx", "-v"))) {
    console.log("SKIPPED: nginx, which is not installed");
    return await use(undefined);
  }
  const nginx = await startNginx(place);
  try {
    return await use(nginx);
  } finally {
    await nginx.stop();
  }
}
