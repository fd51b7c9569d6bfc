/** Who is at the other end of the line, and whether it is encrypted: what a proxy says is believed of those that are trusted only. */
import type { Context } from 'hono';
import { BlockList, isIP } from 'node:net';

export interface ClientLine {
  /** Of the client, as tries are counted by: of IPv6 the network that one household has, 2^64 addresses to choose from (RFC 6177). */
  addressOf(context: Context): string;
  /** A trusted proxy says that the client came by TLS, or nobody is told of another way here. */
  isBehindTls(context: Context): boolean;
}

const plain = (address: string): string => address.trim().replace(/^::ffff:(?=\d+\.)/i, '').replace(/^\[(.*)\]$/, '$1');

/** @param address  IPv6 stands for its /64, IPv4 for itself */
function household(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const [front, back] = [head.split(':').filter(Boolean), (tail ?? '').split(':').filter(Boolean)];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...back];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/**
 * @param networks  addresses and networks (CIDR), by commas
 * @returns what is wrong with it, or null
 */
export function wrongNetworks(networks: string): string | null {
  for (const network of networks.split(',').map((one) => one.trim())) {
    const [address = '', bits, ...more] = network.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    if (version === 0 || more.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) return `no address or network: ${network}`;
  }
  return null;
}

function listOf(networks: string): BlockList {
  const list = new BlockList();
  for (const network of networks.split(',').map((one) => one.trim())) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * @param trusted  proxies that may speak for others (TRUSTED_PROXY); null: nobody may
 * @param socketAddress  of the connection itself
 * @param publicUrl  where people find the page (PUBLIC_URL); null: wherever they asked for it
 */
export function createClientLine(trusted: string | null, socketAddress: (context: Context) => string | undefined, publicUrl: string | null = null): ClientLine {
  const proxies = trusted === null ? null : listOf(trusted);
  const isTrusted = (address: string): boolean => proxies !== null && isIP(address) !== 0 && proxies.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  const direct = (context: Context): string => plain(socketAddress(context) ?? 'unknown');
  return {
    addressOf(context) {
      let address = direct(context);
      // From the nearest on: each trusted one vouches for the one before it. What a client wrote itself stands farthest away.
      const said = (context.req.header('x-forwarded-for') ?? '').split(',').map(plain).filter((one) => isIP(one) !== 0);
      while (isTrusted(address) && said.length > 0) address = said.pop()!;
      return household(address);
    },
    isBehindTls: (context) => (publicUrl?.startsWith('https:') ?? false) || (isTrusted(direct(context)) && context.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim().toLowerCase() === 'https'),
  };
}
