import { ociBuilder } from "../testing/oci-image.js";
import { createSif } from "../src/write/create-sif.js";
import { memorySifStore } from "../src/write/sif-store.js";
import type { SifObjectInput } from "../src/write/place-object.js";
import { createPrivateKey } from "node:crypto";

const KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
  format: "der",
  type: "pkcs8",
});

/** The objects of an OCI-SIF with two images, one with a cosign signature. */
export function ociObjects(): readonly SifObjectInput[] {
  const builder = ociBuilder();
  const first = builder.image("first", "one");
  const second = builder.image("second");
  return builder.finish([first, second, builder.cosign(first, KEY)]);
}

/** Returns an image with these objects. */
export async function imageOf(objects: readonly SifObjectInput[]): Promise<Uint8Array> {
  const store = memorySifStore();
  await createSif(store, { deterministic: true, capacity: objects.length + 1, objects });
  return store.bytes();
}
