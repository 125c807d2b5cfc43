import { openFileSource } from "@sifshelf/client/node";
import { readSif, sifFacts, UNKNOWN_ARCH } from "@sifshelf/sif";

/** Arch of files that do not state one: those with data only, or with OCI content. */
const ASSUMED_ARCH = "amd64";

/**
 * Returns the arch that a SIF file states, amd64 if it states none. Rejects with an error for the
 * user if it is not a SIF file.
 */
export async function readArch(path: string): Promise<string> {
  const source = await openFileSource(path);
  try {
    const { arch, primaryArch } = sifFacts(await readSif(source));
    const stated = primaryArch ?? arch;
    return stated === UNKNOWN_ARCH ? ASSUMED_ARCH : stated;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} is not a SIF image: ${reason}`, { cause });
  } finally {
    await source.close();
  }
}
