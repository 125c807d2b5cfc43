import { RefError } from "./ref-error.js";

/**
 * A library's id for the bytes of an image: `sha256.` and 64 lower-case hex digits, or `sif.` and
 * the lower-case UUID of a SIF file. Made by {@link parseImageHash}.
 */
export type ImageHash = string & { readonly __brand: "ImageHash" };

const SHA256_FORM = /^sha256\.[a-f0-9]{64}$/;
const SIF_FORM = /^sif\.[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/;

/** Whether `text` is an image hash of either form. Same result as Go's `IsImageHash`. */
export function isImageHash(text: string): text is ImageHash {
  return SHA256_FORM.test(text) || SIF_FORM.test(text);
}

/** Parses an image hash. Throws {@link RefError} `image-hash-not-valid`. */
export function parseImageHash(text: string): ImageHash {
  if (isImageHash(text)) return text;
  throw new RefError(
    "image-hash-not-valid",
    { input: text, offset: 0, text },
    'is not an image hash ("sha256." and 64 lower-case hex digits, or "sif." and a lower-case UUID)',
  );
}
