import type { SifSigner } from "@sifshelf/sif";

import type { VerifiedSignatureJson, VerifyJson } from "../results/verify-json.js";
import { alignedFields } from "./text.js";

/** A verification that succeeded, for people. */
export function verifyLines({
  source,
  objects,
  uncovered,
  signatures,
  ociImages,
}: VerifyJson): string[] {
  return [
    `verified ${source}`,
    ...alignedFields([
      ["objects", objects.join(", ")],
      ["not covered", uncovered.join(", ")],
      ...signatures.map((signature) => ["signature", signatureText(signature)] as const),
      ...ociImages.map(
        ({ manifestDigest, refName, keyIds }) =>
          ["image", `${refName ?? "unnamed"} ${manifestDigest} by ${keyIds.join(", ")}`] as const,
      ),
    ]),
  ];
}

function signatureText({
  signatureId,
  kind,
  group,
  objects,
  signer,
}: VerifiedSignatureJson): string {
  const what = group === null ? `object ${objects.join(", ")}` : `group ${group}`;
  return `${signatureId} (${kind}) of ${what} by ${signerText(signer)}`;
}

function signerText(signer: SifSigner): string {
  if (signer.kind === "dsse") return signer.keyIds.join(", ");
  return [signer.fingerprint.toUpperCase(), ...signer.userIds].join(" ");
}
