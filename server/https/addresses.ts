/** Where this machine is reached on the local network. */
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** IPv4 ranges that no address of the internet is in: RFC 1918, link-local (RFC 3927), shared (RFC 6598). */
export const LOCAL_NETWORKS = [
  { address: '10.0.0.0', mask: '255.0.0.0' },
  { address: '172.16.0.0', mask: '255.240.0.0' },
  { address: '192.168.0.0', mask: '255.255.0.0' },
  { address: '169.254.0.0', mask: '255.255.0.0' },
  { address: '100.64.0.0', mask: '255.192.0.0' },
  { address: '127.0.0.0', mask: '255.0.0.0' },
] as const;

/** Four bytes. */
export const bytesOfAddress = (address: string): number[] => address.split('.').map(Number);

export function isLocal(address: string): boolean {
  const bytes = bytesOfAddress(address);
  return LOCAL_NETWORKS.some((network) => {
    const [from, mask] = [bytesOfAddress(network.address), bytesOfAddress(network.mask)];
    return bytes.length === 4 && bytes.every((byte, i) => (byte & mask[i]!) === from[i]);
  });
}

/** What a phone is least likely to be in the same network of: containers, virtual machines, tunnels. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|wg|zt|tailscale)/i;

/** IPv4 addresses of local networks, those of real network cards first. Addresses of the internet are left out. */
export function localAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.filter(({ family, internal, address }) => family === 'IPv4' && !internal && isLocal(address)).map(({ address }) => ({ address, rank: VIRTUAL.test(name) ? 2 : address.startsWith('169.254.') ? 1 : 0 })),
  );
  return [...new Set(found.sort((a, b) => a.rank - b.rank).map(({ address }) => address))];
}

/** The machine's name in multicast DNS (RFC 6762); null where its name is none. */
export function localName(name = hostname()): string | null {
  const label = name.split('.')[0]!.toLowerCase();
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && label !== 'localhost' ? `${label}.local` : null;
}
