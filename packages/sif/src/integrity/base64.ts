/**
 * Returns the bytes of base64 text in the standard or the URL-safe alphabet, padded; `null` for anything
 * else, also for white space and for a mixture of the alphabets.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const isStandard = /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const isUrlSafe = /^[A-Za-z0-9_-]*={0,2}$/.test(text);
  if (text.length % 4 !== 0 || !(isStandard || isUrlSafe)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Returns bytes as padded base64 in the standard alphabet. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
