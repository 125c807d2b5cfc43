import { createPrivateKey, createPublicKey } from "node:crypto";
import { memoryByteSource } from "../src/bytes/byte-source.js";
import { SifDataType } from "../src/format/data-type.js";
import { readSigningKey } from "../src/keys/dsse-signer.js";
import { type DsseVerifier, readPublicKeys } from "../src/keys/dsse-verifier.js";
import type { PgpKeyring } from "../src/integrity/pgp-keys.js";
import { signSif } from "../src/integrity/sign-sif.js";
import { readPgpKeys } from "../src/pgp/pgp-keyring.js";
import { readSif } from "../src/format/read-sif.js";
import { createSif } from "../src/write/create-sif.js";
import { addObject } from "../src/write/edit-sif.js";
import type { SifObjectInput } from "../src/write/place-object.js";
import { type MemorySifStore, memorySifStore } from "../src/write/sif-store.js";

/** Signed images, the same in every run, and the keys that verify them. */
export interface SignedSamples {
  /** Images signed with a DSSE envelope, with a PGP message, and as before Singularity 3.6. */
  readonly images: readonly [Uint8Array, Uint8Array, Uint8Array];
  /** The PGP message and the legacy one. */
  readonly messages: readonly [Uint8Array, Uint8Array];
  /** The DSSE envelope. */
  readonly envelope: Uint8Array;
  readonly trusted: { readonly pgp: PgpKeyring; readonly keys: readonly DsseVerifier[] };
  /** A time at which all of them are valid. */
  readonly at: Date;
  /** The public keys as users have them: PGP and PEM. */
  readonly keyTexts: readonly [string, string];
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const OBJECTS: readonly SifObjectInput[] = [
  { dataType: SifDataType.deffile, data: encode("Bootstrap: scratch\n") },
  {
    dataType: SifDataType.genericJson,
    name: "inspect-metadata.json",
    data: encode(
      '{"data":{"attributes":{"labels":{"a":"b"},"runscript":"exit\\n"}},"type":"container"}',
    ),
  },
  {
    dataType: SifDataType.partition,
    data: encode("squashfs"),
    alignment: 1,
    metadata: { kind: "partition", fsType: 1, partType: 2, arch: "amd64" },
  },
];

const FINGERPRINT = "7dd4da9ba7b8f10c596e61fe5e83f31969fabb4e";

const PUBLIC_KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xjMEZZIAgBYJKwYBBAHaRw8BAQdA+S1qNmb6VWaYpTsiXMhwIem1iwRjf6xS
Oprx01qfj7jNBEZ1enrCwBMEExYKAIUFgmWSAIADCwkHCRBeg/MZafq7TkUU
AAAAAAAcACBzYWx0QG5vdGF0aW9ucy5vcGVucGdwanMub3JnuOI2pFCqWXgJ
1dq3o8n+KX5zV/fqCplk0OAFuQB/IJIFFQoIDgwEFgACAQIZAQKbAwIeARYh
BH3U2punuPEMWW5h/l6D8xlp+rtOAABY6gD/eIN/NVxC2LOJVi/73xZJWo/c
R9uuopAzBKFm8yo1JJ0BAPtWKUUIdUX1hHgRYQfLRtVuSN+RJ/7BAEQpPQ9x
jB8L
=jj8z
-----END PGP PUBLIC KEY BLOCK-----
`;

const MESSAGE = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

{"version":1,"header":{"digest":"sha256:635fa0a14a8ef0c0351ed3e985799ed1d4f75ce973dea3cc76c99710795cc3f1"},"objects":[{"relativeId":0,"descriptorDigest":"sha256:57ee5b3e8290737212bc9170bedeac0602e5e5c8a163b4a96dc488a341c19fad","objectDigest":"sha256:29db3a638a854a32adba8696feaebb6dc5d2c6d8d4cbac924d88a8e4e9eaa968"},{"relativeId":1,"descriptorDigest":"sha256:5bbd1d7b70dda6217623f1f042ce2ed5eeee860c89c9ddcb6cc08734549dcbbd","objectDigest":"sha256:4e0ab4b14bc2a067ef3d37555064f830532abbbfed4f0223105d50617a83d990"},{"relativeId":2,"descriptorDigest":"sha256:e6ce0c2989cfaa3c15b09921a38d79a7c24039784238697880d99783b4f492bb","objectDigest":"sha256:5cce3f70c6cb9f62ab53e322fa3975d02128080e1341e41de3a8dd3712cf1607"}]}
-----BEGIN PGP SIGNATURE-----

wnUEARYKACcFgmW63wAJEF6D8xlp+rtOFiEEfdTam6e48QxZbmH+XoPzGWn6
u04AAASHAQD9dFxDC2X0B4rf6Ap9hvRslXZAxecFCc6Qd6i/6olV6AD/ap9n
qunkY/FVMSmNW3vj7IZJZaoGVqV1J6F2DfsevQM=
=Y2jQ
-----END PGP SIGNATURE-----
`;

const LEGACY_MESSAGE = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

SIFHASH:
fbf61deb10d225300db3dac32bfe2fc9a8587ce693462d876c1de4ba8dd7d6725c80d69729d1597293b825910fb448ee
-----BEGIN PGP SIGNATURE-----

wnUEARYKACcFgmW63wAJEF6D8xlp+rtOFiEEfdTam6e48QxZbmH+XoPzGWn6
u04AAGMiAQCpFOn5Ybq4Z+WZ0oHWT+qJ8CZiKh8ONJsI1/pouHeSZAD+J5qg
q4CsW1VS/4L+HLYDNkRnICnJa0mcikIBNSxyPgU=
=VnmI
-----END PGP SIGNATURE-----
`;

/** PKCS #8 of an Ed25519 key, up to its 32 bytes: any bytes are a key. */
const ED25519_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Returns the samples. */
export async function signedSamples(): Promise<SignedSamples> {
  const der = Buffer.concat([ED25519_PREFIX, Buffer.alloc(32, 7)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const privatePem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  const byKey = await unsignedStore();
  await signSif(byKey, { keys: [await readSigningKey(privatePem)] });
  const byPgp = await unsignedStore();
  const metadata = { kind: "signature", hashType: 3, fingerprint: FINGERPRINT } as const;
  const signature = { dataType: SifDataType.signature, group: null } as const;
  const message = { ...signature, data: encode(MESSAGE), metadata };
  await addObject(byPgp, { ...message, link: { kind: "group", id: 1 } });
  const legacy = await unsignedStore();
  await addObject(legacy, {
    ...signature,
    data: encode(LEGACY_MESSAGE),
    metadata: { ...metadata, hashType: 2 },
    link: { kind: "object", id: 3 },
    group: 1,
  });
  return {
    images: [byKey.bytes(), byPgp.bytes(), legacy.bytes()],
    messages: [encode(MESSAGE), encode(LEGACY_MESSAGE)],
    envelope: await lastObject(byKey.bytes()),
    trusted: { pgp: await readPgpKeys([PUBLIC_KEY]), keys: await readPublicKeys(publicPem) },
    at: new Date("2024-03-01T00:00:00Z"),
    keyTexts: [PUBLIC_KEY, publicPem],
  };
}

async function unsignedStore(): Promise<MemorySifStore> {
  const store = memorySifStore();
  await createSif(store, { deterministic: true, capacity: 5, objects: OBJECTS });
  return store;
}

async function lastObject(bytes: Uint8Array): Promise<Uint8Array> {
  const { source, descriptors } = await readSif(memoryByteSource(bytes));
  const last = descriptors.at(-1);
  if (last === undefined) throw new Error("the sample is not signed");
  return await source.read(last.offset, last.size);
}
