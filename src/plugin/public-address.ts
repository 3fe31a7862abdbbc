import { BlockList, isIP, isIPv4 } from 'node:net';

/** RFC 6890 and its like: what is not on the public Internet. */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of the global unicast range 2000::/3, which alone is open: what leads elsewhere by way of IPv4, or nowhere. */
const CLOSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const closed = new BlockList();
for (const [network, prefix] of CLOSED_V4) closed.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of CLOSED_V6) closed.addSubnet(network, prefix, 'ipv6');
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');
/** IPv4 within IPv6: mapped, and by way of NAT64. */
const wrapping = new BlockList();
wrapping.addSubnet('::ffff:0:0', 96, 'ipv6');
wrapping.addSubnet('64:ff9b::', 96, 'ipv6');

/** Whether an IP address is one of the public Internet: nothing that we alone, or our neighbours, can reach. */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%', 1)[0] ?? '';
  if (isIP(bare) === 0) return false;
  if (isIPv4(bare)) return !closed.check(bare, 'ipv4');
  if (wrapping.check(bare, 'ipv6')) return isPublicAddress(wrappedIn(bare));
  return global.check(bare, 'ipv6') && !closed.check(bare, 'ipv6');
}

/** The last four bytes of an IPv6 address. */
function wrappedIn(address: string): string {
  const last = address.slice(address.lastIndexOf(':') + 1);
  if (isIPv4(last)) return last;
  // The parser of URLs writes all forms of an address in the same way.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(':');
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
