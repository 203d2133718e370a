import { isIPv4 } from 'node:net';

/** What comes before an IPv4 address that is mapped into IPv6, or translated (RFC 6052). */
const BEFORE_IPV4: ReadonlySet<string> = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']);

/**
 * What counts as one client: an IPv4 address, the first 64 bits of an IPv6 address, since whoever has one has all addresses
 * of its /64. An IPv4 address that stands inside an IPv6 address is IPv4. What is no address stays as it is.
 */
export function clientNetwork(address: string): string {
  const groups = ipv6Groups(address);
  if (groups === undefined) return address;
  if (!BEFORE_IPV4.has(groups.slice(0, 6).join(':'))) return `${groups.slice(0, 4).join(':')}::/64`;
  return groups
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    .join('.');
}

/** The eight groups of an IPv6 address, without leading zeros and zone; undefined where it is none. */
export function ipv6Groups(address: string): readonly string[] | undefined {
  const plain = address.replace(/%.*$/, '');
  if (isIPv4(plain) || !URL.canParse(`http://[${plain}]`)) return undefined;
  const [before = '', after] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
