import { openFileSource } from "@sifshelf/client/node";
import { readSif, sifFacts, UNKNOWN_ARCH } from "@sifshelf/sif";

/** The arch that a SIF file states. Rejects with an error for the user if it is not a SIF file or states none. */
export async function readArch(path: string): Promise<string> {
  const source = await openFileSource(path);
  try {
    const { arch, primaryArch } = sifFacts(await readSif(source));
    const stated = arch === UNKNOWN_ARCH ? primaryArch : arch;
    if (stated !== null && stated !== UNKNOWN_ARCH) return stated;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${path} is not a SIF image: ${reason}`, { cause });
  } finally {
    await source.close();
  }
  throw new Error(`${path} is a SIF image but does not state its arch`);
}
