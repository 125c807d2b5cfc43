// `npm run fuzz`: bundles the fuzzing program, which is written in TypeScript, and runs it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "sif-fuzz-program-"));
try {
  await build({
    entryPoints: [join(here, "main.ts"), join(here, "child.ts")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const { main } = await import(pathToFileURL(join(folder, "main.mjs")).href);
  process.exitCode = await main(process.argv.slice(2), {
    child: join(folder, "child.mjs"),
    corpus: fileURLToPath(new URL("../../../../shared/corpus", import.meta.url)),
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
