/** What the terminal shows when the server is ready: where it is, a code to scan, how to trust it. */
import { renderUnicodeCompact } from 'uqr';
import { filled, type Words } from './words.ts';

export interface Announced {
  readonly words: Words;
  /** Of this machine, the likeliest first; none without a network. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly trustPort: number;
  /** Of the authority, as phones list it. */
  readonly name: string;
  readonly folder: string;
  readonly fingerprint: string;
}

export function announcement({ words, addresses: [first], port, trustPort, name, folder, fingerprint }: Announced): string {
  const addressOf = (host: string): string => `https://${host}:${port}`;
  const helper = `http://${first}:${trustPort}`;
  const phone = first === undefined ? [words.alone] : [filled(words.scan, { helper }), '', renderUnicodeCompact(helper), '', ...words.terminal.map((line) => filled(line, { name }))];
  return [
    filled(words.ready, { address: addressOf(first ?? 'localhost') }), '', ...phone, '', filled(words.print, { fingerprint }),
    filled(words.here, { local: addressOf('localhost') }), filled(words.kept, { folder }),
  ].join('\n');
}
