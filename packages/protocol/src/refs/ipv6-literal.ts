const GROUP = /^[0-9a-f]{1,4}$/i;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUPS = 8;

/**
 * Whether `text` is an IPv6 address, with an optional zone after `%`, that Go's `netip.ParseAddr`
 * accepts: at most one `::`, which stands for at least one group; the last two groups may be
 * written as an IPv4 address.
 */
export function isIpv6Literal(text: string): boolean {
  const zone = text.indexOf("%");
  if (zone === text.length - 1) return false;
  return isIpv6Address(zone < 0 ? text : text.slice(0, zone));
}

function isIpv6Address(text: string): boolean {
  const halves = text.split("::", 3);
  const counts = halves.map((half, at) => countGroups(half, at === halves.length - 1));
  if (counts.includes(undefined)) return false;
  const groups = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (halves.length === 1) return groups === GROUPS;
  return halves.length === 2 && groups < GROUPS;
}

/**
 * Number of groups in `half`, undefined if one is malformed. Only the end of an address can be
 * IPv4.
 */
function countGroups(half: string, isLast: boolean): number | undefined {
  if (half === "") return 0;
  const groups = half.split(":", GROUPS + 1);
  const end = groups.at(-1) ?? "";
  if (isLast && isIpv4Address(end)) {
    return groups.slice(0, -1).every((group) => GROUP.test(group)) ? groups.length + 1 : undefined;
  }
  return groups.every((group) => GROUP.test(group)) ? groups.length : undefined;
}

function isIpv4Address(text: string): boolean {
  const octets = text.split(".", 5);
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
}
