import { type Key, readKeys } from "openpgp";
import { KeyError } from "../keys/key-error.js";

// A block ends before the next begins, so the search for the end of a block does not run to the end
// of the text.
const BLOCK =
  /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----(?:(?!-----BEGIN)[\s\S])*?-----END PGP \1 KEY BLOCK-----/g;

/**
 * Returns the keys in armored text, with any number of blocks, or in binary key rings.
 *
 * @throws {KeyError} `key-malformed` if an input holds no key or a damaged one
 */
export async function readKeyInputs(inputs: readonly (string | Uint8Array)[]): Promise<Key[]> {
  const keys: Key[] = [];
  for (const input of inputs) {
    const found = await readKeyInput(input);
    if (found.length === 0) throw new KeyError("key-malformed", "the input holds no PGP key");
    keys.push(...found);
  }
  return keys;
}

async function readKeyInput(input: string | Uint8Array): Promise<Key[]> {
  try {
    if (typeof input !== "string") return await readKeys({ binaryKeys: input });
    const blocks = [...input.matchAll(BLOCK)].map(([armoredKeys]) => readKeys({ armoredKeys }));
    return (await Promise.all(blocks)).flat();
  } catch (error) {
    throw new KeyError("key-malformed", "the PGP key is damaged", { cause: error });
  }
}
