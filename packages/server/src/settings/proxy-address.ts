import { isIP } from "node:net";

// Names that Fastify's trustProxy (proxy-addr) knows.
const NAMED_RANGES = new Set(["loopback", "linklocal", "uniquelocal"]);

/** Whether `text` is an IP address, a range such as `10.0.0.0/8`, or one of `loopback`, `linklocal`, `uniquelocal`. */
export function isProxyAddress(text: string): boolean {
  if (NAMED_RANGES.has(text)) return true;
  const slash = text.indexOf("/");
  if (slash === -1) return isIP(text) !== 0;
  const prefix = text.slice(slash + 1);
  const longest = isIP(text.slice(0, slash)) === 6 ? 128 : 32;
  return (
    isIP(text.slice(0, slash)) !== 0 && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= longest
  );
}
