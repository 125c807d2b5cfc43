import { type Key, readKeys } from "openpgp";
import { KeyError } from "../keys/key-error.js";

// A block ends before the next begins, so that one without end is not searched for to the end of
// the text.
const BLOCK =
  /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----(?:(?!-----BEGIN)[\s\S])*?-----END PGP \1 KEY BLOCK-----/g;

/**
 * Returns the keys in armored text (all its blocks) or binary key rings.
 *
 * @throws {KeyError} `key-malformed` when an input holds no key or a damaged one
 */
export async function readKeyInputs(inputs: readonly (string | Uint8Array)[]): Promise<Key[]> {
  const keys: Key[] = [];
  for (const input of inputs) {
    const found = await readKeyInput(input);
    if (found.length === 0) throw new KeyError("key-malformed", "the input holds no pgp key");
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
    throw new KeyError("key-malformed", "the pgp key is damaged", { cause: error });
  }
}
